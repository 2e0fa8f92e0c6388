"""Workbooks (XLSX, XLS, ODS): looked at for tricks, then read by calamine. Typed cells become text."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from crosspost.reading.containers import Archive, shown
from crosspost.reading.limits import MAX_CELL, MAX_CELLS, Refused

# Where a sheet's cells reach to. Readers make room for the whole rectangle, so that two cells can cost 17 billion.
_CELL = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,4})(\d{1,8})["']""")
_REPEATED = re.compile(rb"""number-(columns|rows)-repeated\s*=\s*["'](\d{1,10})["']""")
_COUNT = re.compile(rb"""\s[a-zA-Z]*[cC]ount\s*=\s*["'](\d{1,20})["']""")  # room is made before anything is read
_LARGEST_ROW = 1_048_576
_WHOLE = 2**53  # above it a workbook's numbers have lost digits


def rows(data: bytes) -> Iterator[tuple[str, Iterator[tuple[int, list[str]]]]]:
    """(name of the sheet, its rows with their numbers) of every sheet. Raises Refused."""
    from python_calamine import CalamineWorkbook

    with _reading():
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = list(book.sheet_names)
    for at, name in enumerate(names):
        with _reading():
            sheet = book.get_sheet_by_index(at)
            height, width = sheet.total_height, sheet.width
        if height * width > MAX_CELLS:
            raise Refused(f"has more than {MAX_CELLS} cells", "split the file", part=shown(name))
        yield shown(name), _rows(sheet)


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    with _reading():
        for at, cells in enumerate(sheet.iter_rows(), 1):
            yield at, [_text(cell) for cell in cells]


class _reading:
    """Turns whatever the reader raises into a refusal. Its own panics are no subclass of Exception."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None or isinstance(error, (Refused, GeneratorExit, KeyboardInterrupt, SystemExit, MemoryError)):
            return
        if type(error).__name__ == "PasswordError" or "assword" in str(error)[:200]:
            raise Refused("is locked with a password", "save it without one") from None
        raise Refused("is no workbook that can be read", "save it again as XLSX, or export CSV") from None


def _text(cell: object) -> str:
    if isinstance(cell, str):
        if len(cell) > MAX_CELL:
            raise Refused(f"has a cell of more than {MAX_CELL} characters", "shorten it")
        return cell.strip()
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _WHOLE else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, timedelta):
        seconds = int(cell.total_seconds())
        return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def check_xml(archive: Archive) -> None:
    """Refuse a workbook whose XML declares entities or whose cells lie too far apart.

    Each member is unpacked here, so that what its list of sizes says is known to be true.
    """
    area = 0
    for member in archive.members:
        data = archive.read(member)
        if not member.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        _check_entities(data, member.filename)
        if any(int(figures) > MAX_CELLS for figures in _COUNT.findall(data)):
            raise Refused("says it holds more than it could", "save it again as XLSX, or export CSV")
        if member.filename.startswith("xl/worksheets/"):
            area += _reach(data)
        elif member.filename == "content.xml":
            area += _repeats(data)
        if area > 4 * MAX_CELLS:
            raise Refused(f"has more than {MAX_CELLS} cells", "clear what stands far from the table")


def _check_entities(data: bytes, name: str) -> None:
    from xml.sax import SAXException
    from xml.sax.handler import ContentHandler

    from defusedxml.common import DefusedXmlException
    from defusedxml.expatreader import DefusedExpatParser

    class Parser(DefusedExpatParser):  # type: ignore[misc]
        """Elements are not handed to Python: only what declares something is looked at."""

        def reset(self) -> None:
            super().reset()
            expat = self._parser
            for name in ("StartElement", "EndElement", "CharacterData", "ProcessingInstruction", "StartNamespaceDecl",
                         "EndNamespaceDecl"):  # fmt: skip
                setattr(expat, f"{name}Handler", None)

    parser = Parser(forbid_dtd=True)
    parser.setContentHandler(ContentHandler())
    try:
        parser.feed(data)
        parser.close()
    except DefusedXmlException:
        raise Refused("declares entities in its XML, as attacks do", "save it again as a plain workbook") from None
    except (SAXException, ValueError, LookupError, AttributeError):
        raise Refused("is no workbook that can be read", "save it again as XLSX, or export CSV") from None


def _reach(data: bytes) -> int:
    """How many cells the rectangle has that holds every cell of a sheet of XLSX."""
    columns = rows = 0
    for letters, figures in _CELL.findall(data):
        rows = max(rows, int(figures))
        if (column := _column(letters)) > columns:
            columns = column
    if rows > _LARGEST_ROW:
        raise Refused("has a row beyond the last one a workbook can have", "save it again")
    return columns * rows


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _repeats(data: bytes) -> int:
    """How many cells a sheet of ODS could stand for, the blank rest of it left out."""
    columns = rows = 0
    for element in re.finditer(rb"<table:(table-row|table-cell)([^>]*?)(/?)>", data):
        for what, figures in _REPEATED.findall(element[2]):
            if what == b"rows" and not element[3]:
                rows += int(figures) if int(figures) < 1_000_000 else 0
            elif what == b"columns" and b"value-type" in element[2]:
                columns += int(figures)
    return max(rows, columns)
