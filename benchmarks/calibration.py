"""Whether the audits err as seldom as they say: each in worlds whose truth is known, many of each kind.

    python benchmarks/calibration.py --worlds 2000 --jobs 2 --out reports/calibration/calibration.json
    python benchmarks/calibration.py --table reports/calibration/calibration.json --into docs/calibration.md

For each audit: `false_verdicts` is the largest share of false verdicts in any kind of world; `coverage` the smallest
share of 95 % intervals that hold the true figure; `width_ratio` the largest ratio, where the size was planned for, of
the median interval's width to an oracle's that knows the noise; `right_verdicts` the smallest share of right verdicts
beyond or short of what its size was `promised`. These are held against 5 %, 93.5 %, 1.25 and the promise.

`failing` lists what chance does not explain: verdicts beyond three standard errors of so many worlds (of a share of
5 % it is `simulation_error`), and coverage beyond three of 95 %, which is nothing from 2,000 worlds on. `passes` says
that it is empty. `allowed` lists what is beyond the bound itself and by no more than that; `passes_strictly` says that
both are empty. `naive before/after` is Welch's interval on the same worlds; it is there to fail.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shlex
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import calibration_counting, calibration_observed, calibration_table, calibration_weeks
from benchmarks.calibration_ledgers import Seen, World
from crosspost.audit.estimate import LEVEL
from crosspost.audit.results import Verdict

MOST_FALSE, LEAST_COVERAGE, MOST_WIDTH = 0.05, 0.935, 1.25
LEAST_INTERVALS = 0.5  # of runs that must have an interval for its coverage and width to be asked
NAIVE = "naive before/after"


@cache
def audits() -> dict[str, list[World]]:
    found = dict((*calibration_counting.AUDITS, *calibration_observed.AUDITS))
    found |= {name: make() for name, make in calibration_weeks.AUDITS}
    return dict(sorted(found.items(), key=lambda one: (one[0][0], int(one[0].split()[0][1:]), one[0])))


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of one kind of world. Shares of `worlds`; None where it is not asked."""

    world: str
    worlds: int
    false_verdicts: float
    right_verdicts: float
    promised: float | None
    intervals: float
    coverage: float | None
    width_ratio: float | None


def run(audit: str, world: World, worlds: int, seed: int, *, naive: bool = False) -> Kept:
    """So many worlds of a kind, each from a seed of its own that no other kind or audit changes."""
    look = world.naive if naive and world.naive is not None else world.look
    key = zlib.crc32(f"{audit}/{world.name}".encode())
    return summary(world, [look(np.random.default_rng([seed, key, number])) for number in range(worlds)])


def summary(world: World, found: Sequence[Seen]) -> Kept:
    n = len(found)
    wrong, right = (Verdict.REFUTED, Verdict.SUPPORTED) if world.claim else (Verdict.SUPPORTED, Verdict.REFUTED)
    told = [(one.value, one.low, one.high, (world.value or 0.0) if one.true is None else one.true) for one in found
            if one.value is not None and one.low is not None and one.high is not None
            and math.isfinite(one.low) and math.isfinite(one.high)]  # fmt: skip
    asked = world.value is not None and len(told) >= LEAST_INTERVALS * n
    return Kept(
        world.name, n,
        sum(one.verdict is wrong for one in found) / n,
        sum(one.verdict is right for one in found) / n,
        world.promised,
        len(told) / n,
        sum(low - 1e-9 <= true <= high + 1e-9 for _, low, high, true in told) / len(told) if asked else None,
        _width(world, np.array(told)) if asked and world.promised is not None else None,
    )  # fmt: skip


def _width(world: World, told: np.ndarray) -> float | None:
    """The median width over the oracle's; infinite where the estimates never differ and the oracle is not told."""
    if world.log:
        told = np.log(told[(told[:, :3] > 0).all(axis=1), :3])
    width = float(np.median(told[:, 2] - told[:, 1]))
    low, high = np.quantile(told[:, 0], [0.025, 0.975])
    oracle = world.oracle if world.oracle is not None else float(high - low)
    return width / oracle if oracle > 0 else math.inf


