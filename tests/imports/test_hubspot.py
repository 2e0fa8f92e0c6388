"""HubSpot's contacts and deals, in both languages, row by row."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crosspost.domain.errors import BadInput
from crosspost.imports.shape import Facts
from tests.imports.reading import facts

CODES = frozenset({"k7m2p9qrst", "w3x4y5z6ab"})


def contacts(found: Facts) -> list[tuple[str, str, str | None, str | None]]:
    return [(one.source_id, f"{one.contacted_at:%m-%d}", one.channel, one.code) for _, one in found.leads]


def told(found: Facts, words: str) -> str:
    return next(note for note in found.notes if words in note)


def test_english_contacts() -> None:
    found = facts("hubspot-contacts_en.csv", codes=CODES)
    assert contacts(found) == [
        ("hubspot:501", "12-21", "linkedin", "k7m2p9qrst"),
        ("hubspot:502", "11-03", "search", None),
        ("hubspot:503", "01-05", None, None),  # what a note says is not read
        ("hubspot:504", "10-27", None, None),  # imported into HubSpot: that is not how they came
        ("hubspot:505", "01-09", "referral", None),
        ("hubspot:507", "01-29", "linkedin", "w3x4y5z6ab"),
        ("hubspot:508", "12-30", "direct", None),
        ("hubspot:509", "12-02", "paid_search", None),
    ]
    assert told(found, "subscribed").endswith("(1)")
    [(line, deal)] = found.deals
    assert (line, deal.lead_source_id, deal.amount, deal.won_at) == (
        10, "hubspot:509", None, datetime(2026, 1, 15, tzinfo=UTC)
    )  # fmt: skip


def test_french_contacts() -> None:
    found = facts("hubspot-contacts_fr.csv", codes=CODES)
    assert contacts(found) == [
        ("hubspot:601", "12-21", "linkedin", "k7m2p9qrst"),
        ("hubspot:602", "01-04", "search", None),
        ("hubspot:603", "01-06", "referral", None),
        ("hubspot:605", "01-08", None, None),
        ("hubspot:606", "01-09", "facebook", "w3x4y5z6ab"),
        ("hubspot:607", "01-10", "direct", None),
    ]
    assert told(found, "subscribed").endswith("(1)")
    assert told(found, "customers without a day of closing").endswith("(1)")


def test_one_address_under_two_ids_is_one_person() -> None:
    found = facts("hubspot-contacts_en.csv")
    people = {one.source_id: one.person for _, one in found.leads}
    assert people["hubspot:501"] == people["hubspot:508"] != people["hubspot:502"]
    assert "example" not in repr([one for _, one in facts("hubspot-contacts_en.csv", person=lambda _: "x").leads])


def test_a_code_of_nobodys_link_is_none() -> None:
    assert {one.code for _, one in facts("hubspot-contacts_en.csv", codes=frozenset()).leads} == {None}


def test_english_deals() -> None:
    found = facts("hubspot-deals_en.csv")
    made = {one.lead.source_id if one.lead else "": one for _, one in found.opportunities}
    won = {name: (str(one.deal.amount), one.of) for name, one in made.items() if one.deal}
    assert won == {
        "hubspot:deal:9001": ("1200.00 USD", "hubspot:501"),
        "hubspot:deal:9003": ("450.00 EUR", None),
        "hubspot:deal:9006": ("300 EUR", "hubspot:501"),
    }
    lost = made["hubspot:deal:9002"]
    assert (lost.of, lost.lost_at, lost.lost_reason) == ("hubspot:502", datetime(2026, 1, 30, tzinfo=UTC), "Too dear")
    assert told(found, "stages that are in no list") == (
        "stages that are in no list, taken as open: 'Parked (Side pipeline)' (1)"
    )


def test_french_deals() -> None:
    found = facts("hubspot-deals_fr.csv")
    won = [(line, str(one.deal.amount)) for line, one in found.opportunities if one.deal]
    assert won == [(2, "1234.56 EUR")]
    assert [one.lost_reason for _, one in found.opportunities if one.lost_at] == ["Trop cher"]
    assert "'Mise en attente' (1)" in told(found, "in no list")


HEADER = "Record ID,Deal Name,Deal Stage,Amount,Currency,Close Date,Create Date,Associated Contact IDs\n"


@pytest.mark.parametrize("stage", ["closedwon", "Closed won", " CLOSED WON ", "Closed Won (Sales Pipeline)", "Conclu",
                                   "GAGNÉE"])  # fmt: skip
def test_won_is_won_however_it_is_written(stage: str) -> None:
    found = facts((HEADER + f"1,x,{stage},5,EUR,2026-02-01,2026-01-01,\n").encode())
    assert [one.deal is not None for _, one in found.opportunities] == [True]


@pytest.mark.parametrize("stage", ["Won't fix", "Almost won", "Closed", "Win back"])
def test_what_only_resembles_won_is_not(stage: str) -> None:
    found = facts((HEADER + f"1,x,{stage},5,EUR,2026-02-01,2026-01-01,\n").encode())
    assert [one.deal for _, one in found.opportunities] == [None]
    assert stage in found.notes[0]


@pytest.mark.parametrize(("row", "says"), [
    ("1,x,closedwon,5,EUR,,2026-01-01,\n", "file.csv:2: closed is empty"),
    ("1,x,closedwon,$5,EUR,2026-02-01,2026-01-01,\n", "$"),
    ("1,x,closedwon,5.005,EUR,2026-02-01,2026-01-01,\n", "5.005"),
    ("1,x,closedwon,5.5,JPY,2026-02-01,2026-01-01,\n", "more decimals than JPY"),
    ("1,x,closedwon,five,EUR,2026-02-01,2026-01-01,\n", "is not a number"),
    ("1,x,closedwon,5,EUR,03/04/2026,2026-01-01,\n", "03/04/2026"),
    ("1,x,closedwon,5,EUR,2026-02-01,,\n2,y,closedlost,5,EUR,2026-02-01,,\n", "file.csv:3"),
    (",x,closedwon,5,EUR,2026-02-01,2026-01-01,\n", "id is empty"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_its_row(row: str, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        facts((HEADER + row).encode())
    assert says in str(refused.value)


def test_headers_alone_are_a_file_of_nothing() -> None:
    found = facts(HEADER.encode())
    assert (found.opportunities, found.notes) == ((), ())


@pytest.mark.parametrize(("source", "first", "second", "channel"), [
    ("Organic Social", "LinkedIn", "", "linkedin"), ("Paid Social", "Facebook", "spring", "facebook"),
    ("Social Media", "", "", "social"), ("Organic Social", "Quora", "", "social"),
    ("Referrals", "lnkd.in", "lnkd.in/x", "linkedin"), ("Referrals", "notlinkedin.example", "", "referral"),
    ("Other Campaigns", "spring", "twitter / post", "x"),
    ("Other Campaigns", "linkedin", "letter / mail", "other_campaigns"),
    ("Offline Sources", "INTEGRATION", "LinkedIn", None), ("SOCIAL_MEDIA", "Instagram", "", "instagram"),
    ("Réseaux sociaux", "X", "", "x"), ("Sources hors ligne", "CRM_UI", "", None), ("Salon de la céramique", "", "",
    "Salon de la céramique"), ("", "LinkedIn", "", None), ("AI Referrals", "chatgpt.com", "", "other"),
])  # fmt: skip
def test_sources_and_their_details(source: str, first: str, second: str, channel: str | None) -> None:
    header = "Record ID,Create Date,Lifecycle Stage,Original Source,Original Source Drill-Down 1,"
    header += "Original Source Drill-Down 2"
    [(_, lead)] = facts(f"{header}\n7,2026-01-01,Lead,{source},{first},{second}\n".encode()).leads
    assert lead.channel == channel


@pytest.mark.parametrize("rounded", ["1.51E+11", "1,51E+11", "1E+11"])
def test_an_id_that_a_spreadsheet_rounded_is_nobodys(rounded: str) -> None:
    head = "Record ID,Create Date,Lifecycle Stage,Email\n"
    with pytest.raises(BadInput, match="rounded by a spreadsheet"):
        facts(f'{head}"{rounded}",2026-01-02,lead,a@b.example\n'.encode())
    assert facts(f"{head}151212345678,2026-01-02,lead,a@b.example\n".encode()).leads[0][1].source_id[-8:] == "12345678"
