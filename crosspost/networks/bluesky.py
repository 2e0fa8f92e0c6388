"""Bluesky: XRPC calls on the outbound client, to the account's own server (PDS).

The post's key is ours (`record_key`, a TID), and `putRecord` with `swapRecord: null` creates or does nothing: the
identical record again is a success without effect, a different one is refused. So every attempt sends the same
record to the byte, and only `getRecord` decides whether it is there. (`createRecord` on a taken key answers 500.)

Sessions: the app password opens one, once; both tokens are saved before they are used; an expired one is a 400,
proof that nothing was done, and is refreshed and asked again once.

Source: github.com/bluesky-social/atproto lexicons and PDS 0.5.35, read 2026-08-20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar

from crosspost.domain.delivery import DeliveryClass, Found, Outgoing, Sighting
from crosspost.domain.errors import NetworkFailure, OutcomeUnknown, Rejected, Unauthorized, Unreachable
from crosspost.domain.facts import CardBy, Facts
from crosspost.domain.finding import Finding, good
from crosspost.domain.kind import Kind
from crosspost.domain.limits import AtMost, ImageLimits, Limits
from crosspost.domain.login import Login
from crosspost.domain.message import say
from crosspost.domain.metric import FOLLOWERS, Metric, Reference, about, never
from crosspost.domain.post import Listing, Post, Reading
from crosspost.domain.reactor import Reactor, Reactors
from crosspost.domain.retention import Retention
from crosspost.networks import _answers as answers
from crosspost.networks import _examining as examining
from crosspost.networks._answers import PREPARE, PUBLISH, READ, REMOVE, Step
from crosspost.networks._listing import PAGES, listing
from crosspost.networks._matching import carries
from crosspost.networks._record import COLLECTION, THUMB_BYTES, links_of, post_record
from crosspost.networks.network import Connection, Profile
from crosspost.outside.http import Answer
from crosspost.secret import Secret

_EXPIRED = frozenset({"ExpiredToken", "InvalidToken"})
_NO_ACCOUNT = (
    frozenset(
        {"AuthenticationRequired", "AuthMissing", "AccountTakedown", "AccountDeactivated", "AccountSuspended"}
        | {"RepoTakendown", "RepoDeactivated", "RepoSuspended", "AuthFactorTokenRequired"}
    )
    | _EXPIRED
)
REACTOR_PAGES = 25  # of 100 accounts
_UNCOUNTED = say("Bluesky counts no views and no clicks")
# A look after a refused put: if it fails, nothing is known of what stands there.
_LOOK = Step(unclear=OutcomeUnknown, not_sent=OutcomeUnknown, refused=OutcomeUnknown)


class Bluesky:
    name: ClassVar[str] = "bluesky"
    title: ClassVar[str] = "Bluesky"
    kind: ClassVar[Kind] = Kind.CONNECTOR
    default_server: ClassVar[str | None] = "https://bsky.social"
    secrets: ClassVar[Mapping[str, str]] = {"app_password": "made under Settings, App passwords; not the main one"}
    own_card: ClassVar[bool] = True
    limits: ClassVar[Limits] = Limits(
        text=(AtMost(300, "graphemes"), AtMost(3000, "utf-8 bytes")),
        images=4,
        alt_text=None,
        image_bytes=2_000_000,
        source="github.com/bluesky-social/atproto lexicons/app/bsky/feed/post.json, embed/images.json",
        read_on=date(2026, 8, 20),
        image=ImageLimits(
            longest=2000,
            card_bytes=THUMB_BYTES,
            source="lexicons/app/bsky/embed/images.json, external.json; 2,000 pixels: what Bluesky's own client sends",
        ),
    )

    facts: ClassVar[Facts] = Facts(
        auth="an app password",
        cost="free",
        review="none",
        card=CardBy.CLIENT,
        source="github.com/bluesky-social/atproto",
        read_on=date(2026, 8, 20),
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("likes", "likeCount", "post"),
        Metric("replies", "replyCount", "post"),
        Metric("reposts", "repostCount", "post"),
        Metric("quotes", "quoteCount", "post"),
        Metric("bookmarks", "bookmarkCount", "post"),
        *never("post", _UNCOUNTED, "impressions", "reach", "clicks", "link_clicks", "profile_clicks"),
        Metric("followers", "followersCount", "account", counts=FOLLOWERS),
        Metric("posts", "postsCount", "account"),
        *never("account", _UNCOUNTED, "impressions", "reach"),
    )
    metrics_reference: ClassVar[Reference] = Reference(
        "github.com/bluesky-social/atproto lexicons/app/bsky/feed/defs.json, actor/defs.json", date(2026, 8, 20)
    )
    retention: ClassVar[Retention] = Retention(
        Reference("docs.bsky.app developer guidelines, which set no limit for one's own account", date(2026, 8, 20))
    )
    login: ClassVar[Login | None] = None  # an app password; its session is renewed by the adapter

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        # Not stored anywhere but through `save`: what a log-in or refresh during this adapter's life brought.
        self._tokens = {name: connection.secrets[name] for name in _TOKENS if connection.secrets.get(name)}

    def verify(self) -> Profile:
        session = self._call(READ, "GET", "com.atproto.server.getSession")
        did = answers.identity(session.get("did"))
        if not did:
            raise answers.broken(READ, "an account's DID")
        services = answers.objects(answers.obj(session.get("didDoc")).get("service"))
        home = next((one.get("serviceEndpoint") for one in services if one.get("id") == "#atproto_pds"), None)
        pds = (answers.address(home) or "").rstrip("/")
        settings = {"pds": pds} if pds.startswith("https://") else {}
        return Profile(did, answers.text(session.get("handle")) or did, settings=settings)

    # Examiner

    def examine(self, at: datetime) -> list[Finding]:
        who = self.verify()
        return [good("token", f"works: {who.handle}"), *examining.metrics(self, at)]

    # Publisher

    def delivery_class(self, link_placement: str) -> DeliveryClass:
        return DeliveryClass.RECORD

    def publish(self, outgoing: Outgoing, keep: Callable[[str], None]) -> Post:
        """Upload the blobs (named by their own hash, so repeatable), then put the record under its key."""
        blobs = {
            image.sha256: self._blob(outgoing.attachments[image.sha256], image.media_type)
            for image in outgoing.teaser.images
            if outgoing.teaser.card is None or len(outgoing.attachments[image.sha256]) <= THUMB_BYTES
        }
        record = post_record(outgoing, blobs, self._reply_to(outgoing.parent_remote_id))
        body = {
            "repo": self._on.remote_id, "collection": COLLECTION, "rkey": outgoing.record_key,
            "record": record, "swapRecord": None,
        }  # fmt: skip
        try:
            made = self._call(PUBLISH, "POST", "com.atproto.repo.putRecord", json=body)
        except Rejected as refusal:
            if refusal.code != "InvalidSwap":
                raise
            return self._taken(outgoing)
        post = self._post(outgoing)
        if made.get("uri") != post.remote_id or not answers.text(made.get("cid")):
            raise answers.broken(PUBLISH, "our record's address")
        return post

    def _taken(self, outgoing: Outgoing) -> Post:
        """Something else stands under our key. With our link it is this delivery; without, a person must look."""
        if carries(links_of(self._record(_LOOK, self._key(outgoing))["value"]), outgoing):
            return self._post(outgoing)
        raise Rejected(f"another post stands under the key {outgoing.record_key}", code="InvalidSwap")

    def _post(self, outgoing: Outgoing) -> Post:
        uri = f"at://{self._on.remote_id}/{COLLECTION}/{outgoing.record_key}"
        return Post(uri, _url(uri), outgoing.teaser.text, outgoing.created_at, (outgoing.teaser.link,))

    def _blob(self, content: bytes, media_type: str) -> dict[str, Any]:
        headers = {"Content-Type": media_type}
        made = self._call(PREPARE, "POST", "com.atproto.repo.uploadBlob", content=content, headers=headers)
        blob = answers.obj(made.get("blob"))
        if not answers.identity(answers.obj(blob.get("ref")).get("$link")):
            raise answers.broken(PREPARE, "the blob's reference")
        return blob

    def _reply_to(self, parent: str | None) -> dict[str, Any] | None:
        """The parent by address and content hash, and the head of its thread: equal on every attempt."""
        if parent is None:
            return None
        found = self._record(PREPARE, _named(parent))
        this = {name: answers.text(found.get(name)) for name in ("uri", "cid")}
        if None in this.values():
            raise answers.broken(PREPARE, "the parent's address and hash")
        root = answers.obj(answers.obj(found["value"].get("reply")).get("root"))
        return {"root": root or this, "parent": this}

    def _record(self, step: Step, key: Mapping[str, str]) -> dict[str, Any]:
        """What stands under a key. An answer without the record tells nothing of what stands there."""
        found = self._call(step, "GET", "com.atproto.repo.getRecord", params=key, public=True)
        if not answers.obj(found.get("value")):
            raise answers.broken(step, "the record")
        return found

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        """By the record's key: the server's RecordNotFound is proof of absence."""
        post, key = self._post(outgoing), outgoing.record_key
        try:
            found = self._record(READ, self._key(outgoing))
        except Unreachable as failure:
            if failure.code == "RecordNotFound":
                return Sighting(Found.ABSENT, f"no record under the key {key}")
            raise
        value = found["value"]
        if carries(links_of(value), outgoing) or value.get("text") == outgoing.teaser.text:
            evidence = f"record {key}, cid {answers.identity(found.get('cid')) or 'not told'}"
            return Sighting(Found.PRESENT, evidence, post.remote_id, post.url)
        return Sighting(Found.INCONCLUSIVE, f"another record stands under the key {key}")

    def _key(self, outgoing: Outgoing) -> dict[str, str]:
        return {"repo": self._on.remote_id, "collection": COLLECTION, "rkey": outgoing.record_key}

    # Replier

    def reply_class(self) -> DeliveryClass:
        return DeliveryClass.RECORD

    # Remover

    def delete(self, post: Post) -> None:
        """By the record's key, as often as one likes."""
        self._call(REMOVE, "POST", "com.atproto.repo.deleteRecord", json=_named(post.remote_id))

    # Lister

    def posts(self, since: datetime, pages: int = PAGES) -> Listing:
        """The repository's own records, newest key first; keys follow the time a post was planned for."""
        return listing(self._pages(), since, self._on.remote_id, pages)

    def _pages(self) -> Iterator[tuple[list[Post], bool]]:
        params: dict[str, Any] = {"repo": self._on.remote_id, "collection": COLLECTION, "limit": 100}
        while True:
            page = self._call(READ, "GET", "com.atproto.repo.listRecords", params=params, public=True)
            found = [_as_post(raw) for raw in answers.rows(page.get("records"), READ, "a list of records", "uri")]
            yield found, not page.get("cursor") or not found
            params["cursor"] = page["cursor"]

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        page = self._call(READ, "GET", "app.bsky.feed.getPosts", params={"uris": post.remote_id})
        shown = answers.objects(page.get("posts"))
        raw = next((one for one in shown if one.get("uri") == post.remote_id), None)
        mine = about(self.metrics, "post")
        if raw is None:
            return answers.gone(mine, at, "the post is no longer there")
        return answers.counts(raw, mine, at, "this server")

    def read_account(self, at: datetime) -> list[Reading]:
        raw = self._call(READ, "GET", "app.bsky.actor.getProfile", params={"actor": self._on.remote_id})
        return answers.counts(raw, about(self.metrics, "account"), at, "this server")

    # Audience

    def reactors(self, post: Post) -> Reactors:
        """Who liked and reposted it; a handle may change, the DID does not."""
        found: list[Reactor] = []
        partial = None
        for kind, method, rows in (
            ("like", "app.bsky.feed.getLikes", "likes"),
            ("repost", "app.bsky.feed.getRepostedBy", "repostedBy"),
        ):
            params: dict[str, Any] = {"uri": post.remote_id, "limit": 100}
            for _ in range(REACTOR_PAGES):
                page = self._call(READ, "GET", method, params=params)
                found += [_reactor(kind, one) for one in answers.rows(page.get(rows), READ, "a list of accounts")]
                if not page.get("cursor"):
                    break
                params["cursor"] = page["cursor"]
            else:
                partial = f"stopped after {REACTOR_PAGES} pages"
        return Reactors(tuple(one for one in found if one.handle), partial)

    # The way to the server and back

    def _call(self, step: Step, method: str, nsid: str, *, public: bool = False, **request: Any) -> dict[str, Any]:
        """The JSON object of a successful answer; every other outcome is raised as the step's NetworkFailure."""
        if public:
            return self._payload(step, self._send(step, method, nsid, None, **request))
        if "access_jwt" not in self._tokens:
            self._log_in(_session(step))
        answer = self._send(step, method, nsid, self._tokens["access_jwt"], **request)
        if answer.status in (400, 401) and answers.text(answers.obj(answers.parsed(answer)).get("error")) in _EXPIRED:
            self._refresh(_session(step))
            answer = self._send(step, method, nsid, self._tokens["access_jwt"], **request)
        return self._payload(step, answer)

    def _log_in(self, step: Step) -> None:
        password = answers.secret(self._on.secrets, "app_password").reveal()
        body = {"identifier": self._on.handle or self._on.remote_id, "password": password}
        self._keep(step, self._send(step, "POST", "com.atproto.server.createSession", None, json=body))

    def _refresh(self, step: Step) -> None:
        token = self._tokens.get("refresh_jwt")
        if token is None:
            return self._log_in(step)
        try:
            self._keep(step, self._send(step, "POST", "com.atproto.server.refreshSession", token))
        except Unauthorized:
            self._log_in(step)
        return None

    def _keep(self, step: Step, answer: Answer) -> None:
        session = self._payload(step, answer)
        fresh = {name: answers.identity(session.get(key)) for name, key in _TOKENS.items()}
        if not all(fresh.values()):
            raise answers.broken(step, "both tokens")
        for name, value in fresh.items():
            self._tokens[name] = Secret(value)
            self._on.save(name, self._tokens[name])

    def _send(self, step: Step, method: str, nsid: str, token: Secret | None, **request: Any) -> Answer:
        server = self._on.settings.get("pds") or self._on.server
        headers = {"Accept": "application/json", **request.pop("headers", {})}
        if token is not None:
            headers["Authorization"] = f"Bearer {token.reveal()}"
        with answers.translating(step, self._secrets()):
            return self._on.outbound.send(
                method, f"{server}/xrpc/{nsid}",
                # The PDS's address came out of an answer: it may not lead into a private network.
                configured=server == self._on.server, headers=headers, timeout_s=self._on.timeout_s, **request,
            )  # fmt: skip

    def _payload(self, step: Step, answer: Answer) -> dict[str, Any]:
        payload = answers.parsed(answer)
        if not 200 <= answer.status < 300:
            raise self._failure(step, answer, answers.obj(payload))
        if not isinstance(payload, dict):
            raise answers.broken(step, "readable JSON")
        return payload

    def _failure(self, step: Step, answer: Answer, said: dict[str, Any]) -> NetworkFailure:
        reason = answers.words(said.get("message") or "", self._secrets())
        word = answers.words(said.get("error") or "", self._secrets())
        if word in _NO_ACCOUNT and answer.status < 500:
            return Unauthorized(reason or word, code=word)
        until = answers.wait_until(answer.headers, self._on.now(), "ratelimit-reset")
        return answers.by_status(step, answer.status, reason, code=word or None, until=until)

    def _secrets(self) -> list[Secret]:
        return [*self._on.secrets.values(), *self._tokens.values()]


