"""Fold the hit log into the database: judge each hit, and insert it once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from pathlib import Path

from sqlalchemy import Connection

from crosspost.commands.judging import Fresh, judge_fresh
from crosspost.domain.errors import BadInput
from crosspost.domain.hosts import Hosts
from crosspost.domain.period import microseconds
from crosspost.domain.traffic import Judgement
from crosspost.hitlog.reader import Damage, Part, missed, read, segments
from crosspost.hitlog.record import Fields
from crosspost.store import brands, links, traffic
from crosspost.store.database import Database
from crosspost.store.links import Owner
from crosspost.store.store import Scope, Store

BATCH = 100_000  # hits in one transaction: some 150 MB of memory, and the write lock for a second

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
        owners = links.owners(connection, {fields[1] for _, fields in part.found})
        hosts = Hosts({one.id: one.public_url for one in brands.all_of(connection)})
        known, unknown = _sorted(part.found, owners, hosts)
        for brand_id in sorted(known):
            _insert_known(Scope(connection, brand_id), name, known[brand_id])
        traffic.insert_unknown_hits(connection, _unknown_rows(connection, name, unknown))
        return len(part.found) - len(unknown), len(unknown)


def _sorted(
    found: list[tuple[int, Fields]], owners: Mapping[str, Owner], hosts: Hosts
) -> tuple[dict[str, dict[str, Fresh]], list[tuple[int, Fields]]]:
    """The hits by brand and code, and those on a code that answered nobody."""
    known: dict[str, dict[str, Fresh]] = {}
    unknown: list[tuple[int, Fields]] = []
    of_code: dict[str, list[tuple[int, Fields]]] = {}
    for one in found:
        of_code.setdefault(one[1][1], []).append(one)
    for code in sorted(of_code):
        hits, owner = of_code[code], owners.get(code)
        if owner is None:
            unknown += hits
            continue
        until = None if owner.disabled_at is None else microseconds(owner.disabled_at)
        elsewhere = {host for host in {one[1][3] for one in hits} if not hosts.answers(host, owner.brand_id)}
        if until is not None or elsewhere:
            unanswered = [one for one in hits if one[1][3] in elsewhere or (until is not None and one[1][0] >= until)]
            unknown += unanswered
            gone = {offset for offset, _ in unanswered}
            hits = [one for one in hits if one[0] not in gone]
        if hits:
            known.setdefault(owner.brand_id, {})[code] = Fresh.of(hits)
    return known, unknown


def _insert_known(scope: Scope, name: str, by_code: Mapping[str, Fresh]) -> None:
    stored_at = traffic.stored_at(scope.connection)
    rows: list[tuple[object, ...]] = []
    counted: Counter[traffic.DayKey] = Counter()
    for code, found in judge_fresh(scope, by_code).items():
        hits = by_code[code]
        # Kinds of judgement are few: what is stored of each is made once, not once a hit.
        kinds = {id(one): (one.judgement.value, one.rule, one.ruleset) for one in found}
        judgements, rules, rulesets = zip(*(kinds[id(one)] for one in found), strict=True)
        rows += zip(
            repeat(scope.brand_id), repeat(code), map(stored_at, hits.at_us), repeat(name), hits.offsets,
            hits.methods, hits.hosts, hits.agents, hits.referrers, hits.purposes, hits.languages,
            judgements, rules, rulesets,
        )  # fmt: skip
        days = [at_us // traffic.DAY_US for at_us in hits.at_us]
        for (day, judgement), number in Counter(zip(days, judgements, strict=True)).items():
            counted[scope.brand_id, code, traffic.day(day), Judgement(judgement)] += number
    traffic.insert_hits(scope.connection, rows)
    traffic.add_day_counts(scope.connection, counted)


def _unknown_rows(connection: Connection, name: str, hits: list[tuple[int, Fields]]) -> list[tuple[object, ...]]:
    stored_at = traffic.stored_at(connection)
    return [
        (name, offset, code, stored_at(at_us), method, host, agent, referrer)
        for offset, (at_us, code, method, host, agent, referrer, _, _) in hits
    ]
