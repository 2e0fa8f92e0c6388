"""LinkedIn's particulars."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from crosspost.sandbox.errors import ERRORS
from crosspost.sandbox.networks.linkedin import GHOST
from crosspost.sandbox.running import Sandbox
from tests.sandbox.conftest import START
from tests.sandbox.speakers import Speaker, link_of, png


def said(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    inputs = body.get("errorDetails", {}).get("inputErrors", [{}])
    return answer.status_code, str(body.get("code") or inputs[0].get("code"))


def stored(ana: Speaker) -> list[str]:
    return [entry["text"] for entry in ana.sandbox.posted(account_id=ana.id)]


def upload(ana: Speaker, content: bytes | None = None) -> str:
    asked = ana.http.post("/rest/images?action=initializeUpload", json={"initializeUploadRequest": {"owner": ana.id}})
    value = asked.json()["value"]
    if content is not None:
        assert ana.http.put(value["uploadUrl"], content=content).status_code == 201
    return str(value["image"])


# Headers


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("LinkedIn-Version", "202511", (426, "NONEXISTENT_VERSION")),
        ("LinkedIn-Version", "202609", (426, "NONEXISTENT_VERSION")),
        ("LinkedIn-Version", None, (400, "VERSION_MISSING")),
        ("X-Restli-Protocol-Version", "1.0.0", (400, "ILLEGAL_ARGUMENT")),
        ("X-Restli-Protocol-Version", None, (400, "ILLEGAL_ARGUMENT")),
    ],
)
def test_a_request_without_its_headers_is_refused(
    sandbox: Sandbox, header: str, value: str | None, expected: tuple[int, str]
) -> None:
    ana = Speaker(sandbox, "linkedin")
    del ana.http.headers[header]
    if value is not None:
        ana.http.headers[header] = value
    assert said(ana.publish(1)) == expected
    assert said(ana.listed()) == expected
    assert ana.posted() == []


# Text


@pytest.mark.parametrize(
    ("little", "seen"),
    [
        (r"Prix \(TTC\) \*net\*", "Prix (TTC) *net*"),
        ("Prix (TTC)", "Prix "),
        ("un_mot", "un"),
        (r"{hashtag|\#|Jardin} et {hashtag|#|Ete}", "#Jardin et #Ete"),
        ("#Jardin # seul", "#Jardin "),
        ("Avec @[Devtestco](urn:li:organization:2414183)", "Avec Devtestco"),
        ("https://a.example/x_(y)?a_b=~c suite", "https://a.example/x_(y)?a_b=~c suite"),
        ("a\\b", "a"),
    ],
)
def test_a_reserved_character_cuts_the_post_and_the_answer_is_a_success(
    sandbox: Sandbox, little: str, seen: str
) -> None:
    ana = Speaker(sandbox, "linkedin")
    answer = ana.http.post("/rest/posts", json=ana.share(little))
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["x-restli-id"].startswith("urn:li:share:")
    assert stored(ana) == [seen]
    (listed,) = ana.listed().json()["elements"]
    assert little.startswith(listed["commentary"])


@pytest.mark.parametrize("little", ["", "  ", "é" * 2999 + "🍂", "\\(" * 1501])
def test_an_empty_text_and_a_long_one_are_refused(sandbox: Sandbox, little: str) -> None:
    ana = Speaker(sandbox, "linkedin")
    assert said(ana.http.post("/rest/posts", json=ana.share(little))) == (422, "INVALID_VALUE_FOR_FIELD")
    assert ana.posted() == []


def test_a_body_that_is_not_as_documented_is_refused(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "linkedin")
    wrong: list[dict[str, Any]] = [
        {"lifecycleState": "DRAFT"}, {"distribution": {}}, {"mood": "good"}, {"visibility": "ALL"},
    ]  # fmt: skip
    for more in wrong:
        assert ana.http.post("/rest/posts", json=ana.share("Bonjour", **more)).status_code == 422
    assert said(ana.http.post("/rest/posts", json=ana.share("Bonjour", author="urn:li:organization:1")))[0] == 403
    assert ana.posted() == []


# Repeats


def test_the_same_text_is_refused_for_two_days_and_the_twin_named(virtual: Sandbox) -> None:
    ana = Speaker(virtual, "linkedin")
    first = ana.publish(1).headers["x-restli-id"]
    again = ana.publish(1)
    assert said(again) == (422, "DUPLICATE_POST")
    assert f"Content is a duplicate of {first}" in again.json()["message"]
    virtual.advance(to=START + timedelta(hours=49))
    assert ana.publish(1).status_code == 201
    assert len(ana.posted()) == 2


def test_a_deleted_post_goes_on_refusing_as_a_ghost(virtual: Sandbox) -> None:
    ana = Speaker(virtual, "linkedin")
    urn = ana.publish(1).headers["x-restli-id"]
    assert ana.http.get(f"/rest/posts/{urn}").json()["id"] == urn
    assert ana.http.delete(f"/rest/posts/{urn}").status_code == 204
    assert urn in ana.publish(1).json()["message"]
    assert said(ana.http.get(f"/rest/posts/{urn}")) == (404, "NOT_FOUND")
    assert ana.found() == []


def test_a_false_refusal_names_what_never_was(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "linkedin")
    sandbox.set_fault("duplicate_answer", count=1)
    refused = ana.publish(1)
    assert refused.json() == ERRORS["linkedin/duplicate"].filled(urn=GHOST)
    assert ana.http.get(f"/rest/posts/{GHOST}").status_code == 404
    assert ana.posted() == []


def test_another_account_may_say_the_same(sandbox: Sandbox) -> None:
    ana, ben = Speaker(sandbox, "linkedin"), Speaker(sandbox, "linkedin", handle="ben")
    assert (ana.publish(1).status_code, ben.publish(1).status_code) == (201, 201)


# Images and cards


def test_an_image_goes_from_waiting_to_available(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "linkedin", media_polls=1)

    def state(urn: str) -> str:
        return str(ana.http.get(f"/rest/images/{urn}").json()["status"])

    empty, urn = upload(ana), upload(ana, png())
    assert state(empty) == "WAITING_UPLOAD"
    content = {"media": {"id": urn, "altText": "un graphique"}}
    assert ana.http.post("/rest/posts", json=ana.share("Bonjour", content=content)).status_code == 422
    assert [state(urn), state(urn)] == ["PROCESSING", "AVAILABLE"]
    assert ana.http.post("/rest/posts", json=ana.share("Bonjour", content=content)).status_code == 201
    assert sandbox.posted()[0]["media"] == [urn]
    assert sandbox.posted()[0]["data"]["alt"] == ["un graphique"]


def test_what_is_no_image_fails_in_processing(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "linkedin")
    assert ana.http.get(f"/rest/images/{upload(ana, b'text')}").json()["status"] == "PROCESSING_FAILED"
    sandbox.set_fault("media_failure")
    assert ana.http.get(f"/rest/images/{upload(ana, png())}").json()["status"] == "PROCESSING_FAILED"


@pytest.mark.parametrize(
    "content",
    [
        {"article": {"source": "https://a.example"}},
        {"article": {"source": "ftp://a.example", "title": "x"}},
        {"article": {"source": "https://a.example", "title": "x", "thumbnail": "urn:li:image:none"}},
        {"article": {"source": "https://a.example", "title": "x"}, "media": {"id": "urn:li:image:none"}},
        {"multiImage": {"images": [{"id": "urn:li:image:none"}]}},
        {"poll": {}},
    ],
)
def test_a_content_that_is_not_as_documented_is_refused(sandbox: Sandbox, content: dict[str, Any]) -> None:
    ana = Speaker(sandbox, "linkedin")
    assert said(ana.http.post("/rest/posts", json=ana.share("Bonjour", content=content)))[0] == 422
    assert ana.posted() == []


def test_a_card_needs_no_picture(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "linkedin")
    article = {"source": link_of(1), "title": "Trois idées"}
    assert ana.http.post("/rest/posts", json=ana.share("À lire", content={"article": article})).status_code == 201
    assert ana.listed().json()["elements"][0]["content"] == {"article": article}


def test_a_card_s_link_is_the_post_s(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "linkedin")
    article = {"source": link_of(1), "title": "Trois idées", "description": "", "thumbnail": upload(ana, png())}
    assert ana.http.post("/rest/posts", json=ana.share("À lire", content={"article": article})).status_code == 201
    assert ana.posted() == [[link_of(1)]]
    assert ana.listed().json()["elements"][0]["content"] == {"article": article}


# Members and statistics


def test_a_member_is_read_by_nobody(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "linkedin", handle="in/ana")
    assert ana.id.startswith("urn:li:person:")
    assert ana.http.get("/v2/userinfo").json()["sub"] == ana.id.rpartition(":")[2]
    urn = ana.publish(1).headers["x-restli-id"]
    assert said(ana.listed()) == (400, "ILLEGAL_ARGUMENT")
    assert said(ana.http.get(f"/rest/posts/{urn}")) == (403, "ACCESS_DENIED")


def test_statistics_leave_out_what_nobody_saw(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "linkedin")
    urn = ana.publish(1).headers["x-restli-id"]
    path = "/rest/organizationalEntityShareStatistics"
    query = {"q": "organizationalEntity", "organizationalEntity": ana.id, "shares": f"List({urn})"}
    assert ana.http.get(path, params=query).json()["elements"] == []
    assert sandbox.state is not None
    sandbox.state.posts[0].impressions, sandbox.state.posts[0].likes = 40, 3
    (shown,) = ana.http.get(path, params=query).json()["elements"]
    assert (shown["share"], shown["totalShareStatistics"]["likeCount"]) == (urn, 3)
    del query["shares"]
    (whole,) = ana.http.get(path, params=query).json()["elements"]
    assert whole["totalShareStatistics"]["impressionCount"] == 40


@pytest.mark.parametrize(("version", "plain"), [("202604", False), ("202605", True)])
def test_a_member_s_metric_comes_in_the_version_s_shape(sandbox: Sandbox, version: str, plain: bool) -> None:
    ana = Speaker(sandbox, "linkedin", handle="in/ana")
    urn = ana.publish(1).headers["x-restli-id"]
    assert sandbox.state is not None
    sandbox.state.posts[0].impressions = 40
    ana.http.headers["LinkedIn-Version"] = version

    def asked(kind: str) -> httpx.Response:
        query = {"q": "entity", "entity": f"(share:{urn})", "queryType": kind, "aggregation": "TOTAL"}
        return ana.http.get("/rest/memberCreatorPostAnalytics", params=query)

    (shown,) = asked("IMPRESSION").json()["elements"]
    assert shown["count"] == 40
    assert (shown["metricType"] == "IMPRESSION") is plain
    assert plain or "IMPRESSION" in shown["metricType"].values()
    assert said(asked("IMPRESSION,REACTION"))[0] == 400


def test_a_self_serve_app_is_refused_statistics_and_posts(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "linkedin", reviewed=False)
    urn = ana.publish(1).headers["x-restli-id"]
    query = {"q": "organizationalEntity", "organizationalEntity": ana.id}
    for answer in (
        ana.listed(),
        ana.http.get(f"/rest/posts/{urn}"),
        ana.http.get("/rest/organizationalEntityShareStatistics", params=query),
    ):
        assert said(answer) == (403, "ACCESS_DENIED")
