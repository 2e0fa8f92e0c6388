"""Who did what, a row for each deed, in the transaction of the deed itself."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import insert

from crosspost.domain.ids import new_id
from crosspost.store.store import Scope
from crosspost.store.tables import event


def record(scope: Scope, what: str, subject_id: str, *, who: str, now: datetime, **detail: object) -> None:
    """Write down who did what."""
    scope.connection.execute(
        insert(event).values(
            id=new_id(now), brand_id=scope.brand_id, at=now, who=who, what=what, subject_id=subject_id,
            detail=json.dumps(detail, ensure_ascii=False, sort_keys=True),
        )
    )  # fmt: skip
