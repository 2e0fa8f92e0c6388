"""Exports of X: its posts before 2024 and since, and its days."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crosspost.domain.errors import BadInput
from crosspost.domain.post import ReadingStatus
from tests.imports.reading import FIXTURES, NOW, facts
from tests.imports.told import days, values

TWEETS = (FIXTURES / "x_tweets_en.csv").read_text("utf-8")
CONTENT = (FIXTURES / "x_content_en.csv").read_text("utf-8")
OVERVIEW = (FIXTURES / "x_overview_en.csv").read_text("utf-8")


def test_a_tweet_has_its_id_its_time_in_utc_its_link_and_xs_own_names() -> None:
    found = facts("x_tweets_en.csv")
    line, network, post, readings, undated = found.posts[0]
    assert (line, network, post.remote_id, undated) == (2, "x", "1653674503173046279", None)
    assert post.published_at == datetime(2023, 5, 3, 8, 15, tzinfo=UTC)
    assert post.links == (
        "https://sorbier.example/banc?utm_source=twitter&utm_medium=social&utm_campaign=banc-k7m2p9qrst"
        "&utm_content=k7m2p9qrst",
    )
    assert values(readings) == {
        "Impressions": 1204, "Likes": 18, "Engagements": 37, "New follows": 1, "Replies": 1, "Reposts": 3,
        "Profile visits": 4, "Media views": 0, "URL Clicks": 9, "Detail Expands": 2, "Hashtag Clicks": 0,
        "Permalink Clicks": 0, "Media engagements": 0,
    }  # fmt: skip
    assert {one.read_at for one in readings} == {NOW}, "X does not say as of when its numbers are: of the import"


def test_a_dash_is_no_number_and_zero_is_one() -> None:
    clicks = {one.metric: one for one in facts("x_tweets_en.csv").posts[1][3]}
    assert (clicks["link_clicks"].value, clicks["link_clicks"].reason) == (None, "the file says '-'")
    assert clicks["link_clicks"].status is ReadingStatus.UNAVAILABLE
    assert clicks["profile_clicks"].value == 0


def test_the_day_of_a_post_becomes_the_instant_that_its_id_tells() -> None:
    found = facts("x_content_en.csv")
    assert [post.published_at for _, _, post, _, _ in found.posts] == [
        datetime(2026, 7, 14, 9, 30, tzinfo=UTC), datetime(2026, 7, 15, 22, 5, tzinfo=UTC),
    ]  # fmt: skip
    assert values(found.posts[1][3])["URL Clicks"] == "blank in the file"


def test_an_id_that_contradicts_the_day_is_not_believed() -> None:
    later = CONTENT.replace("Jul 14", "Jul 20")
    assert facts(later.encode()).posts[0][2].published_at == datetime(2026, 7, 20, tzinfo=UTC)


def test_an_id_that_a_spreadsheet_rounded_is_taken_from_the_address() -> None:
    rounded = CONTENT.replace("\n2076962404561846279,", "\n2.07696E+18,")
    assert rounded != CONTENT
    assert facts(rounded.encode()).posts[0][2].remote_id == "2076962404561846279"


def test_the_account_has_a_number_per_day_with_its_period() -> None:
    found = facts("x_overview_en.csv")
    day = datetime(2026, 7, 14, tzinfo=UTC)
    told = days(found)
    assert (told["impressions", day], told["new_followers", day], told["unfollows", day]) == (2051, 4, 0)
    assert told["new_posts", day] == 1
    [followers] = [one for _, _, one in found.followers if one.metric == "new_followers" and one.since == day]
    assert followers.until == datetime(2026, 7, 15, tzinfo=UTC)
    assert "followers" not in {one.metric for _, _, one in found.followers}, "those gained are not those there are"


def test_the_day_that_is_not_over_is_not_final() -> None:
    at = datetime(2026, 7, 15, 12, tzinfo=UTC)
    status = {one.since: one.status for _, _, one in facts("x_overview_en.csv", now=at).followers}
    assert status == {
        datetime(2026, 7, 14, tzinfo=UTC): ReadingStatus.VALUE,
        datetime(2026, 7, 15, tzinfo=UTC): ReadingStatus.DELAYED,
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (OVERVIEW.replace("2051", "-2051"), "is no count"),
        (OVERVIEW.replace("2051", "20.5"), "is no count"),
        (OVERVIEW.replace("2051", "many"), "is not a number"),
        (OVERVIEW.replace("Tue, Jul 14, 2026", "Tue, Jul 14, 2062"), "has not come yet"),
        (OVERVIEW.replace("Tue, Jul 14, 2026", "Tuesday"), "is not a date"),
        (OVERVIEW.replace("Tue, Jul 14, 2026", ""), "day is empty"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why) as caught:
        facts(text.encode())
    assert caught.value.where == "file.csv:3"
