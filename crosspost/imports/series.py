"""A file of series: a column each (`date, ours, control 1…`), or a row per unit and moment (`location, date, Y`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crosspost.domain.errors import BadInput
from crosspost.imports.numbers import decimal_mark, missing, number
from crosspost.imports.read import read_file
from crosspost.imports.sheet import Sheet

_TIMES = ("date", "day", "week", "month", "time", "period", "t")


@dataclass(frozen=True, slots=True)
class SeriesFile:
    """`series` by name, a value per moment. `moments` are what the file calls them, in order: dates such as 2021-01-01,
    or the numbers of the rows from 0. `left_out` are columns and units that are no whole series, with the reason."""

    moments: tuple[str, ...]
    series: Mapping[str, tuple[float, ...]]
    left_out: tuple[str, ...] = ()


def read_series(
    path: Path, *, time: str | None = None, unit: str | None = None, value: str | None = None
) -> SeriesFile:
    """`unit` and `value` name the columns of a file with a row per unit and moment. Raises BadInput, NotFound of none.

    A series with a blank is left out: a blank is not zero.
    """
    sheets = read_file(path).sheets
    if len(sheets) != 1:
        raise BadInput("several tables in one file", where=str(path), remedy="give one file with one table")
    sheet = sheets[0]
    if not sheet.rows:
        raise BadInput("there is no row in it", where=sheet.place, remedy="check that the export is complete")
    at = _time_column(sheet, time)
    if unit is None and value is None:
        return _columns(sheet, at)
    if unit is None or value is None or at is None:
        raise BadInput(
            "a row per unit and moment needs a column of units, of values and of times", where=sheet.place,
            remedy="give --unit, --value and --time",
        )  # fmt: skip
    return _units(sheet, at, _column(sheet, unit), _column(sheet, value))


def _time_column(sheet: Sheet, name: str | None) -> int | None:
    if name is not None:
        return _column(sheet, name)
    plain = [one.strip().casefold() for one in sheet.header]
    return next((plain.index(one) for one in _TIMES if one in plain), None)


def _column(sheet: Sheet, name: str) -> int:
    plain = [one.strip().casefold() for one in sheet.header]
    if name.strip().casefold() not in plain:
        raise BadInput(f"no column is called {name!r}", where=sheet.place, remedy=f"one of: {', '.join(sheet.header)}")
    return plain.index(name.strip().casefold())


def _columns(sheet: Sheet, at: int | None) -> SeriesFile:
    rows = list(sheet.rows)
    moments = [cells[at].strip() if at is not None else str(index) for index, (_, cells) in enumerate(rows)]
    order = _order(sheet, moments) if at is not None else list(range(len(rows)))
    series, left_out = {}, []
    for index, name in enumerate(sheet.header):
        if index == at:
            continue
        figures = _figures(sheet, index, rows, name)
        if None in figures:
            left_out.append(f"{name}: {figures.count(None)} moments are blank or no number")
        else:
            series[name.strip()] = tuple(float(figures[one] or 0.0) for one in order)
    return SeriesFile(tuple(moments[one] for one in order), series, tuple(left_out))


def _units(sheet: Sheet, at: int, unit: int, value: int) -> SeriesFile:
    figures = _figures(sheet, value, list(sheet.rows), sheet.header[value])
    found: dict[str, dict[str, float | None]] = {}
    for (line, cells), figure in zip(sheet.rows, figures, strict=True):
        mine = found.setdefault(cells[unit].strip(), {})
        moment = cells[at].strip()
        if moment in mine:
            raise BadInput(f"{cells[unit]!r} has {moment} twice", where=f"{sheet.place}:{line}", remedy="keep one row")
        mine[moment] = figure
    every = list(dict.fromkeys(cells[at].strip() for _, cells in sheet.rows))
    moments = [every[one] for one in _order(sheet, every)]
    series, left_out = {}, []
    for name, mine in sorted(found.items()):
        known = [one for moment in moments if (one := mine.get(moment)) is not None]
        if len(known) == len(moments):
            series[name] = tuple(known)
        else:
            left_out.append(f"{name}: {len(moments) - len(known)} moments are missing")
    return SeriesFile(tuple(moments), series, tuple(left_out))


def _order(sheet: Sheet, moments: list[str]) -> list[int]:
    """Positions of the moments in the order of time: whole numbers, or dates written year first."""
    if all(one.isdecimal() for one in moments):
        order = sorted(range(len(moments)), key=lambda one: int(moments[one]))
    elif all(one[:4].isdecimal() and one[4:5] == "-" for one in moments):
        order = sorted(range(len(moments)), key=moments.__getitem__)
    else:
        odd = next(one for one in moments if not (one[:4].isdecimal() and one[4:5] == "-"))
        raise BadInput(f"{odd!r} is no date such as 2025-03-31", where=sheet.place, remedy="write the year first")
    for one, other in zip(order, order[1:], strict=False):
        if moments[one] == moments[other]:
            raise BadInput(f"{moments[one]} is there twice", where=sheet.place, remedy="one row for each moment")
    return order


def _figures(sheet: Sheet, column: int, rows: list[tuple[int, tuple[str, ...]]], name: str) -> list[float | None]:
    mark = decimal_mark(cells[column] for _, cells in rows)
    found: list[float | None] = []
    for line, cells in rows:
        if missing(cells[column].strip()):
            found.append(None)
            continue
        found.append(float(number(cells[column], f"{sheet.place}:{line}", name, mark)))
    return found
