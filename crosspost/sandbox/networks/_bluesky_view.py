"""The public app view: posts with their counts, feeds and profiles, without a login."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from crosspost.sandbox.exchange import Call, Json, refuse
from crosspost.sandbox.lists import page_size, shown_until
from crosspost.sandbox.reactors import readers
from crosspost.sandbox.state import SandboxAccount, SandboxPost, State


def get_posts(call: Call) -> Response:
    uris = call.request.query_params.getlist("uris")
    if not 1 <= len(uris) <= 25:
        return invalid("Error: uris must not have more than 25 elements")
    found = (call.state.readable("bluesky", uri) for uri in uris)
    return Json({"posts": [post_view(call.state, post) for post in found if post is not None]})


def get_likes(call: Call) -> Response:
    """Each like with its actor and its time."""
    return _readers(call, "like", "likes")


def get_reposted_by(call: Call) -> Response:
    """The actors alone."""
    return _readers(call, "repost", "repostedBy")


def _readers(call: Call, kind: str, name: str) -> Response:
    uri, cursor, size = call.query("uri") or "", call.query("cursor"), size_of(call, 100)
    if size is None or (cursor and not cursor.isdecimal()):
        return invalid("Error: limit must be an integer between 1 and 100")
    post = call.state.readable("bluesky", uri)
    every = readers(post, kind) if post is not None else []
    start = int(cursor or 0)
    shown: list[dict[str, Any]] = []
    for one in every[start : start + size]:
        digest = hashlib.sha256(one.handle.encode()).digest()[:24]
        did = "did:plc:" + "".join("abcdefghijklmnopqrstuvwxyz234567"[byte & 31] for byte in digest)
        actor = {"did": did, "handle": one.handle, "labels": []}
        told = {"actor": actor, "createdAt": stamp(one.at), "indexedAt": stamp(one.at)}
        shown.append(told if kind == "like" else actor)
    more = {"cursor": str(start + size)} if start + size < len(every) else {}
    return Json({"uri": uri, name: shown, **more})


def author_feed(call: Call) -> Response:
    account = account_of(call.state, call.query("actor") or "")
    if account is None:
        return invalid("Profile not found")
    if not call.state.behaviour(account, "lists"):
        return refuse("bluesky/auth_missing")
    size, cursor = size_of(call, 100), call.query("cursor")
    if size is None or (cursor and not cursor.isdecimal()):
        return invalid("Error: limit must be an integer between 1 and 100")
    timeline, until = call.state.timelines.get(account.id, []), shown_until(call, account)
    index = min(int(cursor), len(timeline)) if cursor else len(timeline)
    found: list[SandboxPost] = []
    while index > 0 and len(found) < size:
        index -= 1
        post = timeline[index]
        if not post.deleted and post.committed_at <= until and wanted(call, post):
            found.append(post)
    more = {"cursor": str(index)} if index and len(found) == size else {}
    return Json({"feed": [{"post": post_view(call.state, post)} for post in found], **more})


def wanted(call: Call, post: SandboxPost) -> bool:
    match call.query("filter"):
        case "posts_no_replies":
            return not post.parent_id
        case "posts_with_media":
            return bool(post.media)
    return True


def post_view(state: State, post: SandboxPost) -> dict[str, Any]:
    account = state.accounts[post.account_id]
    return {
        "uri": post.id,
        "cid": post.data["cid"],
        "author": {"did": account.id, "handle": account.handle, "displayName": account.name},
        "record": post.data["record"],
        "likeCount": post.likes,
        "repostCount": post.reposts,
        "replyCount": post.replies,
        "quoteCount": post.quotes,
        "bookmarkCount": post.bookmarks,
        "indexedAt": stamp(post.committed_at),
        "labels": [],
    }


def profile(call: Call) -> Response:
    account = account_of(call.state, call.query("actor") or "")
    if account is None:
        return invalid("Profile not found")
    return Json({
        "did": account.id, "handle": account.handle, "displayName": account.name,
        "followersCount": account.followers, "followsCount": account.following,
        "postsCount": call.state.standing.get(account.id, 0), "createdAt": stamp(account.created_at), "labels": [],
    })  # fmt: skip


def resolve(call: Call) -> Response:
    account = account_of(call.state, call.query("handle") or "")
    return invalid("Unable to resolve handle") if account is None else Json({"did": account.id})


def account_of(state: State, name: str) -> SandboxAccount | None:
    """By DID or handle."""
    if (account := state.accounts.get(name)) is not None:
        return account if account.network == "bluesky" else None
    return next(
        (one for one in state.accounts.values() if one.network == "bluesky" and one.handle.lower() == name.lower()),
        None,
    )


def size_of(call: Call, most: int) -> int | None:
    text = call.query("limit") or "50"
    return page_size(call, int(text)) if text.isdecimal() and 1 <= int(text) <= most else None


def invalid(message: str) -> Response:
    return refuse("bluesky/invalid", message=message)


def stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
