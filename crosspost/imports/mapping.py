"""A mapping: a file of the owner's that says which column of an export is which of our fields.

kind = "leads"
[columns]
lead = "N° de fiche"          # our field = the header in the file
contacted = "Créé le"
[values]
channel = "linkedin"          # the same for every row, where no column tells it
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from crosspost.domain.errors import BadInput
from crosspost.imports.shape import Kind, fold

_SECTIONS = ("columns", "values")
_MOST = 200_000  # bytes


def read_mapping(file: Path, among: Sequence[Kind]) -> Kind:
    """The kind that a mapping makes: that one's meaning under this file's headers. Raises BadInput."""
    try:
        with file.open("rb") as opened:
            said = tomllib.loads(opened.read(_MOST).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"cannot be read: {error}", where=str(file), remedy="correct the TOML") from None
    base = next((one for one in among if one.name == said.get("kind")), None)
    if base is None:
        names = ", ".join(one.name for one in among)
        raise BadInput(f"maps to no kind: {said.get('kind')!r}", where=str(file), remedy=f"kind = one of {names}")
    if strange := sorted(set(said) - {"kind", *_SECTIONS}):
        raise BadInput(
            f"{strange[0]!r} means nothing in a mapping", where=str(file), remedy="kind, [columns], [values]"
        )
    columns, values = (_strings(said.get(name, {}), name, base, file) for name in _SECTIONS)
    if both := sorted(set(columns) & set(values)):
        raise BadInput(
            f"{both[0]} has a column and a value", where=str(file), remedy="a value is for fields without a column"
        )
    if lacking := sorted(name for name in base.required if not {name} & {*columns, *values} and name not in _OPEN):
        raise BadInput(
            f"{base.name} needs {', '.join(lacking)}", where=str(file), remedy="map a column to it, or give a value"
        )
    return replace(
        base, columns={name: (header,) for name, header in columns.items()}, required=frozenset(columns), files=(),
        values=values,
    )  # fmt: skip


# Required to recognise a kind by itself; a row without it is still what it is, and says "not known".
_OPEN = frozenset({"channel"})


def _strings(given: object, section: str, base: Kind, file: Path) -> dict[str, str]:
    if not isinstance(given, dict):
        raise BadInput(f"[{section}] is no section", where=str(file), remedy=f'[{section}] and lines: lead = "…"')
    for field, text in given.items():
        if field not in base.columns:
            raise BadInput(
                f"{base.name} has no field {field!r}", where=str(file), remedy=f"one of {', '.join(base.columns)}"
            )
        if not isinstance(text, str) or not text.strip() or (section == "columns" and not fold(text)):
            raise BadInput(f"{field} in [{section}] is empty", where=str(file), remedy="fill it in, or remove the line")
    return {str(field): str(text).strip() for field, text in given.items()}
