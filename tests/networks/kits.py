"""Networks as the contract suite sees them: how each says the same things in its own words (all: every_kit.py).

A kit is a server's script with a memory of what was posted. `publish_with` replaces the answer to the publishing
request alone; `posted` says whether that request also takes effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Protocol
from urllib.parse import quote

import pytest

from crosspost.domain.delivery import Outgoing
from crosspost.domain.errors import NetworkFailure
from crosspost.domain.teaser import Attachment, Card, Teaser
from crosspost.networks import adapter_of
from crosspost.networks.network import Adapter as _Adapter
from crosspost.networks.network import Connection, Lister, Meter, Publisher
from crosspost.outside.http import Outbound
from crosspost.secret import Secret
from tests.networks.canned import Canned, Fault, Reply, Request

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LINK = "https://go.example/k7Qm2xPz"
CODE = "k7Qm2xPz"
TEXT = f"L’été « indien » 🍂 arrive : trois idées. {LINK} #Jardin"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
SHA = "ab" * 32
IMAGE = Attachment(SHA, "image/png", "Un jardin d’automne", 640, 480)


def outgoing(**changes: Any) -> Outgoing:
    """A delivery. `images=True` adds one image; any field of the teaser or of the delivery can be replaced."""
    card = Card(LINK, "Trois idées", "Pour le jardin")
    teaser = Teaser(text=TEXT, link=LINK, language="fr", card=card)
    if changes.pop("images", False):
        teaser = replace(teaser, images=(IMAGE,), card=None)
    of_teaser = {
        name: changes.pop(name) for name in ("text", "link", "link_placement", "extra", "card") if name in changes
    }
    whole: dict[str, Any] = {
        "delivery_id": "d1", "revision": 1, "teaser": replace(teaser, **of_teaser), "code": CODE, "key": "d1-9f",
        "record_key": "3m5z7abcdefgh", "created_at": NOW - timedelta(minutes=1), "attachments": {SHA: PNG},
    }  # fmt: skip
    return Outgoing(**whole | changes)


class Adapter(_Adapter, Publisher, Meter, Lister, Protocol):
    """What all of them offer, for the type checker."""


@dataclass(frozen=True)
class Saved:
    """What an adapter saved, in order."""

    secrets: list[tuple[str, str]]
    handles: list[str]


class Kit:
    name: ClassVar[str]
    secrets: ClassVar[dict[str, str]]
    remote_id: ClassVar[str]
    handle: ClassVar[str] = "jardin"
    post_id: ClassVar[str]
    reset_header: ClassVar[str]
    # What the network answers to a publish:
    too_long: ClassVar[Reply]
    expired: ClassVar[Reply]
    duplicate: ClassVar[Reply | None] = None
    throttled: ClassVar[Reply]
    settings: ClassVar[Mapping[str, str]] = {}

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.publish_with: Callable[[Request], Reply | Fault | None] = lambda request: None
        self.upload_with: Reply | Fault | None = None
        self.read_with: Reply | Fault | None = None
        self.without: set[str] = set()  # provider names of metrics that are not given
        self.more = False  # there is always another page
        self.saved = Saved([], [])

    def adapter(
        self,
        origin: str,
        *,
        timeout_s: float = 5.0,
        settings: Mapping[str, str] | None = None,
        also: str = "",
        dead: Mapping[str, str] | None = None,
    ) -> Adapter:
        """`also` is a second origin in the configuration that may be private; `dead` names are not asked for."""
        made: Any = adapter_of(self.name)(
            Connection(
                server=origin, remote_id=self.remote_id, handle=self.handle,
                secrets={name: Secret(value) for name, value in self.secrets.items()},
                settings={**self.settings, **(settings or {})},
                outbound=Outbound(private_origins=frozenset({origin, also or origin})), timeout_s=timeout_s,
                now=lambda: NOW, dead=dead or {},
                save=lambda name, value: self.saved.secrets.append((name, value.reveal())),
            )
        )  # fmt: skip
        adapter: Adapter = made
        return adapter

    def outgoing(self, **changes: Any) -> Outgoing:
        """A delivery as this network takes it."""
        return outgoing(**changes)

    def is_publish(self, request: Request) -> bool:
        raise KeyError(request)

    def is_content(self, request: Request) -> bool:
        """Whether it carries the text: the publishing request, but on networks that publish in two phases."""
        return self.is_publish(request)

    def accept(self, request: Request) -> Reply:
        """The normal answer to anything but the publishing request's override."""
        raise KeyError(request)

    def posted(self, at: datetime, link: str | None = LINK, text: str = "un autre texte") -> dict[str, Any]:
        """A post as the network's list shows it."""
        raise KeyError(link)

    def __call__(self, request: Request) -> Reply | Fault:
        if self.is_publish(request):
            return self.publish_with(request) or self.accept(request)
        return self.accept(request)

    def read(self, good: Any, **headers: str) -> Any:
        """The answer to a read, or what `read_with` puts in its place."""
        return self.read_with if self.read_with is not None else Reply(good, headers=headers)


