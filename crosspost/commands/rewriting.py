"""Files that hold what must go: reports and audits are written again from what may be kept, backups are purged within.

A report is rewritten as of the instant it was made: later readings do not slip in. A backup of PostgreSQL cannot be
opened without a server: it is deleted once a newer one exists, and told until then.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crosspost.commands.archive import KEY, Reader, Writer, sync_folder
from crosspost.commands.choices import Choices
from crosspost.commands.expiry import purge_hit_log
from crosspost.commands.purge import FileDone, horizon, horizon_of_all, purge_database
from crosspost.domain.brand import Brand
from crosspost.domain.errors import CrosspostError, NotAllowed
from crosspost.domain.message import Message, day, recalled, say
from crosspost.ownership import reports_lock
from crosspost.store import copying, migrate, register
from crosspost.store.database import Database
from crosspost.store.register import WrittenFile
from crosspost.store.store import Store

if TYPE_CHECKING:
    from crosspost.audit.results import Audit
    from crosspost.audit.since import Changes
    from crosspost.report.letterhead import Letterhead

log = logging.getLogger(__name__)


def purged_note(at: datetime) -> Message:
    """What a report says that was written again without what had to go."""
    return say(
        "written again on {day}: numbers that the networks' rules do not let us keep were taken out", day=day(at.date())
    )


def remember_report(
    store: Store, brand: Brand, found: Audit, path: Path, kind: register.Kind, choices: Choices, *,
    languages: Sequence[str] = ("en",), letterhead: Path | None = None, before: Path | None = None,
    summed_up: bool = False,
) -> None:  # fmt: skip
    """Register a report or an audit's JSON with what it takes to write it again: it may hold what has to go one day,
    and name a person who asks to be erased. `before` is the folder of the report it is compared with."""
    from crosspost.audit.results import ShareClaim

    purge_at = horizon(store, brand)
    with store.database.write() as connection:
        recipe = {
            "languages": list(languages), "letterhead": letterhead and str(letterhead.absolute()),
            "before": before and str(before.absolute()), "summed_up": summed_up,
            "since": found.period.start.isoformat(), "until": found.period.end.isoformat(),
            "same_as": dict(choices.same_as), "placebo": sorted(choices.placebo),
            "rate": None if choices.rate is None else str(choices.rate),
            "hypotheses": None if choices.hypotheses is None else str(choices.hypotheses.absolute()),
            "claims": [
                {"key": one.claim.key, "text": one.claim.text, "margin": one.claim.margin,
                 "basis": one.claim.basis.value}
                for one in found.findings if isinstance(one.claim, ShareClaim)
            ],
        }  # fmt: skip
        register.add(connection, WrittenFile(path.absolute(), brand.id, kind, recipe, found.made_at, purge_at))


def remember_backup(store: Store, path: Path, made_at: datetime, purge_at: datetime | None) -> None:
    """Register a backup: persons who are erased must go from it as well, so each is."""
    with store.database.write() as connection:
        register.add(connection, WrittenFile(path.absolute(), None, "backup", {}, made_at, purge_at))


def rewrite_due(
    store: Store, by: datetime, now: datetime, *, dry_run: bool = False, locks: Path | None = None
) -> tuple[FileDone, ...]:
    """Write again every registered file that holds what must go by that instant; but for reports that another is at,
    as `locks` tells: who erases a person meanwhile must not find them written from what was known before."""
    with store.database.read() as connection:
        listed = register.all_of(connection)
    done = []
    for one in listed:
        if one.purge_at is not None and one.purge_at <= by:
            newer = any(other.kind == "backup" and other.made_at > one.made_at for other in listed)
            lock = reports_lock(locks, one.brand_id) if locks and one.brand_id and not dry_run else nullcontext()
            if lock is None:
                continue
            with lock:
                done.append(_rewrite(store, one, now, newer, dry_run))
    return tuple(done)


def rewrite_backups(store: Store, change: Callable[[Store], None]) -> tuple[FileDone, ...]:
    """Apply a change to every registered backup that is still where it was written."""
    with store.database.read() as connection:
        listed = [one for one in register.all_of(connection) if one.kind == "backup"]
    done = []
    for one in listed:
        if not one.path.exists():
            done.append(missing(store, one))
            continue
        try:
            purge_at = rewrite_backup(one.path, lambda inside, _stage: change(inside))
        except CrosspostError as error:
            done.append(FileDone(str(one.path), one.kind, "kept", str(error)))
            continue
        with store.database.write() as connection:
            register.purged(connection, one.path, purge_at)
        done.append(FileDone(str(one.path), one.kind, "rewritten", "without what was erased"))
    return tuple(done)


def _rewrite(store: Store, one: WrittenFile, now: datetime, newer: bool, dry_run: bool) -> FileDone:
    path = str(one.path)
    if not one.path.exists():
        return FileDone(path, one.kind, "missing", _MOVED) if dry_run else missing(store, one)
    if dry_run:
        return FileDone(path, one.kind, "rewritten", "holds what must go")
    try:
        if one.kind == "backup":
            purge_at = rewrite_backup(one.path, lambda inside, stage: _purge_inside(inside, stage, now))
        else:
            purge_at = rewrite_report(store, one, purged_note(now))
    except NotAllowed as error:
        if one.kind != "backup" or not newer:
            return FileDone(path, one.kind, "kept", str(error))
        one.path.unlink(missing_ok=True)
        with store.database.write() as connection:
            register.remove(connection, one.path)
        return FileDone(path, one.kind, "deleted", "it cannot be purged within, and a newer backup exists")
    except (CrosspostError, OSError) as error:  # the others must not wait for it
        return FileDone(path, one.kind, "kept", str(error))
    with store.database.write() as connection:
        register.purged(connection, one.path, purge_at)
    return FileDone(path, one.kind, "rewritten", "without what had to go")


_MOVED = "it is no longer there: if you moved it, delete it where it is, or restore it, which purges at once"


def missing(store: Store, one: WrittenFile) -> FileDone:
    """Forget a file that is no longer where it was written."""
    with store.database.write() as connection:
        register.remove(connection, one.path)
    return FileDone(str(one.path), one.kind, "missing", _MOVED)


def _purge_inside(store: Store, stage: Path, now: datetime) -> None:
    purge_database(store, now)
    purge_hit_log(store, stage / "hits", now)


def rewrite_report(store: Store, one: WrittenFile, note: str) -> datetime | None:
    """The same audit of what is still there, with a note that says so; when the next of it must go."""
    from crosspost.audit.results import Basis, ShareClaim
    from crosspost.audit.run import audit
    from crosspost.commands.ledger import gather
    from crosspost.commands.ledger_leads import known_at
    from crosspost.report.write import write

    brand = next((each for each in store.brands() if each.id == one.brand_id), None)
    if brand is None:
        raise NotAllowed("its brand is no longer there", remedy="delete it")
    recipe: Mapping[str, Any] = one.recipe
    claims = [
        ShareClaim(each["key"], recalled(each["text"]), each["margin"], Basis(each["basis"]))
        for each in recipe["claims"]
    ]
    choices = Choices(
        same_as=recipe["same_as"],
        placebo=frozenset(recipe.get("placebo", ())),
        hypotheses=Path(recipe["hypotheses"]) if recipe.get("hypotheses") else None,
        rate=None if recipe.get("rate") is None else Decimal(recipe["rate"]),
    )
    ledger = gather(
        store, brand, one.made_at, since=datetime.fromisoformat(recipe["since"]),
        until=datetime.fromisoformat(recipe["until"]), read_by=one.made_at, choices=choices,
    )  # fmt: skip
    ledger = replace(ledger, leads=known_at(ledger.leads, one.made_at))
    found = audit(ledger, claims, made_at=one.made_at)
    found = replace(found, warnings=(*found.warnings, note))
    if one.kind == "report":
        before = recipe.get("before")
        write(
            found, one.path, languages=recipe.get("languages", ["en"]), letterhead=_letterhead(recipe),
            changes=changes_of(found, Path(before) if before else None), summed_up=recipe.get("summed_up", False),
        )  # fmt: skip
    else:
        write_audit(found, one.path)
    return horizon(store, brand)


def _letterhead(recipe: Mapping[str, Any]) -> Letterhead:
    """Whose report it is; without a letterhead where its file is gone or broken: what must go does not wait for it."""
    from crosspost.report.letterhead import PLAIN
    from crosspost.report.letterhead_file import read

    try:
        return read(Path(recipe["letterhead"])) if recipe.get("letterhead") else PLAIN
    except CrosspostError as error:
        log.warning("a report is written again without its letterhead: %s", error)
        return PLAIN


def changes_of(found: Audit, before: Path | None) -> Changes | None:
    """What changed since the report kept in the folder `before`; None where none is, or it cannot be read."""
    from crosspost.audit.since import changes_since
    from crosspost.report.place import JSON

    if before is None:
        return None
    try:
        return changes_since(json.loads((before / JSON).read_text("utf-8")), found)
    except (OSError, ValueError) as error:
        log.warning("the report before cannot be compared with: %s", error)
        return None


def write_audit(found: Audit, path: Path) -> None:
    """The audit's JSON, whole or not at all. Raises OSError."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(found.as_json())
    draft.replace(path)


