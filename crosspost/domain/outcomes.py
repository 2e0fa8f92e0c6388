"""What an answer means for a delivery: pure functions from the row as it was claimed, and the answer, to a change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from crosspost.domain.delivery import Delivery, DeliveryClass, Found, Sighting, State
from crosspost.domain.errors import (
    Duplicate,
    NetworkFailure,
    NoCredit,
    NotSent,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from crosspost.domain.notice import NoticeKind
from crosspost.domain.post import Post
from crosspost.domain.transitions import effective_class, settle_left
from crosspost.domain.windows import BootTime, Windows


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What an answer says of the account: `failed` feeds the breaker, `blocked` is the reason its token is refused,
    `pause_s` holds its whole queue."""

    failed: bool | None = None  # None: says nothing about the network's health
    blocked: str | None = None
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """A delivery's next state with everything that is written beside it, in one statement."""

    state: State
    reason: str
    outcome: str  # a word for the attempt log
    ambiguous: bool
    absences: int
    looks: int
    readable_only: bool
    refused_as_repeat: bool
    wait_s: float = 0.0
    counts: bool = True  # against the cap of attempts: not when the request was turned away unread
    remote_id: str | None = None
    remote_url: str | None = None
    evidence: str | None = None
    account: AccountChange = AccountChange()
    notice: NoticeKind | None = None


def owner_died(row: Delivery, *, session_lost: bool = False) -> Change:
    """A dead owner's delivery. What it was sending may be there; what it was checking is as unknown as before.

    `session_lost`: the owner is on another host and only its database session ended. It may still be sending, so
    only the rules for readable networks apply from here on.
    """
    sending = row.state is State.SENDING
    change = _same(row, State.UNKNOWN, row.reason or "sent, confirming", "owner died")
    return replace(
        change,
        reason="the worker that was sending it died" if sending else change.reason,
        ambiguous=True,
        absences=0 if sending else row.absences,
        looks=0 if sending else row.looks,
        readable_only=row.readable_only or session_lost,
    )


def after_send(
    row: Delivery,
    declared: DeliveryClass,
    outcome: Post | NetworkFailure,
    now: datetime,
    boot: BootTime,
    windows: Windows,
    rng: Random,
) -> Change:
    """What an answer to a publish means. `row` is the delivery as it was claimed (`attempts` counts this one)."""
    back = State.UNKNOWN if row.ambiguous else State.SCHEDULED
    backoff = windows.backoff(row.attempts) * rng.uniform(0.8, 1.2)
    match outcome:
        case Post() if outcome.remote_id:
            return _published(row, outcome.remote_id, outcome.url, f"the network answered with {outcome.remote_id}")
        case NotSent():
            change = _same(row, back, f"not sent: {outcome.reason}", "not sent")
            return replace(change, counts=False, wait_s=backoff, account=AccountChange(failed=True))
        case RateLimited():
            wait = rate_limit_wait(outcome, now, windows, rng)
            change = _same(row, back, f"the network says later: {outcome.reason}", "rate limited")
            return replace(change, counts=False, wait_s=wait, account=AccountChange(pause_s=wait))
        case Unauthorized():
            blocked = AccountChange(blocked=outcome.reason)
            state = State.UNKNOWN if row.ambiguous else State.BLOCKED
            change = _same(row, state, f"the token is refused: {outcome.reason}", "unauthorized")
            return replace(change, counts=False, account=blocked, notice=NoticeKind.BLOCKED)
        case NoCredit():
            return _no_credit(row, back, outcome, windows)
        case Duplicate():
            return _duplicate(row, declared, outcome, now, boot, windows)
        case Rejected() if row.ambiguous:
            # The refusal is of this request; an earlier one may stand. Only a look can tell now.
            change = _same(row, State.UNKNOWN, f"a repeat was refused: {outcome.reason}", "rejected")
            return replace(change, readable_only=True, absences=0, looks=0, account=AccountChange(failed=False))
        case Rejected():
            change = _same(row, State.REJECTED, outcome.reason, "rejected")
            return replace(change, account=AccountChange(failed=False), notice=NoticeKind.REJECTED)
        case _:
            reason = outcome.reason if isinstance(outcome, NetworkFailure) else "the answer names no post"
            return _ambiguous(row, declared, reason, now, boot, windows, backoff)


def _no_credit(row: Delivery, state: State, failure: NoCredit, windows: Windows) -> Change:
    """It waits for its owner to pay, who is told once: until then every try meets the same reason."""
    reason = f"no credits: {failure.reason}"
    change = _same(row, state, reason, "no credit")
    wait = windows.no_credit_s
    notice = None if row.reason == reason else NoticeKind.BUDGET
    return replace(change, counts=False, wait_s=wait, account=AccountChange(pause_s=wait), notice=notice)


