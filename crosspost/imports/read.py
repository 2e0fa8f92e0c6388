"""The tables of a file, read in a child process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crosspost.domain.errors import BadInput
from crosspost.imports.sheet import Sheet
from crosspost.reading import Counter, Line, Refused, Table, read
from crosspost.reading.limits import MAX_BYTES


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds: its tables, and the parts of it that are no tables and were not opened."""

    sha256: str
    sheets: tuple[Sheet, ...]
    skipped: tuple[str, ...] = ()


def read_file(path: Path) -> Contents:
    """Read CSV, XLSX, XLS, ODS, and zip, gzip or JSON around them. Raises BadInput naming file, line and remedy."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"larger than {MAX_BYTES // 1_000_000} MB", where=str(path), remedy="split the file")
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", where=str(path), remedy="check the path") from None
    return parse(data, str(path))


def parse(data: bytes, path: str) -> Contents:
    """As `read_file`, from bytes and in this process: for bytes that are trusted."""
    counter = Counter()
    try:
        return collected(read(data, counter), path, hashlib.sha256(data).hexdigest(), counter.skipped)
    except Refused as error:
        raise refusal(error, path) from None


def collected(found: Iterable[Table | Line], path: str, sha256: str, skipped: Iterable[str]) -> Contents:
    """The tables as sheets."""
    tables: list[Table] = []
    rows: list[list[tuple[int, tuple[str, ...]]]] = []
    for one in found:
        if isinstance(one, Table):
            tables.append(one)
            rows.append([])
        else:
            rows[one.table].append((one.line, one.cells))
    sheets = tuple(
        Sheet(path, sha256, table.header, tuple(mine), table.part, table.title, table.preamble)
        for table, mine in zip(tables, rows, strict=True)
    )
    return Contents(sha256, sheets, tuple(skipped))


def refusal(error: Refused, path: str) -> BadInput:
    """Why a file is not read, with file, part and line."""
    place = f"{path} ({error.part})" if error.part else path
    return BadInput(error.message, where=f"{place}:{error.line}" if error.line else place, remedy=error.remedy)
