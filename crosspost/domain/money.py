"""Money: a `Decimal` and an ISO 4217 currency. Adding two currencies is an error."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from crosspost.domain.currencies import CODES, EXPONENTS

LARGEST = Decimal(10) ** 15  # sums stay below it; in minor units it fits 64 bits
LARGEST_TOLD = Decimal(10) ** 12  # one sale or one fee


def exponent(currency: str) -> int:
    """Decimal places of the currency's minor unit (ISO 4217)."""
    return EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """Raises ValueError for what is no finite amount below `LARGEST`, or no currency."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError("money is a Decimal: a float would lose cents")
        if not self.amount.is_finite() or not abs(self.amount) < LARGEST:
            raise ValueError(f"{_short(self.amount)} is not an amount of money")
        if self.currency not in CODES:
            raise ValueError(f"{self.currency[:12]!r} is not an ISO 4217 currency code such as EUR")

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount + other.amount, self.currency)

    @property
    def minor(self) -> int:
        """The amount in the currency's minor unit (cents), rounded half to even."""
        return int(self.amount.scaleb(exponent(self.currency)).to_integral_value(ROUND_HALF_EVEN))

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Money:
        return cls(Decimal(minor).scaleb(-exponent(currency)), currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def told(amount: Decimal, currency: str, what: str = "amount", *, loss: bool = False) -> Money:
    """An amount as a person, a file or a program told it; `loss`: it may be below zero.

    Raises ValueError for anything a stored amount cannot be: below zero, 10¹² or more, a fraction of a cent.
    """
    money = Money(amount, currency)
    if abs(amount) >= LARGEST_TOLD:
        raise ValueError(f"{what} {_short(amount)} is too large: under {LARGEST_TOLD:,} is possible")
    if amount < 0 and not loss:
        raise ValueError(f"{what} {_short(amount)} is below zero")
    places = exponent(currency)
    if amount and -int(amount.normalize().as_tuple().exponent) > places:
        raise ValueError(f"{what} {_short(amount)} has more decimals than {currency}, which has {places} decimals")
    return money if amount else Money(Decimal(0), currency)


def _short(amount: Decimal) -> str:
    text = str(amount)
    return text if len(text) <= 24 else f"{text[:24]}…"
