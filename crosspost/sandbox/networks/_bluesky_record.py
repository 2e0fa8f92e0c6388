"""What a post's record may hold. Source: lexicons app.bsky.feed.post, app.bsky.embed.external and .images."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.responses import Response

from crosspost.domain.counting import measure
from crosspost.domain.limits import AtMost
from crosspost.sandbox.exchange import Call, refuse

COLLECTION = "app.bsky.feed.post"
TEXT = (AtMost(300, "graphemes"), AtMost(3000, "utf-8 bytes"))
IMAGE_MAX = 2_000_000
THUMB_MAX = 1_000_000


def record_problem(call: Call, record: Any) -> Response | None:
    if not isinstance(record, dict) or record.get("$type") != COLLECTION:
        return refuse("bluesky/record", message=f"Record/$type must be {COLLECTION}")
    text, created = record.get("text"), record.get("createdAt")
    if not isinstance(text, str):
        return refuse("bluesky/record", message='Record must have the property "text"')
    for limit in TEXT:
        if measure(text, limit) > limit.max:
            unit = "graphemes" if limit.unit == "graphemes" else "characters"
            return refuse("bluesky/record", message=f"Record/text must not be longer than {limit.max} {unit}")
    if not isinstance(created, str) or not is_datetime(created):
        return refuse("bluesky/record", message="Record/createdAt must be an valid atproto datetime")
    if len(record.get("langs") or []) > 3:
        return refuse("bluesky/record", message="Record/langs must not have more than 3 elements")
    size = len(text.encode("utf-8", "replace"))
    for facet in record.get("facets") or []:
        index = facet.get("index", {}) if isinstance(facet, dict) else {}
        start, end = index.get("byteStart"), index.get("byteEnd")
        if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= size:
            return refuse("bluesky/record", message="Record/facets: the byte range lies outside the text")
    return embed_problem(call, record.get("embed"))


def embed_problem(call: Call, embed: Any) -> Response | None:
    if embed is None:
        return None
    kind = embed.get("$type") if isinstance(embed, dict) else None
    if kind == "app.bsky.embed.external":
        external = embed.get("external") or {}
        for name in ("uri", "title", "description"):
            if not isinstance(external.get(name), str):
                return refuse("bluesky/record", message=f'Record/embed/external must have the property "{name}"')
        thumb = external.get("thumb")
        return blob_problem(call, thumb, THUMB_MAX) if thumb is not None else None
    if kind == "app.bsky.embed.images":
        images = embed.get("images") or []
        if not 1 <= len(images) <= 4:
            return refuse("bluesky/record", message="Record/embed/images must not have more than 4 elements")
        for image in images:
            if not isinstance(image.get("alt"), str):
                return refuse("bluesky/record", message='Record/embed/images/0 must have the property "alt"')
            if problem := blob_problem(call, image.get("image"), IMAGE_MAX):
                return problem
        return None
    return refuse("bluesky/record", message="Record/embed: this kind is not kept by the sandbox")


def blob_problem(call: Call, blob: Any, most: int) -> Response | None:
    link = blob.get("ref", {}).get("$link") if isinstance(blob, dict) else None
    media = call.state.media.get(f"{call.account.id}/{link}")
    if media is None or media.broken:
        return refuse("bluesky/blob", value=link)
    if not media.media_type.startswith("image/"):
        return refuse("bluesky/mime", message=f"Wrong type of file. It is {media.media_type} but it must be an image.")
    if len(media.content) > most:
        return refuse("bluesky/blob_size", message=f"It is {len(media.content)} bytes but the maximum is {most}.")
    return None


def is_datetime(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
