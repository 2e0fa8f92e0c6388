"""A table as Parquet, for programs that read columns. Equal tables give equal bytes, whatever library reads them.

The file is the plainest that the format allows: one row group, one page a column, nothing compressed. Whole numbers
are INT64, other numbers DOUBLE with 10 significant digits, money DECIMAL, instants microseconds in UTC, the rest text;
a last column tells which values are missing and why. Source: apache/parquet-format, parquet.thrift and Encodings.md.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from crosspost.audit.results import Cell, Table

_MAGIC = b"PAR1"
_BOOLEAN, _INT64, _DOUBLE, _BYTES, _FIXED = 0, 2, 5, 6, 7  # Type
_UTF8, _DECIMAL, _MICROS = 0, 5, 10  # ConvertedType
_OPTIONAL, _PLAIN, _RLE = 1, 0, 3
_DIGITS, _WIDTH = 38, 16  # of a decimal, and the bytes it takes
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class _Kind:
    physical: int
    converted: int | None = None
    scale: int = 0


def render(table: Table) -> bytes:
    """The table, its rows in order."""
    names = [*(column.name for column in table.columns), MISSING]
    reasons: list[Cell] = [
        "; ".join(f"{name}: {table.missing[at, name]}" for name in names[:-1] if (at, name) in table.missing) or None
        for at in range(len(table.rows))
    ]
    columns: list[Sequence[Cell]] = [[row[at] for row in table.rows] for at in range(len(table.columns))]
    out = bytearray(_MAGIC)
    chunks, schema = [], [_struct((4, "root"), (5, len(names)))]
    for name, cells in zip(names, [*columns, reasons], strict=True):
        kind = _kind(cells)
        width = _WIDTH if kind.physical == _FIXED else None
        schema.append(
            _struct((1, kind.physical), (2, width), (3, _OPTIONAL), (4, name), (6, kind.converted),
                    (7, kind.scale if kind.converted == _DECIMAL else None),
                    (8, _DIGITS if kind.converted == _DECIMAL else None))
        )  # fmt: skip
        start, page = len(out), _page(cells, kind)
        out += page
        meta = _struct(
            (1, kind.physical), (2, [_PLAIN, _RLE]), (3, [name]), (4, 0), (5, _Long(len(cells))),
            (6, _Long(len(page))), (7, _Long(len(page))), (9, _Long(start)),
        )  # fmt: skip
        chunks.append(_struct((2, _Long(start)), (3, meta)))
    size = len(out) - len(_MAGIC)
    group = _struct((1, chunks), (2, _Long(size)), (3, _Long(len(table.rows))))
    footer = _struct((1, 1), (2, schema), (3, _Long(len(table.rows))), (4, [group]), (6, "crosspost"))
    return bytes(out) + footer.made + struct.pack("<i", len(footer.made)) + _MAGIC


def _kind(cells: Sequence[Cell]) -> _Kind:
    there = [cell for cell in cells if cell is not None]
    kinds = {type(cell) for cell in there}
    if kinds == {bool}:
        return _Kind(_BOOLEAN)
    largest = max((abs(cell) for cell in there if type(cell) is int), default=0)
    if kinds == {int} and largest < 2**63:
        return _Kind(_INT64)
    if kinds and kinds <= {int, float} and largest <= 2**53:  # beyond, a DOUBLE would say another number
        return _Kind(_DOUBLE)
    if kinds and kinds <= {int, Decimal}:
        scale = max(max(0, -_exponent(cell)) for cell in there)
        if all(abs(Decimal(str(cell)).scaleb(scale)) < 10**_DIGITS for cell in there):
            return _Kind(_FIXED, _DECIMAL, scale)
    if kinds == {datetime}:
        return _Kind(_INT64, _MICROS)
    return _Kind(_BYTES, _UTF8)


def _exponent(cell: Cell) -> int:
    exponent = Decimal(str(cell)).as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _page(cells: Sequence[Cell], kind: _Kind) -> bytes:
    there = [cell for cell in cells if cell is not None]
    # Which values are there, one bit each (definition levels); then those values.
    levels = _bits([cell is not None for cell in cells])
    run = _varint((-(-len(cells) // 8)) << 1 | 1) + levels if cells else b""
    body = struct.pack("<i", len(run)) + run + _values(there, kind)
    head = _struct((1, len(cells)), (2, _PLAIN), (3, _RLE), (4, _RLE))
    return _struct((1, 0), (2, len(body)), (3, len(body)), (5, head)).made + body


def _values(there: Sequence[Any], kind: _Kind) -> bytes:
    if kind.physical == _BOOLEAN:
        return _bits(there)
    if kind.converted == _MICROS:
        there = [(cell.astimezone(UTC) - _EPOCH) // (datetime.resolution) for cell in there]
    if kind.physical == _INT64:
        return struct.pack(f"<{len(there)}q", *there)
    if kind.physical == _DOUBLE:
        return struct.pack(f"<{len(there)}d", *(float(f"{cell:.10g}") for cell in there))
    if kind.physical == _FIXED:
        minor = (int(Decimal(cell).scaleb(kind.scale)) for cell in there)
        return b"".join(one.to_bytes(_WIDTH, "big", signed=True) for one in minor)
    texts = [_text(cell).encode("utf-8", "backslashreplace") for cell in there]
    return b"".join(struct.pack("<i", len(text)) + text for text in texts)


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.10g}"
    return cell.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(cell, datetime) else str(cell)


def _bits(flags: Sequence[bool]) -> bytes:
    whole = sum(1 << at for at, flag in enumerate(flags) if flag)
    return whole.to_bytes(-(-len(flags) // 8), "little")


class _Long(int):
    """An integer that Thrift writes as i64."""


@dataclass(frozen=True, slots=True)
class _Struct:
    made: bytes


def _struct(*fields: tuple[int, Any]) -> _Struct:
    """Thrift's compact form of a structure: fields by number, those that are None left out."""
    out, last = bytearray(), 0
    for number, value in fields:
        if value is not None:
            kind, data = _thrift(value)
            out += bytes([(number - last) << 4 | kind]) + data
            last = number
    return _Struct(bytes(out) + b"\0")


def _thrift(value: Any) -> tuple[int, bytes]:
    if isinstance(value, int):
        return 6 if isinstance(value, _Long) else 5, _integer(value)
    if isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace")
        return 8, _varint(len(text)) + text
    if isinstance(value, _Struct):
        return 12, value.made
    made = [_thrift(one) for one in value]
    size = bytes([len(made) << 4 | made[0][0]]) if len(made) < 15 else bytes([0xF0 | made[0][0]]) + _varint(len(made))
    return 9, size + b"".join(data for _, data in made)


@lru_cache(1024)  # a bundle writes the same few forty thousand times
def _integer(value: int) -> bytes:
    return _varint(_zigzag(value))


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
