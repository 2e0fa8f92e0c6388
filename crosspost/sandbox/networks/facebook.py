"""Facebook Pages, Graph API. Source: developers.facebook.com, v26.0, read 2026-09-01.

Errors come as HTTP 400 with a code; a call to an expired version is served by the oldest living one, and only the
header tells. One metric name that does not exist fails its whole request.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from crosspost.domain.addresses import http_addresses
from crosspost.domain.counting import measure
from crosspost.domain.limits import AtMost
from crosspost.sandbox.exchange import Call, Handler, Json, Limit, endpoint, refuse
from crosspost.sandbox.lists import number, page, repeats
from crosspost.sandbox.networks._facebook_insights import insights
from crosspost.sandbox.networks._facebook_shapes import (
    POST_FIELDS,
    bad_parameter,
    field_names,
    instant,
    missing_node,
    no_field,
    page_json,
    post_json,
)
from crosspost.sandbox.networks._images import media_type
from crosspost.sandbox.state import Media, SandboxAccount, SandboxPost, State

LIVING = ("v22.0", "v23.0", "v24.0", "v25.0", "v26.0")  # in November 2026, oldest first
DUPLICATE_WINDOW_S = 600.0  # "of the previous post"; how long is not documented
TEXT = AtMost(63_206, "utf-16 units")
PHOTO_MAX = 4_000_000
LIST_DEFAULT, LIST_MAX = 25, 100
_PHOTOS = ("image/jpeg", "image/png", "image/gif")
_EVERY = ("access_token", "appsecret_proof", "fields")
_LISTS = (*_EVERY, "limit", "since", "until", "after", "before")
_INSIGHTS = ("access_token", "appsecret_proof", "metric", "period", "since", "until", "date_preset", "breakdown")
_FEED = frozenset(
    {"access_token", "appsecret_proof", "fields", "message", "link", "published", "attached_media", "attachment_id"}
)
_PHOTO = frozenset(
    {"access_token", "appsecret_proof", "fields", "caption", "message", "alt_text_custom", "published", "source"}
)
_CALLS = Limit("calls", 4800, 3600)


class _Version(Convertor[str]):
    regex = r"v[0-9]+\.[0-9]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("graph", _Version())


class _Facebook:
    name: ClassVar[str] = "facebook"

    def hint(self, state: State, request: Request) -> str | None:
        token = state.token("facebook", _bearer(request) or request.query_params.get("access_token", ""))
        if token:
            return token.account_id
        page_id = str(request.path_params.get("id", "")).partition("_")[0]
        return page_id if page_id in state.accounts else None

    def authenticate(self, call: Call) -> Response | None:
        value = _bearer(call.request) or call.query("access_token") or str(call.fields.get("access_token") or "")
        if not value:
            return refuse("facebook/no_token")
        token = call.state.token("facebook", value)
        if token is None:
            return refuse("facebook/malformed")
        if token.revoked:
            return refuse("facebook/revoked")
        if token.expires_at is not None and token.expires_at <= call.now:
            return refuse("facebook/expired")
        call.token, call.owner = token, call.state.accounts[token.account_id]
        return None

    def unknown_parameter(self, name: str, value: str) -> Response:
        return bad_parameter(f"Unknown parameter: {name}")

    def limit_headers(self, limit: Limit, left: int, reset: datetime) -> dict[str, str]:
        used = round(100 * (limit.max - left) / limit.max)
        usage = {"call_count": used, "total_cputime": used, "total_time": used}
        headers = {"x-app-usage": json.dumps(usage)}
        if left <= 0:
            wait = {"type": "pages", **usage, "estimated_time_to_regain_access": max(1, limit.seconds // 60)}
            headers["x-business-use-case-usage"] = json.dumps({"0": [wait]})
        return headers

    def rate_limited(self, headers: dict[str, str]) -> Response:
        return refuse("facebook/rate_limited", headers)


def _bearer(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() in ("bearer", "oauth") else ""


def routes(state: State) -> list[BaseRoute]:
    f = _Facebook()
    one, limits = "/{version:graph}/{id}", ((_CALLS, 1),)

    def made(path: str, method: str, kind: str, handler: Handler, query: tuple[str, ...]) -> BaseRoute:
        return endpoint(state, f, path, method, kind, _versioned(handler), query=query, limits=limits)

    return [
        made("/{version:graph}/me/accounts", "GET", "account", _pages, (*_EVERY, "limit", "after")),
        made(one + "/feed", "POST", "publish", _feed, _EVERY),
        made(one + "/photos", "POST", "media", _photo, _EVERY),
        made(one + "/comments", "POST", "publish", _comment, _EVERY),
        made(one + "/published_posts", "GET", "list", _published, _LISTS),
        made(one + "/feed", "GET", "list", _published, _LISTS),
        made(one + "/insights", "GET", "insights", insights, _INSIGHTS),
        made(one, "GET", "read", _node, _EVERY),
        made(one, "DELETE", "delete", _delete, _EVERY),
    ]


def _versioned(handler: Handler) -> Handler:
    """Tell in the header which version really answers."""

    def answered(call: Call) -> Response:
        response = handler(call)
        asked = call.path("version")
        response.headers["facebook-api-version"] = asked if asked in LIVING else LIVING[0]
        return response

    return answered


# publishing


def _feed(call: Call) -> Response:
    values = call.fields
    account = _own_page(call)
    if isinstance(account, Response):
        return account
    if unknown := sorted(set(values) - _FEED):
        return bad_parameter(f"Unknown parameter: {unknown[0]}")
    link, text = values.get("link"), str(values.get("message") or "")
    if link is not None and urlsplit(str(link)).scheme not in ("http", "https"):
        return refuse("facebook/link")
    try:
        attached = json.loads(str(values.get("attached_media") or "[]"))
        photos = [str(one["media_fbid"]) for one in attached]
    except (ValueError, TypeError, KeyError):
        return bad_parameter("Param attached_media must be an array.")
    if not text.strip() and not link and not photos:
        return bad_parameter("You must provide either a message, link, or attached media.")
    if link and photos:
        return bad_parameter("You cannot specify link and attached_media together.")
    return _publish(call, text, photos, str(link) if link else None, None)


def _comment(call: Call) -> Response:
    parent = call.state.post("facebook", call.path("id"))
    if parent is None or parent.account_id != call.account.id:
        return missing_node(call, call.path("id"))
    if unknown := sorted(set(call.fields) - _FEED):
        return bad_parameter(f"Unknown parameter: {unknown[0]}")
    photo = call.fields.get("attachment_id")
    text = str(call.fields.get("message") or "")
    if not text.strip() and not photo:
        return bad_parameter("A comment needs a message or an attachment.")
    return _publish(call, text, [str(photo)] if photo else [], None, parent)


def _photo(call: Call) -> Response:
    account = _own_page(call)
    if isinstance(account, Response):
        return account
    if unknown := sorted(set(call.fields) - _PHOTO):
        return bad_parameter(f"Unknown parameter: {unknown[0]}")
    file = next(iter(call.files.values()), None)
    if file is None:
        return bad_parameter("The sandbox takes photos as a file, not by address.")
    content = file[0]
    kind = media_type(content)
    if kind not in _PHOTOS or len(content) > PHOTO_MAX:
        return refuse("facebook/photo")
    number_ = call.state.snowflake(0, 20)
    alt = str(call.fields.get("alt_text_custom") or "")
    broken = call.struck("media_failure") is not None
    call.state.media[number_] = Media(number_, account.id, content, kind, alt, broken=broken)
    if str(call.fields.get("published", "true")).lower() in ("false", "0"):
        return Json({"id": number_})
    caption = str(call.fields.get("caption") or call.fields.get("message") or "")
    answer = _publish(call, caption, [number_], None, None)
    if answer.status_code != 200:
        return answer
    return Json({"id": number_, "post_id": json.loads(bytes(answer.body))["id"]})


def _publish(call: Call, text: str, photos: list[str], link: str | None, parent: SandboxPost | None) -> Response:
    state, account = call.state, call.account
    if measure(text, TEXT) > TEXT.max:
        return bad_parameter("Message is too long.")
    media = [state.media.get(one) for one in photos]
    if any(one is None or one.account_id != account.id or one.broken for one in media):
        return bad_parameter("Invalid photo id in attached_media.")
    if call.struck("duplicate_answer") or (text and not photos and repeats(call, text, DUPLICATE_WINDOW_S)):
        return refuse("facebook/duplicate")
    for one in media:
        if one is not None:
            one.used = True
    own = state.snowflake(0, 20)
    post_id = f"{(parent.id.rpartition('_')[2] if parent else account.id)}_{own}"
    written = [text[start:end] for start, end in http_addresses(text)]
    card = link or (written[0] if written and not photos else None)
    post = SandboxPost(
        "facebook", account.id, post_id, text, tuple(dict.fromkeys([*([link] if link else []), *written])),
        call.now, state.url("facebook", account.id, "posts", own), call.now, parent_id=parent.id if parent else None,
        media=tuple(photos), data={"card": {"uri": card} if card else {}, "alt": [one.alt for one in media if one]},
    )  # fmt: skip
    state.commit(post, late=call.late)
    shown = {"id": post.id, "permalink_url": post.url}
    asked = str(call.fields.get("fields") or "id").split(",")
    return Json({name: value for name, value in shown.items() if name == "id" or name in asked})


def _own_page(call: Call) -> SandboxAccount | Response:
    """The Page in the path, which must be the token's, and the token a Page's."""
    if call.path("id") not in (call.account.id, "me") or call.token is None or call.token.kind != "page":
        return missing_node(call, call.path("id"))
    return call.account


def _delete(call: Call) -> Response:
    post = call.state.post("facebook", call.path("id"))
    if post is None or post.account_id != call.account.id:
        return missing_node(call, call.path("id"))
    call.state.delete(post)
    return Json({"success": True})


# reading


def _published(call: Call) -> Response:
    account = call.state.accounts.get(call.path("id")) if call.path("id") != "me" else call.account
    if account is None or account.id != call.account.id:
        return missing_node(call, call.path("id"))
    if not call.state.behaviour(account, "lists"):
        return refuse("facebook/permission")
    try:
        size = min(LIST_MAX, max(1, int(call.query("limit") or LIST_DEFAULT)))
        since, until = instant(call.query("since")), instant(call.query("until"))
        before = int(base64.urlsafe_b64decode(call.query("after") or "")) if call.query("after") else None
    except ValueError:
        return bad_parameter("limit, since, until or after is not readable.")
    posts, more = page(call, account, size, before=before, since=since, until=until, replies=False)
    names = field_names(call.query("fields") or "created_time,message,id")
    if unknown := [name for name in names if name not in POST_FIELDS]:
        return no_field(unknown[0], "PagePost")
    answer: dict[str, Any] = {"data": [post_json(post, names) for post in posts]}
    if posts:
        after = base64.urlsafe_b64encode(str(number(posts[-1])).encode()).decode()
        first = base64.urlsafe_b64encode(str(number(posts[0])).encode()).decode()
        answer["paging"] = {"cursors": {"before": first, "after": after}}
        if more:
            here = f"{call.state.origin}{call.request.url.path}"
            answer["paging"]["next"] = f"{here}?limit={size}&after={after}"
    return Json(answer)


def _node(call: Call) -> Response:
    name = call.path("id")
    fields = call.query("fields")
    if name == "me" and call.token is not None and call.token.kind == "user":
        wanted = field_names(fields or "id,name")
        user = {"id": f"9{call.account.id}", "name": f"Owner of {call.account.name}"}
        if unknown := [one for one in wanted if one not in user]:
            return no_field(unknown[0], "User")
        return Json({one: user[one] for one in ("id", *wanted)})
    if name in ("me", call.account.id):
        wanted = field_names(fields or "id,name")
        shown = page_json(call.account)
        if unknown := [one for one in wanted if one not in shown]:
            return no_field(unknown[0], "Page")
        return Json({one: shown[one] for one in dict.fromkeys(("id", *wanted))})
    post = call.state.readable("facebook", name)
    if post is None or post.account_id != call.account.id:
        return missing_node(call, name)
    wanted = field_names(fields or "created_time,message,id")
    if unknown := [one for one in wanted if one not in POST_FIELDS]:
        return no_field(unknown[0], "PagePost")
    return Json(post_json(post, wanted))


def _pages(call: Call) -> Response:
    if call.token is None or call.token.kind != "user":
        return no_field("accounts", "Page")
    account = call.account
    shown = {"access_token": account.secrets["page_token"], "name": account.name, "id": account.id}
    return Json({"data": [{**shown, "category": "Website", "tasks": ["ANALYZE", "CREATE_CONTENT", "MANAGE"]}]})


# shapes
