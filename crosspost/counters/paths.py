"""Large files of paths, counted by DuckDB: equal rows first, then their touches coded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from crosspost.audit.credit.paths import CountedFile, PathCounts, in_order
from crosspost.counters.arrow import Text
from crosspost.counters.coding import Coder
from crosspost.counters.duck import Duck
from crosspost.domain.errors import BadInput

_READERS = {".parquet": "read_parquet('{}')", ".csv": "read_csv('{}', all_varchar = true, header = true)"}
_MOST = 1 << 53  # of a column's sum: above, sums are no longer exact
_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
Columns = Callable[[tuple[str, ...]], dict[str, int] | None]


def count_file(path: Path, separator: str, columns: Columns) -> CountedFile:
    """Counts of a Parquet or CSV file; `columns` finds in a header path, conversions, value and nulls.

    Raises BadInput naming the file and how many rows are wrong: DuckDB numbers no lines.
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
        unvalued = _checked(duck, source, path, fields, names)
        try:
            counts = _counted(duck, source, path, separator, fields, kinds)
        except BadInput as error:
            raise error if error.where else BadInput(error.message, where=str(path), remedy=error.remedy) from None
    return CountedFile(counts, "value" in fields, "nulls" in fields, unvalued)


def _field(name: str, kind: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    return quoted if kind in _WHOLE | {"DOUBLE"} else f"TRY_CAST({quoted} AS DOUBLE)"


def _checked(duck: Duck, source: str, path: Path, fields: dict[str, str], names: dict[str, str]) -> int:
    """How many converting rows have no value. Raises BadInput at rows that cannot be counted."""
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
    return int(unvalued)


def _counted(
    duck: Duck, source: str, path: Path, separator: str, fields: dict[str, str], kinds: dict[str, str]
) -> PathCounts:
    sums = []
    for field in ("conversions", "value", "nulls"):
        if field not in fields:
            sums.append("0::BIGINT")
        elif kinds[field] in _WHOLE:
            sums.append(f"coalesce(sum({fields[field]}), 0)::BIGINT")
        else:
            sums.append(f"coalesce(fsum({fields[field]}), 0)::DOUBLE")  # compensated: the order of rows tells nothing
    column = f"coalesce({fields['path'].removeprefix('TRY_CAST(').removesuffix(' AS DOUBLE)')}::VARCHAR, '')"
    sql = f"SELECT {column} AS path, {', '.join(sums)} FROM {source} GROUP BY 1"  # noqa: S608
    coder = Coder(separator)
    codes, lengths = [], []
    figures: list[list[np.ndarray[Any, Any]]] = [[], [], []]
    for text, *numbers in duck.batches(sql, path):
        assert isinstance(text, Text)
        found, number = coder.coded(text)
        codes.append(found)
        lengths.append(number)
        for kept, one in zip(figures, numbers, strict=True):
            kept.append(np.array(one))
    names = coder.names()
    channels = tuple(sorted(set(names)))
    place = {name: at for at, name in enumerate(channels)}
    place_of_code = np.array([place[name] for name in names], np.int32)
    together = PathCounts(
        channels=channels,
        touches=place_of_code[np.concatenate(codes)],
        offsets=np.concatenate([[0], np.cumsum(np.concatenate(lengths))]),
        conversions=_column(figures[0]),
        value_minor=_column(figures[1]),
        nulls=_column(figures[2]),
    )
    return in_order(together)


def _column(parts: list[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """int64 where all are whole, else float64."""
    together = np.concatenate(parts)
    return together.astype(np.int64) if (together == np.floor(together)).all() else together
