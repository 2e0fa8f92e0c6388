"""How a finding of an observation is put together: one sentence, and a verdict that blocked data cannot have."""

from __future__ import annotations

from collections.abc import Sequence

from crosspost.audit.results import Assumption, Claim, Estimate, Finding, Verdict, stated
from crosspost.domain.message import capital


def finding(
    blocked: str | None,
    claim: Claim,
    verdict: Verdict,
    *,
    estimate: Estimate | None,
    n: int,
    planned: int,
    counted: str,
    missing: str | None,
    body: str,
    caveats: Sequence[str],
    assumptions: Sequence[Assumption],
    scaled_margin: float | None = None,
) -> Finding:
    """`body` says what was seen, without a full stop at its end; it may be empty.

    `blocked` is why the data allow no verdict at all, or None.
    """
    if blocked:
        verdict, missing = Verdict.NOT_ENOUGH_DATA, blocked
    told = capital(body) + "." if body else ""
    return Finding(
        claim=claim,
        verdict=verdict,
        estimate=estimate,
        bounds=None,
        n=n,
        planned=planned,
        missing=missing,
        caveats=tuple(caveats),
        assumptions=tuple(assumptions),
        sentence=stated(verdict, claim.text, claim.told_margin, told, missing),
        counted=counted,
        scaled_margin=scaled_margin,
    )


def measured(value: float, low: float, high: float, n: int, method: str, unit: str) -> Estimate:
    """A figure that is no share of anything."""
    return Estimate(value, low, high, 0.95, n, value, 1.0, method, unit)
