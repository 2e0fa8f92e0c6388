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
    every = source.rows("posting_hours")
    found = [row for row in every if row["hour"] is not None]
    days = [whole(row["posts"]) for row in every if row["hour"] is None]
    if not found:
        return source.left_out("calendar", words("calendar.days_only" if days else "no_posts"))
    common = source.common("calendar", "posting_hours", zone=source.audit.brand.zone)
    hours = range(min(whole(row["hour"]) for row in found), max(whole(row["hour"]) for row in found) + 1)
    panels = tuple(_panel(source, found, kind, hours) for kind in ("posts", "clicks"))
    common["title"] = words("calendar.title")
    common["left_out"] = tuple((words.count_of(number, "post"), words("calendar.days_only")) for number in days)
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
    label, columns = words(f"calendar.{kind}"), tuple(str(hour) for hour in hours)
    if all(count is None for count in counts.values()):
        reason = words.tell(source.reason("posting_hours", 0, kind))
        return GridPanel(label=label, columns=columns, rows=(), reason=reason)
    rows = tuple(
        GridRow(
            label=words.weekday(day),
            cells=tuple(_square(source, whole(counts.get((day, hour)) or 0)) for hour in hours),
        )
        for day in DAYS
    )
    return GridPanel(label=label, columns=columns, rows=rows)


def _square(source: Source, count: int) -> Square:
    return Square(float(count), source.words.short(count) if count else "")
