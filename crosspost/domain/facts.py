"""What a network cannot tell by its own methods, as data with its source and the day it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from crosspost.domain.costs import Prices


class CardBy(StrEnum):
    """Who makes the card under a link."""

    NETWORK = "the network"  # it reads the page
    CLIENT = "crosspost"  # it sends title, description and picture
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Facts:
    """`auth` says how one connects, `cost` and `review` what that takes, in a few words for a table.

    `variants` are the settings that change the delivery class, by what they are called: kinds of server or author.
    `apart`: the terms forbid to set numbers of its API beside other networks'. `fetches_images`: it takes an image's
    public address, not its bytes.
    """

    auth: str
    cost: str
    review: str
    card: CardBy
    source: str
    read_on: date
    variants: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    fetches_images: bool = False
    apart: bool = False
    prices: Prices | None = None
