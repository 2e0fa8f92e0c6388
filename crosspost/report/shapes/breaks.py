"""Interruptions: weeks before and after a day, with what was foretold of them."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crosspost.report.language.words import Words
from crosspost.report.records import Tone
from crosspost.report.records.breaks import Break, Breaks
from crosspost.report.shapes import keys
from crosspost.report.style import (
    BODY,
    FILL,
    INK,
    MARGIN_COLOUR,
    MUTED,
    NARROW,
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

GUTTER, GAP = 0.5, 0.28  # for the numbers of an axis; between two pictures side by side, inches
HEAD, FIELD, UNDER = 0.25, 1.35, 0.42  # what is counted, above its scale; the field; its axis


def draw(data: Breaks, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    whole = WIDE if wide else NARROW
    columns = 2 if wide and len(data.breaks) > 1 else 1
    width = (whole - GAP * (columns - 1)) / columns
    key = keys.lines(data.key, whole, fit)
    lines = [data.breaks[at : at + columns] for at in range(0, len(data.breaks), columns)]
    heads = [max(_head(one, width, fit) for one in line) for line in lines]
    body = 0.06 + keys.height(key) + sum(head + HEAD + FIELD + UNDER for head in heads)
    sheet = Sheet(data, wide=wide, body=body, fit=fit)
    keys.draw(sheet, key)
    y = 0.06 + keys.height(key)
    for line, head in zip(lines, heads, strict=True):
        for at, one in enumerate(line):
            _break(sheet, one, data.x_label, words, (at * (width + GAP), y, width), head)
        y += head + HEAD + FIELD + UNDER
    return sheet.figure


def _notes(one: Break, width: float, fit: Callable[[str], str]) -> list[str]:
    return [*wrap(fit(one.claim), width, SMALL), *wrap(fit(one.text), width, SMALL)]


def _head(one: Break, width: float, fit: Callable[[str], str]) -> float:
    return 0.3 + len(_notes(one, width, fit)) * SMALL * PITCH / 72


def _break(sheet: Sheet, one: Break, x_label: str, words: Words, place: tuple[float, float, float],
           head: float) -> None:  # fmt: skip
    x, y, width = place
    word = sheet.fit(one.word)
    sheet.block(x, y, width, 0.011, RULE)
    room = width - text_width(word, BODY, True) - 0.15
    sheet.text(clip(sheet.fit(one.label), room, BODY + 0.5, True), x, y + 0.13, BODY + 0.5, bold=True)
    sheet.text(word, x + width, y + 0.13, BODY, bold=True, align="right")
    sheet.lines(_notes(one, width, sheet.fit), x, y + 0.24, SMALL, colour=MUTED)
    sheet.text(one.y_label, x, y + head + 0.1, SMALL, colour=MUTED)
    axes = sheet.axes(x + GUTTER, y + head + HEAD, width - GUTTER, FIELD)
    _field(axes, one, words)
    axes.set_xlabel(sheet.fit(x_label), labelpad=1)


def _field(axes: Axes, one: Break, words: Words) -> None:
    weeks = [week.week for week in one.weeks]
    values = [value for week in one.weeks for value in (week.seen, week.foretold, *(week.band or ()))]
    high = max([value for value in values if value is not None], default=0.0) or 1.0
    axes.set(xlim=(min(weeks, default=-1) - 0.8, max(weeks, default=0) + 0.8), ylim=(0, 1.06 * high))
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(7, integer=True, steps=[1, 2, 4, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(round(value))))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(round(value, 9))))
    bands = {week.week: week.band for week in one.weeks if week.band is not None}
    lows, highs = ([band[end] for band in bands.values()] for end in (0, 1))
    axes.fill_between(list(bands), lows, highs, color=tint(FILL[Tone.NETWORK], 0.3), alpha=0.7, linewidth=0)
    foretold = [(week.week, week.foretold) for week in one.weeks if week.foretold is not None]
    if foretold:
        axes.plot(*zip(*foretold, strict=True), color=INK, linewidth=1.6, linestyle=(0, (3, 1.6)))
    axes.axvline(-0.5, color=MARGIN_COLOUR, linewidth=2.0, zorder=2)
    seen = [(week.week, week.seen) for week in one.weeks if week.seen is not None]
    if seen:
        axes.plot(*zip(*seen, strict=True), "o", markersize=3.8, color=FILL[Tone.NETWORK], markeredgecolor=INK,
                  markeredgewidth=0.6, clip_on=False, zorder=3)  # fmt: skip
