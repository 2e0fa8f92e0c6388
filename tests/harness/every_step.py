"""One delivery, one fault, one death: each cell of the matrix, and what must come of it.

`expected` is written from the promises in docs/deliveries.md, not from the engine: it knows what was sent, what was
recorded, and what the class allows to be found out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from benchmarks.simulated_history import Setting
from benchmarks.simulated_network import Server
from benchmarks.simulated_turns import Killed
from benchmarks.simulated_world import World
from crosspost.domain.delivery import Delivery, DeliveryClass, State

# In the order in which a flight passes them. "connect" to "waiting" are within the adapter: a byte leaves in between.
STEPS = (
    "before claim",
    "before claim commits",
    "claimed",
    "before request",
    "connect",
    "handle kept",
    "waiting",
    "answered",
    "before outcome commits",
    "recorded",
)
FAULTS = (
    None, "not sent", "later", "token", "refused", "lost before", "lost after", "hang after", "held", "slow commit",
    "empty", "bug",
)  # fmt: skip
CLEAN = ("not sent", "later", "token")  # proof that nothing was done: it is tried again
APPLIED = (None, "lost after", "hang after", "held", "slow commit", "empty", "bug")  # the post appears, sooner or later
ANSWERED = (None, *CLEAN, "refused")  # the outcome is known to the worker, if it lives to record it
LOSSY = STEPS[2:9]  # a death here leaves a claim without an outcome
AFTER_REQUEST = STEPS[6:9]


@dataclass(frozen=True)
class Cell:
    declared: DeliveryClass
    marked: bool  # whether the post carries its link
    fault: str | None  # of the first request
    kill: str | None  # the step at which a worker dies…
    time: int  # …when it is passed for this time
    workers: int

    def __str__(self) -> str:
        mark = "" if self.marked else " unmarked"
        return f"{self.declared.name}{mark}, {self.fault}, {self.kill} #{self.time}, {self.workers} workers"


@dataclass(frozen=True)
class Outcome:
    state: State
    posts: int
    resent: bool  # whether the network was asked to publish more than once


def cells() -> Iterator[Cell]:
    kills: list[tuple[str | None, int]] = [(None, 1), *itertools.product(STEPS, (1, 2))]
    kinds = [(one, True) for one in DeliveryClass] + [(DeliveryClass.READABLE, False)]
    for (declared, marked), fault, (kill, time), workers in itertools.product(kinds, FAULTS, kills, (1, 2)):
        yield Cell(declared, marked, fault, kill, time, workers)


def expected(cell: Cell) -> tuple[State, int]:
    """The state it must end in, and how many posts the network must hold."""
    can_be_found = cell.declared is not DeliveryClass.BLIND and cell.marked
    lost_in = _flight_that_dies(cell)
    if lost_in is None and cell.fault == "refused":
        return State.REJECTED, 0
    if can_be_found:
        # Where a repeat waits for the proof that nothing is there, its refusal is as definite as a first one's.
        proven = cell.declared is DeliveryClass.READABLE and cell.kill in ("claimed", "before request")
        return (State.REJECTED, 0) if proven and cell.fault == "refused" else (State.PUBLISHED, 1)
    if lost_in is not None:
        # Its outcome died with the worker: whatever it was, only a person may decide.
        fault = cell.fault if lost_in == 0 else None
        return State.NEEDS_PERSON, int(cell.kill in AFTER_REQUEST and fault in APPLIED)
    if cell.fault in ANSWERED:
        return State.PUBLISHED, 1
    return State.NEEDS_PERSON, int(cell.fault in APPLIED)


def _flight_that_dies(cell: Cell) -> int | None:
    """Which sending (0, 1) of a delivery that is sent until its outcome is unclear has no recorded end."""
    if cell.kill not in LOSSY:
        return None
    left = cell.time
    for number, fault in enumerate((cell.fault, None) if cell.fault in CLEAN else (cell.fault,)):
        passed = cell.kill not in ("waiting", "handle kept") or (
            fault != "not sent" and (cell.kill == "waiting" or cell.declared is DeliveryClass.HANDLE)
        )
        if cell.kill == "handle kept" and number > 0 and cell.fault != "not sent":
            passed = False  # the second sending has its handle already
        left -= passed
        if passed and left == 0:
            return number
    return None


class _Scripted(Server):
    fault: str | None = None

    def choose_fault(self) -> str | None:
        fault, self.fault = self.fault, None
        return fault


class _OneDeath(World):
    """Everything goes as the cell says; time still passes by chance."""

    def __init__(self, cell: Cell) -> None:
        self.cell, self.passed = cell, 0
        setting = Setting(
            workers=cell.workers, rivals=1.0, crash=0.0, stop=0.0, jumps=0, outage=0.0, look_faults=0.0,
            placement="text" if cell.marked else "none", late_misses=0.0,
        )  # fmt: skip
        super().__init__(Random(7), setting, (cell.declared,))

    def make_server(self, declared: DeliveryClass) -> Server:
        server = _Scripted(self, declared)
        server.fault = self.cell.fault
        return server

    def step(self, name: str, seconds: float = 0.0) -> None:
        if name == self.cell.kill:
            self.passed += 1
            if self.passed == self.cell.time:
                assert self._current is not None
                self._kill(self._current)
                raise Killed
        super().step(name, seconds)


def play(cell: Cell) -> tuple[Delivery, Server]:
    world = _OneDeath(cell)
    world.run()
    (row,) = world.store.rows.values()
    (server,) = world.servers.values()
    return row, server
