"""Exact chains against simulated ones: time and memory of credit, side by side with ChannelAttribution.

    python -m benchmarks.attribution [--rows 10000000] [--peer PYTHON] [--no-peer]

Journeys are drawn from a seed and written to Parquet, one row each: nothing of them is anybody's data. Each engine
runs in a process of its own, with its own peak memory. Ours reads the Parquet file within its time; the peer's time is
its computation alone. The peer is installed into an environment that is thrown away, or is that of `--peer`. The last
line is JSON; `_cpu_s` are seconds of processor time, which other work on the machine does not lengthen as much.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from crosspost.audit.credit.markov import chain, removal
from crosspost.audit.credit.paths import PathCounts
from crosspost.audit.credit.resampling import resample
from crosspost.counters.paths import count_file
from crosspost.imports.paths import columns_of

SEED = 20_260_105
TOUCHES = 5.9  # of a journey, on average
MANY = 1_000  # channels, of the second case
MANY_ROWS = 100_000
BOOTSTRAPPED = 10_000  # distinct paths at most
PEER = ("ChannelAttribution==2.2.5", "matplotlib", "duckdb", "pandas")
_AT_ONCE = 250_000
_PEER_CODE = """
import json, sys, time
import ChannelAttribution, duckdb
data = duckdb.sql(f"select * from read_parquet('{sys.argv[1]}')").df()
began, spent = time.perf_counter(), time.process_time()
found = ChannelAttribution.markov_model(data, "path", "conversions", var_value="value", var_null="nulls", order=1,
                                        out_more=True, verbose=0)
took = time.perf_counter() - began, time.process_time() - spent
effects = found["removal_effects"]
print()
print(json.dumps({"s": took[0], "cpu_s": took[1],
                  "peak_mb": next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM")) / 1024,
                  "effects": dict(zip(effects.iloc[:, 0].tolist(), effects.iloc[:, 1].astype(float).tolist()))}))
