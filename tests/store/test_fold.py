from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crosspost.commands import fold as fold_module
from crosspost.commands.fold import FoldReport, fold, lag
from crosspost.domain.period import Period
from crosspost.domain.traffic import Hit, Judgement
from crosspost.hitlog.record import MAGIC, encode
from crosspost.store import links, traffic
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.store.tables import day_count, segment, unknown_hit
from crosspost.store.tables import hit as hit_table
from tests.blank import ACCOUNT, BRAND, NOW, OTHER, TARGET, settled

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def a_hit(code: str, agent: str = BROWSER, *, minutes: int = 0, method: str = "GET") -> Hit:
    return Hit(NOW + timedelta(minutes=minutes), code, method, "l.example", agent, "https://r.example/", "", "fr")


@pytest.fixture
def store(database: Database) -> Store:
    store = settled(database)
    with store.write(BRAND) as scope:
        links.add(scope, "ours222222", TARGET, NOW, account_id=ACCOUNT)
        links.add(scope, "stopped222", TARGET, NOW)
        links.disable(scope, "stopped222", NOW + timedelta(minutes=30))
    with store.write(OTHER) as scope:
        links.add(scope, "theirs2222", TARGET, NOW)
    return store


def put(folder: Path, name: str, hits: list[Hit], tail: bytes = b"") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.hits"
    path.write_bytes(MAGIC + b"{}\n" + b"".join(map(encode, hits)) + tail)
    return path


def rows(store: Store) -> tuple[int, int]:
    with store.database.read() as connection:
        return (
            connection.execute(
                select(func.count()).select_from(hit_table).where(hit_table.c.brand_id.in_([BRAND, OTHER]))
            ).scalar_one(),
            connection.execute(select(func.count()).select_from(unknown_hit)).scalar_one(),
        )


def everything(store: Store) -> list[object]:
    """All rows that folds have made."""
    with store.database.read() as connection:
        queries = [
            *(select(one).where(one.c.brand_id.in_([BRAND, OTHER])).order_by(*one.c) for one in (hit_table, day_count)),
            select(unknown_hit).order_by(*unknown_hit.c),
        ]
        return [list(connection.execute(query)) for query in queries]


def test_hits_are_judged_and_given_to_their_brand(store: Store, tmp_path: Path) -> None:
    hits = [
        a_hit("ours222222"), a_hit("ours222222", "Twitterbot/1.0"), a_hit("ours222222", method="HEAD"),
        a_hit("ours222222", minutes=24 * 60), a_hit("theirs2222"), a_hit("nobodys222"),
        a_hit("stopped222", minutes=10), a_hit("stopped222", minutes=30),
    ]  # fmt: skip
    put(tmp_path / "hits", "one", hits)
    report = fold(store, tmp_path / "hits", NOW)
    assert report == FoldReport(1, 6, 2, 0, 0, (), ())
    with store.read(BRAND) as scope:
        found = traffic.counts(scope)
        assert traffic.per_code(scope)["ours222222"] == Counter({Judgement.PERSON: 2, Judgement.PREVIEW: 2})
        first_day = traffic.counts(scope, Period(NOW, NOW + timedelta(hours=1)))
    day = date(2026, 3, 2)
    assert [(one.network, one.account_id, one.code, one.day, one.judgement, one.hits) for one in found] == [
        ("linkedin", ACCOUNT, "ours222222", day, Judgement.PERSON, 1),
        ("linkedin", ACCOUNT, "ours222222", day, Judgement.PREVIEW, 2),
        (None, None, "stopped222", day, Judgement.PERSON, 1),
        ("linkedin", ACCOUNT, "ours222222", day + timedelta(days=1), Judgement.PERSON, 1),
    ]
    assert sum(one.hits for one in first_day) == 4
    with store.read(OTHER) as scope:
        assert [one.code for one in traffic.counts(scope)] == ["theirs2222"]
    with store.database.read() as connection:
        assert traffic.unknown_count(connection) == 2
        kept = connection.execute(select(hit_table).where(hit_table.c.brand_id == OTHER)).one()
    assert (kept.at, kept.user_agent, kept.language, kept.rule) == (NOW, BROWSER, "fr", "browser")
    assert kept.ruleset


