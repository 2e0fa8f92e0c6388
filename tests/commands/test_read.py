"""Reading sources: what is seeded, what is new, and that one bad feed stops nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crosspost.commands import read as reading
from crosspost.commands.setup import add_brand
from crosspost.domain.article import Article
from crosspost.domain.brand import Brand
from crosspost.outside.http import Outbound
from crosspost.sources.source import Read
from crosspost.store import articles
from crosspost.store.database import Database
from crosspost.store.store import Store

NOW = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)
Answers = dict[str, Callable[[], Read]]


def told(*names: str, problems: tuple[str, ...] = (), age: timedelta = timedelta(hours=1)) -> Callable[[], Read]:
    found = tuple(
        Article(name, f"https://blog.example/{name}", name, published_at=NOW + timedelta(days=1) - age)
        for name in names
    )
    return lambda: Read(found, problems, None, None)


@pytest.fixture
def store(sqlite_database: Database) -> Store:
    return Store(sqlite_database)


@pytest.fixture
def brand(store: Store) -> Brand:
    return add_brand(store, NOW, "Ana")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """What each address answers: set it before reading."""
    made: Answers = {}

    def read_source(_kind: str, address: str, *_: Any, **__: Any) -> Read:
        return made[address]()

    monkeypatch.setattr(reading, "read_source", read_source)
    return made


def decisions(store: Store, brand: Brand, now: datetime) -> dict[str, list[str]]:
    reports = reading.read_due(store, brand, Outbound(), now, 600, force=True)
    return {report.source: [item.decision.value for item in report.items] for report in reports}


def add(store: Store, brand: Brand, *addresses: str, kind: str = "feed") -> None:
    with store.write(brand.id) as scope:
        for address in addresses:
            articles.add_source(scope, kind, address, NOW)


def test_the_first_read_of_a_feed_announces_nothing(store: Store, brand: Brand, answers: Answers) -> None:
    add(store, brand, "https://f")
    answers["https://f"] = told("a", "b")
    assert decisions(store, brand, NOW) == {"https://f": ["seeded", "seeded"]}
    answers["https://f"] = told("a", "b", "c")
    assert decisions(store, brand, NOW + timedelta(days=1)) == {"https://f": ["known", "known", "new"]}


@pytest.mark.parametrize("first", [told(), told("a", problems=("line 3: not well-formed XML",))])
def test_an_empty_or_broken_first_answer_does_not_make_the_archive_news(
    store: Store, brand: Brand, answers: Answers, first: Callable[[], Read]
) -> None:
    add(store, brand, "https://f")
    answers["https://f"] = first
    decisions(store, brand, NOW)
    answers["https://f"] = told("b", "c", age=timedelta(days=90))
    assert decisions(store, brand, NOW + timedelta(hours=1))["https://f"] == ["seeded", "seeded"]


def test_a_feed_that_is_never_well_formed_still_brings_news(store: Store, brand: Brand, answers: Answers) -> None:
    add(store, brand, "https://f")
    problems = ("line 3: not well-formed XML",)
    answers["https://f"] = told("a", problems=problems)
    decisions(store, brand, NOW)
    answers["https://f"] = told("a", "b", problems=problems)
    assert decisions(store, brand, NOW + timedelta(days=1))["https://f"] == ["known", "new"]


def test_an_old_article_that_appears_late_is_not_news(store: Store, brand: Brand, answers: Answers) -> None:
    add(store, brand, "https://f")
    answers["https://f"] = told("a")
    decisions(store, brand, NOW)
    answers["https://f"] = told("archive", age=timedelta(days=400))
    assert decisions(store, brand, NOW + timedelta(days=1)) == {"https://f": ["seeded"]}


def test_a_page_that_a_person_named_is_new_at_once(store: Store, brand: Brand, answers: Answers) -> None:
    add(store, brand, "https://p", kind="page")
    answers["https://p"] = told("a")
    assert decisions(store, brand, NOW) == {"https://p": ["new"]}


def test_one_bad_feed_stops_nobody_else(store: Store, brand: Brand, answers: Answers) -> None:
    def poison() -> Read:
        raise UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed")

    add(store, brand, "https://bad", "https://good")
    answers["https://bad"], answers["https://good"] = poison, told("a")
    assert decisions(store, brand, NOW) == {"https://bad": [], "https://good": ["seeded"]}
    with store.read(brand.id) as scope:
        bad = next(one for one in articles.sources(scope) if one.address == "https://bad")
    assert bad.last_problem is not None
    assert "UnicodeEncodeError" in bad.last_problem
    assert bad.next_read_at == NOW + timedelta(seconds=600)
