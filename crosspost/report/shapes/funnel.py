"""The funnel of each network on one log scale, with the count written at every step."""

from __future__ import annotations

import math
from collections.abc import Callable

from matplotlib.figure import Figure

from crosspost.report.language.words import Words
from crosspost.report.records import Funnel, Panel, Tone
from crosspost.report.style import (
    BODY,
    FILL,
    HATCH,
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

PITCH_ROW = 0.235
BAR = 0.14
LABEL = 0.62
GAP = 0.3
FLOOR = 0.75  # a count of one has a visible bar


def draw(data: Funnel, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    columns = 2 if wide and len(data.panels) > 1 else 1
    width = ((WIDE if wide else NARROW) - GAP * (columns - 1)) / columns
    blocks = [_height(panel, width, fit) for panel in data.panels]
    lines = [max(blocks[start : start + columns]) for start in range(0, len(blocks), columns)]
    sheet = Sheet(data, wide=wide, body=sum(lines) + 0.08, fit=fit)
    top = max((step.upper or 0 for panel in data.panels for step in panel.steps), default=1)
    area = width - LABEL
    longest = max((text_width(fit(step.text), SMALL) for panel in data.panels for step in panel.steps
                   if step.value is not None), default=0)  # fmt: skip
    decade = max(0.35 * area, min(area - 0.75, area - longest - 0.1)) / math.log10(max(top, 10.0) / FLOOR)
    y = 0.08
    for index, panel in enumerate(data.panels):
        column = index % columns
        _panel(sheet, panel, column * (width + GAP), y, width, decade, fit)
        if column == columns - 1:
            y += lines[index // columns]
    return sheet.figure


def _reason(text: str, width: float, fit: Callable[[str], str]) -> list[str]:
    return few_lines(fit(text), width - LABEL, SMALL, 3)


def _reason_height(lines: list[str]) -> float:
    return max(PITCH_ROW, 0.06 + len(lines) * SMALL * PITCH / 72)


def _height(panel: Panel, width: float, fit: Callable[[str], str]) -> float:
    rows = sum(
        PITCH_ROW if step.value is not None else _reason_height(_reason(step.text, width, fit)) for step in panel.steps
    )
    return 0.3 + rows + (0.2 if panel.note else 0) + 0.14


def _panel(
    sheet: Sheet, panel: Panel, x: float, y: float, width: float, decade: float, fit: Callable[[str], str]
) -> None:
    sheet.text(clip(fit(panel.label), width, BODY + 1, True), x, y + 0.1, BODY + 1, bold=True)
    sheet.block(x, y + 0.23, width, 0.011, RULE)
    y += 0.3
    for step in panel.steps:
        if step.value is None or step.upper is None:
            lines = _reason(step.text, width, fit)
            height = _reason_height(lines)
            sheet.text(step.label, x, y + PITCH_ROW / 2, SMALL, colour=MUTED)
            sheet.lines(lines, x + LABEL, y + PITCH_ROW / 2 - SMALL * PITCH / 144, SMALL, colour=MUTED)
            y += height
            continue
        tone = Tone.NETWORK if step.label in _business(panel) else Tone.OTHER
        sheet.text(step.label, x, y + PITCH_ROW / 2, SMALL)
        end = math.log10(max(step.value, FLOOR) / FLOOR) * decade
        far = math.log10(max(step.upper, FLOOR) / FLOOR) * decade
        axes, left, middle = sheet.canvas, x + LABEL, y + PITCH_ROW / 2
        axes.plot([left, left], [y, y + PITCH_ROW], color=MUTED, linewidth=1.0)
        axes.barh(middle, end, BAR, left=left, color=FILL[tone])
        if far > end:
            axes.barh(middle, far - end, BAR, left=left + end, facecolor="white", edgecolor=HATCH, hatch="/////",
                      linewidth=0.6)  # fmt: skip
        sheet.text(step.text, x + LABEL + far + 0.07, y + PITCH_ROW / 2, SMALL, colour=INK, bold=step.value == 0)
        y += PITCH_ROW
    if panel.note:
        sheet.text(clip(fit(panel.note), width, SMALL), x, y + 0.1, SMALL, colour=MUTED)


def _business(panel: Panel) -> frozenset[str]:
    """The steps that are business: the last two."""
    return frozenset(step.label for step in panel.steps[-2:])
