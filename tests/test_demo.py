"""The main job: three worlds, three truths, and the verdicts that belong to them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.program import bare_environment

# world → (networks bring under 10 % of clients, networks open no doors)
TRUTHS = {
    "mirage": ("supported", "supported"),
    "doors": ("supported", "refuted"),
    "works": ("refuted", "refuted"),
}


# The truths of `doors` and `works` come out in twelve weeks; `mirage` is what `make demo` shows, and runs whole.
ON_EACH_PUSH = {"mirage": 26, "doors": 12, "works": 12}
WHOLE = dict.fromkeys(TRUTHS, 26)


@pytest.fixture(
    scope="module", params=[ON_EACH_PUSH, pytest.param(WHOLE, marks=pytest.mark.long)], ids=["each push", "whole"]
)
def demos(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """All three at once: most of their time is spent waiting for the disk."""
    started = {}
    for world, weeks in request.param.items():
        home = tmp_path_factory.mktemp(world)
        started[world] = home, subprocess.Popen(
            [sys.executable, "-m", "crosspost", "demo", "--world", world, "--weeks", str(weeks), "--json"],
            cwd=home, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=bare_environment(home),
        )  # fmt: skip
    found = {}
    for world, (home, process) in started.items():
        out, errors = process.communicate(timeout=900)
        assert process.returncode == 0, f"{world}: {errors}"
        found[world] = {**json.loads(out), "home": home, "weeks": request.param[world]}
    return found


@pytest.mark.parametrize("world", TRUTHS)
def test_the_verdicts_are_those_of_the_world(demos: dict[str, dict[str, Any]], world: str) -> None:
    verdicts = demos[world]["verdicts"]
    assert (verdicts["clients_under_10"], verdicts["doors_under_10"]) == TRUTHS[world]


@pytest.mark.parametrize("world", TRUTHS)
def test_each_post_went_out_once_and_was_read_back(demos: dict[str, dict[str, Any]], world: str) -> None:
    weeks = demos[world]["weeks"]
    for row in demos[world]["published"]:
        assert row["planned"] == row["published"] == row["verified"] == row["on_the_network"] == weeks, row
        assert 0 < row["clicks"] < row["hits"]


@pytest.mark.parametrize("world", TRUTHS)
def test_the_audit_counts_what_the_world_did(demos: dict[str, dict[str, Any]], world: str) -> None:
    truth = demos[world]["truth"]["audience"]
    assert truth["world"] == world
    audit = json.loads((Path(demos[world]["home"]) / "reports" / "demo" / "audit.json").read_text("utf-8"))
    last = next(one for one in audit["findings"] if one["claim"]["key"] == "clients_under_10")
    assert truth["problem"] is None
    assert last["estimate"]["numerator"] == truth["clients_by_networks"]
    assert last["n"] == truth["clients_total"]
    assert "simulated" in audit["sandbox"].lower()


@pytest.mark.parametrize("world", TRUTHS)
def test_the_visits_are_those_that_the_worlds_readers_made(demos: dict[str, dict[str, Any]], world: str) -> None:
    counts = demos[world]["truth"]["audience"]["counts"]
    audit = json.loads((Path(demos[world]["home"]) / "reports" / "demo" / "audit.json").read_text("utf-8"))
    funnel = next(one["rows"] for one in audit["tables"] if one["name"] == "funnel")
    visits = {row["network"]: row for row in funnel if row["stage"] == "visit"}
    # A reader who clicks one link twice within half an hour makes one visit of two page views.
    assert 0.99 * counts["page views"] <= visits["(all)"]["value"] <= counts["page views"]
    assert all(row["note"].startswith("by our script") and row["of"] == "click" for row in visits.values())
    assert not any("lower bound" in row["note"] for row in visits.values())
    assert "page views refused" not in counts
    assert any("Aggregate mode" in note for note in audit["notes"])


@pytest.mark.parametrize("world", TRUTHS)
def test_the_report_is_there_and_says_that_it_is_simulated(demos: dict[str, dict[str, Any]], world: str) -> None:
    folder = Path(demos[world]["home"]) / "reports" / "demo"
    html = (folder / "report.html").read_text("utf-8")
    assert "simulated" in html.lower()
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")
