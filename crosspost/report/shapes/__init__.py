"""Drawing, the last step: one module per shape. Importing this loads no plotting package."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from crosspost.report.language.words import Words
from crosspost.report.records import Bars, Brands, Chart, Funnel, Scatter, Strip
from crosspost.report.records.bands import Bands
from crosspost.report.records.breaks import Breaks
from crosspost.report.records.card import Card
from crosspost.report.records.courses import Cells, Counts, Curves
from crosspost.report.records.grid import Grid
from crosspost.report.records.levels import Levels
from crosspost.report.records.matrix import Matrix
from crosspost.report.records.trials import Trials

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_card(data: Card, *, fit: Callable[[str], str]) -> Figure:
    """The figure of the card, which has one size."""
    import matplotlib as mpl

    from crosspost.report import style
    from crosspost.report.shapes import card

    with mpl.rc_context(style.RC):
        return card.draw(data, fit=fit)


def draw(data: Chart, words: Words, *, wide: bool, fit: Callable[[str], str]) -> Figure:
    """The figure of a chart for A4 (`wide`) or for a phone; greyed with the reason when there is nothing to draw."""
    import matplotlib as mpl

    from crosspost.report import style
    from crosspost.report.shapes import (
        bands,
        bars,
        brands,
        breaks,
        cells,
        counts,
        curves,
        funnel,
        grid,
        levels,
        matrix,
        scatter,
        strip,
        trials,
    )  # fmt: skip

    with mpl.rc_context(style.RC):
        if data.empty is not None:
            return style.empty(data, wide=wide, fit=fit, words=words("nothing_drawn", reason=data.empty))
        match data:
            case Strip():
                return strip.draw(data, words, wide=wide, fit=fit)
            case Bars():
                return bars.draw(data, words, wide=wide, fit=fit)
            case Brands():
                return brands.draw(data, words, wide=wide, fit=fit)
            case Funnel():
                return funnel.draw(data, words, wide=wide, fit=fit)
            case Scatter():
                return scatter.draw(data, words, wide=wide, fit=fit)
            case Levels():
                return levels.draw(data, words, wide=wide, fit=fit)
            case Grid():
                return grid.draw(data, words, wide=wide, fit=fit)
            case Bands():
                return bands.draw(data, words, wide=wide, fit=fit)
            case Trials():
                return trials.draw(data, words, wide=wide, fit=fit)
            case Breaks():
                return breaks.draw(data, words, wide=wide, fit=fit)
            case Matrix():
                return matrix.draw(data, words, wide=wide, fit=fit)
            case Curves():
                return curves.draw(data, words, wide=wide, fit=fit)
            case Cells():
                return cells.draw(data, words, wide=wide, fit=fit)
            case Counts():
                return counts.draw(data, words, wide=wide, fit=fit)
            case _:
                raise TypeError(f"no drawing for {type(data).__name__}")
