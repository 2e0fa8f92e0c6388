"""A network's limits as data: number, unit, link cost, source, and the day it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from crosspost.domain.errors import BadInput

Unit = Literal[
    "weighted characters",  # twitter-text's count
    "characters",  # graphemes with links at a fixed cost (Mastodon)
    "graphemes",
    "utf-8 bytes",
    "utf-16 units",
    "escaped utf-16 units",  # of LinkedIn's little text, backslashes included
    "code points",
    "threads characters",  # code points, what belongs to an emoji by its UTF-8 bytes
    "hashtags",
    "unique links",
]


COUNTED: frozenset[Unit] = frozenset({"hashtags", "unique links"})  # things in a text, not its length


@dataclass(frozen=True, slots=True)
class AtMost:
    """`max` of `unit`; `link_cost` is what any link counts, None where a link counts as written."""

    max: int
    unit: Unit
    link_cost: int | None = None


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What a network takes of an image beside its bytes; sizes in pixels, None where it names none.

    `ratio` is width by height, from the narrowest to the widest; `advised` the one it shows best. `source` and
    `read_on` stand here where they are others than those of the text.
    """

    kinds: tuple[str, ...] = ("image/jpeg", "image/png")  # of those that can be made
    widest: int | None = None
    longest: int | None = None
    pixels: int | None = None
    ratio: tuple[float, float] | None = None
    advised: float | None = None
    card_bytes: int | None = None  # of a card's picture, where that is less than an image's
    source: str | None = None
    read_on: date | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """`title` is of a post's own title, where the network has one; `needs_image`: without one there is no post.

    `reply` is of a first comment's text; None where that has the post's own limits.
    """

    text: tuple[AtMost, ...]
    images: int
    alt_text: int | None
    image_bytes: int | None
    source: str
    read_on: date
    title: AtMost | None = None
    needs_image: bool = False
    image: ImageLimits = ImageLimits()
    reply: tuple[AtMost, ...] | None = None

    @property
    def of_reply(self) -> Limits:
        """As a reply is measured: it has no image of its own."""
        return replace(self, text=self.reply or self.text, title=None, needs_image=False)


@dataclass(frozen=True, slots=True)
class Measured:
    """One limit and what a text takes of it."""

    limit: AtMost
    length: int

    @property
    def fits(self) -> bool:
        return self.length <= self.limit.max

    @property
    def over(self) -> int:
        """How much too long, in the limit's unit; 0 where it fits."""
        return max(0, self.length - self.limit.max)


def overridden(limits: Limits, settings: Mapping[str, str]) -> Limits:
    """The limits of one account, with what its settings say otherwise. Raises BadInput.

    `text_limit` replaces the maximum of the first unit: for a Premium account on X (25000) or a Mastodon instance with
    its own. `link_cost`, `alt_limit`, `image_bytes` and `image_pixels` are what an instance tells of itself.
    """
    first, *others = limits.text
    if (most := _whole(settings, "text_limit")) is not None:
        first = replace(first, max=most)
    if first.link_cost is not None and (cost := _whole(settings, "link_cost")) is not None:
        first = replace(first, link_cost=cost)
    pixels = _whole(settings, "image_pixels")
    return replace(
        limits,
        text=(first, *others),
        alt_text=_whole(settings, "alt_limit") or limits.alt_text,
        image_bytes=_whole(settings, "image_bytes") or limits.image_bytes,
        image=limits.image if pixels is None else replace(limits.image, pixels=pixels),
    )


def _whole(settings: Mapping[str, str], name: str) -> int | None:
    written = settings.get(name)
    if written is None:
        return None
    if not (written.isascii() and written.isdigit() and int(written) > 0):
        raise BadInput(f"{name} is {written!r}", remedy="write a whole number of at least 1, such as 500")
    return int(written)
