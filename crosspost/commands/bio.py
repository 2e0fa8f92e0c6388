"""The bio page: an account's newest links, for networks whose posts have none that can be clicked.

Each entry is its delivery's own tracked link, so that a click on it is that post's. The page itself has a link of its
own, for the profile: its visits count by day, and for no single post.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from urllib.parse import quote

from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.delivery import Delivery, State
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.hosts import Hosts
from crosspost.domain.link import bio_code, check_target, is_bio, short_url, tracked_url
from crosspost.domain.period import Period
from crosspost.domain.traffic import Judgement
from crosspost.store import articles, brands, deliveries, links, posts, traffic
from crosspost.store.store import Scope, Store

MOST = 30  # entries
ATTRIBUTION = "by day: visits to the bio page, of no single post"


@dataclass(frozen=True, slots=True)
class Entry:
    title: str
    link: str
    language: str | None
    published_at: datetime


@dataclass(frozen=True, slots=True)
class BioPage:
    name: str  # the brand's
    handle: str
    language: str
    entries: tuple[Entry, ...]  # newest first


@dataclass(frozen=True, slots=True)
class BioDay:
    """Visits of one UTC day: `people` surely, `possibly` at most; and how many posts the account published then."""

    day: date
    people: int
    possibly: int
    posts: int


def page(store: Store, brand: Brand, account: Account) -> BioPage:
    """The account's published posts that still stand and everybody may see, with the links of their own."""
    with store.read(brand.id) as scope:
        gone = posts.deleted_codes(scope)
        standing = [one for one in _published(scope, account) if one.code not in gone and _is_public(one)]
        titles = {one.id: one.article.title for one in articles.articles(scope)}
    standing.sort(key=lambda one: (one.published_at or one.due_at, one.id), reverse=True)
    entries = [
        Entry(
            titles.get(one.article_id or "") or _first_line(one), one.teaser.link, one.teaser.language,
            one.published_at or one.due_at,
        )
        for one in standing[:MOST]
    ]  # fmt: skip
    return BioPage(brand.name, account.handle, brand.language, tuple(entries))


def _published(scope: Scope, account: Account) -> list[Delivery]:
    found = deliveries.listed(scope, {State.PUBLISHED}, account_id=account.id)
    return [one for one in found if one.parent_id is None]


def _is_public(delivery: Delivery) -> bool:
    return delivery.teaser.extra.get("visibility") != "private"


def _first_line(delivery: Delivery) -> str:
    return next((line for line in delivery.teaser.text.splitlines() if line.strip()), delivery.teaser.link)


def path(brand: Brand, account: Account) -> str:
    """Where `crosspost serve` shows it."""
    return f"/bio/{brand.slug}/{account.network}/{quote(account.handle.lstrip('@'), safe='')}"


def named(store: Store, slug: str, network: str, handle: str, host: str = "") -> BioPage:
    """The page of an address. Raises NotFound: for an account that is only read as well, whose name is nobody's to
    learn here, and where another brand's domain is asked."""
    every = store.brands()
    brand = next((one for one in every if one.slug == slug), None)
    if brand is None or not Hosts({one.id: one.public_url for one in every}).answers(host, brand.id):
        raise NotFound("no brand has this bio page")
    with store.read(brand.id) as scope:
        found = [
            one
            for one in brands.accounts(scope)
            if (one.network, one.handle.lstrip("@")) == (network, handle) and not one.read_only
        ]
    if not found:
        raise NotFound("no account has this bio page")
    return page(store, brand, found[0])


def address(store: Store, brand: Brand, account: Account, now: datetime, at: str | None = None) -> str:
    """The address to put into the profile: counted, and the same each time. `at`: where the page stands, if the owner
    hosts it. Raises BadInput without any place."""
    if at is None and brand.public_url is None:
        raise BadInput(
            "the page has no place yet",
            remedy="crosspost brand set --public-url …, or write it, host it, and say --at ADDRESS",
        )
    target = check_target(at or f"{(brand.public_url or '').rstrip('/')}{path(brand, account)}")
    if brand.link_mode is not LinkMode.REDIRECT or brand.public_url is None:
        return tracked_url(target, network=account.network, article_slug="bio", code=bio_code(account.handle))
    for number in count(1):
        code = bio_code(account.handle, number)
        try:
            with store.write(brand.id) as scope:
                links.add(scope, code, target, now, account_id=account.id)
        except Conflict:
            if not _leads(store, brand, account, code, target):
                continue
        return short_url(brand.public_url, code)
    raise AssertionError("numbers end")


def _leads(store: Store, brand: Brand, account: Account, code: str, target: str) -> bool:
    with store.read(brand.id) as scope:
        try:
            link = links.get(scope, code)
        except NotFound:  # another brand's
            return False
    return (link.account_id, link.target, link.disabled_at) == (account.id, target, None)


def visits(store: Store, brand: Brand, account: Account, now: datetime, days: int) -> Sequence[BioDay]:
    """The page's visits of the last UTC days, today's included, oldest first."""
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=days - 1)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    with store.read(brand.id) as scope:
        counted = traffic.counts(scope, Period(start, now + timedelta(seconds=1)))
        published = [one.published_at for one in _published(scope, account)]
    mine = [one for one in counted if one.account_id == account.id and is_bio(one.code)]
    return [
        BioDay(
            day,
            sum(one.hits for one in mine if one.day == day and one.judgement is Judgement.PERSON),
            sum(one.hits for one in mine if one.day == day and one.judgement in (Judgement.PERSON, Judgement.UNSURE)),
            sum(at is not None and at.astimezone(UTC).date() == day for at in published),
        )
        for day in (first + timedelta(days=shift) for shift in range(days))
    ]