def rewrite_backup(path: Path, change: Callable[[Store, Path], None]) -> datetime | None:
    """Change what a backup holds, in place, given its database and the folder its files lie in; when the next of it
    must go. It still is of the instant it was made.

    Raises NotAllowed (it is of PostgreSQL), BadInput and Conflict (damaged); the file is then as it was.
    """
    with Reader.opened(path) as reader:
        manifest = reader.manifest
        if manifest.database != "sqlite":
            raise NotAllowed(
                "a backup of PostgreSQL cannot be changed", where=str(path), remedy="make a new one and delete this one"
            )
        stage = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        try:
            reader.unpack({one.name: stage / one.name for one in manifest.files if one.name != KEY})
            file = stage / copying.SQLITE
            database = Database(f"sqlite:///{file}")
            try:
                migrate.upgrade(database)
                inside = Store(database)
                change(inside, stage)
                purge_at = horizon_of_all(inside)
            finally:
                database.close()
            copying.vacuum(file)
            fresh = stage / "backup.zip"
            with Writer(fresh) as writer:
                for one in manifest.files:
                    if one.name == KEY:
                        writer.add_bytes(KEY, reader.read(KEY))
                    elif (stage / one.name).exists():  # a segment of hits may have gone
                        writer.add_file(one.name, stage / one.name)
                writer.finish(
                    made_at=manifest.made_at, crosspost=manifest.crosspost, schema=migrate.HEAD, database="sqlite",
                    purge_at=purge_at,
                )  # fmt: skip
            os.replace(fresh, path)
            sync_folder(path.parent)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    return purge_at
