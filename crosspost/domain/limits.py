"""A network's limits as data: number, unit, link cost, source, and the day it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Unit = Literal[
    "weighted characters",  # twitter-text's count
    "characters",  # graphemes with links at a fixed cost (Mastodon)
    "graphemes",
    "utf-8 bytes",
    "utf-16 units",
    "code points",
]


@dataclass(frozen=True, slots=True)
class AtMost:
    """`max` of `unit`; `link_cost` is what any link counts, None where a link counts as written."""

    max: int
    unit: Unit
    link_cost: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    text: tuple[AtMost, ...]
    images: int
    alt_text: int | None
    image_bytes: int | None
    source: str
    read_on: date
