"""A report is kept for each month: once, whatever died or slept, and told where it is wanted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crosspost.commands.choices import NONE
from crosspost.commands.ledger import NothingYet
from crosspost.commands.monthly import Monthly, enclosed
from crosspost.commands.setup import add_brand
from crosspost.commands.tell import Teller
from crosspost.domain.business import Lead
from crosspost.domain.digest import Quiet
from crosspost.domain.errors import BadInput
from crosspost.domain.month import Month, last_whole, month_of
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.domain.telling import SHIPPED
from crosspost.notify.mail import Mail
from crosspost.ownership import account_lock
from crosspost.report.many import Job, write_apart
from crosspost.report.write import Written
from crosspost.store import hypotheses, register
from crosspost.store.database import Database
from crosspost.store.recording import record_leads
from crosspost.store.store import Store
from tests.notify.mailbox import smtp_server
from tests.report.quick import quick_write

PARIS = ZoneInfo("Europe/Paris")
OVER = datetime(2026, 10, 31, 23, 0, tzinfo=UTC)  # 1 November 00:00 in Paris, a week after the clocks went back
SECOND = timedelta(seconds=1)


@dataclass
class Desk:
    """A brand in Paris with a lead in October, and its kept reports. `drawn` are the folders that were written."""

    store: Store
    folder: Path
    drawn: list[Path] = field(default_factory=list)
    told: list[Notice] = field(default_factory=list)

    def quick(self, job: Job) -> Written:
        self.drawn.append(job.folder)
        return quick_write(job)

    def monthly(
        self, *, brands: tuple[str, ...] = ("*",), send: bool = True, write: Callable[[Job], Written] | None = None
    ) -> Monthly:
        return Monthly(
            self.store, self.folder / "reports", lambda _: NONE, lambda _: SHIPPED, write or self.quick,
            self.folder / "locks", brands, send,
        )  # fmt: skip

    def due(self, now: datetime, **more: Any) -> int:
        return self.monthly(**more).due(self.keep_notice, now)

    def keep_notice(self, notice: Notice) -> None:
        self.told.append(notice)
        self.teller().tell(notice)

    def teller(self, *ways: Mail) -> Teller:
        reading = partial(enclosed, self.folder / "reports")
        return Teller(self.store, ways, lambda: self.told[-1].at, Quiet(900, 8), read_report=reading)

    def lead(self, at: datetime, name: str, channel: str = "referral") -> None:
        with self.store.write(self.store.brand("lea").id) as scope:
            record_leads(scope, [(Lead("cli", name, at, channel), None)], at)

    def audit(self, month: str) -> Any:
        return json.loads((self.folder / "reports" / "lea" / month / "audit.json").read_text("utf-8"))

    def months(self, brand: str = "lea") -> list[str]:
        folder = self.folder / "reports" / brand
        return sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def desk(sqlite_database: Database, tmp_path: Path) -> Desk:
    made = Desk(Store(sqlite_database), tmp_path)
    add_brand(made.store, OVER - timedelta(days=90), "Léa", chosen_slug="lea", zone_name="Europe/Paris")
    made.lead(OVER - timedelta(days=20), "L1")
    return made


def test_a_month_is_over_at_midnight_of_the_brands_zone(desk: Desk) -> None:
    desk.lead(OVER - SECOND, "L2")
    desk.lead(OVER, "L3")
    assert desk.due(OVER - SECOND) == 0, "September had nothing, and October is not over"
    assert desk.due(OVER) == 1
    assert desk.months() == ["2026-10"]
    found = desk.audit("2026-10")
    assert datetime.fromisoformat(found["period"]["end"]) == OVER
    [row] = [one for table in found["tables"] if table["name"] == "conversion" for one in table["rows"]
             if one["channel"] == "(all)"]  # fmt: skip
    assert row["leads"] == 2


def test_it_is_written_once_however_often_it_is_looked_for(desk: Desk) -> None:
    for minutes in range(0, 60 * 24 * 3, 600):
        desk.due(OVER + timedelta(minutes=minutes))
    assert [folder.name for folder in desk.drawn] == ["2026-10"]
    assert len(desk.told) == 1


def test_after_a_long_sleep_one_report_catches_up(desk: Desk) -> None:
    desk.due(OVER)
    assert desk.due(OVER + timedelta(days=200)) == 1
    assert desk.months() == ["2026-10", "2027-04"]
    assert desk.due(OVER + timedelta(days=200)) == 0


def test_a_clock_set_back_writes_nothing_again(desk: Desk) -> None:
    desk.due(OVER + timedelta(days=40))
    desk.due(OVER + timedelta(days=2))
    desk.due(OVER + timedelta(days=40))
    assert [folder.name for folder in desk.drawn] == ["2026-11", "2026-10"]


@pytest.mark.parametrize("dies", ["before", "after"])
def test_one_who_dies_while_it_is_written_is_followed_by_one_who_writes_it(desk: Desk, dies: str) -> None:
    def die(job: Job) -> Written:
        if dies == "after":
            desk.quick(job)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.due(OVER, write=die)
    assert desk.told == []
    assert desk.due(OVER + SECOND) == 1
    assert (desk.folder / "reports" / "lea" / "2026-10" / "bundle.zip").is_file()
    assert len(desk.told) == 1
    assert desk.due(OVER + SECOND) == 0


def test_one_who_dies_before_it_is_told_is_followed_by_one_who_tells(desk: Desk) -> None:
    desk.due(OVER, send=False)
    assert desk.told == []
    assert desk.due(OVER + SECOND) == 0
    assert [one.kind for one in desk.told] == [NoticeKind.REPORT]


def test_two_workers_write_one(desk: Desk) -> None:
    inside, go_on = Event(), Event()

    def slow(job: Job) -> Written:
        inside.set()
        assert go_on.wait(10)
        return desk.quick(job)

    first = Thread(target=lambda: desk.due(OVER, write=slow))
    first.start()
    assert inside.wait(10)
    assert desk.due(OVER) == 0
    go_on.set()
    first.join()
    assert desk.due(OVER) == 0
    assert len(desk.drawn) == len(desk.told) == 1


def test_only_brands_that_are_named_have_one(desk: Desk) -> None:
    add_brand(desk.store, OVER, "Max", chosen_slug="max")
    assert desk.due(OVER, brands=()) == 0
    assert desk.due(OVER, brands=("max",)) == 0, "nothing is known of it"
    assert desk.due(OVER, brands=("max", "lea")) == 1
    assert desk.months("max") == []


@pytest.mark.parametrize("error", [BadInput("cannot be written"), OSError(28, "no space left on device")])
def test_one_brand_that_fails_does_not_stop_the_others(desk: Desk, error: Exception) -> None:
    add_brand(desk.store, OVER, "Ana", chosen_slug="ana")
    with desk.store.write(desk.store.brand("ana").id) as scope:
        record_leads(scope, [(Lead("cli", "L1", OVER - timedelta(days=9), "referral"), None)], OVER)
    (desk.folder / "reports").mkdir()
    (desk.folder / "reports" / "ana").write_text("a file where a folder should be")

    def refuse(job: Job) -> Written:
        if "ana" in job.folder.parts:
            raise error
        return desk.quick(job)

    assert desk.due(OVER, write=refuse) == 1
    assert desk.months() == ["2026-10"]


@pytest.mark.parametrize("month", ["2026-10", "2027-10"])
def test_a_month_that_is_not_over_is_refused(desk: Desk, month: str) -> None:
    with pytest.raises(BadInput, match=f"{month} is not over — ask for 2026-09"):
        desk.monthly().keep(desk.store.brand("lea"), month_of(month), OVER - SECOND)


def test_a_month_before_anything_is_known_is_refused(desk: Desk) -> None:
    with pytest.raises(NothingYet, match="nothing is known before 2026-08-31 22:00 UTC"):
        desk.monthly().keep(desk.store.brand("lea"), month_of("2026-08"), OVER)


def test_a_broken_letterhead_is_told_before_anything_is_looked_at(desk: Desk) -> None:
    (desk.folder / "letterhead.toml").write_text("name = ")
    monthly = replace(desk.monthly(), letterhead=desk.folder / "letterhead.toml")
    assert monthly.due(desk.keep_notice, OVER) == 0
    with desk.store.read(desk.store.brand("lea").id) as scope:
        assert hypotheses.last_look(scope, OVER - timedelta(days=90)) is None
    assert desk.months() == []


def test_a_slug_that_no_brand_has_is_known_to_be_strange(desk: Desk) -> None:
    assert desk.monthly(brands=("lea", "*", "lae")).strangers() == ("lae",)


def test_it_is_registered_so_that_a_purge_and_an_erasure_reach_it(desk: Desk) -> None:
    desk.due(OVER)
    desk.due(OVER + timedelta(days=31))
    with desk.store.database.read() as connection:
        kept = {one.path.name: one for one in register.all_of(connection)}
    assert set(kept) == {"2026-10", "2026-11"}
    recipe = kept["2026-11"].recipe
    assert (recipe["languages"], recipe["summed_up"]) == (["fr"], True)
    assert str(recipe["before"]).endswith("2026-10")


def test_a_mail_brings_its_lines_and_its_pdf(desk: Desk) -> None:
    desk.due(OVER)
    folder = desk.folder / "reports" / "lea" / "2026-10"
    (folder / "summary.txt").write_text("Pas assez de données : …\n.\nBcc: x@y.example\n", "utf-8")
    with smtp_server() as box:
        mail = Mail("127.0.0.1", box.port, sender="c@example.org", recipients=["lea@example.org"], security="none")
        report = desk.teller(mail).send(OVER + timedelta(hours=9))
        assert report.failed == ()
        [(_, to, content)] = box.got
    assert to == ["lea@example.org"]
    got = message_from_bytes(content, policy=default)
    assert got["Bcc"] is None
    body = got.get_body()
    assert body is not None
    assert "the report of 2026-10 is written" in body.get_content()
    assert "Pas assez de données" in body.get_content()
    [attached] = list(got.iter_attachments())
    assert (attached.get_content_type(), attached.get_filename()) == ("application/pdf", "lea-2026-10.pdf")
    assert attached.get_content() == b"%PDF-"


def test_a_report_that_is_gone_when_its_mail_leaves_is_told_without_it(desk: Desk) -> None:
    desk.due(OVER)
    (desk.folder / "reports" / "lea" / "2026-10" / "report.pdf").unlink()
    with smtp_server() as box:
        mail = Mail("127.0.0.1", box.port, sender="c@example.org", recipients=["lea@example.org"], security="none")
        desk.teller(mail).send(OVER + timedelta(hours=9))
        [(_, _, content)] = box.got
    assert list(message_from_bytes(content, policy=default).iter_attachments()) == []


def test_the_next_one_says_what_changed_since_the_one_before(desk: Desk) -> None:
    jobs: list[Job] = []

    def watched(job: Job) -> Written:
        jobs.append(job)
        return desk.quick(job)

    desk.due(OVER, write=watched)
    desk.lead(OVER + timedelta(days=3), "L2", "mastodon")
    desk.due(OVER + timedelta(days=62), write=watched)
    first, second = jobs
    assert first.changes is None
    assert second.changes is not None
    assert second.changes.made_at == OVER
    assert "Leads: 1 → 2." in second.changes.of("figure")
    assert (second.languages, second.summed_up) == (("fr",), True)


@pytest.mark.long
def test_the_next_one_says_what_changed_and_is_drawn_in_a_process_of_its_own(desk: Desk) -> None:
    desk.due(OVER)
    desk.lead(OVER + timedelta(days=3), "L2", "mastodon")
    assert desk.due(OVER + timedelta(days=30, hours=1), write=write_apart) == 1
    folder = desk.folder / "reports" / "lea" / "2026-11"
    text = (folder / "report.html").read_text("utf-8")
    assert 'lang="fr"' in text
    assert re.search(r"1\s*→\s*2", text)
    assert re.search(r"1\s*→\s*2", (folder / "summary.txt").read_text("utf-8"))
    there = {one.name for one in folder.iterdir()}
    assert {"audit.json", "bundle.zip", "charts", "report.html", "report.pdf", "summary.txt", "tables"} <= there


@pytest.mark.parametrize(
    ("now", "zone", "month"),
    [
        ("2027-01-01T00:00+01:00", "Europe/Paris", "2026-12"),
        ("2026-12-31T23:59+01:00", "Europe/Paris", "2026-11"),
        ("2027-01-01T00:00+01:00", "America/Los_Angeles", "2026-11"),
        ("2026-10-31T11:00+00:00", "Pacific/Kiritimati", "2026-10"),
        ("2024-03-01T00:00+00:00", "UTC", "2024-02"),
    ],
)
def test_the_last_whole_month_is_the_zones(now: str, zone: str, month: str) -> None:
    assert str(last_whole(datetime.fromisoformat(now), ZoneInfo(zone))) == month


def test_months_follow_each_other_without_gap_or_overlap() -> None:
    for zone in ("Europe/Paris", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia", "Asia/Beirut"):
        month, where = Month(2009, 12), ZoneInfo(zone)
        while month < Month(2027, 1):
            at = month.next.begins(where)
            assert last_whole(at, where) == month
            assert last_whole(at - SECOND, where) == month.before
            assert month.next.before == month
            month = month.next


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "26-10", "2026-00", "1234-10", "2026-10-01", "٢٠٢٦-10", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no month"):
        month_of(text)


def test_a_lock_that_another_holds_is_waited_for_by_nobody(desk: Desk) -> None:
    brand = desk.store.brand("lea")
    held = account_lock(desk.folder / "locks", f"reports-{brand.id}")
    assert held is not None
    with held:
        assert desk.due(OVER) == 0
    assert desk.due(OVER) == 1
