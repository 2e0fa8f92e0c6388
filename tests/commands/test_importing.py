"""Importing: all or nothing, twice is once, and each row knows its file and line."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, select

from crosspost.commands import business as by_hand
from crosspost.commands.importing import Imported, import_files
from crosspost.store import business
from crosspost.store.database import Database
from crosspost.store.posts import posts, readings
from crosspost.store.store import Store
from crosspost.store.tables import lead
from tests.blank import BRAND, NOW, OTHER, settled

LEADS = "lead,date,channel,told\nA,2026-01-02,linkedin,\nB,2026-01-03,,un ami m'a parlé de vous\n"
DEALS = "lead,won_date,amount\nB,2026-02-01,1200\n"
POSTS = "page_total_likes,reach,impressions,likes\n100,10,20,\n101,11,21,3\n"


@pytest.fixture
def store(sqlite_database: Database) -> Store:
    return settled(sqlite_database)


def bring(store: Store, folder: Path, brand_id: str = BRAND, **files: str) -> list[Imported]:
    brand = next(one for one in store.brands() if one.id == brand_id)
    paths = []
    for name, content in files.items():
        path = folder / f"{name}.csv"
        path.write_text(content, "utf-8")
        paths.append(path)
    return import_files(store, brand, paths, NOW)


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
