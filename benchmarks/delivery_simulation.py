"""The delivery engine in virtual time: many short histories, each from a seed, judged by what the networks hold.

Runs the engine's own rules (crosspost.domain), claims and takeovers (crosspost.store) and flights (commands.flight)
over rows in memory: no database, no process, no HTTP. What those add is the storm's to show (delivery_storm.py).
A history is one host with three workers and one delivery per class. A seed gives the same histories, bit for bit,
on any number of processes: `digest` is a sum over every change each history committed.

    python benchmarks/delivery_simulation.py --histories 200000
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from benchmarks.simulated_history import Setting, Tally
from benchmarks.simulated_store import engine_in_memory
from benchmarks.simulated_world import play
from crosspost.domain.delivery import DeliveryClass

CHUNK = 250
COLLECTED = 16  # histories
ALL = tuple(DeliveryClass)


def simulate(
    histories: Iterable[int], seed: int, setting: Setting | None = None, classes: tuple[DeliveryClass, ...] = ALL
) -> dict[str, Any]:
    """Play these histories; sums of their tallies, a digest, and which of them went wrong."""
    total, digest, wrong = Tally(), 0, []
    setting = setting or Setting()
    with engine_in_memory(), _garbage_by_hand():
        for done, number in enumerate(histories, 1):
            one = play(seed, number, setting, classes)
            if one.duplicates or one.phantoms or one.lost or one.stuck:
                wrong.append(number)
            digest += int.from_bytes(hashlib.sha256(f"{number}/{one.trace}/{one.steps}".encode()).digest()[:8])
            merge(total, one)
            if done % COLLECTED == 0:
                gc.collect()
    found = asdict(total)
    del found["trace"]
    return {**found, "digest": digest % 2**64, "wrong": wrong}


@contextmanager
def _garbage_by_hand() -> Iterator[None]:
    """Collect what a few histories left, and never look at what was there before: their memory is used again while it
    is still in the processor's cache."""
    usual = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        if usual:
            gc.enable()


def merge(total: Tally, one: Tally) -> None:
    for name in Tally.__slots__:
        if name not in ("by_class", "trace"):
            setattr(total, name, getattr(total, name) + getattr(one, name))
    for name, counts in one.by_class.items():
        mine = total.by_class.setdefault(name, dict.fromkeys(counts, 0))
        for what, count in counts.items():
            mine[what] += count


def add(total: dict[str, Any], part: dict[str, Any]) -> None:
    """Put the result of a chunk to the sum."""
    for name, value in part.items():
        if name == "by_class":
            mine = total.setdefault(name, {})
            for declared, counts in value.items():
                kept = mine.setdefault(declared, dict.fromkeys(counts, 0))
                for what, count in counts.items():
                    kept[what] += count
        elif name == "wrong":
            total[name] = sorted(total.get(name, []) + value)
        else:
            total[name] = total.get(name, 0) + value
    total["digest"] %= 2**64


def _chunk(given: tuple[int, int, int, tuple[DeliveryClass, ...]]) -> dict[str, Any]:
    first, last, seed, classes = given
    return simulate(range(first, last), seed, classes=classes)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--histories", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first history: to replay one")
    parser.add_argument("--classes", nargs="+", choices=[one.name for one in ALL], default=[one.name for one in ALL])
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    given = parser.parse_args()
    classes = tuple(DeliveryClass[name] for name in given.classes)
    last = given.first + given.histories
    chunks = [(at, min(at + CHUNK, last), given.seed, classes) for at in range(given.first, last, CHUNK)]
    began = time.monotonic()
    total: dict[str, Any] = {}
    with multiprocessing.get_context("fork").Pool(given.processes) as pool:
        for done, part in enumerate(pool.imap_unordered(_chunk, chunks), 1):
            add(total, part)
            if done % 40 == 0:
                print(f"{done * CHUNK:,} histories, {time.monotonic() - began:.0f} s", file=sys.stderr)
    wrong = total.pop("wrong")
    result = {
        "histories": given.histories, "seed": given.seed, "classes": given.classes, **total,
        "wrong": wrong[:10], "digest": f"{total['digest']:016x}", "processes": given.processes,
        "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip
    print(json.dumps(result))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
