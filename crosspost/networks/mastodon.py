"""Mastodon, and servers that speak its client API, on the outbound client.

`Idempotency-Key` is always sent and only trusted where `verify()` saw Mastodon itself: GoToSocial, snac and Takahe
take the header and post twice (tried, October 2026). `scheduled_at` is never used: one of them posts at once, one
shows the page before its time.

Source: docs.joinmastodon.org, read 2026-07-15; limits are the defaults of `GET /api/v2/instance`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from crosspost.domain.delivery import DeliveryClass, Outgoing, Sighting
from crosspost.domain.errors import NetworkFailure, NotSent, Unauthorized, Unreachable
from crosspost.domain.limits import AtMost, Limits
from crosspost.domain.login import Login, Renewal
from crosspost.domain.post import Listing, Post, Reading, ReadingStatus
from crosspost.domain.teaser import Attachment
from crosspost.networks import _answers as answers
from crosspost.networks._answers import PREPARE, PUBLISH, READ, Step
from crosspost.networks._matching import html_text, pictures, readable, sighting
from crosspost.networks.network import Connection, Profile
from crosspost.outside.http import Answer

PAGES = 5  # of 40 statuses
MASTODON_ITSELF = re.compile(r"[4-9]\.\d+\.\d+(-(alpha|beta|rc|nightly)[.\w-]*)?")  # forks add "+" or a bracket
SOURCE = "github.com/mastodon/mastodon"
_COUNTS = {
    "likes": "favourites_count",
    "replies": "replies_count",
    "reposts": "reblogs_count",
    "quotes": "quotes_count",  # servers from 4.5 on
}
_NEVER = dict.fromkeys(
    ("impressions", "reach", "clicks", "link_clicks", "profile_clicks"), "Mastodon counts no views and no clicks"
) | {"bookmarks": "Mastodon shows bookmarks to their owner only"}


class Mastodon:
    name: ClassVar[str] = "mastodon"
    title: ClassVar[str] = "Mastodon"
    default_server: ClassVar[str | None] = None
    secrets: ClassVar[Mapping[str, str]] = {
        "access_token": "of an application made under Preferences, Development: read:accounts, read:statuses, "
        "write:statuses, write:media"
    }
    limits: ClassVar[Limits] = Limits(
        text=(AtMost(500, "characters", link_cost=23),),
        images=4,
        alt_text=1500,
        image_bytes=16_777_216,
        source="docs.joinmastodon.org/entities/Instance (defaults; an instance may differ)",
        read_on=date(2026, 7, 15),
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
        """Also reads what the instance is: `text_limit`, `link_cost`, `key_honoured` (yes|no), `server_version`."""
        me = self._read("/api/v1/accounts/verify_credentials")
        if not me.get("id"):
            raise answers.broken(READ, "an account")
        settings = self._instance()
        host = self._on.server.partition("://")[2]
        notes = () if settings["key_honoured"] == "yes" else (f"{host} is not known to honour idempotency keys",)
        return Profile(str(me["id"]), f"{me.get('username')}@{host}", me.get("display_name") or None, notes, settings)

    def _instance(self) -> dict[str, str]:
        found: dict[str, Any] = {}
        for path in ("/api/v2/instance", "/api/v1/instance"):
            try:
                found = self._read(path)
                break
            except Unreachable as failure:
                if failure.code not in ("404", "410"):
                    raise
        version, source = str(found.get("version", "")), str(found.get("source_url", ""))
        itself = MASTODON_ITSELF.fullmatch(version) and source.removesuffix("/").endswith(SOURCE)
        settings = {"key_honoured": "yes" if itself else "no", "server_version": answers.words(version, ())}
        statuses = answers.obj(answers.obj(found.get("configuration")).get("statuses"))
        for name, key in (("text_limit", "max_characters"), ("link_cost", "characters_reserved_per_url")):
            if answers.number(statuses.get(key)):
                settings[name] = str(int(statuses[key]))
        return settings

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
        if not made.get("id") or "created_at" not in made:
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
            media_id = answers.obj(self._payload(PREPARE, state)).get("id")
            if not media_id:
                raise answers.broken(PREPARE, "the image's id")
            ids.append(str(media_id))
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

    # Lister

    def posts(self, since: datetime) -> Listing:
        """The API knows no start: pages are read until one is older than `since`."""
        found: list[Post] = []
        params: dict[str, Any] = {"limit": 40, "exclude_reblogs": "true"}
        for _ in range(PAGES):
            answer = self._answer(READ, "GET", f"/api/v1/accounts/{self._on.remote_id}/statuses", params=params)
            page = answers.rows(self._payload(READ, answer), READ, "a list of statuses")
            found += [_as_post(raw) for raw in page]
            oldest = found[-1].published_at if found else None
            # A page may be shorter than asked for and not the last; only an empty one is.
            if not page or (oldest is not None and oldest < since):
                recent = tuple(post for post in found if post.published_at is None or post.published_at >= since)
                return Listing(recent, since, self._on.remote_id)
            params["max_id"] = found[-1].remote_id
        return Listing(tuple(found), found[-1].published_at, self._on.remote_id, (f"stopped after {PAGES} pages",))

    # Meter

    def read_post(self, post: Post, at: datetime) -> list[Reading]:
        """Counts as this instance knows them."""
        answer = self._answer(READ, "GET", f"/api/v1/statuses/{post.remote_id}")
        if answer.status == 404:
            gone = "the status is no longer there"
            found = [
                Reading(metric, name, None, ReadingStatus.UNAVAILABLE, at, gone) for metric, name in _COUNTS.items()
            ]
        else:
            found = self._counts(answers.obj(self._payload(READ, answer)), _COUNTS, at)
        return found + answers.unsupported(_NEVER, at, self._on.settings.get("server_version"))

    def read_account(self, at: datetime) -> list[Reading]:
        names = {"followers": "followers_count", "posts": "statuses_count"}
        never = {metric: _NEVER[metric] for metric in ("impressions", "reach")}
        me = self._read("/api/v1/accounts/verify_credentials")
        return self._counts(me, names, at) + answers.unsupported(never, at, self._on.settings.get("server_version"))

    def _counts(self, raw: dict[str, Any], names: Mapping[str, str], at: datetime) -> list[Reading]:
        version = self._on.settings.get("server_version")
        return [
            answers.reading(metric, name, raw.get(name), at, f"this server answers without {name}", version)
            for metric, name in names.items()
        ]

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
        until = answers.wait_until(answer.headers, self._on.now(), "x-ratelimit-reset")
        return answers.by_status(step, answer.status, reason, until=until)


def _as_post(raw: dict[str, Any]) -> Post:
    text, links = html_text(str(raw.get("content") or ""))
    card = answers.obj(raw.get("card")).get("url")
    return Post(
        str(raw.get("id", "")),
        raw.get("url") or raw.get("uri"),
        text,
        answers.when(raw.get("created_at")),
        (*links, str(card)) if card else links,
    )
