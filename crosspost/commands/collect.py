"""Read the metrics that are due: posts on their ladder, accounts once a day. History is only added to.

A name that the network no longer knows is remembered and told once. A post that it does not show twice, an hour apart,
is held deleted. Where the brand says so, who reacted is read as well, and kept as keyed hashes alone.

Reading an account holds its lock, post by post: a delivery that comes in vain is let through at once, and what is
left to read waits for the next round.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crosspost.commands.costs import reading_held
from crosspost.domain.brand import Account, Brand
from crosspost.domain.errors import CrosspostError, NetworkFailure, NoCredit, RateLimited, Unauthorized, Unreachable
from crosspost.domain.ladder import next_reading
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.domain.post import Cause, Reading
from crosspost.domain.reactor import Reactor, handle_hash, mark_of
from crosspost.networks.network import Audience, Meter, Network
from crosspost.ownership import AccountLock, account_lock
from crosspost.secret import Secret
from crosspost.store import brands, dead_names, notices, posts, reactors
from crosspost.store.posts import StoredPost
from crosspost.store.reactors import Hashed
from crosspost.store.spending import Held
from crosspost.store.store import Scope, Store

_DAY = timedelta(days=1)
_AGAIN = timedelta(hours=1)  # after a failure: a metric read an hour late is no loss, a hammered network is


@dataclass(frozen=True, slots=True)
class CollectReport:
    """`reactions` are those that were new. `dead` names the metrics that a network knows no more."""

    readings: int
    problems: tuple[str, ...]
    next_at: datetime | None
    reactions: int = 0
    dead: tuple[str, ...] = ()
    left: int = 0  # posts that are due and were not read this time


@dataclass(slots=True)
class _Round:
    """One round of one brand: what it is given, and what has come of it so far."""

    store: Store
    brand: Brand
    now: datetime
    notify: Callable[[Notice], None] | None
    key: Callable[[], Secret] | None
    problems: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    readings: int = 0
    reactions: int = 0


def collect(
    store: Store,
    brand: Brand,
    open_account: Callable[[Account], Network],
    now: datetime,
    locks: Path | None = None,
    *,
    notify: Callable[[Notice], None] | None = None,
    key: Callable[[], Secret] | None = None,
    only: str | None = None,
    everything: bool = False,
) -> CollectReport:
    """Read what is due for one brand. One account's failure never hides another's numbers. What costs money is read as
    far as the budgets let it.

    `locks` is the folder of the accounts' locks; without it nobody else may use the accounts meanwhile. `key` is the
    brand's, under which reactors are hashed: without it none are read. `only` is one account's id; `everything` reads
    what is not due as well. What is never due (a comment, a post that a file told of) is not asked for: its network
    tells no numbers of it, or knows no such id.
    """
    with store.read(brand.id) as scope:
        # The others' numbers are told, not read.
        accounts = [one for one in brands.accounts(scope) if only in (None, one.id) and one.has_api]
        due_posts = posts.posts(scope) if everything else posts.posts_to_read(scope, now)
        due_posts = [one for one in due_posts if one.deleted_at is None and one.next_read_at is not None]
        due_accounts = {one.id for one in accounts if everything or posts.account_reading_due(scope, one.id, now)}
    this = _Round(store, brand, now, notify, key if brand.reactors else None)
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
                this.problems.append(f"{account.network} {account.handle}: {error}")
                _later(store, brand, account, mine, now + _AGAIN, own=True)
                continue
            if not isinstance(adapter, Meter):
                _later(store, brand, account, mine, None, own=True)
                continue
            _read(this, account, adapter, mine, account.id in due_accounts, lock)
    with store.read(brand.id) as scope:
        left = [one for one in posts.posts_to_read(scope, now) if only in (None, one.account_id)]
        return CollectReport(
            this.readings, tuple(this.problems), posts.next_reading_due(scope), this.reactions, tuple(this.dead),
            len(left),
        )  # fmt: skip


def _read(
    this: _Round, account: Account, meter: Meter, due: list[StoredPost], own: bool, lock: AccountLock | None
) -> None:
    now = this.now
    found: list[tuple[StoredPost | None, list[Reading]]] = []
    reacted: list[tuple[StoredPost, list[Hashed]]] = []
    failure: NetworkFailure | None = None
    audience = meter if isinstance(meter, Audience) else None
    held: Held | None = None
    if lock is not None:
        lock.wanted()  # who came before this round has been served since
    try:
        for post in (*([None] if own else []), *due):
            if found and lock is not None and lock.wanted():
                break
            if (held := reading_held(this.store, this.brand, account, meter, now, own=post is None)) is not None:
                break
            if post is None:
                found.append((None, meter.read_account(now)))
                continue
            found.append((post, meter.read_post(post.post, now)))
            if audience is not None and this.key is not None:
                try:
                    reacted.append((post, hashed(audience.reactors(post.post).people, account.network, this.key())))
                except (Unauthorized, Unreachable) as refusal:  # the numbers are read all the same
                    this.problems.append(f"who reacted on {account.network} {account.handle}: {refusal.reason}")
                    audience = None
    except NetworkFailure as problem:
        failure = problem
        this.problems.append(f"{account.network} {account.handle}: {failure.reason}")
    if lock is not None:
        lock.release()  # the network is asked nothing more
    told: list[Notice] = []
    # One commit for the account: what was read before a failure is kept, and the disk is waited for once.
    with this.store.write(this.brand.id) as scope:
        for about, readings in found:
            this.readings += posts.add_readings(scope, account.id, about.id if about else None, readings, origin="api")
            told += _names(this, scope, account, readings)
            if about is None:
                brands.change_account(scope, account.id, next_read_at=now + timedelta(days=1))
            else:
                at = next_reading(about.post.published_at or now, now)
                posts.schedule_reading(scope, about.id, at if _is_there(scope, about, readings, now) else now + _AGAIN)
        known = reactors.erased_marks(scope) if reacted else frozenset()
        for post, people in reacted:
            this.reactions += reactors.add(scope, account.id, post.id, allowed(people, known, this.key), now)
    if held is not None:
        told += held.notices
    if isinstance(failure, NoCredit) and (notice := _no_credit(this, account, failure)) is not None:
        told.append(notice)
    for notice in told:
        if this.notify is not None:
            this.notify(notice)
    if failure is not None or held is not None:
        done = {about.id for about, _ in found if about is not None}
        until = now + _AGAIN
        if isinstance(failure, RateLimited) and failure.until:
            until = failure.until
        left = [post for post in due if post.id not in done]
        # An account that was read is not read again: it may cost.
        unread = own and not any(about is None for about, _ in found)
        _later(this.store, this.brand, account, left, max(until, now + timedelta(minutes=1)), own=unread)


def _no_credit(this: _Round, account: Account, failure: NoCredit) -> Notice | None:
    """What its owner is told, once a day."""
    with this.store.database.read() as connection:
        if notices.stored_since(connection, NoticeKind.BUDGET, account.id, this.now - _DAY):
            return None
    text = f"{account.network} {account.handle} has no credits, and its metrics are not read: {failure.reason}"
    return Notice(NoticeKind.BUDGET, text, this.now, this.brand.id, account.id)


def _names(this: _Round, scope: Scope, account: Account, readings: list[Reading]) -> list[Notice]:
    """Remember which names died, and which came back; what is to be told of it, once."""
    said = []
    for name, reason in {one.provider_name: one.reason for one in readings if one.cause is Cause.DEAD_NAME}.items():
        if dead_names.died(scope, account.network, name, f"{account.network} knows no {name}: {reason}", this.now):
            this.dead.append(f"{account.network} {name}")
            said.append(f"{account.network} no longer knows the metric {name} ({reason}): it is missing from now on, "
                        "every other is read as before")  # fmt: skip
    alive = {one.provider_name.partition(".")[0] for one in readings if one.value is not None}
    said += [
        f"{account.network} knows the metric {name} again" for name in dead_names.revived(scope, account.network, alive)
    ]
    return [Notice(NoticeKind.METRIC, text, this.now, this.brand.id, account.id) for text in said]


def _is_there(scope: Scope, about: StoredPost, readings: list[Reading], now: datetime) -> bool:
    """Whether the network showed the post; one that it does not show is looked for again soon."""
    if not any(one.cause is Cause.GONE for one in readings):
        posts.shown(scope, about.id)
        return True
    posts.missed(scope, about.id, now)
    return False


def hashed(people: Iterable[Reactor], network: str, key: Secret) -> list[Hashed]:
    """The same people without their names. The names go no further than this."""
    secret = key.reveal().encode()
    return [
        Hashed(
            one.kind, handle_hash(network, one.handle, secret),
            handle_hash(network, one.id, secret) if one.id else None, one.at,
        )
        for one in people
        if one.handle.strip().removeprefix("@")
    ]  # fmt: skip


def allowed(people: list[Hashed], erased: Collection[str], key: Callable[[], Secret] | None) -> list[Hashed]:
    """Without those who were erased: they are recognised, and not taken in again."""
    if not erased or key is None:
        return people
    secret = key().reveal().encode()
    return [
        one
        for one in people
        if not any(mark_of(person, secret) in erased for person in (one.person, one.also) if person)
    ]


def _later(
    store: Store, brand: Brand, account: Account, due: list[StoredPost], at: datetime | None, *, own: bool
) -> None:
    with store.write(brand.id) as scope:
        for post in due:
            if post.next_read_at is not None and (at is None or post.next_read_at < at):
                posts.schedule_reading(scope, post.id, at)
        if own:
            brands.change_account(scope, account.id, next_read_at=at)