def _problem(status: int, detail: str, kind: str = "about:blank", title: str = "") -> Reply:
    return Reply({"title": title or "Forbidden", "detail": detail, "type": kind, "status": status}, status)


class XKit(Kit):
    name = "x"
    secrets = {
        "consumer_key": "ck-CANARY", "consumer_secret": "cs-CANARY", "access_token": "at-CANARY",
        "access_token_secret": "ats-CANARY",
    }  # fmt: skip
    remote_id, post_id, reset_header = "2244994945", "1991000000000000001", "x-rate-limit-reset"
    too_long = _problem(403, "You are not permitted to perform this action.")
    expired = Reply({"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}, 401)
    duplicate = _problem(403, "You are not allowed to create a Tweet with duplicate content.")
    throttled = Reply({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, 429)

    def is_publish(self, request: Request) -> bool:
        return request.method == "POST" and request.path == "/2/tweets"

    def accept(self, request: Request) -> Any:
        if self.is_publish(request):
            return Reply(
                {"data": {"id": self.post_id, "text": "… https://t.co/x", "edit_history_tweet_ids": [""]}}, 201
            )
        if request.path == "/2/media/upload":
            return self.upload_with or Reply({"data": {"id": "77", "media_key": "3_77"}})
        if request.path == "/2/media/metadata":
            return Reply({"data": {"id": "77"}})
        counts = {"followers_count": 321, "post_count": 12}
        if request.path == "/2/users/me":
            user = {
                "id": self.remote_id,
                "username": self.handle,
                "name": "Jardin",
                "public_metrics": self._kept(counts),
            }
            return self.read({"data": user}, **{"api-version": "2.168"})
        if request.path == f"/2/users/{self.remote_id}/tweets":
            meta: dict[str, Any] = {"result_count": len(self.posts)}
            data = {"data": self.posts} if self.posts else {}
            if "since_id" in request.query:
                data = {"data": [self._measured()]}
            if self.more:
                meta["next_token"] = "n"
            return self.read(data | {"meta": meta})
        if request.path == "/2/tweets":
            wanted = request.query["ids"]
            kind = "https://api.x.com/2/problems/resource-not-found"
            return self.read({"errors": [{"title": "Not Found Error", "type": kind, "value": wanted}]})
        return Reply({"title": "Not Found"}, 404)

    def _kept(self, counts: dict[str, int]) -> dict[str, int]:
        return {name: value for name, value in counts.items() if name not in self.without}

    def _measured(self) -> dict[str, Any]:
        public = {"impression_count": 900, "like_count": 7, "reply_count": 0, "retweet_count": 2, "quote_count": 1}
        private = {"url_link_clicks": 31, "user_profile_clicks": 4}
        return {
            "id": self.post_id, "created_at": "2026-11-19T09:30:00.000Z",
            "public_metrics": self._kept(public | {"bookmark_count": 3}), "non_public_metrics": self._kept(private),
        }  # fmt: skip

    def posted(self, at: datetime, link: str | None = LINK, text: str = "un autre texte") -> dict[str, Any]:
        urls = [{"url": "https://t.co/x", "expanded_url": link}] if link else []
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return {"id": self.post_id, "text": text, "created_at": stamp, "entities": {"urls": urls}}


def graph_error(code: int, message: str, status: int = 400, **more: Any) -> Reply:
    return Reply({"error": {"message": message, "type": "OAuthException", "code": code, **more}}, status)


class FacebookKit(Kit):
    name = "facebook"
    secrets = {"page_token": "page-CANARY"}
    remote_id, post_id, reset_header = "1010", "1010_2020", ""
    too_long = graph_error(100, "Param message is too long")
    expired = graph_error(190, "Error validating access token: page-CANARY", error_subcode=463)
    duplicate = graph_error(506, "Duplicate status message")
    throttled = graph_error(32, "Page request limit reached")

    def is_publish(self, request: Request) -> bool:
        return request.method == "POST" and request.path.endswith("/feed")

    def accept(self, request: Request) -> Any:
        version = {"facebook-api-version": request.path.split("/")[1]}
        if self.is_publish(request):
            made = {"id": self.post_id, "permalink_url": "https://www.facebook.com/1010/posts/2020"}
            return Reply(made, headers=version)
        if request.path.endswith("/photos"):
            return self.upload_with or Reply({"id": "55"})
        if request.path.endswith("/insights"):
            names = request.query["metric"].split(",")
            if self.without.intersection(names):
                return graph_error(100, "(#100) The value must be a valid insights metric")
            told = [{"name": name, "values": [{"value": self._insights[name]}]} for name in names]
            return self.read({"data": told}, **version)
        if request.path.endswith("/published_posts"):
            paging = {"cursors": {"after": "c"}, "next": "https://graph.facebook.com/…"} if self.more else {}
            return self.read({"data": self.posts, "paging": paging}, **version)
        page = {"id": self.remote_id, "name": "Jardin", "username": self.handle, "followers_count": 812}
        return self.read({name: value for name, value in page.items() if name not in self.without}, **version)

    _insights: ClassVar[dict[str, Any]] = {
        "post_media_view": 4000, "post_total_media_view_unique": 2500, "post_clicks": 90,
        "post_clicks_by_type": {"link clicks": 61, "other clicks": 29},
        "post_reactions_by_type_total": {"like": 20, "love": 5},
        "post_activity_by_action_type": {"comment": 3, "share": 2},
    }  # fmt: skip

    def posted(self, at: datetime, link: str | None = LINK, text: str = "un autre texte") -> dict[str, Any]:
        shim = f"https://l.facebook.com/l.php?u={quote(link, safe='')}&h=AT0" if link else None
        attached = {"attachments": {"data": [{"media_type": "link", "url": shim}]}} if shim else {}
        return {"id": self.post_id, "message": text, "created_time": at.strftime("%Y-%m-%dT%H:%M:%S+0000"), **attached}


class MastodonKit(Kit):
    name = "mastodon"
    secrets = {"access_token": "masto-CANARY"}
    remote_id, post_id, reset_header = "109", "115500000000000001", "x-ratelimit-reset"
    too_long = Reply({"error": "Validation failed: Text character limit of 500 exceeded"}, 422)
    expired = Reply({"error": "The access token masto-CANARY is invalid"}, 401)
    throttled = Reply({"error": "Too many requests"}, 429)

    def is_publish(self, request: Request) -> bool:
        return request.method == "POST" and request.path == "/api/v1/statuses"

    def accept(self, request: Request) -> Any:
        if self.is_publish(request):
            return Reply(self.posted(NOW))
        if request.path == "/api/v2/media":
            return self.upload_with or Reply({"id": "66", "url": "https://m.example/66.png"})
        if request.path.endswith("/verify_credentials"):
            me = {"id": self.remote_id, "username": self.handle, "display_name": "Jardin"}
            return self.read(me | self._kept({"followers_count": 45, "statuses_count": 9}))
        if request.path == f"/api/v1/accounts/{self.remote_id}/statuses":
            first = "max_id" not in request.query
            return self.read(self.posts if first or self.more else [])
        if request.path.endswith("/favourited_by"):
            local, page = {"id": "1", "acct": "lou"}, f"https://m.example{request.path}?limit=80&max_id=77"
            if "max_id" in request.query and not self.more:
                return self.read([{"id": "2", "acct": "kim@elsewhere.example"}])
            return self.read([local], link=f'<{page}>; rel="next", <{page}>; rel="prev"')
        if request.path.endswith("/reblogged_by"):
            return self.read([{"id": "1", "acct": "lou"}])
        if request.path == f"/api/v1/statuses/{self.post_id}":
            counts = {"favourites_count": 5, "replies_count": 0, "reblogs_count": 2, "quotes_count": 1}
            return self.read(self.posted(NOW) | self._kept(counts))
        return Reply({"error": "Record not found"}, 404)

    def _kept(self, counts: dict[str, int]) -> dict[str, int]:
        return {name: value for name, value in counts.items() if name not in self.without}

    def posted(self, at: datetime, link: str | None = LINK, text: str = "un autre texte") -> dict[str, Any]:
        anchor = f' <a href="{link}"><span class="invisible">https://</span>go.example/…</a>' if link else ""
        url = f"https://m.example/@{self.handle}/{self.post_id}"
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return {"id": self.post_id, "url": url, "uri": url, "created_at": stamp, "content": f"<p>{text}{anchor}</p>"}


class BlueskyKit(Kit):
    name = "bluesky"
    secrets = {"app_password": "pw-CANARY", "access_jwt": "access-CANARY", "refresh_jwt": "refresh-CANARY"}
    remote_id, reset_header = "did:plc:abc123", "ratelimit-reset"
    handle = "jardin.example"
    post_id = "at://did:plc:abc123/app.bsky.feed.post/3m5z7abcdefgh"
    too_long = Reply(
        {"error": "InvalidRequest", "message": "Invalid app.bsky.feed.post record: text must not be longer than 300"},
        400,
    )
    expired = Reply({"error": "ExpiredToken", "message": "Token has expired"}, 400)
    throttled = Reply({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, 429)

    def __init__(self) -> None:
        super().__init__()
        self.refresh_with: Reply | None = Reply({"error": "ExpiredToken", "message": "Token has been revoked"}, 400)
        self.log_in_with: Reply | None = Reply(
            {"error": "AuthenticationRequired", "message": "Invalid identifier or pw-CANARY"}, 401
        )

    def is_publish(self, request: Request) -> bool:
        return request.path.endswith("com.atproto.repo.putRecord")

    def accept(self, request: Request) -> Any:
        nsid = request.path.removeprefix("/xrpc/")
        session = {"did": self.remote_id, "handle": self.handle, "accessJwt": "access-2", "refreshJwt": "refresh-2"}
        if nsid == "com.atproto.server.refreshSession":
            return self.refresh_with or Reply(session)
        if nsid == "com.atproto.server.createSession":
            return self.log_in_with or Reply(session)
        if self.is_publish(request):
            return Reply({"uri": self.post_id, "cid": "bafyone", "validationStatus": "valid"})
        if nsid == "com.atproto.repo.uploadBlob":
            blob = {"$type": "blob", "ref": {"$link": "bafkimage"}, "mimeType": "image/png", "size": len(PNG)}
            return self.upload_with or Reply({"blob": blob})
        if nsid == "com.atproto.server.getSession":
            return self.read({"did": self.remote_id, "handle": self.handle, "didDoc": {"service": []}})
        if nsid == "com.atproto.repo.getRecord":
            missing = Reply({"error": "RecordNotFound", "message": "Could not locate record"}, 400)
            return self.read_with or (Reply({"cid": "bafyone", **self.posts[0]}) if self.posts else missing)
        if nsid == "com.atproto.repo.listRecords":
            return self.read({"records": self.posts} | ({"cursor": "c"} if self.more else {}))
        if nsid == "app.bsky.feed.getPosts":
            counts = {"likeCount": 5, "replyCount": 0, "repostCount": 2, "quoteCount": 1, "bookmarkCount": 0}
            return self.read({"posts": [{"uri": self.post_id} | self._kept(counts)]})
        if nsid == "app.bsky.feed.getLikes":
            name = "kim.example" if "cursor" in request.query else "lou.example"
            like = {"actor": {"did": f"did:plc:{name}", "handle": name}, "createdAt": "2026-11-19T10:00:00Z"}
            return self.read(
                {"likes": [like]} | ({} if "cursor" in request.query and not self.more else {"cursor": "c"})
            )
        if nsid == "app.bsky.feed.getRepostedBy":
            return self.read({"repostedBy": [{"did": "did:plc:lou.example", "handle": "handle.invalid"}]})
        return self.read({"did": self.remote_id} | self._kept({"followersCount": 45, "postsCount": 9}))

    def _kept(self, counts: dict[str, int]) -> dict[str, int]:
        return {name: value for name, value in counts.items() if name not in self.without}

    def posted(self, at: datetime, link: str | None = LINK, text: str = "un autre texte") -> dict[str, Any]:
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        feature = {"$type": "app.bsky.richtext.facet#link", "uri": link}
        facets = [{"index": {"byteStart": 0, "byteEnd": 2}, "features": [feature]}] if link else []
        return {"uri": self.post_id, "value": {"text": text, "createdAt": stamp, "facets": facets}}


def failure_of(kit: Kit, reply: Reply) -> NetworkFailure:
    kit.publish_with = lambda request: reply
    with Canned(kit) as server, pytest.raises(NetworkFailure) as caught:
        kit.adapter(server.origin).publish(kit.outgoing(), print)
    return caught.value
