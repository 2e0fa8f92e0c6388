"""What the ledger is given to observe, gathered through the real store on both databases: hits and visits by day, early
clicks, and counts of those who reacted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from crosspost.audit.ledger import ClickHour, EarlyRow, HitDay, Ledger, Reacted, VisitDay
from crosspost.commands.business import add_deal, add_lead
from crosspost.commands.ledger import gather
from crosspost.commands.setup import change_brand
from crosspost.domain.period import microseconds
from crosspost.domain.post import Post
from crosspost.domain.reactor import handle_hash
from crosspost.domain.traffic import Judged, Judgement
from crosspost.domain.visit import Open, View
from crosspost.secret import Secret
from crosspost.store import links, posts, reactors, traffic, visits
from crosspost.store.database import Database
from crosspost.store.reactors import Hashed
from crosspost.store.store import Store
from tests.blank import ACCOUNT, BRAND, settled

KEY = Secret("a key of the brand")
CODE = "k7m2p9qrst"
START = datetime(2024, 1, 1, tzinfo=UTC)
END = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store(database: Database) -> Store:
    made = settled(database)
    with made.write(BRAND) as scope:
        links.add(scope, CODE, "https://blog.example/", START, account_id=ACCOUNT)
    return made


def ledger(store: Store, since: datetime = START, until: datetime = END) -> Ledger:
    return gather(store, store.brand("atelier"), END, since=since, until=until)


def posted(store: Store, index: int, at: datetime, code: str | None = None) -> str:
    with store.write(BRAND) as scope:
        new = Post(f"p{index}", None, published_at=at)
        return posts.add_post(scope, ACCOUNT, "linkedin", new, now=at, code=code)


def hits(store: Store, *rows: tuple[datetime, Judgement]) -> None:
    with store.write(BRAND) as scope:
        traffic.insert_hits(scope.connection, [
            (BRAND, CODE, microseconds(at), "segment", index, "GET", "h", "", "", "", "", kind.value, "rule", "1")
            for index, (at, kind) in enumerate(rows)
        ])  # fmt: skip
        for at, kind in rows:
            traffic.add_day_counts(scope.connection, {(BRAND, CODE, at.date(), kind): 1})


def test_hits_are_told_by_link_day_and_judgement(store: Store) -> None:
    at = datetime(2025, 5, 5, 10, tzinfo=UTC)
    hits(store, (at, Judgement.PERSON), (at, Judgement.PREVIEW), (at + DAY, Judgement.PERSON),
         (at + DAY, Judgement.UNSURE), (at + DAY, Judgement.PERSON))  # fmt: skip
    found = ledger(store)
    assert found.hit_days == (
        HitDay("linkedin", CODE, date(2025, 5, 5), 1, 0, 1, 0), HitDay("linkedin", CODE, date(2025, 5, 6), 2, 1, 0, 0),
    )  # fmt: skip
    assert [(row.network, row.persons, row.unsure, row.previews) for row in found.clicks] == [("linkedin", 3, 1, 1)]


def test_clicks_are_told_by_hour_of_the_week_in_the_brands_zone(store: Store) -> None:
    summer, winter = datetime(2025, 6, 1, 22, 59, tzinfo=UTC), datetime(2025, 12, 7, 22, 59, tzinfo=UTC)  # Sundays
    monday = winter + timedelta(minutes=1)
    hits(store, (summer, Judgement.PERSON), (winter, Judgement.UNSURE), (monday, Judgement.PERSON),
         (winter, Judgement.PREVIEW), (END, Judgement.PERSON))  # fmt: skip
    assert store.brand("atelier").zone == "Europe/Paris"
    assert ledger(store).click_hours == (
        ClickHour("linkedin", 1, 0, 2, 0),  # 00:59 of a Monday in summer, 00:00 in winter
        ClickHour("linkedin", 7, 23, 0, 1),
    )


def test_who_comes_to_a_bio_page_clicked_no_link_of_a_post(store: Store) -> None:
    at, kind = datetime(2025, 5, 5, 10, tzinfo=UTC), Judgement.PERSON.value
    with store.write(BRAND) as scope:
        links.add(scope, "bio-lea", "https://blog.example/", START, account_id=ACCOUNT)
        traffic.insert_hits(scope.connection, [
            (BRAND, "bio-lea", microseconds(at), "s", 1, "GET", "h", "", "", "", "", kind, "rule", "1")
        ])  # fmt: skip
    assert ledger(store).click_hours == ()
    hits(store, (at, Judgement.PERSON))
    assert ledger(store).click_hours == (ClickHour("linkedin", 1, 12, 1),)


def test_counts_by_day_outlive_the_hits_and_early_clicks_do_not(store: Store) -> None:
    with store.write(BRAND) as scope:
        traffic.add_day_counts(scope.connection, {(BRAND, CODE, date(2025, 5, 5), Judgement.PERSON): 4})
    posted(store, 1, datetime(2025, 5, 5, 9, tzinfo=UTC), CODE)
    found = ledger(store)
    assert [row.persons for row in found.hit_days] == [4]
    assert found.early == ()


def test_early_clicks_are_those_of_the_first_seconds_among_the_first_days(store: Store) -> None:
    at = datetime(2025, 5, 5, 9, tzinfo=UTC)
    posted(store, 1, at, CODE)
    second = timedelta(seconds=1)
    hits(
        store, (at - second, Judgement.PERSON), (at, Judgement.PERSON), (at + 9 * second, Judgement.UNSURE),
        (at + 9 * second, Judgement.PREVIEW), (at + 10 * second, Judgement.PERSON), (at + DAY, Judgement.PERSON),
    )  # fmt: skip
    assert ledger(store).early == (EarlyRow("linkedin", 3, 2),)


def saw(store: Store, at: datetime, source: str) -> None:
    view = View(at, BRAND, "v", "/", "", source, "", "", "", "", "", Judged(Judgement.PERSON, "browser", "1"))
    with store.write(BRAND) as scope:
        visits.add(scope, [(Open(f"{at:%y%m%d%H%M%S}-{source}"[:26], at, at, "", 1), view)])


def test_visits_are_told_by_day_with_those_of_no_network_and_the_months_counted_whole(store: Store) -> None:
    saw(store, datetime(2025, 11, 20, 10, tzinfo=UTC), "twitter")
    saw(store, datetime(2025, 12, 3, 10, tzinfo=UTC), "newsletter")
    saw(store, datetime(2025, 12, 3, 12, tzinfo=UTC), "")
    found = ledger(store, until=datetime(2026, 2, 15, tzinfo=UTC))
    assert found.visit_days == (VisitDay("x", date(2025, 11, 20), 1), VisitDay(None, date(2025, 12, 3), 2))
    assert found.visit_months == {"2025-12", "2026-01"}


def keeping(store: Store, slug: str = "atelier") -> None:
    change_brand(store, store.brand(slug), reactors=True, public_url="https://go.example")


def react(store: Store, name: str, post_ids: list[str], at: datetime) -> None:
    with store.write(BRAND) as scope:
        for index, post_id in enumerate(post_ids):
            one = Hashed("like", handle_hash("mastodon", name, KEY.reveal().encode()), at=at + index * DAY)
            reactors.add(scope, ACCOUNT, post_id, [one], at)


def test_without_the_brands_word_nobody_who_reacted_is_counted(store: Store) -> None:
    found = ledger(store)
    assert found.reacted is None
    assert "--reactors" in found.reacted_reason
    keeping(store)
    assert ledger(store).reacted is None
    assert "nobody's reaction was read yet" in ledger(store).reacted_reason


def test_those_who_reacted_are_counted_with_what_they_did_within_a_year(store: Store) -> None:
    keeping(store)
    made = [posted(store, index, START + index * DAY) for index in range(4)]
    early = datetime(2024, 2, 1, tzinfo=UTC)
    for name in ("@ana@m.test", "@ben@m.test", "@cyd@m.test", "@dan@m.test", "@eve@m.test"):
        react(store, name, made[:3], early)
    react(store, "@few@m.test", made[:2], early)  # too seldom
    react(store, "@new@m.test", made[:3], END - 100 * DAY)  # no year has passed yet

    def lead(name: str, at: datetime, handle: str | None = None, referrer: str | None = None) -> None:
        add_lead(
            store, BRAND, END, lead_id=name, contacted_at=at, handles=[f"mastodon:{handle}"] if handle else [],
            referrer=referrer, person_key=KEY, mail=f"{name}@mail.test",
        )  # fmt: skip

    lead("ana", early + 60 * DAY, "@ana@m.test")  # asked within the year
    lead("ben", early - 20 * DAY, "@ben@m.test")  # asked before they reacted...
    lead("sent", early + 90 * DAY, referrer="ben@mail.test")  # ...and sent somebody afterwards, known by mail
    lead("cyd", early + 500 * DAY, "@cyd@m.test")  # later than a year
    lead("gus", early - 25 * DAY, "@gus@m.test")  # never reacted
    lead("hal", early + 4 * DAY, "@hal@m.test")
    lead("late", early + 91 * DAY, referrer="lead:gus")
    # Gus is matched with Hal, who never reacted, and Ben with Ana, who had.
    add_deal(store, BRAND, END, won_at=early + 400 * DAY, currency="EUR", mail="cyd@mail.test", person_key=KEY)
    assert ledger(store).reacted == Reacted(
        followed=5, acted=2, open=1, referrers=2, referrers_before=1, matched=2, matched_before=1
    )


def test_one_person_under_two_names_is_one(store: Store) -> None:
    keeping(store)
    made = [posted(store, index, START + index * DAY) for index in range(3)]
    with store.write(BRAND) as scope:
        for name, post_id in (("old", made[0]), ("old", made[1]), ("new", made[2])):
            reactors.add(scope, ACCOUNT, post_id, [Hashed("like", name, "the same id", START)], START)
            reactors.add(scope, ACCOUNT, post_id, [Hashed("repost", name, "the same id", START)], START)
    found = ledger(store).reacted
    assert found is not None
    assert found.followed == 1


def test_another_brands_reactions_are_not_seen(store: Store) -> None:
    for slug in ("atelier", "other"):
        keeping(store, slug)
    made = [posted(store, index, START + index * DAY) for index in range(3)]
    react(store, "@ana@m.test", made, START)
    other = gather(store, store.brand("other"), END, since=START, until=END)
    assert other.reacted is None
    assert ledger(store).reacted == Reacted(1, 0, 0, 0, 0, 0, 0)
