"""Lines in steps, each with its 95 % band: what grows with days or months. And counts in bars."""

from __future__ import annotations

from dataclasses import dataclass

from crosspost.report.records import Chart, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A line in steps through `points` (x, y, low, high), drawn on to `end`.

    `dashed`: it is not seen to its end. `faint`: under its minimum. `ticks` are (x, y) at which something was last
    seen, `mark` the (x, y) that the question asks for.
    """

    label: str
    text: str
    points: tuple[tuple[float, float, float, float], ...]
    end: float
    tone: Tone = Tone.NETWORK
    dashed: bool = False
    faint: bool = False
    ticks: tuple[tuple[float, float], ...] = ()
    mark: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves(Chart):
    """Shares of 0–1 that grow with days, in one field. `risk` counts by name who was still watched at each of
    `days`."""

    courses: tuple[Course, ...]
    x_label: str
    y_label: str
    days: tuple[float, ...]
    risk_label: str
    risk: tuple[tuple[str, tuple[int | None, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells(Chart):
    """Courses of money in small fields of one scale each group, with a zero line."""

    groups: tuple[tuple[str, tuple[Course, ...]], ...]
    x_label: str
    y_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRow:
    label: str
    counts: tuple[int, ...]  # one per series
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts(Chart):
    """Bars of counts, one beneath the other for each series of a row; `tones` are those of the series."""

    rows: tuple[CountRow, ...]
    tones: tuple[Tone, ...]
    axis: str
