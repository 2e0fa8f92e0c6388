"""What readers left goes when its time is over: hits and visits, the files they were logged in, never their counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from crosspost.domain.brand import Brand
from crosspost.domain.privacy import KEEP_MONTHS, first_kept, must_go
from crosspost.domain.retention import Due, earliest
from crosspost.store import privacy, retention, visits
from crosspost.store.store import Scope, Store

READERS = "readers"
_WHY = "kept {months} months (crosspost brand set --keep-{what})"
_AHEAD = timedelta(hours=2)  # what would be late at the next round goes now
_MARGIN = timedelta(hours=1)


def due(scope: Scope, brand: Brand, by: datetime, *, forget: bool = False) -> Iterator[Due]:
    """What of one brand must go by that instant; with `forget` it goes."""
    chosen = privacy.of(scope)
    hits_from, visits_from = (first_kept(by + _AHEAD, months) for months in (chosen.keep_hits, chosen.keep_visits))
    first = retention.oldest_hit(scope)
    if first is not None and first < hits_from:
        count = (retention.forget_hits if forget else retention.count_hits)(scope, hits_from)
        yield _due(brand.slug, "hits", chosen.keep_hits, count, first)
    first = visits.oldest(scope)
    if first is not None and first < visits_from:
        count = (visits.forget_before if forget else visits.count_before)(scope, visits_from)
        yield _due(brand.slug, "visits", chosen.keep_visits, count, first)


def _due(brand: str, what: str, months: int, count: int, first: datetime) -> Due:
    return Due(brand, READERS, what, _WHY.format(months=months, what=what), count, must_go(first, months))


def due_of_nobody(store: Store, by: datetime, *, forget: bool = False) -> Iterator[Due]:
    """Hits on codes that nobody registered, kept as long as the law lets anybody."""
    before = first_kept(by + _AHEAD, KEEP_MONTHS)
    with store.database.read() as connection:
        count = retention.count_unknown_hits(connection, before)
    if not count:
        return
    if forget:
        with store.database.write() as connection:
            retention.forget_unknown_hits(connection, before)
    yield Due("", READERS, "hits on unknown links", f"kept {KEEP_MONTHS} months", count, by + _AHEAD)


def purge_hit_log(store: Store, folder: Path, now: datetime, *, dry_run: bool = False) -> int:
    """Wipe the folded files of the hit log that hold a day which some brand no longer keeps; how many.

    What other brands still keep of those days is in the database.
    """
    # Here, since an audit asks what is due and folds nothing: they are a tenth of what its start would load.
    from crosspost.commands.fold import fold
    from crosspost.commands.visits import begun_at, wipe_folded
    from crosspost.hitlog.reader import segments
    from crosspost.hitlog.writer import SEGMENT_AGE_S

    closed = timedelta(seconds=SEGMENT_AGE_S) + _MARGIN  # no writer adds to a segment that old
    keep = min((_kept_hits(store, brand) for brand in store.brands()), default=KEEP_MONTHS)
    limit = min(first_kept(now + _AHEAD, keep), now - closed)
    old = [path for path in segments(folder) if (at := begun_at(path)) is not None and at < limit]
    if dry_run or not old:
        return len(old)
    fold(store, folder, now)  # in a backup, hits may lie in the log alone
    return len(wipe_folded(store, old))


def _kept_hits(store: Store, brand: Brand) -> int:
    with store.read(brand.id) as scope:
        return privacy.of(scope).keep_hits


def horizon(store: Store, brand: Brand) -> datetime | None:
    """When the first of what the brand's readers left must go; None when there is nothing."""
    with store.read(brand.id) as scope:
        chosen = privacy.of(scope)
        firsts = ((retention.oldest_hit(scope), chosen.keep_hits), (visits.oldest(scope), chosen.keep_visits))
    return earliest(None if first is None else must_go(first, months) for first, months in firsts)
