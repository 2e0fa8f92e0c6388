"""Hours per channel: a timer that runs until it is stopped, and the week's hours asked for. Unknown is not zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from crosspost.clock import zone
from crosspost.domain.brand import GONE, IMPORTED, Brand
from crosspost.domain.business import HOUR_PLACES, Effort, folded, told_money
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.store import brands, efforts, notices
from crosspost.store.business import Recorded
from crosspost.store.store import Scope, Store

TIMER = "timer"
LONGEST = timedelta(hours=12)  # a timer that ran longer was forgotten
WEEK = 7  # days


def start_timer(store: Store, brand_id: str, now: datetime, channel: str) -> str:
    """Begin to count hours on a channel; its folded name. Raises BadInput, Conflict while one runs there."""
    name = folded(channel)
    if not name or len(name) > 64:
        raise BadInput(f"{channel!r} is no channel", remedy="such as linkedin")
    with store.write(brand_id) as scope:
        since = efforts.timers(scope).get(name)
        if since is not None:
            raise Conflict(f"a timer runs on {name} since {since:%Y-%m-%d %H:%M} UTC", remedy=_stop(name))
        efforts.start_timer(scope, name, now)
    return name


@dataclass(frozen=True, slots=True)
class Stopped:
    """A timer that ended: how long it ran, and the hours that were recorded (None: nobody knows)."""

    channel: str
    started_at: datetime
    ran: timedelta
    hours: Decimal | None
    effort_id: str


def running(store: Store, brand_id: str, now: datetime, channel: str) -> timedelta:
    """How long the timer on a channel has run. Raises NotFound."""
    with store.read(brand_id) as scope:
        return now - _since(scope, folded(channel))


def stop_timer(
    store: Store, brand: Brand, now: datetime, channel: str, *, hours: Decimal | None = None, told: bool = False
) -> Stopped:
    """End a timer and record its hours; where they are `told`, those (None: not known).

    One that ran for more than twelve hours, or backwards, was forgotten or met a changed clock: it goes on until the
    hours are told. Raises NotFound, Conflict, BadInput (more hours than it ran).
    """
    name = folded(channel)
    with store.write(brand.id) as scope:
        started_at = _since(scope, name)
        ran = now - started_at
        spent = hours
        if not told:
            if not timedelta() <= ran <= LONGEST:
                raise Conflict(
                    f"the timer on {name} ran for {ran.total_seconds() / 3600:.1f} h: how many were spent?",
                    remedy=f"{_stop(name)} --hours 3.5, or --hours unknown",
                )
            spent = _hours(ran)
        elif spent is not None and spent > max(_hours(ran), Decimal(0)):
            raise BadInput(f"{spent} h is more than the {_hours(ran):.2f} h it ran", remedy="give less, or unknown")
        where = zone(brand.zone)
        effort = Effort(name, _day(started_at, where), _days(started_at, max(now, started_at), where), spent)
        done = efforts.record_effort(scope, effort, TIMER, f"{name}/{started_at.isoformat()}", now)
        efforts.end_timer(scope, name)
    return Stopped(name, started_at, ran, spent, done.id)


@dataclass(frozen=True, slots=True)
class Asked:
    """A channel whose hours of a week are asked for, and the hours that a timer counted in it."""

    channel: str
    timed: Decimal


def to_ask(store: Store, brand: Brand, week: date) -> list[Asked]:
    """The connected networks of which nobody told the hours of the week that begins on that day."""
    with store.read(brand.id) as scope:
        names = {one.network for one in brands.accounts(scope) if one.server not in (IMPORTED, GONE)}
        found = efforts.overlapping(scope, week, week + timedelta(days=WEEK))
    told = {folded(one.effort.channel) for one in found if one.source != TIMER}
    timed: dict[str, Decimal] = {}
    for one in found:
        if one.source == TIMER and one.effort.hours is not None:
            name = folded(one.effort.channel)
            timed[name] = timed.get(name, Decimal(0)) + one.effort.hours
    return [Asked(name, timed.get(name, Decimal(0))) for name in sorted(names - told)]


def record_week(
    store: Store, brand: Brand, now: datetime, week: date, hours: dict[str, Decimal | None],
    fees: dict[str, Decimal] | None = None, *, currency: str,
) -> list[tuple[str, Recorded]]:  # fmt: skip
    """Record the hours (None: not known) and fees of a week, all or none of them. Raises BadInput."""
    paid = fees or {}
    with store.write(brand.id) as scope:
        return [
            (
                name,
                efforts.record_effort(
                    scope,
                    Effort(name, week, WEEK, hours.get(name), told_money(paid.get(name), currency, "fees")),
                    "cli",
                    f"{name}/{week.isoformat()}",
                    now,
                ),
            )
            for name in sorted({*hours, *paid})
        ]


def monday(now: datetime, where: tzinfo, *, back: int = 0) -> date:
    """The first day of the week in a zone, `back` weeks ago."""
    today = now.astimezone(where).date()
    return today - timedelta(days=today.weekday() + WEEK * back)


def ask(store: Store, tell: Callable[[Notice], None], now: datetime) -> int:
    """Ask the brands that want it for last week's hours, once a week, and once for each forgotten timer; how many."""
    count = 0
    for brand in store.brands():
        if not brand.ask_hours:
            continue
        where = zone(brand.zone)
        this_week = monday(now, where)
        begun = datetime(this_week.year, this_week.month, this_week.day, tzinfo=where)
        with store.read(brand.id) as scope:
            forgotten = {name: at for name, at in efforts.timers(scope).items() if now - at > LONGEST}
            connection = scope.connection
            told = notices.told_brand(connection, NoticeKind.HOURS, brand.id, begun)
            untold = {
                name: at
                for name, at in forgotten.items()
                if not notices.told_brand(connection, NoticeKind.TIMER, brand.id, at + LONGEST, about=f"on {name} ")
            }
        last_week = monday(now, where, back=1)
        open_ = [] if told else to_ask(store, brand, last_week)
        if open_:
            names = ", ".join(one.channel for one in open_)
            text = (
                f"how many hours went to {names} in the week of {last_week}? "
                f"crosspost --brand {brand.slug} effort week --week-of {last_week}"
            )
            tell(Notice(NoticeKind.HOURS, text, now, brand.id))
            count += 1
        for name, at in untold.items():
            text = f"the timer on {name} runs since {at.astimezone(where):%Y-%m-%d %H:%M}: {_stop(name)} --hours …"
            tell(Notice(NoticeKind.TIMER, text, now, brand.id))
            count += 1
    return count


def _since(scope: Scope, name: str) -> datetime:
    since = efforts.timers(scope).get(name)
    if since is None:
        raise NotFound(f"no timer runs on {name}", remedy=f"crosspost effort start {name}")
    return since


def _stop(name: str) -> str:
    return f"crosspost effort stop {name}"


def _hours(ran: timedelta) -> Decimal:
    return (Decimal(round(ran.total_seconds())) / 3600).quantize(HOUR_PLACES)


def _day(at: datetime, where: tzinfo) -> date:
    return at.astimezone(where).date()


def _days(start: datetime, end: datetime, where: tzinfo) -> int:
    """How many days a timer touched; at most a year, for one that was forgotten longer."""
    return min((_day(end, where) - _day(start, where)).days + 1, 366)
