"""Who reacted to a post: those whom a test or a world names, and for the rest of its count people without a past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crosspost.sandbox.state import SandboxPost, State

_COUNTS = {"like": "likes", "repost": "reposts"}


@dataclass(frozen=True, slots=True)
class Reader:
    handle: str
    at: datetime


def react(state: State, network: str, post_id: str, kind: str, handles: list[str]) -> int:
    """These people react to the post; how many do in all. Raises ValueError."""
    if kind not in _COUNTS:
        raise ValueError(f"no reaction {kind!r}: one of {', '.join(_COUNTS)}")
    post = state.post(network, post_id)
    if post is None:
        raise ValueError(f"no post {post_id!r} on {network}")
    named = post.data.setdefault("reactors", {}).setdefault(kind, [])
    named += [Reader(handle, state.clock.now()) for handle in handles]
    setattr(post, _COUNTS[kind], getattr(post, _COUNTS[kind]) + len(handles))
    return int(getattr(post, _COUNTS[kind]))


def readers(post: SandboxPost, kind: str) -> list[Reader]:
    """Everybody who reacted so, the named ones first: as many as the post counts."""
    named = list(post.data.get("reactors", {}).get(kind, []))
    rest = int(getattr(post, _COUNTS[kind])) - len(named)
    host = ".test" if post.network == "bluesky" else "@elsewhere.test"
    return named + [Reader(f"reader{number}{host}", post.created_at) for number in range(rest)]
