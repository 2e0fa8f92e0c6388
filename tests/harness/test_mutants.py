"""The harness is only worth something if it catches what is wrong: nine weakened engines, each of which must fail."""

from __future__ import annotations

import pytest

from benchmarks.delivery_simulation import simulate
from tests.harness.mutants import MUTANTS, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name.replace(" ", "-"))
def test_the_simulation_catches_it(mutant: Mutant) -> None:
    with mutant.patch():
        found = simulate(range(mutant.histories), mutant.seed, mutant.setting, mutant.classes)
    assert found["duplicates"] + found["stuck"] + found["lost"] + found["phantoms"] > 0, found


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name.replace(" ", "-"))
def test_the_engine_as_it_is_passes_the_same_histories(mutant: Mutant) -> None:
    found = simulate(range(mutant.histories), mutant.seed, mutant.sane or mutant.setting, mutant.classes)
    assert found["wrong"] == [], found
