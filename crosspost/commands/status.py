"""How things stand: does the scheduler tick, what waits for a person, what is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from crosspost.commands import purge
from crosspost.commands.radar import endings
from crosspost.domain.brand import Brand
from crosspost.domain.delivery import State
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.hitlog.reader import missed
from crosspost.store import installation, notices, standing
from crosspost.store.standing import AccountSwitches
from crosspost.store.store import Store

TICK_LATE_S = 300.0  # it ticks every minute
OVERDUE_S = 120.0


@dataclass(frozen=True, slots=True)
class BrandStatus:
    slug: str
    stopped: str | None
    needs_person: int
    unknown: int  # sent, confirming
    overdue: int  # scheduled, and two minutes past due
    scheduled: int
    accounts: tuple[AccountSwitches, ...]
    ending: tuple[str, ...] = ()  # connections that end within 14 days and are not renewed, each a sentence


@dataclass(frozen=True, slots=True)
class Status:
    """`ticking` is None when the scheduler never ran. `untold`: notices nobody was told, `in_vain` of them tried.
    `missed`: visitors who were sent on without their hit on disk, over all time."""

    at: datetime
    last_tick: datetime | None
    ticking: bool | None
    stopped: str | None
    held: str | None
    untold: int
    in_vain: int
    ways: int
    brands: tuple[BrandStatus, ...]
    problems: tuple[str, ...] = ()  # each a sentence: what a person must see to
    missed: int = 0
    going: tuple[str, ...] = ()  # what the networks' rules will have deleted soon, unless it is kept another way


def status(store: Store, now: datetime, *, ways: int, hits_dir: Path | None = None) -> Status:
    """Read how things stand. `ways` is how many ways of telling are set, `hits_dir` the folder of the hit log."""
    with store.database.read() as connection:
        tick = installation.get(connection, installation.HEARTBEAT)
        stopped = installation.get(connection, installation.STOPPED)
        held = installation.get(connection, installation.HELD)
        untold, in_vain = notices.untold(connection)
    every = tuple(_brand(store, one, now) for one in store.brands())
    last_tick = tick[1] if tick else None
    ticking = None if last_tick is None else (now - last_tick).total_seconds() <= TICK_LATE_S
    found = Status(
        now, last_tick, ticking, stopped[0] if stopped else None, held[0] if held else None, untold, in_vain, ways,
        every,
    )  # fmt: skip
    going = tuple(sentence for brand in store.brands() for sentence in purge.warnings(store, brand, now))
    lost = missed(hits_dir) if hits_dir is not None else 0
    return replace(found, problems=tuple(_problems(found)), missed=lost, going=going)


def _brand(store: Store, brand: Brand, now: datetime) -> BrandStatus:
    with store.read(brand.id) as scope:
        counts = standing.counts(scope)
        overdue = standing.overdue(scope, now - timedelta(seconds=OVERDUE_S))
        accounts = tuple(standing.accounts(scope))
        stopped = standing.brand_stopped(scope.connection, brand.id)
        ending = tuple(one.sentence(brand, now) for one in endings(scope, now))
    unknown = sum(counts.get(one, 0) for one in (State.UNKNOWN, State.CHECKING, State.SENDING))
    return BrandStatus(
        brand.slug, stopped, counts.get(State.NEEDS_PERSON, 0), unknown, overdue, counts.get(State.SCHEDULED, 0),
        accounts, ending,
    )  # fmt: skip


def _problems(found: Status) -> list[str]:
    problems = []
    waiting = sum(one.scheduled + one.unknown for one in found.brands)
    if found.ticking is False and waiting:
        since = f"{found.last_tick:%Y-%m-%d %H:%M} UTC"
        problems.append(f"{waiting} deliveries wait, and the scheduler has not ticked since {since}: crosspost run")
    if found.ticking is None and waiting:
        problems.append(f"{waiting} deliveries wait, and the scheduler never ran: crosspost run")
    if found.held is not None:
        problems.append(f"{found.held}: nothing is sent before `crosspost resume --after-restore`")
    for one in found.brands:
        if one.needs_person:
            problems.append(
                f"{one.needs_person} deliveries of {one.slug} need a person: crosspost --brand {one.slug} deliveries "
                "list --state needs_person"
            )
        problems += [
            f"{account.network} {account.handle} of {one.slug} is blocked ({account.blocked}): "
            "crosspost account connect"
            for account in one.accounts
            if account.blocked is not None
        ]
        problems += [f"{one.slug}: {sentence}" for sentence in one.ending]
    if found.in_vain:
        problems.append(f"{found.in_vain} notices could not be told: check the mail server or webhook in the settings")
    return problems


@dataclass(slots=True)
class Watch:
    """Tells that the scheduler has not ticked. Called by another process than the scheduler's, every minute or so.

    One late tick is not enough: on a machine that wakes from sleep, whoever is first looks before it ticks.
    """

    store: Store
    tell: Callable[[Notice], None]
    _late_since: datetime | None = None

    def look(self, now: datetime) -> bool:
        """Whether the scheduler is late; tells so once per silence."""
        with self.store.database.read() as connection:
            tick = installation.get(connection, installation.HEARTBEAT)
            told = notices.last_stored(connection, NoticeKind.SCHEDULER)
        if tick is None or (now - tick[1]).total_seconds() <= TICK_LATE_S:
            self._late_since = None
            return False
        first = self._late_since is None
        self._late_since = self._late_since or now
        if not first and (told is None or told < tick[1]):
            text = (
                f"the scheduler has not ticked since {tick[1]:%Y-%m-%d %H:%M} UTC: nothing is published. crosspost run"
            )
            self.tell(Notice(NoticeKind.SCHEDULER, text, now))
        return True
