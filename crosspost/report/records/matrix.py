"""A small table of counts whose cells are shaded by their count."""

from __future__ import annotations

from dataclasses import dataclass

from crosspost.report.records import Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix(Chart):
    """`counts` by row and column, None where nothing can stand. `same` are the (row, column) that agree.

    The last `apart_rows` and `apart_columns` stand apart from the others: they are no channels.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int | None, ...], ...]
    same: tuple[tuple[int, int], ...]
    apart_rows: int
    apart_columns: int
    row_axis: str
    column_axis: str
