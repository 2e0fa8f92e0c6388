"""Whose report it is: a consultant's name, logo, colour and own introduction, as plain records."""

from __future__ import annotations

from dataclasses import dataclass

ACCENT = "#12527f"


@dataclass(frozen=True, slots=True)
class Run:
    """`spaced`: a space stands before it."""

    text: str
    strong: bool = False
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (one item) or a list."""

    listed: bool
    items: tuple[tuple[Run, ...], ...]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """`logo` is a PNG or SVG that was checked, `kind` which; `accent` a colour of #rrggbb that reads on white."""

    name: str = ""
    logo: bytes = b""
    kind: str = ""
    accent: str = ACCENT
    introduction: tuple[Block, ...] = ()


PLAIN = Letterhead()
