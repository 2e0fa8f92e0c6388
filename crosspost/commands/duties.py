"""The scheduler's duties, as functions of `now` that answer when they next have something to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from crosspost.commands.collect import collect
from crosspost.commands.deliver import Deliverer, heartbeat
from crosspost.commands.efforts import ask
from crosspost.commands.fold import fold
from crosspost.commands.monthly import MONTHLY_EVERY_S, Monthly
from crosspost.commands.plan import Planner
from crosspost.commands.purge import PURGE_EVERY_S, purge
from crosspost.commands.radar import look
from crosspost.commands.read import read_due
from crosspost.commands.refresh import Renewer
from crosspost.commands.tell import Teller
from crosspost.commands.visits import FORGET_EVERY_S, fold_visits, forget_visitors
from crosspost.domain.brand import Account
from crosspost.domain.notice import Notice
from crosspost.networks.network import Network
from crosspost.outside.http import Outbound
from crosspost.secret import Secret
from crosspost.store import articles
from crosspost.store.store import Store

log = logging.getLogger(__name__)

Duty = tuple[str, float, Callable[[datetime], datetime | None]]  # name, seconds between two runs, what is run


@dataclass(frozen=True, slots=True)
class Duties:
    """`wait` makes a round of deliveries end before the next duty starts: a virtual clock moves between rounds."""

    store: Store
    deliverer: Deliverer
    planner: Planner
    open_account: Callable[[Account], Network]
    outbound: Outbound
    hits_dir: Path
    visits_dir: Path
    salts_dir: Path
    tick_s: float
    feed_every_s: float
    wait: bool
    teller: Teller | None = None
    person_key: Callable[[str], Secret] | None = None  # by a brand's id
    renewer: Renewer | None = None
    monthly: Monthly | None = None

    def all(self) -> list[Duty]:
        duties: list[Duty] = [
            ("deliver", self.tick_s, self.deliver),
            ("read", 10.0, self.read),
            ("collect", 15.0, self.collect),
            ("fold", 5.0, self.fold),
        ]
        # A rehearsal's hours pass in milliseconds: nobody could tell from its heartbeat that it is alive.
        # And nothing a rehearsal's sandbox told is under any network's rules.
        real: list[Duty] = [
            ("heartbeat", 60.0, self.heartbeat),
            ("tell", 5.0, self.tell),
            ("renew", 60.0, self.renew),
            ("radar", 600.0, self.radar),
            ("hours", 600.0, self.hours),
            ("reports", MONTHLY_EVERY_S, self.reports),
            ("purge", PURGE_EVERY_S, self.purge),
            ("visits", 30.0, self.visits),
            ("forget", FORGET_EVERY_S, self.forget),
        ]
        return duties if self.wait else [*duties, *real]

    def once(self, now: Callable[[], datetime]) -> dict[str, datetime | None]:
        """One round of every duty, and when each has something to do next. What is being sent ends within it."""
        upcoming = {}
        for name, _, duty in self.all():
            upcoming[name] = self.deliverer.tick(now(), wait=True).next_at if name == "deliver" else duty(now())
        return upcoming

    def deliver(self, now: datetime) -> datetime | None:
        return self.deliverer.tick(now, wait=self.wait).next_at

    def read(self, now: datetime) -> datetime | None:
        """Read the sources that are due, and plan what is new: as drafts, unless the brand publishes by itself."""
        upcoming: list[datetime] = []
        for brand in self.store.brands():
            reports = read_due(self.store, brand, self.outbound, now, self.feed_every_s)
            for report in reports:
                if report.failed:
                    log.warning("a source of %s could not be read: %s", brand.slug, report.failed)
            if any(item.decision.value == "new" for report in reports for item in report.items):
                for title, where, why in self.planner.plan(brand, now).problems:
                    log.warning("not planned: %s on %s: %s", title, where, why)
            with self.store.read(brand.id) as scope:
                upcoming += [one.next_read_at for one in articles.sources(scope) if one.next_read_at is not None]
        return min(upcoming, default=None)

    def collect(self, now: datetime) -> datetime | None:
        upcoming = []
        for brand in self.store.brands():
            report = collect(
                self.store, brand, self.open_account, now, self.deliverer.locks, notify=self._tell,
                key=partial(self.person_key, brand.id) if self.person_key else None,
            )  # fmt: skip
            for problem in report.problems:
                log.warning("metrics of %s: %s", brand.slug, problem)
            if report.next_at is not None:
                upcoming.append(report.next_at)
        return min(upcoming, default=None)

    def _tell(self, notice: Notice) -> None:
        log.warning("%s: %s", notice.kind.value, notice.text)
        if self.teller is not None:
            self.teller.tell(notice)

    def fold(self, now: datetime) -> None:
        fold(self.store, self.hits_dir, now)

    def visits(self, now: datetime) -> None:
        """Fold the visits' log. A rehearsal does so at its end: nobody looks before."""
        fold_visits(self.store, self.visits_dir, now)

    def forget(self, now: datetime) -> None:
        """Wipe the salts of days that are over, and forget their visitors."""
        forget_visitors(self.store, self.salts_dir, now)

    def heartbeat(self, now: datetime) -> None:
        heartbeat(self.store, now)

    def purge(self, now: datetime) -> None:
        """Delete what the networks' rules say must go, and what readers left and its time is over."""
        locks = None if self.monthly is None else self.monthly.locks
        report = purge(self.store, now, hits_dir=self.hits_dir, locks=locks)
        for problem in report.problems:
            log.warning("purge: %s", problem)

    def tell(self, now: datetime) -> None:
        """Bring what waits to people: apart from deliveries, so that a slow mail server delays none."""
        if self.teller is not None:
            self.teller.send(now)

    def renew(self, now: datetime) -> None:
        """Renew the tokens that end soon and that nobody uses."""
        if self.renewer is not None:
            self.renewer.due(now)

    def radar(self, now: datetime) -> None:
        """Tell of connections that end."""
        if self.teller is not None:
            look(self.store, self.teller.tell, now)

    def hours(self, now: datetime) -> None:
        """Ask for last week's hours where the owner wants it."""
        if self.teller is not None:
            ask(self.store, self.teller.tell, now)

    def reports(self, now: datetime) -> None:
        """Keep the reports of the month that is over."""
        if self.monthly is not None and self.teller is not None:
            self.monthly.due(self.teller.tell, now)
