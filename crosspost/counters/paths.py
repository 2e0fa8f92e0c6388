"""Large files of paths: DuckDB reads them, their touches are coded as they come, and only codes are kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosspost.audit.credit.paths import CountedFile, PathCounts, in_order, picked
from crosspost.counters.arrow import Text
from crosspost.counters.coding import Coder
from crosspost.counters.duck import Duck
from crosspost.domain.errors import BadInput

_READERS = {".parquet": "read_parquet('{}')", ".csv": "read_csv('{}', all_varchar = true, header = true)"}
_MOST = 1 << 53  # of a column's sum: above, sums are no longer exact
_SMALL = {"TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT"}  # what 32 bits hold
_WHOLE = _SMALL | {"BIGINT", "UINTEGER", "UBIGINT"}
_AT_ONCE = 100_000  # figures looked at in one pass
_PARTS = (1, 100, 10_000)  # of a unit that values are tried to be whole numbers of
Columns = Callable[[tuple[str, ...]], dict[str, int] | None]


def count_file(path: Path, separator: str, columns: Columns) -> CountedFile:
    """Counts of a Parquet or CSV file; `columns` finds in a header path, conversions, value and nulls.

    Raises BadInput naming the file and how many rows are wrong: DuckDB numbers no lines.
    """
    walked = walk_file(path, separator, columns)
    counts = in_order(walked.counts)
    if walked.parts > 1:
        counts = replace(counts, value_minor=counts.value_minor / walked.parts)
    return replace(walked, counts=counts, parts=1)


def walk_file(path: Path, separator: str, columns: Columns) -> CountedFile:
    """The same with a path for every row, in any order: all that chains need, and soonest.

    Whatever that order is, sums of the figures are the same to the last bit.
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
        fields = {field: _field(name, kinds[field]) for field, name in names.items()}
        rows, unvalued = _checked(duck, source, path, fields, names)
        try:
            counts, parts = _walked(duck, source, path, separator, fields, kinds, rows)
        except BadInput as error:
            raise error if error.where else BadInput(error.message, where=str(path), remedy=error.remedy) from None
    return CountedFile(counts, "value" in fields, "nulls" in fields, unvalued, parts)


