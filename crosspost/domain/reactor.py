"""Who reacted to a post: a name for the moment it takes to hash it, and never shown."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from crosspost.domain.errors import BadInput
from crosspost.domain.person import person_hash


@dataclass(frozen=True, slots=True)
class Reactor:
    """`handle` is the name people write, `id` one that outlives a change of it. Neither shows in a repr or a log."""

    kind: str  # like, repost
    handle: str = field(repr=False)
    id: str | None = field(default=None, repr=False)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reactors:
    """`partial` is why the list is not whole; None when it is."""

    people: tuple[Reactor, ...]
    partial: str | None = None


def handle_hash(network: str, name: str, key: bytes) -> str:
    """The keyed hash of a name on a network, with or without its first @. Raises BadInput for an empty one."""
    plain = name.strip().removeprefix("@")
    try:
        return person_hash(f"{network}:{plain}" if plain else "", key)
    except ValueError as error:
        raise BadInput(str(error), remedy="write network:@name, such as mastodon:@ana@mastodon.example") from None


def mark_of(person: str, key: bytes) -> str:
    """By what an erased person is recognised, and nothing else is: another hash, of their hash."""
    return hmac.new(key, b"erased\x00" + person.encode(), sha256).hexdigest()


def told_handle(text: str) -> tuple[str, str]:
    """`mastodon:@ana@mastodon.example` as network and name. Raises BadInput, without repeating the name."""
    network, colon, name = text.partition(":")
    if not colon or not network.strip() or not name.strip().removeprefix("@"):
        raise BadInput("a handle is a network and a name", remedy="write mastodon:@ana@mastodon.example")
    return network.strip().lower(), name.strip()
