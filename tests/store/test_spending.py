"""What was spent and what budgets leave, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.costs import Charge, Cost
from crosspost.domain.ids import new_id
from crosspost.domain.notice import NoticeKind
from crosspost.networks.x import X
from crosspost.store import brands, spending
from crosspost.store.database import Database
from crosspost.store.spending import Budget
from crosspost.store.store import Scope, Store

NOW = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # the last evening of a month
POST = Charge("post_with_link")


def cost(*charges: Charge) -> Cost:
    assert X.facts.prices is not None
    return Cost(charges or (POST,), X.facts.prices)


@pytest.fixture
def scope(database: Database) -> Iterator[Scope]:
    """One brand with the account "x", in one transaction."""
    brand = Brand(new_id(NOW), "lea", "Léa", "UTC", "fr", "EUR", LinkMode.DIRECT, None, False, NOW)
    with database.write() as connection:
        brands.add(connection, brand)
    with Store(database).write(brand.id) as scope:
        account = Account("x", brand.id, "x", "lea", "https://s.example", "1", (), {}, None, NOW)
        for one in ("x", "y"):
            brands.add_account(scope, replace(account, id=one, remote_id=one))
        yield scope


def micros(scope: Scope, at: datetime = NOW) -> tuple[int, int]:
    return spending.so_far(scope, None, "USD", at)


@pytest.mark.parametrize(
    ("outcome", "kept", "certainty"),
    [
        ("published", 200_000, 0), ("unknown", 200_000, 200_000), ("rejected", 200_000, 200_000),
        ("duplicate", 200_000, 200_000), ("not sent", 0, 0), ("rate limited", 0, 0), ("unauthorized", 0, 0),
        ("no credit", 0, 0),
    ],
)  # fmt: skip
def test_an_outcome_settles_what_its_claim_had_written(scope: Scope, outcome: str, kept: int, certainty: int) -> None:
    spending.add(scope, "x", cost(POST, Charge("alt_text", 2)), NOW, attempt_id="a", delivery_id="d")
    assert micros(scope)[0] == 210_000
    spending.settle(scope, "a", POST, outcome)
    rows = spending.spent(scope, NOW, NOW + timedelta(days=1))
    assert (sum(row.micros for row in rows), sum(row.unsure_micros for row in rows)) == (kept, certainty)


def test_days_and_months_are_those_of_utc(scope: Scope) -> None:
    spending.add(scope, "x", cost(), NOW - timedelta(days=1))
    assert micros(scope) == (0, 200_000)
    spending.add(scope, "x", cost(), NOW)
    assert micros(scope) == (200_000, 400_000)
    assert micros(scope, NOW + timedelta(hours=1)) == (0, 0)


def test_a_budget_holds_and_is_told_once_per_month(scope: Scope) -> None:
    spending.set_budget(scope, Budget("x", "USD", None, Decimal("0.3")))
    assert spending.held(scope, "x", cost(), NOW) is None
    spending.add(scope, "x", cost(), NOW)
    first, again = (spending.held(scope, "x", cost(), NOW) for _ in range(2))
    assert first is not None
    assert again is not None
    assert [one.kind for one in first.notices] == [NoticeKind.BUDGET]
    assert again.notices == ()
    assert first.wait_s == 1800  # until midnight, when the month ends
    assert spending.held(scope, "y", cost(), NOW) is None
    assert spending.held(scope, "x", cost(), NOW + timedelta(hours=1)) is None


def test_a_budget_is_replaced_and_removed(scope: Scope) -> None:
    for new in (Budget(None, "USD", Decimal(1), None), Budget("x", "USD", Decimal("0.1"), Decimal(2))):
        spending.set_budget(scope, new)
        spending.set_budget(scope, new)
    assert [one.account_id for one in spending.budgets(scope)] == [None, "x"]
    spending.set_budget(scope, Budget("x", "USD", None, None))
    assert spending.budgets(scope) == [Budget(None, "USD", Decimal("1.000"), None)]


def test_a_budget_in_another_currency_says_nothing_of_these_prices(scope: Scope) -> None:
    spending.set_budget(scope, Budget("x", "EUR", Decimal(0), None))
    assert spending.held(scope, "x", cost(), NOW) is None
