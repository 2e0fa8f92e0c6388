"""Stripe's payments and customers. What came in and stayed is a deal; a payment that carries our code is a lead too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal

from crosspost.domain.business import Deal, Lead, check_come, check_deal, told_money
from crosspost.domain.errors import BadInput
from crosspost.domain.money import Money
from crosspost.imports.asking import Left, asking, person
from crosspost.imports.dates import instants
from crosspost.imports.numbers import amounts, numbers
from crosspost.imports.shape import Buyer, Context, Facts, Row, Withdrawn, fold
from crosspost.imports.sheet import Sheet

# What a payment's status may say. Whatever is in neither list is told, and is no deal.
_PAID = frozenset(
    {"paid", "succeeded", "refunded", "partially refunded", "partial refund", "disputed", "early fraud warning"}
)
_UNPAID = frozenset({
    "failed", "canceled", "cancelled", "incomplete", "uncaptured", "pending", "processing", "blocked", "expired",
    "requires payment method", "requires confirmation", "requires action", "requires capture",
})  # fmt: skip


def payments(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Each payment is a sale of its payer, less what was given back: nothing left, no deal.

    The amount is the one charged, in the currency charged: what Stripe converted it to moves with the day's rate.
    """
    left = Left()
    charged = amounts(rows, "amount", context)
    back = [_given_back(row, *two) for row, *two in zip(rows, _refunds(rows), _disputes(rows), strict=True)]
    leads: list[tuple[int, Lead]] = []
    deals: list[tuple[int, Deal]] = []
    voided: list[tuple[int, Withdrawn]] = []
    for row, at, amount, returned in zip(
        rows, instants(rows, "created", context, zone=UTC), charged, back, strict=True
    ):
        row.need("created")
        assert at is not None
        if (why := _no_payment(row)) is not None:
            left.out(why)
            continue
        if amount is None:
            raise BadInput("the amount is missing", where=row.where, remedy="export the payments again")
        name = f"stripe:{row.need('id')}"
        rest = _rest(row, amount, returned)
        if rest.amount == 0:
            left.out("payments that were given back wholly")
            voided.append((row.line, Withdrawn(name, at, "given back wholly")))
            continue
        if returned:
            left.out("payments that were given back in part: counted at what was left")
        if (row.get("converted_currency") or "").upper() not in ("", rest.currency):
            left.out("payments that Stripe converted to another currency: counted in the one charged")
        who = _payer(row, context, left)
        lead: Lead | None = asking(row, context, "stripe", name, at, person=who)
        if lead is not None and (lead.code or lead.channel):  # they came by a link and paid: nothing earlier is known
            leads.append((row.line, lead))
        else:
            lead = None
        deal = Deal("stripe", name, at, rest, lead_source_id=lead.source_id if lead else None, person=who)
        with row.telling():
            check_deal(deal, context.now)
        deals.append((row.line, deal))
    return Facts(
        leads=tuple(leads), deals=tuple(deals), voided=tuple(voided), notes=left.notes(), zoned=True,
        totals={"deals": str(len(deals)), **_revenue(deals)},
    )  # fmt: skip


def _refunds(rows: Sequence[Row]) -> list[Decimal | None]:
    return numbers(rows, "refunded")


def _disputes(rows: Sequence[Row]) -> list[Decimal | None]:
    """What a dispute took: only a lost one took anything."""
    return [
        amount if fold(row.get("dispute_status") or "") == "lost" else None
        for row, amount in zip(rows, numbers(rows, "disputed"), strict=True)
    ]


def _given_back(row: Row, refunded: Decimal | None, disputed: Decimal | None) -> Decimal:
    """Refunds and lost disputes. A payment that is called refunded and says no sum cannot be counted."""
    if refunded is None and fold(row.get("status") or "") in ("refunded", "partially refunded", "partial refund"):
        raise BadInput("was refunded, and nothing says how much", where=row.where, remedy="export Amount Refunded too")
    return abs(refunded or Decimal(0)) + abs(disputed or Decimal(0))


def _rest(row: Row, amount: Money, returned: Decimal) -> Money:
    if returned > amount.amount:
        raise BadInput(f"{returned} were given back of {amount}", where=row.where, remedy="check the two columns")
    with row.telling():
        rest = told_money(amount.amount - returned, amount.currency)
    assert rest is not None
    return rest


def _no_payment(row: Row) -> str | None:
    """Why a row is no money that came in; None where it is."""
    status = fold(row.need("status"))
    if fold(row.get("mode") or "") == "test":
        return "payments in test mode: no money moved"
    if status in _UNPAID:
        return "payments that failed or were not finished: no deals"
    if fold(row.get("captured") or "") == "false":
        return "payments that were authorised and not taken: no deals"
    return (
        None
        if status in _PAID
        else f"payments with the status {row.need('status')[:40]!r}, which is in no list: no deals"
    )


def _payer(row: Row, context: Context, left: Left) -> str | None:
    """By mail, else by Stripe's own id of the customer, else nobody."""
    known = person(row, context, row.get("mail"))
    if known is not None or context.person is None:
        return known
    customer = row.get("customer")
    if customer is None:
        left.out("payments that name nobody: each counts as a client of its own")
        return None
    left.out("payments that name the customer by Stripe's id alone: they join no lead; export Customer Email too")
    return context.person(f"stripe:{customer}")


def _revenue(deals: Sequence[tuple[int, Deal]]) -> dict[str, str]:
    """What came in per currency: never one sum of two."""
    sums: dict[str, Money] = {}
    for _, deal in deals:
        if deal.amount is not None:
            known = sums.get(deal.amount.currency)
            sums[deal.amount.currency] = deal.amount if known is None else known + deal.amount
    return {f"revenue {currency}": str(money.amount) for currency, money in sorted(sums.items())}


def customers(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Customers who paid are clients. One whose metadata hold a code of ours came by that link: a lead."""
    left = Left()
    clients: list[tuple[int, Buyer]] = []
    leads: list[tuple[int, Lead]] = []
    made = zip(rows, instants(rows, "created", context, zone=UTC), numbers(rows, "spend"), numbers(rows, "payments"),
               strict=True)  # fmt: skip
    for row, at, spend, count in made:
        row.need("created")
        assert at is not None
        who = person(row, context, row.get("mail"))
        with row.telling():
            check_come(at, context.now, "the customer")
        lead = asking(row, context, "stripe", f"stripe:{row.need('id')}", at, person=who)
        if lead.code:
            leads.append((row.line, lead))
        if spend is None and count is None:
            left.out("customers of whom the file does not say whether they paid: export Total Spend too")
        elif not (spend or count):
            left.out("customers who paid nothing: no clients")
        elif who is None:
            left.out("customers without a mail address: they cannot be told from others, and were left out")
        else:
            clients.append((row.line, Buyer(who, at)))
    return Facts(
        leads=tuple(leads), buyers=tuple(clients), notes=left.notes(), zoned=True,
        totals={"clients": str(len(clients)), "leads": str(len(leads))},
    )  # fmt: skip
