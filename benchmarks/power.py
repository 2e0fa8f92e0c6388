"""The power table of randomised weeks: how often each rise is seen, by level and length, for the default design.

Pairs of two-week blocks, the first week of each dropped, two-sided at 5 %; noise with s.d. 25 % and autocorrelation
0.5, Poisson counts. 12 weeks hold three pairs, which can never reject: `experiment plan` refuses them, and their power
is 0 without a run. Every cell has a seed of its own, derived from `--seed` and its place.

    python benchmarks/power.py --runs 4000 --out reports/calibration/power.csv
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from pathlib import Path

from crosspost.audit.experiments.design import LEVEL
from crosspost.audit.experiments.power import RUNS, World, default_design, seen

LEVELS = (200.0, 20.0, 5.0, 1.0, 0.3)  # visits, visits, leads, leads, clients a week
WEEKS = (12, 26, 52, 104)
RISES = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0)
COLUMNS = ("per_week", "weeks", "pairs", "rise", "power", "supported", "refuted", "runs", "seed")


def table(runs: int, seed: int) -> list[tuple[float, ...]]:
    """A row per cell, as COLUMNS says."""
    rows: list[tuple[float, ...]] = []
    for level in LEVELS:
        for weeks in WEEKS:
            design = default_design(weeks)
            for rise in RISES:
                own = seed + len(rows)
                if design.smallest_p > LEVEL:
                    rows.append((level, weeks, design.pairs, rise, 0.0, 0.0, 0.0, 0, own))
                    continue
                found = seen(design, World(level, rise), runs=runs, seed=own)
                rows.append(
                    (level, weeks, design.pairs, rise, found.power, found.supported, found.refuted, found.runs, own)
                )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seed", type=int, default=20_260_105)
    parser.add_argument("--out", type=Path, help="write the table to this file")
    given = parser.parse_args()
    started = time.process_time()
    rows = table(given.runs, given.seed)
    if given.out is not None:
        with given.out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)
    print(json.dumps({"cells": len(rows), "runs": given.runs, "cpu_s": round(time.process_time() - started, 1)}))


if __name__ == "__main__":
    main()
