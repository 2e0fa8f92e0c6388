"""The posts of an experiment on texts: which arm was drawn for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from crosspost.store.store import Scope
from crosspost.store.tables import account, delivery, experiment_post


@dataclass(frozen=True, slots=True)
class DrawnPost:
    """Post `number` (from 1) of an account. `sha256` is of the teaser as its arm has it."""

    account_id: str
    number: int
    delivery_id: str
    arm: str
    sha256: str
    drawn_at: datetime


def drawn(scope: Scope, experiment_id: str) -> list[DrawnPost]:
    """The posts of an experiment, account by account, in the order in which they were drawn."""
    rows = scope.connection.execute(
        select(experiment_post)
        .where(experiment_post.c.brand_id == scope.brand_id, experiment_post.c.experiment_id == experiment_id)
        .order_by(experiment_post.c.account_id, experiment_post.c.number)
    )
    return [
        DrawnPost(row.account_id, row.number, row.delivery_id, row.arm, row.sha256, row.drawn_at) for row in rows
    ]  # fmt: skip


def next_number(scope: Scope, experiment_id: str, account_id: str) -> int:
    """The number of the account's next post. The account is locked until the transaction ends: two who plan at once
    never take one number."""
    scope.connection.execute(
        select(account.c.id).where(account.c.brand_id == scope.brand_id, account.c.id == account_id).with_for_update()
    )
    last = scope.connection.execute(
        select(func.max(experiment_post.c.number)).where(
            experiment_post.c.brand_id == scope.brand_id, experiment_post.c.experiment_id == experiment_id,
            experiment_post.c.account_id == account_id,
        )
    ).scalar_one()  # fmt: skip
    return (last or 0) + 1


def of_article(scope: Scope, experiment_id: str, account_id: str, article_id: str) -> DrawnPost | None:
    """What was drawn for the article on that account, if it was."""
    row = scope.connection.execute(
        select(experiment_post)
        .join(
            delivery,
            (delivery.c.brand_id == experiment_post.c.brand_id) & (delivery.c.id == experiment_post.c.delivery_id),
        )
        .where(
            experiment_post.c.brand_id == scope.brand_id, experiment_post.c.experiment_id == experiment_id,
            experiment_post.c.account_id == account_id, delivery.c.article_id == article_id,
        )
    ).first()  # fmt: skip
    if row is None:
        return None
    return DrawnPost(row.account_id, row.number, row.delivery_id, row.arm, row.sha256, row.drawn_at)


def add(scope: Scope, experiment_id: str, new: DrawnPost) -> None:
    """Enrol a post under the arm that was drawn for it."""
    scope.connection.execute(
        insert(experiment_post).values(
            brand_id=scope.brand_id, experiment_id=experiment_id, account_id=new.account_id, number=new.number,
            delivery_id=new.delivery_id, arm=new.arm, sha256=new.sha256, drawn_at=new.drawn_at,
        )
    )  # fmt: skip


def plan_again(scope: Scope, experiment_id: str, post: DrawnPost, delivery_id: str, sha256: str) -> None:
    """The article was planned again: what was drawn for it stays, and its new delivery takes the place of the old."""
    scope.connection.execute(
        update(experiment_post)
        .where(
            experiment_post.c.brand_id == scope.brand_id, experiment_post.c.experiment_id == experiment_id,
            experiment_post.c.account_id == post.account_id, experiment_post.c.number == post.number,
        )
        .values(delivery_id=delivery_id, sha256=sha256)
    )  # fmt: skip
