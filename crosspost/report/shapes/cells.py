"""Courses of money in small fields: one each, of one scale, with the line at which it is paid back."""

from __future__ import annotations

from collections.abc import Callable

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
    wrap,
)

GUTTER, GAP = 0.5, 0.22
PLOT, UNDER = 0.85, 0.32
GROUP = 0.3


def draw(data: Cells, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    width = WIDE if wide else NARROW
    columns = 3 if wide else 2
    cell = (width - GUTTER - GAP * (columns - 1)) / columns
    key = keys.lines(data.key, width, fit)
    texts = {id(course): wrap(fit(course.text), cell, SMALL)[:3] for _, group in data.groups for course in group}
    lines = {name: [group[at : at + columns] for at in range(0, len(group), columns)] for name, group in data.groups}
    heads = {id(line): _head(line, texts) for found in lines.values() for line in found}
    body = 0.06 + keys.height(key) + 0.22
    body += sum(GROUP + sum(heads[id(line)] + PLOT + UNDER for line in found) for found in lines.values()) + 0.2
    sheet = Sheet(data, wide=wide, body=body, fit=fit)
    keys.draw(sheet, key)
    y = 0.06 + keys.height(key)
    sheet.text(clip(fit(data.y_label), width, SMALL), 0, y + 0.1, SMALL, colour=MUTED)
    y += 0.22
    months = max(course.end for _, group in data.groups for course in group)
    for name, group in data.groups:
        sheet.text(clip(fit(name), width, BODY + 1, True), 0, y + 0.12, BODY + 1, bold=True)
        y += GROUP
        for line in lines[name]:
            for at, course in enumerate(line):
                x = GUTTER + at * (cell + GAP)
                _field(sheet, course, words, (x, y, cell, heads[id(line)]), texts[id(course)],
                       (months, *_money(group)), first=at == 0)  # fmt: skip
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


def _field(sheet: Sheet, course: Course, words: Words, place: tuple[float, float, float, float], text: list[str],
           scale: tuple[float, float, float], *, first: bool) -> None:  # fmt: skip
    x, y, width, head = place
    months, low, high = scale
    sheet.text(clip(sheet.fit(course.label), width, BODY, True), x, y + 0.1, bold=True)
    sheet.lines(text, x, y + 0.2, SMALL, colour=MUTED)
    axes = sheet.axes(x, y + head, width, PLOT)
    axes.set(xlim=(0, max(months, 1.0)), ylim=(low, high))
    axes.xaxis.set_major_locator(MaxNLocator(5 if sheet.wide else 3, integer=True, steps=[1, 2, 3, 6, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(round(value))))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(value)))
    if not first:
        axes.tick_params(labelleft=False)
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.plot([0, max(months, 1.0)], [0, 0], color=INK, linewidth=1.1, clip_on=False)
    step(axes, course)
