"""What the marks of a chart mean, written above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crosspost.report.records import Tone
from crosspost.report.style import (
    EDGE,
    FILL,
    HATCH,
    INK,
    MARGIN_COLOUR,
    MUTED,
    PALE,
    PAPER,
    SMALL,
    Sheet,
    text_width,
    tint,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Entry = tuple[str, str, float]  # mark, words, inches from the left


class Place(NamedTuple):
    """Room for one mark, 0–1 wide and 0–0.16 high, of the sheet."""

    axes: Axes
    left: float
    top: float

    def plot(self, xs: Sequence[float], ys: Sequence[float], *short: str, **form: Any) -> None:
        form = {"clip_on": False, **form}
        self.axes.plot([self.left + 0.26 * x for x in xs], [self.top + y for y in ys], *short, **form)

    def barh(self, middle: float, width: float, height: float, **form: Any) -> None:
        self.axes.barh(self.top + middle, 0.26 * width, height, left=self.left, clip_on=False, **form)


class Model(NamedTuple):
    """How a model of credit is drawn: its kind has a lane and a colour, itself a form, filled or not."""

    kind: str
    form: str
    filled: bool


MODELS = {
    "first": Model("rule", "<", False),
    "last": Model("rule", ">", True),
    "linear": Model("rule", "|", True),
    "position": Model("rule", "X", False),
    "time_decay": Model("rule", "v", False),
    "markov_1": Model("chain", "o", True),
    "markov_2": Model("chain", "o", False),
    "markov_3": Model("chain", "d", False),
    "shapley_sum": Model("game", "s", True),
    "shapley_rate": Model("game", "s", False),
}
_GAME = "#5d7183"


def _dot(axes: Place, **form: Any) -> None:
    axes.plot([0.5], [0.08], linestyle="none", **form)


def _stroke(axes: Place, **form: Any) -> None:
    axes.plot([0, 1], [0.08, 0.08], **form)


# Marks of experiments and of courses.
LINES: dict[str, Callable[[Place], object]] = {
    "on": lambda axes: _dot(axes, marker="o", markersize=5.5, color=FILL[Tone.NETWORK]),
    "off": lambda axes: _dot(axes, marker="o", markersize=5.5, markerfacecolor=PAPER, markeredgecolor=INK),
    "dropped": lambda axes: _dot(axes, marker="o", markersize=2.6, color=MUTED),
    "disobeyed": lambda axes: _dot(axes, marker="x", markersize=5, color=INK),
    "seen": lambda axes: axes.plot([0.5, 0.5], [0, 0.16], color=MARGIN_COLOUR, linewidth=2.0),
    "extreme": lambda axes: axes.barh(0.08, 1, 0.14, color=INK),
    "hollow": lambda axes: axes.barh(0.08, 1, 0.14, facecolor=PAPER, edgecolor=INK, linewidth=1.4),
    "band": lambda axes: axes.barh(0.08, 1, 0.16, color=PALE),
    "same": lambda axes: axes.barh(0.08, 1, 0.14, facecolor=PAPER, edgecolor=INK, linewidth=2.4),
    "shade": lambda axes: axes.barh(0.08, 1, 0.16, color=tint(FILL[Tone.NETWORK], 0.3), alpha=0.7),
    "tick": lambda axes: _dot(axes, marker="|", markersize=7, color=INK),
    "paid": lambda axes: _dot(axes, marker="D", markersize=6, color=INK),
    "line": lambda axes: _stroke(axes, color=FILL[Tone.NETWORK], linewidth=2.0),
    "solid": lambda axes: _stroke(axes, color=INK, linewidth=2.0),
    "dashed": lambda axes: _stroke(axes, color=INK, linewidth=1.6, linestyle=(0, (3, 1.6))),
}


def marker(model: str, *, faint: bool = False) -> dict[str, Any]:
    """The arguments of a plotted mark."""
    kind, form, filled = MODELS[model]
    colour = MUTED if faint else {"rule": INK, "chain": FILL[Tone.NETWORK], "game": _GAME}[kind]
    return {
        "marker": form, "linestyle": "none", "markersize": 8 if form == "|" else 6.5 if filled else 5.8,
        "markerfacecolor": PALE if faint else colour if filled else PAPER,
        "markeredgecolor": colour, "markeredgewidth": 1.8 if form == "|" else 1.1,
    }  # fmt: skip


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
            _mark(Place(sheet.canvas, x, y - 0.08), mark)
            sheet.text(words, x + 0.34, y, SMALL, colour=MUTED)


def _mark(axes: Place, mark: str) -> None:
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
    elif mark in MODELS:
        axes.plot([0.5], [0.08], **marker(mark))
    elif mark in LINES:
        LINES[mark](axes)
    else:
        axes.barh(0.08, 1, 0.14, color=FILL[Tone(mark)])
