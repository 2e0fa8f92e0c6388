"""Tables as Parquet, read back by a library that had no part in writing them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crosspost.audit.results import Absent, Cell, Table, table
from crosspost.audit.run import audit
from crosspost.report.parquet import render
from tests.audit.ledgers import MADE_AT, small


def read(made: Table, folder: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    (folder / "t.parquet").write_bytes(render(made))
    with duckdb.connect() as connection:
        found = connection.execute("SELECT * FROM read_parquet(?)", [str(folder / "t.parquet")])
        return [str(one[1]) for one in found.description], found.fetchall()


def as_written(cell: Cell) -> Any:
    if isinstance(cell, float):
        return float(f"{cell:.10g}")
    return cell.astimezone(UTC).replace(tzinfo=None) if isinstance(cell, datetime) else cell


@pytest.mark.parametrize("name", [one.name for one in audit(small(), made_at=MADE_AT).tables])
def test_every_cell_of_an_audit_comes_back(name: str, tmp_path: Path) -> None:
    made = audit(small(), made_at=MADE_AT).table(name)
    kinds, rows = read(made, tmp_path)
    wanted = [tuple(map(as_written, row)) for row in made.rows]
    # A column of counts and of money is text: no number type holds both as they are.
    text = [kind == "VARCHAR" for kind in kinds]
    shown = [
        tuple(str(cell) if is_text and cell is not None else cell for cell, is_text in zip(row, text, strict=False))
        for row in wanted
    ]
    assert [row[:-1] for row in rows] == shown
    for at, row in enumerate(rows):
        missing = [column.name for column in made.columns if (at, column.name) in made.missing]
        assert [one.partition(":")[0] for one in (row[-1] or "").split("; ") if one][: len(missing)] or not missing


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([1, 1 - 2**63, 2**63 - 1], "BIGINT"),
        ([1, 2**63], "DECIMAL(38,0)"),
        ([1, 2.5], "DOUBLE"),
        ([2**53 + 1, 2.5], "VARCHAR"),
        ([True, False, True], "BOOLEAN"),
        ([Decimal("1.10"), Decimal("-0.005"), 3], "DECIMAL(38,3)"),
        ([Decimal("1E+37"), Decimal("0.01")], "VARCHAR"),
        ([datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)], "TIMESTAMP"),
        (["é", "", "a\nb"], "VARCHAR"),
        (["a", 1, 0.1], "VARCHAR"),
    ],
)
def test_a_column_has_the_type_of_its_cells(cells: list[Cell], kind: str, tmp_path: Path) -> None:
    made = table("t", "T", [("it", "", "")], [[Absent("nobody asked")], *([cell] for cell in cells)])
    kinds, rows = read(made, tmp_path)
    assert kinds[0] == kind
    assert rows[0] == (None, "it: nobody asked")
    if kind != "VARCHAR":
        assert [row[0] for row in rows[1:]] == [as_written(cell) for cell in cells]
    else:
        assert len(rows) == len(cells) + 1


def test_columns_and_rows_beyond_one_byte_are_counted_well(tmp_path: Path) -> None:
    heads = [(f"c{at}", "", "") for at in range(40)]
    rows = [[row * 40 + at if (row + at) % 3 else Absent("no") for at in range(40)] for row in range(1_001)]
    made = table("wide", "Wide", heads, rows)
    _, found = read(made, tmp_path)
    assert [row[:-1] for row in found] == list(made.rows)


def test_a_table_without_rows_is_a_file_too(tmp_path: Path) -> None:
    assert read(table("none", "None", [("a", "", "")], []), tmp_path) == (["VARCHAR", "VARCHAR"], [])
