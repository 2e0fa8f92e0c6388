"""Experiments: weeks on and off by lot, what came in each, and what the lots could have shown."""

from __future__ import annotations

from dataclasses import dataclass

from crosspost.report.records import Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """`on` None: not drawn yet for readers. `value` None: not known, or not to be looked at. `obeyed` None: not over.
    `used` False: the estimate does not stand on it."""

    number: int
    on: bool | None
    value: float | None
    obeyed: bool | None
    used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """So many assignments give an estimate from `low` to `high`; `extreme` of them count for p."""

    low: float
    high: float
    assignments: int
    extreme: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The estimate with its interval, whose ends may be open (None), among all that the lots could have shown."""

    value: float
    low: float | None
    high: float | None
    text: str
    lots: tuple[Lot, ...]
    axis: str
    words: str  # beside the histogram: how many lots are at least as extreme


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`word` is the verdict on `claim`. `seen` None: `note` says why there is no estimate."""

    label: str
    claim: str
    word: str
    y_label: str
    weeks: tuple[Week, ...]
    seen: Seen | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials(Chart):
    trials: tuple[Trial, ...]
