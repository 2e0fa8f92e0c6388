"""Real processes, a real database, the real sandbox over HTTP; workers are killed as fast as they deliver.

Workers are forked from a parent that has already imported everything and compiled every statement, run the engine as
`crosspost run` does, and are struck at random: SIGKILL, or one time in ten SIGSTOP and later SIGCONT. A kill is counted
when the kernel reports it (wait status). Publishing requests meet 30 % faults. At the end everything is drained without
kills, and the sandbox's ledger is compared with the store.

    python benchmarks/delivery_storm.py --deliveries 10000 [--database postgresql://…]
"""

from __future__ import annotations

import argparse
import gc
import heapq
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any, NoReturn

from sqlalchemy import text

from benchmarks.quiet import quiet
from benchmarks.storm_stage import HELD_S, LAG_S, WINDOWS, Stage, judge, open_deliveries, set_stage
from crosspost.clock import SystemClock
from crosspost.commands.deliver import Deliverer
from crosspost.commands.flight import no_probe
from crosspost.commands.workers import become_worker
from crosspost.domain.brand import Brand
from crosspost.domain.errors import CrosspostError
from crosspost.domain.windows import Windows
from crosspost.sandbox.running import Sandbox
from crosspost.store.database import Database
from crosspost.store.store import Store

POLL_S = 0.5
LONGEST_STOP_S = 0.5
IDLE_S = 0.03
KILLS_PER_DELIVERY = 1.02
THREADS = 2  # accounts that one worker serves side by side
IN_MEMORY = Path("/dev/shm")  # death by signal needs no disk, and a shared one would set the pace


class OneBrandAtATime(Store):
    """Each tick sees one brand, by chance: a worker that lives for moments would else always begin at the first."""

    def __init__(self, database: Database, every: list[Brand], rng: Random) -> None:
        super().__init__(database)
        self._every, self._rng = every, rng

    def brands(self) -> list[Brand]:
        return [self._rng.choice(self._every)]


