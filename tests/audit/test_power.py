"""What an experiment could see, against the analyser itself, the kept table, and worlds in which nothing happens."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from crosspost.audit.experiments import weeks
from crosspost.audit.experiments.answer import Fraction
from crosspost.audit.experiments.design import Design, Kind, Statistic
from crosspost.audit.experiments.plan import look, often, rise_words
from crosspost.audit.experiments.power import (
    World,
    arms_of_coins,
    default_design,
    measured,
    noise_of,
    p_of,
    seen,
    simulate,
    smallest_rise,
    weeks_needed,
    weights,
)
from crosspost.audit.experiments.randomisation import bits_of
from crosspost.audit.experiments.weeks import Week
from crosspost.domain.errors import BadInput

TABLE = Path(__file__).parents[2] / "reports" / "calibration" / "power.csv"
PAIRS = default_design(26)
SHORT = Design(Kind.PAIRED, 16, ("x",), 0, 1, 0)
COINS = Design(Kind.COINS, 12, ("x",), 0, carry_over=1, statistic=Statistic.HAJEK)


def cells() -> list[dict[str, float]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


@pytest.mark.parametrize(("level", "length", "rise"), [(20, 26, 0.5), (5, 26, 2.0), (200, 52, 0.2), (1, 52, 1.0)])
def test_a_plan_agrees_with_the_kept_table_within_three_points(level: float, length: int, rise: float) -> None:
    (kept,) = [one for one in cells() if (one["per_week"], one["weeks"], one["rise"]) == (level, length, rise)]
    assert kept["runs"] >= 4000
    assert seen(default_design(length), World(level, rise), seed=99).power == pytest.approx(kept["power"], abs=0.03)


def test_the_kept_table_is_whole_and_falsely_concludes_in_no_cell_more_than_one_in_twenty() -> None:
    error = 3 * math.sqrt(0.05 * 0.95 / 4000)
    table = cells()
    assert len(table) == 5 * 4 * 6
    for one in table:
        if one["rise"] == 0:
            assert one["power"] <= 0.05 + error
            assert one["refuted"] <= 0.05
        if one["rise"] >= 0.2:
            assert one["supported"] <= 0.05
    by_place = {(one["per_week"], one["weeks"], one["rise"]): one["power"] for one in table}
    assert by_place[200, 104, 0.2] > by_place[20, 104, 0.2] > by_place[5, 104, 0.2] > by_place[1, 104, 0.2]


@pytest.mark.parametrize("design", [PAIRS, SHORT, COINS], ids=["two weeks", "one week", "coins"])
def test_many_runs_at_once_have_the_p_of_the_analyser(design: Design) -> None:
    rng = np.random.default_rng(5)
    coins = rng.integers(0, 2, (8, len(design.coins))).astype(bool)
    arms = arms_of_coins(design, coins)
    series = simulate(World(4, 0.8), arms, rng)
    found = p_of(series, weights(design, coins), weights(design, bits_of(len(design.coins)).T), exact=True)
    for run, p in enumerate(found):
        rows = [Week(at + 1, int(arms[run, at]), {"leads": series[run, at]}) for at in range(design.weeks)]
        (answer,) = weeks.analyse(weeks.with_design(rows, design), weeks.plan_of(design)).values()
        assert answer.effect is not None
        assert isinstance(answer.effect.p, Fraction)
        assert p == pytest.approx(answer.effect.p.value, abs=1e-12)


WORLDS = {
    "autocorrelated": World(5, memory=0.9, spread=0.5),
    "growing": World(20, growth=0.03),
    "few": World(0.5),
    "disobeyed": World(20, disobeyed=0.3),
}


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
@pytest.mark.parametrize("design", [PAIRS, SHORT, COINS], ids=["two weeks", "one week", "coins"])
def test_where_nothing_happens_one_in_twenty_is_seen_at_most(design: Design, world: World) -> None:
    found = seen(design, world, runs=2000, seed=3)
    error = 3 * math.sqrt(0.05 * 0.95 / 2000)
    assert found.power <= 0.05 + error
    assert found.refuted <= 0.05


def test_a_rise_carried_over_is_found_whole_by_the_washout_alone() -> None:
    """Half of a 50 % rise is felt a week longer: dropping the first week of each block takes that out."""
    world = World(200, 0.5, spread=0.05, carried=0.5)
    rng = np.random.default_rng(2)
    coins = rng.integers(0, 2, (3000, 6)).astype(bool)
    found = {}
    for dropped in (0, 1):
        design = Design(Kind.PAIRED, 24, ("x",), 0, 2, dropped)
        series = simulate(world, arms_of_coins(design, coins), rng)
        found[dropped] = float(np.einsum("rw,rw->r", series, weights(design, coins)).mean()) / 100
    assert found[1] == pytest.approx(1.0, abs=0.02)
    assert found[0] < 0.9


def test_intervals_cover_the_truth() -> None:
    """A constant rise of 3 a week, on 400 runs of eight pairs: the interval is the analyser's own."""
    rng = np.random.default_rng(11)
    coins = rng.integers(0, 2, (400, 8)).astype(bool)
    arms = arms_of_coins(SHORT, coins)
    series = simulate(World(10), arms, rng) + 3.0 * arms
    covered = 0
    for run in range(400):
        rows = [Week(at + 1, int(arms[run, at]), {"leads": series[run, at]}, pair=str(at // 2)) for at in range(16)]
        (answer,) = weeks.analyse(rows).values()
        assert answer.effect is not None
        low, high = answer.effect.low, answer.effect.high
        assert low is not None
        assert high is not None
        covered += low <= 3 <= high
    assert covered / 400 >= 0.935


def test_the_smallest_rise_and_the_weeks_needed_are_seen_four_times_in_five() -> None:
    world = World(20)
    smallest = smallest_rise(PAIRS, world)
    assert smallest is not None
    assert seen(PAIRS, World(20, smallest), seed=0).power == pytest.approx(0.8, abs=0.03)
    needed = weeks_needed(PAIRS, World(20, 0.5))
    assert needed is not None
    assert seen(default_design(needed), World(20, 0.5), seed=8).power == pytest.approx(0.8, abs=0.07)
    assert weeks_needed(PAIRS, World(0.01, 0.2)) is None


def test_past_weeks_tell_level_and_noise() -> None:
    rng = np.random.default_rng(6)
    past = simulate(World(400, spread=0.3, memory=0.6), np.zeros((1, 900), dtype=bool), rng)[0]
    world = measured(list(past))
    assert world.base == pytest.approx(400, rel=0.1)
    assert world.spread == pytest.approx(0.3, abs=0.05)
    assert world.memory == pytest.approx(0.6, abs=0.1)
    assert measured([5.0] * 20).spread == 0.0
    assert measured([3.0, None, 5.0]) == World(4.0)
    assert "assumed" in noise_of([3.0, None])
    assert "900 past weeks" in noise_of(list(past))
    with pytest.raises(BadInput, match="no level"):
        measured([0.0, None])


def test_the_outlook_says_what_would_be_seen() -> None:
    found = look(PAIRS, World(5), noise="assumed", runs=1000)
    assert "At your 5 leads a week and 24 weeks you would see a rise of 10 %" in found.sentence
    assert "a rise to 3 times, most times (" in found.sentence
    assert found.as_dict()["rises"][2]["rise"] == 0.5
    assert found.as_dict()["design"]["smallest_p"] == 2 / 64


def test_accounts_together_see_more() -> None:
    alone = look(PAIRS, World(20), noise="", runs=500)
    pooled = look(PAIRS, World(20), noise="", accounts=2, runs=500)
    assert pooled.rises[2][1].power > alone.rises[2][1].power + 0.2
    assert "in 2 accounts" in pooled.sentence
    few = Design(Kind.PAIRED, 12, ("x",), 0)
    with pytest.raises(BadInput, match="3 pairs"):
        look(few, World(5), noise="")


def test_how_often_in_words() -> None:
    assert [often(share) for share in (0.0, 0.1, 0.5, 0.8, 1.0)] == [
        "no better than chance (0 %)", "seldom (10 %)", "half the time (50 %)", "most times (80 %)",
        "nearly always (100 %)",
    ]  # fmt: skip
    assert (rise_words(0.2), rise_words(1.0)) == ("of 20 %", "to 2 times")
