"""One contract for every adapter: the same questions in each network's own words, over real HTTP."""

from __future__ import annotations

import logging
import subprocess
import sys
import traceback
from datetime import timedelta
from typing import Any

import pytest

from crosspost.domain import littletext
from crosspost.domain.errors import (
    Duplicate,
    NetworkFailure,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
)
from crosspost.domain.kind import Kind
from crosspost.domain.networks import CLOSED
from crosspost.domain.post import Post
from crosspost.networks import NETWORKS, network, postable
from crosspost.networks.network import Lister, Meter, Publisher
from tests.networks.canned import Canned, Fault, Reply, closed_port
from tests.networks.every_kit import KITS
from tests.networks.kits import LINK, NOW, TEXT, FacebookKit, Kit, XKit
from tests.networks.linkedin_kit import LinkedInKit
from tests.networks.pinterest_kit import PinterestKit

SINCE = NOW - timedelta(minutes=20)
UPLOADING = [kit for kit in KITS if kit is not PinterestKit]  # there the image is part of the publishing request


def keep(kit: Kit) -> Any:
    return kit.saved.handles.append


def publish(kit: Kit, server: Canned, reply: Reply | Fault, *, timeout_s: float = 5.0) -> NetworkFailure:
    """The failure that this answer to the publishing request becomes."""
    kit.publish_with = lambda request: reply
    with pytest.raises(NetworkFailure) as caught:
        kit.adapter(server.origin, timeout_s=timeout_s).publish(kit.outgoing(), keep(kit))
    assert sum(map(kit.is_publish, server.requests)) == 1, "an adapter never repeats a publish by itself"
    return caught.value


def test_all_networks_are_tested() -> None:
    assert [kit.name for kit in KITS] == [name for name in NETWORKS if network(name).kind is Kind.CONNECTOR]


def test_publishes_and_tells_id_and_address(kit: Kit, server: Canned) -> None:
    post = kit.adapter(server.origin).publish(kit.outgoing(images=True), keep(kit))
    assert post.remote_id == kit.post_id
    assert post.url is not None
    assert post.url.startswith("https://")
    assert LINK in post.links
    sent = [request for request in server.requests if kit.is_content(request)]
    assert len(sent) == 1
    assert LINK.encode() in sent[0].body or LINK.partition("://")[2].replace("/", "%2F").encode() in sent[0].body


def test_no_secret_is_ever_in_an_address(kit: Kit, server: Canned) -> None:
    adapter = kit.adapter(server.origin)
    adapter.publish(kit.outgoing(images=True), keep(kit))
    adapter.probe(kit.outgoing(), SINCE)
    adapter.verify()
    adapter.read_post(Post(kit.post_id, None), NOW)
    assert len(server.requests) >= 5
    assert [request.target for request in server.requests if "CANARY" in request.target] == []


def test_too_long_is_rejected_in_the_networks_words(kit: Kit, server: Canned) -> None:
    failure = publish(kit, server, kit.too_long)
    assert type(failure) is Rejected
    told = kit.too_long.body.get("detail") or kit.too_long.body.get("message") or kit.too_long.body["error"]
    assert (told["message"] if isinstance(told, dict) else told) in failure.reason


def _throttled(kit: Kit, headers: dict[str, str]) -> Reply:
    return Reply(kit.throttled.body, kit.throttled.status, headers)


def test_facebook_tells_minutes_in_its_usage_header() -> None:
    kit = FacebookKit()
    usage = '{"1010":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":19}]}'
    with Canned(kit) as server:
        failure = publish(kit, server, _throttled(kit, {"x-business-use-case-usage": usage}))
    assert isinstance(failure, RateLimited)
    assert failure.until == NOW + timedelta(minutes=19)


def test_an_expired_token_is_unauthorized(kit: Kit, server: Canned) -> None:
    kit.publish_with = lambda request: kit.expired
    with pytest.raises(Unauthorized) as caught:
        kit.adapter(server.origin).publish(kit.outgoing(), keep(kit))
    assert "CANARY" not in caught.value.reason


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.CLOSE, Fault.TRUNCATED])
def test_no_answer_after_sending_is_unknown(kit: Kit, server: Canned, fault: Fault) -> None:
    assert type(publish(kit, server, fault)) is OutcomeUnknown


def test_a_timeout_after_sending_is_unknown(kit: Kit, server: Canned) -> None:
    assert type(publish(kit, server, Fault.HANG, timeout_s=0.4)) is OutcomeUnknown


def test_a_refused_connection_was_not_sent(kit: Kit) -> None:
    with pytest.raises(NotSent):
        kit.adapter(closed_port()).publish(kit.outgoing(), keep(kit))


def test_a_forbidden_address_was_not_sent(kit: Kit, server: Canned) -> None:
    adapter = kit.adapter("http://127.0.0.2:9")
    object.__setattr__(adapter._on, "server", server.origin)  # type: ignore[attr-defined]  # not among the private origins
    with pytest.raises(NotSent):
        adapter.publish(kit.outgoing(), keep(kit))
    assert server.requests == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"<html>Bad Gateway</html>", b"", b'{"error": "oops"}'], ids=["html", "none", "json"])
