"""A network in memory that speaks every delivery class, misbehaves on request and keeps its own ledger.

The ledger is the truth that tests judge by: what was really posted, under which delivery.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from threading import Lock
from types import MappingProxyType
from typing import ClassVar

from crosspost.domain.delivery import DeliveryClass, Found, Outgoing, Sighting
from crosspost.domain.errors import (
    Duplicate,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from crosspost.domain.kind import Kind
from crosspost.domain.limits import AtMost, Limits
from crosspost.domain.login import Login
from crosspost.domain.metric import Metric, Reference
from crosspost.domain.post import Post
from crosspost.domain.retention import Retention
from crosspost.networks.network import Profile


class Fault(StrEnum):
    """What one request meets. Those that are *applied* reach the ledger."""

    NOT_SENT = "no byte left"
    LOST_BEFORE = "reset, not applied"
    LOST_AFTER = "applied, then reset"
    EMPTY = "applied, answered without a body"
    ZOMBIE = "held, applied later"
    LATER = "rate limited"
    REJECTED = "content refused"
    UNAUTHORIZED = "token refused"
    BUG = "an exception nobody expected"


class Killed(BaseException):
    """The process ends here, as far as the worker is concerned."""


@dataclass(frozen=True)
class Entry:
    remote_id: str
    delivery_id: str
    code: str
    text: str
    marked: bool
    at: datetime
    account: str = ""


@dataclass
class StandIn:
    """The server. `delivery_class` is what it offers; faults are given per request, in order."""

    delivery_class: DeliveryClass = DeliveryClass.READABLE
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    latency_s: float = 0.0
    page: int = 1000
    ledger: list[Entry] = field(default_factory=list)
    faults: list[Fault | None] = field(default_factory=list)
    look_faults: list[Exception | None] = field(default_factory=list)
    hidden: bool = False  # its list shows nothing of what was posted lately
    key_memory: dict[str, str] = field(default_factory=dict)
    records: dict[str, tuple[str, str]] = field(default_factory=dict)
    containers: dict[str, str | None] = field(default_factory=dict)
    held: list[Outgoing] = field(default_factory=list)
    requests: int = 0
    looks: int = 0
    lock: Lock = field(default_factory=Lock)
    at_request: Callable[[Outgoing], None] = lambda outgoing: None

    def posted(self, delivery_id: str) -> int:
        return sum(entry.delivery_id == delivery_id for entry in self.ledger)

    def release(self) -> None:
        """The held requests arrive at last, whatever became of them meanwhile."""
        for outgoing in self.held:
            try:
                self.apply(outgoing)
            except (Duplicate, Rejected):
                continue
        self.held.clear()

    def apply(self, outgoing: Outgoing) -> Post:
        """A request as this class of network treats it."""
        match self.delivery_class:
            case DeliveryClass.KEY if outgoing.key in self.key_memory:
                return self._post(self.key_memory[outgoing.key])
            case DeliveryClass.RECORD:
                digest = hashlib.sha256(f"{outgoing.teaser.as_json()}{outgoing.created_at}".encode()).hexdigest()
                if outgoing.record_key in self.records:
                    remote_id, there = self.records[outgoing.record_key]
                    if there != digest:
                        raise Duplicate("another record is under this key", remote_id=remote_id)
                    return self._post(remote_id)
                post = self._append(outgoing)
                self.records[outgoing.record_key] = (post.remote_id, digest)
                return post
            case DeliveryClass.HANDLE:
                container = outgoing.handle or ""
                if self.containers.get(container) is not None:
                    raise Rejected("the container is published already")
                post = self._append(outgoing)
                self.containers[container] = post.remote_id
                return post
            case DeliveryClass.NAMES_TWIN:
                for entry in self.ledger:
                    if entry.text == outgoing.teaser.text:
                        raise Duplicate("duplicate", remote_id=entry.remote_id)
        post = self._append(outgoing)
        self.key_memory[outgoing.key] = post.remote_id
        return post

    def _append(self, outgoing: Outgoing) -> Post:
        marked = outgoing.teaser.link_placement in ("text", "card")
        remote_id = f"p{len(self.ledger) + 1}"
        self.ledger.append(
            Entry(remote_id, outgoing.delivery_id, outgoing.code, outgoing.teaser.text, marked, self.clock())
        )
        return self._post(remote_id)

    def _post(self, remote_id: str) -> Post:
        entry = next(one for one in self.ledger if one.remote_id == remote_id)
        return Post(remote_id, f"https://stand.in/{remote_id}", entry.text, entry.at)


class Adapter:
    """The client's side: a Network and a Publisher."""

    name: ClassVar[str] = "standin"
    title: ClassVar[str] = "Stand-in"
    kind: ClassVar[Kind] = Kind.CONNECTOR
    default_server: ClassVar[str | None] = "https://stand.in"
    secrets: ClassVar[Mapping[str, str]] = MappingProxyType({})
    login: ClassVar[Login | None] = None
    limits: ClassVar[Limits] = Limits(
        (AtMost(5000, "characters"),), 4, 1000, 1_000_000, "none: a stand-in", date(2026, 11, 1)
    )

    metrics: ClassVar[tuple[Metric, ...]] = ()
    metrics_reference: ClassVar[Reference] = Reference("nobody", date(2026, 11, 20))
    retention: ClassVar[Retention] = Retention(metrics_reference)

    def __init__(self, server: StandIn) -> None:
        self.server = server

    def verify(self) -> Profile:
        return Profile("1", "@standin")

    def delivery_class(self, link_placement: str) -> DeliveryClass:
        return self.server.delivery_class

    def publish(self, outgoing: Outgoing, keep: Callable[[str], None]) -> Post:
        server = self.server
        server.at_request(outgoing)
        with server.lock:
            server.requests += 1
            fault = server.faults.pop(0) if server.faults else None
            if fault is Fault.NOT_SENT:
                raise NotSent("connection refused")
        if server.latency_s:
            time.sleep(server.latency_s)
        if server.delivery_class is DeliveryClass.HANDLE and outgoing.handle is None:
            with server.lock:
                handle = f"c{len(server.containers) + 1}"
                server.containers[handle] = None
            keep(handle)
            outgoing = replace(outgoing, handle=handle)
        with server.lock:
            return self._answer(outgoing, fault)

    def _answer(self, outgoing: Outgoing, fault: Fault | None) -> Post:
        server = self.server
        match fault:
            case Fault.LOST_BEFORE:
                raise OutcomeUnknown("connection reset")
            case Fault.LOST_AFTER:
                server.apply(outgoing)
                raise OutcomeUnknown("connection reset")
            case Fault.EMPTY:
                server.apply(outgoing)
                return Post("", None)
            case Fault.ZOMBIE:
                server.held.append(outgoing)
                raise OutcomeUnknown("timed out")
            case Fault.LATER:
                raise RateLimited("too many requests", until=server.clock() + timedelta(minutes=5))
            case Fault.REJECTED:
                raise Rejected("the text is too long")
            case Fault.UNAUTHORIZED:
                raise Unauthorized("the token was revoked")
            case Fault.BUG:
                raise KeyError("id")
            case _:
                return server.apply(outgoing)

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        server = self.server
        with server.lock:
            server.looks += 1
            if server.look_faults and (fault := server.look_faults.pop(0)) is not None:
                raise fault
            return self._seen(outgoing, since)

    def _seen(self, outgoing: Outgoing, since: datetime) -> Sighting:
        server = self.server
        match server.delivery_class:
            case DeliveryClass.BLIND:
                return Sighting(Found.INCONCLUSIVE, "this network has no list")
            case DeliveryClass.RECORD:
                if outgoing.record_key in server.records:
                    remote_id = server.records[outgoing.record_key][0]
                    return Sighting(Found.PRESENT, f"record {remote_id}", remote_id, f"https://stand.in/{remote_id}")
                return Sighting(Found.ABSENT, "no record under this key")
            case DeliveryClass.HANDLE if outgoing.handle is not None:
                remote_id_ = server.containers.get(outgoing.handle)
                if remote_id_ is not None:
                    return Sighting(Found.PRESENT, f"container is {remote_id_}", remote_id_)
                return Sighting(Found.ABSENT, "the container is not published")
        shown = [] if server.hidden else server.ledger[-server.page :]
        for entry in shown:
            if entry.code == outgoing.code and entry.marked:
                return Sighting(Found.PRESENT, f"{entry.remote_id} carries the link", entry.remote_id)
            if entry.text == outgoing.teaser.text and not entry.marked:
                return Sighting(Found.PRESENT, f"{entry.remote_id} has the same text", entry.remote_id)
        if len(server.ledger) > server.page and shown[0].at > since:
            return Sighting(Found.INCONCLUSIVE, "the list does not reach back far enough")
        return Sighting(Found.ABSENT, f"{len(shown)} posts, none carries the link")


OUTAGE = Unreachable("no answer")
