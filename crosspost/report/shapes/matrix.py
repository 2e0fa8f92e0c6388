"""A table of counts, shaded by count, with the count in every cell: it reads without colour."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.figure import Figure

from crosspost.report.language.words import Words
from crosspost.report.records import Tone
from crosspost.report.records.matrix import Matrix
from crosspost.report.shapes import keys
from crosspost.report.style import (
    BODY,
    FILL,
    INK,
    MUTED,
    NARROW,
    PAPER,
    PITCH,
    RULE,
    SMALL,
    WIDE,
    Sheet,
    clip,
    text_width,
    tint,
    wrap,
)

CELL = (0.72, 0.3)  # of A4, at most: wide and high, inches
APART = 0.12  # between channels and what is no channel
LEAST = 6.0  # points of a count in the narrowest cells
UPRIGHT = 1.15  # inches that a head standing upright may take


def draw(data: Matrix, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    width = WIDE if wide else NARROW
    key = keys.lines(data.key, width, fit)
    rows, columns = [fit(name) for name in data.rows], [fit(name) for name in data.columns]
    names = max(text_width(name, BODY) for name in rows)
    left = max(min(1.5 if wide else 1.12, names + 0.12), text_width(fit(data.row_axis), SMALL) + 0.12)
    gap = APART if data.apart_columns else 0.0
    cell = min(CELL[0], (width - left - gap) / len(columns))
    lying = [wrap(name, cell - 0.04, SMALL) for name in columns]
    upright = any(
        len(lines) > 2 or any(text_width(word, SMALL) > cell - 0.04 for word in name.split(" "))
        for name, lines in zip(columns, lying, strict=True)
    )
    heads = (
        min(UPRIGHT, max(text_width(name, SMALL) for name in columns))
        if upright
        else max(map(len, lying)) * SMALL * PITCH / 72
    )
    top = 0.06 + keys.height(key) + 0.22 + heads + 0.08
    under = APART if data.apart_rows else 0.0
    sheet = Sheet(data, wide=wide, body=top + CELL[1] * len(rows) + under + 0.1, fit=fit)
    keys.draw(sheet, key)
    sheet.text(clip(fit(data.column_axis), width - left, SMALL), left, top - heads - 0.19, SMALL, colour=MUTED)
    sheet.text(clip(fit(data.row_axis), left - 0.08, SMALL), 0, top - 0.1, SMALL, colour=MUTED)
    most = max((count for line in data.counts for count in line if count), default=1)
    for at, name in enumerate(columns):
        x = left + cell * at + (gap if at >= len(columns) - data.apart_columns else 0)
        middle = x + cell / 2
        if upright:
            sheet.text(clip(name, heads, SMALL), middle, top - 0.06, SMALL, upright=True)
        else:
            lines = lying[at]
            for up, text in enumerate(reversed(lines)):
                sheet.text(text, middle, top - 0.12 - up * SMALL * PITCH / 72, SMALL, align="center")
    for down, (name, line) in enumerate(zip(rows, data.counts, strict=True)):
        y = top + CELL[1] * down + (under if down >= len(rows) - data.apart_rows else 0)
        sheet.text(clip(name, left - 0.08, BODY), 0, y + CELL[1] / 2)
        for at, count in enumerate(line):
            x = left + cell * at + (gap if at >= len(columns) - data.apart_columns else 0)
            if count is not None:
                _cell(sheet, _fitting(count, words, cell), count / most, (x, y, cell), same=(down, at) in data.same)
    return sheet.figure


def _fitting(count: int, words: Words, room: float) -> tuple[str, float]:
    """The count and its size in points: whole where it fits, else as 12.3k."""
    tries = [(words.number(count), BODY), (words.number(count), SMALL), (words.short(count), SMALL)]
    for text, size in tries:
        if text_width(text, size, True) <= room - 0.05:
            return text, size
    return words.short(count), LEAST


def _cell(
    sheet: Sheet, said: tuple[str, float], share: float, place: tuple[float, float, float], *, same: bool
) -> None:
    x, y, wide = place
    shade = tint(FILL[Tone.NETWORK], share**0.7)
    inset = 0.012 if same else 0.0
    sheet.block(x + inset, y + inset, wide - 2 * inset, CELL[1] - 2 * inset, shade, edge=INK if same else RULE,
                line=1.8 if same else 0.8)  # fmt: skip
    colour = MUTED if share == 0 else PAPER if share**0.7 > 0.75 else INK
    text, size = said
    sheet.text(text, x + wide / 2, y + CELL[1] / 2, size, colour=colour, bold=same, align="center")
