"""Hypotheses are locked before looking: the hash covers every word, and each report says how the lock stands."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosspost.audit.ledger import BrandFacts, LeadRow, Ledger, Lock
from crosspost.audit.results import FIXED, Audit, Basis, ShareClaim
from crosspost.audit.run import audit
from crosspost.commands import hypotheses
from crosspost.commands.choices import Choices
from crosspost.commands.ledger import gather
from crosspost.commands.setup import add_brand
from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput, Conflict
from crosspost.domain.experiment import mondays, next_monday
from crosspost.domain.hypothesis import KNOWN, Hypothesis, canonical, changed, fingerprint, hypothesis_of, read, written
from crosspost.domain.period import Period
from crosspost.report.language.words import words
from crosspost.report.view import page
from crosspost.store.database import Database
from crosspost.store.store import Store
from tests.home import Home

NOW = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=400)
H1A = Hypothesis(
    "H1a", "Networks bring under 5 % of clients (last touch)", "share of clients, last touch", 0.05, "share", "A1",
    NOW + timedelta(days=1), NOW + timedelta(days=365), "clients_under_10",
)  # fmt: skip

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(texts, texts, st.floats(-1e6, 1e6), st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), texts)
@settings(max_examples=60, deadline=None)
def test_a_file_gives_back_every_word_and_its_hash(
    claim: str, outcome: str, margin: float, since: datetime, network: str
) -> None:
    wanted = Hypothesis(
        "k", claim, outcome, margin, "u", "A9", since.replace(microsecond=0, tzinfo=UTC), None, None,
        {"networks": [network, "x"], "seed": 2**53, "washout": True},
    )  # fmt: skip
    content = wanted.content("lea", NOW)
    stated, found = read(written(content))
    assert found == content
    assert stated == fingerprint(found)
    assert hypothesis_of(found) == wanted
    assert fingerprint(dict(reversed(found.items()))) == stated  # the order of lines says nothing


@pytest.mark.parametrize("name", sorted(H1A.content("lea", NOW)))
def test_another_value_anywhere_is_another_hash(name: str) -> None:
    content = H1A.content("lea", NOW)
    other = {**content, name: 0.1 if name == "margin" else "other"}
    assert fingerprint(other) != fingerprint(content)
    assert changed(content, other) == (name,)


@given(
    st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.integers(1, 110),
    st.sampled_from(["Europe/Paris", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Beirut"]),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_weeks_follow_each_other_whatever_the_clocks_do(day: date, weeks: int, name: str) -> None:
    zone = ZoneInfo(name)
    found = mondays(next_monday(day), weeks, zone)
    assert len(found) == weeks
    assert all(one.end == two.start for one, two in pairwise(found))
    for one in found:
        local = one.start.astimezone(zone)
        assert local.weekday() == 0
        assert local.hour <= 1  # 00:00, or the end of a gap that begins there
        assert timedelta(hours=166) <= one.end - one.start <= timedelta(hours=170)


@pytest.fixture
def store(sqlite_database: Database) -> Store:
    return Store(sqlite_database)


@pytest.fixture
def brand(store: Store) -> Brand:
    return add_brand(store, NOW, "Ana")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "hypotheses"


def locked(store: Store, brand: Brand, folder: Path, wanted: Hypothesis = H1A, at: datetime = NOW) -> Path:
    return hypotheses.lock(store, brand, wanted, folder, at, who="ana").file


def audited(store: Store, brand: Brand, folder: Path, *, since: datetime = H1A.since) -> Audit:
    return audit(
        gather(store, brand, LATER, since=since, until=LATER, choices=Choices(hypotheses=folder)), made_at=LATER
    )


def fixed(found: Audit, key: str) -> bool | None:
    finding = next(one for one in found.findings if one.claim.key == key)
    return next(one.held for one in finding.assumptions if one.text == FIXED)


def test_a_locked_margin_takes_the_place_of_the_ready_made_one(store: Store, brand: Brand, folder: Path) -> None:
    assert fixed(audited(store, brand, folder), "clients_under_10") is None
    locked(store, brand, folder)
    found = audited(store, brand, folder)
    keys = [one.claim.key for one in found.findings]
    assert keys[:2] == ["H1a", "doors_under_10"]  # and 5 % by last touch is not asked twice
    assert found.findings[0].claim.margin == 0.05
    assert fixed(found, "H1a") is True
    (lock,) = found.locks
    assert found.findings[0].lock == lock.hash
    assert lock.told().endswith(": as locked.")
    assert any(lock.hash in caveat for caveat in found.findings[0].caveats)


def test_a_report_says_that_a_file_was_changed(store: Store, brand: Brand, folder: Path) -> None:
    file = locked(store, brand, folder)
    was = file.read_text("utf-8")
    file.write_text(was.replace("margin = 0.05", "margin = 0.25"), "utf-8")
    found = audited(store, brand, folder)
    assert "changed after locking (H1a.toml or its stored copy: margin)" in found.locks[0].told()
    assert fixed(found, "H1a") is False
    # Nor does it help to put a hash over it that fits, or to break the file.
    _, content = read(file.read_text("utf-8"))
    file.write_text(written(content), "utf-8")
    assert "changed after locking" in audited(store, brand, folder).locks[0].told()
    file.write_text("no = toml =", "utf-8")
    assert "cannot be read" in audited(store, brand, folder).locks[0].told()
    file.write_text(was.replace('hash = "', 'hash = "0'), "utf-8")
    assert "stored copy: hash" in audited(store, brand, folder).locks[0].told()
    file.unlink()
    gone = audited(store, brand, folder)
    assert "its file is not there" in gone.locks[0].told()
    assert fixed(gone, "H1a") is True
    file.write_text(was, "utf-8")
    assert audited(store, brand, folder).locks[0].changed is None


def test_a_report_says_that_the_stored_copy_was_changed(
    store: Store, brand: Brand, folder: Path, sqlite_database: Database
) -> None:
    file = locked(store, brand, folder)
    other = replace(H1A, margin=0.25).content(brand.slug, NOW)
    with sqlite3.connect(str(sqlite_database.url.database)) as connection:
        connection.execute("UPDATE hypothesis SET content = ?", (canonical(other),))
    connection.close()
    assert "changed after locking" in audited(store, brand, folder).locks[0].told()
    with sqlite3.connect(
        str(sqlite_database.url.database)
    ) as connection:  # and with a hash that fits: the file differs
        connection.execute("UPDATE hypothesis SET sha256 = ?", (fingerprint(other),))
    connection.close()
    assert "margin" in (audited(store, brand, folder).locks[0].changed or "")
    assert file.exists()


def test_what_is_locked_after_its_period_began_is_exploratory(store: Store, brand: Brand, folder: Path) -> None:
    hypotheses.looked_at(store, brand, "audit", Period(NOW - timedelta(days=90), NOW), NOW - timedelta(days=1))
    locked(store, brand, folder, replace(H1A, since=NOW - timedelta(days=60)))
    found = audited(store, brand, folder)
    told = found.locks[0].told()
    assert "locked after looking, exploratory" in told
    assert "a look (audit) was taken at it on 2026-05-31" in told
    french = words("fr").tell(told)
    assert "elle a été regardée (audit) le 31 mai 2026" in french
    assert "before it was locked" not in french
    assert fixed(found, "H1a") is False


def test_an_audit_of_days_before_the_locked_period_is_exploratory(store: Store, brand: Brand, folder: Path) -> None:
    locked(store, brand, folder)
    early = audited(store, brand, folder, since=H1A.since - timedelta(days=30))
    assert fixed(early, "H1a") is False
    assert any("exploratory" in one for one in early.findings[0].caveats)
    assert fixed(audited(store, brand, folder), "H1a") is True


def test_what_is_locked_is_never_locked_anew(store: Store, brand: Brand, folder: Path) -> None:
    locked(store, brand, folder)
    with pytest.raises(Conflict, match="locked already"):
        locked(store, brand, folder, replace(H1A, margin=0.2))
    in_the_way = hypotheses.file_of(folder, brand, "mine")
    in_the_way.write_text("mine")
    with pytest.raises(Conflict, match="the file exists"):
        locked(store, brand, folder, replace(H1A, key="mine"))
    assert in_the_way.read_text() == "mine"
    with store.read(brand.id) as scope:  # and nothing was registered
        assert [one.stored.key for one in hypotheses.standing(scope, brand, folder)] == ["H1a"]
    for key in ("../H1a", "", "a/b", ".hidden", "é"):
        with pytest.raises(BadInput, match="no key"):
            locked(store, brand, folder, replace(H1A, key=key))


def test_another_brand_has_locks_of_its_own(store: Store, brand: Brand, folder: Path) -> None:
    other = add_brand(store, NOW, "Other")
    locked(store, brand, folder)
    assert audited(store, other, folder).locks == ()
    locked(store, other, folder)
    assert audited(store, other, folder).locks[0].hash != audited(store, brand, folder).locks[0].hash


def test_locks_change_nothing_but_what_they_fix() -> None:
    won = NOW + timedelta(days=20)
    ledger = Ledger(
        BrandFacts("a", "A", "EUR"), Period(NOW, LATER),
        leads=tuple(LeadRow(f"l{n}", won, "referral", won_at=won) for n in range(30)),
    )  # fmt: skip
    plain = audit(ledger, made_at=LATER)
    with_lock = audit(replace(ledger, locks=(_lock("own", None),)), made_at=LATER)
    assert with_lock.findings == plain.findings  # it answers no claim of the audit: it is printed, and that is all
    assert [one.key for one in with_lock.locks] == ["own"]
    one, two = _lock("a", "clients_under_10"), _lock("b", "clients_under_5")
    first, second = (audit(replace(ledger, locks=locks), made_at=LATER) for locks in ((one, two), (two, one)))
    assert first == second
    asked = audit(ledger, [ShareClaim("mine", "…", 0.2, Basis.LAST)], made_at=LATER)
    assert not any(finding.lock for finding in asked.findings)


def _lock(key: str, answers: str | None) -> Lock:
    return Lock(key, "Few clients", "share", 0.07, "share", "A1", NOW, None, answers, fingerprint({"key": key}), NOW)


def test_every_report_prints_the_hash(store: Store, brand: Brand, folder: Path) -> None:
    locked(store, brand, folder)
    found = audited(store, brand, folder)
    hash_ = found.locks[0].hash
    assert found.as_dict()["locks"][0]["hash"] == hash_
    assert found.as_dict()["findings"][0]["lock"] == hash_
    assert any(hash_ in one for one in page(found, (), words("en")).locks)


def test_the_command_line_locks_lists_shows_and_checks(home: Home) -> None:
    made = home.json("hypothesis", "lock", "h1a", "--margin", "5%", "--until", "2190-01-01")
    assert (made["key"], made["margin"], made["state"]) == ("H1a", 0.05, "as locked")
    file = home.folder / "config" / "hypotheses" / "atelier" / "H1a.toml"
    assert made["hash"] in file.read_text("utf-8")
    own = ("--claim", "Few ask", "--outcome", "leads", "--method", "A2", "--margin", "3", "--unit", "leads a week")
    assert home.json("hypothesis", "lock", "own", *own)["margin"] == 3.0
    assert [one["key"] for one in home.json("hypothesis", "list")] == ["H1a", "own"]
    assert home.json("hypothesis", "show", "H1a")["content"]["margin"] == 0.05
    assert "margin = 0.05" in home("hypothesis", "show", "H1a")
    assert [one["key"] for one in home.json("hypothesis", "list", "--known")] == [one.key for one in KNOWN]
    assert [one["state"] for one in home.json("hypothesis", "check")] == ["as locked", "as locked"]
    file.write_text(file.read_text("utf-8").replace("5 %", "50 %"), "utf-8")
    changed_ = home.json_of(1, "hypothesis", "check")
    assert [one["changed"] for one in changed_] == [["claim"], []]
    told = json.loads(home("audit", "--json"))
    assert {one["key"] for one in told["locks"]} == {"H1a", "own"}
    assert "changed after locking" in home("audit")


def test_a_bundle_says_the_same_of_locked_claims_elsewhere(home: Home) -> None:
    home("hypothesis", "lock", "H1a", "--margin", "7%", "--since", "2026-01-01")
    home("hypothesis", "lock", "H1d", "--margin", "3", "--since", "2026-01-01")
    told = home.json("audit", "--since", "2026-01-01", "--until", "2026-03-01", "--out", str(home.folder / "out"))
    margins = {one["claim"]["key"]: one["claim"]["margin"] for one in told["findings"] if one["lock"]}
    assert margins == {"H1a": 0.07, "prospecting_beats_networks": 3.0}
    for file in home.folder.glob("config/hypotheses/**/*.toml"):
        file.unlink()  # who verifies has neither files nor store
    verified = home.json("audit", "verify", str(home.folder / "out" / "bundle.zip"))
    assert (verified["verified"], verified["differences"]) == (True, [])


def test_looking_is_remembered(home: Home) -> None:
    home("audit", "--since", "2026-01-01", "--until", "2026-03-01")
    late = home.json("hypothesis", "lock", "H1b", "--since", "2026-02-01")
    assert late["state"] == "locked after looking: exploratory"
    assert "a look (audit) was taken" in late["looked"]


@pytest.mark.parametrize("arguments", [
    ("H1a", "--margin", "0"), ("H1a", "--margin", "120%"), ("H1a", "--margin", "many"),
    ("H1d", "--margin", "0"), ("H3", "--margin", "-1"), ("H4", "--margin", "100%"), ("H1a", "--claim", "mine"),
    ("own", "--claim", "a", "--outcome", "b", "--method", "A13", "--margin", "0.1"),
    ("own",), ("own", "--claim", "a", "--outcome", "b", "--method", "A1"), ("../x", "--claim", "a", "--outcome", "b",
    "--method", "A1", "--margin", "0.1"), ("H1a", "--since", "2190-02-01", "--until", "2190-01-01"),
])  # fmt: skip
def test_what_cannot_be_locked_is_refused_in_one_sentence(home: Home, arguments: tuple[str, ...]) -> None:
    home.refused(2, "hypothesis", "lock", *arguments)
    assert home.json("hypothesis", "list") == []
    assert not list(home.folder.glob("config/hypotheses/**/*.toml"))
