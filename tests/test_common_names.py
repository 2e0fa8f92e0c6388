"""Common names are a view: the network's own name is what is stored, and its definition what may be compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from crosspost.domain.common import Common, Count, Incomparable, common, latest
from crosspost.domain.metric import FOLLOWERS, Metric, never, offered
from crosspost.domain.post import Reading, ReadingStatus
from crosspost.networks import adapter_of, connectors

AT = datetime(2026, 11, 20, tzinfo=UTC)


def reading(name: str, provider: str, value: float | None = 5.0, at: datetime = AT) -> Reading:
    status = ReadingStatus.VALUE if value is not None else ReadingStatus.UNAVAILABLE
    return Reading(name, provider, value, status, at, None if value is not None else "not told")


def view(name: str, about: Any, found: Reading) -> Common:
    return common(name, adapter_of(name).metrics, about, found)


@pytest.mark.parametrize("name", connectors())
def test_every_declared_metric_is_found_again_by_its_own_name(name: str) -> None:
    for one in offered(adapter_of(name).metrics):
        for provider in one.whole_names:
            told = view(name, one.about, reading("what it was called once", provider))
            assert told.name == one.name
            assert told.definition == (one.counts or f"{name} {one.whole_names[0]}")


def test_what_was_stored_under_another_common_name_is_shown_under_todays() -> None:
    assert view("x", "post", reading("retweets", "retweet_count")).name == "reposts"
    assert view("x", "post", reading("retweets", "repost_count")).definition == "x repost_count"


def test_a_breakdown_that_did_not_come_keeps_its_part() -> None:
    missing = reading("replies", "post_activity_by_action_type", None)
    assert view("facebook", "post", missing).name == "replies"
    assert view("facebook", "post", reading("reposts", "post_activity_by_action_type.share")).name == "reposts"


def test_a_name_that_nobody_declares_counts_what_it_says_itself() -> None:
    told = view("facebook", "post", reading("reach", "reach_by_fans"))
    assert (told.name, told.definition) == ("reach", "facebook reach_by_fans")


def test_numbers_of_two_definitions_cannot_be_compared_or_added() -> None:
    views = view("facebook", "post", reading("impressions", "post_media_view", 900)).count
    seen = view("x", "post", reading("impressions", "impression_count", 900)).count
    assert views is not None
    assert seen is not None
    operations: list[Any] = [
        lambda: views < seen, lambda: views <= seen, lambda: views > seen, lambda: views >= seen,
        lambda: views == seen, lambda: views != seen, lambda: views + seen, lambda: views - seen,
        lambda: views / seen, lambda: max(views, seen), lambda: sorted([views, seen]),
        lambda: cast(Any, views) > 3,
    ]  # fmt: skip
    for one in operations:
        with pytest.raises(Incomparable):
            one()


def test_numbers_of_one_definition_can() -> None:
    few, many = Count(2.0, FOLLOWERS), Count(8.0, FOLLOWERS)
    assert few < many
    assert few <= many
    assert many > few
    assert many >= few
    assert few == Count(2.0, FOLLOWERS)
    assert (few + many, many - few, many / few) == (Count(10.0, FOLLOWERS), Count(6.0, FOLLOWERS), 4.0)
    assert len({few, Count(2.0, FOLLOWERS)}) == 1


def test_what_networks_share_is_followers_alone_and_xs_numbers_stay_within_x() -> None:
    shared = {(name, one.name) for name in connectors() for one in adapter_of(name).metrics if one.counts}
    assert {metric for _, metric in shared} == {"followers"}
    assert "x" not in {name for name, _ in shared}


def test_the_last_known_value_outlives_a_later_failure() -> None:
    older = view("x", "post", reading("likes", "like_count", 7))
    failed = view("x", "post", reading("likes", "like_count", None, AT + timedelta(days=1)))
    newer = view("x", "post", reading("likes", "like_count", 9, AT + timedelta(days=2)))
    assert latest([("p", older), ("p", failed)])["p"]["likes"] is older
    assert latest([("p", failed), ("p", newer)])["p"]["likes"] is newer


def test_a_value_and_the_reason_for_none_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="status that says why"):
        Reading("likes", "like_count", 3.0, ReadingStatus.EXPIRED, AT, "late")
    with pytest.raises(ValueError, match="two ends"):
        Reading("likes", "like_count", 3.0, ReadingStatus.VALUE, AT, since=AT)
    with pytest.raises(ValueError, match="never offered"):
        Metric("reach", "", "post", ReadingStatus.UNSUPPORTED)
    assert never("post", "no", "a", "b")[1].reason == "no"
