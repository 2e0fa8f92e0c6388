"""Column types that keep the rules of time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect
from sqlalchemy.types import TypeDecorator

from crosspost.domain.period import aware, instant_of, microseconds


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as UTC. A naive one is refused before it reaches the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return aware(value)

    def bind_processor(self, dialect: Dialect) -> Any:
        """In one step for SQLite, which has no zones: a UTC wall time sorts and compares as text."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        instant: datetime = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return instant


def _as_text(value: datetime | None) -> str | None:
    return None if value is None else aware(value).replace(tzinfo=None).isoformat(" ", "microseconds")


class Microseconds(TypeDecorator[datetime]):
    """An aware instant, stored as microseconds since 1970: where a million of them are written and compared at once,
    a number takes a third of the time and of the room."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(aware(value))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else instant_of(value)
