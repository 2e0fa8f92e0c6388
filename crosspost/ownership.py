"""Who is alive: a worker holds a kernel lock on a file of its own for as long as its process lives.

The kernel frees the lock at death and at no other time: a paused or slow worker keeps it. That holds on one host and
a local disk; a worker of another host is never called dead by this, see crosspost.store.sessions.

Whoever talks to an account with its secrets holds the lock of that account meanwhile: a network that changes its
refresh token at each use ends the session of two that use the same one.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import platform
import secrets
import time
from pathlib import Path
from types import TracebackType

from crosspost.domain.errors import Unavailable

ACCOUNTS = "accounts"  # a folder among the workers' files, for the locks of accounts
_POLL_S = 0.01


def host_name(directory: Path) -> str:
    """A name for this host and this folder, equal in every process that shares both: 12 hex digits."""
    machine = Path("/etc/machine-id")
    known = machine.read_text().strip() if machine.is_file() else ""
    return hashlib.sha256(f"{known}|{platform.node()}|{directory.resolve()}".encode()).hexdigest()[:12]


class Ownership:
    """A living worker. `id` is what it writes into the rows it holds: the host, a point, and a random name."""

    def __init__(self, directory: Path, host: str, name: str, descriptor: int) -> None:
        self._directory, self._host, self._descriptor = directory, host, descriptor
        self.id = f"{host}.{name}"
        # A forked child shares the lock: unless it lets go, the parent would seem to live on in it.
        os.register_at_fork(after_in_child=self._close)

    @classmethod
    def acquire(cls, directory: Path, *, one_host: bool = False) -> Ownership:
        """Become a worker of this folder. `one_host`: every worker there can be uses this very folder.

        Raises Unavailable when locks do not work there.
        """
        directory.mkdir(parents=True, exist_ok=True)
        _sweep(directory)
        host = "local" if one_host else host_name(directory)
        for _ in range(20):
            path = directory / f"{host}.{secrets.token_hex(8)}"
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            # Before it is locked, another worker's sweep may take it for a dead one's.
            if _lock(descriptor, fcntl.LOCK_EX) and path.exists():
                return cls(directory, host, path.name.partition(".")[2], descriptor)
            os.close(descriptor)
        raise Unavailable(
            "file locks do not work in this folder", where=str(directory), remedy="put data_dir on a local disk"
        )

    @property
    def accounts(self) -> Path:
        """Where the locks of accounts lie: see `account_lock`."""
        return self._directory / ACCOUNTS

    def is_local(self, owner: str) -> bool:
        """Whether that worker is, or was, one of this host."""
        return owner.partition(".")[0] == self._host

    def is_dead(self, owner: str) -> bool:
        """Whether a worker of this host is known to have ended. False when it cannot be known."""
        if owner == self.id or not self.is_local(owner) or "/" in owner:
            return False
        try:
            descriptor = os.open(self._directory / owner, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return True  # swept after its end
        except OSError:
            return False
        try:
            # Shared: two workers that ask at once do not take each other for the owner.
            return _lock(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def release(self) -> None:
        """End as a worker: whatever it still holds is free to be taken over."""
        self._close()

    def _close(self) -> None:
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Ownership:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class AccountLock:
    """The right to use an account's secrets, on this host. Free again when the block ends, or the process."""

    def __init__(self, descriptor: int, wanted: Path) -> None:
        self._descriptor, self._wanted = descriptor, wanted
        _held.add(self)

    def wanted(self) -> bool:
        """Whether somebody came in vain since it was last asked."""
        try:
            self._wanted.unlink()
        except FileNotFoundError:
            return False
        return True

    def release(self) -> None:
        _held.discard(self)
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def __enter__(self) -> AccountLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


_held: set[AccountLock] = set()


def _let_go() -> None:
    """In a forked child: it shares what is locked, and would keep it beyond the end of its parent's work."""
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_let_go)


def account_lock(directory: Path, account_id: str, wait_s: float = 0.0) -> AccountLock | None:
    """The lock of one account, or None if somebody has it for longer than `wait_s`: they are told that you came.

    Secrets are read after it was taken, never before: they may have been replaced meanwhile.
    """
    path = directory / account_id
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    wanted = path.with_name(f"{account_id}.wanted")
    until = time.monotonic() + wait_s
    while not _lock(descriptor, fcntl.LOCK_EX):
        if time.monotonic() >= until:
            os.close(descriptor)
            wanted.touch()
            return None
        time.sleep(_POLL_S)
    return AccountLock(descriptor, wanted)


def reports_lock(directory: Path, brand_id: str, wait_s: float = 0.0) -> AccountLock | None:
    """The right to write a brand's reports, and to take somebody out of them; None if another has it."""
    return account_lock(directory, f"reports-{brand_id}", wait_s)


def living(directory: Path) -> int:
    """How many workers of this host live in a folder. 0 where there is no such folder."""
    try:
        paths = list(directory.iterdir())
    except OSError:
        return 0
    alive = 0
    for path in paths:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue
        alive += not _lock(descriptor, fcntl.LOCK_SH)
        os.close(descriptor)
    return alive


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sweep(directory: Path) -> None:
    """Remove the files of workers that ended: a missing file says the same as a free one."""
    for path in directory.iterdir():
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue
        if _lock(descriptor, fcntl.LOCK_EX):
            path.unlink(missing_ok=True)
        os.close(descriptor)
