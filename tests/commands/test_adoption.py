"""Reading in what an account posted before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crosspost.commands.adoption import adopt
from crosspost.domain.article import Article, Decision
from crosspost.domain.brand import Account
from crosspost.domain.errors import Conflict, RateLimited, Unavailable
from crosspost.domain.post import Listing, Post
from crosspost.networks import connectors
from crosspost.networks._listing import PAGES, listing
from crosspost.store import articles, links, posts
from tests.commands.at_sandbox import BRAND, AtSandbox

LISTS = [name for name in connectors() if name != "instagram"]


def taken_in(here: AtSandbox, account: Account, **more: Any) -> Any:
    return adopt(here.store, here.brand, account, here.connector.open, datetime.now(UTC), who="ana", **more)


def stored(here: AtSandbox) -> list[posts.StoredPost]:
    with here.store.read(BRAND) as scope:
        return posts.posts(scope)


@pytest.mark.parametrize("name", LISTS)
def test_posts_from_before_are_read_in_with_text_time_and_numbers(here: AtSandbox, name: str) -> None:
    account = here.account(name)
    made = [here.post(account, likes=3 + number, impressions=80, reach=50) for number in range(2)]
    report = taken_in(here, account)
    assert (report.listed, report.added, report.partial) == (2, 2, None)
    found = {one.post.remote_id: one for one in stored(here)}
    assert found.keys() == {one.id for one in made}
    for one in made:
        kept = found[one.id].post
        assert kept.text
        assert kept.published_at is not None
        assert abs(kept.published_at - one.created_at) < timedelta(seconds=2)
    likes = {post: one.reading.value for (post, metric), one in here.last(account).items() if metric == "likes"}
    assert {likes[one.id] for one in made} == {3, 4}
    assert report.readings > 0


def test_adopting_twice_adds_only_what_is_new(here: AtSandbox) -> None:
    account = here.account("mastodon")
    here.post(account)
    assert taken_in(here, account).added == 1
    again = taken_in(here, account)
    assert (again.listed, again.added, again.readings) == (1, 0, 0)
    here.post(account)
    assert taken_in(here, account).added == 1
    assert len(stored(here)) == 2


def test_since_bounds_how_far_back(here: AtSandbox) -> None:
    account = here.account("mastodon")
    old, new = here.post(account), here.post(account)
    old.created_at -= timedelta(days=400)
    assert taken_in(here, account).added == 1
    report = taken_in(here, account, since=datetime.now(UTC) - timedelta(days=500))
    assert report.added in (0, 1)  # the sandbox lists by its own order: what it shows is taken in once
    assert {one.post.remote_id for one in stored(here)} >= {new.id}


def test_own_tracked_links_are_recognised_and_answer_again(here: AtSandbox) -> None:
    account = here.account("mastodon")
    code = "k7m2p9qrst"
    link = f"https://ana.example/ete?utm_source=mastodon&utm_campaign=ete-{code}&utm_content={code}"
    with here.store.write(BRAND) as scope:
        article = Article("ete", "https://ana.example/ete", "L’été au jardin", published_at=None)
        articles.remember(scope, None, article, Decision.SEEDED, "it was there", datetime.now(UTC))
    here.post(account, text=f"L’été au jardin {link}")
    report = taken_in(here, account)
    assert [one.code for one in report.links] == [code]
    with here.store.read(BRAND) as scope:
        assert [one.code for one in links.all_of(scope)] == [code]
    assert stored(here)[0].code == code


def test_a_members_list_that_nobody_may_read_is_told_as_partial(here: AtSandbox) -> None:
    account = here.account("linkedin", "in/ana")
    report = taken_in(here, account)
    assert report.added == 0
    assert "nobody list" in report.partial


def test_replies_to_others_and_letters_are_left_out(here: AtSandbox) -> None:
    account, other = here.account("mastodon"), here.account("mastodon")
    theirs, ours, letter, answer = here.post(other), here.post(account), here.post(account), here.post(account)
    letter.data["visibility"] = "direct"
    answer.parent_id = theirs.id
    own = here.post(account)
    own.parent_id = ours.id
    report = taken_in(here, account)
    assert report.replies == 1
    assert {one.post.remote_id for one in stored(here)} == {ours.id, own.id}


def test_an_account_that_does_not_answer_is_said_and_nothing_is_kept(here: AtSandbox) -> None:
    account = here.account("mastodon")
    here.post(account)
    here.sandbox.set_fault("error_before", account=account.remote_id, request="list", status=503)
    with pytest.raises(Unavailable, match="did not show its posts"):
        taken_in(here, account)
    assert stored(here) == []


def test_only_reading_is_asked_of_the_account(here: AtSandbox) -> None:
    """A consultant's connection has no right to publish: an adapter without a publisher is enough."""
    account = here.account("bluesky")
    here.post(account)
    whole: Any = here.connector.open(account)

    class ReadOnly:
        def posts(self, since: datetime, pages: int = PAGES) -> Listing:
            found: Listing = whole.posts(since, pages)
            return found

        def read_post(self, post: Post, at: datetime) -> Any:
            return whole.read_post(post, at)

        def read_account(self, at: datetime) -> Any:
            return whole.read_account(at)

    opened: Any = lambda _: ReadOnly()  # noqa: E731
    report = adopt(here.store, here.brand, account, opened, datetime.now(UTC), who="ana")
    assert (report.added, report.problems) == (1, ())


def test_a_network_without_a_list_says_what_to_do(here: AtSandbox) -> None:
    nothing: Any = lambda _: object()  # noqa: E731
    account = here.account("bluesky")
    with pytest.raises(Conflict, match="shows no list"):
        adopt(here.store, here.brand, account, nothing, datetime.now(UTC), who="ana")


SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def page(day: int) -> list[Post]:
    return [Post(str(day), None, published_at=SINCE + timedelta(days=day))]


def test_a_long_history_that_is_throttled_in_the_middle_keeps_what_came() -> None:
    def pages() -> Any:
        yield page(40), False
        yield page(39), False
        raise RateLimited("slow down", until=SINCE)

    found = listing(pages(), SINCE, "1", 200)
    assert [one.remote_id for one in found.posts] == ["40", "39"]
    assert found.reaches_back_to == SINCE + timedelta(days=39)
    assert "asks to wait until 2026-01-01" in found.notes[0]
    with pytest.raises(RateLimited):
        listing(pages(), SINCE, "1", PAGES)  # a look is told, so that its account waits


def test_pages_without_a_last_one_prove_nothing() -> None:
    found = listing(iter([(page(40), False)]), SINCE, "1", 200)
    assert found.reaches_back_to is None
    assert found.notes
