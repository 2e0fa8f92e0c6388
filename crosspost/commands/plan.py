"""Plan: one teaser per new article and account, with a time, a link of its own, and nobody's approval yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from unicodedata import category

from crosspost.clock import zone
from crosspost.commands.templates import template_of
from crosspost.domain import slots
from crosspost.domain.article import Article, Decision
from crosspost.domain.brand import READING_ONLY, Account, Brand, LinkMode
from crosspost.domain.counting import measure_all
from crosspost.domain.delivery import Delivery, State
from crosspost.domain.errors import BadInput, CrosspostError
from crosspost.domain.ids import new_code
from crosspost.domain.limits import Limits, overridden
from crosspost.domain.link import short_url, slug, tracked_url
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Attachment, Teaser
from crosspost.domain.teasing import compose
from crosspost.networks import network
from crosspost.networks.network import Publisher
from crosspost.outside.http import Outbound, OutboundError
from crosspost.store import articles, brands, deliveries, links
from crosspost.store.articles import StoredArticle
from crosspost.store.attachments import Attachments
from crosspost.store.store import Scope, Store


@dataclass(frozen=True, slots=True)
class Planned:
    delivery: Delivery
    account: Account
    title: str
    due: Due
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What was planned, and what could not be: (article title, account, why)."""

    planned: tuple[Planned, ...]
    problems: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Planner:
    """`repeat_days`: a text or address sent to the account within so many days is warned about."""

    store: Store
    attachments: Attachments
    outbound: Outbound
    templates_dir: Path | None
    window_s: int
    repeat_days: int = 30

    def plan(
        self,
        brand: Brand,
        now: datetime,
        *,
        only_articles: Sequence[str] = (),
        only_accounts: Sequence[str] = (),
        at: Due | None = None,
        image: Attachment | None = None,
    ) -> PlanReport:
        """Plan each article that is new, or that was named, for each account that has no delivery of it yet.

        An article that some account could not take stays new: planning again tries that account alone. Raises
        NotFound for an article that was named and does not exist.
        """
        with self.store.read(brand.id) as scope:
            if only_articles:
                waiting = [articles.named(scope, one) for one in only_articles]
            else:
                waiting = articles.articles(scope, Decision.NEW)
            every = [one for one in brands.accounts(scope) if _publishes(one)]
            served = {(one.article_id, one.account_id) for one in deliveries.listed(scope) if one.state not in _AGAIN}
            reading = [one for one in brands.accounts(scope) if one.read_only]
        chosen = [one for one in every if not only_accounts or one.id in only_accounts]
        planned: list[Planned] = []
        problems: list[tuple[str, str, str]] = [
            (stored.article.title, f"{account.network} {account.handle}", READING_ONLY)
            for stored in waiting
            for account in reading
            if not only_accounts or account.id in only_accounts
        ]
        for stored in waiting:
            open_accounts = [one for one in chosen if (stored.id, one.id) not in served]
            picture = (image or self._picture(stored, problems)) if open_accounts else None
            for account in open_accounts:
                try:
                    planned.append(self._plan_one(brand, account, stored, now, at, picture))
                    served.add((stored.id, account.id))
                except CrosspostError as error:
                    problems.append((stored.article.title, f"{account.network} {account.handle}", str(error)))
            if every and all((stored.id, one.id) in served for one in every):
                with self.store.write(brand.id) as scope:
                    articles.decide(scope, stored.id, Decision.PLANNED, f"planned {now.date().isoformat()}")
        return PlanReport(tuple(planned), tuple(problems))

    def _plan_one(
        self,
        brand: Brand,
        account: Account,
        stored: StoredArticle,
        now: datetime,
        at: Due | None,
        picture: Attachment | None,
    ) -> Planned:
        limits = limits_of(account)
        template = template_of(account.network, self.templates_dir)
        code = new_code()
        target = tracked_url(
            stored.article.url, network=account.network, article_slug=slug(stored.article.title), code=code
        )
        link = target
        if brand.link_mode is LinkMode.REDIRECT:
            if brand.public_url is None:
                raise BadInput(
                    "the brand has no public address for its links", remedy="crosspost brand set --public-url …"
                )
            link = short_url(brand.public_url, code)
        article = stored.article if stored.article.language else replace(stored.article, language=brand.language)
        teaser = compose(article, template, limits, link, picture)
        with self.store.write(brand.id) as scope:
            due = at or slots.next_free(account.slots, zone(brand.zone), now, deliveries.taken(scope, account.id, now))
            warnings = self._repeats(scope, account, stored.article, teaser, now)
            delivery = deliveries.draft(
                scope, account.id, teaser, code, due, now=now, article_id=stored.id, window_s=self.window_s
            )
            links.add(scope, code, target, now, delivery_id=delivery.id, account_id=account.id)
            if brand.auto_publish and not warnings:
                delivery = deliveries.approve(scope, delivery.id, who="auto_publish", now=now)
        return Planned(delivery, account, stored.article.title, due, warnings)

    def _repeats(
        self, scope: Scope, account: Account, article: Article, teaser: Teaser, now: datetime
    ) -> tuple[str, ...]:
        """Why this may be a repeat: the same words or article went, or will go, to this account lately."""
        found = []
        since = now - timedelta(days=self.repeat_days)
        mine = teaser.text.replace(teaser.link, "").strip()
        for other in deliveries.listed(scope, account_id=account.id):
            if other.due_at < since or other.state.value in ("cancelled", "missed", "rejected"):
                continue
            if other.teaser.text.replace(other.teaser.link, "").strip() == mine:
                found.append(f"the same words are in delivery {other.id}, due {other.due_local}")
            elif other.article_id is not None:
                stored = articles.one(scope, other.article_id)
                if stored is not None and stored.article.url == article.url:
                    found.append(f"the same address is in delivery {other.id}, due {other.due_local}")
        return tuple(found)

    def _picture(self, stored: StoredArticle, problems: list[tuple[str, str, str]]) -> Attachment | None:
        url = stored.article.image_url
        if url is None:
            return None
        try:
            answer = self.outbound.send("GET", url, redirects=3)
            if answer.status != 200:
                raise BadInput(f"the image answered {answer.status}")
            return self.attachments.put(answer.body, stored.article.image_alt or "", url)
        except (OutboundError, CrosspostError) as error:
            problems.append((stored.article.title, "image", f"left out: {error}"))
            return None


