"""A line in steps with its band: each value holds until the next one."""

from __future__ import annotations

from matplotlib.axes import Axes

from crosspost.report.records import Tone
from crosspost.report.records.courses import Course
from crosspost.report.style import FILL, INK, MUTED, PAPER, tint

_BAND = {Tone.OTHER: "#d8d8d8", Tone.UNKNOWN: "#ececec"}


def step(axes: Axes, course: Course, *, start: float | None = None) -> None:
    """Draw a course; `start` is the value before its first point, None where it begins there."""
    points = course.points
    line = {Tone.NETWORK: FILL[Tone.NETWORK], Tone.OTHER: INK, Tone.UNKNOWN: MUTED}[course.tone]
    band = _BAND.get(course.tone) or tint(FILL[Tone.NETWORK], 0.3)
    if not points:
        axes.plot([0, course.end], [start or 0.0] * 2, color=line, linewidth=1.4)
        return
    xs = [x for x, *_ in points] + [course.end]
    low, high = ([one[at] for one in points] + [points[-1][at]] for at in (2, 3))
    axes.fill_between(xs, low, high, step="post", color=band, alpha=0.55, linewidth=0)
    for edge in (low, high):
        axes.plot(xs, edge, drawstyle="steps-post", color=line, linewidth=0.5, alpha=0.7)
    ys = [one[1] for one in points] + [points[-1][1]]
    if start is not None:
        xs, ys = [0.0, *xs], [start, *ys]
    style = (0, (3, 1.6)) if course.dashed else "-"
    axes.plot(xs, ys, drawstyle="steps-post", color=MUTED if course.faint else line,
              linewidth=1.1 if course.faint else 2.0 if style == "-" else 1.6, linestyle=style)  # fmt: skip
    if course.ticks:
        axes.plot([x for x, _ in course.ticks], [y for _, y in course.ticks], "|", markersize=6, markeredgewidth=0.8,
                  color=MUTED if course.faint else INK, clip_on=False)  # fmt: skip
    if course.mark is not None:
        axes.plot(*([one] for one in course.mark), "D", markersize=6, markerfacecolor=INK, markeredgecolor=PAPER,
                  clip_on=False, zorder=4)  # fmt: skip
