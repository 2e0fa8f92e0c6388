"""Mastodon 4.5. Source: docs.joinmastodon.org and the server's code, read 2026-07.

One origin is one instance, but what an instance decides is a switch of the account here: text limit, software
name, whether Idempotency-Key is honoured. `scheduled_at` is refused: timing is nothing to leave to a network.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from crosspost.domain.addresses import http_addresses
from crosspost.domain.counting import measure
from crosspost.domain.limits import AtMost
from crosspost.sandbox.exchange import Call, Handler, Json, Limit, endpoint, refuse
from crosspost.sandbox.lists import page
from crosspost.sandbox.networks._images import media_type
from crosspost.sandbox.networks._mastodon_instance import instance, instance_v1
from crosspost.sandbox.networks._mastodon_shapes import (
    ALT_MAX,
    IMAGE_MAX,
    IMAGES,
    LINK_COST,
    account_json,
    attachment_json,
    bearer,
    reader_json,
    stamp,
    status_json,
)
from crosspost.sandbox.reactors import readers
from crosspost.sandbox.state import Media, SandboxPost, State

EPOCH_BITS = 16  # ids are milliseconds since 1970 and 16 bits
_FIELDS = frozenset(
    ("status", "media_ids", "media_ids[]", "visibility", "language", "spoiler_text", "sensitive", "in_reply_to_id")
)
_TRUE = ("true", "True", "1")
_LIST_QUERY = (
    "exclude_reblogs", "exclude_replies", "limit", "max_id", "min_id", "only_media", "pinned", "since_id", "tagged",
)  # fmt: skip

_BY = ("limit", "max_id", "since_id")
SCOPES = ("read:accounts", "read:statuses", "write:statuses", "write:media")
_ALL = Limit("requests", 300, 300)
_POSTING = Limit("statuses", 300, 10800)
_MEDIA = Limit("media", 30, 1800)
_DELETING = Limit("deletions", 30, 1800)


class _Mastodon:
    name: ClassVar[str] = "mastodon"

    def hint(self, state: State, request: Request) -> str | None:
        token = state.token("mastodon", bearer(request))
        return token.account_id if token else None

    def authenticate(self, call: Call) -> Response | None:
        token = call.state.token("mastodon", bearer(call.request))
        if token is None:
            return refuse("mastodon/unauthorized")
        if token.revoked:
            return refuse("mastodon/revoked")
        if token.expires_at is not None and token.expires_at <= call.now:
            return refuse("mastodon/expired")
        call.token, call.owner = token, call.state.accounts[token.account_id]
        return None

    def unknown_parameter(self, name: str, value: str) -> Response:
        return refuse("mastodon/parameter", message=f"the query parameter {name} does not exist")

    def limit_headers(self, limit: Limit, left: int, reset: datetime) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(limit.max),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": stamp(reset),
        }

    def rate_limited(self, headers: dict[str, str]) -> Response:
        return refuse("mastodon/rate_limited", headers)


def routes(state: State) -> list[BaseRoute]:
    m, each = _Mastodon(), ((_ALL, 1),)
    of_account = "/api/v1/accounts/{id}/statuses"
    return [
        endpoint(state, m, "/api/v1/statuses", "POST", "publish", _create, limits=(*each, (_POSTING, 1))),
        endpoint(state, m, "/api/v1/statuses", "GET", "read", _many, query=("id[]", "id"), limits=each),
        endpoint(state, m, "/api/v1/statuses/{id}", "GET", "read", _one, limits=each),
        endpoint(state, m, "/api/v1/statuses/{id}/favourited_by", "GET", "read", _by("like"), query=_BY, limits=each),
        endpoint(state, m, "/api/v1/statuses/{id}/reblogged_by", "GET", "read", _by("repost"), query=_BY, limits=each),
        endpoint(
            state, m, "/api/v1/statuses/{id}", "DELETE", "delete", _delete, query=("delete_media",),
            limits=(*each, (_DELETING, 1)),
        ),
        endpoint(state, m, "/api/v2/media", "POST", "media", _upload, limits=(*each, (_MEDIA, 1))),
        endpoint(state, m, "/api/v1/media/{id}", "GET", "media", _media, limits=each),
        endpoint(state, m, "/api/v1/media/{id}", "PUT", "media", _describe, limits=each),
        endpoint(state, m, "/api/v1/apps/verify_credentials", "GET", "account", _app, limits=each),
        endpoint(state, m, "/api/v1/accounts/verify_credentials", "GET", "account", _me, limits=each),
        endpoint(state, m, of_account, "GET", "list", _timeline, query=_LIST_QUERY, limits=each),
        endpoint(state, m, "/api/v2/instance", "GET", "instance", instance, token=False),
        endpoint(state, m, "/api/v1/instance", "GET", "instance", instance_v1, token=False),
    ]  # fmt: skip


def _create(call: Call) -> Response:
    state, account, values = call.state, call.account, call.fields
    if call.broken:
        return refuse("mastodon/parameter", message=call.broken)
    if unknown := sorted(set(values) - _FIELDS):
        return refuse("mastodon/parameter", message=f"the field {unknown[0]} is not taken here")
    key = call.request.headers.get("idempotency-key")
    if not state.behaviour(account, "key_honoured") or call.struck("forgotten_key"):
        key = None
    if key and not (call.late and call.fault and call.fault.race) and (known := _under(call, key)):
        return Json(status_json(call, known))
    text, spoiler = str(values.get("status") or ""), str(values.get("spoiler_text") or "")
    ids = values.get("media_ids[]", values.get("media_ids", []))
    ids = [str(one) for one in ids] if isinstance(ids, list) else [str(ids)]
    media = [state.media.get(one) for one in ids]
    if not text.strip() and not ids:
        return refuse("mastodon/invalid", message="Text can't be blank")
    maximum = int(state.behaviour(account, "text_limit"))
    limit = AtMost(maximum, "characters", link_cost=LINK_COST)
    if measure(text, limit) + measure(spoiler, limit) > maximum:
        return refuse("mastodon/invalid", message=f"Text character limit of {maximum} exceeded")
    visibility = str(values.get("visibility") or "public")
    if visibility not in ("public", "unlisted", "private", "direct"):
        return refuse("mastodon/invalid", message="Visibility is not included in the list")
    if len(ids) > 4:
        return refuse("mastodon/invalid", message="Cannot attach more than 4 files")
    if any(one is None or one.account_id != account.id for one in media):
        return refuse("mastodon/not_found")
    if any(one is not None and (one.polls_left or one.broken) for one in media):
        return refuse("mastodon/media_not_ready")
    parent = values.get("in_reply_to_id")
    if parent and state.post("mastodon", str(parent)) is None:
        return refuse("mastodon/not_found")
    number = state.snowflake(0, EPOCH_BITS)
    for one in media:
        if one is not None:
            one.used = True
    post = SandboxPost(
        "mastodon", account.id, number, text, tuple(text[a:b] for a, b in http_addresses(text)), call.now,
        state.url(f"@{account.handle}", number), call.now, parent_id=str(parent) if parent else None,
        media=tuple(ids), language=values.get("language"),
        data={"visibility": visibility, "spoiler": spoiler, "sensitive": str(values.get("sensitive")) in _TRUE},
    )  # fmt: skip
    state.commit(post, key=key, late=call.late)
    return Json(status_json(call, post))


def _under(call: Call, key: str) -> SandboxPost | None:
    """The status posted under that key not too long ago."""
    at, post_id = call.state.keys.get((call.account.id, key), (None, ""))
    life = timedelta(seconds=float(call.state.behaviour(call.account, "key_life_s")))
    return call.state.post("mastodon", post_id) if at is not None and call.now - at < life else None


def _many(call: Call) -> Response:
    query = call.request.query_params
    wanted = [*query.getlist("id[]"), *query.getlist("id")]
    found = (call.state.readable("mastodon", one) for one in wanted[:40])
    return Json([status_json(call, post) for post in found if post is not None])


def _one(call: Call) -> Response:
    post = call.state.readable("mastodon", call.path("id"))
    return refuse("mastodon/not_found") if post is None else Json(status_json(call, post))


def _by(kind: str) -> Handler:
    """Who favourited or boosted a status. `max_id` is of the server's own book-keeping: here the place in the list."""

    def answer(call: Call) -> Response:
        post = call.state.readable("mastodon", call.path("id"))
        if post is None:
            return refuse("mastodon/not_found")
        try:
            size, start = max(1, min(80, int(call.query("limit") or 40))), int(call.query("max_id") or 0)
        except ValueError:
            return refuse("mastodon/parameter", message="limit and max_id are numbers")
        every = readers(post, kind)
        shown = [reader_json(call.state, one.handle) for one in every[start : start + size]]
        if start + size >= len(every):
            return Json(shown)
        here = call.state.url(call.request.url.path.lstrip("/"))
        return Json(shown, headers={"Link": f'<{here}?limit={size}&max_id={start + size}>; rel="next"'})

    return answer


