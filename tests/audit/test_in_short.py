"""What is boasted beside what came, what would change a verdict, and when posts went out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crosspost.audit import verdict
from crosspost.audit.ledger import ClickHour, EffortRow, FollowersRow, Ledger, PostRow
from crosspost.audit.results import Audit, Verdict
from crosspost.audit.run import audit
from tests.audit.ledgers import BRAND, MADE_AT, START, YEAR, clients, small


def told(ledger: Ledger, figure: str) -> tuple[Any, ...]:
    """Value, or why there is none, and the note."""
    found = audit(ledger, made_at=MADE_AT).table("in_short")
    index, row = next((i, row) for i, row in enumerate(found.records()) if row["figure"] == figure)
    return row["value"] if row["value"] is not None else found.missing[index, "value"], row["note"]


def change(ledger: Ledger, claim: int = 0) -> tuple[str, str]:
    found: Audit = audit(ledger, made_at=MADE_AT)
    row = found.table("would_change").records()[claim]
    assert row["claim"] == found.findings[claim].claim.text
    return str(row["verdict"]), str(row["change"])


def test_what_some_networks_do_not_tell_is_named() -> None:
    assert told(small(), "followers") == (1030, "not told: facebook")
    assert told(small(), "reach") == (410, "not told: mastodon")
    assert told(small(), "posts") == (7, "")
    assert told(small(), "hours") == (22.5, "")


def test_what_nobody_tells_is_missing_with_its_reason_and_no_zero() -> None:
    bare = Ledger(BRAND, YEAR, posts=(PostRow("x", START),), effort=(EffortRow("x", date(2025, 2, 3), None),))
    assert told(bare, "followers") == ("followers were never read", "")
    assert told(bare, "hours") == ("not known for 1 of 1 span", "")
    assert told(replace(bare, effort=()), "hours") == ("no hours on networks are recorded", "")
    nothing = "no lead and no deal of any channel is recorded in this period"
    assert [told(bare, name)[0] for name in ("leads", "clients", "revenue")] == [nothing] * 3
    partly = (*bare.effort, EffortRow("x", date(2025, 2, 3), 4.0))
    assert told(replace(bare, effort=partly), "hours") == (4.0, "not known for 1 of 2 spans")


def test_a_closed_network_is_not_asked_for_followers() -> None:
    ledger = replace(small(), followers=(FollowersRow("x", START, 900.0),), closed={"facebook": None, "mastodon": None})
    assert told(ledger, "followers") == (900, "")


def test_no_client_of_a_network_is_a_zero_with_its_bounds() -> None:
    found = audit(clients(0, 29), made_at=MADE_AT).table("in_short").records()
    rows = {row["figure"]: row for row in found}
    assert (rows["clients"]["value"], rows["clients"]["of"]) == (0, 29)
    assert rows["clients"]["high_95"] == pytest.approx(0.0981, abs=5e-5)  # 1 - 0.05 ** (1 / 29)
    assert rows["clients"]["high"] == pytest.approx(2.996, abs=5e-4)  # -ln 0.05
    assert rows["revenue"]["value"] == Decimal(0)
    assert rows["revenue"]["high"] == pytest.approx(100 * 3.6889, abs=0.01)  # deals of 100 each


def test_revenue_has_the_interval_of_its_deals() -> None:
    found = {r["figure"]: r for r in audit(clients(4, 3), made_at=MADE_AT).table("in_short").records()}["revenue"]
    assert found["value"] == Decimal(400)
    # of equal amounts only the number is uncertain: exact limits of 4 at 100 each (Garwood)
    assert found["low"] == pytest.approx(100 * 1.090, rel=0.1)
    assert found["high"] == pytest.approx(100 * 10.24, rel=0.1)


def test_so_many_clients_more_change_the_verdict_and_one_less_does_not() -> None:
    for x, elsewhere, unknown in ((0, 29, 0), (0, 42, 0), (9, 20, 0), (2, 72, 4), (3, 40, 0), (1, 60, 2)):
        before, text = change(clients(x, elsewhere, unknown))
        numbers = [int(word) for word in text.replace(",", "").split() if word.isdigit()]
        n = x + elsewhere + unknown

        def by(more: int, x: int = x, n: int = n, unknown: int = unknown) -> Verdict:
            return verdict.judge(x + more, unknown, n + more, 0.1)

        def none(more: int, x: int = x, n: int = n, unknown: int = unknown) -> Verdict:
            return verdict.judge(x, unknown, n + more, 0.1)

        if before == "supported":
            assert by(numbers[0]).value != before == by(numbers[0] - 1).value
        elif before == "refuted":
            assert none(numbers[0]).value != before == none(numbers[0] - 1).value
        else:
            assert before == "inconclusive"
            assert none(numbers[0]) is Verdict.SUPPORTED is not none(numbers[0] - 1)
            assert by(numbers[1]) is Verdict.REFUTED is not by(numbers[1] - 1)


def test_what_changes_a_verdict_is_said_in_words() -> None:
    assert change(clients(0, 29)) == ("supported", "1 more client in a row, all by networks.")
    assert change(clients(20, 5)) == ("refuted", "111 more clients in a row, none by a network.")
    assert change(clients(0, 5)) == ("not enough data", "What is missing: the finding names it.")
    unsure = change(clients(1, 60, 2))
    assert unsure[1].endswith("So would it if all 2 clients of unknown channel came from elsewhere.")


def test_posts_and_clicks_are_counted_by_hour_of_the_week_in_the_brands_zone() -> None:
    """23:30 UTC of a Sunday is Monday in Paris; the hour that comes twice in October counts both times."""
    autumn = [datetime(2025, 10, 26, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    posts = tuple(PostRow("x", at) for at in (datetime(2025, 1, 12, 23, 30, tzinfo=UTC), *autumn))
    ledger = Ledger(BRAND, YEAR, posts=(*posts, PostRow("x")), click_hours=(ClickHour("x", 1, 0, 2, 1),))
    found = audit(ledger, made_at=MADE_AT).table("posting_hours")
    assert [tuple(row.values()) for row in found.records()] == [(1, 0, 1, 2, 3), (7, 2, 2, 0, 0)]
    silent = audit(replace(ledger, click_hours=()), made_at=MADE_AT).table("posting_hours")
    assert silent.records()[0]["clicks"] is None
    assert silent.missing[0, "clicks"] == "no hit is kept with its hour"


def test_a_post_at_midnight_to_the_second_has_a_day_and_no_hour() -> None:
    midnights = (datetime(2025, 3, 4, tzinfo=UTC), datetime(2025, 3, 3, 23, tzinfo=UTC))  # in UTC, and in Paris
    posts = tuple(PostRow("x", at) for at in (*midnights, datetime(2025, 3, 4, 0, 0, 1, tzinfo=UTC)))
    found = audit(Ledger(BRAND, YEAR, posts=posts), made_at=MADE_AT).table("posting_hours")
    assert [(row["weekday"], row["hour"], row["posts"]) for row in found.records()] == [(2, 1, 1), (None, None, 2)]
    assert found.missing[1, "hour"] == "only the day is told"


def test_an_hour_of_the_week_that_cannot_be_is_refused() -> None:
    for weekday, hour, persons in ((0, 1, 1), (8, 1, 1), (1, 24, 1), (1, -1, 1), (1, 1, -1)):
        with pytest.raises(ValueError, match="cannot be"):
            ClickHour("x", weekday, hour, persons)
