"""Pinterest, API v5. Source: the vendor's description 5.23.0 (December 2025).

A repeat makes another pin. With `trial` access every request succeeds and nobody but the owner sees a pin; the
analytics are refused then. Numbers of the last two days are not final.
"""

from __future__ import annotations

import base64
import binascii
import struct
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from crosspost.domain.addresses import http_addresses
from crosspost.sandbox.exchange import Call, Json, Limit, endpoint, refuse
from crosspost.sandbox.lists import number, page
from crosspost.sandbox.networks._images import media_type
from crosspost.sandbox.state import Media, SandboxAccount, SandboxPost, State

IMAGE_MAX = 20_000_000
LIST_DEFAULT, LIST_MAX = 25, 250
KEPT_DAYS, LATE_DAYS = 90, 2
LONGEST = {"title": 100, "description": 800, "link": 2048, "alt_text": 500}
METRICS = {
    "IMPRESSION": "impressions", "PIN_CLICK": "link_clicks", "OUTBOUND_CLICK": "link_clicks", "SAVE": "bookmarks",
    "PROFILE_VISIT": "profile_clicks", "USER_FOLLOW": None, "SAVE_RATE": None,
}  # fmt: skip
LIFETIME = {"TOTAL_COMMENTS": "replies", "TOTAL_REACTIONS": "likes"}
_CREATE = frozenset((*LONGEST, "board_id", "board_section_id", "media_source", "dominant_color"))
_PAGED = ("bookmark", "page_size", "ad_account_id")
_PINS = (*_PAGED, "pin_filter", "include_protected_pins", "pin_type", "creative_types", "pin_metrics")
_ANALYTICS = ("start_date", "end_date", "metric_types", "app_types", "split_field", "ad_account_id")
_EACH = Limit("requests", 100, 1)
_TRIAL = Limit("trial", 1000, 86400)


class _Pinterest:
    name: ClassVar[str] = "pinterest"

    def hint(self, state: State, request: Request) -> str | None:
        token = state.token("pinterest", _bearer(request))
        return token.account_id if token else None

    def authenticate(self, call: Call) -> Response | None:
        token = call.state.token("pinterest", _bearer(call.request))
        if token is None or token.revoked or (token.expires_at is not None and token.expires_at <= call.now):
            return refuse("pinterest/unauthorized")
        call.token, call.owner = token, call.state.accounts[token.account_id]
        if _trial(call) and call.spend(call.owner, _TRIAL) < 0:
            return refuse("pinterest/rate_limited")
        return None

    def unknown_parameter(self, name: str, value: str) -> Response:
        return _bad(f"the query parameter {name} does not exist")

    def limit_headers(self, limit: Limit, left: int, reset: datetime) -> dict[str, str]:
        return {}  # none is promised

    def rate_limited(self, headers: dict[str, str]) -> Response:
        return refuse("pinterest/rate_limited", headers)


