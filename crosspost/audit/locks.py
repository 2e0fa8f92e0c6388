"""What locking changes in an audit: the claim that is judged, its margin, and what is said of both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from crosspost.audit.ledger import Ledger, Lock
from crosspost.audit.results import FIXED, Assumption, Claim, Finding, ShareClaim
from crosspost.domain.message import day, say, significant
from crosspost.domain.period import Period


def claims_under(locks: Sequence[Lock], claims: Iterable[ShareClaim]) -> tuple[ShareClaim, ...]:
    """The claims, with those that were locked in place of the ready-made ones they answer or repeat."""
    found: dict[str, ShareClaim] = {}
    for claim in claims:
        mine = [one for one in locks if claim.key in (one.key, one.answers) and _fits(one, claim)]
        for one in mine:
            found[one.key] = replace(claim, key=one.key, text=one.claim, margin=one.margin)
        if not mine:
            found[claim.key] = claim
    locked = {lock.key for lock in locks}
    fixed = {(one.basis, one.margin) for one in found.values() if one.key in locked}
    return tuple(one for one in found.values() if one.key in locked or (one.basis, one.margin) not in fixed)


def locked_claim(locks: Sequence[Lock], claim: Claim) -> Claim:
    """The claim with the words and the margin it was locked with; as it is where it was not, or in no unit of it."""
    lock = _of(locks, claim)
    return claim if lock is None or not _fits(lock, claim) else replace(claim, text=lock.claim, margin=lock.margin)


def under_lock(finding: Finding, ledger: Ledger) -> Finding:
    """The finding with its lock: whether claim and margin were fixed before looking, and what to beware of."""
    lock = _of(ledger.locks, finding.claim)
    if lock is None:
        return finding
    same = finding.claim.margin == lock.margin and _fits(lock, finding.claim)
    # Of an experiment its own weeks count, which begin when it was locked; of all else, the audit's period.
    period = ledger.period
    if any(one.key == lock.key for one in ledger.experiments):
        period = Period(lock.since, lock.until or lock.since)
    held = same and lock.before_looking(period)
    rest = tuple(one for one in finding.assumptions if one.text != FIXED)
    return replace(
        finding,
        lock=lock.hash,
        assumptions=(*rest, Assumption(FIXED, held)),
        caveats=(*finding.caveats, *_caveats(finding, lock, period, ledger.brand.zone, same)),
    )


def _caveats(finding: Finding, lock: Lock, period: Period, zone: str, same: bool) -> Iterable[str]:
    yield say("Locked: {lock}", lock=lock.told())
    if not same:
        here, there = (
            say("{margin} ({unit})", margin=significant(one.margin, 6), unit=one.unit) for one in (finding.claim, lock)
        )
        yield say("The margin here is {here}, and {there} was locked: exploratory.", here=here, there=there)
    if lock.looked is None and period.start < lock.since:
        yield say(
            "This period begins on {day}, the locked one on {locked}: what happened before could be known when it was "
            "locked, so this verdict is exploratory.",
            day=_day(period.start, zone), locked=_day(lock.since, zone),
        )  # fmt: skip
    if lock.until is not None and period.end < lock.until:
        yield say("The locked period ends on {day}: this is a look before its end.", day=_day(lock.until, zone))


def _day(instant: datetime, zone: str) -> str:
    return day(instant.astimezone(ZoneInfo(zone)).date())


def _fits(lock: Lock, claim: Claim) -> bool:
    """Whether the claim can be held against the locked margin: one of its unit, and of a size that it can have."""
    least = lock.margin > 0 or lock.margin == claim.margin == 0
    return lock.unit == claim.unit and least and (lock.margin < 1 or lock.unit not in ("share", "share a year"))


def _of(locks: Sequence[Lock], claim: Claim) -> Lock | None:
    return next((one for one in locks if claim.key in (one.key, one.answers)), None)
