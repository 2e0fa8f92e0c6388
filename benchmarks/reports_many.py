"""Whether many reports can be written in parallel without growing: seconds, and the most memory of a worker.

    python -m benchmarks.reports_many [--brands 100] [--few 10] [--weeks 26] [--workers 2]

The same is done for a few brands and for many, each in a process of its own, every brand made and audited as its turn
comes. The last line is JSON: wall-clock and processor seconds, and peak memory of a worker and of the process that asks
for the reports, with few brands and with many. Wall-clock figures mean little while other programs run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.made_brand import ledger
from crosspost.audit.run import audit
from crosspost.domain.errors import CrosspostError
from crosspost.report.many import Job, write_all

MADE_AT = datetime(2026, 11, 20, tzinfo=UTC)


def jobs(brands: int, weeks: int, folder: Path) -> Iterator[Job]:
    """Each brand's audit, made when it is asked for."""
    for at in range(brands):
        yield Job(audit(ledger(weeks, seed=at, slug=f"b{at}", name=f"Brand {at}"), made_at=MADE_AT), folder / f"b{at}")


def write_many(brands: int, weeks: int, workers: int) -> dict[str, float]:
    """Write that many reports and delete each as it is done; what it took."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="crosspost-many-") as name:
        for job, done in write_all(jobs(brands, weeks, Path(name)), workers):
            if isinstance(done, CrosspostError):
                raise done
            shutil.rmtree(job.folder)
    own, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "seconds": round(time.monotonic() - began, 1),
        "processor_s": round(own.ru_utime + own.ru_stime + theirs.ru_utime + theirs.ru_stime, 1),
        "worker_mb": round(theirs.ru_maxrss / 1024),
        "own_mb": round(own.ru_maxrss / 1024),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brands", type=int, default=100)
    parser.add_argument("--few", type=int, default=10)
    parser.add_argument("--weeks", type=int, default=26)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--part", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        print(json.dumps(write_many(given.part, given.weeks, given.workers)))
        return
    told = []
    for brands in (given.few, given.brands):
        command = [sys.executable, "-m", "benchmarks.reports_many", "--part", str(brands)]
        command += ["--weeks", str(given.weeks), "--workers", str(given.workers)]
        ran = subprocess.run(command, check=True, capture_output=True, text=True)
        told.append(json.loads(ran.stdout.splitlines()[-1]))
        print(f"{brands} brands: {told[-1]}")
    few, many = told
    print(
        json.dumps(
            {
                "brands": given.brands,
                "few": given.few,
                "workers": given.workers,
                "processors": os.cpu_count(),
                "seconds": many["seconds"],
                "processor_s": many["processor_s"],
                "peak_mb_few": few["worker_mb"],
                "peak_mb": many["worker_mb"],
                "own_mb_few": few["own_mb"],
                "own_mb": many["own_mb"],
            }
        )
    )


if __name__ == "__main__":
    main()
