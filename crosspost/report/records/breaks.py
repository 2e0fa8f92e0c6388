"""Interruptions that were declared: what each week brought, and what was foretold of it."""

from __future__ import annotations

from dataclasses import dataclass

from crosspost.report.records import Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A week, 0 the first one after the day. `seen` None: not counted. `foretold` None: not compared; `band`, of weeks
    after, is where they would have lain as a whole (95 %)."""

    week: int
    seen: float | None
    foretold: float | None
    band: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One outcome of an interruption. `word` is the verdict on `claim`; `text` is the change, or why there is none."""

    label: str
    word: str
    claim: str
    text: str
    y_label: str
    weeks: tuple[Moment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaks(Chart):
    breaks: tuple[Break, ...]
    x_label: str
