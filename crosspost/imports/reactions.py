"""A list of who reacted to which post, as people bring it. Names are read to be hashed, and no message repeats one."""

from __future__ import annotations

from collections.abc import Sequence

from crosspost.domain.errors import BadInput
from crosspost.domain.reactor import Reactor
from crosspost.imports.dates import instants
from crosspost.imports.shape import Context, Facts, Row
from crosspost.imports.sheet import Sheet

_KIND = 16  # characters: like, repost, comment…


def reactions(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    found = []
    for row, at in zip(rows, instants(rows, "at", context), strict=True):
        network = (row.get("network") or context.network or "").lower()
        if not network:
            raise BadInput("does not say on which network", where=row.where, remedy="--network linkedin")
        kind = (row.get("kind") or "like").lower()
        if len(kind) > _KIND:
            raise BadInput("the kind of reaction is too long", where=row.where, remedy="write like, repost or comment")
        handle = row.need("handle")
        if not handle.strip().removeprefix("@"):
            raise BadInput("handle is empty", where=row.where, remedy="fill it in, or remove the row")
        found.append((row.line, network, row.need("post"), Reactor(kind, handle, at=at)))
    return Facts(reactions=tuple(found), totals={"reactions": str(len(found))})
