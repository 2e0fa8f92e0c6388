"""Mastodon, and servers that speak its client API, on the outbound client.

`Idempotency-Key` is always sent and only trusted where `verify()` saw Mastodon itself: GoToSocial, snac and Takahe
take the header and post twice (tried, October 2026). `scheduled_at` is never used: one of them posts at once, one
shows the page before its time.

Source: docs.joinmastodon.org, read 2026-07-15; limits are the defaults of `GET /api/v2/instance`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, ClassVar

from crosspost.domain.delivery import DeliveryClass, Outgoing, Sighting
from crosspost.domain.errors import NetworkFailure, NotSent, Unauthorized, Unreachable
from crosspost.domain.facts import CardBy, Facts
from crosspost.domain.finding import Finding, good
from crosspost.domain.kind import Kind
from crosspost.domain.limits import AtMost, ImageLimits, Limits
from crosspost.domain.login import Login, Renewal
from crosspost.domain.message import say
from crosspost.domain.metric import FOLLOWERS, Metric, Reference, about, never
from crosspost.domain.post import Listing, Post, Reading
from crosspost.domain.reactor import Reactor, Reactors
from crosspost.domain.retention import Retention
from crosspost.domain.teaser import Attachment
from crosspost.networks import _answers as answers
from crosspost.networks import _examining as examining
from crosspost.networks._answers import PREPARE, PUBLISH, READ, REMOVE, Step
from crosspost.networks._listing import PAGES, listing
from crosspost.networks._matching import html_text, pictures, readable, sighting
from crosspost.networks.network import Connection, Profile
from crosspost.outside.http import Answer

MASTODON_ITSELF = re.compile(r"[4-9]\.\d+\.\d+(-(alpha|beta|rc|nightly)[.\w-]*)?")  # forks add "+" or a bracket
SOURCE = "github.com/mastodon/mastodon"
REACTOR_PAGES = 25  # of 80 accounts
_NEXT = re.compile(r'<[^>]*[?&]max_id=(\w+)[^>]*>;\s*rel="next"')
_UNCOUNTED = say("Mastodon counts no views and no clicks")
_INSTANCE_LIMITS = (  # our name, where the instance tells it
    ("text_limit", "statuses", "max_characters"),
    ("link_cost", "statuses", "characters_reserved_per_url"),
    ("alt_limit", "media_attachments", "description_limit"),
    ("image_bytes", "media_attachments", "image_size_limit"),
    ("image_pixels", "media_attachments", "image_matrix_limit"),
)


class Mastodon:
    name: ClassVar[str] = "mastodon"
    title: ClassVar[str] = "Mastodon"
    kind: ClassVar[Kind] = Kind.CONNECTOR
    default_server: ClassVar[str | None] = None
    secrets: ClassVar[Mapping[str, str]] = {
        "access_token": "of an application made under Preferences, Development: read:accounts, read:statuses, "
        "write:statuses, write:media"
    }
    options: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "visibility": ("public", "unlisted", "private"),
        "spoiler_text": (),  # the content warning; it counts with the text, and no card is made beside it
    }
    limits: ClassVar[Limits] = Limits(
        text=(AtMost(500, "characters", link_cost=23),),
        images=4,
        alt_text=1500,
        image_bytes=16_777_216,
        source="docs.joinmastodon.org/entities/Instance (defaults; an instance may differ)",
        read_on=date(2026, 7, 15),
        image=ImageLimits(pixels=33_177_600),
    )

    facts: ClassVar[Facts] = Facts(
        auth="an application's token; it ends with a revocation only",
        cost="free",
        review="none",
        card=CardBy.NETWORK,
        source="docs.joinmastodon.org",
        read_on=date(2026, 7, 15),
        variants=MappingProxyType({"Mastodon": {"key_honoured": "yes"}, "other servers": {"key_honoured": "no"}}),
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("likes", "favourites_count", "post", note="those the instance knows of"),
        Metric("replies", "replies_count", "post", note="those the instance knows of"),
        Metric("reposts", "reblogs_count", "post", note="those the instance knows of"),
        Metric("quotes", "quotes_count", "post", note="servers from 4.5 on"),
        *never("post", _UNCOUNTED, "impressions", "reach", "clicks", "link_clicks", "profile_clicks"),
        *never("post", "Mastodon shows bookmarks to their owner only", "bookmarks"),
        Metric("followers", "followers_count", "account", counts=FOLLOWERS),
        Metric("posts", "statuses_count", "account"),
        *never("account", _UNCOUNTED, "impressions", "reach"),
    )
    metrics_reference: ClassVar[Reference] = Reference(
        "docs.joinmastodon.org/entities/Status, Account", date(2026, 7, 15)
    )
    retention: ClassVar[Retention] = Retention(
        Reference(
            "docs.joinmastodon.org, which sets no limit; an instance may have rules of its own", date(2026, 7, 15)
        )
    )
    login: ClassVar[Login | None] = Login(
        authorize="/oauth/authorize",
        tokens="/oauth/token",
        reading=("read:accounts", "read:statuses"),
        writing=("write:statuses", "write:media"),
        renewal=Renewal.NEVER,
        register="/api/v1/apps",
        source="docs.joinmastodon.org/spec/oauth and methods/apps",
        read_on=date(2026, 7, 15),
    )

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def verify(self) -> Profile:
        """Also reads what the instance is: its own limits, `key_honoured` (yes|no), `server_version`."""
        me = self._read("/api/v1/accounts/verify_credentials")
        remote_id = answers.identity(me.get("id"))
        if not remote_id:
            raise answers.broken(READ, "an account")
        settings = self._instance()
        host = self._on.server.partition("://")[2]
        notes = () if settings["key_honoured"] == "yes" else (f"{host} is not known to honour idempotency keys",)
        handle = f"{answers.text(me.get('username')) or remote_id}@{host}"
        return Profile(remote_id, handle, answers.text(me.get("display_name")), notes, settings)

    def _instance(self) -> dict[str, str]:
        found: dict[str, Any] = {}
        for path in ("/api/v2/instance", "/api/v1/instance"):
            try:
                found = self._read(path)
                break
            except Unreachable as failure:
                if failure.code not in ("404", "410"):
                    raise
        version, source = (answers.text(found.get(name)) or "" for name in ("version", "source_url"))
        itself = MASTODON_ITSELF.fullmatch(version) and source.removesuffix("/").endswith(SOURCE)
        settings = {"key_honoured": "yes" if itself else "no"}
        if shown := answers.words(version, self._on.secrets.values()):
            settings["server_version"] = shown
        told = answers.obj(found.get("configuration"))
        for name, part, key in _INSTANCE_LIMITS:
            limit = answers.number(answers.obj(told.get(part)).get(key))
            if limit is not None and limit >= 1:
                settings[name] = str(int(limit))
        return settings

    # Examiner

    def examine(self, at: datetime) -> list[Finding]:
        """Its scopes are those of its application, which servers tell from 4.3 on."""
        me = self._answer(READ, "GET", "/api/v1/accounts/verify_credentials")
        who = answers.text(answers.obj(self._payload(READ, me)).get("username"))
        if who is None:
            raise answers.broken(READ, "an account")
        found = [good("token", f"works: {who}")]
        try:
            given = self._read("/api/v1/apps/verify_credentials").get("scopes")
        except (Unreachable, Unauthorized) as failure:
            found.append(examining.failed("scopes", failure))
        else:
            if isinstance(given, list):
                remedy = "make a new application with these, and crosspost account connect"
                found.append(examining.scopes(map(str, given), self.login, self._on, remedy))
        found += examining.requests_left(me.headers, "x-ratelimit-limit", "x-ratelimit-remaining")
        return found + examining.metrics(self, at)

    # Publisher

    def delivery_class(self, link_placement: str) -> DeliveryClass:
        """Key honoured where the server is known to; the server forgets a key after an hour."""
        return DeliveryClass.KEY if self._on.settings.get("key_honoured") == "yes" else readable(link_placement)

    def publish(self, outgoing: Outgoing, keep: Callable[[str], None]) -> Post:
        """Upload the images, then post. `keep` stores the ids of images the server has not finished with.

        Raises NotSent while it has not: nothing is public, and the next attempt takes up the same images.
        """
        teaser = outgoing.teaser
        body: dict[str, Any] = {"status": teaser.text, "media_ids": self._media(outgoing, keep)}
        body |= {name: teaser.extra[name] for name in ("visibility", "spoiler_text") if teaser.extra.get(name)}
        body |= {"language": teaser.language, "in_reply_to_id": outgoing.parent_remote_id}
        made = self._send(
            PUBLISH, "POST", "/api/v1/statuses",
            json={name: value for name, value in body.items() if value}, headers={"Idempotency-Key": outgoing.key},
        )  # fmt: skip
        if not answers.identity(made.get("id")) or "created_at" not in made:
            raise answers.broken(PUBLISH, "a status")
        post = _as_post(made)
        return Post(post.remote_id, post.url, teaser.text, post.published_at, (teaser.link,))

    def _media(self, outgoing: Outgoing, keep: Callable[[str], None]) -> list[str]:
        """The ids of the uploaded images, all ready. Raises NotSent while one is not."""
        images = pictures(outgoing.teaser)
        ids = outgoing.handle.split(",") if outgoing.handle else []
        states = [self._answer(PREPARE, "GET", f"/api/v1/media/{media_id}") for media_id in ids]
        if len(ids) != len(images) or any(state.status == 404 for state in states):  # 404: it waited too long
            states = [self._upload(outgoing, image) for image in images]
        ids = []
        for state in states:
            media_id = answers.identity(answers.obj(self._payload(PREPARE, state)).get("id"))
            if not media_id:
                raise answers.broken(PREPARE, "the image's id")
            ids.append(media_id)
        if any(state.status in (202, 206) for state in states):
            keep(",".join(ids))
            raise NotSent("the server is still working on the image; nothing was posted", code="206")
        return ids

    def _upload(self, outgoing: Outgoing, image: Attachment) -> Answer:
        name = f"image.{image.media_type.partition('/')[2]}"
        return self._answer(
            PREPARE, "POST", "/api/v2/media",
            files={"file": (name, outgoing.attachments[image.sha256], image.media_type)},
            form={"description": image.alt} if image.alt else None,
        )  # fmt: skip

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        return sighting(outgoing, self.posts, since)

    # Replier

    def reply_class(self) -> DeliveryClass:
        return self.delivery_class("text")

    # Remover

    def delete(self, post: Post) -> None:
        """30 in half an hour. Other servers are told, and may keep it."""
        answer = self._answer(REMOVE, "DELETE", f"/api/v1/statuses/{post.remote_id}")
        if answer.status not in (404, 410):
            self._payload(REMOVE, answer)

    # Lister

    def posts(self, since: datetime, pages: int = PAGES) -> Listing:
        """The API knows no start: pages are read until one is older than `since`."""
        return listing(self._pages(), since, self._on.remote_id, pages)

    def _pages(self) -> Iterator[tuple[list[Post], bool]]:
        params: dict[str, Any] = {"limit": 40, "exclude_reblogs": "true"}
        while True:
            answer = self._answer(READ, "GET", f"/api/v1/accounts/{self._on.remote_id}/statuses", params=params)
            page = answers.rows(self._payload(READ, answer), READ, "a list of statuses", "id")
            # To its owner the list shows letters as well: those are nobody's business.
            public = [_as_post(raw) for raw in page if raw.get("visibility") != "direct"]
            yield public, not page  # a page may be shorter than asked for and not the last; only an empty one is
            params["max_id"] = answers.identity(page[-1].get("id"))

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """Counts as this instance knows them."""
        answer = self._answer(READ, "GET", f"/api/v1/statuses/{post.remote_id}")
        mine = about(self.metrics, "post")
        if answer.status != 404:
            return self._counts(answers.obj(self._payload(READ, answer)), mine, at)
        return answers.gone(mine, at, "the status is no longer there", self._on.settings.get("server_version"))

    def read_account(self, at: datetime) -> list[Reading]:
        me = self._read("/api/v1/accounts/verify_credentials")
        return self._counts(me, about(self.metrics, "account"), at)

    # Audience

    def reactors(self, post: Post) -> Reactors:
        """Who favourited and boosted it, as far as this instance knows. It does not tell when."""
        host = self._on.server.partition("://")[2]
        found: list[Reactor] = []
        partial = None
        for kind, edge in (("like", "favourited_by"), ("repost", "reblogged_by")):
            params: dict[str, Any] = {"limit": 80}
            for _ in range(REACTOR_PAGES):
                answer = self._answer(READ, "GET", f"/api/v1/statuses/{post.remote_id}/{edge}", params=params)
                for one in answers.rows(self._payload(READ, answer), READ, "a list of accounts"):
                    name = answers.identity(one.get("acct"))  # of this instance's own people without its host
                    if name:
                        found.append(Reactor(kind, name if "@" in name else f"{name}@{host}"))
                following = _NEXT.search(answer.headers.get("link", ""))
                if following is None:
                    break
                params["max_id"] = following[1]
            else:
                partial = f"stopped after {REACTOR_PAGES} pages"
        return Reactors(tuple(found), partial)

    def _counts(self, raw: dict[str, Any], metrics: tuple[Metric, ...], at: datetime) -> list[Reading]:
        return answers.counts(raw, metrics, at, "this server", self._on.settings.get("server_version"))

    # The way to the server and back

    def _read(self, path: str) -> dict[str, Any]:
        return self._send(READ, "GET", path)

    def _send(self, step: Step, method: str, path: str, **request: Any) -> dict[str, Any]:
        payload = self._payload(step, self._answer(step, method, path, **request))
        if not isinstance(payload, dict):
            raise answers.broken(step, "a JSON object")
        return payload

    def _answer(self, step: Step, method: str, path: str, **request: Any) -> Answer:
        token = answers.secret(self._on.secrets, "access_token").reveal()
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", **request.pop("headers", {})}
        with answers.translating(step, self._on.secrets.values()):
            return self._on.outbound.send(
                method, self._on.server + path,
                configured=True, headers=headers, timeout_s=self._on.timeout_s, **request,
            )  # fmt: skip

    def _payload(self, step: Step, answer: Answer) -> Any:
        """The JSON of a successful answer; any other is raised as the step's NetworkFailure."""
        payload = answers.parsed(answer)
        if 200 <= answer.status < 300:
            if payload is None:
                raise answers.broken(step, "readable JSON")
            return payload
        raise self._failure(step, answer, answers.obj(payload))

    def _failure(self, step: Step, answer: Answer, said: dict[str, Any]) -> NetworkFailure:
        text = said.get("error_description") or said.get("error") or ""
        reason = answers.words(text, self._on.secrets.values())
        # 403 speaks of scopes and suspended accounts; one server says 400 to a token it does not know.
        if answer.status == 403 or (answer.status == 400 and "token" in reason.lower()):
            return Unauthorized(reason, code=str(answer.status))
        if answer.status == 422 and "not finished processing" in reason:
            return step.not_sent(f"the server is still working on the image: {reason}", code="422")
        until = answers.wait_until(answer.headers, self._on.now(), "x-ratelimit-reset")
        return answers.by_status(step, answer.status, reason, until=until)


def _as_post(raw: dict[str, Any]) -> Post:
    content, other = raw.get("content"), raw.get("in_reply_to_account_id")
    text, links = html_text(content) if isinstance(content, str) else (None, ())
    card = answers.text(answers.obj(raw.get("card")).get("url"))
    return Post(
        answers.identity(raw.get("id")),
        answers.address(raw.get("url")) or answers.address(raw.get("uri")),
        text,
        answers.when(raw.get("created_at")),
        (*links, card) if card else links,
        bool(other) and other != answers.obj(raw.get("account")).get("id"),
    )
