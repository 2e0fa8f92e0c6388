"""Whether there is enough to judge, and in words for every reader what is missing until there is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from crosspost.audit.results import Verdict
from crosspost.audit.section import Given
from crosspost.domain.message import Message, count, either, listed, number, rounded, say


@dataclass(frozen=True, slots=True)
class Need:
    """That `least` of something are needed; `have` are there. `one` and `many` name it after a number: `more lead`."""

    one: str
    many: str
    have: float
    least: float

    @property
    def more(self) -> int:
        return max(0, math.ceil(self.least - self.have))

    def told(self) -> Message:
        what = self.one if self.more == 1 else self.many
        return say(
            "{more} {what} ({have} of {least})",
            more=number(self.more), what=what, have=rounded(self.have), least=rounded(self.least, 6),
        )  # fmt: skip


def missing(needs: Sequence[Need], given: Given, *, also: str | None = None) -> str | None:
    """What is missing, with how long it takes at this period's pace; None when nothing is.

    `also` is something that no waiting brings: an answer that only the owner has.
    """
    if given.blocked:
        return given.blocked
    short = [need for need in needs if need.more]
    if not short:
        return also or None
    text = listed([need.told() for need in short])
    if all(need.have > 0 for need in short):
        text = _paced(text, max(need.more / need.have for need in short), given)
    return say("{lacking}; {also}", lacking=text, also=also) if also else text


def _paced(lacking: str, share: float, given: Given) -> str:
    pace = []
    if given.weeks > 0:
        pace.append(count(math.ceil(share * given.weeks), "week"))
    if given.data.contacts:
        pace.append(count(math.ceil(share * len(given.data.contacts)), "lead"))
    return say("{lacking}, about {pace} at this period's pace", lacking=lacking, pace=either(pace)) if pace else lacking


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
