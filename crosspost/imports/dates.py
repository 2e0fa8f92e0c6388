"""Dates as people and tools write them, read by the column: what one value shows, the others may rely on.

ISO dates, month names in English and French, and day, month and year in figures. Whether 03/04/2026 is in March or in
April only another value of its column can tell (31/03/2026), or the owner (`--dates`): else the rows are refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import TypeVar

from crosspost.domain.errors import BadInput
from crosspost.domain.period import OutOfRange, aware, ordinary
from crosspost.domain.telling import plain
from crosspost.imports.shape import Context, DateOrder, Row

_MONTHS = {
    name: number
    for number, names in enumerate((
        "january jan janvier janv", "february feb fevrier fevr fev", "march mar mars", "april apr avril avr",
        "may mai", "june jun juin", "july jul juillet juil", "august aug aout", "september sep sept septembre",
        "october oct octobre", "november nov novembre", "december dec decembre",
    ), 1)
    for name in names.split()
}  # fmt: skip
_LEFT_OUT = plain(  # words beside a date that tell nothing more
    "Monday Mon Tuesday Tue Tues Wednesday Wed Thursday Thu Thur Thurs Friday Fri Saturday Sat Sunday Sun "
    "lundi lun mardi mar mercredi mer jeudi jeu vendredi ven samedi sam dimanche dim at a the of le de st nd rd th er"
).split()
_FIGURES = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:,?[\sT]+(?:(?:à|at)\s+)?(\S.*))?")
_YEAR_FIRST = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?:,?[\sT]+(\S.*))?")
_MONTH_ALONE = re.compile(r"(\d{4})-(\d{1,2})|(\d{1,2})/(\d{4})")
_TIME = re.compile(
    r"(\d{1,2})(?::|\s?h\s?)(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*([ap]\.?m\b\.?)?\s*"
    r"((?:z|utc|gmt)?\s*(?:[+-]\d{1,2}(?::?\d{2})?)?\b)",
    re.IGNORECASE,
)
_MARDI = "mar"  # a weekday where the month stands beside it, March where it is alone
_SHOWN = 5  # lines named in a message

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Cell:
    """A date as written. `second` is the other day it could be, when day and month could be swapped."""

    day: date
    at: time | None = None
    zone: tzinfo | None = None
    second: date | None = None
    shows: DateOrder | None = None
    month_alone: bool = False


def instants(
    rows: Sequence[Row], name: str, context: Context, *, formats: Sequence[str] = (), zone: tzinfo | None = None
) -> list[datetime | None]:
    """The times of a column, in the order of the rows; None where a cell is blank. A date is its first instant.

    `formats` are the kind's own (as of `strptime`), tried first. A time without a zone is in `zone`, which is the
    kind's own or that of its header; else in the context's. Raises BadInput naming the rows.
    """
    found: list[datetime | None] = []
    for row, cell in zip(rows, _column(rows, name, context, formats), strict=True):
        if cell is None:
            found.append(None)
            continue
        if cell.month_alone:
            raise BadInput(f"{name} {row.get(name)!r} names no day", where=row.where, remedy="write 2026-04-03")
        at = datetime.combine(cell.day, cell.at or time(), cell.zone or zone or context.zone)
        try:
            aware(at)
        except ValueError as error:
            raise BadInput(
                str(error), where=row.where, remedy="leave the cell blank if the date is not known"
            ) from None
        found.append(at)
    return found


def days(rows: Sequence[Row], name: str, context: Context, *, formats: Sequence[str] = ()) -> list[date | None]:
    """The days of a column, as `instants`; a time of day is dropped, and a month (2026-04) is its first day."""
    found: list[date | None] = []
    for row, cell in zip(rows, _column(rows, name, context, formats), strict=True):
        try:
            found.append(None if cell is None else ordinary(cell.day))
        except OutOfRange as error:
            raise BadInput(str(error), where=row.where, remedy="correct the date") from None
    return found


def is_month(text: str) -> bool:
    """Whether a cell names a month and no day: `2026-04`, `mars 2026`."""
    cell = _read(text, ())
    return cell is not None and cell.month_alone


def is_date(text: str) -> bool:
    """Whether a cell is a date or a time of some form that is known, of whichever meaning."""
    return _read(text, ()) is not None


def needed(rows: Sequence[Row], name: str, values: Sequence[_T | None]) -> list[_T]:
    """The same values where none may be missing. Raises BadInput at the first row without one."""
    found: list[_T] = []
    for row, value in zip(rows, values, strict=True):
        if value is None:
            raise BadInput(f"{name} is empty", where=row.where, remedy="fill it in, or remove the row")
        found.append(value)
    return found


def _column(rows: Sequence[Row], name: str, context: Context, formats: Sequence[str]) -> list[_Cell | None]:
    cells: list[_Cell | None] = []
    for row in rows:
        text = row.get(name)
        if text is None:
            cells.append(None)
            continue
        cell = _read(text, formats)
        if cell is None:
            raise BadInput(
                f"{name} {text[:40]!r} is not a date that is known here", where=row.where,
                remedy="write 2026-04-03 or 2026-04-03T14:30+02:00",
            )  # fmt: skip
        cells.append(cell)
    return _ordered(rows, name, context, cells)


def _ordered(rows: Sequence[Row], name: str, context: Context, cells: list[_Cell | None]) -> list[_Cell | None]:
    """The same cells, each of one meaning."""
    showing: dict[DateOrder, Row] = {}
    for row, cell in zip(rows, cells, strict=True):
        if cell is not None and cell.shows is not None:
            showing.setdefault(cell.shows, row)
    unsure = [row for row, cell in zip(rows, cells, strict=True) if cell is not None and cell.second is not None]
    if not unsure:
        return cells
    example = f"{name} {unsure[0].get(name)!r} could be two days ({_lines(unsure)})"
    if len(showing) == 2:
        one, other = (f"{row.get(name)!r} on line {row.line}" for row in showing.values())
        raise BadInput(
            f"{example}, and the column shows both orders: {one}, {other}", where=unsure[0].where,
            remedy="write these dates as 2026-04-03",
        )  # fmt: skip
    order = next(iter(showing), context.dates)
    if order is None:
        raise BadInput(
            f"{example}, and no other value of its column tells which", where=unsure[0].where,
            remedy="--dates day-first or --dates month-first",
        )  # fmt: skip
    return [
        cell if cell is None or cell.second is None or order == "day-first"
        else _Cell(cell.second, cell.at, cell.zone)
        for cell in cells
    ]  # fmt: skip


def _lines(rows: Sequence[Row]) -> str:
    shown = ", ".join(str(row.line) for row in rows[:_SHOWN])
    return (
        f"line {shown}"
        if len(rows) == 1
        else f"lines {shown}" + (f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else "")
    )


def _read(text: str, formats: Sequence[str]) -> _Cell | None:
    text = text.strip()
    if len(text) > 64:
        return None
    for form in formats:
        try:
            stated = datetime.strptime(text, form)  # noqa: DTZ007 - its zone is the kind's or the owner's to tell
        except ValueError:
            continue
        return _Cell(stated.date(), stated.time(), stated.tzinfo)
    try:
        stated = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return _Cell(stated.date(), stated.time(), stated.tzinfo)
    try:
        return _figures(text) or _month_alone(text) or _words(text)
    except ValueError:
        return None


def _figures(text: str) -> _Cell | None:
    if found := _YEAR_FIRST.fullmatch(text):
        year, _, month, of_month, rest = found.groups()
        at, zone = _time(rest)
        return _Cell(date(int(year), int(month), int(of_month)), at, zone)
    if (found := _FIGURES.fullmatch(text)) is None:
        return None
    first, _, second, year, rest = found.groups()
    at, zone = _time(rest)
    one, other = int(first), int(second)
    if one > 12:
        return _Cell(date(int(year), other, one), at, zone, shows="day-first")
    if other > 12:
        return _Cell(date(int(year), one, other), at, zone, shows="month-first")
    swapped = date(int(year), one, other)
    return _Cell(date(int(year), other, one), at, zone, second=None if one == other else swapped)


def _month_alone(text: str) -> _Cell | None:
    found = _MONTH_ALONE.fullmatch(text)
    if found is None:
        return None
    return _Cell(date(int(found[1] or found[4]), int(found[2] or found[3]), 1), month_alone=True)


def _words(text: str) -> _Cell | None:
    """`3 mars 2026 à 14h05`, `Mar 3, 2026, 2:05 PM`, `Mon Mar 02 10:00:00 +0000 2026`, `mars 2026`."""
    at: time | None = None
    zone: tzinfo | None = None
    if clock := _TIME.search(text):
        at, zone = _clock(clock)
        text = f"{text[: clock.start()]} {text[clock.end() :]}"
    year = month = of_month = None
    words = re.findall(r"\d+|[^\W\d_]+", plain(text))
    two_months = sum(word in _MONTHS for word in words) > 1
    for token in words:
        if two_months and token == _MARDI:
            continue
        if token in _MONTHS and month is None:
            month = _MONTHS[token]
        elif token.isdigit() and len(token) == 4 and year is None:
            year = int(token)
        elif token.isdigit() and len(token) <= 2 and of_month is None:
            of_month = int(token)
        elif token in ("utc", "gmt") and at is not None and zone is None:
            zone = UTC
        elif token not in _LEFT_OUT:
            return None
    if year is None or month is None or (of_month is None and at is not None):
        return None
    alone = of_month is None
    return _Cell(date(year, month, 1 if of_month is None else of_month), at, zone, month_alone=alone)


def _time(text: str | None) -> tuple[time | None, tzinfo | None]:
    """Raises ValueError for what is no time of day."""
    if not text:
        return None, None
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:20]!r} is no time")
    return _clock(found)


def _clock(found: re.Match[str]) -> tuple[time, tzinfo | None]:
    hour = int(found[1])
    if found[4]:
        if not 1 <= hour <= 12:
            raise ValueError(f"{hour} is no hour of a clock with AM and PM")
        hour = hour % 12 + (12 if found[4][0] in "pP" else 0)
    return time(hour, int(found[2]), int(found[3] or 0)), _zone(found[5])


def _zone(text: str) -> tzinfo | None:
    if not text.strip():
        return None
    offset = re.search(r"([+-])(\d{1,2}):?(\d{2})?", text)
    if offset is None:
        return UTC
    away = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    return timezone(-away if offset[1] == "-" else away)
