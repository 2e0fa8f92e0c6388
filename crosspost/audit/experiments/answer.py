"""What an experiment answers for one outcome: the estimate, its interval, an exact p, and the verdict.

The claim is H1c's: “posting adds nothing worth it”, with a margin fixed before looking, +20 % of the off-weeks' mean
unless another was locked. *Supported* if the interval lies wholly under the margin, *refuted* if wholly over zero;
where both hold there is some, and it is not worth it. Otherwise *inconclusive* if the planned size was reached, and
*not enough data* if not, with the size at which the interval would be as narrow as the margin.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from crosspost.audit.results import Verdict, stated
from crosspost.domain.message import Message, capital, change, day, join, metric_name, number, say, significant

MARGIN = 0.20  # the smallest rise of interest: under it, the hours of posting are better spent (H1c)
LADDER = ("visits", "leads", "clients", "revenue")  # tested in this order; behind one that is not shown, exploratory
SOME = say("some, not worth it")
EARLY = say("stopped early, exploratory")
# Weeks or persons with anything at all, below which nothing is concluded. A constant rise by a fraction of a client is
# no good picture of rare ones: without this, 6 % of 26-week experiments would call a doubling of 0.3 a week nothing.
EVENTFUL = 10
_UNITS = {"weeks": say("week"), "pairs": say("pair"), "persons": say("person"), "posts": say("post")}


@dataclass(frozen=True, slots=True)
class Fraction:
    """A p as it was counted: `extreme` of `of` assignments."""

    extreme: int
    of: int

    @property
    def value(self) -> float:
        return self.extreme / self.of

    def __str__(self) -> str:
        return f"{self.extreme}/{self.of}"


@dataclass(frozen=True, slots=True)
class Lots:
    """How many assignments give an estimate from `low` to `high`, and how many of these count for p."""

    low: float
    high: float
    assignments: int
    extreme: int


@dataclass(frozen=True, slots=True)
class Effect:
    """An estimate of a constant additive effect, in the outcome's own unit per week or person, with its 95 % interval.

    `low` or `high` None: the interval has no end there. `exact` says that every assignment was counted. `lots` are
    what the estimate would be under each assignment, had the outcomes been the same: the picture of p.
    """

    estimate: float
    low: float | None
    high: float | None
    p: Fraction | float
    method: str
    lots: tuple[Lots, ...] = ()

    @property
    def p_value(self) -> float:
        return self.p if isinstance(self.p, float) else self.p.value

    def as_dict(self) -> dict[str, Any]:
        return {
            "estimate": self.estimate,
            "interval": None if self.low is None and self.high is None else [self.low, self.high],
            "p": self.p_value,
            "p_fraction": None if isinstance(self.p, float) else str(self.p),
            "method": self.method,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """One outcome of one experiment.

    `effect` is None where nothing can be estimated, and `reason` says why. `n` counts weeks or persons that were used,
    `planned` how many were planned, or would be needed (None: cannot be told). `base` is the mean of the off weeks or
    of the control. `missing` is set exactly if the verdict is NOT_ENOUGH_DATA. `used` are the (account, week) that
    the estimate stands on. `others` are further analyses of the
    same outcome by name: other statistics, without washout, the arms one by one.
    """

    outcome: str
    effect: Effect | None
    n: int
    verdict: Verdict
    counted: str = say("weeks")
    base: float | None = None
    planned: int | None = None
    missing: str | None = None
    reason: str | None = None
    note: str | None = None
    exploratory: str | None = None
    others: dict[str, Any] = field(default_factory=dict)
    used: tuple[tuple[str, int], ...] = ()
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def relative(self) -> tuple[float, float | None, float | None] | None:
        """Estimate and interval as shares of `base`."""
        if self.effect is None or self.base is None or self.base <= 0:
            return None
        ends = (None if end is None else end / self.base for end in (self.effect.low, self.effect.high))
        return (self.effect.estimate / self.base, *ends)  # type: ignore[return-value]

    def _open_ended(self) -> str | None:
        """Why the interval has no end on a side, where it has none."""
        if self.effect is None or (self.effect.low is not None and self.effect.high is not None):
            return None
        return say("too few assignments to bound the interval, or a statistic that has none: see method")

    def as_dict(self) -> dict[str, Any]:
        """Every field a program needs; what is missing is None beside `reason` or `missing`."""
        effect = self.effect.as_dict() if self.effect else dict.fromkeys(("estimate", "interval", "p", "p_fraction"))
        relative = self.relative
        return {
            **effect,
            "n": self.n,
            "counted": self.counted,
            "method": self.effect.method if self.effect else "none",
            "verdict": self.verdict.value,
            "reason": self.reason or self._open_ended(),
            "missing": self.missing,
            "note": self.note,
            "exploratory": self.exploratory,
            "base": self.base,
            "relative": None if relative is None else {"estimate": relative[0], "interval": list(relative[1:])},
            **self.about,
            **{name: one.as_dict() if hasattr(one, "as_dict") else one for name, one in self.others.items()},
        }


def judge(
    effect: Effect,
    *,
    base: float,
    n: int,
    margin: float,
    planned: int | None,
    counted: str,
    more_than: int,
    eventful: int,
) -> tuple[Verdict, int | None, str | None, str | None]:
    """(verdict, planned, missing, note) of an effect; `base` is the mean that `margin` is a share of.

    `planned` None: no size was planned, and the one at which the interval would be as narrow as the margin takes its
    place. `more_than` is the size under which nothing can be concluded, `eventful` how many weeks or persons had any.
    """
    low, high = effect.low, effect.high
    if base <= 0:
        missing = say(
            "{counted} without posts in which there is some: +{margin} % of nothing is no margin",
            counted=counted,
            margin=significant(100 * margin, 6),
        )
        return Verdict.NOT_ENOUGH_DATA, planned, missing, None
    worth = margin * base
    under, over = high is not None and high < worth, low is not None and low > 1e-9 * base
    if n < more_than or low is None or high is None:
        least = max(more_than, n + 1)
        return (
            Verdict.NOT_ENOUGH_DATA,
            planned or least,
            say("{n} of at least {least} {counted}", n=n, least=least, counted=counted),
            None,
        )
    if eventful < EVENTFUL:
        missing = say(
            "something came in {eventful} of those looked at, and in {least} at least it must",
            eventful=eventful,
            least=EVENTFUL,
        )
        return Verdict.NOT_ENOUGH_DATA, planned, missing, None
    if under:
        return Verdict.SUPPORTED, planned, None, SOME if over else None
    if over:
        return Verdict.REFUTED, planned, None, None
    needed = math.ceil(n * ((high - low) / worth) ** 2)
    if planned is not None and n >= planned:
        return (
            Verdict.INCONCLUSIVE,
            planned,
            None,
            say("about {needed} {counted} would settle it", needed=number(needed), counted=counted),
        )
    goal = planned or max(needed, n + 1)
    return (
        Verdict.NOT_ENOUGH_DATA,
        goal,
        say(
            "about {more} more {counted} ({n} of {goal})",
            more=number(goal - n),
            counted=counted,
            n=number(n),
            goal=number(goal),
        ),
        None,
    )


def divided(answer: Answer, by: int) -> Answer:
    """The answer with its outcome in a unit `by` times as large: p, verdict and shares are what they were.

    Exact tests are of whole minor units, where a tie is a tie; people read euros.
    """

    def smaller(effect: Effect) -> Effect:
        low, high = (None if end is None else end / by for end in (effect.low, effect.high))
        lots = tuple(replace(one, low=one.low / by, high=one.high / by) for one in effect.lots)
        return replace(effect, estimate=effect.estimate / by, low=low, high=high, lots=lots)

    return replace(
        answer,
        effect=None if answer.effect is None else smaller(answer.effect),
        base=None if answer.base is None else answer.base / by,
        others={name: smaller(one) if isinstance(one, Effect) else one for name, one in answer.others.items()},
    )


def seen_early(answers: Mapping[str, Answer], looks: Iterable[datetime | None]) -> Mapping[str, Answer]:
    """The answers, exploratory where somebody looked at outcomes before the end: `looks` are when, or None."""
    seen = [at for at in looks if at is not None]
    if not seen:
        return answers
    told = say("outcomes were looked at before the end, on {day}", day=day(min(seen)))
    return {name: replace(one, exploratory=one.exploratory or told) for name, one in answers.items()}


def sentence(answer: Answer, margin: float, about: str = "") -> Message:
    """All of an answer, for a reader; `about` is whose it is."""
    what = answer.about.get("arm") or say("posting")
    claim = say("{what} adds nothing worth it to {outcome}", what=what, outcome=metric_name(answer.outcome))
    told = [_told(answer)]
    told += [say("Missing: {missing}.", missing=answer.missing)] if answer.missing else []
    told += [capital(answer.note) + "."] if answer.note else []
    told += [say("Exploratory: {reason}.", reason=answer.exploratory)] if answer.exploratory else []
    return stated(answer.verdict, claim, f"+{100 * margin:g} %", join(" ", told), about=about)


def _told(answer: Answer) -> Message:
    effect = answer.effect
    if effect is None:
        return say("Nothing can be estimated: {reason}.", reason=answer.reason or "")
    share = "" if answer.relative is None else say(" ({change} %)", change=change(round(100 * answer.relative[0])))
    p = significant(effect.p_value) + ("" if isinstance(effect.p, float) else f" ({effect.p})")
    values = {
        "estimate": change(effect.estimate, 4), "share": share, "low": _end(effect.low), "high": _end(effect.high),
        "p": p, "n": number(answer.n), "counted": answer.counted,
        "unit": _UNITS.get(answer.counted, answer.counted.removesuffix("s")),
    }  # fmt: skip
    if "arm" in answer.about:
        return say(
            "{estimate} a {unit}{share}, against {control}; 95 % interval {low} to {high}; p = {p}; {n} {counted}.",
            control=answer.about["control"], **values,
        )  # fmt: skip
    return say(
        "{estimate} a {unit}{share}, with posts; 95 % interval {low} to {high}; p = {p}; {n} {counted}.", **values
    )


def _end(value: float | None) -> str:
    return say("no end") if value is None else change(value, 4)
