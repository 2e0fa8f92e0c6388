"""Rows of a restored database: what the rules of crosspost.domain.restoring change, and what readings of the accounts
settle. Only while the restore's hold stands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update

from crosspost.domain.article import Decision
from crosspost.domain.delivery import Delivery, State
from crosspost.domain.errors import Conflict
from crosspost.domain.ids import new_id
from crosspost.domain.post import Post
from crosspost.domain.restoring import Restored, restored
from crosspost.domain.windows import BootTime
from crosspost.store import deliveries, posts
from crosspost.store.store import Scope
from crosspost.store.tables import account, article, attempt, delivery, source

OWNER = "restore"
_FEEDS = ("feed", "overblog")


def doubt(scope: Scope, made_at: datetime, now: datetime, boot: BootTime) -> int:
    """Apply the rule to every delivery of the brand; how many became unknown.

    Nobody holds a row any more: its worker belongs to another life. The settle window counts from `boot`, now.
    """
    held = delivery.c.owner.is_not(None)
    scope.connection.execute(
        update(delivery)
        .where(delivery.c.brand_id == scope.brand_id, held, delivery.c.state == State.PUBLISHED.value)
        .values(owner=None, epoch=delivery.c.epoch + 1)
    )
    scope.connection.execute(
        update(attempt)
        .where(attempt.c.brand_id == scope.brand_id, attempt.c.finished_at.is_(None))
        .values(finished_at=now, outcome="unknown", detail="the backup was made before its outcome was recorded")
    )
    doubted = 0
    for row in deliveries.listed(scope):
        rule = restored(row, made_at, now)
        if rule is None:
            continue
        change(scope, row, rule, now, boot=boot)
        doubted += rule.state is State.UNKNOWN
    return doubted


def change(scope: Scope, row: Delivery, rule: Restored, now: datetime, *, boot: BootTime | None = None) -> None:
    """Write what a rule says, with a line in the attempts. Raises Conflict when the row changed meanwhile."""
    values: dict[str, object] = {
        "state": rule.state.value, "reason": rule.reason, "ambiguous": rule.ambiguous,
        "readable_only": rule.readable_only, "owner": None, "next_boot_s": None, "next_boot_id": None, "next_at": None,
    }  # fmt: skip
    if rule.first_sent_at is not None:
        values |= {"first_sent_at": rule.first_sent_at, "first_sent_boot_s": None, "first_sent_boot_id": None}
        values |= {"absences": 0, "looks": 0}
    if boot is not None and rule.state is State.UNKNOWN:
        values |= {"last_sent_boot_s": boot.s, "last_sent_boot_id": boot.id}
    _write(scope, row, now, values)
    if rule.state is not row.state or row.state is State.UNKNOWN:
        _note(scope, row, rule.state.value, rule.reason, now)


def seen(scope: Scope, row: Delivery, found: Post, evidence: str, now: datetime) -> None:
    """A post on the account carries this delivery's link: it is published, whatever the backup says."""
    network = scope.connection.execute(
        select(account.c.network).where(account.c.brand_id == scope.brand_id, account.c.id == row.account_id)
    ).scalar_one()
    values: dict[str, object] = {
        "state": State.PUBLISHED.value, "reason": "published", "ambiguous": False, "refused_as_repeat": False,
        "remote_id": found.remote_id, "remote_url": found.url, "evidence": evidence,
        "published_at": found.published_at, "next_at": None, "owner": None,
    }  # fmt: skip
    _write(scope, row, now, values)
    posts.add_post(
        scope, row.account_id, network, found, now=now, delivery_id=row.id, code=row.code, next_read_at=now,
        published_reason=None if found.published_at else "the network did not tell",
    )  # fmt: skip
    _note(scope, row, "present", evidence, now)


def seed_again(scope: Scope, made_at: datetime) -> tuple[int, int]:
    """Feeds are read as if for the first time, and articles that waited to be planned wait no more: all of them may
    have been announced since. How many feeds, how many articles."""
    feeds = scope.connection.execute(
        update(source)
        .where(source.c.brand_id == scope.brand_id, source.c.kind.in_(_FEEDS))
        # Without its validators, or the feed would answer "unchanged" and count as seeded with nothing.
        .values(seeded_at=None, etag=None, last_modified=None, next_read_at=None)
    ).rowcount
    reason = f"it waited at the backup of {made_at:%Y-%m-%d %H:%M} UTC: it may have been announced since"
    waiting = scope.connection.execute(
        update(article)
        .where(article.c.brand_id == scope.brand_id, article.c.decision == Decision.NEW.value)
        .values(decision=Decision.SEEDED.value, decision_reason=reason)
    ).rowcount
    return feeds, waiting


def _write(scope: Scope, row: Delivery, now: datetime, values: dict[str, object]) -> None:
    owner = delivery.c.owner.is_(None) if row.owner is None else delivery.c.owner == row.owner
    changed = scope.connection.execute(
        update(delivery)
        .where(
            delivery.c.brand_id == scope.brand_id, delivery.c.id == row.id, delivery.c.epoch == row.epoch, owner
        )
        .values(epoch=row.epoch + 1, changed_at=now, **values)
    )  # fmt: skip
    if changed.rowcount != 1:
        raise Conflict("a delivery is being looked at", remedy="the same command again, in a minute")


def _note(scope: Scope, row: Delivery, outcome: str, detail: str, now: datetime) -> None:
    scope.connection.execute(
        insert(attempt).values(
            id=new_id(now), brand_id=scope.brand_id, delivery_id=row.id, account_id=row.account_id,
            number=row.attempts, action="restore", epoch=row.epoch + 1, owner=OWNER, started_at=now,
            started_boot_s=0.0, boot_id="", finished_at=now, outcome=outcome, detail=detail,
        )
    )  # fmt: skip
