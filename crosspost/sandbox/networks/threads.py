"""Threads, v1.0. Source: developers.facebook.com/docs/threads, posts (2026-04), insights (2026-01) and its live shapes.

A post's numbers are `values`, an account's views a series per day, its totals `total_value`, and its clicks a list by
address. Images are not fetched here: any https address will do, and this server's own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any, ClassVar

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crosspost.domain.addresses import http_addresses
from crosspost.domain.counting import measure
from crosspost.domain.limits import AtMost
from crosspost.sandbox.exchange import Call, Handler, Json, endpoint, refuse
from crosspost.sandbox.networks import _containers as containers
from crosspost.sandbox.networks._containers import Kind, insight
from crosspost.sandbox.networks._facebook_shapes import bad_parameter, field_names, missing_node, no_field
from crosspost.sandbox.networks._graph import (
    CALLS,
    DEBUG,
    EVERY,
    INSIGHTS,
    LISTS,
    GraphDialect,
    debug_token,
    listed,
    mine,
)
from crosspost.sandbox.state import Container, SandboxAccount, SandboxPost, State

KIND = Kind("threads", "18", 250, "status", "error_message", "INVALID_ASPECT_RATIO")
TEXT = AtMost(500, "threads characters")
LINKS = AtMost(5, "unique links")
_POST = frozenset({
    "access_token", "appsecret_proof", "media_type", "text", "image_url", "alt_text", "link_attachment", "topic_tag",
    "reply_control", "reply_to_id",
})  # fmt: skip


class _Threads(GraphDialect):
    name: ClassVar[str] = "threads"
    usage: ClassVar[str] = "threads"


def routes(state: State) -> list[BaseRoute]:
    dialect = _Threads()
    one, limits = "/v1.0/{id}", ((CALLS, 1),)

    def made(path: str, method: str, kind: str, handler: Handler, query: tuple[str, ...]) -> Route:
        return endpoint(state, dialect, path, method, kind, handler, query=query, limits=limits)

    return [
        mine(state, "threads", made("/v1.0/debug_token", "GET", "account", debug_token, DEBUG)),
        made(one + "/threads", "POST", "media", _create, EVERY),
        made(one + "/threads_publish", "POST", "publish", _publish, EVERY),
        made(one + "/threads", "GET", "list", _listed, LISTS),
        made(one + "/replies", "GET", "list", _replies, LISTS),
        made(one + "/threads_publishing_limit", "GET", "account", _quota, EVERY),
        made(one + "/threads_insights", "GET", "insights", _account_insights, INSIGHTS),
        made(one + "/insights", "GET", "insights", _insights, INSIGHTS),
        made(one, "GET", "read", _node, EVERY),
        made(one, "DELETE", "delete", _delete, EVERY),
    ]


# publishing


def _create(call: Call) -> Response:
    account = containers.own(call, "id")
    if isinstance(account, Response):
        return account
    values = {name: str(value) for name, value in call.fields.items()}
    if unknown := sorted(set(values) - _POST):
        return bad_parameter(f"Unknown parameter: {unknown[0]}")
    kind, text, image = (values.get(name, "") for name in ("media_type", "text", "image_url"))
    card, parent = values.get("link_attachment"), values.get("reply_to_id")
    if kind not in ("TEXT", "IMAGE"):
        return bad_parameter("Param media_type must be one of {TEXT, IMAGE}")
    if kind == "TEXT" and (not text.strip() or image):
        return bad_parameter("A post of the type TEXT takes a text and no image")
    if kind == "IMAGE" and not image.startswith(("https://", f"{call.state.origin}/")):
        return bad_parameter("The media could not be fetched from this URI")
    if card and kind != "TEXT":
        return bad_parameter("Param link_attachment is for posts of the type TEXT")
    if measure(text, TEXT) > TEXT.max:
        return refuse("threads/text", most=TEXT.max)
    if measure(f"{text} {card or ''}", LINKS) > LINKS.max:
        return refuse("threads/links", most=LINKS.max)
    if parent and call.state.post("threads", parent) is None:
        return bad_parameter("Param reply_to_id is no post")
    wanted = {"text": text, "image": image, "card": card, "alt": values.get("alt_text", ""), "parent": parent}
    return containers.create(call, KIND, wanted)


def _publish(call: Call) -> Response:
    account = containers.own(call, "id")
    if isinstance(account, Response):
        return account

    def made(container: Container, post_id: str) -> SandboxPost:
        said = container.fields
        written = [said["text"][start:end] for start, end in http_addresses(said["text"])]
        card = said["card"] or (written[0] if written and not said["image"] else None)
        return SandboxPost(
            "threads", account.id, post_id, said["text"], tuple(dict.fromkeys([*([card] if card else []), *written])),
            call.now, call.state.url("threads", account.handle, "post", post_id), call.now, parent_id=said["parent"],
            data={"container": container.id, "card": {"uri": card} if card else {}, "alt": [said["alt"]],
                  "image": bool(said["image"])},
        )  # fmt: skip

    return containers.publish(call, KIND, made)


def _delete(call: Call) -> Response:
    post = call.state.post("threads", call.path("id"))
    if post is None or post.account_id != call.account.id:
        return missing_node(call, call.path("id"))
    call.state.delete(post)
    return Json({"success": True, "deleted_id": post.id})


def _quota(call: Call) -> Response:
    return containers.quota(call, KIND, "id")


# reading

POST_FIELDS: dict[str, Callable[[SandboxPost], Any]] = {
    "id": lambda post: post.id,
    "text": lambda post: post.text or None,
    "timestamp": lambda post: post.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
    "permalink": lambda post: post.url,
    "media_type": lambda post: "IMAGE" if post.data["image"] else "TEXT_POST",
    "link_attachment_url": lambda post: post.data["card"].get("uri"),
    "alt_text": lambda post: post.data["alt"][0] or None,
    "is_reply": lambda post: post.parent_id is not None,
}
POST_METRICS: dict[str, Callable[[SandboxPost], int]] = {
    "views": lambda post: post.impressions,
    "likes": lambda post: post.likes,
    "replies": lambda post: post.replies,
    "reposts": lambda post: post.reposts,
    "quotes": lambda post: post.quotes,
    "shares": lambda post: 0,
}
_TOTALS = ("likes", "replies", "reposts", "quotes")
ACCOUNT_METRICS = dict.fromkeys(("views", *_TOTALS, "clicks", "followers_count"))


def _listed(call: Call) -> Response:
    return _list(call, replies=False)


def _replies(call: Call) -> Response:
    return _list(call, replies=True)


def _list(call: Call, *, replies: bool) -> Response:
    account = containers.own(call, "id")
    if isinstance(account, Response):
        return account
    if not call.state.behaviour(account, "lists"):
        return refuse("threads/permission")
    return listed(call, account, _post_json, POST_FIELDS, "id", "ThreadsMedia", replies=replies, posts=not replies)


def _post_json(post: SandboxPost, names: list[str]) -> dict[str, Any]:
    values = {name: POST_FIELDS[name](post) for name in dict.fromkeys((*names, "id"))}
    return {name: value for name, value in values.items() if value is not None}


def _node(call: Call) -> Response:
    name, names = call.path("id"), field_names(call.query("fields") or "id")
    if name in ("me", call.account.id):
        account = call.account
        known = {"id": account.id, "username": account.handle, "name": account.name}
        if unknown := [one for one in names if one not in known]:
            return no_field(unknown[0], "ThreadsUser")
        return Json({one: known[one] for one in dict.fromkeys((*names, "id"))})
    post = call.state.readable("threads", name)
    if post is None and (container := containers.find(call, name)):
        return containers.shown(call, container, KIND, names)
    if post is None or post.account_id != call.account.id:
        return missing_node(call, name)
    if unknown := [one for one in names if one not in POST_FIELDS]:
        return no_field(unknown[0], "ThreadsMedia")
    return Json(_post_json(post, names))


def _insights(call: Call) -> Response:
    post = call.state.readable("threads", call.path("id"))
    if post is None or post.account_id != call.account.id:
        return missing_node(call, call.path("id"))
    names = containers.metrics(call, KIND, POST_METRICS)
    if isinstance(names, Response):
        return names
    if containers.too_fresh(call, post):
        return Json({"data": []})
    data = [insight(post.id, name, "lifetime", values=[{"value": POST_METRICS[name](post)}]) for name in names]
    return Json({"data": data})


def _account_insights(call: Call) -> Response:
    account = containers.own(call, "id")
    if isinstance(account, Response):
        return account
    names = containers.metrics(call, KIND, ACCOUNT_METRICS)
    if isinstance(names, Response):
        return names
    return Json({"data": [insight(account.id, name, "day", **_told(call, account, name)) for name in names]})


def _told(call: Call, account: SandboxAccount, name: str) -> dict[str, Any]:
    """The three shapes. Counters are totals here: a period cuts nothing off."""
    posts = call.state.timelines.get(account.id, [])
    if name == "views":
        end = call.now.astimezone(UTC).strftime("%Y-%m-%dT07:00:00+0000")
        return {"values": [{"value": sum(post.impressions for post in posts), "end_time": end}]}
    if name == "clicks":
        clicked: dict[str, int] = {}
        for post in posts:
            if post.links and post.link_clicks:
                clicked[post.links[0]] = clicked.get(post.links[0], 0) + post.link_clicks
        return {"link_total_values": [{"value": count, "link_url": link} for link, count in clicked.items()]}
    if name == "followers_count":
        return {"total_value": {"value": account.followers}}
    return {"total_value": {"value": sum(POST_METRICS[name](post) for post in posts)}}
