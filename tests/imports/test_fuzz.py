"""Thousands of mutated exports: each is taken or refused, none ends in an error of ours, none is stored in part."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from crosspost.cli.root import run
from tests.imports.fuzz import mutant, outcome, seeds

ROOT = Path(__file__).parents[2]
BATCH = 5000
MAX_PEAK = 512_000  # KiB resident
MAX_ENDED = 0.01  # of the mutants may end the reader: it is a child for that


def read_mutants(start: int, count: int) -> tuple[Counter[str], list[object], int]:
    """(how many had which outcome, those with an error nobody caught, the highest memory in KiB)."""
    outcomes: Counter[str] = Counter()
    uncaught: list[object] = []
    peak = 0
    number = start
    while number < start + count:
        child = subprocess.run(
            [sys.executable, "-m", "tests.imports.fuzz", str(number), str(min(BATCH, start + count - number))],
            cwd=ROOT, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        for line in child.stdout.splitlines():
            said = json.loads(line)
            if said[0] == "peak":
                peak = max(peak, said[1])
                continue
            number = said[0] + 1
            outcomes[said[2] if said[2] in ("taken", "refused") else "uncaught"] += 1
            if said[2] not in ("taken", "refused"):
                uncaught.append(said)
        if child.returncode < 0:
            outcomes["ended the reader"] += 1
            number += 1
        elif child.returncode > 0:
            raise AssertionError(child.stderr[-2000:])
    return outcomes, uncaught, peak


def check(count: int) -> None:
    outcomes, uncaught, peak = read_mutants(0, count)
    print(f"{count} mutants: {dict(outcomes)}, peak {peak} KiB")
    assert uncaught == []
    assert outcomes.total() == count
    assert outcomes["taken"] > count / 20, "mutants that all fail at the door test nothing behind it"
    assert outcomes["ended the reader"] <= MAX_ENDED * count
    assert peak <= MAX_PEAK


def test_five_thousand_mutants_are_taken_or_refused() -> None:
    check(5_000)


@pytest.mark.long
def test_fifty_thousand_mutants_are_taken_or_refused() -> None:
    check(50_000)


@pytest.mark.parametrize("name", seeds())
def test_what_is_mutated_is_taken_when_it_is_whole(name: str) -> None:
    assert outcome(name, seeds()[name]) == "taken"


def test_an_error_of_ours_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise IndexError("planted")

    monkeypatch.setattr("crosspost.imports.kinds.Kind.read", broken)
    assert outcome("leads_en.csv", seeds()["leads_en.csv"]) == "IndexError: planted"


def contents(folder: Path) -> str:
    """Every row of the database, as one hash."""
    with closing(sqlite3.connect(folder / "crosspost.db")) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


def import_mutants(
    folder: Path, count: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through the whole command: what is refused leaves every row as it was, what is taken does so the second time."""
    monkeypatch.setenv("CROSSPOST_DATA_DIR", str(folder / "data"))
    monkeypatch.chdir(folder)
    assert run(["brand", "add", "Mutated"]) == 0
    whole = folder / "posts_en.csv"
    whole.write_bytes(seeds()["posts_en.csv"])
    assert run(["brand", "set", "--reactors"]) == 0
    assert run(["import", str(whole), "--network", "facebook"]) == 0
    codes: Counter[int] = Counter()
    before = contents(folder / "data")
    for number in range(count):
        name, data = mutant(number)
        file = folder / f"{number}-{name}"
        file.write_bytes(data)
        capsys.readouterr()
        code = run(["import", str(file), "--json"])
        after = contents(folder / "data")
        codes[code] += 1
        assert code in (0, 2, 4), capsys.readouterr().err
        if code == 0:
            assert run(["import", str(file), "--json"]) == 0
            assert contents(folder / "data") == after
            before = after
        assert after == before, f"mutant {number} was refused and stored something"
        file.unlink()
    assert codes[0] > 0
    assert codes[2] > 0


def test_mutants_through_the_whole_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import_mutants(tmp_path, 200, monkeypatch, capsys)


@pytest.mark.long
def test_hundreds_of_mutants_through_the_whole_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import_mutants(tmp_path, 500, monkeypatch, capsys)
