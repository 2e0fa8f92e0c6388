"""What other tools counted: each number once, corrected by a later export, never twice for the same days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from crosspost.domain.errors import CrosspostError
from crosspost.domain.period import Period
from crosspost.domain.tally import Tally
from crosspost.store.database import Database
from crosspost.store.recording import Origin, Outcome, Recorded
from crosspost.store.store import Store
from crosspost.store.tables import tally as table
from crosspost.store.tallies import record_tallies, tallies
from tests.blank import BRAND, NOW, OTHER, settled

JANUARY = Tally("ga4", "visits", "source", date(2026, 1, 1), date(2026, 2, 1), Decimal(40), source="linkedin")


@pytest.fixture
def store(database: Database) -> Store:
    return settled(database)


def told(store: Store, *given: Tally, file: str = "a", newer: bool = False, brand: str = BRAND) -> list[Any]:
    """The outcome of each, or the message of why it was refused."""
    with store.write(brand) as scope:
        facts = [(one, Origin(file * 64, line, "part")) for line, one in enumerate(given, 2)]
        results = record_tallies(scope, facts, NOW, newer=newer)
    return [one.outcome if isinstance(one, Recorded) else str(one) for one in results]


def stored(store: Store, brand: str = BRAND) -> list[tuple[str | None, Decimal | None]]:
    with store.read(brand) as scope:
        return [(one.tally.source, one.tally.value) for one in tallies(scope)]


def test_a_tally_reads_back_as_it_was_told_with_its_file_and_line(store: Store) -> None:
    whole = replace(
        JANUARY, value=Decimal("40.5"), additive=False, site="blog", medium="social", campaign="c", content="d",
        term="e", page="/f", label="g", channel_group="Organic Social", network="linkedin", code="k7m2p9qrst",
    )  # fmt: skip
    assert told(store, whole) == [Outcome.RECORDED]
    with store.read(BRAND) as scope:
        [found] = tallies(scope)
        assert (found.tally, found.origin) == (whole, Origin("a" * 64, 2, "part"))
        assert tallies(scope, Period(datetime(2026, 1, 2, tzinfo=UTC), NOW)) == []
        assert len(tallies(scope, Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)))) == 1


def test_what_is_missing_is_kept_with_its_reason_and_is_not_zero(store: Store) -> None:
    missing = replace(JANUARY, value=None, reason="the file says '-'")
    assert told(store, missing) == [Outcome.RECORDED]
    assert stored(store) == [("linkedin", None)]
    assert "without a reason" in told(store, replace(JANUARY, metric="x", value=None))[0]
    assert told(store, replace(JANUARY, value=Decimal(0)), file="b") == [Outcome.UPDATED]


def test_the_same_number_again_changes_nothing(store: Store) -> None:
    assert told(store, JANUARY) == [Outcome.RECORDED]
    assert told(store, JANUARY, file="b") == [Outcome.KNOWN]
    assert stored(store) == [("linkedin", Decimal(40))]


def test_a_number_that_grew_replaces_the_one_before_which_is_kept(store: Store) -> None:
    told(store, JANUARY)
    assert told(store, replace(JANUARY, value=Decimal(44)), file="b") == [Outcome.UPDATED]
    assert stored(store) == [("linkedin", Decimal(44))]
    with store.read(BRAND) as scope:
        query = select(func.count()).where(table.c.brand_id == BRAND, table.c.superseded_at.is_not(None))
        assert scope.connection.execute(query).scalar_one() == 1


def test_a_number_that_shrank_is_refused_unless_the_file_is_said_to_be_newer(store: Store) -> None:
    told(store, JANUARY)
    less = replace(JANUARY, value=Decimal(39))
    assert told(store, less, file="b")[0].startswith("ga4 visits was 40 for the same period, and is 39 here — --newer")
    assert stored(store) == [("linkedin", Decimal(40))]
    assert told(store, less, file="b", newer=True) == [Outcome.UPDATED]
    assert stored(store) == [("linkedin", Decimal(39))]


@pytest.mark.parametrize(
    ("start", "end"), [((2026, 1, 15), (2026, 2, 15)), ((2026, 1, 5), (2026, 1, 6)), ((2025, 12, 1), (2026, 3, 1))]
)
def test_days_that_would_count_twice_are_refused(
    store: Store, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    told(store, JANUARY)
    other = replace(JANUARY, source="x", start=date(*start), end=date(*end))
    [why] = told(store, other, file="b", newer=True)
    assert "overlaps with what is stored from 2026-01-01 to 2026-01-31" in why
    assert told(store, replace(other, by="page"), replace(other, metric="clicks"), replace(other, site="shop"),
                replace(other, tool="matomo"), file="c") == [Outcome.RECORDED] * 4  # fmt: skip


def test_rows_of_single_days_merge_where_two_exports_overlap(store: Store) -> None:
    def days(first: int, last: int) -> list[Tally]:
        start = date(2026, 1, 1)
        return [
            replace(JANUARY, by="day", start=start + timedelta(days=at), end=start + timedelta(days=at + 1))
            for at in range(first, last)
        ]

    assert told(store, *days(0, 20)) == [Outcome.RECORDED] * 20
    assert told(store, *days(15, 25), file="b") == [Outcome.KNOWN] * 5 + [Outcome.RECORDED] * 5


def test_one_table_tells_a_number_once(store: Store) -> None:
    assert told(store, JANUARY, JANUARY) == [
        Outcome.RECORDED,
        "ga4 visits of the same period and dimensions is on line 2 already — export it again: a table tells each "
        "number once",
    ]


@pytest.mark.parametrize("wrong", [
    {"value": Decimal(-1)}, {"value": Decimal(10) ** 15}, {"end": date(2026, 1, 1)}, {"start": date(1960, 1, 1)},
    {"start": date(2027, 1, 1), "end": date(2027, 2, 1)}, {"value": Decimal("NaN")},
])  # fmt: skip
def test_what_cannot_be_is_refused(store: Store, wrong: dict[str, Any]) -> None:
    assert told(store, replace(JANUARY, **wrong)) != [Outcome.RECORDED]
    assert stored(store) == []


def test_two_brands_count_apart(store: Store) -> None:
    told(store, JANUARY)
    assert told(store, replace(JANUARY, value=Decimal(1)), brand=OTHER) == [Outcome.RECORDED]
    assert stored(store) == [("linkedin", Decimal(40))]
    assert stored(store, OTHER) == [("linkedin", Decimal(1))]


def test_errors_are_ours(store: Store) -> None:
    with store.write(BRAND) as scope:
        [error] = record_tallies(scope, [(replace(JANUARY, end=JANUARY.start), Origin("a", 1))], NOW, newer=False)
    assert isinstance(error, CrosspostError)
