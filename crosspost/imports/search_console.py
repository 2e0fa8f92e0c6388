"""Search Console, Performance: what people searched for, and how often the site was shown and clicked in the results.

Source and columns: columns/search-console.toml. Its clicks are not visits and its impressions no network's: their
names say so, and nothing adds them to others. Days are Pacific, as Google counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from crosspost.domain.errors import BadInput
from crosspost.imports.dates import days, needed
from crosspost.imports.shape import Context, Facts, Row, fold
from crosspost.imports.sheet import Sheet
from crosspost.imports.tallying import Metric, base, of, on, sums, tallies, told

METRICS = {"clicks": Metric("search_clicks"), "impressions": Metric("search_impressions")}
_BY = ("query", "page", "country", "device", "appearance")


def performance(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """A table by day, query, page, country, device or appearance. Positions and rates are no counts."""
    by = next((name for name in _BY if rows and rows[0].has(name)), "day")
    empty = base("search_console", by, *_span(sheet, rows, by, context))
    if by == "day":
        dates = needed(rows, "day", days(rows, "day", context))
        bases = [on(empty, day) for day in dates]
    else:
        field = {"query": "term", "page": "page"}.get(by, "label")
        bases = [of(empty, **{field: told(row, by)}) for row in rows]
    found = tallies(rows, METRICS, bases, context)
    return Facts(tallies=found, totals=sums(found), zoned=True)


def compared(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Refused: "last 28 days" are of no date."""
    raise BadInput(
        "compares two periods and does not say which days they are", where=sheet.place,
        remedy="export it from Search Console without a comparison",
    )  # fmt: skip


def _span(sheet: Sheet, rows: Sequence[Row], by: str, context: Context) -> tuple[date, date]:
    """The period of the table: of the table of days beside it in the file, else what the owner said."""
    if by == "day":
        return date.min, date.max
    found = [day for other in sheet.beside for day in _days_of(other)]
    return (min(found), max(found) + timedelta(days=1)) if found else context.period(sheet)


def _days_of(sheet: Sheet) -> list[date]:
    """The days of a table by day; none where it is another one."""
    if not sheet.header or fold(sheet.header[0]) not in ("date", "dates"):
        return []
    found = []
    for _, cells in sheet.rows:
        try:
            found.append(date.fromisoformat(cells[0]))
        except ValueError:
            return []
    return found
