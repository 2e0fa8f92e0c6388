"""All models side by side over the same path counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crosspost.audit.credit import heuristics, markov, shapley
from crosspost.audit.credit.paths import Floats, PathCounts
from crosspost.audit.credit.windows import TooLarge

ORDERS = (1, 2, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Credit:
    """`conversions` and `value` hold, per model, the credit of each channel in the order of `channels`.

    `rate_players` and `rate_credit` are the rate game's own: above 20 channels the smaller ones play as one, and it
    then stands in neither of the two. `removals` are by order; `too_large` says why one of them is not there.
    """

    channels: tuple[str, ...]
    conversions: Mapping[str, Floats]
    value: Mapping[str, Floats]
    removals: Mapping[int, markov.Removal]
    too_large: Mapping[int, str]
    rate_players: tuple[str, ...]
    rate_credit: Floats

    def band(self) -> tuple[Floats, Floats]:
        """The lowest and the highest credit of each channel over the models that name it."""
        table = np.stack(list(self.conversions.values()))
        return table.min(axis=0), table.max(axis=0)

    def leaders(self) -> dict[str, str | None]:
        """The channel that each model puts first; None where it has two of them."""
        tops = {
            model: np.flatnonzero(credit >= credit.max() * (1 - 1e-12)) for model, credit in self.conversions.items()
        }
        return {model: self.channels[top[0]] if len(top) == 1 else None for model, top in tops.items()}

    def first(self) -> str | None:
        """The channel that every model puts first; None where they do not agree, or tie."""
        leaders = set(self.leaders().values())
        return leaders.pop() if len(leaders) == 1 else None


def compare(counts: PathCounts, orders: tuple[int, ...] = ORDERS, half_life: float = heuristics.HALF_LIFE) -> Credit:
    """The credit of each channel under each model. Each model's conversions, and each one's value, add up to all."""
    won, worth = counts.conversions.astype(np.float64), counts.value_minor.astype(np.float64)
    conversions = heuristics.heuristics(counts, won, half_life)
    value = heuristics.heuristics(counts, worth, half_life)
    removals: dict[int, markov.Removal] = {}
    too_large: dict[int, str] = {}
    for order in orders:
        try:
            removals[order] = markov.removal(markov.chain(counts, order))
        except TooLarge as error:
            too_large[order] = str(error)
    for order, found in removals.items():
        conversions[f"markov_{order}"] = found.credit(counts.converted())
        value[f"markov_{order}"] = found.credit(counts.value(), by_value=True)
    conversions["shapley_sum"] = shapley.sum_game(counts, won)
    value["shapley_sum"] = shapley.sum_game(counts, worth)
    players, rate = shapley.rate_game(counts)
    rate_credit = rate * counts.walked()
    if tuple(players) == counts.channels:
        conversions["shapley_rate"] = rate_credit
    return Credit(counts.channels, conversions, value, removals, too_large, tuple(players), rate_credit)
