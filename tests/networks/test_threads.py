"""What only Threads does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crosspost.domain.errors import Rejected
from crosspost.domain.post import Post, Reading, ReadingStatus
from crosspost.domain.teaser import Card
from tests.networks.canned import Canned, Reply, Request
from tests.networks.container_kits import CONTAINER, ThreadsKit
from tests.networks.kits import LINK, NOW, SHA, TEXT, graph_error


def sent_as(kit: ThreadsKit, **changes: Any) -> dict[str, str]:
    """The fields of the container."""
    with Canned(kit) as server:
        kit.adapter(server.origin).publish(kit.outgoing(**changes), print)
        assert server.requests[0].path == f"/v1.0/{kit.remote_id}/threads"
        return server.requests[0].form()


def test_text_comes_with_its_card() -> None:
    assert sent_as(ThreadsKit()) == {"media_type": "TEXT", "text": TEXT, "link_attachment": LINK}
    assert sent_as(ThreadsKit(), card=None) == {"media_type": "TEXT", "text": TEXT}


def test_an_image_takes_the_cards_place() -> None:
    assert sent_as(ThreadsKit(), images=True) == {
        "media_type": "IMAGE", "text": TEXT, "image_url": f"https://media.example/{SHA}.png",
        "alt_text": "Un jardin d’automne",
    }  # fmt: skip


def test_a_reply_and_the_networks_own_fields() -> None:
    fields = sent_as(ThreadsKit(), parent_remote_id="180", extra={"topic_tag": "Jardin", "board": "x"})
    assert (fields["reply_to_id"], fields["topic_tag"]) == ("180", "Jardin")
    assert "board" not in fields


def test_an_image_takes_the_place_of_the_card_and_a_card_that_of_its_image() -> None:
    shown = sent_as(ThreadsKit(), images=True)
    assert shown["media_type"] == "IMAGE"
    assert "link_attachment" not in shown
    carded = sent_as(ThreadsKit(), images=True, card=Card(LINK, "Trois idées", "Pour le jardin", SHA))
    assert carded["media_type"] == "TEXT"
    assert carded["link_attachment"] == LINK


def test_an_image_nobody_could_fetch_is_refused_before_anything_is_sent() -> None:
    kit = ThreadsKit()
    with Canned(kit) as server:
        with pytest.raises(Rejected, match="media_base"):
            kit.adapter(server.origin, settings={"media_base": ""}).publish(kit.outgoing(images=True), print)
        assert server.requests == []


def test_a_reply_is_looked_for_among_the_replies() -> None:
    kit = ThreadsKit()
    kit.states, kit.posts = ["PUBLISHED"], [kit.posted(NOW)]
    sent = replace(kit.outgoing(parent_remote_id="180"), handle=CONTAINER)
    with Canned(kit) as server:
        assert kit.adapter(server.origin).probe(sent, NOW).remote_id == kit.post_id
        assert server.requests[-1].path.endswith("/replies")


def test_what_the_account_reposted_is_not_its_own() -> None:
    kit = ThreadsKit()
    kit.posts = [{**kit.posted(NOW), "media_type": "REPOST_FACADE"}]
    with Canned(kit) as server:
        assert kit.adapter(server.origin).posts(NOW).posts == ()


def clicks(kit: ThreadsKit, post: Post, told: Any = None) -> tuple[Reading, list[Request]]:
    def answer(request: Request) -> Any:
        if told is not None and request.path.endswith("/threads_insights"):
            return told
        return kit(request)

    with Canned(answer) as server:
        found = {one.metric: one for one in kit.adapter(server.origin).read_post(post, NOW)}
        return found["link_clicks"], server.requests


def test_clicks_are_those_on_the_posts_own_link_since_it_was_published() -> None:
    at = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
    found, requests = clicks(ThreadsKit(), Post("18020000000000001", None, TEXT, at))
    assert (found.value, found.provider_name) == (41, "clicks")
    assert requests[-1].query == {
        "metric": "clicks", "since": str(int(at.timestamp())), "until": str(int(NOW.timestamp())),
    }  # fmt: skip
    old = Post("18020000000000001", None, TEXT, datetime(2023, 12, 1, tzinfo=UTC))
    _, requests = clicks(ThreadsKit(), old)
    assert requests[-1].query["since"] == "1712966400", "nothing before 13 April 2024 can be asked for"


def test_a_post_that_does_not_show_its_link_is_asked_for_it() -> None:
    found, requests = clicks(ThreadsKit(), Post("18020000000000001", None, "Sans lien dans le texte"))
    assert found.value == 41
    assert [one.path.rpartition("/")[2] for one in requests] == ["insights", "18020000000000001", "threads_insights"]


@pytest.mark.parametrize(
    ("link", "value"),
    [
        (LINK, 5),
        (LINK + "#debut", 5),
        (f"https://l.threads.com/?u={LINK.replace(':', '%3A').replace('/', '%2F')}&e=AT0", 5),
        (LINK + "9", None),
        ("https://go.example/autre", None),
    ],
)
def test_clicks_by_address(link: str, value: float | None) -> None:
    told = Reply({"data": [{"name": "clicks", "link_total_values": [{"value": 5, "link_url": link}]}]})
    found, _ = clicks(ThreadsKit(), Post("18020000000000001", None, TEXT, NOW), told)
    assert found.value == value
    assert (found.reason is None) == (value is not None)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (Reply({"data": [{"name": "clicks", "link_total_values": []}]}), ReadingStatus.UNAVAILABLE),
        (Reply({"data": []}), ReadingStatus.UNAVAILABLE),
        (graph_error(100, "(#100) no such metric"), ReadingStatus.UNAVAILABLE),
        (graph_error(10, "no permission", 403), ReadingStatus.NOT_PERMITTED),
        (Reply(b"<html>", 503), ReadingStatus.UNAVAILABLE),
    ],
)
def test_clicks_that_are_not_told_are_missing(told: Reply, status: ReadingStatus) -> None:
    found, _ = clicks(ThreadsKit(), Post("18020000000000001", None, TEXT, NOW), told)
    assert (found.value, found.status) == (None, status)
    assert found.reason


def test_a_post_without_a_link_has_no_clicks_to_count() -> None:
    kit = ThreadsKit()
    kit.read_with = Reply({"id": kit.post_id, "text": "Bonjour", "timestamp": "2026-11-20T09:30:00+0000"})
    found, _ = clicks(kit, Post(kit.post_id, None, "Bonjour"))
    assert found.reason == "the post has no link"
