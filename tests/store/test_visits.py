"""Visits folded into both databases: once, whatever is killed or repeated, and without their visitors afterwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crosspost.commands import visits as folding
from crosspost.commands.privacy import choose
from crosspost.commands.salts import Salts
from crosspost.commands.visits import Folded, fold_visits, forget_visitors
from crosspost.domain.period import Period
from crosspost.domain.privacy import Mode, Privacy
from crosspost.domain.traffic import Judged, Judgement
from crosspost.domain.visit import Click, View
from crosspost.hitlog.visits import CLICK_CAPS, MAGIC, SUFFIX, VIEW_CAPS, encode, parse
from crosspost.store import links, visit_counts, visits
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.store.tables import segment, visit, visitor_day
from tests.blank import ACCOUNT, BRAND, NOW, OTHER, settled

CODE = "k7m2p9qrst"
PERSON = Judged(Judgement.PERSON, "browser", "1")
FOLLOWED = Privacy(Mode.CLICK_ID, "consent, asked for by the banner")


@pytest.fixture
def store(database: Database) -> Store:
    made = settled(database)
    with made.write(BRAND) as scope:
        links.add(scope, CODE, "https://blog.example/", NOW, account_id=ACCOUNT)
    return made


def a_view(minutes: float = 0, visitor: str = "a" * 32, code: str = CODE, brand: str = BRAND, **more: object) -> View:
    at = NOW + timedelta(minutes=minutes)
    made = View(at, brand, visitor, "/a", code, "linkedin", "social", "ete", "linkedin.com", "Mozilla/5.0", "", PERSON)
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def logged(folder: Path, records: Sequence[View | Click], begun: datetime = NOW, name: str = "aaaaaaaaaaaa") -> Path:
    """A segment with these records, or more of them at its end."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{begun:%Y%m%dT%H%M%SZ}-{name}{SUFFIX}"
    before = path.read_bytes() if path.exists() else MAGIC + b"{}\n"
    path.write_bytes(before + b"".join(map(encode, records)))
    return path


def stored(store: Store, brand: str = BRAND) -> list[tuple[int, str]]:
    """Pages and code of each visit."""
    with store.read(brand) as scope:
        query = visit.select().where(visit.c.brand_id == brand).order_by(visit.c.started_at, visit.c.code)
        return [(row.pages, row.code) for row in scope.connection.execute(query)]


def counted(store: Store, brand: str = BRAND) -> dict[tuple[str | None, str | None, str], int]:
    with store.read(brand) as scope:
        return {(one.network, one.code, one.judgement.value): one.visits for one in visit_counts.counts(scope)}


def remembered(store: Store) -> int:
    with store.read(BRAND) as scope:
        return len(scope.connection.execute(visitor_day.select().where(visitor_day.c.brand_id == BRAND)).all())


def test_a_record_reads_back_within_its_caps() -> None:
    view = a_view(path="/é\x00" + "x" * 900, campaign="\u2028'\"")
    back = parse(encode(view)[12:])
    assert isinstance(back, View)
    assert back.path == "/é" + "x" * 510
    assert back.campaign == "'\""
    assert (back.at, back.visitor, back.judged) == (view.at, view.visitor, view.judged)
    click = Click(NOW, BRAND, "abcdefgh", CODE, PERSON)
    assert parse(encode(click)[12:]) == click
    for caps, kind in ((VIEW_CAPS, View), (CLICK_CAPS, Click)):
        assert [one.name for one in dataclasses.fields(kind)] == ["at", *caps, "judged"]


@pytest.mark.parametrize("payload", [
    b"[]", b"{}", b"x", b'["view"]', b'["other",1,"","",""]', b'["click",1.5,"b","i","c","person","r","s"]',
    b'["click",1,"b","i","person","r","s"]', b'["click",1,"b",2,"c","person","r","s"]',
    b'["click",1,"b","i","c","nobody","r","s"]', b'["click",99999999999999999999999,"b","i","c","person","r","s"]',
])  # fmt: skip
def test_what_is_no_record_of_ours_is_none(payload: bytes) -> None:
    assert parse(payload) is None


