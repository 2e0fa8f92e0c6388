"""`crosspost interruption`: declare what stopped, list it, withdraw it; and what the brand's audits make of it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crosspost.audit.ledger import InterruptionRow
from crosspost.audit.results import Verdict
from crosspost.audit.run import audit
from crosspost.commands.bundling import bundle_of
from crosspost.commands.choices import Choices
from crosspost.commands.consulting import of_folder
from crosspost.commands.hypotheses import looked_at
from crosspost.commands.interruptions import declare
from crosspost.commands.ledger import gather
from crosspost.commands.verify import verify
from crosspost.domain.business import Lead
from crosspost.domain.interruption import interruption_of
from crosspost.domain.period import Period
from crosspost.domain.telling import Rules
from crosspost.store import business, interruptions
from crosspost.store.database import Database
from crosspost.store.store import Store
from tests.audit.test_interruption import columns, written
from tests.blank import BRAND, NOW, settled
from tests.home import Home

SINCE = date(2025, 11, 3)
DECLARED = ("interruption", "declare", "LinkedIn", "--from", "2025-11-03", "--why", "account locked")


def test_it_is_declared_listed_filled_in_and_withdrawn(home: Home) -> None:
    made = home.json(*DECLARED)
    assert (made["outcome"], made["stopped"], made["from"], made["until"]) == (
        "recorded",
        "linkedin",
        "2025-11-03",
        None,
    )
    assert home.json("interruption", "declare", "linkedin", "--from", "2025-11-03", "--moved-to", "Mastodon")[
        "outcome"
    ] == "updated"  # fmt: skip
    home("interruption", "declare", "posting", "--from", "2025-06-02", "--until", "2025-07-14", "--why", "leave")
    assert "account locked" in home("interruption", "list")
    assert [(one["stopped"], one["until"], one["moved_to"]) for one in home.json("interruption", "list")] == [
        ("posting", "2025-07-14", None), ("linkedin", None, "mastodon")
    ]  # fmt: skip
    home("interruption", "withdraw", "posting")
    assert [one["withdrawn_at"] is None for one in home.json("interruption", "list")] == [False, True]
    home("brand", "add", "Other")
    assert home.json("interruption", "list", "--brand", "other") == []


REFUSED = (
    (2, ("declare", "minitel", "--from", "2025-11-03", "--why", "x"), "'minitel' is no network"),
    (2, ("declare", "linkedin", "--from", "3 November", "--why", "x"), "'3 November' is not a day"),
    (2, ("declare", "linkedin", "--from", "2025-02-30", "--why", "x"), "'2025-02-30' is not a day"),
    (2, ("declare", "linkedin", "--from", "2025-11-03", "--until", "2025-11-01", "--why", "x"), "before it began"),
    (2, ("declare", "linkedin", "--from", "2025-11-03"), "why did linkedin stop?"),
    (2, ("declare", "linkedin", "--why", "x"), "since when is linkedin interrupted?"),
    (2, ("declare", "site", "--from", "2025-11-03", "--why", "x", "--moved-to", "x"), "nobody moves from site"),
    (3, ("withdraw", "linkedin"), "no such interruption of linkedin"),
    (2, ("nothing.csv", "--treated", "site", "--from", "1"), "nothing.csv"),
)


def test_what_cannot_be_is_refused_and_nothing_is_kept(home: Home) -> None:
    for code, arguments, message in REFUSED:
        told = home.refused(code, "interruption", *arguments)
        assert message in told
        assert " — " in told, "a remedy"
    assert home.json("interruption", "list") == []


def test_a_contradiction_is_refused_with_its_way_out(home: Home) -> None:
    home(*DECLARED)
    told = home.refused(4, "interruption", "declare", "linkedin", "--from", "2025-11-10", "--why", "again")
    assert "crosspost interruption withdraw linkedin --from 2025-11-03" in told
    assert len(home.json("interruption", "list")) == 1


def test_the_word_compare_may_be_left_out(home: Home, tmp_path: Path) -> None:
    path = str(written(tmp_path / "series.csv", columns()))
    options = ("--treated", "site", "--from", "2025-02-21", "--control", "c0")
    found = home.json("interruption", "compare", path, *options)
    assert home.json("interruption", path, *options) == found
    assert home.json("interruption", *options, path) == found


def test_declared_after_an_audit_is_declared_after_looking(home: Home) -> None:
    home("lead", "add", "--id", "L1", "--at", "2025-12-01", "--channel", "referral")
    home("lead", "add", "--id", "L2", "--at", "2026-03-01", "--channel", "referral")
    home("interruption", "declare", "x", "--from", "2025-11-03", "--why", "nobody looked yet")
    home("audit", "--out", "first.json")
    assert "after looking (audit" in home(*DECLARED)
    first, last = home.json("interruption", "list")
    assert (first["looked"], last["looked"]) == ("audit", None) if first["stopped"] == "linkedin" else (None, "audit")
    found = {one["claim"]["key"]: one for one in home.json("audit", "--out", "second.json")["findings"]}
    caveats = found["leads_at_linkedin_2025-11-03"]["caveats"]
    assert any("after a look (audit) was taken on" in one for one in caveats)
    assert not any("after a look" in one for one in found["leads_at_x_2025-11-03"]["caveats"])
    assert json.loads(Path("second.json").read_text("utf-8"))["tables"]


def weekly(store: Store, weeks: int = 60, after: int = 10) -> None:
    """Three leads a week, and one a week from SINCE on."""
    start = SINCE - timedelta(weeks=weeks - after)
    with store.write(BRAND) as scope:
        for week in range(weeks):
            for index in range(3 if week < weeks - after else 1):
                day = start + timedelta(days=7 * week + 2 * index)
                at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
                business.record_lead(scope, Lead("cli", f"{week}-{index}", at, "referral"), NOW)


def test_what_the_store_holds_is_judged_and_verified_elsewhere(sqlite_database: Database, tmp_path: Path) -> None:
    store = settled(sqlite_database)
    weekly(store, 64)  # nothing stands beside: a year before is needed
    brand = store.brand("atelier")
    new = interruption_of("linkedin", SINCE, None, "locked", "mastodon")
    declare(store, brand, new, NOW - timedelta(days=2), who="ana")
    declare(store, brand, interruption_of("x", SINCE, None, "left"), NOW + timedelta(days=1), who="ana")
    ledger = gather(store, brand, NOW)
    [row] = ledger.interruptions  # the other is not declared yet
    assert row == InterruptionRow("linkedin", SINCE, None, "locked", NOW - timedelta(days=2), moved_to="mastodon")
    found = audit(ledger, made_at=NOW)
    verdicts: dict[str, Any] = {one.claim.key: one for one in found.findings if one.claim.audit == "A10"}
    leads = verdicts["leads_at_linkedin_2025-11-03"]
    assert (leads.verdict.value, leads.estimate.value, leads.n) == ("supported", pytest.approx(1.5 / 3.5 - 1), 52)
    assert "20 whole weeks in a row are needed before it" in verdicts["visits_at_linkedin_2025-11-03"].missing
    path = bundle_of(store, brand, ledger, found, tmp_path, choices=Choices(), told=Rules())
    done = verify(path)
    assert done.verified
    assert done.differences == ()


def test_a_look_at_what_came_before_is_no_look_at_what_followed(sqlite_database: Database) -> None:
    store = settled(sqlite_database)
    brand = store.brand("atelier")
    began = datetime(SINCE.year, SINCE.month, SINCE.day, tzinfo=UTC)
    day = timedelta(days=1)
    looked_at(store, brand, "audit", Period(began - 90 * day, began), began + 3 * day)
    _, blind = declare(store, brand, interruption_of("linkedin", SINCE, None, "locked"), NOW, who="ana")
    assert blind.looked is None
    looked_at(store, brand, "report", Period(began - 90 * day, began + 9 * day), began + 9 * day)
    _, seen = declare(store, brand, interruption_of("x", SINCE, None, "left"), NOW, who="ana")
    assert seen.looked == ("report", began + 9 * day)


def test_a_withdrawal_to_come_is_not_known_yet(sqlite_database: Database) -> None:
    store = settled(sqlite_database)
    brand = store.brand("atelier")
    declare(store, brand, interruption_of("linkedin", SINCE, None, "locked"), NOW, who="ana")
    with store.write(BRAND) as scope:
        interruptions.withdraw(scope, "linkedin", None, NOW + timedelta(days=3), who="ana")
    before, after = (gather(store, brand, NOW + timedelta(days=days)).interruptions[0] for days in (1, 4))
    assert before.withdrawn_at is None
    assert after.withdrawn_at == NOW + timedelta(days=3)


TABLE = "stopped,from,until,why,moved to\nLinkedIn,2025-11-03,,locked,mastodon\nposting,2025-06-02,2025-07-14,leave,\n"


def test_a_table_of_them_is_imported_and_brings_back_none_that_was_withdrawn(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "interruptions.csv"
    file.write_text(TABLE, "utf-8")
    home("import", str(file))
    listed = home.json("interruption", "list")
    assert [(one["stopped"], one["moved_to"]) for one in listed] == [("posting", None), ("linkedin", "mastodon")]
    home("interruption", "withdraw", "posting")
    file.write_text(TABLE + "x,2025-03-03,,left,\n", "utf-8")
    home("import", str(file))
    found = {one["stopped"]: one["withdrawn_at"] for one in home.json("interruption", "list")}
    assert len(home.json("interruption", "list")) == 3
    assert (found["posting"] is None, found["x"]) == (False, None)
    file.write_text(TABLE.replace("2025-11-03", "2025-11-10"), "utf-8")
    assert "interruptions.csv:2" in home.refused(2, "import", str(file))
    file.write_text(TABLE.replace("LinkedIn", "Minitel"), "utf-8")
    assert "interruptions.csv:2: 'Minitel' is no network" in home.refused(2, "import", str(file))


def test_a_folder_of_exports_is_judged_with_what_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "what stopped.csv").write_text(TABLE, "utf-8")
    start = SINCE - timedelta(weeks=54)
    days = [start + timedelta(days=7 * week + 2 * at) for week in range(64) for at in range(3 if week < 54 else 1)]
    leads = "".join(f"L{at},{day},referral\n" for at, day in enumerate(days))
    (folder / "leads.csv").write_text("lead,date,channel\n" + leads, "utf-8")
    with of_folder(folder, NOW) as found:
        assert {one.file: one.kind for one in found.files}["what stopped.csv"] == "interruptions"
        ledger = gather(found.store, found.brand, NOW)
    findings = {one.claim.key: one for one in audit(ledger, made_at=NOW).findings}
    assert findings["leads_at_linkedin_2025-11-03"].verdict is Verdict.SUPPORTED


def test_a_backup_brings_it_back_with_who_had_looked(home: Home, tmp_path: Path) -> None:
    home(*DECLARED)
    home("interruption", "withdraw", "linkedin")
    before = home.json("interruption", "list")
    home("backup", str(tmp_path / "backup.zip"))
    home("restore", str(tmp_path / "backup.zip"), "--into", str(tmp_path / "elsewhere"))
    assert home.json("--data-dir", str(tmp_path / "elsewhere"), "interruption", "list") == before
