"""X's uploads: one request each, then a description, before the post."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from starlette.responses import Response

from crosspost.sandbox.exchange import Call, Json
from crosspost.sandbox.networks._images import media_type
from crosspost.sandbox.networks._x_shapes import (
    as_object,
    invalid,
)
from crosspost.sandbox.state import Media

ALT_MAX = 1000
IMAGE_MAX = 5_000_000
GIF_MAX = 15_000_000
IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")


def upload(call: Call) -> Response:
    if call.broken:
        return invalid("body", "", call.broken)
    if unknown := sorted(set(call.fields) - {"media", "media_category", "additional_owners"}):
        return invalid(unknown[0], "", f"$.{unknown[0]}: is not defined in the schema")
    category = call.fields.get("media_category")
    if category not in ("tweet_image", "tweet_gif"):
        return invalid("media_category", str(category), "$.media_category: is not taken by the sandbox")
    if "media" in call.files:
        content = call.files["media"][0]
    else:
        try:
            content = base64.b64decode(str(call.fields.get("media", "")), validate=True)
        except binascii.Error:
            return invalid("media", "", "$.media: is neither binary nor base64")
    kind = media_type(content)
    if kind not in IMAGES or len(content) > (GIF_MAX if category == "tweet_gif" else IMAGE_MAX):
        return invalid("media", kind, "media type unrecognized or the file is too large.")
    media = Media(
        call.state.snowflake(), call.account.id, content, kind,
        polls_left=int(call.state.behaviour(call.account, "media_polls")),
        broken=call.struck("media_failure") is not None,
    )  # fmt: skip
    call.state.media[media.id] = media
    return Json({"data": upload_json(media)})


def upload_json(media: Media) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": media.id, "media_key": f"3_{media.id}", "size": len(media.content), "expires_after_secs": 86400,
    }  # fmt: skip
    if media.broken:
        found["processing_info"] = {"state": "failed", "progress_percent": 50}
    elif media.polls_left:
        found["processing_info"] = {"state": "in_progress", "progress_percent": 50, "check_after_secs": 1}
    return found


def upload_status(call: Call) -> Response:
    media = call.state.media.get(call.query("media_id") or "")
    if media is None or media.account_id != call.account.id:
        return invalid("media_id", call.query("media_id") or "", "Your media ID is invalid.")
    media.polls_left = max(0, media.polls_left - 1)
    found = upload_json(media)
    return Json({"data": {**found, "processing_info": found.get("processing_info", {"state": "succeeded"})}})


def metadata(call: Call) -> Response:
    alt = as_object(as_object(call.fields.get("metadata")).get("alt_text")).get("text")
    media = call.state.media.get(str(call.fields.get("id")))
    if media is None or media.account_id != call.account.id:
        return invalid("id", str(call.fields.get("id")), "Your media ID is invalid.")
    if not isinstance(alt, str) or len(alt) > ALT_MAX:
        return invalid("metadata.alt_text.text", "", f"alt text holds at most {ALT_MAX} characters")
    media.alt = alt
    return Json({"data": {"id": media.id, "associated_metadata": {"alt_text": {"text": alt}}}})
