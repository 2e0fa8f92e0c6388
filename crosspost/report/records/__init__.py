"""What charts are drawn from: frozen records without arithmetic. A value that is missing has its reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a mark is drawn; each differs in grey too."""

    NETWORK = "network"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The words of a chart. `empty` is why there is nothing to draw; `left_out` names what lacks data, and why."""

    name: str  # of its files
    section: str  # heading on a page
    title: str  # what the picture says, in the picture
    subtitle: str  # what is shown, with units
    caption: str  # how to read it
    alt: str
    foot: str  # n and period
    notice: str | None = None  # the audience is simulated
    empty: str | None = None
    left_out: tuple[tuple[str, str], ...] = ()
    tables: tuple[str, ...] = ()  # where the numbers are
    key: tuple[tuple[str, str], ...] = ()  # what the marks mean: (mark, words)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A chart that a report does without: there is nothing of its kind. `reason` says why, `section` is its heading."""

    name: str
    section: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """Shares of 0–1. All four are None when no client is known, with the reason in `text`."""

    verdict: str  # supported, refuted, inconclusive, not enough data
    word: str
    claim: str
    margin: float
    margin_text: str
    low: float | None
    high: float | None
    low_95: float | None
    high_95: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip(Chart):
    rows: tuple[VerdictRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BarRow:
    """A share with its interval; `upper` is where the unknown counted in would end, `any_touch` the outline's end."""

    label: str
    text: str
    value: float
    low: float | None = None
    high: float | None = None
    upper: float | None = None
    any_touch: float | None = None
    tone: Tone = Tone.OTHER
    faint: bool = False  # under its minimum: the reason stands in `text`
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars(Chart):
    """Horizontal bars, or dots (`dots`), of shares with intervals; `reference` is a share to compare with."""

    rows: tuple[BarRow, ...]
    dots: bool = False
    axis: str
    reference: float | None = None
    reference_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A count of the funnel; `upper` adds what may belong to it. `value` None: `text` is the reason."""

    label: str
    value: float | None
    upper: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    label: str
    steps: tuple[Step, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel(Chart):
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    label: str
    note: str
    x: float
    y: float
    low: float | None = None
    high: float | None = None
    tone: Tone = Tone.NETWORK
    faint: bool = False  # under its minimum


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of dots. `reference` is a level to compare with; `slopes` are lines of equal y per x: (y/x, words)."""

    dots: tuple[Dot, ...]
    x_label: str
    y_label: str
    log_x: bool = False
    reference: float | None = None
    reference_text: str = ""
    slopes: tuple[tuple[float, str], ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter(Chart):
    fields: tuple[Field, ...]
