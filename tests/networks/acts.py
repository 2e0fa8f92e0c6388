"""Everything an adapter can be asked for, as calls: whatever a network offers is among them, in the future too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from crosspost.domain.delivery import Outgoing
from crosspost.domain.errors import NotSent, Rejected
from crosspost.domain.post import Post
from crosspost.sandbox.running import Sandbox
from tests.networks.kits import Adapter
from tests.networks.test_sandbox import Presence, presence, since

# Of every post in the list: no two alike and none zero, so that a number out of the wrong place is seen.
COUNTS = {
    "impressions": 900, "reach": 700, "likes": 31, "replies": 17, "reposts": 13, "quotes": 7, "bookmarks": 5,
    "link_clicks": 41, "profile_clicks": 3,
}  # fmt: skip
FOLLOWERS = 1040  # a Page with fewer than 100 has no insights
WORKING = ("206", "in_progress", "PROCESSING", "IN_PROGRESS")  # said of an image, or of a container
# LinkedIn speaks differently for a page and for a member.
PRESENCES = ("x", "facebook", "mastodon", "bluesky", "instagram", "threads", "linkedin", "linkedin/member", "pinterest")


@dataclass(frozen=True)
class Act:
    """One call. `kind` is what is promised of it: publish, delete, look, list, count, verify, examine or other."""

    name: str
    kind: str
    do: Callable[[Adapter], Any]


def scene(sandbox: Sandbox, name: str) -> tuple[Presence, list[Act], Post]:
    """An account with two posts that people have seen, all that can be asked of it, and the first post."""
    there = _account(sandbox, name)
    adapter = there.adapter()
    begun = since()
    first = there.delivery()
    post = published(adapter, first)
    published(adapter, there.delivery())
    assert post is not None
    assert sandbox.state is not None
    for one in sandbox.state.timelines[there.remote_id]:
        for metric, count in COUNTS.items():
            setattr(one, metric, count)
    at, never = datetime.now(UTC), there.delivery()
    dated = replace(post, published_at=begun, text=None, links=())
    acts = [
        Act("verify", "verify", lambda one: one.verify()),
        Act("probe", "look", lambda one: one.probe(first, begun)),
        Act("probe for nothing", "look for nothing", lambda one: one.probe(never, begun)),
        Act("posts", "list", lambda one: one.posts(begun)),
        Act("read_post", "count", lambda one: one.read_post(dated, at)),
        Act("read_account", "count", lambda one: one.read_account(at)),
    ]
    if hasattr(adapter, "quota"):
        acts.append(Act("quota", "other", lambda one: one.quota()))  # type: ignore[attr-defined]
    if hasattr(adapter, "reactors"):
        acts.append(Act("reactors", "other", lambda one: one.reactors(post)))  # type: ignore[attr-defined]
    acts.append(Act("examine", "examine", lambda one: one.examine(at)))  # type: ignore[attr-defined]
    acts += _publishing(there, post)
    reply = replace(there.delivery(), parent_remote_id=post.remote_id)
    if published(adapter, reply) is not None:
        never_said = replace(there.delivery(), parent_remote_id=post.remote_id)
        acts.append(Act("probe reply", "look", lambda one: one.probe(reply, begun)))
        acts.append(Act("probe reply for nothing", "look for nothing", lambda one: one.probe(never_said, begun)))
    if hasattr(adapter, "delete"):
        gone = published(adapter, there.delivery())
        acts.append(Act("delete", "delete", lambda one: one.delete(gone)))  # type: ignore[attr-defined]
    return there, acts, post


def _account(sandbox: Sandbox, name: str) -> Presence:
    network, _, member = name.partition("/")
    prefix = "in/" if member else ""
    return presence(sandbox, network, prefix=prefix, followers=FOLLOWERS, media_polls=1)


def _publishing(there: Presence, post: Post) -> Iterator[Act]:
    kinds: dict[str, Outgoing] = {
        "text": there.delivery(),
        "card": there.delivery(card=True),
        "image": there.delivery(image=True),
        "reply": replace(there.delivery(), parent_remote_id=post.remote_id),
    }
    for kind, sent in kinds.items():
        yield Act(f"publish {kind}", "publish", lambda one, sent=sent: published(one, sent))  # type: ignore[misc]


def published(adapter: Adapter, sent: Outgoing) -> Post | None:
    """Its post, taken up again while the network works on an image; None where the network takes no such thing."""
    handles: list[str] = []
    for tries_left in (3, 2, 1, 0):
        try:
            return adapter.publish(replace(sent, handle=handles[-1] if handles else None), handles.append)
        except NotSent as failure:
            if failure.code not in WORKING or not tries_left:
                raise
        except Rejected as refusal:
            if sent.parent_remote_id is None or refusal.code not in ("no replies", None):
                raise
            return None
    raise AssertionError("unreachable")