def test_again_changes_nothing_and_a_longer_segment_goes_on(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "hits"
    third = encode(a_hit("ours222222", minutes=2))
    path = put(folder, "one", [a_hit("ours222222"), a_hit("ours222222", minutes=1)], third[:20])
    assert lag(store.database, folder) > 0
    report = fold(store, folder, NOW)
    assert (report.hits, report.torn_bytes, lag(store.database, folder)) == (2, 20, 20)
    assert fold(store, folder, NOW).hits == 0
    path.write_bytes(path.read_bytes()[:-20] + third)
    assert fold(store, folder, NOW).hits == 1
    assert rows(store) == (3, 0)
    assert lag(store.database, folder) == 0


def test_in_small_transactions(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_module, "BATCH", 3)
    put(tmp_path / "hits", "one", [a_hit("ours222222", minutes=n) for n in range(10)])
    put(tmp_path / "hits", "two", [a_hit("ours222222", minutes=n) for n in range(3)])
    assert fold(store, tmp_path / "hits", NOW).hits == 13
    assert rows(store) == (13, 0)


def test_a_failure_in_the_middle_leaves_offset_and_rows_together(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold_module, "BATCH", 2)
    put(tmp_path / "hits", "one", [a_hit("ours222222", minutes=n) for n in range(4)] + [a_hit("nobodys222")])
    insert = traffic.insert_unknown_hits

    def fails(connection: object, found: list[object]) -> None:
        if found:
            raise RuntimeError("killed")

    monkeypatch.setattr(traffic, "insert_unknown_hits", fails)
    with pytest.raises(RuntimeError, match="killed"):
        fold(store, tmp_path / "hits", NOW)
    assert rows(store) == (4, 0)
    monkeypatch.setattr(traffic, "insert_unknown_hits", insert)
    assert fold(store, tmp_path / "hits", NOW).unknown == 1
    assert rows(store) == (4, 1)


def test_two_folders_at_once_insert_once(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_module, "BATCH", 50)
    for name in "abcd":
        put(tmp_path / "hits", name, [a_hit("ours222222", minutes=n) for n in range(500)])
    reports: list[FoldReport] = []
    threads = [threading.Thread(target=lambda: reports.append(fold(store, tmp_path / "hits", NOW))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reports.append(fold(store, tmp_path / "hits", NOW))
    assert len(reports) == 5, "a folder failed"
    assert rows(store) == (2000, 0)
    assert sum(report.hits for report in reports) == 2000


def test_a_process_that_reads_ahead_changes_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "hits"
    monkeypatch.setattr(fold_module, "BATCH", 4)
    codes = ("theirs2222", "ours222222", "nobodys222", "stopped222")
    for name in "abc":
        hits = [a_hit(codes[n % 4], minutes=(7 * n) % 45, agent=f"{BROWSER} {n % 3}") for n in range(11)]
        put(folder, name, hits, b"torn")
    damaged = bytearray((folder / "b.hits").read_bytes())
    damaged[len(MAGIC) + 3 + 30] ^= 1
    (folder / "b.hits").write_bytes(damaged)
    (folder / "strange.hits").write_bytes(b"not ours")
    alone = fold(store, folder, NOW)
    every = everything(store)
    with store.database.write() as connection:
        for table in (hit_table, day_count):
            connection.execute(table.delete().where(table.c.brand_id.in_([BRAND, OTHER])))
        connection.execute(unknown_hit.delete())
        connection.execute(segment.delete())
    monkeypatch.setattr(fold_module, "AHEAD_BYTES", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert fold(store, folder, NOW) == alone
    assert everything(store) == every
    assert alone.unreadable
    assert alone.damaged
    assert alone.unknown


def test_damage_is_reported_once_and_the_rest_is_folded(store: Store, tmp_path: Path) -> None:
    path = put(tmp_path / "hits", "one", [a_hit("ours222222", minutes=n) for n in range(3)])
    data = bytearray(path.read_bytes())
    data[len(MAGIC) + 3 + 30] ^= 1
    path.write_bytes(bytes(data))
    (tmp_path / "hits" / "strange.hits").write_bytes(b"not ours")
    report = fold(store, tmp_path / "hits", NOW)
    assert (report.hits, report.unreadable) == (2, ("strange.hits",))
    [damage] = report.damaged
    assert (damage.segment, damage.offset) == ("one", len(MAGIC) + 3)
    assert fold(store, tmp_path / "hits", NOW).damaged == ()


def test_a_clock_that_was_never_set_holds_nothing_up(store: Store, tmp_path: Path) -> None:
    first, last = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 12, 31, 23, 59, 58, tzinfo=UTC)
    put(tmp_path / "hits", "one", [replace(a_hit("ours222222"), at=at) for at in (first, NOW, last)])
    assert fold(store, tmp_path / "hits", NOW).hits == 3
    with store.read(BRAND) as scope:
        assert [one.day for one in traffic.counts(scope)] == [first.date(), NOW.date(), last.date()]


def test_counts_of_a_day_whose_hits_are_gone_are_the_days(store: Store, tmp_path: Path) -> None:
    put(tmp_path / "hits", "one", [a_hit("ours222222", minutes=60 * n) for n in range(20)])
    fold(store, tmp_path / "hits", NOW)
    with store.write(BRAND) as scope:
        every = traffic.counts(scope)
        scope.connection.execute(hit_table.delete().where(hit_table.c.brand_id == BRAND))
        assert traffic.counts(scope) == every, "no hit is read"
        noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
        most = traffic.counts(scope, Period(noon - timedelta(hours=10), noon + timedelta(days=5)))
        least = traffic.counts(scope, Period(noon + timedelta(hours=3), noon + timedelta(days=5)))
    assert [one.day.day for one in every] == [one.day.day for one in most] == [2, 3]
    assert [one.day.day for one in least] == [3]


def test_no_folder_yet(store: Store, tmp_path: Path) -> None:
    assert fold(store, tmp_path / "nothing", NOW) == FoldReport(0, 0, 0, 0, 0, (), ())
