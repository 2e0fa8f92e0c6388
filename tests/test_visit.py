"""Visits as rules: who a visitor is, which page views are one visit, what is left unread, and when a day is over."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosspost.domain.errors import BadInput, NotAllowed
from crosspost.domain.privacy import (
    Mode,
    Privacy,
    check,
    first_kept,
    hosts_of,
    months_before,
    must_go,
    site_host,
)
from crosspost.domain.traffic import Judged, Judgement
from crosspost.domain.visit import (
    WINDOW,
    Joined,
    Open,
    View,
    day_of,
    join,
    judged_visit,
    network_of,
    referrer_host,
    view_of,
    visitor_hash,
    without_mail,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
PERSON = Judged(Judgement.PERSON, "browser", "1")


def a_view(minutes: float = 0, visitor: str = "v1", code: str = "", path: str = "/") -> View:
    return View(NOW + timedelta(minutes=minutes), "b", visitor, path, code, "", "", "", "", BROWSER, "", PERSON)


def names() -> Iterator[str]:
    return (f"visit{number}" for number in count())


def joined(views: list[View], known: Joined | None = None) -> Joined:
    return join(views, known.latest if known else {}, names())


def seen(path: str = "/", query: str = "", referrer: str = "", **more: object) -> View:
    given = {
        "path": path, "query": query, "referrer": referrer, "host": "blog.example", "user_agent": BROWSER,
        "webdriver": False, "keep_referrer": True, "keep_agent": True, "keep_click_id": False, **more,
    }  # fmt: skip
    return view_of(NOW, "b", "v", **given)  # type: ignore[arg-type]


def test_the_same_address_is_another_visitor_of_another_day_brand_or_browser() -> None:
    one = visitor_hash(b"salt of monday", "b", "203.0.113.7", BROWSER)
    assert one == visitor_hash(b"salt of monday", "b", "203.0.113.7", BROWSER)
    others = {
        visitor_hash(b"salt of tuesday", "b", "203.0.113.7", BROWSER),
        visitor_hash(b"salt of monday", "c", "203.0.113.7", BROWSER),
        visitor_hash(b"salt of monday", "b", "203.0.113.8", BROWSER),
        visitor_hash(b"salt of monday", "b", "203.0.113.7", ""),
        visitor_hash(b"salt of monday", "b2", "03.0.113.7", BROWSER),
    }
    assert len({one, *others}) == 6


def test_there_is_no_visitor_without_a_salt() -> None:
    with pytest.raises(ValueError, match="salt"):
        visitor_hash(b"", "b", "203.0.113.7", BROWSER)


@pytest.mark.parametrize(("minutes", "visits"), [
    ((0, 10, 39), 1), ((0, 30), 1), ((0, 30.02), 2), ((0, 25, 50, 75), 1), ((0, 31, 62), 3), ((), 0),
])  # fmt: skip
def test_who_does_nothing_for_half_an_hour_comes_anew(minutes: tuple[float, ...], visits: int) -> None:
    found = joined([a_view(at) for at in minutes])
    assert len(found.began) == visits
    assert sum(one.pages for one, _ in found.began) == len(minutes)


def test_who_comes_by_another_link_comes_again_and_who_wanders_about_does_not() -> None:
    found = joined([a_view(0, code="aaaaaaaa"), a_view(1), a_view(2, code="aaaaaaaa"), a_view(3, code="bbbbbbbb")])
    assert [(one.code, one.pages) for one, _ in found.began] == [("aaaaaaaa", 3), ("bbbbbbbb", 1)]


def test_a_day_ends_every_visit_for_its_visitor_is_another() -> None:
    late = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
    views = [View(late + timedelta(minutes=n), "b", "same", "/", "", "", "", "", "", "", "", PERSON) for n in (0, 2)]
    assert len(joined(views).began) == 2


@given(st.lists(st.tuples(st.integers(0, 300), st.sampled_from("ab"), st.sampled_from(["", "c1", "c2"])), max_size=14))
def test_the_order_of_views_changes_nothing_and_each_is_in_one_visit(raw: list[tuple[int, str, str]]) -> None:
    views = [a_view(at, who, code, f"/{number}") for number, (at, who, code) in enumerate(raw)]
    shuffled = random.Random(1).sample(views, len(views))  # noqa: S311
    one, two = joined(views), joined(shuffled)
    assert [(a.started_at, a.last_at, a.pages) for a, _ in one.began] == [
        (a.started_at, a.last_at, a.pages) for a, _ in two.began
    ]
    assert sum(a.pages for a, _ in one.began) == len(views)
    assert all(a.started_at <= v.at <= a.last_at for a, v in one.began)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=12), st.integers(0, 12))
def test_it_does_not_matter_where_a_fold_is_cut(minutes: list[int], at: int) -> None:
    views = [a_view(minute) for minute in sorted(minutes)]
    whole = joined(views)
    first = joined(views[:at])
    ids = (f"later{number}" for number in count())
    second = join(views[at:], first.latest, ids)
    state = {one.visit_id: one for one, _ in first.began}
    state.update(second.went_on)
    state.update({one.visit_id: one for one, _ in second.began})
    assert sorted((one.started_at, one.last_at, one.pages) for one in state.values()) == sorted(
        (one.started_at, one.last_at, one.pages) for one, _ in whole.began
    )


def test_of_a_query_only_what_says_where_a_reader_came_from_is_read() -> None:
    query = (
        "utm_source=twitter&utm_medium=social&utm_campaign=ete-k7m2p9qrst&email=ana@a.example&utm_content=k7m2p9qrst"
        "&token=hunter2&UTM_SOURCE=second&cpid=abcdefgh12"
    )
    found = seen("/article?x=1#y", query)
    assert (found.path, found.code, found.source, found.medium) == ("/article", "k7m2p9qrst", "twitter", "social")
    assert found.campaign == "ete-k7m2p9qrst"
    assert found.click_id == ""
    assert "ana" not in repr(found)
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize("text", ["ana@mail.example", "ana%40mail.example", "x=ana.b+c@mail.example.org"])
def test_mail_addresses_in_what_is_kept_are_taken_out(text: str) -> None:
    found = seen(f"/merci/{text}", f"utm_campaign={text}&utm_source={text}&utm_medium={text}")
    for kept in (found.path, found.campaign, found.source, found.medium):
        assert "mail.example" not in kept
        assert "ana" not in kept
    assert without_mail("tout @ la main") == "tout @ la main"


def test_a_click_id_is_read_in_its_mode_alone_and_only_in_its_form() -> None:
    assert seen(query="cpid=Ab-_12345678", keep_click_id=True).click_id == "Ab-_12345678"
    for odd in ("short", "x" * 65, "a b c d e f g", "<script>aaaa"):
        assert seen(query=f"cpid={odd}", keep_click_id=True).click_id == ""


def test_what_a_brand_does_not_collect_is_not_kept() -> None:
    kept = seen(referrer="https://www.linkedin.com/feed/update?x=1")
    assert (kept.referrer, kept.user_agent) == ("linkedin.com", BROWSER)
    left = seen(referrer="https://www.linkedin.com/feed", keep_referrer=False, keep_agent=False)
    assert (left.referrer, left.user_agent) == ("", "")
    assert left.judged == kept.judged  # judged before it was left out


def test_moving_about_on_the_site_is_no_referrer() -> None:
    assert seen(referrer="https://www.blog.example/other").referrer == ""
    assert seen(referrer="blog.example").referrer == ""


@pytest.mark.parametrize(("text", "host"), [
    ("https://t.co/abc", "t.co"), ("l.facebook.com", "l.facebook.com"), ("about:blank", ""), ("<b>", ""),
    ("http://www.Example.org:8080/x?y", "example.org"),
    ("android-app://com.linkedin.android/", "com.linkedin.android"), ("", ""),
    ("https://user:secret@example.org/", "example.org"),
])  # fmt: skip
def test_of_a_referrer_the_host_is_kept(text: str, host: str) -> None:
    assert referrer_host(text) == host


@pytest.mark.parametrize(("source", "referrer", "network"), [
    ("twitter", "", "x"), ("LinkedIn", "t.co", "linkedin"), ("newsletter", "t.co", ""), ("", "t.co", "x"),
    ("", "lnkd.in", "linkedin"), ("", "l.facebook.com", "facebook"), ("", "m.facebook.com", "facebook"),
    ("", "notfacebook.com", ""), ("", "com.linkedin.android", "linkedin"), ("", "search.example", ""), ("", "", ""),
    ("bluesky", "", "bluesky"), ("", "bsky.app", "bluesky"),
])  # fmt: skip
def test_the_network_is_the_one_named_else_the_one_that_refers(source: str, referrer: str, network: str) -> None:
    assert network_of(source, referrer) == network


@pytest.mark.parametrize(("agent", "driven", "judgement"), [
    (BROWSER, False, Judgement.PERSON), (BROWSER, True, Judgement.CRAWLER), ("", False, Judgement.CRAWLER),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", False, Judgement.CRAWLER),
    ("curious thing", False, Judgement.UNSURE), ("curious thing", True, Judgement.CRAWLER),
])  # fmt: skip
def test_robots_that_run_scripts_are_judged_as_hits_are(agent: str, driven: bool, judgement: Judgement) -> None:
    found = judged_visit(NOW, agent, driven)
    assert found.judgement is judgement
    assert (found.rule == "webdriver") == (driven and bool(agent))


def test_click_ids_need_a_legal_basis() -> None:
    for basis in (None, "", "yes", "  ok  ", "x" * 501):
        with pytest.raises(NotAllowed, match="legal basis"):
            check(Privacy(Mode.CLICK_ID, basis))
    assert check(Privacy(Mode.CLICK_ID, "consent, asked for by the banner")).legal_basis
    assert check(Privacy()).mode is Mode.AGGREGATE


@pytest.mark.parametrize("months", [0, -1, 121])
def test_a_time_to_keep_is_within_reason(months: int) -> None:
    with pytest.raises(BadInput, match="months"):
        check(Privacy(keep_hits=months))
    with pytest.raises(BadInput, match="months"):
        check(Privacy(keep_visits=months))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(1, 60))
def test_a_day_goes_whole_and_never_late(day: datetime, months: int) -> None:
    last = must_go(day, months)
    assert first_kept(last - timedelta(microseconds=1), months) <= day, "it would go before its time"
    assert first_kept(last, months) > day, "it would be kept too long"
    assert must_go(day, months) <= months_before(day, -months)


@pytest.mark.parametrize(("at", "months", "then"), [
    (date(2026, 3, 31), 1, date(2026, 2, 28)), (date(2024, 2, 29), -25, date(2026, 3, 29)),
    (date(2024, 1, 31), -25, date(2026, 2, 28)), (date(2026, 1, 15), 12, date(2025, 1, 15)),
])  # fmt: skip
def test_months_are_counted_as_people_do(at: date, months: int, then: date) -> None:
    assert months_before(datetime(at.year, at.month, at.day, tzinfo=UTC), months).date() == then


def test_sites_are_named_as_people_write_them() -> None:
    for text in ("example.org", "https://www.Example.org/blog?x", "EXAMPLE.org:8080", "http://u:p@example.org"):
        assert site_host(text) == "example.org"
    for odd in ("", "exa mple.org", "*.example.org", "-a.example", "https://"):
        with pytest.raises(BadInput, match="host"):
            site_host(odd)
    addresses = ("https://www.blog.example/rss", "export.xml", "http://[broken", "http://127.0.0.1:99/rss")
    assert hosts_of(Privacy(sites=("shop.example",)), addresses) == {"blog.example", "shop.example", "127.0.0.1"}


def test_a_visit_that_is_known_goes_on() -> None:
    before = Open("old", NOW, NOW + timedelta(minutes=5), "", 2)
    found = join([a_view(20)], {(day_of(NOW), "v1"): before}, names())
    assert found.began == []
    assert found.went_on["old"] == Open("old", NOW, NOW + timedelta(minutes=20), "", 3)
    late = join([a_view(5 + WINDOW.total_seconds() / 60 + 1)], {(day_of(NOW), "v1"): before}, names())
    assert len(late.began) == 1


def test_every_order_of_three_views_is_one_visit() -> None:
    for order in permutations([a_view(0), a_view(20), a_view(40)]):
        assert len(joined(list(order)).began) == 1