# What was withdrawn or never sent may be planned again.
_AGAIN = frozenset({State.CANCELLED, State.MISSED, State.REJECTED})


def _publishes(account: Account) -> bool:
    return account.server != "import:" and not account.read_only and issubclass(network(account.network), Publisher)


def limits_of(account: Account) -> Limits:
    """The account's limits: the network's, with the owner's overrides."""
    return overridden(network(account.network).limits, account.settings)


def edit(
    store: Store,
    account: Account,
    delivery_id: str,
    now: datetime,
    *,
    who: str,
    text: str | None = None,
    due: Due | None = None,
) -> Delivery:
    """Change the words or the time. The link stays in the text, and the text must fit. Raises BadInput, Conflict."""
    with store.write(account.brand_id) as scope:
        before = deliveries.get(scope, delivery_id)
        teaser = None
        if due is not None and due.at < now:
            raise BadInput(f"{due.local} has passed", remedy="give a time to come")
        if text is not None:
            odd = next((char for char in text if category(char) in ("Cc", "Cs") and char not in "\n\t"), None)
            if odd is not None:
                raise BadInput(f"the text holds U+{ord(odd):04X}, which no network shows", remedy="remove it")
            if before.teaser.link not in text.split():
                raise BadInput("the link is not in the text", remedy=f"keep {before.teaser.link} in it, standing alone")
            for measured in measure_all(text, limits_of(account)):
                if not measured.fits:
                    raise BadInput(
                        f"too long by {measured.over} {measured.limit.unit}", remedy=f"at most {measured.limit.max}"
                    )
            teaser = replace(before.teaser, text=text)
        return deliveries.revise(scope, delivery_id, who=who, now=now, teaser=teaser, due=due)
