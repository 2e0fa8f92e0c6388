"""Sealed secrets of accounts, and of the brand itself (under the brand's own id). Never opened here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from crosspost.store.store import Scope
from crosspost.store.tables import credential


def save(scope: Scope, owner_id: str, name: str, ciphertext: bytes, now: datetime, *, replace: bool = True) -> bool:
    """Store one sealed secret. Without `replace` the one that is there stays, and the answer is False."""
    where = (
        credential.c.brand_id == scope.brand_id, credential.c.account_id == owner_id, credential.c.name == name,
    )  # fmt: skip
    if replace:
        values = {"ciphertext": ciphertext, "updated_at": now}
        if scope.connection.execute(update(credential).where(*where).values(**values)).rowcount:
            return True
    try:
        with scope.connection.begin_nested():
            scope.connection.execute(
                insert(credential).values(
                    brand_id=scope.brand_id, account_id=owner_id, name=name, ciphertext=ciphertext, updated_at=now
                )
            )
    except IntegrityError:
        if replace:  # stored by another connection between our two statements
            scope.connection.execute(update(credential).where(*where).values(ciphertext=ciphertext, updated_at=now))
        return replace
    return True


_SEALED = select(credential.c.name, credential.c.ciphertext).where(
    credential.c.brand_id == bindparam("brand_id"), credential.c.account_id == bindparam("owner_id")
)


def sealed(scope: Scope, owner_id: str) -> dict[str, bytes]:
    """The sealed secrets of one owner, by name."""
    rows = scope.connection.execute(_SEALED, {"brand_id": scope.brand_id, "owner_id": owner_id})
    return {row.name: bytes(row.ciphertext) for row in rows}


def stored_at(scope: Scope, owner_id: str) -> datetime | None:
    """When the newest of the owner's secrets was stored."""
    found: datetime | None = scope.connection.execute(
        select(func.max(credential.c.updated_at)).where(
            credential.c.brand_id == scope.brand_id, credential.c.account_id == owner_id
        )
    ).scalar_one()
    return found


def forget(scope: Scope, owner_id: str) -> None:
    """Delete every secret of one owner."""
    scope.connection.execute(
        delete(credential).where(credential.c.brand_id == scope.brand_id, credential.c.account_id == owner_id)
    )
