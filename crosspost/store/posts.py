"""Posts on the networks, and every reading of them: history is kept, nothing is overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, update

from crosspost.domain.errors import BadInput, NotFound
from crosspost.domain.ids import new_id
from crosspost.domain.post import Post, Reading, ReadingStatus
from crosspost.store.outcomes import Origin
from crosspost.store.rows import origin as file_of
from crosspost.store.store import Scope
from crosspost.store.tables import account, post, reading

SURELY_GONE = timedelta(hours=1)  # after which a second look that finds no post counts


@dataclass(frozen=True, slots=True)
class StoredPost:
    id: str
    account_id: str
    delivery_id: str | None
    network: str
    code: str | None
    post: Post
    next_read_at: datetime | None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredReading:
    """`origin`: api, export, manual; `file` where an export told it."""

    account_id: str
    post_id: str | None
    reading: Reading
    origin: str
    file: Origin | None = None


def add_post(
    scope: Scope,
    account_id: str,
    network: str,
    new: Post,
    *,
    now: datetime,
    delivery_id: str | None = None,
    code: str | None = None,
    next_read_at: datetime | None = None,
    published_reason: str | None = None,
    adopted_at: datetime | None = None,
) -> str:
    """Record a post that exists; the id of the one that is there when it is known already."""
    known = scope.connection.execute(
        select(post.c.id).where(
            post.c.brand_id == scope.brand_id, post.c.account_id == account_id, post.c.remote_id == new.remote_id
        )
    ).scalar_one_or_none()
    if known is not None:
        return str(known)
    post_id = new_id(now)
    scope.connection.execute(
        insert(post).values(
            id=post_id, brand_id=scope.brand_id, account_id=account_id, delivery_id=delivery_id, network=network,
            remote_id=new.remote_id, url=new.url, text=new.text, code=code, published_at=new.published_at,
            published_reason=published_reason, next_read_at=next_read_at, adopted_at=adopted_at,
        )
    )  # fmt: skip
    return post_id


def told_by_hand(
    scope: Scope, account_id: str, network: str, new: Post, delivery_id: str, code: str, now: datetime
) -> str | None:
    """The post a person made for a delivery: a new row, or the imported one of that address. None when the address is
    another delivery's."""
    known = scope.connection.execute(
        select(post.c.id, post.c.delivery_id).where(
            post.c.brand_id == scope.brand_id, post.c.account_id == account_id, post.c.url == new.url
        )
    ).first()
    if known is None:
        return add_post(scope, account_id, network, new, now=now, delivery_id=delivery_id, code=code)
    if known.delivery_id not in (None, delivery_id):
        return None
    scope.connection.execute(
        update(post)
        .where(post.c.brand_id == scope.brand_id, post.c.id == known.id)
        .values(delivery_id=delivery_id, code=code)
    )
    return str(known.id)


def posts(scope: Scope) -> list[StoredPost]:
    """The brand's posts, oldest first."""
    rows = scope.connection.execute(
        select(post).where(post.c.brand_id == scope.brand_id).order_by(post.c.published_at, post.c.id)
    )
    return [_post(row) for row in rows]


def known_ids(scope: Scope, account_id: str) -> dict[str, str]:
    """Our ids of an account's posts by the network's."""
    rows = scope.connection.execute(
        select(post.c.remote_id, post.c.id).where(post.c.brand_id == scope.brand_id, post.c.account_id == account_id)
    )
    return {row.remote_id: row.id for row in rows}


def missed(scope: Scope, post_id: str, now: datetime) -> bool:
    """The network did not show that post. Whether it is held deleted now: once is a moment's lag, twice is not."""
    where = (post.c.brand_id == scope.brand_id, post.c.id == post_id)
    since = scope.connection.execute(select(post.c.missing_since).where(*where)).scalar_one_or_none()
    if since is None:
        scope.connection.execute(update(post).where(*where).values(missing_since=now))
        return False
    if now - since < SURELY_GONE:
        return False
    scope.connection.execute(update(post).where(*where, post.c.deleted_at.is_(None)).values(deleted_at=now))
    return True


def shown(scope: Scope, post_id: str) -> None:
    """The network showed that post."""
    scope.connection.execute(
        update(post)
        .where(post.c.brand_id == scope.brand_id, post.c.id == post_id, post.c.missing_since.is_not(None))
        .values(missing_since=None)
    )


def of_delivery(scope: Scope, delivery_id: str) -> StoredPost | None:
    """The post that a delivery became; None when it became none, or none is known by its id."""
    row = scope.connection.execute(
        select(post).where(post.c.brand_id == scope.brand_id, post.c.delivery_id == delivery_id)
    ).first()
    return None if row is None else _post(row)


