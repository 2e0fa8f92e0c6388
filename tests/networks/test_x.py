"""What only X does."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from crosspost.domain.delivery import Found
from crosspost.domain.errors import (
    NoCredit,
    NotSent,
    Rejected,
    Unauthorized,
)
from crosspost.domain.post import Cause, Post, ReadingStatus
from tests.networks.canned import Canned, Reply, Request
from tests.networks.kits import (
    NOW,
    TEXT,
    XKit,
    failure_of,
    outgoing,
)

SINCE = NOW - timedelta(minutes=20)


def _x_problem(status: int, kind: str, title: str = "", detail: str = "no") -> Reply:
    return Reply({"title": title, "detail": detail, "type": kind, "status": status}, status)


@pytest.mark.parametrize("host", ["api.x.com", "api.twitter.com"])
def test_x_without_a_plan_the_account_is_blocked_not_the_content(host: str) -> None:
    for reply, code in (
        (_x_problem(403, f"https://{host}/2/problems/client-forbidden"), "client-forbidden"),
        (_x_problem(403, f"https://{host}/2/problems/unsupported-authentication"), "unsupported-authentication"),
    ):
        failure = failure_of(XKit(), reply)
        assert type(failure) is Unauthorized
        assert failure.code == code


@pytest.mark.parametrize("host", ["api.x.com", "api.twitter.com"])
def test_x_without_credits_neither_the_token_nor_the_content_is_at_fault(host: str) -> None:
    failure = failure_of(XKit(), _x_problem(402, f"https://{host}/2/problems/credits", "CreditsDepleted"))
    assert type(failure) is NoCredit
    assert failure.code == "credits"
    assert "top it up" in failure.reason


def test_x_signs_with_four_secrets_or_bears_a_token() -> None:
    kit = XKit()
    with Canned(kit) as server:
        kit.adapter(server.origin).publish(outgoing(), print)
        assert server.requests[-1].headers["authorization"].startswith("OAuth ")
        kit.secrets = {"bearer": "b-CANARY"}  # type: ignore[misc]
        kit.adapter(server.origin).publish(outgoing(), print)
        assert server.requests[-1].headers["authorization"] == "Bearer b-CANARY"


def test_x_the_bearer_token_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kit = XKit()
    kit.secrets = {"bearer": "b-CANARY"}  # type: ignore[misc]
    with Canned(kit) as server:
        kit.adapter(server.origin).publish(outgoing(images=True), print)
    assert len(server.requests) == 3
    assert [line for line in caplog.messages if "CANARY" in line] == []


def test_x_uploads_and_describes_the_image_before_the_post() -> None:
    kit = XKit()
    with Canned(kit) as server:
        kit.adapter(server.origin).publish(outgoing(images=True), print)
    upload, describe, post = server.requests
    assert upload.json() == {"media": "iVBORw0KGgoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                             "media_category": "tweet_image"}  # fmt: skip
    assert describe.json() == {"id": "77", "metadata": {"alt_text": {"text": "Un jardin d’automne"}}}
    assert post.json() == {"text": TEXT, "media": {"media_ids": ["77"]}}


def test_x_an_image_still_in_work_waits_for_the_next_attempt() -> None:
    kit = XKit()
    state = ["in_progress"]

    def working(request: Request) -> Any:
        if request.path == "/2/media/upload" and state[0] == "gone" and request.method == "GET":
            return Reply({"title": "Not Found"}, 404)
        if request.path == "/2/media/upload":
            return Reply({"data": {"id": "77", "processing_info": {"state": state[0]}}})
        return kit(request)

    with Canned(working) as server:
        adapter, again = kit.adapter(server.origin), outgoing(images=True, handle="77")
        with pytest.raises(NotSent):
            adapter.publish(outgoing(images=True), kit.saved.handles.append)
        assert kit.saved.handles == ["77"]
        with pytest.raises(NotSent):
            adapter.publish(again, print)
        state[0] = "failed"
        with pytest.raises(Rejected):
            adapter.publish(again, print)
        assert not any(map(kit.is_publish, server.requests))
        assert sum(request.path == "/2/media/upload" and request.method == "POST" for request in server.requests) == 1
        state[0] = "succeeded"
        adapter.publish(again, print)
        assert server.requests[-1].json()["media"] == {"media_ids": ["77"]}
        state[0] = "gone"
        adapter.publish(again, print)
        assert [request.method for request in server.requests[-4:]] == ["GET", "POST", "POST", "POST"]


def test_x_reads_both_vocabularies() -> None:
    kit = XKit()
    with Canned(kit) as server:
        adapter = kit.adapter(server.origin)
        kit.without = {"post_count"}
        assert {one.metric: one.value for one in adapter.read_account(NOW)}["posts"] is None
        kit.without = set()
        new = {one.metric: one for one in adapter.read_account(NOW)}["posts"]
        assert (new.value, new.provider_name, new.provider_version) == (12, "post_count", "2.168")
        old = {"data": {"id": "1", "public_metrics": {"tweet_count": 5}}}
        kit.read_with = Reply(old)
        assert {one.metric: one.value for one in adapter.read_account(NOW)}["posts"] == 5


def test_x_clicks_after_thirty_days_are_expired_and_before_that_not_permitted() -> None:
    kit = XKit()
    kit.without = {"url_link_clicks", "user_profile_clicks"}
    with Canned(kit) as server:
        adapter = kit.adapter(server.origin)
        late = {one.metric: one for one in adapter.read_post(Post(kit.post_id, None), NOW + timedelta(days=40))}
        assert late["link_clicks"].status is ReadingStatus.EXPIRED
        old = Post(kit.post_id, None, published_at=NOW - timedelta(days=31))
        adapter.read_post(old, NOW)
        assert "non_public_metrics" not in server.requests[-1].target, "an expired field is not asked (and paid) for"
        page = {
            "data": [{"id": kit.post_id, "created_at": "2026-11-19T09:30:00Z", "public_metrics": {"like_count": 3}}]
        }
        kit.read_with = Reply(page | {"meta": {}, "errors": [{"type": "…/not-authorized-for-field"}]})
        denied = {one.metric: one for one in adapter.read_post(Post(kit.post_id, None), NOW)}
    assert denied["link_clicks"].status is ReadingStatus.NOT_PERMITTED
    assert denied["likes"].value == 3


def test_x_asks_the_own_timeline_for_one_post_alone() -> None:
    kit = XKit()
    with Canned(kit) as server:
        kit.adapter(server.origin).read_post(Post(kit.post_id, None), NOW)
    query = server.requests[-1].query
    assert (int(query["since_id"]), int(query["until_id"])) == (int(kit.post_id) - 1, int(kit.post_id) + 1)


def test_x_a_deleted_post_has_no_numbers() -> None:
    kit = XKit()

    def without(request: Request) -> Any:
        return (
            Reply({"meta": {"result_count": 0}})
            if request.path.endswith("/tweets") and "/users/" in request.path
            else kit(request)
        )

    with Canned(without) as server:
        readings = kit.adapter(server.origin).read_post(Post(kit.post_id, None), NOW)
        assert [request.path for request in server.requests][-1] == "/2/tweets", "the timeline alone proves nothing"
    assert {one.value for one in readings} == {None}
    assert {one.cause for one in readings if one.status is ReadingStatus.UNAVAILABLE} == {Cause.GONE}


def test_x_a_post_too_far_down_the_timeline_is_looked_up_and_not_gone() -> None:
    kit = XKit()

    def deep(request: Request) -> Any:
        if request.path.endswith("/tweets") and "/users/" in request.path:
            return Reply({"meta": {"result_count": 0}})
        return Reply({"data": [kit._measured()]}) if request.path == "/2/tweets" else kit(request)

    with Canned(deep) as server:
        readings = {one.metric: one for one in kit.adapter(server.origin).read_post(Post(kit.post_id, None), NOW)}
    assert readings["impressions"].value == 900


def _invalid(parameter: str, value: str | None) -> Reply:
    said = f"The `{parameter}` query parameter value [{value}] is not one of [id,text]"
    if value is None:
        said = f"The query parameter [{parameter}] is not one of [id,post.fields,max_results]"
    kind = "https://api.x.com/2/problems/invalid-request"
    return Reply({"errors": [{"message": said, "parameters": {parameter: [value]}}], "title": "Invalid Request",
                  "detail": "One or more parameters to your request was invalid.", "type": kind}, 400)  # fmt: skip


def test_x_a_server_that_knows_the_new_parameter_alone_is_asked_in_its_words() -> None:
    kit = XKit()

    def new_only(request: Request) -> Any:
        return _invalid("tweet.fields", None) if "tweet.fields" in request.query else kit(request)

    with Canned(new_only) as server:
        readings = {one.metric: one for one in kit.adapter(server.origin).read_post(Post(kit.post_id, None), NOW)}
        assert "public_metrics" in server.requests[-1].query["post.fields"]
    assert readings["impressions"].value == 900


def test_x_a_field_that_died_blinds_no_other_and_is_not_asked_for_again() -> None:
    kit = XKit()

    def dead(request: Request) -> Any:
        if "non_public_metrics" in request.query.get("tweet.fields", ""):
            return _invalid("tweet.fields", "non_public_metrics")
        raw = kit._measured()
        raw.pop("non_public_metrics")
        return Reply({"data": [raw], "meta": {"result_count": 1}})

    with Canned(dead) as server:
        readings = {one.metric: one for one in kit.adapter(server.origin).read_post(Post(kit.post_id, None), NOW)}
        clicks = readings["link_clicks"]
        assert (clicks.status, clicks.cause) == (ReadingStatus.UNAVAILABLE, Cause.DEAD_NAME)
        assert clicks.provider_name == "non_public_metrics"
        assert readings["likes"].value == 7
        before = len(server.requests)
        known = kit.adapter(server.origin, dead={clicks.provider_name: "X no longer knows it"})
        again = {one.metric: one for one in known.read_post(Post(kit.post_id, None), NOW)}
        assert len(server.requests) == before + 1
        assert again["link_clicks"].reason == "X no longer knows it"
        assert again["link_clicks"].cause is None, "nobody was asked"


def test_x_errors_in_place_of_posts_prove_nothing() -> None:
    kit = XKit()
    kit.read_with = Reply({"errors": [{"title": "Over capacity"}], "meta": {"result_count": 0}})
    with Canned(kit) as server:
        assert kit.adapter(server.origin).probe(outgoing(), SINCE).found is Found.INCONCLUSIVE
