"""The honest card, 1200 by 630 pixels: what came is written larger than what is seen."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from crosspost.report.records.card import Card, CardFigure
from crosspost.report.style import INK, MUTED, PAPER, RULE, clip, text_width, wrap

WIDE, HIGH = 1200, 630  # pixels
DPI = 96
EDGE = 56  # pixels around everything
SEEN, CAME = 30.0, 42.0  # points of the largest figure on each side: what came is never the smaller
LABEL, NOTE, HEAD = 15.0, 12.5, 17.0
SHADE = "#eef1f4"
LEAST = 14.0  # points under which a figure is cut instead


def draw(data: Card, *, fit: Callable[[str], str]) -> Figure:
    sheet = _Sheet(fit)
    top = 0
    if data.notice:
        sheet.block(0, 0, WIDE, 44, INK)
        sheet.text(
            clip(fit(data.notice), _inches(WIDE - 2 * EDGE), NOTE, True), EDGE, 22, NOTE, colour=PAPER, bold=True
        )
        top = 30
    period = fit(data.period)
    sheet.text(period, WIDE - EDGE, 58 + top, LABEL, colour=MUTED, align="right")
    room = WIDE - 2 * EDGE - text_width(period, LABEL) * DPI - 40
    size = _size(fit(data.brand), room, 28.0, 20.0)
    sheet.text(clip(fit(data.brand), _inches(room), size, True), EDGE, 58 + top, size, bold=True)
    upper, lower = 100 + top, HIGH - 104
    middle = 560
    sheet.block(EDGE - 24, upper, middle - EDGE, lower - upper, SHADE)
    right = middle + 40
    _side(sheet, data.seen_title, data.seen, data.not_told, EDGE, upper, middle - EDGE - 48, lower, SEEN, strong=False)
    _side(sheet, data.came_title, data.came, data.not_told, right, upper, WIDE - EDGE - right, lower, CAME, strong=True)
    sheet.block(EDGE - 24, HIGH - 84, WIDE - 2 * EDGE + 48, 1.5, RULE)
    sheet.text(clip(fit(data.verdict), _inches(WIDE - 2 * EDGE), HEAD, True), EDGE, HIGH - 58, HEAD, bold=True)
    sheet.text(clip(fit(data.foot), _inches(WIDE - 2 * EDGE), NOTE), EDGE, HIGH - 26, NOTE, colour=MUTED)
    return sheet.figure


def _inches(pixels: float) -> float:
    return pixels / DPI


def _size(text: str, room: float, most: float, least: float) -> float:
    """Points at which a bold text fits the room, in pixels; `least` where it does not."""
    taken = text_width(text, most, True) * DPI
    return most if taken <= room else max(least, most * room / taken)


def _side(sheet: _Sheet, title: str, figures: tuple[CardFigure, ...], not_told: str, x: float, upper: float,
          room: float, lower: float, most: float, *, strong: bool) -> None:  # fmt: skip
    sheet.text(clip(sheet.fit(title), _inches(room), HEAD, True), x, upper + 26, HEAD, bold=True)
    start = upper + 48
    pitch = (lower - start) / len(figures)
    values = [_value(sheet, one, not_told, room * 0.56, most) for one in figures]
    size = min((size for _, size, told in values if told), default=most)  # one size a side: figures compare
    for index, (one, (text, own, told)) in enumerate(zip(figures, values, strict=True)):
        y = start + pitch * index
        line = y + pitch * 0.33
        points = size if told else own
        colour = (INK if strong else MUTED) if told else MUTED
        shown = clip(text, _inches(room * 0.56), points, told)
        sheet.text(shown, x, line, points, colour=colour, bold=told)
        taken = text_width(shown, points, told) * DPI + 14
        sheet.text(clip(sheet.fit(one.label), _inches(room - taken), LABEL), x + taken, line + points * 0.16, LABEL)
        notes = wrap(sheet.fit(one.note), _inches(room), NOTE) if one.note else []
        space = max(1, int((pitch * 0.67 - points * 0.55 - 5) // (NOTE * 1.6)))
        if len(notes) > space:
            notes = [*notes[: space - 1], clip(f"{notes[space - 1]} …", _inches(room), NOTE)]
        for at, note in enumerate(notes):
            sheet.text(note, x, line + points * 0.72 + 17 + at * NOTE * 1.6, NOTE, colour=MUTED)


def _value(sheet: _Sheet, one: CardFigure, not_told: str, room: float, most: float) -> tuple[str, float, bool]:
    """The text, its size in points, and whether it is told; the short form where the whole would be too small."""
    if one.value is None or one.short is None:
        return sheet.fit(not_told), LABEL + 3, False
    text = sheet.fit(one.value)
    if _size(text, room, most, 0) < 0.8 * most:
        text = sheet.fit(one.short)
    return text, _size(text, room, most, LEAST), True


class _Sheet:
    """A figure in pixels from the top left."""

    def __init__(self, fit: Callable[[str], str]) -> None:
        self.fit = fit
        self.figure = Figure(figsize=(WIDE / DPI, HIGH / DPI), dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(self.figure)

    def text(self, text: str, x: float, y: float, size: float, *, colour: str = INK, bold: bool = False,
             align: str = "left") -> None:  # fmt: skip
        """One line with its middle at `y`."""
        self.figure.text(x / WIDE, 1 - y / HIGH, self.fit(text), size=size, color=colour, ha=align,
                         weight="bold" if bold else "normal", va="center_baseline")  # fmt: skip

    def block(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.figure.add_artist(
            Rectangle((x / WIDE, 1 - (y + height) / HIGH), width / WIDE, height / HIGH, facecolor=colour,
                      edgecolor="none", zorder=-1)
        )  # fmt: skip
