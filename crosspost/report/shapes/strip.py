"""The verdict strip: word, claim, number and what would change it, beside the interval against the margin."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

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


SIZES = (
    Size(9.2, 7.9, 3),
    Size(8.6, 7.4, 3),
    Size(8.4, 7.2, 2),
    Size(8.0, 7.0, 2),
    Size(8.0, 7.0, 1),
)  # the first that fits is taken
PHONE = Size(9.2, 7.9, 99)


class Span(NamedTuple):
    text: str
    size: float
    bold: bool = False
    colour: str = INK


Line = list[tuple[float, Span]]  # each span with its inches from the left


class Scale(NamedTuple):
    """From `low` to `high` over `width` inches from `left`, around the height `middle`."""

    axes: Axes
    left: float
    width: float
    low: float
    high: float
    middle: float

    def __call__(self, value: float) -> float:
        return self.left + self.width * (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def bar(self, start: float, end: float, **form: Any) -> None:
        self.axes.barh(self.middle, self(end) - self(start), BAR, left=self(start), **form)

    def margin(self, value: float) -> None:
        ends = [self.middle - BAR / 2 - 0.03, self.middle + BAR / 2 + 0.03]
        self.axes.plot([self(value)] * 2, ends, color=MARGIN_COLOUR, linewidth=2.2)

    def whisker(self, low: float, high: float) -> None:
        xs, ys = [self(low), self(high)], [self.middle, self.middle]
        self.axes.plot(xs, ys, color="white", linewidth=3.2, solid_capstyle="butt")
        self.axes.plot(xs, ys, color=INK, linewidth=1.6, solid_capstyle="butt")
        for x in xs:
            self.axes.plot([x, x], [self.middle - 0.045, self.middle + 0.045], color=INK, linewidth=1.6)


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
    low, high = (0.0, top) if row.mark is None else _ends(row.mark)
    scale = Scale(sheet.canvas, x, width, low, high, y + 0.15 + (BAR + 0.06) / 2)
    if row.mark is None:
        _bar(scale, row, top)
    else:
        _interval(scale, row.mark)
    at = scale(row.margin if row.mark is None else _on(row.mark, row.mark.margin)) - x
    text = clip(sheet.fit(row.margin_text), width, points, True)
    taken = text_width(text, points, True)
    left = min(max(0.0, at - taken / 2), width - taken)
    sheet.text(text, x + left, y + 0.07, points, colour=MARGIN_COLOUR, bold=True)


def _on(mark: Mark, value: float) -> float:
    return math.log(value) if mark.log else value


def _ends(mark: Mark) -> tuple[float, float]:
    """The ends of a scale that holds interval and margin, with some room."""
    inside = [_on(mark, value) for value in (mark.low, mark.high, mark.value, mark.margin)]
    room = 0.08 * (max(inside) - min(inside)) or 1.0
    return min(inside) - room, max(inside) + room


def _interval(scale: Scale, mark: Mark) -> None:
    low, value, high = (_on(mark, one) for one in (mark.low, mark.value, mark.high))
    scale.bar(scale.low, scale.high, color="#f0f2f5")
    scale.margin(_on(mark, mark.margin))
    scale.whisker(low, high)
    scale.axes.plot([scale(value)], [scale.middle], "o", markersize=5.2, markerfacecolor=FILL[Tone.NETWORK],
                    markeredgecolor=INK, markeredgewidth=0.8, zorder=4)  # fmt: skip


def _bar(scale: Scale, row: VerdictRow, top: float) -> None:
    scale.bar(0, top, color="#f0f2f5")
    scale.bar(0, row.margin, color="#dfe5ea")
    if row.low is not None and row.high is not None and row.low_95 is not None and row.high_95 is not None:
        scale.bar(0, row.low, color=FILL[Tone.NETWORK])
        if row.high > row.low:
            scale.bar(row.low, row.high, facecolor="white", edgecolor=HATCH, hatch="/////", linewidth=0.6)
        scale.whisker(row.low_95, row.high_95)
    scale.margin(row.margin)


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
