"""Deliveries as their owner handles them: planned, approved, edited, cancelled, settled by a person, shown.

What a worker does with them is in crosspost.store.flights. Every change is a compare-and-set on the epoch: it
changes one row or raises Conflict, and writes who did it into `event` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import tzdata  # type: ignore[import-untyped]
from sqlalchemy import Row, insert, select, update

from crosspost.domain.brand import BY_HAND
from crosspost.domain.delivery import IN_FLIGHT, Attempt, Delivery, LatePolicy, State
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.ids import idempotency_key, new_id, record_key
from crosspost.domain.period import aware
from crosspost.domain.post import Post
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Teaser
from crosspost.domain.transitions import ALLOWED, check
from crosspost.domain.windows import BootTime
from crosspost.store import posts
from crosspost.store.events import record
from crosspost.store.store import Scope
from crosspost.store.tables import account, attempt, delivery

# What a new revision starts without: the attempts of the old one say nothing about it.
_UNTRIED: dict[str, object] = {
    "attempts": 0, "ambiguous": False, "absences": 0, "looks": 0, "readable_only": False, "refused_as_repeat": False,
    "first_sent_at": None, "first_sent_boot_s": None, "first_sent_boot_id": None, "last_sent_boot_s": None,
    "last_sent_boot_id": None, "next_boot_s": None, "next_boot_id": None, "next_at": None, "handle": None,
    "remote_id": None, "remote_url": None, "evidence": None, "approved_at": None, "approved_by": None,
}  # fmt: skip


def draft(
    scope: Scope,
    account_id: str,
    teaser: Teaser,
    code: str,
    due: Due,
    *,
    now: datetime,
    article_id: str | None = None,
    parent_id: str | None = None,
    late_policy: LatePolicy = LatePolicy.PUBLISH,
    window_s: int = 21_600,
) -> Delivery:
    """Plan a delivery: nothing is sent before it is approved. Raises NotFound for another brand's account."""
    known = scope.connection.execute(
        select(account.c.id).where(account.c.brand_id == scope.brand_id, account.c.id == account_id)
    ).first()
    if known is None:
        raise NotFound("the account does not belong to this brand")
    if parent_id is not None:
        get(scope, parent_id)
    delivery_id = new_id(now)
    scope.connection.execute(
        insert(delivery).values(
            id=delivery_id, brand_id=scope.brand_id, account_id=account_id, article_id=article_id,
            parent_id=parent_id, revision=1, state=State.DRAFT.value, code=code, late_policy=late_policy.value,
            window_s=window_s, epoch=0, created_at=now, changed_at=now,
            **_frozen(delivery_id, 1, teaser, due.at), **_timed(due),
        )
    )  # fmt: skip
    return get(scope, delivery_id)


def approve(scope: Scope, delivery_id: str, *, who: str, now: datetime) -> Delivery:
    """Let a draft go out when it is due: its text, link, key and record key are frozen from here on. Its replies too.

    Raises Conflict when it is no draft, or when its time and the lateness it allows have passed.
    """
    row = get(scope, delivery_id)
    if row.state is not State.DRAFT:
        raise Conflict(f"the delivery is {row.state.value}, only a draft is approved")
    if now > row.expires_at:
        raise Conflict("its time has passed", remedy="give it a new time first")
    frozen = _frozen(row.id, row.revision, row.teaser, row.due_at)
    _change(scope, row, State.SCHEDULED, now, reason=None, approved_at=now, approved_by=who, **frozen)
    told = {"revision": row.revision, "sha256": row.teaser.sha256, "due_at": row.due_at.isoformat()}
    record(scope, "approve", row.id, who=who, now=now, **told)
    for reply in replies(scope, row.id):
        if reply.state is State.DRAFT:
            approve(scope, reply.id, who=who, now=now)
    return get(scope, delivery_id)


