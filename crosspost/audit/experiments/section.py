"""The section of experiments (A9): what the brand's own randomised weeks and texts say, as they were locked.

The only section whose sentences may speak of effects. Nothing is told of an experiment that still runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crosspost.audit.experiments import text_section as texts
from crosspost.audit.experiments.pictures import Row, lots_of, tables, weeks_of
from crosspost.audit.experiments.text_design import is_of_texts, text_design_of
from crosspost.audit.ledger import Experiment
from crosspost.audit.results import FIXED, Absent, Assumption, Cell, Claim, Estimate, Finding, Table, Verdict, table
from crosspost.audit.section import Given, Section
from crosspost.domain.message import capital, channel, day, metric_name, say

if TYPE_CHECKING:
    from crosspost.audit.experiments.answer import Answer
    from crosspost.audit.experiments.design import Design

_COLUMNS = (
    ("experiment", "key", "as it was locked"),
    ("network", "name", "the one whose weeks were on or off"),
    ("outcome", "name", "totals from all sources, never tagged clicks alone"),
    ("verdict", "word", "on: posting adds nothing worth it"),
    ("estimate", "per week", "on weeks minus off weeks, as planned"),
    ("low", "per week", "95 % interval by inversion of the test"),
    ("high", "per week", "95 % interval by inversion of the test"),
    ("p", "share", "of the design's assignments at least as extreme, two-sided"),
    ("p_fraction", "count/count", "the same as it was counted"),
    ("weeks", "weeks", "used by the analysis"),
    ("off_mean", "per week", "mean of the off weeks used"),
    ("without_washout", "per week", "the estimate with the weeks that are dropped: carry-over shows as a difference"),
    ("obeyed", "weeks", "that went as planned, of those over"),
    ("exploratory", "text", "why it proves nothing by itself"),
)


def experiments(given: Given) -> Section:
    """A finding per network, or per experiment on texts, on the locked outcome; and tables of all that was seen."""
    ledger = given.data.ledger
    currency = ledger.brand.currency
    findings: list[Finding] = []
    rows: list[Row] = []
    weeks: list[Row] = []
    lots: list[Row] = []
    warnings: list[str] = []
    open_: list[tuple[Cell, ...]] = []
    arms: list[Row] = []
    posts: list[Row] = []
    for one in sorted(ledger.experiments, key=lambda each: each.key):
        running = one.stopped_at is None and given.made_at < one.ends_at
        if running:
            warnings.append(
                say(
                    "Experiment {key} runs until {day}: it is looked at once, at its end.",
                    key=one.key,
                    day=day(one.ends_at),
                )
            )
        if is_of_texts(one.design):
            told = None if running else texts.answered(one, text_design_of(one.design))
            posts += texts.post_rows(one, told)
            if told is not None:
                findings.append(texts.finding(given, one, told, text_design_of(one.design)))
                arms += texts.arm_rows(one, told, text_design_of(one.design))
        elif running:
            design = design_of(one.design)
            open_.append((one.key, ", ".join(design.networks), design.outcome, one.ends_at))
            weeks += [
                row for network in sorted(design.networks) for row in weeks_of(one, design, network, None, currency)
            ]
        elif one.weeks:
            for network, answers, design in answered(one, currency=currency):
                findings.append(_finding(given, one, network, answers[design.outcome], design))
                rows += [_row(one, network, answer) for answer in answers.values()]
                weeks += weeks_of(one, design, network, answers[design.outcome], currency)
                lots += lots_of(one, network, answers[design.outcome])
    every: tuple[Table, ...] = (_table(rows), _running(open_), *tables(weeks, lots))
    if any(is_of_texts(one.design) for one in ledger.experiments):  # most brands never try one
        every += texts.tables(arms, posts)
    return Section(tuple(findings), every, tuple(warnings))


def _table(rows: list[Row]) -> Table:
    return table(
        "experiments",
        say("Experiments: weeks with posts and without, by lot"),
        _COLUMNS,
        rows,
        say("Intention to treat: a week counts under the arm that was drawn for it, whatever went out."),
    )


def _running(rows: list[tuple[Cell, ...]]) -> Table:
    columns = (
        ("experiment", "key", "as it was locked"),
        ("networks", "names", "whose weeks are on or off"),
        ("outcome", "name", "what is counted in the end"),
        ("ends_at", "instant", "when it is looked at"),
    )
    return table("experiments_running", say("Experiments that still run"), columns, rows)


def answered(*experiments: Experiment, currency: str) -> list[tuple[str, Mapping[str, Answer], Design]]:
    """For each network its answers by outcome, with the design; revenue in `currency`. At least one week is over.

    Several are one experiment in several brands, each with coins of its own: they are tested together. Raises BadInput
    where their designs differ.
    """
    from crosspost.audit.experiments import weeks
    from crosspost.audit.experiments.answer import divided, seen_early
    from crosspost.domain.errors import BadInput
    from crosspost.domain.money import exponent

    design = design_of(experiments[0].design)
    if any(design_of(one.design) != design for one in experiments):
        raise BadInput("experiments of different designs cannot be tested together", remedy="analyse each by itself")
    found: list[tuple[str, Mapping[str, Answer], Design]] = []
    for network in sorted({week.network for one in experiments for week in one.weeks}):
        mine = [
            week
            for number, one in enumerate(experiments, start=1)
            for week in weeks.of_ledger(one, network, account=str(number) if len(experiments) > 1 else "")
        ]
        answers: Mapping[str, Answer] = weeks.analyse(weeks.with_design(mine, design), weeks.plan_of(design))
        if len(experiments) == 1 and "revenue" in answers:  # of several, each is a multiple of its own mean
            answers = {**answers, "revenue": divided(answers["revenue"], 10 ** exponent(currency))}
        answers = seen_early(answers, [one.unblinded_at for one in experiments])
        found.append((network, answers, design))
    return found


def design_of(told: Mapping[str, object]) -> Design:
    """The design of a locked file, whose other entries are no part of it."""
    from dataclasses import fields

    from crosspost.audit.experiments.design import Design, Kind, Statistic

    values = {one.name: told[one.name] for one in fields(Design) if one.name in told}
    plain = {name: tuple(value) if isinstance(value, list | tuple) else value for name, value in values.items()}
    return Design(**{**plain, "kind": Kind(plain["kind"]), "statistic": Statistic(plain["statistic"])})  # type: ignore[arg-type]


def _finding(given: Given, experiment: Experiment, network: str, answer: Answer, design: Design) -> Finding:
    from crosspost.audit.experiments.answer import sentence
    from crosspost.audit.experiments.design import Kind

    text = say(
        "Posting on {network} adds no {outcome} worth it", network=channel(network), outcome=metric_name(design.outcome)
    )
    claim = given.claim(
        Claim(experiment.key, text, design.margin, audit="A9", unit=say("share of the off weeks' mean"))
    )
    effect, obedience = answer.effect, answer.about.get("obedience")
    estimate, scaled_margin = None, None
    if effect is not None and effect.low is not None and effect.high is not None:
        base = answer.base or 0.0
        estimate = Estimate(
            effect.estimate, effect.low, effect.high, 0.95, answer.n, base + effect.estimate, base, effect.method,
            say("{outcome} a week", outcome=metric_name(design.outcome)),
        )  # fmt: skip
        scaled_margin = claim.margin * base if base > 0 else None
    obeyed = None if obedience is None else obedience["obeyed"] == obedience["weeks"]
    caveats: list[str] = [say("{told}.", told=capital(answer.exploratory))] if answer.exploratory else []
    if obedience is not None and not obeyed:
        caveats.append(
            say(
                "{n} of {weeks} weeks went otherwise than drawn; they count under the arm that was "
                "drawn, which makes the difference smaller.",
                n=obedience["weeks"] - obedience["obeyed"],
                weeks=obedience["weeks"],
            )
        )
    caveats += [
        say(
            "An account on {network} was connected in week {week}; from then on it kept the weeks that were drawn.",
            network=channel(one.network), week=one.number,
        )
        for one in sorted(experiment.joined, key=lambda each: each.number) if one.network == network
    ]  # fmt: skip
    caveats += [say("Left out: {one}.", one=one) for one in answer.about.get("left_out", ())]
    planned = design.pairs if design.kind is Kind.PAIRED else design.weeks
    return Finding(
        claim=claim,
        verdict=answer.verdict,
        estimate=estimate,
        bounds=None,
        n=answer.about.get("pairs", answer.n),
        planned=answer.planned or planned,
        missing=answer.missing if answer.verdict is Verdict.NOT_ENOUGH_DATA else None,
        caveats=tuple(caveats),
        assumptions=(
            Assumption(say("Weeks were on or off by lot."), True),
            Assumption(say("Every week went as it was drawn."), obeyed),
            Assumption(say("Posts are felt for no more than {n} weeks.", n=design.carry_over + 1), None),
            Assumption(FIXED, None),
        ),
        sentence=sentence(answer, design.margin, channel(network)),
        counted=say("pairs") if design.kind is Kind.PAIRED else say("weeks"),
        scaled_margin=scaled_margin,
    )


def _row(experiment: Experiment, network: str, answer: Answer) -> Row:
    none = Absent(answer.reason or say("nothing can be estimated"))
    effect, obedience = answer.effect, answer.about.get("obedience")
    wide = answer.others.get("without_washout")
    ends: list[Cell | Absent] = [none, none]
    p: list[Cell | Absent] = [none, none]
    if effect is not None:
        ends = [
            Absent(say("the interval has no end there")) if one is None else one for one in (effect.low, effect.high)
        ]
        p = (
            [float(effect.p), Absent(say("not counted"))]
            if isinstance(effect.p, float)
            else [effect.p.value, str(effect.p)]
        )
    return (
        experiment.key,
        network,
        answer.outcome,
        answer.verdict.value,
        none if effect is None else effect.estimate,
        *ends,
        *p,
        answer.n,
        none if answer.base is None else answer.base,
        Absent(say("no week is dropped")) if wide is None else wide.estimate,
        Absent(say("nobody knows what went out")) if obedience is None else obedience["obeyed"],
        answer.exploratory or "",
    )
