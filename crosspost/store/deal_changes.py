"""What a deal is worth, as it became known: an amount told late, changed, or paid back. What it was before stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from crosspost.domain.business import Deal, check_come, check_deal
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.ids import new_id
from crosspost.domain.money import Money
from crosspost.domain.period import aware
from crosspost.store.outcomes import Outcome, Recorded
from crosspost.store.recurrence import settle
from crosspost.store.rows import Values, known, money, rows
from crosspost.store.store import Scope
from crosspost.store.tables import deal, deal_change

AMOUNTS = frozenset({"amount_minor", "margin_minor", "currency"})
_FIELDS = ("won_at", "amount_minor", "margin_minor", "currency")
TOLD, CHANGED, REFUND = "told", "changed", "refund"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a deal: what it was, and what it was from then on."""

    deal_id: str
    kind: str  # told (it was not known before), changed, refund
    at: datetime
    refund: Money | None
    won_at_before: datetime
    before: Money | None
    margin_before: Money | None
    won_at: datetime
    amount: Money | None
    margin: Money | None
    reason: str | None
    source: str
    recorded_at: datetime


def changes(scope: Scope, deal_ids: Collection[str] | None = None) -> list[Change]:
    """What became of deals (of all, where none are named), in the order in which it was told."""
    query = select(deal_change).where(deal_change.c.brand_id == scope.brand_id)
    query = query.order_by(deal_change.c.recorded_at, deal_change.c.at, deal_change.c.id)
    if deal_ids is not None:
        query = query.where(deal_change.c.deal_id.in_(deal_ids))
    return [
        Change(
            row.deal_id, row.kind, row.at, money(row.refund_minor, row.currency), row.won_at_before,
            money(row.amount_minor_before, row.currency_before), money(row.margin_minor_before, row.currency_before),
            row.won_at, money(row.amount_minor, row.currency), money(row.margin_minor, row.currency), row.reason,
            row.source, row.recorded_at,
        )
        for row in scope.connection.execute(query)
    ]  # fmt: skip


def said(scope: Scope, deal_ids: Iterable[str]) -> dict[str, list[Values]]:
    """What was once held of deals that changed since, by the deal's id."""
    found: dict[str, list[Values]] = {}
    for row in rows(scope, deal_change, deal_change.c.deal_id, deal_ids):
        found.setdefault(row["deal_id"], []).append({name: row[f"{name}_before"] for name in _FIELDS})
    return found


def not_said(differences: Sequence[str], told: Values, before: Iterable[Values]) -> tuple[str, ...]:
    """The fields that contradict, without those in which a source only repeats what was held before a change."""
    return tuple(name for name in differences if not any(old.get(name) == told[name] for old in before))


def row_of(
    brand_id: str, row: Values, now_is: Values, now: datetime, *, source: str, kind: str = TOLD,
    at: datetime | None = None, refund: int | None = None, reason: str | None = None,
) -> Values:  # fmt: skip
    """A row of `deal_change`: the deal as it was, and with what is new."""
    whole = {name: row[name] for name in _FIELDS} | {name: now_is[name] for name in _FIELDS if name in now_is}
    return {
        "id": new_id(now), "brand_id": brand_id, "deal_id": row["id"], "kind": kind, "at": aware(at or now),
        "refund_minor": refund, **{f"{name}_before": row[name] for name in _FIELDS}, **whole, "reason": reason,
        "source": source, "recorded_at": aware(now),
    }  # fmt: skip


