"""Mutants of the fixtures of every kind, made by number, and what becomes of each.

`python -m tests.imports.fuzz START COUNT` reads mutants in this process, which limits itself first, and prints one
line of JSON each: [number, "taken" | "refused" | the error nobody caught]. A mutant that ends the process is the one
after the last line.
"""

from __future__ import annotations

import io
import json
import random
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from functools import cache

import xlsxwriter

from crosspost.domain.errors import CrosspostError
from crosspost.imports.kinds import kinds, recognise
from crosspost.imports.read import parse
from crosspost.reading.limits import MEMORY
from tests.imports.reading import CONTEXT, FIXTURES

_NASTY = [
    *("", " ", "-", "0", "-1", "1e999", "NaN", "Infinity", "1.234", "1,234", "9" * 40, "9" * 5000, "½", "١٢٣", "=1+1"),
    *("2026-02-30", "03/04/2026", "31/12/9999", "0000-00-00", "2026-01-01T25:00", "2026-01-01T00:00+99:99"),
    *(
        "9999-12-31T23:59-23:00",
        "0001-01-01",
        "$ 5",
        "€",
        "5 ZZZ",
        "12 %",
        "\x00",
        "😀",
        "\u202e",
        "\ufeff",
        "<b>",
        "a" * 999,
    ),
    *("\n", ",;\t|", "#", "# x", "Grand total", "N/A", "\u22125", "１２", "23:59:59", "-0", "1_000", "'", '"'),
]


@cache
def seeds() -> dict[str, bytes]:
    """Every fixture; each table of text also as a workbook and in a zip."""
    found = {path.name: path.read_bytes() for path in sorted(FIXTURES.iterdir()) if path.suffix != ".md"}
    for name, data in [one for one in found.items() if one[0].endswith(".csv")]:
        found[f"{name}.xlsx"] = _as_book(data)
        found[f"{name}.zip"] = _as_zip({name: data})
    return found


def mutant(number: int) -> tuple[str, bytes]:
    """The mutant of that number, always the same: the name of its seed and its bytes."""
    rng = random.Random(number)
    names = sorted(seeds())
    name = names[number % len(names)]
    data = seeds()[name]
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        coarse = rng.random() < 0.2  # most mutants stay readable, so that they come far
        fine = _within if data.startswith(b"PK") else _cells
        data = (rng.choice((_flipped, _cut, _moved, _spliced)) if coarse else fine)(data, rng)
    return name, data


def outcome(name: str, data: bytes) -> str:
    """Whether a file is taken or refused, by everything up to the store; or the error nobody caught."""
    try:
        for sheet in parse(data, name).sheets:
            kind = recognise(sheet, kinds())
            if kind is not None:
                kind.read(sheet, CONTEXT)
    except CrosspostError as error:
        return "refused" if "cannot be understood" not in error.message else str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "taken"


def _flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 3, 20))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.choice((0, 0xFF, *b'",;\n-0 9#', rng.randrange(256)))
    return bytes(changed)


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _moved(data: bytes, rng: random.Random) -> bytes:
    start, end, to = sorted(rng.randrange(len(data) + 1) for _ in range(3))
    return data[:start] + data[end:to] + data[start:end] * rng.choice((0, 1, 2, 50)) + data[to:]


def _spliced(data: bytes, rng: random.Random) -> bytes:
    other = seeds()[rng.choice(sorted(seeds()))]
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _within(data: bytes, rng: random.Random) -> bytes:
    """One member of a zip mutated, and the zip made again: the mutant gets past the checksum."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            members = {name: file.read(name) for name in file.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, KeyError):
        return _cells(data, rng)
    except Exception:  # what zlib makes of noise
        return _flipped(data, rng)
    if not members:
        return data
    name = rng.choice(sorted(members))
    mutations = [_cells] if name.endswith((".csv", ".tsv")) else [_flipped, _cut, _moved, _numbers, _numbers, _texts]
    members[name] = rng.choice(mutations)(members[name], rng)
    return _as_zip(members)


def _numbers(data: bytes, rng: random.Random) -> bytes:
    """A number in the text replaced: references, counts, sizes, styles."""
    places = list(re.finditer(rb"\d+", data))
    if not places:
        return data
    one = rng.choice(places)
    return data[: one.start()] + rng.choice((b"0", b"-1", b"4294967296", b"99999", b"1e9")) + data[one.end() :]


def _texts(data: bytes, rng: random.Random) -> bytes:
    """The text of an element replaced: what is in a cell of a workbook."""
    places = list(re.finditer(rb">([^<>]+)<", data))
    if not places:
        return data
    one = rng.choice(places)
    text = rng.choice(_NASTY).replace("&", "").replace("<", "&lt;").replace("\x00", "")
    return data[: one.start(1)] + text.encode() + data[one.end(1) :]


def _cells(data: bytes, rng: random.Random) -> bytes:
    """The text as a table whose cells, rows, columns or encoding are changed."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    text = data.decode(encoding, "replace" if encoding == "utf-16" else "surrogateescape")
    mark = max(",;\t", key=text[:500].count)
    rows = [line.split(mark) for line in re.split(r"\r?\n", text)]
    at = rng.randrange(len(rows))
    row = rows[at]
    action = rng.randrange(10)
    if action < 4:
        row[rng.randrange(len(row))] = rng.choice(_NASTY)
    elif action == 4:
        rows.insert(rng.randrange(len(rows)), row * rng.choice((1, 2)))
    elif action == 5:
        del rows[at]
    elif action == 6:
        width = len(rows[0])
        column = rng.randrange(width)
        rows = [[cell for place, cell in enumerate(one) if place != column] for one in rows]
    elif action == 7:
        rng.shuffle(rows[0])
    elif action == 8:
        column = rng.randrange(len(rows[0]))
        nasty = rng.choice(_NASTY)
        rows = [[nasty if place == column and number else cell for place, cell in enumerate(one)]
                for number, one in enumerate(rows)]  # fmt: skip
    else:
        rows = [[cell] for one in rows for cell in one]
    between = rng.choice((mark, mark, mark, ";", ","))
    changed = rng.choice(("\n", "\n", "\r\n", "\r", "\n\n")).join(between.join(one) for one in rows)
    if encoding == "utf-8" and rng.random() < 0.7:
        return changed.encode("utf-8", "surrogateescape")
    return changed.encode(rng.choice(("utf-8", "utf-16", "cp1252", "utf-16-be", "mac_roman")), "replace")


def _as_zip(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return held.getvalue()


def _as_book(data: bytes) -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for at, (_, cells) in enumerate(_lines(data)):
            page.write_row(at, 0, cells)
    return held.getvalue()


def _lines(data: bytes) -> Iterator[tuple[int, list[str]]]:
    from crosspost.reading.text import rows

    yield from rows(data)


def main(start: int, count: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in range(start, start + count):
        name, data = mutant(number)
        print(json.dumps([number, name, outcome(name, data)]), flush=True)
    print(json.dumps(["peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
