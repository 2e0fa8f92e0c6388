"""Bluesky: XRPC calls on the outbound client, to the account's own server (PDS).

The post's key is ours (`record_key`, a TID), and `putRecord` with `swapRecord: null` creates or does nothing: the
identical record again is a success without effect, a different one is refused. So every attempt sends the same
record to the byte, and only `getRecord` decides whether it is there. (`createRecord` on a taken key answers 500.)

Sessions: the app password opens one, once; both tokens are saved before they are used; an expired one is a 400,
proof that nothing was done, and is refreshed and asked again once.

Source: github.com/bluesky-social/atproto lexicons and PDS 0.5.35, read 2026-08-20.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar

from crosspost.domain.delivery import DeliveryClass, Found, Outgoing, Sighting
from crosspost.domain.errors import NetworkFailure, OutcomeUnknown, Rejected, Unauthorized, Unreachable
from crosspost.domain.limits import AtMost, Limits
from crosspost.domain.login import Login
from crosspost.domain.post import Listing, Post, Reading, ReadingStatus
from crosspost.networks import _answers as answers
from crosspost.networks._answers import PREPARE, PUBLISH, READ, Step
from crosspost.networks._matching import carries
from crosspost.networks._record import COLLECTION, THUMB_BYTES, links_of, post_record
from crosspost.networks.network import Connection, Profile
from crosspost.outside.http import Answer
from crosspost.secret import Secret

PAGES = 5  # of 100 records
_EXPIRED = frozenset({"ExpiredToken", "InvalidToken"})
_NO_ACCOUNT = (
    frozenset(
        {"AuthenticationRequired", "AuthMissing", "AccountTakedown", "AccountDeactivated", "AccountSuspended"}
        | {"RepoTakendown", "RepoDeactivated", "RepoSuspended", "AuthFactorTokenRequired"}
    )
    | _EXPIRED
)
_COUNTS = {
    "likes": "likeCount",
    "replies": "replyCount",
    "reposts": "repostCount",
    "quotes": "quoteCount",
    "bookmarks": "bookmarkCount",
}
_NEVER = dict.fromkeys(
    ("impressions", "reach", "clicks", "link_clicks", "profile_clicks"), "Bluesky counts no views and no clicks"
)
# A look after a refused put: if it fails, nothing is known of what stands there.
_LOOK = Step(unclear=OutcomeUnknown, not_sent=OutcomeUnknown, refused=OutcomeUnknown)


class Bluesky:
    name: ClassVar[str] = "bluesky"
    title: ClassVar[str] = "Bluesky"
    default_server: ClassVar[str | None] = "https://bsky.social"
    secrets: ClassVar[Mapping[str, str]] = {"app_password": "made under Settings, App passwords; not the main one"}
    limits: ClassVar[Limits] = Limits(
        text=(AtMost(300, "graphemes"), AtMost(3000, "utf-8 bytes")),
        images=4,
        alt_text=None,
        image_bytes=2_000_000,
        source="github.com/bluesky-social/atproto lexicons/app/bsky/feed/post.json, embed/images.json",
        read_on=date(2026, 8, 20),
    )
    login: ClassVar[Login | None] = None  # an app password; its session is renewed by the adapter

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        # Not stored anywhere but through `save`: what a log-in or refresh during this adapter's life brought.
        self._tokens = {name: connection.secrets[name] for name in _TOKENS if connection.secrets.get(name)}

    def verify(self) -> Profile:
        session = self._call(READ, "GET", "com.atproto.server.getSession")
        if not session.get("did"):
            raise answers.broken(READ, "an account's DID")
        services = answers.objects(answers.obj(session.get("didDoc")).get("service"))
        home = next((str(one.get("serviceEndpoint")) for one in services if one.get("id") == "#atproto_pds"), "")
        settings = {"pds": home.rstrip("/")} if home.startswith("https://") else {}
        return Profile(str(session["did"]), str(session.get("handle", "")), settings=settings)

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
        if not isinstance(made.get("uri"), str) or not made.get("cid"):
            raise answers.broken(PUBLISH, "the record's address")
        return self._post(outgoing)

    def _taken(self, outgoing: Outgoing) -> Post:
        """Something else stands under our key. With our link it is this delivery; without, a person must look."""
        found = self._call(_LOOK, "GET", "com.atproto.repo.getRecord", params=self._key(outgoing), public=True)
        if carries(links_of(answers.obj(found.get("value"))), outgoing):
            return self._post(outgoing)
        raise Rejected(f"another post stands under the key {outgoing.record_key}", code="InvalidSwap")

    def _post(self, outgoing: Outgoing) -> Post:
        uri = f"at://{self._on.remote_id}/{COLLECTION}/{outgoing.record_key}"
        return Post(uri, _url(uri), outgoing.teaser.text, outgoing.created_at, (outgoing.teaser.link,))

    def _blob(self, content: bytes, media_type: str) -> dict[str, Any]:
        headers = {"Content-Type": media_type}
        made = self._call(PREPARE, "POST", "com.atproto.repo.uploadBlob", content=content, headers=headers)
        blob = answers.obj(made.get("blob"))
        if not answers.obj(blob.get("ref")).get("$link"):
            raise answers.broken(PREPARE, "the blob's reference")
        return blob

    def _reply_to(self, parent: str | None) -> dict[str, Any] | None:
        """The parent by address and content hash, and the head of its thread: equal on every attempt."""
        if parent is None:
            return None
        repo, collection, rkey = parent.removeprefix("at://").split("/")
        params = {"repo": repo, "collection": collection, "rkey": rkey}
        found = self._call(PREPARE, "GET", "com.atproto.repo.getRecord", params=params, public=True)
        this = {"uri": found.get("uri"), "cid": found.get("cid")}
        root = answers.obj(answers.obj(answers.obj(found.get("value")).get("reply")).get("root"))
        return {"root": root or this, "parent": this}

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        """By the record's key: the server's RecordNotFound is proof of absence."""
        post, key = self._post(outgoing), outgoing.record_key
        try:
            found = self._call(READ, "GET", "com.atproto.repo.getRecord", params=self._key(outgoing), public=True)
        except Unreachable as failure:
            if failure.code == "RecordNotFound":
                return Sighting(Found.ABSENT, f"no record under the key {key}")
            raise
        value = answers.obj(found.get("value"))
        if carries(links_of(value), outgoing) or value.get("text") == outgoing.teaser.text:
            return Sighting(Found.PRESENT, f"record {key}, cid {found.get('cid')}", post.remote_id, post.url)
        return Sighting(Found.INCONCLUSIVE, f"another record stands under the key {key}")

    def _key(self, outgoing: Outgoing) -> dict[str, str]:
        return {"repo": self._on.remote_id, "collection": COLLECTION, "rkey": outgoing.record_key}

    # Lister

    def posts(self, since: datetime) -> Listing:
        """The repository's own records, newest key first; keys follow the time a post was planned for."""
        found: list[Post] = []
        params: dict[str, Any] = {"repo": self._on.remote_id, "collection": COLLECTION, "limit": 100}
        for _ in range(PAGES):
            page = self._call(READ, "GET", "com.atproto.repo.listRecords", params=params, public=True)
            found += [_as_post(raw) for raw in answers.rows(page.get("records"), READ, "a list of records")]
            oldest = found[-1].published_at if found else None
            if not page.get("cursor") or not page["records"] or (oldest is not None and oldest < since):
                recent = tuple(post for post in found if post.published_at is None or post.published_at >= since)
                return Listing(recent, since, self._on.remote_id)
            params["cursor"] = page["cursor"]
        return Listing(tuple(found), found[-1].published_at, self._on.remote_id, (f"stopped after {PAGES} pages",))

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        page = self._call(READ, "GET", "app.bsky.feed.getPosts", params={"uris": post.remote_id})
        shown = answers.objects(page.get("posts"))
        raw = next((one for one in shown if one.get("uri") == post.remote_id), None)
        if raw is None:
            gone = "the post is no longer there"
            found = [Reading(name, key, None, ReadingStatus.UNAVAILABLE, at, gone) for name, key in _COUNTS.items()]
        else:
            found = _counts(raw, _COUNTS, at)
        return found + answers.unsupported(_NEVER, at)

    def read_account(self, at: datetime) -> list[Reading]:
        raw = self._call(READ, "GET", "app.bsky.actor.getProfile", params={"actor": self._on.remote_id})
        never = {metric: _NEVER[metric] for metric in ("impressions", "reach")}
        names = {"followers": "followersCount", "posts": "postsCount"}
        return _counts(raw, names, at) + answers.unsupported(never, at)

    # The way to the server and back

    def _call(self, step: Step, method: str, nsid: str, *, public: bool = False, **request: Any) -> dict[str, Any]:
        """The JSON object of a successful answer; every other outcome is raised as the step's NetworkFailure."""
        if public:
            return self._payload(step, self._send(step, method, nsid, None, **request))
        if "access_jwt" not in self._tokens:
            self._log_in(_session(step))
        answer = self._send(step, method, nsid, self._tokens["access_jwt"], **request)
        if answer.status in (400, 401) and answers.obj(answers.parsed(answer)).get("error") in _EXPIRED:
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
        fresh = {name: session.get(key) for name, key in _TOKENS.items()}
        if not all(isinstance(value, str) and value for value in fresh.values()):
            raise answers.broken(step, "both tokens")
        for name, value in fresh.items():
            self._tokens[name] = Secret(str(value))
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
        if word in _NO_ACCOUNT:
            return Unauthorized(reason or word, code=word)
        until = answers.wait_until(answer.headers, self._on.now(), "ratelimit-reset")
        return answers.by_status(step, answer.status, reason, code=word or None, until=until)

    def _secrets(self) -> list[Secret]:
        return [*self._on.secrets.values(), *self._tokens.values()]


_TOKENS = {"refresh_jwt": "refreshJwt", "access_jwt": "accessJwt"}  # our name, the session's; saved in this order


def _session(step: Step) -> Step:
    """The step of logging in: a refusal there speaks of the account, not of what is to be posted."""
    return replace(answers.before(step), refused=Unauthorized)


def _url(uri: str) -> str:
    did, _, rkey = uri.removeprefix("at://").split("/")
    return f"https://bsky.app/profile/{did}/post/{rkey}"


def _as_post(raw: dict[str, Any]) -> Post:
    value, uri = answers.obj(raw.get("value")), str(raw.get("uri", ""))
    return Post(uri, _url(uri), value.get("text"), answers.when(value.get("createdAt")), tuple(links_of(value)))


def _counts(raw: dict[str, Any], names: Mapping[str, str], at: datetime) -> list[Reading]:
    return [
        answers.reading(metric, name, raw.get(name), at, f"this server answers without {name}")
        for metric, name in names.items()
    ]