def _delete(call: Call) -> Response:
    post = call.state.post("mastodon", call.path("id"))
    if post is None or post.account_id != call.account.id:
        return refuse("mastodon/not_found")
    call.state.delete(post)
    return Json({**status_json(call, post), "text": post.text})


def _timeline(call: Call) -> Response:
    account = call.state.accounts.get(call.path("id"))
    if account is None or account.network != "mastodon":
        return refuse("mastodon/not_found")
    if not call.state.behaviour(account, "lists"):
        return refuse("mastodon/scope")
    try:
        size = max(1, min(40, int(call.query("limit") or 20)))
        before = int(call.query("max_id")) if call.query("max_id") else None  # type: ignore[arg-type]
        after = int(call.query("since_id") or call.query("min_id") or 0)
    except ValueError:
        return refuse("mastodon/parameter", message="limit, max_id and since_id are numbers")
    replies = call.query("exclude_replies") not in ("true", "1")
    posts, more = page(call, account, size, before=before, after=after, replies=replies)
    headers = {}
    if more:
        here = call.state.url(f"api/v1/accounts/{account.id}/statuses")
        headers["Link"] = f'<{here}?limit={size}&max_id={posts[-1].id}>; rel="next"'
    return Json([status_json(call, post) for post in posts], headers=headers)


