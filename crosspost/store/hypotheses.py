"""Hypotheses as they were locked, and when somebody looked at the data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, insert, select, update

from crosspost.domain.errors import Conflict, NotFound
from crosspost.domain.hypothesis import Content, canonical, fingerprint
from crosspost.domain.ids import new_id
from crosspost.domain.period import Period
from crosspost.store.events import record
from crosspost.store.store import Scope
from crosspost.store.tables import hypothesis, look


@dataclass(frozen=True, slots=True)
class StoredHypothesis:
    """`sha256` is the hash of the day it was locked. `looked`: why it was locked after looking."""

    id: str
    key: str
    content: Content
    sha256: str
    locked_at: datetime
    looked: str | None


def lock(scope: Scope, content: Content, looked: str | None, now: datetime, *, who: str) -> StoredHypothesis:
    """Register what is locked. Raises Conflict when the key is taken: what is locked is never locked anew."""
    key = content["key"]
    if any(one.key == key for one in locked(scope)):
        raise Conflict(f"{key} is locked already", remedy="give it another key")
    made = StoredHypothesis(new_id(now), key, content, fingerprint(content), now, looked)
    scope.connection.execute(
        insert(hypothesis).values(
            id=made.id, brand_id=scope.brand_id, key=key, content=canonical(content), sha256=made.sha256,
            locked_at=now, looked=looked,
        )
    )  # fmt: skip
    record(scope, "hypothesis locked", made.id, who=who, now=now, key=key, sha256=made.sha256)
    return made


def locked(scope: Scope) -> list[StoredHypothesis]:
    """The brand's locked hypotheses, oldest first."""
    rows = scope.connection.execute(
        select(hypothesis)
        .where(hypothesis.c.brand_id == scope.brand_id)
        .order_by(hypothesis.c.locked_at, hypothesis.c.key)
    )
    return [_stored(row) for row in rows]


def of_key(scope: Scope, key: str) -> StoredHypothesis:
    """The brand's hypothesis of that key. Raises NotFound."""
    found = next((one for one in locked(scope) if one.key == key), None)
    if found is None:
        raise NotFound(f"no hypothesis {key!r} is locked", remedy="see `crosspost hypothesis list`")
    return found


def add_look(scope: Scope, kind: str, period: Period, now: datetime) -> None:
    """Somebody looked at what was known of a period. Looks of one kind within a day are one row."""
    mine = look.c.brand_id == scope.brand_id, look.c.kind == kind, look.c.at > now - timedelta(days=1)
    known = scope.connection.execute(select(look).where(*mine)).first()
    if known is not None:
        wider = {"at": now, "since": min(known.since, period.start), "until": max(known.until, period.end)}
        scope.connection.execute(
            update(look).where(look.c.brand_id == scope.brand_id, look.c.id == known.id).values(wider)
        )
        return
    scope.connection.execute(
        insert(look).values(
            id=new_id(now), brand_id=scope.brand_id, at=now, kind=kind, since=period.start, until=period.end
        )
    )


def last_look(scope: Scope, since: datetime) -> tuple[str, datetime] | None:
    """The latest look at anything that happened from `since` on: (kind, instant)."""
    row = scope.connection.execute(
        select(look.c.kind, look.c.at)
        .where(look.c.brand_id == scope.brand_id, look.c.until > since, look.c.at > since)
        .order_by(look.c.at.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.kind, row.at)


def _stored(row: Row[tuple[object, ...]]) -> StoredHypothesis:
    return StoredHypothesis(row.id, row.key, json.loads(row.content), row.sha256, row.locked_at, row.looked)
