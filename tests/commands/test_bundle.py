"""The bundle of an audit: the same bytes of the same facts, computed again elsewhere, and no byte changed unseen."""

from __future__ import annotations

import csv
import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosspost.audit.ledger import CoverageRow, Ledger, Lock
from crosspost.audit.results import ShareClaim
from crosspost.audit.run import audit
from crosspost.audit.verdict import DEFAULT_CLAIMS
from crosspost.commands import verify as verifying
from crosspost.commands.bundle import Inputs, members_of, numbered, write_bundle
from crosspost.commands.bundle_file import as_json, pack
from crosspost.commands.verify import verify
from crosspost.domain.errors import BadInput, CrosspostError, NotVerified
from tests.audit.ledgers import MADE_AT, START, small
from tests.audit.test_metamorphic import ledgers, shuffled


def members(ledger: Ledger) -> dict[str, bytes]:
    return members_of(ledger, DEFAULT_CLAIMS, MADE_AT, Inputs(), {})


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(small(), DEFAULT_CLAIMS, MADE_AT, tmp_path)


@settings(deadline=None, max_examples=10)
@given(ledgers())
def test_order_and_ids_of_rows_change_no_byte_and_no_figure(ledger: Ledger) -> None:
    again = shuffled(ledger, 7)
    renamed = replace(again, leads=tuple(replace(row, lead=f"{row.lead[::-1]}@client.example") for row in again.leads))
    assert pack(members(renamed)) == pack(members(ledger))
    assert audit(numbered(ledger), made_at=MADE_AT) == audit(ledger, made_at=MADE_AT)


def test_a_lead_told_twice_stays_one_lead_and_a_contradicted_one_contradicted() -> None:
    ledger = small()
    twice = replace(ledger, leads=(*ledger.leads, ledger.leads[0], replace(ledger.leads[1], channel="email")))
    once, again = audit(numbered(twice), made_at=MADE_AT), audit(twice, made_at=MADE_AT)
    assert once.tables == again.tables
    assert [one.verdict for one in once.findings] == [one.verdict for one in again.findings]


@settings(deadline=None, max_examples=10)
@given(ledgers(), st.booleans())
def test_an_audit_that_was_made_already_makes_the_same_bundle(ledger: Ledger, contradicted: bool) -> None:
    lock = Lock(
        "no-doors", "Networks bring under a tenth of clients", "clients", 0.1, "share", "A1", START, None,
        "clients_under_10", "0" * 64, START,
    )  # fmt: skip
    named = CoverageRow("leads", "", "file", START.date(), START.date(), 3, ("2025-01",), "who.csv", "ab" * 32)
    again = (replace(ledger.leads[0], channel="email", told_channel="search"),) if contradicted and ledger.leads else ()
    whole = replace(ledger, locks=(lock,), coverage=(named,), leads=(*ledger.leads, *again))
    found = audit(whole, made_at=MADE_AT)
    claims = [one.claim for one in found.findings if isinstance(one.claim, ShareClaim)]
    made = members_of(whole, claims, MADE_AT, Inputs(), {}, found)
    assert made == members_of(whole, claims, MADE_AT, Inputs(), {})
    assert not [name for name, content in made.items() if b"who.csv" in content]


def test_ids_of_leads_do_not_leave_the_store() -> None:
    ledger = small()
    named = replace(ledger, leads=tuple(replace(row, lead=f"jeanne.{row.lead}@dupont.example") for row in ledger.leads))
    assert not [name for name, content in members(named).items() if b"dupont" in content]


def test_it_is_computed_again_from_the_file_alone(bundle: Path) -> None:
    done = verify(bundle)
    assert done.verified
    assert done.figures == done.exact > 1_000
    assert (done.brand, done.sandbox, done.code) == ("atelier", "nothing comes of it", {})


