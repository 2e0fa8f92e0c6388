"""Fold the hit log into the database: judge each hit, and insert it once."""

from __future__ import annotations

import gc
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat
from pathlib import Path

from crosspost.commands.judging import Fresh, judge_fresh
from crosspost.domain.errors import BadInput
from crosspost.domain.hosts import Hosts
from crosspost.domain.period import instant_of, microseconds
from crosspost.domain.traffic import Judgement
from crosspost.hitlog.frame import Damage
from crosspost.hitlog.reader import Part, missed, read, segments
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
                with _many_objects():
                    part = read(path, offset, BATCH)
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


def _insert(database: Database, name: str, old: int, part: Part, now: datetime) -> tuple[int, int] | None:
    with database.write() as connection:
        traffic.hold(connection)
        if not traffic.move_offset(connection, name, old, part.next_offset, part.torn_bytes, now):
            return None
        owners = links.owners(connection, set(part.columns[1]))
        hosts = Hosts({one.id: one.public_url for one in brands.all_of(connection)})
        known, unknown = _sorted(part, owners, hosts)
        for brand_id in sorted(known):
            _insert_known(Scope(connection, brand_id), name, known[brand_id])
        traffic.insert_unknown_hits(connection, _unknown_rows(name, part, unknown))
        return len(part.offsets) - len(unknown), len(unknown)


def _sorted(part: Part, owners: Mapping[str, Owner], hosts: Hosts) -> tuple[dict[str, dict[str, Fresh]], list[int]]:
    """The hits by brand and code; and the places of those on a code that answered nobody."""
    at_us, codes, methods, asked, *others = part.columns
    places_of: defaultdict[str, list[int]] = defaultdict(list)
    for place, code in enumerate(codes):
        places_of[code].append(place)
    foreign: dict[str, set[str]] = {}  # by brand, the hosts that were asked and are not its
    known: dict[str, dict[str, Fresh]] = {}
    unknown: list[int] = []
    for code in sorted(places_of):
        places, owner = places_of[code], owners.get(code)
        if owner is None:
            unknown += places
            continue
        until = None if owner.disabled_at is None else microseconds(owner.disabled_at)
        if owner.brand_id not in foreign:
            foreign[owner.brand_id] = {host for host in set(asked) if not hosts.answers(host, owner.brand_id)}
        elsewhere = foreign[owner.brand_id]
        if until is not None or elsewhere:
            gone = {one for one in places if asked[one] in elsewhere or (until is not None and at_us[one] >= until)}
            unknown += gone
            places = [one for one in places if one not in gone]
        if places:
            columns = (at_us, part.offsets, methods, asked, *others)
            known.setdefault(owner.brand_id, {})[code] = Fresh.of(columns, places)
    return known, sorted(unknown)


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


def _unknown_rows(name: str, part: Part, places: list[int]) -> list[dict[str, object]]:
    at_us, codes, methods, asked, agents, referrers, *_ = part.columns
    return [
        {
            "segment": name, "offset": part.offsets[one], "code": codes[one], "at": instant_of(at_us[one]),
            "method": methods[one], "host": asked[one], "user_agent": agents[one], "referrer": referrers[one],
        }
        for one in places
    ]  # fmt: skip
