"""A file of paths: one row per path, with how many of its journeys converted, were worth, and did not.

The columns are those of ChannelAttribution's PathData: `path` (channels joined by ` > `), `total_conversions`, and
where known `total_conversion_value` and `total_null`. Rows of one path add up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from crosspost.domain.errors import BadInput
from crosspost.imports.numbers import decimal_mark, missing, number
from crosspost.imports.read import read_file
from crosspost.reading.limits import MAX_BYTES, MAX_ROWS

SEPARATOR = ">"
MOST = Decimal(2**53)  # of all counts together: above, sums are no longer exact
_NAMES = {
    "path": ("path", "paths"),
    "conversions": ("total_conversions", "conversions"),
    "value": ("total_conversion_value", "conversion_value", "value"),
    "nulls": ("total_null", "total_nulls", "null", "nulls"),
}
_ZERO = Decimal(0)
_PLAIN = re.compile(r"\d+\.?\d*(?:[eE][+-]?\d{1,2})?|\.\d+")


@dataclass(frozen=True, slots=True)
class PathFile:
    """`rows` are (channels, conversions, value, nulls). `unvalued` are converting rows without a value: their value
    counts as nothing, so sums of values are at least what is shown. `has_value` and `has_nulls` tell whether the file
    has the columns."""

    rows: tuple[tuple[tuple[str, ...], Decimal, Decimal, Decimal], ...]
    has_value: bool
    has_nulls: bool
    unvalued: int


def read_paths(path: Path, separator: str = SEPARATOR) -> PathFile:
    """Raises BadInput with file, line and remedy; nothing is skipped."""
    found = [(sheet, columns) for sheet in read_file(path).sheets if (columns := columns_of(sheet.header))]
    if not found:
        raise BadInput(
            "no table with the columns path and total_conversions",
            where=str(path),
            remedy="name them so in the first line; total_conversion_value and total_null may stand beside them",
        )
    if len(found) > 1:
        raise BadInput("several tables of paths", where=str(path), remedy="give one file for each")
    sheet, columns = found[0]
    if not sheet.rows:
        raise BadInput("there is no path in it", where=sheet.place, remedy="check that the export is complete")
    marks = {name: decimal_mark(cells[at] for _, cells in sheet.rows) for name, at in columns.items() if name != "path"}
    rows: list[tuple[tuple[str, ...], Decimal, Decimal, Decimal]] = []
    unvalued, most = 0, _ZERO
    for line, cells in sheet.rows:
        where = f"{sheet.place}:{line}"
        figures = {name: _figure(cells[columns[name]], where, sheet.header[columns[name]], mark)
                   for name, mark in marks.items()}  # fmt: skip
        won, worth, lost = figures["conversions"], figures.get("value"), figures.get("nulls", _ZERO)
        if won is None or lost is None:
            name = columns["conversions"] if won is None else columns["nulls"]
            raise BadInput(f"{sheet.header[name]} is blank, which is not zero", where=where, remedy="write 0 if it is")
        most += max(won, worth or _ZERO, lost)
        unvalued += worth is None and won > 0 and "value" in columns
        rows.append((_touches(cells[columns["path"]], separator, where), won, worth or _ZERO, lost))
    if most > MOST:
        raise BadInput("the counts add up to more than 2^53", where=sheet.place, remedy="count in a larger unit")
    return PathFile(tuple(rows), "value" in columns, "nulls" in columns, unvalued)


def is_large(path: Path) -> bool:
    """Whether a file is to be counted by an engine: Parquet, and CSV of more bytes or lines than is read here."""
    if path.suffix.lower() == ".parquet":
        return True
    if path.suffix.lower() != ".csv" or not path.is_file():
        return False
    return path.stat().st_size > MAX_BYTES or path.read_bytes().count(b"\n") > MAX_ROWS


def columns_of(header: tuple[str, ...]) -> dict[str, int] | None:
    """Which column is which; None where the two that must be there are not."""
    plain = [name.strip().casefold().replace(" ", "_") for name in header]
    found = {}
    for field, names in _NAMES.items():
        at = next((plain.index(name) for name in names if name in plain), None)
        if at is not None:
            found[field] = at
    return found if {"path", "conversions"} <= found.keys() else None


def _touches(cell: str, separator: str, where: str) -> tuple[str, ...]:
    touches = tuple(one.strip() for one in cell.split(separator))
    if not all(touches):
        what = "path is empty" if not cell.strip() else f"path {cell[:60]!r} has a touch without a name"
        raise BadInput(what, where=where, remedy=f"write channels joined by {separator!r}, such as search > email")
    return touches


def _figure(cell: str, where: str, name: str, mark: str | None) -> Decimal | None:
    text = cell.strip()
    if missing(text):
        return None
    plain = mark != "," and len(text) <= 40 and _PLAIN.fullmatch(text)
    value = Decimal(text) if plain else number(text, where, name, mark)
    if value < 0:
        raise BadInput(f"{name} is below zero", where=where, remedy="correct the row")
    return value
