"""Credit against answers worked out by hand, against slow arithmetic in fractions, and against what must hold."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosspost.audit.credit import held_out, heuristics, markov, resampling, shapley, windows
from crosspost.audit.credit.compare import compare
from crosspost.audit.credit.paths import PathCounts, Row, count
from tests.audit.credit import made
from tests.audit.credit.made import SMALL, Rows


def credit(counts: PathCounts, model: str) -> dict[str, float]:
    return dict(zip(counts.channels, compare(counts).conversions[model].tolist(), strict=True))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", {"email": 1, "search": 3, "social": 0}),
        ("last", {"email": 3, "search": 1, "social": 0}),
        ("linear", {"email": 1 + 1, "search": 1 + 2 / 3, "social": 1 / 3}),
        ("position", {"email": 1 + 1, "search": 1 + 0.8, "social": 0.2}),
        ("time_decay", {"email": 1 + 2 * 2 / 3, "search": 2 / 3 + 5 / 7, "social": 2 / 7}),
        ("shapley_sum", {"email": 1 + 1, "search": 1 + 0.5, "social": 0.5}),
    ],
)
def test_credit_of_four_paths_is_as_worked_out_by_hand(model: str, expected: Mapping[str, float]) -> None:
    assert credit(count(SMALL), model) == pytest.approx(expected, abs=1e-12)


def test_the_chain_of_four_paths_is_as_worked_out_by_hand() -> None:
    """Of ten journeys six begin with search, four with email. Search moves on to email 3, to social 1, wins 1, loses 2
    of 7 times; social goes back; email wins 3 and loses 4 of 7. Without social search wins 1/7 and sends 3/7 to email.
    """
    found = markov.removal(markov.chain(count(SMALL)))
    effects = dict(zip(count(SMALL).channels, found.conversions, strict=True))
    assert found.probability == pytest.approx(0.4, abs=1e-15)
    assert found.worth == pytest.approx(55.0, abs=1e-12)
    assert effects["search"] == pytest.approx(1 - (0.4 * 3 / 7) / 0.4, abs=1e-12)
    assert effects["email"] == pytest.approx(1 - (0.6 * (1 / 7) / (6 / 7)) / 0.4, abs=1e-12)
    assert effects["social"] == pytest.approx(1 - (0.6 * (1 / 7 + 3 / 7 * 3 / 7) + 0.4 * 3 / 7) / 0.4, abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(made.rows(), st.sampled_from([1, 2, 3]), st.sampled_from(["inverse", "factors", "steps"]))
def test_the_chain_equals_elimination_in_fractions(rows: Rows, order: int, way: str) -> None:
    counts = count(rows)
    with pytest.MonkeyPatch.context() as patch:
        if way != "inverse":
            patch.setattr(markov, "DENSE", 0)
        if way == "steps":
            patch.setattr(markov, "FEW", 0)
        found = markov.removal(markov.chain(counts, order))
    walked = sum(won + lost for _, won, _, lost in rows)
    assert found.probability == pytest.approx(sum(won for _, won, _, _ in rows) / walked, abs=1e-12)
    for channel, effect in zip(counts.channels, found.conversions, strict=True):
        assert effect == pytest.approx(float(made.removal_effect(rows, order, channel)), abs=1e-10)


@settings(deadline=None, max_examples=30)
@given(made.rows())
def test_both_games_equal_all_coalitions_one_by_one(rows: Rows) -> None:
    counts = count(rows)
    summed = shapley.sum_game(counts, counts.conversions.astype(float))
    names, rate = shapley.rate_game(counts)
    by_hand, rate_by_hand = made.shapley(rows, rate=False), made.shapley(rows, rate=True)
    assert tuple(names) == counts.channels
    assert summed == pytest.approx([float(by_hand[name]) for name in names], abs=1e-10)
    assert rate == pytest.approx([float(rate_by_hand[name]) for name in names], abs=1e-10)


@settings(deadline=None, max_examples=20)
@given(made.rows(("a", "b", "c", "d", "e", "f", "g")))
def test_credit_adds_up_to_the_conversions_under_every_model(rows: Rows) -> None:
    counts = count(rows)
    found = compare(counts)
    for figures in found.conversions.values():
        assert figures.sum() == pytest.approx(counts.converted(), rel=1e-12)
    for figures in found.value.values():
        assert figures.sum() == pytest.approx(counts.value(), rel=1e-12)
    for one in found.removals.values():
        assert one.probability == pytest.approx(counts.converted() / counts.walked(), rel=1e-12)


@settings(deadline=None, max_examples=20)
@given(made.rows(), st.integers(0, 2**32), st.permutations(["w", "zz", "A", "other"]))
def test_order_splitting_and_names_change_nothing(rows: Rows, seed: int, names: list[str]) -> None:
    random = Random(seed)
    split = [(path, won, worth, 0) for path, won, worth, _ in rows] + [(path, 0, 0, lost) for path, *_, lost in rows]
    as_was, mixed = compare(count(rows)), compare(count(random.sample(split, len(split))))
    for model, figures in as_was.conversions.items():
        assert mixed.conversions[model].tobytes() == figures.tobytes(), model
    renamed = dict(zip("abcd", names, strict=True))
    other = compare(count([(tuple(renamed[name] for name in path), *figures) for path, *figures in rows]))  # type: ignore[misc]
    for model, figures in as_was.conversions.items():
        under_new = dict(zip(other.channels, other.conversions[model], strict=True))
        assert [under_new[renamed[name]] for name in as_was.channels] == pytest.approx(figures.tolist(), abs=1e-9)


def test_another_unit_of_money_changes_shares_of_value_by_nothing() -> None:
    in_cents = compare(count([(path, won, worth * 100, lost) for path, won, worth, lost in SMALL]))
    in_euros = compare(count(SMALL))
    for model, figures in in_euros.value.items():
        assert in_cents.value[model] == pytest.approx(figures * 100, rel=1e-12)
    assert in_cents.removals[1].value == pytest.approx(in_euros.removals[1].value, rel=1e-12)


def test_removing_the_only_channel_loses_everything() -> None:
    found = compare(count([(("a",), 3, 0, 1), (("a", "a", "a"), 1, 0, 5)]))
    assert [one.conversions.tolist() for one in found.removals.values()] == [[1.0]] * 3
    assert [figures.tolist() for figures in found.conversions.values()] == [[pytest.approx(4.0, rel=1e-12)]] * 10


def test_a_channel_that_never_converts_gets_nothing_and_the_rest_keeps_its_credit() -> None:
    found = compare(count([(("a",), 2, 0, 1), (("dead",), 0, 0, 9)]))
    for model, figures in found.conversions.items():
        if model != "shapley_rate":  # whose rate falls with the channel: its credit is below zero
            assert figures.tolist() == pytest.approx([2.0, 0.0]), model
    assert found.conversions["shapley_rate"][1] < 0


def test_without_conversions_there_is_no_removal_effect_and_no_credit() -> None:
    found = compare(count([(("a", "b"), 0, 0, 4)]))
    assert all(np.isnan(one.conversions).all() for one in found.removals.values())
    assert all((figures == 0).all() for figures in found.conversions.values())
    assert found.first() is None


def test_above_twenty_channels_the_smaller_ones_play_as_one_whatever_their_names() -> None:
    rows = [((f"c{number:02}",), 1 + number, 0, number) for number in range(25)] + [(("c24", "c03"), 2, 0, 0)]
    names, rate = shapley.rate_game(count(rows))
    assert names == [*(f"c{number:02}" for number in range(6, 25)), "other"]
    assert rate.sum() == pytest.approx(sum(row[1] for row in rows) / sum(row[1] + row[3] for row in rows))
    tied, _ = shapley.rate_game(count([((f"c{number:02}",), 1, 0, 1) for number in range(25)]))
    assert tied == ["other"]  # no name is better than another


def test_a_half_life_of_many_steps_is_linear_credit() -> None:
    counts = count(SMALL)
    found = heuristics.heuristics(counts, counts.conversions.astype(float), half_life=1e9)
    assert found["time_decay"] == pytest.approx(found["linear"], abs=1e-6)


def test_a_thousand_channels_need_one_inverse() -> None:
    """Each of 500 pairs a > b wins once in four: without either nothing of the pair is left."""
    counts = count([((f"a{number}", f"b{number}"), 1, 0, 3) for number in range(500)])
    found = markov.removal(markov.chain(counts))
    assert len(counts.channels) == 1000
    assert found.conversions == pytest.approx(np.full(1000, 1 / 500), abs=1e-12)


@pytest.mark.parametrize("table", [0, 1 << 22])
def test_paths_walked_equally_often_weigh_what_they_were_walked(table: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "_TABLE", table)
    found = windows.windows_of(count([(("a", "b", "b"), 2, 0, 1), (("b", "a"), 0, 0, 3), (("b",), 3, 0, 0)]), 1)
    keys, (moves,) = found.moves.result()
    assert {(key // 3, key % 3): sum_ for key, sum_ in zip(keys.tolist(), moves.tolist(), strict=True) if key} == {
        (1, 2): 3, (2, 2): 3, (2, 1): 3
    }  # fmt: skip
    assert found.ended() == (5, 0, 4)


@pytest.mark.parametrize("channels", [(), ("a", "b")])
def test_no_paths_are_no_credit_under_any_model(channels: tuple[str, ...]) -> None:
    none = np.zeros(0, np.int64)
    found = compare(PathCounts(channels, none, np.zeros(1, np.int64), none, none, none))
    for figures in (*found.conversions.values(), found.rate_credit):
        assert figures.tolist() == [0] * len(channels)


def test_a_path_without_touches_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a touch"):
        count([((), 1, 0, 0)])


@pytest.mark.parametrize("order", [1, 2])
def test_the_order_that_made_journeys_foretells_them_best_however_rows_are_split(order: int) -> None:
    random = Random(1)
    rows: list[Row] = []
    for _ in range(3_000):
        path = random.choices("abc", k=order)
        while random.random() < 0.8:
            path.append("abc"[("abc".index(path[-order]) + (random.random() < 0.1)) % 3])
        rows.append((tuple(path), int(path[-1] == "a"), 0, int(path[-1] != "a")))
    found = held_out.log_likelihoods(count(rows), 1)
    assert held_out.best(found) == order
    thrice = count([row for row in rows for _ in range(3)])
    assert held_out.best(held_out.log_likelihoods(thrice, 1)) == order
    assert held_out.log_likelihoods(count(reversed(rows)), 1) == found


def test_journeys_drawn_one_by_one_have_the_chances_of_those_drawn_by_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = np.array([1, 2, 7])
    for at_most in (0, 100):
        monkeypatch.setattr(resampling, "_ONE_BY_ONE", at_most)
        drawn = resampling._drawn(np.random.default_rng(1), seen, 20_000)
        assert (drawn.sum(axis=1) == 10).all()
        assert drawn.mean(axis=0) == pytest.approx(seen, rel=0.03)
        assert drawn.var(axis=0) == pytest.approx(seen * (1 - seen / 10), rel=0.05)
