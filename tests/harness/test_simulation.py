"""The delivery engine in virtual time: the short form, and that the harness itself is sound."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.delivery_simulation import ALL, add, simulate
from benchmarks.simulated_history import Setting
from benchmarks.simulated_rows import copier, thawed
from benchmarks.simulated_store import engine_in_memory
from crosspost.domain.delivery import DeliveryClass, Outgoing
from crosspost.domain.outcomes import Change, owner_died
from crosspost.domain.transitions import Do, Step
from crosspost.store import claims, flights
from tests.engine import NOW
from tests.test_transitions import row as a_delivery

ROOT = Path(__file__).parents[2]
CLEAN = ("duplicates", "phantoms", "lost", "stuck")


def _clean(found: dict[str, Any]) -> None:
    assert found["wrong"] == [], found
    assert {name: found[name] for name in CLEAN} == dict.fromkeys(CLEAN, 0)


def test_thousands_of_histories_without_a_duplicate_a_phantom_or_a_loss() -> None:
    found = simulate(range(2000), seed=11)
    _clean(found)
    assert found["deliveries"] == 2000 * len(DeliveryClass)
    # It was no quiet day.
    assert found["crashes"] > 2 * 2000
    assert found["jumps"] > 1500
    assert found["pauses"] > 500
    assert found["outages"] > 30
    asked = {name: counts["needs_person"] / counts["deliveries"] for name, counts in found["by_class"].items()}
    assert asked.pop("BLIND") > 0.2
    assert all(share < 0.01 for share in asked.values()), asked


def test_a_seed_replays_bit_for_bit_in_any_split() -> None:
    whole = simulate(range(200), seed=5)
    parts: dict[str, Any] = {}
    for first in (150, 0, 100, 50):
        add(parts, simulate(range(first, first + 50), seed=5))
    assert parts == whole
    assert simulate(range(200), seed=6)["digest"] != whole["digest"]


def test_the_program_prints_one_line_and_the_same_digest_in_another_process() -> None:
    asked = [sys.executable, "benchmarks/delivery_simulation.py", "--histories", "120", "--seed", "5"]
    told = [subprocess.run([*asked, "--processes", n], capture_output=True, text=True, cwd=ROOT) for n in "12"]
    first, second = (json.loads(one.stdout.splitlines()[-1]) for one in told)
    assert [one.returncode for one in told] == [0, 0]
    assert first["digest"] == second["digest"] == f"{simulate(range(120), seed=5)['digest']:016x}"
    assert first["histories"] == 120
    assert first["classes"] == [one.name for one in ALL]
    assert {*CLEAN, "needs_person", "crashes", "jumps", "seconds"} <= first.keys()


def test_a_pause_of_the_whole_life_of_a_key_is_the_stated_limit() -> None:
    """A worker that sleeps between its last check and the write, for as long as the key lives, may double a post on
    the key class: docs/deliveries.md says so. Should this come out clean one day, the text must go."""
    asleep = Setting(stop=0.3, stop_s=2 * 3600.0, faults=2.0, crash=0.0)
    assert simulate(range(1500), 1, asleep, (DeliveryClass.KEY,))["duplicates"] > 0
    shorter = replace(asleep, stop_s=900.0)
    assert simulate(range(1500), 1, shorter, (DeliveryClass.KEY,))["wrong"] == []


def test_the_engine_is_put_back_as_it_was() -> None:
    before = {**vars(flights), **vars(claims)}
    with engine_in_memory():
        assert {**vars(flights), **vars(claims)} != before
        Step(Do.SEND, "due").reason = "changed"  # type: ignore[misc]
    assert {**vars(flights), **vars(claims)} == before
    with pytest.raises(FrozenInstanceError):
        Step(Do.SEND, "due").reason = "changed"  # type: ignore[misc]


def test_a_value_made_fast_is_the_value() -> None:
    frozen = [a_delivery(), owner_died(a_delivery()), *_outgoing()]
    with thawed():
        fast = [a_delivery(), owner_died(a_delivery()), *_outgoing()]
        assert fast[2].attachments is not fast[3].attachments
        with pytest.raises(TypeError):
            Step(Do.SEND)  # type: ignore[call-arg]
    assert fast == frozen


def _outgoing() -> list[Any]:
    row = a_delivery()
    return [Outgoing(row.id, 1, row.teaser, row.code, row.key, row.record_key, NOW, handle="h") for _ in range(2)]


def test_the_fast_copy_is_a_copy() -> None:
    row = a_delivery()
    change = owner_died(row)
    with thawed():
        changed = copier(Change)(change, looks=3)
        copied = copier(type(row))(row, epoch=7, due_at=NOW)
        with pytest.raises(AttributeError):
            copier(Change)(change, unheard_of=1)
    assert changed == replace(change, looks=3)
    assert copied == replace(row, epoch=7, due_at=NOW)
    assert [one.name for one in fields(copied)] == [one.name for one in fields(row)]


@pytest.mark.long
def test_two_hundred_thousand_histories() -> None:
    asked = [sys.executable, "benchmarks/delivery_simulation.py", "--histories", "200000"]
    told = subprocess.run(asked, capture_output=True, text=True, cwd=ROOT)
    found = json.loads(told.stdout.splitlines()[-1])
    assert told.returncode == 0, found
    _clean(found)
