"""What followed an interruption, from a plain file of series: `crosspost interruption`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from crosspost.audit.observation.interruption import Gap, Interruption, compare, judge
from crosspost.audit.results import Finding
from crosspost.domain.errors import BadInput
from crosspost.imports.series import SeriesFile, read_series

_LEAST = 3  # moments before, to fit anything


@dataclass(frozen=True, slots=True)
class Interrupted:
    """`found` is None with fewer than three moments before."""

    treated: tuple[str, ...]
    controls: tuple[str, ...]
    start: str
    end: str
    finding: Finding
    found: Interruption | None
    left_out: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As printed: figures to 10 significant digits."""
        one, estimate = self.finding, self.finding.estimate
        chosen = self.found.chosen if self.found else None
        return {
            "treated": self.treated, "controls": len(self.controls), "from": self.start, "to": self.end,
            "before": self.finding.n, "after": self.found.after if self.found else None,
            "estimate": _plain(estimate.value) if estimate else None,
            "interval": [_plain(estimate.low), _plain(estimate.high)] if estimate else None,
            "percent": _plain(100 * chosen.share) if chosen and chosen.share is not None else None,
            "total": _plain(chosen.mean * self.found.after * len(self.treated)) if chosen and self.found else None,
            "method": chosen.method if chosen else None, "verdict": one.verdict.value, "missing": one.missing,
            "sentence": one.sentence, "caveats": one.caveats,
            "assumptions": [{"text": each.text, "held": each.held} for each in one.assumptions],
            "designs": {
                "interrupted_series": _gap(self.found.series if self.found else None, self.controls),
                "synthetic_control": _gap(self.found.synthetic if self.found else None, self.controls),
            },
            "left_out": self.left_out,
        }  # fmt: skip


def _plain(figure: float) -> float:
    return float(f"{figure:.10g}")


def _gap(gap: Gap | None, controls: Sequence[str]) -> dict[str, Any] | None:
    if gap is None:
        return None
    shown = {name: _plain(one) if isinstance(one, float) else one for name, one in asdict(gap).items()}
    del shown["foretold"]  # a number for each moment of the file
    weights = zip(controls, gap.weights, strict=True) if len(gap.weights) == len(controls) else ()
    return {**shown, "weights": {name: _plain(one) for name, one in weights if abs(one) > 1e-9}}


def interruption(
    path: Path, treated: Sequence[str], start: str, *, until: str | None = None, controls: Sequence[str] = (),
    time: str | None = None, unit: str | None = None, value: str | None = None, margin: float | None = None,
) -> Interrupted:  # fmt: skip
    """The moments from `start` to before `until` against what the controls foretold. Controls are all other series,
    unless some are named. Raises BadInput."""
    file = read_series(path, time=time, unit=unit, value=value)
    for name in (*treated, *controls):
        if name not in file.series:
            why = next((one for one in file.left_out if one.startswith(f"{name}: ")), None)
            raise BadInput(
                f"{why} (a blank is not zero)" if why else f"no series is called {name!r}", where=str(path),
                remedy="fill it, or end the series before" if why else f"one of: {', '.join(sorted(file.series)[:12])}",
            )  # fmt: skip
    if not treated:
        raise BadInput("which series was interrupted?", remedy="give --treated")
    others = tuple(controls) or tuple(name for name in file.series if name not in treated)
    if set(others) & set(treated):
        raise BadInput("a series cannot be its own control", remedy="leave it out of --control")
    first = _place(file, start, path)
    last = _place(file, until, path) if until is not None else len(file.moments)
    if not 0 < first < last:
        raise BadInput(
            "nothing lies before the interruption, or nothing after it", where=str(path),
            remedy=f"--from after {file.moments[0]}, --until after it",
        )  # fmt: skip
    found = None
    if first >= _LEAST:
        found = compare(_matrix(file, treated, last), _matrix(file, others, last), first)
    return Interrupted(
        tuple(treated), others, file.moments[first], file.moments[last - 1], judge(found, first, margin), found,
        file.left_out,
    )  # fmt: skip


def _matrix(file: SeriesFile, names: Sequence[str], last: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([file.series[name][:last] for name in names], dtype=float).reshape(len(names), last)


def _place(file: SeriesFile, moment: str, path: Path) -> int:
    """The first moment that is not before this one."""
    plain = moment.strip()
    if all(one.isdecimal() for one in file.moments):
        if not plain.isdecimal():
            raise BadInput(f"{moment!r} is no number of a row", where=str(path), remedy="the first row is 0")
        return sum(int(one) < int(plain) for one in file.moments)
    if not (plain[:4].isdecimal() and plain[4:5] == "-"):
        raise BadInput(f"{moment!r} is no date such as 2025-03-31", where=str(path), remedy="write the year first")
    return sum(one < plain for one in file.moments)
