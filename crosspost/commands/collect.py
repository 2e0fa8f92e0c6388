"""Read the metrics that are due: posts on their ladder, accounts once a day. History is only added to.

Reading an account holds its lock, post by post: a delivery that comes in vain is let through at once, and what is
left to read waits for the next round.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crosspost.commands.costs import reading_held
from crosspost.domain.brand import Account, Brand
from crosspost.domain.errors import CrosspostError, NetworkFailure, NoCredit, RateLimited
from crosspost.domain.ladder import next_reading
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.domain.post import Reading
from crosspost.networks.network import Meter, Network
from crosspost.ownership import AccountLock, account_lock
from crosspost.store import brands, notices, posts
from crosspost.store.posts import StoredPost
from crosspost.store.spending import Held
from crosspost.store.store import Store

_DAY = timedelta(days=1)
_AGAIN = timedelta(hours=1)  # after a failure: a metric read an hour late is no loss, a hammered network is


@dataclass(frozen=True, slots=True)
class CollectReport:
    readings: int
    problems: tuple[str, ...]
    next_at: datetime | None


def collect(
    store: Store,
    brand: Brand,
    open_account: Callable[[Account], Network],
    now: datetime,
    locks: Path | None = None,
    *,
    notify: Callable[[Notice], None] | None = None,
) -> CollectReport:
    """Read what is due for one brand. One account's failure never hides another's numbers. What costs money is read as
    far as the budgets let it.

    `locks` is the folder of the accounts' locks; without it nobody else may use the accounts meanwhile.
    """
    with store.read(brand.id) as scope:
        accounts = brands.accounts(scope)
        due_posts = posts.posts_to_read(scope, now)
        due_accounts = {one.id for one in accounts if posts.account_reading_due(scope, one.id, now)}
    count = 0
    problems: list[str] = []
    told: list[Notice] = []
    for account in accounts:
        mine = [post for post in due_posts if post.account_id == account.id]
        if not mine and account.id not in due_accounts:
            continue
        lock = account_lock(locks, account.id) if locks is not None else None
        if locks is not None and lock is None:
            continue  # it is being posted to: the next round comes soon
        with lock or nullcontext():
            try:
                adapter = open_account(account)
            except CrosspostError as error:
                problems.append(str(error))
                _later(store, brand, account, mine, now, own=True)
                continue
            if not isinstance(adapter, Meter):
                _later(store, brand, account, mine, None, own=True)
                continue
            own = account.id in due_accounts
            count += _read(store, brand, account, adapter, mine, own, now, problems, told, lock)
    with store.read(brand.id) as scope:
        report = CollectReport(count, tuple(problems), posts.next_reading_due(scope))
    if notify is not None:
        for notice in told:
            notify(notice)
    return report


def _read(
    store: Store,
    brand: Brand,
    account: Account,
    meter: Meter,
    due: list[StoredPost],
    own: bool,
    now: datetime,
    problems: list[str],
    told: list[Notice],
    lock: AccountLock | None,
) -> int:
    found: list[tuple[StoredPost | None, list[Reading]]] = []
    failure: NetworkFailure | None = None
    held: Held | None = None
    if lock is not None:
        lock.wanted()  # who came before this round has been served since
    try:
        for post in (*([None] if own else []), *due):
            if found and lock is not None and lock.wanted():
                break
            if (held := reading_held(store, brand, account, meter, now, own=post is None)) is not None:
                break
            readings = meter.read_account(now) if post is None else meter.read_post(post.post, now)
            found.append((post, readings))
    except NetworkFailure as problem:
        failure = problem
        problems.append(f"{account.network} {account.handle}: {failure.reason}")
    if lock is not None:
        lock.release()  # the network is asked nothing more
    count = 0
    # One commit for the account: what was read before a failure is kept, and the disk is waited for once.
    with store.write(brand.id) as scope:
        for about, readings in found:
            count += posts.add_readings(scope, account.id, about.id if about else None, readings, origin="api")
            if about is None:
                brands.change_account(scope, account.id, next_read_at=now + timedelta(days=1))
            else:
                posts.schedule_reading(scope, about.id, next_reading(about.post.published_at or now, now))
    if held is not None:
        told += held.notices
    if isinstance(failure, NoCredit) and (notice := _no_credit(store, brand, account, failure, now)) is not None:
        told.append(notice)
    if failure is not None or held is not None:
        done = {about.id for about, _ in found if about is not None}
        until = now + _AGAIN
        if isinstance(failure, RateLimited) and failure.until:
            until = failure.until
        left = [post for post in due if post.id not in done]
        # An account that was read is not read again: it may cost.
        unread = own and not any(about is None for about, _ in found)
        _later(store, brand, account, left, max(until, now + timedelta(minutes=1)), own=unread)
    return count


def _no_credit(store: Store, brand: Brand, account: Account, failure: NoCredit, now: datetime) -> Notice | None:
    """What its owner is told, once a day."""
    with store.database.read() as connection:
        if notices.stored_since(connection, NoticeKind.BUDGET, account.id, now - _DAY):
            return None
    text = f"{account.network} {account.handle} has no credits, and its metrics are not read: {failure.reason}"
    return Notice(NoticeKind.BUDGET, text, now, brand.id, account.id)


def _later(
    store: Store, brand: Brand, account: Account, due: list[StoredPost], at: datetime | None, *, own: bool
) -> None:
    with store.write(brand.id) as scope:
        for post in due:
            if post.next_read_at is not None and (at is None or post.next_read_at < at):
                posts.schedule_reading(scope, post.id, at)
        if own:
            brands.change_account(scope, account.id, next_read_at=at)
