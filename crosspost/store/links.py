"""Tracked links: which code leads where, and whose it is."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from crosspost.domain.errors import Conflict, NotFound
from crosspost.domain.link import check_target
from crosspost.domain.period import aware
from crosspost.store.store import Scope
from crosspost.store.tables import account, article, delivery, link

_AT_ONCE = 500  # codes in one query: databases limit its parameters


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


def version(scope: Scope) -> Hashable:
    """Changes when a link of the brand is added, disabled or enabled. Cheap enough to ask every second."""
    query = select(
        func.count(), func.max(link.c.created_at), func.count(link.c.disabled_at), func.max(link.c.disabled_at)
    ).where(link.c.brand_id == scope.brand_id)
    return tuple(scope.connection.execute(query).one())


def targets(scope: Scope) -> dict[str, str]:
    """Where each of the brand's codes in use leads."""
    query = select(link.c.code, link.c.target).where(link.c.brand_id == scope.brand_id, link.c.disabled_at.is_(None))
    return {row.code: row.target for row in scope.connection.execute(query)}


def networks(scope: Scope) -> dict[str, str | None]:
    """The network of each of the brand's links; None for a link of no account."""
    query = (
        select(link.c.code, account.c.network)
        .outerjoin(account, (account.c.brand_id == link.c.brand_id) & (account.c.id == link.c.account_id))
        .where(link.c.brand_id == scope.brand_id)
    )
    return {row.code: row.network for row in scope.connection.execute(query)}


def articles(scope: Scope) -> dict[str, str]:
    """The title, else the address, of the article that each of the brand's links announces."""
    query = (
        select(link.c.code, article.c.title, article.c.url)
        .join(delivery, (delivery.c.brand_id == link.c.brand_id) & (delivery.c.id == link.c.delivery_id))
        .join(article, (article.c.brand_id == link.c.brand_id) & (article.c.id == delivery.c.article_id))
        .where(link.c.brand_id == scope.brand_id)
    )
    return {row.code: row.title or row.url for row in scope.connection.execute(query)}


def owners(connection: Connection, codes: Iterable[str]) -> dict[str, Owner]:
    """Whose each of these codes is, of whatever brand: a hit tells its code and nothing else."""
    found: dict[str, Owner] = {}
    wanted = sorted(set(codes))
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(link.c.code, link.c.brand_id, link.c.disabled_at)
        for row in connection.execute(query.where(link.c.code.in_(wanted[start : start + _AT_ONCE]))):
            found[row.code] = Owner(row.brand_id, row.disabled_at)
    return found


def _link(row: Row[Any]) -> StoredLink:
    return StoredLink(row.code, row.delivery_id, row.account_id, row.target, row.disabled_at, row.created_at)
