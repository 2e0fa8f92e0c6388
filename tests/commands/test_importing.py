"""Importing: all or nothing, twice is once, and each row knows its file and line."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import event, select

from crosspost.commands import business as by_hand
from crosspost.commands.imported import Imported
from crosspost.commands.importing import Asked, import_files
from crosspost.domain.brand import Brand
from crosspost.domain.business import Lead
from crosspost.domain.errors import BadInput
from crosspost.domain.tally import Tally
from crosspost.imports import kinds
from crosspost.imports.shape import Context, Facts, Kind, Row, Stated
from crosspost.imports.sheet import Sheet
from crosspost.secret import Secret
from crosspost.store import business, credentials
from crosspost.store.database import Database
from crosspost.store.posts import posts, readings
from crosspost.store.store import Scope, Store
from crosspost.store.tables import deal, effort, imported_file, lead, reading
from crosspost.store.tallies import tallies
from tests.blank import BRAND, NOW, OTHER, settled
from tests.imports.crafted import packed

LEADS = "lead,date,channel,told\nA,2026-01-02,linkedin,\nB,2026-01-03,,un ami m'a parlé de vous\n"
DEALS = "lead,won_date,amount\nB,2026-02-01,1200\n"
POSTS = "page_total_likes,reach,impressions,likes\n100,10,20,\n101,11,21,3\n"


@pytest.fixture
def store(sqlite_database: Database) -> Store:
    return settled(sqlite_database)


def bring(
    store: Store, folder: Path, brand_id: str = BRAND, asked: Asked | None = None, /, **files: str
) -> list[Imported]:
    paths = []
    for name, content in files.items():
        path = folder / f"{name}.csv"
        path.write_text(content, "utf-8")
        paths.append(path)
    return import_files(store, of(store, brand_id), paths, NOW, asked=asked)


def of(store: Store, brand_id: str = BRAND) -> Brand:
    return next(one for one in store.brands() if one.id == brand_id)


def rows(store: Store) -> str:
    """Every row of every table, as one hash: equal only if nothing changed at all."""
    with closing(sqlite3.connect(str(store.database.url.database))) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


def test_files_are_stored_in_the_order_they_need(store: Store, tmp_path: Path) -> None:
    found = bring(store, tmp_path, deals=DEALS, leads=LEADS)
    assert [(one.kind, one.added, one.refused) for one in found] == [("deals", 1, None), ("leads", 2, None)]
    with store.read(BRAND) as scope:
        (deal,) = business.deals(scope)
        leads = {one.lead.source_id: one for one in business.leads(scope)}
    assert deal.lead_id == leads["B"].id
    assert deal.deal.amount is not None
    assert str(deal.deal.amount) == "1200.00 EUR"
    assert leads["B"].lead.channel is None
    assert leads["B"].lead.told_channel == "referral"


def test_each_row_keeps_its_files_hash_and_line(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, leads=LEADS)
    with store.read(BRAND) as scope:
        origins = {one.lead.source_id: one.origin for one in business.leads(scope)}
    assert origins["B"] == business.Origin(hashlib.sha256(LEADS.encode()).hexdigest(), 3)


def test_the_same_file_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, leads=LEADS, posts=POSTS)
    before = rows(store)
    again = bring(store, tmp_path, leads=LEADS, posts=POSTS)
    assert [one.added for one in again] == [0, 0]
    assert rows(store) == before


def test_overlapping_files_merge_by_the_sources_own_id(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, leads=LEADS)
    (found,) = bring(store, tmp_path, more=LEADS + "C,2026-01-04,search,\n")
    assert (found.rows, found.added) == (3, 1)


@pytest.mark.parametrize(("name", "content", "says"), [
    ("differs", "lead,date,channel\nA,2026-01-02,referral\n", "another channel"),
    ("stranger", "lead,won_date\nZ,2026-02-01\n", "no lead has the id 'Z'"),
    ("broken", "lead,date,channel\nD,never,x\n", "is not a date that is known"),
    ("unknown", "a,b\n1,2\n", "no kind of file"),
])  # fmt: skip
def test_one_refusal_leaves_everything_as_it_was(
    store: Store, tmp_path: Path, name: str, content: str, says: str
) -> None:
    bring(store, tmp_path, leads=LEADS)
    before = rows(store)
    found = bring(store, tmp_path, **{"good": "lead,date,channel\nG,2026-01-05,x\n", name: content})
    refused = next(one for one in found if f"{name}.csv" in one.file)
    assert refused.refused is not None
    assert says in refused.refused
    assert f"{name}.csv" in refused.refused
    assert all(one.added == 0 and one.refused for one in found)
    assert rows(store) == before


def test_a_blank_metric_has_a_reason_and_an_undated_post_too(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, posts=POSTS)
    with store.read(BRAND) as scope:
        likes = {one.reading.value: one.reading.reason for one in readings(scope, ["likes"])}
        assert [one.post.published_at for one in posts(scope)] == [None, None]
    assert likes == {None: "blank in the file", 3.0: None}


def test_next_months_export_updates_what_was_open(store: Store, tmp_path: Path) -> None:
    header = "lead,date,channel,won_date,revenue,lost_date\n"
    bring(store, tmp_path, march=header + "A,2026-01-02,LinkedIn,,,\nB,2026-01-03,search,,,\n")
    (found,) = bring(
        store, tmp_path,
        april=header + "A,2026-01-02,linkedin,2026-02-01,900,\nB,2026-01-03,search,,,2026-02-02\n",
    )  # fmt: skip
    assert (found.refused, found.added, found.updated) == (None, 1, 1)
    with store.read(BRAND) as scope:
        leads = {one.lead.source_id: one.lead for one in business.leads(scope)}
        assert len(business.deals(scope)) == 1
    assert leads["B"].lost_at is not None
    assert leads["A"].channel == "LinkedIn"


def test_a_sale_in_both_files_is_one(store: Store, tmp_path: Path) -> None:
    leads = "lead,date,channel,won_date,revenue\nA,2026-01-02,x,2026-02-01,900\n"
    deals = "deal,lead,won_date,amount\nD1,A,2026-02-01,900.00\nD2,A,2026-02-01,900.00\n"
    found = bring(store, tmp_path, leads=leads, deals=deals)
    assert [(one.added, one.refused) for one in found] == [(2, None), (1, None)]
    with store.read(BRAND) as scope:
        assert sorted(one.deal.source_id for one in business.deals(scope)) == ["D1", "D2"]


def test_a_lead_told_by_hand_and_by_file_is_one(store: Store, tmp_path: Path) -> None:
    by_hand.add_lead(store, BRAND, NOW, lead_id="A", contacted_at=datetime(2026, 1, 2, 15, tzinfo=UTC))
    (found,) = bring(store, tmp_path, leads=LEADS)
    assert (found.refused, found.added, found.updated) == (None, 1, 1)
    (other,) = bring(store, tmp_path, other="lead,date,channel\nA,2026-01-09,linkedin\n")
    assert other.refused is not None
    assert "another contacted_at" in other.refused


DATED = "page_total_likes,reach,impressions,permalink\n1,10,20,https://e.example/1\n1,11,21,https://e.example/2\n"


def test_a_later_export_of_posts_without_ids_doubles_nothing(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, first=DATED)
    (found,) = bring(store, tmp_path, later=DATED.replace("10,20", "90,99") + "1,1,1,https://e.example/3\n")
    assert found.refused is None
    with store.read(BRAND) as scope:
        assert len(posts(scope)) == 3


def test_posts_known_by_their_numbers_alone_are_not_taken_twice(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, posts=POSTS)
    longer = POSTS + "102,12,22,4\n"
    (found,) = bring(store, tmp_path, longer=longer)  # holds all that is there, so the rest is new
    assert (found.refused, found.rows) == (None, 3)
    before = rows(store)
    (refused,) = bring(store, tmp_path, grown=longer.replace("101,11,21,3", "101,15,29,3"))
    assert refused.refused is not None
    assert "grown.csv:3" in refused.refused
    assert "permalink" in refused.refused
    assert rows(store) == before


def test_many_rows_take_few_statements(store: Store, tmp_path: Path) -> None:
    said: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(store.database.engine, "before_cursor_execute", listen)
    try:
        many = "".join(f"L{i},2026-01-02,x,linkedin > x,2026-02-01,10\n" for i in range(1500))
        (found,) = bring(store, tmp_path, leads="lead,date,channel,path,won_date,amount\n" + many)
    finally:
        event.remove(store.database.engine, "before_cursor_execute", listen)
    assert found.added == 3000
    assert len(said) < 40


def test_two_brands_do_not_share_what_they_bring(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, leads=LEADS)
    (other,) = bring(store, tmp_path, OTHER, leads=LEADS)
    assert other.added == 2
    with store.read(OTHER) as scope:
        found = scope.connection.execute(select(lead.c.brand_id).where(lead.c.brand_id == OTHER)).all()
    assert len(found) == 2


def test_every_sort_of_row_keeps_its_files_hash_line_and_part(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    file.write_bytes(packed({
        "in/leads.csv": LEADS, "in/deals.csv": DEALS, "posts.csv": POSTS,
        "hours.csv": "month,channel,hours\n2026-01,x,5\n",
    }))  # fmt: skip
    [found] = import_files(store, of(store), [file], NOW)
    assert found.refused is None
    assert found.kind == "leads + deals + posts + efforts"
    assert found.parts[0] == ("in/leads.csv", "leads", 2)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    with store.read(BRAND) as scope:
        for table, line, part in ((lead, 2, "in/leads.csv"), (deal, 2, "in/deals.csv"), (reading, 2, "posts.csv"),
                                  (effort, 2, "hours.csv")):  # fmt: skip
            query = select(table).where(table.c.brand_id == BRAND).order_by(table.c.file_line)
            row = scope.connection.execute(query).first()
            assert row is not None
            assert (row.file_sha256, row.file_line, row.file_part) == (sha256, line, part), table.name


def test_a_folder_is_all_its_files_and_all_or_nothing(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    (folder / "deep").mkdir(parents=True)
    (folder / ".hidden.csv").write_text("a,b\n")
    (folder / "deep" / "deals.csv").write_text(DEALS)
    (folder / "leads.csv").write_text(LEADS)
    found = import_files(store, of(store), [folder], NOW)
    assert [(Path(one.file).name, one.added, one.refused) for one in found] == [
        ("deals.csv", 1, None), ("leads.csv", 2, None),
    ]  # fmt: skip
    before = rows(store)
    (folder / "more.csv").write_text(LEADS + "C,2026-01-05,x,\n")
    (folder / "strange.csv").write_text("a,b\n1,2\n")
    assert all(one.refused for one in import_files(store, of(store), [folder], NOW))
    assert rows(store) == before
    (tmp_path / "none").mkdir()
    with pytest.raises(BadInput, match="holds no table"):
        import_files(store, of(store), [tmp_path / "none"], NOW)


def test_a_dry_run_says_all_and_stores_nothing(store: Store, tmp_path: Path) -> None:
    before = rows(store)
    dry = bring(store, tmp_path, BRAND, Asked(dry_run=True), leads=LEADS, deals=DEALS)
    assert rows(store) == before
    assert [one.as_dict() for one in bring(store, tmp_path, leads=LEADS, deals=DEALS)] == [
        one.as_dict() for one in dry
    ]  # fmt: skip


def test_one_file_named_twice_is_one(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, leads=LEADS)
    (tmp_path / "copy.csv").write_text("lead,date,channel\nQ,2026-01-02,x\n")
    found = import_files(store, of(store), [tmp_path / "copy.csv", tmp_path / "copy.csv"], NOW)
    assert [(one.added, one.refused) for one in found] == [(1, None), (0, None)]
    assert "imported before: nothing was changed" in found[1].notes


def test_parts_that_are_of_no_kind_are_told_and_not_lost_in_silence(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "archive.zip"
    file.write_bytes(packed({"leads.csv": LEADS, "messages.csv": "from,to\nA,B\n", "photo.jpg": "x"}))
    [found] = import_files(store, of(store), [file], NOW)
    assert found.added == 2
    assert found.notes[0] == "not read, for no kind of file is like it: messages.csv, photo.jpg"


def test_a_file_of_our_kinds_by_name(store: Store, tmp_path: Path) -> None:
    [found] = bring(store, tmp_path, BRAND, Asked(kind="deals"), leads=LEADS)
    assert found.refused is not None
    with pytest.raises(BadInput, match="no kind 'deels'"):
        bring(store, tmp_path, BRAND, Asked(kind="deels"), leads=LEADS)


# Kinds that others may write: people, tallies, totals a file states


def visits(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    found = [
        (row.line, Tally("web", "visits", "page", *context.period(sheet), Decimal(row.need("visits")),
                         page=row.need("page"), code=context.code(page=row.get("page"))))
        for row in rows
    ]  # fmt: skip
    counted = sum((one.value or Decimal(0) for _, one in found), Decimal(0))
    return Facts(tallies=tuple(found), stated=(Stated("visits", Decimal(12), counted),))


def contacts(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    assert context.person is not None
    return Facts(leads=tuple(
        (row.line, Lead("crm", f"crm:{row.need('id')}", NOW, channel="x", person=context.person(row.need("mail"))))
        for row in rows
    ), zoned=True)  # fmt: skip


@pytest.fixture
def more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two kinds beside the shipped ones."""
    shipped = kinds.kinds()
    mine = (
        Kind("visits", {"page": ("page",), "visits": ("visits",)}, frozenset({"page", "visits"}), visits),
        Kind("contacts", {"id": ("id",), "mail": ("mail",)}, frozenset({"id", "mail"}), contacts),
    )
    monkeypatch.setattr("crosspost.commands.importing.kinds", lambda _: (*shipped, *mine))


