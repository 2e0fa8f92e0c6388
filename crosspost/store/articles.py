"""Sources, and the articles they told of."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from crosspost.domain.article import Article, Decision
from crosspost.domain.errors import NotFound
from crosspost.domain.ids import new_id
from crosspost.domain.period import aware
from crosspost.store.store import Scope
from crosspost.store.tables import article, source


@dataclass(frozen=True, slots=True)
class StoredSource:
    id: str
    kind: str
    address: str
    etag: str | None
    last_modified: str | None
    seeded_at: datetime | None
    last_read_at: datetime | None
    last_problem: str | None
    next_read_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredArticle:
    id: str
    source_id: str | None
    article: Article
    read_at: datetime
    decision: Decision
    reason: str


def add_source(scope: Scope, kind: str, address: str, now: datetime) -> StoredSource:
    """Register a source; the same one again is the one that is there."""
    for known in sources(scope):
        if (known.kind, known.address) == (kind, address):
            return known
    scope.connection.execute(
        insert(source).values(
            id=new_id(now), brand_id=scope.brand_id, kind=kind, address=address, next_read_at=aware(now)
        )
    )
    return next(known for known in sources(scope) if (known.kind, known.address) == (kind, address))


def sources(scope: Scope) -> list[StoredSource]:
    """The brand's sources, oldest first."""
    rows = scope.connection.execute(select(source).where(source.c.brand_id == scope.brand_id).order_by(source.c.id))
    return [
        StoredSource(
            row.id, row.kind, row.address, row.etag, row.last_modified, row.seeded_at, row.last_read_at,
            row.last_problem, row.next_read_at,
        )
        for row in rows
    ]  # fmt: skip


def source_read(scope: Scope, source_id: str, **values: object) -> None:
    """Record a read of a source: validators, time, problem."""
    scope.connection.execute(
        update(source).where(source.c.brand_id == scope.brand_id, source.c.id == source_id).values(**values)
    )


def remember(
    scope: Scope, source_id: str | None, new: Article, decision: Decision, reason: str, now: datetime
) -> StoredArticle | None:
    """Store an article under its identity. None when that identity is known: an edit is not a new article."""
    known = scope.connection.execute(
        select(article.c.id).where(article.c.brand_id == scope.brand_id, article.c.identity == new.identity)
    ).first()
    if known is not None:
        return None
    article_id = new_id(now)
    scope.connection.execute(
        insert(article).values(
            id=article_id, brand_id=scope.brand_id, source_id=source_id, identity=new.identity, url=new.url,
            content=_dump(new), title=new.title, published_at=new.published_at, read_at=now,
            decision=decision.value, decision_reason=reason,
        )
    )  # fmt: skip
    return StoredArticle(article_id, source_id, new, now, decision, reason)


def decide(scope: Scope, article_id: str, decision: Decision, reason: str) -> None:
    """Change what is done with an article."""
    scope.connection.execute(
        update(article)
        .where(article.c.brand_id == scope.brand_id, article.c.id == article_id)
        .values(decision=decision.value, decision_reason=reason)
    )


def articles(scope: Scope, decision: Decision | None = None) -> list[StoredArticle]:
    """The brand's articles, oldest publication first; those without a date by when they were read."""
    query = select(article).where(article.c.brand_id == scope.brand_id)
    if decision is not None:
        query = query.where(article.c.decision == decision.value)
    found = [_stored(row) for row in scope.connection.execute(query)]
    return sorted(found, key=lambda one: (one.article.published_at or one.read_at, one.id))


def one(scope: Scope, article_id: str) -> StoredArticle | None:
    """One article by its id."""
    row = scope.connection.execute(
        select(article).where(article.c.brand_id == scope.brand_id, article.c.id == article_id)
    ).first()
    return _stored(row) if row else None


def named(scope: Scope, article_id: str) -> StoredArticle:
    """One article by its id. Raises NotFound."""
    found = one(scope, article_id)
    if found is None:
        raise NotFound(f"no article has the id {article_id!r}", remedy="see `crosspost article list`")
    return found


def _dump(content: Article) -> str:
    raw = asdict(content)
    raw["published_at"] = content.published_at.isoformat() if content.published_at else None
    return json.dumps(raw, ensure_ascii=False)


def _stored(row: Row[Any]) -> StoredArticle:
    raw = json.loads(row.content)
    raw["published_at"] = datetime.fromisoformat(raw["published_at"]) if raw["published_at"] else None
    raw["tags"], raw["problems"] = tuple(raw["tags"]), tuple(raw["problems"])
    return StoredArticle(
        row.id, row.source_id, Article(**raw), row.read_at, Decision(row.decision), row.decision_reason
    )
