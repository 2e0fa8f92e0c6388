"""A delivery engine on a stand-in network and a clock in the hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from crosspost.commands.deliver import Deliverer, TickReport
from crosspost.commands.flight import no_probe
from crosspost.commands.workers import become_worker
from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.delivery import Attempt, Delivery, DeliveryClass, LatePolicy, State
from crosspost.domain.ids import new_code, new_id
from crosspost.domain.notice import Notice
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Teaser
from crosspost.domain.windows import Windows
from crosspost.networks.network import Network
from crosspost.ownership import Ownership
from crosspost.store import brands, deliveries
from crosspost.store.database import Database
from crosspost.store.store import Store
from tests.stand_in import Adapter, StandIn

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class HandClock:
    """Wall and boot time that move only when told."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at, self.s, self.boot = at, 100_000.0, "boot-1"

    def now(self) -> datetime:
        return self.at

    def boot_s(self) -> float:
        return self.s

    def boot_id(self) -> str:
        return self.boot

    def idle_until(self, instant: datetime) -> None:
        self.advance(max(0.0, (instant - self.at).total_seconds()))

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.s += seconds

    def jump(self, seconds: float) -> None:
        """The wall clock is set; no time passes."""
        self.at += timedelta(seconds=seconds)

    def reboot(self, *, down_s: float = 60.0) -> None:
        self.at += timedelta(seconds=down_s)
        self.s, self.boot = 5.0, f"{self.boot}+"


@dataclass
class Rig:
    """One brand with accounts on one stand-in network."""

    store: Store
    folder: Path
    server: StandIn = field(default_factory=StandIn)
    clock: HandClock = field(default_factory=HandClock)
    windows: Windows = field(default_factory=Windows)
    probe: Callable[[str], None] = no_probe
    open: Callable[[Account], Network] | None = None
    notices: list[Notice] = field(default_factory=list)
    brand_id: str = ""
    account_ids: list[str] = field(default_factory=list)
    workers: list[tuple[Deliverer, Ownership]] = field(default_factory=list)

    @classmethod
    def make(
        cls,
        database: Database,
        folder: Path,
        delivery_class: DeliveryClass = DeliveryClass.READABLE,
        *,
        accounts: int = 1,
        windows: Windows | None = None,
    ) -> Rig:
        rig = cls(Store(database), folder)
        rig.server.delivery_class, rig.server.clock = delivery_class, rig.clock.now
        rig.windows = windows or rig.windows
        rig.brand_id = new_id(NOW)
        with database.write() as connection:
            brands.add(
                connection,
                Brand(rig.brand_id, rig.brand_id, "Atelier", "UTC", "fr", "EUR", LinkMode.DIRECT, None, False, NOW),
            )
        with rig.store.write(rig.brand_id) as scope:
            for number in range(accounts):
                account_id = new_id(NOW)
                rig.account_ids.append(account_id)
                brands.add_account(
                    scope,
                    Account(
                        account_id, rig.brand_id, "standin", f"@{number}", "https://stand.in", str(number), (), {},
                        None, NOW,
                    ),
                )  # fmt: skip
        return rig

    def plan(
        self,
        *,
        in_s: float = 0.0,
        account: int = 0,
        placement: str = "text",
        late_policy: LatePolicy = LatePolicy.PUBLISH,
        window_s: int = 21_600,
        approve: bool = True,
        parent_id: str | None = None,
    ) -> str:
        code = new_code()
        at = self.clock.now() + timedelta(seconds=in_s)
        link = f"https://go.example/{code}"
        teaser = Teaser(f"À lire : {link}" if placement == "text" else f"À lire {code}", link, "fr", placement)
        with self.store.write(self.brand_id) as scope:
            row = deliveries.draft(
                scope, self.account_ids[account], teaser, code, Due(at, at.isoformat(), "UTC"), now=self.clock.now(),
                late_policy=late_policy, window_s=window_s, parent_id=parent_id,
            )  # fmt: skip
            if approve:
                deliveries.approve(scope, row.id, who="ana", now=self.clock.now())
        return row.id

    def worker(self, *, workers: int = 4, probe: Callable[[str], None] | None = None) -> Deliverer:
        ownership = become_worker(self.store, self.folder)
        deliverer = Deliverer(
            self.store, self.clock, self.open or self.adapter, ownership, windows=self.windows, rng=Random(1),
            notify=self.notices.append, probe=probe or self.probe, workers=workers,
        )  # fmt: skip
        self.workers.append((deliverer, ownership))
        return deliverer

    def adapter(self, account: Account) -> Network:
        return Adapter(self.server)

    def die(self, deliverer: Deliverer) -> None:
        """The worker's process ends: nothing more is written, and the kernel frees its lock."""
        for one, ownership in self.workers:
            if one is deliverer:
                one.close()
                ownership.release()

    def close(self) -> None:
        for deliverer, ownership in self.workers:
            deliverer.close()
            ownership.release()

    def tick(self, deliverer: Deliverer | None = None) -> TickReport:
        if deliverer is None:
            deliverer = self.workers[-1][0] if self.workers else self.worker()
        return deliverer.tick(self.clock.now(), wait=True)

    def run(self, *, most: int = 60) -> list[State]:
        """Tick along the engine's own wishes until it has none; the states of all deliveries by then."""
        for _ in range(most):
            report = self.tick()
            if report.next_at is None:
                break
            self.clock.idle_until(report.next_at + timedelta(milliseconds=1))
        return [row.state for row in self.all()]

    def all(self) -> list[Delivery]:
        with self.store.read(self.brand_id) as scope:
            return deliveries.listed(scope)

    def get(self, delivery_id: str) -> Delivery:
        with self.store.read(self.brand_id) as scope:
            return deliveries.get(scope, delivery_id)

    def attempts(self, delivery_id: str) -> list[Attempt]:
        with self.store.read(self.brand_id) as scope:
            return deliveries.attempts(scope, delivery_id)
