"""A workbook in Excel's old binary format (BIFF8 in an OLE2 container): what LinkedIn gives to the admins of a page.

Only what the fixtures need: one sheet after another, of texts and numbers. Source: [MS-XLS] and [MS-CFB].
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

Cell = str | int | float | None
_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def workbook(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """The bytes of an .xls of these sheets, by their titles."""
    texts = {cell: None for rows in sheets.values() for row in rows for cell in row if isinstance(cell, str)}
    index = {text: number for number, text in enumerate(texts)}
    bodies = [_sheet(rows, index) for rows in sheets.values()]
    # The sheets' places in the stream stand in front of all of them: the head is made twice, its length is the same.
    places = [0] * len(bodies)
    for _ in range(2):
        head = _globals(list(sheets), places, list(index))
        places = [len(head) + sum(len(body) for body in bodies[:number]) for number in range(len(bodies))]
    return _container(b"".join([_globals(list(sheets), places, list(index)), *bodies]))


def _record(kind: int, body: bytes = b"") -> bytes:
    if len(body) > 8224:
        raise ValueError("a record this long goes on in another, which is not written here")
    return struct.pack("<HH", kind, len(body)) + body


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 0x0600))


def _globals(titles: Sequence[str], places: Sequence[int], texts: Sequence[str]) -> bytes:
    sheets = b"".join(
        _record(0x0085, struct.pack("<IBBBB", place, 0, 0, len(title), 1) + title.encode("utf-16-le"))
        for title, place in zip(titles, places, strict=True)
    )
    shared = struct.pack("<II", len(texts), len(texts))
    shared += b"".join(
        struct.pack("<HB", len(one.encode("utf-16-le")) // 2, 1) + one.encode("utf-16-le") for one in texts
    )
    return _bof(0x0005) + _record(0x0042, struct.pack("<H", 1200)) + sheets + _record(0x00FC, shared) + _record(0x000A)


def _sheet(rows: Sequence[Sequence[Cell]], index: Mapping[str, int]) -> bytes:
    width = max((len(row) for row in rows), default=0)
    found = [_bof(0x0010), _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))]
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            place = struct.pack("<HHH", number, column, 0)
            if isinstance(cell, str):
                found.append(_record(0x00FD, place + struct.pack("<I", index[cell])))
            elif cell is not None:
                found.append(_record(0x0203, place + struct.pack("<d", cell)))
    return b"".join([*found, _record(0x000A)])


def _container(stream: bytes) -> bytes:
    """The stream as the one file of a compound document. It is padded so that it never goes to the small sectors."""
    stream += b"\0" * (max(len(stream), 4096) - len(stream))
    stream += b"\0" * (-len(stream) % _SECTOR)
    count = len(stream) // _SECTOR  # of the sectors after the header: [FAT][directory][stream…]
    if count + 2 > _SECTOR // 4:
        raise ValueError("more than one sector of allocation, which is not written here")
    chain = [_FAT, _END, *range(3, count + 2), _END]
    fat = struct.pack(f"<{_SECTOR // 4}I", *chain, *[_FREE] * (_SECTOR // 4 - len(chain)))
    directory = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 2, len(stream))
    directory += _entry("", 0, _FREE, 0, 0) * 2
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    return header + fat + directory + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    length = len(text) + 2 if name else 0
    found = text.ljust(64, b"\0") + struct.pack("<HBBIII", length, kind, 1, _FREE, _FREE, child)
    return found + b"\0" * 36 + struct.pack("<IQ", start, size)
