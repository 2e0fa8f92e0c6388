"""Mastodon's particulars."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from crosspost.sandbox.running import Sandbox
from tests.sandbox.speakers import Speaker, link_of, png


def test_a_key_gives_the_same_status_for_an_hour(virtual: Sandbox) -> None:
    ana = Speaker(virtual, "mastodon")
    first = ana.publish(1, key="k").json()
    other = ana.publish(2, text="autre", key="k").json()
    assert first["id"] == other["id"], "the text of a repeat is not even looked at"
    assert ana.publish(1, key="l").json()["id"] != first["id"]
    virtual.advance(seconds=3599)
    assert ana.publish(1, key="k").json()["id"] == first["id"]
    virtual.advance(seconds=2)
    assert ana.publish(1, key="k").json()["id"] != first["id"]


def test_one_account_s_key_is_nothing_to_another(sandbox: Sandbox) -> None:
    ana, ben = Speaker(sandbox, "mastodon"), Speaker(sandbox, "mastodon", handle="ben")
    assert ana.publish(1, key="k").json()["id"] != ben.publish(1, key="k").json()["id"]


def test_a_server_may_ignore_keys_and_says_what_it_is(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "mastodon", key_honoured=False, software="gotosocial")
    assert ana.publish(1).json()["id"] != ana.publish(1).json()["id"]
    assert "gotosocial" in ana.http.get("/api/v2/instance").json()["version"]
    ben = Speaker(sandbox, "mastodon", handle="ben")
    assert ben.http.get("/api/v2/instance").json()["version"][0] == "4"


def test_eight_at_once_with_one_key_make_one_status(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "mastodon")
    with ThreadPoolExecutor(8) as pool:
        ids = {answer.json()["id"] for answer in pool.map(lambda _: ana.publish(1, key="k"), range(8))}
    assert len(ids) == len(ana.posted()) == 1


@pytest.mark.parametrize(
    ("text", "limit", "good"),
    [
        ("é" * 500, 500, True),
        ("é" * 501, 500, False),
        ("a" * 476 + " " + link_of(1), 500, True),
        ("a" * 477 + " " + link_of(1), 500, False),
        ("👩‍👩‍👧‍👦" * 500, 500, True),
        ("👩‍👩‍👧‍👦" * 501, 500, False),
        ("a" * 5000, 5000, True),
        ("", 500, False),
    ],
)
def test_the_text_limit_is_the_instance_s(sandbox: Sandbox, text: str, limit: int, good: bool) -> None:
    ana = Speaker(sandbox, "mastodon", text_limit=limit)
    told = ana.http.get("/api/v2/instance").json()["configuration"]["statuses"]
    assert (told["max_characters"], told["characters_reserved_per_url"]) == (limit, 23)
    assert ana.http.get("/api/v1/instance").json()["configuration"]["statuses"] == told
    answer = ana.http.post("/api/v1/statuses", json={"status": text})
    assert answer.status_code == (200 if good else 422)
    assert len(ana.posted()) == good


def test_the_warning_counts_too(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "mastodon")
    body = {"status": "a" * 400, "spoiler_text": "b" * 101}
    assert ana.http.post("/api/v1/statuses", json=body).status_code == 422


def test_markup_is_text_and_links_and_tags_are_anchors(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "mastodon")
    text = f"1 < 2 & <b>\nligne\n\n{link_of(1)} #Été #12"
    content = ana.http.post("/api/v1/statuses", json={"status": text}).json()["content"]
    assert content.startswith("<p>1 &lt; 2 &amp; &lt;b&gt;<br />ligne</p><p><a href=")
    assert f'href="{link_of(1)}"' in content
    assert "#<span>Été</span></a> #12</p>" in content


def test_media_take_their_time(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "mastodon", media_polls=2)
    files = {"file": ("a.png", png(), "image/png")}
    answer = ana.http.post("/api/v2/media", data={"description": "un graphique"}, files=files)
    assert (answer.status_code, answer.json()["url"]) == (202, None)
    media_id = answer.json()["id"]
    assert ana.http.post("/api/v1/statuses", json={"status": "a", "media_ids": [media_id]}).status_code == 422
    assert [ana.http.get(f"/api/v1/media/{media_id}").status_code for _ in range(3)] == [206, 206, 200]
    assert ana.http.put(f"/api/v1/media/{media_id}", data={"description": "mieux"}).json()["description"] == "mieux"
    status = ana.http.post("/api/v1/statuses", json={"status": "a", "media_ids": [media_id]}).json()
    assert [one["description"] for one in status["media_attachments"]] == ["mieux"]
    assert ana.http.post("/api/v2/media", files={"file": ("a.txt", b"text", "text/plain")}).status_code == 422
    assert ana.http.post("/api/v1/statuses", json={"status": "a", "media_ids": ["7"]}).status_code == 404


def test_counts(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "mastodon")
    status_id = ana.publish(1).json()["id"]
    assert sandbox.state is not None
    post = sandbox.state.posts[0]
    post.likes, post.reposts, post.replies, post.quotes = 4, 3, 2, 1
    (status,) = ana.http.get("/api/v1/statuses", params={"id[]": [status_id, "7"]}).json()
    counts = [status[f"{name}_count"] for name in ("favourites", "reblogs", "replies", "quotes")]
    assert counts == [4, 3, 2, 1]
    me = ana.http.get("/api/v1/accounts/verify_credentials").json()
    assert (me["followers_count"], me["statuses_count"], me["id"]) == (500, 1, ana.id)


@pytest.mark.parametrize(
    "more", [{"scheduled_at": "2026-12-01T00:00:00Z"}, {"visibility": "secret"}, {"in_reply_to_id": "7"}]
)
def test_what_a_status_may_not_hold(sandbox: Sandbox, more: dict[str, str]) -> None:
    ana = Speaker(sandbox, "mastodon")
    assert ana.http.post("/api/v1/statuses", json={"status": "a", **more}).status_code in (400, 404, 422)
    assert ana.posted() == []