_TOKENS = {"refresh_jwt": "refreshJwt", "access_jwt": "accessJwt"}  # our name, the session's; saved in this order


def _session(step: Step) -> Step:
    """The step of logging in: a refusal there speaks of the account, not of what is to be posted."""
    return replace(answers.before(step), refused=Unauthorized)


def _named(uri: str) -> dict[str, str]:
    """The parts of a record's address. Raises Rejected."""
    parts = uri.removeprefix("at://").split("/")
    if len(parts) != 3:
        raise Rejected(f"{uri!r} is not the address of a record", code="address")
    return dict(zip(("repo", "collection", "rkey"), parts, strict=True))


def _url(uri: str) -> str:
    did, _, rest = uri.removeprefix("at://").partition("/")
    return f"https://bsky.app/profile/{did}/post/{rest.rpartition('/')[2]}"


def _reactor(kind: str, raw: dict[str, Any]) -> Reactor:
    """A like holds its actor and its time, a repost is listed by its actor alone."""
    actor = answers.obj(raw.get("actor")) or raw
    did, handle = answers.identity(actor.get("did")), answers.identity(actor.get("handle"))
    at = answers.when(raw.get("createdAt")) if "actor" in raw else None
    return Reactor(kind, did if handle in ("", "handle.invalid") else handle, did or None, at)


def _as_post(raw: dict[str, Any]) -> Post:
    value, uri = answers.obj(raw.get("value")), answers.identity(raw.get("uri"))
    parent = answers.text(answers.obj(answers.obj(value.get("reply")).get("parent")).get("uri")) or ""
    return Post(
        uri,
        _url(uri),
        answers.text(value.get("text")),
        answers.when(value.get("createdAt")),
        tuple(links_of(value)),
        bool(parent) and parent.split("/")[2:3] != uri.split("/")[2:3],
    )
