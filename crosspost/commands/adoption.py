"""Adopt an account: read in what it posted before, so that an audit does not start at zero.

Only reading is asked of the account, so a connection that may do nothing else is enough. What is known stays as it is:
adopting again adds what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from crosspost.commands.adopt import AdoptedLink, adopt_link, own_link
from crosspost.commands.collect import collect
from crosspost.commands.costs import pages_afforded
from crosspost.domain.brand import Account, Brand
from crosspost.domain.errors import Conflict, NetworkFailure, Unavailable
from crosspost.domain.ownlink import OwnLinks
from crosspost.domain.post import Post
from crosspost.networks.network import Lister, Network
from crosspost.ownership import account_lock
from crosspost.secret import Secret
from crosspost.store import articles, brands, deliveries, events, links, posts
from crosspost.store.store import Scope, Store

BACK = timedelta(days=365)  # how far back, where nobody says
PAGES = 200  # of a list: a bound, should a network never come to an end
_UNTOLD = "the network does not say how far back its list reaches"
ADOPTED = "adopted"  # among an account's settings: when it was adopted last


@dataclass(frozen=True, slots=True)
class Adoption:
    """What reading one account in brought. `partial` is why the list does not reach back to `since`.

    `homeless`: code and post of tracked links of which nothing tells where they should lead.
    """

    account: str
    since: datetime
    listed: int
    added: int
    replies: int  # to others' posts: a conversation, which is not taken in
    reaches_back_to: datetime | None
    partial: str | None
    links: tuple[AdoptedLink, ...] = ()
    homeless: tuple[tuple[str, str], ...] = ()
    readings: int = 0
    left: int = 0  # posts whose numbers are read in the next rounds
    problems: tuple[str, ...] = ()


def adopt(
    store: Store,
    brand: Brand,
    account: Account,
    open_account: Callable[[Account], Network],
    now: datetime,
    *,
    who: str,
    since: datetime | None = None,
    locks: Path | None = None,
    key: Callable[[], Secret] | None = None,
) -> Adoption:
    """Read in an account's posts since then (a year back, when nobody says), and their numbers.

    Raises Conflict (the network shows no list of posts; it is being posted to; no budget is left), Unavailable (it
    did not answer).
    """
    since = since or now - BACK
    name = f"{account.network} {account.handle}"
    lock = account_lock(locks, account.id) if locks is not None else None
    if locks is not None and lock is None:
        raise Conflict(f"{name} is being posted to or read", remedy="the same command again, in a minute")
    with lock or nullcontext():
        try:
            adapter = open_account(account)
            if not isinstance(adapter, Lister):
                raise Conflict(f"{account.network} shows no list of posts", remedy="import its export file instead")
            pages, short = pages_afforded(store, brand, account, adapter, now, PAGES)
            if pages < 1:
                raise Conflict(f"{name} is not read: {short}", remedy="raise it: crosspost budget")
            listing = adapter.posts(since, pages)
        except NetworkFailure as failure:
            raise Unavailable(f"{name} did not show its posts: {failure.reason}", remedy="try again later") from None
    if listing.account_id not in (None, account.remote_id):
        raise Conflict(f"{name} showed the posts of another account", remedy="crosspost account connect …")
    with store.write(brand.id) as scope:
        posted = [post for post in listing.posts if not post.answers_others]
        added, adopted, homeless = _take_in(scope, brand, account, posted, now, who)
        [present] = brands.accounts(scope, [account.id])  # its settings may have changed while the network was read
        brands.change_account(scope, account.id, settings={**present.settings, ADOPTED: now.isoformat()})
    far = listing.reaches_back_to is not None and listing.reaches_back_to <= since
    report = Adoption(
        name, since, len(posted), added, len(listing.posts) - len(posted), listing.reaches_back_to,
        None if far else "; ".join((*listing.notes, *([short] if short else []))) or _UNTOLD,
        tuple(adopted), tuple(homeless),
    )  # fmt: skip
    if not added:
        return report
    read = collect(store, brand, open_account, now, locks, only=account.id, key=key)
    return replace(report, readings=read.readings, left=read.left, problems=read.problems)


def _take_in(
    scope: Scope, brand: Brand, account: Account, posted: Sequence[Post], now: datetime, who: str
) -> tuple[int, list[AdoptedLink], list[tuple[str, str]]]:
    """Store what is not known, oldest first. A post with the link of a delivery that is out is that delivery's."""
    stored = [one.article for one in articles.articles(scope)]
    ours = OwnLinks.of(brand.public_url, [one.url for one in stored])
    by_code = {row.code: row for row in deliveries.listed(scope) if row.account_id == account.id}
    registered = {one.code for one in links.all_of(scope)} | by_code.keys()
    known = posts.known_ids(scope, account.id)
    added, adopted, homeless = 0, [], []
    for post in reversed(posted):
        if not post.remote_id or post.remote_id in known:
            continue
        own = own_link(post, ours, registered)
        code = own[0] if own else None
        delivery = by_code.get(code or "")
        is_its = delivery is not None and delivery.remote_id == post.remote_id
        known[post.remote_id] = posts.add_post(
            scope, account.id, account.network, post, now=now, code=code, next_read_at=now, adopted_at=now,
            delivery_id=delivery.id if delivery is not None and is_its else None, published_reason=_undated(post),
        )  # fmt: skip
        added += 1
        if own is not None and own[0] not in registered:
            registered.add(own[0])
            link = adopt_link(scope, brand, account, post, *own, stored, now, who=who)
            if link is None:
                homeless.append((own[0], post.url or post.remote_id))
            else:
                adopted.append(link)
    events.record(scope, "adopt", account.id, who=who, now=now, listed=len(posted), added=added)
    return added, adopted, homeless


def _undated(post: Post) -> str | None:
    return None if post.published_at else "the network did not tell"
