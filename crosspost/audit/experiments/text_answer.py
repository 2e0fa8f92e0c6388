"""An experiment on texts, analysed as it was drawn: each arm against the control, within the blocks of the lots.

A post counts under the arm that was drawn for it, whatever went out (intention to treat). An arm and the control each
have one post in a block, and the lots could as well have exchanged the two: these are the assignments of the test, all
of them up to 2^20 (`randomisation.paired`). A block in which the clicks of one of the two are not known is left out.
Over the arms p is adjusted by Holm's rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from crosspost.audit.experiments import randomisation
from crosspost.audit.experiments.answer import Answer, Effect, Fraction, judge
from crosspost.audit.experiments.design import LEVEL
from crosspost.audit.experiments.persons import holm
from crosspost.audit.experiments.text_design import OUTCOME, TextDesign
from crosspost.audit.experiments.weeks import tested
from crosspost.audit.ledger import ExperimentPost
from crosspost.audit.results import Verdict
from crosspost.audit.section import SEED
from crosspost.domain.message import say, significant


@dataclass(frozen=True, slots=True)
class TextAnswers:
    """`arms` are the answers of every arm but the control, by name; `first` names the one that decides `verdict`."""

    arms: Mapping[str, Answer]
    first: str
    verdict: Verdict

    @property
    def deciding(self) -> Answer:
        return self.arms[self.first]


def analyse(posts: Sequence[ExperimentPost], design: TextDesign) -> TextAnswers:
    """The answer of each arm, and of all: *refuted* if some text is shown to bring more, *supported* if none brings
    what would be worth it."""
    each = {arm: _against(posts, arm, design) for arm in design.arms[1:]}
    adjusted = holm({arm: one.effect.p_value for arm, one in each.items() if one.effect is not None})
    each = {arm: _adjusted(one, adjusted.get(arm)) for arm, one in each.items()}
    rank = [Verdict.REFUTED, Verdict.NOT_ENOUGH_DATA, Verdict.INCONCLUSIVE, Verdict.SUPPORTED]
    first = min(each, key=lambda arm: (rank.index(each[arm].verdict), adjusted.get(arm, 2.0), arm))
    return TextAnswers(each, first, each[first].verdict)


def _adjusted(answer: Answer, p: float | None) -> Answer:
    """The answer with its p over all arms: what is shown by itself alone is not shown among several."""
    found = replace(answer, about={**answer.about, "p_holm": p})
    if answer.verdict is not Verdict.REFUTED or p is None or p <= LEVEL:
        return found
    among = say("among as many texts as were tried, p is {p}: not enough to tell them apart", p=significant(p))
    return replace(found, verdict=Verdict.INCONCLUSIVE, note=among)


def block_of(post: ExperimentPost, design: TextDesign) -> tuple[int, int]:
    """The account and the block of a post."""
    return post.account, (post.number - 1) // len(design.arms)


def _against(posts: Sequence[ExperimentPost], arm: str, design: TextDesign) -> Answer:
    blocks: dict[tuple[int, int], dict[str, ExperimentPost]] = {}
    for post in posts:
        if post.arm in (arm, design.control):
            blocks.setdefault(block_of(post, design), {})[post.arm] = post
    pairs = [
        (found[arm], found[design.control])
        for _, found in sorted(blocks.items())
        if len(found) == 2 and all(post.clicks is not None for post in found.values())
    ]
    used = [post for pair in pairs for post in pair]
    about: dict[str, object] = {
        "arm": arm, "control": design.control, "blocks": len(pairs), "left_out": len(blocks) - len(pairs)
    }  # fmt: skip
    base = sum(control.clicks or 0 for _, control in pairs) / max(1, len(pairs))

    def nothing(missing: str, reason: str) -> Answer:
        return Answer(
            OUTCOME, None, len(used), Verdict.NOT_ENOUGH_DATA, say("posts"), planned=design.blocks, missing=missing,
            reason=reason, about=about,
        )  # fmt: skip

    if not pairs:
        return nothing(
            say("{n} blocks at least, of which the clicks of both texts are known", n=design.least_blocks),
            say("no block has the clicks of both texts"),
        )
    if len({post.clicks for post in used}) == 1:
        return nothing(say("posts whose clicks differ"), say("it never varies"))
    effect = _effect(pairs)
    if base <= 0:
        missing = say(
            "posts of {control} that were clicked at all: a share of nothing is no margin", control=design.control
        )
        return Answer(
            OUTCOME, effect, len(used), Verdict.NOT_ENOUGH_DATA, say("posts"), base=base, planned=design.blocks,
            missing=missing, about=about,
        )  # fmt: skip
    verdict, planned, missing_, note = judge(
        effect, base=base, n=len(pairs), margin=design.margin, planned=design.blocks, counted=say("blocks"),
        more_than=design.least_blocks, eventful=sum(bool(post.clicks) for post in used),
    )  # fmt: skip
    return Answer(
        OUTCOME, effect, len(used), verdict, say("posts"), base=base, planned=planned, missing=missing_, note=note,
        used=tuple((str(post.account), post.number) for post in used), about=about,
    )  # fmt: skip


def _effect(pairs: Sequence[tuple[ExperimentPost, ExperimentPost]]) -> Effect:
    """The mean difference within blocks; a block's earlier post is its first."""
    leads = np.array([one.number < other.number for one, other in pairs])
    clicks = np.array([(one.clicks, other.clicks) for one, other in pairs], dtype=float)
    first, second = (
        np.column_stack([np.where(of_arm, clicks[:, 0], clicks[:, 1]), np.ones(len(pairs))])
        for of_arm in (leads, ~leads)
    )
    reference = randomisation.paired(first, second, leads, np.random.default_rng(SEED))
    low, high = reference.interval()
    return Effect(
        reference.observed, low, high, Fraction(reference.extreme(), reference.size),
        f"difference of mean clicks; {tested(reference)}, the two texts exchanged within blocks", reference.lots(),
    )  # fmt: skip
