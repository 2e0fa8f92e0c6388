"""The restore drill: a backup, life going on, the backup restored, and nothing posted twice."""

from __future__ import annotations

import json
import os
import shutil
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from crosspost.commands.archive import Manifest, Member, Reader, Writer
from crosspost.commands.backup import backup
from crosspost.commands.read import read_due
from crosspost.commands.restore import DATABASE, restore
from crosspost.domain.article import Decision
from crosspost.domain.delivery import DeliveryClass, State
from crosspost.domain.errors import BadInput, Conflict, CrosspostError, NotAllowed
from crosspost.domain.slots import Due
from crosspost.domain.windows import BootTime
from crosspost.outside.http import Outbound
from crosspost.ownership import Ownership
from crosspost.secret import Secret
from crosspost.store import articles, deliveries, installation, links, restoring
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.vault import MasterKey, Vault, unwrap_key, wrap_key
from tests.engine import NOW
from tests.local_server import Reply, Request, serving
from tests.postgres import Server
from tests.restored import CLASSES, Drill

BLIND = CLASSES.index(DeliveryClass.BLIND)
PASSPHRASE = Secret("correct horse battery staple")


@pytest.fixture
def drill(sqlite_database: Database, tmp_path: Path) -> Iterator[Drill]:
    made = Drill.started(sqlite_database, tmp_path / "data")
    yield made
    made.close()


def everywhere(drill: Drill, *, in_s: float, approve: bool = True) -> list[str]:
    return [drill.plan(in_s=in_s, account=number, approve=approve) for number in range(len(CLASSES))]


def before_the_backup(drill: Drill) -> dict[str, list[str]]:
    """Deliveries in every state that a backup can meet, on every class."""
    past = everywhere(drill, in_s=0)
    drill.live(0.5)
    return {
        "published": past,
        "soon": everywhere(drill, in_s=3600) + everywhere(drill, in_s=7200),
        "later": everywhere(drill, in_s=12 * 3600),
        "moved": everywhere(drill, in_s=14 * 3600),
        "draft": everywhere(drill, in_s=5400, approve=False),
        "never": everywhere(drill, in_s=5400, approve=False),
    }


def after_the_backup(drill: Drill, made: dict[str, list[str]]) -> list[str]:
    """Life goes on: what was due goes out, drafts are approved, one is moved forward and edited, others are new."""
    with drill.store.write(drill.brand_id) as scope:
        for one in made["draft"]:
            deliveries.approve(scope, one, who="ana", now=drill.clock.now())
        for one in made["moved"]:
            at = drill.clock.now() + timedelta(hours=2)
            row = deliveries.get(scope, one)
            words = row.teaser.__class__(f"{row.teaser.text} !", row.teaser.link, "fr", "text")
            deliveries.revise(scope, one, who="ana", now=drill.clock.now(), due=Due(at, "", "UTC"), teaser=words)
            deliveries.approve(scope, one, who="ana", now=drill.clock.now())
    new = [one for hour in range(5) for one in everywhere(drill, in_s=1800 + 600 * hour)]
    drill.live(2.6)
    return new


def test_the_drill(drill: Drill, tmp_path: Path) -> None:
    made = before_the_backup(drill)
    done = drill.backup(tmp_path / "b.zip")
    assert done.made_at == drill.clock.now()
    new = after_the_backup(drill, made)
    assert len(new) == 30
    world = Counter(drill.posted_codes())
    assert len(world) == 6 * 10
    requests = drill.requests()

    again, report = drill.restored(tmp_path / "b.zip", tmp_path / "again")
    assert report.doubted == len(made["soon"])
    again.live(3)
    assert again.requests() == requests, "held: nothing is sent"
    resumed = again.resume()
    again.live(12)
    again.close()

    assert Counter(again.posted_codes()).most_common(1)[0][1] == 1, "a double post"
    gone = Counter(again.posted_codes()) - world
    state = {row.id: row for row in again.all()}
    sent_later = {state[one].code for number, one in enumerate(made["later"]) if number != BLIND}
    assert set(gone) == sent_later, "what was due after the restore, and nothing else, went out"
    for name in ("published", "soon", "draft", "moved"):
        for number, one in enumerate(made[name]):
            if number % 6 != BLIND or name == "published":
                assert state[one].state is State.PUBLISHED, (name, CLASSES[number % 6])
                assert state[one].remote_id
    for one in (made["soon"][BLIND], made["soon"][BLIND + 6]):
        assert state[one].state is State.NEEDS_PERSON
    for name in ("draft", "later", "moved", "never"):
        assert state[made[name][BLIND]].state is State.DRAFT, "a person must look before it is approved again"
    assert {account.adopted for account in resumed.accounts if account.never} == {()}
    assert sum(len(account.homeless) + len(account.adopted) for account in resumed.accounts) == 5 * 5
    with again.store.database.read() as connection:
        assert installation.get(connection, installation.HELD) is None
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"


