"""Read the sources: what is new becomes an article with a decision that can be shown."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crosspost.domain.article import Article, Decision
from crosspost.domain.brand import Brand
from crosspost.domain.errors import CrosspostError
from crosspost.outside.http import Outbound
from crosspost.sources import read as read_source
from crosspost.store import articles, gatherings
from crosspost.store.articles import StoredSource
from crosspost.store.store import Store

log = logging.getLogger(__name__)

# A post written on Monday and put online on Wednesday is new; one from last year that reappears is not.
_BACKDATED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ItemDecision:
    title: str
    identity: str
    decision: Decision
    reason: str


@dataclass(frozen=True, slots=True)
class ReadReport:
    """One read of one source: every item with what was decided, and what could not be read.

    `gatherings` counts a calendar's events: new, changed, cancelled, known.
    """

    source: str
    unchanged: bool
    items: tuple[ItemDecision, ...]
    problems: tuple[str, ...]
    failed: str | None = None
    gatherings: Mapping[str, int] = field(default_factory=dict)


def read_one(
    store: Store, brand: Brand, source: StoredSource, outbound: Outbound, now: datetime, every_s: float
) -> ReadReport:
    """Read one source. The first read of a feed is seeded: its items are known, none is announced by itself.

    A page or a file was named by a person, so its article is new at once.
    """
    next_at = now + timedelta(seconds=every_s)
    try:
        result = read_source(
            source.kind, source.address, outbound, etag=source.etag, last_modified=source.last_modified, now=now
        )
    except Exception as error:
        # Whatever a stranger's page does to a parser, the next source is read and this one is tried again later.
        told = str(error) if isinstance(error, CrosspostError) else f"cannot be read ({type(error).__name__})"
        log.warning("source %s: %s", source.address, told)
        with store.write(brand.id) as scope:
            articles.source_read(scope, source.id, last_read_at=now, next_read_at=next_at, last_problem=told[:500])
        return ReadReport(source.address, False, (), (), failed=told)
    feed = source.kind in ("feed", "overblog")
    seeding = feed and source.seeded_at is None
    items: list[ItemDecision] = []
    with store.write(brand.id) as scope:
        for found in result.articles:
            decision, reason = _decide(found, seeding, source.seeded_at if feed else None)
            stored = articles.remember(scope, source.id, found, decision, reason, now)
            if stored is None:
                decision, reason = Decision.KNOWN, "seen before under the same identity"
            items.append(ItemDecision(found.title, found.identity, decision, reason))
        met = gatherings.remember(scope, source.id, result.gatherings, now)
        articles.source_read(
            scope,
            source.id,
            etag=source.etag if result.unchanged else result.etag,
            last_modified=source.last_modified if result.unchanged else result.last_modified,
            # An empty first answer seeds nothing: the archive behind it must not be announced later.
            seeded_at=source.seeded_at or (now if result.articles or not feed else None),
            last_read_at=now,
            next_read_at=next_at,
            last_problem="; ".join(result.problems)[:500] or None,
        )
    return ReadReport(source.address, result.unchanged, tuple(items), result.problems, gatherings=met)


def _decide(found: Article, seeding: bool, seeded_at: datetime | None) -> tuple[Decision, str]:
    if seeding:
        return Decision.SEEDED, "it was there when the source was first read"
    if seeded_at is not None and found.published_at is not None and found.published_at < seeded_at - _BACKDATED:
        return Decision.SEEDED, "it is older than the first read of the source"
    return Decision.NEW, "new in the source"


def read_due(
    store: Store, brand: Brand, outbound: Outbound, now: datetime, every_s: float, *, force: bool = False
) -> list[ReadReport]:
    """Read every source of the brand that is due."""
    with store.read(brand.id) as scope:
        due = [
            source
            for source in articles.sources(scope)
            if force or source.next_read_at is None or source.next_read_at <= now
        ]
    return [read_one(store, brand, source, outbound, now, every_s) for source in due]
