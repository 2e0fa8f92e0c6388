"""Where the names of dots stand: each near its own, over nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from crosspost.report.records import Dot, Field
from crosspost.report.style import BODY, SMALL, clip, text_width

MANY = 9  # dots: more have numbers, and so have fewer that stand too near to each other to be named
NAME = 1.8  # inches, the longest name beside a dot

Point = tuple[float, float]
Place = Callable[[float, float], Point]  # from values to inches from the top left of the field
Written = list[tuple[str, float, bool]]  # lines with their points, bold or not


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


class Name(NamedTuple):
    """Name and note of a dot, and the line from it to them where they are far."""

    dot: Dot
    lines: Written
    box: Box
    leader: tuple[Point, Point] | None


def named_dots(field: Field, width: float, height: float, fit: Callable[[str], str]) -> list[Name] | None:
    """Name and note of every dot beside it, or the names alone where that is too much; None where even one of these
    finds no place: the dots then have numbers."""
    if len(field.dots) > MANY:
        return None
    full = _placed(field, width, height, fit, notes=True)
    return full if full is not None else _placed(field, width, height, fit, notes=False)


def _placed(field: Field, width: float, height: float, fit: Callable[[str], str], *, notes: bool) -> list[Name] | None:
    """Each at the first free place around its dot, those far away with a line that crosses no other name or dot."""
    place = placing(field, (width, height))
    marks = marks_of(field, place, width, fit)
    found: list[Name] = []
    for dot in sorted(field.dots, key=lambda dot: (dot.y, dot.x)):
        at = place(dot.x, dot.y)
        # a name as near to another dot as to its own would name both
        others = [_around(*place(other.x, other.y), 0.17) for other in field.dots if other is not dot]
        dots = [_around(*place(other.x, other.y), 0.06) for other in field.dots if other is not dot]
        lines = [(clip(fit(dot.label), NAME, BODY, True), BODY, True),
                 (clip(fit(dot.note), NAME + 0.3, SMALL), SMALL, False)][: 1 + notes]  # fmt: skip
        wide = max(text_width(text, points, bold) for text, points, bold in lines) + 0.02
        high = sum(points * 1.25 / 72 for _, points, _ in lines)
        top_of = place(dot.x, dot.high if dot.high is not None else dot.y)[1]
        boxes = [one.box for one in found]
        leaders = [part for one in found if one.leader for part in _steps(*one.leader)]
        for left, top in (one for ways in (_near, _further) for one in ways(at, (wide, high), top_of, width)):
            box = Box(left, top, left + wide, top + high)
            inside = left >= 0.02 and box.right <= width and top >= -0.05 and box.bottom <= height - 0.02
            if not inside or any(box.meets(other) for other in (*marks, *others, *boxes, *leaders)):
                continue
            leader = _leader(at, box)
            parts = _steps(*leader) if leader else []
            if not any(part.meets(other) for part in parts for other in (*boxes, *dots, *leaders)):
                found.append(Name(dot, lines, box, leader))
                break
        else:
            return None
    return found


def limits(field: Field) -> tuple[float, float, float, float]:
    """x from, x to, y from, y to."""
    xs = [dot.x for dot in field.dots]
    highs = [dot.high if dot.high is not None else dot.y for dot in field.dots]
    top = max([*highs, field.reference or 0, 1.0]) * 1.12
    if field.log_x:
        low, high = math.log10(min(xs)), math.log10(max(xs))
        room = max(0.35, 0.22 * (high - low))
        return 10 ** (low - room), 10 ** (high + room), 0.0, top
    return 0.0, max(xs) * 1.25, 0.0, top


def placing(field: Field, size: Point) -> Place:
    (x0, x1, y0, y1), (width, height) = limits(field), size

    def place(px: float, py: float) -> Point:
        if field.root:
            return math.sqrt(px / x1) * width, (1 - math.sqrt(py / y1)) * height
        across = math.log10(px / x0) / math.log10(x1 / x0) if field.log_x else (px - x0) / (x1 - x0)
        return across * width, (1 - (py - y0) / (y1 - y0)) * height

    return place


def marks_of(field: Field, place: Place, width: float, fit: Callable[[str], str]) -> list[Box]:
    """What stands in a field before any name does: dots, intervals, and the words of the reference."""
    taken = [_around(*place(dot.x, dot.y), 0.07) for dot in field.dots]
    taken += [_whisker(place, dot) for dot in field.dots if dot.high is not None]
    if field.reference is not None:
        level = place(limits(field)[1], field.reference)[1]
        taken.append(Box(0, level - 0.17, min(width, text_width(fit(field.reference_text), SMALL) + 0.1), level + 0.02))
    return taken


def _around(px: float, py: float, size: float) -> Box:
    return Box(px - size, py - size, px + size, py + size)


def _whisker(place: Callable[[float, float], tuple[float, float]], dot: Dot) -> Box:
    px, top = place(dot.x, dot.high or 0)
    return Box(px - 0.03, top, px + 0.03, place(dot.x, dot.low or 0)[1])


def _leader(at: Point, box: Box) -> tuple[Point, Point] | None:
    """The line from a dot to the nearest point of its name, where they are far from each other."""
    end = min(max(at[0], box.left), box.right), min(max(at[1], box.top), box.bottom)
    return (at, end) if math.dist(at, end) > 0.2 else None


def _steps(start: Point, end: Point) -> list[Box]:
    """A line as small boxes, from beside the dot to before the name."""
    count = max(2, round(math.dist(start, end) / 0.04))
    shares = [step / count for step in range(1, count)]
    return [_around(start[0] + (end[0] - start[0]) * one, start[1] + (end[1] - start[1]) * one, 0.02) for one in shares]


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
