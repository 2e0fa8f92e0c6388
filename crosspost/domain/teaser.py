"""A teaser: the text of one article for one account, frozen when it is approved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Placement = Literal["text", "card", "reply", "bio", "none"]
PLACEMENTS: tuple[Placement, ...] = ("text", "card", "reply", "bio", "none")


@dataclass(frozen=True, slots=True)
class Card:
    """The preview of the article's page, for networks whose client supplies it."""

    url: str  # the tracked link
    title: str
    description: str
    image: str | None = None  # key of an attachment below


@dataclass(frozen=True, slots=True)
class Attachment:
    """An image's bytes live in the data folder under their SHA-256; the teaser holds the reference."""

    sha256: str
    media_type: str
    alt: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Teaser:
    """What is sent, to the byte. Nothing in it may be computed again at sending time.

    `link` is the address readers click, and it stands in `text` unless `link_placement` says otherwise: without it
    the post has no fingerprint. The link of a post whose placement is "reply" is its reply's own.
    """

    text: str
    link: str
    language: str | None = None
    link_placement: str = "text"
    card: Card | None = None
    images: tuple[Attachment, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)  # network's own: visibility, spoiler_text, board…

    def as_json(self) -> str:
        """Canonical JSON: equal teasers give equal bytes."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.as_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> Teaser:
        raw: dict[str, Any] = json.loads(text)
        card = Card(**raw.pop("card")) if raw.get("card") else (raw.pop("card", None), None)[1]
        images = tuple(Attachment(**image) for image in raw.pop("images", ()))
        return cls(card=card, images=images, **raw)
