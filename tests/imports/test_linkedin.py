"""Exports of LinkedIn: a page's .xls, a member's .xlsx, a member's archive, in English and French."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crosspost.domain.errors import BadInput
from crosspost.imports.read import parse
from crosspost.imports.shape import Facts
from tests.imports import making
from tests.imports.biff import workbook
from tests.imports.reading import NOW, kind_of, read, sheets
from tests.imports.told import days, values

DAY = datetime(2026, 7, 14, tzinfo=UTC)


def tables(file: str, **context: object) -> dict[str, list[Facts]]:
    """What the known tables of a file say, by their kinds."""
    found: dict[str, list[Facts]] = {}
    for sheet in sheets(file):
        try:
            kind = kind_of(sheet)
        except BadInput:
            continue
        found.setdefault(kind, []).append(read(sheet, **context))
    return found


def test_a_pages_posts_come_from_the_old_binary_format() -> None:
    [found] = tables("linkedin_content_en.xls")["linkedin-posts"]
    line, network, post, readings, undated = found.posts[0]
    assert (line, network, undated) == (3, "linkedin", None), "a sentence stands above the header"
    assert post.remote_id == "urn:li:activity:7350000000000000501"
    assert post.published_at == DAY
    assert post.links == ("https://sorbier.example/chene?utm_content=w4x8c6hnvb",)
    assert values(readings) == {
        "Impressions": 1412, "Views": "blank in the file", "Offsite Views": "blank in the file", "Clicks": 88,
        "Likes": 41, "Comments": 6, "Reposts": 3, "Follows": "blank in the file",
    }  # fmt: skip


def test_a_pages_posts_in_french() -> None:
    [found] = tables("linkedin_content_fr.xls")["linkedin-posts"]
    _, _, post, readings, _ = found.posts[0]
    assert post.published_at == datetime(2026, 7, 25, tzinfo=UTC)
    assert values(readings) == {
        "Impressions": 702, "Views": "blank in the file", "Clicks": 15, "Likes": 11, "Comments": 1, "Reposts": 0,
        "Follows": 2,
    }  # fmt: skip


@pytest.mark.parametrize("file", ["linkedin_content_en.xls", "linkedin_content_fr.xls"])
def test_a_pages_days(file: str) -> None:
    [found] = tables(file)["linkedin-days"]
    told = days(found)
    assert {name: told[name, DAY] for name in ("impressions", "organic_impressions", "reach", "clicks", "likes")} == {
        "impressions": 640, "organic_impressions": 640, "reach": 402, "clicks": 31, "likes": 22,
    }  # fmt: skip


def test_a_blank_reach_beside_zeros_is_missing() -> None:
    [found] = tables("linkedin_content_en.xls")["linkedin-days"]
    other = datetime(2026, 7, 15, tzinfo=UTC)
    assert (days(found)["impressions", other], days(found)["reach", other]) == (0, "blank in the file")


@pytest.mark.parametrize("file", ["linkedin_followers_en.xls", "linkedin_followers_fr.xlsx"])
def test_total_followers_of_a_day_are_those_gained_that_day(file: str) -> None:
    [found] = tables(file)["linkedin-followers"]
    told = days(found)
    assert told["new_followers", DAY] == 6
    assert (told["new_followers_organic", DAY], told["new_followers_invited", DAY]) == (5, 1)
    assert "followers" not in {name for name, _ in told}


@pytest.mark.parametrize("file", ["linkedin_visitors_en.xls", "linkedin_visitors_fr.xlsx"])
def test_visitors_of_a_page_are_no_visits_of_the_site(file: str) -> None:
    [found] = tables(file)["linkedin-visitors"]
    assert (days(found)["page_views", DAY], days(found)["page_visitors", DAY]) == (35, 22)
    assert not found.tallies


@pytest.mark.parametrize("file", ["linkedin_creator_en.xlsx", "linkedin_creator_fr.xlsx"])
def test_a_members_days_period_and_followers(file: str) -> None:
    found = tables(file)
    [engagement], [followers] = found["linkedin-creator-days"], found["linkedin-creator-followers"]
    assert (days(engagement)["impressions", DAY], days(engagement)["engagements", DAY]) == (2900, 71)
    assert days(followers)["new_followers", DAY] == 4
    [total] = [one for _, _, one in followers.followers if one.metric == "followers"]
    assert (total.value, total.read_at) == (1873, datetime(2026, 7, 16, tzinfo=UTC)), "as of the end of that day"
    [discovery] = found["linkedin-creator-totals"]
    assert {
        (one.metric, one.provider_name, one.value, one.since, one.until) for _, _, one in discovery.followers
    } == {
        ("impressions", "Impressions", 4120, DAY, datetime(2026, 7, 16, tzinfo=UTC)),
        ("reach", "Members reached", 2610, DAY, datetime(2026, 7, 16, tzinfo=UTC)),
    }  # fmt: skip


@pytest.mark.parametrize("file", ["linkedin_creator_en.xlsx", "linkedin_creator_fr.xlsx"])
def test_two_tables_side_by_side_are_two_rankings_of_posts(file: str) -> None:
    by_engagements, by_impressions = tables(file)["linkedin-creator-posts"]
    [(_, _, best, readings, _)] = by_engagements.posts
    assert best.remote_id == "urn:li:share:7350000000000060601"
    assert values(readings) == {"Engagements": 71}, "impressions are in the other table: not told here, and not zero"
    assert values(by_impressions.posts[0][3]) == {"Impressions": 2210}


def test_filler_in_blank_cells_is_no_post() -> None:
    _, by_impressions = tables("linkedin_creator_en.xlsx")["linkedin-creator-posts"]
    assert [post.remote_id[-5:] for _, _, post, _, _ in by_impressions.posts] == ["60602", "60601"]


def test_the_instant_in_an_id_is_taken_where_the_day_agrees() -> None:
    at = datetime(2026, 7, 14, 15, 30, tzinfo=UTC)
    urn = (int(at.timestamp() * 1000) << 22) + 12
    sheet = [list(row) for row in making.PAGE_CONTENT_EN["All posts"]]
    sheet[2][1] = f"https://www.linkedin.com/feed/update/urn:li:activity:{urn}"
    [table] = parse(workbook({"All posts": sheet}), "page.xls").sheets
    assert read(table).posts[0][2].published_at == at


def test_an_archive_gives_posts_without_numbers() -> None:
    [found] = tables("linkedin_archive_en.zip")["linkedin-shares"]
    (_, _, share, readings, _), (_, _, post, _, _) = found.posts
    assert (share.remote_id, post.remote_id) == (
        "urn:li:share:7350000000000000301", "urn:li:ugcPost:7350000000000000302",
    )  # fmt: skip
    assert share.published_at == datetime(2026, 7, 20, 10, tzinfo=UTC)
    assert share.text == "Drying oak takes longer\nthan you think."
    assert share.links == (
        "https://sorbier.example/chene?utm_source=linkedin&utm_campaign=chene-w4x8c6hnvb&utm_content=w4x8c6hnvb",
    )
    assert readings == ()


def test_connections_are_counted_and_nobody_is_kept() -> None:
    [found] = tables("linkedin_archive_en.zip")["linkedin-connections"]
    [(_, _, count)] = found.followers
    assert (count.metric, count.value, count.read_at) == ("connections", 2, NOW)
    for word in ("Tremblelune", "tremblelune.example", "Scierie", "Vertpré", "Gérant"):
        assert word not in repr(found)


def test_an_american_day_is_read_as_linkedin_writes_it_in_english_only() -> None:
    english = [list(row) for row in making.PAGE_FOLLOWERS_EN["New followers"]]
    french = [list(row) for row in making.PAGE_FOLLOWERS_FR["Nouveaux abonnés"]]
    english[1][0], english[2][0], french[1][0] = "07/04/2026", "07/05/2026", "04/07/2026"
    [table] = parse(workbook({"New followers": english}), "page.xls").sheets
    assert ("new_followers", datetime(2026, 7, 4, tzinfo=UTC)) in days(read(table))
    [table] = parse(workbook({"Nouveaux abonnés": french}), "page.xls").sheets
    with pytest.raises(BadInput, match="could be two days"):
        read(table)
    assert ("new_followers", datetime(2026, 7, 4, tzinfo=UTC)) in days(read(table, dates="day-first"))


def test_the_period_of_a_member_can_be_one_day() -> None:
    sheet = [list(row) for row in making.CREATOR_EN["DISCOVERY"]]
    sheet[0][1] = "7/14/2026"
    [table] = parse(workbook({"DISCOVERY": sheet}), "member.xls").sheets
    assert {(one.since, one.until) for _, _, one in read(table).followers} == {
        (DAY, datetime(2026, 7, 15, tzinfo=UTC)),
    }


def test_a_period_to_come_is_refused() -> None:
    with pytest.raises(BadInput, match="has not come yet"):
        tables("linkedin_creator_en.xlsx", now=datetime(2026, 7, 1, tzinfo=UTC))
