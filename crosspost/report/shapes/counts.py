"""Counts in horizontal bars, one beneath the other for each series of a row."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crosspost.report.language.words import Words
from crosspost.report.records.courses import Counts
from crosspost.report.shapes import keys
from crosspost.report.style import BODY, EDGE, FILL, MUTED, NARROW, RULE, SMALL, WIDE, Sheet, clip, text_width

BAR, GAP, AXIS = 0.13, 0.12, 0.42


def draw(data: Counts, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    width = WIDE if wide else NARROW
    key = keys.lines(data.key, width, fit)
    pitch = BAR * len(data.tones) + GAP
    top = 0.08 + keys.height(key)
    rows = pitch * len(data.rows)
    sheet = Sheet(data, wide=wide, body=top + rows + AXIS, fit=fit)
    keys.draw(sheet, key)
    left = min(1.5 if wide else 1.0, max(text_width(fit(row.label), BODY) for row in data.rows) + 0.12)
    right = min(2.2 if wide else 1.4, max(text_width(fit(row.text), SMALL) for row in data.rows) + 0.12)
    axes = sheet.axes(left, top, width - left - right, rows)
    most = max((count for row in data.rows for count in row.counts), default=1) or 1
    axes.set(xlim=(0, 1.03 * most), ylim=(rows, 0), yticks=[])
    axes.xaxis.set_major_locator(MaxNLocator(5 if wide else 3, integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(value)))
    axes.grid(axis="x", color=RULE, linewidth=0.8)
    axes.set_xlabel(fit(data.axis), labelpad=2)
    for index, row in enumerate(data.rows):
        y = pitch * index + GAP / 2
        for at, (count, tone) in enumerate(zip(row.counts, data.tones, strict=True)):
            axes.barh(y + BAR * (at + 0.5), count, 0.86 * BAR, facecolor=FILL[tone], edgecolor=EDGE[tone],
                      linewidth=0.6)  # fmt: skip
        middle = top + pitch * (index + 0.5)
        sheet.text(clip(fit(row.label), left - 0.08, BODY), 0, middle)
        sheet.text(clip(fit(row.text), right - 0.08, SMALL), width, middle, SMALL, align="right", colour=MUTED)
    axes.plot([0, 0], [0, rows], color=MUTED, linewidth=1.0)
    return sheet.figure
