"""What was read, as people and programs see it: under common names, with status and reason; and what a person types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crosspost.commands.ledger_posts import declared
from crosspost.domain.brand import Account, Brand
from crosspost.domain.business import check_come
from crosspost.domain.common import Common, common
from crosspost.domain.errors import BadInput
from crosspost.domain.metric import About
from crosspost.domain.post import Reading, ReadingStatus
from crosspost.store import brands, posts
from crosspost.store.posts import StoredPost, StoredReading
from crosspost.store.store import Store


@dataclass(frozen=True, slots=True)
class Told:
    """One reading and what it is of: a post, or the account itself where `post` is None. `origin`: api, export,
    manual."""

    network: str
    account: str
    post: str | None
    url: str | None
    origin: str
    common: Common


def last(store: Store, brand: Brand, *, account_id: str | None = None) -> list[Told]:
    """The last value known of each metric; a later failure to read does not take away what an earlier reading knew."""
    with store.read(brand.id) as scope:
        accounts = {one.id: one for one in brands.accounts(scope)}
        stored = {one.id: one for one in posts.posts(scope)}
        found = posts.readings(scope, account_id=account_id)
    return sorted(_last(_told(found, accounts, stored)), key=_order)


def of_post(store: Store, brand: Brand, name: str, *, history: bool = False) -> list[Told]:
    """The readings of one post, by its address, the network's id, ours or its delivery's. Raises NotFound, BadInput."""
    with store.read(brand.id) as scope:
        accounts = {one.id: one for one in brands.accounts(scope)}
        post = posts.named(scope, name)
        found = posts.readings(scope, post_id=post.id)
    rows = list(_told(found, accounts, {post.id: post}))
    return rows if history else sorted(_last(rows), key=_order)


def _told(
    found: Iterable[StoredReading], accounts: dict[str, Account], stored: dict[str, StoredPost]
) -> Iterable[Told]:
    for one in found:
        account, post = accounts[one.account_id], stored.get(one.post_id or "")
        about: About = "account" if one.post_id is None else "post"
        yield Told(
            account.network, account.handle, post.post.remote_id if post else None, post.post.url if post else None,
            one.origin, common(account.network, declared(account.network), about, one.reading),
        )  # fmt: skip


def _order(one: Told) -> tuple[str, str, bool, str, int, str]:
    """By network and account, the account's own first, each in the order the network declares."""
    names = [metric.name for metric in declared(one.network)]
    place = names.index(one.common.name) if one.common.name in names else len(names)
    return one.network, one.account, one.post is not None, one.post or "", place, one.common.name


def _last(rows: Iterable[Told]) -> list[Told]:
    found: dict[tuple[str, str, str | None, str], Told] = {}
    for one in rows:
        key = (one.network, one.account, one.post, one.common.name)
        known = found.get(key)
        if known is None or one.common.reading.value is not None or known.common.reading.value is None:
            found[key] = one
    return list(found.values())


# Of a post, and of an account. The words of crosspost.domain.post; Meetup's members are followers, its guests rsvps.
OF_POSTS = (
    "impressions", "reach", "likes", "replies", "reposts", "quotes", "saves", "clicks", "link_clicks", "profile_clicks",
    "bookmarks", "rsvps",
)  # fmt: skip
OF_ACCOUNTS = ("followers", "posts", "impressions", "reach")


def add_reading(
    store: Store, account: Account, metric: str, value: float, now: datetime, *, at: datetime, post: str | None = None
) -> Reading:
    """Keep what a person read: of a post (its address, its id or its delivery's), else of the account.

    Raises BadInput for a value or metric that cannot be, NotFound for a post nobody told of.
    """
    known = OF_POSTS if post else OF_ACCOUNTS
    if metric not in known:
        of, more = ("a post", "") if post else ("an account", "; or of a post: --post ADDRESS")
        raise BadInput(f"{metric!r} is not counted of {of}", remedy=f"one of: {', '.join(known)}{more}")
    if value < 0 or value != int(value):
        raise BadInput(f"{metric} is a count, {value:g} is none", remedy="a whole number, zero or more")
    check_come(at, now, "the reading")
    found = Reading(metric, "typed by a person", value, ReadingStatus.VALUE, at)
    with store.write(account.brand_id) as scope:
        about = posts.named(scope, post, account.id).id if post else None
        posts.add_readings(scope, account.id, about, [found], origin="manual")
    return found
