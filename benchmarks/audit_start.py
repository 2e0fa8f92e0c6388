"""How long `crosspost audit` takes on a few hundred rows, and how much of it is importing what it stands on.

    python -m benchmarks.audit_start [--rows 300] [--runs 5]

Every run is a process of its own: the audit of a made brand, with its files and bundle; and, beside it, a process that
imports the same modules, searching for garbage as seldom, and ends in the same way (the floor). The least of the runs
counts. The last line is JSON: wall-clock and processor seconds.
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
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from crosspost.cli import BETWEEN_SEARCHES

_CHANNELS = ("mastodon", "bluesky", "x", "linkedin", "referral", "search", "prospecting", "")
_NAMES = "import sys; from crosspost.cli.root import run; run({}); print(*[n for n in sys.modules], file=sys.stderr)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crosspost-start-") as folder:
        home = Path(folder)
        environment = {**os.environ, "CROSSPOST_DATA_DIR": str(home / "data")}
        # An installed program is compiled once; where nothing compiled may be kept, every start would do it again.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        _fill(home, environment, given.rows)
        audit = ["audit", "--json", "--out", "out"]
        loaded = subprocess.run(
            [sys.executable, "-c", _NAMES.format(audit)], cwd=home, env=environment, check=True, capture_output=True,
            text=True,
        ).stderr.split()  # fmt: skip
        kept = [name for name in loaded if not name.startswith(("__", "encodings")) and _plain(name)]
        begins, ends = f"import gc\ngc.set_threshold({BETWEEN_SEARCHES})", "gc.freeze()"
        imports = [f"try: import {name}\nexcept ImportError: pass" for name in kept]
        (home / "floor.py").write_text("\n".join((begins, *imports, ends)))
        whole = [_timed([sys.executable, "-m", "crosspost", *audit], home, environment) for _ in range(given.runs)]
        floor = [_timed([sys.executable, "floor.py"], home, environment) for _ in range(given.runs)]
    wall, processor = (min(one[at] for one in whole) for at in (0, 1))
    wall_floor, processor_floor = (min(one[at] for one in floor) for at in (0, 1))
    print(
        json.dumps(
            {
                "rows": given.rows,
                "wall_s": round(wall, 3),
                "import_floor_s": round(wall_floor, 3),
                "above_floor_s": round(wall - wall_floor, 3),
                "processor_s": round(processor, 3),
                "processor_above_floor_s": round(processor - processor_floor, 3),
            }
        )
    )


def _plain(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _fill(home: Path, environment: dict[str, str], rows: int) -> None:
    """A brand with that many leads, a third of them won."""
    random = Random(1)
    lines = ["lead,contacted_at,channel,touchpoints,won_at,amount,currency"]
    start = datetime(2025, 1, 6)  # noqa: DTZ001 - a day in the brand's zone, as people write it
    for at in range(rows):
        day = start + timedelta(days=at % 350)
        won = (day + timedelta(days=9)).date().isoformat() if random.random() < 0.33 else ""
        path = " > ".join(filter(None, random.choices(_CHANNELS, k=3)))
        amount = f"{random.randrange(100, 9000)}.00,EUR" if won else ","
        lines.append(f"L{at},{day.date()},{random.choice(_CHANNELS)},{path},{won},{amount}")
    (home / "leads.csv").write_text("\n".join(lines) + "\n")
    for command in (["brand", "add", "Start"], ["import", "leads.csv"]):
        subprocess.run([sys.executable, "-m", "crosspost", *command], cwd=home, env=environment, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip


def _timed(command: list[str], home: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Wall-clock and processor seconds of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, cwd=home, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
