"""PathData of ChannelAttribution (shared/data/channelattribution-pathdata) to the stated tolerances."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from crosspost.audit.credit import held_out, markov, shapley
from crosspost.audit.credit.compare import compare
from crosspost.audit.credit.paths import Floats, PathCounts, Row, count
from crosspost.audit.credit.resampling import Resampled, resample
from crosspost.audit.section import SEED
from tests.audit.ledgers import read

pytestmark = pytest.mark.shared
FOLDER = "channelattribution-pathdata"


@cache
def path_rows() -> list[Row]:
    return [
        (tuple(row["path"].split(" > ")), int(row["total_conversions"]), Decimal(row["total_conversion_value"]),
         int(row["total_null"]))
        for row in read(FOLDER, "PathData.csv")
    ]  # fmt: skip


def path_data() -> PathCounts:
    return count(path_rows())


def column(name: str, field: str) -> Floats:
    """A figure of a file by channel, in the order of channels."""
    rows = {row["channel_name"]: float(row[field]) for row in read(FOLDER, name)}
    return np.array([rows[channel] for channel in path_data().channels])


@pytest.mark.parametrize("rule", ["first", "last", "linear"])
def test_heuristics(rule: str) -> None:
    found = compare(path_data(), ())
    kind = f"{rule}_touch"
    assert found.conversions[rule] == pytest.approx(column("ca_heuristics.csv", f"{kind}_conversions"), rel=1e-6)
    assert found.value[rule] == pytest.approx(column("ca_heuristics.csv", f"{kind}_value"), rel=1e-6)


def test_position() -> None:
    expected = column("mam_2_1_1_results.csv", "position_40_20_40")
    assert compare(path_data(), ()).conversions["position"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_exact_chain(order: int) -> None:
    counts, name = path_data(), f"exact_markov_order{order}.csv"
    found = markov.removal(markov.chain(counts, order))
    facts = next(row for row in read(FOLDER, "expected_chain_facts.csv") if row["order"] == str(order))
    assert markov.chain(counts, order).size == int(facts["states"])
    assert found.probability == pytest.approx(counts.converted() / counts.walked(), rel=1e-12)
    assert found.worth == pytest.approx(float(facts["value_per_path"]), rel=1e-9)
    assert found.conversions == pytest.approx(column(name, "removal_effects_conversion"), rel=1e-9)
    assert found.value == pytest.approx(column(name, "removal_effects_conversion_value"), rel=1e-9)
    assert found.credit(counts.converted()) == pytest.approx(column(name, "total_conversions"), rel=1e-9)
    value = found.credit(counts.value(), by_value=True)
    assert value == pytest.approx(column(name, "total_conversion_value"), rel=1e-9)


def test_the_exact_chain_of_converting_journeys_alone() -> None:
    everything = path_data()
    only = PathCounts(everything.channels, everything.touches, everything.offsets, everything.conversions,
                      everything.value_minor, np.zeros_like(everything.nulls))  # fmt: skip
    found = markov.removal(markov.chain(only))
    assert found.conversions == pytest.approx(
        column("exact_markov_order1_converting_paths_only.csv", "re_conv"), rel=1e-9
    )


def test_both_games() -> None:
    counts, name = path_data(), "exact_shapley.csv"
    won = shapley.sum_game(counts, counts.conversions.astype(float))
    assert won == pytest.approx(column(name, "shapley_sum_game_conversions"), rel=1e-9)
    value = shapley.sum_game(counts, counts.value_minor)
    assert value == pytest.approx(column(name, "shapley_sum_game_value"), rel=1e-9)
    assert shapley.rate_game(counts)[1] == pytest.approx(column(name, "shapley_rate_game"), rel=1e-9)


def test_resampled_removals_to_a_tenth_of_their_width() -> None:
    low, high = (column("expected_bootstrap_order1.csv", end) for end in ("re_lo", "re_hi"))
    found_low, found_high = Resampled.interval(resample(path_data(), SEED).removal)
    assert (np.abs(found_low - low) < 0.1 * (high - low)).all()
    assert (np.abs(found_high - high) < 0.1 * (high - low)).all()


@pytest.mark.parametrize("seed", [SEED, 1, 2])
def test_with_paths_held_out_an_order_of_two_foretells_best(seed: int) -> None:
    assert held_out.best(held_out.log_likelihoods(path_data(), seed)) == 2


def test_with_rows_held_out_likelihoods_are_those_on_record() -> None:
    """The figures on record hold out rows of the file and weigh them by journeys. Their folds are not known."""
    rows = path_rows()
    place_of = {name: place for place, name in enumerate(path_data().channels)}
    apart = PathCounts(
        channels=tuple(place_of),
        touches=np.array([place_of[name] for path, *_ in rows for name in path], np.int32),
        offsets=np.concatenate([[0], np.cumsum([len(path) for path, *_ in rows])]),
        conversions=np.array([row[1] for row in rows]),
        value_minor=np.zeros(len(rows)),
        nulls=np.array([row[3] for row in rows]),
    )
    fold_of = np.random.default_rng(1).integers(held_out.FOLDS, size=len(rows))
    for order, expected in {1: -8.851, 2: -8.515, 3: -8.545, 4: -10.656}.items():
        found = held_out.log_likelihood_of_paths(apart, fold_of, order) @ apart.journeys / apart.walked()
        assert found == pytest.approx(expected, rel=0.04), order