def _ambiguous(
    row: Delivery,
    declared: DeliveryClass,
    reason: str,
    now: datetime,
    boot: BootTime,
    windows: Windows,
    backoff: float,
) -> Change:
    change = replace(
        _same(row, State.UNKNOWN, f"sent, confirming: {reason}", "unknown"),
        ambiguous=True, absences=0, looks=0, account=AccountChange(failed=True),
    )  # fmt: skip
    match effective_class(row, declared, now, boot, windows):
        case DeliveryClass.BLIND if row.marked:
            asked = f"it may have gone out, and nothing can tell: {reason}"
            return replace(change, state=State.NEEDS_PERSON, reason=asked, notice=NoticeKind.NEEDS_PERSON)
        case DeliveryClass.KEY | DeliveryClass.READABLE:
            # An early look costs little and often finds the post; only later ones may find it absent.
            return replace(change, wait_s=windows.look_gap_s)
        case DeliveryClass.BLIND:
            return change  # without its link in it: one look for evidence, then a person
        case _:
            return replace(change, wait_s=backoff)


def _duplicate(
    row: Delivery,
    declared: DeliveryClass,
    refusal: Duplicate,
    now: datetime,
    boot: BootTime,
    windows: Windows,
) -> Change:
    twin = refusal.remote_id
    # A delivery judged absent was ambiguous once: its twin is ours, and the judgement was wrong.
    ours = row.ambiguous or row.absences > 0
    healthy = AccountChange(failed=False)
    if declared is DeliveryClass.RECORD:
        change = _same(row, State.NEEDS_PERSON, f"another record stands under our key: {refusal.reason}", "duplicate")
        return replace(change, account=healthy, notice=NoticeKind.NEEDS_PERSON, remote_id=twin)
    if not ours:
        named = f"duplicate of {twin}" if twin else f"duplicate of another post: {refusal.reason}"
        change = _same(row, State.REJECTED, named, "duplicate")
        return replace(change, account=healthy, notice=NoticeKind.REJECTED)
    if twin:
        evidence = f"an earlier attempt's answer was lost; a repeat was refused as a duplicate of {twin}"
        return replace(_published(row, twin, None, evidence), outcome="duplicate")
    change = replace(
        _same(row, State.UNKNOWN, f"refused as a repeat: {refusal.reason}", "duplicate"),
        ambiguous=True, absences=0, looks=0, refused_as_repeat=True, account=healthy,
    )  # fmt: skip
    if effective_class(replace(row, refused_as_repeat=True), declared, now, boot, windows) is DeliveryClass.BLIND:
        asked = f"the network has a post with this text, and nothing can tell whether it is ours: {refusal.reason}"
        return replace(change, state=State.NEEDS_PERSON, reason=asked, notice=NoticeKind.NEEDS_PERSON)
    return change


def after_look(
    row: Delivery,
    declared: DeliveryClass,
    outcome: Sighting | NetworkFailure,
    now: datetime,
    boot: BootTime,
    windows: Windows,
    rng: Random,
) -> Change:
    """What a look means. `row` is as it was claimed, `now` and `boot` are from before the look began."""
    found = effective_class(row, declared, now, boot, windows)
    if found is DeliveryClass.BLIND:
        told = outcome.evidence if isinstance(outcome, Sighting) else outcome.reason
        change = _same(row, State.NEEDS_PERSON, f"it may have gone out, and no proof is possible: {told}", "evidence")
        url = outcome.url if isinstance(outcome, Sighting) else None
        return replace(change, evidence=told, remote_url=url, notice=NoticeKind.NEEDS_PERSON)
    if isinstance(outcome, NetworkFailure):
        return _look_failed(row, outcome, now, boot, windows, rng)
    healthy = AccountChange(failed=False)
    if outcome.found is Found.PRESENT:
        seen = _published(row, outcome.remote_id, outcome.url, outcome.evidence)
        return replace(seen, outcome="present", account=healthy)
    if outcome.found is Found.INCONCLUSIVE:
        return replace(_inconclusive(row, outcome, boot, windows), account=healthy)
    if row.refused_as_repeat and settle_left(row, boot, windows) <= 0:
        asked = f"refused as a repeat, yet not on the account: {outcome.evidence}"
        return replace(_same(row, State.NEEDS_PERSON, asked, "absent"), account=healthy, notice=NoticeKind.NEEDS_PERSON)
    if found is DeliveryClass.HANDLE and row.attempts < windows.max_attempts:
        # Publishing the same container again is harmless; only where that may not be is absence a verdict.
        change = _same(row, State.UNKNOWN, f"not published yet: {outcome.evidence}", "absent")
        return replace(change, absences=1, account=healthy)
    return replace(_absent(row, outcome, boot, windows), account=healthy)


