"""The kinds of files there are, with the names of their columns; and which one a table is."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module, resources
from pathlib import Path
from typing import Any

from crosspost.domain.errors import BadInput
from crosspost.imports import KINDS
from crosspost.imports.shape import Kind, fold
from crosspost.imports.sheet import Sheet

_ABOUT = ("source", "read_on", "required", "files", "note")  # what a file of columns says beside the columns


def kinds(folder: Path | None = None) -> tuple[Kind, ...]:
    """Every kind, with the owner's own names of columns from `folder` (<kind>.toml) where there are some.

    Raises BadInput naming the file that is wrong.
    """
    shipped = [_shipped(name) for name in KINDS]
    if folder is None or not folder.is_dir():
        return tuple(shipped)
    for file in sorted(folder.glob("*.toml")):
        if file.stem not in KINDS:
            raise BadInput(
                "names columns of a kind that is not known", where=str(file), remedy=f"one of {', '.join(KINDS)}"
            )
    return tuple(_with_more(kind, folder / f"{kind.name}.toml") for kind in shipped)


@cache
def _shipped(name: str) -> Kind:
    text = (resources.files("crosspost.imports") / "columns" / f"{name}.toml").read_text("utf-8")
    said = tomllib.loads(text)
    module, _, function = KINDS[name].partition(":")
    return Kind(
        name=name,
        columns=_columns(said),
        required=frozenset(said["required"]),
        parse=getattr(import_module(module), function),
        files=tuple(said.get("files", ())),
        source=said["source"],
    )


def _columns(said: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Our field → its headers in every language."""
    columns: dict[str, list[str]] = {}
    for section, fields in said.items():
        if section not in _ABOUT:
            for field, headers in fields.items():
                columns.setdefault(field, []).extend(one for one in headers if one not in columns.get(field, ()))
    return {field: tuple(headers) for field, headers in columns.items()}


def _with_more(kind: Kind, file: Path) -> Kind:
    """The kind with the owner's names of its columns after its own."""
    try:
        said = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return kind
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot be read: {error}", where=str(file), remedy="correct the TOML") from None
    columns = {field: list(headers) for field, headers in kind.columns.items()}
    for section, fields in said.items():
        if not isinstance(fields, dict):
            raise BadInput(f"{section!r} stands in no section", where=str(file), remedy="put it under [columns]")
        for field, headers in fields.items():
            if field not in columns:
                raise BadInput(
                    f"{kind.name} has no field {field!r}", where=str(file), remedy=f"one of {', '.join(columns)}"
                )
            if not isinstance(headers, list) or not all(isinstance(one, str) and fold(one) for one in headers):
                raise BadInput(f"{field!r} is no list of headers", where=str(file), remedy=f'{field} = ["My column"]')
            columns[field] += headers
    return replace(kind, columns={field: tuple(headers) for field, headers in columns.items()})


def recognise(sheet: Sheet, among: Sequence[Kind]) -> Kind | None:
    """The one kind whose header fits: of several the one with more required columns, then with more known ones.

    None where none fits. Raises BadInput where two fit equally well.
    """
    fitting = [(len(kind.required), len(kind.matched(sheet.header)), kind) for kind in among if kind.fits(sheet)]
    if not fitting:
        return None
    best = max(one[:2] for one in fitting)
    names = [kind.name for *rank, kind in fitting if tuple(rank) == best]
    if len(names) > 1:
        raise BadInput(f"could be {' or '.join(names)} by its header", where=sheet.place, remedy=f"--kind {names[0]}")
    return next(kind for *rank, kind in fitting if tuple(rank) == best)


def unknown(sheet: Sheet, among: Sequence[Kind]) -> BadInput:
    """Why a table is of no kind: the nearest one and what it lacks, or all there are."""
    near = [
        (len(lacking), -len(kind.matched(sheet.header)), kind.name, lacking)
        for kind in among
        if 0 < len(lacking := kind.required - kind.matched(sheet.header).keys()) * 2 <= len(kind.required)
    ]
    if near:
        *_, name, lacking = min(near, key=lambda one: one[:3])
        kind = next(one for one in among if one.name == name)
        return BadInput(
            f"looks like {name} without the column {', '.join(kind.columns[one][0] for one in sorted(lacking))}",
            where=sheet.place,
            remedy=f"export it with that column, or name yours in {name}.toml (docs/importing.md)",
        )
    return BadInput(
        f"no kind of file has the columns {', '.join(one[:40] for one in sheet.header[:12]) or '(none)'}",
        where=sheet.place,
        remedy="see `crosspost import --list-kinds`, or `crosspost import draft` to map its columns yourself",
    )
