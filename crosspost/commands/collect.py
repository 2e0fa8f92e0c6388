"""Read the metrics that are due: posts on their ladder, accounts once a day. History is only added to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crosspost.domain.brand import Account, Brand
from crosspost.domain.errors import CrosspostError, NetworkFailure, RateLimited
from crosspost.domain.ladder import next_reading
from crosspost.networks.network import Meter, Network
from crosspost.store import brands, posts
from crosspost.store.posts import StoredPost
from crosspost.store.store import Store

_AGAIN = timedelta(hours=1)  # after a failure: a metric read an hour late is no loss, a hammered network is


@dataclass(frozen=True, slots=True)
class CollectReport:
    readings: int
    problems: tuple[str, ...]
    next_at: datetime | None


def collect(store: Store, brand: Brand, open_account: Callable[[Account], Network], now: datetime) -> CollectReport:
    """Read what is due for one brand. One account's failure never hides another's numbers."""
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
        try:
            adapter = open_account(account)
        except CrosspostError as error:
            problems.append(str(error))
            _later(store, brand, account, mine, now)
            continue
        if not isinstance(adapter, Meter):
            _later(store, brand, account, mine, None)
            continue
        count += _read(store, brand, account, adapter, mine, account.id in due_accounts, now, problems)
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
) -> int:
    count = 0
    try:
        if own:
            found = meter.read_account(now)
            with store.write(brand.id) as scope:
                count += posts.add_readings(scope, account.id, None, found, origin="api")
                brands.change_account(scope, account.id, next_read_at=now + timedelta(days=1))
        for post in due:
            found = meter.read_post(post.post, now)
            with store.write(brand.id) as scope:
                count += posts.add_readings(scope, account.id, post.id, found, origin="api")
                posts.schedule_reading(scope, post.id, next_reading(post.post.published_at or now, now))
    except NetworkFailure as failure:
        problems.append(f"{account.network} {account.handle}: {failure.reason}")
        until = failure.until if isinstance(failure, RateLimited) and failure.until else now + _AGAIN
        _later(store, brand, account, due, max(until, now + timedelta(minutes=1)))
    return count


def _later(store: Store, brand: Brand, account: Account, due: list[StoredPost], at: datetime | None) -> None:
    with store.write(brand.id) as scope:
        for post in due:
            if post.next_read_at is not None and (at is None or post.next_read_at < at):
                posts.schedule_reading(scope, post.id, at)
        brands.change_account(scope, account.id, next_read_at=at)
