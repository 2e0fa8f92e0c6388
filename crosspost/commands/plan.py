"""Plan: one teaser per new article and account, with a time, a link of its own, and nobody's approval yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from crosspost.clock import zone
from crosspost.commands import text_arms
from crosspost.commands.check import checked
from crosspost.commands.manner import ALSO_REPLIES, NO_WISHES, Wishes, manner_of, placement_notes, publishes, with_room
from crosspost.commands.templates import template_of
from crosspost.domain import slots
from crosspost.domain.article import Article, Decision
from crosspost.domain.brand import READING_ONLY, Account, Brand, LinkMode
from crosspost.domain.delivery import Delivery, State
from crosspost.domain.errors import BadInput, CrosspostError
from crosspost.domain.ids import new_code
from crosspost.domain.limits import Limits, overridden
from crosspost.domain.link import short_url, slug, tracked_url
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Attachment, Placement, Teaser
from crosspost.domain.teasing import compose, compose_reply
from crosspost.domain.template import TeaserTemplate, with_text
from crosspost.networks import postable
from crosspost.outside.http import Outbound, OutboundError
from crosspost.store import articles, brands, deliveries, experiments, links, posts
from crosspost.store.articles import StoredArticle
from crosspost.store.attachments import Attachments
from crosspost.store.store import Scope, Store
from crosspost.variants import Picture, opened, variant


@dataclass(frozen=True, slots=True)
class Planned:
    delivery: Delivery
    account: Account
    title: str
    due: Due
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()  # what was done to the image, and what the placement of the link means
    reply: Delivery | None = None  # that carries the link


@dataclass(frozen=True, slots=True)
class _Tracked:
    """One delivery's link: its code, where it leads, and how it is shown."""

    code: str
    target: str
    shown: str


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
        image: Picture | None = None,
        wishes: Wishes = NO_WISHES,
    ) -> PlanReport:
        """Plan each article that is new, or that was named, for each account that has no delivery of it yet; a named
        one also where its post was deleted.

        An article that some account could not take stays new: planning again tries that account alone. Raises
        NotFound for an article that was named and does not exist, NotAllowed for an account on a closed network.
        """
        with self.store.read(brand.id) as scope:
            if only_articles:
                waiting = [articles.named(scope, one) for one in only_articles]
            else:
                waiting = articles.articles(scope, Decision.NEW)
            accounts = brands.accounts(scope)
            for one in accounts:
                if one.id in only_accounts:
                    postable(one.network)
            every = [one for one in accounts if publishes(one)]
            # Of an article that is named, what its owner took off the network again.
            gone = posts.deleted_codes(scope) if only_articles else frozenset()
            served = {
                (one.article_id, one.account_id)
                for one in deliveries.listed(scope)
                if one.parent_id is None and one.state not in _AGAIN and one.code not in gone
            }
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
                    planned.append(self._plan_one(brand, account, stored, now, at, picture, wishes))
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
        picture: Picture | None,
        wishes: Wishes,
    ) -> Planned:
        template = template_of(account.network, self.templates_dir)
        manner = manner_of(account, template, wishes)
        language = manner.language or stored.article.language or brand.language
        article = replace(stored.article, language=language)
        limits = with_room(limits_of(account), manner.extra)
        link, answer = self._tracked(brand, account, article), None
        attachment, notes = self._variant(picture, template, manner.placement, limits)
        with self.store.read(brand.id) as scope:
            texts = text_arms.running(scope, account, now)

        def written(template: TeaserTemplate) -> Teaser:
            made = compose(article, template, limits, link.shown, attachment, manner.placement)
            return replace(made, extra={**manner.extra, **made.extra})

        teaser = written(template)
        # All before one is drawn: an article that some arm could not take is planned for none.
        by_arm = {
            arm: written(with_text(template, text, f"arm {arm}"))
            for arm, text in (zip(texts.design.arms, texts.design.texts, strict=True) if texts else ())
        }
        if manner.placement == "reply":
            second = self._tracked(brand, account, article)
            also = {name: manner.extra[name] for name in ALSO_REPLIES if name in manner.extra}
            answer = second, replace(compose_reply(article, template, limits.of_reply, second.shown), extra=also)
        with self.store.write(brand.id) as scope:
            # A time that was asked for stands: what falls due in an off week is held then, and tells nobody before.
            due = at or slots.next_free(
                account.slots, zone(brand.zone), now, deliveries.taken(scope, account.id, now),
                experiments.paused(scope, account.id, now),
            )  # fmt: skip
            lot = None if texts is None else text_arms.draw(scope, texts, account, stored.id, due.at, now)
            if lot is not None:
                teaser = by_arm[lot.arm]
                notes += (f"text {lot.arm}, drawn by lot for experiment {lot.live.experiment.key}",)
            warnings = self._repeats(scope, account, stored.article, teaser, now)
            delivery = self._draft(scope, account, stored, teaser, link, due, now)
            if lot is not None:
                text_arms.enrol(scope, lot, delivery, now)
            # Ids grow with time: lists show a reply behind its post.
            later = now + timedelta(milliseconds=1)
            reply = answer and self._draft(scope, account, stored, answer[1], answer[0], due, later, delivery.id)
            if brand.auto_publish and not warnings:
                delivery = deliveries.approve(scope, delivery.id, who="auto_publish", now=now)
                reply = reply and deliveries.get(scope, reply.id)
        notes += placement_notes(manner.placement)
        return Planned(delivery, account, stored.article.title, due, warnings, notes, reply)

    def _draft(
        self,
        scope: Scope,
        account: Account,
        stored: StoredArticle,
        teaser: Teaser,
        link: _Tracked,
        due: Due,
        now: datetime,
        parent_id: str | None = None,
    ) -> Delivery:
        """A draft with the link it is counted by."""
        made = deliveries.draft(
            scope, account.id, teaser, link.code, due, now=now, article_id=stored.id, parent_id=parent_id,
            window_s=self.window_s,
        )  # fmt: skip
        links.add(scope, link.code, link.target, now, delivery_id=made.id, account_id=account.id)
        return made

    def _tracked(self, brand: Brand, account: Account, article: Article) -> _Tracked:
        code = new_code()
        target = tracked_url(article.url, network=account.network, article_slug=slug(article.title), code=code)
        if brand.link_mode is not LinkMode.REDIRECT:
            return _Tracked(code, target, target)
        if brand.public_url is None:
            raise BadInput("the brand has no public address for its links", remedy="crosspost brand set --public-url …")
        return _Tracked(code, target, short_url(brand.public_url, code))

    def _variant(
        self, picture: Picture | None, template: TeaserTemplate, placement: Placement, limits: Limits
    ) -> tuple[Attachment | None, tuple[str, ...]]:
        """The image as the network takes it, stored, and what was done to it."""
        if picture is None or template.picture == "none":
            return None, ()
        on_card = placement == "card" or (placement == "text" and template.picture == "card")
        card_bytes = limits.image.card_bytes if on_card else None
        made = variant(picture, limits.image, card_bytes or limits.image_bytes)
        stored = self.attachments.put(made.content, picture.alt, picture.where)
        return replace(stored, width=made.width, height=made.height), made.notes

    def _repeats(
        self, scope: Scope, account: Account, article: Article, teaser: Teaser, now: datetime
    ) -> tuple[str, ...]:
        """Why this may be a repeat: the same words or article went, or will go, to this account lately."""
        found = []
        since = now - timedelta(days=self.repeat_days)
        mine = teaser.text.replace(teaser.link, "").strip()
        for other in deliveries.listed(scope, account_id=account.id):
            if (
                other.parent_id is not None
                or other.due_at < since
                or other.state.value in ("cancelled", "missed", "rejected")
            ):
                continue
            if other.teaser.text.replace(other.teaser.link, "").strip() == mine:
                found.append(f"the same words are in delivery {other.id}, due {other.due_local}")
            elif other.article_id is not None:
                stored = articles.one(scope, other.article_id)
                if stored is not None and stored.article.url == article.url:
                    found.append(f"the same address is in delivery {other.id}, due {other.due_local}")
        return tuple(found)

    def _picture(self, stored: StoredArticle, problems: list[tuple[str, str, str]]) -> Picture | None:
        url = stored.article.image_url
        if url is None:
            return None
        try:
            answer = self.outbound.send("GET", url, redirects=3)
            if answer.status != 200:
                raise BadInput(f"the image answered {answer.status}")
            return opened(answer.body, stored.article.image_alt or "", url)
        except (OutboundError, CrosspostError) as error:
            problems.append((stored.article.title, "image", f"left out: {error}"))
            return None


# What was lost or never sent may be planned again.
_AGAIN = frozenset({State.CANCELLED, State.MISSED, State.REJECTED})


def limits_of(account: Account, delivery: Delivery | None = None) -> Limits:
    """The account's limits: the network's, with the owner's overrides; of a delivery as it is: a reply's own, less
    what its content warning takes."""
    limits = overridden(postable(account.network).limits, account.settings)
    if delivery is None:
        return limits
    limits = with_room(limits, delivery.teaser.extra)
    return limits if delivery.parent_id is None else limits.of_reply


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
            if before.teaser.link_placement == "text" and before.teaser.link not in text.split():
                raise BadInput("the link is not in the text", remedy=f"keep {before.teaser.link} in it, standing alone")
            if problems := checked(text, limits_of(account, before)).problems:
                raise BadInput("; ".join(problems), remedy="change the text")
            teaser = replace(before.teaser, text=text)
        return deliveries.revise(scope, delivery_id, who=who, now=now, teaser=teaser, due=due)
