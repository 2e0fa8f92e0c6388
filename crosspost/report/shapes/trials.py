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
    tint,
    wrap,
)

GUTTER = 0.5  # for the numbers of an axis, inches
GAP = 0.25  # between two pictures side by side
HEAD = 0.27  # what is counted, above its scale
STRIP, WEEKS, UNDER_WEEKS, APART = 0.17, 0.9, 0.4, 0.03
WHISKER, LOTS, UNDER_LOTS = 0.2, 0.7, 0.46
OFF, COMING = PAPER, "#eef1f4"
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
    found += HEAD + WEEKS if _has_values(trial) else 0
    return found + (0.05 + WHISKER + LOTS + UNDER_LOTS if trial.seen else 0)


def _trial(sheet: Sheet, trial: Trial, words: Words, place: tuple[float, float, float]) -> None:
    x, y, width = place
    word = sheet.fit(trial.word)
    room = width - text_width(word, BODY, True) - 0.15
    sheet.block(x, y, width, 0.011, RULE)
    sheet.text(clip(sheet.fit(trial.label), room, BODY + 0.5, True), x, y + 0.13, BODY + 0.5, bold=True)
    sheet.text(word, x + width, y + 0.13, BODY, bold=True, align="right")
    y = sheet.lines(_notes(trial, width, sheet.fit), x, y + 0.24, SMALL, colour=MUTED) + 0.08
    left, plot = x + GUTTER, width - GUTTER
    if _has_values(trial):
        sheet.text(trial.y_label, x, y + 0.08, SMALL, colour=MUTED)
        axes = sheet.axes(left, y + HEAD, plot, WEEKS)
        _outcomes(axes, trial.weeks, words)
        axes.tick_params(axis="x", pad=72 * (APART + STRIP) + 3)  # the strip of weeks lies between
        y += HEAD + WEEKS
    else:
        axes = sheet.axes(left, y + APART + STRIP, plot, 0.01)
        axes.set(xlim=(0.5, len(trial.weeks) + 0.5), yticks=[])
    _strip(sheet.canvas, trial.weeks, (left, y + APART, plot))
    axes.set_xlabel(sheet.fit(words("experiments.x")), labelpad=1)
    axes.xaxis.set_major_locator(MaxNLocator(12 if width > NARROW else 6, integer=True, steps=[1, 2, 4, 5, 10]))
    y += STRIP + UNDER_WEEKS
    if trial.seen is not None:
        _seen(sheet, trial.seen, words, (x, y, width))


def _outcomes(axes: Axes, weeks: tuple[Week, ...], words: Words) -> None:
    top = max(week.value for week in weeks if week.value is not None) or 1.0
    low = min(0.0, *(week.value for week in weeks if week.value is not None))
    axes.set(xlim=(0.5, len(weeks) + 0.5), ylim=(low - 0.03 * top, 1.12 * top))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(value)))
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.broken_barh([(week.number - 0.5, 1.0) for week in weeks if week.on], (low - 0.03 * top, 2.0 * top),
                     facecolor=tint(FILL[Tone.NETWORK], 0.1), linewidth=0, zorder=0)  # fmt: skip
    dots: dict[tuple[bool, bool], list[tuple[int, float]]] = {}
    for week in weeks:
        if week.value is not None:
            dots.setdefault((week.used, week.used and bool(week.on)), []).append((week.number, week.value))
    for (used, on), found in sorted(dots.items()):
        form: dict[str, Any] = {"markersize": 3.0, "markerfacecolor": MUTED, "markeredgecolor": MUTED}
        if used:
            form = {"markersize": 5.5, "markerfacecolor": FILL[Tone.NETWORK] if on else PAPER, "markeredgecolor": INK}
        axes.plot(*zip(*found, strict=True), "o", clip_on=False, zorder=3, **form)


def _strip(axes: Axes, weeks: tuple[Week, ...], place: tuple[float, float, float]) -> None:
    """Weeks with posts filled, without them empty, those to come pale; a cross where it went otherwise."""
    left, top, width = place
    one = width / max(1, len(weeks))
    line = 0.7 if len(weeks) <= 60 else 0.2
    for on, colour, edge in ((None, COMING, RULE), (False, OFF, INK), (True, FILL[Tone.NETWORK], INK)):
        spans = [(left + one * (week.number - 1), one) for week in weeks if week.on is on]
        axes.broken_barh(spans, (top, STRIP), facecolor=colour, edgecolor=edge, linewidth=line)
    for week in weeks:
        if week.obeyed is False:
            axes.plot([left + one * (week.number - 0.5)], [top + STRIP / 2], "x", markersize=5, markeredgewidth=1.4,
                      color=PAPER if week.on else INK)  # fmt: skip


def _whisker(axes: Axes, seen: Seen, limits: tuple[float, float], place: tuple[float, float, float]) -> None:
    """The estimate with its interval; an end that is open has no bar."""
    left, top, width = place
    middle = top + WHISKER / 2

    def across(value: float) -> float:
        return left + width * (value - limits[0]) / (limits[1] - limits[0])

    ends = [limits[0] if seen.low is None else seen.low, limits[1] if seen.high is None else seen.high]
    axes.plot([across(end) for end in ends], [middle] * 2, color=INK, linewidth=1.4, solid_capstyle="butt")
    for end in (seen.low, seen.high):
        if end is not None:
            axes.plot([across(end)] * 2, [middle - 0.06, middle + 0.06], color=INK, linewidth=1.4)
    axes.plot([across(seen.value)] * 2, [top, top + WHISKER], color=MARGIN_COLOUR, linewidth=1.6)
    axes.plot([across(seen.value)], [middle], "o", markersize=6, markerfacecolor=MARGIN_COLOUR, markeredgecolor=INK)


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
    _whisker(sheet.canvas, seen, limits, (x + GUTTER, y, plot))
    axes = sheet.axes(x + GUTTER, y + WHISKER, plot, LOTS)
    most = max((one.assignments for one in seen.lots), default=1)
    axes.set(xlim=limits, ylim=(0, 1.08 * most))
    starts, wide = [one.low for one in seen.lots], [0.92 * (one.high - one.low) for one in seen.lots]
    extreme = [one.extreme for one in seen.lots]
    axes.bar(starts, extreme, wide, align="edge", color=INK)
    axes.bar(starts, [one.assignments - one.extreme for one in seen.lots], wide, bottom=extreme, align="edge",
             color=PLAIN)  # fmt: skip
    axes.axvline(seen.value, color=MARGIN_COLOUR, linewidth=1.6, clip_on=False, zorder=3)
    axes.plot(limits, [0, 0], color=MUTED, linewidth=1.0, clip_on=False)
    axes.axvline(0, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(value)))
    axes.xaxis.set_major_locator(MaxNLocator(7 if width > NARROW else 5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(round(value, 9))))
    axes.set_xlabel("\n".join(_axis(seen, width, sheet.fit)), labelpad=1)
