"""Pinterest's particulars."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from crosspost.sandbox.networks.pinterest import LONGEST
from crosspost.sandbox.running import Sandbox
from tests.sandbox.conftest import START
from tests.sandbox.speakers import Speaker, link_of, png


def source(content: bytes, kind: str = "image/png") -> dict[str, str]:
    return {"source_type": "image_base64", "content_type": kind, "data": base64.b64encode(content).decode()}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"board_id": "7"}, 40),
        ({"media_source": None}, 1),
        ({"media_source": {"source_type": "image_url", "url": "https://a.example/x.png"}}, 1),
        ({"media_source": {**source(png()), "data": "???"}}, 1),
        ({"media_source": source(png(), "image/gif")}, 1),
        ({"media_source": source(png(), "image/jpeg")}, 235),
        ({"media_source": source(b"text")}, 235),
        ({"mood": "good"}, 1),
        *(({name: "x" * (longest + 1)}, 1) for name, longest in LONGEST.items()),
    ],
)
def test_what_is_no_pin_is_refused(sandbox: Sandbox, changes: dict[str, Any], code: int) -> None:
    ana = Speaker(sandbox, "pinterest")
    answer = ana.http.post("/v5/pins", json={**ana.pin("Bonjour", link_of(1)), **changes})
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"] == code
    assert ana.posted() == []


def test_a_repeat_makes_another_pin(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "pinterest")
    assert ana.publish(1).json()["id"] != ana.publish(1).json()["id"]
    assert len(ana.posted()) == 2


def test_a_small_image_and_a_spam_block(sandbox: Sandbox) -> None:
    small, blocked = (
        Speaker(sandbox, "pinterest", image_min=100),
        Speaker(sandbox, "pinterest", handle="ben", spam_block=True),
    )
    assert small.publish(1).json()["code"] == 233
    assert blocked.publish(1).json()["code"] == 9
    assert sandbox.posted() == []


def test_boards_are_listed_made_and_filled(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "pinterest")
    (first,) = ana.http.get("/v5/boards").json()["items"]
    made = ana.http.post("/v5/boards", json={"name": "Recettes"}).json()
    assert [one["id"] for one in ana.http.get("/v5/boards").json()["items"]] == [first["id"], made["id"]]
    ana.publish(1)
    ana.http.post("/v5/pins", json=ana.pin("Soupe", link_of(2), board_id=made["id"]))
    ana.publish(3)
    of_first = ana.http.get(f"/v5/boards/{first['id']}/pins").json()
    assert [pin["link"] for pin in of_first["items"]] == [link_of(3), link_of(1)]
    assert ana.http.get(f"/v5/boards/{made['id']}").json()["pin_count"] == 1
    assert ana.http.get("/v5/boards/7/pins").json()["code"] == 40
    ben = Speaker(sandbox, "pinterest", handle="ben")
    assert ben.http.get(f"/v5/boards/{made['id']}").status_code == 404, "somebody else's"


def test_pins_come_by_bookmark_to_the_end(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "pinterest", rate_limits=False)
    for n in range(5):
        ana.publish(n)
    seen: list[str] = []
    query: dict[str, str] = {}
    for _ in range(3):
        page = ana.http.get("/v5/pins", params={"page_size": 2, **query}).json()
        seen += [pin["link"] for pin in page["items"]]
        query = {"bookmark": page["bookmark"]}
    assert page["bookmark"] is None
    assert seen == [link_of(n) for n in reversed(range(5))]
    assert ana.http.get("/v5/pins", params={"page_size": 251}).status_code == 400


def test_a_pin_of_a_trial_app_is_its_owner_s_alone() -> None:
    seen: list[str] = []
    with Sandbox(seed=7, setup=lambda state: state.on_post.append(lambda post: seen.append(post.id))) as sandbox:
        ana, ben = Speaker(sandbox, "pinterest", trial=True), Speaker(sandbox, "pinterest", handle="ben")
        hidden, shown = ana.publish(1), ben.publish(2)
        assert (hidden.status_code, hidden.json().keys()) == (201, shown.json().keys())
        assert seen == [shown.json()["id"]], "no audience meets it"
        page = ana.http.get("/").text
        assert link_of(2) in page
        assert link_of(1) not in page
        assert ana.http.get(f"/pinterest/pin/{hidden.json()['id']}").status_code == 404
        assert ana.found() == [link_of(1)]
        today = str(sandbox.state.clock.now().date()) if sandbox.state else ""
        days = {"start_date": today, "end_date": today, "metric_types": "SAVE"}
        assert ana.http.get(f"/v5/pins/{hidden.json()['id']}/analytics", params=days).json()["code"] == 29


def test_a_trial_app_has_a_thousand_requests_a_day(virtual: Sandbox) -> None:
    ana = Speaker(virtual, "pinterest", trial=True)
    refused = 0
    for n in range(1001):
        if n % 90 == 0:
            virtual.advance(seconds=2)  # the other limit is a hundred a second
        refused += ana.http.get("/v5/user_account").status_code == 429
    assert refused == 1
    virtual.advance(seconds=86400)
    assert ana.http.get("/v5/user_account").status_code == 200


def test_numbers_of_the_last_two_days_are_not_final(virtual: Sandbox) -> None:
    ana = Speaker(virtual, "pinterest")
    pin = ana.publish(1).json()["id"]
    assert virtual.state is not None
    virtual.state.posts[0].impressions, virtual.state.posts[0].likes = 50, 4

    def told(start: str, end: str) -> Any:
        days = {"start_date": start, "end_date": end, "metric_types": "IMPRESSION,TOTAL_REACTIONS"}
        return ana.http.get(f"/v5/pins/{pin}/analytics", params=days).json()

    fresh = told("2026-03-01", "2026-03-02")["all"]
    assert [day["data_status"] for day in fresh["daily_metrics"]] == ["PROCESSING", "PROCESSING"]
    assert (fresh["summary_metrics"], fresh["lifetime_metrics"]) == ({"IMPRESSION": 50}, {"TOTAL_REACTIONS": 4})
    virtual.advance(to=START + timedelta(days=5))
    later = told("2026-03-01", "2026-03-04")["all"]["daily_metrics"]
    assert [day["data_status"] for day in later] == ["BEFORE_PIN_CREATED", "READY", "READY", "READY"]
    assert told("2026-03-03", "2026-03-04")["all"]["summary_metrics"] == {"IMPRESSION": 0}
    assert told("2025-11-01", "2026-03-04")["code"] == 1
    assert told("2026-03-04", "2026-03-09")["code"] == 1
