"""What changed between two audits: said of what is not as it was, and of nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crosspost.audit.ledger import BrandFacts, CoverageRow, LeadRow, Ledger, Lock
from crosspost.audit.results import Audit
from crosspost.audit.run import audit
from crosspost.audit.since import KINDS, Changes, changes_since
from crosspost.domain.period import Period
from tests.audit.test_words import RESERVED

START = datetime(2026, 1, 5, tzinfo=UTC)
BRAND = BrandFacts("lea", "Léa", "EUR")
MADE = START + timedelta(days=181)
LATER = MADE + timedelta(days=31)


def leads(networks: int, others: int, unknown: int = 0) -> tuple[LeadRow, ...]:
    channels = ["mastodon"] * networks + ["referral"] * others + [None] * unknown
    return tuple(
        LeadRow(f"L{at}", START + timedelta(days=at), channel, won_at=START + timedelta(days=at + 5))
        for at, channel in enumerate(channels)
    )


def ledger(rows: tuple[LeadRow, ...], **more: Any) -> Ledger:
    return Ledger(BRAND, Period(START, START + timedelta(days=180)), rows, **more)


def found(rows: tuple[LeadRow, ...], *, made_at: datetime = MADE, **more: Any) -> Audit:
    return audit(ledger(rows, **more), made_at=made_at)


def kept(one: Audit) -> Any:
    return json.loads(one.as_json())


def since(before: Audit, after: Audit) -> Changes:
    return changes_since(kept(before), after)


def test_of_equal_audits_nothing_changed() -> None:
    one = found(leads(2, 20, 3), coverage=(row(),), locks=(lock(),))
    assert since(one, one).items == ()
    assert since(one, found(leads(2, 20, 3), made_at=LATER, coverage=(row(),), locks=(lock(),))).of("verdict") == ()


def test_a_verdict_that_changed_is_told_with_both_words() -> None:
    [told] = since(found(leads(0, 20)), found(leads(0, 40))).of("verdict")
    assert told == "“Networks bring under 10 % of clients (last touch)”: not enough data → supported."


def test_a_figure_is_told_with_its_intervals_and_whether_it_moved_within() -> None:
    changed = since(found(leads(2, 38)), found(leads(3, 57))).of("figure")
    assert "Leads: 40 → 60." in changed
    assert "Clients among them: 40 → 60." in changed
    share = next(one for one in changed if "10 % of clients (last" in one)
    assert re.fullmatch(
        r"“.*”: 5\.0 % \(0\.9 % to 14\.9 %\) → 5\.0 % \(1\.4 % to 12\.4 %\)\. It moved within the interval it had\.",
        share,
    )


def test_one_that_left_its_interval_is_told_to_lie_outside() -> None:
    changed = since(found(leads(0, 40)), found(leads(30, 40))).of("figure")
    assert any("It lies outside the interval it had." in one for one in changed)
    assert not any("10 % of clients (last" in one and "within" in one for one in changed)


def test_what_has_no_figure_any_more_and_what_has_one_now_are_told() -> None:
    none, some = found(()), found(leads(2, 38))
    assert any("no figure before → 5.0 %" in one for one in since(none, some).of("figure"))
    assert any("5.0 % (0.9 % to" in one and one.endswith("→ no figure.") for one in since(some, none).of("figure"))


def test_the_unknown_are_in_the_figure_as_bounds() -> None:
    changed = since(found(leads(2, 38)), found(leads(2, 38, 10))).of("figure")
    assert any("→ 4.0 % to 24.0 % (" in one for one in changed)


def test_another_margin_is_told_in_place_of_the_verdict() -> None:
    before = kept(found(leads(0, 40)))
    for one in before["findings"]:
        if one["claim"]["key"] == "clients_under_10":
            one["claim"]["margin"], one["verdict"] = 0.2, "refuted"
    [told] = changes_since(before, found(leads(0, 40))).of("verdict")
    assert "another margin than before" in told


def test_a_claim_that_was_not_asked_before_is_told() -> None:
    before = kept(found(leads(0, 40)))
    before["findings"] = before["findings"][1:]
    [told] = changes_since(before, found(leads(0, 40))).of("verdict")
    assert "was not asked before" in told


def test_a_claim_that_is_not_asked_any_more_is_told() -> None:
    before, after = found(leads(0, 40)), found(leads(0, 40))
    [told] = since(before, replace(after, findings=after.findings[1:])).of("verdict")
    assert told == "“Networks bring under 10 % of clients (last touch)” is not asked any more."


def row(figure: str = "visits", origin: str = "api", months: str = "2026-01 2026-02", last: str = "2026-06-20",
        sha256: str | None = None) -> CoverageRow:  # fmt: skip
    return CoverageRow(figure, "matomo", origin, date(2026, 1, 9), date.fromisoformat(last), 9,
                       tuple(months.split()), "a.csv" if sha256 else None, sha256)  # fmt: skip


def covered(*rows: CoverageRow, made_at: datetime = MADE) -> Audit:
    return found((), coverage=rows, made_at=made_at)


def test_new_sources_are_told_with_their_first_day_and_gone_ones_too() -> None:
    changes = since(covered(row()), covered(row(), row("reach", "file", sha256="ab" * 32)))
    assert changes.of("source") == ("New: reach matomo (from a file), from 2026-01-09 on.",)
    assert since(covered(row()), covered()).of("source") == (
        "No longer there: visits matomo (by the network's own count).",
    )


def test_a_further_file_of_a_known_source_is_no_new_source() -> None:
    first, second = row(origin="file", sha256="ab" * 32), row(origin="file", sha256="cd" * 32)
    assert since(covered(first), covered(first, second)).of("source") == ()


def test_only_holes_that_are_new_are_told() -> None:
    before = covered(row(months="2026-01 2026-03"))
    after = covered(row(months="2026-01 2026-03 2026-06", last="2026-06-21"))
    assert since(before, after).of("hole") == (
        "visits matomo (by the network's own count): nothing was told of 2026-04, 2026-05.",
    )
    assert since(before, covered(row(months="2026-01 2026-02 2026-03", last="2026-06-21"))).of("hole") == ()


def test_a_hole_that_another_file_filled_is_none() -> None:
    files = (row(origin="file", months="2026-01 2026-03", sha256="ab" * 32),
             row(origin="file", months="2026-02 2026-04", sha256="cd" * 32))  # fmt: skip
    assert since(covered(files[0]), covered(*files)).of("hole") == ()


def test_a_source_that_fell_silent_is_told_once() -> None:
    before, after = covered(row()), covered(row(), made_at=LATER)
    assert since(before, after).of("hole") == ("visits matomo (by the network's own count): nothing after 2026-06-20.",)
    assert since(after, covered(row(), made_at=LATER + timedelta(days=31))).of("hole") == ()
    assert since(before, covered(row(), made_at=MADE + timedelta(days=2))).of("hole") == (), "two days are no hole"


def lock(**more: Any) -> Lock:
    return replace(
        Lock("H1a", "Few clients", "share", 0.1, "share", "A1", START, None, None, "ab" * 32,
             START - timedelta(days=9)),
        **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((), (lock(),), "H1a was locked on 2025-12-27."),
        ((lock(),), (), "The lock of H1a is gone."),
        ((lock(),), (lock(changed="margin"),), "H1a was changed after it was locked (margin)."),
        ((lock(),), (lock(looked="an audit"),), "H1a is exploratory now (an audit)."),
        ((lock(),), (lock(hash="cd" * 32),), "H1a is locked under another hash than before."),
        ((lock(changed="margin"),), (lock(changed="margin"),), None),
    ],
)
def test_locks_that_were_broken_are_told(before: Any, after: Any, told: str | None) -> None:
    changes = since(found((), locks=before), found((), locks=after))
    assert changes.of("lock") == (() if told is None else (told,))


def test_changes_come_in_the_order_of_their_kinds_and_say_nothing_of_causes() -> None:
    before = found(leads(0, 20), coverage=(row(),), locks=(lock(),))
    after = found(leads(9, 40), made_at=LATER, coverage=(row(), row("reach")), locks=(lock(changed="margin"),))
    items = since(before, after).items
    assert {one.kind for one in items} == set(KINDS)
    assert [KINDS.index(one.kind) for one in items] == sorted(KINDS.index(one.kind) for one in items)
    assert not [one.text for one in items if RESERVED.search(one.text)]


def test_an_older_audit_without_a_table_is_compared_by_the_rest() -> None:
    before = kept(found(leads(2, 38), coverage=(row(),)))
    before["tables"] = []
    after = found(leads(2, 39), coverage=(row(),))
    assert changes_since(before, after).of("figure")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one: one.pop("findings"),
        lambda one: one.update(brand={"slug": "max"}),
        lambda one: one.update(made_at="yesterday"),
        lambda one: one.update(made_at=7),
        lambda one: one.update(tables=7),
        lambda one: one.update(findings=[{}]),
        lambda one: one.update(period={"start": "2026-01-01T00:00:00Z", "end": "2025-01-01T00:00:00Z"}),
    ],
)
def test_what_is_no_audit_of_the_brand_is_refused(spoil: Callable[[dict[str, Any]], object]) -> None:
    before = kept(found(leads(2, 38)))
    spoil(before)
    with pytest.raises(ValueError, match="before|isoformat|end"):
        changes_since(before, found(leads(2, 38)))