def _bearer(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def _trial(call: Call) -> bool:
    return bool(call.state.behaviour(call.account, "trial"))


def routes(state: State) -> list[BaseRoute]:
    p, each = _Pinterest(), ((_EACH, 1),)
    analytics = "/v5/pins/{id}/analytics"
    return [
        endpoint(state, p, "/v5/pins", "POST", "publish", _create, query=("ad_account_id",), limits=each),
        endpoint(state, p, "/v5/pins", "GET", "list", _pins, query=_PINS, limits=each),
        endpoint(
            state, p, "/v5/pins/{id}", "GET", "read", _one, query=("ad_account_id", "pin_metrics"), limits=each
        ),
        endpoint(state, p, "/v5/pins/{id}", "DELETE", "delete", _delete, query=("ad_account_id",), limits=each),
        endpoint(state, p, analytics, "GET", "insights", _analytics, query=_ANALYTICS, limits=each),
        endpoint(state, p, "/v5/boards", "GET", "account", _boards, query=(*_PAGED, "privacy"), limits=each),
        endpoint(state, p, "/v5/boards", "POST", "account", _new_board, limits=each),
        endpoint(state, p, "/v5/boards/{id}", "GET", "account", _board, query=("ad_account_id",), limits=each),
        endpoint(state, p, "/v5/boards/{id}/pins", "GET", "list", _pins_of_board, query=_PINS, limits=each),
        endpoint(state, p, "/v5/user_account", "GET", "account", _account, query=("ad_account_id",), limits=each),
    ]  # fmt: skip


# pins


def _create(call: Call) -> Response:
    state, account, values = call.state, call.account, call.fields
    if call.broken:
        return _bad(call.broken)
    if unknown := sorted(set(values) - _CREATE):
        return _bad(f"Additional properties are not allowed ({unknown[0]!r} was unexpected)")
    for name, longest in LONGEST.items():
        if not isinstance(values.get(name) or "", str) or len(values.get(name) or "") > longest:
            return _bad(f"Invalid request: {name} is too long, at most {longest} characters")
    if state.behaviour(account, "spam_block"):
        return refuse("pinterest/spam")
    board = str(values.get("board_id", ""))
    if board not in _board_ids(call, account):
        return refuse("pinterest/board")
    content = _image_of(call, values.get("media_source"))
    if isinstance(content, Response):
        return content
    pin_id = state.snowflake()
    alt = values.get("alt_text") or ""
    media = Media(f"pin-{pin_id}", account.id, content, media_type(content), alt, used=True)
    state.media[media.id] = media
    text, link = values.get("description") or "", values.get("link")
    written = [text[start:end] for start, end in http_addresses(text)]
    post = SandboxPost(
        "pinterest", account.id, pin_id, text, tuple(dict.fromkeys([*([link] if link else []), *written])),
        call.now, state.url("pinterest/pin", pin_id), call.now, media=(media.id,),
        data={
            "board_id": board, "title": values.get("title"), "link": link, "alt": [alt], "only_owner": _trial(call),
            "card": {"uri": link, "title": values.get("title") or ""} if link else {},
        },
    )  # fmt: skip
    state.commit(post, late=call.late)
    return Json(_pin_json(call, post), 201)


def _image_of(call: Call, source: Any) -> bytes | Response:
    if not isinstance(source, dict) or source.get("source_type") != "image_base64":
        return _bad("media_source: the sandbox takes image_base64")
    if source.get("content_type") not in ("image/jpeg", "image/png"):
        return _bad("media_source.content_type is image/jpeg or image/png")
    try:
        content = base64.b64decode(str(source.get("data", "")), validate=True)
    except binascii.Error:
        return _bad("media_source.data is not base64")
    if media_type(content) != source["content_type"] or len(content) > IMAGE_MAX:
        return refuse("pinterest/image_broken")
    least = int(call.state.behaviour(call.account, "image_min"))
    if media_type(content) == "image/png" and least and min(struct.unpack(">II", content[16:24])) < least:
        return refuse("pinterest/image_small")
    return content


def _pins(call: Call) -> Response:
    return _listed(call, None)


def _pins_of_board(call: Call) -> Response:
    board = call.path("id")
    return _listed(call, board) if board in _board_ids(call, call.account) else refuse("pinterest/board")


def _listed(call: Call, board: str | None) -> Response:
    if not call.state.behaviour(call.account, "lists"):
        return refuse("pinterest/permission")
    try:
        size = int(call.query("page_size") or LIST_DEFAULT)
        before = int(base64.urlsafe_b64decode(call.query("bookmark") or "")) if call.query("bookmark") else None
    except ValueError:
        return _bad("page_size or bookmark is not readable")
    if not 1 <= size <= LIST_MAX:
        return _bad(f"page_size is 1 to {LIST_MAX}")
    posts, more = page(call, call.account, size, before=before, board=board)
    bookmark = base64.urlsafe_b64encode(str(number(posts[-1])).encode()).decode() if more else None
    return Json({"items": [_pin_json(call, post) for post in posts], "bookmark": bookmark})


def _one(call: Call) -> Response:
    post = call.state.readable("pinterest", call.path("id"))
    if post is None or post.account_id != call.account.id:
        return refuse("pinterest/not_found")
    return Json(_pin_json(call, post))


def _delete(call: Call) -> Response:
    post = call.state.post("pinterest", call.path("id"))
    if post is None or post.account_id != call.account.id:
        return refuse("pinterest/not_found")
    call.state.delete(post)
    return Response(status_code=204)


def _analytics(call: Call) -> Response:
    """The counters have no history here: what a pin got stands on its first day, and the last days are not final."""
    if _trial(call):
        return refuse("pinterest/permission")
    post = call.state.post("pinterest", call.path("id"))
    if post is None or post.account_id != call.account.id:
        return refuse("pinterest/not_found")
    today = call.now.astimezone(UTC).date()
    try:
        start, end = (date.fromisoformat(call.query(name) or "") for name in ("start_date", "end_date"))
    except ValueError:
        return _bad("start_date and end_date are days: YYYY-MM-DD")
    if not today - timedelta(days=KEPT_DAYS) <= start <= end <= today:
        return _bad(f"the days are at most {KEPT_DAYS} back, and not to come")
    wanted = (call.query("metric_types") or "").split(",")
    dead, denied = (call.state.behaviour(call.account, name) for name in ("dead_metrics", "denied_metrics"))
    if unknown := [name for name in wanted if (name not in METRICS and name not in LIFETIME) or name in dead]:
        return _bad(f"metric_types: {unknown[0]!r} is not one of them")
    if any(name in denied for name in wanted):
        return refuse("pinterest/permission")
    born = post.created_at.astimezone(UTC).date()
    counted = {name: getattr(post, field) for name in wanted if (field := METRICS.get(name))}
    days = []
    for shift in range((end - start).days + 1):
        day = start + timedelta(days=shift)
        status = "BEFORE_PIN_CREATED" if day < born else "READY"
        if day > today - timedelta(days=LATE_DAYS):
            status = "PROCESSING"
        metrics = {name: count if day == born else 0 for name, count in counted.items()} if day >= born else {}
        days.append({"data_status": status, "date": day.isoformat(), "metrics": metrics})
    summary = counted if start <= born <= end else dict.fromkeys(counted, 0)
    lifetime = {name: getattr(post, LIFETIME[name]) for name in wanted if name in LIFETIME}
    return Json({"all": {"daily_metrics": days, "lifetime_metrics": lifetime, "summary_metrics": summary}})


# boards and the account


def _board_ids(call: Call, account: SandboxAccount) -> dict[str, str]:
    """Names by id."""
    names = call.state.behaviour(account, "boards")
    return {f"{account.id}{place:03d}": str(name) for place, name in enumerate(names, 1)}


def _boards(call: Call) -> Response:
    return Json({"items": [_board_json(call, one) for one in _board_ids(call, call.account)], "bookmark": None})


def _new_board(call: Call) -> Response:
    name = call.fields.get("name")
    if not isinstance(name, str) or not name.strip():
        return _bad("Invalid request: name is required")
    call.account.behaviour["boards"] = [*call.state.behaviour(call.account, "boards"), name]
    return Json(_board_json(call, list(_board_ids(call, call.account))[-1]), 201)


def _board(call: Call) -> Response:
    board = call.path("id")
    return Json(_board_json(call, board)) if board in _board_ids(call, call.account) else refuse("pinterest/board")


def _account(call: Call) -> Response:
    account = call.account
    return Json({
        "account_type": "BUSINESS",
        "id": account.id,
        "username": account.handle,
        "business_name": account.name,
        "profile_image": call.state.url("_sandbox/portrait.svg"),
        "website_url": "",
        "about": "",
        "board_count": len(_board_ids(call, account)),
        "pin_count": call.state.standing.get(account.id, 0),
        "follower_count": account.followers,
        "following_count": account.following,
        "monthly_views": sum(post.impressions for post in call.state.timelines.get(account.id, [])),
    })  # fmt: skip


# shapes


def _pin_json(call: Call, post: SandboxPost) -> dict[str, Any]:
    url = call.state.url("_sandbox/media", post.media[0])
    sizes = {name: {"width": None, "height": None, "url": url} for name in ("150x150", "400x300", "600x", "1200x")}
    return {
        "id": post.id,
        "created_at": post.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "link": post.data["link"],
        "title": post.data["title"],
        "description": post.text or None,
        "alt_text": post.data["alt"][0] or None,
        "board_id": post.data["board_id"],
        "board_section_id": None,
        "board_owner": {"username": call.account.handle},
        "creative_type": "REGULAR",
        "dominant_color": None,
        "has_been_promoted": False,
        "is_owner": True,
        "is_standard": True,
        "parent_pin_id": None,
        "media": {"media_type": "image", "images": sizes},
    }


def _board_json(call: Call, board: str) -> dict[str, Any]:
    account = call.account
    pins = [
        one for one in call.state.timelines.get(account.id, []) if not one.deleted and one.data["board_id"] == board
    ]
    return {
        "id": board,
        "name": _board_ids(call, account)[board],
        "description": None,
        "privacy": "PUBLIC",
        "created_at": account.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "owner": {"username": account.handle},
        "pin_count": len(pins),
        "follower_count": 0,
        "collaborator_count": 0,
    }


def _bad(message: str) -> Response:
    return refuse("pinterest/parameter", message=message)
