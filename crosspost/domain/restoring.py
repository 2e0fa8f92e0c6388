"""What a restored backup may believe of its deliveries: everything it knows is from `made_at`, and the world went on.

Whatever could have been sent since starts as *unknown*, under the rules for networks that can only be read: it is
looked for, and where nothing can be seen a person is asked. These changes are no steps of a delivery's life, so
`crosspost.domain.transitions` does not know them; the store writes them only while a restore holds everything back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crosspost.domain.delivery import Delivery, State

# May have been sent since the backup without anybody touching them, once their time has come.
_COULD_GO = frozenset({State.SCHEDULED, State.BLOCKED})
# Were in the network's hands already.
_IN_HANDS = frozenset({State.SENDING, State.UNKNOWN, State.CHECKING})
# Only a person's act since the backup could have sent them: the post's own link tells, where it can be read.
_BY_A_PERSON = frozenset({State.DRAFT, State.NEEDS_PERSON, State.REJECTED, State.MISSED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Restored:
    """A delivery's row after the restore. `first_sent_at` None leaves what is there."""

    state: State
    reason: str
    ambiguous: bool
    readable_only: bool
    first_sent_at: datetime | None = None


def restored(row: Delivery, made_at: datetime, now: datetime) -> Restored | None:
    """What a row of the backup becomes; None when it may stay as it is.

    `now` is the instant of the restore. A scheduled delivery whose time is still to come stays: had somebody sent
    it early, its link is on the account, and `after_reading` sees to the accounts where that cannot be read.
    """
    when = f"{made_at:%Y-%m-%d %H:%M} UTC"
    if row.state in _IN_HANDS or (row.state in _COULD_GO and row.due_at <= now):
        first = min(made_at, row.first_sent_at) if row.first_sent_at else made_at
        reason = f"restored from the backup of {when}: it may have gone out since"
        return Restored(State.UNKNOWN, reason, True, True, first)
    if row.state is State.DRAFT:
        reason = f"restored from the backup of {when}: it may have been approved and sent since"
        return Restored(State.DRAFT, reason, row.ambiguous, row.readable_only)
    return None


def after_reading(row: Delivery, *, readable: bool, why: str) -> Restored | None:
    """What becomes of a delivery that was not seen on its account, when a person lifts the hold; None: nothing.

    `readable`: the account's list was read, reaches back to the backup, and would show this delivery's link. Then
    its silence is left to the engine's own looks. Otherwise `why` says what could not be seen, and nothing is sent
    that a person has not decided anew.
    """
    if readable:
        return None
    if row.state is State.UNKNOWN:
        reason = f"{row.reason or 'it may have gone out'}; {why}"
        return Restored(State.NEEDS_PERSON, reason, True, row.readable_only)
    if row.state in _COULD_GO:
        reason = f"restored from a backup; {why}: look whether it went out since, then approve it again"
        return Restored(State.DRAFT, reason, row.ambiguous, row.readable_only)
    return None


def may_be_seen(row: Delivery) -> bool:
    """Whether a post of this delivery would show its link in the account's list of posts."""
    return row.marked and row.parent_id is None


def may_have_gone(row: Delivery) -> bool:
    """Whether a post found on the account can settle this delivery: everything that is not published."""
    return row.state in _COULD_GO | _IN_HANDS | _BY_A_PERSON


def read_since(rows: list[Delivery], made_at: datetime) -> datetime:
    """How far back the accounts' lists must be read: before the backup, and before any open delivery's due time.

    Bluesky lists a post under the time it was due, which may lie before the instant it was sent.
    """
    earliest = made_at - timedelta(days=30)
    known = [made_at]
    for row in rows:
        if may_have_gone(row) and row.state not in (State.CANCELLED, State.MISSED, State.REJECTED):
            known.append(max(earliest, min(row.first_sent_at or row.due_at, row.due_at)))
    return min(known) - timedelta(hours=1)
