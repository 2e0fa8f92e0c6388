"""X's particulars."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from crosspost.sandbox.running import Sandbox
from tests.sandbox.speakers import Speaker, link_of, png

FIELDS = "created_at,entities,attachments,public_metrics"


def test_links_come_back_wrapped_and_expandable(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "x")
    text = f"Là : {link_of(1)}, aussi exemple.fr et http://127.0.0.1:8811/ab."
    sent = ana.http.post("/2/tweets", json={"text": text}).json()["data"]
    post = ana.http.get(f"/2/tweets/{sent['id']}", params={"post.fields": FIELDS}).json()["data"]
    assert post["text"] == sent["text"]
    assert "example.com" not in post["text"]
    urls = post["entities"]["urls"]
    assert [url["expanded_url"] for url in urls] == [link_of(1), "http://exemple.fr", "http://127.0.0.1:8811/ab"]
    assert all(post["text"][url["start"] : url["end"]] == url["url"] for url in urls)
    assert all(url["url"].startswith("https://t.co/") and len(url["url"]) == 23 for url in urls)
    assert sandbox.posted()[0]["text"] == text


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("é" * 280, 201),
        ("é" * 281, 403),
        ("a" * 256 + " " + link_of(1), 201),  # any link weighs 23
        ("a" * 257 + " " + link_of(1), 403),
        ("…" * 140, 201),  # weighs 2
        ("…" * 141, 403),
        ("👩‍👩‍👧‍👦" * 140, 201),
        ("👩‍👩‍👧‍👦" * 141, 403),
        ("", 400),
        ("  ", 400),
    ],
)
def test_the_text_limit_is_exact(sandbox: Sandbox, text: str, status: int) -> None:
    ana = Speaker(sandbox, "x")
    assert ana.http.post("/2/tweets", json={"text": text}).status_code == status
    assert len(ana.posted()) == (status == 201)


def test_premium_may_say_more(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "x", premium=True)
    assert ana.http.post("/2/tweets", json={"text": "a" * 25_000}).status_code == 201
    assert ana.http.post("/2/tweets", json={"text": "b" * 25_001}).status_code == 403


@pytest.mark.parametrize(
    "body", [{"text": "a", "texte": "b"}, {"text": 3}, ["a"], {"text": "a", "media": {"media_ids": ["x"]}}]
)
def test_a_body_that_is_not_as_described_is_refused(sandbox: Sandbox, body: Any) -> None:
    answer = Speaker(sandbox, "x").http.post("/2/tweets", json=body)
    assert (answer.status_code, answer.json()["title"]) == (400, "Invalid Request")


def test_a_repeat_is_refused_until_the_first_is_gone_or_old(virtual: Sandbox) -> None:
    ana = Speaker(virtual, "x", duplicate_window_s=3600, token_life_s=10**6)
    assert ana.publish(1).status_code == 201
    answer = ana.publish(1)
    assert answer.status_code == 403
    assert answer.json()["detail"] == "You are not allowed to create a Tweet with duplicate content."
    assert ana.publish(2).status_code == 201, "another link is another text"
    ana.http.delete(f"/2/tweets/{virtual.posted()[0]['id']}")
    assert ana.publish(1).status_code == 201
    virtual.advance(seconds=3601)
    assert ana.publish(1).status_code == 201
    Speaker(virtual, "x", duplicate_window_s=0)
    assert ana.publish(1).status_code == 201


def test_both_vocabularies_are_understood_and_one_is_answered(sandbox: Sandbox) -> None:
    for vocabulary, reposts, posts, edits in (
        ("new", "repost_count", "post_count", "edit_history_post_ids"),
        ("old", "retweet_count", "tweet_count", "edit_history_tweet_ids"),
    ):
        ana = Speaker(sandbox, "x", handle=vocabulary, vocabulary=vocabulary)
        created = ana.publish(1).json()["data"]
        assert edits in created
        for parameter in ("post.fields", "tweet.fields"):
            (post,) = ana.listed(5, **{parameter: "public_metrics,entities"}).json()["data"]
            assert reposts in post["public_metrics"]
            assert edits in post
        me = ana.http.get("/2/users/me", params={"user.fields": "public_metrics"}).json()["data"]
        assert me["public_metrics"][posts] == 1
        assert me["public_metrics"]["followers_count"] == 500
    assert ana.listed(5, **{"post.fields": "public_metrics,mood"}).status_code == 400


def test_private_counts_are_the_author_s_for_thirty_days(virtual: Sandbox) -> None:
    ana = Speaker(virtual, "x", token_life_s=10**8)
    ben = Speaker(virtual, "x", handle="ben")
    ana.publish(1)
    assert virtual.state is not None
    post = virtual.state.posts[0]
    post.impressions, post.link_clicks, post.likes = 900, 12, 5
    query = {"ids": post.id, "tweet.fields": "public_metrics,non_public_metrics"}
    mine = ana.http.get("/2/tweets", params=query).json()["data"][0]
    assert mine["public_metrics"]["impression_count"] == 900
    assert mine["non_public_metrics"] == {
        "impression_count": 900, "url_link_clicks": 12, "user_profile_clicks": 0, "engagements": 17,
    }  # fmt: skip
    theirs = ben.http.get("/2/tweets", params=query).json()
    assert "non_public_metrics" not in theirs["data"][0]
    assert theirs["errors"][0]["type"].endswith("/field-unauthorized")
    virtual.advance(seconds=30 * 86400 + 1)
    late = ana.http.get("/2/tweets", params=query)
    assert late.status_code == 200
    assert "non_public_metrics" not in late.json()["data"][0]
    assert late.json()["errors"]


def test_the_timeline_takes_times_and_ids(virtual: Sandbox) -> None:
    ana = Speaker(virtual, "x")
    for n in range(4):
        ana.publish(n)
        virtual.advance(seconds=60)
    ids = [entry["id"] for entry in virtual.posted()]
    assert ana.found(5, start_time="2026-03-02T08:02:00Z") == [link_of(3), link_of(2)]
    assert ana.found(5, end_time="2026-03-02T08:01:00Z") == [link_of(0)]
    assert ana.found(5, since_id=ids[1]) == [link_of(3), link_of(2)]
    assert ana.found(5, until_id=ids[1]) == [link_of(0)]
    reply = ana.http.post("/2/tweets", json={"text": "suite", "reply": {"in_reply_to_tweet_id": ids[0]}})
    assert reply.status_code == 201
    assert len(ana.listed(5).json()["data"]) == 5
    assert len(ana.listed(5, exclude="replies,retweets").json()["data"]) == 4
    for wrong in ({"max_results": 4}, {"max_results": 101}, {"start_time": "yesterday"}, {"exclude": "likes"}):
        assert ana.listed(5, **wrong).status_code == 400, wrong


def test_images_with_alt_text(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "x", media_polls=1)
    body = {"media": base64.b64encode(png()).decode(), "media_category": "tweet_image"}
    media_id = ana.http.post("/2/media/upload", json=body).json()["data"]["id"]
    described = {"id": media_id, "metadata": {"alt_text": {"text": "un graphique"}}}
    assert ana.http.post("/2/media/metadata", json=described).status_code == 200
    wanted = {"text": "avec image", "media": {"media_ids": [media_id]}}
    assert ana.http.post("/2/tweets", json=wanted).status_code == 400, "still working on it"
    status = ana.http.get("/2/media/upload", params={"command": "STATUS", "media_id": media_id}).json()["data"]
    assert status["processing_info"]["state"] == "succeeded"
    assert ana.http.post("/2/tweets", json=wanted).status_code == 201
    (post,) = ana.listed(5, **{"post.fields": FIELDS}).json()["data"]
    assert post["attachments"]["media_keys"] == [f"3_{media_id}"]
    assert sandbox.posted()[0]["data"]["alt"] == ["un graphique"]
    assert sandbox.posted()[0]["links"] == [], "its own picture is no link"
    described["metadata"]["alt_text"]["text"] = "a" * 1001
    assert ana.http.post("/2/media/metadata", json=described).status_code == 400
    assert ana.http.post("/2/media/upload", json={**body, "media": "AAAA"}).status_code == 400
    large = base64.b64encode(png() + b"\0" * 5_000_000).decode()
    assert ana.http.post("/2/media/upload", json={**body, "media": large}).status_code == 400


def test_oauth_1_knows_its_tokens_and_refresh_tokens_work_once(virtual: Sandbox) -> None:
    ana = Speaker(virtual, "x")

    def header(key: str, token: str) -> str:
        return f'OAuth oauth_consumer_key="{key}", oauth_token="{token}", oauth_signature="any"'

    key, token = ana.secrets["consumer_key"], ana.secrets["access_token"]
    for value, status in ((header(key, token), 201), (header("other", token), 401), (header(key, "other"), 401)):
        ana.http.headers["authorization"] = value
        assert ana.publish(status).status_code == status
    virtual.advance(seconds=7201)
    ana.http.headers["authorization"] = f"Bearer {ana.secrets['bearer']}"
    assert ana.publish(2).json()["title"] == "Unauthorized"
    wanted = {"grant_type": "refresh_token", "refresh_token": ana.secrets["refresh_token"], "client_id": "a"}
    fresh = ana.http.post("/2/oauth2/token", data=wanted).json()
    ana.http.headers["authorization"] = f"Bearer {fresh['access_token']}"
    assert ana.publish(3).status_code == 201
    again = ana.http.post("/2/oauth2/token", data=wanted)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")
    wanted["refresh_token"] = fresh["refresh_token"]
    assert ana.http.post("/2/oauth2/token", data=wanted).status_code == 200


def test_a_missing_post_is_an_error_beside_those_found(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "x")
    post_id = ana.publish(1).json()["data"]["id"]
    answer = ana.http.get("/2/tweets", params={"ids": f"{post_id},7"})
    assert (answer.status_code, len(answer.json()["data"])) == (200, 1)
    assert answer.json()["errors"][0]["type"].endswith("/resource-not-found")
    assert ana.http.get("/2/tweets/7").status_code == 404
    assert ana.http.get("/2/tweets", params={"ids": "seven"}).status_code == 400
