"""A folder of strangers' exports: what is recognised, what is not, what is covered, and that nothing is left of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crosspost.audit.explaining import figures
from crosspost.audit.run import audit
from crosspost.cli.root import run
from crosspost.commands.consulting import Folder, memory, of_folder
from crosspost.commands.explaining import opened
from crosspost.commands.importing import Asked, import_files
from crosspost.commands.ledger import gather
from crosspost.commands.setup import add_brand
from crosspost.domain.errors import BadInput, Conflict
from crosspost.secret import Secret
from crosspost.store.business import leads
from tests.home import Home
from tests.program import bare_environment, crosspost

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "consultant"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
LEADS = "lead,date,channel\nA,2025-03-02,linkedin\nB,2025-05-03,referral\n"
OTHER_LEADS = "lead,date,channel\nA,2025-04-09,search\n"


@pytest.fixture(scope="module")
def example() -> Iterator[Folder]:
    with of_folder(EXAMPLE, NOW, name="Lumen") as folder:
        yield folder


def put(folder: Path, **files: str | bytes) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def became(folder: Path, asked: Asked | None = None) -> dict[str, tuple[str | None, str | None]]:
    """What each file of a folder is, and why it is not."""
    with of_folder(folder, NOW, asked=asked) as found:
        return {one.file: (one.kind, one.refused or "; ".join(one.notes) or None) for one in found.files}


def test_the_same_files_give_the_same_audit_as_import_and_audit_do(example: Folder) -> None:
    taken = [one for one in sorted(EXAMPLE.rglob("*.csv")) if not one.name.startswith("inventaire")]
    with memory() as store:
        brand = add_brand(store, NOW, "Lumen", zone_name="UTC")
        import_files(store, brand, taken, NOW, key=lambda _: Secret("another key"))
        ours, theirs = (
            audit(gather(one, which, NOW), made_at=NOW).as_dict()
            for one, which in ((example.store, example.brand), (store, brand))
        )
    assert ours["findings"] == theirs["findings"]
    assert ours["tables"] == theirs["tables"]
    assert any(table["rows"] for table in ours["tables"])


def test_a_visit_of_another_tool_opens_to_its_line(example: Folder) -> None:
    ledger = gather(example.store, example.brand, NOW)
    known = figures(ledger, audit(ledger, made_at=NOW))
    [one] = opened(example.store, example.brand, ledger, [known["funnel/facebook/visit/value"]])
    assert one.total == one.figure.value != 0
    told = {(row.evidence[0].file, row.evidence[0].line) for row in one.rows}
    assert told == {("acquisition janvier-juin.csv", 9), ("acquisition sept-dec.csv", 9)}


def test_a_file_that_cannot_be_read_stops_no_other_and_is_told_with_its_remedy(tmp_path: Path) -> None:
    folder = put(
        tmp_path / "in", leads__csv=LEADS, empty__csv="", broken__xlsx=b"PK\x03\x04 no zip", letter__pdf=b"%PDF",
        strange__csv="a,b\n1,2\n", dates__csv="lead,date,channel\nC,03/04/2025,x\n",
        posts__csv="post id,published_at,permalink,reach,impressions\n9,2025-02-03,https://s.example/9,4,7\n",
    )  # fmt: skip
    found = became(folder)
    assert found["leads.csv"] == ("leads", "times without a zone were taken as UTC; --zone says otherwise")
    why = {name: str(said) for name, (_, said) in found.items()}
    assert "--dates" in why["dates.csv"]
    assert "--network" in why["posts.csv"]
    assert "crosspost import draft" in why["strange.csv"]
    assert why["letter.pdf"] == "not read: by its name it is no table"
    assert why["empty.csv"].startswith(str(folder))
    assert why["broken.xlsx"].startswith(str(folder))
    answered = became(folder, Asked(network="linkedin", dates="day-first"))
    assert (answered["posts.csv"][0], answered["dates.csv"][0]) == ("posts", "leads")


def test_files_that_contradict_stop_everything(tmp_path: Path) -> None:
    folder = put(tmp_path / "in", one__csv=LEADS, two__csv=OTHER_LEADS)
    with pytest.raises(Conflict, match=r"two\.csv:2"), of_folder(folder, NOW):
        pass


def test_a_file_that_cannot_stand_beside_the_others_is_left_out(tmp_path: Path) -> None:
    reactions = "network,post,handle,kind\nmastodon,nowhere,@a@b.example,like\n"
    folder = put(tmp_path / "in", leads__csv=LEADS, reactions__csv=reactions)
    with of_folder(folder, NOW) as found:
        with found.store.read(found.brand.id) as scope:
            assert len(leads(scope)) == 2
        assert [one.file for one in found.unread] == ["reactions.csv"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(LEADS.replace("A", "Z"))
    folder = put(tmp_path / "in", leads__csv=LEADS)
    (folder / "out.csv").symlink_to(secret)
    (folder / "away").symlink_to(tmp_path)
    (folder / "again.csv").symlink_to(folder / "leads.csv")
    found = became(folder)
    assert "leads out of the folder" in str(found["out.csv"][1])
    assert found["again.csv"][0] == "leads"
    assert "leads out of the folder" in str(found["away"][1])
    assert not any("secret" in name for name in found)


def test_a_folder_of_thousands_of_tables_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(501):
        (folder / f"{number}.csv").touch()
    for wrong, why in ((folder, "501 tables"), (put(tmp_path / "none"), "no table"), (tmp_path / "gone", "no folder")):
        with pytest.raises(BadInput, match=why), of_folder(wrong, NOW):
            pass


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """A command line in this process: its code, and what it said."""
    code = run(list(arguments))
    return code, *capsys.readouterr()


def test_names_that_are_no_text_or_hold_escapes_do_no_harm(
    tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = put(tmp_path / "in", leads__csv=LEADS)
    Path(os.fsdecode(os.fsencode(folder) + b"/b\xffd.csv")).write_text(LEADS)
    (folder / "\x1b[31mred.csv").write_text("a,b\n1,2\n")
    code, said, _ = told(capsys, "audit", "--from", "in")
    assert code == 0
    assert "\x1b[31mred" not in said
    assert "is no text" in said
    with of_folder(folder, NOW) as found:
        json.dumps([one.as_dict() for one in found.files], ensure_ascii=False).encode()


def test_the_command_of_the_readme_gives_the_report_and_leaves_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "report"
    done = crosspost(
        "audit", "--from", str(EXAMPLE), "--name", "Atelier Lumen", "--zone", "Europe/Paris", "--out", str(out),
        "--json", home=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    kinds = {one["file"]: one["kind"] for one in told["files"]}
    assert len([kind for kind in kinds.values() if kind]) == 10
    assert kinds["inventaire atelier.csv"] is None
    twice = next(one for one in told["files"] if one["file"] == "reseaux/x-content.csv")
    assert twice["added"] == 0
    tables = {one["name"]: one["rows"] for one in told["audit"]["tables"]}
    holes = {(row["figure"], row["of"], row["file"]): row["holes"] for row in tables["coverage"]}
    assert holes["visits", "ga4 by source_medium", None] == "2025-07 to 2025-08"
    assert holes["hours", "LinkedIn", "heures.csv"] == "2025-08"
    assert all(row["sha256"] for row in tables["coverage"] if row["file"])
    assert told["audit"]["period"]["end"].startswith("2026-01-01"), "what was imported later is a year of nothing"
    assert {path.name for path in out.iterdir()} >= {"report.html", "report.pdf", "audit.json", "bundle.zip"}
    assert crosspost("audit", "verify", "report/bundle.zip", home=tmp_path).returncode == 0
    with zipfile.ZipFile(out / "bundle.zip") as bundle:
        whole = b"".join(bundle.read(name) for name in bundle.namelist())
    assert b"names of files are left out of a bundle" in whole
    assert not [name for name in kinds if Path(name).name.encode() in whole]
    assert b"heures.csv" in (out / "report.html").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report"]


def test_money_of_the_example_is_told_once_though_two_files_tell_it(example: Folder) -> None:
    found = audit(gather(example.store, example.brand, NOW), made_at=NOW)
    [row] = [one for one in found.table("revenue").records() if one["channel"] == "(all)"]
    rows = (EXAMPLE / "stripe" / "payments.csv").read_text().splitlines()[1:]
    assert row["revenue"] == sum(Decimal(line.split(",")[2]) for line in rows)


def test_an_interruption_leaves_no_file_behind(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    running = subprocess.Popen(
        [sys.executable, "-m", "crosspost", "audit", "--from", str(EXAMPLE)], cwd=tmp_path, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=bare_environment(tmp_path, TMPDIR=str(temporary)), start_new_session=True,
    )  # fmt: skip
    time.sleep(2)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode in (0, 130, -signal.SIGINT), said
    assert list(temporary.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} <= {"tmp", "reports"}
    assert not list(tmp_path.rglob(".*"))


def test_options_of_a_folder_without_one_are_refused(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, why = told(capsys, "audit", "--zone", "Europe/Paris")
    assert code == 2
    assert "--from FOLDER" in why


def test_a_folders_report_is_no_json_file(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "--from", str(EXAMPLE), "--out", "report.json"]) == 2
    assert "--out is the report's folder" in capsys.readouterr().err


def test_explain_works_on_a_folder_too(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    _, said, _ = told(capsys, "explain", "shares/last-touch/all-clients/networks", "--from", str(EXAMPLE), "--json")
    found = json.loads(said)
    assert found["value"] == found["total"] == len(found["rows"]) == 3
    assert {one["file"] for row in found["rows"] for one in row["evidence"]} >= {"hubspot-contacts.csv"}
    assert "lumen-clients.example" not in said


def test_explain_lists_the_figures_of_a_brand_and_opens_one(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home("lead", "add", "--id", "L1", "--channel", "linkedin")
    _, said, _ = told(capsys, "explain", "--list", "conversion/", "--json")
    listed = {one["figure"]: one["value"] for one in json.loads(said)}
    assert listed["conversion/linkedin/leads"] == 1
    _, said, _ = told(capsys, "explain", "--list", "network_against_rest")
    assert "network_against_rest/all-other-leads/network_leads = 1 " in said, "a long name is in one piece"
    _, said, _ = told(capsys, "explain", "conversion/linkedin/leads")
    assert "L1" in said
    assert "hand" in said
    assert told(capsys, "explain", "nothing/here")[0] == 3


def test_the_example_is_what_its_script_makes_and_is_small(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "examples" / "make_consultant.py"), str(tmp_path)], check=True)
    made = {str(one.relative_to(tmp_path)): one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}
    kept = {str(one.relative_to(EXAMPLE)): one.read_bytes() for one in EXAMPLE.rglob("*") if one.is_file()}
    assert made == kept
    assert sum(map(len, kept.values())) < 200_000
