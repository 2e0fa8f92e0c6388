"""An experiment on a stand-in network: accounts that post at fixed times, and a scheduler on a clock in the hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from crosspost.audit.experiments.design import Design, Kind, schedule
from crosspost.commands.experiments import Started, start
from crosspost.domain.brand import Account
from crosspost.domain.experiment import mondays
from crosspost.domain.ids import new_code, new_id
from crosspost.domain.period import Period
from crosspost.domain.slots import resolve
from crosspost.domain.teaser import Teaser
from crosspost.store import brands, deliveries
from crosspost.store.database import Database
from tests.engine import NOW, Rig

PARIS = ZoneInfo("Europe/Paris")
FIRST = date(2026, 3, 9)  # the clock changes in the third week
SLOTS = ("09:00", "18:30")
NETWORKS = ("mastodon", "bluesky")


def rig_of(database: Database, folder: Path, networks: tuple[str, ...] = NETWORKS, **slots: tuple[str, ...]) -> Rig:
    """A brand in Paris with an account on each network."""
    rig = Rig.make(database, folder, accounts=0)
    with database.write() as connection:
        brands.change(connection, rig.brand_id, zone="Europe/Paris")
    with rig.store.write(rig.brand_id) as scope:
        for network in networks:
            account_id = new_id(NOW)
            rig.account_ids.append(account_id)
            brands.add_account(
                scope,
                Account(
                    account_id, rig.brand_id, network, f"@{network}", "https://stand.in", network,
                    slots.get(network, SLOTS), {}, None, NOW,
                ),
            )  # fmt: skip
    return rig


def design_of(weeks: int = 24, seed: int = 7, networks: tuple[str, ...] = NETWORKS) -> Design:
    return Design(Kind.PAIRED, weeks, networks, seed, block=2, carry_over=1)


def begin(rig: Rig, design: Design, key: str = "spring", first: date = FIRST) -> Started:
    brand = rig.store.brand(rig.brand_id)
    (made,) = start(rig.store, [brand], key, design, first, rig.folder / "h", rig.clock.now(), who="ana")
    return made


def drawn(design: Design, network: str, first: date = FIRST) -> list[tuple[Period, int]]:
    return list(zip(mondays(first, design.weeks, PARIS), schedule(design)[network], strict=True))


def plan_at(rig: Rig, account: int, local: datetime, *, parent_id: str | None = None, approve: bool = True) -> str:
    """A delivery at a wall time in Paris that somebody asked for."""
    code = new_code()
    teaser = Teaser(f"À lire : https://go.example/{code}", f"https://go.example/{code}", "fr")
    with rig.store.write(rig.brand_id) as scope:
        row = deliveries.draft(
            scope, rig.account_ids[account], teaser, code, resolve(local, PARIS), now=rig.clock.now(),
            parent_id=parent_id,
        )  # fmt: skip
        if approve:
            deliveries.approve(scope, row.id, who="ana", now=rig.clock.now())
    return row.id


def plan_weeks(rig: Rig, weeks: int, days: tuple[int, ...] = (0, 2, 6), first: date = FIRST) -> None:
    """The same days of every week at 09:00, on every account, whatever was drawn."""
    for account in range(len(rig.account_ids)):
        for week in range(weeks):
            for day in days:
                plan_at(rig, account, datetime.combine(first + timedelta(weeks=week, days=day), time(9)))


def run_until(rig: Rig, end: datetime) -> None:
    """Tick along the engine's own wishes, an hour at a time at most."""
    while rig.clock.now() < end:
        wish = rig.tick().next_at or end
        rig.clock.idle_until(min(max(wish, rig.clock.now() + timedelta(seconds=1)), end))


def out_by_week(rig: Rig, design: Design) -> Mapping[str, Counter[int]]:
    """How many posts really went out, by account's network and week, from 0."""
    found: dict[str, Counter[int]] = {network: Counter() for network in design.networks}
    for network in design.networks:
        account = rig.account_ids[design.networks.index(network)]
        mine = {row.id for row in rig.all() if row.account_id == account}
        for entry in rig.server.ledger:
            if entry.delivery_id in mine:
                week = next(n for n, (period, _) in enumerate(drawn(design, network)) if entry.at in period)
                found[network][week] += 1
    return found


def monday(week: int, first: date = FIRST) -> datetime:
    """Monday 00:00 in Paris of a week, from 0."""
    return datetime.combine(first + timedelta(weeks=week), time.min, PARIS).astimezone(UTC)
