"""One simulated history: a host with three workers, its clocks, and what strikes them. Time is virtual.

A worker's tasks are greenlets: at every step of a flight (the engine's own probe, and each wait of a request) the
schedule may let another go first, end the worker (SIGKILL), or stop it for a while (SIGSTOP). Who is dead is known as
from a kernel lock: at once and never wrongly. What left a dead worker stays under way.
"""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta
from random import Random
from typing import Any

from benchmarks.simulated_history import ACCOUNTS, BASE, BRAND, Setting, Tally, delivery_of
from benchmarks.simulated_network import Server
from benchmarks.simulated_store import AccountRow, MemoryStore
from benchmarks.simulated_turns import Killed, Turns, Worker
from crosspost.commands import flight
from crosspost.domain.delivery import TERMINAL, Delivery, DeliveryClass, State
from crosspost.domain.windows import BootTime
from crosspost.store import claims, flights
from crosspost.store.flights import Fenced, Held

_SETTLED = TERMINAL | {State.NEEDS_PERSON}


class _Clock:
    """The host's clocks: wall time may be off, boot time only grows, and starts again at a reboot."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._at, self._now = -1.0, BASE

    def now(self) -> datetime:
        at = self._world.t + self._world.offset
        if at != self._at:
            self._at, self._now = at, BASE + timedelta(seconds=at)
        return self._now

    def boot_s(self) -> float:
        world = self._world
        return world.t - world.booted + 5.0 + (world.offset if world.setting.wall_windows else 0.0)

    def boot_id(self) -> str:
        return self._world.boot

    def idle_until(self, instant: datetime) -> None:
        raise AssertionError("the engine does not wait")


class World(Turns):
    def __init__(self, rng: Random, setting: Setting, classes: tuple[DeliveryClass, ...]) -> None:
        super().__init__()
        self.rng, self.setting, self.tally = rng, setting, Tally()
        self.offset, self.booted, self.boot = 0.0, -100_000.0, "boot-0"
        self.clock = _Clock(self)
        self._crash, self._stop = setting.crash, setting.crash + setting.stop
        self._workers = [Worker(f"local.{number}") for number in range(setting.workers)]
        self._births = setting.workers
        self._asked: dict[str, float] = {}
        self._claimed_at: dict[str, float] = {}
        self._mending: set[str] = set()
        accounts = [ACCOUNTS[one] for one in classes]
        rows = [
            delivery_of(one, number, rng.uniform(0, 600), rng, setting)
            for one in classes
            for number in range(setting.per_account)
        ]  # fmt: skip
        self.store = MemoryStore([AccountRow(one) for one in accounts], rows)
        self.store.fresh_first = setting.fresh_first
        self.store.at = lambda: self.t
        self.servers = {ACCOUNTS[one].id: self.make_server(one) for one in classes}
        for server in self.servers.values():
            server.horizon, server.chatter = setting.horizon, setting.chatter
            server.look_faults = setting.look_faults

    def make_server(self, declared: DeliveryClass) -> Server:
        return Server(self, declared, self.setting.faults)

    # time

    def true_now(self) -> datetime:
        return BASE + timedelta(seconds=self.t)

    def step(self, name: str, seconds: float = 0.0) -> None:
        """A point at which the running worker may be ended, stopped, or overtaken."""
        self.tally.steps += 1
        worker = self._current
        assert worker is not None
        chance = self.rng.random()
        if chance < self._crash:
            self._kill(worker)
            raise Killed
        if self.store.writing:
            return
        if chance < self._stop:
            self.tally.pauses += 1
            worker.stopped_until = max(worker.stopped_until, self.t + self.rng.uniform(1.0, self.setting.stop_s))
        if seconds > 0 or worker.stopped_until > self.t:
            self._sleep(worker, seconds)

    # what strikes the host

    def _kill(self, worker: Worker) -> None:
        self.tally.crashes += 1
        worker.alive = False
        for account_id in worker.serving:
            self._ask(account_id, self.rng.uniform(0.5, 60.0))
        self.later(self.rng.uniform(0.5, 60.0), self._birth)

    def _birth(self) -> None:
        self._workers = [one for one in self._workers if one.alive]
        if len(self._workers) < self.setting.workers:
            self._workers.append(Worker(f"local.{self._births}"))
            self._births += 1

    def _jump(self) -> None:
        self.tally.jumps += 1
        self.offset = self.rng.uniform(-3600.0, 3600.0)

    def _outage(self) -> None:
        self.tally.outages += 1
        away = self.rng.uniform(600.0, 3 * 3600.0)
        for worker in self._workers:
            worker.alive = False
        self._workers = []
        if self.rng.random() < 0.5:
            self.boot, self.booted = f"{self.boot}+", self.t + away
        for _ in range(self.setting.workers):
            self.later(away, self._birth)
        for account_id in self.servers:
            self._asked.pop(account_id, None)
            self._ask(account_id, away + self.rng.uniform(1.0, 30.0))

    # the workers

    def _ask(self, account_id: str, seconds: float) -> None:
        at = self.t + seconds
        if self._asked.get(account_id, float("inf")) <= at:
            return
        self._asked[account_id] = at

        def due() -> None:
            if self._asked.get(account_id) == at:
                del self._asked[account_id]
                self._look_after(account_id)

        self.later(seconds, due)

    def _look_after(self, account_id: str) -> None:
        if self._done(account_id):
            return
        rows = self.store.by_account[account_id]
        ready = [one for one in self._workers if one.alive and one.stopped_until <= self.t]
        if not ready:
            self._ask(account_id, self.rng.uniform(5.0, 60.0))
            return
        boot = BootTime(self.clock.boot_id(), self.clock.boot_s())
        for row in rows:
            if row.owner is not None and self._is_dead(row.owner):
                held = Held(row.id, account_id, row.owner, row.epoch, row.state)
                with self.store.write(BRAND) as scope:
                    flights.adopt(scope, [(held, False)], now=self.clock.now(), boot=boot)
        self._mend(account_id)
        if any(row.state is State.BLOCKED for row in rows):
            with self.store.write(BRAND) as scope:
                flights.unblock(scope, now=self.clock.now())
        first = self.rng.choice(ready)
        wanted = (
            [first]
            if self.rng.random() >= self.setting.rivals
            else [first, *(one for one in ready if one is not first)]
        )
        for worker in wanted:
            self._start(worker, account_id)

    def _done(self, account_id: str) -> bool:
        for row in self.store.by_account[account_id]:
            if row.owner is not None or row.state not in _SETTLED:
                return False
        return True

    def _is_dead(self, owner: str) -> bool:
        if self.setting.lease_s is not None:
            return self.t - self._claimed_at.get(owner, self.t) > self.setting.lease_s
        return all(one.id != owner or not one.alive for one in self._workers)

    def serve(self, worker: Worker, account_id: str) -> None:
        try:
            self._serve(worker, account_id)
        except Fenced:
            self._ask(account_id, 1.0)
        worker.serving.pop(account_id, None)

    def _serve(self, worker: Worker, account_id: str) -> None:
        server, setting = self.servers[account_id], self.setting
        while True:
            self.step("before claim", self.rng.random() * 0.1)
            with self.store.write(BRAND) as scope:
                taken = claims.take(
                    scope, account_id, owner=worker.id, now=self.clock.now(),
                    boot=BootTime(self.clock.boot_id(), self.clock.boot_s()), windows=setting.windows,
                    declare=lambda row: server.delivery_class(row.teaser.link_placement),
                )  # fmt: skip
                self.step("before claim commits")
            if taken.flight is None:
                busy = taken.reason == "another delivery of this account is in flight"
                wait = 900.0 if taken.wait_s is None else taken.wait_s * self.rng.uniform(1.0, 1.1)
                self._ask(account_id, self.rng.uniform(5.0, 30.0) if busy else wait + 0.001)
                return
            self._claimed_at[worker.id] = self.t
            self.step("claimed")
            landed = flight.fly(
                taken.flight, server, store=self.store.as_store(), clock=self.clock, windows=setting.windows,
                rng=self.rng, read_image=None, probe=self.step,
            )  # fmt: skip
            if landed is not None:
                with self.store.write(BRAND) as scope:
                    landed.write(scope)
                self.step("recorded")
            if self._done(account_id):
                return

    def _mend(self, account_id: str) -> None:
        """Somebody connects a refused account again, some hours later at the most."""
        account = self.store.accounts[account_id]
        if account.blocked_reason is not None and account_id not in self._mending:
            self._mending.add(account_id)

            def again() -> None:
                self._mending.discard(account_id)
                account.blocked_reason = None
                self._ask(account_id, 1.0)

            self.later(self.rng.uniform(60.0, 4 * 3600.0), again)

    # the run

    def run(self) -> Tally:
        rng = self.rng
        for account_id, rows in self.store.by_account.items():
            self._ask(account_id, min((row.due_at - BASE).total_seconds() for row in rows) + 0.001)
        for _ in range(rng.randrange(self.setting.jumps + 1)):
            self.later(rng.uniform(0.0, 5400.0), self._jump)
        if rng.random() < self.setting.outage:
            self.later(rng.uniform(0.0, 1800.0), self._outage)
        self._go()
        self._judge()
        return self.tally

    def _judge(self) -> None:
        """The store against what the networks really hold."""
        tally = self.tally
        for account_id, rows in self.store.by_account.items():
            server = self.servers[account_id]
            name = server.declared.name
            mine = tally.by_class.setdefault(name, {"needs_person": 0, "duplicates": 0, "deliveries": 0})
            tally.requests += server.requests
            for row in rows:
                posted = sum(one[0] == row.id for one in server.posts)
                tally.deliveries += 1
                mine["deliveries"] += 1
                tally.duplicates += max(0, posted - 1)
                mine["duplicates"] += max(0, posted - 1)
                tally.published += row.state is State.PUBLISHED
                tally.rejected += row.state is State.REJECTED
                tally.missed += row.state is State.MISSED
                if row.state is State.NEEDS_PERSON:
                    tally.needs_person += 1
                    mine["needs_person"] += 1
                if row.state not in _SETTLED or row.owner is not None:
                    tally.stuck += 1
                elif not self._accounted_for(row, posted):
                    tally.lost += 1
                tally.phantoms += row.state is State.PUBLISHED and posted == 0
        tally.trace = zlib.crc32(repr([row.state.value for row in self.store.rows.values()]).encode(), self.store.trace)

    def _accounted_for(self, row: Delivery, posted: int) -> bool:
        """Whether the way it ended is one that its owner was told of, and that is true."""
        if not row.reason:
            return False
        if row.state is State.REJECTED:
            return posted == 0 and row.id in self.servers[row.account_id].refused
        if row.state in (State.MISSED, State.CANCELLED):
            return posted == 0
        return True


def play(seed: int, number: int, setting: Setting, classes: tuple[DeliveryClass, ...]) -> Tally:
    """History `number` of that seed: the same every time. `engine_in_memory` must hold."""
    world: Any = World(Random(seed * 1_000_003 + number), setting, classes)
    tally: Tally = world.run()
    return tally
