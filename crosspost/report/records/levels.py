"""Figures with their intervals on one scale, one row each, against a level: signs of an audience, slopes over years."""

from __future__ import annotations

from dataclasses import dataclass

from crosspost.report.records import Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    """`value` None: nothing is known, and `text` is the reason. `level` is what this row is held against.

    `flag` marks a row whose interval lies over its level.
    """

    group: str  # rows of one group follow each other under its name
    label: str
    text: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    flag: bool = False
    hollow: bool = False  # a second kind of figure
    faint: bool = False  # under its minimum


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels(Chart):
    """Shares of 0 to 1, or with `growth` changes from -1 (all is lost) upwards, on a scale of ratios.

    `level` is a line through all rows.
    """

    rows: tuple[LevelRow, ...]
    axis: str
    level: float | None = None
    growth: bool = False
