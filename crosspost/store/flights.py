"""Deliveries in the hands of workers: what there is to do, what came of a flight, and what dead workers left.

A delivery is *held* while its `owner` is set (crosspost.store.claims sets it). Who finishes it writes one row under
the epoch of the claim, or raises `Fenced`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, func, or_, select, union_all, update

from crosspost.domain.brand import Account
from crosspost.domain.costs import Charge
from crosspost.domain.delivery import Delivery, DeliveryClass, State
from crosspost.domain.ids import new_id
from crosspost.domain.ladder import next_reading
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.domain.outcomes import Change, owner_died
from crosspost.domain.post import Post
from crosspost.domain.transitions import check
from crosspost.domain.windows import BootTime, Windows
from crosspost.store import spending
from crosspost.store.deliveries import from_row
from crosspost.store.prepared import Prepared
from crosspost.store.store import Scope
from crosspost.store.tables import account, attempt, delivery, post

UNCLEAR = (State.UNKNOWN.value, State.SENDING.value, State.CHECKING.value)
IS_UNCLEAR = or_(*(delivery.c.state == state for state in UNCLEAR))


class Fenced(Exception):
    """The delivery is no longer ours: another worker, or a person, has it. Nothing was written."""


Action = Literal["send", "look", "verify"]


@dataclass(frozen=True, slots=True)
class Flight:
    """One claimed delivery: the row as it stands after the claim."""

    delivery: Delivery
    account: Account
    action: Action
    declared: DeliveryClass
    attempt_id: str | None
    failures: int  # the account's, before this flight
    parent_remote_id: str | None = None
    charge: Charge | None = None  # the post's own, where the network asks money for it


@dataclass(frozen=True, slots=True)
class Held:
    delivery_id: str
    account_id: str
    owner: str
    epoch: int
    state: State


@dataclass(frozen=True, slots=True)
class Work:
    """What a brand has to do now: accounts with something due, the held rows, and when the next thing is due."""

    accounts: tuple[str, ...]
    held: tuple[Held, ...]
    blocked: bool
    next_due: datetime | None


_MINE = delivery.c.brand_id == bindparam("brand_id")
_DUE = select(delivery.c.account_id, delivery.c.state).where(
    _MINE, delivery.c.state == State.SCHEDULED.value, delivery.c.due_at <= bindparam("now")
)
_OPEN = select(delivery.c.account_id, delivery.c.state).where(
    _MINE, or_(IS_UNCLEAR, delivery.c.state == State.BLOCKED.value)
)
# What is published waits to be read back; what a person was asked to post by hand is missed at the end of its window.
_WAITED = select(delivery.c.account_id, delivery.c.state).where(
    _MINE,
    or_(delivery.c.state == State.PUBLISHED.value, delivery.c.state == State.NEEDS_PERSON.value),
    delivery.c.next_at <= bindparam("now"),
)
_WORK = Prepared(union_all(_DUE.distinct(), _OPEN.distinct(), _WAITED.distinct()))
_HELD = Prepared(
    select(
        delivery.c.id, delivery.c.account_id, delivery.c.owner, delivery.c.epoch, delivery.c.state
    ).where(_MINE, delivery.c.owner.is_not(None))
)  # fmt: skip
_NEXT_DUE = Prepared(
    select(func.min(delivery.c.due_at).label("at")).where(
        _MINE, delivery.c.state == State.SCHEDULED.value, delivery.c.due_at > bindparam("now")
    )
)


def work(scope: Scope, now: datetime) -> Work:
    """Scan one brand: three short index reads, whatever lies in the future."""
    given = {"brand_id": scope.brand_id, "now": now}
    found = _WORK.all(scope.connection, given)
    held = _HELD.all(scope.connection, given)
    next_due = _NEXT_DUE.first(scope.connection, given).at
    accounts = dict.fromkeys(row.account_id for row in found if row.state != State.BLOCKED.value)
    return Work(
        tuple(accounts),
        tuple(Held(row.id, row.account_id, row.owner, row.epoch, State(row.state)) for row in held),
        any(row.state == State.BLOCKED.value for row in found),
        next_due,
    )


_IS_HELD = (
    _MINE,
    delivery.c.id == bindparam("delivery_id"),
    delivery.c.epoch == bindparam("claimed_epoch"),
    delivery.c.owner == bindparam("holder"),
)
_STILL_HELD = Prepared(select(delivery.c.id).where(*_IS_HELD))


def still_held(scope: Scope, flight: Flight) -> bool:
    """Whether the delivery is still this flight's: asked once more just before the request."""
    row = flight.delivery
    given = {
        "brand_id": scope.brand_id, "delivery_id": row.id, "claimed_epoch": row.epoch, "holder": row.owner,
    }  # fmt: skip
    return _STILL_HELD.first(scope.connection, given) is not None


