"""After a restore: read what is really on the accounts, adopt it, decide about the rest, and lift the hold."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from crosspost.commands.read import read_due
from crosspost.domain.article import Article
from crosspost.domain.brand import GONE, IMPORTED, Account, Brand
from crosspost.domain.delivery import State
from crosspost.domain.errors import BadInput, Conflict, CrosspostError, NetworkFailure
from crosspost.domain.link import check_target, slug, tracked_url
from crosspost.domain.ownlink import OwnLinks
from crosspost.domain.post import Listing, Post
from crosspost.domain.restoring import after_reading, may_be_seen, may_have_gone, read_since
from crosspost.networks.network import Lister, Network
from crosspost.outside.http import Outbound
from crosspost.store import articles, brands, deliveries, events, installation, links, posts, restoring
from crosspost.store.store import Scope, Store


@dataclass(frozen=True, slots=True)
class AdoptedLink:
    """A link that is on an account and was not in the store. `why` says how its target was found."""

    code: str
    target: str
    why: str


@dataclass(frozen=True, slots=True)
class AccountRead:
    """What reading one account told. `unread` is why it could not be read, or not far enough back."""

    brand: str
    account: str
    posts: int = 0
    published: tuple[str, ...] = ()  # deliveries found published
    adopted: tuple[AdoptedLink, ...] = ()
    homeless: tuple[tuple[str, str], ...] = ()  # code and post of links whose target nothing tells
    unread: str | None = None
    never: bool = False  # the network shows no list at all: trying again does not help


@dataclass(frozen=True, slots=True)
class Resumed:
    """`asked` deliveries need a person now, `drafts` must be approved again."""

    accounts: tuple[AccountRead, ...]
    asked: int
    drafts: int


@dataclass(slots=True)
class _Found:
    published: list[str] = field(default_factory=list)
    adopted: list[AdoptedLink] = field(default_factory=list)
    homeless: list[tuple[str, str]] = field(default_factory=list)


def resume_after_restore(
    store: Store,
    open_account: Callable[[Account], Network],
    outbound: Outbound,
    *,
    now: datetime,
    feed_every_s: float,
    who: str,
    unread_too: bool = False,
) -> Resumed:
    """Seed the feeds, adopt what the accounts show, ask a person about what they cannot show, and lift the hold.

    Raises Conflict when nothing is held, when a delivery is being looked at just now, and, unless `unread_too`, when
    an account that could be read does not answer. The hold stays then; what was adopted stays too.
    """
    with store.database.read() as connection:
        held = installation.get(connection, installation.HELD)
        since = installation.get(connection, installation.RESTORED)
    if held is None:
        raise Conflict("no restore holds anything back", remedy="crosspost resume lifts a stop")
    if since is None:
        raise Conflict("the restore did not finish", remedy="restore again, into a new folder and an empty database")
    made_at = datetime.fromisoformat(since[0])
    read: list[AccountRead] = []
    seen_far: dict[str, bool] = {}
    for brand in store.brands():
        # Seeded first: what is new in the feeds since the backup tells where adopted links should lead.
        read_due(store, brand, outbound, now, feed_every_s, force=True)
        for account in _accounts(store, brand):
            one = _adopt(store, brand, account, open_account, made_at, now)
            read.append(one)
            seen_far[account.id] = one.unread is None
    missing = [f"{one.account} of {one.brand} ({one.unread})" for one in read if one.unread and not one.never]
    if missing and not unread_too:
        raise Conflict(
            f"still held: what went out since the backup is not known on {'; '.join(missing)}",
            remedy="try again later, or --unread: its deliveries then need a person",
        )
    asked = drafts = 0
    for brand in store.brands():
        with store.write(brand.id) as scope:
            for row in deliveries.listed(scope):
                readable = seen_far.get(row.account_id, False) and may_be_seen(row)
                rule = after_reading(row, readable=readable, why="its account cannot show whether it did")
                if rule is None:
                    continue
                restoring.change(scope, row, rule, now)
                asked += rule.state is State.NEEDS_PERSON
                drafts += rule.state is State.DRAFT
            events.record(scope, "resume", brand.id, who=who, now=now, after="restore", unread=missing)
    with store.database.write() as connection:
        installation.remove(connection, installation.HELD)
        installation.remove(connection, installation.RESTORED)
    return Resumed(tuple(read), asked, drafts)


def _accounts(store: Store, brand: Brand) -> list[Account]:
    with store.read(brand.id) as scope:
        return [one for one in brands.accounts(scope) if one.server not in (IMPORTED, GONE)]


def _adopt(
    store: Store,
    brand: Brand,
    account: Account,
    open_account: Callable[[Account], Network],
    made_at: datetime,
    now: datetime,
) -> AccountRead:
    name = f"{account.network} {account.handle}"
    with store.read(brand.id) as scope:
        mine = deliveries.listed(scope, account_id=account.id)
    if account.by_hand:
        return AccountRead(brand.slug, name, unread="posts are made by hand", never=True)
    since = read_since(mine, made_at)
    try:
        adapter = open_account(account)
        if not isinstance(adapter, Lister):
            return AccountRead(brand.slug, name, unread="the network shows no list of posts", never=True)
        listing = adapter.posts(since)
    except NetworkFailure as failure:
        return AccountRead(brand.slug, name, unread=failure.reason)
    except CrosspostError as error:
        return AccountRead(brand.slug, name, unread=error.message)
    with store.write(brand.id) as scope:
        found = _settle(scope, brand, account, listing, now)
    far = listing.reaches_back_to is not None and listing.reaches_back_to <= since
    unread = None if far else f"its list does not reach back to {since:%Y-%m-%d %H:%M} UTC"
    return AccountRead(
        brand.slug, name, len(listing.posts), tuple(found.published), tuple(found.adopted), tuple(found.homeless),
        # A list that ends too soon ends there tomorrow as well.
        unread, never=unread is not None,
    )  # fmt: skip


def _settle(scope: Scope, brand: Brand, account: Account, listing: Listing, now: datetime) -> _Found:
    """Take over what one account shows, in one transaction."""
    stored = [one.article for one in articles.articles(scope)]
    ours = OwnLinks.of(brand.public_url, [one.url for one in stored])
    by_code = {row.code: row for row in deliveries.listed(scope)}
    registered = {one.code for one in links.all_of(scope)} | by_code.keys()
    found = _Found()
    for post in reversed(listing.posts):  # oldest first: of two posts with one link the first is the delivery's
        own = own_link(post, ours, registered)
        if own is None:
            continue
        code, link = own
        row = by_code.get(code)
        if row is not None and row.account_id == account.id and may_have_gone(row):
            evidence = f"post {post.remote_id} carries its link {link}: found after a restore"
            restoring.seen(scope, row, post, evidence, now)
            found.published.append(row.id)
            by_code[code] = deliveries.get(scope, row.id)
        elif code not in registered:
            posts.add_post(
                scope, account.id, account.network, post, now=now, code=code, next_read_at=now,
                published_reason=None if post.published_at else "the network did not tell",
            )  # fmt: skip
            adopted = adopt_link(scope, brand, account, post, code, link, stored, now, who=restoring.OWNER)
            if adopted is None:
                found.homeless.append((code, post.url or post.remote_id))
            else:
                found.adopted.append(adopted)
            registered.add(code)
    return found


def own_link(post: Post, ours: OwnLinks, registered: Collection[str]) -> tuple[str, str] | None:
    """The code and the address of the first tracked link of ours in a post."""
    coded = ((ours.code(link, known=registered), link) for link in post.links)
    return next(((code, link) for code, link in coded if code is not None), None)


def adopt_link(
    scope: Scope,
    brand: Brand,
    account: Account,
    post: Post,
    code: str,
    link: str,
    stored: Sequence[Article],
    now: datetime,
    *,
    who: str,
) -> AdoptedLink | None:
    """Register a tracked link that is out and not in the store; None when nothing tells where it should lead."""
    told = target_of(link, code, post.text, stored, brand.public_url, account.network)
    if told is None:
        return None
    target, why = told
    links.add(scope, code, target, now, account_id=account.id)
    events.record(scope, "adopt", code, who=who, now=now, target=target, why=why, post=post.remote_id)
    return AdoptedLink(code, target, why)


def target_of(
    link: str, code: str, text: str | None, stored: Sequence[Article], public_url: str | None, network: str
) -> tuple[str, str] | None:
    """Where an adopted link leads, and how that is known; None when nothing tells. No address is fetched.

    A link in direct mode is its own target. Of a short link the post tells no more than its words: the one article
    whose title stands in them; else the site's front page, if all the brand's articles are on one site.
    """
    if not (public_url and link.lower().startswith(public_url.rstrip("/").lower() + "/")):
        try:
            return check_target(link), "it is the article's own address"
        except BadInput:
            return None
    words = _plain(text or "")
    named = [one for one in stored if (title := _plain(one.title)) and len(title) >= 8 and title in words]
    if named:
        longest = max(len(_plain(one.title)) for one in named)
        addresses = {one.url: one for one in named if len(_plain(one.title)) == longest}
        if len(addresses) == 1:
            url, one = next(iter(addresses.items()))
            target = tracked_url(url, network=network, article_slug=slug(one.title), code=code)
            return target, "the post holds the article's title"
    sites = Counter(f"{urlsplit(one.url).scheme}://{urlsplit(one.url).netloc}" for one in stored if one.url)
    if len(sites) == 1:
        site = next(iter(sites))
        target = tracked_url(f"{site}/", network=network, article_slug="adopted", code=code)
        return target, "the article is not known: the site's front page"
    return None


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return re.sub(r"\s+", " ", folded).strip()
