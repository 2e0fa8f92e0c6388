"""What Graph shows: nodes by their fields, and its refusals."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from crosspost.sandbox.exchange import Call, refuse
from crosspost.sandbox.state import SandboxAccount, SandboxPost


def page_json(account: SandboxAccount) -> dict[str, Any]:
    return {
        "id": account.id, "name": account.name, "username": account.handle,
        "followers_count": account.followers, "fan_count": account.followers,
        "link": f"https://www.facebook.com/{account.handle}",
    }  # fmt: skip


def attachments_of(post: SandboxPost) -> dict[str, Any] | None:
    if post.media:
        return {"data": [{"media_type": "photo", "url": post.url, "unshimmed_url": post.url}]}
    if not (target := post.data["card"].get("uri")):
        return None
    mark = hashlib.sha256(target.encode()).hexdigest()[:12]
    shim = f"https://l.facebook.com/l.php?u={quote(target, safe='')}&h=AT{mark}"
    return {"data": [{"media_type": "link", "url": shim, "unshimmed_url": target}]}


def summary(count: int) -> dict[str, Any]:
    return {"data": [], "summary": {"total_count": count}}


POST_FIELDS: dict[str, Callable[[SandboxPost], Any]] = {
    "id": lambda post: post.id,
    "message": lambda post: post.text or None,
    "created_time": lambda post: post.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
    "permalink_url": lambda post: post.url,
    "attachments": attachments_of,
    "shares": lambda post: {"count": post.reposts} if post.reposts else None,
    "likes": lambda post: summary(post.likes),
    "reactions": lambda post: summary(post.likes),
    "comments": lambda post: summary(post.replies),
    "is_published": lambda post: True,
    "from": lambda post: {"id": post.account_id},
}


def post_json(post: SandboxPost, names: list[str]) -> dict[str, Any]:
    """The fields asked for; those a post does not have are left out, as Graph does."""
    shown = {name: POST_FIELDS[name](post) for name in dict.fromkeys((*names, "id"))}
    return {name: value for name, value in shown.items() if value is not None}


def field_names(fields: str) -> list[str]:
    """The names at the top of `a,b{c,d},e.summary(true)`."""
    plain, before = fields, ""
    while plain != before:
        before, plain = plain, re.sub(r"\{[^{}]*\}|\([^()]*\)", "", plain)
    return [one.partition(".")[0].strip() for one in plain.split(",") if one.strip()]


def instant(text: str | None) -> datetime | None:
    """Unix seconds or an ISO instant."""
    if not text:
        return None
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def bad_parameter(message: str) -> Response:
    return refuse("facebook/parameter", message=message)


def no_field(name: str, node: str) -> Response:
    return bad_parameter(f"Tried accessing nonexisting field ({name}) on node type ({node})")


def missing_node(call: Call, value: str) -> Response:
    return refuse("facebook/missing", method=call.request.method.lower(), value=value)
