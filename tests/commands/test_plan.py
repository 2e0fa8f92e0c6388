"""Planning: one teaser per article and account, a link of its own, and nobody's approval."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from crosspost.audit.experiments.design import Design, Kind, schedule
from crosspost.commands.experiments import start
from crosspost.commands.plan import Planner, edit
from crosspost.commands.setup import add_brand
from crosspost.domain.article import Article, Decision
from crosspost.domain.brand import READING_ONLY, Account, Brand, LinkMode
from crosspost.domain.delivery import State
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.link import code_in
from crosspost.domain.slots import Due
from crosspost.outside.http import Outbound
from crosspost.store import articles, brands, deliveries, links
from crosspost.store.attachments import Attachments
from crosspost.store.database import Database
from crosspost.store.store import Store

NOW = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)  # Monday, 09:00 in Paris
ARTICLE = Article(
    identity="g1", url="https://ana.example/2026/06/ecrire-court.html", title="Écrire court",
    text="Une phrase courte se lit. Une phrase longue se relit, et souvent pas.", tags=("écriture",),
)  # fmt: skip


@pytest.fixture
def store(sqlite_database: Database) -> Store:
    return Store(sqlite_database)


@pytest.fixture
def brand(store: Store) -> Brand:
    return add_brand(store, NOW, "Ana")


@pytest.fixture
def planner(store: Store, tmp_path: Path) -> Planner:
    return Planner(store, Attachments(tmp_path / "attachments"), Outbound(), None, window_s=21_600)


def connect(store: Store, brand: Brand, network: str, *slots: str) -> Account:
    account = Account(
        f"{network:0>26}", brand.id, network, f"@{network}", "https://api.example", "1", slots, {}, None, NOW
    )
    with store.write(brand.id) as scope:
        brands.add_account(scope, account)
    return account


def remember(store: Store, brand: Brand, article: Article = ARTICLE) -> str:
    with store.write(brand.id) as scope:
        stored = articles.remember(scope, None, article, Decision.NEW, "new", NOW)
    assert stored is not None
    return stored.id


def test_a_teaser_per_account_with_its_own_code_and_slot(store: Store, brand: Brand, planner: Planner) -> None:
    connect(store, brand, "mastodon", "tue 09:00")
    connect(store, brand, "x", "18:30")
    remember(store, brand)
    planned = planner.plan(brand, NOW).planned
    assert {one.account.network: one.due.local for one in planned} == {
        "mastodon": "2026-06-02T09:00", "x": "2026-06-01T18:30",
    }  # fmt: skip
    assert len({one.delivery.code for one in planned}) == 2
    for one in planned:
        assert one.delivery.state is State.DRAFT
        assert one.delivery.teaser.link in one.delivery.teaser.text.split()
        assert code_in(one.delivery.teaser.link) == one.delivery.code
        with store.read(brand.id) as scope:
            assert links.get(scope, one.delivery.code).delivery_id == one.delivery.id


def test_an_account_that_could_not_take_it_is_tried_again_alone(store: Store, brand: Brand, planner: Planner) -> None:
    connect(store, brand, "mastodon", "tue 09:00")
    bluesky = connect(store, brand, "bluesky")
    article_id = remember(store, brand)
    first = planner.plan(brand, NOW)
    assert [one.account.network for one in first.planned] == ["mastodon"]
    assert [where for _, where, _ in first.problems] == ["bluesky @bluesky"]
    again = planner.plan(brand, NOW, only_accounts=[bluesky.id], at=Due(NOW + timedelta(days=9), "…", "Europe/Paris"))
    assert [one.account.network for one in again.planned] == ["bluesky"]
    with store.read(brand.id) as scope:
        assert articles.named(scope, article_id).decision is Decision.PLANNED
    assert planner.plan(brand, NOW).planned == ()


def test_two_articles_do_not_share_a_slot(store: Store, brand: Brand, planner: Planner) -> None:
    connect(store, brand, "mastodon", "tue 09:00")
    remember(store, brand)
    remember(store, brand, replace(ARTICLE, identity="g2", url="https://ana.example/b", title="Autre chose"))
    assert sorted(one.due.local for one in planner.plan(brand, NOW).planned) == ["2026-06-02T09:00", "2026-06-09T09:00"]


def test_auto_publish_approves_and_a_repeat_waits_for_a_person(store: Store, planner: Planner) -> None:
    brand = add_brand(store, NOW, "Auto", auto_publish=True)
    connect(store, brand, "mastodon", "09:30")
    remember(store, brand)
    (first,) = planner.plan(brand, NOW).planned
    assert first.delivery.state is State.SCHEDULED
    remember(store, brand, replace(ARTICLE, identity="g2"))
    (repeat,) = planner.plan(brand, NOW).planned
    assert repeat.delivery.state is State.DRAFT
    assert any("same words" in warning for warning in repeat.warnings)


def test_redirect_links_are_short_and_direct_ones_keep_the_articles_parameters(store: Store, planner: Planner) -> None:
    redirect = add_brand(store, NOW, "R", link_mode=LinkMode.REDIRECT, public_url="https://go.example/")
    connect(store, redirect, "x", "18:30")
    remember(store, redirect)
    (one,) = planner.plan(redirect, NOW).planned
    assert one.delivery.teaser.link == f"https://go.example/{one.delivery.code}"
    with store.read(redirect.id) as scope:
        assert "utm_source=twitter" in links.get(scope, one.delivery.code).target


def test_an_unknown_article_is_said_to_be_unknown(brand: Brand, planner: Planner) -> None:
    with pytest.raises(NotFound, match="bogus"):
        planner.plan(brand, NOW, only_articles=["bogus"])


def test_edits_keep_the_link_fit_the_limit_and_need_approval_again(
    store: Store, brand: Brand, planner: Planner
) -> None:
    account = connect(store, brand, "x", "18:30")
    remember(store, brand)
    (one,) = planner.plan(brand, NOW).planned
    with store.write(brand.id) as scope:
        deliveries.approve(scope, one.delivery.id, who="ana", now=NOW)
    link = one.delivery.teaser.link
    for text, says in (("Sans lien", "link is not in"), (f"{'x' * 300} {link}", "too long"), ("", "link is not in"),
                       (f"cloche \a {link}", "U\\+0007")):  # fmt: skip
        with pytest.raises(BadInput, match=says):
            edit(store, account, one.delivery.id, NOW, who="ana", text=text)
    with pytest.raises(BadInput, match="has passed"):
        edit(store, account, one.delivery.id, NOW, who="ana", due=Due(NOW - timedelta(days=1), "hier", "Europe/Paris"))
    with store.read(brand.id) as scope:
        assert deliveries.get(scope, one.delivery.id).state is State.SCHEDULED, "a refused edit changes nothing"
    changed = edit(store, account, one.delivery.id, NOW, who="ana", text=f"Mieux\u00a0: {link}")
    assert (changed.state, changed.revision) == (State.DRAFT, 2)
    assert changed.key != one.delivery.key
    with store.write(brand.id) as scope:
        deliveries.cancel(scope, one.delivery.id, who="ana", now=NOW)
    with pytest.raises(Conflict):
        edit(store, account, one.delivery.id, NOW, who="ana", text=f"Encore {link}")


def test_a_picture_on_a_private_address_is_left_out_with_the_reason(
    store: Store, brand: Brand, planner: Planner
) -> None:
    connect(store, brand, "x", "18:30")
    remember(store, brand, replace(ARTICLE, image_url="http://127.0.0.1:9/image.png"))
    report = planner.plan(brand, NOW)
    assert report.planned[0].delivery.teaser.images == ()
    ((_, what, why),) = report.problems
    assert what == "image"
    assert "left out" in why


def test_an_account_for_reading_is_never_planned_for_and_says_why(store: Store, brand: Brand, planner: Planner) -> None:
    reading = connect(store, brand, "mastodon", "tue 09:00")
    with store.write(brand.id) as scope:
        brands.change_account(scope, reading.id, settings={"read_only": "yes"})
    remember(store, brand)
    report = planner.plan(brand, NOW)
    assert report.planned == ()
    assert [(where, why) for _, where, why in report.problems] == [("mastodon @mastodon", READING_ONLY)]
    connect(store, brand, "x", "18:30")
    assert [one.account.network for one in planner.plan(brand, NOW).planned] == ["x"]
    named = planner.plan(brand, NOW, only_accounts=[reading.id])
    assert named.planned == ()


def test_a_slot_in_an_off_week_is_passed_over(store: Store, brand: Brand, planner: Planner, tmp_path: Path) -> None:
    design = Design(Kind.PAIRED, 24, ("mastodon",), seed=1)
    connect(store, brand, "mastodon", "mon 09:00")
    connect(store, brand, "x", "mon 09:00")
    start(store, [brand], "k", design, date(2026, 6, 8), tmp_path / "h", NOW, who="ana")
    for number in range(14):
        remember(store, brand, replace(ARTICLE, identity=f"g{number}", url=f"https://ana.example/{number}"))
    found: dict[str, list[date]] = {"mastodon": [], "x": []}
    for one in planner.plan(brand, NOW).planned:
        found[one.account.network].append(date.fromisoformat(one.due.local[:10]))
    mondays = [date(2026, 6, 8) + timedelta(weeks=n) for n in range(24)]
    on = [day for day, arm in zip(mondays, schedule(design)["mastodon"], strict=True) if arm]
    assert sorted(found["mastodon"]) == [*on, date(2026, 11, 23), date(2026, 11, 30)]
    assert sorted(found["x"]) == mondays[:14]


def test_a_time_that_was_asked_for_tells_nobody_which_weeks_are_off(
    store: Store, brand: Brand, planner: Planner, tmp_path: Path
) -> None:
    connect(store, brand, "mastodon", "mon 09:00")
    design = Design(Kind.PAIRED, 24, ("mastodon",), seed=1)
    start(store, [brand], "k", design, date(2026, 6, 8), tmp_path / "h", NOW, who="ana")
    for week in range(24):
        url = f"https://ana.example/{week}"
        remember(store, brand, replace(ARTICLE, identity=url, url=url, title=f"Écrire court, {week}"))
        at = Due(NOW + timedelta(weeks=week + 1), f"week {week}", "Europe/Paris")
        (one,) = planner.plan(brand, NOW, at=at).planned
        assert (one.due, one.warnings) == (at, ())
