"""Sealed secrets of accounts, and of the brand itself (under the brand's own id). Never opened here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from crosspost.domain.login import Granted, Life
from crosspost.store.prepared import Prepared
from crosspost.store.store import Scope
from crosspost.store.tables import credential


def save(
    scope: Scope,
    owner_id: str,
    name: str,
    ciphertext: bytes,
    now: datetime,
    *,
    replace: bool = True,
    expires_at: datetime | None = None,
    granted: Granted | None = None,
) -> bool:
    """Store one sealed secret. Without `replace` the one that is there stays, and the answer is False.

    A new secret has no problem and was never warned about. `granted` is given when a person connects, and not when a
    token is renewed.
    """
    values: dict[str, Any] = {
        "ciphertext": ciphertext, "updated_at": now, "expires_at": expires_at, "problem": None, "warned_days": None,
    }  # fmt: skip
    if granted is not None:
        values["scopes"] = None if granted.scopes is None else " ".join(granted.scopes)
        values["connected_at"] = granted.at
    where = _one(scope, owner_id, name)
    if replace and scope.connection.execute(update(credential).where(*where).values(**values)).rowcount:
        return True
    try:
        with scope.connection.begin_nested():
            scope.connection.execute(
                insert(credential).values(brand_id=scope.brand_id, account_id=owner_id, name=name, **values)
            )
    except IntegrityError:
        if replace:  # stored by another connection between our two statements
            scope.connection.execute(update(credential).where(*where).values(**values))
        return replace
    return True


_SEALED = Prepared(
    select(credential.c.name, credential.c.ciphertext).where(
        credential.c.brand_id == bindparam("brand_id"), credential.c.account_id == bindparam("owner_id")
    )
)


def sealed(scope: Scope, owner_id: str) -> dict[str, bytes]:
    """The sealed secrets of one owner, by name."""
    rows = _SEALED.all(scope.connection, {"brand_id": scope.brand_id, "owner_id": owner_id})
    return {row.name: bytes(row.ciphertext) for row in rows}


def every(scope: Scope) -> list[tuple[str, str, bytes]]:
    """(owner, name, sealed secret) of the whole brand: for sealing them under another key."""
    rows = scope.connection.execute(
        select(credential.c.account_id, credential.c.name, credential.c.ciphertext)
        .where(credential.c.brand_id == scope.brand_id)
        .order_by(credential.c.account_id, credential.c.name)
    )
    return [(row.account_id, row.name, bytes(row.ciphertext)) for row in rows]


def reseal(scope: Scope, owner_id: str, name: str, before: bytes, after: bytes) -> bool:
    """Put the same secret under another key, unless it was replaced since it was read: then False."""
    where = (*_one(scope, owner_id, name), credential.c.ciphertext == before)
    return scope.connection.execute(update(credential).where(*where).values(ciphertext=after)).rowcount == 1


def lives(scope: Scope, owner_id: str) -> dict[str, Life]:
    """What is known of each secret of one owner, by name."""
    rows = scope.connection.execute(
        select(
            credential.c.name, credential.c.expires_at, credential.c.updated_at, credential.c.scopes,
            credential.c.connected_at, credential.c.problem, credential.c.warned_days,
        ).where(credential.c.brand_id == scope.brand_id, credential.c.account_id == owner_id)
    )  # fmt: skip
    return {
        row.name: Life(
            row.name, row.expires_at, row.updated_at, None if row.scopes is None else tuple(row.scopes.split()),
            row.connected_at, row.problem, row.warned_days,
        )
        for row in rows
    }  # fmt: skip


def begin_renewal(scope: Scope, owner_id: str, life: Life, problem: str, now: datetime) -> bool:
    """Note, before anybody is asked, that a renewal was begun. False when somebody changed the secret meanwhile."""
    where = (
        *_one(scope, owner_id, life.name), credential.c.problem.is_(None), credential.c.updated_at == life.updated_at,
    )  # fmt: skip
    changed = scope.connection.execute(update(credential).where(*where).values(problem=problem, updated_at=now))
    return changed.rowcount == 1


def note(scope: Scope, owner_id: str, name: str, **values: str | int | None) -> None:
    """Keep a `problem` with renewing it, or the radar's `warned_days`."""
    scope.connection.execute(update(credential).where(*_one(scope, owner_id, name)).values(**values))


def forget(scope: Scope, owner_id: str, names: Collection[str] | None = None) -> None:
    """Delete the named secrets of one owner, or all of them."""
    where = [credential.c.brand_id == scope.brand_id, credential.c.account_id == owner_id]
    if names is not None:
        where.append(credential.c.name.in_(names))
    scope.connection.execute(delete(credential).where(*where))


def _one(scope: Scope, owner_id: str, name: str) -> tuple[ColumnElement[bool], ...]:
    return credential.c.brand_id == scope.brand_id, credential.c.account_id == owner_id, credential.c.name == name
