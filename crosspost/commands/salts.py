"""The salts of visitors: one random key a day, in a file of its own, wiped when its day is over.

It is in no database, and so in no copy, dump or journal of one. A process that finds another day's salt wipes it:
`crosspost run` looks every ten minutes, `crosspost serve` every second, and every command as it starts. None lives
longer than its UTC day and the first look after it; where nothing runs, nothing reads it either.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from crosspost.domain.visit import day_of

SALT_BYTES = 32
_SUFFIX = ".salt"


class Salts:
    """The salt of the day, held in memory while its day lasts. Processes that share the folder share the salt."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: tuple[date, bytes] | None = None  # day and salt change together: a thread may drop them

    def of(self, now: datetime) -> bytes:
        """The salt of that instant's UTC day, made at its first use. Raises OSError."""
        day, held = day_of(now), self._held
        if held is None or held[0] != day:
            self.drop(now)
            self._held = held = day, _read_or_make(self._folder, day)
        return held[1]

    def drop(self, now: datetime) -> int:
        """Forget and wipe every salt of another day; how many files that were. Raises OSError."""
        held = self._held
        if held is not None and held[0] != day_of(now):
            self._held = None
        return drop(self._folder, now)


def drop(folder: Path, now: datetime) -> int:
    """Wipe every salt of another day than now's; how many. Half-written ones go as well. Raises OSError."""
    today = f"{day_of(now).isoformat()}{_SUFFIX}"
    gone = 0
    for path in sorted(folder.glob(f"*{_SUFFIX}*")):
        if path.name == today or path.name.startswith(f"{today}."):  # another process is making today's
            continue
        wipe(path)
        gone += 1
    return gone


def wipe(path: Path) -> None:
    """Overwrite a file with zeros, durably, and remove its name. On a disk that writes elsewhere (an SSD, a copying
    file system) old bytes may outlive that: the disk's own encryption is the answer there."""
    with suppress(FileNotFoundError):  # another process was faster
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            left = os.fstat(descriptor).st_size
            while left > 0:
                left -= os.write(descriptor, bytes(min(left, 1 << 20)))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        path.unlink()


def _read_or_make(folder: Path, day: date) -> bytes:
    path = folder / f"{day.isoformat()}{_SUFFIX}"
    with suppress(FileNotFoundError):
        return path.read_bytes()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(SALT_BYTES))
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)  # whole or not at all, and the first of two processes wins
    except FileExistsError:
        wipe(draft)
    else:
        draft.unlink()
    return path.read_bytes()
