"""`crosspost report` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crosspost.ownership import reports_lock
from tests.home import Home
from tests.program import crosspost


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert crosspost("brand", "add", "Atelier Léa", "--zone", "Europe/Paris", home=tmp_path).returncode == 0
    return tmp_path


def test_the_report_goes_to_the_brand_and_period(home: Path) -> None:
    ran = crosspost("report", "--since", "2026-01-05", "--until", "2026-07-06", "--margin", "10%", home=home)
    assert ran.returncode == 0, ran.stderr
    folder = Path("reports") / "atelier-lea" / "2026-01-05_2026-07-06"
    assert "NOT ENOUGH DATA: Networks bring under 10 % of clients" in ran.stdout
    for name in ("report.html", "report.pdf", "audit.json"):
        assert str(folder / name) in ran.stdout
        assert (home / folder / name).is_file()
    assert '<html lang="fr">' in (home / folder / "report.html").read_text("utf-8"), "the brand's language"
    period = json.loads((home / folder / "audit.json").read_text("utf-8"))["period"]
    assert period == {"start": "2026-01-04T23:00:00Z", "end": "2026-07-05T22:00:00Z"}


def test_who_is_at_a_report_of_the_brand_is_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSPOST_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("crosspost.cli.audit._PATIENCE_S", 0.0)
    home = Home(tmp_path, capsys)
    home("brand", "add", "Lea")
    app = home.app()
    lock = reports_lock(app.account_locks, app.brand.id)
    assert lock is not None
    with lock:
        for command in ("report", "audit"):
            assert "another report of this brand is being written" in home.refused(6, command)
    app.close()
    assert not (tmp_path / "reports").exists()


def test_json_tells_programs_where_the_files_are(home: Path) -> None:
    ran = crosspost("report", "--since", "2026-01-05", "--until", "2026-07-06", "--out", "here", "--json", home=home)
    told = json.loads(ran.stdout)
    assert told["folder"] == "here"
    assert all((home / file).is_file() for file in told["files"])
    assert set(told["verdicts"].values()) == {"not enough data"}
    assert told["sandbox"] is None


def test_a_folder_of_somebody_else_is_left_alone(home: Path) -> None:
    (home / "papers").mkdir()
    (home / "papers" / "thesis.txt").write_text("mine")
    ran = crosspost("report", "--out", "papers", home=home)
    assert ran.returncode == 2
    assert "holds other things (thesis.txt)" in ran.stderr
    assert [file.name for file in (home / "papers").iterdir()] == ["thesis.txt"]


def test_a_report_is_in_the_language_asked_for_and_its_audit_in_english(tmp_path: Path) -> None:
    assert crosspost("brand", "add", "Lea", "--language", "en-GB", home=tmp_path).returncode == 0
    period = ("--since", "2026-01-05", "--until", "2026-07-06")
    refused = crosspost("report", *period, "--language", "tlh", home=tmp_path)
    assert (refused.returncode, "choose en or fr" in refused.stderr) == (2, True)
    ran = crosspost("report", *period, "--language", "fr", "--out", "here", home=tmp_path)
    assert ran.returncode == 0, ran.stderr
    french = (tmp_path / "here" / "report.html").read_text("utf-8")
    assert '<html lang="fr">' in french
    assert "La visibilité amène-t-elle des clients\u00a0?" in french
    assert "Networks bring under 10 % of clients" in (tmp_path / "here" / "audit.json").read_text("utf-8")
