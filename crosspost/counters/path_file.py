"""A Parquet or CSV file of paths, opened in DuckDB and looked through once: what is in it, and how to select it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from crosspost.counters.duck import Duck
from crosspost.domain.errors import BadInput

FIGURES = ("conversions", "value", "nulls")
_READERS = {".parquet": "read_parquet('{}')", ".csv": "read_csv('{}', all_varchar = true, header = true)"}
_MOST = 1 << 53  # of a column's sum: above, sums are no longer exact
_SMALL = {"TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT"}  # what 32 bits hold
_WHOLE = _SMALL | {"BIGINT", "UINTEGER", "UBIGINT"}
_PARTS = (1, 100, 10_000)  # of a unit that values are tried to be whole numbers of
Columns = Callable[[tuple[str, ...]], dict[str, int] | None]


@dataclass(frozen=True, slots=True)
class PathFile:
    """`path` and `figures` select from `source`; `kinds` are those of the figures, in the order of `FIGURES`. Values
    are selected in `parts` of their unit so that they are whole, and as they are where they are whole in none.
    `unvalued` are converting rows without a value; `fields` are those that the file has."""

    where: Path
    source: str
    path: str
    figures: tuple[str, ...]
    kinds: tuple[type[Any], ...]
    parts: int
    rows: int
    unvalued: int
    fields: frozenset[str]

    @property
    def whole(self) -> bool:
        """Whether all figures are whole numbers, whose sums do not hang on the order of adding."""
        return np.float64 not in self.kinds

    @property
    def sql(self) -> str:
        """Every row: its path, and its figures."""
        return f"SELECT {self.path}, {', '.join(self.figures)} FROM {self.source}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of figures: what was asked of it, and answered."""

    name: str
    number: str
    small: bool
    told: int
    numbers: int
    low: float
    high: float
    total: float
    broken: tuple[int, ...]

    def parts(self, tried: tuple[int, ...]) -> int | None:
        """Of which part of its unit all its figures are whole numbers, if of one."""
        found = zip(tried, self.broken, strict=False)
        return next((one for one, rows in found if not rows and self.total * one < _MOST), None)


@contextmanager
def opened(path: Path, columns: Columns) -> Iterator[tuple[Duck, PathFile]]:
    """The file, with DuckDB to read it; `columns` finds in a header path, conversions, value and nulls.

    Raises BadInput naming the file and how many rows are wrong: DuckDB numbers no lines. What is refused within is
    given the file's name too.
    """
    if not path.is_file():
        raise BadInput("there is no such file", where=str(path), remedy="check its name")
    if set(str(path)) & set("*?["):
        raise BadInput("its name has one of * ? [", where=str(path), remedy="rename it: these mean several files")
    source = _READERS[path.suffix.lower()].format(str(path).replace("'", "''"))
    with Duck.opened() as duck:
        described = duck.asked(f"DESCRIBE FROM {source}", path)
        header = tuple(str(row[0]) for row in described)
        found = columns(header)
        if found is None:
            raise BadInput(
                "it has not the columns path and total_conversions", where=str(path), remedy="name its columns so"
            )
        names = {field: header[at] for field, at in found.items()}
        kinds = {field: str(described[at][1]) for field, at in found.items()}
        try:
            yield duck, _looked_through(duck, source, path, names, kinds)
        except BadInput as error:
            raise error if error.where else BadInput(error.message, where=str(path), remedy=error.remedy) from None


def _looked_through(duck: Duck, source: str, path: Path, names: dict[str, str], kinds: dict[str, str]) -> PathFile:
    rows, unvalued, columns = _answered(duck, source, path, names, kinds)
    if not rows:
        raise BadInput("there is no path in it", remedy="check that the export is complete")
    for field, one in columns.items():
        if one.told > one.numbers:
            raise BadInput(f"{one.name} is not a plain number in {one.told - one.numbers:,} rows",
                           remedy="write numbers such as 1234.5")  # fmt: skip
        if rows > one.numbers and field != "value":
            raise BadInput(f"{one.name} is blank in {rows - one.numbers:,} rows, which is not zero",
                           remedy="write 0 where it is")  # fmt: skip
        if one.low < 0:
            raise BadInput(f"{one.name} is below zero", remedy="correct the rows")
    # What is infinite or not a number is above all.
    if not sum(one.total if one.high < _MOST else _MOST for one in columns.values()) < _MOST:
        raise BadInput("the counts add up to more than 2^53", remedy="count in a larger unit")
    selected = [_selected(columns.get(field), _PARTS if field == "value" else _PARTS[:1]) for field in FIGURES]
    return PathFile(
        path, source, f"coalesce({_quoted(names['path'])}::VARCHAR, '')", tuple(sql for sql, _, _ in selected),
        tuple(kind for _, kind, _ in selected), selected[1][2], rows, unvalued, frozenset(columns),
    )  # fmt: skip


def _answered(
    duck: Duck, source: str, path: Path, names: dict[str, str], kinds: dict[str, str]
) -> tuple[int, int, dict[str, _Column]]:
    """Rows, converting ones without a value, and what is said of every column of figures."""
    numbers = {
        field: quoted if kinds[field] in _WHOLE | {"DOUBLE"} else f"TRY_CAST({quoted} AS DOUBLE)"
        for field in FIGURES
        if field in names and (quoted := _quoted(names[field]))
    }
    asked = ["count(*)"]
    asked.append(f"count(*) FILTER ({numbers['conversions']} > 0 AND {numbers['value']} IS NULL)"
                 if "value" in numbers else "0")  # fmt: skip
    for field, one in numbers.items():
        asked += [f"count({_quoted(names[field])})", f"count({one})", f"coalesce(min({one}), 0)",
                  f"coalesce(max({one}), 0)", f"coalesce(sum({one}), 0)",
                  *(_broken(one, parts, kinds[field]) for parts in _PARTS)]  # fmt: skip
    rows, unvalued, *answers = duck.asked(f"SELECT {', '.join(asked)} FROM {source}", path)[0]  # noqa: S608
    columns, each = {}, 5 + len(_PARTS)
    for at, (field, number) in enumerate(numbers.items()):
        told, given, low, high, total, *broken = answers[at * each : (at + 1) * each]
        columns[field] = _Column(
            names[field], number, kinds[field] in _SMALL, told, given, low, float(high), float(total), tuple(broken)
        )
    return int(rows), int(unvalued), columns


def _broken(number: str, parts: int, kind: str) -> str:
    """How many rows have a figure that is no whole number of these parts of its unit."""
    return "0" if kind in _WHOLE else f"count(*) FILTER (round({number} * {parts}) / {parts} <> {number})"


def _selected(column: _Column | None, tried: tuple[int, ...]) -> tuple[str, type[Any], int]:
    """A column's figures, their kind, and of which parts of its unit they are."""
    if column is None:
        return "0::INTEGER", np.int32, 1
    parts = column.parts(tried)
    figure = f"coalesce({column.number}, 0)"
    if parts is None:
        return f"{figure}::DOUBLE", np.float64, 1
    if column.small:
        return f"{figure}::INTEGER", np.int32, 1
    return f"{figure if parts == 1 else f'round({figure} * {parts})'}::BIGINT", np.int64, parts


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
