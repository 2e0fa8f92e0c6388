"""What a source's rules say must go goes: from the database, from reports and audits, and from backups."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from crosspost.audit.run import audit
from crosspost.commands.adoption import adopt
from crosspost.commands.archive import MANIFEST, Reader
from crosspost.commands.backup import backup
from crosspost.commands.choices import Choices
from crosspost.commands.ledger import gather
from crosspost.commands.purge import horizon, purge, warnings
from crosspost.commands.restore import DATABASE, restore
from crosspost.commands.rewriting import remember_report, write_audit
from crosspost.commands.status import status
from crosspost.domain.brand import Account
from crosspost.domain.post import Post, Reading, ReadingStatus
from crosspost.domain.retention import Rule
from crosspost.domain.windows import BootTime
from crosspost.networks import adapter_of, connectors
from crosspost.ownership import reports_lock
from crosspost.report.write import write
from crosspost.store import brands, posts, register
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.store.tables import post
from tests.commands.at_sandbox import BRAND, AtSandbox

NOW = datetime.now(UTC)
CANARY = "un texte de LinkedIn que nul ne garde"
NUMBER = 73911.0  # as a count of views it is found again wherever it was copied to


@pytest.mark.parametrize("name", connectors())
def test_every_network_says_how_long_and_where_that_is_written(name: str) -> None:
    rules = adapter_of(name).retention
    assert rules.reference.source
    assert rules.reference.read_on.year >= 2026
    assert (rules.rules != ()) == (name == "linkedin")
    assert (rules.gone is not None) == (name == "x")
    for rule in rules.rules:
        assert rule.why


def page(here: AtSandbox, read_at: datetime = NOW, **more: Any) -> Account:
    """A LinkedIn page with an adopted post, one number of it and one of the page itself, read by API at an instant."""
    account = here.account("linkedin", **more)
    put(here, account, read_at)
    return account


def put(
    here: AtSandbox, account: Account, read_at: datetime, *, origin: str = "api", remote: str = "urn:li:share:1"
) -> str:
    with here.store.write(BRAND) as scope:
        post = posts.add_post(
            scope, account.id, account.network, Post(remote, None, CANARY, read_at), now=read_at, adopted_at=read_at
        )
        for about, name, value in ((post, "impressions", NUMBER), (None, "followers", NUMBER)):
            one = Reading(name, "impressionCount" if about else "firstDegreeSize", value, ReadingStatus.VALUE, read_at)
            posts.add_readings(scope, account.id, about, [one], origin=origin)
    return post


def kept(here: AtSandbox) -> tuple[int, int, list[str | None]]:
    """Readings of posts, readings of the account, texts."""
    with here.store.read(BRAND) as scope:
        found = posts.readings(scope)
        texts = sorted((one.post.text for one in posts.posts(scope)), key=lambda text: text or "")
    return sum(one.post_id is not None for one in found), sum(one.post_id is None for one in found), texts


def test_a_pages_activity_goes_after_six_months_and_its_totals_after_a_year(here: AtSandbox) -> None:
    page(here)
    assert purge(here.store, NOW + timedelta(days=179)).removed == ()
    assert kept(here) == (1, 1, [CANARY])
    report = purge(here.store, NOW + timedelta(days=180))
    assert {one.what for one in report.removed} == {"readings of posts", "texts of adopted posts"}
    assert all("LinkedIn's storage rules" in one.why for one in report.removed)
    assert kept(here) == (0, 1, [None])
    purge(here.store, NOW + timedelta(days=365))
    assert kept(here) == (0, 0, [None])


def test_a_dry_run_says_the_same_and_changes_nothing(here: AtSandbox) -> None:
    page(here)
    later = NOW + timedelta(days=400)
    dry = purge(here.store, later, dry_run=True)
    assert kept(here) == (1, 1, [CANARY])
    assert dry.dry_run
    assert dry.removed == purge(here.store, later).removed
    assert purge(here.store, later).removed == ()


def test_a_members_numbers_go_after_two_days_unless_the_owner_decides(here: AtSandbox) -> None:
    page(here, handle="in/lea")
    decided = here.account("linkedin", "in/max")
    with here.store.write(BRAND) as scope:
        brands.change_account(scope, decided.id, settings={**decided.settings, "keep_days": "365"})
    put(here, decided, NOW)
    purge(here.store, NOW + timedelta(days=2))
    # The owner's year is for the numbers, of which LinkedIn does not say; a member's texts are plain.
    assert kept(here) == (1, 1, [None, None])


@pytest.mark.parametrize("written", ["", "-3", "a year", "0", "99999"])
def test_days_that_cannot_be_read_leave_the_strictest_rule(written: str) -> None:
    rule = Rule("readings of posts", timedelta(hours=48), "why", open=True)
    assert rule.kept({"keep_days": written}) == timedelta(hours=48)
    assert Rule("readings of posts", timedelta(hours=48), "why").kept({"keep_days": "9"}) == timedelta(hours=48)


@pytest.mark.parametrize("origin", ["export", "manual"])
def test_what_people_bring_is_theirs_and_stays(here: AtSandbox, origin: str) -> None:
    account = here.account("linkedin")
    put(here, account, NOW, origin=origin)
    purge(here.store, NOW + timedelta(days=4000))
    assert kept(here)[:2] == (1, 1)


def test_the_text_of_our_own_delivery_is_ours(here: AtSandbox) -> None:
    account = page(here)
    with here.store.write(BRAND) as scope:
        mine = post.c.brand_id == BRAND, post.c.account_id == account.id, post.c.remote_id == "urn:li:share:1"
        scope.connection.execute(update(post).where(*mine).values(delivery_id="d1"))
    purge(here.store, NOW + timedelta(days=4000))
    assert kept(here)[2] == [CANARY]


def test_of_a_post_deleted_on_x_everything_x_told_goes(here: AtSandbox) -> None:
    x, facebook = here.account("x"), here.account("facebook")
    with here.store.write(BRAND) as scope:
        for account in (x, facebook):
            new = Post("1", None, CANARY, NOW)
            post = posts.add_post(scope, account.id, account.network, new, now=NOW, adopted_at=NOW)
            one = Reading("likes", "like_count", 3.0, ReadingStatus.VALUE, NOW)
            posts.add_readings(scope, account.id, post, [one], origin="api")
            posts.missed(scope, post, NOW)
            posts.missed(scope, post, NOW + timedelta(hours=2))
    report = purge(here.store, NOW + timedelta(hours=3))
    assert [(one.account, one.count) for one in report.removed] == [(f"x {x.handle}", 1)]
    assert kept(here) == (1, 0, [None, CANARY])
    assert purge(here.store, NOW + timedelta(hours=4)).removed == ()


def test_it_is_told_before_and_a_report_says_it_too(here: AtSandbox) -> None:
    page(here)
    assert warnings(here.store, here.brand, NOW + timedelta(days=100)) == ()
    soon = NOW + timedelta(days=170)
    [readings, texts] = warnings(here.store, here.brand, soon)
    assert "1 readings of posts of linkedin" in readings
    assert "import" in readings
    assert "texts" in texts
    found = status(here.store, soon, ways=0)
    assert found.going == (readings, texts)
    # The token has ended by then. A warning is nothing that is wrong.
    assert [one for one in found.problems if "the connection ended" not in one] == []


def in_file(path: Path, text: str) -> bool:
    return text.encode() in path.read_bytes()


def test_nothing_of_it_is_left_in_the_database_file(here: AtSandbox) -> None:
    page(here)
    file = Path(str(here.store.database.url.database))
    assert in_file(file, CANARY)
    purge(here.store, NOW + timedelta(days=400))
    here.store.database.close()
    for path in (file, *file.parent.glob(f"{file.name}-*")):
        assert not in_file(path, CANARY), path


# Files


def audited(here: AtSandbox, at: datetime, rate: Decimal | None = None) -> Any:
    return audit(gather(here.store, here.brand, at, choices=Choices(rate=rate)), made_at=at)


def numbers(text: str) -> bool:
    return "73911" in text


WRITERS: dict[str, Callable[[Any, Path], Any]] = {
    "report": lambda found, path: write(found, path),
    "audit": write_audit,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_report_is_written_again_without_what_had_to_go(here: AtSandbox, tmp_path: Path, kind: Any) -> None:
    page(here)
    made_at = NOW + timedelta(hours=1)
    path = tmp_path / f"out-{kind}"
    rate = Decimal("62.50")
    found = audited(here, made_at, rate)
    WRITERS[kind](found, path)
    remember_report(here.store, here.brand, found, path, kind, Choices(rate=rate))
    shown = path / "audit.json" if kind == "report" else path
    assert numbers(shown.read_text())
    put(here, here.account("linkedin"), NOW + timedelta(days=300), remote="urn:li:share:2")  # read later: not in it

    early = purge(here.store, NOW + timedelta(days=100))
    assert early.files == ()
    done = purge(here.store, NOW + timedelta(days=366))
    assert [(one.kind, one.done) for one in done.files] == [(kind, "rewritten")]
    assert not numbers(shown.read_text())
    again = json.loads(shown.read_text())
    assert datetime.fromisoformat(again["made_at"]) == made_at
    assert any("were taken out" in one for one in again["warnings"])
    assert any(one["claim"]["margin"] == 62.5 for one in again["findings"])
    if kind == "report":
        for file in path.rglob("*"):
            assert not file.is_file() or not in_file(file, "73911"), file


def test_a_report_without_anything_limited_is_registered_without_a_date(here: AtSandbox, tmp_path: Path) -> None:
    account = here.account("mastodon")
    put(here, account, NOW)
    found = audited(here, NOW)
    write_audit(found, tmp_path / "audit.json")
    remember_report(here.store, here.brand, found, tmp_path / "audit.json", "audit", Choices())
    with here.store.database.read() as connection:
        assert [one.purge_at for one in register.all_of(connection)] == [None]
    assert purge(here.store, NOW + timedelta(days=4000)).files == ()


def test_numbers_of_a_post_deleted_on_x_go_from_reports_too(here: AtSandbox, tmp_path: Path) -> None:
    x = here.account("x")
    with here.store.write(BRAND) as scope:
        gone = posts.add_post(scope, x.id, "x", Post("1", None, CANARY, NOW), now=NOW, adopted_at=NOW)
        one = Reading("impressions", "impression_count", NUMBER, ReadingStatus.VALUE, NOW)
        posts.add_readings(scope, x.id, gone, [one], origin="api")
    path = tmp_path / "audit.json"
    found = audited(here, NOW + timedelta(hours=1))
    write_audit(found, path)
    remember_report(here.store, here.brand, found, path, "audit", Choices())
    assert numbers(path.read_text())
    with here.store.write(BRAND) as scope:
        for hours in (2, 4):
            posts.missed(scope, gone, NOW + timedelta(hours=hours))
    done = purge(here.store, NOW + timedelta(hours=5))
    assert [(one.kind, one.done) for one in done.files] == [("audit", "rewritten")]
    assert not numbers(path.read_text())
    assert purge(here.store, NOW + timedelta(hours=6)).files == ()


def test_reports_that_another_is_at_wait_for_the_next_round(here: AtSandbox, tmp_path: Path) -> None:
    page(here)
    path = tmp_path / "audit.json"
    found = audited(here, NOW + timedelta(hours=1))
    write_audit(found, path)
    remember_report(here.store, here.brand, found, path, "audit", Choices())
    later = NOW + timedelta(days=400)
    lock = reports_lock(tmp_path / "locks", here.brand.id)
    assert lock is not None
    with lock:
        assert purge(here.store, later, locks=tmp_path / "locks").files == ()
        assert numbers(path.read_text())
    assert [one.done for one in purge(here.store, later, locks=tmp_path / "locks").files] == ["rewritten"]
    assert not numbers(path.read_text())


def test_a_file_that_cannot_be_written_is_told_and_the_others_are_purged(here: AtSandbox, tmp_path: Path) -> None:
    page(here)
    found = audited(here, NOW + timedelta(hours=1))
    paths = [tmp_path / name / "audit.json" for name in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        write_audit(found, path)
        remember_report(here.store, here.brand, found, path, "audit", Choices())
    (tmp_path / "a" / ".audit.json.new").mkdir()  # where its draft would be
    report = purge(here.store, NOW + timedelta(days=400))
    assert [(Path(one.path).parent.name, one.done) for one in report.files] == [("a", "kept"), ("b", "rewritten")]
    assert str(paths[0]) in report.problems[0]
    assert not numbers(paths[1].read_text())


def test_a_file_that_was_moved_is_told_once(here: AtSandbox, tmp_path: Path) -> None:
    page(here)
    found = audited(here, NOW)
    path = tmp_path / "audit.json"
    write_audit(found, path)
    remember_report(here.store, here.brand, found, path, "audit", Choices())
    path.unlink()
    report = purge(here.store, NOW + timedelta(days=400))
    assert [one.done for one in report.files] == ["missing"]
    assert "if you moved it" in report.problems[0]
    assert purge(here.store, NOW + timedelta(days=401)).files == ()


def made_backup(here: AtSandbox, tmp_path: Path) -> Path:
    target = tmp_path / "backup.zip"
    (tmp_path / "data" / "attachments").mkdir(parents=True)
    (tmp_path / "data" / "attachments" / ("ab" * 32)).write_bytes(b"picture")
    done = backup(here.store.database, tmp_path / "data", target, now=NOW)
    assert done.purge_at == NOW + timedelta(days=180)
    return target


def inside(target: Path, tmp_path: Path) -> sqlite3.Connection:
    with zipfile.ZipFile(target) as archive:
        archive.extract("database.sqlite", tmp_path / "seen")
    return sqlite3.connect(tmp_path / "seen" / "database.sqlite")


def test_a_backup_bears_its_purge_date_and_is_purged_within(here: AtSandbox, tmp_path: Path) -> None:
    page(here)
    target = made_backup(here, tmp_path)
    manifest = json.loads(zipfile.ZipFile(target).read(MANIFEST))
    assert datetime.fromisoformat(manifest["purge_at"]) == NOW + timedelta(days=180)

    done = purge(here.store, NOW + timedelta(days=400))
    assert [(one.kind, one.done) for one in done.files] == [("backup", "rewritten")]
    with Reader.opened(target) as whole:  # verified: sizes, checksums, members
        assert whole.manifest.made_at == NOW
        assert whole.manifest.purge_at is None
        assert len(whole.manifest.files) == 2
    seen = inside(target, tmp_path)
    assert seen.execute("SELECT count(*) FROM reading").fetchone() == (0,)
    assert seen.execute("SELECT text FROM post").fetchone() == (None,)
    seen.close()
    assert not in_file(tmp_path / "seen" / "database.sqlite", CANARY)
    assert not list(tmp_path.glob(".backup.zip*")), "nothing half written is left"
    assert purge(here.store, NOW + timedelta(days=401)).files == ()


def test_a_damaged_backup_is_kept_and_told(here: AtSandbox, tmp_path: Path) -> None:
    page(here)
    target = made_backup(here, tmp_path)
    before = target.read_bytes()[:-40]
    target.write_bytes(before)
    done = purge(here.store, NOW + timedelta(days=400))
    assert [one.done for one in done.files] == ["kept"]
    assert target.read_bytes() == before
    assert str(target) in done.problems[0]


def test_a_restore_purges_at_once(here: AtSandbox, tmp_path: Path) -> None:
    page(here)
    target = made_backup(here, tmp_path)
    later = NOW + timedelta(days=400)
    restore(target, tmp_path / "back", now=later, boot=BootTime("boot", 1.0), who="ana")
    file = tmp_path / "back" / DATABASE
    database = Database(f"sqlite:///{file}")
    with Store(database).read(BRAND) as scope:
        assert posts.readings(scope) == []
    database.close()
    assert not in_file(file, CANARY)


def test_the_horizon_is_the_first_that_must_go(here: AtSandbox) -> None:
    assert horizon(here.store, here.brand) is None
    page(here)
    assert horizon(here.store, here.brand) == NOW + timedelta(days=180)


def test_an_adopted_page_is_under_the_rules_from_the_day_it_was_read(here: AtSandbox) -> None:
    account = here.account("linkedin")
    old = here.post(account, text="un vieux billet", impressions=5, likes=1)
    old.created_at -= timedelta(days=300)
    adopt(here.store, here.brand, account, here.connector.open, datetime.now(UTC), who="ana")
    purge(here.store, datetime.now(UTC))
    assert kept(here)[2] == ["un vieux billet"], "it may be kept for six months from now"
    purge(here.store, datetime.now(UTC) + timedelta(days=181))
    assert kept(here)[2] == [None]
