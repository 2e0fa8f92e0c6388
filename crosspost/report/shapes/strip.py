"""The verdict strip: word, claim, and where the bounds lie against the margin."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crosspost.report.language.words import Words
from crosspost.report.records import Strip, Tone, VerdictRow
from crosspost.report.style import (
    BODY,
    FILL,
    HATCH,
    INK,
    MARGIN_COLOUR,
    MUTED,
    NARROW,
    PITCH,
    RULE,
    SMALL,
    WIDE,
    Sheet,
    text_width,
    wrap,
)

WORD = 12.0
BAR = 0.17  # inches


def draw(data: Strip, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    width = WIDE if wide else NARROW
    heads = [_head(row, width, fit) for row in data.rows]
    texts = [wrap(fit(row.text), width, SMALL) for row in data.rows]
    heights = [
        (WORD + len(head) * BODY + len(text) * SMALL) * PITCH / 72 + 0.66
        for head, text in zip(heads, texts, strict=True)
    ]
    sheet = Sheet(data, wide=wide, body=sum(heights) + 0.3, fit=fit)
    far = [max(row.high_95 or 0, 2 * row.margin) for row in data.rows]
    top = min(1.0, 1.05 * max(far))
    y = 0.08
    for row, head, text, height in zip(data.rows, heads, texts, heights, strict=True):
        at = sheet.lines([row.word], 0, y, WORD, bold=True, colour=INK)
        if not head:
            beside = text_width(fit(row.word), WORD, True) + 0.16
            sheet.text(row.claim, beside, at - 0.105)
        at = sheet.lines(head, 0, at, BODY)
        axes = sheet.axes(0, at + 0.24, width, BAR + 0.08)
        axes.set(xlim=(0, top), ylim=(0, BAR + 0.08), yticks=[], xticks=[])
        _bar(axes, row, top)
        x = width * row.margin / top
        size = text_width(fit(row.margin_text), SMALL, True)
        left = min(max(0.0, x - size / 2), width - size)
        sheet.text(row.margin_text, left, at + 0.13, SMALL, colour=MARGIN_COLOUR, bold=True)
        sheet.lines(text, 0, at + 0.24 + BAR + 0.1, SMALL, colour=MUTED)
        y += height
    _scale(sheet, words, y - 0.02, width, top)
    return sheet.figure


def _head(row: VerdictRow, width: float, fit: Callable[[str], str]) -> list[str]:
    """The claim's lines under the word; none when it fits beside the word."""
    beside = text_width(fit(row.word), WORD, True) + 0.16 + text_width(fit(row.claim), BODY)
    return [] if beside <= width else wrap(fit(row.claim), width, BODY)


def _scale(sheet: Sheet, words: Words, y: float, width: float, top: float) -> None:
    axes = sheet.axes(0, y, width, 0.02)
    axes.set(xlim=(0, top), ylim=(0, 1), yticks=[])
    axes.spines["top"].set(visible=True, color=MUTED)
    axes.xaxis.set_major_locator(MaxNLocator(6 if sheet.wide else 4, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.axis_share(round(value, 6))))
    axes.tick_params(length=3, color=MUTED, pad=2)
    labels = axes.get_xticklabels()
    if labels:
        labels[0].set_horizontalalignment("left")


def _bar(axes: Axes, row: VerdictRow, top: float) -> None:
    middle = (BAR + 0.08) / 2
    axes.barh(middle, top, BAR, color="#f0f2f5")
    axes.barh(middle, row.margin, BAR, color="#dfe5ea")
    if row.low is not None and row.high is not None and row.low_95 is not None and row.high_95 is not None:
        axes.barh(middle, row.low, BAR, color=FILL[Tone.NETWORK])
        if row.high > row.low:
            axes.barh(
                middle, row.high - row.low, BAR, left=row.low,
                facecolor="white", edgecolor=HATCH, hatch="/////", linewidth=0.6,
            )  # fmt: skip
        axes.plot([row.low_95, row.high_95], [middle, middle], color="white", linewidth=3.4, solid_capstyle="butt")
        axes.plot([row.low_95, row.high_95], [middle, middle], color=INK, linewidth=1.7, solid_capstyle="butt")
        for end in (row.low_95, row.high_95):
            axes.plot([end, end], [middle - 0.05, middle + 0.05], color=INK, linewidth=1.7)
    axes.plot([row.margin] * 2, [0, BAR + 0.08], color=MARGIN_COLOUR, linewidth=2.4, clip_on=False)
    axes.axhline(0, color=RULE, linewidth=0.8)
