"""What `crosspost audit` writes, where, and that it is verified where nothing of crosspost is set up."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.program import crosspost

DAYS = ("--since", "2026-01-05", "--until", "2026-07-06")
FOLDER = Path("reports") / "atelier-lea" / "2026-01-05_2026-07-06"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert crosspost("brand", "add", "Atelier Léa", "--zone", "Europe/Paris", home=tmp_path).returncode == 0
    (tmp_path / "leads.csv").write_text(
        "lead,contacted_at,channel,email\nL1,2026-02-01,mastodon,jeanne@dupont.example\nL2,2026-03-01,referral,\n"
    )
    assert crosspost("import", "leads.csv", home=tmp_path).returncode == 0
    return tmp_path


def test_it_writes_both_files_and_anybody_verifies_them(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    ran = crosspost("audit", *DAYS, home=home)
    assert ran.returncode == 0, ran.stderr
    assert str(home / FOLDER) not in ran.stdout
    assert str(FOLDER / "bundle.zip") in ran.stdout
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "b.zip").write_bytes((home / FOLDER / "bundle.zip").read_bytes())
    told = json.loads(crosspost("audit", "verify", "b.zip", "--json", home=elsewhere).stdout)
    assert (told["verified"], told["brand"], told["differences"]) == (True, "atelier-lea", [])
    assert [one.name for one in elsewhere.iterdir()] == ["b.zip"], "nothing is set up to verify"


def test_a_changed_bundle_has_an_exit_code_of_its_own(home: Path) -> None:
    assert crosspost("audit", *DAYS, "--out", "here", home=home).returncode == 0
    file = home / "here" / "bundle.zip"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    ran = crosspost("audit", "verify", "here/bundle.zip", home=home)
    assert ran.returncode == 7
    assert "not what the manifest says" in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert crosspost("audit", "verify", "leads.csv", home=home).returncode == 2


def test_inputs_are_told_by_hash_and_persons_not_at_all(home: Path) -> None:
    assert crosspost("audit", *DAYS, "--out", "here", home=home).returncode == 0
    with zipfile.ZipFile(home / "here" / "bundle.zip") as archive:
        inputs = json.loads(archive.read("inputs.json"))
        inside = b"".join(archive.read(name) for name in archive.namelist())
    assert [(len(one["sha256"]), one["rows"]) for one in inputs["files"]] == [(64, 2)]
    assert inputs["stored"]["lead"] == 2
    assert b"dupont" not in inside
    assert b"leads.csv" not in inside


def test_a_file_that_ends_in_json_takes_the_json_and_the_bundle_lies_beside_it(home: Path) -> None:
    assert crosspost("audit", *DAYS, "--out", "mine.json", home=home).returncode == 0
    assert json.loads((home / "mine.json").read_text("utf-8"))["brand"]["slug"] == "atelier-lea"
    assert (home / "bundle.zip").is_file()


def test_a_report_has_a_bundle_of_its_own_and_may_be_written_again(home: Path) -> None:
    for _ in range(2):
        assert crosspost("report", *DAYS, home=home).returncode == 0
    assert crosspost("audit", "verify", str(FOLDER / "bundle.zip"), home=home).returncode == 0


def test_a_folder_that_cannot_be_written_is_told(home: Path) -> None:
    (home / "file").write_text("")
    ran = crosspost("audit", "--out", "file/below", home=home)
    assert (ran.returncode, "Traceback" in ran.stderr) == (2, False)
