"""The verdict strip: word, claim, number and what would change it, beside the interval against the margin."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crosspost.report.language.words import Words
from crosspost.report.records import Mark, Strip, Tone, VerdictRow
from crosspost.report.shapes import keys
from crosspost.report.style import (
    FILL,
    HATCH,
    INK,
    MARGIN_COLOUR,
    MUTED,
    NARROW,
    PITCH,
    RULE,
    WIDE,
    Sheet,
    clip,
    text_width,
    wrap,
)

GAP = 0.09  # under a row, inches
BAR = 0.11
MARKS = 1.65  # inches, the column of marks beside the text
MARK = 0.33  # inches, its height with the words of the margin
PAGE = 7.6  # inches of rows: with title, heading and caption the strip fits on one page of A4


class Size(NamedTuple):
    """Points of claims and of what stands under them, and the most lines under a claim."""

    head: float
    note: float
    most: int


SIZES = (Size(9.2, 7.9, 3), Size(8.6, 7.4, 3), Size(8.4, 7.2, 2), Size(8.0, 7.0, 1))  # the first that fits is taken
PHONE = Size(9.2, 7.9, 99)


class Span(NamedTuple):
    text: str
    size: float
    bold: bool = False
    colour: str = INK


Line = list[tuple[float, Span]]  # each span with its inches from the left


def draw(data: Strip, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    width = WIDE if wide else NARROW
    column = width - MARKS - 0.2 if wide else width
    key = keys.lines(data.key, width, fit)
    for size in SIZES if wide else (PHONE,):
        blocks = [_text(row, column if _is_drawn(row) else width, fit, size) for row in data.rows]
        heights = [_height(block, row, wide) for block, row in zip(blocks, data.rows, strict=True)]
        if sum(heights) <= PAGE:
            break
    shares = sum(row.mark is None and row.low is not None for row in data.rows)
    scale = 0.22 if shares else 0.0
    sheet = Sheet(data, wide=wide, body=keys.height(key) + sum(heights) + scale + 0.1, fit=fit)
    keys.draw(sheet, key)
    ends = [max(row.high_95, 2 * row.margin) for row in data.rows if row.high_95 is not None]
    top = min(1.0, 1.05 * max(ends, default=1.0))
    left, room = (width - MARKS, MARKS) if wide else (0.0, width)
    y = keys.height(key) + 0.04
    drawn = 0
    for index, (row, block, height) in enumerate(zip(data.rows, blocks, heights, strict=True)):
        if index:
            sheet.block(0, y - GAP / 2 - 0.01, width, 0.008, RULE)
        at = y
        for line in block:
            tall = max(span.size for _, span in line) * PITCH / 72
            at += tall
            for x, span in line:
                sheet.text(span.text, x, at - tall / 2, span.size, bold=span.bold, colour=span.colour)
        if _is_drawn(row):
            _against(sheet, row, left, y if wide else at + 0.04, room, top, size.note)
        y += height
        if row.low is not None:
            drawn += 1
            if drawn == shares:
                _scale(sheet, words, left, y - (GAP / 2 if wide else GAP), room, top)
                y += scale
    return sheet.figure


def _text(row: VerdictRow, width: float, fit: Callable[[str], str], size: Size) -> list[Line]:
    head = _flow([Span(row.word, size.head + 0.6, True), Span(row.claim, size.head)], width, fit)
    margin = [] if _is_drawn(row) else [Span(row.margin_text, size.note, True, MARGIN_COLOUR)]
    note = _flow([*margin, Span(row.text, size.note), Span(row.change, size.note, colour=MUTED)], width, fit)
    if len(note) > size.most:
        note = note[: size.most]
        x, last = note[-1][-1]
        note[-1][-1] = (x, last._replace(text=clip(last.text + " …", width - x, last.size, last.bold)))
    return head + note


def _flow(spans: Sequence[Span], width: float, fit: Callable[[str], str]) -> list[Line]:
    """Spans one after another, broken into lines between words; a word longer than a line is cut."""
    lines: list[Line] = [[]]
    x = 0.0
    for span in spans:
        space = text_width(" ", span.size, span.bold)
        taken: list[str] = []
        for word in (part for raw in fit(span.text).split(" ") for part in wrap(raw, width, span.size, span.bold)):
            wide = text_width(" ".join([*taken, word]), span.size, span.bold)
            if x + wide > width and (taken or x):
                if taken:
                    lines[-1].append((x, span._replace(text=" ".join(taken))))
                lines.append([])
                x, taken = 0.0, []
            taken.append(word)
        if taken:
            lines[-1].append((x, span._replace(text=" ".join(taken))))
            x += text_width(" ".join(taken), span.size, span.bold) + 2 * space
    return [line for line in lines if line]


def _height(block: Sequence[Line], row: VerdictRow, wide: bool) -> float:
    text = sum(max(span.size for _, span in line) for line in block) * PITCH / 72
    if not _is_drawn(row):
        return text + GAP
    return max(text, MARK) + GAP if wide else text + MARK + 0.06 + GAP


def _is_drawn(row: VerdictRow) -> bool:
    return row.mark is not None or row.low is not None


def _against(sheet: Sheet, row: VerdictRow, x: float, y: float, width: float, top: float, points: float) -> None:
    """The mark, with the words of its margin over it."""
    axes = sheet.axes(x, y + 0.15, width, BAR + 0.06)
    axes.set(ylim=(0, BAR + 0.06), yticks=[], xticks=[])
    if row.mark is None:
        axes.set_xlim(0, top)
        at = row.margin / top
        _bar(axes, row, top)
    else:
        low, high = _ends(row.mark)
        axes.set_xlim(low, high)
        at = (_on(row.mark, row.mark.margin) - low) / (high - low)
        _interval(axes, row.mark)
    text = clip(sheet.fit(row.margin_text), width, points, True)
    taken = text_width(text, points, True)
    left = min(max(0.0, width * at - taken / 2), width - taken)
    sheet.text(text, x + left, y + 0.07, points, colour=MARGIN_COLOUR, bold=True)


def _on(mark: Mark, value: float) -> float:
    return math.log(value) if mark.log else value


def _ends(mark: Mark) -> tuple[float, float]:
    """The ends of a scale that holds interval and margin, with some room."""
    inside = [_on(mark, value) for value in (mark.low, mark.high, mark.value, mark.margin)]
    room = 0.08 * (max(inside) - min(inside)) or 1.0
    return min(inside) - room, max(inside) + room


def _interval(axes: Axes, mark: Mark) -> None:
    middle = (BAR + 0.06) / 2
    low, value, high = (_on(mark, one) for one in (mark.low, mark.value, mark.high))
    axes.axhspan(middle - BAR / 2, middle + BAR / 2, color="#f0f2f5")
    axes.plot([_on(mark, mark.margin)] * 2, [0, BAR + 0.06], color=MARGIN_COLOUR, linewidth=2.2, clip_on=False)
    _whisker(axes, low, high, middle)
    axes.plot([value], [middle], "o", markersize=5.2, markerfacecolor=FILL[Tone.NETWORK], markeredgecolor=INK,
              markeredgewidth=0.8, zorder=4)  # fmt: skip


def _whisker(axes: Axes, low: float, high: float, middle: float) -> None:
    axes.plot([low, high], [middle, middle], color="white", linewidth=3.2, solid_capstyle="butt")
    axes.plot([low, high], [middle, middle], color=INK, linewidth=1.6, solid_capstyle="butt")
    for end in (low, high):
        axes.plot([end, end], [middle - 0.045, middle + 0.045], color=INK, linewidth=1.6)


def _bar(axes: Axes, row: VerdictRow, top: float) -> None:
    middle = (BAR + 0.06) / 2
    axes.barh(middle, top, BAR, color="#f0f2f5")
    axes.barh(middle, row.margin, BAR, color="#dfe5ea")
    if row.low is not None and row.high is not None and row.low_95 is not None and row.high_95 is not None:
        axes.barh(middle, row.low, BAR, color=FILL[Tone.NETWORK])
        if row.high > row.low:
            axes.barh(
                middle, row.high - row.low, BAR, left=row.low,
                facecolor="white", edgecolor=HATCH, hatch="/////", linewidth=0.6,
            )  # fmt: skip
        _whisker(axes, row.low_95, row.high_95, middle)
    axes.plot([row.margin] * 2, [0, BAR + 0.06], color=MARGIN_COLOUR, linewidth=2.2, clip_on=False)


def _scale(sheet: Sheet, words: Words, x: float, y: float, width: float, top: float) -> None:
    axes = sheet.axes(x, y, width, 0.02)
    axes.set(xlim=(0, top), ylim=(0, 1), yticks=[])
    axes.spines["top"].set(visible=True, color=MUTED)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.axis_share(round(value, 6))))
    axes.tick_params(length=3, color=MUTED, pad=2)
    for tick, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        if tick == 0:
            label.set_horizontalalignment("left")
        elif tick > 0.93 * top:
            label.set_horizontalalignment("right")
