"""Events that were taken in, as hashes: what was sent once has no effect a second time, however late it comes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from crosspost.store.store import Scope
from crosspost.store.tables import received


def contents(scope: Scope, event: str) -> frozenset[str]:
    """What an event said, each time it was taken in. It and they are hashes."""
    rows = scope.connection.execute(
        select(received.c.content).where(received.c.brand_id == scope.brand_id, received.c.event == event)
    )
    return frozenset(rows.scalars())


def remember(scope: Scope, event: str, content: str, now: datetime) -> None:
    """An event was taken in. Raises IntegrityError when it is at the same moment, by somebody else."""
    scope.connection.execute(insert(received).values(brand_id=scope.brand_id, event=event, content=content, at=now))
