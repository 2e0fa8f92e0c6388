"""Exact chains against simulated ones: time and memory of credit, side by side with what others install for it.

    python -m benchmarks.attribution [--rows 10000000] [--peer NAME=PYTHON] [--no-peer]

Journeys are drawn from a seed and written to Parquet, one row each: nothing of them is anybody's data. Every task runs
in a process of its own, with its own peak memory. Up to a million rows it runs five times there, ours and a peer's
alike, as long as a run takes less than ten seconds: the least counts, and `_first_s` is the first.

`ours_s` is all from the file to the effects: reading, splitting, counting, solving. `ours_solving_s` is the part after
the windows are counted. `NAME_s` is a peer's computation alone, from a data frame that is in memory
already, and `NAME_read_s` what reading that took. `ratio` is `channelattribution_s / ours_s`, so ours starts further
back; `ratio_from_file` starts both at the file. `_cpu_s` are seconds of processor time, which other work on the machine
does not lengthen as much. A peer that would need more memory than is free is not started, and its figures are null.

The peers, of the versions in `PEERS`, are installed into environments that are thrown away, unless `--peer` names one
that is there. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from crosspost.audit.credit.markov import chained, removal
from crosspost.audit.credit.paths import PathCounts
from crosspost.audit.credit.resampling import resample
from crosspost.counters.paths import count_file, window_file
from crosspost.imports.paths import columns_of

SEED = 20_260_105
TOUCHES = 5.9  # of a journey, on average
MANY = 1_000  # channels, of the second case
MANY_ROWS = 100_000
BOOTSTRAPPED = 10_000  # distinct paths at most
REPEATED = 1_000_000  # rows: above, everything runs once
RUNS = 5
_PATIENCE_S = 10  # a run that took longer is the last
_AT_ONCE = 250_000
_PEER_CODE = """
import json, sys, time
{imports}
began = time.perf_counter()
{read}
read = time.perf_counter() - began
runs = []
while len(runs) < int(sys.argv[2]) and (not runs or runs[-1][0] < {patience}):
    began, spent = time.perf_counter(), time.process_time()
    {work}
    runs.append((time.perf_counter() - began, time.process_time() - spent))
{effects}
print()
print(json.dumps({{"s": min(runs)[0], "cpu_s": min(runs)[1], "first_s": runs[0][0], "read_s": read, "effects": effects,
                  "peak_mb": next(int(l.split()[1]) for l in open("/proc/self/status") if l[:5] == "VmHWM") / 1024}}))
"""


@dataclass(frozen=True)
class Peer:
    """What is installed, how it is used, and what it was seen to need: bytes a row."""

    installed: tuple[str, ...]
    code: str
    bytes_a_row: int


PEERS = {
    "channelattribution": Peer(
        ("ChannelAttribution==2.2.5", "matplotlib", "duckdb", "pandas"),
        _PEER_CODE.format(
            patience=_PATIENCE_S,
            imports="import ChannelAttribution, duckdb",
            read="data = duckdb.sql(f\"select * from read_parquet('{sys.argv[1]}')\").df()",
            work="found = ChannelAttribution.markov_model(data, 'path', 'conversions', var_value='value', "
            "var_null='nulls', order=1, out_more=True, verbose=0)['removal_effects']",
            effects="effects = dict(zip(found.iloc[:, 0].tolist(), found.iloc[:, 1].astype(float).tolist()))",
        ),
        400,
    ),
    "marketing_attribution_models": Peer(
        ("marketing-attribution-models==2.1.1",),
        _PEER_CODE.format(
            patience=_PATIENCE_S,
            imports="import polars as pl\nfrom mam import MAM",
            read="data = pl.read_parquet(sys.argv[1]).with_columns(journeys=pl.col('conversions') + pl.col('nulls'))",
            work="found = MAM(data, 'grouped_journey', 'path', 'conversions', occurrences_colname='journeys', "
            "conversion_value_colname='value').run_markov()",
            effects="effects = found.metadata['removal_effect']['removal_effect'].to_dict()",
        ),
        4_200,
    ),
}


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


def ours(file: Path, task: str, runs: int) -> dict[str, Any]:
    """One task on the file, in this process: `order1`, `order3` or `bootstrap`."""
    taken: list[dict[str, Any]] = []
    while len(taken) < runs and (not taken or taken[-1]["s"] < _PATIENCE_S):
        taken.append(_bootstrapped(file) if task == "bootstrap" else _chained(file, int(task.removeprefix("order"))))
    best = min(taken, key=lambda one: float(one["s"]))
    return {**best, "first_s": taken[0]["s"], "peak_mb": peak_mb()}


def _chained(file: Path, order: int) -> dict[str, Any]:
    began, spent = time.perf_counter(), time.process_time()
    counted = window_file(file, ">", columns_of, order)
    solving = time.perf_counter()
    effects = removal(chained(counted.windows)).conversions
    ended = time.perf_counter()
    return {"s": ended - began, "solving_s": ended - solving, "cpu_s": time.process_time() - spent,
            "effects": dict(zip(counted.channels, effects.tolist(), strict=True))}  # fmt: skip


def _bootstrapped(file: Path) -> dict[str, Any]:
    counts = _first(count_file(file, ">", columns_of).counts, BOOTSTRAPPED)
    began, spent = time.perf_counter(), time.process_time()
    resample(counts, SEED)
    took = time.perf_counter() - began
    return {"s": took, "solving_s": took, "cpu_s": time.process_time() - spent, "effects": {}}


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


def _installed(folder: Path, name: str) -> Path:
    print(f"installing {', '.join(PEERS[name].installed)}", flush=True)
    venv.create(folder / name, with_pip=True)
    python = folder / name / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS[name].installed], check=True)
    return python


def _free() -> int:
    """Bytes that a program could have now."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("MemAvailable")).split()[1]) * 1024


