"""The conditional odds ratio of a two by two table, with its exact interval.

Given both margins, the first cell is a noncentral hypergeometric of the odds ratio alone. The estimate is the ratio at
which the cell seen is the expected one; the interval holds the ratios that neither tail refuses (Cornfield 1956;
Fisher 1962).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from crosspost.audit.credit.paths import Floats
from crosspost.audit.special import gammaln

_FAR = 60.0  # log odds: beyond it nothing is told apart
_HALVINGS = 54  # to the last digit of a log odds


def conditional_odds(a: int, b: int, c: int, d: int, level: float = 0.95) -> tuple[float, float, float]:
    """(estimate, low, high) of [[a, b], [c, d]]; 0 and infinity where a cell at the edge allows them.

    The estimate is nan where a margin is empty: then no ratio is told apart from another.
    """
    row, other, column = a + b, c + d, a + c
    if min(row, other, column, b + d) == 0:
        return math.nan, 0.0, math.inf
    first, last = max(0, column - other), min(row, column)
    cells = np.arange(first, last + 1)
    logs = -(gammaln(cells + 1) + gammaln(row - cells + 1) + gammaln(column - cells + 1)
             + gammaln(other - column + cells + 1))  # fmt: skip

    def weights(log_odds: float) -> Floats:
        raised = logs + cells * log_odds
        found = np.exp(raised - raised.max())
        shares: Floats = found / found.sum()
        return shares

    def expected(log_odds: float) -> float:
        return float(weights(log_odds) @ cells)

    def at_least(log_odds: float) -> float:
        return float(weights(log_odds)[a - first :].sum())

    def at_most(log_odds: float) -> float:
        return float(weights(log_odds)[: a - first + 1].sum())

    tail = (1 - level) / 2
    estimate = 0.0 if a == first else math.inf if a == last else math.exp(_root(expected, a))
    low = 0.0 if a == first else math.exp(_root(at_least, tail))
    high = math.inf if a == last else math.exp(_root(lambda odds: -at_most(odds), -tail))
    return estimate, low, high


def _root(rising: Callable[[float], float], wanted: float) -> float:
    """Where a rising function of log odds comes to `wanted`."""
    low, high = -_FAR, _FAR
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if rising(middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2
