"""Compute an audit again from its bundle, with nothing else at hand, and say what differs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from crosspost.audit.ledger import Ledger
from crosspost.audit.plain import decode
from crosspost.audit.results import Audit, Cell, ShareClaim, Table
from crosspost.audit.run import audit
from crosspost.audit.section import SEED
from crosspost.commands.bundle import AUDIT, CODE, CONFIGURATION, INPUTS, LEDGER, code, tables_of
from crosspost.commands.bundle_file import unpack
from crosspost.domain.errors import BadInput, NotVerified

TOLERANCE = 1e-9
_SHOWN = 200  # differences that are told; the rest is counted
# A p of assignments or turns is a fraction of them: as exact as a count.
_FRACTIONS = frozenset({"p", "p_strongest"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of the bundle that comes out otherwise here; `said` or `found` is None where there is none."""

    figure: str
    said: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Verification:
    """`figures` were compared, `exact` of them to the last digit. `code` names what differs of versions and machine:
    (said, here). `sha256` is the file's: compare it with what its sender says."""

    path: Path
    sha256: str
    brand: str
    period: tuple[str, str]
    made_at: str
    sandbox: str | None
    figures: int
    exact: int
    differences: tuple[Difference, ...]
    different: int
    code: Mapping[str, tuple[str, str]]
    held: tuple[Mapping[str, Any], ...]

    @property
    def verified(self) -> bool:
        return self.different == 0


def verify(path: Path) -> Verification:
    """Raises BadInput (no bundle, or of another version) and NotVerified (changed or damaged)."""
    members = unpack(path)
    where = str(path)
    for name in (AUDIT, LEDGER, CONFIGURATION, INPUTS, CODE):
        if name not in members:
            raise BadInput(f"is not a bundle of an audit: it has no {name}", where=where, remedy="check the file")
    said = _read(members, AUDIT, where)
    configuration = _read(members, CONFIGURATION, where)
    inputs = _read(members, INPUTS, where)
    made_with = _read(members, CODE, where)
    here = code()
    other = {name: (str(made_with.get(name)), mine) for name, mine in here.items() if made_with.get(name) != mine}
    found = _again(_read(members, LEDGER, where), configuration, where, other)
    comparison = _Comparison()
    comparison.compare("", said, json.loads(found.as_json()))
    if not comparison.differences:
        comparison.tables(members, tables_of(_with_figures(found, said)))
    comparison.compare("configuration.seed", configuration.get("seed"), SEED)
    digest = hashlib.sha256(members[LEDGER]).hexdigest()
    entered = inputs.get("ledger")
    comparison.compare("inputs.ledger.sha256", entered.get("sha256") if isinstance(entered, dict) else None, digest)
    held = inputs.get("held")
    return Verification(
        path=path,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        brand=found.brand.slug,
        period=(found.period.start.isoformat(), found.period.end.isoformat()),
        made_at=found.made_at.isoformat(),
        sandbox=found.sandbox,
        figures=comparison.figures,
        exact=comparison.exact,
        differences=tuple(comparison.differences[:_SHOWN]),
        different=len(comparison.differences),
        code=other,
        held=tuple(one for one in held if isinstance(one, dict)) if isinstance(held, list) else (),
    )


def _read(members: Mapping[str, bytes], name: str, where: str) -> dict[str, Any]:
    try:
        raw = json.loads(members[name], parse_constant=_no_number)
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, dict):
        raise NotVerified(f"{name} cannot be read", where=where, remedy="ask for another copy")
    return raw


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no figure")


def _again(raw: Any, configuration: Mapping[str, Any], where: str, other: Mapping[str, tuple[str, str]]) -> Audit:
    try:
        ledger = decode(Ledger, raw, "ledger")
        claims = tuple(decode(ShareClaim, one, "claim") for one in configuration["claims"])
        made_at = datetime.fromisoformat(configuration["made_at"])
        return audit(ledger, claims, made_at=made_at)
    except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError) as error:
        version = other.get("crosspost")
        raise BadInput(
            f"its ledger cannot be audited here: {error}", where=where,
            remedy=f"verify it with crosspost {version[0]}" if version else "ask for another copy",
        ) from None  # fmt: skip


class _Comparison:
    """Two audits' plain forms, figure by figure."""

    def __init__(self) -> None:
        self.differences: list[Difference] = []
        self.figures = self.exact = 0

    def compare(self, name: str, said: Any, found: Any) -> None:
        if isinstance(said, dict) and isinstance(found, dict):
            for key in sorted(said.keys() | found.keys()):
                self.compare(f"{name}.{key}" if name else key, said.get(key), found.get(key))
        elif isinstance(said, list) and isinstance(found, list) and len(said) == len(found):
            for at, (one, other) in enumerate(zip(said, found, strict=True)):
                self.compare(f"{name}[{_label(other, at)}]", one, other)
        else:
            self._figure(name, said, found)

    def _figure(self, name: str, said: Any, found: Any) -> None:
        self.figures += 1
        if type(said) is type(found) and said == found:
            self.exact += 1
        elif not (_inexact(name, said, found) and _near(said, found)):
            self.differences.append(Difference(name, said, found))

    def tables(self, members: Mapping[str, bytes], made: Mapping[str, bytes]) -> None:
        """The tables' files: they are what is made of the figures, byte for byte."""
        there = {name: content for name, content in members.items() if name.startswith("tables/")}
        for name in sorted(there.keys() | made.keys()):
            if there.get(name) != made.get(name):
                reason = "is not there" if name not in there else "does not say what audit.json says"
                self.differences.append(Difference(name, reason, None))


def _label(row: Any, at: int) -> str:
    """A table or a finding by its name, a row by its number."""
    if isinstance(row, dict):
        if isinstance(row.get("name"), str):
            return str(row["name"])
        if isinstance(claim := row.get("claim"), dict):
            return str(claim.get("key"))
    return str(at)


def _inexact(name: str, said: Any, found: Any) -> bool:
    """Whether a figure may differ by rounding: counts, money and fractions of draws may not."""
    if not (isinstance(said, float) and isinstance(found, float)):
        return False
    return name.rpartition(".")[2] not in _FRACTIONS and not (said.is_integer() and found.is_integer())


def _near(said: float, found: float) -> bool:
    return abs(said - found) <= TOLERANCE * max(1.0, abs(said), abs(found))


def _with_figures(found: Audit, said: Mapping[str, Any]) -> Audit:
    """The audit computed here with the bundle's own last digits, of which its tables were made."""
    tables = zip(found.tables, said["tables"], strict=True)
    return replace(found, tables=tuple(_with_cells(table, raw["rows"]) for table, raw in tables))


def _with_cells(table: Table, rows: list[dict[str, Any]]) -> Table:
    names = [column.name for column in table.columns]

    def cells(row: tuple[Cell, ...], raw: Mapping[str, Any]) -> Iterator[Cell]:
        for name, cell in zip(names, row, strict=True):
            yield raw[name] if isinstance(cell, float) else cell

    return replace(table, rows=tuple(tuple(cells(row, raw)) for row, raw in zip(table.rows, rows, strict=True)))