def keep_handle(scope: Scope, flight: Flight, handle: str) -> None:
    """Store a container's id before the step that makes it public. Raises Fenced."""
    write(scope, flight.delivery, handle=handle)


_END_ATTEMPT = Prepared(
    update(attempt)
    .where(attempt.c.brand_id == bindparam("of_brand"), attempt.c.id == bindparam("attempt_id"))
    .values({name: bindparam(name) for name in ("finished_at", "outcome", "detail")})
)


def finish(
    scope: Scope,
    flight: Flight,
    change: Change,
    *,
    now: datetime,
    boot: BootTime,
    windows: Windows,
    sent: Post | None = None,
) -> str | None:
    """Write the outcome: the delivery, its attempt, the account's health, and the post when there is one now.

    `sent` is what the network answered. The post's id comes back. Raises Fenced.
    """
    row = flight.delivery
    check(row.state, change.state)
    published = change.state is State.PUBLISHED
    seen_at = sent.published_at if sent else None
    wait_s = windows.verify_after_s if published else change.wait_s
    later = change.wait_s > 0 or change.state in (State.UNKNOWN, State.SCHEDULED)
    values: dict[str, object] = {
        "state": change.state.value, "reason": change.reason, "ambiguous": change.ambiguous,
        "absences": change.absences, "looks": change.looks, "readable_only": change.readable_only,
        "refused_as_repeat": change.refused_as_repeat, "owner": None, "changed_at": now,
        "attempts": row.attempts - (0 if change.counts else 1),
        "next_boot_s": boot.s + change.wait_s if later else None, "next_boot_id": boot.id if later else None,
        "next_at": now + timedelta(seconds=wait_s) if later or published else None,
    }  # fmt: skip
    if flight.action == "send" and change.ambiguous:
        # The request may have left any time until now: windows count from here.
        values |= {"last_sent_boot_s": boot.s, "last_sent_boot_id": boot.id}
    for name in ("remote_id", "remote_url", "evidence"):
        if (told := getattr(change, name)) is not None:
            values[name] = told
    if published:
        values["published_at"] = seen_at or (now if sent else None)
    write(scope, row, **values)
    if flight.attempt_id is not None:
        _END_ATTEMPT.change(
            scope.connection,
            {
                "of_brand": scope.brand_id, "attempt_id": flight.attempt_id, "finished_at": now,
                "outcome": change.outcome, "detail": change.evidence or change.reason,
            },
        )  # fmt: skip
        if flight.charge is not None:
            spending.settle(scope, flight.attempt_id, flight.charge, change.outcome)
    _health(scope, flight, change, boot, windows)
    if published and change.remote_id is not None:
        return _post(scope, flight, change, sent, now)
    return None


def _health(scope: Scope, flight: Flight, change: Change, boot: BootTime, windows: Windows) -> None:
    told = change.account
    values: dict[str, object] = {}
    if told.failed:
        values["failures"] = flight.failures + 1
    elif told.failed is False and flight.failures:
        values |= {"failures": 0, "open_until_boot_s": None, "open_boot_id": None}
    opened = told.failed and flight.failures + 1 >= windows.breaker_failures
    pause_s = max(told.pause_s, windows.breaker_open_s if opened else 0.0)
    if pause_s > 0:
        values |= {"open_until_boot_s": boot.s + pause_s, "open_boot_id": boot.id}
    if told.blocked is not None:
        values["blocked_reason"] = told.blocked
    if values:
        given = {"of_brand": scope.brand_id, "account_id": flight.account.id, **values}
        _account_change(tuple(values)).change(scope.connection, given)


