"""What is drawn by lot, and which draws are refused."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosspost.audit.experiments.design import Design, Kind, Statistic, arms_of, points, schedule
from crosspost.domain.errors import BadInput


def paired(weeks: int = 24, block: int = 2, carry_over: int = 1, seed: int = 7) -> Design:
    return Design(Kind.PAIRED, weeks, ("mastodon", "x"), seed, block, carry_over)


@given(st.integers(0, 2**63), st.integers(1, 8), st.integers(1, 4))
def test_each_pair_has_one_block_on_and_one_off(seed: int, pairs: int, block: int) -> None:
    for arms in schedule(paired(2 * block * pairs, block, block - 1, seed)).values():
        for start in range(0, len(arms), 2 * block):
            first, second = arms[start : start + block], arms[start + block : start + 2 * block]
            assert len({*first}) == len({*second}) == 1
            assert first[0] != second[0]


def test_a_seed_gives_the_same_weeks_for_ever() -> None:
    """Written down once: another hash, or another order of its parts, would break a schedule that is under way."""
    assert "".join(map(str, schedule(paired(seed=8))["x"])) == "001111000011110011000011"


def test_networks_and_strata_have_coins_of_their_own() -> None:
    design = paired(400)
    drawn = [*schedule(design, "lea").values(), *schedule(design, "tom").values()]
    for one, other in combinations(drawn, 2):
        same = sum(a == b for a, b in zip(one, other, strict=True)) / 400
        assert 0.3 < same < 0.7
    assert schedule(Design(Kind.PAIRED, 400, ("x", "mastodon"), 7), "lea") == schedule(design, "lea")


def test_coins_are_fair() -> None:
    arms = schedule(Design(Kind.PAIRED, 8000, ("x",), 3, 1, 0))["x"]
    assert 0.47 < sum(arms[::2]) / 4000 < 0.53


@pytest.mark.parametrize(("weeks", "pairs"), [(20, 5), (4, 1)])
def test_a_design_that_cannot_reject_is_refused_with_what_would_do(weeks: int, pairs: int) -> None:
    with pytest.raises(BadInput, match=f"{pairs} pairs? .*no p under") as error:
        paired(weeks).check_can_reject()
    assert "24 weeks" in str(error.value)
    paired(24).check_can_reject()
    assert paired(20).smallest_p == 0.0625


def test_five_pairs_in_two_accounts_can_reject() -> None:
    Design(Kind.PAIRED, 20, ("x",), 1, strata=("lea", "tom")).check_can_reject()


@pytest.mark.parametrize(("weeks", "block", "carry_over"), [(26, 2, 1), (0, 2, 1), (24, 2, 2), (24, 0, 0), (24, 2, -1)])
def test_weeks_that_make_no_pairs_are_refused(weeks: int, block: int, carry_over: int) -> None:
    with pytest.raises(BadInput):
        paired(weeks, block, carry_over)


@pytest.mark.parametrize(
    ("weeks", "carry_over", "expected"),
    [
        (12, 1, (1, 3, 4, 5, 6, 7, 8, 9, 10, 11)),
        (12, 2, (1, 5, 7, 9)),
        (12, 3, (1, 7)),
        (5, 0, (1, 2, 3, 4, 5)),
    ],
)
def test_the_coins_stand_where_the_theorem_says(weeks: int, carry_over: int, expected: tuple[int, ...]) -> None:
    assert points(weeks, carry_over) == expected


@pytest.mark.parametrize(("weeks", "carry_over"), [(3, 1), (13, 2), (6, 2), (12, -1)])
def test_weeks_that_carry_no_coins_are_refused(weeks: int, carry_over: int) -> None:
    with pytest.raises(BadInput):
        points(weeks, carry_over)


def worst_variance(weeks: int, carry_over: int, starts: tuple[int, ...]) -> float:
    """Variance of Horvitz-Thompson where every outcome is 1 in every arm, over all falls of fair coins at `starts`."""
    coin_of = [sum(start <= week for start in starts) - 1 for week in range(1, weeks + 1)]
    total = 0.0
    for coins in product((0, 1), repeat=len(starts)):
        value = 0.0
        for week in range(carry_over, weeks):
            window = coin_of[week - carry_over : week + 1]
            arms = {coins[coin] for coin in window}
            if len(arms) == 1:
                value += (1 if arms == {1} else -1) * 2 ** len({*window})
        total += value**2
    return float(total / 2 ** len(starts))


@pytest.mark.parametrize(("weeks", "carry_over"), [(5, 1), (6, 1), (7, 1), (8, 2)])
def test_the_coins_are_the_best_of_all_places_against_the_worst_outcomes(weeks: int, carry_over: int) -> None:
    every = [(1, *chosen) for size in range(weeks) for chosen in combinations(range(2, weeks + 1), size)]
    best = min(worst_variance(weeks, carry_over, starts) for starts in every)
    assert worst_variance(weeks, carry_over, points(weeks, carry_over)) == pytest.approx(best)
    assert worst_variance(weeks, carry_over, tuple(range(1, weeks + 1))) > best


def test_an_arm_is_kept_until_the_next_coin() -> None:
    design = Design(Kind.COINS, 12, ("x",), 1, carry_over=2, statistic=Statistic.HAJEK)
    assert arms_of(design, (1, 0, 1, 0)) == (1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0)