def verdict_of(kept: Sequence[Kept]) -> dict[str, Any]:
    """The worst over the kinds of worlds, and what does not pass."""
    n = min(one.worlds for one in kept)
    failing: list[str] = []
    allowed: list[str] = []
    for one in kept:
        for beyond, allowance, told in _held(one):
            if beyond > 1e-12:
                (failing if beyond > allowance else allowed).append(f"{one.world}: {told}")
    sized = [(one.right_verdicts - one.promised, one) for one in kept if one.promised is not None]
    worst = min(sized, key=lambda pair: pair[0])[1]
    covered = [one.coverage for one in kept if one.coverage is not None]
    widths = [one.width_ratio for one in kept if one.width_ratio is not None]
    return {
        "false_verdicts": max(one.false_verdicts for one in kept),
        "coverage": min(covered) if covered else None,
        "right_verdicts": worst.right_verdicts,
        "worlds": sum(one.worlds for one in kept),
        "promised": worst.promised,
        "width_ratio": round(max(widths), 3) if widths else None,
        "simulation_error": round(_error(MOST_FALSE, n), 4),
        "passes": not failing,
        "passes_strictly": not failing and not allowed,
        "failing": failing,
        "allowed": allowed,
    }


def _held(one: Kept) -> Iterator[tuple[float, float, str]]:
    """(how far beyond its bound, how far it may be by chance, in words) of all that is asked of a kind of world."""
    n = one.worlds
    yield one.false_verdicts - MOST_FALSE, _error(MOST_FALSE, n), f"{100 * one.false_verdicts:.1f} % false verdicts"
    if one.coverage is not None:
        chance = max(0.0, _error(LEVEL, n) - (LEVEL - LEAST_COVERAGE))
        yield LEAST_COVERAGE - one.coverage, chance, f"{100 * one.coverage:.1f} % coverage"
    if one.width_ratio is not None:
        yield one.width_ratio - MOST_WIDTH, 0.0, f"{one.width_ratio:.2f} of the oracle's width"
    if one.promised is not None:
        told = f"{100 * one.right_verdicts:.1f} % right of {100 * one.promised:.1f} % promised"
        yield one.promised - one.right_verdicts, _error(one.promised, n), told


def _error(share: float, n: int) -> float:
    """Three standard errors of a share of n."""
    return 3 * math.sqrt(share * (1 - share) / n)


def measure(
    worlds: int, seed: int, only: str = "", jobs: int = 1, done: Callable[[str, Kept], None] | None = None
) -> tuple[dict[str, Any], dict[str, list[Kept]]]:
    """(the verdict on each audit and on the naive method, what came of each kind of world); `done` hears each kind."""
    tasks = [(name, place, naive, worlds, seed) for name in audits() if only in name
             for place, one in enumerate(audits()[name]) for naive in (False, True)
             if not naive or one.naive is not None]  # fmt: skip
    found: dict[str, list[Kept]] = {}
    with ExitStack() as stack:
        kept: Iterator[Kept] = map(_one, tasks)
        if jobs > 1:
            kept = stack.enter_context(get_context("fork").Pool(jobs)).imap(_one, tasks)
        for (name, _, naive, *_), one in zip(tasks, kept, strict=True):
            found.setdefault(NAIVE if naive else name, []).append(one)
            if done is not None:
                done(NAIVE if naive else name, one)
    return {name: verdict_of(one) for name, one in found.items()}, found


def _one(task: tuple[str, int, bool, int, int]) -> Kept:
    name, place, naive, worlds, seed = task
    return run(name, audits()[name][place], worlds, seed, naive=naive)


def _told(name: str, one: Kept) -> None:
    print(name, json.dumps(asdict(one)), flush=True)


def _show(table: str, page: Path | None) -> None:
    if page is None:
        print(table)
    else:
        page.write_text(calibration_table.put(table, page.read_text(encoding="utf-8")), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--worlds", type=int, default=200, help="of each kind")
    parser.add_argument("--seed", type=int, default=20_260_105)
    parser.add_argument("--only", default="", help="audits whose name has this in it")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--out", type=Path, help="write every kind of world to this file")
    parser.add_argument("--table", type=Path, help="run nothing: print what this file holds as a table")
    parser.add_argument("--into", type=Path, help="with --table: put the table in its place in this page")
    given = parser.parse_args()
    if given.table is not None:
        _show(calibration_table.table(json.loads(given.table.read_text(encoding="utf-8"))), given.into)
        return
    started = sum(os.times()[:4])
    audited, found = measure(given.worlds, given.seed, given.only, given.jobs, _told)
    if given.out is not None:
        command = f"python benchmarks/calibration.py --worlds {given.worlds} --seed {given.seed}"
        command += f" --only {shlex.quote(given.only)}" if given.only else ""
        told = {"command": command, "seed": given.seed, "worlds": given.worlds, "audits": audited,
                "kinds": {name: [asdict(one) for one in kept] for name, kept in found.items()}}  # fmt: skip
        given.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(f"{sum(os.times()[:4]) - started:.0f} s of processor time")
    print(json.dumps({"audits": audited}))


if __name__ == "__main__":
    main()