def revise(
    scope: Scope,
    delivery_id: str,
    *,
    who: str,
    now: datetime,
    teaser: Teaser | None = None,
    due: Due | None = None,
    late_policy: LatePolicy | None = None,
    window_s: int | None = None,
) -> Delivery:
    """Edit what was not sent. After approval that is a new revision, a draft again, under a new key.

    A missed or rejected delivery comes back this way too. Its replies keep their words and go along to a new time.
    Raises Conflict while it is being sent or after it was.
    """
    row = get(scope, delivery_id)
    if row.state in IN_FLIGHT:
        raise Conflict("the delivery is being sent", remedy="wait for its outcome")
    if State.DRAFT not in ALLOWED[row.state]:
        raise Conflict(f"the delivery is {row.state.value}", remedy="plan a new one")
    revision = row.revision if row.state is State.DRAFT else row.revision + 1
    at = due.at if due else row.due_at
    values = {**_UNTRIED, **_frozen(row.id, revision, teaser or row.teaser, at), **(_timed(due) if due else {})}
    if late_policy is not None:
        values["late_policy"] = late_policy.value
    if window_s is not None:
        values["window_s"] = window_s
    _change(scope, row, State.DRAFT, now, reason=None, revision=revision, **values)
    record(scope, "edit", row.id, who=who, now=now, revision=revision, before=row.state.value)
    for reply in replies(scope, row.id) if due else []:
        if State.DRAFT in ALLOWED[reply.state] and reply.state not in IN_FLIGHT:
            revise(scope, reply.id, who=who, now=now, due=due, late_policy=late_policy, window_s=window_s)
    return get(scope, delivery_id)


def cancel(scope: Scope, delivery_id: str, *, who: str, now: datetime, reason: str = "cancelled") -> Delivery:
    """Withdraw a delivery that was not sent, or that a person gives up, with the replies that would answer it.

    Raises Conflict while it is being sent.
    """
    row = get(scope, delivery_id)
    if row.state in IN_FLIGHT:
        raise Conflict("the delivery is being sent", remedy="wait for its outcome")
    if State.CANCELLED not in ALLOWED[row.state]:
        raise Conflict(f"the delivery is {row.state.value}, it cannot be cancelled")
    _change(scope, row, State.CANCELLED, now, reason=reason)
    record(scope, "cancel", row.id, who=who, now=now, reason=reason, before=row.state.value)
    for reply in replies(scope, row.id):
        if State.CANCELLED in ALLOWED[reply.state]:
            cancel(scope, reply.id, who=who, now=now, reason=f"the post it replies to was lost: {reason}")
    return get(scope, delivery_id)


def resolve_published(
    scope: Scope,
    delivery_id: str,
    *,
    url: str,
    who: str,
    now: datetime,
    remote_id: str | None = None,
    posted_at: datetime | None = None,
) -> Delivery:
    """A person found the post: its address is the evidence. Also before the machine asks, while nobody looks.

    On a manual network a person made it: at `posted_at`, else now. That may be said after it was missed as well.
    """
    row = get(scope, delivery_id)
    on = _account(scope, row.account_id)
    if on.server == BY_HAND:
        return _posted_by_hand(scope, row, on.network, url, who=who, now=now, at=posted_at or now)
    if row.state in IN_FLIGHT and row.owner is not None:
        raise Conflict("the delivery is being sent or looked for", remedy="try again in a minute")
    if row.state not in (State.NEEDS_PERSON, State.UNKNOWN):
        raise Conflict(f"the delivery is {row.state.value}: there is nothing to settle by hand")
    _check_url(url)
    evidence = f"{who} found it at {url}"
    _change(
        scope, row, State.PUBLISHED, now, reason="published", ambiguous=False, refused_as_repeat=False,
        remote_id=remote_id, remote_url=url, evidence=evidence, published_at=posted_at, next_at=None,
    )  # fmt: skip
    if remote_id is not None:
        posts.add_post(
            scope, row.account_id, on.network, Post(remote_id, url), now=now, delivery_id=row.id, code=row.code,
            next_read_at=now, published_reason="the answer to the request was lost",
        )  # fmt: skip
    _person(scope, row, "published", evidence, who=who, now=now)
    return get(scope, delivery_id)


