"""What only Pinterest does."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from crosspost.commands.templates import template_of
from crosspost.domain.article import Article
from crosspost.domain.counting import measure
from crosspost.domain.delivery import Found
from crosspost.domain.errors import (
    BadInput,
    NetworkFailure,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
)
from crosspost.domain.post import Post, Reading, ReadingStatus
from crosspost.domain.teasing import compose
from crosspost.networks.pinterest import Pinterest
from tests.networks.canned import Canned, Reply, Request, closed_port
from tests.networks.kits import IMAGE, LINK, NOW, PNG, TEXT, failure_of
from tests.networks.pinterest_kit import BOOKMARK, PinterestKit, problem
from tests.sandbox.test_descriptions import Asked, judge

SINCE = NOW - timedelta(minutes=20)


def by_metric(readings: list[Reading]) -> dict[str, Reading]:
    return {one.metric: one for one in readings}


def test_the_request_is_the_documented_one() -> None:
    kit = PinterestKit()
    with Canned(kit) as server:
        post = kit.adapter(server.origin).publish(kit.outgoing(), print)
        (request,) = server.requests
    source = {"source_type": "image_base64", "content_type": "image/png", "data": base64.b64encode(PNG).decode()}
    assert request.json() == {
        "board_id": "549755885175", "title": "Trois idées", "description": TEXT, "link": LINK,
        "alt_text": "Un jardin d’automne", "media_source": source,
    }  # fmt: skip
    assert post.url == f"https://www.pinterest.com/pin/{kit.post_id}/"
    assert post.published_at == NOW


@pytest.mark.shared
@pytest.mark.filterwarnings("ignore:Unsupported scheme type")  # OAuth, which the judge leaves unjudged
def test_every_request_is_as_the_description_says() -> None:
    kit = PinterestKit()
    with Canned(kit) as server:
        adapter = kit.adapter(server.origin)
        adapter.publish(kit.outgoing(), print)
        kit.more, kit.posts = True, [kit.posted(NOW)]
        adapter.posts(SINCE)
        adapter.read_post(Post(kit.post_id, None), NOW)
        adapter.read_account(NOW)
        adapter.verify()
        kit.read_with = Reply({"id": "1", "username": "jardin", "items": []})
        kit.adapter(server.origin, settings={"board_id": ""}).verify()
        requests = list(server.requests)
    assert len({request.path for request in requests}) == 5
    for request in requests:
        assert complaints(request) == [], request.target
    unknown = replace(requests[0], body=json.dumps({**requests[0].json(), "link": "x" * 2049}).encode())
    assert complaints(unknown) != []


def complaints(request: Request) -> list[str]:
    host = "https://api.pinterest.com"
    headers = {name: request.headers[name] for name in ("authorization", "content-type") if name in request.headers}
    as_sent = httpx.Request(request.method, host + request.target, headers=headers, content=request.body)
    described = judge("pinterest-openapi.yaml")
    return [str(error.__cause__ or error) for error in described.iter_request_errors(Asked(host, as_sent))]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"images": False}, "image"),
        ({"link": "https://go.example/" + "k" * 2048}, "link"),
        ({"parent_remote_id": "1"}, "comments"),
    ],
)
def test_what_cannot_be_a_pin_is_refused_unsent(changes: dict[str, Any], words: str) -> None:
    kit = PinterestKit()
    with pytest.raises(Rejected, match=words):
        kit.adapter(closed_port()).publish(kit.outgoing(**changes), print)


def test_without_a_board_the_account_waits_for_its_owner() -> None:
    kit = PinterestKit()
    with pytest.raises(Unauthorized, match="board_id"):
        kit.adapter(closed_port(), settings={"board_id": ""}).publish(kit.outgoing(), print)


@pytest.mark.parametrize(
    ("status", "code", "expected", "words"),
    [
        (400, 1, Rejected, ""),
        (401, 2, Unauthorized, ""),
        (429, 8, RateLimited, ""),
        (403, 8, RateLimited, ""),
        (403, 9, Unauthorized, "spam"),
        (403, 29, Unauthorized, "permission"),
        (404, 40, Unauthorized, "board_id"),
        (404, 2031, Unauthorized, "board"),
        (404, 50, Rejected, ""),
        (400, 233, Rejected, "too small"),
        (400, 235, Rejected, "broken"),
        (500, 1, OutcomeUnknown, ""),
        (409, 7, OutcomeUnknown, ""),
    ],
)
def test_what_a_code_means(status: int, code: int, expected: type[NetworkFailure], words: str) -> None:
    failure = failure_of(PinterestKit(), problem(status, code, "words of theirs"))
    assert type(failure) is expected
    assert words in failure.reason
    assert "words of theirs" in failure.reason


# The account and its board


def test_verify_chooses_the_only_board_and_names_several() -> None:
    kit = PinterestKit()
    boards = [{"id": "11", "name": "Jardin"}]

    def answer(request: Request) -> Any:
        return Reply({"items": boards, "bookmark": None}) if request.path == "/v5/boards" else kit(request)

    with Canned(answer) as server:
        adapter = kit.adapter(server.origin, settings={"board_id": "", "access": "standard"})
        profile = adapter.verify()
        assert (profile.settings, profile.notes) == ({"board_id": "11"}, ())
        boards.append({"id": "12", "name": "Cuisine"})
        profile = adapter.verify()
    assert profile.settings == {}
    assert "12 (Cuisine)" in profile.notes[0]


def test_verify_tells_of_trial_access_and_of_a_board_that_is_gone() -> None:
    kit = PinterestKit()
    with Canned(kit) as server:
        assert "trial access" in kit.adapter(server.origin).verify().notes[0]

    def answer(request: Request) -> Any:
        return problem(404, 40, "Board not found.") if "/boards/" in request.path else kit(request)

    with Canned(answer) as server, pytest.raises(Unauthorized, match="549755885175"):
        kit.adapter(server.origin).verify()


# Looking


def test_a_stored_link_need_not_come_back_byte_for_byte() -> None:
    kit = PinterestKit()
    kit.posts = [kit.posted(NOW, link="https://GO.example:443/k7Qm2xPz#top")]
    with Canned(kit) as server:
        assert kit.adapter(server.origin).probe(kit.outgoing(), SINCE).found is Found.PRESENT


def paged(kit: PinterestKit, pages: list[list[datetime]]) -> Any:
    def answer(request: Request) -> Any:
        at = int(request.query.get("bookmark", "0"))
        items = [kit.posted(when, link=f"https://go.example/{when.timestamp():.0f}") for when in pages[at]]
        return Reply({"items": items, "bookmark": str(at + 1) if at + 1 < len(pages) else None})

    return answer


def test_the_list_is_left_early_only_while_it_is_seen_to_be_newest_first() -> None:
    kit = PinterestKit()
    old, new = NOW - timedelta(days=3), NOW - timedelta(minutes=1)
    with Canned(paged(kit, [[NOW, old], [new]])) as server:
        assert len(kit.adapter(server.origin).posts(SINCE).posts) == 1
        assert len(server.requests) == 1
    with Canned(paged(kit, [[old, NOW], [new]])) as server:
        listing = kit.adapter(server.origin).posts(SINCE)
        assert [post.published_at for post in listing.posts] == [NOW, new]
        assert len(server.requests) == 2
    with Canned(paged(kit, [[old, NOW]] * 9)) as server:
        assert kit.adapter(server.origin).posts(SINCE).reaches_back_to is None


# Counting


def test_a_day_that_is_not_final_delays_the_number() -> None:
    kit = PinterestKit()
    kit.days.append({"date": "2026-11-20", "data_status": "PROCESSING", "metrics": {}})
    fresh = Post(kit.post_id, None, published_at=NOW - timedelta(days=1))
    with Canned(kit) as server:
        found = by_metric(kit.adapter(server.origin).read_post(fresh, NOW))
        kit.without = {"SAVE"}
        without = by_metric(kit.adapter(server.origin).read_post(fresh, NOW))
    assert (found["impressions"].value, found["impressions"].status) == (410, ReadingStatus.DELAYED)
    assert "PROCESSING" in (found["impressions"].reason or "")
    assert (without["bookmarks"].value, without["bookmarks"].status) == (None, ReadingStatus.UNAVAILABLE)


def test_the_days_of_an_old_pin_are_no_total() -> None:
    kit = PinterestKit()
    with Canned(kit) as server:
        old = Post(kit.post_id, None, published_at=NOW - timedelta(days=91))
        found = by_metric(kit.adapter(server.origin).read_post(old, NOW))
        asked = server.requests[0].query
    assert found["impressions"].value is None
    assert "90 days" in (found["impressions"].reason or "")
    assert found["likes"].value == 8, "a lifetime number stays one"
    assert (asked["start_date"], asked["end_date"]) == ("2026-08-22", "2026-11-20")


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (problem(403, 29, "no"), ReadingStatus.NOT_PERMITTED),
        (problem(404, 50, "Pin not found."), ReadingStatus.UNAVAILABLE),
    ],
)
def test_no_analytics(reply: Reply, status: ReadingStatus) -> None:
    kit = PinterestKit()
    kit.read_with = reply
    with Canned(kit) as server:
        found = by_metric(kit.adapter(server.origin).read_post(Post(kit.post_id, None), NOW))
    assert found["impressions"].status is status
    assert found["reach"].status is ReadingStatus.UNSUPPORTED


# Composing


def article(title: str) -> Article:
    return Article(identity="1", url="https://blog.example/1", title=title)


def test_a_pin_gets_the_article_s_title_cut_to_its_limit() -> None:
    template = template_of("pinterest")
    teaser = compose(article("Trois idées 🌿 " * 20), template, Pinterest.limits, LINK, IMAGE)
    assert Pinterest.limits.title is not None
    assert 80 < measure(teaser.extra["title"], Pinterest.limits.title) <= 100
    assert teaser.extra["title"].endswith("…")
    assert compose(article("Court"), template, Pinterest.limits, LINK, IMAGE).extra == {"title": "Court"}


def test_no_pin_is_composed_without_an_image() -> None:
    with pytest.raises(BadInput, match="image"):
        compose(article("Court"), template_of("pinterest"), Pinterest.limits, LINK)


def test_the_next_page_is_asked_for_with_its_bookmark_whole() -> None:
    kit = PinterestKit()
    kit.posts, kit.more = [kit.posted(NOW)], True
    with Canned(kit) as server:
        kit.adapter(server.origin).posts(NOW - timedelta(minutes=20))
    assert [request.query.get("bookmark") for request in server.requests[:2]] == [None, BOOKMARK]
