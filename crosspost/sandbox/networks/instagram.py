"""Instagram with Facebook Login. Source: developers.facebook.com, content publishing and insights, read 2026-06-22.

It shares its host with Facebook: its accounts, media and containers are told by their 17 digits, `me` by the token.
The image is not fetched here: any https address will do, and this server's own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any, ClassVar

from starlette.convertors import Convertor, register_url_convertor
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
    versioned,
)
from crosspost.sandbox.state import Container, SandboxAccount, SandboxPost, State

KIND = Kind("instagram", "17", 100, "status_code", "status", "Error: Media upload has failed with error code 2207005")
CAPTION = AtMost(2200, "utf-16 units")
HASHTAGS = AtMost(5, "hashtags")
COMMENT = (AtMost(300, "utf-16 units"), AtMost(4, "hashtags"), AtMost(1, "unique links"))
_MEDIA = frozenset({"access_token", "appsecret_proof", "image_url", "caption", "alt_text"})


class _InstagramId(Convertor[str]):
    regex = r"17[0-9]{15}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("instagram", _InstagramId())


class _Instagram(GraphDialect):
    name: ClassVar[str] = "instagram"
    usage: ClassVar[str] = "instagram"


def routes(state: State) -> list[BaseRoute]:
    dialect = _Instagram()
    one, limits = "/{version:graph}/{id:instagram}", ((CALLS, 1),)

    def made(path: str, method: str, kind: str, handler: Handler, query: tuple[str, ...]) -> Route:
        return endpoint(state, dialect, path, method, kind, versioned(handler), query=query, limits=limits)

    return [
        mine(state, "instagram", made("/{version:graph}/me", "GET", "account", _page, EVERY)),
        mine(state, "instagram", made("/{version:graph}/debug_token", "GET", "account", debug_token, DEBUG)),
        made(one + "/media", "POST", "media", _create, EVERY),
        made(one + "/comments", "POST", "publish", _comment, EVERY),
        made(one + "/media_publish", "POST", "publish", _publish, EVERY),
        made(one + "/media", "GET", "list", _listed, LISTS),
        made(one + "/content_publishing_limit", "GET", "account", _quota, (*EVERY, "since")),
        made(one + "/insights", "GET", "insights", _insights, INSIGHTS),
        made(one, "GET", "read", _node, EVERY),
        made(one, "DELETE", "delete", _delete, EVERY),
    ]


# publishing


def _create(call: Call) -> Response:
    account = containers.own(call, "id")
    if isinstance(account, Response):
        return account
    if unknown := sorted(set(call.fields) - _MEDIA):
        return bad_parameter(f"Unknown parameter: {unknown[0]}")
    image, caption = str(call.fields.get("image_url") or ""), str(call.fields.get("caption") or "")
    if not image:
        return bad_parameter("The parameter image_url is required")
    if not image.startswith("https://") and not image.startswith(f"{call.state.origin}/"):
        return refuse("instagram/unreachable", value=image)
    if image.partition("?")[0].rpartition(".")[2].lower() not in ("jpg", "jpeg"):
        return refuse("instagram/format")
    if measure(caption, CAPTION) > CAPTION.max:
        return refuse("instagram/caption")
    if measure(caption, HASHTAGS) > HASHTAGS.max:
        return refuse("instagram/hashtags", most=HASHTAGS.max)
    return containers.create(call, KIND, {"caption": caption, "alt": str(call.fields.get("alt_text") or "")})


def _publish(call: Call) -> Response:
    account = containers.own(call, "id")
    if isinstance(account, Response):
        return account

    def made(container: Container, post_id: str) -> SandboxPost:
        caption = container.fields["caption"]
        # Nobody can click them: who follows one has typed it.
        written = [caption[start:end] for start, end in http_addresses(caption)]
        return SandboxPost(
            "instagram", account.id, post_id, caption, tuple(dict.fromkeys(written)), call.now,
            call.state.url("instagram", "p", post_id), call.now,
            data={"container": container.id, "alt": [container.fields["alt"]]},
        )  # fmt: skip

    return containers.publish(call, KIND, made)


def _comment(call: Call) -> Response:
    """One that breaks the rules for comments is refused; in which words, nobody has written down."""
    parent = call.state.post("instagram", call.path("id"))
    if parent is None or parent.account_id != call.account.id:
        return missing_node(call, call.path("id"))
    if unknown := sorted(set(call.fields) - {"access_token", "appsecret_proof", "message"}):
        return bad_parameter(f"Unknown parameter: {unknown[0]}")
    text = str(call.fields.get("message") or "")
    shouted = any(char.isupper() for char in text) and not any(char.islower() for char in text)
    if not text.strip() or shouted or any(measure(text, limit) > limit.max for limit in COMMENT):
        return refuse("instagram/comment")
    comment_id = containers.new_id(call.state, KIND)
    written = [text[start:end] for start, end in http_addresses(text)]
    post = SandboxPost(
        "instagram", call.account.id, comment_id, text, tuple(dict.fromkeys(written)), call.now, parent.url, call.now,
        parent_id=parent.id, data={"alt": [""]},
    )  # fmt: skip
    call.state.commit(post, late=call.late)
    return Json({"id": comment_id})


def _delete(call: Call) -> Response:
    post = call.state.post("instagram", call.path("id"))
    if post is None or post.account_id != call.account.id:
        return missing_node(call, call.path("id"))
    call.state.delete(post)
    return Json({"success": True})


def _quota(call: Call) -> Response:
    return containers.quota(call, KIND, "id")


# reading

MEDIA_FIELDS: dict[str, Callable[[SandboxPost], Any]] = {
    "id": lambda post: post.id,
    "caption": lambda post: post.text or None,
    "timestamp": lambda post: post.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
    "permalink": lambda post: post.url,
    "media_type": lambda post: "IMAGE",
    "media_product_type": lambda post: "FEED",
    "alt_text": lambda post: post.data["alt"][0] or None,
    "like_count": lambda post: post.likes,
    "comments_count": lambda post: post.replies,
}
MEDIA_METRICS: dict[str, Callable[[SandboxPost], int]] = {
    "views": lambda post: post.impressions,
    "reach": lambda post: post.reach,
    "likes": lambda post: post.likes,
    "comments": lambda post: post.replies,
    "saved": lambda post: post.bookmarks,
    "shares": lambda post: post.quotes,
    "reposts": lambda post: post.reposts,
    "profile_visits": lambda post: post.profile_clicks,
    "total_interactions": lambda post: post.likes + post.replies + post.bookmarks + post.quotes + post.reposts,
}


def _listed(call: Call) -> Response:
    account = containers.own(call, "id")
    if isinstance(account, Response):
        return account
    if not call.state.behaviour(account, "lists"):
        return refuse("instagram/permission")
    return listed(call, account, _media_json, MEDIA_FIELDS, "id", "Media", replies=False)


def _media_json(post: SandboxPost, names: list[str]) -> dict[str, Any]:
    values = {name: MEDIA_FIELDS[name](post) for name in dict.fromkeys((*names, "id"))}
    return {name: value for name, value in values.items() if value is not None}


def _account_json(call: Call, account: SandboxAccount) -> dict[str, Any]:
    return {
        "id": account.id, "username": account.handle, "name": account.name, "followers_count": account.followers,
        "follows_count": account.following, "media_count": call.state.standing.get(account.id, 0),
    }  # fmt: skip


def _page(call: Call) -> Response:
    """The Page that the account is connected to."""
    account = call.account
    connected = {name: _account_json(call, account)[name] for name in ("id", "username", "name")}
    page = {"id": account.id[2:], "name": account.name, "instagram_business_account": connected}
    names = field_names(call.query("fields") or "id,name")
    if unknown := [name for name in names if name not in page]:
        return no_field(unknown[0], "Page")
    return Json({name: page[name] for name in dict.fromkeys((*names, "id"))})


def _node(call: Call) -> Response:
    name = call.path("id")
    if name == call.account.id:
        known, names = _account_json(call, call.account), field_names(call.query("fields") or "id")
        if unknown := [one for one in names if one not in known]:
            return no_field(unknown[0], "IGUser")
        return Json({one: known[one] for one in dict.fromkeys((*names, "id"))})
    names = field_names(call.query("fields") or "id")
    post = call.state.readable("instagram", name)
    if post is None and (container := containers.find(call, name)):
        return containers.shown(call, container, KIND, names)
    if post is None or post.account_id != call.account.id:
        return missing_node(call, name)
    if unknown := [one for one in names if one not in MEDIA_FIELDS]:
        return no_field(unknown[0], "Media")
    return Json(_media_json(post, names))


def _insights(call: Call) -> Response:
    post = call.state.readable("instagram", call.path("id"))
    if post is None or post.account_id != call.account.id:
        return missing_node(call, call.path("id"))
    names = containers.metrics(call, KIND, MEDIA_METRICS)
    if isinstance(names, Response):
        return names
    if containers.too_fresh(call, post):
        return Json({"data": []})
    return Json({
        "data": [
            insight(post.id, name, "lifetime", values=[{"value": MEDIA_METRICS[name](post)}])
            for name in names
        ]
    })  # fmt: skip
