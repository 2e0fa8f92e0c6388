from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from crosspost import ownership
from crosspost.commands.workers import account_locks, become_worker
from crosspost.domain.errors import Unavailable
from crosspost.ownership import Ownership, account_lock
from crosspost.store.database import Database
from crosspost.store.store import Store

HOLD = (
    "import sys; from pathlib import Path; from crosspost.ownership import Ownership\n"
    "worker = Ownership.acquire(Path(sys.argv[1]), one_host=True)\n"
    "print(worker.id, flush=True); sys.stdin.read()"
)


HOLD_ACCOUNT = (
    "import sys; from pathlib import Path; from crosspost.ownership import account_lock\n"
    "lock = account_lock(Path(sys.argv[1]), 'a1')\n"
    "print(lock is not None, flush=True); sys.stdin.read()"
)


def other_process(directory: Path, program: str = HOLD) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_a_killed_process_is_dead_and_a_stopped_one_is_not(tmp_path: Path) -> None:
    process, owner = other_process(tmp_path)
    with process, Ownership.acquire(tmp_path, one_host=True) as me:
        assert not me.is_dead(owner)
        process.send_signal(signal.SIGSTOP)
        assert not me.is_dead(owner)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert me.is_dead(owner)
        with Ownership.acquire(tmp_path, one_host=True) as another:  # sweeps what the dead one left
            assert not (tmp_path / owner).exists()
            assert me.is_dead(owner)
            assert not me.is_dead(another.id)
            assert not another.is_dead(me.id)
        assert me.is_dead(another.id)
    assert not me.is_dead(me.id)


def test_a_forked_child_does_not_keep_its_parents_lock(tmp_path: Path) -> None:
    worker = Ownership.acquire(tmp_path, one_host=True)
    read, write = os.pipe()
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:  # it outlives the worker, as a helper process may
        os.close(write)
        os.write(tell, b"1")
        os.read(read, 1)
        os._exit(0)
    os.close(read)
    os.read(ready, 1)
    with Ownership.acquire(tmp_path, one_host=True) as me:
        assert not me.is_dead(worker.id)
        worker.release()
        assert me.is_dead(worker.id)
    os.close(write)
    os.waitpid(child, 0)


def test_a_worker_of_another_host_is_never_called_dead(tmp_path: Path) -> None:
    with Ownership.acquire(tmp_path) as me:
        assert me.is_local(me.id)
        assert not me.is_local("0123456789ab.ffff")
        assert not me.is_dead("0123456789ab.ffff")
        assert not me.is_dead(f"{me.id.partition('.')[0]}./../x")
        assert me.is_dead(f"{me.id.partition('.')[0]}.ffff")  # of this host, and swept


def _acquire(directory: str, results: multiprocessing.Queue[str]) -> None:
    worker = Ownership.acquire(Path(directory), one_host=True)
    results.put(worker.id)
    results.close()
    results.join_thread()
    signal.pause()


def test_workers_that_start_at_once_do_not_sweep_each_other(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[str] = context.Queue()
    workers = [context.Process(target=_acquire, args=(str(tmp_path), results)) for _ in range(12)]
    for worker in workers:
        worker.start()
    owners = {results.get(timeout=30) for _ in workers}
    with Ownership.acquire(tmp_path, one_host=True) as me:
        assert len(owners) == 12
        assert [owner for owner in owners if me.is_dead(owner)] == []
        for worker in workers:
            worker.kill()
            worker.join()
        assert all(me.is_dead(owner) for owner in owners)


def test_a_file_swept_before_it_was_locked_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = ownership._lock
    swept: list[str] = []

    def sweep_first(descriptor: int, kind: int) -> bool:
        for path in [] if swept else list(tmp_path.iterdir()):  # another worker starts in between
            swept.append(path.name)
            path.unlink()
        return locked(descriptor, kind)

    monkeypatch.setattr(ownership, "_lock", sweep_first)
    with Ownership.acquire(tmp_path, one_host=True) as me:
        assert swept
        assert me.id not in swept
        assert (tmp_path / me.id).exists()


def test_workers_of_one_sqlite_file_meet_beside_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    with become_worker(Store(database), tmp_path / "one") as first, become_worker(Store(database), tmp_path) as second:
        assert (tmp_path / "a.db.workers" / first.id).exists()
        assert second.is_local(first.id)
        assert not second.is_dead(first.id)
    database.close()


def test_a_folder_where_locks_do_not_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crosspost.ownership._lock", lambda *_given: False)
    with pytest.raises(Unavailable, match="locks do not work"):
        Ownership.acquire(tmp_path)


def test_an_account_is_one_processs_at_a_time_and_free_when_it_dies(tmp_path: Path) -> None:
    process, got = other_process(tmp_path / "accounts", HOLD_ACCOUNT)
    with process:
        assert got == "True"
        assert account_lock(tmp_path / "accounts", "a1") is None
        with account_lock(tmp_path / "accounts", "a2") or pytest.fail("another account is free"):
            pass
        process.send_signal(signal.SIGSTOP)
        assert account_lock(tmp_path / "accounts", "a1", wait_s=0.05) is None  # a paused process keeps it
        process.send_signal(signal.SIGKILL)
        process.wait()
        with account_lock(tmp_path / "accounts", "a1") or pytest.fail("its holder is dead"):
            assert account_lock(tmp_path / "accounts", "a1") is None  # this process holds it, in whatever thread
        with account_lock(tmp_path / "accounts", "a1") or pytest.fail("it was let go"):
            pass


def test_who_came_in_vain_is_told_once(tmp_path: Path) -> None:
    lock = account_lock(tmp_path, "a1")
    assert lock is not None
    assert not lock.wanted()
    assert account_lock(tmp_path, "a1") is None
    assert lock.wanted()
    assert not lock.wanted()
    lock.release()
    lock.release()


def test_an_account_is_waited_for(tmp_path: Path) -> None:
    lock = account_lock(tmp_path, "a1")
    assert lock is not None
    timer = threading.Timer(0.2, lock.release)
    timer.start()
    with account_lock(tmp_path, "a1", wait_s=20) or pytest.fail("it was let go meanwhile"):
        timer.join()


def test_a_forked_child_does_not_keep_an_account(tmp_path: Path) -> None:
    lock = account_lock(tmp_path, "a1")
    assert lock is not None
    read, write = os.pipe()
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(write)
        os.write(tell, b"1")
        os.read(read, 1)
        os._exit(0)
    os.close(read)
    os.read(ready, 1)
    assert account_lock(tmp_path, "a1") is None  # the child let go of its own share only
    lock.release()
    with account_lock(tmp_path, "a1") or pytest.fail("the child kept it"):
        pass
    os.close(write)
    os.waitpid(child, 0)


def test_workers_and_readers_meet_at_the_same_locks(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    store = Store(database)
    with become_worker(store, tmp_path / "elsewhere") as worker:
        with account_lock(worker.accounts, "a1") or pytest.fail("it is free"):
            assert account_lock(account_locks(store, tmp_path), "a1") is None
        with become_worker(store, tmp_path) as another:  # it sweeps the dead, and leaves the locks
            assert not another.is_dead(worker.id)
            assert (worker.accounts / "a1").exists()
    database.close()
