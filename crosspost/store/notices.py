"""What people are told: stored when it happens, kept until one way of telling took it.

Notices go to whoever runs the installation, over all brands: this is one of the few tables read without a brand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, insert, select, update

from crosspost.domain.delivery import State
from crosspost.domain.digest import Waiting
from crosspost.domain.ids import new_id
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.store.store import Scope
from crosspost.store.tables import account, delivery, notice

_PAGE = 500
# Which states of a delivery are told, and as what. A person is asked to post by hand until `next_at`.
_TOLD_STATES = {
    NoticeKind.NEEDS_PERSON: and_(delivery.c.state == State.NEEDS_PERSON.value, delivery.c.next_at.is_(None)),
    NoticeKind.BY_HAND: and_(delivery.c.state == State.NEEDS_PERSON.value, delivery.c.next_at.is_not(None)),
    NoticeKind.MISSED: delivery.c.state == State.MISSED.value,
    NoticeKind.REJECTED: delivery.c.state == State.REJECTED.value,
}


def add(connection: Connection, new: Notice, now: datetime) -> None:
    """Keep a notice. The same one again, while nobody was told, is still one."""
    same = connection.execute(
        update(notice)
        .where(
            notice.c.told_at.is_(None), notice.c.kind == new.kind.value, notice.c.text == new.text,
            _equal(notice.c.brand_id, new.brand_id), _equal(notice.c.account_id, new.account_id),
            _equal(notice.c.delivery_id, new.delivery_id),
        )
        .values(stored_at=now)
    ).rowcount  # fmt: skip
    if same:
        return
    connection.execute(
        insert(notice).values(
            id=new_id(now), brand_id=new.brand_id, account_id=new.account_id, delivery_id=new.delivery_id,
            kind=new.kind.value, text=new.text, at=new.at, stored_at=now, tries=0,
        )
    )  # fmt: skip


def _equal(column: Any, value: str | None) -> Any:
    return column.is_(None) if value is None else column == value


def waiting(connection: Connection) -> list[Waiting]:
    """The notices that nobody was told, oldest first, at most 500: the rest waits behind them."""
    rows = connection.execute(
        select(notice).where(notice.c.told_at.is_(None)).order_by(notice.c.stored_at, notice.c.id).limit(_PAGE)
    )
    return [_waiting(row) for row in rows]


def untold(connection: Connection) -> tuple[int, int]:
    """How many notices nobody was told, and how many of them were tried in vain."""
    row = connection.execute(
        select(func.count(), func.count(notice.c.tried_at)).where(notice.c.told_at.is_(None))
    ).one()
    return int(row[0]), int(row[1])


def last_told(connection: Connection) -> dict[NoticeKind, datetime]:
    """When each kind was told last."""
    rows = connection.execute(
        select(notice.c.kind, func.max(notice.c.told_at)).where(notice.c.told_at.is_not(None)).group_by(notice.c.kind)
    )
    known = {kind.value for kind in NoticeKind}
    return {NoticeKind(kind): at for kind, at in rows if kind in known}


def last_stored(connection: Connection, kind: NoticeKind) -> datetime | None:
    """When a notice of that kind was written last."""
    found: datetime | None = connection.execute(
        select(func.max(notice.c.stored_at)).where(notice.c.kind == kind.value)
    ).scalar_one()
    return found


def stored_since(connection: Connection, kind: NoticeKind, account_id: str, since: datetime) -> bool:
    """Whether a notice of that kind about that account was written since then."""
    found = connection.execute(
        select(notice.c.id)
        .where(notice.c.kind == kind.value, notice.c.account_id == account_id, notice.c.stored_at >= since)
        .limit(1)
    )
    return found.first() is not None


def told_brand(connection: Connection, kind: NoticeKind, brand_id: str, since: datetime, *, about: str = "") -> bool:
    """Whether a notice of that kind to that brand was written since then, with those words in it."""
    found = connection.execute(
        select(notice.c.id)
        .where(
            notice.c.kind == kind.value, notice.c.brand_id == brand_id, notice.c.stored_at >= since,
            notice.c.text.contains(about, autoescape=True),
        )
        .limit(1)
    )  # fmt: skip
    return found.first() is not None


def take(connection: Connection, items: Sequence[Waiting], now: datetime) -> list[Waiting]:
    """Count a try for each, before it is made; those that another worker took meanwhile are left out."""
    taken = []
    for one in items:
        changed = connection.execute(
            update(notice)
            .where(notice.c.id == one.id, notice.c.tries == one.tries, notice.c.told_at.is_(None))
            .values(tries=one.tries + 1, tried_at=now)
        )
        if changed.rowcount == 1:
            taken.append(one)
    return taken


def told(connection: Connection, ids: Sequence[str], by: str, now: datetime) -> None:
    """Somebody was told these."""
    connection.execute(update(notice).where(notice.c.id.in_(ids)).values(told_at=now, told_by=by[:64]))


def unnoticed(scope: Scope, now: datetime, *, back: timedelta, settle: timedelta) -> list[Notice]:
    """What the brand's rows say should have been told and was not: a worker died between the fact and its notice.

    Looks `back` at most, and leaves alone what changed within `settle`: its notice may be on its way.
    """
    mine = delivery.c.brand_id == scope.brand_id
    found = []
    for kind, in_state in _TOLD_STATES.items():
        known = exists().where(
            notice.c.delivery_id == delivery.c.id, notice.c.kind == kind.value,
            notice.c.stored_at >= delivery.c.changed_at,
        )  # fmt: skip
        rows = scope.connection.execute(
            select(delivery.c.id, delivery.c.account_id, delivery.c.reason, delivery.c.changed_at).where(
                mine, in_state, delivery.c.changed_at > now - back,
                delivery.c.changed_at < now - settle, ~known,
            )
        )  # fmt: skip
        found += [
            Notice(kind, row.reason or kind.value, row.changed_at, scope.brand_id, row.account_id, row.id)
            for row in rows
        ]
    lately = exists().where(
        notice.c.account_id == account.c.id, notice.c.kind == NoticeKind.BLOCKED.value,
        notice.c.stored_at > now - back,
    )  # fmt: skip
    blocked = scope.connection.execute(
        select(account.c.id, account.c.blocked_reason).where(
            and_(account.c.brand_id == scope.brand_id, account.c.blocked_reason.is_not(None), ~lately)
        )
    )
    return found + [Notice(NoticeKind.BLOCKED, row.blocked_reason, now, scope.brand_id, row.id) for row in blocked]


def _waiting(row: Row[Any]) -> Waiting:
    told_of = Notice(NoticeKind(row.kind), row.text, row.at, row.brand_id, row.account_id, row.delivery_id)
    return Waiting(row.id, told_of, row.stored_at, row.tries, row.tried_at)
