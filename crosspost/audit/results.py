"""What an audit answers: findings with verdicts, and the tables behind them.

`Audit.as_dict()` is ready for `json.dumps(..., allow_nan=False)`: figures carry at most 10 significant
digits, decimals and instants are text, and every value that is missing stands beside its reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from crosspost.audit.indented import indented
from crosspost.audit.ledger import BrandFacts, Lock
from crosspost.domain.hypothesis import margin_text
from crosspost.domain.message import Message, join, say
from crosspost.domain.period import Period

PURE = frozenset({"share", "ratio", "odds ratio", "kappa"})  # units that say nothing beside their number
_UNITS: Mapping[str, str] = {
    unit: unit
    for unit in (
        say("months"), say("of resamples"), say("of the off weeks' mean"), say("of the control's mean"),
        say("a year"), say("lead a quarter per +100 followers"),
    )
}  # fmt: skip
FIXED = say(
    "The claim and its margin were fixed before looking."
)  # an assumption of every finding; its lock says whether


class Verdict(StrEnum):
    SUPPORTED = "supported"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"  # the planned size was reached, the interval still straddles the margin
    NOT_ENOUGH_DATA = "not enough data"  # the planned size was not reached; `Finding.missing` says what is

    @property
    def word(self) -> Message:
        """The verdict at the beginning of a sentence."""
        return _WORDS[self]

    @property
    def told(self) -> Message:
        """The verdict within a sentence."""
        return _TOLD[self]


_WORDS = {
    Verdict.SUPPORTED: say("Supported"),
    Verdict.REFUTED: say("Refuted"),
    Verdict.INCONCLUSIVE: say("Inconclusive"),
    Verdict.NOT_ENOUGH_DATA: say("Not enough data"),
}
_TOLD = {
    Verdict.SUPPORTED: say("supported"),
    Verdict.REFUTED: say("refuted"),
    Verdict.INCONCLUSIVE: say("inconclusive"),
    Verdict.NOT_ENOUGH_DATA: say("not enough data"),
}


def stated(
    verdict: Verdict, claim: str, margin: str, told: str, missing: str | None = None, about: str = ""
) -> Message:
    """The sentence of a finding: `about: Verdict: “claim”, margin margin. told Missing: missing.`"""
    if missing:
        told = join(" ", [*([told] if told else []), say("Missing: {missing}.", missing=missing)])
    word = say("{about}: {verdict}", about=about, verdict=verdict.word) if about else verdict.word
    if not told:
        return say("{verdict}: “{claim}”, margin {margin}.", verdict=word, claim=claim, margin=margin)
    return say("{verdict}: “{claim}”, margin {margin}. {told}", verdict=word, claim=claim, margin=margin, told=told)


class Basis(StrEnum):
    """Which evidence says how a client came."""

    LAST = "last touch"
    FIRST = "first touch"
    ANY = "any touch"
    RECORDED = "recorded channel"
    TOLD = "self-report"


@dataclass(frozen=True, slots=True)
class Absent:
    """A cell without a value, and why."""

    reason: str


Cell = str | int | float | bool | Decimal | datetime | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval `low`–`high` at confidence `level` (0.95): `numerator` of `denominator`.

    `unit` is share, ratio, or the value's own. The interval is two-sided unless `method` says otherwise.
    """

    value: float
    low: float
    high: float
    level: float
    n: int
    numerator: float
    denominator: float
    method: str
    unit: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """A share when some rows are unknown: `low` counts them all out, `high` all in.

    `low_95` and `high_95` are the one-sided 95 % limits of those two shares; the verdict compares them, and
    nothing else, with the margin.
    """

    low: float
    high: float
    low_95: float
    high_95: float
    unknown: int