def _field(name: str, kind: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    return quoted if kind in _WHOLE | {"DOUBLE"} else f"TRY_CAST({quoted} AS DOUBLE)"


def _checked(duck: Duck, source: str, path: Path, fields: dict[str, str], names: dict[str, str]) -> tuple[int, int]:
    """How many rows there are, and how many converting ones without a value. Raises BadInput at rows that cannot be
    counted."""
    figures = [field for field in fields if field != "path"]
    asked = ["count(*)"]
    for field in figures:
        quoted = '"' + names[field].replace('"', '""') + '"'
        one = fields[field]
        asked += [f"count({quoted})", f"count({one})", f"coalesce(min({one}), 0)", f"coalesce(max({one}), 0)",
                  f"coalesce(sum({one}), 0)"]  # fmt: skip
    asked.append(f"count(*) FILTER ({fields['conversions']} > 0 AND {fields['value']} IS NULL)"
                 if "value" in fields else "0")  # fmt: skip
    rows, *answers, unvalued = duck.asked(f"SELECT {', '.join(asked)} FROM {source}", path)[0]  # noqa: S608
    if not rows:
        raise BadInput("there is no path in it", where=str(path), remedy="check that the export is complete")
    most = 0.0
    for at, field in enumerate(figures):
        told, numbers, low, high, total = answers[5 * at : 5 * at + 5]
        name = names[field]
        if told > numbers:
            raise BadInput(f"{name} is not a plain number in {told - numbers:,} rows", where=str(path),
                           remedy="write numbers such as 1234.5")  # fmt: skip
        if rows > numbers and field != "value":
            raise BadInput(f"{name} is blank in {rows - numbers:,} rows, which is not zero", where=str(path),
                           remedy="write 0 where it is")  # fmt: skip
        if low < 0:
            raise BadInput(f"{name} is below zero", where=str(path), remedy="correct the rows")
        most += float(total) if high < _MOST else _MOST  # infinite and not a number are above all
    if not most < _MOST:
        raise BadInput("the counts add up to more than 2^53", where=str(path), remedy="count in a larger unit")
    return int(rows), int(unvalued)


def _walked(
    duck: Duck, source: str, path: Path, separator: str, fields: dict[str, str], kinds: dict[str, str], rows: int
) -> tuple[PathCounts, int]:
    """The walks, and in how many parts of the file's unit their value is."""
    asked: list[str] = []
    held: list[NDArray[Any]] = []
    for field in ("conversions", "value", "nulls"):
        kind = kinds[field] if field in fields else "INTEGER"
        sql, size = ("INTEGER", "i4") if kind in _SMALL else ("BIGINT", "i8") if kind in _WHOLE else ("DOUBLE", "f8")
        asked.append(f"coalesce({fields.get(field, '0')}, 0)::{sql}")
        held.append(np.empty(rows, size))
    column = f"coalesce({fields['path'].removeprefix('TRY_CAST(').removesuffix(' AS DOUBLE)')}::VARCHAR, '')"
    coder = Coder(separator)
    codes: list[NDArray[np.int16]] = []
    offsets = np.zeros(rows + 1, np.int64)
    done = 0
    with closing(duck.batches(f"SELECT {column}, {', '.join(asked)} FROM {source}", path)) as batches:  # noqa: S608
        for text, *figures in batches:
            assert isinstance(text, Text)
            found, lengths = coder.coded(text)
            codes.append(found)
            past = done + len(lengths)
            if past > rows:
                raise _changed()
            offsets[done + 1 : past + 1] = np.cumsum(lengths) + offsets[done]
            for kept, one in zip(held, figures, strict=True):
                kept[done:past] = one
            done = past
    if done < rows:
        raise _changed()
    names = coder.names()
    channels = tuple(sorted(set(names)))
    place = {name: at for at, name in enumerate(channels)}
    touches = _placed(codes, np.array([place[name] for name in names], np.int16))
    (won, _), (value, parts), (lost, _) = (
        _whole(one, parts) for one, parts in zip(held, ((1,), _PARTS, (1,)), strict=True)
    )
    return _steady(PathCounts(channels, touches, offsets, won, value, lost)), parts


def _changed() -> BadInput:
    return BadInput("it was changed while it was read", remedy="try again when nothing writes to it")


def _placed(codes: list[NDArray[np.int16]], place_of_code: NDArray[np.int16]) -> NDArray[np.int16]:
    """All codes as places in the list of names; each part is let go as soon as it is placed."""
    touches = np.empty(sum(map(len, codes)), np.int16)
    past = len(touches)
    while codes:
        part = codes.pop()
        touches[past - len(part) : past] = place_of_code.take(part)
        past -= len(part)
    return touches


def _whole(figures: NDArray[Any], parts: tuple[int, ...]) -> tuple[NDArray[Any], int]:
    """The figures as whole numbers of one of these parts of their unit, hundredths for 12.34, and of which; in their
    own place, which is written over. As they are where they are of none."""
    if figures.dtype.kind == "i":
        return figures, 1
    several = range(0, len(figures), _AT_ONCE)
    for number in parts:
        if figures.sum() * number < _MOST and all(
            (np.rint(some * number) / number == some).all()
            for at in several
            if len(some := figures[at : at + _AT_ONCE])
        ):
            whole = figures.view(np.int64)
            for at in several:
                whole[at : at + _AT_ONCE] = np.rint(figures[at : at + _AT_ONCE] * number)
            return whole, number
    return figures, 1


def _steady(counts: PathCounts) -> PathCounts:
    """Rows by their figures where these are fractions, whose sums hang on the order in which they are added."""
    figures = (counts.conversions, counts.value_minor, counts.nulls)
    if all(one.dtype.kind == "i" for one in figures):
        return counts
    order = np.lexsort(figures)
    return PathCounts(counts.channels, *picked(counts, order, np.int16), *(one[order] for one in figures))
