"""PathData of ChannelAttribution (shared/data/channelattribution-pathdata) to the stated tolerances."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from crosspost.audit.credit import held_out, markov, shapley
from crosspost.audit.credit.compare import compare
from crosspost.audit.credit.paths import Floats, PathCounts, count
from crosspost.audit.credit.resampling import Resampled, resample
from crosspost.audit.section import SEED
from tests.audit.ledgers import read

pytestmark = pytest.mark.shared
FOLDER = "channelattribution-pathdata"


@cache
def path_data() -> PathCounts:
    return count(
        (tuple(row["path"].split(" > ")), int(row["total_conversions"]), Decimal(row["total_conversion_value"]),
         int(row["total_null"]))
        for row in read(FOLDER, "PathData.csv")
    )  # fmt: skip


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


def test_with_whole_rows_held_out_an_order_of_two_foretells_best() -> None:
    """The figures on record hold out rows of the file, each with all its journeys. Their folds are not known."""
    rows = read(FOLDER, "PathData.csv")
    fold_of_row = np.random.default_rng(1).integers(held_out.FOLDS, size=len(rows))
    counts = path_data()
    paths = {}
    for at in range(len(counts.lengths)):
        names = [counts.channels[one] for one in counts.touches[counts.offsets[at] : counts.offsets[at + 1]]]
        paths[" > ".join(names)] = at
    won, lost = (np.zeros((len(paths), held_out.FOLDS)) for _ in range(2))
    for row, fold in zip(rows, fold_of_row, strict=True):
        won[paths[row["path"]], fold] += int(row["total_conversions"])
        lost[paths[row["path"]], fold] += int(row["total_null"])
    found = held_out.log_likelihoods(counts, (won, lost))
    assert held_out.best(found) == 2
    for order, expected in {1: -8.851, 2: -8.515, 3: -8.545, 4: -10.656}.items():
        assert found[order] == pytest.approx(expected, rel=0.04), order
