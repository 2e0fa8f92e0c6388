"""Several answers of one question per row, with the band they span."""

from __future__ import annotations

from dataclasses import dataclass

from crosspost.report.records import Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class BandRow:
    """`marks` are (model, value), each drawn as its model is; `low`–`high` is the band they span, None where too few
    models say anything. `interval` is the 95 % interval of the first chain's mark."""

    label: str
    text: str
    marks: tuple[tuple[str, float], ...]
    low: float | None = None
    high: float | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands(Chart):
    """`faint`: under the minimum, so that the marks prove little; `left_out` says what is missing."""

    rows: tuple[BandRow, ...]
    axis: str
    text_head: str = ""  # over the rows' texts
    faint: bool = False
