"""Threads, on the outbound client: text with its link card, or with an image, published in two phases.

Links can be clicked, and Threads counts the clicks per address: one tracked link per post gives that post's clicks.
An image takes the place of the link card; Threads fetches it itself from a public https address (`media_base`).

Source: developers.facebook.com/docs/threads, posts (2026-04) and insights (2026-01); the shapes of insights: live
answers of 2026-08.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from crosspost.domain.delivery import DeliveryClass, Outgoing, Sighting
from crosspost.domain.errors import Rejected, Unreachable
from crosspost.domain.limits import AtMost, Limits
from crosspost.domain.login import CLIENT_SECRET, Exchange, Login, Renewal
from crosspost.domain.post import Listing, Post, Reading, ReadingStatus
from crosspost.networks import _answers as answers
from crosspost.networks import _meta, oauth
from crosspost.networks._answers import READ
from crosspost.networks._containers import Containers, Flow, Quota, public_url
from crosspost.networks._matching import links_in, pictures, same_address
from crosspost.networks.network import Connection, Issued, Profile

VERSION = "v1.0"
PAGES = 5  # of 100 posts
INSIGHTS_SINCE = datetime(2024, 4, 13, tzinfo=UTC)  # nothing before can be asked for
_FLOW = Flow("threads", "threads_publish", "status", "error_message", "threads_publishing_limit")
_TITLE = "Threads"
_POST_FIELDS = "id,text,permalink,timestamp,link_attachment_url,media_type"
_POST_METRICS = {
    "impressions": "views",
    "likes": "likes",
    "replies": "replies",
    "reposts": "reposts",
    "quotes": "quotes",
}
_NEVER = {
    "reach": "Threads counts no unique viewers",
    "bookmarks": "Threads tells nobody how often a post was saved",
    "clicks": "Threads counts the clicks on links only",
    "profile_clicks": "Threads does not count them per post",
}


class Threads:
    name: ClassVar[str] = "threads"
    title: ClassVar[str] = _TITLE
    default_server: ClassVar[str | None] = "https://graph.threads.net"
    secrets: ClassVar[Mapping[str, str]] = {
        "access_token": "long-lived token with threads_basic, threads_content_publish and threads_manage_insights"
    }
    limits: ClassVar[Limits] = Limits(
        text=(AtMost(500, "threads characters"), AtMost(5, "unique links")),
        images=1,
        alt_text=1000,
        image_bytes=8_000_000,
        source="developers.facebook.com/docs/threads/posts; links: changelog of 2025-12-22",
        read_on=date(2026, 4, 30),
    )
    login: ClassVar[Login | None] = Login(
        authorize="https://threads.com/oauth/authorize",
        tokens="https://graph.threads.net/oauth/access_token",
        reading=("threads_basic", "threads_manage_insights"),
        writing=("threads_content_publish",),
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

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        self._graph = _meta.GraphHost(connection, "access_token", VERSION)
        self._containers = Containers(self._graph, _FLOW, connection.remote_id)

    def verify(self) -> Profile:
        me = self._graph.read("me", fields="id,username,name")
        if not me.get("id"):
            raise answers.broken(READ, "an account")
        return Profile(str(me["id"]), str(me.get("username") or me["id"]), me.get("name"))

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
        fields |= {name: teaser.extra[name] for name in ("topic_tag", "reply_control") if teaser.extra.get(name)}
        media_id = self._containers.publish(outgoing, fields, keep)
        return Post(media_id, self._containers.permalink(media_id), teaser.text, links=(teaser.link,))

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        edge = "replies" if outgoing.parent_remote_id else "threads"
        return self._containers.probe(outgoing, partial(self._listed, edge), since)

    def quota(self) -> Quota:
        """The day's posts; replies have an allowance of their own."""
        return self._containers.quota()

    # Lister

    def posts(self, since: datetime) -> Listing:
        return self._listed("threads", since)

    def _listed(self, edge: str, since: datetime) -> Listing:
        account = self._on.remote_id
        rows, whole = self._graph.pages(
            f"{account}/{edge}", PAGES, fields=_POST_FIELDS, since=int(since.timestamp()), limit=100
        )
        oldest = answers.when(rows[-1].get("timestamp")) if rows else None
        # The list also shows what the account reposted: those are other people's.
        found = tuple(_as_post(raw) for raw in rows if raw.get("media_type") != "REPOST_FACADE")
        if whole:
            return Listing(found, since, account)
        return Listing(found, oldest, account, (f"stopped after {PAGES} pages",))

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """Lifetime totals, and the clicks on the post's links since it was published."""
        told = self._graph.insights(f"{post.remote_id}/insights", _POST_METRICS.values())
        found = [
            _meta.reading(metric, name, told.get(name), at, "Threads answered without it", VERSION)
            for metric, name in _POST_METRICS.items()
        ]
        try:
            clicks = self._link_clicks(post, at)
        except Unreachable as failure:
            clicks = _meta.reading("link_clicks", "clicks", failure, at, "", VERSION)
        return [*found, clicks, *answers.unsupported(_NEVER, at, VERSION)]

    def _link_clicks(self, post: Post, at: datetime) -> Reading:
        """The account's clicks per address, those on this post's. Another post with the same link would share them."""
        links, since = {*post.links, *links_in(post.text or "")}, post.published_at
        if not links or since is None:
            shown = _as_post(self._graph.read(post.remote_id, fields=_POST_FIELDS))
            links, since = links | set(shown.links), since or shown.published_at
        if not links or since is None:
            why = "the post has no link" if since else "Threads does not say when it was published"
            return Reading("link_clicks", "clicks", None, ReadingStatus.UNAVAILABLE, at, why, VERSION)
        told = self._account(("clicks",), max(since, INSIGHTS_SINCE), at).get("clicks")
        shape = answers.obj(told)
        if "link_total_values" not in shape:
            return _meta.reading("link_clicks", "clicks", told, at, "Threads counted no clicks per link", VERSION)
        counted = [
            answers.number(one.get("value"))
            for one in answers.objects(shape["link_total_values"])
            if any(same_address(link, str(one.get("link_url"))) for link in links)
        ]
        known = [count for count in counted if count is not None]
        missing = "Threads lists no clicks on this post's links: none yet, or none told"
        return answers.reading("link_clicks", "clicks", sum(known) if known else None, at, missing, VERSION)

    def read_account(self, at: datetime) -> list[Reading]:
        told = self._account(("followers_count",), None, at)
        never = {
            "posts": "Threads tells no number of posts",
            "impressions": "Threads offers views of an account per day, not as a total",
            "reach": _NEVER["reach"],
        }
        name = "followers_count"
        followers = _meta.reading("followers", name, told.get(name), at, "Threads answered without it", VERSION)
        return [followers, *answers.unsupported(never, at, VERSION)]

    def _account(self, names: tuple[str, ...], since: datetime | None, until: datetime) -> dict[str, Any]:
        period = {} if since is None else {"since": int(since.timestamp()), "until": int(until.timestamp())}
        return self._graph.insights(f"{self._on.remote_id}/threads_insights", names, **period)


def _as_post(raw: dict[str, Any]) -> Post:
    text = raw.get("text") if isinstance(raw.get("text"), str) else None
    card = raw.get("link_attachment_url")
    links = [*links_in(text or ""), *([card] if isinstance(card, str) else [])]
    return Post(
        str(raw.get("id", "")),
        raw.get("permalink"),
        text,
        answers.when(raw.get("timestamp")),
        tuple(dict.fromkeys(links)),
    )
