"""One contract for every adapter, the reading half: looking for a post, counting, listing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from crosspost.domain.delivery import DeliveryClass, Found
from crosspost.domain.errors import (
    Unreachable,
)
from crosspost.domain.post import Post, Reading, ReadingStatus
from tests.networks.canned import Canned, Fault, Reply, closed_port
from tests.networks.every_kit import KITS
from tests.networks.kits import LINK, NOW, BlueskyKit, Kit, MastodonKit

SINCE = NOW - timedelta(minutes=20)
LISTED = [one for one in KITS if one is not BlueskyKit]  # a look reads the list of posts


@pytest.fixture(params=KITS, ids=lambda kit: str(kit.name))
def kit(request: pytest.FixtureRequest) -> Kit:
    made: Kit = request.param()
    return made


@pytest.fixture
def server(kit: Kit) -> Iterator[Canned]:
    with Canned(kit) as running:
        yield running


def keep(kit: Kit) -> Any:
    return kit.saved.handles.append


def by_metric(readings: list[Reading]) -> dict[str, Reading]:
    assert len({one.metric for one in readings}) == len(readings), "a metric is read twice"
    return {one.metric: one for one in readings}


# Looking


def test_probe_finds_the_post_by_its_link(kit: Kit, server: Canned) -> None:
    kit.posts = [kit.posted(NOW - timedelta(minutes=10))]
    seen = kit.adapter(server.origin).probe(kit.outgoing(), SINCE)
    assert (seen.found, seen.remote_id) == (Found.PRESENT, kit.post_id)
    assert seen.url is not None


def test_probe_finds_the_page_behind_the_link_by_the_code_in_it(kit: Kit, server: Canned) -> None:
    page = f"https://jardin.example/ete?utm_source={kit.name}&utm_content=k7Qm2xPz&fbclid=1"
    kit.posts = [kit.posted(NOW, link=page)]
    assert kit.adapter(server.origin).probe(kit.outgoing(), SINCE).found is Found.PRESENT


def test_probe_takes_no_other_post_for_it(kit: Kit, server: Canned) -> None:
    kit.posts = [kit.posted(NOW, link=LINK + "9"), kit.posted(NOW, link=None)]
    assert kit.adapter(server.origin).probe(kit.outgoing(), SINCE).found is not Found.PRESENT


def test_probe_says_absent_when_silence_means_something(kit: Kit, server: Canned) -> None:
    assert kit.adapter(server.origin).probe(kit.outgoing(), SINCE).found is Found.ABSENT


@pytest.mark.parametrize("kit", LISTED, indirect=True, ids=lambda kit: str(kit.name))
def test_a_list_that_stops_too_early_proves_nothing(kit: Kit, server: Canned) -> None:
    kit.posts, kit.more = [kit.posted(NOW, link="https://go.example/other")], True
    seen = kit.adapter(server.origin).probe(kit.outgoing(), SINCE)
    assert seen.found is Found.INCONCLUSIVE
    assert len(server.requests) <= 5


@pytest.mark.parametrize("kit", LISTED, indirect=True, ids=lambda kit: str(kit.name))
def test_a_post_without_its_link_is_only_known_by_its_text(kit: Kit, server: Canned) -> None:
    bare = kit.outgoing(text="Sans lien.", link_placement="none")
    adapter = kit.adapter(server.origin)
    assert adapter.probe(bare, SINCE).found is Found.INCONCLUSIVE
    kit.posts = [kit.posted(NOW, link=None, text="Sans  lien.")]
    assert adapter.probe(bare, SINCE).found is Found.PRESENT
    kit.posts = [kit.posted(SINCE - timedelta(hours=1), link=None, text="Sans lien.")]
    assert adapter.probe(bare, SINCE).found is not Found.PRESENT, "an older post with the same words"


def test_bluesky_another_record_under_our_key_is_inconclusive() -> None:
    kit = BlueskyKit()
    kit.posts = [kit.posted(NOW, link="https://go.example/other")]
    with Canned(kit) as server:
        assert kit.adapter(server.origin).probe(kit.outgoing(), SINCE).found is Found.INCONCLUSIVE


@pytest.mark.parametrize("trouble", [Fault.RESET, Reply(b"", 503), Reply(b"{"), Reply(b"[1]"), Reply({}, 400)])
def test_a_failed_look_is_unreachable(kit: Kit, server: Canned, trouble: Reply | Fault) -> None:
    kit.read_with = trouble
    if trouble == Reply(b"[1]") and isinstance(kit, MastodonKit):
        kit.read_with = Reply([{"id": "1"}, 1])
    with pytest.raises(Unreachable):
        kit.adapter(server.origin).probe(kit.outgoing(), SINCE)


def test_delivery_classes(kit: Kit) -> None:
    adapter = kit.adapter(closed_port())
    expected = {"bluesky": (DeliveryClass.RECORD, DeliveryClass.RECORD)}
    expected |= dict.fromkeys(("instagram", "threads"), (DeliveryClass.HANDLE, DeliveryClass.HANDLE))
    expected["linkedin"] = (DeliveryClass.NAMES_TWIN, DeliveryClass.BLIND)
    usual = (DeliveryClass.READABLE, DeliveryClass.BLIND)
    assert (adapter.delivery_class("text"), adapter.delivery_class("none")) == expected.get(kit.name, usual)
    trusted = kit.adapter(closed_port(), settings={"key_honoured": "yes"})
    assert (trusted.delivery_class("text") is DeliveryClass.KEY) == (kit.name == "mastodon")


# Reading


def test_verify_tells_whose_token_it_is(kit: Kit, server: Canned) -> None:
    profile = kit.adapter(server.origin).verify()
    assert profile.remote_id == kit.remote_id
    assert profile.handle.startswith(kit.handle)


COMMON = {
    "followers", "posts", "impressions", "reach", "likes", "replies", "reposts", "quotes", "bookmarks", "clicks",
    "link_clicks", "profile_clicks",
}  # fmt: skip


def test_every_common_metric_is_read_or_explained(kit: Kit, server: Canned) -> None:
    adapter = kit.adapter(server.origin)
    of_post = by_metric(adapter.read_post(Post(kit.post_id, None, published_at=NOW - timedelta(days=1)), NOW))
    of_account = by_metric(adapter.read_account(NOW))
    assert set(of_post) == COMMON - {"followers", "posts"}
    assert set(of_account) >= {"followers", "posts"}
    for one in (*of_post.values(), *of_account.values()):
        assert (one.value is None) == (one.status is not ReadingStatus.VALUE)
        assert one.read_at == NOW
    expected = {
        "x": {"impressions": 900, "likes": 7, "replies": 0, "reposts": 2, "link_clicks": 31, "profile_clicks": 4},
        "facebook": {"impressions": 4000, "reach": 2500, "clicks": 90, "link_clicks": 61, "likes": 25, "reposts": 2},
        "mastodon": {"likes": 5, "replies": 0, "reposts": 2, "quotes": 1},
        "bluesky": {"likes": 5, "replies": 0, "reposts": 2, "quotes": 1, "bookmarks": 0},
        "instagram": {"impressions": 700, "reach": 510, "likes": 31, "replies": 0, "bookmarks": 6, "profile_clicks": 4},
        "threads": {"impressions": 650, "likes": 19, "replies": 0, "quotes": 1, "link_clicks": 41},
        "linkedin": {"impressions": 1300, "reach": 900, "clicks": 44, "likes": 12, "replies": 0, "reposts": 2},
        "pinterest": {"impressions": 410, "clicks": 21, "link_clicks": 9, "bookmarks": 5, "likes": 8, "replies": 3},
    }[kit.name]
    assert {name: of_post[name].value for name in expected} == expected
    followers = {"x": 321, "facebook": 812, "mastodon": 45, "bluesky": 45, "instagram": 733, "threads": 377}
    followers |= {"linkedin": 564, "pinterest": 86}
    assert of_account["followers"].value == followers[kit.name]


def test_what_is_read_is_what_is_declared(kit: Kit, server: Canned) -> None:
    adapter = kit.adapter(server.origin)
    kind = "page" if kit.name == "linkedin" else ""
    found = {
        "post": adapter.read_post(Post(kit.post_id, None, published_at=NOW - timedelta(days=1)), NOW),
        "account": adapter.read_account(NOW),
    }
    for what, readings in found.items():
        declared = {one.name: one for one in adapter.metrics if one.about == what and one.of in ("", kind)}
        assert by_metric(readings).keys() == declared.keys()
        for one in readings:
            names = declared[one.metric].names
            assert any(one.provider_name in (name, f"{name}.{declared[one.metric].part}") for name in names)
            assert (one.status is ReadingStatus.UNSUPPORTED) == (declared[one.metric].reason is not None)
    assert adapter.metrics_reference.source
    assert adapter.metrics_reference.read_on <= NOW.date()


@pytest.mark.parametrize("kit", [MastodonKit, BlueskyKit], indirect=True, ids=lambda kit: str(kit.name))
def test_what_a_network_never_counts_is_unsupported(kit: Kit, server: Canned) -> None:
    readings = by_metric(kit.adapter(server.origin).read_post(Post(kit.post_id, None), NOW))
    assert {readings[name].status for name in ("impressions", "reach", "link_clicks")} == {ReadingStatus.UNSUPPORTED}


def test_an_absent_metric_is_missing_with_a_reason_and_blinds_no_other(kit: Kit, server: Canned) -> None:
    kit.without = {"like_count", "favourites_count", "likeCount", "post_reactions_by_type_total", "likes"}
    kit.without |= {"TOTAL_REACTIONS"}
    readings = by_metric(kit.adapter(server.origin).read_post(Post(kit.post_id, None), NOW))
    assert readings["likes"].value is None
    assert readings["likes"].status is ReadingStatus.UNAVAILABLE
    assert readings["likes"].reason
    other, count = {"pinterest": ("replies", 3)}.get(kit.name, ("reposts", 2))
    assert readings[other].value == count


def test_an_absent_follower_count_is_not_zero(kit: Kit, server: Canned) -> None:
    kit.without = {"followers_count", "followersCount", "firstDegreeSize", "follower_count"}
    assert by_metric(kit.adapter(server.origin).read_account(NOW))["followers"].value is None


@pytest.mark.parametrize("trouble", [Fault.RESET, Reply(b"<html>", 502), Reply(b"{")])
def test_a_failed_reading_is_unreachable(kit: Kit, server: Canned, trouble: Reply | Fault) -> None:
    kit.read_with = trouble
    adapter = kit.adapter(server.origin)
    for read in (adapter.read_account, lambda at: adapter.read_post(Post(kit.post_id, None), at)):
        with pytest.raises(Unreachable):
            read(NOW)


def test_lists_the_accounts_posts_and_says_how_far_back(kit: Kit, server: Canned) -> None:
    kit.posts = [kit.posted(NOW)]
    listing = kit.adapter(server.origin).posts(SINCE)
    assert [post.remote_id for post in listing.posts] == [kit.post_id]
    assert LINK in listing.posts[0].links
    assert listing.posts[0].published_at == NOW
    assert listing.reaches_back_to == SINCE
    assert listing.account_id == kit.remote_id


def test_a_long_list_is_cut_and_says_so(kit: Kit, server: Canned) -> None:
    kit.posts, kit.more = [kit.posted(NOW)], True
    listing = kit.adapter(server.origin).posts(SINCE)
    assert listing.reaches_back_to == NOW
    assert listing.notes
    assert len(server.requests) == 5
