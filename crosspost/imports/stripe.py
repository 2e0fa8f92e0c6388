"""Stripe's payments and customers. What came in and stayed is a deal; a payment that carries our code is a lead too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal

from crosspost.domain.business import Deal, Lead, check_come, check_deal
from crosspost.domain.errors import BadInput
from crosspost.domain.money import Money
from crosspost.imports.asking import Left, asking, is_mail, person
from crosspost.imports.dates import instants
from crosspost.imports.numbers import amounts, numbers
from crosspost.imports.shape import Buyer, Context, Facts, Returned, Row, fold
from crosspost.imports.sheet import Sheet

# What a payment's status may say. Whatever is in neither list is told, and is no deal.
_REFUNDED = frozenset({"refunded", "partially refunded", "partial refund"})
_PAID = _REFUNDED | {"paid", "succeeded", "disputed", "early fraud warning"}
_UNPAID = frozenset({
    "failed", "canceled", "cancelled", "incomplete", "uncaptured", "pending", "processing", "blocked", "expired",
    "requires payment method", "requires confirmation", "requires action", "requires capture",
})  # fmt: skip


def payments(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Each payment is a sale of its payer; what was given back is taken off it.

    The amount is the one charged, in the currency charged: what Stripe converted it to moves with the day's rate. A
    payment given back wholly is no deal, unless it was one before.
    """
    left = Left()
    left.currency(rows, "amount", context)
    times = {name: instants(rows, name, context, zone=UTC) for name in ("created", "refunded_at")}
    returned = list(zip(amounts(rows, "refunded", context), amounts(rows, "disputed", context), strict=True))
    leads: list[tuple[int, Lead]] = []
    deals: list[tuple[int, Deal]] = []
    back: list[tuple[int, Returned]] = []
    for at, (row, charged) in enumerate(zip(rows, amounts(rows, "amount", context), strict=True)):
        row.need("created")
        created = times["created"][at]
        assert created is not None
        if (why := _no_payment(row)) is not None:
            left.out(why)
            continue
        if charged is None:
            raise BadInput("the amount is missing", where=row.where, remedy="export the payments again")
        name = f"stripe:{row.need('id')}"
        total = _given_back(row, charged, *returned[at])
        if total.amount:
            back.append((row.line, Returned(name, total, times["refunded_at"][at] or created)))
            whole = total.amount == charged.amount
            left.out(
                f"payments that were given back {'wholly: no deals' if whole else 'in part: counted at what was left'}"
            )
            if whole:
                continue
        if (row.get("converted_currency") or "").upper() not in ("", charged.currency):
            left.out("payments that Stripe converted to another currency: counted in the one charged")
        who = _payer(row, context, left)
        came = asking(row, context, "stripe", name, created, person=who)
        by_link = bool(came.code or came.channel)  # by a link, and paid: nothing earlier is known of them
        if by_link:
            leads.append((row.line, came))
        deal = Deal("stripe", name, created, charged, lead_source_id=name if by_link else None, person=who)
        with row.telling():
            check_deal(deal, context.now)
        deals.append((row.line, deal))
    return Facts(
        leads=tuple(leads), deals=tuple(deals), returned=tuple(back), notes=left.notes(), zoned=True,
        totals={"deals": str(len(deals)), **_revenue(deals, back)},
    )  # fmt: skip


def _given_back(row: Row, charged: Money, refunded: Money | None, disputed: Money | None) -> Money:
    """Refunds, and disputes that were lost, in the currency charged. Raises BadInput where they cannot be counted."""
    if refunded is None and fold(row.get("status") or "") in _REFUNDED:
        raise BadInput("was refunded, and nothing says how much", where=row.where, remedy="export Amount Refunded too")
    total = abs(refunded.amount) if refunded else Decimal(0)
    if disputed is not None and fold(row.get("dispute_status") or "") == "lost":
        total += abs(disputed.amount)
    if total > charged.amount:
        raise BadInput(f"{total} were given back of {charged}", where=row.where, remedy="check the columns")
    return Money(total, charged.currency)


def _no_payment(row: Row) -> str | None:
    """Why a row is no money that came in; None where it is."""
    said = row.need("status")
    status = fold(said)
    if fold(row.get("mode") or "") == "test":
        return "payments in test mode: no money moved"
    if status in _UNPAID:
        return "payments that failed or were not finished: no deals"
    if fold(row.get("captured") or "") == "false":
        return "payments that were authorised and not taken: no deals"
    return None if status in _PAID else f"payments with the status {said[:40]!r}, which is in no list: no deals"


def _payer(row: Row, context: Context, left: Left) -> str | None:
    """By mail, else by Stripe's own id of the customer, else nobody."""
    if is_mail(row.get("mail")) or context.person is None:
        return person(row, context, row.get("mail"))
    customer = row.get("customer")
    if customer is None:
        left.out("payments that name nobody: each counts as a client of its own")
        return None
    left.out("payments that name the customer by Stripe's id alone: they join no lead; export Customer Email too")
    return context.person(f"stripe:{customer}")


def _revenue(deals: Sequence[tuple[int, Deal]], back: Sequence[tuple[int, Returned]]) -> dict[str, str]:
    """What came in and stayed, per currency: never one sum of two."""
    returned = {one.deal: one.total.amount for _, one in back}
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for _, deal in deals:
        if deal.amount is not None:
            sums[deal.amount.currency] += deal.amount.amount - returned.get(deal.source_id, Decimal(0))
    return {f"revenue {currency}": str(amount) for currency, amount in sorted(sums.items())}


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
