"""Lock a hypothesis before looking, and say of each lock how it stands: as locked, changed, or locked too late."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from crosspost.audit.ledger import Lock
from crosspost.clock import zone
from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput, Conflict, CrosspostError
from crosspost.domain.hypothesis import Hypothesis, changed, fingerprint, hypothesis_of, read, written
from crosspost.domain.message import day, join, say
from crosspost.domain.period import Period
from crosspost.store import hypotheses
from crosspost.store.hypotheses import StoredHypothesis
from crosspost.store.store import Scope, Store

_LOOKED = re.compile(
    r"its period began on (\d{4}-\d\d-\d\d), before it was locked on (\d{4}-\d\d-\d\d)"
    r"(?:, and a look \((report|audit|page)\) was taken at it on (\d{4}-\d\d-\d\d))?"
)
_LOOKS = {"report": say("report"), "audit": say("audit"), "page": say("page")}
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Locked:
    """A lock, where its file is, and what of it changed since (names of fields)."""

    stored: StoredHypothesis
    file: Path
    lock: Lock
    changes: tuple[str, ...] = ()


def lock(store: Store, brand: Brand, wanted: Hypothesis, folder: Path, now: datetime, *, who: str) -> Locked:
    """Write the hypothesis to its file and register it with its hash.

    One that is locked after its period began, or after an audit of it was made, is locked all the same and says so for
    good. Raises Conflict when the key is taken or a file is in the way, BadInput for a key that names no file.
    """
    with store.write(brand.id) as scope:
        stored = register(scope, brand, wanted, now, who=who)
        file = write(stored, brand, folder)
    return Locked(stored, file, _lock(stored, file, ()))


def register(scope: Scope, brand: Brand, wanted: Hypothesis, now: datetime, *, who: str) -> StoredHypothesis:
    """The stored copy alone, within a transaction that may still fail. Raises BadInput, Conflict."""
    if not _KEY.fullmatch(wanted.key):
        raise BadInput(f"{wanted.key!r} is no key of a hypothesis", remedy="letters, digits, - and _: H1a, no-doors")
    now = now.replace(microsecond=0)
    return hypotheses.lock(
        scope, wanted.content(brand.slug, now), _looked(scope, brand, wanted.since, now), now, who=who
    )


def write(stored: StoredHypothesis, brand: Brand, folder: Path) -> Path:
    """The file of a lock; never over another one. Raises Conflict, BadInput."""
    file = file_of(folder, brand, stored.key)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8") as out:
            out.write(written(stored.content))
    except FileExistsError:
        raise Conflict("the file exists", where=str(file), remedy="give it another key, or move the file") from None
    except OSError as error:
        raise BadInput(f"cannot be written ({error.strerror})", where=str(file), remedy="check the path") from None
    return file


def file_of(folder: Path, brand: Brand, key: str) -> Path:
    return folder / brand.slug / f"{key}.toml"


def standing(scope: Scope, brand: Brand, folder: Path | None) -> list[Locked]:
    """Every lock of the brand, compared with its stored copy and its file; without a folder, not with files."""
    found = []
    for stored in hypotheses.locked(scope):
        file = file_of(folder or Path(), brand, stored.key)
        changes, remark = _compared(stored, file if folder else None)
        found.append(Locked(stored, file, _lock(stored, file, changes, remark), changes))
    return found


def looked_at(store: Store, brand: Brand, kind: str, period: Period, now: datetime) -> None:
    """Remember that somebody looked at what was known of a period."""
    with store.write(brand.id) as scope:
        hypotheses.add_look(scope, kind, period, now)


def _looked(scope: Scope, brand: Brand, since: datetime, now: datetime) -> str | None:
    if since >= now:
        return None
    here = zone(brand.zone)
    last = hypotheses.last_look(scope, since)
    seen = f", and a look ({last[0]}) was taken at it on {last[1].astimezone(here):%Y-%m-%d}" if last else ""
    began, on = (one.astimezone(here).date() for one in (since, now))
    return f"its period began on {began}, before it was locked on {on}{seen}"


def _told_again(looked: str | None) -> str | None:
    """The stored reason of `_looked` as a text that every language has."""
    found = _LOOKED.fullmatch(looked or "")
    if looked is None or found is None:
        return looked
    began, on, kind, seen = found.groups()
    dates = {"began": day(date.fromisoformat(began)), "on": day(date.fromisoformat(on))}
    if kind is None:
        return say("its period began on {began}, before it was locked on {on}", **dates)
    return say(
        "its period began on {began}, before it was locked on {on}, and a look ({kind}) was taken at it on {seen}",
        kind=_LOOKS[kind], seen=day(date.fromisoformat(seen)), **dates,
    )  # fmt: skip


def _compared(stored: StoredHypothesis, file: Path | None) -> tuple[tuple[str, ...], str | None]:
    """(the fields that are not as they were locked, what is to be said besides)."""
    if fingerprint(stored.content) != stored.sha256:
        return (say("the stored copy"),), None
    if file is None:
        return (), None
    try:
        stated, content = read(file.read_text("utf-8"))
    except FileNotFoundError:
        return (), say("its file is not there ({file}): the stored copy stands", file=file.name)
    except (OSError, UnicodeDecodeError, CrosspostError):
        return (say("the file, which cannot be read"),), None
    differs = changed(stored.content, content)
    return (differs if differs or stated == stored.sha256 else ("hash",)), None


def _lock(stored: StoredHypothesis, file: Path, changes: tuple[str, ...], remark: str | None = None) -> Lock:
    try:
        wanted = hypothesis_of(stored.content)
    except (KeyError, TypeError, ValueError):
        raise Conflict(
            f"the stored copy of hypothesis {stored.key} was changed, and cannot be read", remedy="restore a backup"
        ) from None
    return Lock(
        key=stored.key, claim=wanted.claim, outcome=wanted.outcome, margin=wanted.margin, unit=wanted.unit,
        method=wanted.method, since=wanted.since, until=wanted.until, answers=wanted.answers, hash=stored.sha256,
        locked_at=stored.locked_at,
        changed=(
            say("{file} or its stored copy: {fields}", file=file.name, fields=join(", ", changes)) if changes else None
        ),
        looked=_told_again(stored.looked), remark=remark,
    )  # fmt: skip