"""


def write(file: Path, rows: int, channels: int, converting: float) -> None:
    """Journeys of `TOUCHES` on average in which a channel is often followed by itself."""
    rng = np.random.default_rng(SEED)
    popular = np.arange(1, channels + 1) ** -1.4
    names = np.array([f"channel{one}" for one in range(channels)], object)
    connection = duckdb.connect()
    connection.execute("create table journeys (path varchar, conversions integer, value double, nulls integer)")
    for begin in range(0, rows, _AT_ONCE):
        number = min(_AT_ONCE, rows - begin)
        ends = np.cumsum(rng.geometric(1 / TOUCHES, number))
        touches = rng.choice(channels, ends[-1], p=popular / popular.sum())
        again = rng.random(ends[-1]) < 0.35
        again[np.concatenate([[0], ends[:-1]])] = False
        source = np.maximum.accumulate(np.where(again, 0, np.arange(ends[-1])))
        named = names[touches[source]].tolist()
        starts = [0, *ends[:-1].tolist()]
        won = (rng.random(number) < converting).astype(np.int32)
        part = {  # noqa: F841 - read by the statement
            "path": np.array([" > ".join(named[a:b]) for a, b in zip(starts, ends.tolist(), strict=True)], object),
            "conversions": won,
            "value": np.round(won * rng.gamma(2, 40, number), 2),
            "nulls": 1 - won,
        }
        connection.execute("insert into journeys select * from part")
    connection.execute(f"copy journeys to '{file}' (format parquet)")


def peak_mb() -> float:
    """Most memory this program had at once. (`getrusage` would tell its parent's where that had more.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def ours(file: Path, task: str) -> dict[str, Any]:
    """One task on the file, in this process: `order1`, `order3` or `bootstrap`."""
    began, spent = time.perf_counter(), time.process_time()
    counts = count_file(file, ">", columns_of).counts
    if task == "bootstrap":
        counts = _first(counts, BOOTSTRAPPED)
        began, spent = time.perf_counter(), time.process_time()
        resample(counts, SEED)
        found = {}
    else:
        effects = removal(chain(counts, int(task.removeprefix("order")))).conversions
        found = dict(zip(counts.channels, effects.tolist(), strict=True))
    peak = peak_mb()
    took = {"s": time.perf_counter() - began, "cpu_s": time.process_time() - spent, "peak_mb": peak}
    return {**took, "paths": len(counts.lengths), "effects": found}


def _first(counts: PathCounts, number: int) -> PathCounts:
    """The first paths alone."""
    ends = counts.offsets[: number + 1]
    return PathCounts(counts.channels, counts.touches[: ends[-1]], ends, counts.conversions[:number],
                      counts.value_minor[:number], counts.nulls[:number])  # fmt: skip


def _apart(command: list[str]) -> dict[str, Any] | None:
    """What a process of its own says in its last line; None where it fails, with why on standard error."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"failed with {done.returncode}: {done.stderr[-400:]}", file=sys.stderr)
        return None
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def _peer(folder: Path) -> Path:
    print(f"installing {', '.join(PEER)}", flush=True)
    venv.create(folder / "peer", with_pip=True)
    python = folder / "peer" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PEER], check=True)
    return python


def compared(file: Path, rows: int, peer: Path | None, tasks: tuple[str, ...]) -> dict[str, Any]:
    """Figures of every task on one file, and of the peer beside the first."""
    mine: Callable[[str], dict[str, Any] | None] = lambda task: _apart(  # noqa: E731
        [sys.executable, "-m", "benchmarks.attribution", "--ours", task, "--file", str(file)]
    )
    figures: dict[str, Any] = {"rows": rows}
    found = {task: mine(task) for task in tasks}
    for task, one in found.items():
        if one is not None:
            name = "ours" if task == "order1" else task
            figures |= {f"{name}_s": one["s"], f"{name}_cpu_s": one["cpu_s"], f"{name}_peak_mb": one["peak_mb"]}
            figures["distinct_paths"] = max(figures.get("distinct_paths", 0), one["paths"])
    figures["peak_mb"] = figures.get("ours_peak_mb")
    other = None if peer is None else _apart([str(peer), "-c", _PEER_CODE, str(file)])
    exact = found["order1"]
    if other is not None and exact is not None:
        worst = max(abs(other["effects"][name] - effect) for name, effect in exact["effects"].items())
        figures |= {"channelattribution_s": other["s"], "channelattribution_cpu_s": other["cpu_s"],
                    "channelattribution_peak_mb": other["peak_mb"], "ratio": other["s"] / exact["s"],
                    "largest_difference_of_removal": worst}  # fmt: skip
    for name, figure in figures.items():
        print(f"{name:>34}  {figure:.4g}" if figure is not None else f"{name:>34}  -", flush=True)
    return figures


def main() -> None:
    options = argparse.ArgumentParser(description="Time and memory of credit, beside ChannelAttribution's.")
    options.add_argument("--rows", type=int, default=10_000_000, help="Journeys of the first case.")
    options.add_argument("--peer", type=Path, help="A Python that has the peer; else it is installed.")
    options.add_argument("--no-peer", action="store_true", help="Ours alone.")
    options.add_argument("--ours", help=argparse.SUPPRESS)
    options.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.ours:
        print(json.dumps(ours(given.file, given.ours)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peer = None if given.no_peer else given.peer or _peer(folder)
        few, many = folder / "few.parquet", folder / "many.parquet"
        write(few, given.rows, 12, 0.22)
        figures = compared(few, given.rows, peer, ("order1", "order3", "bootstrap"))
        few.unlink()
        write(many, MANY_ROWS, MANY, 0.03)
        print(f"{MANY} channels", flush=True)
        of_many = compared(many, MANY_ROWS, peer, ("order1",))
        shown = {**figures, **{f"channels_1000_{key}": value for key, value in of_many.items()}}
        print(json.dumps({key: float(f"{one:.4g}") if isinstance(one, float) else one for key, one in shown.items()}))


if __name__ == "__main__":
    main()
