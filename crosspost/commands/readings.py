"""What was read, as people and programs see it: under common names, with status and reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crosspost.commands.ledger import declared
from crosspost.domain.brand import Account, Brand
from crosspost.domain.common import Common, common
from crosspost.domain.errors import BadInput, NotFound
from crosspost.domain.metric import About
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
    """The readings of one post, by its address, the network's id or ours. Raises NotFound, BadInput."""
    with store.read(brand.id) as scope:
        accounts = {one.id: one for one in brands.accounts(scope)}
        fitting = [one for one in posts.posts(scope) if name in (one.id, one.post.remote_id, one.post.url)]
        if not fitting:
            raise NotFound(f"no post of {brand.slug} is called {name!r}", remedy="its address, or its id there")
        if len(fitting) > 1:
            raise BadInput(f"{len(fitting)} posts are called {name!r}", remedy="say which by its address")
        found = posts.readings(scope, post_id=fitting[0].id)
    rows = list(_told(found, accounts, {fitting[0].id: fitting[0]}))
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