def named(scope: Scope, name: str, account_id: str | None = None) -> StoredPost:
    """A post, of that account where one is given, by its id, its delivery's, the network's or its address.

    Raises NotFound, BadInput when several fit.
    """
    fits = or_(post.c.id == name, post.c.delivery_id == name, post.c.remote_id == name, post.c.url == name)
    query = select(post).where(post.c.brand_id == scope.brand_id, fits)
    if account_id is not None:
        query = query.where(post.c.account_id == account_id)
    found = [_post(row) for row in scope.connection.execute(query)]
    if not found:
        raise NotFound(
            f"no post is known as {name!r}",
            remedy="see `crosspost post list`; of one posted by hand: crosspost deliveries resolve ID --posted ADDRESS",
        )
    if len(found) > 1:
        raise BadInput(
            f"{len(found)} posts are known as {name!r}", remedy=f"say {' or '.join(one.id for one in found)}"
        )
    return found[0]


def mark_deleted(scope: Scope, post_id: str, now: datetime) -> None:
    """Keep the post and all its readings, and ask the network no more. The first deletion's instant stays."""
    scope.connection.execute(
        update(post)
        .where(post.c.brand_id == scope.brand_id, post.c.id == post_id, post.c.deleted_at.is_(None))
        .values(deleted_at=now, next_read_at=None)
    )


def deleted_codes(scope: Scope) -> frozenset[str]:
    """The codes of posts that are known to be deleted."""
    rows = scope.connection.execute(
        select(post.c.code).where(
            post.c.brand_id == scope.brand_id, post.c.deleted_at.is_not(None), post.c.code.is_not(None)
        )
    )
    return frozenset(row.code for row in rows)


def posts_to_read(scope: Scope, now: datetime) -> list[StoredPost]:
    """Posts whose next reading is due."""
    rows = scope.connection.execute(
        select(post)
        .where(post.c.brand_id == scope.brand_id, post.c.next_read_at <= now, post.c.deleted_at.is_(None))
        .order_by(post.c.next_read_at, post.c.id)
    )
    return [_post(row) for row in rows]


def next_reading_due(scope: Scope) -> datetime | None:
    """When the earliest reading of a post or an account is due; None when none is."""
    of_posts = select(func.min(post.c.next_read_at)).where(
        post.c.brand_id == scope.brand_id, post.c.deleted_at.is_(None)
    )
    of_accounts = select(func.min(account.c.next_read_at)).where(account.c.brand_id == scope.brand_id)
    found = [scope.connection.execute(query).scalar_one_or_none() for query in (of_posts, of_accounts)]
    return min((at for at in found if at is not None), default=None)


def account_reading_due(scope: Scope, account_id: str, now: datetime) -> bool:
    """Whether the account's own numbers are due; an account never read is."""
    at = scope.connection.execute(
        select(account.c.next_read_at).where(account.c.brand_id == scope.brand_id, account.c.id == account_id)
    ).scalar_one_or_none()
    return at is None or at <= now


def schedule_reading(scope: Scope, post_id: str, at: datetime | None) -> None:
    """When this post is read next."""
    scope.connection.execute(
        update(post).where(post.c.brand_id == scope.brand_id, post.c.id == post_id).values(next_read_at=at)
    )


def add_readings(
    scope: Scope,
    account_id: str,
    post_id: str | None,
    readings: Iterable[Reading],
    *,
    origin: str,
    file: Origin | None = None,
) -> int:
    """Append readings; how many were added."""
    rows = [
        {
            "id": new_id(one.read_at), "brand_id": scope.brand_id, "account_id": account_id, "post_id": post_id,
            "metric": one.metric, "provider_name": one.provider_name, "provider_version": one.provider_version,
            "value": one.value, "status": one.status.value, "reason": one.reason, "read_at": one.read_at,
            "since": one.since, "until": one.until,
            "origin": origin, "file_sha256": file.sha256 if file else None, "file_line": file.line if file else None,
            "file_part": file.part if file else None,
        }
        for one in readings
    ]  # fmt: skip
    if rows:
        scope.connection.execute(insert(reading), rows)
    return len(rows)


def readings(
    scope: Scope,
    metrics: Sequence[str] | None = None,
    *,
    post_id: str | None = None,
    account_id: str | None = None,
    until: datetime | None = None,
) -> list[StoredReading]:
    """The brand's readings, oldest first: all, of one post, of one account, or those read by `until`."""
    query = select(reading).where(reading.c.brand_id == scope.brand_id).order_by(reading.c.read_at, reading.c.id)
    if metrics is not None:
        query = query.where(reading.c.metric.in_(metrics))
    if post_id is not None:
        query = query.where(reading.c.post_id == post_id)
    if account_id is not None:
        query = query.where(reading.c.account_id == account_id)
    if until is not None:
        query = query.where(reading.c.read_at <= until)
    return [
        StoredReading(
            row.account_id,
            row.post_id,
            Reading(
                row.metric, row.provider_name, row.value, ReadingStatus(row.status), row.read_at, row.reason,
                row.provider_version, row.since, row.until,
            ),
            row.origin,
            file_of(dict(row._mapping)),
        )
        for row in scope.connection.execute(query)
    ]  # fmt: skip


def _post(row: Row[Any]) -> StoredPost:
    return StoredPost(
        row.id, row.account_id, row.delivery_id, row.network, row.code,
        Post(row.remote_id, row.url, row.text, row.published_at), row.next_read_at, row.deleted_at,
    )  # fmt: skip