def test_views_become_visits_once(store: Store, tmp_path: Path) -> None:
    logged(tmp_path, [a_view(0), a_view(5), a_view(50), a_view(1, "b" * 32, "")])
    assert fold_visits(store, tmp_path, NOW) == Folded(4, 3, 0, 0, 0)
    assert fold_visits(store, tmp_path, NOW) == Folded(0, 0, 0, 0, 0)
    assert stored(store) == [(2, CODE), (1, ""), (1, CODE)]
    assert counted(store) == {("linkedin", CODE, "person"): 2, ("linkedin", None, "person"): 1}


def test_a_visit_goes_on_over_folds_and_counts_once(store: Store, tmp_path: Path) -> None:
    for minute in (0, 20, 40, 60):
        logged(tmp_path, [a_view(minute)])
        fold_visits(store, tmp_path, NOW + timedelta(minutes=minute))
    assert stored(store) == [(4, CODE)]
    assert counted(store) == {("linkedin", CODE, "person"): 1}


def test_views_that_two_servers_wrote_down_are_put_together(store: Store, tmp_path: Path) -> None:
    logged(tmp_path, [a_view(0), a_view(40)], name="aaaaaaaaaaaa")
    logged(tmp_path, [a_view(20), a_view(60)], name="bbbbbbbbbbbb")
    fold_visits(store, tmp_path, NOW)
    assert stored(store) == [(4, CODE)]


def test_a_backlog_larger_than_a_transaction(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "BATCH", 3)
    views = [a_view(minute, visitor=f"{minute % 4:032d}") for minute in range(20)]
    logged(tmp_path, views[:11], name="aaaaaaaaaaaa")
    logged(tmp_path, views[11:], name="bbbbbbbbbbbb")
    done = fold_visits(store, tmp_path, NOW + timedelta(days=3))
    assert (done.views, done.visits) == (20, 4)
    assert [pages for pages, _ in stored(store)] == [5, 5, 5, 5]
    assert remembered(store) == 0, "the day is over"


def test_a_torn_record_waits_and_damage_is_passed_over(store: Store, tmp_path: Path) -> None:
    path = logged(tmp_path, [a_view(0), a_view(1), a_view(2)])
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    assert fold_visits(store, tmp_path, NOW).views == 2
    path.write_bytes(whole)
    assert fold_visits(store, tmp_path, NOW).views == 1
    broken = bytearray(logged(tmp_path, [a_view(90), a_view(91)], name="cccccccccccc").read_bytes())
    broken[len(MAGIC) + 30] ^= 1
    (tmp_path / f"20260302T090000Z-dddddddddddd{SUFFIX}").write_bytes(broken)
    assert fold_visits(store, tmp_path, NOW).views == 3
    (tmp_path / f"20260302T090000Z-eeeeeeeeeeee{SUFFIX}").write_bytes(b"something else\n")
    (tmp_path / f"20260302T090000Z-ffffffffffff{SUFFIX}").write_bytes(MAGIC[:5])
    assert fold_visits(store, tmp_path, NOW).views == 0


