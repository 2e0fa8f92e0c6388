"""Dots with vertical intervals and direct labels: visibility or hours against what came of them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from crosspost.report.language.words import Words
from crosspost.report.records import Field, Scatter, Tone
from crosspost.report.shapes import keys
from crosspost.report.shapes.naming import MANY, Box, Name, Place, Point, limits, marks_of, named_dots, placing
from crosspost.report.style import (
    EDGE,
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

GUTTER, AXIS = 0.5, 0.46  # left of and under each field, inches
GAP = 0.3  # between two fields
SHADE = "#f3ece8"
APART = 0.14  # inches between two dots, under which a number in one would hide that of the other
NUMBER = 5.6  # points, in a dot


def draw(data: Scatter, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    """Fields side by side on A4, one under the other on a phone."""
    width = WIDE if wide else NARROW
    beside = wide and len(data.fields) == 2
    each = (width - GAP) / 2 if beside else width
    plot = 2.6 if wide else 2.3
    key = keys.lines(data.key, width, fit)
    outs = [_left_out(field, words, each, fit) for field in data.fields]
    named = [named_dots(field, each - GUTTER, plot, fit) for field in data.fields]
    names = [_listed(field, found, each, fit) for field, found in zip(data.fields, named, strict=True)]
    heights = [
        0.28 + plot + AXIS + (len(out) + len(listed)) * SMALL * PITCH / 72 + (0.06 if out or listed else 0)
        for out, listed in zip(outs, names, strict=True)
    ]
    body = keys.height(key) + (max(heights) if beside else sum(heights) + 0.2 * (len(heights) - 1))
    sheet = Sheet(data, wide=wide, body=body + 0.06, fit=fit)
    keys.draw(sheet, key)
    x, y = 0.0, keys.height(key)
    for field, found, listed, out, height in zip(data.fields, named, names, outs, heights, strict=True):
        sheet.text(field.y_label, x, y + 0.12, SMALL, colour=MUTED)
        _field(sheet, field, found, words, (x + GUTTER, y + 0.28), (each - GUTTER, plot))
        at = y + 0.28 + plot + AXIS
        for line in listed:
            for column, text in enumerate(line):
                sheet.text(text, x + column * each / len(listed[0]), at + SMALL * PITCH / 144, SMALL)
            at += SMALL * PITCH / 72
        sheet.lines(out, x, at, SMALL, colour=MUTED)
        x, y = (x + each + GAP, y) if beside else (x, y + height + 0.2)
    return sheet.figure


def _left_out(field: Field, words: Words, width: float, fit: Callable[[str], str]) -> list[str]:
    return [
        line
        for name, reason in field.left_out
        for line in wrap(fit(words("left_out", name=name, reason=reason)), width, SMALL)
    ]


def _listed(field: Field, named: list[Name] | None, width: float, fit: Callable[[str], str]) -> list[list[str]]:
    """What stands under a field, in lines of as many columns as fit: names and notes of dots that have a number, or
    only their name; nothing where the notes stand beside them too."""
    if named is not None and all(len(name.lines) > 1 for name in named):
        return []
    texts = [f"{fit(dot.label)} · {fit(dot.note)}" for dot in field.dots]
    if named is None:
        texts = [f"{number}  {text}" for number, text in enumerate(texts, start=1)]
    longest = max(text_width(text, SMALL) for text in texts) + 0.15
    columns = max(1, min(4, int(width / longest)))
    rows = -(-len(texts) // columns)
    return [[clip(text, width / columns - 0.1, SMALL) for text in texts[row::rows]] for row in range(rows)]


def _field(sheet: Sheet, field: Field, named: list[Name] | None, words: Words, corner: Point, size: Point) -> None:
    (x, y), (width, height) = corner, size
    axes = sheet.axes(x, y, width, height)
    x0, x1, y0, y1 = limits(field)
    if field.log_x:
        axes.set_xscale("log")
        decades = math.log10(x1 / x0) / (width / 3.2)
        subs = (1.0, 2.0, 5.0) if decades < 1.7 else (1.0, 3.0) if decades < 3 else (1.0,)
        axes.xaxis.set_major_locator(LogLocator(10, subs=subs))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(which="minor", length=0)
    if field.root:
        for set_scale in (axes.set_xscale, axes.set_yscale):
            set_scale("function", functions=(_root, np.square))
        axes.xaxis.set_major_locator(FixedLocator(_squares(x1, width, 0.26)))
    axes.set(xlim=(x0, x1), ylim=(y0, y1))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(value)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(value)))
    axes.yaxis.set_major_locator(
        FixedLocator(_squares(y1, height, 0.17)) if field.root else MaxNLocator(5, integer=True, steps=[1, 2, 5, 10])
    )
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.plot([x0, x1], [0, 0], color=MUTED, linewidth=1.2, clip_on=False)
    axes.tick_params(axis="x", pad=7)
    label = sheet.fit(field.x_label)
    axes.set_xlabel(label, labelpad=3, size=SMALL * min(1.0, width / text_width(label, SMALL)))

    place = placing(field, size)
    taken = [*marks_of(field, place, width, sheet.fit), *(name.box for name in named or ())]
    if field.reference is not None:
        axes.axhline(field.reference, color=INK, linewidth=1.0, linestyle=(0, (4, 3)))
        _, level = place(x1, field.reference)
        sheet.text(field.reference_text, x + 0.04, y + level - 0.09, SMALL, colour=INK)
    _slopes(sheet, axes, field, place, (x, y), width, (x0, x1, y1), taken)
    for dot in field.dots:
        colour = EDGE[dot.tone]
        if dot.low is not None and dot.high is not None:
            axes.plot([dot.x] * 2, [dot.low, dot.high], color=colour, linewidth=1.8, solid_capstyle="butt",
                      clip_on=False)  # fmt: skip
        axes.plot([dot.x], [dot.y], "o", markersize=11 if named is None else 8.5,
                  markerfacecolor=PALE if dot.faint else FILL[dot.tone], markeredgecolor=colour, markeredgewidth=1.2,
                  clip_on=False, zorder=3)  # fmt: skip
    if named is None:
        _numbers(sheet, field, place, corner, width)
    for name in named or ():
        _write(sheet, name, corner)


def _numbers(sheet: Sheet, field: Field, place: Place, corner: Point, width: float) -> None:
    """A number in each dot; beside those that lie on each other, all of theirs."""
    crowds: list[list[int]] = []
    spots = [place(dot.x, dot.y) for dot in field.dots]
    few = len(spots) <= MANY
    for at, spot in enumerate(spots):
        near = next((crowd for crowd in crowds if math.dist(spot, spots[crowd[0]]) < APART and few), None)
        if near is None:
            crowds.append([at])
        else:
            near.append(at)
    for crowd in crowds:
        text = ", ".join(str(at + 1) for at in crowd)
        px, py = max(spots[at] for at in crowd)
        dot, colour, size = field.dots[crowd[0]], INK, NUMBER
        if len(crowd) > 1:
            size = SMALL
            wide = text_width(text, size, True)
            px = px + 0.1 + wide / 2 if px + 0.1 + wide < width else min(spots[at][0] for at in crowd) - 0.1 - wide / 2
        elif dot.tone is Tone.NETWORK and not dot.faint:
            colour = PAPER
        sheet.text(text, corner[0] + px, corner[1] + py, size, colour=colour, bold=True, align="center")


def _root(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sqrt(np.maximum(values, 0))


def _squares(top: float, room: float, apart: float) -> list[float]:
    """0 and round values up to the top, at least so many of the `room` inches apart on a scale of square roots."""
    found = [0.0]
    for one in (step * 10.0**power for power in range(-3, 13) for step in (1, 2, 5)):
        if top / 80 <= one <= top and (math.sqrt(one) - math.sqrt(found[-1])) * room >= apart * math.sqrt(top):
            found.append(one)
    return found


def _slopes(sheet: Sheet, axes: Axes, field: Field, place: Callable[[float, float], Point], corner: Point, width: float,
            ends: tuple[float, float, float], taken: list[Box]) -> None:  # fmt: skip
    """Lines of equal y per x, each named where it leaves the field; all under the diagonal in a shade."""
    x0, x1, y1 = ends
    for slope, words in (field.diagonal, *field.slopes) if field.diagonal else field.slopes:
        own = (slope, words) == field.diagonal
        end = min(x1, y1 / slope)
        if end <= x0:
            continue
        size = text_width(sheet.fit(words), SMALL, own)
        px, py = place(end, slope * end)
        left, middle = (min(px + 0.05, width - size), -0.08) if end < x1 else (width - size, py - 0.1)
        places = [Box(left, middle - 0.08, left + size, middle + 0.08), *_along(place(x0, 0), (px, py), size, width)]
        box = next((one for one in places if not any(one.meets(other) for other in taken)), None)
        if box is None and own:
            box = Box(width - size, -0.24, width, -0.08)  # over the field
        if box is None:
            continue  # a line without its rate tells nothing
        colour = MARGIN_COLOUR if own else MUTED
        sheet.text(words, corner[0] + box.left, corner[1] + box.top + 0.08, SMALL, colour=colour, bold=own)
        taken.append(box)
        xs = [x0, end] if field.root else [x0 + (end - x0) * step / 60 for step in range(61)]
        if own:
            axes.fill_between([*xs, x1], [*(slope * x for x in xs), slope * end], color=SHADE, linewidth=0, zorder=0)
            axes.plot(xs, [slope * x for x in xs], color=MARGIN_COLOUR, linewidth=2.0)
        else:
            axes.plot(xs, [slope * x for x in xs], color="#9aa5b1", linewidth=0.8, linestyle=(0, (2, 3)))


def _along(start: Point, end: Point, size: float, width: float) -> list[Box]:
    """Places over and under a straight line that rises to the right, the nearest to its end first."""
    (x0, y0), (x1, y1) = start, end
    slope = (y0 - y1) / (x1 - x0)
    found = []
    for step in range(8):
        right = min(x1, width) - step * (x1 - x0 - size) / 10
        over, under = y0 - slope * (right - x0) - 0.1, y0 - slope * (right - size - x0) + 0.12
        found += [Box(right - size, middle - 0.08, right, middle + 0.08) for middle in (over, under)
                  if 0 < middle < y0 - 0.08]  # fmt: skip
    return found


def _write(sheet: Sheet, name: Name, corner: Point) -> None:
    x, y = corner
    if name.leader:
        (px, py), (across, down) = name.leader
        sheet.line((x + px, y + py), (x + across, y + down))
    top = name.box.top
    for text, points, bold in name.lines:
        tall = points * 1.25 / 72
        colour = MUTED if name.dot.faint else INK
        sheet.text(text, x + name.box.left, y + top + tall / 2, points, bold=bold, colour=colour, solid=True)
        top += tall