def change_deal(
    scope: Scope, source_id: str, now: datetime, *, source: str, at: datetime | None = None,
    won_at: datetime | None = None, amount: Money | None = None, margin: Money | None = None,
    reason: str | None = None,
) -> Recorded:  # fmt: skip
    """Give a deal another amount, margin or day. What it was, and when it changed (`at`), is kept.

    Another amount without a margin leaves the margin open. Raises NotFound, BadInput.
    """
    row = _deal(scope, source_id)
    values: Values = {}
    if amount is not None:
        values |= {"amount_minor": amount.minor, "currency": amount.currency}
        values |= {"margin_minor": None} if (amount.minor, amount.currency) != _worth(row) else {}
    if margin is not None:
        values["margin_minor"] = margin.minor
    if won_at is not None:
        values["won_at"] = aware(won_at)
    if not values:
        raise BadInput("what is to change?", remedy="give an amount, a margin or the day it was won")
    new = row | values
    worth = amount if amount is not None else money(new["amount_minor"], new["currency"])
    left = margin if margin is not None else money(new["margin_minor"], new["currency"])
    check_deal(Deal(row["source"], source_id, new["won_at"], worth, margin=left), now)
    kind = TOLD if row["amount_minor"] is None and amount is not None else CHANGED
    return _write(scope, row, values, now, kind=kind, source=source, at=at, reason=reason)


def refund_deal(
    scope: Scope, source_id: str, amount: Money | None, now: datetime, *, source: str, at: datetime | None = None,
    margin: Money | None = None, reason: str | None = None,
) -> Recorded:  # fmt: skip
    """Record money that was paid back (all of it, without an amount): the deal is worth what is left, and its margin is
    open unless it is told.

    Raises NotFound, BadInput (more than there is, another currency), Conflict (nobody told what the deal was worth).
    """
    row = _deal(scope, source_id)
    worth = money(row["amount_minor"], row["currency"])
    if worth is None:
        raise Conflict(f"nobody told what deal {source_id} was worth", remedy="crosspost deal change --amount first")
    back = worth if amount is None else amount
    if back.currency != worth.currency:
        raise BadInput(f"the deal was paid in {worth.currency}", remedy=f"give the refund in {worth.currency}")
    if not 0 < back.amount <= worth.amount or Money.from_minor(back.minor, back.currency).amount != back.amount:
        raise BadInput(
            f"a refund of {back} from {worth}", remedy="more than zero, and no more than is left of the deal"
        )
    left = Money.from_minor(worth.minor - back.minor, worth.currency)
    values: Values = {"amount_minor": left.minor, "margin_minor": None if margin is None else margin.minor}
    check_deal(Deal(row["source"], source_id, row["won_at"], left, margin=margin), now)
    return _write(scope, row, values, now, kind=REFUND, source=source, at=at, refund=back.minor, reason=reason)


def _write(
    scope: Scope, row: Values, values: Values, now: datetime, *, kind: str, source: str, at: datetime | None,
    reason: str | None, refund: int | None = None,
) -> Recorded:  # fmt: skip
    check_come(at, now, "the change")
    fields: dict[str, Any] = {name: value for name, value in values.items() if row[name] != value}
    if not fields:
        return Recorded(Outcome.KNOWN, row["id"])
    scope.connection.execute(
        insert(deal_change).values(
            row_of(scope.brand_id, row, values, now, source=source, kind=kind, at=at, refund=refund, reason=reason)
        )
    )
    scope.connection.execute(
        update(deal).where(deal.c.brand_id == scope.brand_id, deal.c.id == row["id"]).values(fields)
    )
    if "won_at" in fields:
        settle(scope, row["client_id"])
    return Recorded(Outcome.UPDATED, row["id"], tuple(fields))


def _worth(row: Values) -> tuple[int | None, str | None]:
    return row["amount_minor"], row["currency"]


def _deal(scope: Scope, source_id: str) -> Values:
    mine = deal.c.brand_id == scope.brand_id, deal.c.source_id == source_id
    scope.connection.execute(select(deal.c.id).where(*mine).with_for_update())  # two refunds at once: one, then one
    row = known(scope, deal, [source_id]).get(source_id)
    if row is None:
        raise NotFound(f"no deal has the id {source_id!r}", remedy="see `crosspost deal list`")
    return row
