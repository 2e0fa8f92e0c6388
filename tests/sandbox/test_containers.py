"""Instagram's and Threads' particulars: containers, quotas, and what each takes and tells."""

from __future__ import annotations

from typing import Any

import pytest

from crosspost.sandbox.errors import ERRORS
from crosspost.sandbox.running import Sandbox
from tests.sandbox.speakers import Speaker, link_of

both = pytest.mark.parametrize("network", ["instagram", "threads"])
STATE = {"instagram": "status_code", "threads": "status"}
HOST = {"instagram": "/v26.0/", "threads": "/v1.0/"}


def made(ana: Speaker, n: int = 1) -> str:
    answer = ana.contain(f"Bonjour {link_of(n)}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def state(ana: Speaker, container: str) -> Any:
    fields = {"fields": f"{STATE[ana.network]},id"}
    return ana.http.get(HOST[ana.network] + container, params=fields).json()[STATE[ana.network]]


def error(answer: Any) -> tuple[int, int | None]:
    found = answer.json()["error"]
    return found["code"], found.get("error_subcode")


@both
def test_nothing_is_public_before_the_second_phase(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    container = made(ana)
    assert (state(ana, container), ana.posted(), ana.found()) == ("FINISHED", [], [])
    answer = ana.show(container)
    assert answer.json()["id"] != container
    assert (state(ana, container), ana.found()) == ("PUBLISHED", [link_of(1)])
    assert sandbox.ledger()[0]["data"]["container"] == container


@both
def test_a_container_is_published_once(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    container = made(ana)
    assert ana.show(container).is_success
    assert error(ana.show(container)) == (24, 2207006)
    assert len(ana.posted()) == 1


@both
def test_a_container_in_work_cannot_be_published_yet(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network, media_polls=2)
    container = made(ana)
    assert error(ana.show(container)) == (9007, 2207027)
    assert [state(ana, container) for _ in range(3)] == ["IN_PROGRESS", "IN_PROGRESS", "FINISHED"]
    assert ana.show(container).is_success


@both
def test_a_container_lives_for_a_day(virtual: Sandbox, network: str) -> None:
    ana = Speaker(virtual, network)
    kept, used = made(ana), made(ana, 2)
    ana.show(used)
    virtual.advance(seconds=86_399)
    assert state(ana, kept) == "FINISHED"
    virtual.advance(seconds=1)
    assert (state(ana, kept), state(ana, used)) == ("EXPIRED", "PUBLISHED")
    assert error(ana.show(kept)) == (100, 2207020)


@both
def test_a_container_that_failed_says_why(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    sandbox.set_fault("media_failure", count=1)
    container = made(ana)
    assert state(ana, container) == "ERROR"
    field = {"instagram": "status", "threads": "error_message"}[network]
    told = ana.http.get(HOST[network] + container, params={"fields": field}).json()[field]
    assert ("2207005" in told) == (network == "instagram")
    assert ana.show(container).status_code == 400
    assert ana.posted() == []


@both
def test_containers_belong_to_their_account(sandbox: Sandbox, network: str) -> None:
    ana, ben = Speaker(sandbox, network), Speaker(sandbox, network, handle="ben")
    container = made(ana)
    assert error(ben.show(container)) == (100, 33)
    assert error(ben.http.get(HOST[network] + container)) == (100, 33)
    assert error(ben.http.get(HOST[network] + f"{ana.id}")) == (100, 33)
    assert error(ana.show("17900000000000009")) == (100, 33)


@both
def test_the_quota_counts_a_moving_day(virtual: Sandbox, network: str) -> None:
    ana = Speaker(virtual, network)
    edge = {"instagram": "content_publishing_limit", "threads": "threads_publishing_limit"}[network]

    def quota() -> tuple[int, int]:
        (row,) = ana.http.get(f"{HOST[network]}{ana.id}/{edge}", params={"fields": "quota_usage,config"}).json()["data"]
        assert row["config"]["quota_duration"] == 86_400
        return row["quota_usage"], row["config"]["quota_total"]

    most = {"instagram": 100, "threads": 250}[network]
    for n in range(most):
        assert ana.publish(n).is_success
        virtual.advance(seconds=60)
    assert quota() == (most, most)
    answer = ana.publish(999)
    assert (answer.status_code, error(answer)) == (403, (9, 2207042))
    virtual.advance(seconds=86_400 - 60 * most + 1)
    assert quota() == (most - 1, most)
    assert ana.publish(999).is_success
    Speaker(virtual, network, rate_limits=False)
    assert ana.publish(1000).is_success


@both
def test_an_unknown_parameter_names_itself(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    assert "mood" in ana.contain("a", mood="b").text
    answer = ana.http.get(HOST[network] + ana.id, params={"fields": "id,mood"})
    assert (answer.status_code, "mood" in answer.text) == (400, True)


@both
def test_one_dead_metric_fails_the_whole_request(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    ana.publish(1)
    assert sandbox.state is not None
    post = sandbox.state.posts[0]
    post.impressions, post.likes, post.replies = 300, 9, 0

    def insights(names: str) -> Any:
        return ana.http.get(f"{HOST[network]}{post.id}/insights", params={"metric": names})

    comments = {"instagram": "comments", "threads": "replies"}[network]
    told = {one["name"]: one["values"][0]["value"] for one in insights(f"views,likes,{comments}").json()["data"]}
    assert told == {"views": 300, "likes": 9, comments: 0}
    refused = insights("views,impressions")
    assert (error(refused), "metric[1]" in refused.text) == ((100, None), True)
    assert error(insights("")) == (3001, 1504028)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"caption": "é" * 2200}, None),
        ({"caption": "é" * 2201}, (100, 2207010)),
        ({"caption": "🦜" * 1101}, (100, 2207010)),
        ({"caption": "#a #b #c #d #e"}, None),
        ({"caption": "#a #b #c #d #e #f"}, (100, None)),
        ({"image_url": ""}, (100, None)),
        ({"image_url": "http://media.example/a.jpg"}, (9004, 2207052)),
        ({"image_url": "https://media.example/a.png"}, (36000, 2207005)),
        ({"image_url": "https://media.example/a.JPEG?v=1"}, None),
    ],
)
def test_what_instagram_takes(sandbox: Sandbox, fields: dict[str, str], expected: Any) -> None:
    answer = Speaker(sandbox, "instagram").contain("Bonjour", **fields)
    assert (None if answer.is_success else error(answer)) == expected


def test_instagram_takes_an_image_that_the_sandbox_serves(sandbox: Sandbox) -> None:
    assert Speaker(sandbox, "instagram").contain("a", image_url=f"{sandbox.origin}/_sandbox/media/1.jpg").is_success


@pytest.mark.parametrize(
    ("fields", "fixture"),
    [
        ({"text": "é" * 500}, None),
        ({"text": "é" * 501}, "threads/text"),
        ({"text": "🦜" * 125}, None),
        ({"text": "🦜" * 126}, "threads/text"),
        ({"text": " ".join(f"https://a.example/{n}" for n in range(5))}, None),
        ({"text": " ".join(f"https://a.example/{n}" for n in range(6))}, "threads/links"),
        (
            {"text": " ".join(f"https://a.example/{n}" for n in range(5)), "link_attachment": "https://a.example/9"},
            "threads/links",
        ),
        ({"text": " "}, "facebook/parameter"),
        ({"media_type": "VIDEO"}, "facebook/parameter"),
        ({"media_type": "IMAGE"}, "facebook/parameter"),
        ({"media_type": "IMAGE", "image_url": "https://media.example/a.png"}, None),
        (
            {"media_type": "IMAGE", "image_url": "https://media.example/a.png", "link_attachment": "https://a.example"},
            "facebook/parameter",
        ),
        ({"reply_to_id": "18000000000000009"}, "facebook/parameter"),
    ],
)
def test_what_threads_takes(sandbox: Sandbox, fields: dict[str, str], fixture: str | None) -> None:
    answer = Speaker(sandbox, "threads").contain(**{"text": "Bonjour", **fields})
    if fixture is None:
        assert answer.status_code == 200, answer.text
    else:
        said = ERRORS[fixture].body["error"]["message"].partition("{")[0]
        assert (answer.status_code, answer.json()["error"]["message"].startswith(said)) == (400, True)


def test_a_page_leads_to_its_instagram_account_and_facebook_keeps_its_own(sandbox: Sandbox) -> None:
    ana, page = Speaker(sandbox, "instagram"), Speaker(sandbox, "facebook")
    me = ana.http.get("/v26.0/me", params={"fields": "id,name,instagram_business_account{id,username}"}).json()
    assert me["instagram_business_account"]["id"] == ana.id
    assert me["id"] != ana.id
    assert page.http.get("/v26.0/me").json()["id"] == page.id
    node = ana.http.get(f"/v26.0/{ana.id}", params={"fields": "username,followers_count,media_count"}).json()
    assert node == {"username": "ana", "followers_count": 500, "media_count": 0, "id": ana.id}


def test_the_three_shapes_of_an_account_s_numbers_on_threads(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "threads")
    for n in (1, 2):
        ana.publish(n)
    assert sandbox.state is not None
    for post, clicks in zip(sandbox.state.posts, (7, 0), strict=True):
        post.impressions, post.likes, post.link_clicks = 100, 4, clicks
    names = "views,likes,followers_count,clicks"
    answer = ana.http.get(f"/v1.0/{ana.id}/threads_insights", params={"metric": names, "since": 1, "until": 2})
    told = {one["name"]: one for one in answer.json()["data"]}
    assert [value["value"] for value in told["views"]["values"]] == [200]
    assert told["likes"]["total_value"] == {"value": 8}
    assert told["followers_count"]["total_value"] == {"value": 500}
    assert told["clicks"]["link_total_values"] == [{"value": 7, "link_url": link_of(1)}]


def test_replies_on_threads_are_listed_apart(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "threads")
    post = ana.publish(1).json()["id"]
    answer = ana.show(ana.contain(f"suite {link_of(2)}", reply_to_id=post).json()["id"])
    assert answer.is_success
    assert ana.found() == [link_of(1)]
    replies = ana.http.get(f"/v1.0/{ana.id}/replies", params={"fields": "id,is_reply"}).json()["data"]
    assert replies == [{"id": answer.json()["id"], "is_reply": True}]
    assert sandbox.posted()[1]["parent_id"] == post


@both
def test_a_published_container_is_known_after_a_restart(tmp_path: Any, network: str) -> None:
    sandbox = Sandbox(seed=3, ledger=tmp_path / "ledger.jsonl")
    sandbox.start()
    try:
        ana = Speaker(sandbox, network)
        container = made(ana)
        ana.show(container)
        sandbox.stop()
        sandbox.start()
        assert state(ana, container) == "PUBLISHED"
        assert error(ana.show(container)) == (24, 2207006)
    finally:
        sandbox.stop()
