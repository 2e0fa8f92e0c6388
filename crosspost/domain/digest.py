"""Quiet telling: which notices go out now, together, and which wait. Pure functions of what waits and of the hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crosspost.domain.notice import URGENT, Notice, NoticeKind
from crosspost.domain.slots import resolve

_FIRST_RETRY_S = 120.0  # above every timeout of a way: who tells now is not overtaken by a second worker
_LAST_RETRY_S = 3600.0
_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that nobody was told yet. `tries` failed or are under way, the last at `tried_at`."""

    id: str
    notice: Notice
    stored_at: datetime
    tries: int = 0
    tried_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """`every_s`: least time between two messages of one urgent kind. `hour`: of the digest, in the brand's zone."""

    every_s: float = 900.0
    hour: int = 8


@dataclass(frozen=True, slots=True)
class Bundle:
    """Notices that make one message: of one urgent kind, or (`kind` None) one brand's digest."""

    kind: NoticeKind | None
    brand_id: str | None
    items: tuple[Waiting, ...]


def bundles(
    waiting: Sequence[Waiting],
    last_told: Mapping[NoticeKind, datetime],
    zones: Mapping[str | None, ZoneInfo],
    quiet: Quiet,
    now: datetime,
) -> list[Bundle]:
    """What to tell now, oldest first. `last_told` is when each kind was told last; `zones` is per brand.

    An urgent notice goes at once unless its kind was told less than `every_s` ago: then it waits, and goes with
    all the others of its kind in one message. The rest waits for the next digest hour. Times are compared by their
    distance: a clock that was set back silences nothing.
    """
    urgent: dict[NoticeKind, list[Waiting]] = {}
    daily: dict[str | None, list[Waiting]] = {}
    for one in sorted(waiting, key=lambda one: (one.stored_at, one.id)):
        if retry_in(one, now) > 0:
            continue
        kind, brand_id = one.notice.kind, one.notice.brand_id
        if kind in URGENT:
            told = last_told.get(kind)
            if told is None or abs((now - told).total_seconds()) >= quiet.every_s:
                urgent.setdefault(kind, []).append(one)
        elif one.stored_at < digest_before(now, zones.get(brand_id, ZoneInfo("UTC")), quiet.hour) or (
            one.stored_at > now + _AHEAD
        ):
            daily.setdefault(brand_id, []).append(one)
    at_once = [Bundle(kind, None, tuple(items)) for kind, items in urgent.items()]
    return at_once + [Bundle(None, brand_id, tuple(items)) for brand_id, items in daily.items()]


def retry_in(one: Waiting, now: datetime) -> float:
    """Seconds until a failed notice is tried again: two minutes, doubled each time, an hour at most."""
    if one.tried_at is None or one.tries == 0:
        return 0.0
    wait = min(_LAST_RETRY_S, _FIRST_RETRY_S * 2.0 ** min(one.tries - 1, 16))
    return max(0.0, wait - abs((now - one.tried_at).total_seconds()))


def digest_before(now: datetime, zone: ZoneInfo, hour: int) -> datetime:
    """The last digest hour that has come in that zone."""
    today = now.astimezone(zone).date()
    for back in range(2):
        at = resolve(datetime.combine(today - timedelta(days=back), datetime.min.time()).replace(hour=hour), zone).at
        if at <= now:
            return at
    return at  # a zone that moved by a day: the digest comes a little late
