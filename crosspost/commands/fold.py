"""Fold the hit log into the database: judge each hit, and insert it once."""

from __future__ import annotations

import gc
import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise, repeat
from pathlib import Path

from crosspost.commands.judging import judge_fresh
from crosspost.domain.errors import BadInput
from crosspost.domain.hosts import Hosts
from crosspost.domain.period import instant_of, microseconds
from crosspost.domain.traffic import Judgement
from crosspost.hitlog.ahead import Read, reading_ahead
from crosspost.hitlog.by_link import ByLink, Fresh, read_by_link
from crosspost.hitlog.frame import Damage
from crosspost.hitlog.reader import missed, segments
from crosspost.store import brands, links, traffic
from crosspost.store.database import Database
from crosspost.store.links import Owner
from crosspost.store.store import Scope, Store

BATCH = 100_000  # hits in one transaction: some 150 MB of memory, and the write lock for a second
AHEAD_BYTES = 32 * 1024 * 1024  # of the log to fold, some 160,000 hits: from here on a second process reads ahead

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
    paths = segments(hits_dir)
    with _reader(paths, known) as read:
        for path in paths:
            offset, more, grew = known.get(path.stem, 0), path.stat().st_size > known.get(path.stem, 0), False
            while more:
                try:
                    with _many_objects():
                        part = read(path, offset)
                except BadInput as error:
                    log.warning("segment cannot be read", extra={"segment": path.name, "problem": error.message})
                    unreadable.append(path.name)
                    break
                more = part.more
                if part.next_offset > offset:
                    with _many_objects():
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


def _reader(paths: Sequence[Path], known: Mapping[str, int]) -> AbstractContextManager[Read]:
    """What reads the parts: another process, where that is worth its start."""
    starts = [(path, known.get(path.stem, 0)) for path in paths]
    left = [(path, offset, size) for path, offset in starts if (size := path.stat().st_size - offset) > 0]
    if sum(size for _, _, size in left) < AHEAD_BYTES or (os.cpu_count() or 1) < 2:
        return nullcontext(lambda path, offset: read_by_link(path, offset, BATCH))
    after = {path: (following, offset) for (path, *_), (following, offset, _) in pairwise(left)}
    return reading_ahead(BATCH, after)


def lag(database: Database, hits_dir: Path) -> int:
    """Bytes of the log that were not folded in yet; torn tails stay in it."""
    with database.read() as connection:
        known = traffic.offsets(connection)
    return sum(max(0, path.stat().st_size - known.get(path.stem, 0)) for path in segments(hits_dir))


@contextmanager
def _many_objects() -> Iterator[None]:
    """Without Python's search for cycles: it would go over the hundreds of thousands of objects of a batch, none of
    which is in one, again and again, for a quarter of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _insert(database: Database, name: str, old: int, part: ByLink, now: datetime) -> tuple[int, int] | None:
    with database.write() as connection:
        traffic.hold(connection)
        if not traffic.move_offset(connection, name, old, part.next_offset, part.torn_bytes, now):
            return None
        owners = links.owners(connection, part.codes)
        hosts = Hosts({one.id: one.public_url for one in brands.all_of(connection)})
        known, unknown = _sorted(part, owners, hosts)
        for brand_id in sorted(known):
            _insert_known(Scope(connection, brand_id), name, known[brand_id])
        rows = _unknown_rows(name, unknown)
        traffic.insert_unknown_hits(connection, rows)
        return sum(part.sizes) - len(rows), len(rows)


def _sorted(
    part: ByLink, owners: Mapping[str, Owner], hosts: Hosts
) -> tuple[dict[str, dict[str, Fresh]], list[tuple[str, Fresh]]]:
    """The hits by brand and code; and those on a code that answered nobody."""
    asked = part.hosts
    foreign: dict[str, set[str]] = {}  # by brand, the hosts that were asked and are not its
    known: dict[str, dict[str, Fresh]] = {}
    unknown: list[tuple[str, Fresh]] = []
    for code, hits in part.links():
        owner = owners.get(code)
        if owner is None:
            unknown.append((code, hits))
            continue
        until = None if owner.disabled_at is None else microseconds(owner.disabled_at)
        if owner.brand_id not in foreign:
            foreign[owner.brand_id] = {host for host in asked if not hosts.answers(host, owner.brand_id)}
        elsewhere = foreign[owner.brand_id]
        if until is not None or elsewhere:
            gone = [
                host in elsewhere or (until is not None and at_us >= until)
                for at_us, host in zip(hits.at_us, hits.hosts, strict=True)
            ]
            if any(gone):
                unknown.append((code, hits.at([place for place, one in enumerate(gone) if one])))
                hits = hits.at([place for place, one in enumerate(gone) if not one])
        if hits.at_us:
            known.setdefault(owner.brand_id, {})[code] = hits
    return known, unknown


def _insert_known(scope: Scope, name: str, by_code: Mapping[str, Fresh]) -> None:
    pieces: list[Iterable[tuple[object, ...]]] = []
    counted: Counter[traffic.DayKey] = Counter()
    for code, found in judge_fresh(scope, by_code).items():
        hits = by_code[code]
        # Kinds of judgement are few: what is stored of each is made once, not once a hit.
        kinds = dict(zip(which := list(map(id, found)), found, strict=True))
        judgements, rules, rulesets = (
            list(map({key: str(getattr(one, name)) for key, one in kinds.items()}.__getitem__, which))
            for name in ("judgement", "rule", "ruleset")
        )
        made = zip(
            repeat(scope.brand_id), repeat(code), hits.at_us, repeat(name), hits.offsets,
            hits.methods, hits.hosts, hits.agents, hits.referrers, hits.purposes, hits.languages,
            judgements, rules, rulesets,
        )  # fmt: skip
        pieces.append(made)
        days = [at_us // traffic.DAY_US for at_us in hits.at_us]
        for (day, judgement), number in Counter(zip(days, judgements, strict=True)).items():
            counted[scope.brand_id, code, traffic.day(day), Judgement(judgement)] += number
    traffic.insert_hits(scope.connection, chain.from_iterable(pieces))
    traffic.add_day_counts(scope.connection, counted)


def _unknown_rows(name: str, found: list[tuple[str, Fresh]]) -> list[dict[str, object]]:
    return [
        {
            "segment": name, "offset": offset, "code": code, "at": instant_of(at_us), "method": method, "host": host,
            "user_agent": agent, "referrer": referrer,
        }
        for code, hits in found
        for offset, at_us, method, host, agent, referrer in zip(
            hits.offsets, hits.at_us, hits.methods, hits.hosts, hits.agents, hits.referrers, strict=True
        )
    ]  # fmt: skip
