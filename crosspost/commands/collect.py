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

from crosspost.domain.brand import Account, Brand
from crosspost.domain.errors import CrosspostError, NetworkFailure, RateLimited
from crosspost.domain.ladder import next_reading
from crosspost.domain.post import Reading
from crosspost.networks.network import Meter, Network
from crosspost.ownership import AccountLock, account_lock
from crosspost.store import brands, posts
from crosspost.store.posts import StoredPost
from crosspost.store.store import Store

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
) -> CollectReport:
    """Read what is due for one brand. One account's failure never hides another's numbers.

    `locks` is the folder of the accounts' locks; without it nobody else may use the accounts meanwhile.
    """
    with store.read(brand.id) as scope:
        accounts = brands.accounts(scope)
        due_posts = posts.posts_to_read(scope, now)
        due_accounts = {one.id for one in accounts if posts.account_reading_due(scope, one.id, now)}
    count = 0
    problems: list[str] = []
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
            except (CrosspostError, NetworkFailure) as error:
                problems.append(f"{account.network} {account.handle}: {error}")
                _later(store, brand, account, mine, now)
                continue
            if not isinstance(adapter, Meter):
                _later(store, brand, account, mine, None)
                continue
            count += _read(store, brand, account, adapter, mine, account.id in due_accounts, now, problems, lock)
    with store.read(brand.id) as scope:
        return CollectReport(count, tuple(problems), posts.next_reading_due(scope))


def _read(
    store: Store,
    brand: Brand,
    account: Account,
    meter: Meter,
    due: list[StoredPost],
    own: bool,
    now: datetime,
    problems: list[str],
    lock: AccountLock | None,
) -> int:
    found: list[tuple[StoredPost | None, list[Reading]]] = []
    failure: NetworkFailure | None = None
    if lock is not None:
        lock.wanted()  # who came before this round has been served since
    try:
        if own:
            found.append((None, meter.read_account(now)))
        for post in due:
            if found and lock is not None and lock.wanted():
                break
            found.append((post, meter.read_post(post.post, now)))
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
    if failure is not None:
        done = {about.id for about, _ in found if about is not None}
        until = failure.until if isinstance(failure, RateLimited) and failure.until else now + _AGAIN
        left = [post for post in due if post.id not in done]
        _later(store, brand, account, left, max(until, now + timedelta(minutes=1)))
    return count


def _later(store: Store, brand: Brand, account: Account, due: list[StoredPost], at: datetime | None) -> None:
    with store.write(brand.id) as scope:
        for post in due:
            if post.next_read_at is not None and (at is None or post.next_read_at < at):
                posts.schedule_reading(scope, post.id, at)
        brands.change_account(scope, account.id, next_read_at=at)
