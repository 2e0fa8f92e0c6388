"""What measuring keeps, on both engines."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crosspost.domain.brand import Account
from crosspost.domain.business import Lead
from crosspost.domain.errors import BadInput, NotFound
from crosspost.domain.post import Post, Reading, ReadingStatus
from crosspost.store import brands, business, dead_names, posts, reactors, register, retention
from crosspost.store.database import Database
from crosspost.store.reactors import Hashed
from crosspost.store.register import WrittenFile
from crosspost.store.store import Store
from tests.blank import ACCOUNT, BRAND, NOW, OTHER, settled

DAY = timedelta(days=1)


def stored(store: Store, remote: str, *, origin: str = "api") -> str:
    with store.write(BRAND) as scope:
        post = posts.add_post(scope, ACCOUNT, "linkedin", Post(remote, None, "texte", NOW), now=NOW, adopted_at=NOW)
        for about in (post, None):
            one = Reading("likes", "likeCount", 3.0, ReadingStatus.VALUE, NOW, since=NOW - DAY, until=NOW)
            posts.add_readings(scope, ACCOUNT, about, [one], origin=origin)
    return post


def test_a_reading_keeps_its_period(database: Database) -> None:
    store = settled(database)
    post = stored(store, "1")
    with store.read(BRAND) as scope:
        [found] = posts.readings(scope, post_id=post)
        assert (found.reading.since, found.reading.until) == (NOW - DAY, NOW)
        assert len(posts.readings(scope, account_id=ACCOUNT)) == 2
        assert posts.readings(scope, until=NOW - DAY) == []


def test_a_post_is_found_by_what_people_call_it_and_never_guessed(database: Database) -> None:
    store = settled(database)
    first = stored(store, "1")
    with store.write(BRAND) as scope:
        brands.add_account(
            scope,
            Account("02account00000000000000000", BRAND, "x", "@other", "https://x.example", "2", (), {}, None, NOW),
        )
        other = posts.add_post(scope, "02account00000000000000000", "x", Post("1", "https://x.example/1"), now=NOW)
    with store.read(BRAND) as scope:
        with pytest.raises(BadInput, match="2 posts are known as '1'"):
            posts.named(scope, "1")
        assert posts.named(scope, "1", ACCOUNT).id == first
        assert posts.named(scope, "https://x.example/1").id == posts.named(scope, other).id == other
        with pytest.raises(NotFound, match="no post is known"):
            posts.named(scope, "https://x.example/1", ACCOUNT)


def test_a_dead_name_is_new_once_and_asked_again_after_a_month(database: Database) -> None:
    store = settled(database)
    with store.write(BRAND) as scope:
        assert dead_names.died(scope, "x", "views", "no such name", NOW)
        assert not dead_names.died(scope, "x", "views", "no such name", NOW + DAY)
        assert dead_names.known(scope, "x", NOW + 30 * DAY) == {"views": "no such name (asked on 2026-03-03)"}
        assert dead_names.known(scope, "x", NOW + 31 * DAY) == {}
        assert dead_names.known(scope, "threads", NOW) == {}
        assert dead_names.revived(scope, "x", ["views", "likes"]) == ["views"]
        assert dead_names.revived(scope, "x", ["views"]) == []
    with store.read(OTHER) as scope:
        assert dead_names.known(scope, "x", NOW) == {}


def test_rules_reach_what_an_api_told_and_nothing_else(database: Database) -> None:
    store = settled(database)
    stored(store, "1")
    stored(store, "2", origin="export")
    with store.write(BRAND) as scope:
        assert retention.oldest(scope, ACCOUNT, "readings of posts") == NOW
        assert retention.count(scope, ACCOUNT, "texts of adopted posts", NOW) == 2
        assert retention.forget(scope, ACCOUNT, "readings of posts", NOW - DAY) == 0
        assert retention.forget(scope, ACCOUNT, "readings of posts", NOW) == 1
        assert retention.forget(scope, ACCOUNT, "readings of the account", NOW) == 1
        assert retention.forget(scope, ACCOUNT, "texts of adopted posts", NOW) == 2
        assert retention.oldest(scope, ACCOUNT, "texts of adopted posts") is None
        assert {one.origin for one in posts.readings(scope)} == {"export"}


def test_what_was_told_of_a_deleted_post_goes(database: Database) -> None:
    store = settled(database)
    gone, _ = stored(store, "1"), stored(store, "2")
    with store.write(BRAND) as scope:
        assert not posts.missed(scope, gone, NOW)
        posts.shown(scope, gone)
        assert not posts.missed(scope, gone, NOW + DAY), "it was seen in between"
        assert posts.missed(scope, gone, NOW + 2 * DAY)
        assert retention.of_deleted_posts(scope, ACCOUNT) == (1, NOW + 2 * DAY)
        assert retention.forget_deleted_posts(scope, ACCOUNT) == 1
        assert retention.of_deleted_posts(scope, ACCOUNT) == (0, None)
        assert sorted(one.post.text or "" for one in posts.posts(scope)) == ["", "texte"]


def test_reactors_are_matched_with_leads_and_erased_everywhere(database: Database) -> None:
    store = settled(database)
    first, second = stored(store, "1"), stored(store, "2")
    with store.write(BRAND) as scope:
        business.record_lead(scope, Lead("cli", "L1", NOW + DAY, person="mail-hash"), NOW + DAY)
        reactors.add_handle(scope, "L1", "bluesky", "hash")
        reactors.add_handle(scope, "L1", "bluesky", "hash")
        people = [Hashed("like", "hash", at=NOW), Hashed("repost", "hash"), Hashed("like", "other", "hash-2")]
        assert reactors.add(scope, ACCOUNT, first, people, NOW) == 3
        assert reactors.add(scope, ACCOUNT, first, people, NOW) == 0
        assert reactors.add(scope, ACCOUNT, second, [Hashed("like", "new", "hash", NOW + 2 * DAY)], NOW) == 1
        [found] = reactors.of_leads(scope).values()
        assert (found.posts, found.before) == (2, 1), "one by the name, one by what outlives it, after the lead"
    with store.read(OTHER) as scope:
        assert reactors.of_leads(scope) == {}
        assert reactors.count(scope) == 0
    with store.write(BRAND) as scope:
        assert reactors.erase(scope, ["hash", "mail-hash"], ["mark"], NOW) == 3 + 1 + 1
        assert reactors.erase(scope, ["hash"], ["mark"], NOW) == 0
        assert reactors.erased_marks(scope) == {"mark"}
        assert reactors.of_leads(scope) == {}
        assert [one.lead.person for one in business.leads(scope)] == [None]
        assert reactors.forget_all(scope) == 1


def test_the_register_knows_a_file_once(database: Database) -> None:
    store = settled(database)
    one = WrittenFile(Path("/r/audit.json"), BRAND, "audit", {"since": "…"}, NOW, NOW + DAY)
    with store.database.write() as connection:
        for _ in range(2):
            register.add(connection, one)
        assert register.all_of(connection) == [one]
        register.purged(connection, one.path, None)
        assert register.all_of(connection)[0].purge_at is None
        register.remove(connection, one.path)
        assert register.all_of(connection) == []
