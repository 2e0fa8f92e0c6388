"""Delete one's own posts. What they brought stays on record: the post is marked, its readings and clicks are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crosspost.domain.brand import READING_ONLY, Account, Brand
from crosspost.domain.delivery import IN_FLIGHT, State
from crosspost.domain.errors import Conflict, NetworkFailure, NotAllowed, OutcomeUnknown, Unavailable
from crosspost.domain.transitions import ALLOWED
from crosspost.imports.posts import is_made_up
from crosspost.networks.network import Network, Remover
from crosspost.ownership import account_lock
from crosspost.store import brands, deliveries, events, posts
from crosspost.store.posts import StoredPost
from crosspost.store.store import Store

_WAIT_S = 30.0  # for a delivery of the same account that is under way


@dataclass(frozen=True, slots=True)
class Doomed:
    """What deleting one post means: the posts that go, replies before what they answer; the replies that are
    lost before they were sent; and the addresses of replies that a person found, which no program can delete."""

    account: Account
    posts: tuple[StoredPost, ...]
    lost: tuple[str, ...]
    left: tuple[str, ...] = ()


def doomed(store: Store, brand: Brand, name: str) -> Doomed:
    """What would go. Raises NotFound; Conflict while a reply to it is being sent, or nobody knows whether it was."""
    with store.read(brand.id) as scope:
        named = posts.named(scope, name)
        (account,) = brands.accounts(scope, [named.account_id])
        found, lost, left = [named], [], []
        for reply in deliveries.replies(scope, named.delivery_id) if named.delivery_id else []:
            if (its := posts.of_delivery(scope, reply.id)) is not None:
                found.insert(-1, its)
            elif reply.state is State.NEEDS_PERSON:
                raise Conflict(
                    f"its reply {reply.id} may be out, or not", remedy="say which: crosspost deliveries resolve"
                )
            elif State.CANCELLED in ALLOWED[reply.state]:
                lost.append(reply.id)
            elif reply.state in IN_FLIGHT:
                raise Conflict(f"its reply {reply.id} is being sent", remedy="wait for its outcome")
            elif reply.state is State.PUBLISHED:
                left.append(reply.remote_url or reply.id)
    return Doomed(account, tuple(found), tuple(lost), tuple(left))


def delete(
    store: Store,
    brand: Brand,
    name: str,
    open_account: Callable[[Account], Network],
    now: datetime,
    *,
    who: str,
    locks: Path,
) -> Doomed:
    """Delete a post with the replies under it; replies that were not sent are lost first.

    Deleting again what is gone is a success. Raises NotFound, Conflict, NotAllowed where the network lets no program
    delete, Unavailable when the network refuses or does not answer: what was deleted before that is recorded.
    """
    found = doomed(store, brand, name)
    account = found.account
    if not account.has_api:
        raise NotAllowed("no program reaches the post's account", remedy="delete it on the network by hand")
    if account.read_only:
        raise NotAllowed(READING_ONLY, remedy="delete it on the network by hand")
    if is_made_up(found.posts[-1].post.remote_id):
        raise NotAllowed("the file it was imported from does not tell its id", remedy="delete it there by hand")
    lock = account_lock(locks, account.id, _WAIT_S)
    if lock is None:
        raise Conflict("the account is being posted to", remedy="try again in a minute")
    with lock:
        try:
            adapter = open_account(account)
        except NetworkFailure as failure:
            raise Unavailable(f"{account.network} {account.handle}: {failure}", remedy="try again later") from None
        if not isinstance(adapter, Remover):
            raise NotAllowed(f"{account.network} lets no program delete a post", remedy="delete it there by hand")
        with store.write(brand.id) as scope:
            for reply_id in found.lost:
                deliveries.cancel(scope, reply_id, who=who, now=now, reason="the post it replies to is deleted")
        for post in found.posts:
            _delete_one(store, brand, account, adapter, post, now, who)
    return found


def _delete_one(
    store: Store, brand: Brand, account: Account, adapter: Remover, post: StoredPost, now: datetime, who: str
) -> None:
    where = f"{account.network} {account.handle}"
    try:
        adapter.delete(post.post)
    except OutcomeUnknown as failure:
        raise Unavailable(
            f"{where} did not say whether {post.post.remote_id} is deleted: {failure.reason}",
            remedy="look there, or delete it again: that does no harm",
        ) from None
    except NetworkFailure as failure:
        raise Unavailable(
            f"{where} does not delete {post.post.remote_id}: {failure.reason}", remedy="it is still there; try again"
        ) from None
    with store.write(brand.id) as scope:
        posts.mark_deleted(scope, post.id, now)
        events.record(scope, "delete", post.id, who=who, now=now, remote_id=post.post.remote_id)
