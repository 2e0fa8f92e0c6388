"""Which source tells which figure for which months; months in between of which it told nothing are holes."""

from __future__ import annotations

from crosspost.audit.results import Cell
from crosspost.domain.message import Figure
from crosspost.report.charts.source import ALL, MAX_ROWS, Record, Source, finish
from crosspost.report.language.words import Words
from crosspost.report.records import Chart, LeftOut
from crosspost.report.records.grid import Grid, GridPanel, GridRow, Square

_MONTHS_NAMED = 18  # of more, only the years are written


def coverage(source: Source) -> Chart | LeftOut:
    """A row per figure and origin, a column per month; figures of one origin where all rows would be too many."""
    words = source.words
    found = [row for row in source.rows("coverage") if row["told"]]
    if not found:
        return source.left_out("coverage", words("coverage.none"))
    common = source.common("coverage", "coverage")
    several = {(row["figure"], row["of"]) for row in found if row["origin"] == ALL}
    shown = [row for row in found if row["origin"] != ALL]
    if len(shown) > MAX_ROWS:
        shown = [row for row in found if row["origin"] == ALL or (row["figure"], row["of"]) not in several]
    common["left_out"] = source.more(len(shown) - MAX_ROWS, "coverage")
    shown = shown[:MAX_ROWS]
    first = min(_month(row) for row in shown)
    months = range(first, max(_month(row) + len(str(row["told"])) for row in shown))
    rows = tuple(_row(words, row, months) for row in shown)
    holes = sum(cell.hole for row in rows for cell in row.cells)
    common["title"] = words("coverage.title")
    if holes:
        common["title"] = words("coverage.title_holes", n=words.count_of(holes, "hole"))
    columns = tuple(_column(words, month, months) for month in months)
    marks = [("known", words("key.told"))]
    marks += [("unknown", words("key.hole"))] if holes else []
    extra = {"panels": (GridPanel(label="", columns=columns, rows=rows),), "plain": True, "key": tuple(marks)}
    parts = [
        words.labelled(f"{row.label} ({row.note})", _said(words, one)) for row, one in zip(rows, shown, strict=True)
    ]
    return finish(source, Grid, {**common, **extra}, parts)


def _month(row: Record) -> int:
    """The first month that was told, as months since the year 0."""
    first = str(row["first"])
    return int(first[:4]) * 12 + int(first[5:7]) - 1


def _row(words: Words, row: Record, months: range) -> GridRow:
    figure, of = (_told(words, row[name]).replace("_", " ") for name in ("figure", "of"))
    figure = figure[:1].upper() + figure[1:]
    start, told = _month(row), str(row["told"])
    cells = tuple(
        Square(1.0) if told[at : at + 1] == "1" and at >= 0 else Square(hole=0 <= at < len(told))
        for at in (month - start for month in months)
    )
    label = words("coverage.row", figure=figure, of=of) if of else figure
    return GridRow(label=label, note=_told(words, row["file"] or row["origin"]), cells=cells)


def _told(words: Words, cell: Cell) -> str:
    assert isinstance(cell, str), cell
    return words.channel(cell.raw) if isinstance(cell, Figure) and cell.form == "channel" else words.tell(cell)


def _column(words: Words, month: int, months: range) -> str:
    if len(months) <= _MONTHS_NAMED:
        return words.month(month)
    return str(month // 12) if month % 12 == 0 or (month == months[0] and month % 12 < 9) else ""


def _said(words: Words, row: Record) -> str:
    return words("coverage.said", first=row["first"], last=row["last"], holes=_told(words, row["holes"]))
