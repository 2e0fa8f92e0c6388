"""How tests of kinds read files: as the program does, without the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crosspost.imports.kinds import kinds, recognise, unknown
from crosspost.imports.read import parse
from crosspost.imports.shape import Context, Facts
from crosspost.imports.sheet import Sheet

FIXTURES = Path(__file__).parent / "fixtures"
NOW = datetime(2026, 8, 1, tzinfo=UTC)
CONTEXT = Context(
    zone=UTC, zone_said=False, currency="EUR", network=None, now=NOW, person=lambda mail: f"person:{mail.lower()}"
)


def sheets(path: Path | str) -> tuple[Sheet, ...]:
    """The tables of a file, read without a child: what it adds is tested in test_child. A bare name is a fixture."""
    file = FIXTURES / path
    return parse(file.read_bytes(), str(file)).sheets


def kind_of(sheet: Sheet) -> str:
    found = recognise(sheet, kinds())
    if found is None:
        raise unknown(sheet, kinds())
    return found.name


def read(sheet: Sheet, **context: Any) -> Facts:
    """What a table says, with anything of the context replaced."""
    name = kind_of(sheet)
    return next(kind for kind in kinds() if kind.name == name).read(sheet, replace(CONTEXT, **context))


def facts(source: Path | str | bytes, **context: Any) -> Facts:
    """What the only table of a file says; bytes are the file itself."""
    found = parse(source, "file.csv").sheets if isinstance(source, bytes) else sheets(source)
    [sheet] = found
    return read(sheet, **context)
