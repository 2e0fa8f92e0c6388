"""What is drawn by lot: which weeks each network posts in, and how those weeks may have fallen otherwise.

Two designs of weeks. PAIRED: blocks of `block` weeks in pairs, one on and one off, a coin per pair; robust to a trend.
COINS: a fair coin at some weeks, its arm kept until the next one. For a carry-over of m weeks and T = n m weeks the
coins stand at weeks 1, 2m + 1, 3m + 1, …, (n - 2)m + 1 (Bojinov, Simchi-Levi, Zhao 2023, “Design and analysis of
switchback experiments”, their best design against the worst outcomes; a test finds it again among all designs for small
T).

Several networks are drawn independently in the same weeks. Coins come from SHA-256 of the seed, the stratum, the
network's name and the coin's number: the schedule of a seed is the same on every machine and in every version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from crosspost.domain.errors import BadInput

LEVEL = 0.05  # two-sided
LEAST_PAIRS = 6  # 2 / 2^5 = 0.0625 can never reject at 5 %; 2 / 2^6 = 0.031 can


class Kind(StrEnum):
    PAIRED = "paired"
    COINS = "bojinov"


class Statistic(StrEnum):
    MEANS = "difference in means"  # of PAIRED, after dropping the first weeks of each block
    HAJEK = "hajek"  # of COINS: weighted means over weeks whose last m + 1 arms agree
    HORVITZ_THOMPSON = "horvitz_thompson"  # of COINS: unbiased, and noisier


@dataclass(frozen=True, slots=True)
class Design:
    """An experiment on weeks, complete before its first one.

    `block` is L, the weeks of a block (PAIRED only). `carry_over` is m: so many weeks of each block are dropped
    (PAIRED), or so many weeks before a week must have had its arm (COINS). `outcome` is the primary one, `margin` its
    smallest rise of interest as a share of the off-weeks' mean. `strata` are accounts that are drawn and tested
    together, each with coins of its own: brands of a consultant; empty for one brand. Raises BadInput where nothing
    can be drawn.
    """

    kind: Kind
    weeks: int
    networks: tuple[str, ...]
    seed: int
    block: int = 2
    carry_over: int = 1
    outcome: str = "leads"
    margin: float = 0.20
    statistic: Statistic = Statistic.MEANS
    strata: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.networks or len(set(self.networks)) < len(self.networks):
            raise BadInput("an experiment needs at least one network, and each only once", remedy="name the networks")
        if self.margin <= 0:
            raise BadInput(f"a margin of {self.margin:g} is no rise", remedy="give a share above zero, such as 0.20")
        if (self.kind is Kind.PAIRED) != (self.statistic is Statistic.MEANS):
            raise BadInput(f"{self.statistic} does not go with the design {self.kind}", remedy="leave it out")
        if self.kind is Kind.PAIRED:
            _check_pairs(self.weeks, self.block, self.carry_over)
        else:
            points(self.weeks, self.carry_over)

    @property
    def pairs(self) -> int:
        """Pairs of blocks; 0 in a design of coins."""
        return self.weeks // (2 * self.block) if self.kind is Kind.PAIRED else 0

    @property
    def coins(self) -> tuple[int, ...]:
        """The weeks, from 1, at which a coin is tossed: a PAIRED coin decides its whole pair."""
        if self.kind is Kind.PAIRED:
            return tuple(1 + 2 * self.block * pair for pair in range(self.pairs))
        return points(self.weeks, self.carry_over)

    @property
    def smallest_p(self) -> float:
        """The smallest two-sided p that the design can give: an assignment and its opposite are always as extreme."""
        return min(1.0, 2.0 ** (1 - len(self.coins) * max(1, len(self.strata))))

    def check_can_reject(self) -> None:
        """Raises BadInput where no outcome whatever could give p under 5 %."""
        if self.smallest_p <= LEVEL:
            return
        if self.kind is Kind.PAIRED:
            have = f"{self.pairs} pair{'s' * (self.pairs != 1)} of {2 * self.block} weeks"
            need = 2 * self.block * LEAST_PAIRS
        else:
            have = f"{len(self.coins)} coins"
            need = (LEAST_PAIRS + 2) * max(1, self.carry_over)
        raise BadInput(
            f"{have} can give no p under {self.smallest_p:.4g}: whatever happens, nothing could be concluded",
            remedy=f"plan {need} weeks at least, or shorter blocks",
        )


def _check_pairs(weeks: int, block: int, carry_over: int) -> None:
    if block < 1 or not 0 <= carry_over < block:
        raise BadInput(
            f"of blocks of {block} weeks, {carry_over} cannot be dropped",
            remedy="blocks need more weeks than the washout takes",
        )
    if weeks < 2 * block or weeks % (2 * block):
        fitting = max(1, weeks // (2 * block)) * 2 * block
        raise BadInput(
            f"{weeks} weeks are no whole number of pairs of {block}-week blocks", remedy=f"plan {fitting} weeks"
        )


def points(weeks: int, carry_over: int) -> tuple[int, ...]:
    """The weeks, from 1, of the coins in a design of COINS. Raises BadInput unless weeks = n · carry_over, n ≥ 4."""
    if carry_over == 0:
        return tuple(range(1, weeks + 1))
    n, rest = divmod(weeks, carry_over)
    if carry_over < 0 or rest or n < 4:
        fitting = max(4, n) * abs(carry_over)
        raise BadInput(
            f"{weeks} weeks cannot carry coins for a carry-over of {carry_over}: it takes a multiple of it, 4 at least",
            remedy=f"plan {fitting} weeks",
        )
    return (1, *(k * carry_over + 1 for k in range(2, n - 1)))


def arms_of(design: Design, coins: Sequence[int]) -> tuple[int, ...]:
    """The arm of each week, 1 on and 0 off, when the coins of one network fall so."""
    if design.kind is Kind.PAIRED:
        return tuple(arm for coin in coins for arm in (*(coin,) * design.block, *(1 - coin,) * design.block))
    starts = (*design.coins, design.weeks + 1)
    return tuple(
        coin for coin, start, end in zip(coins, starts[:-1], starts[1:], strict=True) for _ in range(end - start)
    )


def toss(seed: int, stratum: str, network: str, number: int) -> int:
    """Coin `number` (from 0) of a network: 0 or 1."""
    text = f"crosspost coin\x1f{seed}\x1f{stratum}\x1f{network}\x1f{number}"
    return hashlib.sha256(text.encode()).digest()[0] & 1


def schedule(design: Design, stratum: str = "") -> dict[str, tuple[int, ...]]:
    """For each network the arm of each week, 1 on and 0 off: what the seed says, for one of the strata."""
    return {
        network: arms_of(design, [toss(design.seed, stratum, network, one) for one in range(len(design.coins))])
        for network in design.networks
    }
