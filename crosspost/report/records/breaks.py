"""Interruptions that were declared: what each week brought, and what was foretold of it."""

from __future__ import annotations

from dataclasses import dataclass

from crosspost.report.records import Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A week, 0 the first one after the day. `seen` None: not counted. `foretold` None: not compared."""

    week: int
    seen: float | None
    foretold: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One outcome of an interruption. `word` is the verdict on `claim`. `band` is where the mean of the weeks after was
    foretold to lie (95 %); None where nothing could be compared, and `text` says why."""

    label: str
    word: str
    claim: str
    text: str
    y_label: str
    weeks: tuple[Moment, ...]
    band: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaks(Chart):
    breaks: tuple[Break, ...]
    x_label: str
