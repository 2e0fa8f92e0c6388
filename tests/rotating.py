"""Rotations that are killed, each one step later than the one before: `python -m tests.rotating FOLDER`.

FOLDER/start is a data folder. Each rotation works on a copy of its own, in a child that sends itself SIGKILL before or
after one of its steps: those of the rotation, and every link, rename, fsync and removal of a file. Prints the steps.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from crosspost.commands.rotate import rotate
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.vault import open_vault

CALLS = ("link", "replace", "fsync", "unlink")


class Killer:
    """Ends this process at its n-th step."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.last = ""

    def step(self, name: str) -> None:
        self.left -= 1
        self.last = name
        if self.left == 0:
            print(name, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str) -> None:
        """Make every call of that function of `os` two steps."""
        real: Callable[..., Any] = getattr(os, name)

        def watched(*given: Any, **named: Any) -> Any:
            self.step(f"before {name}")
            found = real(*given, **named)
            self.step(f"after {name}")
            return found

        setattr(os, name, watched)


def child(folder: Path, at: int) -> None:
    killer = Killer(at)
    vault = open_vault(key_file=folder / "master.key")
    database = Database(f"sqlite:///{folder / 'crosspost.db'}")
    for name in CALLS:
        killer.around(name)
    rotate(Store(database), vault, probe=killer.step)
    database.close()


def main(folder: Path) -> None:
    for at in count(1):
        work = folder / f"killed-{at:03}"
        shutil.copytree(folder / "start", work)
        pid = os.fork()
        if pid == 0:
            child(work, at)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status):
            sys.exit(os.WEXITSTATUS(status))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
