"""Shares with intervals, one row each: bars with hatched bounds, or dots."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crosspost.report.records import BarRow, Bars, Tone
from crosspost.report.style import (
    BODY,
    FILL,
    HATCH,
    INK,
    MUTED,
    NARROW,
    RULE,
    SMALL,
    WIDE,
    Sheet,
    clip,
    text_width,
)
from crosspost.report.words import Words

BAR = 0.15
AXIS = 0.42


def draw(data: Bars, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    width = WIDE if wide else NARROW
    pitch = 0.29 if wide else 0.44
    key = _key_lines(data, width, fit)
    key_height = 0.22 * len(key) + 0.06 if key else 0.0
    top = 0.06 + key_height + (0.18 if data.reference is not None else 0)
    rows = pitch * len(data.rows)
    sheet = Sheet(data, wide=wide, body=top + rows + AXIS, fit=fit)
    for index, line in enumerate(key):
        _key(sheet, line, 0.14 + 0.22 * index)
    labels = min(1.75, max((text_width(fit(row.label), BODY, row.strong) for row in data.rows), default=0) + 0.12)
    texts = max((text_width(fit(row.text), SMALL) for row in data.rows), default=0) + 0.1
    left, right = (labels, min(texts, 2.4)) if wide else (0.0, 0.0)
    axes = sheet.axes(left, top, width - left - right, rows)
    ends = [end for row in data.rows for end in (row.value, row.high, row.upper, row.any_touch) if end is not None]
    far = min(1.0, 1.04 * max(ends, default=1.0)) or 1.0
    axes.set(xlim=(0, far), ylim=(rows, 0), yticks=[])
    axes.xaxis.set_major_locator(MaxNLocator(5 if wide else 4, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: words.axis_share(round(x, 6))))
    axes.grid(axis="x", color=RULE, linewidth=0.8)
    axes.set_xlabel(fit(data.axis), labelpad=2)
    if data.reference is not None:
        axes.axvline(data.reference, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        size = text_width(fit(data.reference_text), SMALL)
        x = left + (width - left - right) * data.reference / far
        sheet.text(data.reference_text, min(max(left, x - size / 2), width - size), top - 0.09, SMALL, colour=MUTED)
    for index, row in enumerate(data.rows):
        y = pitch * index
        middle = y + (pitch / 2 if wide else pitch - 0.15)
        _mark(axes, row, middle, dots=data.dots)
        colour = MUTED if row.tone is Tone.FAINT else INK
        text = clip(fit(row.text), 2.4 if wide else width * 0.72, SMALL)
        if wide:
            sheet.text(clip(fit(row.label), labels - 0.08, BODY, row.strong), 0, top + middle, bold=row.strong, colour=colour)
            sheet.text(text, width - right + 0.1, top + middle, SMALL, colour=colour, bold=False)
        else:
            room = width - text_width(text, SMALL) - 0.1
            sheet.text(clip(fit(row.label), room, BODY, row.strong), 0, top + y + 0.11, bold=row.strong, colour=colour)
            sheet.text(text, width, top + y + 0.11, SMALL, align="right", colour=colour)
    return sheet.figure


def _mark(axes: Axes, row: BarRow, y: float, *, dots: bool) -> None:
    if dots:
        edge = {Tone.OTHER: "#5d7183", Tone.UNKNOWN: HATCH, Tone.FAINT: "#b4bcc5"}.get(row.tone, FILL[row.tone])
        if row.low is not None and row.high is not None:
            axes.plot([row.low, row.high], [y, y], color=edge, linewidth=2.0, solid_capstyle="butt")
        axes.plot([row.value], [y], "o", markersize=7, markerfacecolor=FILL[row.tone], markeredgecolor=edge,
                  markeredgewidth=1.3, clip_on=False)  # fmt: skip
        return
    if row.tone is Tone.UNKNOWN:
        axes.barh(y, row.value, BAR, facecolor="white", edgecolor=HATCH, hatch="/////", linewidth=0.6)
        return
    if row.any_touch is not None:
        axes.barh(y, row.any_touch, BAR + 0.05, facecolor="none", edgecolor=INK, linewidth=0.9)
    axes.barh(y, row.value, BAR, color=FILL[row.tone])
    if row.upper is not None:
        axes.barh(y, row.upper - row.value, BAR, left=row.value, facecolor="white", edgecolor=HATCH, hatch="/////",
                  linewidth=0.6)  # fmt: skip
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [y, y], color="white", linewidth=3.4, solid_capstyle="butt")
        axes.plot([row.low, row.high], [y, y], color=INK, linewidth=1.2, solid_capstyle="butt")
        for end in (row.low, row.high):
            axes.plot([end, end], [y - 0.035, y + 0.035], color=INK, linewidth=1.2)


def _key_lines(data: Bars, width: float, fit: Callable[[str], str]) -> list[list[tuple[str, str, float]]]:
    """The key's entries with their places, in as many lines as they need."""
    lines: list[list[tuple[str, str, float]]] = []
    x = width + 1
    for mark, words in data.key:
        size = 0.34 + text_width(fit(words), SMALL) + 0.18
        if x + size - 0.18 > width:
            lines.append([])
            x = 0.0
        lines[-1].append((mark, words, x))
        x += size
    return lines


def _key(sheet: Sheet, line: list[tuple[str, str, float]], y: float) -> None:
    for mark, words, x in line:
        axes = sheet.axes(x, y - 0.08, 0.26, 0.16)
        axes.set(xlim=(0, 1), ylim=(0.16, 0), xticks=[], yticks=[])
        if mark == "interval":
            axes.plot([0.05, 0.95], [0.08, 0.08], color=INK, linewidth=1.2)
            for end in (0.05, 0.95):
                axes.plot([end, end], [0.045, 0.115], color=INK, linewidth=1.2)
        elif mark == "outline":
            axes.barh(0.08, 1, 0.14, facecolor="none", edgecolor=INK, linewidth=1.4)
        elif mark == "unknown":
            axes.barh(0.08, 1, 0.14, facecolor="white", edgecolor=HATCH, hatch="/////", linewidth=1)
        else:
            axes.barh(0.08, 1, 0.14, color=FILL[Tone(mark)])
        sheet.text(words, x + 0.34, y, SMALL, colour=MUTED)