@pytest.mark.usefixtures("more")
def test_tallies_of_the_period_the_owner_says(store: Store, tmp_path: Path) -> None:
    table = "page,visits\n/a,5\n/b,6\n"
    [refused] = bring(store, tmp_path, visits=table)
    assert refused.refused is not None
    assert "--since" in refused.refused
    month = Asked(since=date(2026, 1, 1), until=date(2026, 2, 1))
    [found] = bring(store, tmp_path, BRAND, month, visits=table)
    assert (found.added, found.period) == (2, (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 31, tzinfo=UTC)))
    assert found.as_dict()["stated"] == [{"metric": "visits", "stated": "12", "counted": "11", "agrees": False}]
    grown = table.replace("5", "7")
    [again] = bring(store, tmp_path, BRAND, month, visits=grown)
    assert (again.added, again.updated) == (0, 1)
    [shrunk] = bring(store, tmp_path, BRAND, month, visits=grown.replace("7", "3"))
    assert shrunk.refused is not None
    assert "visits.csv:2" in shrunk.refused
    assert bring(store, tmp_path, BRAND, Asked(since=month.since, until=month.until, newer=True),
                 visits=grown.replace("7", "3"))[0].updated == 1  # fmt: skip
    [overlap] = bring(
        store, tmp_path, BRAND, Asked(since=date(2026, 1, 5), until=date(2026, 2, 5)), visits=table + "/c,1\n"
    )
    assert overlap.refused is not None
    assert "some days would count twice" in overlap.refused
    with store.read(BRAND) as scope:
        assert {one.tally.page: one.tally.value for one in tallies(scope)} == {"/a": 3, "/b": 6}


