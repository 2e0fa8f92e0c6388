"""Where the texts of a drawn chart lie, in pixels: what must stay inside, and apart."""

from __future__ import annotations

from itertools import combinations

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from crosspost.report import style

SLACK = 1.0  # pixels of 1/100 inch: edges of letters, not of words


def texts(figure: Figure) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Every text that is seen, with left, bottom, right, top."""
    with mpl.rc_context(style.RC):
        canvas = figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        canvas.draw()  # type: ignore[no-untyped-call]
        found: list[Text] = list(figure.texts)
        for axes in figure.axes:
            if not axes.axison or not axes.get_visible():
                continue
            found += [axes.xaxis.label, axes.yaxis.label]
            for axis, (low, high) in ((axes.xaxis, sorted(axes.get_xlim())), (axes.yaxis, sorted(axes.get_ylim()))):
                ticks = zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=False)
                found += [label for place, label in ticks if low <= place <= high]
        boxes = [(one.get_text(), one.get_window_extent()) for one in found if one.get_visible() and one.get_text()]
    return [(text, (box.x0, box.y0, box.x1, box.y1)) for text, box in boxes]


def outside(figure: Figure) -> list[str]:
    """The texts that reach over the edge of the picture."""
    width, height = figure.bbox.width, figure.bbox.height
    return [
        text for text, (left, bottom, right, top) in texts(figure)
        if left < -SLACK or bottom < -SLACK or right > width + SLACK or top > height + SLACK
    ]  # fmt: skip


def meeting(figure: Figure) -> list[tuple[str, str]]:
    """The pairs of texts that lie on each other."""
    return [
        (one, other) for (one, a), (other, b) in combinations(texts(figure), 2)
        if min(a[2], b[2]) - max(a[0], b[0]) > SLACK and min(a[3], b[3]) - max(a[1], b[1]) > 2 * SLACK
    ]  # fmt: skip
