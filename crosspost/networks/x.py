"""X, API v2, through tweepy.

tweepy writes https://api.twitter.com into every address and signs OAuth 1.0a for that host, so that host is
the default server too; its session is replaced by one that rides on the outbound client. What an answer means
is read from the answer itself: tweepy's exceptions lose a problem's title and type, and break on odd bodies.
Answers are read in both vocabularies, the old (`tweet_count`) and the one of July 2026 (`post_count`).

A post whose text holds a link costs 0.200 USD, one without 0.015, a row of the own timeline 0.001: reads go
through the own timeline. Source of the facts here: docs.x.com, read 2026-08-22; tweepy 4.17.0.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from crosspost.domain.delivery import DeliveryClass, Outgoing, Sighting
from crosspost.domain.errors import Duplicate, NetworkFailure, NotSent, Rejected, Unauthorized
from crosspost.domain.limits import AtMost, Limits
from crosspost.domain.login import Login, Renewal
from crosspost.domain.post import Listing, Post, Reading, ReadingStatus
from crosspost.networks import _answers as answers
from crosspost.networks import oauth
from crosspost.networks._answers import PREPARE, PUBLISH, READ, Step
from crosspost.networks._matching import pictures, readable, sighting
from crosspost.networks.network import Connection, Issued, Profile

if TYPE_CHECKING:
    from crosspost.outside.http import Answer

PAGES = 5  # of 100 posts: what one look at the own timeline may cost
PRIVATE_DAYS = 30  # link and profile clicks are readable that long
_OAUTH1 = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
# metric: names in public_metrics, new vocabulary first
_PUBLIC = {
    "impressions": ("impression_count",),
    "likes": ("like_count",),
    "replies": ("reply_count",),
    "reposts": ("repost_count", "retweet_count"),
    "quotes": ("quote_count",),
    "bookmarks": ("bookmark_count",),
}
_PRIVATE = {"link_clicks": ("url_link_clicks",), "profile_clicks": ("user_profile_clicks",)}
_NEVER = {
    "reach": "X counts no unique viewers",
    "clicks": "X offers engagements, not a count of all clicks",
}


class X:
    name: ClassVar[str] = "x"
    title: ClassVar[str] = "X"
    default_server: ClassVar[str | None] = "https://api.twitter.com"
    secrets: ClassVar[Mapping[str, str]] = {
        "consumer_key": "API key of your app (developer console, Keys and tokens)",
        "consumer_secret": "API key secret of your app",
        "access_token": "access token of your own account, with read and write permission",
        "access_token_secret": "its secret",
        "bearer": "instead of the other four: an OAuth 2.0 user access token (it lives two hours)",
    }
    ways: ClassVar[tuple[frozenset[str], ...]] = (frozenset(_OAUTH1), frozenset({"bearer"}))
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

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        self._signed = all(connection.secrets.get(name) for name in _OAUTH1)

    def verify(self) -> Profile:
        user = answers.obj(self._me().get("data"))
        if not user.get("id"):
            raise answers.broken(READ, "a user")
        return Profile(str(user["id"]), str(user.get("username", "")), user.get("name"))

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
        HTTP 402 (no credits left) is Unauthorized: the account is blocked until its owner tops it up, and the
        content is not at fault.
        """
        media = self._media(outgoing, keep)
        payload = self._call(
            PUBLISH,
            lambda client: client.create_tweet(
                text=outgoing.teaser.text,
                media_ids=media or None,
                in_reply_to_tweet_id=outgoing.parent_remote_id,
                reply_settings=outgoing.teaser.extra.get("reply_settings"),
                user_auth=self._signed,
            ),
        )
        data = answers.obj(payload.get("data"))
        if not isinstance(data.get("id"), str) or not data["id"]:
            raise answers.broken(PUBLISH, "the post's id")
        return Post(data["id"], self._url(data["id"]), data.get("text"), links=(outgoing.teaser.link,))

    def _media(self, outgoing: Outgoing, keep: Callable[[str], None]) -> list[str]:
        images = pictures(outgoing.teaser)
        ids = outgoing.handle.split(",") if outgoing.handle else []
        try:
            states = [self._status(media_id) for media_id in ids]
        except Rejected:  # uploads live for a day
            ids = []
        if len(ids) != len(images):
            states = [self._upload(outgoing.attachments[one.sha256], one.media_type, one.alt) for one in images]
        processing = [answers.obj(state.get("processing_info")).get("state") for state in states]
        if "failed" in processing:
            raise Rejected("X could not process the image", code="failed")
        if {"pending", "in_progress"} & set(processing):
            keep(",".join(str(state["id"]) for state in states))
            raise NotSent("X is still working on the image; nothing was posted", code="in_progress")
        return [str(state["id"]) for state in states]

    def _status(self, media_id: str) -> dict[str, Any]:
        query = {"command": "STATUS", "media_id": media_id}
        payload = self._call(
            PREPARE, lambda c: c.request("GET", "/2/media/upload", params=query, user_auth=self._signed)
        )
        return {**answers.obj(payload.get("data")), "id": media_id}

    def _upload(self, content: bytes, media_type: str, alt: str) -> dict[str, Any]:
        category = "tweet_gif" if media_type == "image/gif" else "tweet_image"
        body = {"media": base64.b64encode(content).decode(), "media_category": category}
        media = answers.obj(self._post(PREPARE, "/2/media/upload", body).get("data"))
        if not isinstance(media.get("id"), str):
            raise answers.broken(PREPARE, "the image's id")
        if alt:
            about = {"id": media["id"], "metadata": {"alt_text": {"text": alt}}}
            self._post(PREPARE, "/2/media/metadata", about)
        return media

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        """Look through the own timeline. One silent look is weak evidence: it lags by up to a minute."""
        exclude = ["retweets"] if outgoing.parent_remote_id else ["replies", "retweets"]
        return sighting(outgoing, partial(self._timeline, exclude=exclude), since)

    # Lister

    def posts(self, since: datetime) -> Listing:
        return self._timeline(since, exclude=["retweets"])

    def _timeline(self, since: datetime, exclude: list[str]) -> Listing:
        found: list[Post] = []
        token: str | None = None
        for _ in range(PAGES):
            page = self._own(
                start_time=since, max_results=100, exclude=exclude, pagination_token=token,
                tweet_fields=["created_at", "entities"],
            )  # fmt: skip
            if "meta" not in page:
                raise answers.broken(READ, "its meta part")
            if page.get("errors") and not page.get("data"):
                return Listing(tuple(found), None, self._on.remote_id, ("X answered with errors instead of posts",))
            shown = answers.rows(page.get("data", []), READ, "a list of posts")
            found += [self._as_post(raw) for raw in shown]
            token = answers.obj(page["meta"]).get("next_token")
            if not token:
                return Listing(tuple(found), since, self._on.remote_id)
        oldest = found[-1].published_at if found else None
        return Listing(tuple(found), oldest, self._on.remote_id, (f"stopped after {PAGES} pages",))

    def _as_post(self, raw: dict[str, Any]) -> Post:
        urls = answers.objects(answers.obj(raw.get("entities")).get("urls"))
        links = [str(url[key]) for url in urls for key in ("expanded_url", "unwound_url") if url.get(key)]
        remote_id = str(raw.get("id", ""))
        return Post(
            remote_id,
            self._url(remote_id),
            raw.get("text"),
            answers.when(raw.get("created_at")),
            tuple(links),
        )

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """Totals as of now. Link and profile clicks can be read for 30 days, by the author only."""
        expired = post.published_at is not None and at - post.published_at > timedelta(days=PRIVATE_DAYS)
        fields = ["created_at", "public_metrics"] + ([] if expired else ["non_public_metrics"])
        # The lookup by id costs five times a timeline row: ask the timeline for the ids around it.
        number = int(post.remote_id) if post.remote_id.isdecimal() else 0
        page = self._own(since_id=max(number - 1, 0), until_id=number + 1, max_results=5, tweet_fields=fields)
        shown = answers.objects(page.get("data"))
        raw = next((one for one in shown if str(one.get("id")) == post.remote_id), {})
        gone = "" if raw else "X's timeline no longer shows this post"
        found = [self._reading(metric, raw.get("public_metrics"), names, at, gone) for metric, names in _PUBLIC.items()]
        published = answers.when(raw.get("created_at"))
        expired = expired or (published is not None and at - published > timedelta(days=PRIVATE_DAYS))
        for metric, names in _PRIVATE.items():
            one = self._reading(metric, raw.get("non_public_metrics"), names, at, gone)
            if one.value is None and expired:
                reason = f"X shows it for {PRIVATE_DAYS} days after publication only"
                one = replace(one, status=ReadingStatus.EXPIRED, reason=reason)
            elif one.value is None and page.get("errors"):
                reason = "X does not let this token read it"
                one = replace(one, status=ReadingStatus.NOT_PERMITTED, reason=reason)
            found.append(one)
        return found + answers.unsupported(_NEVER, at, self._version)

    def read_account(self, at: datetime) -> list[Reading]:
        counts = answers.obj(self._me().get("data")).get("public_metrics")
        return [
            self._reading("followers", counts, ("followers_count",), at, ""),
            self._reading("posts", counts, ("post_count", "tweet_count"), at, ""),
            *answers.unsupported({"impressions": "X has no account total", "reach": _NEVER["reach"]}, at),
        ]

    def _reading(self, metric: str, counts: Any, names: tuple[str, ...], at: datetime, gone: str) -> Reading:
        counts = answers.obj(counts)
        name = next((name for name in names if name in counts), names[-1])
        missing = gone or f"X answered without {name}"
        return answers.reading(metric, name, counts.get(name), at, missing, self._version)

    # The way to tweepy and back

    _version: str | None = None  # of the server, from its last answer

    def _url(self, remote_id: str) -> str:
        return f"https://x.com/{self._on.handle.lstrip('@') or 'i'}/status/{remote_id}"

    def _me(self) -> dict[str, Any]:
        return self._call(READ, lambda c: c.get_me(user_fields=["public_metrics"], user_auth=self._signed))

    def _own(self, **params: Any) -> dict[str, Any]:
        return self._call(READ, lambda c: c.get_users_tweets(self._on.remote_id, user_auth=self._signed, **params))

    def _post(self, step: Step, route: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._call(step, lambda c: c.request("POST", route, json=body, user_auth=self._signed))

    def _client(self, on_answer: Callable[[Answer], None]) -> Any:
        import requests
        import tweepy

        from crosspost.outside import sdk

        # At DEBUG these three print the Authorization header.
        for noisy in (
            "tweepy",
            "tweepy.client",
            "oauthlib",
            "requests_oauthlib",
            "requests_oauthlib.oauth1_auth",
        ):
            logging.getLogger(noisy).setLevel(logging.INFO)
        revealed = {
            name: secret.reveal() for name in (*_OAUTH1, "bearer") if (secret := self._on.secrets.get(name)) is not None
        }
        client = tweepy.Client(bearer_token=revealed.pop("bearer", None), return_type=requests.Response, **revealed)
        client.session = sdk.session(
            server=self._on.server,
            stands_for=("https://api.twitter.com",),
            outbound=self._on.outbound,
            timeout_s=self._on.timeout_s,
            on_answer=on_answer,
        )
        return client

    def _call(self, step: Step, ask: Callable[[Any], object]) -> dict[str, Any]:
        """The JSON object of a successful answer; every other outcome is raised as the step's failure."""
        came: list[Answer] = []
        with answers.translating(answers.before(step), self._on.secrets.values()):
            client = self._client(came.append)
        with answers.translating(step, self._on.secrets.values()):
            try:
                ask(client)
            except Exception:
                if not came:
                    raise
        if not came:
            raise step.unclear("tweepy came back without an answer", code="no answer")
        answer = came[-1]
        self._version = answer.headers.get("api-version") or self._version
        payload = answers.parsed(answer)
        if not 200 <= answer.status < 300:
            raise self._failure(step, answer, answers.obj(payload))
        if not isinstance(payload, dict):
            raise answers.broken(step, "readable JSON")
        return payload

    def _failure(self, step: Step, answer: Answer, problem: dict[str, Any]) -> NetworkFailure:
        first = next(iter(answers.objects(problem.get("errors"))), {})
        detail = problem.get("detail") or first.get("message") or problem.get("title") or ""
        reason = answers.words(detail, self._on.secrets.values())
        kind = str(problem.get("type") or "").rpartition("/")[2]  # the host in it is x.com or twitter.com
        code = kind if kind not in ("", "about:blank", "blank") else str(problem.get("title") or answer.status)
        if answer.status == 402:
            text = f"the X app has no credits left: top them up ({reason})"
            return Unauthorized(text, code=answers.words(code, self._on.secrets.values()))
        if answer.status == 403 and "duplicate" in reason.lower():
            return Duplicate(reason, code="duplicate")
        if answer.status == 403 and kind in ("client-forbidden", "unsupported-authentication"):
            return Unauthorized(reason, code=kind)
        until = answers.wait_until(answer.headers, self._on.now(), "x-rate-limit-reset")
        return answers.by_status(
            step, answer.status, reason, code=answers.words(code, self._on.secrets.values()), until=until
        )