@cache
def _account_change(columns: tuple[str, ...]) -> Prepared:
    """An UPDATE of these columns of one account, prepared once."""
    one = (account.c.brand_id == bindparam("of_brand"), account.c.id == bindparam("account_id"))
    return Prepared(update(account).where(*one).values({name: bindparam(name) for name in columns}))


_KNOWN_POST = Prepared(
    select(post.c.id).where(
        post.c.brand_id == bindparam("brand_id"),
        post.c.account_id == bindparam("account_id"),
        post.c.remote_id == bindparam("remote_id"),
    )
)
_ADD_POST = Prepared.insert(
    post,
    "id brand_id account_id delivery_id network remote_id url text code published_at published_reason next_read_at",
)


def _post(scope: Scope, flight: Flight, change: Change, sent: Post | None, now: datetime) -> str:
    """The post of a delivery: a new row, or the adopted one that turns out to be this delivery's."""
    row = flight.delivery
    key = {"brand_id": scope.brand_id, "account_id": row.account_id, "remote_id": change.remote_id}
    known = _KNOWN_POST.first(scope.connection, key)
    if known is not None:
        scope.connection.execute(
            update(post)
            .where(post.c.brand_id == scope.brand_id, post.c.id == known.id)
            .values(delivery_id=row.id, code=row.code)
        )
        return str(known.id)
    at = (sent.published_at or now) if sent else None
    post_id = new_id(now)
    values = {
        **key, "id": post_id, "delivery_id": row.id, "network": flight.account.network, "url": change.remote_url,
        "text": (sent.text if sent else None) or row.teaser.text, "code": row.code, "published_at": at,
        "published_reason": None if at else "the answer to the request was lost",
        "next_read_at": next_reading(at or now, now) if sent is None or sent.counted else None,
    }  # fmt: skip
    _ADD_POST.change(scope.connection, values)
    return post_id


def verified(scope: Scope, flight: Flight, *, evidence: str, proven: bool, now: datetime, windows: Windows) -> None:
    """Record what reading a published delivery back told. Without proof it is tried again, a few times."""
    tries = flight.delivery.looks + 1
    again = not proven and tries < windows.max_verifications
    wait = timedelta(seconds=windows.verify_after_s * 4.0**tries)
    write(
        scope, flight.delivery, owner=None, looks=tries, verified_at=now if proven else None,
        verified_evidence=evidence, next_at=now + wait if again else None,
    )  # fmt: skip


_HELD_ROW = Prepared(select(delivery).where(*_IS_HELD))
_END_LOST = Prepared(
    update(attempt)
    .where(
        attempt.c.brand_id == bindparam("of_brand"),
        attempt.c.delivery_id == bindparam("of_delivery"),
        attempt.c.epoch == bindparam("claimed_epoch"),
        attempt.c.finished_at.is_(None),
    )
    .values({name: bindparam(name) for name in ("finished_at", "outcome")})
)


def adopt(scope: Scope, held: Iterable[tuple[Held, bool]], *, now: datetime, boot: BootTime) -> list[Delivery]:
    """Take over what dead workers held (the flag: only their session was lost). Raced rows are left alone."""
    adopted = []
    for one, session_lost in held:
        given = {
            "brand_id": scope.brand_id, "delivery_id": one.delivery_id, "claimed_epoch": one.epoch, "holder": one.owner,
        }  # fmt: skip
        raw = _HELD_ROW.first(scope.connection, given)
        if raw is None:
            continue
        row = from_row(raw)
        values: dict[str, object] = {"owner": None, "epoch": row.epoch + 1, "changed_at": now}
        if row.state is not State.PUBLISHED:  # a verification has no state to go back from
            change = owner_died(row, session_lost=session_lost)
            check(row.state, change.state)
            values |= {
                "state": change.state.value, "reason": change.reason, "ambiguous": change.ambiguous,
                "absences": change.absences, "looks": change.looks, "readable_only": change.readable_only,
            }  # fmt: skip
            if row.state is State.SENDING:  # it may have sent right until it died
                values |= {"last_sent_boot_s": boot.s, "last_sent_boot_id": boot.id}
        try:
            write(scope, row, **values)
        except Fenced:
            continue
        _END_LOST.change(
            scope.connection,
            {
                "of_brand": scope.brand_id, "of_delivery": row.id, "claimed_epoch": row.epoch, "finished_at": now,
                "outcome": "session lost" if session_lost else "owner died",
            },
        )  # fmt: skip
        adopted.append(row)
    return adopted


