"""Randomised weeks and persons: exact, as drawn, and with what is missing told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction as F
from itertools import combinations, product
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosspost.audit.experiments import persons, weeks
from crosspost.audit.experiments.answer import EVENTFUL, SOME, Answer, Effect, Fraction, judge
from crosspost.audit.experiments.design import Design, Kind, Statistic, schedule
from crosspost.audit.experiments.persons import Person
from crosspost.audit.experiments.weeks import Plan, Week
from crosspost.audit.results import Verdict
from crosspost.domain.errors import BadInput
from tests.audit.ledgers import DATA, read

Series = Sequence[float | None]


def in_pairs(values: Series, first_on: Sequence[int], block: int = 1, name: str = "visits") -> list[Week]:
    """Weeks of `values`, in pairs of blocks whose first one is on where `first_on` says so."""
    found = []
    for at, value in enumerate(values):
        pair, place = divmod(at, 2 * block)
        arm = first_on[pair] if place < block else 1 - first_on[pair]
        found.append(Week(at + 1, arm, {name: value}, pair=str(pair)))
    return found


def one(answers: Mapping[str, Answer]) -> Answer:
    (answer,) = answers.values()
    return answer


def effect_of(answer: Answer) -> Effect:
    assert answer.effect is not None
    return answer.effect


def difference(values: Sequence[F], arms: Sequence[int]) -> F:
    on = [value for value, arm in zip(values, arms, strict=True) if arm]
    off = [value for value, arm in zip(values, arms, strict=True) if not arm]
    return sum(on, F(0)) / len(on) - sum(off, F(0)) / len(off)


def share_as_extreme(values: Sequence[F], arms: Sequence[int], others: Sequence[Sequence[int]], shift: F = F(0)) -> F:
    """p of an additive effect `shift`, in fractions, one assignment after another."""
    without = [value - shift * arm for value, arm in zip(values, arms, strict=True)]
    seen = abs(difference(without, arms))
    return F(sum(abs(difference(without, other)) >= seen for other in others), len(others))


def all_pairs(number: int) -> list[list[int]]:
    return [[arm for coin in coins for arm in (coin, 1 - coin)] for coins in product((0, 1), repeat=number)]


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_p_and_interval_are_those_of_counting_every_assignment(data: st.DataObject) -> None:
    number = data.draw(st.integers(6, 7))
    values = data.draw(st.lists(st.integers(0, 9), min_size=2 * number, max_size=2 * number))
    coins = data.draw(st.lists(st.integers(0, 1), min_size=number, max_size=number))
    answer = one(weeks.analyse(in_pairs(values, coins)))
    if len(set(values)) == 1:
        assert answer.effect is None
        return
    exact, arms = [F(value) for value in values], [arm for coin in coins for arm in (coin, 1 - coin)]
    others = all_pairs(number)
    effect = effect_of(answer)
    assert isinstance(effect.p, Fraction)
    assert F(effect.p.extreme, effect.p.of) == share_as_extreme(exact, arms, others)
    assert effect.estimate == pytest.approx(float(difference(exact, arms)), abs=1e-12)
    step = F(1, 1000)
    for end, outwards in ((effect.low, -1), (effect.high, 1)):
        assert end is not None
        ends = F(end).limit_denominator(5000)
        assert share_as_extreme(exact, arms, others, ends) > F(1, 20)
        assert share_as_extreme(exact, arms, others, ends + outwards * step) <= F(1, 20)


def test_two_week_blocks_drop_their_first_week() -> None:
    values = [value for pair in range(6) for value in (900, 10 + pair, 900, 7)]
    answer = one(weeks.analyse(in_pairs(values, [1] * 6, block=2)))
    effect = effect_of(answer)
    assert effect.estimate == pytest.approx(5.5)
    assert str(effect.p) == "2/64"
    assert answer.n == 12
    assert "the first week of each dropped" in str(answer.about["design"])
    assert answer.others["without_washout"].estimate == pytest.approx(2.75)
    assert answer.others["first_weeks_alone"] is None  # they never vary
    whole = one(weeks.analyse(in_pairs(values, [1] * 6, block=2), Plan(carry_over=0)))
    assert effect_of(whole).estimate == pytest.approx(2.75)


@pytest.mark.parametrize("factor", [1e-7, 0.1, 3.0, 1e9])
def test_another_unit_and_other_names_change_no_p(factor: float) -> None:
    values = [3, 1, 2, 2, 5, 4, 0, 1, 2, 6, 1, 1, 4, 3, 2, 0]
    rows = in_pairs(values, [1, 0, 1, 1, 0, 0, 1, 0])
    plain = one(weeks.analyse(rows))
    other = [
        replace(row, outcomes={"visits": (row.outcomes["visits"] or 0) * factor}, pair=f"p{row.pair}") for row in rows
    ]
    Random(3).shuffle(other)
    again = one(weeks.analyse(other))
    assert effect_of(again).p == effect_of(plain).p
    assert effect_of(again).low == pytest.approx((effect_of(plain).low or 0) * factor)
    assert again.verdict is plain.verdict


def test_a_week_not_known_takes_its_pair_along_and_is_told() -> None:
    values: list[float | None] = [9, 1, 8, 2, 9, 1, 7, 3, 9, 2, 9, 1, 8, 1, 9, 3]
    holed = [*values[:5], None, *values[6:]]
    answer = one(weeks.analyse(in_pairs(holed, [1] * 8)))
    without = one(weeks.analyse(in_pairs([*values[:4], *values[6:]], [1] * 7)))
    assert effect_of(answer).p == effect_of(without).p == Fraction(2, 128)
    assert effect_of(answer).estimate == pytest.approx(effect_of(without).estimate)
    assert answer.about["left_out"] == [
        "week 6: visits is not known", "pair 2: one of its arms has no week that is known and not dropped"
    ]  # fmt: skip


def test_nothing_known_is_no_zero() -> None:
    answer = one(weeks.analyse(in_pairs([None] * 12, [1] * 6)))
    assert answer.as_dict()["estimate"] is None
    assert answer.verdict is Verdict.NOT_ENOUGH_DATA
    assert answer.reason == "it is known of no week"


def test_unequal_blocks_are_compared_by_their_means() -> None:
    rows = in_pairs([5, 1, 6, 2, 7, 1, 5, 2, 6, 3, 7, 2], [1, 0, 1, 1, 0, 1])
    more = Week(13, rows[-1].arm, {"visits": 4}, pair=rows[-1].pair)
    answer = one(weeks.analyse([*rows, more]))
    values = [F(int(row.outcomes["visits"] or 0)) for row in [*rows, more]]
    others = [[*arms, arms[-1]] for arms in all_pairs(6)]
    arms = [row.arm for row in [*rows, more]]
    assert effect_of(answer).p == Fraction(int(64 * share_as_extreme(values, arms, others)), 64)
    assert effect_of(answer).estimate == pytest.approx(float(difference(values, arms)))


def test_a_single_arm_is_compared_with_nothing() -> None:
    answer = one(weeks.analyse([Week(week, 1, {"leads": 3}, pair=str(week)) for week in range(1, 9)]))
    assert answer.effect is None
    assert answer.missing == "weeks of the other arm"


def test_an_outcome_that_never_varies_says_so() -> None:
    answer = one(weeks.analyse(in_pairs([4] * 16, [1, 0] * 4)))
    assert (answer.effect, answer.reason) == (None, "it never varies")


def test_five_pairs_conclude_nothing_whatever_they_show() -> None:
    answer = one(weeks.analyse(in_pairs([90, 1] * 5, [1] * 5)))
    assert effect_of(answer).p == Fraction(2, 32)
    assert (effect_of(answer).low, effect_of(answer).high) == (None, None)
    assert answer.verdict is Verdict.NOT_ENOUGH_DATA
    assert "5 of at least 6 pairs" in str(answer.missing)


def test_weeks_that_do_not_say_how_they_were_drawn_are_refused() -> None:
    with pytest.raises(BadInput, match="nothing says how the weeks were drawn"):
        weeks.analyse([Week(week, week % 2, {"leads": week}) for week in range(1, 13)])


def test_a_week_twice_is_refused() -> None:
    rows = in_pairs([1, 2] * 6, [1] * 6)
    with pytest.raises(BadInput, match="week 3 stands twice"):
        weeks.analyse([*rows, rows[2]])


def test_an_early_stop_is_exploratory_whatever_it_shows() -> None:
    answer = one(weeks.analyse(in_pairs([90, 10] * 8, [1] * 8), Plan(weeks=24)))
    assert answer.verdict is Verdict.NOT_ENOUGH_DATA
    assert answer.exploratory == "stopped early, exploratory"
    assert "16 of 24 planned weeks" in str(answer.missing)
    assert one(weeks.analyse(in_pairs([90, 10] * 8, [1] * 8), Plan(weeks=16))).verdict is Verdict.REFUTED


def test_the_plan_reached_makes_a_wide_interval_inconclusive() -> None:
    rows = in_pairs([12, 10, 8, 11, 14, 9, 7, 12, 10, 13, 12, 9], [1, 0, 1, 1, 0, 1])
    assert one(weeks.analyse(rows, Plan(weeks=12))).verdict is Verdict.INCONCLUSIVE
    open_ended = one(weeks.analyse(rows))
    assert open_ended.verdict is Verdict.NOT_ENOUGH_DATA
    assert "more pairs" in str(open_ended.missing)


def test_outcomes_behind_one_that_is_not_shown_are_exploratory() -> None:
    both = [
        replace(row, outcomes={"leads": [9, 1][row.arm == 0], "visits": 50 + row.week % 3})
        for row in in_pairs([0] * 16, [1, 0] * 4)
    ]
    answers = weeks.analyse(both)
    assert list(answers) == ["visits", "leads"]
    assert answers["visits"].exploratory is None
    assert "visits come first" in str(answers["leads"].exploratory)


def test_a_locked_outcome_leads_and_hides_behind_none() -> None:
    both = [
        replace(row, outcomes={"leads": [9, 1][row.arm == 0], "visits": 50 + row.week % 3})
        for row in in_pairs([0] * 16, [1, 0] * 4)
    ]
    answers = weeks.analyse(both, Plan(primary="leads"))
    assert list(answers) == ["leads", "visits"]
    assert answers["leads"].exploratory is answers["visits"].exploratory is None
    other = weeks.analyse(both, Plan(primary="visits"))
    assert other["leads"].exploratory is not None


def test_one_short_block_takes_no_washout_from_the_others() -> None:
    values = [value for pair in range(6) for value in (900 + pair, 10 + pair, 900, 7)]
    rows = in_pairs([*values, 5], [1] * 7, block=2)
    answer = one(weeks.analyse(rows))
    assert "the first week of each dropped" in str(answer.about["design"])
    assert answer.n == 12


def test_obedience_is_counted_and_the_plan_is_kept() -> None:
    rows = in_pairs([9, 1] * 8, [1] * 8)
    posts = [replace(row, posts=float(row.arm if row.week > 2 else 1 - row.arm)) for row in rows]
    answer = one(weeks.analyse(posts))
    assert answer.about["obedience"] == {"weeks": 16, "obeyed": 14}
    assert effect_of(answer).estimate == effect_of(one(weeks.analyse(rows))).estimate


def test_accounts_are_pooled_with_coins_of_their_own() -> None:
    large, small = in_pairs([900, 700] * 3, [1] * 3), in_pairs([9, 7] * 3, [1] * 3)
    pooled = one(weeks.analyse([*large, *(replace(row, account="small") for row in small)]))
    assert effect_of(pooled).p == Fraction(2, 64)  # three pairs alone: 2/8
    assert effect_of(pooled).estimate == pytest.approx(0.25)  # 200 of 800, and 2 of 8: of each account's own mean


def test_more_than_twenty_pairs_are_drawn_with_a_seed() -> None:
    values = [float(value) for value in np.random.default_rng(1).poisson(20, 60)]
    rows = in_pairs(values, [1, 0] * 15)
    answer = effect_of(one(weeks.analyse(rows)))
    assert isinstance(answer.p, Fraction)
    assert answer.p.of == 10_000
    assert answer == effect_of(one(weeks.analyse(rows)))
    exact = one(weeks.analyse(rows[:40]))
    assert isinstance(effect_of(exact).p, Fraction)
    assert effect_of(exact).p.of == 2**20  # type: ignore[union-attr]


def with_coins(values: Series, coins: str, arms: str) -> list[Week]:
    return [
        Week(at + 1, int(arm), {"visits": value}, coin=coin == "1")
        for at, (value, coin, arm) in enumerate(zip(values, coins, arms, strict=True))
    ]


def test_coins_are_tested_over_weeks_whose_last_arms_agree() -> None:
    """All 64 falls of six coins one by one, in fractions."""
    values, coins, arms = [7, 9, 3, 4, 8, 9, 2, 6], "10111110", "11001011"
    answer = one(weeks.analyse(with_coins(values, coins, arms)))
    starts = [at for at, coin in enumerate(coins) if coin == "1"]

    def horvitz_thompson(fall: Sequence[int]) -> F:
        total = F(0)
        for week in range(1, 8):
            own = {sum(start <= at for start in starts) - 1 for at in (week - 1, week)}
            arms_here = {fall[coin] for coin in own}
            if len(arms_here) == 1:
                total += F(values[week] * 2 ** len(own) * (1 if arms_here == {1} else -1), 7)
        return total

    observed = tuple(int(arms[start]) for start in starts)
    falls = list(product((0, 1), repeat=6))
    extreme = sum(abs(horvitz_thompson(fall)) >= abs(horvitz_thompson(observed)) for fall in falls)
    found = answer.others["horvitz_thompson"]
    assert found.p == Fraction(extreme, 64)
    assert found.estimate == pytest.approx(float(horvitz_thompson(observed)))


def test_an_arm_that_changes_without_a_coin_is_refused() -> None:
    with pytest.raises(BadInput, match="the arm changes at week 2"):
        weeks.analyse(with_coins([1, 2, 3, 4], "1011", "1011"))


def test_a_week_that_is_not_there_is_asked_for_where_weeks_lean_on_each_other() -> None:
    rows = with_coins([1, 2, 3, 4, 5, 6], "101111", "110101")
    with pytest.raises(BadInput, match="week 4 is not there"):
        weeks.analyse([*rows[:3], *rows[4:]])


def test_a_locked_design_tells_pairs_and_coins() -> None:
    paired = Design(Kind.PAIRED, 24, ("x",), 5)
    rows = [Week(at + 1, arm, {"leads": 5 + at % 3 + 9 * arm}) for at, arm in enumerate(schedule(paired)["x"])]
    answer = one(weeks.analyse(weeks.with_design(rows, paired), weeks.plan_of(paired)))
    assert effect_of(answer).p == Fraction(2, 64)
    assert answer.verdict is Verdict.REFUTED
    coins = Design(Kind.COINS, 12, ("x",), 5, statistic=Statistic.HORVITZ_THOMPSON)
    rows = [Week(at + 1, arm, {"leads": 5 + at}) for at, arm in enumerate(schedule(coins)["x"])]
    answer = one(weeks.analyse(weeks.with_design(rows, coins), weeks.plan_of(coins)))
    assert "Horvitz-Thompson" in effect_of(answer).method
    with pytest.raises(BadInput, match="week 13 is not in the design"):
        weeks.with_design([replace(rows[0], week=13)], coins)


@pytest.mark.parametrize(
    ("low", "high", "verdict", "note"),
    [
        (-5.0, 19.0, Verdict.SUPPORTED, None),
        (5.0, 19.0, Verdict.SUPPORTED, SOME),
        (5.0, 40.0, Verdict.REFUTED, None),
        (-5.0, 40.0, Verdict.NOT_ENOUGH_DATA, None),
        (0.0, 40.0, Verdict.NOT_ENOUGH_DATA, None),
        (None, 19.0, Verdict.NOT_ENOUGH_DATA, None),
    ],
)
def test_the_interval_against_zero_and_the_margin(
    low: float | None, high: float, verdict: Verdict, note: str | None
) -> None:
    effect = Effect(10.0, low, high, Fraction(2, 64), "a test")
    told: dict[str, Any] = {"base": 100.0, "n": 8, "margin": 0.2, "planned": None, "counted": "pairs", "more_than": 6}
    assert judge(effect, **told, eventful=EVENTFUL)[0] is verdict
    assert judge(effect, **told, eventful=EVENTFUL)[3] == note
    assert judge(effect, **told, eventful=EVENTFUL - 1)[0] is Verdict.NOT_ENOUGH_DATA
    assert judge(effect, **{**told, "base": 0.0}, eventful=EVENTFUL)[0] is Verdict.NOT_ENOUGH_DATA


def people(arms: Mapping[str, Series], name: str = "visits") -> list[Person]:
    return [Person(arm, {name: value}) for arm, values in arms.items() for value in values]


def test_persons_are_tested_over_every_way_to_give_the_arms() -> None:
    arm, control = [5, 7, 2, 9, 4], [3, 1, 2, 4, 2]
    answer = one(persons.analyse(people({"b": arm, "a": control})))
    values = [F(value) for value in (*arm, *control)]
    others = [[int(at in chosen) for at in range(10)] for chosen in combinations(range(10), 5)]
    expected = share_as_extreme(values, [1] * 5 + [0] * 5, others)
    effect = effect_of(answer)
    assert isinstance(effect.p, Fraction)
    assert F(effect.p.extreme, effect.p.of) == expected
    assert effect.estimate == pytest.approx(3.0)
    assert effect.low is not None
    assert share_as_extreme(values, [1] * 5 + [0] * 5, others, F(effect.low).limit_denominator(999)) > F(1, 20)
    assert share_as_extreme(values, [1] * 5 + [0] * 5, others, F(effect.low) - F(1, 999)) <= F(1, 20)


def test_an_outcome_of_yes_and_no_is_exact_at_any_size() -> None:
    answer = one(persons.analyse(people({"b": [1] * 4 + [0] * 3, "a": [1] + [0] * 7}, "won")))
    values = [F(value) for value in [1] * 4 + [0] * 3 + [1] + [0] * 7]
    others = [[int(at in chosen) for at in range(15)] for chosen in combinations(range(15), 7)]
    assert effect_of(answer).p == pytest.approx(float(share_as_extreme(values, [1] * 7 + [0] * 8, others)), rel=1e-12)
    many = one(persons.analyse(people({"b": [1] * 700 + [0] * 4300, "a": [1] * 500 + [0] * 4500}, "won")))
    assert "exact" in effect_of(many).method
    assert many.verdict is Verdict.REFUTED


def test_many_arms_are_held_against_the_control_and_adjusted() -> None:
    rng = np.random.default_rng(4)
    drawn = {name: [float(v) for v in rng.poisson(10 + 4 * (name == "d"), 40)] for name in "bcde"}
    answer = one(persons.analyse(people({**drawn, "control": [float(v) for v in rng.poisson(10, 40)]})))
    assert answer.about["arm"] == "d"
    assert answer.about["control"] == "control"
    arms = answer.as_dict()["arms"]
    assert list(arms) == ["b", "c", "d", "e"]
    assert arms["d"]["p_holm"] == pytest.approx(4 * arms["d"]["p"])
    assert all(one["p_holm"] >= one["p"] for one in arms.values())


def test_holms_steps() -> None:
    assert persons.holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02}
    )


def test_persons_in_one_arm_or_without_a_figure_are_told() -> None:
    assert one(persons.analyse(people({"b": [1, 2, 3]}))).reason == "there is one arm: nothing to compare it with"
    answer = one(persons.analyse(people({"b": [None, None], "a": [1, 2]})))
    assert answer.effect is None
    assert answer.about["unknown"] == 2
    assert one(persons.analyse(people({"b": [2, 2], "a": [2, 2]}))).reason == "it never varies"


@pytest.mark.parametrize(
    ("arms", "control"),
    [(["b", "a"], "a"), (["short", "Control", "a"], "Control"), (["1", "0"], "0"), (["long", "brief"], "brief")],
)
def test_the_control_is_the_arm_so_called(arms: list[str], control: str) -> None:
    assert persons.control_of(arms) == control


def test_the_order_of_persons_changes_nothing() -> None:
    rng = np.random.default_rng(9)
    rows = people({name: [float(value) for value in rng.gamma(2, 5, 400)] for name in "ab"})
    mixed = Random(1).sample(rows, len(rows))
    assert persons.analyse(mixed) == persons.analyse(rows)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["paired16_effect60", "paired26_null", "paired12_small"])
def test_reference_pairs_give_the_stated_fractions(name: str) -> None:
    expected = json.loads((DATA / "switchback-synthetic" / "expected.json").read_text())[name]
    rows = [
        Week(int(row["week"]), int(row["posting"]), {key: float(row[key]) for key in ("visits", "leads", "clients")},
             pair=row["pair"])
        for row in read("switchback-synthetic", f"{name}.csv")
    ]  # fmt: skip
    for outcome, answer in weeks.analyse(rows).items():
        told = expected[outcome]
        if answer.effect is None:
            assert told["p_two_sided"] == 1.0
            continue
        found = answer.as_dict()
        assert found["p"] == told["p_two_sided"]
        assert found["estimate"] == pytest.approx(told["diff_in_means"], abs=1e-9)
        if told["inversion_grid_step"]:
            for mine, theirs in zip(found["interval"], told["ci95_additive_by_inversion"], strict=True):
                assert abs(mine - theirs) <= 2 * told["inversion_grid_step"]


@pytest.mark.shared
def test_reference_coins_give_the_stated_fractions() -> None:
    expected = json.loads((DATA / "switchback-synthetic" / "expected.json").read_text())["coin12_carryover1"]
    rows = [
        Week(
            int(row["week"]), int(row["posting"]), {"visits": float(row["visits"])}, coin=row["randomised_here"] == "1"
        )
        for row in read("switchback-synthetic", "coin12_carryover1.csv")
    ]
    found = one(weeks.analyse(rows)).as_dict()
    assert (found["p"], found["estimate"]) == (
        expected["hajek_p_two_sided"],
        pytest.approx(expected["hajek"], abs=1e-9),
    )
    other = found["horvitz_thompson"]
    assert other["p"] == expected["ht_p_two_sided"]
    assert other["estimate"] == pytest.approx(expected["horvitz_thompson"], abs=1e-9)