def deliver_for_ever(stage: Stage, seed: str, windows: Windows) -> NoReturn:
    """A worker's life, in a forked child."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    gc.disable()  # what a life of a moment leaves behind goes with it
    rng = Random(seed)
    store = OneBrandAtATime(stage.store.database, stage.brands, rng)
    ownership = become_worker(store, stage.folder)
    clock = SystemClock()
    deliverer = Deliverer(
        store, clock, stage.connector().open, ownership, windows=windows, rng=rng, workers=THREADS
    )  # fmt: skip
    while True:
        try:
            report = deliverer.tick(clock.now(), wait=True)
        except Exception as error:
            print(f"a tick failed: {type(error).__name__}: {error}", file=sys.stderr)
            report = None
        if report is None or report.accounts == 0:
            time.sleep(IDLE_S)


@dataclass
class Storm:
    """The parent: keeps `workers` children alive and strikes them."""

    stage: Stage
    seed: int
    workers: int
    windows: Windows = WINDOWS
    per_delivery: float = KILLS_PER_DELIVERY
    child: Callable[[Stage, str, Windows], NoReturn] = deliver_for_ever
    kills: int = 0
    stops: int = 0
    other_ends: int = 0
    born: int = 0
    alive: list[int] = field(default_factory=list)
    _stopped: list[tuple[float, int]] = field(default_factory=list)
    _told: int = -1
    _counter: int = -1

    def fork(self) -> None:
        self.born += 1
        name = f"{self.seed}/{self.born}"
        pid = os.fork()
        if pid == 0:
            try:
                self.child(self.stage, name, self.windows)
            finally:
                os._exit(70)
        self.alive.append(pid)

    def reap(self, pid: int) -> None:
        _, status = os.waitpid(pid, 0)
        self.alive.remove(pid)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        self.kills += killed
        self.other_ends += not killed

    def strike(self, rng: Random) -> None:
        """One worker, by chance: ended for good nine times in ten, paused once."""
        pid = rng.choice(self.alive)
        if rng.random() < 0.1:
            self.stops += 1
            os.kill(pid, signal.SIGSTOP)
            heapq.heappush(self._stopped, (time.monotonic() + rng.uniform(0.02, LONGEST_STOP_S), pid))
            return
        os.kill(pid, signal.SIGKILL)
        self.reap(pid)
        self.fork()

    def wake(self) -> None:
        while self._stopped and self._stopped[0][0] <= time.monotonic():
            _, pid = heapq.heappop(self._stopped)
            if pid in self.alive:
                os.kill(pid, signal.SIGCONT)

    def rage(self, count: int, deadline: float) -> None:
        """Strike until everything has come to an end, at such a pace that kills keep ahead of deliveries.

        The pace follows from what is asked for a delivery: a life that is too short delivers nothing, and waiting
        for kills alone shows nothing.
        """
        rng = Random(f"{self.seed}/strikes")
        mean = 0.005
        while time.monotonic() < deadline:
            time.sleep(min(0.2, rng.expovariate(1 / mean)))
            self.wake()
            self.strike(rng)
            if (left := self.told_left()) is None:
                continue
            if left == 0 and self.kills >= count:
                return
            done = count - left
            mean = max(0.002, mean * 0.7) if self.kills < done * self.per_delivery + 20 else min(0.05, mean * 1.25)

    def count_apart(self) -> None:
        """A process of its own counts what is open: the parent must not wait for a lock that a stopped worker holds."""
        self._told, write = os.pipe()
        os.set_blocking(self._told, False)
        parent = os.getpid()
        self._counter = os.fork()
        if self._counter == 0:
            self.stage.store.database.engine.dispose(close=False)
            while os.getppid() == parent:
                with suppress(CrosspostError):
                    os.write(write, open_deliveries(self.stage).to_bytes(8))
                time.sleep(POLL_S)
            os._exit(0)
        os.close(write)

    def told_left(self) -> int | None:
        """The newest count of open deliveries, None when there is no new one."""
        try:
            told = os.read(self._told, 4096)
        except BlockingIOError:
            return None
        return int.from_bytes(told[-8:])

    def calm(self) -> None:
        """Let every stopped worker go on."""
        for _, pid in self._stopped:
            if pid in self.alive:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        self._stopped.clear()

    def drain(self, patience_s: float) -> None:
        """No more strikes: until nothing is open, or nothing has moved for so long."""
        self.calm()
        left, moved = -1, time.monotonic()
        while left != 0 and time.monotonic() - moved < patience_s:
            time.sleep(0.1)
            if (told := self.told_left()) is not None and told != left:
                left, moved = told, time.monotonic()

    def end(self) -> None:
        self.calm()
        for pid in [*self.alive, self._counter]:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)
        os.close(self._told)
        self.alive.clear()


class Ended(BaseException):
    """A worker of the warm-up ends here."""


def warm_up(stage: Stage) -> None:
    """Deliver for a brand of its own, so that children inherit imports and compiled statements.

    The first worker ends between request and record: the second one takes over, and looks.
    """
    clock = SystemClock()
    store = OneBrandAtATime(stage.store.database, [stage.warm], Random(0))

    def end(step: str) -> None:
        if step == "answered":
            raise Ended

    for probe, seconds in ((end, 0.0), (no_probe, 2.0)):
        ownership = become_worker(store, stage.folder)
        one = Deliverer(store, clock, stage.connector().open, ownership, windows=WINDOWS, workers=2, probe=probe)
        until = time.monotonic() + seconds
        with suppress(Ended):
            one.tick(clock.now(), wait=True)
        while time.monotonic() < until:
            one.tick(clock.now(), wait=True)
            time.sleep(0.05)
        one.close()
        ownership.release()
    stage.store.database.close()  # a connection that is open at a fork would be shared; compiled statements may be


def integrity(database: Database) -> str:
    if database.dialect != "sqlite":
        return "not SQLite"
    with database.read() as connection:
        return str(connection.execute(text("PRAGMA integrity_check")).scalar_one())


def storm(
    count: int,
    *,
    url: str | None = None,
    workers: int = 6,
    seed: int = 1,
    windows: Windows = WINDOWS,
    per_delivery: float = KILLS_PER_DELIVERY,
    longest_s: float = 1800.0,
    prepare: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Set the stage, let the storm rage, drain, compare. `prepare` runs before the first worker is forked."""
    parent = IN_MEMORY if IN_MEMORY.is_dir() else None
    with (
        quiet(),
        tempfile.TemporaryDirectory(prefix="crosspost-storm-", dir=parent) as name,
        Sandbox(seed=seed, process=True) as sandbox,
    ):
        folder = Path(name)
        began = time.monotonic()
        stage = set_stage(sandbox, url or f"sqlite:///{folder / 'crosspost.db'}", folder, count, seed)
        set_up = time.monotonic() - began
        if prepare is not None:
            prepare()
        warm_up(stage)
        stage.install_faults()
        sandbox._control.close()
        gc.collect()
        gc.freeze()
        began = time.monotonic()
        raging = Storm(stage, seed, workers, windows, per_delivery)
        raging.count_apart()
        try:
            for _ in range(workers):
                raging.fork()
            raging.rage(count, began + longest_s)
            raged = time.monotonic() - began
            sandbox_faults = sum(one["struck"] for one in sandbox.faults())
            sandbox.clear_faults()
            sandbox._control.close()
            raging.drain(patience_s=20.0)
        finally:
            raging.end()
            gc.unfreeze()
        seconds = time.monotonic() - began
        time.sleep(HELD_S)  # the last held requests
        found = judge(stage)
        sound = integrity(stage.store.database)
        dialect = stage.store.database.dialect
        stage.store.database.close()
    return {
        "deliveries": count, **found, "kills": raging.kills, "stops": raging.stops, "ends_unasked": raging.other_ends,
        "kill_every_ms": round(1000 * raged / max(1, raging.kills), 1), "faults_struck": sandbox_faults,
        "workers": workers, "accounts": stage.accounts, "database": dialect,
        "integrity": sound, "folder": str(folder.parent), "seed": seed, "set_up_seconds": round(set_up, 1),
        "raging_seconds": round(raged, 1),
        "seconds": round(seconds, 1), "longest_held_s": HELD_S, "longest_list_lag_s": LAG_S,
        "longest_stop_s": LONGEST_STOP_S, "windows": asdict(windows),
    }  # fmt: skip


def passed(result: dict[str, Any]) -> bool:
    """Whether the run shows what it is to show."""
    clean = all(result[name] == 0 for name in ("duplicates", "phantoms", "lost", "stuck", "ends_unasked"))
    enough = result["kills"] >= result["deliveries"] and result["needs_person_readable_percent"] <= 1.5
    return clean and enough and result["integrity"] in ("ok", "not SQLite")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--deliveries", type=int, default=1000)
    parser.add_argument("--database", help="URL of an empty database; default: SQLite in a temporary folder")
    parser.add_argument("--workers", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills-per-delivery", type=float, default=KILLS_PER_DELIVERY)
    given = parser.parse_args()
    result = storm(
        given.deliveries, url=given.database, workers=given.workers, seed=given.seed,
        per_delivery=given.kills_per_delivery,
    )  # fmt: skip
    print(json.dumps(result))
    return 0 if passed(result) else 1


if __name__ == "__main__":
    sys.exit(main())
