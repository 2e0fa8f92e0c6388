"""The bundle of an audit: what its figures are computed from and the figures, in one file that anybody can verify.

It is a copy that may go anywhere, so it holds nothing that may have to go one day: what an API told under a network's
rules is *held by reference*, its SHA-256 and where it is, and the bundle's figures are those of the rest. Leads have
numbers in place of their ids; no name, address, hash or text of a person is in a ledger.
"""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import crosspost
from crosspost.audit.counting.coverage import coverage
from crosspost.audit.counting.quality import said
from crosspost.audit.ledger import Ledger
from crosspost.audit.plain import encode
from crosspost.audit.results import Audit, ShareClaim
from crosspost.audit.run import audit
from crosspost.audit.section import SEED
from crosspost.commands.bundle_file import as_json, pack
from crosspost.domain.errors import BadInput
from crosspost.report import parquet, sheets

NAME = "bundle.zip"
AUDIT, LEDGER, CONFIGURATION, INPUTS, CODE = (
    "audit.json",
    "ledger.json",
    "configuration.json",
    "inputs.json",
    "code.json",
)


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was imported. Its name is left out: people put names of persons into names of files."""

    sha256: str
    kind: str
    rows: int


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of a ledger that stay in the store, and the SHA-256 of their plain form, one a line, sorted."""

    what: str
    network: str
    rows: int
    sha256: str
    where: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where the ledger came from. `stored` counts the brand's rows by table."""

    files: tuple[InputFile, ...] = ()
    stored: Mapping[str, int] = field(default_factory=dict)
    held: tuple[Held, ...] = ()


def write_bundle(
    ledger: Ledger, claims: Sequence[ShareClaim], made_at: datetime, folder: Path, *, inputs: Inputs = Inputs(),
    configuration: Mapping[str, Any] = MappingProxyType({}), found: Audit | None = None,
) -> Path:  # fmt: skip
    """Write `bundle.zip` of the audit of `ledger` to a folder that is there; its path. An older one is replaced.

    `ledger` must hold nothing that may have to go: `commands.ledger.lasting`, or rows of files that people brought.
    `configuration` is what the owner chose and the ledger does not say, such as the names of channels. `found` is the
    audit of this very ledger, where it was made already. Equal arguments give equal bytes, with it or without. Raises
    BadInput when the folder cannot be written.
    """
    target = folder / NAME
    draft = folder / f".{NAME}.{secrets.token_hex(4)}"
    data = pack(members_of(ledger, claims, made_at, inputs, configuration, found))
    try:
        draft.write_bytes(data)
        os.replace(draft, target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise BadInput(f"cannot be written ({error.strerror})", where=str(target), remedy="check the path") from None
    return target


def members_of(
    ledger: Ledger, claims: Sequence[ShareClaim], made_at: datetime, inputs: Inputs, configuration: Mapping[str, Any],
    found: Audit | None = None,
) -> dict[str, bytes]:  # fmt: skip
    """What the file holds, the manifest aside, by name."""
    numbered_ = numbered(ledger)
    if found is None or len({row.lead for row in ledger.leads}) < len(ledger.leads):
        found = audit(numbered_, claims, made_at=made_at)  # what contradicts itself is named by its numbers
    else:
        found = _numbered(found, numbered_)
    held_ledger = as_json(encode(numbered_))
    told = {
        **configuration,
        "made_at": made_at.isoformat(),
        "claims": [encode(claim) for claim in claims],
        "seed": SEED,
    }
    entered = {**asdict(inputs), "ledger": {"sha256": hashlib.sha256(held_ledger).hexdigest(), "rows": _rows(ledger)}}
    return {
        AUDIT: found.as_json(),
        LEDGER: held_ledger,
        CONFIGURATION: as_json(told),
        INPUTS: as_json(entered),
        CODE: as_json(code()),
        **tables_of(found),
    }


def tables_of(found: Audit) -> dict[str, bytes]:
    """Every table twice: for spreadsheets and for programs."""
    made = {}
    for table in found.tables:
        made[f"tables/{table.name}.csv"] = sheets.render(table)
        made[f"tables/{table.name}.parquet"] = parquet.render(table)
    return made


def code() -> dict[str, str]:
    """What computed the figures. `source` is the SHA-256 of crosspost's own modules, by path."""
    import numpy
    import scipy

    root = os.path.dirname(crosspost.__file__)
    digest = hashlib.sha256()
    for name, path in sorted(_modules(root)):
        with open(path, "rb", buffering=0) as file:
            content = file.read()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return {
        "crosspost": crosspost.__version__,
        "source": digest.hexdigest(),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "processor": platform.machine(),
    }


def _modules(root: str) -> Iterator[tuple[str, str]]:
    """The path of every module below `root`, from there and whole. As `Path`s they would take twice the time."""
    for folder, _, names in os.walk(root):
        for path in (os.path.join(folder, name) for name in names if name.endswith(".py")):
            yield path[len(root) + 1 :].replace(os.sep, "/"), path


def numbered(ledger: Ledger) -> Ledger:
    """The same ledger with its rows in one order, leads numbered for their ids, and files without their names."""
    of_id: dict[str, list[str]] = defaultdict(list)
    for row in ledger.leads:
        of_id[row.lead].append(said(row))
    order = sorted(of_id, key=lambda one: sorted(of_id[one]))
    numbers = {one: f"L{at}" for at, one in enumerate(order, start=1)}
    renamed = replace(
        ledger,
        leads=tuple(replace(row, lead=numbers[row.lead]) for row in ledger.leads),
        coverage=tuple(replace(row, file=None) for row in ledger.coverage),
    )
    in_order: dict[str, Any] = {name: _sorted(rows) for name, rows in _tables(renamed)}
    return replace(renamed, **in_order)


def _numbered(found: Audit, ledger: Ledger) -> Audit:
    """The audit of a numbered ledger, given that of the ledger. No table shows ids of leads, and one names of files."""
    named = coverage(ledger.coverage)
    return replace(found, tables=tuple(named if one.name == named.name else one for one in found.tables))


def held_back(whole: Ledger, lasting: Ledger, where: str) -> tuple[Held, ...]:
    """What `whole` holds and `lasting` does not, by table and network."""
    kept = dict(_tables(lasting))
    missing: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for name, rows in _tables(whole):
        if rows == kept[name]:
            continue
        left = [as_json(encode(row)) for row in kept[name]]
        remaining = defaultdict(int, {one: left.count(one) for one in set(left)})
        for row in rows:
            text = as_json(encode(row))
            if remaining[text] > 0:
                remaining[text] -= 1
            else:
                missing[name, getattr(row, "network", "")].append(encode(row))
    return tuple(
        Held(name, network, len(rows), hashlib.sha256(b"".join(sorted(map(as_json, rows)))).hexdigest(), where)
        for (name, network), rows in sorted(missing.items())
    )


def _tables(ledger: Ledger) -> Iterable[tuple[str, tuple[Any, ...]]]:
    """The fields of a ledger that are rows, in which order means nothing."""
    for one in fields(ledger):
        value = getattr(ledger, one.name)
        if isinstance(value, tuple) and all(is_dataclass(row) for row in value):
            yield one.name, value


def _sorted(rows: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted(rows, key=lambda row: as_json(encode(row))))


def _rows(ledger: Ledger) -> dict[str, int]:
    return {name: len(rows) for name, rows in _tables(ledger)}
