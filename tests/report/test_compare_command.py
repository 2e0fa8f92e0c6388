"""`crosspost compare` as a person calls it: brands of the store, or folders of exports."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.home import Home

LEADS = "lead,contacted_at,channel,won_date,revenue\nL1,2026-08-01,mastodon,,\nL2,2026-09-03,referral,2026-09-20,1200\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Home:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSPOST_DATA_DIR", str(tmp_path / "data"))
    return Home(tmp_path, capsys)


def brands(folder: Path) -> dict[str, Any]:
    text = (folder / "tables" / "brands.csv").read_text("utf-8-sig")
    return {row["brand"]: row for row in csv.DictReader(text.splitlines())}


@pytest.fixture
def drawn_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures and the PDF are tested elsewhere."""
    monkeypatch.setattr("crosspost.report.compare._picture", lambda *_: b"<svg/>")
    monkeypatch.setattr("crosspost.report.compare._pdf", lambda *_: b"%PDF-")


@pytest.mark.usefixtures("drawn_quickly")
def test_every_brand_or_those_named_are_compared(home: Home) -> None:
    (home.folder / "leads.csv").write_text(LEADS)
    for slug in ("lea", "max", "ana"):
        home("brand", "add", slug.title(), "--slug", slug)
    home("--brand", "lea", "import", "leads.csv")
    told = home.json("compare")
    assert told["folder"] == "reports/_comparison"
    assert {name: row["leads"] for name, row in brands(home.folder / told["folder"]).items()} == {
        "Ana": "", "Lea": "2", "Max": "",
    }  # fmt: skip
    home("compare", "--of", "max", "--of", "lea", "--until", "2026-09-01", "--out", "here")
    assert {name: row["leads"] for name, row in brands(home.folder / "here").items()} == {"Lea": "1", "Max": ""}


@pytest.mark.usefixtures("drawn_quickly")
def test_looking_is_remembered_of_each_brand(home: Home) -> None:
    home("brand", "add", "Lea", "--slug", "lea")
    (home.folder / "leads.csv").write_text(LEADS)
    home("import", "leads.csv")
    home("compare")
    home("hypothesis", "lock", "H1a", "--since", "2026-08-01")
    [lock] = home.json("hypothesis", "list")
    assert "after looking" in str(lock)


@pytest.mark.usefixtures("drawn_quickly")
def test_folders_of_exports_are_compared_and_nothing_of_them_is_kept(home: Home) -> None:
    for name in ("first", "second"):
        (home.folder / name).mkdir()
        (home.folder / name / "leads.csv").write_text(LEADS)
    home("compare", "--from", "first", "--from", "second", "--currency", "CHF", "--out", "here")
    assert {name: row["clients"] for name, row in brands(home.folder / "here").items()} == {"first": "1", "second": "1"}
    returns = (home.folder / "here" / "tables" / "brands_returns.csv").read_text("utf-8-sig")
    assert returns.count(",CHF,") == 2
    assert not (home.folder / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--of", "lea", "--from", "x"), 2, "not compared with each other"),
        (("--zone", "Europe/Paris"), 2, "options of a folder are given without one"),
        (("--of", "nobody"), 3, "nobody"),
        ((), 2, "no brand to compare"),
        (("--from", "nowhere"), 2, "is no folder"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(
    home: Home, arguments: tuple[str, ...], code: int, words: str
) -> None:
    assert words in home.refused(code, "compare", *arguments)
    assert not (home.folder / "reports").exists()


def test_a_language_without_a_catalogue_is_refused(home: Home) -> None:
    home("brand", "add", "Lea", "--slug", "lea")
    assert "reports are not written in 'de'" in home.refused(2, "compare", "--language", "de")
