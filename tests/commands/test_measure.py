"""Numbers as the networks tell them, and as they fail to: one dead or forbidden name blinds no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crosspost.commands.adoption import adopt
from crosspost.commands.readings import of_post
from crosspost.domain.brand import Account
from crosspost.domain.errors import NotFound
from crosspost.domain.notice import NoticeKind
from crosspost.domain.post import Post, ReadingStatus
from crosspost.sandbox.state import SandboxPost
from crosspost.store import dead_names, posts
from tests.commands.at_sandbox import BRAND, AtSandbox

COUNTS: dict[str, Any] = {
    "likes": 7,
    "impressions": 900,
    "reach": 600,
    "reposts": 2,
    "link_clicks": 31,
    "profile_clicks": 4,
}
# network: the name that dies, the metric under which it is missed, and one that must go on
DEAD = {
    "x": ("non_public_metrics", "link_clicks", "likes"),
    "facebook": ("post_clicks", "clicks", "likes"),
    "instagram": ("views", "impressions", "likes"),
    "threads": ("views", "impressions", "likes"),
    "linkedin": ("LINK_CLICKS", "link_clicks", "likes"),
    "pinterest": ("PIN_CLICK", "clicks", "impressions"),
}
DENIED = {
    "x": ("non_public_metrics", "link_clicks", "likes"),
    "facebook": ("post_clicks", "clicks", "likes"),
    "instagram": ("views", "impressions", "likes"),
    "threads": ("views", "impressions", "likes"),
    "pinterest": ("PIN_CLICK", "clicks", "impressions"),
}


def measured(here: AtSandbox, account: Account) -> SandboxPost:
    post = here.post(account, **COUNTS)
    with here.store.write(BRAND) as scope:
        posts.add_post(
            scope, account.id, account.network, Post(post.id, post.url, post.text, post.created_at, post.links),
            now=datetime.now(UTC), next_read_at=datetime.now(UTC),
        )  # fmt: skip
    return post


def handle(name: str) -> str | None:
    return "in/" + f"ana{id(name)}" if name == "linkedin" else None


@pytest.mark.parametrize("name", DEAD)
def test_a_name_that_died_blinds_no_other_is_told_once_and_not_asked_for_again(here: AtSandbox, name: str) -> None:
    dead, metric, other = DEAD[name]
    account = here.account(name, handle(name), dead_metrics=[dead])
    post = measured(here, account)
    report = here.collect(only=account.id)
    assert report.dead == (f"{name} {dead}",)
    readings = here.last(account)
    assert readings[post.id, metric].reading.status is ReadingStatus.UNAVAILABLE
    assert readings[post.id, other].reading.value is not None
    assert [one.kind for one in here.told] == [NoticeKind.METRIC]
    assert dead in here.told[0].text

    again = here.collect(only=account.id, everything=True)
    assert (again.dead, len(here.told)) == ((), 1)
    assert dead in (here.last(account)[post.id, metric].reading.reason or "")
    assert here.last(account)[post.id, other].reading.value is not None


def test_a_name_comes_back_after_a_month_and_that_is_told(here: AtSandbox) -> None:
    account = here.account("instagram", dead_metrics=["views"])
    post = measured(here, account)
    here.collect(only=account.id)
    state = here.sandbox.state
    assert state is not None
    state.accounts[account.remote_id].behaviour["dead_metrics"] = []
    here.collect(only=account.id, everything=True)
    assert here.last(account)[post.id, "impressions"].reading.value is None, "it is not asked for yet"
    with here.store.write(BRAND) as scope:
        dead_names.died(scope, "instagram", "views", "said so", datetime.now(UTC) - timedelta(days=31))
    here.collect(only=account.id, everything=True)
    assert here.last(account)[post.id, "impressions"].reading.value == COUNTS["impressions"]
    assert "again" in here.told[-1].text


@pytest.mark.parametrize("name", DENIED)
def test_a_name_that_may_not_be_read_is_not_permitted_and_blinds_no_other(here: AtSandbox, name: str) -> None:
    denied, metric, other = DENIED[name]
    account = here.account(name, denied_metrics=[denied])
    post = measured(here, account)
    assert here.collect(only=account.id).problems == ()
    readings = here.last(account)
    assert readings[post.id, metric].reading.status is ReadingStatus.NOT_PERMITTED
    assert readings[post.id, metric].reading.reason
    assert readings[post.id, other].reading.value is not None
    assert here.told == [], "a permission is the owner's to give, and no name that died"


def test_x_speaks_to_a_server_of_the_new_vocabulary(here: AtSandbox) -> None:
    account = here.account("x", fields_parameter="post")
    post = measured(here, account)
    assert here.collect(only=account.id).problems == ()
    assert here.last(account)[post.id, "impressions"].reading.value == 900


def test_fresh_values_of_meta_are_delayed_and_settled_ones_are_not(here: AtSandbox) -> None:
    account = here.account("facebook")
    post = measured(here, account)
    here.collect(only=account.id)
    young = here.last(account)[post.id, "impressions"].reading
    assert (young.status, young.value) == (ReadingStatus.DELAYED, 900)
    assert "48 hours" in (young.reason or "")
    here.collect(datetime.now(UTC) + timedelta(days=3), only=account.id, everything=True)
    assert here.last(account)[post.id, "impressions"].reading.status is ReadingStatus.VALUE


@pytest.mark.parametrize("name", ["facebook", "instagram", "threads"])
def test_a_post_too_fresh_for_numbers_has_none_and_not_zero(here: AtSandbox, name: str) -> None:
    account = here.account(name, insights_lag_s=3600)
    post = measured(here, account)
    here.collect(only=account.id)
    found = here.last(account)[post.id, "likes"].reading
    assert (found.value, found.status) == (None, ReadingStatus.UNAVAILABLE)


def test_x_private_numbers_end_after_thirty_days_and_the_last_value_stays_known(here: AtSandbox) -> None:
    account = here.account("x")
    post = measured(here, account)
    here.collect(only=account.id)
    assert here.last(account)[post.id, "link_clicks"].reading.value == 31
    here.collect(datetime.now(UTC) + timedelta(days=31), only=account.id, everything=True)
    history = [one.common.reading for one in of_post(here.store, here.brand, post.id, history=True)]
    assert [one.status for one in history if one.metric == "link_clicks"] == [
        ReadingStatus.VALUE, ReadingStatus.EXPIRED,
    ]  # fmt: skip
    assert here.last(account)[post.id, "link_clicks"].reading.value == 31


@pytest.mark.parametrize(("name", "metric"), [("linkedin", "impressions"), ("pinterest", "impressions"),
                                              ("threads", "link_clicks")])  # fmt: skip
def test_a_sum_over_a_period_keeps_the_period(here: AtSandbox, name: str, metric: str) -> None:
    account = here.account(name)
    post = measured(here, account)
    here.collect(only=account.id)
    found = here.last(account)[post.id, metric].reading
    assert found.value is not None
    assert found.since is not None
    assert found.until is not None
    assert found.since < found.until <= found.read_at
    likes = here.last(account)[post.id, "likes"].reading
    assert (likes.since is None) == (name != "linkedin"), "a total as of now has no period"


def test_every_reading_tells_its_source_its_own_name_and_version(here: AtSandbox) -> None:
    account = here.account("facebook")
    post = measured(here, account)
    here.collect(only=account.id)
    rows = of_post(here.store, here.brand, post.id)
    assert {one.origin for one in rows} == {"api"}
    likes = next(one.common for one in rows if one.common.name == "likes")
    assert (likes.reading.provider_name, likes.reading.provider_version) == ("post_reactions_by_type_total", "v26.0")
    assert likes.definition == "facebook post_reactions_by_type_total"
    with pytest.raises(NotFound):
        of_post(here.store, here.brand, "nowhere")


@pytest.mark.parametrize("name", ["mastodon", "bluesky", "x", "pinterest"])
def test_a_post_is_held_deleted_after_two_looks_an_hour_apart(here: AtSandbox, name: str) -> None:
    account = here.account(name)
    post = measured(here, account)
    now = datetime.now(UTC)
    here.collect(now, only=account.id)
    state = here.sandbox.state
    assert state is not None
    state.delete(post)

    def deleted() -> datetime | None:
        with here.store.read(BRAND) as scope:
            return next(one.deleted_at for one in posts.posts(scope))

    here.collect(now + timedelta(minutes=1), only=account.id, everything=True)
    here.collect(now + timedelta(minutes=2), only=account.id, everything=True)
    assert deleted() is None, "a moment's lag is no deletion"
    here.collect(now + timedelta(hours=2), only=account.id, everything=True)
    assert deleted() == now + timedelta(hours=2)
    assert here.collect(now + timedelta(hours=3), only=account.id, everything=True).readings <= 4, "the account alone"


def test_a_post_that_shows_again_was_never_gone(here: AtSandbox) -> None:
    account = here.account("mastodon")
    post = measured(here, account)
    now = datetime.now(UTC)
    state = here.sandbox.state
    assert state is not None
    state.accounts[account.remote_id].behaviour["read_lag_s"] = 86400
    here.collect(now, only=account.id, everything=True)
    state.accounts[account.remote_id].behaviour["read_lag_s"] = 0
    here.collect(now + timedelta(minutes=5), only=account.id, everything=True)
    state.accounts[account.remote_id].behaviour["read_lag_s"] = 86400
    here.collect(now + timedelta(hours=5), only=account.id, everything=True)
    with here.store.read(BRAND) as scope:
        assert [one.deleted_at for one in posts.posts(scope)] == [None]
    assert post.id


def test_adopting_reads_through_the_same_collector(here: AtSandbox) -> None:
    account = here.account("instagram", dead_metrics=["reach"])
    here.post(account, **COUNTS)
    report = adopt(here.store, here.brand, account, here.connector.open, datetime.now(UTC), who="ana")
    assert (report.added, report.left) == (1, 0)


def test_what_has_no_numbers_to_be_read_is_never_asked_for(here: AtSandbox) -> None:
    """A first comment, and a post out of a file whose id is none of the network's."""
    account = here.account("mastodon")
    now = datetime.now(UTC)
    with here.store.write(here.brand.id) as scope:
        posts.add_post(scope, account.id, account.network, Post("file:3", None, "Bonjour", now), now=now)
    for hours in (0, 2, 4):
        here.collect(now + timedelta(hours=hours), only=account.id, everything=True)
    with here.store.read(here.brand.id) as scope:
        [post] = posts.posts(scope)
    assert post.deleted_at is None
