"""Facts about the installation as a whole, one row each: heartbeat, stop switch, hold after a restore."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from crosspost.store.tables import installation

HEARTBEAT = "heartbeat"
STOPPED = "stopped"  # nothing is sent for any brand while this row exists; its value is the reason
HELD = "held"  # the same after a restore, until a person lifts it
RESTORED = "restored"  # the instant of the restored backup; there while HELD is, once every rule was applied


def put(connection: Connection, name: str, value: str, now: datetime) -> None:
    """Set a fact."""
    row = {"value": value, "at": now}
    changed = connection.execute(update(installation).where(installation.c.name == name).values(**row))
    if changed.rowcount == 0:
        connection.execute(insert(installation).values(name=name, **row))


def get(connection: Connection, name: str) -> tuple[str, datetime] | None:
    """A fact and when it was set; None when it is not."""
    row = connection.execute(select(installation.c.value, installation.c.at).where(installation.c.name == name)).first()
    return (row.value, row.at) if row else None


def remove(connection: Connection, name: str) -> bool:
    """Remove a fact; whether it was there."""
    return connection.execute(delete(installation).where(installation.c.name == name)).rowcount > 0