def test_a_fold_that_fails_leaves_nothing_half_done(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(tmp_path, [a_view(0), a_view(0, brand=OTHER)])
    real = visits.add

    def failing(scope: object, began: object) -> None:
        if getattr(scope, "brand_id", "") == OTHER:
            raise OSError("no space left")
        real(scope, began)  # type: ignore[arg-type]

    monkeypatch.setattr(visits, "add", failing)
    with pytest.raises(OSError, match="space"):
        fold_visits(store, tmp_path, NOW)
    assert stored(store) == []
    monkeypatch.undo()
    fold_visits(store, tmp_path, NOW)
    assert (stored(store), stored(store, OTHER)) == ([(1, CODE)], [(1, "")])
    assert counted(store, OTHER) == {("linkedin", None, "person"): 1}, "another brand's code is no link of theirs"


def test_a_file_is_wiped_once_no_writer_adds_to_it_and_all_of_it_is_folded(store: Store, tmp_path: Path) -> None:
    path = logged(tmp_path, [a_view(0)])
    for hours, there in ((0, True), (5.9, True), (6.05, True), (6.2, False)):
        fold_visits(store, tmp_path, NOW + timedelta(hours=hours))
        assert path.exists() == there, hours
    with store.database.read() as connection:
        assert connection.execute(segment.select()).all() == []
    assert stored(store) == [(1, CODE)]
    torn = logged(tmp_path, [a_view(1)])
    torn.write_bytes(torn.read_bytes() + encode(a_view(2))[:-3])  # a writer died: no more comes
    assert fold_visits(store, tmp_path, NOW + timedelta(days=1)).wiped == 1
    assert not torn.exists()


def test_the_visitors_of_a_day_go_with_its_salt(store: Store, tmp_path: Path) -> None:
    Salts(tmp_path / "salts").of(NOW)
    logged(tmp_path, [a_view(0), a_view(1, "b" * 32)])
    fold_visits(store, tmp_path, NOW)
    assert remembered(store) == 2
    assert forget_visitors(store, tmp_path / "salts", NOW + timedelta(hours=14)) == 0
    assert forget_visitors(store, tmp_path / "salts", datetime(2026, 3, 3, tzinfo=UTC)) == 2
    assert remembered(store) == 0
    assert list((tmp_path / "salts").iterdir()) == []
    assert len(stored(store)) == 2


def test_no_visit_holds_a_visitor(store: Store, tmp_path: Path) -> None:
    logged(tmp_path, [a_view(0)])
    fold_visits(store, tmp_path, NOW)
    with store.read(BRAND) as scope:
        row = scope.connection.execute(visit.select().where(visit.c.brand_id == BRAND)).one()
    assert "a" * 32 not in repr(tuple(row))


def test_a_choice_made_before_the_fold_holds_for_what_was_written_down(store: Store, tmp_path: Path) -> None:
    choose(store, store.brand("atelier"), FOLLOWED, NOW, who="léa")
    logged(tmp_path, [a_view(0, click_id="abcdefgh12"), Click(NOW, BRAND, "abcdefgh12", CODE, PERSON)])
    choose(store, store.brand("atelier"), Privacy(), NOW, who="léa")
    assert fold_visits(store, tmp_path, NOW).clicks == 0
    with store.read(BRAND) as scope:
        assert visits.forget_click_ids(scope) == 0


def test_counts_of_a_period_take_the_days_it_touches(store: Store, tmp_path: Path) -> None:
    logged(tmp_path, [a_view(-2 * 1440), a_view(0), a_view(1440, "c" * 32)])
    fold_visits(store, tmp_path, NOW)
    with store.read(BRAND) as scope:
        inside = visit_counts.counts(scope, Period(NOW - timedelta(hours=3), NOW + timedelta(hours=3)))
        assert [one.day for one in inside] == [NOW.date()]
        assert visit_counts.first_day(scope) == (NOW - timedelta(days=2)).date()
        midnight = datetime(2026, 3, 3, tzinfo=UTC)
        assert [one.day for one in visit_counts.counts(scope, Period(NOW, midnight))] == [NOW.date()]
        assert visit_counts.counts(scope, Period(NOW + timedelta(seconds=1), midnight)) == []


def test_a_day_whose_visits_are_gone_counts_where_a_period_holds_most_of_it(store: Store, tmp_path: Path) -> None:
    logged(tmp_path, [a_view(0)])
    fold_visits(store, tmp_path, NOW)
    with store.write(BRAND) as scope:
        visits.forget_before(scope, NOW + timedelta(days=1))
        assert len(visit_counts.counts(scope)) == 1
        most, less = NOW - timedelta(hours=7), NOW + timedelta(hours=4)
        assert len(visit_counts.counts(scope, Period(most, NOW + timedelta(days=3)))) == 1
        assert visit_counts.counts(scope, Period(less, NOW + timedelta(days=3))) == []
