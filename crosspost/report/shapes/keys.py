"""What the marks of a chart mean, written above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crosspost.report.records import Tone
from crosspost.report.style import EDGE, FILL, HATCH, INK, MARGIN_COLOUR, MUTED, PALE, PAPER, SMALL, Sheet, text_width

Entry = tuple[str, str, float]  # mark, words, inches from the left


def lines(key: Sequence[tuple[str, str]], width: float, fit: Callable[[str], str]) -> list[list[Entry]]:
    """The entries with their places, in as many lines as they need."""
    found: list[list[Entry]] = []
    x = width + 1
    for mark, words in key:
        size = 0.34 + text_width(fit(words), SMALL)
        if x + size > width:
            found.append([])
            x = 0.0
        found[-1].append((mark, words, x))
        x += size + 0.2
    return found


def height(found: Sequence[Sequence[Entry]]) -> float:
    return 0.22 * len(found) + 0.06 if found else 0.0


def draw(sheet: Sheet, found: Sequence[Sequence[Entry]]) -> None:
    for index, line in enumerate(found):
        for mark, words, x in line:
            y = 0.14 + 0.22 * index
            _mark(sheet, mark, x, y)
            sheet.text(words, x + 0.34, y, SMALL, colour=MUTED)


def _mark(sheet: Sheet, mark: str, x: float, y: float) -> None:
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
    elif mark in ("dot", "hollow_dot"):
        axes.plot([0.5], [0.08], "o", markersize=6, markeredgecolor=INK, clip_on=False,
                  markerfacecolor=PAPER if mark == "hollow_dot" else FILL[Tone.NETWORK])  # fmt: skip
    elif mark == "flag":
        axes.plot([0.5], [0.08], "D", markersize=6, markeredgecolor=INK, markerfacecolor=MARGIN_COLOUR, clip_on=False)
    elif mark == "margin":
        axes.plot([0.5, 0.5], [0, 0.16], color=MARGIN_COLOUR, linewidth=2.2)
    elif mark == "known":
        axes.barh(0.08, 1, 0.14, color=FILL[Tone.NETWORK])
    elif mark == "faint":
        axes.barh(0.08, 1, 0.14, facecolor=PALE, edgecolor=EDGE[Tone.OTHER], linewidth=1)
    else:
        axes.barh(0.08, 1, 0.14, color=FILL[Tone(mark)])
