"""A person who is erased is named by no kept report any more: not by its pages, tables, bundle, or pictures."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from crosspost.audit.results import Audit
from crosspost.audit.since import Changes
from crosspost.commands.blanking import erase_from_reports, holds
from crosspost.commands.choices import NONE
from crosspost.commands.monthly import Monthly
from crosspost.commands.persons import erase_person
from crosspost.commands.rewriting import rewrite_report
from crosspost.commands.setup import add_brand
from crosspost.domain.business import Deal, Effort, Lead, Touchpoint
from crosspost.domain.errors import BadInput
from crosspost.domain.month import month_of
from crosspost.domain.telling import SHIPPED, spoken
from crosspost.report.many import Job, write_one
from crosspost.report.write import Written
from crosspost.secret import Secret
from crosspost.store import efforts, files, register
from crosspost.store.database import Database
from crosspost.store.outcomes import Origin, Recorded
from crosspost.store.recording import record_deals, record_leads
from crosspost.store.store import Store
from tests.report.quick import quick_write

NOW = datetime(2026, 11, 2, tzinfo=UTC)
AT = datetime(2026, 10, 5, tzinfo=UTC)
CANARY, KEY = "Ondine Canari", Secret("a key of the brand")
SHA = "ab" * 32
OTHER = "Ondine Canarien"  # begins the same, and is somebody else


@dataclass
class Kept:
    """A brand in which a person's name stands wherever people write one, and its report of October."""

    store: Store
    reports: Path
    brand_id: str

    @property
    def folder(self) -> Path:
        return self.reports / "lea" / "2026-10"

    def erase(self, **more: list[str]) -> dict[str, tuple[str, str]]:
        done = erase_person(self.store, self.brand_id, NOW, KEY, names=[CANARY], **more)
        return {Path(one.path).name: (one.done, one.why) for one in done.files}


def keep(store: Store, home: Path, write: Callable[[Job], Written], month: str, now: datetime) -> None:
    monthly = Monthly(store, home / "reports", lambda _: NONE, lambda _: SHIPPED, write, home / "locks")
    monthly.keep(store.brand("lea"), month_of(month), now)


