"""Shares that grow with days: steps with bands and ticks in one field, and under it how many are still watched."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from crosspost.report.language.words import Words
from crosspost.report.records.courses import Course, Curves
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
    text_width,
)

GUTTER, PLOT = 0.52, (2.5, 2.2)  # left of the field; its height on A4 and on a phone
RISK = 0.19  # a line of the numbers at risk


def draw(data: Curves, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    width = WIDE if wide else NARROW
    key = keys.lines(data.key, width, fit)
    plot = PLOT[0] if wide else PLOT[1]
    top = 0.06 + keys.height(key) + 0.28
    names = 0.0 if wide else (0.37 * len(data.courses) + 0.04)  # a phone has no room beside the field
    risk = 0.24 + RISK * len(data.risk) * (1 if wide else 2)
    sheet = Sheet(data, wide=wide, body=top + names + plot + 0.46 + risk, fit=fit)
    keys.draw(sheet, key)
    y = top + names
    labels = [(fit(one.label), fit(one.text)) for one in data.courses]
    beside = min(1.75, max(max(text_width(a, BODY, True), text_width(b, SMALL)) for a, b in labels) + 0.12)
    field = width - GUTTER - (beside if wide else 0.06)
    sheet.text(data.y_label, 0, top - 0.17, SMALL, colour=MUTED)
    axes = sheet.axes(GUTTER, y, field, plot)
    end = max(course.end for course in data.courses) or 1.0
    high = max([point[3] for course in data.courses for point in course.points], default=0.1)
    high = min(1.0, 1.06 * high)
    axes.set(xlim=(0, end), ylim=(0, high))
    axes.xaxis.set_major_locator(FixedLocator([float(day) for day in data.days]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(round(value))))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.axis_share(round(value, 6))))
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.plot([0, end], [0, 0], color=MUTED, linewidth=1.0, clip_on=False)
    axes.set_xlabel(fit(data.x_label), labelpad=1)
    for course in data.courses:
        step(axes, course, start=0.0)
    if wide:
        _names(sheet, data.courses, (width - beside + 0.08, y, beside - 0.08), plot, high)
    else:
        for at, course in enumerate(data.courses):
            colour = MUTED if course.faint else INK
            sheet.text(clip(fit(course.label), width, BODY, True), 0, top + 0.09 + 0.37 * at, bold=True, colour=colour)
            sheet.text(clip(fit(course.text), width, SMALL), 0, top + 0.26 + 0.37 * at, SMALL, colour=colour)
    _at_risk(sheet, data, words, y + plot + 0.46, (GUTTER, field, end))
    return sheet.figure


def _names(sheet: Sheet, courses: tuple[Course, ...], place: tuple[float, float, float], plot: float,
           high: float) -> None:  # fmt: skip
    """Each name at the height of its line's end, moved apart where two would meet."""
    x, y, room = place
    ends = sorted(((course.points[-1][1] if course.points else 0.0), at) for at, course in enumerate(courses))
    under = plot + 0.1
    for value, at in ends:
        course = courses[at]
        lines = few_lines(sheet.fit(course.text), room, SMALL, 4)
        tall = 0.19 + len(lines) * SMALL * PITCH / 72
        top = min(max(plot * (1 - value / high) - 0.09, 0), under - tall)
        under = top
        colour = MUTED if course.faint else INK
        sheet.text(clip(sheet.fit(course.label), room, BODY, True), x, y + top + 0.09, bold=True, colour=colour)
        sheet.lines(lines, x, y + top + 0.17, SMALL, colour=colour)


def _at_risk(sheet: Sheet, data: Curves, words: Words, y: float, field: tuple[float, float, float]) -> None:
    left, width, end = field
    sheet.text(clip(sheet.fit(data.risk_label), sheet.width, SMALL), 0, y + 0.08, SMALL, colour=MUTED)
    y += 0.2
    for name, counts in data.risk:
        shown = sheet.fit(name)
        if sheet.wide:
            beside = sheet.width - left - width - 0.08
            sheet.text(clip(shown, beside, SMALL), left + width + 0.12, y + RISK / 2, SMALL)
        else:
            sheet.text(clip(shown, sheet.width, SMALL), 0, y + RISK / 2, SMALL, colour=MUTED)
            y += RISK
        for day, count in zip(data.days, counts, strict=True):
            if count is not None:
                sheet.text(words.number(count), left + width * day / end, y + RISK / 2, SMALL, align="center")
        y += RISK
