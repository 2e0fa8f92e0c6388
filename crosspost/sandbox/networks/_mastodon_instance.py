"""What a Mastodon instance says of itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from crosspost.sandbox.behaviour import BEHAVIOUR
from crosspost.sandbox.exchange import Call, Json
from crosspost.sandbox.networks._mastodon_shapes import (
    ALT_MAX,
    IMAGE_MAX,
    IMAGES,
    LINK_COST,
    VERSION,
    bearer,
)


def switches(call: Call) -> tuple[int, str]:
    """The instance as the asking account sees it; without a token, as the newest account of the sandbox does."""
    token = call.state.token("mastodon", bearer(call.request))
    account = call.state.accounts.get(token.account_id) if token else None
    if account is None:
        known = [one for one in call.state.accounts.values() if one.network == "mastodon"]
        account = known[-1] if known else None
    if account is None:
        return int(BEHAVIOUR["text_limit"]), str(BEHAVIOUR["software"])
    state = call.state
    return int(state.behaviour(account, "text_limit")), str(state.behaviour(account, "software"))


def version_of(software: str) -> str:
    return VERSION if software == "mastodon" else f"2.7.2 (compatible; {software} 0.20.0)"


def configuration(maximum: int) -> dict[str, Any]:
    return {
        "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
        "statuses": {
            "max_characters": maximum,
            "max_media_attachments": 4,
            "characters_reserved_per_url": LINK_COST,
        },
        "media_attachments": {
            "supported_mime_types": list(IMAGES),
            "description_limit": ALT_MAX,
            "image_size_limit": IMAGE_MAX,
            "image_matrix_limit": 33177600,
            "video_size_limit": 103809024,
            "video_frame_rate_limit": 120,
            "video_matrix_limit": 8294400,
        },
        "polls": {
            "max_options": 4,
            "max_characters_per_option": 50,
            "min_expiration": 300,
            "max_expiration": 2629746,
        },
    }


def instance(call: Call) -> Response:
    maximum, software = switches(call)
    origin, host = call.state.origin, urlsplit(call.state.origin).netloc
    urls = {"streaming": f"ws://{host}", "about": f"{origin}/", "status": None}
    active = sum(one.network == "mastodon" for one in call.state.accounts.values())
    return Json({
        "domain": host,
        "title": "crosspost sandbox",
        "version": version_of(software),
        "source_url": "https://github.com/mastodon/mastodon",
        "description": "A stand-in on this machine. Nothing here is public.",
        "usage": {"users": {"active_month": active}},
        "thumbnail": {"url": f"{origin}/_sandbox/portrait.svg"},
        "icon": [],
        "languages": ["fr"],
        "configuration": {**configuration(maximum), "urls": urls, "translation": {"enabled": False}},
        "registrations": {"enabled": False, "approval_required": False, "message": None},
        "api_versions": {"mastodon": 7} if software == "mastodon" else {"mastodon": 0},
        "contact": {"email": "sandbox@example.org", "account": None},
        "rules": [],
    })  # fmt: skip


def instance_v1(call: Call) -> Response:
    maximum, software = switches(call)
    host = urlsplit(call.state.origin).netloc
    users = sum(one.network == "mastodon" for one in call.state.accounts.values())
    return Json({
        "uri": host,
        "title": "crosspost sandbox",
        "short_description": "A stand-in on this machine.",
        "description": "A stand-in on this machine. Nothing here is public.",
        "email": "sandbox@example.org",
        "version": version_of(software),
        "urls": {"streaming_api": f"ws://{host}"},
        "stats": {"user_count": users, "status_count": len(call.state.posts), "domain_count": 0},
        "thumbnail": None,
        "languages": ["fr"],
        "registrations": False,
        "approval_required": False,
        "invites_enabled": False,
        "configuration": configuration(maximum),
        "contact_account": None,
        "rules": [],
    })  # fmt: skip