@pytest.fixture(params=[quick_write])
def kept(
    sqlite_database: Database, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Kept:
    store = Store(sqlite_database)
    brand = add_brand(store, AT, "Léa", chosen_slug="lea", zone_name="UTC")
    with store.write(brand.id) as scope:
        files.remember(scope, SHA, f"export de {CANARY}.csv", "leads", 2, 2, NOW)
        leads = [
            Lead("cli", "L1", AT, channel=CANARY.lower(), touchpoints=(Touchpoint(CANARY.lower()),)),
            Lead("cli", "L2", AT, channel=OTHER.lower(), told=f"par {CANARY}", told_channel=CANARY.lower()),
        ]
        record_leads(scope, [(one, Origin(SHA, 2, None)) for one in leads], AT)
        efforts.record_effort(scope, Effort(CANARY.lower(), date(2026, 10, 5), 7, Decimal(3)), "cli", "E1", AT)
    keep(store, tmp_path, request.param, "2026-10", NOW)
    if request.param is quick_write:  # what is written again is as quick

        def write(found: Audit, folder: Path, *, languages: Sequence[str], **_: object) -> Written:
            if (folder / "notes.txt").exists():
                raise BadInput("holds other things")
            return quick_write(Job(found, folder, tuple(languages)))

        monkeypatch.setattr("crosspost.report.write.write", write)
    return Kept(store, tmp_path / "reports", brand.id)


def naming(folder: Path, name: str = CANARY) -> Iterator[str]:
    """The files below a folder in which the name stands, however it is written there."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and any(f" {spoken(name)} " in f" {spoken(text)} " for text in texts(path)):
            yield path.name


def texts(path: Path) -> Iterator[str]:
    """All that a file says to whoever looks into it: a picture's outlines are noted beside them as text."""
    yield path.name
    content = path.read_bytes()
    if path.suffix == ".pdf" and content != b"%PDF-":  # no stand-in
        reader = PdfReader(path)
        yield " ".join(page.extract_text() for page in reader.pages)
        yield str(reader.metadata)
    elif path.suffix == ".png":
        with Image.open(path) as picture:
            yield str(picture.info)
    elif path.suffix == ".svg":
        yield " ".join(re.findall(r"<!--.*?-->|<[a-z:]*title>.*?<", content.decode(), re.DOTALL))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield archive.read(name).decode("utf-8", "replace")
    elif path.suffix == ".html":
        yield re.sub(r'"data:[^"]*"|url[(]data:[^)]*[)]', "", content.decode())
    else:
        yield content.decode("utf-8", "replace")


@pytest.mark.parametrize("kept", [quick_write, pytest.param(write_one, marks=pytest.mark.long)], indirect=True)
def test_a_report_that_names_an_erased_person_is_written_again_without_them(kept: Kept) -> None:
    before = set(naming(kept.folder))
    assert {"audit.json", "bundle.zip"} <= before
    whole = (kept.folder / "report.html").exists()
    if whole:
        assert {"report.html", "report.pdf", "coverage.csv", "coverage.parquet", "hours.csv"} <= before
        assert any(name.endswith(".svg") for name in before)
    assert kept.erase()["2026-10"] == ("rewritten", "without what was erased")
    assert list(naming(kept.folder)) == []
    assert "audit.json" in naming(kept.folder, OTHER), "who is called nearly so stays"
    found = json.loads((kept.folder / "audit.json").read_text("utf-8"))
    assert any("asked to be erased" in one for one in found["warnings"])
    assert found["made_at"] == NOW.isoformat().replace("+00:00", "Z")
    assert not whole or 'lang="fr"' in (kept.folder / "report.html").read_text("utf-8")
    with kept.store.database.read() as connection:
        assert [one.path for one in register.all_of(connection)] == [kept.folder.absolute()]


def test_a_report_that_names_nobody_of_them_is_left_as_it_is(kept: Kept) -> None:
    before = {path: path.read_bytes() for path in kept.folder.rglob("*") if path.is_file()}
    done = erase_person(kept.store, kept.brand_id, NOW, KEY, names=["Somebody Else"])
    assert done.files == ()
    assert {path: path.read_bytes() for path in kept.folder.rglob("*") if path.is_file()} == before


def test_one_that_cannot_be_written_again_is_emptied_and_says_why(kept: Kept) -> None:
    with kept.store.database.write() as connection:
        [one] = register.all_of(connection)
        register.add(connection, replace(one, recipe={**one.recipe, "rate": "1e30"}))  # no rate of any currency
    assert kept.erase()["2026-10"][0] == "deleted"
    assert [one.name for one in kept.folder.iterdir()] == ["README.txt"]
    assert "demandé" in (kept.folder / "README.txt").read_text("utf-8")
    assert list(naming(kept.folder)) == []
    with kept.store.database.read() as connection:
        assert register.all_of(connection) == []


def test_what_came_later_does_not_slip_into_a_report_that_is_written_again(kept: Kept) -> None:
    def leads() -> dict[str, object]:
        found = json.loads((kept.folder / "audit.json").read_text("utf-8"))
        return next(row for table in found["tables"] if table["name"] == "conversion" for row in table["rows"]
                    if row["channel"] == "(all)")  # fmt: skip

    before = leads()
    with kept.store.write(kept.brand_id) as scope:
        later = NOW + timedelta(days=2)
        [done] = record_deals(scope, [(Deal("cli", "D1", later, None, lead_source_id="L2"), None)], later)
        assert isinstance(done, Recorded)
    with kept.store.database.read() as connection:
        [one] = register.all_of(connection)
    rewrite_report(kept.store, replace(one, kind="audit", path=kept.folder / "audit.json"), "again")
    assert leads() == before
    assert leads()["deals"] == 0


def test_one_is_compared_with_what_is_left_of_the_one_before_whichever_was_written_first(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days, month in ((40, "2026-11"), (50, "2026-10")):
        keep(kept.store, kept.reports.parent, quick_write, month, NOW + timedelta(days=days))
    told: dict[str, str] = {}

    def write(found: Audit, folder: Path, *, languages: Sequence[str], changes: Changes | None, **_: object) -> Written:
        told[folder.name] = " ".join(one.text for one in changes.items) if changes else ""
        return quick_write(Job(found, folder, tuple(languages)))

    monkeypatch.setattr("crosspost.report.write.write", write)
    assert {done for done, _ in kept.erase().values()} == {"rewritten"}
    assert list(told) == ["2026-10", "2026-11"]
    assert CANARY.lower() not in told["2026-11"].lower()


def test_one_that_cannot_be_read_is_told_and_the_others_are_seen_to(kept: Kept) -> None:
    keep(kept.store, kept.reports.parent, quick_write, "2026-11", NOW + timedelta(days=40))
    (kept.folder / "report.html").mkdir()
    done = kept.erase()
    assert done["2026-10"][0] == "kept"
    assert "delete it" in done["2026-10"][1]
    assert done["2026-11"] == ("rewritten", "without what was erased")


def test_what_stands_beside_a_report_is_not_touched_when_it_is_emptied(kept: Kept) -> None:
    (kept.folder / "notes.txt").write_text("mine")
    assert kept.erase()["2026-10"][0] == "deleted"
    assert {one.name for one in kept.folder.iterdir()} == {"README.txt", "notes.txt"}


def test_a_name_that_is_the_brands_own_is_told_and_stays(kept: Kept) -> None:
    kept.store.database.engine.dispose()
    [done] = erase_from_reports(kept.store, kept.brand_id, ["Léa"], NOW)
    assert done.done == "rewritten"
    assert "look at it" in done.why


def test_a_report_that_was_moved_is_told(kept: Kept) -> None:
    kept.folder.rename(kept.reports / "elsewhere")
    assert kept.erase()["2026-10"][0] == "missing"
    assert kept.erase() == {}


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("audit.json", b'{"a": ["\\nondine canari"]}', True),
        ("audit.json", b'{"ONDINE-CANARI": 1}', True),
        ("audit.json", b'{"a": "ondine canarien"}', False),
        ("audit.json", b"broken, ondine canari", True),
        ("audit.json", b'{"channel": "ondine_canari"}', True),
        ("report.html", b"<b>Ondine</b>&nbsp;<i>Can&#97;ri</i>", True),
        ("report.html", b'<img src="data:image/png;base64,ondine+canari">', False),
        ("summary.txt", "Ondine Canarí".encode(), True),
        ("bundle.zip", b"no archive, ondine canari", True),
    ],
)
def test_a_name_is_found_as_people_would(tmp_path: Path, name: str, content: bytes, found: bool) -> None:
    (tmp_path / name).write_bytes(content)
    assert holds(tmp_path, {spoken(CANARY)}) == found
