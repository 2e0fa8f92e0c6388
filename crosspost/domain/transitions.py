"""The rules of a delivery: which change is allowed, and what to do next. What answers mean: crosspost.domain.outcomes.

Four rules hold everywhere:

- an answer that proves nothing makes a delivery *ambiguous*, and only a proof ends that: a sighting, a refusal that
  names the twin, or a verdict of absence. A later clean refusal says nothing about an earlier attempt;
- a request is repeated only where the network's class makes the repeat harmless, or after a verdict of absence;
- "absent" is a verdict only after the settle window, by two looks apart, on a source whose silence means something;
- where nothing can be known, a person is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from crosspost.domain.delivery import Delivery, DeliveryClass, LatePolicy, State
from crosspost.domain.windows import BootTime, Windows

ALLOWED: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.DRAFT, State.SCHEDULED, State.CANCELLED}),
    State.SCHEDULED: frozenset(
        {State.SENDING, State.MISSED, State.CANCELLED, State.DRAFT, State.NEEDS_PERSON, State.UNKNOWN}
    ),
    State.SENDING: frozenset(
        {State.PUBLISHED, State.SCHEDULED, State.REJECTED, State.BLOCKED, State.UNKNOWN, State.NEEDS_PERSON}
    ),
    # UNKNOWN → PUBLISHED: somebody who sees the post need not wait until the machine asks.
    State.UNKNOWN: frozenset({State.SENDING, State.CHECKING, State.NEEDS_PERSON, State.PUBLISHED}),
    State.CHECKING: frozenset({State.PUBLISHED, State.UNKNOWN, State.SCHEDULED, State.NEEDS_PERSON}),
    State.BLOCKED: frozenset({State.SCHEDULED, State.MISSED, State.CANCELLED, State.DRAFT}),
    State.NEEDS_PERSON: frozenset({State.PUBLISHED, State.SCHEDULED, State.CANCELLED}),
    # Nothing was posted, so a new revision may be tried: DRAFT is the owner's "again".
    State.REJECTED: frozenset({State.DRAFT}),
    State.MISSED: frozenset({State.DRAFT}),
    State.PUBLISHED: frozenset(),
    State.CANCELLED: frozenset(),
}
# SCHEDULED → UNKNOWN is for restored backups only: what was due since may have gone out.

# Of a manual network, besides: nobody said in time that it was posted; and somebody says so after all.
BY_HAND: dict[State, State] = {State.NEEDS_PERSON: State.MISSED, State.MISSED: State.PUBLISHED}


def check(before: State, after: State, *, by_hand: bool = False) -> None:
    """Raises ValueError for a change that the tables do not know."""
    if after not in ALLOWED[before] and not (by_hand and BY_HAND.get(before) is after):
        raise ValueError(f"a delivery cannot go from {before.value} to {after.value}")


class Do(StrEnum):
    SEND = "send"
    LOOK = "look"
    WAIT = "wait"
    MISS = "miss"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Step:
    """What to do with a delivery now. `wait_s` is how long until asking again is worth it (WAIT only)."""

    do: Do
    reason: str
    wait_s: float = 0.0


def effective_class(
    row: Delivery, declared: DeliveryClass, now: datetime, boot: BootTime, windows: Windows
) -> DeliveryClass:
    """What may be relied on for this delivery at this moment: never more than the network declared, often less."""
    found = declared
    if declared is DeliveryClass.BLIND:
        return declared
    if declared is DeliveryClass.KEY and not _key_is_young(row, boot, windows):
        found = DeliveryClass.READABLE
    if row.readable_only or row.refused_as_repeat or now > row.expires_at:
        found = DeliveryClass.READABLE  # past its window nothing may be sent: only a look remains
    # A record or a container is read by its own name; every other look needs the link in the post.
    by_name = declared in (DeliveryClass.RECORD, DeliveryClass.HANDLE)
    return DeliveryClass.BLIND if found is DeliveryClass.READABLE and not by_name and not row.marked else found


def _key_is_young(row: Delivery, boot: BootTime, windows: Windows) -> bool:
    age = boot.since(row.first_sent_boot)
    return age is not None and age < windows.key_half_life_s


def next_step(row: Delivery, declared: DeliveryClass, now: datetime, boot: BootTime, windows: Windows) -> Step:
    """What to do with a delivery that nobody holds. WAIT for states that need nothing."""
    match row.state:
        case State.SCHEDULED:
            return _scheduled(row, now, boot, windows)
        case State.BLOCKED:
            if now > row.expires_at:
                return Step(Do.MISS, f"its window passed while the account was blocked: {row.reason}")
            return Step(Do.WAIT, "the account is blocked", (row.expires_at - now).total_seconds())
        case State.UNKNOWN:
            return _unknown(row, declared, now, boot, windows)
        case _:
            return Step(Do.WAIT, f"nothing to do while {row.state.value}", float("inf"))


def _scheduled(row: Delivery, now: datetime, boot: BootTime, windows: Windows) -> Step:
    if now < row.due_at:
        return Step(Do.WAIT, "not due yet", (row.due_at - now).total_seconds())
    late_s = (now - row.due_at).total_seconds()
    if now > row.expires_at:
        return Step(Do.MISS, f"{_span(late_s)} late, {_span(row.window_s)} allowed{_because(row)}")
    # A reply waits for its parent through no fault of its own: only its window counts.
    if row.late_policy is LatePolicy.MISS and late_s > windows.late_grace_s and row.parent_id is None:
        return Step(Do.MISS, f"{_span(late_s)} late, and it is missed when late{_because(row)}")
    if row.attempts >= windows.max_attempts:
        return Step(Do.ASK, f"{row.attempts} attempts were refused{_because(row)}")
    if (wait := _back_off(row, now, boot, windows)) > 0:
        return Step(Do.WAIT, row.reason or "waits before the next attempt", wait)
    return Step(Do.SEND, "due")


def next_by_hand(row: Delivery, now: datetime, boot: BootTime, windows: Windows) -> Step:
    """What to do with a delivery of a manual network: a person is asked to post it when it is due, and it is missed
    when nobody said within its window that it was posted."""
    if row.waits_for_hand:
        if now > row.expires_at:
            return Step(Do.MISS, "nobody said in time that it was posted by hand")
        return Step(Do.WAIT, "a person was asked to post it", (row.expires_at - now).total_seconds())
    if row.state is not State.SCHEDULED:
        return Step(Do.WAIT, f"nothing to do while {row.state.value}", float("inf"))
    step = _scheduled(row, now, boot, windows)
    return Step(Do.ASK, "it is due: post it by hand") if step.do is Do.SEND else step


def _unknown(row: Delivery, declared: DeliveryClass, now: datetime, boot: BootTime, windows: Windows) -> Step:
    found = effective_class(row, declared, now, boot, windows)
    if found is DeliveryClass.BLIND:
        if not row.marked and row.looks == 0:
            return Step(Do.LOOK, "the post carries no link: a look can only bring evidence for a person")
        return Step(Do.ASK, f"it may have gone out, and nothing can tell{_because(row)}")
    if (wait := _back_off(row, now, boot, windows)) > 0:
        return Step(Do.WAIT, row.reason or "sent, confirming", wait)
    if row.looks >= windows.max_looks:
        return Step(Do.ASK, f"{row.looks} looks proved nothing{_because(row)}")
    match found:
        case DeliveryClass.KEY if _key_may_repeat(row, boot, windows):
            step = Step(Do.SEND, "the same key gives the same post")
        case DeliveryClass.KEY if not row.marked:
            left = settle_left(row, boot, windows)
            return Step(Do.WAIT, "the same key is repeated when nothing can be on its way any more", left)
        case DeliveryClass.RECORD:
            step = Step(Do.SEND, "the same record again changes nothing")
        case DeliveryClass.NAMES_TWIN:
            step = Step(Do.SEND, "a repeat is refused and names the first")
        case DeliveryClass.HANDLE:
            if row.handle is not None and row.absences == 0:
                return Step(Do.LOOK, "read whether the container was published")
            step = Step(
                Do.SEND,
                "the container was not published" if row.handle else "nothing public was asked for yet",
            )
        case _:
            return Step(Do.LOOK, "read the list of posts")
    if row.attempts < windows.max_attempts:
        return step
    if _look_is_proof(row, declared):
        return Step(Do.LOOK, f"{row.attempts} attempts, none with a proven outcome: only a look may tell now")
    return Step(Do.ASK, f"{row.attempts} attempts, none with a proven outcome{_because(row)}")


def _key_may_repeat(row: Delivery, boot: BootTime, windows: Windows) -> bool:
    """Whether no earlier request can still be on its way: a server looks a key up when a request arrives and stores
    it when it is done, so that a repeat and a request held back until then are both carried out."""
    return settle_left(row, boot, windows) <= 0


def _look_is_proof(row: Delivery, declared: DeliveryClass) -> bool:
    """Whether a look can tell this post from every other: by its own name, or by the link in it."""
    by_name = declared is DeliveryClass.RECORD or (declared is DeliveryClass.HANDLE and row.handle is not None)
    return by_name or (row.marked and declared is not DeliveryClass.BLIND)


def _back_off(row: Delivery, now: datetime, boot: BootTime, windows: Windows) -> float:
    """Seconds still to wait. After a reboot the wall clock's note counts, within the longest wait there can be."""
    if row.next_boot is None:
        return 0.0
    elapsed = boot.since(row.next_boot)
    if elapsed is not None:
        return max(0.0, -elapsed)
    left = (row.next_at - now).total_seconds() if row.next_at else 0.0
    return left if 0 < left <= windows.rate_limit_cap_s * 1.2 else 0.0


def settle_left(row: Delivery, boot: BootTime, windows: Windows) -> float:
    """Seconds until silence means something: a settle window since the last attempt, or since the boot after it."""
    elapsed = boot.since(row.last_sent_boot)
    return max(0.0, windows.settle_s - (boot.s if elapsed is None else elapsed))


def look_since(row: Delivery, now: datetime, boot: BootTime, windows: Windows) -> datetime:
    """The instant before the first attempt, with a margin: a wall clock that jumped must not hide a post."""
    since = row.first_sent_at or row.due_at
    age = boot.since(row.first_sent_boot)
    if age is not None:
        since = min(since, now - timedelta(seconds=age))
    return since - timedelta(seconds=windows.list_margin_s)


def _because(row: Delivery) -> str:
    return f" ({row.reason})" if row.reason else ""


def _span(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
