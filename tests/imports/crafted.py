"""Files made to harm whoever reads them, each small and made here. name → bytes."""

from __future__ import annotations

import base64
import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable

TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" '
    'Target="{}"/></Relationships>'
)
BOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
SHEET = (
    '<?xml version="1.0"?>{}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{}</sheetData></worksheet>"
)
ROW = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c><c r="B{0}"><v>1</v></c></row>'
_MB = 1_000_000


def packed(members: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return held.getvalue()


def book(sheet: str | bytes, **more: bytes | str) -> bytes:
    """A workbook of one sheet whose XML is given."""
    return packed({
        "[Content_Types].xml": TYPES, "_rels/.rels": RELS.format("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": RELS.format("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": sheet, **{name.replace("__", "/") + ".xml": data for name, data in more.items()},
    })  # fmt: skip


def ods(rows: str) -> bytes:
    return packed({
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": '<?xml version="1.0"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="T">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>",
        "META-INF/manifest.xml": "<manifest/>",
    })  # fmt: skip


def _altered(data: bytes, at: bytes, offset: int, form: str, value: int) -> bytes:
    """The zip with one number of the entry that starts with `at` replaced."""
    found = bytearray(data)
    struct.pack_into(form, found, data.index(at) + offset, value)
    return bytes(found)


def _lying_size() -> bytes:
    data = packed({"a.csv": b"\0" * (30 * _MB)})
    return _altered(_altered(data, b"PK\x01\x02", 24, "<I", 100), b"PK\x03\x04", 22, "<I", 100)


def _on_each_other() -> bytes:
    """Ten names for the same packed bytes, which lie once in the file."""
    data = packed({"a.csv": b"\0" * _MB})
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[start:end]
    entries = b"".join(entry.replace(b"a.csv", f"{at}.csv".encode()) for at in range(10))
    tail = bytearray(data[end:])
    struct.pack_into("<HHI", tail, 8, 10, 10, len(entries))
    return data[:start] + entries + bytes(tail)


def _same_name_twice() -> bytes:
    return packed({"a.csv": "x,y\n1,2\n", "b.csv": "x,y\n1,2\n"}).replace(b"b.csv", b"a.csv")


def _laughs(form: str = "utf-8") -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 10))
    text = SHEET.format(f"<!DOCTYPE x [{entities}]>", ROW.format(1, "&a9;"))
    if form != "utf-8":
        text = text.replace('version="1.0"', f'version="1.0" encoding="{form}"', 1)
    return book(text.encode(form))


def _ole(sectors: bytes, fat: bytes) -> bytes:
    """A compound file: a header, then sectors as given; the first one is its table of sectors."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", header, 44, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    struct.pack_into("<109I", header, 76, 0, *([0xFFFFFFFF] * 108))
    return bytes(header) + fat.ljust(512, b"\xff") + sectors


def _in_umami(data: bytes) -> bytes:
    return json.dumps({"data": base64.b64encode(data).decode()}).encode()


_LEADS = b"lead,date,channel\n"
_LINK = zipfile.ZipInfo("a.csv")
_LINK.external_attr = 0o120777 << 16


def _only_a_link() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr(_LINK, "/etc/passwd")
    return held.getvalue()


BOMBS: dict[str, Callable[[], bytes]] = {
    "zip: a member of 70 MB": lambda: packed({"a.csv": b"\0" * (70 * _MB)}),
    "zip: a thousand times its size": lambda: packed({"a.csv": b"a," * (10 * _MB)}),
    "zip: many members that are much together": lambda: packed({f"{at}.csv": b"a," * _MB for at in range(60)}),
    "zip: 3,000 members": lambda: packed({f"{at}.csv": "a,b\n" for at in range(3000)}, zipfile.ZIP_STORED),
    "zip: members that lie on each other": _on_each_other,
    "zip: one name twice": _same_name_twice,
    "zip: says 100 bytes, holds 30 MB": _lying_size,
    "zip: says 4 GB": lambda: _altered(packed({"a.csv": "a,b\n"}), b"PK\x01\x02", 24, "<I", 0xFFFFFFFE),
    "zip: says its list lies elsewhere": lambda: _altered(packed({"a.csv": "a,b\n"}), b"PK\x05\x06", 16, "<I", 2**31),
    "zip: says it has 65,535 members": lambda: _altered(packed({"a.csv": "a\n"}), b"PK\x05\x06", 10, "<H", 0xFFFF),
    "zip: locked": lambda: _altered(packed({"a.csv": "a,b\n"}), b"PK\x01\x02", 8, "<H", 1),
    "zip: packed with LZMA": lambda: packed({"a.csv": "a,b\n" * 999}, zipfile.ZIP_LZMA),
    "zip: packed with bzip2": lambda: packed({"a.csv": "a,b\n" * 999}, zipfile.ZIP_BZIP2),
    "zip: a zip in a zip": lambda: packed({"a.csv": packed({"b.csv": b"a," * _MB})}, zipfile.ZIP_STORED),
    "zip: cut off": lambda: packed({"a.csv": b"lead,date\n" * 1000})[:-30],
    "zip: a broken checksum": lambda: packed({"a.csv": "lead,date,channel\n"}, 0).replace(b"lead,", b"lean,", 1),
    "zip: only a link to a file of the system": _only_a_link,
    "zip: nothing in it": lambda: packed({}),
    "gzip: 70 MB": lambda: gzip.compress(b"\0" * (70 * _MB), mtime=0),
    "gzip: cut off": lambda: gzip.compress(b"lead,date,channel\nA,2026-01-02,x\n" * 500, mtime=0)[:-40],
    "gzip: broken": lambda: b"\x1f\x8b\x08\x00" + b"\xff" * 1000,
    "gzip: in gzip": lambda: gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0),
    "text: 25 MB": lambda: _LEADS + b"A,2026-01-02,x\n" * 1_700_000,
    "text: one line of 19 MB": lambda: _LEADS + b"A" * (19 * _MB),
    "text: one line of 19 MB of commas": lambda: b"," * (19 * _MB),
    "text: one header of 19 MB": lambda: b"x,yyyyyyyy" * (19 * _MB // 10),
    "text: 19 MB of quotes": lambda: _LEADS + b'"' * (19 * _MB),
    "text: a quote that never ends": lambda: _LEADS + b'A,2026-01-02,"' + (b"x" * 99 + b"\n") * 100_000,
    "text: 6,000,000 rows": lambda: b"a,b\n" + b",\n1" * (6 * _MB),
    "text: 350,000 rows": lambda: b"a,b\n" + b"1,2\n" * 350_000,
    "text: 4,000,000 cells": lambda: b",".join(b"c%d" % at for at in range(999)) + (b"\n" + b"1," * 998) * 4005,
    "text: 19,000,000 blank lines": lambda: b"\n" * (19 * _MB),
    "text: 100,000 notes": lambda: b"# note\n" * 100_000,
    "text: NUL bytes": lambda: _LEADS + b"A,2026-01-02,\x00\x00\x00\n",
    "text: in no encoding": lambda: _LEADS + "A,2026-01-02,café".encode("cp1252") + b"\x81\x8d\x9d\n",
    "text: half of UTF-16": lambda: b"\xff\xfe" + "lead,date,channel\nA,2026-01-02,x\n".encode("utf-16-le")[:-1],
    "text: lone halves of UTF-16": lambda: b"\xff\xfe" + b"l\x00,\x00\x00\xd8a\x00\n\x00" * 100,
    "text: 5,000 columns": lambda: b",".join(f"c{at}".encode() for at in range(5000)) + b"\n",
    "text: 1,000 tables": lambda: b"".join(b"a,b\n1,2\n\nTitle\n" for _ in range(1000)),
    "JSON: a million brackets": lambda: b"[" * _MB,
    "JSON: a million braces": lambda: b'{"a":' * _MB,
    "JSON: a zip that is none": lambda: b'{"data": "UEsDBBQAAAA!!!"}',
    "JSON: a zip of 70 MB": lambda: _in_umami(packed({"a.csv": b"\0" * (70 * _MB)})),
    "JSON: no table": lambda: b'{"rows": [1, 2, 3]}',
    "XLSX: a billion laughs": _laughs,
    "XLSX: a billion laughs in UTF-16": lambda: _laughs("utf-16"),
    "XLSX: an entity from a file": lambda: book(
        SHEET.format('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', ROW.format(1, "&e;"))
    ),
    "XLSX: entities from another server": lambda: book(
        SHEET.format('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">', ROW.format(1, "a"))
    ),
    "XLSX: entities in its strings": lambda: book(
        SHEET.format("", ROW.format(1, "a")), xl__sharedStrings="<!DOCTYPE x [<!ENTITY e 'e'>]><sst>&e;</sst>"
    ),
    "XLSX: two cells with 17 billion between": lambda: book(
        SHEET.format("", ROW.format(1, "a") + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    ),
    "XLSX: a cell in a row there is not": lambda: book(
        SHEET.format("", '<row r="99999999"><c r="A99999999"><v>1</v></c></row>')
    ),
    "XLSX: a column there is not": lambda: book(SHEET.format("", '<row r="9"><c r="ZZZZZZ9"><v>1</v></c></row>')),
    "XLSX: says it has four billion strings": lambda: book(
        SHEET.format("", ROW.format(1, "a")), xl__sharedStrings='<sst count="4294967296" uniqueCount="4294967296"/>'
    ),
    "XLSX: a sheet of 70 MB": lambda: book(b" " * (70 * _MB)),
    "XLSX: 100,000 elements in each other": lambda: book(SHEET.format("", "<row>" * 100_000)),
    "XLSX: no sheet where it says": lambda: packed({"[Content_Types].xml": TYPES, "xl/workbook.xml": BOOK}),
    "XLSX: not XML": lambda: book(b"\x00\x01\x02" * 100),
    "XLSX: numbers that are none": lambda: book(
        SHEET.format("", '<row r="x"><c r="1A" s="-9"><v>1e999x</v></c></row>')
    ),
    "ODS: a cell a billion times": lambda: ods(
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
        'table:number-columns-repeated="16384" office:value-type="float" office:value="1"/></table:table-row>'
    ),
    "ODS: rows of numbers without end": lambda: ods(
        '<table:table-row table:number-rows-repeated="4294967295"><table:table-cell office:value-type="string">'
        "<text:p>x</text:p></table:table-cell></table:table-row>"
    ),
    "XLS: nothing but its first bytes": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "XLS: noise": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + zlib.compress(bytes(range(256)) * 99, 9) * 50,
    "XLS: a chain of sectors that never ends": lambda: _ole(b"\x01" * 512 * 4, struct.pack("<4I", 0xFFFFFFFD, 2, 1, 1)),
    "XLS: zeros": lambda: _ole(b"\0" * 51200, b"\0" * 512),
    "a PDF": lambda: b"%PDF-1.7\n" + b"1 0 obj\n" * 1000,
    "a web page that is called a workbook": lambda: b"<html><table><tr><td>lead</td></tr></table></html>",
    "nothing": lambda: b"",
    "a word": lambda: b"hello\n",
}
