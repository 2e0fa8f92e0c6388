"""Threads, on the outbound client: text with its link card, or with an image, published in two phases.

Links can be clicked, and Threads counts the clicks per address: one tracked link per post gives that post's clicks.
An image takes the place of the link card; Threads fetches it itself from a public https address (`media_base`).

Source: developers.facebook.com/docs/threads, posts (2026-04) and insights (2026-01); the shapes of insights: live
answers of 2026-08.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from crosspost.domain.delivery import DeliveryClass, Outgoing, Sighting
from crosspost.domain.errors import Rejected, Unreachable
from crosspost.domain.facts import CardBy, Facts
from crosspost.domain.finding import Finding, good
from crosspost.domain.kind import Kind
from crosspost.domain.limits import AtMost, ImageLimits, Limits
from crosspost.domain.login import CLIENT_SECRET, Exchange, Login, Renewal
from crosspost.domain.metric import FOLLOWERS, Metric, Reference, about, never, offered
from crosspost.domain.post import Listing, Post, Reading, ReadingStatus
from crosspost.domain.retention import Retention
from crosspost.networks import _answers as answers
from crosspost.networks import _examining as examining
from crosspost.networks import _meta, oauth
from crosspost.networks import _meta_examining as meta_examining
from crosspost.networks._answers import READ
from crosspost.networks._containers import Containers, Flow, Quota, public_url
from crosspost.networks._listing import PAGES, listing
from crosspost.networks._matching import links_in, pictures, same_address
from crosspost.networks.network import Connection, Issued, Profile

VERSION = "v1.0"
INSIGHTS_SINCE = datetime(2024, 4, 13, tzinfo=UTC)  # nothing before can be asked for
_FLOW = Flow("threads", "threads_publish", "status", "error_message", "threads_publishing_limit")
_TITLE = "Threads"
_POST_FIELDS = "id,text,permalink,timestamp,link_attachment_url,media_type"
# Counted by the account, per address: one tracked link per post gives that post's own.
_CLICKS = Metric("link_clicks", "clicks", "post", note="clicks on the post's address, told by the account's insights")


class Threads:
    name: ClassVar[str] = "threads"
    title: ClassVar[str] = _TITLE
    kind: ClassVar[Kind] = Kind.CONNECTOR
    default_server: ClassVar[str | None] = "https://graph.threads.net"
    secrets: ClassVar[Mapping[str, str]] = {
        "access_token": "long-lived token with threads_basic, threads_content_publish and threads_manage_insights"
    }
    own_card: ClassVar[bool] = True
    options: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "topic_tag": (),
        "reply_control": ("everyone", "accounts_you_follow", "mentioned_only"),
    }
    limits: ClassVar[Limits] = Limits(
        text=(AtMost(500, "threads characters"), AtMost(5, "unique links")),
        images=1,
        alt_text=1000,
        image_bytes=8_000_000,
        source="developers.facebook.com/docs/threads/posts; links: changelog of 2025-12-22",
        read_on=date(2026, 4, 30),
        image=ImageLimits(widest=1440, ratio=(1 / 10, 10)),
    )
    login: ClassVar[Login | None] = Login(
        authorize="https://threads.com/oauth/authorize",
        tokens="https://graph.threads.net/oauth/access_token",
        reading=("threads_basic", "threads_manage_insights"),
        writing=("threads_content_publish", "threads_delete"),
        renewal=Renewal.EXCHANGE,
        separator=",",
        pkce=False,  # none is documented
        redirect=None,  # the app's settings take https addresses only
        longer=Exchange(
            "https://graph.threads.net/access_token", "th_exchange_token", "access_token", (CLIENT_SECRET,)
        ),
        renew=Exchange("https://graph.threads.net/refresh_access_token", "th_refresh_token", "access_token"),
        early=timedelta(days=53),  # weekly: an ended one cannot be renewed
        least_age=timedelta(hours=24),
        assumed=timedelta(days=60),
        source="developers.facebook.com/docs/threads, get access tokens and long-lived tokens",
        read_on=date(2026, 8, 12),
    )

    facts: ClassVar[Facts] = Facts(
        auth="a long-lived token, renewed within its 60 days",
        cost="free; images need a public https address",
        review="none for one's own account, a tester who accepted; then as Facebook",
        card=CardBy.NETWORK,
        source="developers.facebook.com/docs/threads",
        read_on=date(2026, 4, 30),
        fetches_images=True,
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("impressions", "views", "post"),
        Metric("likes", "likes", "post"),
        Metric("replies", "replies", "post"),
        Metric("reposts", "reposts", "post"),
        Metric("quotes", "quotes", "post"),
        _CLICKS,
        *never("post", "Threads counts no unique viewers", "reach"),
        *never("post", "Threads tells nobody how often a post was saved", "bookmarks"),
        *never("post", "Threads counts the clicks on links only", "clicks"),
        *never("post", "Threads does not count them per post", "profile_clicks"),
        Metric("followers", "followers_count", "account", counts=FOLLOWERS),
        *never("account", "Threads tells no number of posts", "posts"),
        *never("account", "Threads offers views of an account per day, not as a total", "impressions"),
        *never("account", "Threads counts no unique viewers", "reach"),
    )
    metrics_reference: ClassVar[Reference] = Reference(
        "developers.facebook.com/docs/threads/insights; shapes by live answers of 2026-08", date(2026, 1, 31)
    )
    retention: ClassVar[Retention] = _meta.RETENTION

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        self._graph = _meta.GraphHost(connection, "access_token", VERSION)
        self._containers = Containers(self._graph, _FLOW, connection.remote_id)

    def verify(self) -> Profile:
        me = self._graph.read("me", fields="id,username,name")
        remote_id = answers.identity(me.get("id"))
        if not remote_id:
            raise answers.broken(READ, "an account")
        return Profile(remote_id, answers.text(me.get("username")) or remote_id, answers.text(me.get("name")))

    # Examiner

    def examine(self, at: datetime) -> list[Finding]:
        who = self.verify()
        quota = self._containers.quota()
        return [
            good("token", f"works: {who.handle}"),
            *meta_examining.token(self._graph.about_token, self.login, self._on, at),
            examining.version(VERSION, None, at, ""),
            *meta_examining.mode(self._on),
            examining.posts_left(quota.used, quota.total, quota.seconds),
            *meta_examining.usage(self._graph.headers),
            *examining.images_reachable(self._on, self.title),
            *examining.metrics(self, at),
        ]

    # Refresher

    def refresh(self) -> Issued:
        return oauth.refreshed(self._on, self.login, self.default_server)

    # Publisher

    def delivery_class(self, link_placement: str) -> DeliveryClass:
        return DeliveryClass.HANDLE

    def publish(self, outgoing: Outgoing, keep: Callable[[str], None]) -> Post:
        """Raises Rejected before anything is sent where Threads could not fetch the image, and NotSent while it
        still works on the container."""
        teaser = outgoing.teaser
        images = pictures(teaser)
        if len(images) > 1:
            raise Rejected(f"a post on {_TITLE} takes one image, and here are {len(images)}", code="images")
        fields = {"media_type": "IMAGE" if images else "TEXT", "text": teaser.text}
        if images:
            fields["image_url"] = public_url(images[0], self._on.settings, ("image/jpeg", "image/png"), _TITLE)
            fields |= {"alt_text": images[0].alt} if images[0].alt else {}
        elif teaser.card:
            fields["link_attachment"] = teaser.card.url
        if outgoing.parent_remote_id:
            fields["reply_to_id"] = outgoing.parent_remote_id
        fields |= {name: teaser.extra[name] for name in self.options if teaser.extra.get(name)}
        media_id = self._containers.publish(outgoing, fields, keep)
        return Post(media_id, self._containers.permalink(media_id), teaser.text, links=(teaser.link,))

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        edge = "replies" if outgoing.parent_remote_id else "threads"
        return self._containers.probe(outgoing, partial(self._listed, edge), since)

    def quota(self) -> Quota:
        """The day's posts; replies have an allowance of their own."""
        return self._containers.quota()

    # Replier

    def reply_class(self) -> DeliveryClass:
        return DeliveryClass.HANDLE

    # Remover

    def delete(self, post: Post) -> None:
        """Needs threads_delete; 100 a day."""
        self._graph.delete(post.remote_id)

    # Lister

    def posts(self, since: datetime, pages: int = PAGES) -> Listing:
        return self._listed("threads", since, pages)

    def _listed(self, edge: str, since: datetime, pages: int = PAGES) -> Listing:
        account = self._on.remote_id
        shown = self._graph.pages(f"{account}/{edge}", fields=_POST_FIELDS, since=int(since.timestamp()), limit=100)
        # The list also shows what the account reposted: those are other people's.
        own = (
            ([_as_post(raw) for raw in rows if raw.get("media_type") != "REPOST_FACADE"], last) for rows, last in shown
        )
        return listing(own, since, account, pages)

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """Lifetime totals, and the clicks on the post's links since it was published."""
        mine = about(self.metrics, "post")
        plain = [one for one in offered(mine) if one is not _CLICKS]
        told = self._graph.insights(f"{post.remote_id}/insights", (one.provider_name for one in plain))
        found = [
            _meta.reading(one, told.get(one.provider_name), at, "Threads answered without it", VERSION) for one in plain
        ]
        try:
            clicks = self._link_clicks(post, at)
        except Unreachable as failure:
            clicks = _meta.reading(_CLICKS, failure, at, "", VERSION)
        return [*found, clicks, *answers.unsupported(mine, at, VERSION)]

    def _link_clicks(self, post: Post, at: datetime) -> Reading:
        """The account's clicks per address, those on this post's. Another post with the same link would share them."""
        links, since = {*post.links, *links_in(post.text or "")}, post.published_at
        if not links or since is None:
            shown = _as_post(self._graph.read(post.remote_id, fields=_POST_FIELDS))
            links, since = links | set(shown.links), since or shown.published_at
        if not links or since is None:
            why = "the post has no link" if since else "Threads does not say when it was published"
            return answers.without(_CLICKS, at, why, ReadingStatus.UNAVAILABLE, VERSION)
        began = max(since, INSIGHTS_SINCE)
        told = self._account((_CLICKS,), began, at).get(_CLICKS.provider_name)
        shape = answers.obj(told)
        if "link_total_values" not in shape:
            return _meta.reading(_CLICKS, told, at, "Threads counted no clicks per link", VERSION)
        counted = [
            one.get("value")
            for one in answers.objects(shape["link_total_values"])
            if any(same_address(link, answers.text(one.get("link_url")) or "") for link in links)
        ]
        missing = "Threads lists no clicks on this post's links: none yet, or none told"
        found = answers.reading(_CLICKS, answers.total(counted), at, missing, VERSION)
        return found if found.value is None else replace(found, since=began, until=at)

    def read_account(self, at: datetime) -> list[Reading]:
        mine = about(self.metrics, "account")
        told = self._account(offered(mine), None, at)
        return [
            _meta.reading(one, told.get(one.provider_name), at, "Threads answered without it", VERSION)
            for one in offered(mine)
        ] + answers.unsupported(mine, at, VERSION)

    def _account(self, metrics: tuple[Metric, ...], since: datetime | None, until: datetime) -> dict[str, Any]:
        period = {} if since is None else {"since": int(since.timestamp()), "until": int(until.timestamp())}
        names = (one.provider_name for one in metrics)
        return self._graph.insights(f"{self._on.remote_id}/threads_insights", names, **period)


def _as_post(raw: dict[str, Any]) -> Post:
    text, card = answers.text(raw.get("text")), answers.text(raw.get("link_attachment_url"))
    links = [*links_in(text or ""), *([card] if card else [])]
    return Post(
        answers.identity(raw.get("id")),
        answers.address(raw.get("permalink")),
        text,
        answers.when(raw.get("timestamp")),
        tuple(dict.fromkeys(links)),
    )
