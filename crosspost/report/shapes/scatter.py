"""Dots with vertical intervals and direct labels: visibility or hours against what came of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from crosspost.report.language.words import Words
from crosspost.report.records import Dot, Field, Scatter, Tone
from crosspost.report.shapes import keys
from crosspost.report.style import (
    BODY,
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
MANY = 9  # dots: more have numbers, and their names stand under the field
NUMBER = 5.6  # points, in a dot
NAME = 1.8  # inches, the longest name beside a dot


Point = tuple[float, float]


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def draw(data: Scatter, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    """Fields side by side on A4, one under the other on a phone."""
    width = WIDE if wide else NARROW
    beside = wide and len(data.fields) == 2
    each = (width - GAP) / 2 if beside else width
    plot = 2.6 if wide else 2.3
    key = keys.lines(data.key, width, fit)
    outs = [_left_out(field, words, each, fit) for field in data.fields]
    names = [_names(field, each, fit) for field in data.fields]
    heights = [
        0.28 + plot + AXIS + (len(out) + len(listed)) * SMALL * PITCH / 72 + (0.06 if out or listed else 0)
        for out, listed in zip(outs, names, strict=True)
    ]
    body = keys.height(key) + (max(heights) if beside else sum(heights) + 0.2 * (len(heights) - 1))
    sheet = Sheet(data, wide=wide, body=body + 0.06, fit=fit)
    keys.draw(sheet, key)
    x, y = 0.0, keys.height(key)
    for field, listed, out, height in zip(data.fields, names, outs, heights, strict=True):
        sheet.text(field.y_label, x, y + 0.12, SMALL, colour=MUTED)
        _field(sheet, field, words, x + GUTTER, y + 0.28, each - GUTTER, plot)
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


def _names(field: Field, width: float, fit: Callable[[str], str]) -> list[list[str]]:
    """The names and notes of numbered dots, in lines of as many columns as fit; none where dots carry their names."""
    if len(field.dots) <= MANY:
        return []
    texts = [f"{number}  {fit(dot.label)} · {fit(dot.note)}" for number, dot in enumerate(field.dots, start=1)]
    longest = max(text_width(text, SMALL) for text in texts) + 0.15
    columns = max(1, min(4, int(width / longest)))
    rows = -(-len(texts) // columns)
    return [[clip(text, width / columns - 0.1, SMALL) for text in texts[row::rows]] for row in range(rows)]


def _limits(field: Field) -> tuple[float, float, float, float]:
    """x from, x to, y from, y to."""
    xs = [dot.x for dot in field.dots]
    highs = [dot.high if dot.high is not None else dot.y for dot in field.dots]
    top = max([*highs, field.reference or 0, 1.0]) * 1.12
    if field.log_x:
        low, high = math.log10(min(xs)), math.log10(max(xs))
        room = max(0.35, 0.22 * (high - low))
        return 10 ** (low - room), 10 ** (high + room), 0.0, top
    return 0.0, max(xs) * 1.25, 0.0, top


def _field(sheet: Sheet, field: Field, words: Words, x: float, y: float, width: float, height: float) -> None:
    axes = sheet.axes(x, y, width, height)
    x0, x1, y0, y1 = _limits(field)
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
        axes.xaxis.set_major_locator(FixedLocator(_squares(x1)))
    axes.set(xlim=(x0, x1), ylim=(y0, y1))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(value)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(value)))
    axes.yaxis.set_major_locator(
        FixedLocator(_squares(y1)) if field.root else MaxNLocator(5, integer=True, steps=[1, 2, 5, 10])
    )
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.plot([x0, x1], [0, 0], color=MUTED, linewidth=1.2, clip_on=False)
    axes.tick_params(axis="x", pad=7)
    label = sheet.fit(field.x_label)
    axes.set_xlabel(label, labelpad=3, size=SMALL * min(1.0, width / text_width(label, SMALL)))

    def place(px: float, py: float) -> tuple[float, float]:
        """Inches from the top left of the field."""
        if field.root:
            return math.sqrt(px / x1) * width, (1 - math.sqrt(py / y1)) * height
        across = math.log10(px / x0) / math.log10(x1 / x0) if field.log_x else (px - x0) / (x1 - x0)
        return across * width, (1 - (py - y0) / (y1 - y0)) * height

    taken = [_around(*place(dot.x, dot.y), 0.07) for dot in field.dots]
    taken += [_whisker(place, dot) for dot in field.dots if dot.high is not None]
    if field.reference is not None:
        axes.axhline(field.reference, color=INK, linewidth=1.0, linestyle=(0, (4, 3)))
        _, level = place(x1, field.reference)
        sheet.text(field.reference_text, x + 0.04, y + level - 0.09, SMALL, colour=INK)
        taken.append(Box(0, level - 0.17, text_width(sheet.fit(field.reference_text), SMALL) + 0.1, level + 0.02))
    _slopes(sheet, axes, field, place, (x, y), width, (x0, x1, y1), taken)
    size = 11 if len(field.dots) > MANY else 8.5
    for dot in field.dots:
        colour = EDGE[dot.tone]
        if dot.low is not None and dot.high is not None:
            axes.plot([dot.x] * 2, [dot.low, dot.high], color=colour, linewidth=1.8, solid_capstyle="butt",
                      clip_on=False)  # fmt: skip
        axes.plot([dot.x], [dot.y], "o", markersize=size, markerfacecolor=PALE if dot.faint else FILL[dot.tone],
                  markeredgecolor=colour, markeredgewidth=1.2, clip_on=False, zorder=3)  # fmt: skip
    if len(field.dots) > MANY:
        for number, dot in enumerate(field.dots, start=1):
            px, py = place(dot.x, dot.y)
            colour = PAPER if dot.tone is Tone.NETWORK and not dot.faint else INK
            sheet.text(str(number), x + px, y + py, NUMBER, colour=colour, bold=True, align="center")
        return
    for dot in sorted(field.dots, key=lambda dot: (dot.y, dot.x)):
        top_of = place(dot.x, dot.high if dot.high is not None else dot.y)[1]
        # a name as near to another dot as to its own would name both
        others = [_around(*place(other.x, other.y), 0.17) for other in field.dots if other is not dot]
        taken.append(_label(sheet, dot, place(dot.x, dot.y), top_of, (x, y), (width, height), [*taken, *others]))


def _around(px: float, py: float, size: float) -> Box:
    return Box(px - size, py - size, px + size, py + size)


def _whisker(place: Callable[[float, float], tuple[float, float]], dot: Dot) -> Box:
    px, top = place(dot.x, dot.high or 0)
    return Box(px - 0.03, top, px + 0.03, place(dot.x, dot.low or 0)[1])


def _root(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sqrt(np.maximum(values, 0))


def _squares(top: float) -> list[float]:
    """Round values about as far apart as their square roots are: 0, and from a hundredth of the top on."""
    grid = [step * 10.0**power for power in range(-3, 13) for step in (1, 2, 5)]
    return [0.0, *(one for one in grid if top / 80 <= one <= top)]


def _slopes(sheet: Sheet, axes: Axes, field: Field, place: Callable[[float, float], Point], corner: Point, width: float,
            limits: tuple[float, float, float], taken: list[Box]) -> None:  # fmt: skip
    """Lines of equal y per x, each named where it leaves the field; all under the diagonal in a shade."""
    x0, x1, y1 = limits
    for slope, words in (field.diagonal, *field.slopes) if field.diagonal else field.slopes:
        own = (slope, words) == field.diagonal
        end = min(x1, y1 / slope)
        if end <= x0:
            continue
        xs = [x0, end] if field.root else [x0 + (end - x0) * step / 60 for step in range(61)]
        if own:
            axes.fill_between([*xs, x1], [*(slope * x for x in xs), slope * end], color=SHADE, linewidth=0, zorder=0)
            axes.plot(xs, [slope * x for x in xs], color=MARGIN_COLOUR, linewidth=2.0)
        else:
            axes.plot(xs, [slope * x for x in xs], color="#9aa5b1", linewidth=0.8, linestyle=(0, (2, 3)))
        size = text_width(sheet.fit(words), SMALL, own)
        px, py = place(end, slope * end)
        left, middle = (min(px + 0.05, width - size), -0.08) if end < x1 else (width - size, py - 0.1)
        places = [Box(left, middle - 0.08, left + size, middle + 0.08)]
        if own:
            places += _along(place(x0, 0), (px, py), size, width)
        box = next((one for one in places if not any(one.meets(other) for other in taken)), None)
        if box is None and own:
            box = Box(width - size, -0.24, width, -0.08)  # over the field
        if box is not None:
            colour = MARGIN_COLOUR if own else MUTED
            sheet.text(words, corner[0] + box.left, corner[1] + box.top + 0.08, SMALL, colour=colour, bold=own)
            taken.append(box)


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


def _label(sheet: Sheet, dot: Dot, at: tuple[float, float], top_of: float, corner: tuple[float, float],
           size: tuple[float, float], taken: list[Box]) -> Box:  # fmt: skip
    """Name and note at the first free place around the dot, joined to it by a line when it is far; a crowd that
    leaves none gets the name alone, over what is there."""
    name, note = clip(sheet.fit(dot.label), NAME, BODY, True), clip(sheet.fit(dot.note), NAME + 0.3, SMALL)
    px, py = at
    full, short = [(name, BODY, True), (note, SMALL, False)], [(name, BODY, True)]
    for lines in (full, short):
        for places_of in (_near, _further):
            wide = max(text_width(text, points, bold) for text, points, bold in lines) + 0.02
            high = sum(points * 1.25 / 72 for _, points, _ in lines)
            for left, top in places_of(at, (wide, high), top_of, size[0]):
                box = Box(left, top, left + wide, top + high)
                inside = left >= 0.02 and box.right <= size[0] and top >= -0.05 and box.bottom <= size[1] - 0.02
                if inside and not any(box.meets(other) for other in taken):
                    _write(sheet, dot, lines, box, at, corner)
                    return box
    left = min(max(0.02, px + 0.1), size[0] - wide)
    box = Box(left, py - 0.2, left + wide, py)
    _write(sheet, dot, short, box, at, corner)
    return box


def _write(sheet: Sheet, dot: Dot, lines: list[tuple[str, float, bool]], box: Box, at: tuple[float, float],
           corner: tuple[float, float]) -> None:  # fmt: skip
    (px, py), (x, y) = at, corner
    across = min(max(px, box.left), box.right)
    down = min(max(py, box.top), box.bottom)
    if math.hypot(across - px, down - py) > 0.2:
        sheet.line((x + px, y + py), (x + across, y + down))
    top = box.top
    for text, points, bold in lines:
        tall = points * 1.25 / 72
        colour = MUTED if dot.faint else INK
        sheet.text(text, x + box.left, y + top + tall / 2, points, bold=bold, colour=colour, solid=True)
        top += tall


def _near(at: Point, box: Point, top_of: float, room: float) -> list[Point]:
    """Beside the dot, above its interval, and under it."""
    (px, py), (wide, high) = at, box
    right, left, centre = px + 0.11, px - wide - 0.11, px - wide / 2
    beside = [(side, py - high * share) for share in (0.5, 1.0, 0.0) for side in (right, left)]
    over = min(top_of, py - 0.08) - high - 0.02
    above = [(centre, over), (max(0.02, min(centre, room - wide)), over)]
    first, then = (above, beside) if top_of < py - 0.1 else (beside, above)  # an interval carries its name on top
    return [*first, *then, (centre, py + 0.1)]


def _further(at: Point, box: Point, top_of: float, room: float) -> list[Point]:
    """A grid around the dot as far as the field goes, the nearest places first."""
    (px, py), (wide, high) = at, box
    steps = range(6)
    across = [px + 0.11 + 0.15 * step for step in steps] + [px - wide - 0.11 - 0.15 * step for step in steps]
    down = [py - high * 0.5 + 0.12 * step for step in range(-14, 6)]
    found = [(left, top) for left in across for top in down if left + wide <= room]
    return sorted(found, key=lambda place: (math.hypot(place[0] + wide / 2 - px, place[1] + high / 2 - py), place))
