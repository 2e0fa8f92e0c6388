"""Segments of the hit log and of the visits' log whose files go once they were folded in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from crosspost.store.tables import segment


def ends(connection: Connection) -> dict[str, int]:
    """How many bytes of each segment are dealt with: what was folded, and what was no whole record at its end."""
    query = select(segment.c.name, segment.c.offset, segment.c.torn_bytes)
    return {row.name: row.offset + row.torn_bytes for row in connection.execute(query)}


def forget(connection: Connection, names: Sequence[str]) -> None:
    """These segments' files are gone."""
    connection.execute(delete(segment).where(segment.c.name.in_(names)))
