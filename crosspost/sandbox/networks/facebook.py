"""Facebook Pages, Graph API. Source: developers.facebook.com, v26.0, read 2026-09-01.

Errors come as HTTP 400 with a code; a call to an expired version is served by the oldest living one, and only the
header tells. One metric name that does not exist fails its whole request.
"""

from __future__ import annotations

import json
from typing import ClassVar
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.routing import BaseRoute

from crosspost.domain.addresses import http_addresses
from crosspost.domain.counting import measure
from crosspost.domain.limits import AtMost
from crosspost.sandbox.exchange import Call, Handler, Json, endpoint, refuse
from crosspost.sandbox.lists import page_size, repeats, shown_until
from crosspost.sandbox.networks._facebook_insights import insights
from crosspost.sandbox.networks._facebook_shapes import (
    POST_FIELDS,
    bad_parameter,
    field_names,
    missing_node,
    no_field,
    page_json,
    post_json,
)
from crosspost.sandbox.networks._graph import (
    CALLS,
    DEBUG,
    EVERY,
    INSIGHTS,
    LIST_DEFAULT,
    LIST_MAX,
    LISTS,
    GraphDialect,
    debug_token,
    listed,
    unseen,
    versioned,
)
from crosspost.sandbox.networks._images import media_type
from crosspost.sandbox.state import Media, SandboxAccount, SandboxPost, State

DUPLICATE_WINDOW_S = 600.0  # "of the previous post"; how long is not documented
TEXT = AtMost(63_206, "utf-16 units")
PHOTO_MAX = 4_000_000
_PHOTOS = ("image/jpeg", "image/png", "image/gif")
_FEED = frozenset(
    {"access_token", "appsecret_proof", "fields", "message", "link", "published", "attached_media", "attachment_id"}
)
_PHOTO = frozenset(
    {"access_token", "appsecret_proof", "fields", "caption", "message", "alt_text_custom", "published", "source"}
)


class _Facebook(GraphDialect):
    name: ClassVar[str] = "facebook"
    usage: ClassVar[str] = "pages"


def routes(state: State) -> list[BaseRoute]:
    f = _Facebook()
    one, limits = "/{version:graph}/{id}", ((CALLS, 1),)

    def made(path: str, method: str, kind: str, handler: Handler, query: tuple[str, ...]) -> BaseRoute:
        return endpoint(state, f, path, method, kind, versioned(handler), query=query, limits=limits)

    return [
        made("/{version:graph}/debug_token", "GET", "account", debug_token, DEBUG),
        made("/{version:graph}/me/accounts", "GET", "account", _pages, (*EVERY, "limit", "after")),
        made(one + "/feed", "POST", "publish", _feed, EVERY),
        made(one + "/photos", "POST", "media", _photo, EVERY),
        made(one + "/comments", "POST", "publish", _comment, EVERY),
        made(one + "/comments", "GET", "list", _comments, (*LISTS, "filter", "live_filter", "order")),
        made(one + "/published_posts", "GET", "list", _published, LISTS),
        made(one + "/feed", "GET", "list", _published, LISTS),
        made(one + "/insights", "GET", "insights", insights, INSIGHTS),
        made(one, "GET", "read", _node, EVERY),
        made(one, "DELETE", "delete", _delete, EVERY),
    ]


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
        media=tuple(photos),
        data={"card": {"uri": card} if card else {}, "alt": [one.alt for one in media if one], **unseen(call)},
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
    return listed(
        call, account, post_json, POST_FIELDS, "created_time,message,id", "PagePost",
        replies=False,
    )  # fmt: skip


def _comments(call: Call) -> Response:
    """Those under one post; oldest first unless `order` says otherwise, as on the Page itself."""
    parent = call.state.readable("facebook", call.path("id"))
    if parent is None or parent.account_id != call.account.id:
        return missing_node(call, call.path("id"))
    if not call.state.behaviour(call.account, "lists"):
        return refuse("facebook/permission")
    names = field_names(call.query("fields") or "created_time,from,message,id")
    if unknown := [one for one in names if one not in POST_FIELDS]:
        return no_field(unknown[0], "Comment")
    until = shown_until(call, call.account)
    found = [
        post for post in call.state.timelines.get(call.account.id, [])
        if post.parent_id == parent.id and not post.deleted and post.committed_at <= until
    ]  # fmt: skip
    if call.query("order") == "reverse_chronological":
        found.reverse()
    size = page_size(call, min(LIST_MAX, int(call.query("limit") or LIST_DEFAULT)))
    start = int(call.query("after") or 0)
    rows = [post_json(post, names) for post in found[start : start + size]]
    paging: dict[str, object] = {"cursors": {"before": str(start), "after": str(start + len(rows))}}
    if len(found) > start + size:
        paging["next"] = call.state.url("next")
    return Json({"data": rows, **({"paging": paging} if rows else {})})


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
