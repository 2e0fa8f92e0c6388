"""Judge the stored hits again under today's rules. No hit is lost: what it was held to be changes, and is told."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from crosspost.domain.brand import Brand
from crosspost.domain.judging import RULESET, judge_together
from crosspost.domain.neighbours import REACH_US
from crosspost.domain.period import microseconds
from crosspost.domain.traffic import Judged, Judgement
from crosspost.store import events, judged, traffic
from crosspost.store.judged import StoredHit
from crosspost.store.store import Scope, Store

CHUNK = 20_000  # hits in memory at a time, beside those that change


@dataclass(frozen=True, slots=True)
class Change:
    """So many hits that were held to be one thing by one rule, and are another thing or the same by another rule."""

    was: Judgement
    was_by: str
    now: Judgement
    now_by: str
    hits: int


@dataclass(frozen=True, slots=True)
class Rejudged:
    """`older` counts hits last judged by another rule set than today's, changed or not."""

    ruleset: str
    hits: int
    older: int
    changes: tuple[Change, ...]  # the most frequent first


def rejudge(
    store: Store, brand: Brand, now: datetime, *, who: str, since: datetime | None = None, dry_run: bool = False
) -> Rejudged:
    """Judge the brand's hits since an instant, or all of them. Each link is one transaction; safe to repeat.

    With `dry_run` nothing is written: what comes back is what would change.
    """
    since_us = microseconds(since) if since is not None else 0
    with store.read(brand.id) as scope:
        codes = sorted(traffic.per_code(scope))
    hits = older = 0
    changed: Counter[tuple[Judgement, str, Judgement, str]] = Counter()
    for code in codes:
        with (store.read if dry_run else store.write)(brand.id) as scope:
            if not dry_run:
                traffic.hold(scope.connection)
            differing = []
            for one, to in _judged(scope, code, since_us, now):
                hits += 1
                older += one.judged.ruleset != RULESET
                if (one.judged.judgement, one.judged.rule) != (to.judgement, to.rule):
                    changed[one.judged.judgement, one.judged.rule, to.judgement, to.rule] += 1
                    differing.append((one, to))
            if not dry_run:
                judged.change_judgements(scope, differing)
                judged.confirm(scope, code, since_us, RULESET)
    changes = tuple(Change(*key, number) for key, number in sorted(changed.items(), key=lambda one: (-one[1], one[0])))
    if not dry_run and (changes or older):
        with store.write(brand.id) as scope:
            moved = sum(one.hits for one in changes)
            events.record(scope, "hits judged again", RULESET, who=who, now=now, hits=hits, changed=moved)
    return Rejudged(RULESET, hits, older, changes)


def _judged(scope: Scope, code: str, since_us: int, now: datetime) -> Iterator[tuple[StoredHit, Judged]]:
    """Each stored hit of a link since then, with what it is today."""
    out_at = judged.went_out(scope, [code], 0, microseconds(now + timedelta(days=1))).get(code)
    stored = judged.of_code(scope, code, max(0, since_us - REACH_US))
    for hits, places in windows(stored, CHUNK):
        alone = [one.by_itself for one in hits]
        changed = judge_together(
            [one.at_us for one in hits], [one.user_agent for one in hits], [one.bare for one in hits], alone, out_at
        )
        for place in places:
            if hits[place].at_us >= since_us:
                yield hits[place], changed.get(place, alone[place])


def windows(hits: Iterable[StoredHit], size: int) -> Iterator[tuple[Sequence[StoredHit], range]]:
    """Hits in the order of time cut into pieces, each with the places that can be judged in it: those whose neighbours
    are all there. Every hit can be judged in one piece."""
    rest = iter(hits)
    piece: list[StoredHit] = []
    begun = 0
    while more := list(islice(rest, size)):
        piece += more
        ended = bisect_left(piece, piece[-1].at_us - REACH_US, key=lambda one: one.at_us)
        if ended > begun:
            yield piece, range(begun, ended)
            kept = bisect_left(piece, piece[ended].at_us - REACH_US, key=lambda one: one.at_us)
            piece, begun = piece[kept:], ended - kept
    if begun < len(piece):
        yield piece, range(begun, len(piece))
