"""Cells in rows and columns: hours of the week, months that were told."""

from __future__ import annotations

from dataclasses import dataclass

from crosspost.report.records import Chart


@dataclass(frozen=True, slots=True)
class Square:
    """`value` shades a cell beside the largest of its panel, and `text` is written in it; None: nothing is there.

    A `hole` is hatched: something should be known there and is not.
    """

    value: float | None = None
    text: str = ""
    hole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    label: str
    note: str = ""  # beside the label, quieter
    cells: tuple[Square, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridPanel:
    """`columns` are labels, empty where none is written. `reason` stands in place of a panel without any value."""

    label: str
    columns: tuple[str, ...]
    rows: tuple[GridRow, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid(Chart):
    """`plain` grids have no shades: a cell is known or not, and rows are read one by one."""

    panels: tuple[GridPanel, ...]
    plain: bool = False
