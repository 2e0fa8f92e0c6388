"""What an audit says of an experiment on texts: a finding, its arms, and its posts one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from crosspost.audit.experiments.pictures import BLIND, Row
from crosspost.audit.experiments.text_design import OUTCOME, UNIT, TextDesign
from crosspost.audit.ledger import Experiment
from crosspost.audit.results import FIXED, Absent, Assumption, Cell, Claim, Estimate, Finding, Table, Verdict, table
from crosspost.audit.section import Given
from crosspost.domain.message import capital, either, join, metric_name, say, significant

if TYPE_CHECKING:
    from crosspost.audit.experiments.answer import Answer
    from crosspost.audit.experiments.text_answer import TextAnswers

_ARMS = (
    ("experiment", "key", "as it was locked"),
    ("arm", "name", "the text; the control is the one that others are compared with"),
    ("outcome", "name", "clicks of people on a post's link, in the days that were locked"),
    ("verdict", "word", "on: this text brings nothing worth it beyond the control"),
    ("difference", "per post", "this arm minus the control, by the arm that was drawn"),
    ("low", "per post", "95 % interval by inversion of the test"),
    ("high", "per post", "95 % interval by inversion of the test"),
    ("p", "share", "of the lots at least as extreme, two-sided"),
    ("p_fraction", "count/count", "the same as it was counted"),
    ("p_holm", "share", "p adjusted for the number of arms"),
    ("blocks", "blocks", "used: in each, this arm and the control have one post"),
    ("mean", "per post", "of all posts of the arm whose clicks are known"),
    ("posts", "posts", "drawn for this arm"),
    ("obeyed", "posts", "that went out with the very text of their arm"),
    ("otherwise", "posts", "that went out with a text changed by hand"),
    ("unknown", "posts", "whose clicks are not known"),
    ("exploratory", "text", "why it proves nothing by itself"),
)
_POSTS = (
    ("experiment", "key", "as it was locked"),
    ("network", "name", "of the account"),
    ("account", "number", "of the accounts of this experiment, from 1"),
    ("post", "number", "in the order of drawing on the account, from 1"),
    ("arm", "name", "the text that was drawn for it"),
    ("drawn_at", "instant", "when it was planned"),
    ("posted_at", "instant", "when it went out"),
    ("as_drawn", "", "whether it went out with the very text of its arm"),
    ("clicks", "clicks", "of people on its link, in the days that were locked"),
    ("used", "", "whether an estimate stands on it"),
)


def answered(experiment: Experiment, design: TextDesign) -> TextAnswers:
    """The answers of an experiment that is over or stopped; an early stop and an early look make them exploratory."""
    from crosspost.audit.experiments.answer import seen_early
    from crosspost.audit.experiments.text_answer import analyse

    found = analyse(experiment.posts, design)
    if experiment.stopped_at is not None and experiment.stopped_at < experiment.ends_at:
        arms = {arm: _stopped(one, design) for arm, one in found.arms.items()}
        found = replace(found, arms=arms, verdict=Verdict.NOT_ENOUGH_DATA)
    return replace(found, arms=seen_early(found.arms, [experiment.unblinded_at]))


def _stopped(answer: Answer, design: TextDesign) -> Answer:
    from crosspost.audit.experiments.answer import EARLY

    missing = say(
        "{n} of {planned} planned blocks: {early}", n=answer.about["blocks"], planned=design.blocks, early=EARLY
    )
    return replace(answer, verdict=Verdict.NOT_ENOUGH_DATA, missing=missing, note=None, exploratory=EARLY)


def finding(given: Given, experiment: Experiment, answers: TextAnswers, design: TextDesign) -> Finding:
    """The finding on all texts, told by the one that decides."""
    from crosspost.audit.experiments.answer import sentence

    answer = answers.deciding
    text = say(
        "{others} brings no more clicks a post than {control}, or too few to matter",
        others=either(design.arms[1:]), control=design.control,
    )  # fmt: skip
    claim = given.claim(Claim(experiment.key, text, design.margin, audit="A9", unit=UNIT))
    effect, base = answer.effect, answer.base or 0.0
    estimate = None
    if effect is not None and effect.low is not None and effect.high is not None:
        estimate = Estimate(
            effect.estimate, effect.low, effect.high, 0.95, answer.n, base + effect.estimate, base, effect.method,
            say("{outcome} a post", outcome=metric_name(OUTCOME)),
        )  # fmt: skip
    out = [post for post in experiment.posts if post.as_drawn is not None]
    otherwise = sum(not post.as_drawn for post in out)
    return Finding(
        claim=claim,
        verdict=answers.verdict,
        estimate=estimate,
        bounds=None,
        n=int(answer.about["blocks"]),
        planned=answer.planned or design.blocks,
        missing=answer.missing if answers.verdict is Verdict.NOT_ENOUGH_DATA else None,
        caveats=tuple(_caveats(experiment, answer, otherwise, len(answers.arms))),
        assumptions=(
            Assumption(say("Which text a post got was drawn by lot."), True),
            Assumption(say("Every post went out with the text that was drawn for it."), otherwise == 0),
            Assumption(say("No post takes clicks from another."), None),
            Assumption(FIXED, None),
        ),
        sentence=sentence(answer, design.margin, experiment.key),
        counted=say("blocks"),
        scaled_margin=claim.margin * base if estimate is not None and base > 0 else None,
    )


def _caveats(experiment: Experiment, answer: Answer, otherwise: int, tried: int) -> Iterable[str]:
    if answer.exploratory:
        yield say("{told}.", told=capital(answer.exploratory))
    p = answer.about["p_holm"]
    if tried > 1 and p is not None:
        yield say(
            "{n} texts were held against {control}: over all of them, p of {arm} is {p}; the table of texts has each.",
            n=tried, control=answer.about["control"], arm=answer.about["arm"], p=significant(p),
        )  # fmt: skip
    yield say("Clicks are counted here, not business: whoever clicks a text more need not ask or buy more.")
    if otherwise:
        yield say(
            "{n} of {posts} posts went out with a text changed by hand; they count under the text that was drawn, "
            "which as a rule makes the difference smaller.",
            n=otherwise, posts=len(experiment.posts),
        )  # fmt: skip
    unknown = [post.reason for post in experiment.posts if post.clicks is None]
    if unknown:
        reasons = join("; ", [say("{n}: {reason}", n=unknown.count(one), reason=one) for one in sorted(set(unknown))])
        yield say(
            "The clicks of {n} of {posts} posts are not known ({reasons}); {blocks} blocks are left out for it.",
            n=len(unknown), posts=len(experiment.posts), reasons=reasons, blocks=answer.about["left_out"],
        )  # fmt: skip


def arm_rows(experiment: Experiment, answers: TextAnswers, design: TextDesign) -> Iterable[Row]:
    """A row for each arm."""
    for arm in design.arms:
        posts = [post for post in experiment.posts if post.arm == arm]
        known = [post.clicks for post in posts if post.clicks is not None]
        answer = answers.arms.get(arm)
        yield (
            experiment.key,
            arm,
            OUTCOME,
            *_compared(answer),
            sum(known) / len(known) if known else Absent(say("the clicks of no post are known")),
            len(posts),
            sum(post.as_drawn is True for post in posts),
            sum(post.as_drawn is False for post in posts),
            len(posts) - len(known),
            (answers.deciding if answer is None else answer).exploratory or "",
        )


def _compared(answer: Answer | None) -> list[Cell | Absent]:
    if answer is None:
        return [Absent(say("it is the control"))] * 8
    effect, blocks = answer.effect, int(answer.about["blocks"])
    if effect is None:
        none = Absent(answer.reason or say("nothing can be estimated"))
        return [answer.verdict.value, *[none] * 6, blocks]
    ends = [Absent(say("the interval has no end there")) if one is None else one for one in (effect.low, effect.high)]
    return [
        answer.verdict.value, effect.estimate, *ends, effect.p_value, str(effect.p), answer.about["p_holm"], blocks
    ]  # fmt: skip


def post_rows(experiment: Experiment, answers: TextAnswers | None) -> Iterable[Row]:
    """A row for each post. `answers` None: the experiment still runs, and no outcome is told."""
    used = {place for one in (answers.arms.values() if answers else ()) for place in one.used}
    for post in sorted(experiment.posts, key=lambda one: (one.account, one.number)):
        out = Absent(say("it did not go out"))
        yield (
            experiment.key,
            post.network,
            post.account,
            post.number,
            post.arm,
            post.drawn_at,
            out if post.posted_at is None else post.posted_at,
            out if post.as_drawn is None else post.as_drawn,
            Absent(BLIND) if answers is None else Absent(post.reason) if post.clicks is None else post.clicks,
            Absent(BLIND) if answers is None else (str(post.account), post.number) in used,
        )


def tables(arms: Iterable[Row], posts: Iterable[Row]) -> tuple[Table, Table]:
    return (
        table(
            "experiment_texts",
            say("Experiments: texts by lot"),
            _ARMS,
            arms,
            say("Intention to treat: a post counts under the text that was drawn for it, whatever went out."),
        ),
        table("experiment_posts", say("Experiments on texts post by post"), _POSTS, posts),
    )
