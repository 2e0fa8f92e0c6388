"""A10: what happened at an interruption that nobody drew by lot, against series that it did not touch.

Two designs stand side by side. *Interrupted series*: what the controls foretold before, by least squares, carried on.
*Synthetic control*: the mix of controls (weights from 0 to 1 that add up to 1) that ran most like the treated one
before, each with its own level (Abadie, Diamond, Hainmueller 2010; Doudchenko and Imbens 2016). Placebos tell how often
such a gap opens where nothing happened: in time, at earlier moments; in space, with a control in the treated one's
place. At most the data are consistent with a change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crosspost.audit.observation.autoregression import spread
from crosspost.audit.observation.saying import finding, measured
from crosspost.audit.results import Assumption, Claim, Estimate, Finding, Verdict
from crosspost.domain.message import change, join, say, significant

Series = NDArray[np.float64]
PRE = 20
PLACEBOS = 3
_RANKED = 19  # placebos in space from which a rank can be under 5 %
_PER_CONTROL = 10  # moments before per control that least squares may use; above, their mean is one control


@dataclass(frozen=True, slots=True)
class Gap:
    """What was seen less what was foretold: per unit and moment, with its 95 % interval; `share` of what was foretold.

    `p_time` and `p_space` are ranks among placebos, None where there are none.
    """

    method: str
    mean: float
    low: float
    high: float
    share: float | None
    pre_rmse: float
    placebos_time: int
    p_time: float | None
    placebos_space: int
    p_space: float | None
    weights: tuple[float, ...]
    foretold: tuple[float, ...] = ()  # of every moment


@dataclass(frozen=True, slots=True)
class Interruption:
    """`synthetic` is None with fewer than two controls. `units` are the treated ones, of which gaps are means."""

    before: int
    after: int
    units: int
    series: Gap
    synthetic: Gap | None

    @property
    def chosen(self) -> Gap:
        """The synthetic control where controls are many enough to be its placebos, else the series."""
        if self.synthetic is not None and self.synthetic.placebos_space >= PLACEBOS:
            return self.synthetic
        return self.series


def compare(
    treated: Series, controls: Series, start: int, *, trend: bool = False, season: float | None = None
) -> Interruption:
    """`treated` units × moments, `controls` units × moments, interrupted before the moment `start`.

    With `trend`, the treated one may grow or shrink evenly beside the mean of its controls, and moves as they do
    otherwise: least squares would take noisy controls for less than they are, and a season for a change. Without
    controls, a year of `season` moments that is known before has a wave of its own. Needs three moments before and one
    after.
    """
    y = treated.mean(axis=0)
    if trend:
        return Interruption(start, len(y) - start, len(treated), _beside(y, controls, start, season), None)
    series = _gap("interrupted series with controls", y, controls, start, _foretold_by_squares)
    synthetic = None
    if len(controls) >= 2:
        synthetic = _gap("synthetic control with fixed levels", y, controls, start, _foretold_by_mix)
    return Interruption(start, len(y) - start, len(treated), series, synthetic)


def _beside(y: Series, controls: Series, start: int, season: float | None) -> Gap:
    """The gap in what is left of `y` when the mean of its controls is taken away, against an even trend."""
    if len(controls):
        held = controls.mean(axis=0)
        gap = _gap("interrupted series less its controls, with a trend", y - held, controls[:0], start,
                   _foretold_with_trend)  # fmt: skip
        # A share of what is left would be a share of nothing that was counted.
        foretold = tuple((np.array(gap.foretold) + held).tolist())
        return replace(gap, share=None, foretold=foretold)
    if season is None or start < math.floor(season):
        return _gap("interrupted series with a trend", y, controls, start, _foretold_with_trend)
    turn = 2 * np.pi * np.arange(len(y)) / season
    wave = np.vstack([np.sin(turn), np.cos(turn)])
    return _gap("interrupted series with a trend and a yearly wave", y, wave, start, _foretold_with_trend)


@dataclass(frozen=True, slots=True)
class Told:
    """How a finding names its claim, its moments and what foretold them, and what it has to say besides.

    With `logarithms` the series are such, and gaps are told as shares of what was foretold. `missing` is why there can
    be no verdict, where more is lacking than moments and placebos. `planned` moments before are asked for.
    """

    claim: Claim
    counted: str = say("moments before")
    foretelling: str = say("controls")
    logarithms: bool = False
    missing: str | None = None
    planned: int = PRE
    caveats: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = (
        Assumption(say("Nothing else changed at that time."), None),
        Assumption(say("The interruption did not touch the controls."), None),
        Assumption(say("Treated and controls ran alike before, and would have gone on so."), None),
    )


def judge(
    found: Interruption | None, before: int, margin: float | None, blocked: str | None = None, told: Told | None = None
) -> Finding:
    """The finding on an interruption after `before` moments; `found` None where there are too few to compare.

    `margin` is the share that would be too little to matter; without one nothing can be refuted.
    """
    if told is None:
        text = say("Something changed at the interruption")
        told = Told(Claim("interruption", text, margin or 0.0, audit="A10", unit="share"))
    missing, body, estimate, verdict = told.missing, "", None, Verdict.NOT_ENOUGH_DATA
    placebos, scaled_margin = 0, None
    if found is not None:
        gap = found.chosen
        placebos = gap.placebos_time + gap.placebos_space
        matters = None if margin is None else _matters(gap, margin, logarithms=told.logarithms)
        verdict = _verdict(gap, matters)
        tell = _as_share if told.logarithms else _as_level
        estimate, body = tell(gap, found.before, told.foretelling)
        if matters is not None:
            low, high = (math.expm1(end) for end in matters) if told.logarithms else matters
            scaled_margin = low if gap.mean < 0 else high
    if missing is None:
        missing = _too_few(before, placebos)
    if missing:
        verdict = Verdict.NOT_ENOUGH_DATA
    if verdict is Verdict.SUPPORTED:
        body += say(". The data are consistent with a change at that time")
    return finding(
        blocked,
        told.claim,
        verdict,
        estimate=estimate,
        n=before,
        planned=told.planned,
        counted=told.counted,
        missing=missing,
        body=body,
        caveats=(
            say("Nobody drew lots: at most the data are consistent with a change, whatever brought it."),
            say("What else happened at the same time cannot be told apart."),
            *told.caveats,
        ),
        assumptions=told.assumptions,
        scaled_margin=scaled_margin,
    )


def _as_level(gap: Gap, n: int, foretelling: str) -> tuple[Estimate, str]:
    """The gap per moment, and what is said of it."""
    body = say(
        "{mean} per moment (95 % interval {low} to {high}{share}) against what {controls} foretold; {ranks}",
        mean=change(gap.mean, 5),
        low=significant(gap.low, 5),
        high=significant(gap.high, 5),
        share="" if gap.share is None else say("; {share} %", share=change(100 * gap.share)),
        controls=foretelling,
        ranks=_ranks(gap),
    )
    return measured(gap.mean, gap.low, gap.high, n, gap.method, say("per unit and moment")), body


def _as_share(gap: Gap, n: int, foretelling: str) -> tuple[Estimate, str]:
    """The same of logarithms, as a share of what was foretold."""
    value, low, high = (math.expm1(one) for one in (gap.mean, gap.low, gap.high))
    body = say(
        "{value} % (95 % interval {low} to {high} %) against what {controls} foretold; {ranks}",
        value=change(100 * value),
        low=change(100 * low),
        high=change(100 * high),
        controls=foretelling,
        ranks=_ranks(gap),
    )
    return measured(value, low, high, n, gap.method, "share"), body


def _too_few(before: int, placebos: int) -> str | None:
    if before < PRE:
        return say(
            "{before} moments before the interruption, {pre} are needed: {more} more days, weeks or months",
            before=before,
            pre=PRE,
            more=PRE - before,
        )
    if placebos < PLACEBOS:
        return say(
            "{placebos} placebos, {least} are needed: more controls, or more weeks before the "
            "interruption than twice those after it",
            placebos=placebos,
            least=PLACEBOS,
        )
    return None


def _matters(gap: Gap, margin: float, *, logarithms: bool) -> tuple[float, float] | None:
    """Gaps between these two are too small to matter; None where nothing was foretold that they could be a share of."""
    if logarithms:
        return math.log1p(-margin), math.log1p(margin)
    if not gap.share:
        return None
    foretold = abs(gap.mean / gap.share)
    return -margin * foretold, margin * foretold


def _verdict(gap: Gap, matters: tuple[float, float] | None) -> Verdict:
    """Supported: the interval is off zero, and no placebo is as large (with many: under 5 % of them)."""
    off = gap.low > 0 or gap.high < 0
    in_time = gap.p_time is None or gap.p_time <= max(0.05, 1 / (gap.placebos_time + 1))
    in_space = gap.p_space is None or gap.p_space <= max(0.05, 1 / (gap.placebos_space + 1))
    if off and in_time and in_space:
        return Verdict.SUPPORTED
    if matters is not None and matters[0] < gap.low and gap.high < matters[1]:
        return Verdict.REFUTED
    return Verdict.INCONCLUSIVE


def _ranks(gap: Gap) -> str:
    parts = []
    if gap.p_time is not None:
        parts.append(
            say(
                "{larger} of {number} placebos in time are as large",
                larger=_larger(gap.p_time, gap.placebos_time),
                number=gap.placebos_time,
            )
        )
    if gap.p_space is not None:
        parts.append(
            say(
                "{larger} of {number} placebos in space are as large",
                larger=_larger(gap.p_space, gap.placebos_space),
                number=gap.placebos_space,
            )
        )
    return join("; ", parts) if parts else say("no placebo can be made")


def _larger(p: float, number: int) -> int:
    return round(p * (number + 1)) - 1


@dataclass(frozen=True, slots=True)
class _Foretold:
    """Of every moment, with the `design` (moments × parameters) that gives it by least squares from `seen`."""

    values: Series
    weights: tuple[float, ...]
    design: Series
    seen: Series


def _foretold_by_squares(y: Series, controls: Series, known: NDArray[np.bool_]) -> _Foretold:
    if len(controls) == 0:
        return _foretold_with_trend(y, controls, known)
    return _fitted(y, _not_too_many(controls, known), known)


def _foretold_with_trend(y: Series, controls: Series, known: NDArray[np.bool_]) -> _Foretold:
    return _fitted(y, np.vstack([controls, np.arange(len(y), dtype=float)]), known)


def _not_too_many(controls: Series, known: NDArray[np.bool_]) -> Series:
    """The controls, or their mean where least squares would have too few moments for each."""
    few = len(controls) * _PER_CONTROL > known.sum()
    return controls.mean(axis=0, keepdims=True) if few else controls


def _fitted(y: Series, rows: Series, known: NDArray[np.bool_]) -> _Foretold:
    middle, width = rows[:, known].mean(axis=1, keepdims=True), rows[:, known].std(axis=1, keepdims=True)
    varies = width[:, 0] > 1e-12 * (1 + np.abs(middle[:, 0]))
    design = np.vstack([np.ones(len(y)), (rows[varies] - middle[varies]) / width[varies]]).T
    fitted, *_ = np.linalg.lstsq(design[known], y[known], rcond=None)
    return _Foretold(design @ fitted, tuple(fitted[1:].tolist()), design, y)


def _foretold_by_mix(y: Series, controls: Series, known: NDArray[np.bool_]) -> _Foretold:
    """Among the controls that have a weight, the mix is what least squares gives of distances to one of them."""
    level, levels = y[known].mean(), controls[:, known].mean(axis=1)
    around = controls - levels[:, None]
    weights = _mix((around[:, known] - (y[known] - level)).T)
    used = around[weights > 1e-9]
    design = np.vstack([np.ones(len(y)), used[1:] - used[0]]).T
    return _Foretold(level + weights @ around, tuple(weights.tolist()), design, y - used[0])


def _mix(apart: Series) -> Series:
    """The weights, none negative, that add up to 1 and make `apart @ weights` smallest.

    A row of ones that asks for a sum of 1 only scales the best weights, so least squares with non-negative weights
    finds them exactly.
    """
    from scipy.optimize import nnls  # 0.1 s to import, and no audit without an interruption needs it

    scale = float(np.abs(apart).max()) or 1.0
    count = apart.shape[1]
    weights, _ = nnls(np.vstack([apart / scale, np.ones(count)]), np.append(np.zeros(len(apart)), 1.0))
    found: Series = weights / weights.sum() if weights.sum() > 0 else np.full(count, 1 / count)
    return found


_Design = Callable[[Series, Series, NDArray[np.bool_]], _Foretold]


def _gap(method: str, y: Series, controls: Series, start: int, design: _Design) -> Gap:
    everything = np.arange(len(y))
    known, ahead = everything < start, everything >= start
    fit = design(y, controls, known)
    left = y - fit.values
    mean = float(left[ahead].mean())
    if abs(mean) <= 1e-12 * (1 + float(np.abs(y).max())):
        mean = 0.0  # of a series that never varies, rounding alone would lie off zero
    half = _half_width(fit, known)
    foretold = float(fit.values[ahead].mean())
    in_time = _in_time(y, controls, start, int(ahead.sum()), design)
    in_space = _in_space(controls, known, design) if design is _foretold_by_mix else []
    return Gap(
        method=method,
        mean=mean,
        low=mean - half,
        high=mean + half,
        share=mean / foretold if foretold > 0 else None,
        pre_rmse=float(np.sqrt((left[known] ** 2).mean())),
        placebos_time=len(in_time),
        p_time=_rank(mean, in_time),
        placebos_space=len(in_space),
        p_space=_rank(_contrast(left, known), in_space),
        weights=fit.weights,
        foretold=tuple(fit.values.tolist()),
    )


def _half_width(fit: _Foretold, known: NDArray[np.bool_]) -> float:
    """Half of the 95 % interval of the mean gap: it is off by the noise after, less what the fit took for more."""
    moments = np.arange(len(known))
    fitted = fit.design[known][:, : max(1, int(known.sum()) - 1)]  # never as many weights as moments
    error = np.full(len(known), 1 / int((~known).sum()))
    error[known] = -fit.design[~known, : fitted.shape[1]].mean(axis=0) @ np.linalg.pinv(fitted)
    return spread(fitted, moments[known], fit.seen[known], error, moments).half()


def _in_time(y: Series, controls: Series, start: int, after: int, design: _Design) -> list[float]:
    """The gap at every half length before the interruption, foretold from what lies outside of it."""
    found = []
    moments = np.arange(start)
    for last in range(start, after - 1, -max(1, after // 2)):
        ahead = (moments >= last - after) & (moments < last)
        if (~ahead).sum() < max(3, PRE // 2):
            continue
        fit = design(y[:start], controls[:, :start], ~ahead)
        found.append(float((y[:start] - fit.values)[ahead].mean()))
    return found


def _in_space(controls: Series, known: NDArray[np.bool_], design: _Design) -> list[float]:
    """The contrast of each control, had it been the treated one, against the others."""
    if len(controls) <= PLACEBOS:
        return []
    found = []
    for index in range(len(controls)):
        fit = design(controls[index], np.delete(controls, index, axis=0), known)
        found.append(_contrast(controls[index] - fit.values, known))
    return found


def _contrast(left: Series, known: NDArray[np.bool_]) -> float:
    """How much worse the fit is after than before: a control that never fitted is no placebo for one that did (Abadie,
    Diamond, Hainmueller 2010)."""
    before = float((left[known] ** 2).mean())
    return float(np.sqrt((left[~known] ** 2).mean() / before)) if before > 0 else math.inf


def _rank(mean: float, placebos: Sequence[float]) -> float | None:
    if not placebos:
        return None
    return (1 + sum(abs(one) >= abs(mean) * (1 - 1e-9) for one in placebos)) / (len(placebos) + 1)