def _posted_by_hand(
    scope: Scope, row: Delivery, network: str, url: str, *, who: str, now: datetime, at: datetime
) -> Delivery:
    if row.state not in (State.NEEDS_PERSON, State.UNKNOWN, State.MISSED):
        raise Conflict(
            f"the delivery is {row.state.value}: nobody was asked to post it",
            remedy="`crosspost edit --at` moves it; when it is due you are asked",
        )
    _check_url(url)
    if not row.created_at <= at <= now:
        raise BadInput("it cannot have been posted then", remedy="a time since it was planned, which has come")
    evidence = f"{who} says that it was posted by hand: {url}"
    post_id = posts.told_by_hand(
        scope, row.account_id, network, Post(url, url, row.teaser.text, at), row.id, row.code, now
    )
    if post_id is None:
        raise Conflict("another delivery was posted at that address", remedy="paste the address of this one")
    check(row.state, State.PUBLISHED, by_hand=True)
    _write(
        scope, row, State.PUBLISHED, now, reason="published", ambiguous=False, remote_id=url,
        remote_url=url, evidence=evidence, published_at=at, next_at=None,
    )  # fmt: skip
    _person(scope, row, "published", evidence, who=who, now=now)
    return get(scope, row.id)


def _check_url(url: str) -> None:
    if not url.startswith(("https://", "http://")):
        raise BadInput(f"{url!r} is not the address of a post", remedy="paste it from the browser")


def resolve_not_there(scope: Scope, delivery_id: str, *, who: str, now: datetime) -> Delivery:
    """A person signs that the post is not there: it is sent again, inside its window. Only where a person was asked:
    earlier it may still arrive."""
    row = get(scope, delivery_id)
    if row.state in IN_FLIGHT:
        raise Conflict("what was sent may still arrive", remedy="wait until the delivery needs a person")
    if row.state is not State.NEEDS_PERSON:
        raise Conflict(f"the delivery is {row.state.value}: there is nothing to settle by hand")
    if row.waits_for_hand:
        raise Conflict("nothing was posted yet: it waits for you", remedy="post it by hand, or cancel it")
    _change(
        scope, row, State.SCHEDULED, now, reason=f"{who} signed that it is not there", ambiguous=False, attempts=0,
        absences=1, looks=0, readable_only=False, refused_as_repeat=False, next_boot_s=None, next_boot_id=None,
        next_at=None,
    )  # fmt: skip
    _person(scope, row, "not there", f"signed by {who}", who=who, now=now)
    return get(scope, delivery_id)


def get(scope: Scope, delivery_id: str) -> Delivery:
    """One delivery. Raises NotFound."""
    row = scope.connection.execute(
        select(delivery).where(delivery.c.brand_id == scope.brand_id, delivery.c.id == delivery_id)
    ).first()
    if row is None:
        raise NotFound(f"no delivery has the id {delivery_id!r}", remedy="see `crosspost deliveries list`")
    return from_row(row)


def listed(scope: Scope, states: Collection[State] | None = None, *, account_id: str | None = None) -> list[Delivery]:
    """The brand's deliveries by due time; only those in `states` when given."""
    query = select(delivery).where(delivery.c.brand_id == scope.brand_id).order_by(delivery.c.due_at, delivery.c.id)
    if states is not None:
        query = query.where(delivery.c.state.in_([state.value for state in states]))
    if account_id is not None:
        query = query.where(delivery.c.account_id == account_id)
    return [from_row(row) for row in scope.connection.execute(query)]


def heads(scope: Scope, ids: Collection[str]) -> list[str]:
    """Those of the deliveries that answer none of the others: what is done to a post is done to its replies."""
    return [one for one in dict.fromkeys(ids) if get(scope, one).parent_id not in ids]


def replies(scope: Scope, delivery_id: str) -> list[Delivery]:
    """The deliveries that answer this one's post, by due time."""
    rows = scope.connection.execute(
        select(delivery)
        .where(delivery.c.brand_id == scope.brand_id, delivery.c.parent_id == delivery_id)
        .order_by(delivery.c.due_at, delivery.c.id)
    )
    return [from_row(row) for row in rows]


def attempts(scope: Scope, delivery_id: str) -> list[Attempt]:
    """What was tried for a delivery, oldest first."""
    rows = scope.connection.execute(
        select(attempt)
        .where(attempt.c.brand_id == scope.brand_id, attempt.c.delivery_id == delivery_id)
        .order_by(attempt.c.epoch, attempt.c.id)
    )
    return [
        Attempt(
            row.id, row.delivery_id, row.number, row.action, row.epoch, row.owner, row.started_at, row.finished_at,
            row.outcome, row.detail,
        )
        for row in rows
    ]  # fmt: skip