@pytest.mark.usefixtures("more")
def test_people_are_hashes_and_the_key_is_made_with_the_rows_or_not_at_all(store: Store, tmp_path: Path) -> None:
    made: list[Scope] = []

    def key(scope: Scope) -> Secret:
        made.append(scope)
        credentials.save(scope, BRAND, "person_key", b"sealed", NOW, replace=False)
        return Secret("a key")

    def contacts_of(text: str) -> Imported:
        file = tmp_path / f"contacts{len(text)}.csv"
        file.write_text(text, "utf-8")
        [found] = import_files(store, of(store), [file], NOW, key=key)
        return found

    before = rows(store)
    assert contacts_of("id,mail\n1,canary@example.org\n,x@example.org\n").refused is not None
    assert made == []
    assert contacts_of("id,mail\n1,canary@example.org\n1,Other@example.org\n").refused is not None
    assert len(made) == 1, "the clash was found while storing"
    assert rows(store) == before, "and the key went with the rows"
    assert contacts_of("id,mail\n1,canary@example.org\n2, Canary@Example.ORG \n").added == 2
    with store.read(BRAND) as scope:
        persons = {one.lead.person for one in business.leads(scope)}
    assert len(persons) == 1
    assert "canary" not in str(persons)
    assert "canary" not in "".join(path.read_text("latin-1") for path in tmp_path.rglob("*.db*"))


def test_what_was_imported_is_remembered_by_its_hash(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, leads=LEADS)
    with store.read(BRAND) as scope:
        row = scope.connection.execute(select(imported_file).where(imported_file.c.brand_id == BRAND)).one()
    assert (row.name, row.kind, row.rows, row.added) == ("leads.csv", "leads", 2, 2)
