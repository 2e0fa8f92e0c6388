"""What readers leave, looked for in every byte of every file: at once, a day later, and when its time is over."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crosspost.audit.run import audit
from crosspost.commands import expiry
from crosspost.commands.backup import backup
from crosspost.commands.fold import fold
from crosspost.commands.keys import person_key
from crosspost.commands.ledger import gather
from crosspost.commands.persons import erase_person
from crosspost.commands.privacy import carry_click_id
from crosspost.commands.purge import purge
from crosspost.commands.restore import restore
from crosspost.commands.rewriting import write_audit
from crosspost.commands.visits import fold_visits, forget_visitors
from crosspost.domain.business import Lead
from crosspost.domain.person import person_hash
from crosspost.domain.visit import visitor_hash
from crosspost.domain.windows import BootTime
from crosspost.logs import configure
from crosspost.store import business, register, traffic, visit_counts
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.vault import MasterKey, Vault
from tests.blank import BRAND, NOW
from tests.visited import BROWSER, CODE, FOLLOWED, SITES, Served, serving

ADDRESS = "203.0.113.77"
PACKED = bytes(map(int, ADDRESS.split(".")))
MAIL = "canary-mail@reader.example"
NEVER = (ADDRESS.encode(), PACKED, MAIL.encode(), b"reader.example", b"canary-secret")
FOR_A_TIME = (b"canary-agent", b"canary-referrer", b"canary-campaign", b"canary-path", b"canary-unknown")
LATER = NOW + timedelta(days=800)


@pytest.fixture
def served(tmp_path: Path, sqlite_database: Database) -> Iterator[Served]:
    (tmp_path / "data").mkdir()
    (tmp_path / "crosspost.db").rename(tmp_path / "data" / "crosspost.db")
    undo = configure(tmp_path / "data" / "crosspost.log")
    try:
        with serving(tmp_path / "data", SITES, ("127.0.0.1",)) as made:
            yield made
    finally:
        undo()


def plant(served: Served) -> None:
    """A reader clicks, looks at two pages and tries a link that nobody registered; a proxy tells who it is."""
    headers = {
        "user-agent": f"{BROWSER} canary-agent", "referer": "https://canary-referrer.example/",
        "x-forwarded-for": ADDRESS,
    }  # fmt: skip
    assert served.client.get(f"/{CODE}", headers=headers).status_code == 302
    assert served.client.get("/canary-unknown", headers=headers).status_code == 404
    query = f"utm_source=canary-campaign&utm_campaign={MAIL}&email={MAIL}&token=canary-secret"
    for path in ("/canary-path", f"/merci/{MAIL}"):
        answer = served.view(
            path, query, "canary-referrer.example", user_agent=headers["user-agent"], x_forwarded_for=ADDRESS
        )
        assert answer.status_code == 204
    fold(served.store, served.folder / "hits", served.clock.now())
    assert len(served.visits()) == 1


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, and every member of every backup."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found[str(path)] = path.read_bytes()
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    found |= {f"{path}:{name}": archive.read(name) for name in archive.namelist()}
    return found


def holding(folder: Path, *needles: bytes) -> list[tuple[str, bytes]]:
    return [(name, needle) for name, data in contents(folder).items() for needle in needles if needle in data]


def backed_up(served: Served, folder: Path, name: str = "backup.zip") -> Path:
    target = folder / name
    backup(served.store.database, served.folder, target, now=served.clock.now())
    return target


def test_no_address_and_no_mail_is_ever_written_and_the_rest_goes_when_its_time_is_over(
    served: Served, tmp_path: Path
) -> None:
    plant(served)
    target = backed_up(served, tmp_path)
    found = audit(gather(served.store, served.store.brand("atelier"), NOW), made_at=NOW)
    write_audit(found, tmp_path / "audit.json")
    names = list(contents(tmp_path))
    assert any(".hits" in name for name in names)
    assert any(name.endswith(".visits") for name in names)
    assert any(name.endswith("audit.json") for name in names)
    assert any("database.sqlite" in name for name in names)
    assert (served.folder / "crosspost.log").exists()
    assert holding(tmp_path, *NEVER) == []
    assert {needle for _, needle in holding(tmp_path, *FOR_A_TIME)} == set(FOR_A_TIME), "else the search finds nothing"
    assert {needle for name, needle in holding(tmp_path, *FOR_A_TIME) if ":" in name} == set(FOR_A_TIME)

    dry = purge(served.store, LATER, dry_run=True, hits_dir=served.folder / "hits")
    assert {one.what: one.count for one in dry.removed} == {"hits": 1, "visits": 1, "hits on unknown links": 1}
    assert [(one.kind, one.done) for one in dry.files] == [("hit log", "deleted"), ("backup", "rewritten")]
    assert purge(served.store, NOW + timedelta(days=750), hits_dir=served.folder / "hits").removed == ()
    before = counted(served.store)
    assert sum(before) == 2

    served.clock.at = LATER
    fold_visits(served.store, served.folder / "visits", LATER)
    done = purge(served.store, LATER, hits_dir=served.folder / "hits")
    assert done.removed == dry.removed
    assert done.problems == ()
    assert holding(tmp_path, *NEVER, *FOR_A_TIME) == []
    assert counted(served.store) == before
    assert purge(served.store, LATER, hits_dir=served.folder / "hits").removed == ()
    with served.store.database.read() as connection:
        assert [one.purge_at for one in register.all_of(connection)] == [None]
    assert target.exists()


def counted(store: Store) -> tuple[int, int]:
    with store.read(BRAND) as scope:
        hits = sum(one.hits for one in traffic.counts(scope))
        return hits, sum(one.visits for one in visit_counts.counts(scope))


def test_a_salt_and_the_visitors_are_in_no_backup_and_gone_the_day_after(served: Served, tmp_path: Path) -> None:
    plant(served)
    salt = (served.folder / "salts" / "2026-03-02.salt").read_bytes()
    visitor = visitor_hash(salt, BRAND, ADDRESS, f"{BROWSER} canary-agent")
    needles = (salt, salt.hex().encode(), visitor.encode(), bytes.fromhex(visitor))
    there = holding(tmp_path, *needles)
    assert {needle for _, needle in there} >= {salt, visitor.encode()}, "else the search finds nothing"
    target = backed_up(served, tmp_path)
    assert [name for name, _ in holding(tmp_path, *needles) if ".zip" in name] == []
    with zipfile.ZipFile(target) as archive:
        assert not any("salt" in name or "visits" in name for name in archive.namelist())

    tomorrow = NOW + timedelta(hours=15, seconds=1)
    served.clock.at = tomorrow
    fold_visits(served.store, served.folder / "visits", tomorrow)
    forget_visitors(served.store, served.folder / "salts", tomorrow)
    served.made.load()
    assert holding(tmp_path, *needles) == []
    assert len(served.visits()) == 1


def test_visits_that_were_not_folded_are_in_a_backup_all_the_same(served: Served, tmp_path: Path) -> None:
    served.view()
    target = backed_up(served, tmp_path)
    restore(target, tmp_path / "back", now=NOW, boot=BootTime("boot", 1.0), who="ana")
    database = Database(f"sqlite:///{tmp_path / 'back' / 'crosspost.db'}")
    assert counted(Store(database)) == (0, 1)
    database.close()


def test_a_restore_brings_nothing_back_whose_time_is_over(served: Served, tmp_path: Path) -> None:
    plant(served)
    target = backed_up(served, tmp_path)
    restore(target, tmp_path / "back", now=LATER, boot=BootTime("boot", 1.0), who="ana")
    assert holding(tmp_path / "back", *FOR_A_TIME) == []
    database = Database(f"sqlite:///{tmp_path / 'back' / 'crosspost.db'}")
    assert counted(Store(database)) == (1, 1)
    database.close()


def test_a_person_who_is_erased_is_followed_no_more(tmp_path: Path, sqlite_database: Database) -> None:
    """In click-id mode: the click, the visit and the lead lose what ties them together, in backups too."""
    (tmp_path / "data").mkdir()
    (tmp_path / "crosspost.db").rename(tmp_path / "data" / "crosspost.db")
    with serving(tmp_path / "data", FOLLOWED, ("127.0.0.1",)) as served:
        location = served.client.get(f"/{CODE}", headers={"user-agent": BROWSER}).headers["location"]
        name = location.rpartition("cpid=")[2]
        served.view("/", f"utm_content={CODE}&cpid={name}")
        served.visits()
        key = person_key(served.store, Vault(MasterKey.generate()), BRAND, NOW)
        person = person_hash("ana@reader.example", key.reveal().encode())
        with served.store.write(BRAND) as scope:
            business.record_lead(scope, Lead("cli", "L1", NOW, person=person), NOW)
            assert carry_click_id(scope, "L1", name)
        served.clock.at = NOW + timedelta(hours=7)
        served.visits()  # and the log that named it is wiped
        backed_up(served, tmp_path)
        places = {where for where, _ in holding(tmp_path, name.encode())}
        assert any("database.sqlite" in where for where in places)
        assert any(where.endswith("crosspost.db") for where in places)

        done = erase_person(served.store, BRAND, NOW, key, mails=["ana@reader.example"])
        assert done.rows == 4  # click, visit, what the lead carries, the lead
        assert [one.done for one in done.files] == ["rewritten"]
        assert holding(tmp_path, name.encode()) == []
        assert len(served.visits()) == 1
        assert served.visits()[0].click_id is None

        again = (
            served.client.get(f"/{CODE}", headers={"user-agent": BROWSER}).headers["location"].rpartition("cpid=")[2]
        )
        served.visits()
        assert erase_person(served.store, BRAND, NOW, key, click_ids=[again]).rows == 1


def test_a_brand_may_keep_less_than_another(served: Served) -> None:
    plant(served)
    served.choose(SITES.__class__(sites=SITES.sites, keep_hits=2, keep_visits=1))
    soon = NOW + timedelta(days=45)
    assert {one.what for one in purge(served.store, soon).removed} == {"visits"}
    assert expiry.purge_hit_log(served.store, served.folder / "hits", soon) == 0
    late = NOW + timedelta(days=75)
    assert expiry.purge_hit_log(served.store, served.folder / "hits", late, dry_run=True) == 1
    report = purge(served.store, late, hits_dir=served.folder / "hits")
    assert [one.what for one in report.removed] == ["hits"]
    assert "--keep-hits" in report.removed[0].why
    assert list((served.folder / "hits").glob("*.hits")) == []
    assert counted(served.store) == (1, 1)
