"""Facebook Pages, Graph API. Source: developers.facebook.com, v26.0, read 2026-09-01.

Errors come as HTTP 400 with a code; a call to an expired version is served by the oldest living one, and only the
header tells. One metric name that does not exist fails its whole request.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from crosspost.domain.addresses import http_addresses
from crosspost.domain.counting import measure
from crosspost.domain.limits import AtMost
from crosspost.sandbox.exchange import Call, Handler, Json, Limit, endpoint, refuse
from crosspost.sandbox.lists import number, page, repeats
from crosspost.sandbox.networks.x import media_type
from crosspost.sandbox.state import Media, SandboxAccount, SandboxPost, State

LIVING = ("v22.0", "v23.0", "v24.0", "v25.0", "v26.0")  # in November 2026, oldest first
DUPLICATE_WINDOW_S = 600.0  # "of the previous post"; how long is not documented
TEXT = AtMost(63_206, "utf-16 units")
PHOTO_MAX = 4_000_000
LIKES_FOR_INSIGHTS = 100  # a Page with fewer has none
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

_POST_METRICS: dict[str, Callable[[SandboxPost], Any]] = {
    "post_media_view": lambda post: post.impressions,
    "post_total_media_view_unique": lambda post: post.reach,
    "post_clicks": lambda post: post.link_clicks + post.profile_clicks,
    "post_clicks_by_type": lambda post: {"link clicks": post.link_clicks, "other clicks": post.profile_clicks},
    "post_reactions_by_type_total": lambda post: {"like": post.likes} if post.likes else {},
    "post_reactions_like_total": lambda post: post.likes,
    "post_activity_by_action_type": lambda post: {
        "like": post.likes, "comment": post.replies, "share": post.reposts,
    },
}  # fmt: skip
_PAGE_METRICS: dict[str, Callable[[State, SandboxAccount], Any]] = {
    "page_follows": lambda state, account: account.followers,
    "page_media_view": lambda state, account: sum(p.impressions for p in state.timelines.get(account.id, [])),
    "page_total_media_view_unique": lambda state, account: sum(p.reach for p in state.timelines.get(account.id, [])),
    "page_post_engagements": lambda state, account: sum(
        p.likes + p.replies + p.reposts + p.link_clicks for p in state.timelines.get(account.id, [])
    ),
}


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
        return _parameter(f"Unknown parameter: {name}")

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
        made(one + "/insights", "GET", "insights", _insights, _INSIGHTS),
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
        return _parameter(f"Unknown parameter: {unknown[0]}")
    link, text = values.get("link"), str(values.get("message") or "")
    if link is not None and urlsplit(str(link)).scheme not in ("http", "https"):
        return refuse("facebook/link")
    try:
        attached = json.loads(str(values.get("attached_media") or "[]"))
        photos = [str(one["media_fbid"]) for one in attached]
    except (ValueError, TypeError, KeyError):
        return _parameter("Param attached_media must be an array.")
    if not text.strip() and not link and not photos:
        return _parameter("You must provide either a message, link, or attached media.")
    if link and photos:
        return _parameter("You cannot specify link and attached_media together.")
    return _publish(call, text, photos, str(link) if link else None, None)


def _comment(call: Call) -> Response:
    parent = call.state.post("facebook", call.path("id"))
    if parent is None or parent.account_id != call.account.id:
        return _missing(call, call.path("id"))
    if unknown := sorted(set(call.fields) - _FEED):
        return _parameter(f"Unknown parameter: {unknown[0]}")
    photo = call.fields.get("attachment_id")
    text = str(call.fields.get("message") or "")
    if not text.strip() and not photo:
        return _parameter("A comment needs a message or an attachment.")
    return _publish(call, text, [str(photo)] if photo else [], None, parent)


def _photo(call: Call) -> Response:
    account = _own_page(call)
    if isinstance(account, Response):
        return account
    if unknown := sorted(set(call.fields) - _PHOTO):
        return _parameter(f"Unknown parameter: {unknown[0]}")
    file = next(iter(call.files.values()), None)
    if file is None:
        return _parameter("The sandbox takes photos as a file, not by address.")
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
        return _parameter("Message is too long.")
    media = [state.media.get(one) for one in photos]
    if any(one is None or one.account_id != account.id or one.broken for one in media):
        return _parameter("Invalid photo id in attached_media.")
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
        return _missing(call, call.path("id"))
    return call.account


def _delete(call: Call) -> Response:
    post = call.state.post("facebook", call.path("id"))
    if post is None or post.account_id != call.account.id:
        return _missing(call, call.path("id"))
    call.state.delete(post)
    return Json({"success": True})


# reading


def _published(call: Call) -> Response:
    account = call.state.accounts.get(call.path("id")) if call.path("id") != "me" else call.account
    if account is None or account.id != call.account.id:
        return _missing(call, call.path("id"))
    if not call.state.behaviour(account, "lists"):
        return refuse("facebook/permission")
    try:
        size = min(LIST_MAX, max(1, int(call.query("limit") or LIST_DEFAULT)))
        since, until = _when(call.query("since")), _when(call.query("until"))
        before = int(base64.urlsafe_b64decode(call.query("after") or "")) if call.query("after") else None
    except ValueError:
        return _parameter("limit, since, until or after is not readable.")
    posts, more = page(call, account, size, before=before, since=since, until=until, replies=False)
    names = _names(call.query("fields") or "created_time,message,id")
    if unknown := [name for name in names if name not in _POST_FIELDS]:
        return _no_field(unknown[0], "PagePost")
    answer: dict[str, Any] = {"data": [_post_json(post, names) for post in posts]}
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
        wanted = _names(fields or "id,name")
        user = {"id": f"9{call.account.id}", "name": f"Owner of {call.account.name}"}
        if unknown := [one for one in wanted if one not in user]:
            return _no_field(unknown[0], "User")
        return Json({one: user[one] for one in ("id", *wanted)})
    if name in ("me", call.account.id):
        wanted = _names(fields or "id,name")
        shown = _page_json(call.account)
        if unknown := [one for one in wanted if one not in shown]:
            return _no_field(unknown[0], "Page")
        return Json({one: shown[one] for one in dict.fromkeys(("id", *wanted))})
    post = call.state.readable("facebook", name)
    if post is None or post.account_id != call.account.id:
        return _missing(call, name)
    wanted = _names(fields or "created_time,message,id")
    if unknown := [one for one in wanted if one not in _POST_FIELDS]:
        return _no_field(unknown[0], "PagePost")
    return Json(_post_json(post, wanted))


def _pages(call: Call) -> Response:
    if call.token is None or call.token.kind != "user":
        return _no_field("accounts", "Page")
    account = call.account
    shown = {"access_token": account.secrets["page_token"], "name": account.name, "id": account.id}
    return Json({"data": [{**shown, "category": "Website", "tasks": ["ANALYZE", "CREATE_CONTENT", "MANAGE"]}]})


def _insights(call: Call) -> Response:
    metrics = [one for one in (call.query("metric") or "").split(",") if one]
    if not metrics:
        return refuse("facebook/no_metric")
    name = call.path("id")
    if name in ("me", call.account.id):
        account = call.account
        if any(metric not in _PAGE_METRICS for metric in metrics):
            return refuse("facebook/metric")
        if account.followers < LIKES_FOR_INSIGHTS:
            return Json({"data": [], "paging": {}})
        end = (call.now + timedelta(days=1)).astimezone(UTC).strftime("%Y-%m-%dT08:00:00+0000")
        totals = {metric: _PAGE_METRICS[metric](call.state, account) for metric in metrics}
        return Json({"data": [_insight(account.id, metric, "day", totals[metric], end) for metric in metrics]})
    post = call.state.readable("facebook", name)
    if post is None or post.account_id != call.account.id:
        return _missing(call, name)
    if any(metric not in _POST_METRICS for metric in metrics):
        return refuse("facebook/metric")
    if call.account.followers < LIKES_FOR_INSIGHTS:
        return Json({"data": [], "paging": {}})
    return Json({
        "data": [_insight(post.id, metric, "lifetime", _POST_METRICS[metric](post), None) for metric in metrics]
    })  # fmt: skip


def _insight(node: str, metric: str, period: str, value: Any, end: str | None) -> dict[str, Any]:
    values = {"value": value, **({"end_time": end} if end else {})}
    return {
        "name": metric, "period": period, "values": [values], "title": metric.replace("_", " ").capitalize(),
        "description": "", "id": f"{node}/insights/{metric}/{period}",
    }  # fmt: skip


# shapes


def _page_json(account: SandboxAccount) -> dict[str, Any]:
    return {
        "id": account.id, "name": account.name, "username": account.handle,
        "followers_count": account.followers, "fan_count": account.followers,
        "link": f"https://www.facebook.com/{account.handle}",
    }  # fmt: skip


def _attachments(post: SandboxPost) -> dict[str, Any] | None:
    if post.media:
        return {"data": [{"media_type": "photo", "url": post.url, "unshimmed_url": post.url}]}
    if not (target := post.data["card"].get("uri")):
        return None
    mark = hashlib.sha256(target.encode()).hexdigest()[:12]
    shim = f"https://l.facebook.com/l.php?u={quote(target, safe='')}&h=AT{mark}"
    return {"data": [{"media_type": "link", "url": shim, "unshimmed_url": target}]}


def _summary(count: int) -> dict[str, Any]:
    return {"data": [], "summary": {"total_count": count}}


_POST_FIELDS: dict[str, Callable[[SandboxPost], Any]] = {
    "id": lambda post: post.id,
    "message": lambda post: post.text or None,
    "created_time": lambda post: post.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
    "permalink_url": lambda post: post.url,
    "attachments": _attachments,
    "shares": lambda post: {"count": post.reposts} if post.reposts else None,
    "likes": lambda post: _summary(post.likes),
    "reactions": lambda post: _summary(post.likes),
    "comments": lambda post: _summary(post.replies),
    "is_published": lambda post: True,
    "from": lambda post: {"id": post.account_id},
}


def _post_json(post: SandboxPost, names: list[str]) -> dict[str, Any]:
    """The fields asked for; those a post does not have are left out, as Graph does."""
    shown = {name: _POST_FIELDS[name](post) for name in dict.fromkeys((*names, "id"))}
    return {name: value for name, value in shown.items() if value is not None}


def _names(fields: str) -> list[str]:
    """The names at the top of `a,b{c,d},e.summary(true)`."""
    plain, before = fields, ""
    while plain != before:
        before, plain = plain, re.sub(r"\{[^{}]*\}|\([^()]*\)", "", plain)
    return [one.partition(".")[0].strip() for one in plain.split(",") if one.strip()]


def _when(text: str | None) -> datetime | None:
    """Unix seconds or an ISO instant."""
    if not text:
        return None
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _parameter(message: str) -> Response:
    return refuse("facebook/parameter", message=message)


def _no_field(name: str, node: str) -> Response:
    return _parameter(f"Tried accessing nonexisting field ({name}) on node type ({node})")


def _missing(call: Call, value: str) -> Response:
    return refuse("facebook/missing", method=call.request.method.lower(), value=value)
