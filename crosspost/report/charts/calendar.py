"""When posts went out and when their links were followed: counts by hour of the week, in the brand's zone."""

from __future__ import annotations

from collections.abc import Sequence

from crosspost.report.charts.source import Record, Source, finish, whole
from crosspost.report.records import Chart, LeftOut
from crosspost.report.records.grid import Grid, GridPanel, GridRow, Square

DAYS = range(1, 8)


def calendar(source: Source) -> Chart | LeftOut:
    """A panel of posts and one of clicks, on the same hours: the first to the last in which there was either."""
    words = source.words
    found = source.rows("posting_hours")
    if not found:
        return source.left_out("calendar", words("no_posts"))
    common = source.common("calendar", "posting_hours", zone=source.audit.brand.zone)
    hours = range(min(whole(row["hour"]) for row in found), max(whole(row["hour"]) for row in found) + 1)
    panels = tuple(_panel(source, found, kind, hours) for kind in ("posts", "clicks"))
    common["title"] = words("calendar.title")
    parts = []
    for panel in panels:
        shown = panel.rows if panel.reason is None else ()
        counts = [f"{row.label} {hour} {cell.text}" for row in shown
                  for hour, cell in zip(panel.columns, row.cells, strict=True) if cell.value]  # fmt: skip
        parts.append(words.labelled(panel.label, ", ".join(counts) or panel.reason or words.number(0)))
    return finish(source, Grid, {**common, "panels": panels}, parts)


def _panel(source: Source, found: Sequence[Record], kind: str, hours: range) -> GridPanel:
    words = source.words
    counts = {(whole(row["weekday"]), whole(row["hour"])): row[kind] for row in found}
    reason = None
    if all(count is None for count in counts.values()):
        reason = words.tell(source.reason("posting_hours", 0, kind))
    rows = tuple(
        GridRow(
            label=words.weekday(day),
            cells=tuple(_cell(source, whole(counts.get((day, hour)) or 0)) for hour in hours) if reason is None else (),
        )
        for day in DAYS
    )
    return GridPanel(
        label=words(f"calendar.{kind}"), columns=tuple(str(hour) for hour in hours), rows=rows, reason=reason
    )


def _cell(source: Source, count: int) -> Square:
    return Square(float(count), source.words.short(count) if count else "")
