"""Backups as files: what they hold, and what is refused of them."""

from __future__ import annotations

import json
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crosspost.commands.archive import Manifest, Member, Reader, Writer
from crosspost.commands.backup import backup
from crosspost.commands.restore import DATABASE, restore
from crosspost.domain.errors import BadInput, Conflict, CrosspostError, NotAllowed
from crosspost.domain.windows import BootTime
from crosspost.ownership import Ownership
from crosspost.secret import Secret
from crosspost.store import installation, restoring
from crosspost.store.database import Database
from crosspost.store.migrate import HEAD
from crosspost.store.store import Store
from crosspost.vault import MasterKey, Vault, unwrap_key, wrap_key
from tests.engine import NOW
from tests.restored import Drill

PASSPHRASE = Secret("correct horse battery staple")


@pytest.fixture
def drill(sqlite_database: Database, tmp_path: Path) -> Iterator[Drill]:
    made = Drill.started(sqlite_database, tmp_path / "data")
    yield made
    made.close()


def small(drill: Drill, tmp_path: Path) -> Path:
    hits = drill.data_dir / "hits"
    hits.mkdir(parents=True)
    (hits / "20260302T090000Z-0123456789ab.hits").write_bytes(b"segment" * 1000)
    (hits / "20260302T090000Z-0123456789ab.missed").write_bytes(b"\3" + b"\0" * 4095)
    pictures = drill.data_dir / "attachments"
    pictures.mkdir()
    (pictures / ("a" * 64)).write_bytes(b"picture")
    (pictures / f"{'b' * 64}.123").write_bytes(b"half")
    drill.plan(in_s=600)
    file = tmp_path / "b.zip"
    drill.backup(file)
    return file


def bring_back(file: Path, into: Path, **more: object) -> None:
    given: dict[str, object] = {"now": NOW + timedelta(days=1), "boot": BootTime("b", 1.0), "who": "ana"}
    restore(file, into, **{**given, **more})  # type: ignore[arg-type]


def test_a_backup_holds_what_it_says_and_nothing_else(drill: Drill, tmp_path: Path) -> None:
    file = small(drill, tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == [
            "database.sqlite", "hits/20260302T090000Z-0123456789ab.hits",
            "hits/20260302T090000Z-0123456789ab.missed", f"attachments/{'a' * 64}", "manifest.json",
        ]  # fmt: skip
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["schema"] == HEAD
    assert manifest["holds_key"] is False
    bring_back(file, tmp_path / "new")
    assert (tmp_path / "new/hits/20260302T090000Z-0123456789ab.hits").read_bytes() == b"segment" * 1000
    assert (tmp_path / "new/attachments" / ("a" * 64)).read_bytes() == b"picture"
    assert not (tmp_path / "new/master.key").exists()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / DATABASE).stat().st_mode) == 0o600


def test_the_same_contents_are_the_same_bytes(drill: Drill, tmp_path: Path) -> None:
    first = small(drill, tmp_path)
    drill.backup(tmp_path / "c.zip")
    assert first.read_bytes() == (tmp_path / "c.zip").read_bytes()


def test_the_key_goes_along_only_wrapped(drill: Drill, tmp_path: Path) -> None:
    key = MasterKey.generate()
    sealed = Vault(key).seal("b", "a", "token", Secret("token-CANARY"))
    backup(drill.store.database, drill.data_dir, tmp_path / "b.zip", now=NOW, key=key, passphrase=PASSPHRASE)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert key.text.reveal().encode() not in whole
    assert PASSPHRASE.reveal().encode() not in whole
    bring_back(tmp_path / "b.zip", tmp_path / "without")
    assert not (tmp_path / "without/master.key").exists()
    with pytest.raises(NotAllowed, match="passphrase"):
        bring_back(tmp_path / "b.zip", tmp_path / "wrong", passphrase=lambda: Secret("correct horse battery stapler"))
    assert not (tmp_path / "wrong").exists()
    bring_back(tmp_path / "b.zip", tmp_path / "with", passphrase=lambda: PASSPHRASE)
    found = tmp_path / "with/master.key"
    assert stat.S_IMODE(found.stat().st_mode) == 0o600
    vault = Vault(MasterKey(Secret(found.read_text())))
    assert vault.open("b", "a", "token", sealed).reveal() == "token-CANARY"
    with pytest.raises(BadInput, match="shorter"):
        backup(drill.store.database, drill.data_dir, tmp_path / "c.zip", now=NOW, key=key, passphrase=Secret("short"))
    assert [path.name for path in tmp_path.glob("*c.zip*")] == []


def test_a_wrapped_key_cannot_be_altered() -> None:
    wrapped = wrap_key(MasterKey.generate(), PASSPHRASE)
    for name in ("salt", "nonce", "key_id", "sealed"):
        changed = {**wrapped, name: ("A" if wrapped[name][0] != "A" else "B") + wrapped[name][1:]}
        with pytest.raises(NotAllowed):
            unwrap_key(changed, PASSPHRASE)
    with pytest.raises(BadInput):
        unwrap_key({**wrapped, "n": "1048576000"}, PASSPHRASE)


