"""Plausible: the zip of its export, one table of days for each thing the visits are by.

Source and columns: columns/plausible-*.toml. Visitors are counted per day anew, so they are never added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from crosspost.imports.dates import days, needed
from crosspost.imports.shape import Context, Facts, Row
from crosspost.imports.sheet import Sheet
from crosspost.imports.tallying import Metric, base, of, sums, tallies, told

METRICS = {
    "visits": Metric("visits"), "visitors": Metric("visitors", additive=False), "pageviews": Metric("pageviews"),
    "bounces": Metric("bounces"), "seconds": Metric("visit_seconds"), "events": Metric("events"),
}  # fmt: skip


def visitors(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """The whole site by day."""
    return _facts(rows, context, "day", [{} for _ in rows])


def sources(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """By day and where the visits came from. A source without a name is a visit without one: direct, or untold."""
    return _facts(rows, context, "day+source", [_source(row) for row in rows])


def entry_pages(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """By day and the page the visit began on."""
    return _facts(rows, context, "day+entry page", [{"page": told(row, "page")} for row in rows])


def pages(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """By day and page, with the host it is on."""
    return _facts(rows, context, "day+page", [{"page": told(row, "page"), "site": told(row, "host")} for row in rows])


def events(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """By day and what visitors did: a goal, a link out, a download."""
    return _facts(rows, context, "day+event", [
        {"label": told(row, "name"), "page": told(row, "page") or told(row, "link")} for row in rows
    ])  # fmt: skip


def others(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Tables by browser, device, system, place and exit page: the same visits again, by what nothing here asks."""
    note = "tables by browser, device, system, place and exit page were left out: the same visits again"
    return Facts(notes=(note,), zoned=True)


def _source(row: Row) -> dict[str, str | None]:
    """What was tagged comes before what Plausible made of the referrer; both are kept."""
    seen = [name for name in (told(row, "source"), told(row, "referrer")) if name]
    return {
        "source": told(row, "utm_source") or next(iter(seen), None), "label": " / ".join(seen) or None,
        "medium": told(row, "medium"), "campaign": told(row, "campaign"), "content": told(row, "content"),
        "term": told(row, "term"),
    }  # fmt: skip


def _facts(rows: Sequence[Row], context: Context, by: str, dimensions: Sequence[dict[str, str | None]]) -> Facts:
    dates = needed(rows, "day", days(rows, "day", context))
    bases = [
        of(base("plausible", by, day, day + timedelta(days=1)), **mine)
        for day, mine in zip(dates, dimensions, strict=True)
    ]
    found = tallies(rows, METRICS, bases, context)
    return Facts(tallies=found, totals=sums(found), zoned=True)
