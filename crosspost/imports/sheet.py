"""A delimited file read whole: header, rows with their line numbers, and the file's SHA-256."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

from crosspost.domain.errors import BadInput

MAX_BYTES = 20_000_000
MAX_ROWS = 1_000_000
MAX_CELL = 100_000  # characters
_DELIMITERS = ",;\t|"
_SEP = re.compile(r"sep=(?P<mark>[,;\t|])\r?\n", re.IGNORECASE)  # how Excel is told the delimiter: no row of the table


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    sha256: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]  # line in the file (from 1), cells by column


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file: UTF-8 (with or without mark), UTF-16 with a mark, or Windows-1252; comma, semicolon or tab.

    A first line `sep=;` is Excel's own and is skipped.
    Raises BadInput naming the file, the line and the remedy; nothing is guessed about a row that does not fit.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"larger than {MAX_BYTES // 1_000_000} MB", where=str(path), remedy="split the file")
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", where=str(path), remedy="check the path") from None
    return parse_sheet(data, str(path))


def parse_sheet(data: bytes, name: str) -> Sheet:
    """As `read_sheet`, from bytes."""
    text = _decode(data, name)
    said = _SEP.match(text)
    skipped = 0
    if said:
        text, skipped = text[said.end() :], 1
    delimiter = said["mark"] if said else max(_DELIMITERS, key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    previous_limit = csv.field_size_limit(MAX_CELL)
    try:
        header = tuple(cell.strip() for cell in next(reader, ()))
        if not any(header):
            raise BadInput("the file is empty or starts with an empty line", where=f"{name}:{skipped + 1}",
                           remedy="add a header")  # fmt: skip
        _check_header(header, f"{name}:{skipped + 1}")
        rows = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise BadInput(
                    f"{len(cells)} cells where the header has {len(header)}",
                    where=f"{name}:{reader.line_num + skipped}",
                    remedy="quote cells that hold the delimiter",
                )
            rows.append((reader.line_num + skipped, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
            if len(rows) > MAX_ROWS:
                raise BadInput(f"more than {MAX_ROWS} rows", where=name, remedy="split the file")
    except csv.Error as error:
        raise BadInput(
            f"is not well-formed CSV: {error}", where=f"{name}:{reader.line_num + skipped}", remedy="export it again"
        ) from None
    finally:
        csv.field_size_limit(previous_limit)
    return Sheet(name, hashlib.sha256(data).hexdigest(), header, tuple(rows))


def _check_header(header: tuple[str, ...], where: str) -> None:
    doubled = sorted({column for column in header if column and header.count(column) > 1})
    if doubled:
        raise BadInput(f"two columns are called {doubled[0]!r}", where=where, remedy="rename one")


def _decode(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in data:
        raise BadInput("holds NUL bytes: it is not a text file", where=name, remedy="export it as CSV")
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput("its characters are in no encoding known here", where=name, remedy="save it as UTF-8")