def test_the_drill_catches_a_restore_without_its_rule(
    drill: Drill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The harness must see what the rule prevents: without it, everything that was due goes out twice."""
    made = before_the_backup(drill)
    drill.backup(tmp_path / "b.zip")
    after_the_backup(drill, made)
    monkeypatch.setattr(restoring, "restored", lambda *_: None)
    monkeypatch.setattr(restoring, "seen", lambda *_: None)
    again, _ = drill.restored(tmp_path / "b.zip", tmp_path / "again")
    with again.store.database.write() as connection:
        installation.remove(connection, installation.HELD)
    again.live(4)
    again.close()
    twice = [code for code, number in Counter(again.posted_codes()).items() if number > 1]
    assert len(twice) >= 6


def test_what_was_in_the_networks_hands_when_the_copy_was_made(drill: Drill, tmp_path: Path) -> None:
    """A backup in the middle of a request: the row says `sending` by a worker that will never come back."""
    ids = everywhere(drill, in_s=0)
    copies: list[Path] = []

    def copy(step: str) -> None:
        if step == "before request" and not copies:
            copies.append(tmp_path / "b.zip")
            drill.backup(copies[0])

    drill.worker(workers=1, probe=copy)
    drill.live(1)
    again, report = drill.restored(copies[0], tmp_path / "again")
    assert report.doubted == 6
    open_ = [one for row in ids for one in again.attempts(row) if one.finished_at is None]
    assert open_ == []
    again.live(1)
    again.resume()
    again.live(12)
    again.close()
    assert Counter(again.posted_codes()).most_common(1)[0][1] == 1
    assert len(again.posted_codes()) == 6


def test_what_did_not_go_out_is_sent_after_the_hold(drill: Drill, tmp_path: Path) -> None:
    """The machine died with the disk: nothing went out since the backup. Inside its window it still does, once."""
    ids = everywhere(drill, in_s=600)
    drill.backup(tmp_path / "b.zip")
    drill.clock.advance(900)
    again, _ = drill.restored(tmp_path / "b.zip", tmp_path / "again")
    again.resume()
    again.live(4)
    again.close()
    states = [again.get(one).state for one in ids]
    assert states == [State.PUBLISHED] * 5 + [State.NEEDS_PERSON]
    assert len(again.posted_codes()) == 5


def test_an_account_that_does_not_answer_keeps_everything_held(drill: Drill, tmp_path: Path) -> None:
    ids = everywhere(drill, in_s=600)
    later = everywhere(drill, in_s=50 * 3600)
    drill.backup(tmp_path / "b.zip")
    drill.live(1)
    requests = drill.requests()
    again, _ = drill.restored(tmp_path / "b.zip", tmp_path / "again")
    again.servers[0].hidden = True
    with pytest.raises(Conflict, match="still held"):
        again.resume()
    again.live(1)
    assert again.requests() == requests
    resumed = again.resume(unread_too=True)
    assert (resumed.asked, resumed.drafts) == (1, 2)  # the blind account's, and that of the one that does not answer
    assert again.get(ids[0]).state is State.NEEDS_PERSON
    assert again.get(later[0]).state is State.DRAFT
    again.live(4)
    again.close()
    assert max(Counter(again.posted_codes()).values()) == 1


def test_a_list_that_ends_too_soon_proves_nothing(drill: Drill, tmp_path: Path) -> None:
    soon, later = drill.plan(in_s=600, account=4), drill.plan(in_s=60 * 3600, account=4)
    drill.backup(tmp_path / "b.zip")
    drill.live(1)
    for _ in range(3):
        drill.plan(in_s=0, account=4)
    drill.live(1)
    again, _ = drill.restored(tmp_path / "b.zip", tmp_path / "again")
    again.servers[4].page = 2
    again.resume()
    again.live(4)
    again.close()
    assert again.get(soon).state is State.NEEDS_PERSON
    assert again.get(later).state is State.DRAFT
    assert max(Counter(again.posted_codes()).values()) == 1


FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>b</title><link>https://blog.example</link>{}</channel></rss>"""
ITEM = "<item><guid>{0}</guid><link>https://blog.example/{0}</link><title>Une histoire de jardin n° {0}</title></item>"


def test_feeds_are_seeded_again_and_links_come_home(drill: Drill, tmp_path: Path) -> None:
    items = [1, 2]

    def answer(request: Request) -> Reply:
        if request.headers.get("if-none-match") == f'"{len(items)}"':
            return Reply(304)
        body = FEED.format("".join(ITEM.format(one) for one in items)).encode()
        return Reply(200, {"content-type": "application/rss+xml", "etag": f'"{len(items)}"'}, body)

    with serving(answer) as server:
        outbound = Outbound(private_origins=frozenset({server.origin}))
        brand = drill.store.brands()[0]
        with drill.store.write(drill.brand_id) as scope:
            articles.add_source(scope, "feed", server.origin, NOW)
        read_due(drill.store, brand, outbound, NOW, 1800, force=True)
        items.append(3)
        read_due(drill.store, brand, outbound, NOW, 1800, force=True)  # new, not planned yet
        drill.backup(tmp_path / "b.zip")
        drill.clock.advance(3600)
        items.append(4)
        read_due(drill.store, brand, outbound, drill.clock.now(), 1800, force=True)
        posted = drill.plan(in_s=0)
        with drill.store.write(drill.brand_id) as scope:
            row = deliveries.get(scope, posted)
            words = f"Une histoire de jardin n° 4\n{row.teaser.link}"
            scope.connection.execute(
                text("UPDATE delivery SET teaser = :teaser WHERE id = :id AND brand_id = :brand"),
                {"teaser": row.teaser.__class__(words, row.teaser.link, "fr", "text").as_json(), "id": posted,
                 "brand": drill.brand_id},
            )  # fmt: skip
        nameless = drill.plan(in_s=0, account=1)
        codes = [drill.get(one).code for one in (posted, nameless)]
        drill.live(0.5)

        again, report = drill.restored(tmp_path / "b.zip", tmp_path / "again")
        assert (report.feeds, report.articles) == (1, 1)
        resumed = again.resume(outbound)
        for _ in range(2):
            read_due(again.store, brand, outbound, again.clock.now(), 1800, force=True)
    with again.store.read(again.brand_id) as scope:
        decisions = {one.article.url: one.decision for one in articles.articles(scope)}
        found = {one.code: one.target for one in links.all_of(scope)}
    again.close()
    assert set(decisions) == {f"https://blog.example/{one}" for one in (1, 2, 3, 4)}
    assert set(decisions.values()) == {Decision.SEEDED}
    assert found[codes[0]].startswith("https://blog.example/4?")
    assert codes[0] in found[codes[0]]
    assert found[codes[1]].startswith("https://blog.example/?")
    assert sum(len(one.adopted) for one in resumed.accounts) == 2


@pytest.mark.postgres
def test_the_drill_on_postgresql(postgres_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binaries = Server.binaries()
    assert binaries is not None
    monkeypatch.setenv("PATH", f"{binaries}:{os.environ['PATH']}")
    database = Database(postgres_server.create(template="template_crosspost"))
    drill = Drill.started(database, tmp_path / "data")
    made = before_the_backup(drill)
    drill.backup(tmp_path / "b.zip")
    after_the_backup(drill, made)
    world = Counter(drill.posted_codes())
    with pytest.raises(Conflict, match="not empty"):
        drill.restored(tmp_path / "b.zip", tmp_path / "again", str(database.url.set(drivername="postgresql")))
    assert not (tmp_path / "again").exists()
    again, report = drill.restored(tmp_path / "b.zip", tmp_path / "again", postgres_server.create())
    assert report.doubted == len(made["soon"])
    again.live(1)
    assert Counter(again.posted_codes()) == world
    again.resume()
    again.live(4)
    again.close()
    assert Counter(again.posted_codes()) == world
    again.store.database.close()
    database.close()


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
    assert manifest["schema"] == "0002"
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
                assert reader.manifest.schema == "0002"
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
