"""One figure of many brands, one line each on one scale: a dot or a hatched range, and its interval."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crosspost.report.language.words import Words
from crosspost.report.records import BrandRow, Brands, Tone
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
    wrap,
)

_LABEL, _MARK, _GAP = 0.2, 0.17, 0.07  # inches: a line of words, the mark below it, and what parts two brands
_LINE = 0.155
_AXIS = 0.42


def draw(data: Brands, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    width = WIDE if wide else NARROW
    told = [_told(row, width, fit) for row in data.rows]
    heights = [_LABEL + _LINE * len(below) + (_MARK if row.value is not None else 0) + _GAP
               for row, (_, below) in zip(data.rows, told, strict=True)]  # fmt: skip
    sheet = Sheet(data, wide=wide, body=sum(heights) + (_AXIS if data.axis else 0), fit=fit)
    axes = sheet.axes(0, 0, width, sum(heights))
    axes.set(xlim=(0, data.far), ylim=(sum(heights), 0), yticks=[])
    steps = MaxNLocator(5 if wide else 4, steps=[1, 2, 2.5, 5, 10]).tick_values(0, data.far)
    axes.set_xticks([tick for tick in steps if data.axis and 0 <= tick <= data.far])
    write = words.axis_share if data.unit == "share" else words.short
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: write(round(x, 6))))
    axes.grid(axis="x", color=RULE, linewidth=0.8)
    axes.set_xlabel(fit(data.axis), labelpad=2)
    for tick, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        middle, half = width * tick / data.far, text_width(write(round(tick, 6)), SMALL) / 2
        if middle < half or middle + half > width:  # the page ends here
            label.set_horizontalalignment("left" if middle < half else "right")
    at = 0.0
    for row, (beside, below), height in zip(data.rows, told, heights, strict=True):
        colour = MUTED if row.faint or row.value is None else INK
        room = width - (text_width(beside, SMALL) + 0.12 if beside else 0)
        sheet.text(clip(fit(row.label), room, BODY), 0, at + _LABEL / 2, colour=colour, solid=True)
        if beside:
            sheet.text(beside, width, at + _LABEL / 2, SMALL, align="right", colour=colour, solid=True)
        for index, line in enumerate(below):
            sheet.text(line, 0, at + _LABEL + _LINE * (index + 0.5), SMALL, colour=MUTED, solid=True)
        if row.value is not None:
            _mark(axes, row, row.value, at + height - _GAP - _MARK / 2)
        at += height
    return sheet.figure


def _told(row: BrandRow, width: float, fit: Callable[[str], str]) -> tuple[str, list[str]]:
    """What stands beside a brand's name, and the lines below it where that would be too long."""
    text = fit(row.text)
    name = min(text_width(fit(row.label), BODY), width * 0.55)
    return (text, []) if text_width(text, SMALL) <= width - name - 0.12 else ("", wrap(text, width, SMALL))


def _mark(axes: Axes, row: BrandRow, value: float, y: float) -> None:
    edge = EDGE[Tone.OTHER if row.faint else Tone.NETWORK]
    if row.upper is not None and row.upper > value:
        axes.barh(y, row.upper - value, 0.1, left=value, facecolor="white", edgecolor=HATCH, hatch="/////",
                  linewidth=0.6)  # fmt: skip
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [y, y], color=edge, linewidth=1.1 if row.faint else 1.8,
                  linestyle=(0, (2, 2)) if row.faint else "-")  # fmt: skip
        for end in (row.low, row.high):
            axes.plot([end, end], [y - 0.035, y + 0.035], color=edge, linewidth=1.2, clip_on=False)
    axes.plot([value], [y], "o", markersize=6.5, markerfacecolor=PALE if row.faint else FILL[Tone.NETWORK],
              markeredgecolor=edge, markeredgewidth=1.2, clip_on=False)  # fmt: skip
