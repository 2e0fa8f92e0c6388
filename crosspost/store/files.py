"""The files that were imported, by their SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from crosspost.store.store import Scope
from crosspost.store.tables import imported_file


@dataclass(frozen=True, slots=True)
class StoredFile:
    sha256: str
    name: str
    kind: str
    rows: int
    added: int
    imported_at: datetime


def known(scope: Scope, sha256: str) -> bool:
    """Whether this very file was imported into the brand before."""
    row = scope.connection.execute(
        select(imported_file.c.sha256).where(
            imported_file.c.brand_id == scope.brand_id, imported_file.c.sha256 == sha256
        )
    ).first()
    return row is not None


def remember(scope: Scope, sha256: str, name: str, kind: str, rows: int, added: int, now: datetime) -> None:
    """Record an imported file."""
    scope.connection.execute(
        insert(imported_file).values(
            brand_id=scope.brand_id, sha256=sha256, name=name, kind=kind, rows=rows, added=added, imported_at=now
        )
    )


def all_of(scope: Scope) -> list[StoredFile]:
    """The brand's imported files, oldest first."""
    rows = scope.connection.execute(
        select(imported_file)
        .where(imported_file.c.brand_id == scope.brand_id)
        .order_by(imported_file.c.imported_at, imported_file.c.name)
    )
    return [StoredFile(row.sha256, row.name, row.kind, row.rows, row.added, row.imported_at) for row in rows]
