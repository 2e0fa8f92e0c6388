"""Matomo: a report's export or a scheduled report of many tables, each under its title. No table says of which days.

Source and columns: columns/matomo.toml, titles.toml. Its days are the site's, whose zone the file does not tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from crosspost.domain.tally import Tally
from crosspost.imports.dates import days, needed
from crosspost.imports.shape import Context, Facts, Row, fold
from crosspost.imports.sheet import Sheet
from crosspost.imports.tallying import Metric, base, of, on, sums, tallies, told
from crosspost.imports.titles import titled

METRICS = {
    "visits": Metric("visits"), "visitors": Metric("visitors", additive=False), "actions": Metric("actions"),
    "goals": Metric("conversions"),
}  # fmt: skip


def report(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Visits by what the title says the labels are; by day where there is a column of dates; else the whole."""
    dated = bool(rows) and rows[0].has("day")
    labelled = bool(rows) and rows[0].has("label")
    word = (titled("matomo", sheet.title) or "label") if labelled else "total"
    by = f"{word}+day" if dated and labelled else "day" if dated else word
    if word == "label":
        by = f"{by}: {fold(sheet.title or 'no title')}"[:64]
    start, end = (date.min, date.max) if dated else context.period(sheet)
    bases = [_base(row, word, base("matomo", by, start, end)) for row in rows]
    if dated:
        bases = [on(one, day) for one, day in zip(bases, needed(rows, "day", days(rows, "day", context)), strict=True)]
    found = tallies(rows, METRICS, bases, context)
    return Facts(tallies=found, totals=sums(found), zoned=True)


def _base(row: Row, word: str, empty: Tally) -> Tally:
    label = told(row, "label")
    if word == "total" or label is None:
        return empty
    if word == "network":
        return of(empty, source=label)
    if word in ("channel_group", "campaign", "source", "page"):
        return of(empty, **{word: label})
    return of(empty, label=label)
