"""Numbers by the column, in two languages; and that what is missing is never zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from crosspost.domain.errors import BadInput
from crosspost.imports import numbers
from crosspost.imports.shape import Layout, Row
from tests.imports.reading import CONTEXT

Read = Callable[[Sequence[Row], str], list[Decimal | None]]


def rows(*cells: str, currency: str | None = None) -> list[Row]:
    layout = Layout("f.csv", ("n",), {"n": 0}, {} if currency is None else {"currency": currency})
    return [Row(line, (cell,), layout) for line, cell in enumerate(cells, 2)]


def read(how: Read, *cells: str) -> list[str | None]:
    return [None if one is None else str(one) for one in how(rows(*cells), "n")]


@pytest.mark.parametrize(
    "cell", ["", "-", "–", "—", "n/a", "N/D", "No data available", "Aucune donnée disponible", "NaN"]
)
def test_what_says_that_there_is_none_is_not_zero(cell: str) -> None:
    assert read(numbers.numbers, cell, "0") == [None, "0"]
    reason = numbers.missing(cell or None)
    assert reason == ("blank in the file" if not cell else f"the file says {cell!r}")
    assert numbers.missing("0") is None


def test_spaces_signs_and_marks() -> None:
    assert read(numbers.numbers, "1 234,56", "1\u202f234,5", "1\u00a0000", "\u22125,5") == [
        "1234.56",
        "1234.5",
        "1000",
        "-5.5",
    ]
    assert read(numbers.numbers, "1'234.50", "1’234.50", "1,234.5") == ["1234.50", "1234.50", "1234.5"]


@pytest.mark.parametrize("cell", ["5 6", "1 2 3", "1 234,5 6", "12 34", "2026 1"])
def test_numbers_beside_each_other_are_not_one(cell: str) -> None:
    with pytest.raises(BadInput, match="is not a number"):
        read(numbers.numbers, cell)


def test_shares_are_fractions_however_they_are_written() -> None:
    assert read(numbers.shares, "62,5 %", "4%", "0,625") == ["0.625", "0.04", "0.625"]
    assert read(numbers.shares, "0.35130830489192266", "") == ["0.35130830489192266", None]


def test_durations_are_seconds() -> None:
    assert read(numbers.seconds, "00:22:49", "22:49", "1 min 5 s", "2 h 3 min", "00:00:00", "34.9", "") == [
        "1369", "1369", "65", "7380", "0", "34.9", None,
    ]  # fmt: skip


def test_counts_are_not_below_zero() -> None:
    with pytest.raises(BadInput, match=r"f\.csv:3: n is below zero"):
        read(numbers.counts, "1", "-1")


@pytest.mark.parametrize(
    "cell",
    [
        "lots",
        "1" + " 234" * 20_000 + "5",
        "1e30",
        "1_000",
        "١٢٣",
        "１２",
        "5 %",
        "--5",
        "1.2.3",
        "0x10",
        "9" * 5000,
        "½",
        "5€5x",
    ],
)
def test_what_is_no_number_is_refused_with_its_line(cell: str) -> None:
    with pytest.raises(BadInput, match=r"^f\.csv:3: .* is not a number"):
        read(numbers.numbers, "1", cell)


def test_two_readings_are_refused_unless_the_column_tells() -> None:
    with pytest.raises(BadInput, match="two numbers"):
        read(numbers.numbers, "1.234")
    assert read(numbers.numbers, "1.234", "5,6") == ["1234", "5.6"]
    assert read(numbers.numbers, "1,234", "5,6") == ["1.234", "5.6"]


@pytest.mark.parametrize(("cell", "says"), [
    ("1 234,56 €", "1234.56 EUR"), ("€1,234.56", "1234.56 EUR"), ("£5.00", "5.00 GBP"), ("12.50 USD", "12.50 USD"),
    ("chf 3.10", "3.10 CHF"), ("7.00", "7.00 EUR"), ("1 234,56\u202f€", "1234.56 EUR"),
])  # fmt: skip
def test_money_with_its_sign_or_code(cell: str, says: str) -> None:
    assert [str(one) for one in numbers.amounts(rows(cell), "n", CONTEXT)] == [says]


def test_a_dollar_is_the_one_that_is_told() -> None:
    dollars = replace(CONTEXT, currency="CAD")
    assert str(numbers.amounts(rows("$ 13361.11"), "n", dollars)[0]) == "13361.11 CAD"
    assert str(numbers.amounts(rows("$5.00", currency="usd"), "n", CONTEXT)[0]) == "5.00 USD"
    with pytest.raises(BadInput, match=r"in \$, and not in EUR"):
        numbers.amounts(rows("$5.00"), "n", CONTEXT)
    with pytest.raises(BadInput, match="in EUR, and its currency says USD"):
        numbers.amounts(rows("5,00 €", currency="USD"), "n", CONTEXT)
