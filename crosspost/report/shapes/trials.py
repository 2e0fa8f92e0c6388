"""Experiments: the weeks by lot and what came in each, and under them all that the lots could have shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crosspost.report.language.words import Words
from crosspost.report.records import Tone
from crosspost.report.records.trials import Seen, Trial, Trials, Week
from crosspost.report.shapes import keys
from crosspost.report.style import (
    BODY,
    FILL,
    INK,
    MARGIN_COLOUR,
    MUTED,
    NARROW,
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

GUTTER = 0.5  # for the numbers of an axis, inches
GAP = 0.25  # between two pictures side by side
STRIP, WEEKS, UNDER_WEEKS = 0.17, 0.9, 0.4
WHISKER, LOTS, UNDER_LOTS = 0.2, 0.7, 0.46
ON, OFF, COMING = FILL[Tone.NETWORK], PAPER, "#eef1f4"
PLAIN = "#b9c4cd"  # lots that are less extreme than what was seen


def draw(data: Trials, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    whole = WIDE if wide else NARROW
    columns = 2 if wide and len(data.trials) > 2 else 1
    width = (whole - GAP * (columns - 1)) / columns
    key = keys.lines(data.key, whole, fit)
    lines = [data.trials[at : at + columns] for at in range(0, len(data.trials), columns)]
    heights = [max(_height(one, width, fit) for one in line) for line in lines]
    sheet = Sheet(data, wide=wide, body=0.06 + keys.height(key) + sum(heights), fit=fit)
    keys.draw(sheet, key)
    y = 0.06 + keys.height(key)
    for line, height in zip(lines, heights, strict=True):
        for at, one in enumerate(line):
            _trial(sheet, one, words, (at * (width + GAP), y, width))
        y += height
    return sheet.figure


def _notes(trial: Trial, width: float, fit: Callable[[str], str]) -> list[str]:
    text = trial.note if trial.seen is None else trial.seen.text
    return [*wrap(fit(trial.claim), width, SMALL), *wrap(fit(text), width, SMALL)]


def _axis(seen: Seen, width: float, fit: Callable[[str], str]) -> list[str]:
    return wrap(fit(seen.axis), width - GUTTER, SMALL)


def _has_values(trial: Trial) -> bool:
    return any(week.value is not None for week in trial.weeks)


def _height(trial: Trial, width: float, fit: Callable[[str], str]) -> float:
    lines = len(_notes(trial, width, fit))
    if trial.seen is not None:
        lines += len(wrap(fit(trial.seen.words), width, SMALL)) + len(_axis(trial.seen, width, fit)) - 1
    found = 0.32 + lines * SMALL * PITCH / 72 + STRIP + UNDER_WEEKS + 0.08
    found += 0.2 + WEEKS if _has_values(trial) else 0
    return found + (0.05 + WHISKER + LOTS + UNDER_LOTS if trial.seen else 0)


def _trial(sheet: Sheet, trial: Trial, words: Words, place: tuple[float, float, float]) -> None:
    x, y, width = place
    word = sheet.fit(trial.word)
    room = width - text_width(word, BODY, True) - 0.15
    sheet.block(x, y, width, 0.011, RULE)
    sheet.text(clip(sheet.fit(trial.label), room, BODY + 0.5, True), x, y + 0.13, BODY + 0.5, bold=True)
    sheet.text(word, x + width, y + 0.13, BODY, bold=True, align="right")
    y = sheet.lines(_notes(trial, width, sheet.fit), x, y + 0.24, SMALL, colour=MUTED) + 0.08
    plot = width - GUTTER
    if _has_values(trial):
        sheet.text(trial.y_label, x, y + 0.08, SMALL, colour=MUTED)
        y += 0.2
        axes = sheet.axes(x + GUTTER, y, plot, WEEKS)
        _outcomes(axes, trial.weeks, words)
        y += WEEKS
    strip = sheet.axes(x + GUTTER, y + 0.03, plot, STRIP)
    _strip(strip, trial.weeks)
    strip.set_xlabel(sheet.fit(words("experiments.x")), labelpad=1)
    strip.xaxis.set_major_locator(MaxNLocator(12 if width > NARROW else 6, integer=True, steps=[1, 2, 4, 5, 10]))
    y += STRIP + UNDER_WEEKS
    if trial.seen is not None:
        _seen(sheet, trial.seen, words, (x, y, width))


def _outcomes(axes: Axes, weeks: tuple[Week, ...], words: Words) -> None:
    top = max(week.value for week in weeks if week.value is not None) or 1.0
    low = min(0.0, *(week.value for week in weeks if week.value is not None))
    axes.set(xlim=(0.5, len(weeks) + 0.5), ylim=(low - 0.03 * top, 1.12 * top), xticks=[])
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(value)))
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.broken_barh([(week.number - 0.5, 1.0) for week in weeks if week.on], (low - 0.03 * top, 2.0 * top),
                     facecolor="#e7edf3", linewidth=0, zorder=0)  # fmt: skip
    dots: dict[tuple[bool, bool], list[tuple[int, float]]] = {}
    for week in weeks:
        if week.value is not None:
            dots.setdefault((week.used, week.used and bool(week.on)), []).append((week.number, week.value))
    for (used, on), found in sorted(dots.items()):
        form: dict[str, Any] = {"markersize": 3.0, "markerfacecolor": MUTED, "markeredgecolor": MUTED}
        if used:
            form = {"markersize": 5.5, "markerfacecolor": ON if on else PAPER, "markeredgecolor": INK}
        axes.plot(*zip(*found, strict=True), "o", clip_on=False, zorder=3, **form)


def _strip(axes: Axes, weeks: tuple[Week, ...]) -> None:
    """Weeks with posts filled, without them empty, those to come pale; a cross where it went otherwise."""
    axes.set(xlim=(0.5, len(weeks) + 0.5), ylim=(0, 1), yticks=[])
    line = 0.7 if len(weeks) <= 60 else 0.2
    for on, colour, edge in ((None, COMING, RULE), (False, OFF, INK), (True, ON, INK)):
        axes.broken_barh([(week.number - 0.5, 1.0) for week in weeks if week.on is on], (0, 1), facecolor=colour,
                         edgecolor=edge, linewidth=line, clip_on=False)  # fmt: skip
    for week in weeks:
        if week.obeyed is False:
            axes.plot([week.number], [0.5], "x", markersize=5, markeredgewidth=1.4, color=PAPER if week.on else INK)


def _seen(sheet: Sheet, seen: Seen, words: Words, place: tuple[float, float, float]) -> None:
    """The interval of the estimate above the histogram of the lots, on one scale."""
    x, y, width = place
    plot = width - GUTTER
    y = sheet.lines(wrap(sheet.fit(seen.words), width, SMALL), x, y, SMALL) + 0.05
    far = max([abs(one.high) for one in seen.lots] + [abs(one.low) for one in seen.lots] + [abs(seen.value)])
    left = min([-far, *(end for end in (seen.low,) if end is not None)])
    right = max([far, *(end for end in (seen.high,) if end is not None)])
    room = 0.03 * (right - left) or 1.0
    limits = (left - room, right + room)
    above = sheet.axes(x + GUTTER, y, plot, WHISKER)
    above.set(xlim=limits, ylim=(0, 1), xticks=[], yticks=[])
    ends = [limits[0] if seen.low is None else seen.low, limits[1] if seen.high is None else seen.high]
    above.plot(ends, [0.5, 0.5], color=INK, linewidth=1.4, solid_capstyle="butt")
    for end, closed in zip(ends, (seen.low is not None, seen.high is not None), strict=True):
        if closed:
            above.plot([end, end], [0.2, 0.8], color=INK, linewidth=1.4)
    above.plot([seen.value], [0.5], "o", markersize=6, markerfacecolor=MARGIN_COLOUR, markeredgecolor=INK)
    axes = sheet.axes(x + GUTTER, y + WHISKER, plot, LOTS)
    most = max((one.assignments for one in seen.lots), default=1)
    axes.set(xlim=limits, ylim=(0, 1.08 * most))
    starts, wide = [one.low for one in seen.lots], [0.92 * (one.high - one.low) for one in seen.lots]
    extreme = [one.extreme for one in seen.lots]
    axes.bar(starts, extreme, wide, align="edge", color=INK)
    axes.bar(starts, [one.assignments - one.extreme for one in seen.lots], wide, bottom=extreme, align="edge",
             color=PLAIN)  # fmt: skip
    for each in (above, axes):
        each.axvline(seen.value, color=MARGIN_COLOUR, linewidth=1.6, clip_on=False, zorder=1 if each is above else 3)
    axes.plot(limits, [0, 0], color=MUTED, linewidth=1.0, clip_on=False)
    axes.axvline(0, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(value)))
    axes.xaxis.set_major_locator(MaxNLocator(7 if width > NARROW else 5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(round(value, 9))))
    axes.set_xlabel("\n".join(_axis(seen, width, sheet.fit)), labelpad=1)
