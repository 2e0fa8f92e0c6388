"""What leads answered to "how did you hear of us?", and the channel their words were read as."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from crosspost.store.store import Scope
from crosspost.store.tables import lead


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    lead_id: str
    source_id: str
    told: str
    channel: str | None


def told(scope: Scope) -> list[StoredAnswer]:
    """The brand's leads who answered, oldest first."""
    rows = scope.connection.execute(
        select(lead.c.id, lead.c.source_id, lead.c.told, lead.c.told_channel)
        .where(lead.c.brand_id == scope.brand_id, lead.c.told.is_not(None))
        .order_by(lead.c.contacted_at, lead.c.id)
    )
    return [StoredAnswer(*row) for row in rows]


def set_channel(scope: Scope, lead_id: str, channel: str | None) -> None:
    """Another reading of a lead's words."""
    scope.connection.execute(
        update(lead).where(lead.c.brand_id == scope.brand_id, lead.c.id == lead_id).values(told_channel=channel)
    )
