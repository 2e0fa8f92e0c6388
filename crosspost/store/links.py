"""Tracked links: which code leads where, and whose it is."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from crosspost.domain.errors import Conflict, NotFound
from crosspost.domain.link import check_target
from crosspost.domain.period import aware
from crosspost.store.store import Scope
from crosspost.store.tables import link


@dataclass(frozen=True, slots=True)
class StoredLink:
    code: str
    delivery_id: str | None
    account_id: str | None
    target: str
    disabled_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a code is. Hits at or after `disabled_at` are hits on an unknown code."""

    brand_id: str
    disabled_at: datetime | None


def add(
    scope: Scope,
    code: str,
    target: str,
    now: datetime,
    *,
    delivery_id: str | None = None,
    account_id: str | None = None,
) -> None:
    """Register a link. Raises BadInput for a target no link may have, Conflict when the code is taken."""
    try:
        with scope.connection.begin_nested():
            scope.connection.execute(
                insert(link).values(
                    code=code, brand_id=scope.brand_id, delivery_id=delivery_id, account_id=account_id,
                    target=check_target(target), created_at=aware(now),
                )
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(f"the code {code!r} is taken", remedy="make another one") from None


def get(scope: Scope, code: str) -> StoredLink:
    """The brand's link of that code. Raises NotFound."""
    row = scope.connection.execute(
        select(link).where(link.c.brand_id == scope.brand_id, link.c.code == code)
    ).one_or_none()
    if row is None:
        raise NotFound(f"no link has the code {code!r}", remedy="see `crosspost link list`")
    return _link(row)


def all_of(scope: Scope) -> list[StoredLink]:
    """The brand's links, oldest first."""
    rows = scope.connection.execute(
        select(link).where(link.c.brand_id == scope.brand_id).order_by(link.c.created_at, link.c.code)
    )
    return [_link(row) for row in rows]


def disable(scope: Scope, code: str, now: datetime) -> None:
    """Answer this code as if nobody had registered it, from now on. Raises NotFound."""
    _change(scope, code, disabled_at=aware(now))


def enable(scope: Scope, code: str) -> None:
    """Undo `disable`. Raises NotFound."""
    _change(scope, code, disabled_at=None)


def _change(scope: Scope, code: str, **values: object) -> None:
    changed = scope.connection.execute(
        update(link).where(link.c.brand_id == scope.brand_id, link.c.code == code).values(**values)
    )
    if changed.rowcount == 0:
        raise NotFound(f"no link has the code {code!r}", remedy="see `crosspost link list`")


def version(connection: Connection) -> Hashable:
    """Changes when a link of any brand is added, disabled or enabled. Cheap enough to ask every second."""
    rows = connection.execute(
        select(
            link.c.brand_id, func.count(), func.max(link.c.created_at), func.count(link.c.disabled_at),
            func.max(link.c.disabled_at),
        )
        .group_by(link.c.brand_id)
        .order_by(link.c.brand_id)
    )  # fmt: skip
    return tuple(tuple(row) for row in rows)


def targets(connection: Connection) -> dict[str, str]:
    """Where each code in use leads, over all brands: the redirect knows no brand before it knows the code."""
    query = select(link.c.brand_id, link.c.code, link.c.target).where(link.c.disabled_at.is_(None))
    rows = connection.execute(query)
    return {row.code: row.target for row in rows}


def owners(connection: Connection) -> dict[str, Owner]:
    """Whose each code is, disabled ones included."""
    rows = connection.execute(select(link.c.brand_id, link.c.code, link.c.disabled_at))
    return {row.code: Owner(row.brand_id, row.disabled_at) for row in rows}


def _link(row: Row[Any]) -> StoredLink:
    return StoredLink(row.code, row.delivery_id, row.account_id, row.target, row.disabled_at, row.created_at)
