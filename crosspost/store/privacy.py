"""What a brand decided about its readers."""

from __future__ import annotations

import json

from sqlalchemy import delete, insert, select

from crosspost.domain.privacy import Mode, Privacy
from crosspost.store.store import Scope
from crosspost.store.tables import privacy


def of(scope: Scope) -> Privacy:
    """The brand's choices; the defaults where it made none."""
    row = scope.connection.execute(select(privacy).where(privacy.c.brand_id == scope.brand_id)).one_or_none()
    if row is None:
        return Privacy()
    return Privacy(
        Mode(row.mode), row.legal_basis, tuple(json.loads(row.sites)), row.referrer, row.user_agent, row.keep_hits,
        row.keep_visits,
    )  # fmt: skip


def put(scope: Scope, new: Privacy) -> None:
    """Keep these choices in place of the ones before."""
    scope.connection.execute(delete(privacy).where(privacy.c.brand_id == scope.brand_id))
    scope.connection.execute(
        insert(privacy).values(
            brand_id=scope.brand_id, mode=new.mode.value, legal_basis=new.legal_basis, sites=json.dumps(new.sites),
            referrer=new.referrer, user_agent=new.user_agent, keep_hits=new.keep_hits, keep_visits=new.keep_visits,
        )
    )  # fmt: skip
