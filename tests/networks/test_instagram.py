"""What only Instagram does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crosspost.domain.errors import Rejected, Unauthorized
from crosspost.domain.post import Post, ReadingStatus
from crosspost.domain.teaser import Card
from tests.networks.canned import Canned, Reply
from tests.networks.container_kits import InstagramKit
from tests.networks.kits import LINK, NOW, SHA, TEXT, graph_error
from tests.networks.kits import outgoing as plain


def test_the_image_is_named_by_its_public_address() -> None:
    kit = InstagramKit()
    with Canned(kit) as server:
        kit.adapter(server.origin, settings={"media_base": "https://cdn.example/i/"}).publish(kit.outgoing(), print)
        sent = server.requests[0]
    assert sent.path == f"/v26.0/{kit.remote_id}/media"
    assert sent.form() == {
        "image_url": f"https://cdn.example/i/{SHA}.jpg", "caption": TEXT, "alt_text": "Un jardin d’automne",
    }  # fmt: skip
    assert {one.headers["authorization"] for one in server.requests} == {"Bearer page-CANARY"}


def test_the_image_of_a_card_will_do() -> None:
    kit = InstagramKit()
    sent = kit.outgoing()
    card = Card(LINK, "Trois idées", "", SHA)
    with Canned(kit) as server:
        kit.adapter(server.origin).publish(replace(sent, teaser=replace(sent.teaser, card=card)), print)
        assert SHA in server.requests[0].form()["image_url"]


@pytest.mark.parametrize(
    ("changes", "settings", "words"),
    [
        ({"images": False}, {}, "is one image"),
        ({}, {"media_base": ""}, "set media_base"),
        ({}, {"media_base": "http://cdn.example"}, "public https"),
        ({"parent_remote_id": "17920000000000009", "text": "TOUT EN GRAND"}, {}, "capitals"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_sent(
    changes: dict[str, Any], settings: dict[str, str], words: str
) -> None:
    kit = InstagramKit()
    with Canned(kit) as server:
        with pytest.raises(Rejected, match=words):
            kit.adapter(server.origin, settings=settings).publish(kit.outgoing(**changes), print)
        with pytest.raises(Rejected, match="JPG, not image/png"):
            kit.adapter(server.origin).publish(plain(images=True), print)
        assert server.requests == []


def test_the_account_is_the_one_behind_the_page() -> None:
    kit = InstagramKit()
    with Canned(kit) as server:
        adapter = kit.adapter(server.origin, settings={"media_base": "", "graph_version": "v25.0"})
        notes = adapter.verify().notes
        assert server.requests[0].query["fields"] == "id,name,instagram_business_account{id,username,name}"
        assert server.requests[0].path == "/v25.0/me"
        assert [("cannot be clicked" in note, "media_base" in note) for note in notes] == [(True, False), (False, True)]
        assert len(kit.adapter(server.origin).verify().notes) == 1
        kit.read_with = Reply({"id": "1010"}, headers={"facebook-api-version": "v27.0"})
        with pytest.raises(Unauthorized, match="no professional"):
            kit.adapter(server.origin).verify()
        kit.read_with = graph_error(100, "(#100) Tried accessing nonexisting field on node type (User)")
        with pytest.raises(Unauthorized, match="Page"):
            kit.adapter(server.origin).verify()


def test_readings_are_filed_under_the_version_that_answered() -> None:
    kit = InstagramKit()
    told = {"name": "views", "period": "lifetime", "values": [{"value": 3}]}
    kit.read_with = Reply({"data": [told]}, headers={"facebook-api-version": "v27.0"})
    with Canned(kit) as server:
        found = {one.metric: one for one in kit.adapter(server.origin).read_post(Post(kit.post_id, None), NOW)}
    assert (found["impressions"].value, found["impressions"].provider_version) == (3, "v27.0")
    assert found["reach"].status is ReadingStatus.UNAVAILABLE
    assert found["link_clicks"].status is ReadingStatus.UNSUPPORTED


def test_a_total_value_is_read_too() -> None:
    kit = InstagramKit()
    kit.read_with = Reply({"data": [{"name": "likes", "total_value": {"value": 0}}]})
    with Canned(kit) as server:
        found = {one.metric: one for one in kit.adapter(server.origin).read_post(Post(kit.post_id, None), NOW)}
    assert found["likes"].value == 0