def taken(scope: Scope, account_id: str, after: datetime) -> set[datetime]:
    """The due times after `after` that the account's living deliveries hold: slots that are not free."""
    rows = scope.connection.execute(
        select(delivery.c.due_at).where(
            delivery.c.brand_id == scope.brand_id,
            delivery.c.account_id == account_id,
            delivery.c.due_at > after,
            delivery.c.state.not_in([State.CANCELLED.value, State.MISSED.value, State.REJECTED.value]),
        )
    )
    return {row.due_at for row in rows}


def from_row(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id, brand_id=row.brand_id, account_id=row.account_id, article_id=row.article_id,
        parent_id=row.parent_id, revision=row.revision, state=State(row.state), reason=row.reason,
        teaser=Teaser.from_json(row.teaser), sha256=row.sha256, code=row.code, key=row.key,
        record_key=row.record_key, due_at=row.due_at, due_local=row.due_local, zone=row.zone, tzdata=row.tzdata,
        late_policy=LatePolicy(row.late_policy), window_s=row.window_s, created_at=row.created_at,
        changed_at=row.changed_at, epoch=row.epoch, owner=row.owner, attempts=row.attempts, ambiguous=row.ambiguous,
        absences=row.absences, looks=row.looks, readable_only=row.readable_only,
        refused_as_repeat=row.refused_as_repeat, first_sent_at=row.first_sent_at,
        first_sent_boot=_boot(row.first_sent_boot_id, row.first_sent_boot_s),
        last_sent_boot=_boot(row.last_sent_boot_id, row.last_sent_boot_s),
        next_boot=_boot(row.next_boot_id, row.next_boot_s), next_at=row.next_at, handle=row.handle,
        remote_id=row.remote_id, remote_url=row.remote_url, evidence=row.evidence, published_at=row.published_at,
        verified_at=row.verified_at, verified_evidence=row.verified_evidence, approved_at=row.approved_at,
        approved_by=row.approved_by,
    )  # fmt: skip


def _boot(boot_id: str | None, seconds: float | None) -> BootTime | None:
    return BootTime(boot_id, seconds) if boot_id is not None and seconds is not None else None


def _frozen(delivery_id: str, revision: int, teaser: Teaser, due_at: datetime) -> dict[str, object]:
    sha256 = teaser.sha256
    return {
        "teaser": teaser.as_json(),
        "sha256": sha256,
        "key": idempotency_key(delivery_id, revision, sha256),
        "record_key": record_key(due_at, delivery_id, revision),
    }


def _timed(due: Due) -> dict[str, object]:
    return {"due_at": aware(due.at), "due_local": due.local, "zone": due.zone, "tzdata": tzdata.IANA_VERSION}


def _person(scope: Scope, row: Delivery, outcome: str, detail: str, *, who: str, now: datetime) -> None:
    scope.connection.execute(
        insert(attempt).values(
            id=new_id(now), brand_id=scope.brand_id, delivery_id=row.id, account_id=row.account_id,
            number=row.attempts, action="person", epoch=row.epoch + 1, owner=who[:64], started_at=now,
            started_boot_s=0.0, boot_id="", finished_at=now, outcome=outcome, detail=detail,
        )
    )  # fmt: skip
    record(scope, "resolve", row.id, who=who, now=now, outcome=outcome, detail=detail)


def _account(scope: Scope, account_id: str) -> Any:
    """Network and server of a delivery's account."""
    return scope.connection.execute(
        select(account.c.network, account.c.server).where(
            account.c.brand_id == scope.brand_id, account.c.id == account_id
        )
    ).one()


def _change(scope: Scope, row: Delivery, state: State, now: datetime, **values: object) -> None:
    check(row.state, state)
    _write(scope, row, state, now, **values)


def _write(scope: Scope, row: Delivery, state: State, now: datetime, **values: object) -> None:
    changed = scope.connection.execute(
        update(delivery)
        .where(
            delivery.c.brand_id == scope.brand_id,
            delivery.c.id == row.id,
            delivery.c.epoch == row.epoch,
            delivery.c.owner.is_(None),
        )
        .values(state=state.value, epoch=row.epoch + 1, changed_at=now, **values)
    )
    if changed.rowcount != 1:
        raise Conflict("the delivery changed meanwhile", remedy="look at it again")
