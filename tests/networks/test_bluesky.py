"""What only Bluesky does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crosspost.domain.delivery import Found
from crosspost.domain.errors import (
    NetworkFailure,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from crosspost.domain.teaser import Card
from crosspost.networks._record import facets, post_record
from tests.networks.canned import Canned, Reply, Request
from tests.networks.kits import (
    LINK,
    NOW,
    PNG,
    SHA,
    TEXT,
    BlueskyKit,
    failure_of,
    outgoing,
)

SINCE = NOW - timedelta(minutes=20)


def _bluesky(kit: BlueskyKit, act: Callable[[Any], object]) -> list[Request]:
    with Canned(kit) as server:
        act(kit.adapter(server.origin))
        return server.requests


def _expire_once(kit: BlueskyKit) -> None:
    kit.publish_with = lambda request: kit.expired if "access-CANARY" in request.headers["authorization"] else None


def test_bluesky_refreshes_an_expired_session_once_and_saves_it_before_use() -> None:
    kit = BlueskyKit()
    kit.refresh_with = None
    _expire_once(kit)
    requests = _bluesky(kit, lambda adapter: adapter.publish(outgoing(), print))
    assert [request.path.rpartition(".")[2] for request in requests] == ["putRecord", "refreshSession", "putRecord"]
    assert kit.saved.secrets == [("refresh_jwt", "refresh-2"), ("access_jwt", "access-2")]
    assert requests[1].headers["authorization"] == "Bearer refresh-CANARY"
    assert requests[2].headers["authorization"] == "Bearer access-2"
    assert requests[0].body == requests[2].body


def test_bluesky_logs_in_when_the_refresh_token_is_dead_too() -> None:
    kit = BlueskyKit()
    kit.log_in_with = None
    _expire_once(kit)
    requests = _bluesky(kit, lambda adapter: adapter.publish(outgoing(), print))
    assert [request.path.rpartition(".")[2] for request in requests] == [
        "putRecord", "refreshSession", "createSession", "putRecord",
    ]  # fmt: skip
    assert requests[2].json() == {"identifier": "jardin.example", "password": "pw-CANARY"}


def test_bluesky_logs_in_once_when_there_is_no_session() -> None:
    kit = BlueskyKit()
    kit.secrets = {"app_password": "pw-CANARY"}  # type: ignore[misc]
    kit.log_in_with = None
    requests = _bluesky(kit, lambda adapter: (adapter.verify(), adapter.read_account(NOW)))
    assert [request.path.rpartition(".")[2] for request in requests] == ["createSession", "getSession", "getProfile"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Reply({"error": "InvalidRequest", "message": "no identifier"}, 400), Unauthorized),
        (Reply({"error": "AuthenticationRequired"}, 401), Unauthorized),
        (Reply({"error": "AccountTakedown"}, 401), Unauthorized),
        (Reply({"error": "RateLimitExceeded"}, 429), RateLimited),
        (Reply(b"", 502), NotSent),
        (Reply({"did": "x", "accessJwt": "", "refreshJwt": ""}), NotSent),
    ],
)
def test_bluesky_a_failed_log_in_never_blames_the_content(answer: Reply, expected: type[NetworkFailure]) -> None:
    kit = BlueskyKit()
    kit.secrets = {"app_password": "pw-CANARY"}  # type: ignore[misc]
    kit.log_in_with = answer
    with Canned(kit) as server, pytest.raises(NetworkFailure) as caught:
        kit.adapter(server.origin).publish(outgoing(), print)
    assert type(caught.value) is expected
    assert kit.saved.secrets == []


SWAP = Reply({"error": "InvalidSwap", "message": "Record was at bafyother"}, 400)


def test_bluesky_a_taken_key_with_our_link_is_our_post() -> None:
    kit = BlueskyKit()
    kit.publish_with = lambda request: SWAP
    kit.posts = [kit.posted(NOW)]
    with Canned(kit) as server:
        post = kit.adapter(server.origin).publish(outgoing(), print)
    assert post.remote_id == kit.post_id


def test_bluesky_a_taken_key_with_another_post_is_rejected_and_never_edited() -> None:
    kit = BlueskyKit()
    kit.posts = [kit.posted(NOW, link="https://go.example/other")]
    failure = failure_of(kit, SWAP)
    assert type(failure) is Rejected
    assert failure.code == "InvalidSwap"


@pytest.mark.parametrize("look", [Reply(b"", 503), Reply({"error": "RecordNotFound"}, 400)])
def test_bluesky_a_taken_key_that_cannot_be_read_is_unknown(look: Reply) -> None:
    kit = BlueskyKit()
    kit.read_with = look
    assert type(failure_of(kit, SWAP)) is OutcomeUnknown


def test_bluesky_every_attempt_sends_the_same_bytes_and_creates_only() -> None:
    kit = BlueskyKit()
    requests = _bluesky(
        kit,
        lambda adapter: (adapter.publish(outgoing(images=True), print), adapter.publish(outgoing(images=True), print)),
    )
    first, second = [request for request in requests if kit.is_publish(request)]
    assert first.body == second.body
    body = first.json()
    assert "swapRecord" in body
    assert body["swapRecord"] is None
    assert (body["rkey"], body["repo"]) == ("3m5z7abcdefgh", "did:plc:abc123")
    assert body["record"]["createdAt"] == "2026-11-20T09:29:00.000Z"
    assert body["record"]["langs"] == ["fr"]
    image = body["record"]["embed"]["images"][0]
    assert (image["alt"], image["aspectRatio"]) == ("Un jardin d’automne", {"width": 640, "height": 480})
    assert image["image"]["ref"] == {"$link": "bafkimage"}


def test_bluesky_positions_are_utf8_bytes() -> None:
    found = facets(TEXT, LINK)
    raw = TEXT.encode()
    pieces = [(raw[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode(), one["features"][0]) for one in found]
    assert pieces == [
        (LINK, {"$type": "app.bsky.richtext.facet#link", "uri": LINK}),
        ("#Jardin", {"$type": "app.bsky.richtext.facet#tag", "tag": "Jardin"}),
    ]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("l’#été, #2026 et #l’art", ["#été", "#l"]),
        ("voir https://a.example/#ancre", ["https://a.example/#ancre"]),
        ("(https://a.example/b_(c)).", ["https://a.example/b_(c)"]),
        ("« https://a.example/x »", ["https://a.example/x"]),
        ("a#b &#39; ##c", []),
        ("", []),
    ],
)
def test_bluesky_what_is_clickable(text: str, marked: list[str]) -> None:
    raw = text.encode()
    spans = [one["index"] for one in facets(text, "")]
    assert [raw[span["byteStart"] : span["byteEnd"]].decode() for span in spans] == marked


CARDED = outgoing(card=Card(LINK, "Trois idées", "Pour le jardin", SHA), images=True)


def test_bluesky_the_image_of_a_card_is_its_thumbnail_and_nothing_else() -> None:
    blob = {"$type": "blob", "ref": {"$link": "bafkimage"}}
    embed = post_record(CARDED, {SHA: blob}, None)["embed"]
    assert embed["$type"] == "app.bsky.embed.external"
    expected = {"uri": LINK, "title": "Trois idées", "description": "Pour le jardin", "thumb": blob}
    assert embed["external"] == expected


def test_bluesky_a_card_goes_without_a_picture_that_is_too_large_for_one() -> None:
    kit = BlueskyKit()
    large = replace(CARDED, attachments={SHA: PNG + bytes(1_000_000)})
    requests = _bluesky(kit, lambda adapter: adapter.publish(large, print))
    (only,) = requests
    assert "thumb" not in only.json()["record"]["embed"]["external"]


def test_bluesky_a_reply_names_its_parent_and_the_head_of_the_thread() -> None:
    kit = BlueskyKit()
    root = {"uri": "at://did:plc:abc123/app.bsky.feed.post/root", "cid": "bafyroot"}
    parent = {"uri": kit.post_id, "value": {"text": "…", "reply": {"root": root, "parent": root}}}
    kit.posts = [parent]
    requests = _bluesky(kit, lambda adapter: adapter.publish(outgoing(parent_remote_id=kit.post_id), print))
    assert requests[-1].json()["record"]["reply"] == {"root": root, "parent": {"uri": kit.post_id, "cid": "bafyone"}}


def test_bluesky_the_pds_named_by_an_answer_never_leads_into_a_private_network() -> None:
    kit = BlueskyKit()
    with Canned(kit) as server, Canned(kit) as private:
        adapter = kit.adapter(server.origin, settings={"pds": private.origin}, also=private.origin)
        with pytest.raises(Unreachable):
            adapter.probe(outgoing(), SINCE)
        assert (server.requests, private.requests) == ([], [])
        same = kit.adapter(server.origin, settings={"pds": server.origin})
        assert same.probe(outgoing(), SINCE).found is Found.ABSENT
