"""The program as a person calls it: a process, in a folder of its own, without this environment's settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def bare_environment(home: Path, **more: str) -> dict[str, str]:
    """This environment without any setting of crosspost, and with a data folder below `home`."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CROSSPOST_")}
    return {**clean, "CROSSPOST_DATA_DIR": str(home / "data"), "NO_COLOR": "1", **more}


def crosspost(*arguments: str, home: Path, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command line in `home`; standard input is `stdin`."""
    return subprocess.run(
        [sys.executable, "-m", "crosspost", *arguments], input=stdin, capture_output=True, text=True, timeout=60,
        cwd=home, env=bare_environment(home, **environment),
    )  # fmt: skip
