"""Backup: everything that is stored, as of one instant, in one file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crosspost import __version__
from crosspost.commands.archive import KEY, Manifest, Writer
from crosspost.commands.purge import horizon_of_all
from crosspost.commands.rewriting import remember_backup
from crosspost.commands.visits import fold_visits
from crosspost.domain.errors import BadInput, Conflict
from crosspost.hitlog.reader import MISSED_SUFFIX, SUFFIX
from crosspost.secret import Secret
from crosspost.settings import bare_environment
from crosspost.store import copying, migrate
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.vault import MasterKey, wrap_key

LEFT_OUT = (
    "settings and secret files",
    "templates of your own",
    "logs",
    "reports (they are made again from the data)",
    "the salts of the day, today's visitors, and the log that names them",
)


@dataclass(frozen=True, slots=True)
class Backed:
    """What a backup holds, and what it does not."""

    file: Path
    made_at: datetime
    schema: str
    database: str
    bytes: int
    segments: int
    attachments: int
    holds_key: bool
    left_out: tuple[str, ...]
    purge_at: datetime | None = None  # when the first of what it holds must go by a network's rules


def backup(
    database: Database,
    data_dir: Path,
    target: Path,
    *,
    now: datetime,
    key: MasterKey | None = None,
    passphrase: Secret | None = None,
) -> Backed:
    """Write a backup to `target`, which must not exist. Nothing is stopped for it.

    With `key` and `passphrase` the master key goes along, wrapped; without, the tokens in it stay sealed under a
    key it does not hold. Raises Conflict, BadInput, Unavailable.
    """
    if (key is None) != (passphrase is None):
        raise BadInput("a key is wrapped with a passphrase", remedy="give both, or neither")
    schema = migrate.current(database)
    if schema is None:
        raise Conflict("there is nothing to back up: the database is empty")
    # The visits' log holds visitors of today, and stays here: what is in it goes into the database first.
    fold_visits(Store(database), data_dir / "visits", now)
    with Writer(target) as writer:
        copied = writer.draft.with_name(f"{writer.draft.name}.database")
        try:
            copying.copy(database, copied, bare_environment())
            copied.chmod(0o600)
            writer.add_file(copying.SQLITE if database.dialect == "sqlite" else copying.POSTGRESQL, copied)
        finally:
            copied.unlink(missing_ok=True)
        # After the database: a segment may hold hits that the copy does not know yet, never the other way round.
        for path in _files(data_dir / "hits", (SUFFIX, MISSED_SUFFIX)):
            writer.add_file(f"hits/{path.name}", path)
        for path in _files(data_dir / "attachments", ("",)):
            if len(path.name) == 64:  # others are half written
                writer.add_file(f"attachments/{path.name}", path)
        if key is not None and passphrase is not None:
            writer.add_bytes(KEY, json.dumps(wrap_key(key, passphrase), indent=1, sort_keys=True).encode())
        store = Store(database)
        manifest = writer.finish(
            made_at=now, crosspost=__version__, schema=schema, database=database.dialect, purge_at=horizon_of_all(store)
        )
    remember_backup(store, target, now, manifest.purge_at)
    return _report(target, manifest)


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name.endswith(suffixes))


def _report(target: Path, manifest: Manifest) -> Backed:
    names = [one.name for one in manifest.files]
    left_out = LEFT_OUT if manifest.holds_key else ("the master key: without it the tokens cannot be read", *LEFT_OUT)
    return Backed(
        target, manifest.made_at, manifest.schema, manifest.database, target.stat().st_size,
        sum(name.endswith(SUFFIX) for name in names), sum(name.startswith("attachments/") for name in names),
        manifest.holds_key, left_out, manifest.purge_at,
    )  # fmt: skip
