"""What people type about their business: kept, or refused in one sentence that says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crosspost.cli.root import run
from crosspost.settings import Settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"CROSSPOST_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSPOST_DATA_DIR", str(tmp_path / "data"))
    assert run(["brand", "add", "Atelier"]) == 0
    capsys.readouterr()
    return tmp_path


@pytest.mark.parametrize("arguments", [
    "audit --margin nan", "audit --margin 1e-500", "audit --margin inf", "audit --margin -1", "audit --margin 0.00001",
    "audit --since 0001-01-01", "audit --until 9999-12-31T23:59:59-10:00", "lead add --at 0001-01-01",
    "lead add --at 2199-01-01", "deal add --amount 99999999999999999999", "deal add --amount 1e5000",
    "deal add --amount -50", "deal add --amount 12.345", "deal add --amount 5 --currency ZZZ",
    "deal add --amount 5 --margin 6", "effort add linkedin 1e-30 --fees 1e20", "effort add linkedin 169",
    "effort add linkedin 1e5000", "effort add linkedin -1", "effort add linkedin 1 --week-of 0001-01-01",
    "effort add linkedin 1 --week-of 9999-12-31", "effort add !!! 1", "effort add linkedin 1 --fees -3", "client add",
    "client add --name A --since 0001-01-01", "lead add --id A --at 1969-01-01",
])  # fmt: skip
def test_what_cannot_be_is_refused_in_one_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: str
) -> None:
    assert run(arguments.split()) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert " — " in told.err, "it says what to do"
    assert len(told.err) < 300


def test_small_hours_are_kept_as_far_as_they_count(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["effort", "add", "LinkedIn", "0.33333333333", "--week-of", "2026-01-05"]) == 0
    assert run(["effort", "add", "linkedin", "0.33333333333", "--week-of", "2026-01-05"]) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == ["effort recorded", "effort known"]


def test_clients_are_added_and_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add = ["client", "add", "--name", "Ana", "--mail", "ana@example.org", "--since", "2024-09-01", "--json"]
    assert run(add) == 0
    first = json.loads(capsys.readouterr().out)
    assert run(["client", "add", "--mail", "ANA@example.org", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == first | {"status": "known"}
    assert run(["deal", "add", "--mail", "ana@example.org", "--amount", "50", "--currency", "eur"]) == 0
    capsys.readouterr()
    assert run(["client", "list", "--json"]) == 0
    [client] = json.loads(capsys.readouterr().out)
    assert (client["client"], client["name"], client["deals"]) == (first["id"], "Ana", 1)


def test_the_same_lead_told_otherwise_says_in_what(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add = ["lead", "add", "--id", "A", "--at", "2026-01-02", "--channel"]
    assert [run([*add, name]) for name in ("LinkedIn", "linkedin", "search")] == [0, 0, 0]
    assert capsys.readouterr().out.splitlines() == [
        "lead recorded: A", "lead known: A", "lead differs: A (channel); what was recorded first is kept",
    ]  # fmt: skip


def test_own_names_of_channels_change_the_audit_and_not_the_record(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"L{i},2026-01-02,Le Podcast,2026-02-01\n" for i in range(80))
    (home / "leads.csv").write_text("lead,date,canal,won_date\n" + rows, "utf-8")
    assert run(["import", "leads.csv"]) == 0

    def audited() -> tuple[str, str]:
        capsys.readouterr()
        assert run(["audit", "--margin", "10%", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        return found["findings"][0]["verdict"], " ".join(found["warnings"])

    verdict, warnings = audited()
    assert verdict == "not enough data"
    assert "“le podcast” 80" in warnings
    (home / "config").mkdir()
    (home / "config" / "channels.toml").write_text('"le podcast" = "event"\n', "utf-8")
    verdict, warnings = audited()
    assert verdict == "supported"
    assert "le podcast" not in warnings
    assert run(["lead", "list", "--json"]) == 0
    assert {one["channel"] for one in json.loads(capsys.readouterr().out)} == {"Le Podcast"}
