"""What posts and readings cost: told before, held against the budgets, and listed afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from crosspost.domain.brand import Account, Brand
from crosspost.domain.costs import Charge, Cost, Prices, amount, priced
from crosspost.domain.errors import BadInput
from crosspost.domain.facts import Facts
from crosspost.domain.teaser import Teaser
from crosspost.networks import network
from crosspost.networks.network import Billed
from crosspost.store import brands, spending
from crosspost.store.claims import for_nothing
from crosspost.store.spending import Held
from crosspost.store.store import Store

Pricer = Callable[[Teaser], Cost | None]


def prices_of(adapter: object, settings: Mapping[str, str]) -> Prices | None:
    """What an adapter (or its class) asks for requests, with the owner's overrides. Raises BadInput."""
    facts: Facts | None = getattr(adapter, "facts", None)
    return None if facts is None or facts.prices is None else priced(facts.prices, settings)


def pricer(adapter: object, settings: Mapping[str, str]) -> Pricer:
    """What a post costs with this adapter (or its class) and these settings of the account. Raises BadInput."""
    prices = prices_of(adapter, settings)
    if prices is None or not isinstance(adapter, Billed):
        return for_nothing
    return lambda teaser: Cost(adapter.cost_of_post(teaser), prices)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a post would cost; `without_link` is what it would cost with nothing to click in it."""

    currency: str
    amount: Decimal
    without_link: Decimal
    source: str

    def __str__(self) -> str:
        if self.amount == self.without_link:
            return f"{self.amount} {self.currency}"
        return f"{self.amount} {self.currency}, without its link {self.without_link}"


def estimate(account: Account, teaser: Teaser) -> Estimate | None:
    """None where posting is free. Raises BadInput for a price that is no amount."""
    price = pricer(network(account.network), account.settings)
    whole = price(teaser)
    bare = price(replace(teaser, text=""))
    if whole is None or bare is None:
        return None
    return Estimate(whole.currency, amount(whole.micros), amount(bare.micros), whole.prices.source)


def reading_held(
    store: Store, brand: Brand, account: Account, adapter: object, now: datetime, *, own: bool
) -> Held | None:
    """Why a budget does not let the metrics of a post, or the account's own, be read now."""
    prices = prices_of(adapter, account.settings)
    if prices is None or not isinstance(adapter, Billed):
        return None
    with store.write(brand.id) as scope:
        return spending.held(scope, account.id, Cost(adapter.cost_of_reading(account=own), prices), now)


def pages_afforded(
    store: Store, brand: Brand, account: Account, adapter: object, now: datetime, most: int
) -> tuple[int, str | None]:
    """How many pages of the account's list the budgets let be read now, and what they leave where that is fewer."""
    prices = prices_of(adapter, account.settings)
    if prices is None or not isinstance(adapter, Billed):
        return most, None
    page = Cost(adapter.cost_of_page(), prices)
    with store.read(brand.id) as scope:
        left = spending.left(scope, account.id, page.currency, now)
    if left is None or page.micros * most <= left:
        return most, None
    return left // page.micros, f"the budget leaves {amount(left)} {page.currency}, a page takes up to {page}"


def charger(store: Store, account: Account, prices: Prices, now: Callable[[], datetime]) -> Callable[[Charge], None]:
    """Records what an adapter was charged. A network may charge for what has no price here: it is left out."""

    def charge(one: Charge) -> None:
        if one.action in prices.each and one.count > 0:
            with store.write(account.brand_id) as scope:
                spending.add(scope, account.id, Cost((one,), prices), now())

    return charge


@dataclass(frozen=True, slots=True)
class SpentRow:
    """`unsure` is the part of `amount` that nothing proves to have been taken."""

    account: str
    action: str
    requests: int
    units: int
    amount: Decimal
    unsure: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """`account` is None for the brand as a whole; what was spent is of this day and this month."""

    account: str | None
    currency: str
    day: Decimal | None
    day_spent: Decimal
    month: Decimal | None
    month_spent: Decimal


@dataclass(frozen=True, slots=True)
class CostReport:
    brand: str
    month: str
    rows: tuple[SpentRow, ...]
    totals: Mapping[str, Decimal]
    budgets: tuple[BudgetRow, ...]


def report(store: Store, brand: Brand, month: datetime, now: datetime, account: Account | None = None) -> CostReport:
    """What was spent in the UTC month that starts at `month`, and how the budgets stand now."""
    with store.read(brand.id) as scope:
        names = {one.id: f"{one.network} {one.handle}" for one in brands.accounts(scope)}
        wanted = [account.id] if account else []
        found = spending.spent(scope, month, spending.next_month(month), wanted)
        budgets = []
        for one in spending.budgets(scope):
            if account is not None and one.account_id not in (None, account.id):
                continue
            day, so_far = spending.so_far(scope, one.account_id, one.currency, now)
            of = None if one.account_id is None else names.get(one.account_id, one.account_id)
            budgets.append(BudgetRow(of, one.currency, one.day, amount(day), one.month, amount(so_far)))
    totals: dict[str, int] = {}
    for row in found:
        totals[row.currency] = totals.get(row.currency, 0) + row.micros
    return CostReport(
        brand.slug,
        f"{month:%Y-%m}",
        tuple(
            SpentRow(
                names.get(row.account_id, row.account_id), row.action, row.requests, row.units, amount(row.micros),
                amount(row.unsure_micros), row.currency,
            )
            for row in found
        ),
        {currency: amount(micros) for currency, micros in totals.items()},
        tuple(budgets),
    )  # fmt: skip


def set_budget(
    store: Store, brand: Brand, account: Account | None, currency: str, day: Decimal | None, month: Decimal | None
) -> None:
    """Replace the budget of an account or the brand. Raises BadInput where nothing of it costs in that currency."""
    with store.write(brand.id) as scope:
        billed = [account] if account else brands.accounts(scope)
        known = [prices_of(network(one.network), one.settings) for one in billed if one.has_api]
        currencies = sorted({one.currency for one in known if one is not None})
        limited = day is not None or month is not None
        if limited and currency not in currencies:
            what = f"nothing of {f'{account.network} {account.handle}' if account else brand.slug} costs {currency}"
            raise BadInput(what, remedy=f"budgets are in {', '.join(currencies)}" if currencies else "it is free")
        spending.set_budget(scope, spending.Budget(account.id if account else None, currency, day, month))