def remade(file: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Write the archive anew with changed members, as somebody with an archive program would."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def altered(name: str) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        found = next(one for one in members if one.startswith(name))
        members[found] = members[found][:-1] + bytes([members[found][-1] ^ 1])

    return change


def stated(**values: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps({**json.loads(members["manifest.json"]), **values}).encode()

    return change


def smuggled(name: str, data: bytes = b"evil") -> Callable[[dict[str, bytes]], None]:
    """A member with a wrong name that the manifest knows, size and checksum included."""
    import hashlib

    def change(members: dict[str, bytes]) -> None:
        members[name] = data
        manifest = json.loads(members["manifest.json"])
        manifest["files"].append({"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
        members["manifest.json"] = json.dumps(manifest).encode()

    return change


def without(name: str) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        del members[name]

    return change


def bomb(members: dict[str, bytes]) -> None:
    members[next(one for one in members if one.startswith("hits/"))] = b"\0" * 50_000_000


TAMPERED: dict[str, Callable[[dict[str, bytes]], None]] = {
    "database": altered("database"), "segment": altered("hits/"), "picture": altered("attachments/"),
    "missing": without("database.sqlite"),
    "added": lambda members: members.update({"hits/extra-1.hits": b""}),
    "traversal": smuggled("../evil"), "deep traversal": smuggled("hits/../../evil"),
    "absolute": smuggled("/tmp/evil"), "backslash": smuggled("hits\\..\\evil"), "nul": smuggled("hits/a\x00b.hits"),
    "other name": smuggled("attachments/evil.sh"), "key unasked": smuggled("key.json", b"{}"),
    "bomb": bomb, "manifest lies": stated(schema="0001"), "naive time": stated(made_at="2026-03-02T09:00:00"),
    "no manifest": without("manifest.json"),
    "future format": stated(format=2), "future schema": stated(schema="9999"), "no files": stated(files=[]),
    "nonsense": stated(files=[{"name": 1}]), "another database": stated(database="oracle"),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERED)
def test_a_tampered_archive_changes_nothing(drill: Drill, tmp_path: Path, how: str) -> None:
    file = small(drill, tmp_path)
    remade(file, TAMPERED[how])
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises((Conflict, BadInput)):
        bring_back(file, tmp_path / "new")
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/tmp/evil").exists()


def test_a_damaged_archive_is_refused_at_every_place(drill: Drill, tmp_path: Path) -> None:
    """One flipped byte anywhere, or the end cut off: refused, or (in bytes that mean nothing) harmless."""
    file = small(drill, tmp_path)
    whole = file.read_bytes()
    refused = 0
    for at in range(0, len(whole), max(1, len(whole) // 150)):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            with Reader.opened(file) as reader:
                assert reader.manifest.schema == HEAD
        except CrosspostError:
            refused += 1
    assert refused > 120
    for cut in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:cut])
        with pytest.raises(BadInput), Reader.opened(file):
            pass


def test_restore_refuses_what_would_be_overwritten_or_run_twice(drill: Drill, tmp_path: Path) -> None:
    file = small(drill, tmp_path)
    full = tmp_path / "full"
    full.mkdir()
    (full / "something").write_text("mine")
    with pytest.raises(Conflict, match="not empty"):
        bring_back(file, full)
    assert (full / "something").read_text() == "mine"
    with pytest.raises(Conflict, match="clock"):
        bring_back(file, tmp_path / "new", now=NOW - timedelta(days=1))
    workers = tmp_path / "running" / "workers"
    with Ownership.acquire(workers, one_host=True), pytest.raises(Conflict, match="schedulers are running"):
        bring_back(file, tmp_path / "new", workers=[workers])
    empty = tmp_path / "empty"
    empty.mkdir()
    bring_back(file, empty, workers=[workers])
    assert (empty / DATABASE).exists()


def test_a_restore_that_fails_midway_leaves_nothing(
    drill: Drill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small(drill, tmp_path)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    before = sorted(tmp_path.iterdir())
    for place in ("seed_again", "doubt"):
        with monkeypatch.context() as patch:
            patch.setattr(restoring, place, die)
            with pytest.raises(KeyboardInterrupt):
                bring_back(file, tmp_path / "new")
        assert sorted(tmp_path.iterdir()) == before


def test_a_backup_that_fails_leaves_nothing(drill: Drill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = small(drill, tmp_path)
    with pytest.raises(Conflict, match="exists"):
        drill.backup(file)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    monkeypatch.setattr(Writer, "add_bytes", full)
    with pytest.raises(CrosspostError, match="disk full"):
        backup(
            drill.store.database, drill.data_dir, tmp_path / "c.zip", now=NOW, key=MasterKey.generate(),
            passphrase=PASSPHRASE,
        )  # fmt: skip
    assert [path for path in tmp_path.iterdir() if "c.zip" in path.name] == []


def test_a_growing_segment_is_copied_as_far_as_it_was(tmp_path: Path) -> None:
    growing = tmp_path / "20260302T090000Z-0123456789ab.hits"
    growing.write_bytes(b"a" * 10)
    with Writer(tmp_path / "b.zip") as writer:
        with growing.open("ab") as more:
            writer.add_file(f"hits/{growing.name}", growing)
            more.write(b"b")
        manifest = writer.finish(made_at=NOW, crosspost="0", schema="0002", database="sqlite")
    assert manifest.files == (Member(f"hits/{growing.name}", 10, manifest.files[0].sha256),)
    assert Manifest.parse(manifest.as_json(), "here") == manifest


def test_nothing_is_resumed_that_was_not_held(drill: Drill) -> None:
    with pytest.raises(Conflict, match="no restore"):
        drill.resume()
    with drill.store.database.write() as connection:
        installation.put(connection, installation.HELD, "restored", NOW)
    with pytest.raises(Conflict, match="did not finish"):
        drill.resume()


def test_the_brand_of_a_restored_store_is_the_same(drill: Drill, tmp_path: Path) -> None:
    file = small(drill, tmp_path)
    bring_back(file, tmp_path / "new")
    database = Database(f"sqlite:///{tmp_path / 'new' / DATABASE}")
    assert Store(database).brands() == drill.store.brands()
    database.close()
