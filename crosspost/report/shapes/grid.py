"""Cells in rows and columns: shaded by count with the count written, or known, unknown and hatched where a hole is."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from crosspost.report.language.words import Words
from crosspost.report.records import Tone
from crosspost.report.records.grid import Grid, GridPanel, GridRow, Square
from crosspost.report.shapes import keys
from crosspost.report.style import (
    BODY,
    FILL,
    HATCH,
    INK,
    MUTED,
    NARROW,
    PAPER,
    PITCH,
    SMALL,
    WIDE,
    Sheet,
    clip,
    text_width,
    tint,
    wrap,
)

ROW = 0.235  # inches
SPLIT, BAR = 0.33, 0.14  # of a row whose label stands over its cells, and of these
HEAD = 0.28  # a panel's name
FOOT = 0.24  # the columns' names
GAP = 0.12
DARK = 0.7  # from this share of the largest on, counts are written in white


def draw(data: Grid, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    width = WIDE if wide else NARROW
    key = keys.lines(data.key, width, fit)
    panels = data.panels if wide or data.plain else tuple(map(_turned, data.panels))
    split = data.plain and not wide  # labels stand over their cells
    labels = _labels(panels, fit, data.plain, wide)
    heights = [_height(panel, width, split, fit) for panel in panels]
    sheet = Sheet(data, wide=wide, body=keys.height(key) + sum(heights) + 0.06, fit=fit)
    keys.draw(sheet, key)
    y = keys.height(key)
    for panel, height in zip(panels, heights, strict=True):
        _panel(sheet, panel, y, width, 0.0 if split else labels, data.plain, split)
        y += height
    return sheet.figure


def _turned(panel: GridPanel) -> GridPanel:
    """Rows for columns: a week is read downwards where it is too wide."""
    if panel.reason is not None:
        return panel
    rows = tuple(
        GridRow(label=label, cells=tuple(row.cells[at] for row in panel.rows)) for at, label in enumerate(panel.columns)
    )
    return GridPanel(label=panel.label, columns=tuple(row.label for row in panel.rows), rows=rows)


def _labels(panels: tuple[GridPanel, ...], fit: Callable[[str], str], plain: bool, wide: bool) -> float:
    """Inches that the names of rows take."""
    widest = max((_label_width(row, fit) for panel in panels for row in panel.rows), default=0.0)
    return min(widest + 0.14, 3.1 if plain and wide else 1.0)


def _label_width(row: GridRow, fit: Callable[[str], str]) -> float:
    beside = text_width(fit(row.note), SMALL) + 0.1 if row.note else 0.0
    return text_width(fit(row.label), SMALL) + beside


def _height(panel: GridPanel, width: float, split: bool, fit: Callable[[str], str]) -> float:
    head = HEAD if panel.label else 0.04
    if panel.reason is not None:
        return head + len(wrap(fit(panel.reason), width, SMALL)) * SMALL * PITCH / 72 + GAP
    return head + len(panel.rows) * (SPLIT if split else ROW) + FOOT + GAP


def _panel(sheet: Sheet, panel: GridPanel, y: float, width: float, labels: float, plain: bool, split: bool) -> None:
    if panel.label:
        sheet.text(panel.label, 0, y + 0.12, BODY, bold=True)
    y += HEAD if panel.label else 0.04
    if panel.reason is not None:
        sheet.lines(wrap(sheet.fit(panel.reason), width, SMALL), 0, y, SMALL, colour=MUTED)
        return
    columns, pitch, tall = len(panel.columns), SPLIT if split else ROW, BAR if split else ROW
    axes = sheet.axes(labels, y, width - labels, len(panel.rows) * pitch)
    axes.set(xlim=(0, columns), ylim=(len(panel.rows) * pitch, 0), xticks=[], yticks=[])
    largest = max((cell.value or 0 for row in panel.rows for cell in row.cells), default=0) or 1.0
    each = (width - labels) / columns
    for index, row in enumerate(panel.rows):
        top = index * pitch + pitch - tall
        _label(sheet, row, y + index * pitch + (pitch - tall if split else tall) / 2, width if split else labels - 0.1)
        for at, cell in enumerate(row.cells):
            share = (cell.value or 0) / largest
            patch = _patch(cell, at, top, tall, share, plain)
            if patch is not None:
                axes.add_patch(patch)
            if cell.text:
                colour = PAPER if share >= DARK else INK
                size = min(SMALL - 0.6, 0.9 * SMALL * each / max(0.01, text_width(cell.text, SMALL)))
                sheet.text(
                    cell.text, labels + (at + 0.5) * each, y + top + tall / 2, size, align="center", colour=colour
                )
    _columns(sheet, panel, y + len(panel.rows) * pitch, labels, each, width)


def _label(sheet: Sheet, row: GridRow, y: float, room: float) -> None:
    text = clip(sheet.fit(row.label), room, SMALL)
    sheet.text(text, 0, y, SMALL)
    start = text_width(text, SMALL) + 0.1
    if row.note and room - start > 0.15:
        sheet.text(clip(sheet.fit(row.note), room - start, SMALL), start, y, SMALL, colour=MUTED)


def _patch(cell: Square, at: int, top: float, tall: float, share: float, plain: bool) -> Rectangle | None:
    gap = 0.0 if plain else 0.05
    place = (at + gap, top + 0.025)
    size = (1 - 2 * gap, tall - 0.05)
    if cell.hole:
        return Rectangle(place, *size, facecolor=PAPER, edgecolor=HATCH, hatch="/////", linewidth=0.6)
    if cell.value is None:
        return None
    if plain:
        return Rectangle(place, *size, facecolor=FILL[Tone.NETWORK], edgecolor=FILL[Tone.NETWORK], linewidth=0.4)
    empty = cell.value == 0
    return Rectangle(
        place, *size, facecolor="#f4f6f8" if empty else tint(FILL[Tone.NETWORK], 0.1 + 0.9 * share), edgecolor="none"
    )


def _columns(sheet: Sheet, panel: GridPanel, y: float, left: float, each: float, width: float) -> None:
    """The names of columns, those left out that would run into the one before."""
    end = -1.0
    for at, name in enumerate(panel.columns):
        size = text_width(sheet.fit(name), SMALL)
        middle = min(max(left + (at + 0.5) * each, size / 2), width - size / 2)
        if name and middle - size / 2 > end + 0.05:
            sheet.text(name, middle, y + 0.1, SMALL, align="center", colour=MUTED)
            end = middle + size / 2
