"""Instants and periods. Every instant is aware; every period is `[start, end)`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


def aware(instant: datetime) -> datetime:
    """The same instant in UTC. A naive datetime is refused: a guessed zone would shift posts by hours."""
    if instant.tzinfo is None:
        raise ValueError(f"naive datetime {instant.isoformat()}: say its zone")
    return instant.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """`[start, end)`, both aware, in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", aware(self.start))
        object.__setattr__(self, "end", aware(self.end))
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    @property
    def days(self) -> float:
        return (self.end - self.start).total_seconds() / 86_400
