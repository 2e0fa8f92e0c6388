"""X, API v2, through tweepy.

tweepy writes https://api.twitter.com into every address and signs OAuth 1.0a for that host, so that host is
the default server too; its session is replaced by one that rides on the outbound client. What an answer means
is read from the answer itself: tweepy's exceptions lose a problem's title and type, and break on odd bodies.
Answers are read in both vocabularies, the old (`tweet_count`) and the one of July 2026 (`post_count`).

A row of the own timeline costs a fifth of a look-up by id (see _x_costs.py): reads go through the own timeline.
Source of the facts here: docs.x.com, read 2026-08-22; tweepy 4.17.0.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from crosspost.domain.costs import Charge
from crosspost.domain.delivery import DeliveryClass, Outgoing, Sighting
from crosspost.domain.errors import NotSent, Rejected, Unreachable
from crosspost.domain.facts import CardBy, Facts
from crosspost.domain.finding import Finding, good
from crosspost.domain.kind import Kind
from crosspost.domain.limits import AtMost, Limits
from crosspost.domain.login import Login, Renewal
from crosspost.domain.metric import Metric, Reference, about, never, offered
from crosspost.domain.post import Cause, Listing, Post, Reading, ReadingStatus
from crosspost.domain.retention import Retention
from crosspost.domain.teaser import Teaser
from crosspost.networks import _answers as answers
from crosspost.networks import _examining as examining
from crosspost.networks import _x_costs as costs
from crosspost.networks import oauth
from crosspost.networks._answers import PREPARE, PUBLISH, READ, REMOVE
from crosspost.networks._listing import PAGES, listing
from crosspost.networks._matching import pictures, readable, sighting
from crosspost.networks._x_host import INVALID, OAUTH1, XHost
from crosspost.networks.network import Connection, Issued, Profile

if TYPE_CHECKING:
    pass

PRIVATE = timedelta(days=30)  # link and profile clicks are readable that long
_OWN = "told to the author alone, for 30 days after publication"
_PUBLIC, _PRIVATE = "public_metrics", "non_public_metrics"  # the fields of a post that hold its numbers
_FEWEST, _MOST = 5, 100  # rows that X lets a timeline be asked for


class X:
    name: ClassVar[str] = "x"
    title: ClassVar[str] = "X"
    kind: ClassVar[Kind] = Kind.CONNECTOR
    default_server: ClassVar[str | None] = "https://api.twitter.com"
    secrets: ClassVar[Mapping[str, str]] = {
        "consumer_key": "API key of your app (developer console, Keys and tokens)",
        "consumer_secret": "API key secret of your app",
        "access_token": "access token of your own account, with read and write permission",
        "access_token_secret": "its secret",
        "bearer": "instead of the other four: an OAuth 2.0 user access token (it lives two hours)",
    }
    ways: ClassVar[tuple[frozenset[str], ...]] = (frozenset(OAUTH1), frozenset({"bearer"}))
    options: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "reply_settings": ("following", "mentionedUsers", "subscribers", "verified")
    }
    limits: ClassVar[Limits] = Limits(
        text=(AtMost(280, "weighted characters", link_cost=23),),
        images=4,
        alt_text=1000,
        image_bytes=5_000_000,
        source="github.com/twitter/twitter-text config/v3.json; docs.x.com media",
        read_on=date(2026, 8, 22),
    )
    login: ClassVar[Login | None] = Login(
        authorize="https://x.com/i/oauth2/authorize",
        tokens="https://api.x.com/2/oauth2/token",
        reading=("tweet.read", "users.read", "offline.access"),
        writing=("tweet.write", "media.write"),
        renewal=Renewal.ROTATING,
        access="bearer",
        basic=True,
        early=timedelta(minutes=10),  # a used refresh token that comes again ends the whole family: not more often
        assumed=timedelta(hours=2),
        source="docs.x.com OAuth 2.0 authorization code flow with PKCE; replay ends the family: trypost #126 (2026-07)",
        read_on=date(2026, 8, 22),
    )

    facts: ClassVar[Facts] = Facts(
        auth="four keys of a developer app (OAuth 1.0a), or a user's bearer token",
        cost="prepaid credits: $0.015 a post, $0.200 with a link; reads cost too",
        review="none for one's own account",
        card=CardBy.NETWORK,
        source="docs.x.com: authentication, pricing, developer policy",
        read_on=date(2026, 8, 22),
        apart=True,
        prices=costs.PRICES,
    )
    metrics: ClassVar[tuple[Metric, ...]] = (  # names of both vocabularies, the new one first
        Metric("impressions", "impression_count", "post", note="views, repeated ones included"),
        Metric("likes", "like_count", "post"),
        Metric("replies", "reply_count", "post"),
        Metric("reposts", "repost_count", "post", also=("retweet_count",)),
        Metric("quotes", "quote_count", "post"),
        Metric("bookmarks", "bookmark_count", "post"),
        Metric("link_clicks", "url_link_clicks", "post", note=_OWN, ends_after=PRIVATE),
        Metric("profile_clicks", "user_profile_clicks", "post", note=_OWN, ends_after=PRIVATE),
        *never("post", "X counts no unique viewers", "reach"),
        *never("post", "X offers engagements, not a count of all clicks", "clicks"),
        Metric("followers", "followers_count", "account"),
        Metric("posts", "post_count", "account", also=("tweet_count",)),
        *never("account", "X has no account total", "impressions"),
        *never("account", "X counts no unique viewers", "reach"),
    )
    metrics_reference: ClassVar[Reference] = Reference("docs.x.com, metrics; OpenAPI 2.167", date(2026, 8, 22))
    retention: ClassVar[Retention] = Retention(
        Reference("developer.x.com/developer-terms/policy, content compliance", date(2026, 8, 22)),
        gone=timedelta(hours=24),
        note="the own account's numbers are kept while the post stands; of a post that is gone they go within a day",
    )

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        self._x = XHost(connection)

    def verify(self) -> Profile:
        user = answers.obj(self._x.me().get("data"))
        remote_id = answers.identity(user.get("id"))
        if not remote_id:
            raise answers.broken(READ, "a user")
        return Profile(remote_id, answers.text(user.get("username")) or remote_id, answers.text(user.get("name")))

    # Examiner

    def examine(self, at: datetime) -> list[Finding]:
        """What can be told without a request: each of X's costs. How long a bearer token lives is on record."""
        return [good("token life", "the keys do not end by themselves")] if self._x.signed else []

    @classmethod
    def cost_of_examining(cls) -> tuple[Charge, ...]:
        return (Charge(costs.USER_READ), Charge(costs.OWN_READ, _FEWEST + 1))

    def examine_paid(self, at: datetime) -> list[Finding]:
        who = self.verify()
        found = [good("token", f"works: {who.handle}"), good("credits", "there are some: X answered")]
        headers = self._x.headers
        found += examining.requests_left(headers, "x-rate-limit-limit", "x-rate-limit-remaining")
        newest, _ = next(self._pages(at - examining.BACK, ["retweets"], _FEWEST), ([], True))
        return found + examining.metrics(self, at, newest)

    # Billed

    @classmethod
    def cost_of_post(cls, teaser: Teaser) -> tuple[Charge, ...]:
        return costs.of_post(teaser)

    @classmethod
    def cost_of_reading(cls, *, account: bool) -> tuple[Charge, ...]:
        return costs.of_reading(account=account)

    @classmethod
    def cost_of_page(cls) -> tuple[Charge, ...]:
        return (Charge(costs.OWN_READ, _MOST),)

    # Refresher

    def refresh(self) -> Issued:
        return oauth.refreshed(self._on, self.login, self.default_server)

    # Publisher

    def delivery_class(self, link_placement: str) -> DeliveryClass:
        """Readable only: the refusal of a repeat names no twin, and a changed link passes it."""
        return readable(link_placement)

    def publish(self, outgoing: Outgoing, keep: Callable[[str], None]) -> Post:
        """Upload the images, describe them, post. `keep` stores the ids of images X has not finished with.

        Raises NotSent while it has not: nothing is public, and the next attempt takes up the same images.
        HTTP 402 is NoCredit: neither the token nor the content is at fault.
        """
        media = self._media(outgoing, keep)
        payload = self._x.call(
            PUBLISH,
            lambda client: client.create_tweet(
                text=outgoing.teaser.text,
                media_ids=media or None,
                in_reply_to_tweet_id=outgoing.parent_remote_id,
                reply_settings=outgoing.teaser.extra.get("reply_settings"),
                user_auth=self._x.signed,
            ),
        )
        data = answers.obj(payload.get("data"))
        remote_id = answers.identity(data.get("id"))
        if not remote_id:
            raise answers.broken(PUBLISH, "the post's id")
        return Post(remote_id, self._url(remote_id), answers.text(data.get("text")), links=(outgoing.teaser.link,))

    def _media(self, outgoing: Outgoing, keep: Callable[[str], None]) -> list[str]:
        images = pictures(outgoing.teaser)
        ids = outgoing.handle.split(",") if outgoing.handle else []
        try:
            states = [self._status(media_id) for media_id in ids]
        except Rejected:  # uploads live for a day
            ids = []
        if len(ids) != len(images):
            states = [self._upload(outgoing.attachments[one.sha256], one.media_type, one.alt) for one in images]
        processing = [answers.text(answers.obj(state.get("processing_info")).get("state")) for state in states]
        if "failed" in processing:
            raise Rejected("X could not process the image", code="failed")
        if {"pending", "in_progress"} & set(processing):
            keep(",".join(str(state["id"]) for state in states))
            raise NotSent("X is still working on the image; nothing was posted", code="in_progress")
        return [str(state["id"]) for state in states]

    def _status(self, media_id: str) -> dict[str, Any]:
        query = {"command": "STATUS", "media_id": media_id}
        payload = self._x.call(
            PREPARE, lambda c: c.request("GET", "/2/media/upload", params=query, user_auth=self._x.signed)
        )
        return {**answers.obj(payload.get("data")), "id": media_id}

    def _upload(self, content: bytes, media_type: str, alt: str) -> dict[str, Any]:
        category = "tweet_gif" if media_type == "image/gif" else "tweet_image"
        body = {"media": base64.b64encode(content).decode(), "media_category": category}
        media = answers.obj(self._x.post(PREPARE, "/2/media/upload", body).get("data"))
        media_id = answers.identity(media.get("id"))
        if not media_id:
            raise answers.broken(PREPARE, "the image's id")
        if alt:
            about = {"id": media_id, "metadata": {"alt_text": {"text": alt}}}
            self._x.post(PREPARE, "/2/media/metadata", about, bill=costs.ALT_TEXT)
        return media

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        """Look through the own timeline. One silent look is weak evidence: it lags by up to a minute."""
        exclude = ["retweets"] if outgoing.parent_remote_id else ["replies", "retweets"]
        return sighting(outgoing, partial(self._timeline, exclude=exclude), since)

    # Replier

    def reply_class(self) -> DeliveryClass:
        """As a post: the own timeline lists replies too. X says of its self-serve plans that they may answer only
        whom they were called by; whether that holds for one's own posts is not written."""
        return DeliveryClass.READABLE

    # Remover

    def delete(self, post: Post) -> None:
        """Costs 0.010 USD; 50 in a quarter of an hour."""
        try:
            done = self._x.call(
                REMOVE, lambda c: c.delete_tweet(post.remote_id, user_auth=self._x.signed), bill=costs.DELETE
            )
        except Rejected as refusal:
            if refusal.code != "resource-not-found":
                raise
            return
        if answers.obj(done.get("data")).get("deleted") is not True:
            raise answers.broken(REMOVE, "its being deleted")

    # Lister

    def posts(self, since: datetime, pages: int = PAGES) -> Listing:
        return self._timeline(since, exclude=["retweets"], pages=pages)

    def _timeline(self, since: datetime, exclude: list[str], pages: int = PAGES) -> Listing:
        return listing(self._pages(since, exclude), since, self._on.remote_id, pages)

    def _pages(self, since: datetime, exclude: list[str], rows: int = _MOST) -> Iterator[tuple[list[Post], bool]]:
        token: str | None = None
        while True:
            page = self._x.own(
                ["created_at", "entities", "in_reply_to_user_id"],
                start_time=since,
                max_results=rows,
                exclude=exclude,
                pagination_token=token,
            )
            meta = answers.obj(page.get("meta"))
            if not meta:
                raise answers.broken(READ, "its meta part")
            if page.get("errors") and not page.get("data"):
                return  # errors instead of posts
            shown = answers.rows(page.get("data", []), READ, "a list of posts", "id")
            if not shown and answers.number(meta.get("result_count")) != 0:
                raise answers.broken(READ, "the posts it counts")
            posts = [self._as_post(raw) for raw in shown]
            if any("//t.co/" in (post.text or "//t.co/") and not post.links for post in posts):
                return  # a post without its links: it may be the one that is looked for
            token = answers.text(meta.get("next_token"))
            yield posts, not token

    def _as_post(self, raw: dict[str, Any]) -> Post:
        urls = answers.objects(answers.obj(raw.get("entities")).get("urls"))
        links = [
            link for url in urls for key in ("expanded_url", "unwound_url") if (link := answers.text(url.get(key)))
        ]
        remote_id = answers.identity(raw.get("id"))
        return Post(
            remote_id,
            self._url(remote_id),
            answers.text(raw.get("text")),
            answers.when(raw.get("created_at")),
            tuple(links),
            (answers.text(raw.get("in_reply_to_user_id")) or self._on.remote_id) != self._on.remote_id,
        )

    def _url(self, remote_id: str) -> str:
        return f"https://x.com/{self._on.handle.lstrip('@') or 'i'}/status/{remote_id}"

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """Totals as of now. Link and profile clicks can be read for 30 days, by the author only."""
        mine = about(self.metrics, "post")
        expired = post.published_at is not None and at - post.published_at > PRIVATE
        wanted = [_PUBLIC] if expired or _PRIVATE in self._on.dead else [_PUBLIC, _PRIVATE]
        refused: Unreachable | None = None
        try:
            raw, errors = self._shown(post.remote_id, wanted)
        except Unreachable as failure:
            if failure.code != INVALID or _PRIVATE not in wanted:
                raise
            refused = failure  # a field that X no longer knows fails the whole request: the others alone, then
            raw, errors = self._shown(post.remote_id, [_PUBLIC])
        if raw is None:
            return answers.gone(mine, at, "X no longer has this post", self._x.version)
        published = answers.when(raw.get("created_at"))
        expired = expired or (published is not None and at - published > PRIVATE)
        found = []
        for metric in offered(mine):
            private = metric.ends_after is not None
            one = self._reading(metric, raw.get(_PRIVATE if private else _PUBLIC), at)
            if one.value is None and private:
                one = self._private(one, expired, refused, errors)
            found.append(one)
        return found + answers.unsupported(mine, at, self._x.version)

    def _private(self, one: Reading, expired: bool, refused: Unreachable | None, errors: bool) -> Reading:
        """Why a number that X tells the author alone did not come."""
        if expired:
            reason = f"X shows it for {PRIVATE.days} days after publication only"
            return replace(one, status=ReadingStatus.EXPIRED, reason=reason)
        if refused is not None:
            # Filed under the field that holds it: that is the name that died.
            return replace(one, provider_name=_PRIVATE, reason=refused.reason, cause=Cause.DEAD_NAME)
        if _PRIVATE in self._on.dead:
            return replace(one, provider_name=_PRIVATE, reason=self._on.dead[_PRIVATE])
        if errors:
            return replace(one, status=ReadingStatus.NOT_PERMITTED, reason="X does not let this token read it")
        return one

    def _shown(self, post_id: str, fields: list[str]) -> tuple[dict[str, Any] | None, bool]:
        """The post with these fields, and whether X refused some of them; None when it is no longer there.

        The lookup by id costs five times a row of the own timeline, so that is asked for the ids around it; what it
        does not show may only be too far down: then the lookup decides.
        """
        fields = ["created_at", *fields]
        number = int(post_id) if post_id.isdecimal() else 0
        page = self._x.own(fields, since_id=max(number - 1, 0), until_id=number + 1, max_results=_FEWEST)
        if (raw := _row(page, post_id)) is None:
            page = self._x.posts([post_id], fields)
            raw = _row(page, post_id)
        errors = [
            (answers.text(one.get("type")) or "").rpartition("/")[2] for one in answers.objects(page.get("errors"))
        ]
        if raw is None and "resource-not-found" not in errors:
            raise answers.broken(READ, "the post that was asked for")
        return raw, bool(errors)

    def read_account(self, at: datetime) -> list[Reading]:
        counts = answers.obj(self._x.me().get("data")).get("public_metrics")
        mine = about(self.metrics, "account")
        found = [self._reading(one, counts, at) for one in offered(mine)]
        return found + answers.unsupported(mine, at, self._x.version)

    def _reading(self, metric: Metric, counts: Any, at: datetime) -> Reading:
        counts = answers.obj(counts)
        name = next((name for name in metric.names if name in counts), metric.names[-1])
        metric = replace(metric, provider_name=name)
        return answers.reading(metric, counts.get(name), at, f"X answered without {name}", self._x.version)


def _row(page: Mapping[str, Any], post_id: str) -> dict[str, Any] | None:
    """The post of that id among an answer's, None when it is not there."""
    shown = answers.objects(page.get("data"))
    return next((one for one in shown if answers.identity(one.get("id")) == post_id), None)
