"""How long a whole report takes: every chart, the pages and PDFs of two languages, all tables.

    python -m benchmarks.report [--weeks 26] [--languages en fr] [--runs 3]

Each run is a process of its own that starts from nothing: it imports, audits a made brand and writes its report. The
least of the runs counts. The last line is JSON: wall-clock seconds of the whole process and of the report in it,
processor seconds, and the most memory of any process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

MADE_AT = datetime(2026, 11, 20, tzinfo=UTC)


def write_one(weeks: int, languages: list[str], folder: Path) -> None:
    """What is timed; prints how long the report itself took, its audit and all imports before it aside."""
    from benchmarks.made_brand import ledger
    from crosspost.audit.run import audit
    from crosspost.report.write import write

    audited = audit(ledger(weeks), made_at=MADE_AT)
    began = time.monotonic()
    write(audited, folder, languages=languages)
    print(time.monotonic() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weeks", type=int, default=26)
    parser.add_argument("--languages", nargs="+", default=["en", "fr"])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        write_one(given.weeks, given.languages, given.write)
        return
    with tempfile.TemporaryDirectory(prefix="crosspost-report-") as name:
        runs = []
        for at in range(given.runs):
            folder = Path(name) / str(at)
            command = [sys.executable, "-m", "benchmarks.report", "--weeks", str(given.weeks), "--write", str(folder)]
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            told = subprocess.run([*command, "--languages", *given.languages], check=True, stdout=subprocess.PIPE)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            runs.append((time.monotonic() - began, spent, float(told.stdout)))
        files = [file for file in folder.rglob("*") if file.is_file()]
    wall, processor, report = (min(one[at] for one in runs) for at in (0, 1, 2))
    print(
        json.dumps(
            {
                "weeks": given.weeks,
                "languages": given.languages,
                "charts": sum(file.suffix == ".svg" for file in files),
                "tables": sum(file.suffix == ".parquet" for file in files),
                "seconds": round(wall, 2),
                "report_s": round(report, 2),
                "processor_s": round(processor, 2),
                "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
                "processors": os.cpu_count(),
            }
        )
    )


if __name__ == "__main__":
    main()
