"""Shares with intervals, one row each: bars with hatched bounds, or dots."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crosspost.report.language.words import Words
from crosspost.report.records import BarRow, Bars, Tone
from crosspost.report.shapes import keys
from crosspost.report.style import (
    BODY,
    EDGE,
    FILL,
    HATCH,
    INK,
    MUTED,
    NARROW,
    PALE,
    RULE,
    SMALL,
    WIDE,
    Sheet,
    clip,
    text_width,
)

BAR = 0.15
AXIS = 0.42


def draw(data: Bars, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    width = WIDE if wide else NARROW
    pitch = 0.26 if wide else 0.48
    key = keys.lines(data.key, width, fit)
    top = 0.06 + keys.height(key) + (0.18 if data.reference is not None else 0)
    rows = pitch * len(data.rows)
    sheet = Sheet(data, wide=wide, body=top + rows + AXIS, fit=fit)
    keys.draw(sheet, key)
    labels = min(1.75, max((text_width(fit(row.label), BODY, row.strong) for row in data.rows), default=0) + 0.12)
    texts = max((text_width(fit(row.text), SMALL) for row in data.rows), default=0) + 0.1
    left, right = (labels, min(texts, 2.4)) if wide else (0.0, 0.0)
    axes = sheet.axes(left, top, width - left - right, rows)
    ends = [end for row in data.rows for end in (row.value, row.high, row.upper, row.any_touch) if end is not None]
    far = min(1.0, 1.04 * max(ends, default=1.0)) or 1.0
    axes.set(xlim=(0, far), ylim=(rows, 0), yticks=[])
    axes.xaxis.set_major_locator(MaxNLocator(5 if wide else 4, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: words.axis_share(round(x, 6))))
    axes.grid(axis="x", color=RULE, linewidth=0.8)
    axes.set_xlabel(fit(data.axis), labelpad=2)
    for tick, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        if not wide and tick in (0.0, 1.0):  # the page ends here
            label.set_horizontalalignment("left" if tick == 0 else "right")
    if data.reference is not None:
        axes.axvline(data.reference, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        size = text_width(fit(data.reference_text), SMALL)
        x = left + (width - left - right) * data.reference / far
        sheet.text(data.reference_text, min(max(left, x - size / 2), width - size), top - 0.09, SMALL, colour=MUTED)
    for index, row in enumerate(data.rows):
        y = pitch * index
        middle = y + (pitch / 2 if wide else pitch - 0.15)
        _mark(axes, row, middle, dots=data.dots)
        colour = MUTED if row.faint else INK
        text = clip(fit(row.text), 2.4 if wide else width * 0.72, SMALL)
        if wide:
            shown = clip(fit(row.label), labels - 0.06, BODY, row.strong)
            sheet.text(shown, 0, top + middle, bold=row.strong, colour=colour)
            sheet.text(text, width - right + 0.1, top + middle, SMALL, colour=colour, bold=False)
        else:
            room = width - text_width(text, SMALL) - 0.1
            shown = clip(fit(row.label), room, BODY, row.strong)
            sheet.text(shown, 0, top + y + 0.11, bold=row.strong, colour=colour, solid=True)
            sheet.text(text, width, top + y + 0.11, SMALL, align="right", colour=colour, solid=True)
    return sheet.figure


def _mark(axes: Axes, row: BarRow, y: float, *, dots: bool) -> None:
    if dots:
        edge = EDGE[row.tone]
        if row.low is not None and row.high is not None:
            axes.plot([row.low, row.high], [y, y], color=edge, linewidth=1.2 if row.faint else 2.2,
                      linestyle=(0, (2, 2)) if row.faint else "-")  # fmt: skip
        axes.plot([row.value], [y], "o", markersize=7, markerfacecolor=PALE if row.faint else FILL[row.tone],
                  markeredgecolor=edge, markeredgewidth=1.2, clip_on=False)  # fmt: skip
        return
    if row.tone is Tone.UNKNOWN:
        axes.barh(y, row.value, BAR, facecolor="white", edgecolor=HATCH, hatch="/////", linewidth=0.6)
        return
    if row.any_touch is not None and row.any_touch > row.value:
        axes.barh(y, row.any_touch, BAR + 0.04, facecolor="none", edgecolor=INK, linewidth=0.9)
    axes.barh(y, row.value, BAR, color=FILL[row.tone])
    if row.upper is not None:
        axes.barh(y, row.upper - row.value, BAR, left=row.value, facecolor="white", edgecolor=HATCH, hatch="/////",
                  linewidth=0.6)  # fmt: skip
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [y, y], color="white", linewidth=2.8, solid_capstyle="butt")
        axes.plot([row.low, row.high], [y, y], color=INK, linewidth=1.2, solid_capstyle="butt")
        for end in (row.low, row.high):
            axes.plot([end, end], [y - 0.035, y + 0.035], color=INK, linewidth=1.2)
