"""What must go one day: readings from an API, texts of posts that were read in, hits. Visits have their own file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select, update

from crosspost.domain.retention import What
from crosspost.store.store import Scope
from crosspost.store.tables import hit, post, reading, unknown_hit

API = "api"


def _readings(scope: Scope, account_id: str, of_posts: bool) -> list[ColumnElement[bool]]:
    about = reading.c.post_id.is_not(None) if of_posts else reading.c.post_id.is_(None)
    return [
        reading.c.brand_id == scope.brand_id, reading.c.account_id == account_id, reading.c.origin == API, about,
    ]  # fmt: skip


def _texts(scope: Scope, account_id: str) -> list[ColumnElement[bool]]:
    """A text that we sent is ours; one that was read in is the network's to limit."""
    return [
        post.c.brand_id == scope.brand_id, post.c.account_id == account_id, post.c.adopted_at.is_not(None),
        post.c.delivery_id.is_(None), post.c.text.is_not(None),
    ]  # fmt: skip


def oldest(scope: Scope, account_id: str, what: What) -> datetime | None:
    """When the oldest of these was read."""
    query: Select[Any]
    if what == "texts of adopted posts":
        query = select(func.min(post.c.adopted_at)).where(*_texts(scope, account_id))
    else:
        mine = _readings(scope, account_id, what == "readings of posts")
        query = select(func.min(reading.c.read_at)).where(*mine)
    found: datetime | None = scope.connection.execute(query).scalar_one()
    return found


def count(scope: Scope, account_id: str, what: What, before: datetime) -> int:
    """How many of these were read by that instant."""
    if what == "texts of adopted posts":
        query = select(func.count()).select_from(post).where(*_texts(scope, account_id), post.c.adopted_at <= before)
    else:
        mine = _readings(scope, account_id, what == "readings of posts")
        query = select(func.count()).select_from(reading).where(*mine, reading.c.read_at <= before)
    return int(scope.connection.execute(query).scalar_one())


def forget(scope: Scope, account_id: str, what: What, before: datetime) -> int:
    """Delete those of these that were read by that instant; how many."""
    if what == "texts of adopted posts":
        texts = update(post).where(*_texts(scope, account_id), post.c.adopted_at <= before).values(text=None)
        return scope.connection.execute(texts).rowcount
    mine = _readings(scope, account_id, what == "readings of posts")
    return scope.connection.execute(delete(reading).where(*mine, reading.c.read_at <= before)).rowcount


def of_deleted_posts(scope: Scope, account_id: str) -> tuple[int, datetime | None]:
    """How many readings of posts that are deleted there are, and since when the first of them is."""
    row = scope.connection.execute(
        select(func.count(), func.min(post.c.deleted_at))
        .select_from(reading)
        .join(post, (post.c.brand_id == reading.c.brand_id) & (post.c.id == reading.c.post_id))
        .where(*_readings(scope, account_id, True), post.c.deleted_at.is_not(None))
    ).one()
    return int(row[0]), row[1]


def forget_deleted_posts(scope: Scope, account_id: str) -> int:
    """Delete what an API told of posts that are deleted, their texts where those were read in; how many readings."""
    gone = select(post.c.id).where(
        post.c.brand_id == scope.brand_id, post.c.account_id == account_id, post.c.deleted_at.is_not(None)
    )
    forgotten = scope.connection.execute(
        delete(reading).where(*_readings(scope, account_id, True), reading.c.post_id.in_(gone))
    ).rowcount
    scope.connection.execute(
        update(post).where(*_texts(scope, account_id), post.c.deleted_at.is_not(None)).values(text=None)
    )
    return forgotten


def oldest_hit(scope: Scope) -> datetime | None:
    """When the brand's oldest hit was."""
    query = select(func.min(hit.c.at)).where(hit.c.brand_id == scope.brand_id)
    found: datetime | None = scope.connection.execute(query).scalar_one()
    return found


def count_hits(scope: Scope, before: datetime) -> int:
    """How many hits were before that instant."""
    query = select(func.count()).select_from(hit).where(hit.c.brand_id == scope.brand_id, hit.c.at < before)
    return int(scope.connection.execute(query).scalar_one())


def forget_hits(scope: Scope, before: datetime) -> int:
    """Delete the hits before that instant; how many. Their day counts stay."""
    return scope.connection.execute(delete(hit).where(hit.c.brand_id == scope.brand_id, hit.c.at < before)).rowcount


def count_unknown_hits(connection: Connection, before: datetime) -> int:
    """How many hits on codes nobody registered were before that instant."""
    query = select(func.count()).select_from(unknown_hit).where(unknown_hit.c.at < before)
    return int(connection.execute(query).scalar_one())


def forget_unknown_hits(connection: Connection, before: datetime) -> int:
    """Delete the hits on codes nobody registered before that instant; how many."""
    return connection.execute(delete(unknown_hit).where(unknown_hit.c.at < before)).rowcount
