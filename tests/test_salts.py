"""The salts of the day: shared by processes, gone with their day, and never without bytes of chance."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crosspost.commands.salts import SALT_BYTES, Salts, drop, wipe

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_salt_is_random_private_and_the_days_own(tmp_path: Path) -> None:
    folder = tmp_path / "salts"
    one = Salts(folder).of(MONDAY)
    assert len(one) == SALT_BYTES
    assert one != bytes(SALT_BYTES)
    assert Salts(folder).of(MONDAY + timedelta(hours=14)) == one, "another process, the same day"
    assert (folder / "2026-03-02.salt").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert Salts(folder).of(MONDAY + timedelta(hours=15)) != one
    assert files(folder) == ["2026-03-03.salt"]


def test_no_salt_lives_for_48_hours_whatever_the_clock_does(tmp_path: Path) -> None:
    kept = Salts(tmp_path)
    made: dict[str, datetime] = {}
    now = MONDAY
    for _ in range(300):  # a look every 37 minutes, through a week
        if now.hour % 5 == 0:
            kept.of(now)
        kept.drop(now)
        for name in files(tmp_path):
            made.setdefault(name, now)
            assert now - made[name] < timedelta(hours=48)
            assert name == f"{now:%Y-%m-%d}.salt"
        now += timedelta(minutes=37)
    assert len(made) > 5


def test_the_memory_forgets_as_well(tmp_path: Path) -> None:
    kept = Salts(tmp_path)
    salt = kept.of(MONDAY)
    kept.drop(MONDAY + timedelta(days=1))
    assert salt not in repr(vars(kept)).encode()
    assert kept._held is None
    assert kept.of(MONDAY) != salt, "a clock that was set back finds another salt, not the old one"


def test_what_is_wiped_was_overwritten_before_its_name_went(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Salts(tmp_path).of(MONDAY)
    path = tmp_path / "2026-03-02.salt"
    held = path.open("rb")  # who opened it before still reads the same bytes on the disk
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    inode = path.stat().st_ino
    assert drop(tmp_path, MONDAY + timedelta(days=1)) == 1
    assert held.read() == bytes(SALT_BYTES)
    held.close()
    assert inode in synced
    assert files(tmp_path) == []
    wipe(path)  # another process was faster: no trouble


def test_a_half_written_salt_goes_too_but_not_one_that_is_being_made(tmp_path: Path) -> None:
    (tmp_path / "2026-03-01.salt.abc").write_bytes(b"left by a crash")
    (tmp_path / "2026-03-02.salt.def").write_bytes(b"being made")
    assert drop(tmp_path, MONDAY) == 1
    assert files(tmp_path) == ["2026-03-02.salt.def"]
    assert drop(tmp_path / "none", MONDAY) == 0


def test_processes_that_start_together_share_one(tmp_path: Path) -> None:
    found: list[bytes] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        mine = Salts(tmp_path)
        barrier.wait()
        found.append(mine.of(MONDAY))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(set(found)) == 1
    assert len(found) == 8
    assert files(tmp_path) == ["2026-03-02.salt"]


def test_a_thread_that_drops_leaves_no_empty_salt_to_another(tmp_path: Path) -> None:
    kept, stop = Salts(tmp_path), threading.Event()

    def dropping() -> None:
        while not stop.is_set():
            kept.drop(MONDAY + timedelta(days=1))

    thread = threading.Thread(target=dropping)
    thread.start()
    try:
        for _ in range(200):
            try:
                assert len(kept.of(MONDAY)) == SALT_BYTES
            except FileNotFoundError:
                continue  # wiped between its making and its reading: the caller is told, no hash is made
    finally:
        stop.set()
        thread.join()