@dataclass(frozen=True, slots=True)
class Assumption:
    """`held` is True or False where the ledger can tell, None where it cannot."""

    text: str
    held: bool | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim fixed before looking, with the `margin` it is held against, in `unit`.

    `audit` names the method of the catalogue (A1…A12) that answers it.
    """

    key: str
    text: str
    margin: float
    audit: str = field(kw_only=True)
    unit: str = field(kw_only=True)

    @property
    def told_margin(self) -> str:
        """`10 %`, `0.8`, `12 months`: the margin as readers write it."""
        number = margin_text(self.margin, self.unit)
        if self.unit in PURE:
            return number
        unit = _UNITS.get(self.unit.removeprefix("share "), self.unit)
        return say("{number} {unit}", number=number, unit=unit)


@dataclass(frozen=True, slots=True)
class ShareClaim(Claim):
    """That networks brought under `margin` (0–1) of clients, by `basis` (A1)."""

    basis: Basis = Basis.LAST
    audit: str = field(default="A1", kw_only=True)
    unit: str = field(default="share", kw_only=True)

    def __post_init__(self) -> None:
        if not 0 < self.margin < 1:
            raise ValueError(f"claim {self.key}: a margin of {self.margin} is not a share between 0 and 1")


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim and what the ledger says of it.

    `estimate` and `bounds` are None when nothing can be counted. `n` and `planned`, the size the margin asks for, are
    in `counted`; `missing` is set exactly when the verdict is NOT_ENOUGH_DATA. `sentence` states all of it for a
    reader. `lock` is the hash under which the claim was locked, None where it was not. `scaled_margin` is the margin
    in the unit of `estimate`, where that is another than the claim's.
    """

    claim: Claim
    verdict: Verdict
    estimate: Estimate | None
    bounds: Bounds | None
    n: int
    planned: int
    missing: str | None
    caveats: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    sentence: str
    counted: str = say("clients")
    lock: str | None = None
    scaled_margin: float | None = None

    def __post_init__(self) -> None:
        if (self.missing is None) == (self.verdict is Verdict.NOT_ENOUGH_DATA):
            raise ValueError(f"{self.claim.key}: {self.verdict} must say what is missing, and only it may")

    @property
    def told(self) -> str:
        """The sentence for a page on which verdict, claim and margin stand already."""
        return self.sentence.values.get("told", "") if isinstance(self.sentence, Message) else self.sentence

    @property
    def against(self) -> float | None:
        """The margin beside which the estimate can be shown; None where the two are of different things."""
        if self.scaled_margin is not None or self.estimate is None:
            return self.scaled_margin
        return self.claim.margin if self.estimate.unit == self.claim.unit else None

    @property
    def has_figure(self) -> bool:
        """Whether there is a figure that caveats and assumptions could be of."""
        return self.estimate is not None or self.bounds is not None


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    unit: str
    help: str


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` hold one cell per column. `missing` gives the reason of each None, by (row, column name)."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    missing: Mapping[tuple[int, str], str]
    note: str = ""

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        for index, row in enumerate(self.rows):
            if len(row) != len(names):
                raise ValueError(f"table {self.name}, row {index}: {len(row)} cells for {len(names)} columns")
            for name, cell in zip(names, row, strict=True):
                if (cell is None) != ((index, name) in self.missing):
                    raise ValueError(f"table {self.name}, row {index}, {name}: no value needs a reason")

    def records(self) -> list[dict[str, Cell]]:
        """The rows as dictionaries by column name."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def table(
    name: str,
    title: str,
    columns: Sequence[tuple[str, str, str]],
    rows: Iterable[Sequence[Cell | Absent]],
    note: str = "",
) -> Table:
    """A table from (name, unit, help) columns and rows in which `Absent` stands for a missing value."""
    heads = tuple(Column(*column) for column in columns)
    missing: dict[tuple[int, str], str] = {}
    plain: list[tuple[Cell, ...]] = []
    for index, row in enumerate(rows):
        cells: list[Cell] = []
        for head, cell in zip(heads, row, strict=True):
            if isinstance(cell, Absent):
                missing[index, head.name] = cell.reason
                cells.append(None)
            else:
                cells.append(cell)
        plain.append(tuple(cells))
    return Table(name, title, heads, tuple(plain), missing, note)


@dataclass(frozen=True, slots=True)
class Audit:
    """One audit of one brand over one period. `sandbox` is set when the audience was simulated."""

    brand: BrandFacts
    period: Period
    made_at: datetime
    sandbox: str | None
    findings: tuple[Finding, ...]
    tables: tuple[Table, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()  # how things were counted, for every reader
    locks: tuple[Lock, ...] = ()  # every hypothesis that is locked, and how the lock stands

    def table(self, name: str) -> Table:
        """The table of that name; KeyError if this audit has none."""
        for candidate in self.tables:
            if candidate.name == name:
                return candidate
        raise KeyError(name)

    def as_dict(self) -> dict[str, Any]:
        plain: dict[str, Any] = _plain(self)
        return plain

    def as_json(self) -> bytes:
        """The same as UTF-8 text; equal audits give equal bytes."""
        text = indented(self.as_dict())
        # A lone surrogate has no UTF-8; written as \\udc80 it is the JSON escape of itself.
        return (text + "\n").encode("utf-8", "backslashreplace")


_JSON_SAFE = frozenset({str, int, bool, type(None)})


def _plain(value: Any) -> Any:
    """JSON-safe form of any result: see the module's text."""
    if type(value) in _JSON_SAFE:  # most are: asked first
        return value
    if isinstance(value, Table):
        return {
            "name": value.name,
            "title": value.title,
            "note": value.note,
            "columns": [_plain(column) for column in value.columns],
            "rows": [{name: _plain(cell) for name, cell in record.items()} for record in value.records()],
            "missing": [
                {"row": row, "column": column, "reason": reason}
                for (row, column), reason in sorted(value.missing.items())
            ],
        }
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no figure to print: say why it is missing instead")
        return float(f"{value:.10g}")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value]