def compared(file: Path, rows: int, peers: dict[str, Path], tasks: tuple[str, ...]) -> dict[str, Any]:
    """Figures of every task on one file, and of the peers beside the first."""
    figures: dict[str, Any] = {"rows": rows}
    exact: dict[str, float] | None = None
    runs = RUNS if rows <= REPEATED else 1
    for task in tasks:
        command = ["-m", "benchmarks.attribution", "--ours", task, "--file", str(file), "--runs", str(runs)]
        if found := _apart([sys.executable, *command]):
            name = "ours" if task == "order1" else task
            exact = exact or found["effects"]
            figures |= {f"{name}_{key}": found[key] for key in ("s", "first_s", "solving_s", "cpu_s", "peak_mb")}
    figures["peak_mb"] = figures.get("ours_peak_mb")
    for name, python in peers.items():
        fits = PEERS[name].bytes_a_row * rows < _free()
        other = _apart([str(python), "-c", PEERS[name].code, str(file), str(runs)]) if fits else None
        if not fits:
            print(f"{name} is not started: it would need {PEERS[name].bytes_a_row * rows / 1e9:.0f} GB", flush=True)
        kept = ("s", "first_s", "read_s", "cpu_s", "peak_mb")
        figures |= {f"{name}_{key}": None if other is None else other[key] for key in kept}
        if other is not None and exact is not None:
            worst = max(abs(other["effects"][one] - effect) for one, effect in exact.items())
            figures[f"{name}_largest_difference_of_removal"] = worst
    theirs, mine = figures.get("channelattribution_s"), figures.get("ours_s")
    if theirs and mine:
        from_file = (theirs + figures["channelattribution_read_s"]) / mine
        figures |= {"ratio": theirs / mine, "ratio_from_file": from_file}
    for name, figure in figures.items():
        print(f"{name:>56}  {figure:.4g}" if figure is not None else f"{name:>56}  -", flush=True)
    return figures


def main() -> None:
    options = argparse.ArgumentParser(description="Time and memory of credit, beside that of its peers.")
    options.add_argument("--rows", type=int, default=10_000_000, help="Journeys of the first case.")
    options.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON",
                         help="A Python that has the peer; those not named are installed.")  # fmt: skip
    options.add_argument("--no-peer", action="store_true", help="Ours alone.")
    options.add_argument("--ours", help=argparse.SUPPRESS)
    options.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--runs", type=int, default=1, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.ours:
        print(json.dumps(ours(given.file, given.ours, given.runs)))
        return
    there = dict(one.split("=", 1) for one in given.peer)
    if there.keys() - PEERS:
        options.error(f"peers are {', '.join(PEERS)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = () if given.no_peer else PEERS
        peers = {one: Path(there[one]) if one in there else _installed(folder, one) for one in names}
        few, many = folder / "few.parquet", folder / "many.parquet"
        write(few, given.rows, 12, 0.22)
        figures = compared(few, given.rows, peers, ("order1", "order3", "bootstrap"))
        few.unlink()
        write(many, MANY_ROWS, MANY, 0.03)
        print(f"{MANY} channels", flush=True)
        one_peer = {name: python for name, python in peers.items() if name == "channelattribution"}
        of_many = compared(many, MANY_ROWS, one_peer, ("order1",))  # the other inverts a matrix for every channel
        shown = {**figures, **{f"channels_1000_{key}": value for key, value in of_many.items()}}
        print(json.dumps({key: float(f"{one:.4g}") if isinstance(one, float) else one for key, one in shown.items()}))


if __name__ == "__main__":
    main()
