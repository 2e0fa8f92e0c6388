"""Every request a connector can make, as its bytes were, with the answers; and a check that none is missing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crosspost.domain.post import Post
from crosspost.networks import NETWORKS, adapter_of, oauth
from crosspost.networks.network import Examiner
from crosspost.outside.http import Outbound
from crosspost.sandbox.running import Sandbox
from tests.networks.acts import published, scene
from tests.networks.canned import Reply, Request
from tests.networks.fault_proxy import FaultProxy
from tests.networks.test_sandbox import Presence, since

# Choices of the owner that travel in the publishing request.
EXTRA = {
    "x": {"reply_settings": "mentionedUsers"},
    "mastodon": {"visibility": "unlisted", "spoiler_text": "Jardin"},
    "pinterest": {"title": "Trois idées"},
    "threads": {"topic_tag": "Jardin", "reply_control": "everyone"},
}
# What the words of tweepy become on the wire; a method that is not here must be added with its place.
TWEEPY = {
    "create_tweet": "/2/tweets",
    "delete_tweet": "/2/tweets/{id}",
    "get_me": "/2/users/me",
    "get_users_tweets": "/2/users/{id}/tweets",
    "get_tweet": "/2/tweets/{id}",
    "get_tweets": "/2/tweets",
}


def everything(sandbox: Sandbox, name: str) -> tuple[Presence, list[tuple[Request, Reply]]]:
    """All acts of one account over the wire; then the rarer ways: short pages, other settings, old posts."""
    there, acts, post = scene(sandbox, name)
    with FaultProxy(sandbox.origin, lambda request: False) as proxy:

        def adapter(**changes: Any) -> Any:
            outbound = Outbound(private_origins=frozenset({proxy.origin}))
            return there.adapter(**{"server": proxy.origin, "outbound": outbound, "timeout_s": 5.0, **changes})

        for act in acts:
            act.do(adapter())
        sent = there.delivery()
        published(adapter(), replace(sent, teaser=replace(sent.teaser, extra=EXTRA.get(there.name, {}))))
        bare = there.delivery(image=True)
        plain = tuple(replace(one, alt="") for one in bare.teaser.images)
        published(adapter(), replace(bare, teaser=replace(bare.teaser, images=plain, language=None)))
        adapter().probe(replace(there.delivery(), parent_remote_id=post.remote_id), since())
        now = datetime.now(UTC)
        adapter().read_post(Post(post.remote_id, None, published_at=now - timedelta(days=80)), now)
        there.fault("short_list", rows=1, count=None)
        adapter().posts(since())
        sandbox.clear_faults()
        if isinstance(adapter(), Examiner):
            adapter().examine(now)
        if (login := adapter_of(there.name).login) is not None and login.register is not None:
            where = proxy.origin + urlsplit(login.register).path
            oauth.register(adapter()._on, where, redirect="http://localhost/callback", scopes=login.reading)
        there.fault("refusal", fixture="mastodon/not_found", request="instance")
        adapter(settings={}).verify()
        sandbox.clear_faults()
        return there, list(proxy.passed)


def unasked(name: str, asked: list[Request]) -> list[str]:
    """The places in a connector's source that none of these requests went to."""
    return [place for place in sorted(_places(name)) if not any(re.search(place, one.path) for one in asked)]


_API = re.compile(r"/(2|api|v5|v2|rest|xrpc)/")
_EDGE = re.compile(r"\{\}/[a-z_{}]+")  # of a node of Meta's
_BY_SDK = {"get_connections": 1, "put_photo": 1, "delete_object": 0}  # facebook-sdk: which argument is the place


def _places(name: str) -> Iterator[str]:
    """Patterns for the end of an address, out of the text of the connector's files."""
    module = import_module(NETWORKS[name].partition(":")[0])
    assert module.__file__ is not None
    for file in [Path(module.__file__), *Path(module.__file__).parent.glob(f"_{name}*.py")]:
        tree = ast.parse(file.read_text("utf-8"))
        inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in ("c", "client")
            ):
                if node.attr not in ("request", "session"):
                    yield _pattern(TWEEPY[node.attr])
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _BY_SDK:
                last = [word for one in node.args if (word := _written(one)) and not word.startswith("{")]
                yield from (f"/{word}$" for word in last)
            elif isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in inner:
                place = _written(node).partition("?")[0]
                if _API.match(place) or _EDGE.fullmatch(place):
                    yield _pattern(place)


def _pattern(place: str) -> str:
    return re.sub(r"\{[^}]*\}", "[^/]+", place) + "$"


def _written(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
