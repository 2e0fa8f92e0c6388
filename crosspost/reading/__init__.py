"""Reads the tables of a file nobody vouches for. Runs in a child process that has nothing else (see `__main__`).

Standard library and readers only: no database, no settings, no secrets, no network.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from crosspost.reading import text, workbook
from crosspost.reading.containers import Archive, archive, gunzipped, is_link, name_of, shown, wrapped
from crosspost.reading.limits import Refused
from crosspost.reading.tables import Counter, Line, Table, tables

__all__ = ["Counter", "Line", "Refused", "Table", "read"]

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Of an archive's members. A .txt in it is for people: prose with commas.
_TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods")
_NO_TABLE = {b"%PDF": "a PDF", b"<": "a web page or XML", b"{\\rtf": "a text document", b"\x89PNG": "a picture"}


def read(data: bytes, counter: Counter) -> Iterator[Table | Line]:
    """Every table of a file, each followed by its rows. Raises Refused."""
    if data.startswith(_ZIP):
        yield from _zip(archive(data), data, counter)
    elif data.startswith(b"\x1f\x8b"):
        yield from tables(text.rows(gunzipped(data)), None, counter, padded=False)
    elif data.startswith(_OLE):
        yield from _workbook(data, None, counter)
    elif data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        for one in wrapped(data):
            yield from _zip(archive(one), one, counter)
    elif (what := next((name for start, name in _NO_TABLE.items() if data.startswith(start)), None)) is not None:
        raise Refused(f"is {what}, not a table", "export it as CSV or XLSX")
    else:
        yield from tables(text.rows(data), None, counter, padded=False)
    if not counter.tables:
        if counter.skipped:
            raise Refused(f"holds no table, but {counter.skipped[0]}", "unpack it and import the tables")
        raise Refused("holds no table: it is empty, or has one column only", "export it with a header")


def _zip(found: Archive, data: bytes, counter: Counter) -> Iterator[Table | Line]:
    if _is_workbook(found):
        workbook.check_xml(found)
        yield from _workbook(data, None, counter)
        return
    for member in found.members:
        name = name_of(member)
        ending = name[name.rfind(".") :].lower()
        if name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("."):
            continue
        if ending not in _TABLES or is_link(member):
            counter.skipped.append(name)
            continue
        try:
            yield from _member(found, member, name, counter)
        except Refused as error:
            raise error.within(name) from None


def _is_workbook(found: Archive) -> bool:
    return not {"[Content_Types].xml", "content.xml"}.isdisjoint(one.filename for one in found.members)


def _member(found: Archive, member: zipfile.ZipInfo, name: str, counter: Counter) -> Iterator[Table | Line]:
    data = found.read(member)
    if data.startswith(_ZIP):
        inner = archive(data)
        if not _is_workbook(inner):
            raise Refused("is a zip within a zip", "unpack it and import the tables")
        workbook.check_xml(inner)
        yield from _workbook(data, name, counter)
    elif data.startswith(_OLE):
        yield from _workbook(data, name, counter)
    elif data.strip():
        yield from tables(text.rows(data), name, counter, padded=False)


def _workbook(data: bytes, within: str | None, counter: Counter) -> Iterator[Table | Line]:
    for name, rows in workbook.rows(data):
        part = f"{within}, {shown(name)}" if within else name
        try:
            yield from tables(rows, part, counter, padded=True)
        except Refused as error:
            raise error.within(part) from None
