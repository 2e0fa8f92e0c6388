"""Fold the hit log into the database: judge each hit, and insert it once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crosspost.domain.errors import BadInput
from crosspost.domain.judging import judge
from crosspost.hitlog.reader import Damage, Part, missed, read, segments
from crosspost.store import links, traffic
from crosspost.store.database import Database
from crosspost.store.store import Store

BATCH = 100_000  # hits in one transaction: some 150 MB of memory, and the write lock for a second or two

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FoldReport:
    """What one fold did. `missed` counts over all time, the rest over this fold alone.

    `torn_bytes` stand at the end of segments without being a record: being written, or torn by a crash.
    """

    segments: int
    hits: int
    unknown: int
    torn_bytes: int
    missed: int
    damaged: tuple[Damage, ...]
    unreadable: tuple[str, ...]


def fold(store: Store, hits_dir: Path, now: datetime) -> FoldReport:
    """Insert what was logged since the last fold.

    Safe to repeat, to kill, and to run twice at once: the hits and the segment's new offset are one transaction,
    which only one of two folders can make.
    """
    database = store.database
    with database.read() as connection:
        known = traffic.offsets(connection)
    touched = hits = unknown = torn = 0
    damaged: list[Damage] = []
    unreadable: list[str] = []
    for path in segments(hits_dir):
        offset, more, grew = known.get(path.stem, 0), path.stat().st_size > known.get(path.stem, 0), False
        while more:
            try:
                part = read(path, offset, BATCH)
            except BadInput as error:
                log.warning("segment cannot be read", extra={"segment": path.name, "problem": error.message})
                unreadable.append(path.name)
                break
            more = part.more
            if part.next_offset > offset:
                inserted = _insert(database, path.stem, offset, part, now)
                if inserted is None:
                    break  # another fold has it in hand
                hits, unknown, grew = hits + inserted[0], unknown + inserted[1], True
                damaged += part.damaged
                for damage in part.damaged:
                    log.error("segment is damaged", extra={"segment": path.name, "offset": damage.offset})
                offset = part.next_offset
            torn += part.torn_bytes
        touched += grew
    return FoldReport(touched, hits, unknown, torn, missed(hits_dir), tuple(damaged), tuple(unreadable))


def lag(database: Database, hits_dir: Path) -> int:
    """Bytes of the log that were not folded in yet; torn tails stay in it."""
    with database.read() as connection:
        known = traffic.offsets(connection)
    return sum(max(0, path.stat().st_size - known.get(path.stem, 0)) for path in segments(hits_dir))


def _insert(database: Database, name: str, old: int, part: Part, now: datetime) -> tuple[int, int] | None:
    with database.write() as connection:
        if not traffic.move_offset(connection, name, old, part.next_offset, part.torn_bytes, now):
            return None
        owners = links.owners(connection, (one.code for _, one in part.hits))
        stored_at = traffic.stored_at(connection)
        known: list[tuple[object, ...]] = []
        unknown: list[tuple[object, ...]] = []
        for offset, one in part.hits:
            owner, at = owners.get(one.code), stored_at(one.at)
            request = (one.method, one.host, one.user_agent, one.referrer)
            if owner is None or (owner.disabled_at is not None and one.at >= owner.disabled_at):
                unknown.append((name, offset, one.code, at, *request))
                continue
            judged = judge(one)
            known.append(
                (
                    name, offset, owner.brand_id, one.code, at, *request, one.purpose, one.language,
                    judged.judgement.value, judged.rule, judged.ruleset,
                )
            )  # fmt: skip
        traffic.insert_hits(connection, known)
        traffic.insert_unknown_hits(connection, unknown)
        return len(known), len(unknown)
