"""A Bluesky post as its record: a pure function of the delivery, equal to the byte on every attempt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from crosspost.domain.addresses import http_addresses
from crosspost.domain.delivery import Outgoing
from crosspost.networks._matching import pictures

COLLECTION = "app.bsky.feed.post"
_FACET = "app.bsky.richtext.facet"
_TAG = re.compile(r"(?<![\w#/&])#(\w*[^\W\d_]\w*)")  # at least one letter: "#1" is no tag
MAX_TAG_BYTES = 640
THUMB_BYTES = 1_000_000  # a card's picture; lexicons/app/bsky/embed/external.json


def post_record(
    outgoing: Outgoing, blobs: Mapping[str, dict[str, Any]], reply: dict[str, Any] | None
) -> dict[str, Any]:
    """The record of a post. `blobs` maps the SHA-256 of each image to its uploaded blob object.

    One embed fits: the card, else the images. A card whose picture was too large for one goes out without it.
    """
    teaser = outgoing.teaser
    record: dict[str, Any] = {
        "$type": COLLECTION,
        "text": teaser.text,
        "createdAt": outgoing.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{outgoing.created_at.microsecond // 1000:03d}Z",
    }
    if teaser.language:
        record["langs"] = [teaser.language]
    if found := facets(teaser.text, teaser.link):
        record["facets"] = found
    images = [
        {"image": blobs[image.sha256], "alt": image.alt}
        | ({"aspectRatio": {"width": image.width, "height": image.height}} if image.width and image.height else {})
        for image in pictures(teaser)
    ]
    if teaser.card:
        card = {"uri": teaser.card.url, "title": teaser.card.title, "description": teaser.card.description}
        picture = blobs.get(teaser.card.image or "")
        thumb = {"thumb": picture} if picture else {}
        record["embed"] = {"$type": "app.bsky.embed.external", "external": card | thumb}
    elif images:
        record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
    if reply:
        record["reply"] = reply
    return record


def facets(text: str, link: str) -> list[dict[str, Any]]:
    """What is clickable in the text: Bluesky links nothing by itself. Positions are UTF-8 bytes, in order."""
    spans: list[tuple[int, int, dict[str, str]]] = []

    def add(start: int, end: int, feature: dict[str, str]) -> None:
        if all(end <= left or start >= right for left, right, _ in spans):
            spans.append((start, end, feature))

    at = text.find(link) if link else -1
    if at >= 0:
        add(at, at + len(link), {"$type": f"{_FACET}#link", "uri": link})
    for start, end in http_addresses(text):
        add(start, end, {"$type": f"{_FACET}#link", "uri": text[start:end]})
    for match in _TAG.finditer(text):
        if len(match[1].encode()) <= MAX_TAG_BYTES:
            add(match.start(), match.end(), {"$type": f"{_FACET}#tag", "tag": match[1]})
    return [
        {"index": {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())}, "features": [feature]}
        for start, end, feature in sorted(spans, key=lambda span: span[0])
    ]


def links_of(record: Mapping[str, Any]) -> list[str]:
    """The addresses in a record: of its facets and of its card."""
    found = []
    facets_ = record.get("facets")
    for facet in facets_ if isinstance(facets_, list) else []:
        features = facet.get("features") if isinstance(facet, dict) else None
        for feature in features if isinstance(features, list) else []:
            if isinstance(feature, dict) and isinstance(feature.get("uri"), str):
                found.append(feature["uri"])
    embed = record.get("embed")
    external = embed.get("external") if isinstance(embed, dict) else None
    if isinstance(external, dict) and isinstance(external.get("uri"), str):
        found.append(external["uri"])
    return found
