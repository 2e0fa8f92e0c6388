"""Money and periods refuse what would silently go wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from crosspost.domain.currencies import CODES, EXPONENTS
from crosspost.domain.money import Money, told
from crosspost.domain.period import Period, aware


def test_two_currencies_do_not_add_up() -> None:
    assert Money(Decimal("1.10"), "EUR") + Money(Decimal("2.20"), "EUR") == Money(Decimal("3.30"), "EUR")
    with pytest.raises(ValueError, match="cannot add USD to EUR"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "USD")


@pytest.mark.parametrize(("amount", "currency", "minor"), [
    ("12.34", "EUR", 1234), ("1500", "JPY", 1500), ("1.234", "TND", 1234), ("0.125", "EUR", 12), ("-3.10", "EUR", -310),
])  # fmt: skip
def test_minor_units_follow_the_currency(amount: str, currency: str, minor: int) -> None:
    money = Money(Decimal(amount), currency)
    assert money.minor == minor
    assert Money.from_minor(minor, currency).minor == minor


@pytest.mark.parametrize(("amount", "currency"), [
    ("NaN", "EUR"), ("Infinity", "EUR"), ("1", "euro"), ("1", "eur"), ("1", "ZZZ"), ("1e15", "EUR"), ("1e5000", "EUR"),
])  # fmt: skip
def test_what_is_no_money_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        Money(Decimal(amount), currency)


def test_a_float_is_no_money() -> None:
    with pytest.raises(TypeError):
        Money(1.5, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize(("amount", "currency", "says"), [
    ("-50", "EUR", "below zero"), ("12.345", "EUR", "2 decimals"), ("0.5", "JPY", "0 decimals"),
    ("1000000000000", "EUR", "too large"), ("5", "ZZZ", "ISO 4217"), ("NaN", "EUR", "not an amount"),
])  # fmt: skip
def test_what_nobody_can_have_paid_is_refused(amount: str, currency: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        told(Decimal(amount), currency)


def test_what_can_have_been_paid_is_kept() -> None:
    assert told(Decimal("12.3400"), "EUR").minor == 1234
    assert told(Decimal("12.345"), "TND").minor == 12345
    assert str(told(Decimal("-0.00"), "EUR")) == "0 EUR"
    assert told(Decimal("-5"), "EUR", loss=True).minor == -500
    assert EXPONENTS.keys() <= CODES


@pytest.mark.parametrize("instant", [
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=9))),
    datetime(1969, 12, 31, 23, 59, tzinfo=UTC), datetime(2201, 1, 1, tzinfo=UTC),
])  # fmt: skip
def test_times_of_no_business_are_refused(instant: datetime) -> None:
    with pytest.raises(ValueError, match="1970 to 2200"):
        aware(instant)


def test_naive_instants_are_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        aware(datetime(2026, 1, 1))
    assert aware(datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2)))).hour == 22


def test_a_period_has_its_start_and_not_its_end() -> None:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    period = Period(start, end)
    assert start in period
    assert end not in period
    assert period.days == 31
    with pytest.raises(ValueError, match="cannot end"):
        Period(end, start)
