"""Texts that are drawn by lot: which of an experiment's text arms each post gets, and whether that could show anything.

The unit is a post: one article on one account. On each account the posts stand in blocks in the order in which they
are drawn, as many to a block as there are arms, each arm once in a block (permuted blocks). The order within a block
comes from SHA-256 of the seed, the account's stratum, the block's number and the arm's name: the draw of a seed is the
same on every machine, whoever plans and when.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from crosspost.audit.experiments.design import LEVEL
from crosspost.domain.errors import BadInput
from crosspost.domain.message import say

TEXTS = "texts"  # the kind of a locked design whose arms are texts
OUTCOME = "clicks"
UNIT = say("share of the control's mean")  # of the margin
MOST_ARMS = 6
_NAME = re.compile(r"[^\W_][\w-]{0,31}")


@dataclass(frozen=True, slots=True)
class TextDesign:
    """An experiment on texts, complete before its first post.

    `arms` are names, the control first, and `texts` their templates in that order. `posts` are planned on each of
    `accounts` accounts, within `weeks` weeks. A post's outcome is the clicks of surely people on its link up to the
    end of the `days`-th UTC day after it went out. `margin` is the smallest rise of interest, as a share of the
    control's mean. Raises BadInput where nothing can be drawn.
    """

    arms: tuple[str, ...]
    texts: tuple[str, ...]
    networks: tuple[str, ...]
    seed: int
    posts: int
    accounts: int
    weeks: int
    days: int
    margin: float

    def __post_init__(self) -> None:
        if not 2 <= len(self.arms) <= MOST_ARMS:
            raise BadInput(
                f"{len(self.arms)} text arms cannot be compared", remedy=f"name two to {MOST_ARMS}: --arm NAME=TEXT"
            )
        for name in self.arms:
            if not _NAME.fullmatch(name):
                raise BadInput(f"{name!r} is no name of an arm", remedy="letters, digits, - and _, at most 32")
        if len({one.casefold() for one in self.arms}) < len(self.arms):
            raise BadInput("two arms have one name", remedy="give each a name of its own")
        for at, text in enumerate(self.texts):
            if (same := self.texts.index(text)) < at:
                raise BadInput(
                    f"the arms {self.arms[same]} and {self.arms[at]} have the same text", remedy="change one of them"
                )
        if self.margin <= 0:
            raise BadInput(f"a margin of {self.margin:g} is no rise", remedy="give a share above zero, such as 20%")

    @property
    def control(self) -> str:
        return self.arms[0]

    @property
    def blocks(self) -> int:
        """Whole blocks that are planned, of all accounts."""
        return self.accounts * (self.posts // len(self.arms))

    def smallest_p(self, blocks: int) -> float:
        """The smallest two-sided p of an arm against the control, adjusted for as many arms: the two change places
        in each block or not, and all the other way round is always as extreme."""
        return min(1.0, 2.0 ** (1 - blocks) * (len(self.arms) - 1))

    @property
    def least_blocks(self) -> int:
        """The fewest blocks that can give p of 5 % or less."""
        return next(number for number in range(1, 99) if self.smallest_p(number) <= LEVEL)

    def check_can_reject(self) -> None:
        """Raises BadInput where no clicks whatever could give p of 5 % or less."""
        if self.blocks >= self.least_blocks:
            return
        size = len(self.arms)
        each = -(-self.least_blocks // max(1, self.accounts)) * size
        raise BadInput(
            f"{self.blocks} block{'s' * (self.blocks != 1)} of {size} posts can give no p under "
            f"{self.smallest_p(self.blocks):.4g}: whatever happens, nothing could be concluded",
            remedy=f"plan {each} posts on each account at least: --posts {each}",
        )

    def arm_of(self, stratum: str, number: int) -> str:
        """The arm of post `number` (from 1) of an account."""
        block, place = divmod(number - 1, len(self.arms))

        def lot(arm: str) -> bytes:
            return hashlib.sha256(f"crosspost text\x1f{self.seed}\x1f{stratum}\x1f{block}\x1f{arm}".encode()).digest()

        return sorted(self.arms, key=lot)[place]

    def as_locked(self) -> dict[str, Any]:
        """What a hypothesis file holds of it."""
        told = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {"kind": TEXTS, "outcome": OUTCOME, **told}


def is_of_texts(locked: Mapping[str, object]) -> bool:
    """Whether a locked design draws texts; else it draws weeks."""
    return locked.get("kind") == TEXTS


def text_design_of(locked: Mapping[str, Any]) -> TextDesign:
    """The design that `TextDesign.as_locked` wrote; other entries are no part of it."""
    return TextDesign(
        tuple(locked["arms"]), tuple(locked["texts"]), tuple(locked["networks"]), locked["seed"], locked["posts"],
        locked["accounts"], locked["weeks"], locked["days"], locked["margin"],
    )  # fmt: skip
