"""What Mastodon shows: statuses as HTML, accounts and attachments."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import escape
from typing import Any

from starlette.requests import Request

from crosspost.domain.addresses import http_addresses
from crosspost.sandbox.exchange import Call
from crosspost.sandbox.state import Media, SandboxAccount, SandboxPost, State

VERSION = "4.5.3"
LINK_COST = 23
ALT_MAX = 1500
IMAGE_MAX = 16 * 1024 * 1024
IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
TAG = re.compile(r"(?<![\w/])#(\w*[^\W\d]\w*)")


def bearer(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def status_json(call: Call, post: SandboxPost) -> dict[str, Any]:
    state = call.state
    media = [state.media[one] for one in post.media if one in state.media]
    parent = state.post("mastodon", post.parent_id) if post.parent_id else None
    return {
        "id": post.id,
        "created_at": stamp(post.created_at),
        "in_reply_to_id": post.parent_id,
        "in_reply_to_account_id": parent.account_id if parent else None,
        "sensitive": post.data["sensitive"],
        "spoiler_text": post.data["spoiler"],
        "visibility": post.data["visibility"],
        "language": post.language,
        "uri": state.url("users", state.accounts[post.account_id].handle, "statuses", post.id),
        "url": post.url,
        "replies_count": post.replies,
        "reblogs_count": post.reposts,
        "favourites_count": post.likes,
        "quotes_count": post.quotes,
        "edited_at": None,
        "content": as_html(post.text, state.origin),
        "reblog": None,
        "account": account_json(state, state.accounts[post.account_id]),
        "media_attachments": [attachment_json(call, one) for one in media],
        "mentions": [],
        "tags": [
            {"name": tag.lower(), "url": state.url("tags", tag.lower())}
            for tag in dict.fromkeys(TAG.findall(post.text))
        ],
        "emojis": [],
        "card": None,
        "poll": None,
    }


def as_html(text: str, origin: str) -> str:
    """Addresses and hashtags become anchors, paragraphs and lines stay."""
    parts, position = [], 0
    for start, end in http_addresses(text):
        address = escape(text[start:end])
        parts.append(tagged(text[position:start], origin))
        parts.append(f'<a href="{address}" target="_blank" rel="nofollow noopener" translate="no">{address}</a>')
        position = end
    parts.append(tagged(text[position:], origin))
    paragraphs = "".join(parts).replace("\r", "").split("\n\n")
    return "".join("<p>" + part.replace("\n", "<br />") + "</p>" for part in paragraphs)


def tagged(text: str, origin: str) -> str:
    return TAG.sub(
        lambda found: (
            f'<a href="{origin}/tags/{found[1].lower()}" class="mention hashtag" rel="tag">#<span>{found[1]}</span></a>'
        ),
        escape(text, quote=False),
    )


def reader_json(state: State, acct: str) -> dict[str, Any]:
    """Somebody who reacted: people of this instance without its host, as `acct` has it."""
    name = acct.partition("@")[0]
    stranger = SandboxAccount("mastodon", str(sum(acct.encode()) + 10**14), name, name, 0, state.clock.now())
    return {**account_json(state, stranger), "acct": acct}


def account_json(state: State, account: SandboxAccount) -> dict[str, Any]:
    picture = state.url("_sandbox/portrait.svg")
    return {
        "id": account.id,
        "username": account.handle,
        "acct": account.handle,
        "display_name": account.name,
        "locked": False,
        "bot": False,
        "group": False,
        "discoverable": True,
        "indexable": True,
        "created_at": stamp(account.created_at),
        "note": "",
        "url": state.url(f"@{account.handle}"),
        "uri": state.url("users", account.handle),
        "avatar": picture,
        "avatar_static": picture,
        "header": picture,
        "header_static": picture,
        "followers_count": account.followers,
        "following_count": account.following,
        "statuses_count": state.standing.get(account.id, 0),
        "last_status_at": None,
        "emojis": [],
        "fields": [],
    }


def attachment_json(call: Call, media: Media, ready: bool | None = None) -> dict[str, Any]:
    url = call.state.url("_sandbox/media", media.id)
    ready = media.polls_left == 0 and not media.broken if ready is None else ready
    return {
        "id": media.id,
        "type": "image",
        "url": url if ready else None,
        "preview_url": url,
        "remote_url": None,
        "meta": {},
        "description": media.alt or None,
        "blurhash": None,
    }


def stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