_BLOCKED = Prepared(
    select(delivery, account.c.blocked_reason)
    .join(account, and_(account.c.brand_id == delivery.c.brand_id, account.c.id == delivery.c.account_id))
    .where(_MINE, delivery.c.state == State.BLOCKED.value)
)


def unblock(scope: Scope, *, now: datetime) -> list[Notice]:
    """Blocked deliveries of accounts that work again are scheduled; those whose window passed are missed."""
    notices = []
    for raw in _BLOCKED.all(scope.connection, {"brand_id": scope.brand_id}):
        row = from_row(raw)
        if now > row.expires_at:
            notices.append(miss(scope, row, f"its window passed while the account was blocked: {row.reason}", now))
        elif raw.blocked_reason is None:
            check(row.state, State.SCHEDULED)
            write(
                scope, row, state=State.SCHEDULED.value, epoch=row.epoch + 1, reason="the account works again",
                changed_at=now,
            )  # fmt: skip
    return notices


def block(scope: Scope, account_id: str, reason: str) -> None:
    """Mark an account as not working; its deliveries wait."""
    scope.connection.execute(
        update(account)
        .where(account.c.brand_id == scope.brand_id, account.c.id == account_id)
        .values(blocked_reason=reason)
    )


def miss(scope: Scope, row: Delivery, reason: str, now: datetime) -> Notice:
    check(row.state, State.MISSED, by_hand=row.waits_for_hand)
    write(scope, row, state=State.MISSED.value, epoch=row.epoch + 1, reason=reason, changed_at=now, next_at=None)
    return Notice(NoticeKind.MISSED, reason, now, scope.brand_id, row.account_id, row.id)


def ask(scope: Scope, row: Delivery, reason: str, now: datetime) -> Notice:
    check(row.state, State.NEEDS_PERSON)
    write(scope, row, state=State.NEEDS_PERSON.value, epoch=row.epoch + 1, reason=reason, changed_at=now, next_at=None)
    return Notice(NoticeKind.NEEDS_PERSON, reason, now, scope.brand_id, row.account_id, row.id)


def remind(scope: Scope, row: Delivery, now: datetime) -> Notice:
    """Ask a person to post it by hand until its window ends: `next_at` tells it from every other question."""
    check(row.state, State.NEEDS_PERSON)
    until = row.expires_at.astimezone(ZoneInfo(row.zone))
    reason = f"post it by hand, until {until:%Y-%m-%d %H:%M} at the latest"
    write(
        scope, row, state=State.NEEDS_PERSON.value, epoch=row.epoch + 1, reason=reason, changed_at=now,
        next_at=row.expires_at,
    )  # fmt: skip
    return Notice(NoticeKind.BY_HAND, reason, now, scope.brand_id, row.account_id, row.id)


@cache
def _change(columns: tuple[str, ...], held: bool) -> Prepared:
    """An UPDATE of these columns of one delivery, prepared once."""
    statement = update(delivery).where(
        delivery.c.brand_id == bindparam("of_brand"),
        delivery.c.id == bindparam("delivery_id"),
        delivery.c.epoch == bindparam("read_epoch"),
        delivery.c.owner == bindparam("read_owner") if held else delivery.c.owner.is_(None),
    )
    return Prepared(statement.values({name: bindparam(name) for name in columns}))


def write(scope: Scope, row: Delivery, **values: object) -> None:
    """Change one delivery as it was read, or raise Fenced."""
    given = {"of_brand": scope.brand_id, "delivery_id": row.id, "read_epoch": row.epoch, **values}
    if row.owner is not None:
        given["read_owner"] = row.owner
    if _change(tuple(values), row.owner is not None).change(scope.connection, given) != 1:
        raise Fenced(row.id)
