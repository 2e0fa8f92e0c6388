"""What an experiment answers for one outcome: the estimate, its interval, an exact p, and the verdict.

The claim is H1c's: “posting adds nothing worth it”, with a margin fixed before looking, +20 % of the off-weeks' mean
unless another was locked. *Supported* if the interval lies wholly under the margin, *refuted* if wholly over zero;
where both hold there is some, and it is not worth it. Otherwise *inconclusive* if the planned size was reached, and
*not enough data* if not, with the size at which the interval would be as narrow as the margin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from crosspost.audit.results import Verdict

MARGIN = 0.20  # the smallest rise of interest: under it, the hours of posting are better spent (H1c)
LADDER = ("visits", "leads", "clients", "revenue")  # tested in this order; behind one that is not shown, exploratory
SOME = "some, not worth it"
EARLY = "stopped early, exploratory"
# Weeks or persons with anything at all, below which nothing is concluded. A constant rise by a fraction of a client is
# no good picture of rare ones: without this, 6 % of 26-week experiments would call a doubling of 0.3 a week nothing.
EVENTFUL = 10


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

    def as_dict(self) -> dict[str, Any]:
        bare = isinstance(self.p, float)
        return {
            "estimate": self.estimate,
            "interval": None if self.low is None and self.high is None else [self.low, self.high],
            "p": self.p if bare else self.p.value,  # type: ignore[union-attr]
            "p_fraction": None if bare else str(self.p),
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
    counted: str = "weeks"
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
        return "too few assignments to bound the interval, or a statistic that has none: see method"

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
        missing = f"{counted} without posts in which there is some: +{100 * margin:g} % of nothing is no margin"
        return Verdict.NOT_ENOUGH_DATA, planned, missing, None
    worth = margin * base
    under, over = high is not None and high < worth, low is not None and low > 1e-9 * base
    if n < more_than or low is None or high is None:
        least = max(more_than, n + 1)
        return Verdict.NOT_ENOUGH_DATA, planned or least, f"{n} of at least {least} {counted}", None
    if eventful < EVENTFUL:
        missing = f"something came in {eventful} of those looked at, and in {EVENTFUL} at least it must"
        return Verdict.NOT_ENOUGH_DATA, planned, missing, None
    if under:
        return Verdict.SUPPORTED, planned, None, SOME if over else None
    if over:
        return Verdict.REFUTED, planned, None, None
    needed = math.ceil(n * ((high - low) / worth) ** 2)
    if planned is not None and n >= planned:
        return Verdict.INCONCLUSIVE, planned, None, f"about {needed:,} {counted} would settle it"
    goal = planned or max(needed, n + 1)
    return Verdict.NOT_ENOUGH_DATA, goal, f"about {goal - n:,} more {counted} ({n:,} of {goal:,})", None


def sentence(answer: Answer, margin: float) -> str:
    """All of an answer, for a reader."""
    claim = f"{answer.about.get('arm', 'posting')} adds nothing worth it to {answer.outcome}"
    head = f"{answer.verdict.value.capitalize()}: “{claim}”, margin +{100 * margin:g} %."
    tail = [f"Missing: {answer.missing}."] if answer.missing else []
    tail += [f"{answer.note[0].upper()}{answer.note[1:]}."] if answer.note else []
    tail += [f"Exploratory: {answer.exploratory}."] if answer.exploratory else []
    if answer.effect is None:
        return " ".join([head, f"Nothing can be estimated: {answer.reason}.", *tail])
    effect, unit = answer.effect, answer.counted.removesuffix("s")
    relative = "" if answer.relative is None else f" ({100 * answer.relative[0]:+.0f} %)"
    who = f"against {answer.about['control']}" if "arm" in answer.about else "with posts"
    p = f"{effect.p:.3g}" if isinstance(effect.p, float) else f"{effect.p.value:.3g} ({effect.p})"
    body = (
        f"{effect.estimate:+.4g} a {unit}{relative}, {who}; 95 % interval {_end(effect.low)} to {_end(effect.high)}; "
        f"p = {p}; {answer.n:,} {answer.counted}."
    )
    return " ".join([head, body, *tail])


def _end(value: float | None) -> str:
    return "no end" if value is None else f"{value:+.4g}"
