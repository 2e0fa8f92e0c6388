"""Whether there is enough to judge, and in words for every reader what is missing until there is."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from crosspost.audit.results import Claim, Verdict
from crosspost.audit.section import Given


@dataclass(frozen=True, slots=True)
class Need:
    """That `least` of something are needed; `have` are there. `what` is its name in the plural."""

    what: str
    have: float
    least: float

    @property
    def more(self) -> int:
        return max(0, math.ceil(self.least - self.have))

    def __str__(self) -> str:
        what = re.sub(r"s\b", "", self.what, count=1) if self.more == 1 else self.what
        return f"{self.more:,} more {what} ({self.have:,.4g} of {self.least:,g})"


def missing(needs: Sequence[Need], given: Given, *, also: str | None = None) -> str | None:
    """What is missing, with how long it takes at this period's pace; None when nothing is.

    `also` is something that no waiting brings: an answer that only the owner has.
    """
    if given.blocked:
        return given.blocked
    short = [need for need in needs if need.more]
    parts = [str(need) for need in short]
    text = " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
    if short and all(need.have > 0 for need in short):
        text += _pace(max(need.more / need.have for need in short), given)
    if also:
        text = f"{text}; {also}" if text else also
    return text or None


def _pace(share: float, given: Given) -> str:
    pace = []
    for noun, number in (("weeks", given.weeks), ("leads", float(len(given.data.contacts)))):
        if number > 0:
            pace.append(f"{math.ceil(share * number):,} {noun}")
    return f", about {' or '.join(pace)} at this period's pace" if pace else ""


def under(low: float, high: float, margin: float) -> Verdict:
    """The verdict on "it is under `margin`" of enough data with an interval. A limit at the margin settles nothing."""
    if high < margin and not math.isclose(high, margin, rel_tol=1e-9):
        return Verdict.SUPPORTED
    if low > margin and not math.isclose(low, margin, rel_tol=1e-9):
        return Verdict.REFUTED
    return Verdict.INCONCLUSIVE


def over(low: float, high: float, margin: float) -> Verdict:
    """The verdict on "it is over `margin`"."""
    return under(-high, -low, -margin)


def sentence(claim: Claim, verdict: Verdict, margin: str, body: str, lacking: str | None) -> str:
    head = f"{verdict.value.capitalize()}: “{claim.text}”, margin {margin}. {body}"
    return f"{head} Missing: {lacking}." if lacking else head