def test_a_server_error_on_publish_is_unknown(kit: Kit, server: Canned, status: int, body: bytes) -> None:
    assert type(publish(kit, server, Reply(body, status))) is OutcomeUnknown


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[]", b"null", b'"ok"', b'{"data": {}}', b'{"id": null}'])
def test_a_success_with_a_broken_body_is_unknown(kit: Kit, server: Canned, status: int, body: bytes) -> None:
    assert type(publish(kit, server, Reply(body, status))) is OutcomeUnknown


@pytest.mark.parametrize("kit", [XKit, FacebookKit, LinkedInKit], indirect=True, ids=lambda kit: str(kit.name))
def test_a_repeat_is_a_duplicate(kit: Kit, server: Canned) -> None:
    assert kit.duplicate is not None
    assert type(publish(kit, server, kit.duplicate)) is Duplicate


@pytest.mark.parametrize("kit", UPLOADING, indirect=True, ids=lambda kit: str(kit.name))
@pytest.mark.parametrize("trouble", [Fault.RESET, Reply(b"", 503), Reply(b"{", 200), Reply({}, 200)])
def test_a_failed_upload_posted_nothing(kit: Kit, server: Canned, trouble: Reply | Fault) -> None:
    kit.upload_with = trouble
    with pytest.raises(NotSent):
        kit.adapter(server.origin).publish(kit.outgoing(images=True), keep(kit))
    assert not any(map(kit.is_publish, server.requests))


@pytest.mark.parametrize("kit", UPLOADING, indirect=True, ids=lambda kit: str(kit.name))
def test_a_refused_image_is_rejected(kit: Kit, server: Canned) -> None:
    kit.upload_with = Reply({"error": {"code": 100, "message": "bad"}}, 422)
    with pytest.raises(Rejected):
        kit.adapter(server.origin).publish(kit.outgoing(images=True), keep(kit))


# Secrets and weight


_TROUBLE: list[Reply | Fault] = [
    Fault.RESET, Reply(b"CANARY", 500), Reply(b"{", 200), Reply({"error": "page-CANARY masto-CANARY at-CANARY"}, 403),
    Reply({"detail": "cs-CANARY ats-CANARY", "message": "access-CANARY", "error": "x"}, 400),
]  # fmt: skip


@pytest.mark.parametrize("trouble", _TROUBLE, ids=["reset", "500", "broken", "403", "400"])
def test_no_failure_path_shows_a_secret(
    kit: Kit, server: Canned, trouble: Reply | Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    kit.publish_with, kit.read_with = lambda request: trouble, trouble
    adapter = kit.adapter(server.origin)
    seen = []
    for act in (
        lambda: adapter.publish(kit.outgoing(images=True), keep(kit)),
        lambda: adapter.probe(kit.outgoing(), SINCE),
        adapter.verify,
    ):
        with pytest.raises(NetworkFailure) as caught:
            act()
        seen += ["".join(traceback.format_exception(caught.value)), repr(caught.value), str(caught.value.code)]
    assert [text for text in seen if any(secret in text for secret in kit.secrets.values())] == []
    assert [line for line in caplog.messages if any(secret in line for secret in kit.secrets.values())] == []


def test_the_list_of_closed_networks_is_that_of_their_files() -> None:
    found = {name: network(name) for name in NETWORKS}
    closed = {name: getattr(one, "closed_on", None) for name, one in found.items() if one.kind is Kind.CLOSED}
    assert closed == CLOSED


def test_classes_and_limits_load_nothing_heavy() -> None:
    code = (
        "import sys\nfrom crosspost.domain.networks import CLOSED, NETWORKS\nfrom crosspost.networks import postable\n"
        "assert all(postable(name).limits.text[0].max for name in NETWORKS if name not in CLOSED)\n"
        "print(sorted({'tweepy', 'facebook', 'httpx', 'requests', 'oauthlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_limits_state_unit_source_and_date(kit: Kit) -> None:
    limits = postable(kit.name).limits
    assert limits.source
    assert limits.read_on.year >= 2026
    assert [(one.max, one.unit) for one in limits.text] == {
        "x": [(280, "weighted characters")],
        "facebook": [(63206, "utf-16 units")],
        "mastodon": [(500, "characters")],
        "bluesky": [(300, "graphemes"), (3000, "utf-8 bytes")],
        "instagram": [(2200, "utf-16 units"), (5, "hashtags")],
        "threads": [(500, "threads characters"), (5, "unique links")],
        "linkedin": [(3000, "escaped utf-16 units")],
        "pinterest": [(800, "utf-16 units")],
    }[kit.name]


def test_each_adapter_offers_all_three_protocols(kit: Kit) -> None:
    adapter = kit.adapter(closed_port())
    assert isinstance(adapter, Publisher)
    assert isinstance(adapter, Meter)
    assert isinstance(adapter, Lister)


def test_the_text_is_sent_to_the_byte(kit: Kit, server: Canned) -> None:
    kit.adapter(server.origin).publish(kit.outgoing(), keep(kit))
    (sent,) = [request for request in server.requests if kit.is_content(request)]
    texts: dict[str, Any] = {
        "x": lambda request: request.json()["text"],
        "facebook": lambda request: request.form()["message"],
        "mastodon": lambda request: request.json()["status"],
        "bluesky": lambda request: request.json()["record"]["text"],
        "instagram": lambda request: request.form()["caption"],
        "threads": lambda request: request.form()["text"],
        "linkedin": lambda request: littletext.plain(request.json()["commentary"]),
        "pinterest": lambda request: request.json()["description"],
    }
    assert texts[kit.name](sent) == TEXT
