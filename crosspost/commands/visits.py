"""Fold the visits' log into the database, wipe what was folded, and forget the visitors of days that are over."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crosspost.commands import salts
from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput
from crosspost.domain.ids import new_id
from crosspost.domain.period import Period
from crosspost.domain.privacy import Mode
from crosspost.domain.traffic import Judgement
from crosspost.domain.visit import Click, View, day_of, join
from crosspost.hitlog import frame
from crosspost.hitlog.reader import missed
from crosspost.hitlog.visits import MAGIC, SEGMENT_AGE_S, SUFFIX, parse
from crosspost.store import privacy, segments, traffic, visits
from crosspost.store.store import Scope, Store
from crosspost.store.visit_counts import VisitCount, counts

BATCH = 20_000  # records in one transaction
FORGET_EVERY_S = 600.0
_GRACE = timedelta(minutes=5)  # a writer that was about to write to the file has done so by then

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Folded:
    """What one fold did. `missed` counts, over all time, page views whose record was not on disk in time."""

    views: int
    visits: int
    clicks: int
    missed: int
    wiped: int  # files


@dataclass(frozen=True, slots=True)
class _Taken:
    """What was read of one segment since the last fold."""

    name: str
    old: int
    new: int
    torn_bytes: int
    records: list[View | Click]


class _Overtaken(Exception):
    """Another fold has these records in hand."""


def fold_visits(store: Store, folder: Path, now: datetime) -> Folded:
    """Insert what was logged since the last fold, and wipe the files that are folded and closed.

    Safe to repeat, to kill and to run twice at once, as the fold of hits is. Page views are put together to visits
    whichever of several processes wrote them down, as long as they are folded together.
    """
    views = began = clicks = 0
    paths = sorted(folder.glob(f"*{SUFFIX}"))  # oldest first
    more = bool(paths)
    while more:
        with store.database.read() as connection:
            known = traffic.offsets(connection)
        taken, more = _read(paths, known)
        if not taken:
            break
        try:
            with store.database.write() as connection:
                traffic.hold(connection)  # two folds may have other segments of the same visitors
                for one in taken:
                    if not traffic.move_offset(connection, one.name, one.old, one.new, one.torn_bytes, now):
                        raise _Overtaken
                records = [each for one in taken for each in one.records]
                for brand_id in sorted({one.brand_id for one in records}):
                    mine = [one for one in records if one.brand_id == brand_id]
                    counted = _insert(Scope(connection, brand_id), mine, now)
                    views, began, clicks = (a + b for a, b in zip((views, began, clicks), counted, strict=True))
        except _Overtaken:
            break
    if views:
        _forget(store, now)
    return Folded(views, began, clicks, missed(folder), _wipe_folded(store, paths, now))


def _read(paths: list[Path], known: dict[str, int]) -> tuple[list[_Taken], bool]:
    taken: list[_Taken] = []
    left = BATCH
    for path in paths:
        old = known.get(path.stem, 0)
        if left <= 0:
            return taken, True
        try:
            if path.stat().st_size <= old:
                continue
            part: frame.Records[View | Click] = frame.read(path, MAGIC, parse, old, left)
        except FileNotFoundError:
            continue  # another process folded and wiped it
        except BadInput as error:
            log.warning("segment cannot be read", extra={"segment": path.name, "problem": error.message})
            continue
        for damage in part.damaged:
            log.error("segment is damaged", extra={"segment": path.name, "offset": damage.offset})
        if part.next_offset > old:
            taken.append(_Taken(path.stem, old, part.next_offset, part.torn_bytes, part.found))
            left -= len(part.found)
    return taken, left <= 0


def _insert(scope: Scope, records: list[View | Click], now: datetime) -> tuple[int, int, int]:
    looked = [one for one in records if isinstance(one, View)]
    # A machine's click is a hit like any other; a name for it would tie nothing to nobody.
    machines = (Judgement.CRAWLER, Judgement.PREVIEW)
    named = [one for one in records if isinstance(one, Click) and one.judged.judgement not in machines]
    if privacy.of(scope).mode is Mode.AGGREGATE:  # it may have been another when they were written down
        looked, named = [replace(one, click_id="") for one in looked], []
    # Anybody can write an address: what is no link of the brand's tells no visit from another.
    ours = visits.codes(scope, {one.code for one in looked if one.code})
    looked = [one if one.code in ours else replace(one, code="") for one in looked]
    known = visits.visitors(scope, {(day_of(one.at), one.visitor) for one in looked})
    joined = join(looked, known, iter(lambda: new_id(now), None))
    visits.add(scope, joined.began)
    visits.extend(scope, joined.went_on.values())
    visits.keep_visitors(scope, joined.latest)
    visits.add_clicks(scope, named)
    return len(looked), len(joined.began), len(named)


def _wipe_folded(store: Store, paths: list[Path], now: datetime) -> int:
    """Wipe the files that no writer adds to any more: visitors' hashes are in them. How many."""
    closed = timedelta(seconds=SEGMENT_AGE_S) + _GRACE
    done = wipe_folded(store, [path for path in paths if (at := begun_at(path)) and at + closed < now])
    if done:
        with store.database.write() as connection:
            segments.forget(connection, done)
    return len(done)


def wipe_folded(store: Store, paths: list[Path]) -> list[str]:
    """Wipe those of these segments that are folded to their end; their names."""
    if not paths:
        return []
    with store.database.read() as connection:
        ends = segments.ends(connection)
    done = [path for path in paths if path.exists() and path.stat().st_size <= ends.get(path.stem, 0)]
    for path in done:
        salts.wipe(path)
    return [path.stem for path in done]


def begun_at(path: Path) -> datetime | None:
    """When a segment was begun, by its name; None for a name that tells none."""
    try:
        return datetime.strptime(path.stem.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def forget_visitors(store: Store, salts_dir: Path, now: datetime) -> int:
    """Wipe the salts of days that are over, and forget those days' visitors; how many rows."""
    salts.drop(salts_dir, now)
    return _forget(store, now)


def _forget(store: Store, now: datetime) -> int:
    gone = 0
    for brand in store.brands():
        with store.read(brand.id) as scope:
            late = visits.has_visitors(scope, day_of(now))
        if late:
            with store.write(brand.id) as scope:
                gone += visits.forget_visitors(scope, day_of(now))
    return gone


def counted(store: Store, brand: Brand, folder: Path, period: Period | None) -> tuple[list[VisitCount], int]:
    """The brand's visits by network, code, day and judgement; and how many page views, of any brand, were missed."""
    with store.read(brand.id) as scope:
        return counts(scope, period), missed(folder)
