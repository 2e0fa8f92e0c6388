"""X forbids to use its API for measuring it against others: no table, chart or page does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crosspost.audit.run import audit
from crosspost.commands.ledger import gather
from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.ids import new_id
from crosspost.domain.post import Post, Reading, ReadingStatus
from crosspost.networks import NETWORKS, network
from crosspost.report.write import write
from crosspost.store import brands, posts
from crosspost.store.database import Database
from crosspost.store.store import Store

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
# Found nowhere by chance, in any of the forms that tables and charts write them in.
FOLLOWERS, VIEWS, LIKES = 738_193, 914_377, 52_861
MARKS = [form for n in (FOLLOWERS, VIEWS, LIKES) for form in (str(n), f"{n:,}", f"{n:,}".replace(",", "\u202f"))]


def _brand(store: Store) -> Brand:
    brand = Brand(new_id(NOW), "lea", "Léa", "UTC", "fr", "EUR", LinkMode.DIRECT, None, False, NOW)
    with store.database.write() as connection:
        brands.add(connection, brand)
    return brand


def _account(store: Store, brand: Brand, name: str, origin: str, *, marked: bool) -> None:
    """An account with two posts and their numbers; `marked` gives it the numbers that are looked for."""
    account = Account(new_id(NOW), brand.id, name, "lea", "https://s.example", name, (), {}, None, NOW)
    with store.write(brand.id) as scope:
        brands.add_account(scope, account)
        for number in range(2):
            at = NOW - timedelta(days=20 + number)
            post_id = posts.add_post(scope, account.id, name, Post(f"{name}{number}", None, "un", at), now=NOW)
            values = (
                {"impressions": VIEWS, "reach": VIEWS, "likes": LIKES} if marked else {"impressions": 31, "likes": 3}
            )
            posts.add_readings(scope, account.id, post_id, [_reading(*one) for one in values.items()], origin=origin)
        followers = FOLLOWERS if marked else 77
        posts.add_readings(scope, account.id, None, [_reading("followers", followers)], origin=origin)


def _reading(metric: str, value: float) -> Reading:
    return Reading(metric, metric, value, ReadingStatus.VALUE, NOW - timedelta(days=1))


def _written(store: Store, brand: Brand, folder: Path) -> str:
    """Every text file of the whole report: the page, its tables, the audit itself."""
    write(audit(gather(store, brand, NOW), made_at=NOW), folder)
    files = [file for file in folder.rglob("*") if file.suffix in (".html", ".csv", ".json", ".svg", ".txt")]
    assert {".html", ".csv", ".json"} <= {file.suffix for file in files}
    return "\n".join(file.read_text("utf-8") for file in files)


@pytest.fixture
def store(sqlite_database: Database) -> Store:
    return Store(sqlite_database)


@pytest.mark.parametrize("other", [name for name in NETWORKS if name != "x"])
def test_no_number_of_xs_api_stands_beside_another_networks(store: Store, other: str) -> None:
    brand = _brand(store)
    _account(store, brand, "x", "api", marked=True)
    _account(store, brand, other, "api", marked=False)
    ledger = gather(store, brand, NOW)
    of_x = [post for post in ledger.posts if post.network == "x"]
    assert len(of_x) == 2
    assert [value for post in of_x for value in post.metrics.values() if value is not None] == []
    assert all("import its own export" in reason for post in of_x for reason in post.reasons.values())
    assert [row.value for row in ledger.followers if row.network == "x"] == [None]
    assert any(value == 31 for post in ledger.posts for value in post.metrics.values())


def test_nor_in_the_report_that_is_made_of_it(store: Store, tmp_path: Path) -> None:
    brand = _brand(store)
    _account(store, brand, "x", "api", marked=True)
    _account(store, brand, "mastodon", "api", marked=False)
    text = _written(store, brand, tmp_path / "report")
    assert [mark for mark in MARKS if mark in text] == []
    assert "import its own export to compare" in text


def test_within_x_they_are_shown(store: Store, tmp_path: Path) -> None:
    brand = _brand(store)
    _account(store, brand, "x", "api", marked=True)
    assert str(2 * VIEWS) in _written(store, brand, tmp_path / "report")


def test_what_the_owner_exported_is_compared(store: Store, tmp_path: Path) -> None:
    brand = _brand(store)
    _account(store, brand, "x", "export", marked=True)
    _account(store, brand, "mastodon", "api", marked=False)
    assert str(2 * VIEWS) in _written(store, brand, tmp_path / "report")


def test_x_alone_is_kept_apart() -> None:
    facts = {name: getattr(network(name), "facts", None) for name in NETWORKS}
    assert [name for name, one in facts.items() if one is not None and one.apart] == ["x"]
