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
    label_sign: str = ": "  # between the two of `left_out`, as the language writes it
    tables: tuple[str, ...] = ()  # where the numbers are
    key: tuple[tuple[str, str], ...] = ()  # what the marks mean: (mark, words)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A chart that a report does without: there is nothing of its kind. `reason` says why, `section` is its heading."""

    name: str
    section: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A figure with its interval against a margin, on a scale of its own; `log` where ratios are compared."""

    value: float
    low: float
    high: float
    margin: float
    log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """A claim. `low` to `high_95` are shares of 0–1 on the scale of all claims on shares of clients; they are None
    when no client is known, or where the claim is of something else: its figure is then the `mark`, if it has one."""

    verdict: str  # supported, refuted, inconclusive, not enough data
    word: str
    claim: str
    text: str  # the number with its interval and n, or why there is none
    change: str  # what would change the verdict
    margin: float
    margin_text: str
    low: float | None = None
    high: float | None = None
    low_95: float | None = None
    high_95: float | None = None
    mark: Mark | None = None


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
    """One field of dots. `reference` is a level to compare with; `slopes` are lines of equal y per x: (y/x, words), and
    `diagonal` the one that all is held against. On a `root` scale, of square roots, these lines are straight."""

    dots: tuple[Dot, ...]
    x_label: str
    y_label: str
    log_x: bool = False
    reference: float | None = None
    reference_text: str = ""
    slopes: tuple[tuple[float, str], ...] = ()
    diagonal: tuple[float, str] | None = None
    root: bool = False
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter(Chart):
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandRow:
    """A brand's figure, from `value` to `upper` where some rows are unknown, with its interval. `value` None: `text` is
    the reason."""

    label: str
    text: str
    value: float | None
    upper: float | None = None
    low: float | None = None
    high: float | None = None
    faint: bool = False  # under its minimum: the reason stands in `text`


@dataclass(frozen=True, slots=True, kw_only=True)
class Brands(Chart):
    """One figure of many brands on one scale, from 0 to `far`; `unit` is share or number."""

    rows: tuple[BrandRow, ...]
    unit: str
    axis: str
    far: float
