"""What was spent, and what budgets leave. Days and months are those of UTC, as networks bill them.

The spend of a post is written by its claim, in the claim's own transaction, before a byte leaves: whatever dies, it is
counted. Only an outcome that proves the request was turned away takes it back. Reads are written as they are answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import and_, bindparam, case, delete, func, insert, select, update

from crosspost.domain.costs import MICROS, Charge, Cost, amount
from crosspost.domain.ids import new_id
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.store.prepared import Prepared
from crosspost.store.store import Scope
from crosspost.store.tables import account, budget, spend

SURE, UNSURE, CLAIMED = "sure", "unsure", "claimed"
# Outcomes of a send that prove that nothing was taken. What a network does with a post it refuses is not documented.
_FREE = frozenset({"not sent", "rate limited", "unauthorized", "no credit"})


@dataclass(frozen=True, slots=True)
class Budget:
    """`account_id` is None for the brand as a whole. A limit that is None is not set."""

    account_id: str | None
    currency: str
    day: Decimal | None
    month: Decimal | None


@dataclass(frozen=True, slots=True)
class Held:
    """Why something that costs waits, how long until the day or month ends, and what is to be told."""

    reason: str
    wait_s: float
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Spent:
    """What one account's action came to. `unsure_micros` are within `micros`."""

    account_id: str
    action: str
    currency: str
    requests: int
    units: int
    micros: int
    unsure_micros: int


_ADD = Prepared.insert(
    spend,
    "id brand_id account_id delivery_id attempt_id action units micros currency certainty at",
)


def add(
    scope: Scope,
    account_id: str,
    cost: Cost,
    now: datetime,
    *,
    delivery_id: str | None = None,
    attempt_id: str | None = None,
) -> None:
    """Record charges; those of an attempt stay *claimed* until `settle`."""
    for one in cost.charges:
        row = {
            "id": new_id(now), "brand_id": scope.brand_id, "account_id": account_id, "delivery_id": delivery_id,
            "attempt_id": attempt_id, "action": one.action, "units": one.count, "micros": cost.micros_of(one),
            "currency": cost.currency, "certainty": CLAIMED if attempt_id else SURE if one.sure else UNSURE, "at": now,
        }  # fmt: skip
        _ADD.change(scope.connection, row)


_OF_ATTEMPT = (spend.c.brand_id == bindparam("of_brand"), spend.c.attempt_id == bindparam("of_attempt"))
_DROP = Prepared(delete(spend).where(*_OF_ATTEMPT))
_DROP_OTHERS = Prepared(delete(spend).where(*_OF_ATTEMPT, spend.c.action != bindparam("kept")))
_SETTLE = Prepared(update(spend).where(*_OF_ATTEMPT).values(certainty=bindparam("now_certain")))


def settle(scope: Scope, attempt_id: str, post: Charge, outcome: str) -> None:
    """What an attempt's claim turned out to cost: the post's own charge, or nothing. What went before it (uploads) was
    recorded as it happened."""
    given = {"of_brand": scope.brand_id, "of_attempt": attempt_id}
    if outcome in _FREE:
        _DROP.change(scope.connection, given)
        return
    _DROP_OTHERS.change(scope.connection, {**given, "kept": post.action})
    _SETTLE.change(scope.connection, {**given, "now_certain": SURE if outcome == "published" else UNSURE})


_BUDGETS = select(budget).where(budget.c.brand_id == bindparam("brand_id"))
_LOCKED = Prepared(_BUDGETS.with_for_update())  # of a brand's budget two accounts may claim at once


def set_budget(scope: Scope, new: Budget) -> None:
    """Replace a budget; one without any limit is removed. Its end is told again."""
    owner = new.account_id or scope.brand_id
    scope.connection.execute(
        delete(budget).where(
            budget.c.brand_id == scope.brand_id, budget.c.account_id == owner, budget.c.currency == new.currency
        )
    )
    if new.day is None and new.month is None:
        return
    limits = {
        "day_micros": None if new.day is None else int(new.day * MICROS),
        "month_micros": None if new.month is None else int(new.month * MICROS),
    }
    row = {"brand_id": scope.brand_id, "account_id": owner, "currency": new.currency, **limits}
    scope.connection.execute(insert(budget).values(row))