def _inconclusive(row: Delivery, sighting: Sighting, boot: BootTime, windows: Windows) -> Change:
    change = _same(row, State.UNKNOWN, f"a look proved nothing: {sighting.evidence}", "inconclusive")
    if (wait := _early(row, boot, windows)) > 0:
        return replace(change, wait_s=wait)
    wait = min(windows.backoff_cap_s, windows.look_gap_s * 2.0**row.looks)
    return replace(change, looks=row.looks + 1, wait_s=wait)


def _early(row: Delivery, boot: BootTime, windows: Windows) -> float:
    """Seconds to the next look within the settle window, four times as late each time (1, 4, 15 minutes); 0 after it.

    Only a sighting counts there: what was sent may still arrive, or the list may not show it yet.
    """
    left = settle_left(row, boot, windows)
    return min(left, max(windows.look_gap_s, 3 * (windows.settle_s - left)))


def _absent(row: Delivery, sighting: Sighting, boot: BootTime, windows: Windows) -> Change:
    if (wait := _early(row, boot, windows)) > 0:
        change = _same(row, State.UNKNOWN, f"not seen yet: {sighting.evidence}", "absent, too early")
        return replace(change, absences=0, wait_s=wait)
    # A look of another boot does not count: how long ago it was cannot be told.
    before = row.absences if row.next_boot is not None and row.next_boot.id == boot.id else 0
    if before + 1 < 2:
        change = _same(row, State.UNKNOWN, f"not there at the first look: {sighting.evidence}", "absent")
        return replace(change, absences=1, wait_s=windows.look_gap_s)
    return replace(
        _same(row, State.SCHEDULED, f"proven not to be there: {sighting.evidence}", "absent"),
        ambiguous=False, absences=before + 1, looks=0, readable_only=False, evidence=sighting.evidence,
    )  # fmt: skip


def _look_failed(
    row: Delivery, failure: NetworkFailure, now: datetime, boot: BootTime, windows: Windows, rng: Random
) -> Change:
    match failure:
        case RateLimited():
            wait = rate_limit_wait(failure, now, windows, rng)
            change = _same(row, State.UNKNOWN, f"the network says later: {failure.reason}", "rate limited")
            return replace(change, wait_s=wait, account=AccountChange(pause_s=wait))
        case NoCredit():
            return _no_credit(row, State.UNKNOWN, failure, windows)
        case Unauthorized():
            change = _same(row, State.UNKNOWN, f"the token is refused: {failure.reason}", "unauthorized")
            return replace(change, account=AccountChange(blocked=failure.reason), notice=NoticeKind.BLOCKED)
    change = _same(row, State.UNKNOWN, f"could not be read: {failure.reason}", "unreachable")
    change = replace(change, account=AccountChange(failed=True))
    outage = isinstance(failure, Unreachable) and now <= row.expires_at + timedelta(seconds=windows.settle_s)
    if outage or settle_left(row, boot, windows) > 0:
        # It proves nothing about the post: it does not use up the looks. The breaker slows us down.
        return replace(change, wait_s=windows.look_gap_s)
    return replace(change, looks=row.looks + 1, wait_s=windows.look_gap_s * 2.0**row.looks)


def rate_limit_wait(failure: RateLimited, now: datetime, windows: Windows, rng: Random) -> float:
    """Seconds to wait: what the network said within reason, else a default, and up to a tenth more by chance."""
    told = (failure.until - now).total_seconds() if failure.until is not None else windows.rate_limit_s
    return min(windows.rate_limit_cap_s, max(1.0, told)) * rng.uniform(1.0, 1.1)


def _published(row: Delivery, remote_id: str | None, url: str | None, evidence: str) -> Change:
    change = _same(row, State.PUBLISHED, "published", "published")
    return replace(
        change, ambiguous=False, refused_as_repeat=False, remote_id=remote_id, remote_url=url, evidence=evidence,
        account=AccountChange(failed=False),
    )  # fmt: skip


def _same(row: Delivery, state: State, reason: str, outcome: str) -> Change:
    """A change that keeps everything the delivery knows about itself."""
    return Change(
        state,
        reason,
        outcome,
        row.ambiguous,
        row.absences,
        row.looks,
        row.readable_only,
        row.refused_as_repeat,
    )
