"""Google Analytics 4: a report's or an exploration's CSV, whose period stands above the header only.

Source and columns: columns/ga4.toml. Its days are the property's, whose zone the file does not tell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from crosspost.domain.errors import BadInput
from crosspost.domain.period import ordinary
from crosspost.domain.tally import Tally
from crosspost.imports.counting import header_of, whole
from crosspost.imports.dates import days, needed
from crosspost.imports.shape import Context, Facts, Row, Stated, fold
from crosspost.imports.sheet import Sheet
from crosspost.imports.tallying import Metric, base, known, on, sums, tallies, told

METRICS = {
    "visits": Metric("visits"), "engaged_visits": Metric("engaged_visits"),
    "visitors": Metric("visitors", additive=False), "total_visitors": Metric("total_visitors", additive=False),
    "new_visitors": Metric("new_visitors"),
    "pageviews": Metric("pageviews"), "events": Metric("events"), "key_events": Metric("key_events"),
}  # fmt: skip
DIMENSIONS = ("channel_group", "source_medium", "source", "medium", "campaign", "content", "term", "page", "day")
_START = re.compile(r"(?:start date|date de debut|date de depart)\D{0,20}(\d{4})(\d{2})(\d{2})\b")
_END = re.compile(r"(?:end date|date de fin)\D{0,20}(\d{4})(\d{2})(\d{2})\b")
_BOTH = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})-(\d{4})(\d{2})(\d{2})(?!\d)")
_PROPERTY = re.compile(r"^(?:property|propriete)\s*:\s*(.+)$", re.IGNORECASE)
_MOST_DAYS = 36_500  # after the start of a report
_NUMBER = re.compile(r"[\d\s\u00a0\u202f.,:%€$£-]*")
_ALL = frozenset({"all users", "tous les utilisateurs", "all visitors"})
_GRAND = frozenset({"grand total", "total general"})


def report(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Sessions and what goes with them, by the dimensions of the table. The grand total is checked, not kept."""
    start, end = _period(sheet) or context.period(sheet)
    counted = [row for row in rows if not _is_grand(row)]
    more = _more_dimensions(counted)
    named = [*(name for name in DIMENSIONS if counted and counted[0].has(name)), *(sheet.header[at] for at in more)]
    by = "+".join(named) or "total"
    if segment := _segment(sheet):
        by = f"{by} of {segment}"
    empty = replace(base("ga4", by, start, end), site=_property(sheet))
    bases = [
        _base(row, empty if day is None else on(empty, day), more)
        for row, day in zip(counted, _days(counted, start, context), strict=True)
    ]
    found = tallies(counted, METRICS, bases, context)
    stated = tuple(one for row in rows if _is_grand(row) for one in _stated(row, counted))
    return Facts(tallies=found, totals=sums(found), stated=stated, zoned=True)


def _base(row: Row, empty: Tally, more: Sequence[int]) -> Tally:
    source, medium = told(row, "source"), told(row, "medium")
    if both := row.get("source_medium"):
        first, _, second = both.partition(" / ")
        source, medium = known(first.strip()), known(second.strip())
    others = "; ".join(f"{row.layout.header[at]}: {row.values[at]}" for at in more if row.values[at])
    return replace(
        empty, channel_group=told(row, "channel_group"), source=source,
        medium=medium, campaign=told(row, "campaign"), content=told(row, "content"), term=told(row, "term"),
        page=told(row, "page"), label=others or None,
    )  # fmt: skip


def _more_dimensions(rows: Sequence[Row]) -> list[int]:
    """The columns that rows are by and that are no field of ours: left of the first count, or not of numbers alone.

    Left out of what tells a row from another, two rows would be one number told twice.
    """
    if not rows:
        return []
    layout = rows[0].layout
    first = min((at for name, at in layout.fields.items() if name in METRICS), default=0)
    ours = set(layout.fields.values())
    return [
        at for at in range(len(layout.header))
        if at not in ours and (at < first or not all(_NUMBER.fullmatch(row.values[at]) for row in rows))
    ]  # fmt: skip


def _segment(sheet: Sheet) -> str | None:
    """The segment or comparison the report is of: the last line above the period that names nothing; None for all."""
    lines = [line.lstrip("# ").strip() for line in sheet.preamble]
    above = next((at for at, line in enumerate(lines) if _START.search(_plain(line))), 0)
    named = [line for line in lines[1:above] if line.strip("-") and ":" not in line]
    return None if not named or fold(named[-1]) in _ALL else named[-1]


def _days(rows: Sequence[Row], start: date, context: Context) -> list[date | None]:
    """The day of each row where the table is by day: `20260714`, or how many days after the start it is."""
    if not rows or not rows[0].has("day"):
        return [None] * len(rows)
    if fold(header_of(rows, "day")) == "date":
        return [*needed(rows, "day", days(rows, "day", context, formats=("%Y%m%d",)))]
    counts = needed(rows, "day", whole(rows, "day"))
    for row, count in zip(rows, counts, strict=True):
        if count > _MOST_DAYS:
            raise BadInput(f"the report has no day {count}", where=row.where, remedy="export it again")
    return [start + timedelta(days=int(count)) for count in counts]


def _period(sheet: Sheet) -> tuple[date, date] | None:
    """[start, end) as the lines above the table say; None where they do not."""
    text = " \n ".join(_plain(line) for line in (sheet.title or "", *sheet.preamble))
    start, end = _START.search(text), _END.search(text)
    both = _BOTH.search(text)
    if start and end:
        parts = (*start.groups(), *end.groups())
    elif both:
        parts = both.groups()
    else:
        return None
    numbers = [int(one) for one in parts]
    try:
        found = ordinary(date(*numbers[:3])), ordinary(date(*numbers[3:])) + timedelta(days=1)
    except ValueError:
        raise BadInput("states a period that is none", where=sheet.place, remedy="export it again") from None
    return found


def _property(sheet: Sheet) -> str | None:
    lines = (line.lstrip("# ").strip() for line in sheet.preamble)
    return next((found[1].strip() for line in lines if (found := _PROPERTY.match(_accents(line)))), None)


def _accents(line: str) -> str:
    return line.replace("é", "e")


def _plain(line: str) -> str:
    """Without accents, case and marks, but for what holds a date together."""
    return " ".join(fold(word) if not re.search(r"\d-\d", word) else word for word in line.split())


def _is_grand(row: Row) -> bool:
    """Whether it is the row of totals: it says so in front, or behind counts that are by nothing."""
    if not any(fold(cell) in _GRAND for cell in row.values):
        return False
    return fold(row.values[0]) in _GRAND or not any(row.get(name) for name in DIMENSIONS)


def _stated(grand: Row, counted: Sequence[Row]) -> list[Stated]:
    """Each total that the file states, beside the sum of its rows. Visitors are not added up."""
    found = []
    for name, metric in METRICS.items():
        if metric.additive and grand.has(name) and (value := whole([grand], name)[0]) is not None:
            total = sum((one for one in whole(counted, name) if one is not None), Decimal(0))
            found.append(Stated(metric.name, value, total))
    return found
