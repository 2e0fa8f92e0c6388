"""One look for every chart: colours that differ in grey, sizes that read on A4 and on a phone, text that fits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import LoadFlags

from crosspost.report import fonts
from crosspost.report.records import Chart, Tone

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, NARROW = 6.5, 3.7  # inches: an A4 text block, a phone at 390 px
INK, MUTED, RULE, PAPER = "#17202b", "#55606e", "#d9dee4", "#ffffff"
MARGIN_COLOUR = "#a83a0c"
FILL = {Tone.NETWORK: "#12527f", Tone.OTHER: "#93a9ba", Tone.UNKNOWN: "#ffffff"}
EDGE = {Tone.NETWORK: "#0a3453", Tone.OTHER: "#5d7183", Tone.UNKNOWN: "#55606e"}
PALE, HATCH = "#e3e8ec", "#55606e"
PAD = 0.12  # inches around everything
TITLE, SUB, BODY, SMALL = 13.5, 9.8, 9.8, 8.4  # points
PITCH = 1.38  # line height in font sizes


@contextmanager
def coloured(accent: str) -> Iterator[None]:
    """Networks are drawn in that colour (#rrggbb) while the block runs, their edges in a darker one.

    Whatever reads as text on white differs in grey from the other marks. Shapes look the colour up as they draw: kept
    by a module, the colour of one brand would reach the reports of the next.
    """
    before = FILL[Tone.NETWORK], EDGE[Tone.NETWORK]
    if accent != before[0]:
        darker = "#" + "".join(f"{int(accent[at : at + 2], 16) * 3 // 5:02x}" for at in (1, 3, 5))
        FILL[Tone.NETWORK], EDGE[Tone.NETWORK] = accent, darker
    try:
        yield
    finally:
        FILL[Tone.NETWORK], EDGE[Tone.NETWORK] = before


def tint(colour: str, share: float) -> str:
    """The colour (#rrggbb) thinned with white: 1 leaves it as it is, 0 is white."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)


RC: Any = {  # matplotlib types its keys one by one
    "font.family": fonts.families(),
    "font.size": BODY,
    "text.hinting": "none",  # pictures are as wide as `text_width` says
    "text.parse_math": False,  # a $ in a name is a $
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "axes.labelsize": SMALL,
    "hatch.linewidth": 0.7,
    "hatch.color": HATCH,
    "svg.fonttype": "path",
    "svg.hashsalt": "crosspost",
    "path.simplify": False,
}


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Inches that a line of text takes at `size` points."""
    return _em_width(text, bold) * size / 72


@lru_cache(maxsize=20_000)
def _em_width(text: str, bold: bool) -> float:
    """The width in font sizes: without hinting it is the same at every size."""
    font = fonts.face(bold)
    font.set_size(100, 72)  # fine enough that nothing is rounded to pixels
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    return float(font.get_width_height()[0]) / 64 / 100


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Lines of at most `width` inches; a word that is longer by itself is cut."""
    space = text_width(" ", size, bold)
    lines: list[str] = []
    line, taken = "", 0.0
    for word in text.split(" "):
        wide = text_width(word, size, bold)
        if line and taken + space + wide > width:
            lines.append(line)
            line, taken = "", 0.0
        while wide > width and len(word) > 1:
            keep = max(1, int(len(word) * width / wide))
            while keep > 1 and text_width(word[:keep], size, bold) > width:
                keep -= 1
            lines.append(word[:keep])
            word = word[keep:]
            wide = text_width(word, size, bold)
        line, taken = (f"{line} {word}", taken + space + wide) if line else (word, wide)
    return [*lines, line] if line or not lines else lines


def clip(text: str, width: float, size: float, bold: bool = False) -> str:
    """The text, cut with … where it would be wider than `width` inches."""
    if text_width(text, size, bold) <= width:
        return text
    fits = bisect_left(range(len(text)), True, key=lambda end: text_width(text[: end + 1] + "…", size, bold) > width)
    return text[:fits].rstrip() + "…"


def few_lines(text: str, width: float, size: float, most: int) -> list[str]:
    """As `wrap`, in at most that many lines: the last one ends with … where the text goes on."""
    lines = wrap(text, width, size)
    return lines if len(lines) <= most else [*lines[: most - 1], clip(f"{lines[most - 1]} …", width, size)]


class Sheet:
    """A figure laid out in inches from the top left: head, a body of `body` inches, and a foot.

    `fit` makes outside text drawable. `y` given to methods counts from the top of the body.
    """

    def __init__(self, data: Chart, *, wide: bool, body: float, fit: Callable[[str], str]) -> None:
        self.wide, self.width, self.fit = wide, (WIDE if wide else NARROW), fit
        notice = wrap(fit(data.notice), self.width - 0.2, SMALL, True) if data.notice else []
        title = wrap(fit(data.title), self.width, TITLE, True)
        subtitle = wrap(fit(data.subtitle), self.width, SUB)
        out = [
            line
            for name, why in data.left_out
            for line in wrap(fit(f"{name}{data.label_sign}{why}"), self.width, SMALL)
        ]
        foot = wrap(fit(data.foot), self.width, SMALL)
        strip = len(notice) * SMALL * PITCH / 72 + 0.12 if notice else 0.0
        head = strip + (0.08 if strip else 0) + (len(title) * TITLE + len(subtitle) * SUB) * PITCH / 72 + 0.14
        tail = (len(out) + len(foot)) * SMALL * PITCH / 72 + 0.16
        self.height = head + body + tail
        self.top = head
        self.body = body
        self._page = (self.width + 2 * PAD, self.height + 2 * PAD)
        self.figure = Figure(figsize=self._page, dpi=100, facecolor=PAPER)
        FigureCanvasAgg(self.figure)
        if notice:
            self.block(0, -head, self.width, strip, INK)
            self.lines(notice, 0.1, 0.06 - head, SMALL, colour=PAPER, bold=True)
        at = strip + (0.08 if strip else 0) - head
        at = self.lines(title, 0, at, TITLE, bold=True)
        self.lines(subtitle, 0, at, SUB, colour=MUTED)
        at = self.lines(out, 0, body + 0.04, SMALL, colour=MUTED)
        self.lines(foot, 0, at + 0.06, SMALL, colour=MUTED)

    def text(self, text: str, x: float, y: float, size: float = BODY, *, colour: str = INK, bold: bool = False,
             align: str = "left", solid: bool = False, upright: bool = False) -> None:  # fmt: skip
        """One line with its middle at `y`; `solid` hides what is behind it. `upright`: it stands on `y`, around `x`."""
        page_x, page_y = (PAD + x) / self._page[0], 1 - (PAD + self.top + y) / self._page[1]
        self.figure.text(
            page_x, page_y, self.fit(text), size=size, color=colour, weight="bold" if bold else "normal",
            ha="center" if upright else align, va="bottom" if upright else "center_baseline",
            rotation=90 if upright else 0, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1} if solid else None,
        )  # fmt: skip

    def lines(self, lines: list[str], x: float, y: float, size: float, *, colour: str = INK,
              bold: bool = False) -> float:  # fmt: skip
        """Lines from the top `y`; returns where the next would start."""
        for line in lines:
            y += size * PITCH / 72
            self.text(line, x, y - size * PITCH / 144, size, colour=colour, bold=bold)
        return y

    def block(self, x: float, y: float, width: float, height: float, colour: str, *, edge: str = "none",
              line: float = 0.8) -> None:  # fmt: skip
        from matplotlib.patches import Rectangle

        left, bottom, *size = self._box(x, y, width, height)
        self.figure.add_artist(
            Rectangle((left, bottom), *size, facecolor=colour, edgecolor=edge, linewidth=line, zorder=-1)
        )

    def line(self, start: tuple[float, float], end: tuple[float, float], colour: str = MUTED) -> None:
        """A thin line between two points, from a label to what it names."""
        from matplotlib.lines import Line2D

        xs = [(PAD + x) / self._page[0] for x, _ in (start, end)]
        ys = [1 - (PAD + self.top + y) / self._page[1] for _, y in (start, end)]
        self.figure.add_artist(Line2D(xs, ys, color=colour, linewidth=0.6, zorder=2))

    def _box(self, x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        wide, high = self._page
        return (PAD + x) / wide, 1 - (PAD + self.top + y + height) / high, width / wide, height / high

    @cached_property
    def canvas(self) -> Axes:
        """The whole body in inches from its top left, for marks without an axis: each other axes costs more to make
        than all that is drawn in it."""
        axes = self.figure.add_axes(self._box(0, 0, self.width, self.body))
        axes.set(xlim=(0, self.width), ylim=(self.body, 0))
        axes.set_axis_off()
        return axes

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Axes in that rectangle, without a frame; vertical data units are free to set."""
        axes = self.figure.add_axes(self._box(x, y, width, height))
        for side in axes.spines.values():
            side.set_visible(False)
        axes.tick_params(length=0)
        axes.set_axisbelow(True)
        return axes


def empty(data: Chart, *, wide: bool, fit: Callable[[str], str], words: str) -> Figure:
    """A greyed sheet with the reason in place of a picture."""
    width = (WIDE if wide else NARROW) - 0.4
    lines = wrap(fit(words), width, BODY)
    height = len(lines) * BODY * PITCH / 72 + 0.44
    sheet = Sheet(data, wide=wide, body=height + 0.1, fit=fit)
    sheet.block(0, 0.04, sheet.width, height, "#eef1f4")
    sheet.lines(lines, 0.2, 0.26, BODY, colour=MUTED)
    return sheet.figure


def svg(figure: Figure, title: str) -> bytes:
    """SVG without date, text as outlines: it looks the same everywhere, and equal input gives equal bytes."""
    out = BytesIO()
    with mpl.rc_context(RC):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": "crosspost", "Title": title})
    return out.getvalue()
