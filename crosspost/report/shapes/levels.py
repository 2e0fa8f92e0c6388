"""Figures with their intervals against a level, one row each, under the name of their group."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from crosspost.report.language.words import Words
from crosspost.report.records import Tone
from crosspost.report.records.levels import LevelRow, Levels
from crosspost.report.shapes import keys
from crosspost.report.style import (
    BODY,
    FILL,
    INK,
    MARGIN_COLOUR,
    MUTED,
    NARROW,
    PALE,
    PAPER,
    PITCH,
    RULE,
    SMALL,
    WIDE,
    Sheet,
    clip,
    text_width,
    wrap,
)

ROW, GROUP, AXIS = 0.25, 0.26, 0.42  # inches
RATIOS = ((-0.1, -0.25, -0.5, -0.75, -0.9, -0.99), (0.1, 0.25, 0.5, 1.0, 3.0, 9.0, 99.0, 999.0))  # changes to write


def draw(data: Levels, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    width = WIDE if wide else NARROW
    key = keys.lines(data.key, width, fit)
    labels = min(1.7, max(text_width(fit(row.label), SMALL) for row in data.rows) + 0.3)
    texts = min(
        2.3, max((text_width(fit(row.text), SMALL, row.flag) for row in data.rows if row.value is not None), default=0)
    )
    left, right = (labels, texts + 0.15) if wide else (0.08, 0.08)
    room = width - left - right
    reasons = width - labels if wide else width
    heights = [_height(row, index and row.group == data.rows[index - 1].group, reasons, wide, fit)
               for index, row in enumerate(data.rows)]  # fmt: skip
    top = keys.height(key)
    sheet = Sheet(data, wide=wide, body=top + sum(heights) + AXIS, fit=fit)
    keys.draw(sheet, key)
    axes = sheet.axes(left, top, room, sum(heights))
    _scale(axes, data, words, wide=wide)
    axes.set(ylim=(sum(heights), 0), yticks=[])
    axes.set_xlabel(fit(data.axis), labelpad=2)
    if data.level is not None:
        axes.axvline(data.level, color=MARGIN_COLOUR, linewidth=1.6)
    y = 0.0
    for index, (row, height) in enumerate(zip(data.rows, heights, strict=True)):
        at = top + y
        if not index or row.group != data.rows[index - 1].group:
            name = clip(fit(row.group), width, BODY, True)
            sheet.text(name, 0, at + GROUP / 2 + 0.03, bold=True, solid=True)
            at += GROUP
        middle = at + ROW / 2
        if row.value is None:
            _reason(sheet, row, at, labels if wide else 0.0, width, wide=wide)
        elif wide:
            sheet.text(clip(fit(row.label), labels - 0.2, SMALL), 0.12, middle, SMALL)
            sheet.text(clip(fit(row.text), texts, SMALL, row.flag), width - texts, middle, SMALL, bold=row.flag)
        else:
            text = clip(fit(row.text), width * 0.62, SMALL, row.flag)
            label = clip(fit(row.label), width - text_width(text, SMALL, row.flag) - 0.15, SMALL)
            sheet.text(label, 0, middle, SMALL, solid=True)
            sheet.text(text, width, middle, SMALL, bold=row.flag, align="right", solid=True)
            middle += ROW * 0.7
        if row.value is not None:
            _mark(axes, row, row.value, middle - top)
        y += height
    return sheet.figure


def _height(row: LevelRow, same: bool | int, width: float, wide: bool, fit: Callable[[str], str]) -> float:
    head = 0.0 if same else GROUP
    if row.value is not None:
        return head + (ROW if wide else 1.65 * ROW)
    text = fit(row.text) if wide else f"{fit(row.label)} {fit(row.text)}"
    return head + max(ROW, len(wrap(text, width, SMALL)) * SMALL * PITCH / 72 + 0.08)


def _reason(sheet: Sheet, row: LevelRow, y: float, left: float, width: float, *, wide: bool) -> None:
    """The label, and why nothing is known in place of the mark; one after the other where there is little room."""
    text = sheet.fit(row.text)
    if wide:
        label = clip(sheet.fit(row.label), left - 0.2, SMALL)
        sheet.text(label, 0.12, y + ROW / 2, SMALL, colour=MUTED, solid=True)
    else:
        text = f"{sheet.fit(row.label)} {text}"
    start = y + ROW / 2 - SMALL * PITCH / 144
    for line in wrap(text, width - left, SMALL):
        start += SMALL * PITCH / 72
        sheet.text(line, left, start - SMALL * PITCH / 144, SMALL, colour=MUTED, solid=True)


def _scale(axes: Axes, data: Levels, words: Words, *, wide: bool) -> None:
    ends = [end for row in data.rows if row.value is not None for end in (row.low, row.value, row.high)
            if end is not None]  # fmt: skip
    ends += [row.level for row in data.rows if row.level is not None and row.value is not None]
    if data.growth:
        low, high = (np.log1p(max(-0.999, end)) for end in (min([*ends, -0.2]), max([*ends, 0.25])))
        room = 0.08 * (high - low)
        axes.set_xscale("function", functions=(_log, np.expm1))
        axes.set_xlim(np.expm1(low - room), np.expm1(high + room))
        axes.xaxis.set_major_locator(FixedLocator(_ticks(np.expm1(low - room), np.expm1(high + room))))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: words.change(x) if x else words.axis_share(0)))
    else:
        axes.set_xlim(0, min(1.0, 1.08 * max([*ends, 0.05])))
        axes.xaxis.set_major_locator(MaxNLocator(5 if wide else 4, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: words.axis_share(round(x, 6))))
    axes.grid(axis="x", color=RULE, linewidth=0.8)


def _log(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log1p(np.maximum(values, -0.9999))


def _ticks(low: float, high: float) -> list[float]:
    """Ratios within the ends, outwards from no change; none so near the one before that their names would touch."""
    apart = (np.log1p(high) - np.log1p(low)) / 6
    found = [0.0]
    for side in (RATIOS[0], RATIOS[1]):
        last = 0.0
        for one in side:
            if low <= one <= high and abs(np.log1p(one) - last) >= apart:
                found.append(one)
                last = float(np.log1p(one))
    return found


def _mark(axes: Axes, row: LevelRow, value: float, y: float) -> None:
    edge = MUTED if row.faint else INK
    fill = MARGIN_COLOUR if row.flag else PAPER if row.hollow else PALE if row.faint else FILL[Tone.NETWORK]
    if row.level is not None:
        axes.plot([row.level] * 2, [y - 0.085, y + 0.085], color=MARGIN_COLOUR, linewidth=2.2)
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [y, y], color=edge, linewidth=1.5, solid_capstyle="butt")
        for end in (row.low, row.high):
            axes.plot([end, end], [y - 0.04, y + 0.04], color=edge, linewidth=1.5)
    axes.plot([value], [y], "D" if row.flag else "o", markersize=7.5 if row.flag else 6.5, clip_on=False, zorder=3,
              markerfacecolor=fill, markeredgecolor=edge, markeredgewidth=1.0)  # fmt: skip
