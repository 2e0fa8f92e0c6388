"""What is announced: an article, as a source told it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Decision(StrEnum):
    """What crosspost did with an item of a source, shown item by item."""

    SEEDED = "seeded"  # there at the first read: known, never announced by itself
    NEW = "new"  # to be planned
    PLANNED = "planned"  # deliveries exist
    SKIPPED = "skipped"  # by the owner, or unusable; the reason says which
    KNOWN = "known"  # seen before under the same identity


@dataclass(frozen=True, slots=True)
class Article:
    """One page to announce. Text fields are plain text: markup is removed by the source.

    `identity` is the feed's guid, else the canonical link, else the address: an edited title or a bumped date
    is still the same article. A field the source did not give is None, and `problems` says what was repaired.
    """

    identity: str
    url: str
    title: str
    summary: str | None = None
    text: str | None = None  # full plain text where the source has it
    language: str | None = None  # BCP 47
    image_url: str | None = None
    image_alt: str | None = None
    tags: tuple[str, ...] = ()
    author: str | None = None
    published_at: datetime | None = None
    problems: tuple[str, ...] = field(default=())
