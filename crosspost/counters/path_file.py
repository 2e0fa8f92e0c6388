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
_READERS = {  # what DuckDB finds out by itself is no more than what stands between cells
    ".parquet": "read_parquet('{}', hive_partitioning = false)",
    ".csv": "read_csv('{}', all_varchar = true, header = true, hive_partitioning = false, quote = '\"', escape = '\"', "
    "comment = '')",
}
_NESTED = ("STRUCT(", "MAP(", "UNION(")
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

    @property
    def together(self) -> str:
        """Every spelling of a path: its figures added up, and of how many rows. For whole figures alone."""
        sums = ", ".join(f"sum({one})::BIGINT" for one in self.figures)
        return f"SELECT {self.path}, {sums}, count(*) FROM {self.source} GROUP BY 1"  # noqa: S608


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of figures: how it is called and of which kind, as numbers, and what was answered about it."""

    name: str
    kind: str
    number: str
    answers: dict[str, float]

    @classmethod
    def of(cls, name: str, kind: str) -> _Column:
        quoted = _quoted(name)
        return cls(name, kind, quoted if kind in _WHOLE | {"DOUBLE"} else f"TRY_CAST({quoted} AS DOUBLE)", {})

    def questions(self, tried: tuple[int, ...]) -> dict[str, str]:
        """What must be known of all its rows; the least for whole numbers."""
        number = self.number
        asked = {"told": f"count({_quoted(self.name)})", "low": f"min({number})", "total": f"sum({number})"}
        if self.kind not in _WHOLE:
            asked["numbers"] = f"count(*) FILTER (isfinite({number}))"
            for parts in tried:
                asked[f"broken {parts}"] = f"count(*) FILTER (round({number} * {parts}) / {parts} <> {number})"
        return asked

    def parts(self, tried: tuple[int, ...]) -> int | None:
        """Of which part of its unit all its figures are whole numbers, if of one."""
        total = self.answers["total"]
        broken = (one for one in tried if not self.answers.get(f"broken {one}") and total * one < _MOST)
        return next(broken, None)


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
        if found is None and len(header) == 1 and any(columns(tuple(header[0].split(mark))) for mark in ",;\t|"):
            raise BadInput("not all its rows have as many cells as the first", where=str(path),
                           remedy="quote cells that hold what stands between cells")  # fmt: skip
        if found is None:
            raise BadInput(
                "it has not the columns path and total_conversions", where=str(path), remedy="name its columns so"
            )
        names = {field: header[at] for field, at in found.items()}
        kinds = {field: str(described[at][1]) for field, at in found.items()}
        try:
            if kinds["path"].endswith("]") or kinds["path"].startswith(_NESTED):
                raise BadInput(f"{names['path']} is of lists, not of text", remedy="write its channels in one text")
            yield duck, _looked_through(duck, source, path, names, kinds)
        except BadInput as error:
            raise error if error.where else BadInput(error.message, where=str(path), remedy=error.remedy) from None


def _looked_through(duck: Duck, source: str, path: Path, names: dict[str, str], kinds: dict[str, str]) -> PathFile:
    columns = {field: _Column.of(names[field], kinds[field]) for field in FIGURES if field in names}
    rows, unvalued = _asked(duck, source, path, columns)
    if not rows:
        raise BadInput("there is no path in it", remedy="check that the export is complete")
    for field, one in columns.items():
        told = int(one.answers["told"])
        numbers = int(one.answers.get("numbers", told))
        if told > numbers:
            raise BadInput(f"{one.name} is not a plain number in {told - numbers:,} rows",
                           remedy="write numbers such as 1234.5")  # fmt: skip
        if rows > numbers and field != "value":
            raise BadInput(f"{one.name} is blank in {rows - numbers:,} rows, which is not zero",
                           remedy="write 0 where it is")  # fmt: skip
        if one.answers["low"] < 0:
            raise BadInput(f"{one.name} is below zero", remedy="correct the rows")
    if not sum(one.answers["total"] for one in columns.values()) < _MOST:
        raise BadInput("the counts add up to more than 2^53", remedy="count in a larger unit")
    selected = [_selected(columns.get(field), _tried(field)) for field in FIGURES]
    return PathFile(
        path, source, f"coalesce({_quoted(names['path'])}::VARCHAR, '')", tuple(sql for sql, _, _ in selected),
        tuple(kind for _, kind, _ in selected), selected[1][2], rows, unvalued, frozenset(columns),
    )  # fmt: skip


def _tried(field: str) -> tuple[int, ...]:
    return _PARTS if field == "value" else _PARTS[:1]


def _asked(duck: Duck, source: str, path: Path, columns: dict[str, _Column]) -> tuple[int, int]:
    """Rows, and converting ones without a value; every column is given its answers, 0 where it has no number."""
    questions = [
        (one, name, sql) for field, one in columns.items() for name, sql in one.questions(_tried(field)).items()
    ]
    unvalued = "0"
    if "value" in columns:
        unvalued = f"count(*) FILTER ({columns['conversions'].number} > 0 AND {columns['value'].number} IS NULL)"
    asked = ", ".join(["count(*)", unvalued, *(sql for _, _, sql in questions)])
    rows, converting, *answers = duck.asked(f"SELECT {asked} FROM {source}", path)[0]  # noqa: S608
    for (one, name, _), answer in zip(questions, answers, strict=True):
        one.answers[name] = float(answer or 0)
    return int(rows), int(converting)


def _selected(column: _Column | None, tried: tuple[int, ...]) -> tuple[str, type[Any], int]:
    """A column's figures, their kind, and of which parts of its unit they are."""
    if column is None:
        return "0::INTEGER", np.int32, 1
    parts = column.parts(tried)
    figure = f"coalesce({column.number}, 0)"
    if parts is None:
        return f"{figure}::DOUBLE", np.float64, 1
    if column.kind in _SMALL:
        return f"{figure}::INTEGER", np.int32, 1
    return f"{figure if parts == 1 else f'round({figure} * {parts})'}::BIGINT", np.int64, parts


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
