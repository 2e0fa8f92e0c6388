"""Courses of money in small fields: one each, of one scale, with the line at which it is paid back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crosspost.report.language.words import Words
from crosspost.report.records.courses import Cells, Course
from crosspost.report.shapes import keys
from crosspost.report.shapes.steps import step
from crosspost.report.style import (
    BODY,
    INK,
    MUTED,
    NARROW,
    PITCH,
    RULE,
    SMALL,
    WIDE,
    Sheet,
    clip,
    few_lines,
)

GUTTER, GAP = 0.5, 0.22
PLOT, UNDER = 0.85, 0.32
GROUP = 0.3
MOST = 5  # lines of words over a field


def draw(data: Cells, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    width = WIDE if wide else NARROW
    columns = 3 if wide else 2
    cell = (width - GUTTER - GAP * (columns - 1)) / columns
    key = keys.lines(data.key, width, fit)
    texts = {id(course): few_lines(fit(course.text), cell, SMALL, MOST) for _, group in data.groups for course in group}
    lines = {name: [group[at : at + columns] for at in range(0, len(group), columns)] for name, group in data.groups}
    heads = {id(line): _head(line, texts) for found in lines.values() for line in found}
    body = 0.06 + keys.height(key) + 0.22
    body += sum(GROUP + sum(heads[id(line)] + PLOT + UNDER for line in found) for found in lines.values()) + 0.2
    sheet = Sheet(data, wide=wide, body=body, fit=fit)
    keys.draw(sheet, key)
    y = 0.06 + keys.height(key)
    sheet.text(clip(fit(data.y_label), width, SMALL), 0, y + 0.1, SMALL, colour=MUTED)
    y += 0.22
    months = max([1.0, *(course.end for _, group in data.groups for course in group)])
    for name, group in data.groups:
        sheet.text(clip(fit(name), width, BODY + 1, True), 0, y + 0.12, BODY + 1, bold=True)
        y += GROUP
        for line in lines[name]:
            for at, course in enumerate(line):
                x = GUTTER + at * (cell + GAP)
                sheet.text(clip(fit(course.label), cell, BODY, True), x, y + 0.1, bold=True)
                sheet.lines(texts[id(course)], x, y + 0.2, SMALL, colour=MUTED)
            _fields(sheet, line, words, (y + heads[id(line)], cell), (months, *_money(group)))
            y += heads[id(line)] + PLOT + UNDER
    sheet.text(clip(fit(data.x_label), width - GUTTER, SMALL), GUTTER, y + 0.06, SMALL, colour=MUTED)
    return sheet.figure


def _head(line: tuple[Course, ...], texts: dict[int, list[str]]) -> float:
    return 0.22 + max(len(texts[id(course)]) for course in line) * SMALL * PITCH / 72 + 0.06


def _money(group: tuple[Course, ...]) -> tuple[float, float]:
    """The scale of a group: all of its courses, and zero."""
    low = min([0.0, *(point[2] for course in group for point in course.points)])
    high = max([0.0, *(point[3] for course in group for point in course.points)])
    room = 0.08 * (high - low) or 1.0
    return low - room, high + room


def _fields(sheet: Sheet, line: tuple[Course, ...], words: Words, place: tuple[float, float],
            scale: tuple[float, float, float]) -> None:  # fmt: skip
    """The fields of a line side by side, in one axes: each begins at its own month 0."""
    y, cell = place
    months, low, high = scale
    pitch = months * (cell + GAP) / cell  # months from the start of a field to that of the next
    axes = sheet.axes(GUTTER, y, len(line) * (cell + GAP) - GAP, PLOT)
    axes.set(xlim=(0, (len(line) - 1) * pitch + months), ylim=(low, high))
    ticks = MaxNLocator(5 if sheet.wide else 3, integer=True, steps=[1, 2, 3, 6, 10]).tick_values(0, months)
    inside = [float(tick) for tick in ticks if 0 <= tick <= months]
    axes.set_xticks([at * pitch + tick for at in range(len(line)) for tick in inside])
    axes.set_xticklabels([words.number(round(tick)) for _ in line for tick in inside])
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(value)))
    for at, course in enumerate(line):
        span = [at * pitch, at * pitch + months]
        for tick in axes.get_yticks():
            if low <= tick <= high:
                axes.plot(span, [tick, tick], color=RULE, linewidth=0.8, zorder=0.5)
        axes.plot(span, [0, 0], color=INK, linewidth=1.1, clip_on=False)
        step(axes, _moved(course, at * pitch))


def _moved(course: Course, by: float) -> Course:
    points = tuple((x + by, middle, low, high) for x, middle, low, high in course.points)
    mark = None if course.mark is None else (course.mark[0] + by, course.mark[1])
    return replace(course, points=points, end=course.end + by, mark=mark)
