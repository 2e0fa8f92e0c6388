"""Texts by lot, as they are analysed: by their own blocks, exactly, and without being fooled by nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import product
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from crosspost.audit.experiments.text_answer import analyse
from crosspost.audit.experiments.text_design import TextDesign, text_design_of
from crosspost.audit.ledger import Experiment, ExperimentPost
from crosspost.audit.plain import decode, encode
from crosspost.audit.results import Audit, Verdict
from crosspost.audit.run import audit
from crosspost.domain.errors import BadInput
from tests.audit.ledgers import MADE_AT, START, small
from tests.audit.tried import DESIGN, NETWORKS, tried, varied

THREE = replace(DESIGN, arms=("plain", "asking", "long"), texts=("$link", "a $link", "b $link"), posts=18)


def audited(*experiments: Experiment) -> Audit:
    return audit(replace(small(), experiments=experiments), made_at=MADE_AT)


def risen(arm: str, account: int, number: int) -> int:
    """Asking brings six clicks more; the second account has three times as many."""
    return (10, 30)[account - 1] + number % 5 + 6 * (arm == "asking")


def by_hand(posts: Sequence[ExperimentPost], arm: str, design: TextDesign) -> tuple[float, int, int]:
    """(estimate, extreme, all): every exchange within blocks tried one by one."""
    blocks: dict[tuple[int, int], dict[str, int]] = {}
    for post in posts:
        if post.clicks is not None:
            blocks.setdefault((post.account, (post.number - 1) // len(design.arms)), {})[post.arm] = post.clicks
    gaps = [block[arm] - block["plain"] for block in blocks.values() if {arm, "plain"} <= set(block)]
    every = [
        sum(sign * gap for sign, gap in zip(signs, gaps, strict=True)) for signs in product((1, -1), repeat=len(gaps))
    ]
    return sum(gaps) / len(gaps), sum(abs(one) >= abs(sum(gaps)) for one in every), len(every)


@pytest.mark.parametrize("seed", range(6))
def test_p_counts_the_exchanges_that_the_blocks_allow(seed: int) -> None:
    random = Random(seed)
    made = tried(lambda arm, account, number: None if random.random() < 0.1 else random.randrange(9), THREE, posts=16)
    answers = analyse(made.posts, THREE)
    for arm in ("asking", "long"):
        effect = answers.arms[arm].effect
        assert effect is not None
        estimate, extreme, every = by_hand(made.posts, arm, THREE)
        assert effect.estimate == pytest.approx(estimate, abs=1e-12)
        assert str(effect.p) == f"{extreme}/{every}"


def test_each_text_stands_once_in_a_block_and_every_order_is_as_likely() -> None:
    orders = [tuple(replace(THREE, seed=seed).arm_of("x", number) for number in (4, 5, 6)) for seed in range(600)]
    assert {frozenset(one) for one in orders} == {frozenset(THREE.arms)}
    counts = [orders.count(one) for one in set(orders)]
    assert len(counts) == 6
    assert sum((one - 100) ** 2 / 100 for one in counts) < 20.5  # chi-squared, 5 degrees: 0.1 %


def test_blocks_and_accounts_are_drawn_each_for_itself() -> None:
    designs = [replace(DESIGN, seed=seed) for seed in range(400)]
    for place in (("x", 3), ("mastodon", 1)):  # the next block, and another account's first
        pairs = [(one.arm_of("x", 1), one.arm_of(*place)) for one in designs]
        counts = [pairs.count((one, other)) for one in DESIGN.arms for other in DESIGN.arms]
        assert sum((one - 100) ** 2 / 100 for one in counts) < 16.3  # chi-squared, 3 degrees: 0.1 %


def test_a_plain_difference_is_shown_though_the_accounts_differ_threefold() -> None:
    found = audited(tried(risen))
    (mine,) = [one for one in found.findings if one.claim.key == "words"]
    assert mine.verdict is Verdict.REFUTED
    assert mine.estimate is not None
    assert mine.estimate.value == pytest.approx(6, abs=1)
    assert (mine.n, mine.planned, mine.counted) == (12, 12, "blocks")
    assert mine.sentence.startswith("words: Refuted:")
    assert mine.estimate.unit == "clicks a post"


def test_no_difference_is_supported_where_clicks_are_steady() -> None:
    answers = analyse(tried(lambda _arm, account, number: 100 + number % 2 + account).posts, DESIGN)
    assert answers.verdict is Verdict.SUPPORTED


def test_a_text_shown_by_itself_alone_is_not_shown_among_several() -> None:
    design = replace(THREE, posts=12)
    for seed in range(400):
        random = np.random.default_rng(seed)
        made = tried(lambda arm, _account, _number: int(random.poisson(12 + 5 * (arm == "long"))), design)  # noqa: B023
        answers = analyse(made.posts, design)
        one = answers.arms["long"]
        assert one.effect is not None
        if one.effect.p_value <= 0.05 < one.about["p_holm"] and one.effect.low is not None and one.effect.low > 0:
            assert one.verdict is Verdict.INCONCLUSIVE
            assert "not enough to tell them apart" in str(one.note)
            return
    raise AssertionError("no world had one text at 5 % by itself and not among two")


def worlds(design: TextDesign, number: int, rise: float) -> list[tuple[Experiment, float]]:
    """Made-up runs: clicks drift and cluster from post to post, and `asking` brings so many more."""
    found = []
    for seed in range(number):
        rng = np.random.default_rng([design.posts, seed])
        level = np.exp(np.cumsum(rng.normal(0, 0.15, (2, design.posts)), axis=1)) * 20
        counts = rng.poisson(level)
        mine = replace(design, seed=seed)

        def clicks(arm: str, account: int, post: int, counts: NDArray[np.int64] = counts) -> int:
            return int(counts[account - 1, post - 1] + rise * (arm == "asking"))

        found.append((tried(clicks, mine), rise))
    return found


@pytest.mark.parametrize("worlds_tried", [250, pytest.param(4_000, marks=pytest.mark.long)])
def test_where_texts_make_no_difference_one_is_seldom_seen(worlds_tried: int) -> None:
    for design in (DESIGN, THREE):
        wrong = rejected = 0
        for made, _ in worlds(design, worlds_tried, 0):
            answers = analyse(made.posts, text_design_of(made.design))
            wrong += answers.verdict is Verdict.REFUTED
            best = answers.arms[min(answers.arms, key=lambda arm: answers.arms[arm].about["p_holm"])]  # noqa: B023
            rejected += best.about["p_holm"] <= 0.05
        bound = 0.05 + 2.6 * (0.05 * 0.95 / worlds_tried) ** 0.5
        assert wrong / worlds_tried <= bound
        assert rejected / worlds_tried <= bound


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    held = 0
    for made, rise in worlds(DESIGN, 400, 8):
        effect = analyse(made.posts, text_design_of(made.design)).arms["asking"].effect
        assert effect is not None
        assert effect.low is not None
        assert effect.high is not None
        held += effect.low <= rise <= effect.high
    assert held / 400 >= 0.95 - 2.6 * (0.05 * 0.95 / 400) ** 0.5


def test_a_post_of_unknown_clicks_takes_its_block_along_and_is_told() -> None:
    made = tried(lambda arm, account, number: None if number == 3 else risen(arm, account, number))
    found = audited(made)
    (mine,) = [one for one in found.findings if one.claim.key == "words"]
    assert mine.n == 10
    assert mine.verdict is Verdict.REFUTED
    assert any(
        "2 of 24 posts are not known (2: its link stands nowhere in it); 2 blocks" in one for one in mine.caveats
    )
    posts = found.table("experiment_posts")
    assert [row["clicks"] for row in posts.records()].count(None) == 2
    assert [bool(row["used"]) for row in posts.records()].count(False) == 4
    assert posts.missing[2, "clicks"] == "its link stands nowhere in it"


def test_posts_count_under_the_text_that_was_drawn() -> None:
    plain = tried(risen)
    changed = replace(plain, posts=tuple(replace(one, as_drawn=one.number > 4) for one in plain.posts))
    before, after = (next(f for f in audited(one).findings if f.claim.key == "words") for one in (plain, changed))
    assert before.estimate == after.estimate
    assert any("8 of 24 posts went out with a text changed by hand" in one for one in after.caveats)
    assert any(one.held is False for one in after.assumptions)


def test_what_runs_shows_its_draws_and_no_clicks() -> None:
    running = replace(tried(risen), ends_at=MADE_AT + timedelta(days=1))
    found = audited(running)
    assert not [one for one in found.findings if one.claim.key == "words"]
    assert found.table("experiment_texts").rows == ()
    posts = found.table("experiment_posts")
    assert len(posts.rows) == 24
    assert {row["clicks"] for row in posts.records()} == {None}
    assert any("words runs until" in one for one in found.warnings)


def test_nothing_clicked_nothing_drawn_and_too_few_say_what_is_missing() -> None:
    for made, says in (
        (tried(lambda *_: 0), "posts whose clicks differ"),
        (tried(risen, posts=0), "6 blocks at least"),
        (tried(risen, posts=4), "4 of at least 6 blocks"),
        (tried(lambda arm, _account, number: int(arm == "asking" and number < 9)), "clicked at all"),
        (replace(tried(risen), stopped_at=START + timedelta(days=40)), "12 of 12 planned blocks: stopped early"),
    ):
        (mine,) = [one for one in audited(made).findings if one.claim.key == "words"]
        assert mine.verdict is Verdict.NOT_ENOUGH_DATA
        assert says in str(mine.missing)


def test_an_early_look_is_told() -> None:
    (mine,) = [
        one for one in audited(replace(tried(risen), unblinded_at=START)).findings if one.claim.key == "words"
    ]  # fmt: skip
    assert "looked at before the end" in mine.caveats[0]


def test_the_order_of_posts_changes_nothing_and_a_bundle_holds_them_all() -> None:
    made = varied("words", ("plain", "asking", "long"))
    mixed = replace(made, posts=tuple(Random(3).sample(made.posts, len(made.posts))))
    assert audited(made).as_json() == audited(mixed).as_json()
    assert decode(Experiment, json.loads(json.dumps(encode(made)))) == made


def test_designs_that_could_show_nothing_are_refused() -> None:
    for posts, arms, accounts in ((11, 2, 1), (5, 2, 2), (18, 3, 1), (27, 4, 1)):
        names = ("plain", "asking", "long", "short")[:arms]
        design = TextDesign(names, tuple(f"{one} $link" for one in names), NETWORKS, 1, posts, accounts, 9, 7, 0.2)
        with pytest.raises(BadInput, match="can give no p"):
            design.check_can_reject()
    # 2/2^6 alone; 2/2^7 twice is 0.031; 2/2^8 three times 0.023, and 2/2^7 0.047
    for posts, arms, accounts in ((12, 2, 1), (6, 2, 2), (21, 3, 1), (28, 4, 1)):
        names = ("plain", "asking", "long", "short")[:arms]
        TextDesign(
            names, tuple(f"{one} $link" for one in names), NETWORKS, 1, posts, accounts, 9, 7, 0.2
        ).check_can_reject()
