"""A brand's API keys. Only their hashes are kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from crosspost.domain.access import ApiKey, KeyScope
from crosspost.domain.errors import NotFound
from crosspost.store.store import Scope
from crosspost.store.tables import api_key


def add(scope: Scope, new: ApiKey, key_hash: str) -> None:
    """A new key of the brand."""
    scope.connection.execute(
        insert(api_key).values(
            id=new.id, brand_id=scope.brand_id, name=new.name, prefix=new.prefix, key_hash=key_hash,
            scope=new.scope.value, created_at=new.created_at, created_by=new.created_by,
        )
    )  # fmt: skip


def all_of(scope: Scope) -> list[ApiKey]:
    """The brand's keys, the revoked ones too, oldest first."""
    rows = scope.connection.execute(
        select(api_key).where(api_key.c.brand_id == scope.brand_id).order_by(api_key.c.created_at, api_key.c.id)
    )
    return [_key(row) for row in rows]


def live(scope: Scope, key_hash: str) -> ApiKey | None:
    """The brand's key of that hash, unless it was revoked."""
    row = scope.connection.execute(
        select(api_key).where(
            api_key.c.brand_id == scope.brand_id, api_key.c.key_hash == key_hash, api_key.c.revoked_at.is_(None)
        )
    ).one_or_none()
    return None if row is None else _key(row)


def used(scope: Scope, key_id: str, day: date) -> None:
    """A key was used on that day."""
    scope.connection.execute(
        update(api_key).where(api_key.c.brand_id == scope.brand_id, api_key.c.id == key_id).values(used_on=day)
    )


def revoke(scope: Scope, prefix: str, now: datetime) -> ApiKey:
    """Let a key open nothing from now on. Raises NotFound. A revoked one keeps its day."""
    row = scope.connection.execute(
        select(api_key).where(api_key.c.brand_id == scope.brand_id, api_key.c.prefix == prefix)
    ).one_or_none()
    if row is None:
        raise NotFound(f"no API key begins with {prefix!r}", remedy="see `crosspost apikey list`")
    if row.revoked_at is None:
        scope.connection.execute(
            update(api_key).where(api_key.c.brand_id == scope.brand_id, api_key.c.id == row.id).values(revoked_at=now)
        )
    return _key(row)


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        row.id, row.name, row.prefix, KeyScope(row.scope), row.created_at, row.created_by,
        None if row.used_on is None else row.used_on.isoformat(), row.revoked_at,
    )  # fmt: skip
