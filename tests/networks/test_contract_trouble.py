"""One contract for every adapter: what servers, proxies and the end of a network do to answers, over real HTTP."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from crosspost.domain.errors import (
    NetworkFailure,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from crosspost.domain.post import Post
from tests.networks.canned import Canned, Fault, Reply, Request
from tests.networks.every_kit import KITS
from tests.networks.kits import NOW, Kit

SINCE = NOW - timedelta(minutes=20)
READS: dict[str, Callable[[Any, Kit], object]] = {
    "verify": lambda adapter, kit: adapter.verify(),
    "look": lambda adapter, kit: adapter.probe(kit.outgoing(), SINCE),
    "list": lambda adapter, kit: adapter.posts(SINCE),
    "post": lambda adapter, kit: adapter.read_post(Post(kit.post_id, None), NOW),
    "account": lambda adapter, kit: adapter.read_account(NOW),
}
reads = pytest.mark.parametrize("read", READS)


class Everywhere:
    """A server that gives one answer to all requests, whatever it would have said; the kit still hears them."""

    def __init__(self, kit: Kit, reply: Callable[[Reply], Reply | Fault]) -> None:
        self._kit, self._reply = kit, reply

    def __call__(self, request: Request) -> Reply | Fault:
        said = self._kit(request)
        return self._reply(said) if isinstance(said, Reply) else said


def told(adapter: Any, kit: Kit, read: str) -> NetworkFailure:
    with pytest.raises(NetworkFailure) as caught:
        READS[read](adapter, kit)
    return caught.value


def published(kit: Kit, server: Canned, reply: Reply | Fault) -> Any:
    """The post, or the failure, that this answer to the publishing request becomes."""
    kit.publish_with = lambda request: reply
    try:
        return kit.adapter(server.origin).publish(kit.outgoing(), kit.saved.handles.append)
    except NetworkFailure as failure:
        return failure


# A network that is closed

CLOSED = [
    Reply({"error": "Gone", "message": "Gone", "code": 410}, 410),
    Reply(b"<html><h1>We have shut down</h1></html>", 410, {"Content-Type": "text/html"}),
    Reply(b"", 410),
]


@pytest.mark.parametrize("gone", CLOSED, ids=["json", "html", "empty"])
@reads
def test_a_closed_network_cannot_be_reached_and_is_not_empty(kit: Kit, read: str, gone: Reply) -> None:
    kit.posts = [kit.posted(NOW)]
    with Canned(Everywhere(kit, lambda said: gone)) as server:
        failure = told(kit.adapter(server.origin), kit, read)
    assert type(failure) is Unreachable
    assert failure.reason


@pytest.mark.parametrize("gone", CLOSED, ids=["json", "html", "empty"])
def test_a_closed_network_takes_no_post(kit: Kit, server: Canned, gone: Reply) -> None:
    assert type(published(kit, server, gone)) is Rejected


# When a throttled account may ask again

AT = NOW + timedelta(minutes=12)
EPOCH = str(int(AT.timestamp()))
FORMS: dict[str, tuple[dict[str, str], datetime | None]] = {
    "seconds": ({"Retry-After": "720"}, AT),
    "fraction": ({"Retry-After": "720.0"}, AT),
    "at once": ({"Retry-After": "0"}, NOW),
    "date": ({"Retry-After": "Fri, 20 Nov 2026 09:42:00 GMT"}, AT),
    "epoch": ({"Retry-After": EPOCH}, AT),
    "past date": ({"Retry-After": "Fri, 20 Nov 2020 09:42:00 GMT"}, None),
    "past epoch": ({"Retry-After": "1400000000"}, None),
    "ten years": ({"Retry-After": str(10 * 365 * 86_400)}, None),
    "far date": ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 -1200"}, None),
    "milliseconds": ({"Retry-After": EPOCH + "000"}, None),
    "list": ({"Retry-After": "720, 720"}, None),
    "not a number": ({"Retry-After": "NaN"}, None),
    "endless": ({"Retry-After": "9" * 400}, None),
    "empty": ({"Retry-After": ""}, None),
}
RESETS = {
    "epoch": (EPOCH, AT),
    "iso": ("2026-11-20T09:42:00.000Z", AT),
    "seconds": ("720", AT),
    "past epoch": ("1400000000", None),
    "past iso": ("2020-11-20T09:42:00Z", None),
    "far epoch": ("99999999999", None),
    "far iso": ("9999-12-31T23:59:59-12:00", None),
    "first year": ("0001-01-01T00:00:00+23:00", None),
    "words": ("soon", None),
}


@pytest.mark.parametrize("form", FORMS)
def test_retry_after_in_every_form(kit: Kit, server: Canned, form: str) -> None:
    headers, until = FORMS[form]
    failure = published(kit, server, Reply(kit.throttled.body, kit.throttled.status, headers))
    assert type(failure) is RateLimited
    assert failure.until == until


@pytest.mark.parametrize("kit", [one for one in KITS if one.reset_header], indirect=True, ids=lambda kit: str(kit.name))
@pytest.mark.parametrize("form", RESETS)
def test_the_networks_own_header_in_every_form(kit: Kit, server: Canned, form: str) -> None:
    value, until = RESETS[form]
    failure = published(kit, server, Reply(kit.throttled.body, kit.throttled.status, {kit.reset_header: value}))
    assert type(failure) is RateLimited
    assert failure.until == until
    both = {kit.reset_header: EPOCH, "Retry-After": "soon"}
    assert published(kit, server, Reply(kit.throttled.body, kit.throttled.status, both)).until == AT


@reads
def test_a_throttled_read_says_until_when(kit: Kit, read: str) -> None:
    limit = Reply(kit.throttled.body, kit.throttled.status, {"Retry-After": "720"})
    with Canned(Everywhere(kit, lambda said: limit)) as server:
        failure = told(kit.adapter(server.origin), kit, read)
        assert type(failure) is RateLimited
        assert failure.until == AT
        assert len(server.requests) == 1, "it is not asked on against a limit"


@reads
def test_a_dead_token_is_no_missing_number(kit: Kit, read: str) -> None:
    with Canned(Everywhere(kit, lambda said: kit.expired)) as server:
        assert type(told(kit.adapter(server.origin), kit, read)) is Unauthorized


# Servers and proxies


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_publish_is_unknown_and_followed_nowhere(kit: Kit, server: Canned, status: int) -> None:
    with Canned(lambda request: Reply({"id": "1"})) as other:
        reply = Reply({}, status, {"Location": f"{other.origin}/elsewhere"})
        assert type(published(kit, server, reply)) is OutcomeUnknown
        assert other.requests == []


@reads
def test_a_redirected_read_is_not_followed(kit: Kit, read: str) -> None:
    with Canned(lambda request: Reply({"id": "1"})) as other:
        reply = Reply({}, 302, {"Location": f"{other.origin}/elsewhere"})
        with Canned(Everywhere(kit, lambda said: reply)) as server:
            assert type(told(kit.adapter(server.origin, also=other.origin), kit, read)) is Unreachable
        assert other.requests == [], "the token would go there"


HUGE = {
    "plain": Reply(b'{"id": "' + b"7" * 6_000_000 + b'"}'),
    "compressed": Reply(gzip.compress(b'{"id": "' + b"7" * 60_000_000 + b'"}'), headers={"Content-Encoding": "gzip"}),
    "broken": Reply(b"\x1f\x8b nonsense", headers={"Content-Encoding": "gzip"}),
    "unasked": Reply(b"{}", headers={"Content-Encoding": "br"}),
}


@pytest.mark.parametrize("body", HUGE)
def test_a_body_nobody_can_read_is_unknown(kit: Kit, server: Canned, body: str) -> None:
    assert type(published(kit, server, HUGE[body])) is OutcomeUnknown
    kit.publish_with = lambda request: None
    with Canned(Everywhere(kit, lambda said: HUGE[body])) as reading:
        assert type(told(kit.adapter(reading.origin), kit, "account")) is Unreachable


@pytest.mark.parametrize("kind", ["text/html", "text/plain; charset=latin-1", "image/png", "nonsense", ""])
def test_the_declared_type_of_an_answer_decides_nothing(kit: Kit, kind: str) -> None:
    kit.posts = [kit.posted(NOW)]
    mislabelled = Everywhere(kit, lambda said: Reply(said.body, said.status, {**said.headers, "Content-Type": kind}))
    with Canned(mislabelled) as server:
        adapter = kit.adapter(server.origin)
        assert adapter.publish(kit.outgoing(), kit.saved.handles.append).remote_id == kit.post_id
        assert [post.remote_id for post in adapter.posts(SINCE).posts] == [kit.post_id]


@pytest.mark.parametrize("status", [202, 204, 206])
def test_a_strange_success_without_a_post_is_unknown(kit: Kit, server: Canned, status: int) -> None:
    assert type(published(kit, server, Reply(b"", status))) is OutcomeUnknown


@pytest.mark.parametrize("status", [408, 409, 418, 425, 499, 524])
@pytest.mark.parametrize("body", [b"", b"<html>Error</html>", b'{"a": 1}'], ids=["none", "html", "json"])
def test_a_status_that_says_nothing_of_the_post_is_unknown(kit: Kit, server: Canned, status: int, body: bytes) -> None:
    assert type(published(kit, server, Reply(body, status))) is OutcomeUnknown


def test_a_network_whose_name_is_gone_was_never_asked(kit: Kit) -> None:
    adapter = kit.adapter("http://closed.invalid")
    for read in READS:
        assert type(told(adapter, kit, read)) is Unreachable