def budgets(scope: Scope) -> list[Budget]:
    """The brand's budgets, its own first."""
    rows = scope.connection.execute(_BUDGETS.order_by(budget.c.account_id), {"brand_id": scope.brand_id})
    found = [
        Budget(
            None if row.account_id == scope.brand_id else row.account_id, row.currency, _money(row.day_micros),
            _money(row.month_micros),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.account_id is not None)


def _money(micros: int | None) -> Decimal | None:
    return None if micros is None else amount(micros)


def day_of(now: datetime) -> datetime:
    """When the day of that instant began."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def month_of(now: datetime) -> datetime:
    """When the month of that instant began."""
    return day_of(now).replace(day=1)


def next_month(start: datetime) -> datetime:
    return (start + timedelta(days=32)).replace(day=1)


_DAY = func.coalesce(func.sum(case((spend.c.at >= bindparam("day"), spend.c.micros), else_=0)), 0)
_MONTH = func.coalesce(func.sum(spend.c.micros), 0)
_SO_FAR = select(_DAY.label("day"), _MONTH.label("month")).where(
    spend.c.brand_id == bindparam("brand_id"),
    spend.c.currency == bindparam("currency"),
    spend.c.at >= bindparam("month"),
    spend.c.at < bindparam("end"),
)
_SO_FAR_OF_ACCOUNT = _SO_FAR.where(spend.c.account_id == bindparam("account_id"))


def so_far(scope: Scope, account_id: str | None, currency: str, now: datetime) -> tuple[int, int]:
    """Micros of this day and of this month, of an account or of the whole brand."""
    month = month_of(now)
    given = {
        "brand_id": scope.brand_id, "currency": currency, "day": day_of(now), "month": month, "end": next_month(month),
    }  # fmt: skip
    query = _SO_FAR if account_id is None else _SO_FAR_OF_ACCOUNT
    row = scope.connection.execute(query, {**given, "account_id": account_id}).one()
    return int(row.day), int(row.month)


_TELL = update(budget).where(
    budget.c.brand_id == bindparam("of_brand"),
    budget.c.account_id == bindparam("of_account"),
    budget.c.currency == bindparam("of_currency"),
)


def held(scope: Scope, account_id: str, cost: Cost, now: datetime) -> Held | None:
    """Why a budget does not let this be spent now; None when all do. Its end is told once a day or month.

    Call it in the transaction that records the spend: what two workers claim at once is then counted for both.
    """
    rows = _LOCKED.all(scope.connection, {"brand_id": scope.brand_id})
    for row in rows:
        if row.account_id not in (account_id, scope.brand_id) or row.currency != cost.currency:
            continue
        whole = row.account_id == scope.brand_id
        day, month = so_far(scope, None if whole else account_id, row.currency, now)
        starts = day_of(now), month_of(now)
        ends = starts[0] + timedelta(days=1), next_month(starts[1])
        for word, limit, spent, start, end, told in (
            ("day", row.day_micros, day, starts[0], ends[0], row.told_day),
            ("month", row.month_micros, month, starts[1], ends[1], row.told_month),
        ):
            if limit is None or spent + cost.micros <= limit:
                continue
            of = "the brand" if whole else "the account"
            reason = (
                f"the budget of {of} is {amount(limit)} {row.currency} a {word}: {amount(spent)} is spent, and this "
                f"takes {amount(cost.micros)}"
            )
            notices: tuple[Notice, ...] = ()
            if told != start.date():
                given = {"of_brand": scope.brand_id, "of_account": row.account_id, "of_currency": row.currency}
                scope.connection.execute(_TELL.values({f"told_{word}": start.date()}), given)
                text = f"{reason}. What costs waits until {end:%Y-%m-%d} 00:00 UTC, or raise it: crosspost budget"
                about = None if whole else account_id
                notices = (Notice(NoticeKind.BUDGET, text, now, scope.brand_id, about),)
            return Held(reason, (end - now).total_seconds(), notices)
    return None


def left(scope: Scope, account_id: str, currency: str, now: datetime) -> int | None:
    """Micros that the account's and the brand's budgets leave for now; None where nothing limits them."""
    rest = []
    for one in budgets(scope):
        if one.account_id not in (None, account_id) or one.currency != currency:
            continue
        spends = so_far(scope, one.account_id, currency, now)
        rest += [
            int(limit * MICROS) - spend
            for limit, spend in zip((one.day, one.month), spends, strict=True)
            if limit is not None
        ]
    return max(0, min(rest)) if rest else None


def spent(scope: Scope, start: datetime, end: datetime, account_ids: Sequence[str] = ()) -> list[Spent]:
    """What was spent in `[start, end)`, by account, action and currency."""
    unsure = func.sum(case((spend.c.certainty == SURE, 0), else_=spend.c.micros))
    query = (
        select(
            spend.c.account_id, spend.c.action, spend.c.currency, func.count().label("requests"),
            func.sum(spend.c.units).label("units"), func.sum(spend.c.micros).label("micros"), unsure.label("unsure"),
        )
        .join(account, and_(account.c.brand_id == scope.brand_id, account.c.id == spend.c.account_id), isouter=True)
        .where(spend.c.brand_id == scope.brand_id, spend.c.at >= start, spend.c.at < end)
        .group_by(account.c.created_at, spend.c.account_id, spend.c.action, spend.c.currency)
        .order_by(account.c.created_at, spend.c.account_id, spend.c.action)
    )  # fmt: skip
    if account_ids:
        query = query.where(spend.c.account_id.in_(account_ids))
    return [
        Spent(
            row.account_id, row.action, row.currency, int(row.requests), int(row.units), int(row.micros),
            int(row.unsure),
        )
        for row in scope.connection.execute(query)
    ]  # fmt: skip
