"""The files people bring: one file per kind and one line here. A kind is recognised by its header, never by hope."""

from __future__ import annotations

from crosspost.domain.errors import BadInput
from crosspost.imports import business, posts, reactions
from crosspost.imports.shape import Kind
from crosspost.imports.sheet import Sheet

KINDS: tuple[Kind, ...] = (
    business.LEADS,
    business.DEALS,
    business.EFFORTS,
    posts.POSTS,
    posts.FOLLOWERS,
    reactions.REACTIONS,
)


def recognise(sheet: Sheet) -> Kind:
    """The one kind whose header fits. Raises BadInput naming what was found and what would fit."""
    fitting = [kind for kind in KINDS if kind.fits(sheet.header)]
    if fitting:
        return max(fitting, key=lambda kind: len(kind.matched(sheet.header)))
    raise BadInput(
        f"no kind of file has the columns {', '.join(sheet.header[:12]) or '(none)'}",
        where=sheet.name,
        remedy="; ".join(f"{kind.name}: {kind.needs}" for kind in KINDS),
    )
