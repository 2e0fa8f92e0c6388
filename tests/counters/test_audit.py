"""An audit whose paths and stages an engine counted is the audit of plain code, to the byte."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from crosspost.audit.ledger import LeadRow, Ledger
from crosspost.audit.run import audit
from crosspost.audit.statistics import LeadFact, Span, Statistics, plain
from crosspost.counters.facts import counter
from tests.audit.ledgers import MADE_AT, YEAR, small
from tests.counters.facts import CHANNELS
from tests.program import bare_environment, crosspost

YEARLY = ("audit", "--since", "2025-01-01", "--until", "2026-01-01", "--json")


def ledger(leads: int, seed: int) -> Ledger:
    """Leads of every kind, at odd microseconds and at both ends of the period."""
    random = Random(seed)
    edges = [YEAR.start, YEAR.end - timedelta(microseconds=1)]
    rows = []
    for at in range(leads):
        contacted = YEAR.start + timedelta(seconds=random.random() * (YEAR.end - YEAR.start).total_seconds())
        contacted = edges.pop() if edges else contacted
        won = contacted + timedelta(days=random.random() * 40) if random.random() < 0.4 else None
        lost = contacted + timedelta(days=9) if won is None and random.random() < 0.5 else None
        told = won is not None and random.random() < 0.9
        rows.append(
            LeadRow(
                f"L{at}", contacted, random.choice((*CHANNELS, "Search ", None)), None,
                tuple(random.choices((*CHANNELS, " SEARCH"), k=random.choice((0, 1, 2, 5)))), won_at=won, lost_at=lost,
                amount_minor=random.randrange(10**9) if told else None,
                currency=random.choice(("EUR", "USD")) if told else None,
            )
        )  # fmt: skip
    return replace(small(), period=YEAR, leads=tuple(rows))


@pytest.mark.parametrize("leads", [0, 30, 400])
def test_duckdb_counts_the_same_audit(leads: int) -> None:
    given = ledger(leads, seed=leads)
    counted: list[Statistics] = []
    with counter("duckdb") as count:

        def kept(facts: Sequence[LeadFact], span: Span) -> Statistics:
            counted.append(count(facts, span))
            return counted[-1]

        found = audit(given, made_at=MADE_AT, count=kept)
    assert found.as_json() == audit(given, made_at=MADE_AT).as_json()
    assert [sum(one.leads for one in each.stages) for each in counted] == [leads]


def test_what_the_engine_counts_is_what_the_audit_says() -> None:
    given = ledger(400, seed=1)

    def twice(facts: Sequence[LeadFact], span: Span) -> Statistics:
        return plain([*facts, *facts], span)

    once, doubled = audit(given, made_at=MADE_AT), audit(given, made_at=MADE_AT, count=twice)
    for name in ("conversion", "credit"):
        assert once.table(name) != doubled.table(name)
    leads = [row["leads"] for row in once.table("conversion").records()]
    assert [row["leads"] for row in doubled.table("conversion").records()] == [2 * int(str(one)) for one in leads]


def test_the_command_prints_the_same_with_duckdb(tmp_path: Path) -> None:
    enter(tmp_path, 300)
    printed = [told(tmp_path, "--engine", engine) for engine in ("plain", "duckdb")]
    assert printed[0] == printed[1]
    assert crosspost("audit", "--engine", "spark", home=tmp_path).returncode == 2
    (tmp_path / "exports").mkdir()
    refused = crosspost("audit", "--from", "exports", "--engine", "duckdb", home=tmp_path)
    assert (refused.returncode, "leave --engine out" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    "command",
    [
        "audit --engine duckdb", "audit --engine spark --master spark://127.0.0.1:1",
        "statistics --engine duckdb --since 2025-01-01 --until 2026-01-01",
        "statistics --leads a.csv --touches b.csv --since 2025-01-01 --until 2026-01-01",
    ],
)  # fmt: skip
def test_without_the_extra_large_an_engine_says_what_to_install(tmp_path: Path, command: str) -> None:
    enter(tmp_path, 3)
    without = "import sys; sys.modules['ibis'] = None; from crosspost.cli.root import run; sys.exit(run(sys.argv[1:]))"
    ran = subprocess.run(
        [sys.executable, "-c", without, *command.split()], capture_output=True, text=True, timeout=60, cwd=tmp_path,
        env=bare_environment(tmp_path),
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (6, "")
    assert ran.stderr.count("\n") == 1
    assert "pip install 'crosspost[large]'" in ran.stderr
    assert not (tmp_path / "reports").exists()


def enter(home: Path, leads: int) -> None:
    """A brand and its leads."""
    random = Random(leads)
    lines = ["lead,contacted_at,channel,touchpoints,won_at,lost_at,amount,currency"]
    for at in range(leads):
        ended = random.choice((f"2025-12-{1 + at % 28:02},,{at}.{at % 100:02},EUR", ",2025-12-30,,", ",,,"))
        path = " > ".join(random.choices(("x", "search", "referral", "bluesky"), k=1 + at % 4))
        channel = random.choice(("x", "search", ""))
        lines.append(f"L{at},2025-{1 + at % 12:02}-{1 + at % 28:02},{channel},{path},{ended}")
    (home / "leads.csv").write_text("\n".join(lines) + "\n")
    for command in (("brand", "add", "Lea", "--zone", "UTC"), ("import", "leads.csv")):
        assert crosspost(*command, home=home).returncode == 0


def told(home: Path, *options: str) -> object:
    """What an audit of the year prints, the instant aside at which it was made."""
    done = crosspost(*YEARLY, *options, home=home)
    assert done.returncode == 0, done.stderr[-3_000:]
    return timeless(done.stdout)


def timeless(printed: str) -> object:
    """An audit's JSON without the instant at which it was made."""
    found = json.loads(printed)
    assert any(row["deals"] for table in found["tables"] if table["name"] == "conversion" for row in table["rows"])
    del found["made_at"]
    return found
