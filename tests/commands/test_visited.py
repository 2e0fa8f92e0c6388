"""Visits in the ledger: by our script or by one tool, never both, with who counted and what is missing beside them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crosspost.audit.ledger import CountedDays, Ledger, VisitRow
from crosspost.audit.run import audit
from crosspost.commands.ledger import gather
from crosspost.commands.privacy import carry_click_id, choose
from crosspost.domain.business import Lead
from crosspost.domain.privacy import Mode, Privacy
from crosspost.domain.tally import Tally
from crosspost.domain.traffic import Judged, Judgement
from crosspost.domain.visit import Click, Open, View
from crosspost.store import business, links, traffic, visits
from crosspost.store.recording import Origin, Recorded
from crosspost.store.store import Store
from crosspost.store.tallies import record_tallies
from tests.blank import ACCOUNT, BRAND, NOW, blank_store

CODE = "k7m2p9qrst"
START = datetime(2026, 3, 1, tzinfo=UTC)
END = datetime(2026, 4, 1, tzinfo=UTC)
PERSON = Judged(Judgement.PERSON, "browser", "1")
UNSURE = Judged(Judgement.UNSURE, "no-browser", "1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = blank_store(tmp_path)
    with made.write(BRAND) as scope:
        links.add(scope, CODE, "https://blog.example/", NOW, account_id=ACCOUNT)
    yield made
    made.database.close()


def saw(store: Store, days: float = 0, code: str = CODE, source: str = "", judged: Judged = PERSON) -> None:
    """One visit so many days after the start of March."""
    at = START + timedelta(days=days)
    view = View(at, BRAND, "v", "/", code, source, "", "", "", "", "", judged)
    with store.write(BRAND) as scope:
        visits.add(scope, [(Open(f"{at:%m%d%H%M%S}-{code}-{source}"[:26], at, at, code, 1), view)])


def tallied(store: Store, *rows: dict[str, Any]) -> None:
    facts = []
    for line, row in enumerate(rows, start=2):
        given = {
            "tool": "ga4", "metric": "visits", "by": "source", "start": date(2026, 3, 1), "end": date(2026, 4, 1),
            **row,
        }  # fmt: skip
        if "value" in given and given["value"] is not None:
            given["value"] = Decimal(given["value"])
        facts.append((Tally(**given), Origin("f" * 64, line)))
    with store.write(BRAND) as scope:
        for one in record_tallies(scope, facts, END + timedelta(days=1), newer=False):
            assert isinstance(one, Recorded), one


def ledger(store: Store, since: datetime | None = START, until: datetime | None = END) -> Ledger:
    return gather(store, store.brand("atelier"), END, since=since, until=until)


def stage(found: Ledger, network: str = "linkedin") -> dict[str, Any]:
    rows = audit(found, made_at=END).table("funnel").records()
    return dict(next(row for row in rows if (row["network"], row["stage"]) == (network, "visit")))


def test_without_a_script_or_an_export_nothing_is_said_of_visits(store: Store) -> None:
    found = ledger(store)
    assert found.visits == ()
    assert found.counting == ()
    table = audit(found, made_at=END).table("funnel")
    index = next(i for i, row in enumerate(table.records()) if row["stage"] == "visit")
    assert table.missing[index, "value"] == "no analytics of the site was imported"


def test_our_script_counts_by_link_then_by_source_as_a_range(store: Store) -> None:
    saw(store, 0.5)
    saw(store, 1)
    saw(store, 2, judged=UNSURE)
    saw(store, 3, code="", source="twitter")
    saw(store, 4, code="", source="newsletter")
    saw(store, 5, judged=Judged(Judgement.CRAWLER, "webdriver", "1"))
    saw(store, 40)
    found = ledger(store)
    assert found.visits == (
        VisitRow("linkedin", 2, unsure=1, note="by our script"), VisitRow("x", 1, note="by our script"),
    )  # fmt: skip
    told = stage(found)
    assert (told["value"], told["upper"], told["note"]) == (2, 3, "by our script")
    assert any("Aggregate mode" in note for note in audit(found, made_at=END).notes)


def test_a_connected_network_without_a_visit_had_none_once_the_script_ran(store: Store) -> None:
    saw(store, 0, code="", source="twitter")
    assert [(row.network, row.visits) for row in ledger(store).visits] == [("linkedin", 0), ("x", 1)]


def test_a_script_that_began_within_the_period_gives_a_lower_bound(store: Store) -> None:
    saw(store, 10)
    (row,) = ledger(store).visits
    assert row.note == "by our script, first visit on 2026-03-11", "nobody is known to have come before"
    with store.database.write() as connection:
        traffic.add_day_counts(connection, {(BRAND, CODE, date(2026, 3, 4), Judgement.PERSON): 1})
    (row,) = ledger(store).visits
    assert row.note == "by our script, first visit on 2026-03-11: a lower bound"
    assert ledger(store, until=START + timedelta(days=5)).visits == ()


def test_one_tool_is_read_in_one_breakdown_and_visitors_are_not_added(store: Store) -> None:
    tallied(
        store,
        {"source": "linkedin", "value": 40}, {"source": "t.co", "value": 9}, {"source": "twitter", "value": 3},
        {"source": "google", "value": 500},
        {"by": "content", "content": CODE, "code": CODE, "value": 21},
        {"by": "total", "value": 900},
        {"metric": "visitors", "source": "linkedin", "value": 33, "additive": False},
        {"metric": "pageviews", "source": "linkedin", "value": 99},
    )  # fmt: skip
    found = ledger(store)
    assert found.visits == (VisitRow("linkedin", 40, note="by ga4"), VisitRow("x", 12, note="by ga4"))
    assert any("ga4's own count" in note and "by source" in note for note in found.counting)


def test_two_tools_are_never_added_and_the_one_left_aside_is_named(store: Store) -> None:
    tallied(store, {"source": "linkedin", "value": 40})
    tallied(store, {"tool": "plausible", "source": "linkedin", "value": 44, "end": date(2026, 3, 20)})
    found = ledger(store)
    assert [row.visits for row in found.visits] == [40]
    assert any("plausible" in note and "left aside" in note for note in found.counting)
    saw(store, 0)
    found = ledger(store)
    assert [(row.visits, row.note) for row in found.visits] == [(1, "by our script")]
    assert any("ga4 and plausible" in note for note in found.counting)


def test_a_tool_that_names_no_visit_from_a_network_does_not_say_that_there_was_none(store: Store) -> None:
    tallied(store, {"source": "twitter", "value": 3})
    found = {row.network: row for row in ledger(store).visits}
    assert found["linkedin"].visits is None
    assert found["linkedin"].reason == "ga4 names no visit from it"


def test_days_that_were_not_exported_and_numbers_left_out_are_told(store: Store) -> None:
    tallied(
        store, {"source": "linkedin", "value": 4, "end": date(2026, 3, 11)},
        {"source": "twitter", "value": None, "reason": "hidden below a threshold", "end": date(2026, 3, 11)},
    )  # fmt: skip
    found = {row.network: row for row in ledger(store).visits}
    assert found["linkedin"].note == "by ga4, which counted 10 of 31 days: a lower bound"
    assert (found["x"].visits, found["x"].reason) == (None, "hidden below a threshold")


def test_without_bounds_the_period_reaches_what_was_counted(store: Store) -> None:
    tallied(store, {"source": "linkedin", "value": 40})
    found = ledger(store, None, None)
    assert (found.period.start, found.period.end) == (START, END)
    assert [row.visits for row in found.visits] == [40]


def test_days_counted_one_by_one_by_the_script_are_whole_and_over(store: Store) -> None:
    saw(store, 10)
    found = ledger(store, since=START + timedelta(hours=3), until=END - timedelta(hours=3))
    assert found.visit_spans == (CountedDays(date(2026, 3, 12), date(2026, 3, 31)),)  # the first may have begun at noon
    saw(store, -9)
    assert ledger(store, since=START + timedelta(hours=3)).visit_spans == (CountedDays(date(2026, 3, 2), END.date()),)
    assert ledger(store, until=START + timedelta(hours=9)).visit_spans == ()


def test_days_counted_one_by_one_by_a_tool_are_those_of_its_rows_of_one_day(store: Store) -> None:
    def row(day: int, days: int = 1, **more: object) -> dict[str, Any]:
        start = date(2026, 3, day)
        return {"source": "linkedin", "value": 4, "start": start, "end": start + timedelta(days=days), **more}

    tallied(store, *(row(day) for day in (2, 3, 4, 5, 6, 9, 20)), row(3, source="google", value=7))
    tallied(store, row(10, days=2), row(5, source="google", value=None, reason="left out"))
    spans = [(one.start.day, one.end.day) for one in ledger(store).visit_spans]
    assert spans == [(2, 5), (6, 7), (9, 10), (20, 21)]


def test_a_lead_that_carries_a_click_id_came_by_that_clicks_link(store: Store) -> None:
    chosen = Privacy(Mode.CLICK_ID, "consent, asked for by the banner")
    choose(store, store.brand("atelier"), chosen, NOW, who="léa")
    with store.write(BRAND) as scope:
        visits.add_clicks(scope, [Click(NOW, BRAND, "abcdefgh12", CODE, PERSON)])
        for name in ("L1", "L2"):
            business.record_lead(scope, Lead("cli", name, NOW + timedelta(days=1)), NOW + timedelta(days=1))
        assert carry_click_id(scope, "L1", "abcdefgh12")
        assert carry_click_id(scope, "L1", "abcdefgh12"), "once more changes nothing"
        assert carry_click_id(scope, "L2", "unknown-id")
    assert any("asked for by the banner" in note for note in ledger(store).counting), "before any visit was counted"
    saw(store, 1)
    found = ledger(store)
    assert sorted((row.code, row.network_of_code) for row in found.leads if row.code) == [(CODE, "linkedin")]
    assert any("Click-id mode" in note and "asked for by the banner" in note for note in found.counting)
    assert any("asked for by the banner" in note for note in audit(found, made_at=END).notes)


def test_the_gap_at_each_step_stands_beside_its_causes(store: Store) -> None:
    saw(store, 0)
    with store.write(BRAND) as scope:
        won = Lead("cli", "L1", NOW, channel="linkedin")
        business.record_lead(scope, won, NOW)
    rows = {row["step"]: row for row in audit(ledger(store), made_at=END).table("reconciliation").records()}
    assert list(rows) == [
        "network's clicks → ours", "clicks → visits", "visits → leads", "leads → clients", "clients → payments",
    ]  # fmt: skip
    assert (rows["clicks → visits"]["before"], rows["clicks → visits"]["after"]) == (0, 1)
    assert rows["clicks → visits"]["gap"] == -1
    assert rows["clicks → visits"]["kept"] is None
    assert (rows["visits → leads"]["gap"], rows["visits → leads"]["kept"]) == (0, 1.0)
    assert (rows["leads → clients"]["gap"], rows["leads → clients"]["kept"]) == (1, 0.0)
    assert all(row["why"] for row in rows.values())