def _upload(call: Call) -> Response:
    if call.broken or "file" not in call.files:
        return refuse("mastodon/invalid", message="File can't be blank")
    content, _ = call.files["file"]
    alt = str(call.fields.get("description") or "")
    kind = media_type(content)
    if kind not in IMAGES:
        return refuse("mastodon/file_type")
    if len(content) > IMAGE_MAX:
        return refuse("mastodon/invalid", message="File file size must be less than 16 MB")
    if len(alt) > ALT_MAX:
        return refuse("mastodon/invalid", message=f"Description is too long (maximum is {ALT_MAX} characters)")
    polls = int(call.state.behaviour(call.account, "media_polls"))
    broken = call.struck("media_failure") is not None
    media = Media(call.state.snowflake(0, EPOCH_BITS), call.account.id, content, kind, alt, polls, broken)
    call.state.media[media.id] = media
    return Json(attachment_json(call, media), 202 if polls or broken else 200)


def _media(call: Call) -> Response:
    media = call.state.media.get(call.path("id"))
    if media is None or media.account_id != call.account.id:
        return refuse("mastodon/not_found")
    if media.broken:
        return refuse("mastodon/media_failed")
    waiting = media.polls_left > 0
    media.polls_left = max(0, media.polls_left - 1)
    return Json(attachment_json(call, media, ready=not waiting), 206 if waiting else 200)


def _describe(call: Call) -> Response:
    media = call.state.media.get(call.path("id"))
    if media is None or media.account_id != call.account.id or media.used:
        return refuse("mastodon/not_found")
    media.alt = str(call.fields.get("description") or "")[:ALT_MAX]
    return Json(attachment_json(call, media))


# shapes


def _app(call: Call) -> Response:
    """The application a token belongs to; any valid token may ask (the server's code), 4.3 told the scopes."""
    scopes = call.state.behaviour(call.account, "scopes")
    return Json({
        "id": "1", "name": "crosspost", "website": None, "scopes": list(SCOPES if scopes is None else scopes),
        "redirect_uris": ["urn:ietf:wg:oauth:2.0:oob"], "redirect_uri": "urn:ietf:wg:oauth:2.0:oob", "vapid_key": "",
    })  # fmt: skip


def _me(call: Call) -> Response:
    source = {
        "privacy": "public", "sensitive": False, "language": "fr", "note": "", "fields": [],
        "follow_requests_count": 0, "indexable": True,
    }  # fmt: skip
    role = {"id": "-99", "name": "", "permissions": "65536", "color": "", "highlighted": False}
    return Json({**account_json(call.state, call.account), "source": source, "role": role})
