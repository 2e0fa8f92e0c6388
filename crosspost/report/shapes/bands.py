"""One line per row with a mark per model, the band they span behind them, and one interval."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crosspost.report.language.words import Words
from crosspost.report.records.bands import BandRow, Bands
from crosspost.report.shapes import keys
from crosspost.report.style import BODY, INK, MUTED, NARROW, RULE, SMALL, WIDE, Sheet, clip, text_width

BAND, BAND_EDGE = "#e3e8ec", "#8d99a6"
LANES = {"rule": -0.1, "chain": 0.0, "game": 0.1}  # inches from the middle of a row: models that agree stay apart
TALL = 0.34  # of a band, inches
AXIS = 0.42


def draw(data: Bands, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    width = WIDE if wide else NARROW
    pitch, low_by = (0.45, 0.225) if wide else (0.64, 0.41)
    key = keys.lines(data.key, width, fit)
    top = 0.08 + keys.height(key) + (0.16 if data.text_head else 0)
    rows = pitch * len(data.rows)
    sheet = Sheet(data, wide=wide, body=top + rows + AXIS, fit=fit)
    keys.draw(sheet, key)
    labels = min(1.6, max((text_width(fit(row.label), BODY) for row in data.rows), default=0) + 0.12)
    said = [data.text_head, *(row.text for row in data.rows)]
    texts = min(1.5, max(text_width(fit(text), SMALL) for text in said) + 0.12)
    left, right = (labels, texts) if wide else (0.06, 0.06)
    axes = sheet.axes(left, top, width - left - right, rows)
    sheet.text(clip(fit(data.text_head), width, SMALL), width, top - 0.1, SMALL, align="right", colour=MUTED)
    _scale(axes, data, words, wide=wide, fit=fit)
    axes.set(ylim=(rows, 0), yticks=[])
    for index, row in enumerate(data.rows):
        y = pitch * index
        middle = y + low_by
        if index:
            axes.plot([0, 1], [y, y], color=RULE, linewidth=0.6, transform=axes.get_yaxis_transform(), clip_on=False)
        _row(axes, row, middle)
        colour = MUTED if data.faint else INK
        if wide:
            sheet.text(clip(fit(row.label), labels - 0.08, BODY), 0, top + middle, colour=colour)
            sheet.text(clip(fit(row.text), texts - 0.08, SMALL), width, top + middle, SMALL, align="right",
                       colour=colour)  # fmt: skip
        else:
            text = clip(fit(row.text), width * 0.6, SMALL)
            room = width - text_width(text, SMALL) - 0.1
            sheet.text(clip(fit(row.label), room, BODY), 0, top + y + 0.13, colour=colour, solid=True)
            sheet.text(text, width, top + y + 0.13, SMALL, align="right", colour=colour, solid=True)
    _marks(axes, data, [pitch * index + low_by for index in range(len(data.rows))])
    return sheet.figure


def _marks(axes: Axes, data: Bands, middles: list[float]) -> None:
    """All marks of a model at once."""
    places: dict[str, list[tuple[float, float]]] = {}
    for row, middle in zip(data.rows, middles, strict=True):
        for model, value in row.marks:
            places.setdefault(model, []).append((value, middle))
    alone = len({keys.MODELS[model].kind for model in places}) == 1
    for model, found in places.items():
        lane = 0.0 if alone else LANES[keys.MODELS[model].kind]
        xs, ys = [x for x, _ in found], [y + lane for _, y in found]
        axes.plot(xs, ys, clip_on=False, zorder=4, **keys.marker(model, faint=data.faint))


def _scale(axes: Axes, data: Bands, words: Words, *, wide: bool, fit: Callable[[str], str]) -> None:
    ends = [value for row in data.rows for _, value in row.marks]
    ends += [end for row in data.rows for end in row.interval or ()]
    low, high = min([*ends, 0.0]), max([*ends, 0.0]) or 1.0
    room = 0.03 * (high - low)
    axes.set(xlim=(low - room, high + room))
    axes.xaxis.set_major_locator(MaxNLocator(6 if wide else 4, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.short(round(value, 6))))
    axes.grid(axis="x", color=RULE, linewidth=0.8)
    axes.axvline(0, color=MUTED, linewidth=1.0)
    axes.set_xlabel(fit(data.axis), labelpad=2)


def _row(axes: Axes, row: BandRow, middle: float) -> None:
    if row.low is not None and row.high is not None:
        axes.add_patch(
            Rectangle((row.low, middle - TALL / 2), row.high - row.low, TALL, facecolor=BAND, edgecolor="none")
        )
        for end in (row.low, row.high):
            axes.plot([end, end], [middle - TALL / 2, middle + TALL / 2], color=BAND_EDGE, linewidth=1.0)
    if row.interval is not None:
        y = middle + LANES["chain"]
        axes.plot(row.interval, [y, y], color=INK, linewidth=1.3, solid_capstyle="butt", zorder=3)
        for end in row.interval:
            axes.plot([end, end], [y - 0.045, y + 0.045], color=INK, linewidth=1.3, zorder=3)
