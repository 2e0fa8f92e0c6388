"""The register of files that hold what may have to go: where they are, when, and how to write them again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, select, update

from crosspost.store.tables import written_file

Kind = Literal["report", "audit", "backup"]


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """`brand_id` is None for a backup. `purge_at`: when the first of what it holds must go."""

    path: Path
    brand_id: str | None
    kind: Kind
    recipe: Mapping[str, Any]
    made_at: datetime
    purge_at: datetime | None


def add(connection: Connection, new: WrittenFile) -> None:
    """Remember a file, in place of what was written there before."""
    remove(connection, new.path)
    connection.execute(
        insert(written_file).values(
            path=str(new.path), brand_id=new.brand_id, kind=new.kind, recipe=json.dumps(dict(new.recipe)),
            made_at=new.made_at, purge_at=new.purge_at,
        )
    )  # fmt: skip


def all_of(connection: Connection) -> list[WrittenFile]:
    """Every file, by path: the report of a month after those of earlier ones, which it is compared with."""
    found = [
        WrittenFile(Path(row.path), row.brand_id, row.kind, json.loads(row.recipe), row.made_at, row.purge_at)
        for row in connection.execute(select(written_file))
    ]
    return sorted(found, key=lambda one: one.path)


def purged(connection: Connection, path: Path, purge_at: datetime | None) -> None:
    """The file was written again: this is when the next of what it holds must go."""
    connection.execute(update(written_file).where(written_file.c.path == str(path)).values(purge_at=purge_at))


def due(connection: Connection, brand_id: str, now: datetime) -> None:
    """The brand's reports and audits hold what must go now."""
    connection.execute(update(written_file).where(written_file.c.brand_id == brand_id).values(purge_at=now))


def remove(connection: Connection, path: Path) -> None:
    """The file is no longer there."""
    connection.execute(delete(written_file).where(written_file.c.path == str(path)))
