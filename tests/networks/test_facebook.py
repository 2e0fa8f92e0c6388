"""What only Facebook does."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crosspost.domain.errors import (
    Duplicate,
    NetworkFailure,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from crosspost.domain.post import Post, ReadingStatus
from tests.networks.canned import Canned, Reply, Request
from tests.networks.kits import (
    LINK,
    NOW,
    PNG,
    FacebookKit,
    failure_of,
    outgoing,
)

SINCE = NOW - timedelta(minutes=20)


@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [
        ({"code": 1, "is_transient": True}, 500, OutcomeUnknown),
        ({"code": 2}, 400, OutcomeUnknown),
        ({"code": 341}, 400, OutcomeUnknown),
        ({"code": 9999, "is_transient": True}, 400, OutcomeUnknown),
        ({"code": 100, "error_subcode": 33}, 400, Rejected),
        ({"code": 1609005}, 400, Rejected),
        ({"code": 3}, 403, Unauthorized),
        ({"code": 10}, 403, Unauthorized),
        ({"code": 200}, 403, Unauthorized),
        ({"code": 299}, 400, Unauthorized),
        ({"code": 102}, 400, Unauthorized),
        ({"code": 190, "error_subcode": 459}, 400, Unauthorized),
        ({"code": 4}, 403, RateLimited),
        ({"code": 17}, 400, RateLimited),
        ({"code": 613}, 400, RateLimited),
        ({"code": 80001, "error_subcode": 2494055}, 400, RateLimited),
        ({"code": 368, "error_subcode": 1390008}, 400, RateLimited),
        ({"code": 368, "error_subcode": 1404082}, 400, Duplicate),
        ({"code": 368, "error_subcode": 1404078}, 400, Unauthorized),
        ({"code": 368}, 400, Unauthorized),
        ({"code": 506}, 400, Duplicate),
        ({"code": 100}, 200, Rejected),
        ({"message": "no code at all"}, 200, OutcomeUnknown),
        ({"message": "no code at all"}, 400, Rejected),
    ],
)
def test_facebook_decides_on_code_then_subcode(
    error: dict[str, Any], status: int, expected: type[NetworkFailure]
) -> None:
    failure = failure_of(FacebookKit(), Reply({"error": {"message": "words", **error}}, status))
    assert type(failure) is expected


def test_facebook_link_card_and_photos_exclude_each_other() -> None:
    kit = FacebookKit()
    with Canned(kit) as server:
        adapter = kit.adapter(server.origin)
        adapter.publish(outgoing(), print)
        assert server.requests[-1].form()["link"] == LINK
        adapter.publish(outgoing(images=True), print)
        photo, feed = server.requests[-2:]
    assert photo.path == "/v26.0/1010/photos"
    assert PNG in photo.body
    assert "Un jardin d’automne".encode() in photo.body
    assert b'name="published"\r\n\r\nfalse\r\n' in photo.body, (
        "a photo that is public before its post is a post of its own"
    )
    assert json.loads(feed.form()["attached_media"]) == [{"media_fbid": "55"}]
    assert "link" not in feed.form()


def test_facebook_token_is_in_the_header_alone() -> None:
    kit = FacebookKit()
    with Canned(kit) as server:
        adapter = kit.adapter(server.origin, settings={"graph_version": "v25.0"})
        adapter.publish(outgoing(images=True), print)
        adapter.verify()
    for request in server.requests:
        assert request.headers["authorization"] == "Bearer page-CANARY"
        assert b"CANARY" not in request.body
        assert request.path.startswith("/v25.0/")


def test_facebook_says_when_another_version_was_served() -> None:
    kit = FacebookKit()
    kit.read_with = Reply({"id": "1010"}, headers={"facebook-api-version": "v27.0"})
    with Canned(kit) as server:
        notes = kit.adapter(server.origin).verify().notes
        kit.read_with = Reply({"id": "1010"}, headers={"facebook-api-version": "v26.0"})
        assert kit.adapter(server.origin).verify().notes == ()
    assert "v27.0" in notes[0]


def test_facebook_a_users_token_is_not_a_pages() -> None:
    kit = FacebookKit()
    message = "(#100) Tried accessing nonexisting field (followers_count) on node type (User)"
    kit.read_with = Reply({"error": {"message": message, "code": 100}}, 400)
    with Canned(kit) as server, pytest.raises(Unauthorized, match="Page"):
        kit.adapter(server.origin).verify()


def test_facebook_a_metric_without_permission_blinds_no_other() -> None:
    kit = FacebookKit()

    def answer(request: Request) -> Any:
        if "post_clicks" in request.query.get("metric", "").split(","):
            return Reply({"error": {"code": 200, "message": "requires read_insights"}}, 403)
        return kit(request)

    with Canned(answer) as server:
        readings = {one.metric: one for one in kit.adapter(server.origin).read_post(Post("1010_2020", None), NOW)}
    assert readings["clicks"].status is ReadingStatus.NOT_PERMITTED
    assert readings["link_clicks"].value == 61


@pytest.mark.parametrize("page", [
    {"data": [], "paging": {"next": "https://graph.facebook.com/more"}},
    {"data": [{"message": "no id", "created_time": "2026-03-02T08:00:00+0000"}]},
])  # fmt: skip
def test_facebook_comments_that_are_not_all_shown_prove_no_reply_absent(page: dict[str, Any]) -> None:
    reply = replace(outgoing(), parent_remote_id="1010_2020")

    def answer(request: Request) -> Any:
        return Reply(page) if request.path.endswith("/comments") else FacebookKit()(request)

    with Canned(answer) as server, pytest.raises(Unreachable):
        FacebookKit().adapter(server.origin).probe(reply, NOW - timedelta(minutes=20))
