"""An experiment on weeks, analysed as it was drawn: intention to treat, exact, with what could spoil it told beside it.

A week belongs to the arm that was planned, whatever went out. Weeks in `pair`s flip together, on for off; weeks with
coins follow them. Weeks whose outcome is not known are left out, and so is a pair of which one arm has none: that is
said. Several accounts are one test with coins of their own each (stratified): outcomes are then divided by the
account's own mean, so that a large one does not drown the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median_low

import numpy as np

from crosspost.audit.experiments import randomisation
from crosspost.audit.experiments.answer import EARLY, LADDER, MARGIN, Answer, Effect, Fraction, judge
from crosspost.audit.experiments.design import LEAST_PAIRS, LEVEL, Design, Kind, Statistic
from crosspost.audit.ledger import Experiment
from crosspost.audit.results import Verdict
from crosspost.audit.section import SEED
from crosspost.domain.errors import BadInput
from crosspost.domain.message import metric_name, number, say


@dataclass(frozen=True, slots=True)
class Week:
    """One week of one account: the `arm` planned for it (1 on, 0 off) and what came of it.

    `outcomes` are totals from all sources; None is not known. `posts` is how many really went out, None not known.
    `pair` names the pair of blocks, `coin` says whether a coin was tossed at this week. `where` is for messages.
    `before` was fixed before the start, such as the same week a year ago: it is subtracted, and the test stays exact.
    """

    week: int
    arm: int
    outcomes: Mapping[str, float | None]
    pair: str | None = None
    coin: bool = False
    posts: float | None = None
    account: str = ""
    where: str = ""
    before: float = 0.0

    def beyond(self, name: str) -> float | None:
        """The outcome beyond what was fixed before."""
        value = self.outcomes.get(name)
        return None if value is None else value - self.before


@dataclass(frozen=True, slots=True)
class Plan:
    """How weeks are to be analysed. `carry_over` None: 1 where most blocks have two weeks or more, else 0.

    `weeks` is how many were planned (None: not told), for each account. `statistic` is of designs of coins. `primary`
    is the outcome that was locked, which is tested before the ladder (None: none was).
    """

    carry_over: int | None = None
    margin: float = MARGIN
    weeks: int | None = None
    statistic: Statistic = Statistic.HAJEK
    primary: str | None = None
    seed: int = SEED


@dataclass(frozen=True, slots=True)
class _OfPairs:
    """What the pairs give for one outcome. `effect` None: `why` says what is in the way, `needs` what would do.

    `base` is the mean of the off weeks, `used` and `pairs` what was used, `weeks` which (account, week) that was,
    `eventful` the weeks of it with anything, `left_out` what was not used.
    """

    effect: Effect | None
    base: float
    used: int
    pairs: int
    eventful: int
    left_out: list[str]
    why: str = ""
    needs: str = ""
    weeks: tuple[tuple[str, int], ...] = ()


def with_design(weeks: Iterable[Week], design: Design) -> list[Week]:
    """The weeks with the pairs or coins of their design. Raises BadInput for a week that it does not have."""
    made = []
    for one in weeks:
        if not 1 <= one.week <= design.weeks:
            raise BadInput(f"week {one.week} is not in the design's {design.weeks}", where=one.where or None)
        pair = str((one.week - 1) // (2 * design.block) + 1) if design.kind is Kind.PAIRED else None
        made.append(replace(one, pair=pair, coin=design.kind is Kind.COINS and one.week in design.coins))
    return made


def plan_of(design: Design) -> Plan:
    statistic = Statistic.HAJEK if design.statistic is Statistic.MEANS else design.statistic
    return Plan(design.carry_over, design.margin, design.weeks, statistic, design.outcome)


def analyse(weeks: Sequence[Week], plan: Plan = Plan()) -> dict[str, Answer]:
    """One answer per outcome: the primary one, then by the ladder, then by name. The order of rows changes nothing.

    Raises BadInput where a week stands twice or nothing says how the weeks were drawn.
    """
    ordered = sorted(weeks, key=lambda one: (one.account, one.week))
    for one, other in zip(ordered, ordered[1:], strict=False):
        if (one.account, one.week) == (other.account, other.week):
            raise BadInput(f"week {one.week} stands twice", where=other.where or None, remedy="keep one row a week")
    names = {name for one in ordered for name in one.outcomes}
    rank = {name: place for place, name in enumerate((plan.primary or LADDER[0], *LADDER))}
    rank |= {} if plan.primary is None else {plan.primary: -1}
    answers: dict[str, Answer] = {}
    gate: str | None = None
    for name in sorted(names, key=lambda one: (rank.get(one, len(rank)), one)):
        answer = _answer(ordered, name, plan)
        if name in rank:
            if gate is not None:
                behind = say("{gate} come first and show no effect", gate=metric_name(gate))
                answer = replace(answer, exploratory=answer.exploratory or behind)
            elif any(one.beyond(name) is not None for one in ordered) and not _shown(answer.effect):
                gate = name  # what nobody counted was not tested, and stands before nothing
        answers[name] = answer
    return answers


def _shown(effect: Effect | None) -> bool:
    return effect is not None and effect.p_value <= LEVEL


def _answer(weeks: Sequence[Week], name: str, plan: Plan) -> Answer:
    about: dict[str, object] = {"obedience": obedience(weeks)}
    if len({one.arm for one in weeks}) < 2:
        return _nothing(
            name, about, say("every week has the same arm: there is nothing to compare"), say("weeks of the other arm")
        )
    if all(one.beyond(name) is None for one in weeks):
        return _nothing(name, about, say("it is known of no week"), say("weeks of which it is known"))
    if any(one.pair is not None for one in weeks):
        return _of_pairs(weeks, name, plan, about)
    if any(one.coin for one in weeks):
        return _of_coins(weeks, name, plan, about)
    raise BadInput(
        "nothing says how the weeks were drawn",
        remedy="add a column `pair` (of blocks) or `randomised_here` (1 where a coin was tossed), or give --design",
    )


def _nothing(name: str, about: dict[str, object], reason: str, missing: str, n: int = 0) -> Answer:
    return Answer(name, None, n, Verdict.NOT_ENOUGH_DATA, missing=missing, reason=reason, about=dict(about))


def obedience(weeks: Iterable[Week]) -> dict[str, int] | None:
    """How many weeks went as planned: posts in an on week, none in an off week. None where posts are not known."""
    known = [one for one in weeks if one.posts is not None]
    if not known:
        return None
    obeyed = sum((one.posts or 0) > 0 if one.arm else one.posts == 0 for one in known)
    return {"weeks": len(known), "obeyed": obeyed}


def _of_pairs(weeks: Sequence[Week], name: str, plan: Plan, about: dict[str, object]) -> Answer:
    groups = {key: list(rows) for key, rows in _by_pair(weeks)}
    runs = {key: [list(run) for _, run in groupby(rows, key=lambda one: one.arm)] for key, rows in groups.items()}
    lengths = [len(run) for of_pair in runs.values() for run in of_pair]
    shortest, longest = min(lengths), max(lengths)
    washout = plan.carry_over if plan.carry_over is not None else int(median_low(lengths) > 1)
    if washout >= longest:
        raise BadInput(
            f"dropping {washout} weeks of blocks of {longest} leaves none", remedy="give a smaller --washout"
        )
    about["design"] = say(
        "pairs of {span}-week blocks, {dropped}", span=_span(shortest, longest), dropped=_dropped(washout)
    )
    found = _paired_effect(runs, name, slice(washout, None), plan)
    alone = [
        say("week {week}{of}: it is in no pair", week=one.week, of=_of(one.account))
        for one in weeks
        if one.pair is None
    ]
    about["left_out"] = [*found.left_out, *alone]
    about["pairs"] = found.pairs
    if found.effect is None:
        return _nothing(name, about, found.why, found.needs, found.used)
    others: dict[str, object] = {}
    if washout:
        for label, part in (("without_washout", slice(0, None)), ("first_weeks_alone", slice(0, washout))):
            others[label] = _paired_effect(runs, name, part, plan).effect
    accounts = len({one.account for one in weeks})
    per_pair = max(map(len, groups.values()))
    planned_pairs = None if plan.weeks is None else max(1, plan.weeks // per_pair) * accounts
    early = EARLY if planned_pairs is not None and len(groups) < planned_pairs else None
    verdict, planned, missing, note = judge(
        found.effect, base=found.base, n=found.pairs, margin=plan.margin, planned=planned_pairs, counted=say("pairs"),
        more_than=LEAST_PAIRS, eventful=found.eventful,
    )  # fmt: skip
    if missing is not None and planned is not None and planned > found.pairs:
        missing += say(", or {n} weeks", n=number((planned - found.pairs) * per_pair))
    if early:
        verdict, note = Verdict.NOT_ENOUGH_DATA, None
        missing = say(
            "{n} of {weeks} planned weeks: {early}",
            n=len({one.week for one in weeks}),
            weeks=plan.weeks or 0,
            early=EARLY,
        )
    return Answer(
        name, found.effect, found.used, verdict, base=found.base, planned=planned, missing=missing, note=note,
        exploratory=early, others=others, used=found.weeks, about=about,
    )  # fmt: skip


def _by_pair(weeks: Sequence[Week]) -> list[tuple[tuple[str, str], list[Week]]]:
    """Weeks by account and pair, in the order of time; a week without a pair is in none."""
    found: dict[tuple[str, str], list[Week]] = {}
    for one in weeks:
        if one.pair is not None:
            found.setdefault((one.account, one.pair), []).append(one)
    return list(found.items())


def _span(low: int, high: int) -> str:
    return str(low) if low == high else say("{low}- to {high}", low=low, high=high)


def _dropped(washout: int) -> str:
    if not washout:
        return say("no week dropped")
    return (
        say("the first week of each dropped")
        if washout == 1
        else say("the first {washout} weeks of each dropped", washout=washout)
    )


def _paired_effect(
    runs: Mapping[tuple[str, str], Sequence[Sequence[Week]]], name: str, part: slice, plan: Plan
) -> _OfPairs:
    """The effect by the weeks of each block that `part` keeps."""
    first, second = list[tuple[float, int]](), list[tuple[float, int]]()
    on_first, accounts = list[bool](), list[str]()
    whole, dark = [], []  # of each pair, sums with nothing subtracted: of all weeks, and of the off weeks
    used: list[Week] = []
    left_out: list[str] = []
    for (account, pair), of_pair in sorted(runs.items(), key=lambda item: item[1][0][0].week):
        weeks = [one for run in of_pair for one in run[part]]
        left_out += [
            say("week {week}{of}: {name} is not known", week=one.week, of=_of(account), name=name)
            for one in weeks
            if one.beyond(name) is None
        ]
        known = [one for one in weeks if one.beyond(name) is not None]
        on, off = ([one for one in known if one.arm == arm] for arm in (1, 0))
        if not on or not off:
            left_out.append(
                say(
                    "pair {pair}{of}: one of its arms has no week that is known and not dropped",
                    pair=pair,
                    of=_of(account),
                )
            )
            continue
        leads = of_pair[0][0].arm == 1
        for side, mine in ((first, on if leads else off), (second, off if leads else on)):
            side.append((sum(one.beyond(name) or 0.0 for one in mine), len(mine)))
        whole.append(sum(one.outcomes[name] or 0.0 for one in known))
        dark.append((sum(one.outcomes[name] or 0.0 for one in off), len(off)))
        on_first.append(leads)
        accounts.append(account)
        used += known
    eventful = sum(one.outcomes[name] != 0 for one in used)
    if not first:
        needs = say("{n} pairs at least, of which both arms are known", n=LEAST_PAIRS)
        return _OfPairs(None, 0.0, 0, 0, 0, left_out, say("no pair has both arms"), needs)
    if len({one.beyond(name) for one in used}) == 1:
        why, needs = say("it never varies"), say("weeks in which it differs")
        return _OfPairs(None, 0.0, len(used), len(first), eventful, left_out, why, needs)
    a, b, seen = np.array(first, dtype=float), np.array(second, dtype=float), np.array(on_first)
    off_sums = np.array(dark, dtype=float)
    scaled = ""
    if len(set(accounts)) > 1:
        scaled = "; each account's outcomes divided by its own mean, coins of each account's own"
        for account in set(accounts):
            of_it = np.array([one == account for one in accounts])
            mean = np.array(whole)[of_it].sum() / (a[of_it, 1].sum() + b[of_it, 1].sum())
            if mean > 0:
                for sums in (a, b, off_sums):
                    sums[of_it, 0] /= mean
    reference = randomisation.paired(a, b, seen, np.random.default_rng(plan.seed))
    low, high = reference.interval()
    method = f"difference in means of on and off weeks{scaled}; {tested(reference)}"
    p = Fraction(reference.extreme(), reference.size)
    effect = Effect(reference.observed, low, high, p, method, reference.lots())
    base = float(off_sums[:, 0].sum() / off_sums[:, 1].sum())
    which = tuple((one.account, one.week) for one in used)
    return _OfPairs(effect, base, len(used), len(first), eventful, left_out, weeks=which)


def _of(account: str) -> str:
    return say(" of {account}", account=account) if account else ""


def tested(reference: randomisation.Reference) -> str:
    """How p and interval were found, for `Effect.method`."""
    how = f"{reference.size - 1:,} seeded draws" if reference.drawn else f"all {reference.size:,} assignments"
    return f"two-sided randomisation test over {how}, interval by inversion"


def _of_coins(weeks: Sequence[Week], name: str, plan: Plan, about: dict[str, object]) -> Answer:
    if len({one.account for one in weeks}) > 1:
        raise BadInput("weeks of several accounts are pooled in pairs only", remedy="analyse one account at a time")
    rows = list(weeks)
    if not rows[0].coin:
        raise BadInput("no coin was tossed at the first week", where=rows[0].where or None, remedy="check the column")
    for before, one in zip(rows, rows[1:], strict=False):
        if one.week != before.week + 1:
            raise BadInput(
                f"week {before.week + 1} is not there", where=one.where or None,
                remedy="add it with its arm, and leave blank what is not known",
            )  # fmt: skip
        if before.arm != one.arm and not one.coin:
            raise BadInput(
                f"the arm changes at week {one.week}, where no coin was tossed", where=one.where or None,
                remedy="correct the row",
            )  # fmt: skip
    starts = [index for index, one in enumerate(rows) if one.coin]
    carry_over = plan.carry_over if plan.carry_over is not None else carried(starts)
    about["design"] = say(
        "{coins} coins over {weeks} weeks, carry-over of {carry_over}",
        coins=len(starts),
        weeks=len(rows),
        carry_over=carry_over,
    )
    values = np.array([np.nan if (v := one.beyond(name)) is None else v for one in rows], dtype=float)
    about["left_out"] = [
        say("week {week}: {name} is not known", week=one.week, name=name)
        for one in rows
        if one.outcomes.get(name) is None
    ]
    coin_of = np.searchsorted(starts, np.arange(len(rows)), side="right") - 1
    seen = np.array([rows[start].arm == 1 for start in starts])
    arms = np.array([one.arm for one in rows])
    clean = [
        index for index in range(carry_over, len(rows))
        if not np.isnan(values[index]) and len(set(arms[index - carry_over : index + 1])) == 1
    ]  # fmt: skip
    known = values[~np.isnan(values)]
    if len({int(arms[index]) for index in clean}) < 2 or len(set(known)) < 2:
        reason = say("it never varies") if len(set(known)) == 1 else say("one of the arms has no week that counts")
        return _nothing(name, about, reason, say("weeks that count in both arms"), len(clean))
    found: dict[Statistic, Effect] = {}
    for statistic in (Statistic.HAJEK, Statistic.HORVITZ_THOMPSON):
        rng = np.random.default_rng(plan.seed)
        reference = randomisation.coins(values, coin_of, seen, carry_over, statistic, rng)
        low, high = reference.interval() if statistic is Statistic.HAJEK else (None, None)
        found[statistic] = Effect(
            reference.observed, low, high, Fraction(reference.extreme(), reference.size),
            f"{_NAMES[statistic]} over weeks whose last {carry_over + 1} arms agree; {tested(reference)}"
            + ("" if statistic is Statistic.HAJEK else ": none, this statistic does not take a constant effect out"),
            reference.lots(),
        )  # fmt: skip
    effect = found.pop(plan.statistic)
    weights = 2.0 ** np.array([len(set(coin_of[index - carry_over : index + 1])) for index in clean])
    off = arms[clean] == 0
    whole = values[clean] + np.array([rows[index].before for index in clean])
    base = float((whole * weights)[off].sum() / weights[off].sum())
    early = EARLY if plan.weeks is not None and len(rows) < plan.weeks else None
    # The verdict stands on Hájek's interval, whichever statistic leads: the other one has none.
    judged = effect if plan.statistic is Statistic.HAJEK else found[Statistic.HAJEK]
    verdict, planned, missing, note = judge(
        judged, base=base, n=len(rows), margin=plan.margin, planned=plan.weeks, counted=say("weeks"),
        more_than=(LEAST_PAIRS + 2) * max(1, carry_over), eventful=int(np.count_nonzero(whole)),
    )  # fmt: skip
    if early:
        verdict, note, missing = (
            Verdict.NOT_ENOUGH_DATA,
            None,
            say("{n} of {weeks} planned weeks: {early}", n=len(rows), weeks=plan.weeks or 0, early=EARLY),
        )
    return Answer(
        name, effect, len(clean), verdict, base=base, planned=planned, missing=missing, note=note, exploratory=early,
        others={statistic.value: one for statistic, one in found.items()},
        used=tuple((rows[index].account, rows[index].week) for index in clean), about=about,
    )  # fmt: skip


_NAMES = {Statistic.HAJEK: "Hájek's difference of weighted means", Statistic.HORVITZ_THOMPSON: "Horvitz-Thompson"}


def carried(starts: Sequence[int]) -> int:
    """The carry-over m that coins at these weeks (from 0) were drawn for: the gap from the second to the third."""
    if len(starts) >= 3 and starts[1] - starts[0] == 2 * (gap := starts[2] - starts[1]):
        return gap
    if len(starts) >= 2 and set(np.diff(starts)) == {1}:
        return 0
    raise BadInput("the places of the coins do not say the carry-over", remedy="give --washout WEEKS")


def of_ledger(experiment: Experiment, network: str, account: str = "") -> list[Week]:
    """The weeks of one network of an experiment that crosspost ran itself; revenue in minor units."""
    return [
        Week(
            week=one.number,
            arm=int(one.arm == "on"),
            outcomes={
                "visits": one.visits, "leads": one.leads, "clients": one.clients, "revenue": one.revenue_minor
            },
            posts=one.posts,
            account=account,
        )
        for one in experiment.weeks
        if one.network == network
    ]  # fmt: skip
