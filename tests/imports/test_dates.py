"""Dates by the column: what one value shows the others rely on, and what nothing shows is refused with its lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crosspost.domain.errors import BadInput
from crosspost.imports.dates import days, instants, is_month
from crosspost.imports.shape import Layout, Row
from tests.imports.reading import CONTEXT

PARIS = ZoneInfo("Europe/Paris")


def rows(*cells: str) -> list[Row]:
    layout = Layout("file.csv", ("at",), {"at": 0}, {})
    return [Row(line, (cell,), layout) for line, cell in enumerate(cells, 2)]


def read(*cells: str, **given: Any) -> list[str | None]:
    context = replace(CONTEXT, **{name: given.pop(name) for name in ("dates", "zone") if name in given})
    found = instants(rows(*cells), "at", context, **given)
    return [None if one is None else one.astimezone(UTC).strftime("%Y-%m-%d %H:%M") for one in found]


@pytest.mark.parametrize(("cell", "says"), [
    ("2026-04-03", "2026-04-03 00:00"), ("2026-04-03T14:30+02:00", "2026-04-03 12:30"),
    ("20260403", "2026-04-03 00:00"),
    ("2026-04-03 14:30:05 UTC", "2026-04-03 14:30"), ("2026-04-03 14:30 +0000", "2026-04-03 14:30"),
    ("2026-04-03T14:30:05.123Z", "2026-04-03 14:30"), ("2026/04/03", "2026-04-03 00:00"),
    ("2026-4-3 9:05", "2026-04-03 09:05"), ("31/03/2026", "2026-03-31 00:00"), ("03/31/2026", "2026-03-31 00:00"),
    ("31.03.2026 14:30", "2026-03-31 14:30"), ("31/03/2026 à 14h30", "2026-03-31 14:30"),
    ("03/31/2026, 2:05 PM", "2026-03-31 14:05"),
    ("04/04/2026", "2026-04-04 00:00"),
    ("Apr 3, 2026", "2026-04-03 00:00"), ("April 3, 2026, 12:05 am", "2026-04-03 00:05"),
    ("3 Apr 2026", "2026-04-03 00:00"),
    ("3 avril 2026", "2026-04-03 00:00"), ("3 avr. 2026", "2026-04-03 00:00"), ("1er août 2026", "2026-08-01 00:00"),
    ("vendredi 3 avril 2026 à 14h05", "2026-04-03 14:05"), ("14 févr. 2026 14:05", "2026-02-14 14:05"),
    ("mar. 3 mars 2026", "2026-03-03 00:00"), ("Fri, 03 Apr 2026 10:00:00 GMT", "2026-04-03 10:00"),
    ("Fri Apr 03 10:00:00 +0200 2026", "2026-04-03 08:00"), ("Apr 3, 2026 at 10:00 (UTC)", "2026-04-03 10:00"),
])  # fmt: skip
def test_one_date_in_many_forms(cell: str, says: str) -> None:
    assert read(cell) == [says]


@pytest.mark.parametrize("cell", [
    "never", "2026", "32/01/2026", "30/02/2026", "2026-02-30", "13/13/2026", "3 Foo 2026", "March", "12:30", "46115",
    "3/4/26", "2026-04-03 25:00", "0 avril 2026", "2026-04-03 14:30 CET", "13:00 PM 3 Apr 2026", "1/2/3/2026", "9" * 70,
    "April 2026 10:00", "٣/٤/٢٠٢٦", "2026-04-03T00:00+99:99",
])  # fmt: skip
def test_what_is_no_date_is_refused_with_its_line(cell: str) -> None:
    with pytest.raises(BadInput, match=r"file\.csv:3"):
        read("2026-04-03", cell)


def test_a_value_of_the_column_tells_what_the_others_mean() -> None:
    assert read("03/04/2026", "31/03/2026", "") == ["2026-04-03 00:00", "2026-03-31 00:00", None]
    assert read("03/04/2026", "12/21/2025", "2026-05-24") == [
        "2026-03-04 00:00",
        "2025-12-21 00:00",
        "2026-05-24 00:00",
    ]


def test_without_such_a_value_the_rows_are_refused_until_the_owner_says() -> None:
    with pytest.raises(BadInput, match=r"'03/04/2026' could be two days \(lines 2, 4\)") as refusal:
        read("03/04/2026", "05/05/2026", "01/02/2026")
    assert refusal.value.where == "file.csv:2"
    assert "--dates" in str(refusal.value.remedy)
    with pytest.raises(BadInput, match="lines 2, 3, 4, 5, 6 and 2 more"):
        read(*["03/04/2026"] * 7)
    assert read("03/04/2026", dates="day-first") == ["2026-04-03 00:00"]
    assert read("03/04/2026", dates="month-first") == ["2026-03-04 00:00"]


def test_a_column_of_both_orders_is_refused_whatever_the_owner_says() -> None:
    with pytest.raises(BadInput, match="both orders: '31/03/2026' on line 3, '03/31/2026' on line 4"):
        read("03/04/2026", "31/03/2026", "03/31/2026", dates="day-first")
    assert read("31/03/2026", "03/31/2026") == ["2026-03-31 00:00"] * 2, "each of them can be only one day"


def test_a_kinds_own_format_comes_first() -> None:
    assert read("03/04/26 14:30", formats=("%d/%m/%y %H:%M",)) == ["2026-04-03 14:30"]
    assert read("03/04/2026", formats=("%m/%d/%Y",)) == ["2026-03-04 00:00"]


def test_a_zone_of_the_cell_beats_the_kinds_and_that_the_owners() -> None:
    assert read("2026-07-01 10:00", zone=PARIS) == ["2026-07-01 08:00"]
    found = instants(rows("2026-07-01 10:00", "2026-07-01 10:00+05:00"), "at", replace(CONTEXT, zone=PARIS), zone=UTC)
    assert [one.astimezone(UTC).hour for one in found if one] == [10, 5]


def test_days_and_months() -> None:
    assert days(rows("2026-04", "mars 2026", "04/2026", "2026-04-03 23:30-05:00"), "at", CONTEXT) == [
        date(2026, 4, 1), date(2026, 3, 1), date(2026, 4, 1), date(2026, 4, 3),
    ]  # fmt: skip
    assert is_month("mars 2026")
    assert not is_month("3 mars 2026")
    with pytest.raises(BadInput, match="names no day"):
        read("2026-04")


def test_every_day_of_a_year_reads_back_in_every_form() -> None:
    first = date(2026, 1, 1)
    year = [first + timedelta(days=at) for at in range(365)]
    for form in ("%d/%m/%Y", "%m/%d/%Y", "%d %B %Y", "%b %d, %Y", "%Y/%m/%d", "%a %d %b %Y"):
        assert days(rows(*(one.strftime(form) for one in year)), "at", CONTEXT) == year, form


def test_a_time_keeps_its_zone() -> None:
    [found] = instants(rows("2026-07-01T10:00+02:00"), "at", CONTEXT)
    assert found is not None
    assert found.isoformat() == datetime.fromisoformat("2026-07-01T10:00+02:00").isoformat()
