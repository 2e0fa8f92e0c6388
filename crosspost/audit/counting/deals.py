"""The money of a number of deals, with its interval: their number, with its exact limits, times what a deal brings.

Two or three deals do not tell how far deals lie apart: that is taken from the deals of all channels (decision 22).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from crosspost.audit import estimate
from crosspost.audit.ledger import LeadRow
from crosspost.audit.quantiles import quantile
from crosspost.audit.results import Absent
from crosspost.audit.section import SEED
from crosspost.domain.message import say
from crosspost.domain.money import Money

_DRAWS = 2000
AT_ONCE = 2_000_000  # draws: 32 MB with what they bring
Floats = NDArray[np.float64]


def amounts(deals: Sequence[LeadRow], currency: str) -> list[float]:
    """What deals brought, of those whose amount was told in `currency`, in its major unit; the least first."""
    known = sorted(one.amount_minor for one in deals if one.amount_minor is not None and one.currency == currency)
    return [float(Money.from_minor(one, currency).amount) for one in known]


def money_interval(deals: Sequence[LeadRow], currency: str, every: Sequence[LeadRow]) -> Sequence[float | Absent]:
    """95 % interval of the money that so many deals bring; `every` are the deals of all channels, these among them.

    Without a deal that brought any: what the most of them that fit would bring, at the mean of all channels.
    """
    told, all_told = amounts(deals, currency), amounts(every, currency)
    if deals and not told:
        return [Absent(say("no amount was told"))] * 2
    if not all_told:
        return [Absent(say("no deal of any channel has an amount"))] * 2
    paid = [one for one in told if one > 0]
    if paid:
        return _money_limits(paid, np.array([one for one in all_told if one > 0]))
    return [0.0, math.fsum(all_told) / len(all_told) * estimate.poisson_interval(0)[1]]


def _money_limits(paid: Sequence[float], every: Floats) -> list[float]:
    """95 % limits of the money of deals that brought `paid`: their number times their mean.

    Below, the mean is resampled from these deals alone (Bayesian bootstrap, Rubin 1981). Above, it is as far off its
    true figure as the mean of so many deals, drawn from all channels', is off that of them all: a channel's amounts may
    be smaller or larger than others', and as unlike each other. No mean is larger than the largest deal of any.
    """
    n, rng = len(paid), np.random.default_rng(SEED)
    # As exact limits of the number of deals (Garwood): the lower one of those seen, the upper one of one more. Draws
    # would tell them within a few per cent: they are scaled, so that deals all alike have the exact ones.
    number = rng.standard_gamma(n, _DRAWS)
    more = number + rng.standard_exponential(_DRAWS)
    own = np.array(paid)
    least = np.concatenate([_weighted(own, rows, rng) for rows in _rows(n)])
    drawn = np.concatenate([every[rng.integers(0, len(every), (rows, n))].mean(1) for rows in _rows(n)])
    most = np.minimum(own.mean() * every.mean() / drawn, every.max())
    low, high = estimate.poisson_interval(n)
    return [
        exact * float(quantile(one * means, p) / quantile(one, p))
        for one, means, p, exact in ((number, least, 0.025, low), (more, most, 0.975, high))
    ]


def _weighted(values: Floats, rows: int, rng: np.random.Generator) -> Floats:
    weights = rng.standard_exponential((rows, len(values)))
    return np.asarray(weights @ values / weights.sum(1))


def _rows(n: int) -> Iterator[int]:
    """_DRAWS rows of n places each, so many at once that a large ledger does not fill the memory."""
    rows = max(1, AT_ONCE // n)
    for start in range(0, _DRAWS, rows):
        yield min(rows, _DRAWS - start)
