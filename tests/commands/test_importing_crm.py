"""What CRMs, payments and bookings tell, in the store: once, whatever comes first, and changed only as they say."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crosspost.commands.imported import Imported
from crosspost.commands.importing import Asked, import_files
from crosspost.commands.ledger import gather
from crosspost.commands.persons import erase_person
from crosspost.domain.errors import BadInput
from crosspost.imports.read import parse
from crosspost.imports.wording import words
from crosspost.secret import Secret
from crosspost.store import business, deal_changes, links
from crosspost.store.database import Database
from crosspost.store.store import Store
from tests.blank import ACCOUNT, BRAND, TARGET, settled
from tests.commands.test_importing import rows
from tests.imports.reading import FIXTURES
from tests.imports.test_crm_recognition import SOURCES

NOW = datetime(2026, 8, 1, tzinfo=UTC)
DEALS = (
    "Record ID,Deal Name,Deal Stage,Amount,Currency,Close Date,Create Date,Closed Lost Reason,Associated Contact IDs\n"
)
CONTACTS = "Record ID,Create Date,Lifecycle Stage,Email,Original Source,Original Source Drill-Down 1\n"
PAYMENTS = "id,Created (UTC),Amount,Amount Refunded,Currency,Status,Customer Email\n"
BOOKINGS = "Invitee UUID,Invitee Email,Start Date & Time,Event Created Date & Time,Canceled\n"


@pytest.fixture
def store(sqlite_database: Database) -> Store:
    return settled(sqlite_database)


def bring(
    store: Store, folder: Path, columns: Path | None = None, asked: Asked | None = None, **files: str | Path
) -> list[Imported]:
    """Import files of this content (or fixtures), which must be taken."""
    found = attempt(store, folder, columns, asked, **files)
    assert [one.refused for one in found] == [None] * len(found)
    return found


def attempt(
    store: Store, folder: Path, columns: Path | None = None, asked: Asked | None = None, **files: str | Path
) -> list[Imported]:
    paths = []
    for name, content in files.items():
        if isinstance(content, Path):
            paths.append(content)
            continue
        path = folder / f"{name}.csv"
        path.write_text(content, "utf-8")
        paths.append(path)
    brand = next(one for one in store.brands() if one.id == BRAND)
    return import_files(
        store, brand, paths, NOW, asked=asked, key=lambda _scope: Secret("the brand's key"), columns=columns,
        read=lambda path: parse(path.read_bytes(), str(path)),
    )  # fmt: skip


def deals(store: Store) -> dict[str, tuple[str, str | None, bool]]:
    """Each deal: what it is worth, its lead, whether it is a return."""
    with store.read(BRAND) as scope:
        return {
            one.deal.source_id: (str(one.deal.amount), one.deal.lead_source_id, one.deal.returning)
            for one in business.deals(scope)
        }


def losses(store: Store) -> dict[str, str | None]:
    with store.read(BRAND) as scope:
        return {one.lead.source_id: one.lead.lost_reason for one in business.leads(scope) if one.lead.lost_at}


def test_a_deal_belongs_to_the_contact_it_names(store: Store, tmp_path: Path) -> None:
    won = DEALS + "9,x,closedwon,500,EUR,2026-02-01,2026-01-02,,7\n"
    contact = CONTACTS + "7,2026-01-01,Lead,a@b.example,Organic Social,LinkedIn\n"
    bring(store, tmp_path, deals=won, contacts=contact)
    assert deals(store) == {"hubspot:deal:9": ("500.00 EUR", "hubspot:7", False)}
    with store.read(BRAND) as scope:
        assert [one.lead.source_id for one in business.leads(scope)] == ["hubspot:7"]


def test_a_deal_of_an_unknown_contact_is_a_lead_of_its_own_and_said(store: Store, tmp_path: Path) -> None:
    [found] = bring(store, tmp_path, deals=DEALS + "9,x,closedwon,500,EUR,2026-02-01,2026-01-02,,7\n")
    assert deals(store) == {"hubspot:deal:9": ("500.00 EUR", "hubspot:deal:9", False)}
    assert any("nobody told of" in note for note in found.notes)


def test_a_lost_deal_loses_its_contact_with_the_reason(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, contacts=CONTACTS + "7,2026-01-01,Lead,,,\n8,2026-01-01,Lead,,,\n")
    rows_of = "9,x,closedlost,,,2026-02-01,2026-01-02,Too dear,7\n10,y,closedwon,5,EUR,2026-02-01,2026-01-02,,8\n"
    bring(store, tmp_path, deals=DEALS + rows_of)
    assert losses(store) == {"hubspot:7": "Too dear"}
    bring(store, tmp_path, later=DEALS + "11,z,closedlost,,,2026-03-01,2026-02-02,No time,8\n")
    assert losses(store) == {"hubspot:7": "Too dear"}  # the other contact has bought


@pytest.mark.parametrize(
    ("third", "lost"), [("", {"hubspot:7": "No time"}), ("3,z,contractsent,,,,2026-01-03,,7\n", {})]
)
def test_a_contact_is_lost_with_its_last_deal_and_not_while_one_is_open(
    store: Store, tmp_path: Path, third: str, lost: dict[str, str]
) -> None:
    told = "1,x,closedlost,,,2026-02-01,2026-01-01,Too dear,7\n2,y,closedlost,,,2026-02-09,2026-01-02,No time,7\n"
    bring(store, tmp_path, contacts=CONTACTS + "7,2026-01-01,Lead,,,\n", deals=DEALS + told + third)
    assert losses(store) == lost


def test_a_deal_of_pipedrive_moves_on_is_lost_opened_again_and_won(store: Store, tmp_path: Path) -> None:
    header = "Deal - ID,Deal - Status,Deal - Stage,Deal - Value,Deal - Deal created,Deal - Last stage change,"
    header += "Deal - Lost time,Deal - Lost reason,Deal - Won time\n"
    told = [
        "1,Open,Contact Made,900,2026-01-01,2026-01-02,,,\n",
        "1,Open,Demo Scheduled,900,2026-01-01,2026-01-05,,,\n",
        "1,Open,Proposal Made,900,2026-01-01,2026-01-09,,,\n",
        "1,Lost,Proposal Made,,2026-01-01,,2026-01-20,Too dear,\n",
        "1,Open,Proposal Made,700,2026-01-01,2026-02-01,,,\n",
        "1,Won,Proposal Made,700,2026-01-01,,,,2026-02-20\n",
    ]  # fmt: skip
    stages = []
    for at, row in enumerate(told):
        bring(store, tmp_path, None, None, **{f"export{at}": header + row})
        with store.read(BRAND) as scope:
            [one] = business.leads(scope)
        stages.append((one.stage.value, bool(one.lead.lost_at)))
    assert stages == [
        ("talking", False), ("talking", False), ("offered", False), ("lost", True), ("offered", False), ("won", False)
    ]  # fmt: skip
    assert len(one.history) == 5


def test_next_months_export_of_deals_repeats_and_adds(store: Store, tmp_path: Path) -> None:
    first = DEALS + "9,x,contractsent,500,EUR,,2026-01-02,,\n"
    bring(store, tmp_path, march=first)
    bring(store, tmp_path, april=first.replace("contractsent,500,EUR,", "closedwon,500,EUR,2026-04-02"))
    assert deals(store) == {"hubspot:deal:9": ("500.00 EUR", "hubspot:deal:9", False)}


def test_a_deal_that_was_edited_is_refused_unless_the_export_is_the_newer_one(store: Store, tmp_path: Path) -> None:
    row = DEALS + "9,x,closedwon,{},EUR,{},2026-01-02,,\n"
    bring(store, tmp_path, march=row.format("500", "2026-02-01"))
    edited = row.format("650", "2026-02-03")
    before = rows(store)
    [refused] = attempt(store, tmp_path, april=edited)
    assert refused.refused is not None
    assert "--newer" in refused.refused
    assert rows(store) == before
    bring(store, tmp_path, None, Asked(newer=True), april=edited)
    assert deals(store)["hubspot:deal:9"][0] == "650.00 EUR"
    with store.read(BRAND) as scope:
        [change] = deal_changes.changes(scope)
    assert (str(change.before), change.won_at_before.day) == ("500.00 EUR", 1)
    bring(store, tmp_path, may=row.format("500", "2026-02-01") + "\n")  # an older export says again what it was
    assert deals(store)["hubspot:deal:9"][0] == "650.00 EUR"


def test_a_contact_told_otherwise_stays_as_it_was_told_first(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, march=CONTACTS + "7,2026-01-01,Lead,,Organic Search,\n")
    again = CONTACTS + "7,2026-01-01,Lead,,Direct Traffic,\n8,2026-01-02,Lead,,,\n"
    assert attempt(store, tmp_path, april=again)[0].refused is not None
    [found] = bring(store, tmp_path, None, Asked(newer=True), april=again)
    assert any("told otherwise now, in channel (1)" in note for note in found.notes)
    with store.read(BRAND) as scope:
        assert [one.lead.channel for one in business.leads(scope)] == ["search", None]


def test_a_refund_reduces_and_voids_with_what_was_before_kept(store: Store, tmp_path: Path) -> None:
    row = "ch_1,2026-01-10,500.00,{},eur,{},a@b.example\n"
    bring(store, tmp_path, paid=PAYMENTS + row.format("0.00", "Paid"))
    bring(store, tmp_path, part=PAYMENTS + row.format("150.00", "Partially refunded"))
    assert deals(store)["stripe:ch_1"][0] == "350.00 EUR"
    bring(store, tmp_path, again=PAYMENTS + row.format("150.00", "Partially refunded") + "\n")
    assert deals(store)["stripe:ch_1"][0] == "350.00 EUR"
    bring(store, tmp_path, whole=PAYMENTS + row.format("500.00", "Refunded"))
    assert deals(store)["stripe:ch_1"][0] == "0.00 EUR"
    with store.read(BRAND) as scope:
        assert {str(one.refund) for one in deal_changes.changes(scope)} == {"150.00 EUR", "350.00 EUR"}
    before = rows(store)
    [refused] = attempt(store, tmp_path, less=PAYMENTS + row.format("20.00", "Partially refunded"))
    assert refused.refused is not None
    assert "less.csv:2" in refused.refused
    assert rows(store) == before


def test_a_payment_first_seen_given_back_wholly_is_no_deal_and_in_part_what_was_left(
    store: Store, tmp_path: Path
) -> None:
    bring(store, tmp_path, payments=PAYMENTS + "ch_1,2026-01-10,9,9,eur,Refunded,a@b.example\n"
                                               "ch_2,2026-01-10,9,4,eur,Partially refunded,c@d.example\n")  # fmt: skip
    assert deals(store) == {"stripe:ch_2": ("5.00 EUR", None, False)}


def test_a_booking_that_was_a_lead_and_is_cancelled_is_lost(store: Store, tmp_path: Path) -> None:
    row = "inv-1,a@b.example,2026-02-01 10:00 am,2026-01-20 09:00 am,{}\n"
    bring(store, tmp_path, first=BOOKINGS + row.format("false"))
    assert losses(store) == {}
    bring(store, tmp_path, later=BOOKINGS + row.format("true"))
    assert losses(store) == {"calendly:inv-1": "the booking was cancelled"}


def test_one_address_under_two_ids_is_two_leads_and_one_client(store: Store, tmp_path: Path) -> None:
    contacts = CONTACTS + "7,2026-01-01,Lead,A@b.example,Organic Social,LinkedIn\n8,2026-01-02,Lead,a@B.example ,,\n"
    paid = PAYMENTS + "ch_1,2026-01-10,9,0,eur,Paid,a@b.example\nch_2,2026-02-10,9,0,eur,Paid,a@b.example\n"
    bring(store, tmp_path, contacts=contacts, payments=paid)
    with store.read(BRAND) as scope:
        assert len(business.leads(scope)) == 2
        assert len(business.clients(scope)) == 1
    assert [returning for _, _, returning in deals(store).values()] == [False, True]


def facts_stored(store: Store) -> list[str]:
    """Every row of every table but the list of files."""
    with closing(sqlite3.connect(str(store.database.url.database))) as connection:
        return [line for line in connection.iterdump() if "imported_file" not in line]


def test_the_same_files_twice_change_nothing_and_no_address_is_kept(store: Store, tmp_path: Path) -> None:
    ours = {one.stem: one for one in sorted(FIXTURES.glob("*_en.csv")) if one.name.startswith(SOURCES)}
    bring(store, tmp_path, None, None, **ours)
    before = facts_stored(store)
    renewed = {name: path.read_text("utf-8") + "\n" for name, path in ours.items()}  # other bytes, the same rows
    again = bring(store, tmp_path, None, None, **renewed)
    assert {(one.added, one.updated) for one in again} == {(0, 0)}
    assert facts_stored(store) == before
    store.database.close()
    stored = b"".join(path.read_bytes() for path in Path(str(store.database.url.database)).parent.glob("*.db*"))
    assert stored
    for canary in (b"kiln.example", b"brandt.example", b"noe@ports", b"Mara", b"Ilves", b"cus_mara"):
        assert canary.lower() not in stored.lower()


def test_a_payment_by_a_link_of_ours_came_by_the_links_network(store: Store, tmp_path: Path) -> None:
    with store.write(BRAND) as scope:
        links.add(scope, "spring", TARGET, NOW, account_id=ACCOUNT)  # a slug that its owner chose
    header = PAYMENTS.strip() + ",Client Reference ID,UTM Campaign\n"
    paid = "ch_1,2026-01-10,9,0,eur,Paid,a@b.example,spring,\nch_2,2026-01-11,9,0,eur,Paid,c@d.example,,kiln-spring\n"
    bring(store, tmp_path, payments=header + paid + "ch_3,2026-01-12,9,0,eur,Paid,e@f.example,autumn,kiln-autumn\n")
    brand = next(one for one in store.brands() if one.id == BRAND)
    found = sorted((row.code or "", row.network_of_code or "") for row in gather(store, brand, NOW).leads)
    assert found == [("", ""), ("spring", "linkedin"), ("spring", "linkedin")]


def test_an_erased_person_is_nobody(store: Store, tmp_path: Path) -> None:
    key = Secret("the brand's key")
    bring(store, tmp_path, contacts=CONTACTS + "7,2026-01-01,Lead,a@b.example,,\n")
    erase_person(store, BRAND, NOW, key, mails=["a@b.example"])
    bring(store, tmp_path, payments=PAYMENTS + "ch_1,2026-01-10,9,0,eur,Paid,a@b.example\n")
    with store.read(BRAND) as scope:
        assert [one.lead.person for one in business.leads(scope)] == [None]
        assert [one.person for one in business.clients(scope)] == [None]


def test_an_owners_own_words_are_read_first(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "imports" / "words"
    folder.mkdir(parents=True)
    (folder / "stages.toml").write_text('[deal]\nwon = ["Parked"]\n')
    (folder / "channels.toml").write_text('"organic search" = "event"\n')
    contact = CONTACTS + "7,2026-01-01,Lead,a@b.example,Organic Search,\n"
    bring(
        store, tmp_path, columns=tmp_path / "imports", contacts=contact,
        deals=DEALS + "9,x,parked,5,EUR,2026-02-01,2026-01-02,,7\n",
    )  # fmt: skip
    assert deals(store) == {"hubspot:deal:9": ("5.00 EUR", "hubspot:7", False)}
    with store.read(BRAND) as scope:
        assert [one.lead.channel for one in business.leads(scope)] == ["event"]


def test_a_column_of_notes_is_read_where_its_owner_says_that_people_answered_there(
    store: Store, tmp_path: Path
) -> None:
    contact = CONTACTS.strip() + ",Notes\n7,2026-01-01,Lead,a@b.example,,,Connected on LinkedIn after our post\n"
    folder = tmp_path / "imports"
    folder.mkdir()
    (folder / "hubspot-contacts.toml").write_text('[columns]\ntold = ["Notes"]\n')
    bring(store, tmp_path, folder, contacts=contact)
    with store.read(BRAND) as scope:
        [one] = business.leads(scope)
    assert (one.lead.channel, one.lead.told_channel) == (None, "linkedin")


@pytest.mark.parametrize(("name", "content", "says"), [
    ("stages", '[deal]\nwonn = ["Parked"]\n', "stages.toml"),
    ("stages", "[deal\n", "stages.toml"),
    ("channels", '"organic search" = "the moon"\n', "the moon"),
    ("questions", 'told = ["how"]\n', "questions.toml"),
    ("questions", '[de]\ntold = "wie"\n', "questions.toml"),
    ("questions", '[de]\ntold = [""]\n', "questions.toml"),
])  # fmt: skip
def test_words_that_cannot_be_read_are_refused_by_name(tmp_path: Path, name: str, content: str, says: str) -> None:
    (tmp_path / f"{name}.toml").write_text(content)
    with pytest.raises(BadInput) as refused:
        words(tmp_path)
    assert says in str(refused.value)


FILES = {
    "contacts": CONTACTS + "7,2026-01-01,Lead,a@b.example,Organic Social,LinkedIn\n"
                           "8,2026-01-05,Lead,c@d.example,Organic Search,\n",
    "payments": PAYMENTS + "ch_1,2026-01-10,9,0,eur,Paid,a@b.example\nch_2,2026-02-10,9,0,eur,Paid,a@b.example\n"
                           "ch_3,2026-01-11,70,0,eur,Paid,c@d.example\n",
    "bookings": BOOKINGS + "inv-1,a@b.example,2026-01-08 10:00 am,2026-01-03 09:00 am,false\n",
}  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(FILES)), ids="-".join)
def test_which_file_comes_first_changes_no_figure(store: Store, tmp_path: Path, order: tuple[str, ...]) -> None:
    for name in order:
        bring(store, tmp_path, None, None, **{name: FILES[name]})
    brand = next(one for one in store.brands() if one.id == BRAND)
    ledger = gather(store, brand, NOW)
    found = sorted((row.channel or "", row.won_at is not None, row.returning, row.amount_minor) for row in ledger.leads)
    assert found == [
        ("linkedin", True, False, 900), ("recurrence", True, True, 900), ("search", True, False, 7000)
    ]  # fmt: skip
