"""The networks of a simulated history: one account per delivery class, each with its own truth and its own faults.

What is assumed of a real network, and kept here to the letter (docs/deliveries.md, A1–A5):

- a request that left is applied within `HELD_S`, or never; lists show it `LAG_S` later at the most;
- a key is looked up when a request arrives and stored when it is committed, up to `COMMIT_S` later; it is remembered
  for `KEY_LIFE_S`.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Protocol

from crosspost.domain.delivery import DeliveryClass, Found, Outgoing, Sighting
from crosspost.domain.errors import (
    Duplicate,
    NetworkFailure,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from crosspost.domain.post import Listing, Post
from crosspost.networks._matching import sighting

HELD_S = 600.0  # a proxy may hold a request this long and deliver it then
COMMIT_S = 250.0  # a slow server may take this long between looking at a key and storing it
LAG_S = 120.0
KEY_LIFE_S = 3600.0
TIMEOUT_S = 20.0

# What a publishing request meets, in parts of a thousand; the rest goes well.
FAULTS = (
    ("not sent", 40),
    ("lost before", 50),
    ("lost after", 60),
    ("hang after", 40),
    ("held", 45),
    ("slow commit", 30),
    ("later", 20),
    ("refused", 4),
    ("token", 4),
    ("empty", 10),
    ("bug", 2),
)
_TOTAL = 1000


class Host(Protocol):
    """The world a request lives in: its time, its chance, and a place where the worker may be struck."""

    rng: Random

    def true_now(self) -> datetime: ...
    def step(self, name: str, seconds: float = 0.0) -> None: ...
    def later(self, seconds: float, act: Callable[[], None]) -> None: ...


@cache
def _ladder(factor: float) -> tuple[tuple[float, str], ...]:
    """Each fault with the chance that it, or one before it, strikes."""
    reached = itertools.accumulate(parts * factor / _TOTAL for _, parts in FAULTS)
    return tuple(zip(reached, (name for name, _ in FAULTS), strict=True))


class Server:
    """One account on one network, and the adapter to it at once."""

    def __init__(self, host: Host, declared: DeliveryClass, fault_factor: float = 1.0) -> None:
        self.host, self.declared = host, declared
        self.posts: list[tuple[str, str, Post, datetime]] = []  # delivery, code, post, when it was committed
        self.keys: dict[str, tuple[datetime, Post]] = {}
        self.records: dict[str, tuple[str, Post]] = {}
        self.containers: dict[str, Post | None] = {}
        self.refused: set[str] = set()
        self.requests = 0
        self.chatter = 3
        self.look_faults = 1.0
        self._chatter: list[Post] | None = None
        self.horizon = True  # weakened variants forget that a list may be too short
        self.ladder = _ladder(fault_factor)

    # the server's side

    def _arrive(self, outgoing: Outgoing, answer: list[Post | NetworkFailure], commit_s: float) -> None:
        host = self.host
        if self.declared is DeliveryClass.KEY:
            known = self.keys.get(outgoing.key)
            if known is not None and host.true_now() - known[0] < timedelta(seconds=KEY_LIFE_S):
                answer.append(known[1])
                return
        if commit_s <= 0:
            answer.append(self._commit(outgoing))
            return
        host.later(commit_s, lambda: answer.append(self._commit(outgoing)))

    def _commit(self, outgoing: Outgoing) -> Post | NetworkFailure:
        match self.declared:
            case DeliveryClass.RECORD:
                content = hashlib.sha256(f"{outgoing.teaser.text}|{outgoing.created_at}".encode()).hexdigest()
                if (there := self.records.get(outgoing.record_key)) is not None:
                    return there[1] if there[0] == content else Duplicate("another record stands here")
                post = self._add(outgoing)
                self.records[outgoing.record_key] = (content, post)
                return post
            case DeliveryClass.HANDLE:
                if self.containers.get(outgoing.handle or "") is not None:
                    return Rejected("the container is published already")
                post = self._add(outgoing)
                self.containers[outgoing.handle or ""] = post
                return post
            case DeliveryClass.NAMES_TWIN:
                for _, _, post, _ in self.posts:
                    if post.text == outgoing.teaser.text:
                        return Duplicate("duplicate", remote_id=post.remote_id)
        post = self._add(outgoing)
        self.keys[outgoing.key] = (self.host.true_now(), post)
        return post

    def _add(self, outgoing: Outgoing) -> Post:
        now = self.host.true_now()
        remote_id = f"p{len(self.posts)}"
        post = Post(
            remote_id, f"https://network.example/{remote_id}", outgoing.teaser.text, now, (outgoing.teaser.link,)
        )
        self.posts.append((outgoing.delivery_id, outgoing.code, post, now))
        return post

    # the adapter's side

    def delivery_class(self, link_placement: str) -> DeliveryClass:
        return self.declared

    def choose_fault(self) -> str | None:
        chance = self.host.rng.random()
        return next((name for reached, name in self.ladder if chance < reached), None)

    def publish(self, outgoing: Outgoing, keep: Callable[[str], None]) -> Post:
        host, rng = self.host, self.host.rng
        fault = self.choose_fault()
        host.step("connect", rng.random())
        if fault == "not sent":
            raise NotSent("connection refused")
        if self.declared is DeliveryClass.HANDLE and outgoing.handle is None:
            handle = f"c{len(self.containers)}"
            self.containers[handle] = None
            host.step("container", rng.random())
            keep(handle)
            outgoing = replace(outgoing, handle=handle)
            host.step("between the phases", rng.random())
        self.requests += 1
        answer: list[Post | NetworkFailure] = []
        commit_s = rng.uniform(TIMEOUT_S, COMMIT_S) if fault == "slow commit" else 0.0
        match fault:
            case "lost before":
                host.step("waiting", rng.random() * 5)
                raise OutcomeUnknown("connection reset")
            case "later":
                host.step("waiting", rng.random())
                told = host.true_now() + timedelta(seconds=rng.uniform(1, 1200))
                raise RateLimited("too many requests", until=told if rng.random() < 0.7 else None)
            case "refused":
                host.step("waiting", rng.random())
                self.refused.add(outgoing.delivery_id)
                raise Rejected("the content is refused")
            case "token":
                host.step("waiting", rng.random())
                raise Unauthorized("the token was revoked")
            case "held":
                host.later(rng.uniform(TIMEOUT_S, HELD_S), lambda: self._arrive(outgoing, answer, 0.0))
            case _:
                host.later(rng.random(), lambda: self._arrive(outgoing, answer, commit_s))
        if fault in ("held", "slow commit", "hang after"):
            host.step("waiting", TIMEOUT_S)
            raise OutcomeUnknown("timed out")
        host.step("waiting", 1.0 + rng.random())
        if fault == "lost after":
            raise OutcomeUnknown("connection reset")
        if fault == "bug":
            raise KeyError("what nobody expected")
        if fault == "empty":
            return Post("", None)
        if not answer:
            raise OutcomeUnknown("timed out")
        if isinstance(answer[0], NetworkFailure):
            raise answer[0]
        return answer[0]

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        host, rng = self.host, self.host.rng
        host.step("looking", rng.random() * 3)
        chance = rng.random()
        if chance < 0.06 * self.look_faults:
            raise Unreachable("HTTP 503")
        if chance < 0.08 * self.look_faults:
            raise RateLimited("too many requests")
        match self.declared:
            case DeliveryClass.BLIND:
                return Sighting(Found.INCONCLUSIVE, "this network has no list")
            case DeliveryClass.RECORD:
                there = self.records.get(outgoing.record_key)
                return _by_name(there[1] if there else None, "record")
            case DeliveryClass.HANDLE if outgoing.handle is not None:
                return _by_name(self.containers.get(outgoing.handle), "container")
        return sighting(outgoing, self._listing, since)

    def _listing(self, since: datetime) -> Listing:
        """The list as it was up to `LAG_S` ago; one in eight is cut off after a few posts."""
        rng = self.host.rng
        until = self.host.true_now() - timedelta(seconds=rng.choice((0.0, 5.0, LAG_S)))
        if self._chatter is None:  # posts that crosspost knows nothing of push others down the list
            start = self.host.true_now() - timedelta(hours=1)
            ats = [start + timedelta(seconds=rng.uniform(0, 7200)) for _ in range(self.chatter)]
            self._chatter = [Post(f"n{number}", None, "unrelated", at) for number, at in enumerate(ats)]
        posts = [one[2] for one in self.posts] + self._chatter
        shown = [post for post in posts if post.published_at is not None and post.published_at <= until]
        shown.sort(key=_when, reverse=True)
        size = rng.randrange(1, 4) if rng.random() < 0.125 * self.look_faults else 1000
        if len(shown) <= size or not self.horizon:
            return Listing(tuple(shown[:size]), since, "account")
        return Listing(tuple(shown[:size]), shown[size - 1].published_at, "account")


def _when(post: Post) -> datetime:
    assert post.published_at is not None
    return post.published_at


def _by_name(post: Post | None, what: str) -> Sighting:
    if post is None:
        return Sighting(Found.ABSENT, f"the {what} is not there")
    return Sighting(Found.PRESENT, f"{what} {post.remote_id}", post.remote_id, post.url)
