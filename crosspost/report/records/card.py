"""The honest card: what is usually boasted beside what came of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFigure:
    """`value` None: not told, and `note` is the reason. `short` is the value where there is little room."""

    label: str
    value: str | None
    short: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """`seen` on one side, `came` on the other; `verdict` is the first claim's, in a sentence. `alt` tells all of it."""

    brand: str
    period: str
    notice: str | None  # the audience is simulated
    seen_title: str
    seen: tuple[CardFigure, ...]
    came_title: str
    came: tuple[CardFigure, ...]
    not_told: str
    verdict: str
    foot: str
    alt: str
