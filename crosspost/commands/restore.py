"""Restore: bring a backup back so that nothing can go out twice. Lifting its hold: crosspost.commands.adopt.

All or nothing: the data folder appears under its name only when everything in it is verified, every delivery that
may have gone out since is unknown, and the hold is set. On PostgreSQL the schema's revision is written last: without
it no crosspost opens the database.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from crosspost.commands.archive import KEY, Manifest, Reader, sync_folder
from crosspost.commands.expiry import purge_hit_log
from crosspost.commands.purge import purge_database
from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput, Conflict
from crosspost.domain.windows import BootTime
from crosspost.ownership import living
from crosspost.secret import Secret
from crosspost.settings import bare_environment
from crosspost.store import apikeys, copying, events, installation, migrate, restoring, users
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.vault import MasterKey, unwrap_key, write_key

DATABASE = "crosspost.db"


@dataclass(frozen=True, slots=True)
class Reinstated:
    """What a restore did. `doubted`: deliveries that may have gone out since the backup, and are unknown now."""

    data_dir: Path
    made_at: datetime
    brands: int
    doubted: int
    feeds: int
    articles: int
    key: bool
    next_steps: tuple[str, ...]


def restore(
    file: Path,
    into: Path,
    *,
    now: datetime,
    boot: BootTime,
    who: str,
    passphrase: Callable[[], Secret] | None = None,
    database_url: str | None = None,
    workers: Sequence[Path] = (),
) -> Reinstated:
    """Restore a backup into a new data folder, and, for PostgreSQL, the empty database of `database_url`.

    `passphrase` is asked for when the backup holds the key and it is wanted; None leaves the key out. `workers` are
    folders of the installation that runs now: two installations on one set of accounts would post everything twice.
    Raises BadInput, Conflict, NotAllowed; then nothing was changed.
    """
    for folder in (*workers, into / "workers", into / f"{DATABASE}.workers"):
        if alive := living(folder):
            raise Conflict(
                f"{alive} schedulers are running", where=str(folder.parent), remedy="stop `crosspost run` first"
            )
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise Conflict("the folder is not empty", where=str(into), remedy="name a new one")
    with Reader.opened(file) as reader:
        manifest = reader.manifest
        if now < manifest.made_at:
            raise Conflict(
                f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, before the backup was made",
                remedy="set the clock: what may have gone out since is told by it",
            )
        if manifest.schema > migrate.HEAD:
            raise Conflict(f"the backup has schema {manifest.schema}", remedy="upgrade crosspost")
        key = _key(reader, passphrase)
        into.parent.mkdir(parents=True, exist_ok=True)
        stage = into.with_name(f".{into.name}.{secrets.token_hex(6)}")
        stage.mkdir(mode=0o700)
        try:
            names = {
                one.name: stage / one.name for one in manifest.files if one.name.startswith(("hits/", "attachments/"))
            }
            reader.unpack(names)
            for name in ("hits", "attachments"):
                if (stage / name).is_dir():
                    sync_folder(stage / name)
            if key is not None:
                write_key(stage / "master.key", key)
            fill = _sqlite if manifest.database == "sqlite" else _postgresql
            done = fill(reader, stage, database_url, into, _Life(manifest, now, boot, who, stage), key is not None)
            sync_folder(stage)
            os.rename(stage, into)  # an empty folder of that name gives way; a full one does not
            sync_folder(into.parent)
        except BaseException:
            shutil.rmtree(stage, ignore_errors=True)
            raise
    return done


@dataclass(frozen=True, slots=True)
class _Life:
    manifest: Manifest
    now: datetime
    boot: BootTime
    who: str
    stage: Path  # the folder that gets its name when all is done


def _key(reader: Reader, passphrase: Callable[[], Secret] | None) -> MasterKey | None:
    if not reader.manifest.holds_key or passphrase is None:
        return None
    try:
        wrapped = json.loads(reader.read(KEY))
    except ValueError:
        wrapped = None
    if not isinstance(wrapped, dict):
        raise BadInput("the key in the backup cannot be read", where=str(reader.path), remedy="leave it out")
    return unwrap_key({str(name): str(value) for name, value in wrapped.items()}, passphrase())


def _sqlite(reader: Reader, stage: Path, _url: str | None, into: Path, life: _Life, key: bool) -> Reinstated:
    path = stage / DATABASE
    reader.unpack({copying.SQLITE: path})
    copying.check_sqlite(path, str(reader.path))
    database = Database(f"sqlite:///{path}")
    try:
        if migrate.current(database) != life.manifest.schema:
            raise Conflict("its database is not the one of its manifest", where=str(reader.path))
        migrate.upgrade(database)
        return _doubt(Store(database), into, life, key)
    finally:
        database.close()


def _postgresql(reader: Reader, stage: Path, url: str | None, into: Path, life: _Life, key: bool) -> Reinstated:
    if url is None or not url.startswith("postgres"):
        raise BadInput("the backup is of a PostgreSQL database", remedy="set `database` to a new, empty one")
    database = Database(url)
    dump = stage / copying.POSTGRESQL
    try:
        copying.refuse_full(database)
        reader.unpack({copying.POSTGRESQL: dump})
        copying.load_postgresql(dump, database, bare_environment(), stage / "contents")
        with database.write() as connection:
            # The hold first, and with it the revision: from here on the database opens, and sends nothing.
            installation.put(connection, installation.HELD, _held(life.manifest), life.now)
            connection.execute(
                text("INSERT INTO alembic_version (version_num) VALUES (:revision)"), {"revision": life.manifest.schema}
            )
        migrate.upgrade(database)
        return _doubt(Store(database), into, life, key)
    finally:
        dump.unlink(missing_ok=True)
        (stage / "contents").unlink(missing_ok=True)
        database.close()


def _held(manifest: Manifest) -> str:
    return f"restored from the backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC"


def _doubt(store: Store, into: Path, life: _Life, key: bool) -> Reinstated:
    """The rules of a restore, and the hold; the fact RESTORED says that all of them were applied."""
    made_at = life.manifest.made_at
    doubted = feeds = articles = 0
    every = store.brands()
    with store.database.write() as connection:
        installation.put(connection, installation.HELD, _held(life.manifest), life.now)
        installation.remove(connection, installation.HEARTBEAT)
        before = installation.get(connection, installation.RESTORED)
        users.end_sessions(connection)  # a session that was ended since must not come back
    for brand in every:
        with store.write(brand.id) as scope:
            doubted += restoring.doubt(scope, made_at, life.now, life.boot)
            seeded = restoring.seed_again(scope, made_at)
            feeds, articles = feeds + seeded[0], articles + seeded[1]
            events.record(scope, "restore", brand.id, who=life.who, now=life.now, made_at=made_at.isoformat())
    with store.database.write() as connection:
        # A backup made while an older restore still held is read back as far as that one.
        since = min(made_at, datetime.fromisoformat(before[0])) if before else made_at
        installation.put(connection, installation.RESTORED, since.isoformat(), life.now)
    purge_database(store, life.now)  # what has had to go since the backup was made is not brought back
    purge_hit_log(store, life.stage / "hits", life.now)
    steps = [] if key else ["put the master key in place: without it the tokens cannot be read"]
    if _has_keys(store, every):
        steps += ["crosspost apikey list: what was revoked since the backup was made is to be revoked again"]
    steps += ["crosspost resume --after-restore: reads the accounts, adopts what is there, and lifts the hold"]
    return Reinstated(into, made_at, len(every), doubted, feeds, articles, key, tuple(steps))


def _has_keys(store: Store, every: Sequence[Brand]) -> bool:
    """Whether any brand has an API key that opens something."""
    for brand in every:
        with store.read(brand.id) as scope:
            if any(one.revoked_at is None for one in apikeys.all_of(scope)):
                return True
    return False
