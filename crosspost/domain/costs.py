"""What networks ask for requests: prices as data, charges, and what these come to. Nothing is converted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from crosspost.domain.errors import BadInput

MICROS = 1_000_000  # of a unit of currency; prices go down to a thousandth of a dollar
OVERRIDE = "price_"  # account setting `price_post_with_link` replaces the price of `post_with_link`
_MOST = Decimal(1000)  # of one unit; more is a slip of the keyboard


@dataclass(frozen=True, slots=True)
class Prices:
    """Of one unit of each action, in `currency` (ISO 4217)."""

    currency: str
    each: Mapping[str, Decimal]
    source: str
    read_on: date


@dataclass(frozen=True, slots=True)
class Charge:
    """So many units of one action. Not `sure` where nothing proves that the network took the request."""

    action: str
    count: int = 1
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Cost:
    """What charges come to. `micros` are millionths of the currency's unit."""

    charges: tuple[Charge, ...]
    prices: Prices

    def micros_of(self, charge: Charge) -> int:
        return int(self.prices.each[charge.action] * charge.count * MICROS)

    @property
    def micros(self) -> int:
        return sum(self.micros_of(one) for one in self.charges)

    @property
    def currency(self) -> str:
        return self.prices.currency

    def __str__(self) -> str:
        return f"{amount(self.micros)} {self.currency}"


def amount(micros: int) -> Decimal:
    """Micros as an amount, with three decimals unless it needs more: `Decimal("0.200")`."""
    exact = Decimal(micros) / MICROS
    rounded = exact.quantize(Decimal("0.001"))
    return rounded if rounded == exact else exact


def priced(prices: Prices, settings: Mapping[str, str]) -> Prices:
    """The prices of one account: `price_<action>` among its settings replaces a price. Raises BadInput."""
    changed = {}
    for name, written in settings.items():
        if not name.startswith(OVERRIDE):
            continue
        action = name.removeprefix(OVERRIDE)
        if action not in prices.each:
            known = ", ".join(OVERRIDE + one for one in prices.each)
            raise BadInput(f"{name} is no price of this network", remedy=f"one of {known}")
        changed[action] = money(written, name)
    return replace(prices, each={**prices.each, **changed}) if changed else prices


def money(written: str, what: str) -> Decimal:
    """An amount a person wrote, with a point and at most six decimals. Raises BadInput."""
    try:
        value = Decimal(written)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value <= _MOST * 1000 or value * MICROS % 1:
        raise BadInput(f"{what} is {written!r}", remedy="write an amount such as 0.200")
    return value