def test_its_tables_are_those_of_its_figures(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        said = json.loads(archive.read("audit.json"))
        for table in said["tables"]:
            text = archive.read(f"tables/{table['name']}.csv").decode("utf-8-sig")
            assert len(list(csv.reader(io.StringIO(text)))) == len(table["rows"]) + 1
            assert archive.read(f"tables/{table['name']}.parquet").startswith(b"PAR1")


def test_every_changed_byte_is_found(bundle: Path, tmp_path: Path) -> None:
    data = bundle.read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        inside = [info.header_offset + len(info.filename) + 30 + info.file_size // 2 for info in archive.infolist()]
    random = Random(5)
    everywhere = [*range(60), *range(len(data) - 60, len(data)), *(random.randrange(len(data)) for _ in range(150))]
    other = tmp_path / "other.zip"
    for at in [*inside, *everywhere]:
        changed = bytearray(data)
        changed[at] ^= 1 << random.randrange(8)
        other.write_bytes(bytes(changed))
        with pytest.raises((NotVerified, BadInput)):
            verify(other)


@pytest.mark.parametrize("cut", [0, 1, 100, 5_000])
def test_a_file_that_ends_early_is_no_bundle(bundle: Path, cut: int) -> None:
    bundle.write_bytes(bundle.read_bytes()[:-cut] if cut else b"")
    with pytest.raises(BadInput, match="damaged"):
        verify(bundle)


def forged(bundle: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The bundle as somebody writes it who makes a new manifest."""
    with zipfile.ZipFile(bundle) as archive:
        inside = {name: archive.read(name) for name in archive.namelist() if name != "manifest.json"}
    change(inside)
    bundle.write_bytes(pack(inside))
    return bundle


def swap(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(inside: dict[str, bytes]) -> None:
        assert old in inside[name]
        inside[name] = inside[name].replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("change", "figure"),
    [
        (swap("audit.json", b'"verdict": "not enough data"', b'"verdict": "supported"'), "verdict"),
        (swap("ledger.json", b'"amount_minor":120050', b'"amount_minor":120051'), "tables[revenue]"),
        (swap("configuration.json", b'"margin":0.1', b'"margin":0.2'), "margin"),
        (swap("tables/shares.csv", b"last touch", b"lost touch"), "tables/shares.csv"),
        (swap("tables/shares.parquet", b"last touch", b"lost touch"), "tables/shares.parquet"),
        (swap("configuration.json", b'"seed":20260105', b'"seed":20260106'), "seed"),
        (lambda inside: inside.update({"tables/more.csv": b"a"}), "tables/more.csv"),
        (lambda inside: inside.pop("tables/shares.csv"), "tables/shares.csv"),
    ],
)
def test_a_figure_that_does_not_follow_is_named(bundle: Path, change: Any, figure: str) -> None:
    done = verify(forged(bundle, change))
    assert not done.verified
    assert any(figure in one.figure for one in done.differences), done.differences


def nudge(by: float) -> Callable[[dict[str, bytes]], None]:
    """Change one share as another processor's rounding would, or more."""

    def change(inside: dict[str, bytes]) -> None:
        said = json.loads(inside["audit.json"])
        shares = next(table for table in said["tables"] if table["name"] == "shares")
        row = next(row for row in shares["rows"] if isinstance(row["high"], float) and 0 < row["high"] < 1)
        row["high"] = float(f"{row['high'] + by:.10g}")
        inside["audit.json"] = as_json(said)
        del inside["tables/shares.csv"], inside["tables/shares.parquet"]

    return change


def test_a_last_digit_may_differ_and_no_more(bundle: Path) -> None:
    original = bundle.read_bytes()
    only_tables = {"tables/shares.csv", "tables/shares.parquet"}
    assert {one.figure for one in verify(forged(bundle, nudge(2e-10))).differences} == only_tables
    bundle.write_bytes(original)
    assert [one.figure for one in verify(forged(bundle, nudge(1e-8))).differences][0].endswith(".high")


@pytest.mark.parametrize(("name", "said", "found"), [
    ("tables[t].rows[0].p", 0.125, 0.1250000000001), ("tables[t].rows[0].followers", 100.0, 101.0),
    ("tables[t].rows[0].leads", 3, 4), ("tables[t].rows[0].revenue", "12.50", "12.51"),
    ("tables[t].rows[0].value", 1, 1.0), ("tables[t].rows[0].value", None, 0),
])  # fmt: skip
def test_counts_money_and_fractions_of_draws_are_exact(name: str, said: Any, found: Any) -> None:
    comparison = verifying._Comparison()
    comparison.compare(name, said, found)
    assert comparison.differences


def hostile(path: Path, entries: list[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("entries", "compression"),
    [
        ([("../../evil.json", b"{}")], zipfile.ZIP_STORED),
        ([("/etc/passwd", b"")], zipfile.ZIP_STORED),
        ([("tables/../../x.csv", b"")], zipfile.ZIP_STORED),
        ([("manifest.json", bytes(50_000_000))], zipfile.ZIP_DEFLATED),
        ([("audit.json", b"{}"), ("audit.json", b"{}")], zipfile.ZIP_STORED),
        ([(f"tables/t{at}.csv", b"") for at in range(2_100)], zipfile.ZIP_STORED),
        ([("audit.json", b"{}")], zipfile.ZIP_STORED),
        ([("manifest.json", b"[" * 100_000)], zipfile.ZIP_STORED),
        ([("manifest.json", b'{"format":2,"members":[]}')], zipfile.ZIP_STORED),
    ],
    ids=["up", "absolute", "through", "bomb", "twice", "many", "no manifest", "deep", "format"],
)
def test_a_hostile_file_is_refused_in_a_sentence_and_writes_nothing(
    tmp_path: Path, entries: list[tuple[str, bytes]], compression: int
) -> None:
    path = hostile(tmp_path / "b.zip", entries, compression)
    with pytest.raises(CrosspostError) as told:
        verify(path)
    assert "\n" not in str(told.value)
    assert [one.name for one in tmp_path.iterdir()] == ["b.zip"]


def test_a_size_that_is_a_lie_is_no_bundle(bundle: Path) -> None:
    data = bytearray(bundle.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 20 : central + 28] = struct.pack("<II", 2**32 - 2, 2**32 - 2)
    bundle.write_bytes(bytes(data))
    with pytest.raises(BadInput, match="not a bundle"):
        verify(bundle)


@pytest.mark.parametrize(("old", "new"), [
    (b'"leads":', b'"leeds":'), (b'"lead":"L1"', b'"lead":17'), (b'"zone":"Europe/Paris"', b'"zone":NaN'),
    (b'"brand":{', b'"brand":[{'),
])  # fmt: skip
def test_a_ledger_that_is_none_is_refused(bundle: Path, old: bytes, new: bytes) -> None:
    with pytest.raises(CrosspostError) as told:
        verify(forged(bundle, swap("ledger.json", old, new)))
    assert "ledger" in str(told.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        verify(tmp_path / "none.zip")
    with pytest.raises(BadInput, match="cannot be read"):
        verify(tmp_path)


def test_another_period_is_another_file(tmp_path: Path) -> None:
    ledger = small()
    later = replace(ledger, period=replace(ledger.period, end=ledger.period.end + timedelta(days=1)))
    assert pack(members(later)) != pack(members(ledger))
