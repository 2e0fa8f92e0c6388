"""Pipedrive's deals, in both languages, row by row."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crosspost.domain.errors import BadInput
from crosspost.domain.stage import Stage
from crosspost.imports.shape import Lost
from tests.imports.reading import facts


def test_english_deals() -> None:
    found = facts("pipedrive-deals_en.csv")
    assert [(one.source_id, one.channel) for _, one in found.leads] == [
        ("pipedrive:71", "LinkedIn"),
        ("pipedrive:72", "Word of mouth"),
        ("pipedrive:73", None),
        ("pipedrive:74", None),
    ]
    assert [one for _, one in found.lost] == [
        Lost("pipedrive:72", datetime(2026, 1, 30, 12, tzinfo=UTC), "Too dear")
    ]  # fmt: skip
    assert [(one.source_id, str(one.amount), one.won_at) for _, one in found.deals] == [
        ("pipedrive:71", "1200 USD", datetime(2026, 1, 20, 16, 10, tzinfo=UTC)),
        ("pipedrive:74", "300 EUR", datetime(2026, 2, 20, 9, tzinfo=UTC)),
    ]
    people = {one.source_id: one.person for _, one in found.leads}
    assert people["pipedrive:71"] == people["pipedrive:74"] == "person:mara@kiln.example"
    assert found.notes == ("deals that were deleted (1)",)


def test_french_deals() -> None:
    found = facts("pipedrive-deals_fr.csv")
    assert [(one.source_id, one.channel) for _, one in found.leads] == [
        ("pipedrive:81", "Bouche à oreille"),
        ("pipedrive:82", "Instagram"),
        ("pipedrive:83", None),
        ("pipedrive:84", None),
    ]
    assert [one for _, one in found.lost] == [
        Lost("pipedrive:82", datetime(2026, 1, 30, 12, tzinfo=UTC), "Trop cher")
    ]  # fmt: skip
    assert [str(one.amount) for _, one in found.deals] == ["1234.56 EUR", "200.00 EUR"]
    people = {one.source_id: one.person for _, one in found.leads}
    assert people["pipedrive:81"] == people["pipedrive:84"] != people["pipedrive:83"]


def test_a_status_that_is_in_no_list_is_told_and_open() -> None:
    found = facts(b"Deal - ID,Deal - Status,Deal - Deal created\n1,Frozen,2026-01-01\n")
    assert found.deals == ()
    assert found.notes == ("statuses that are in no list, taken as open: 'Frozen' (1)",)


def test_a_deal_won_on_no_day_is_refused_and_one_lost_on_none_is_open() -> None:
    header = b"Deal - ID,Deal - Status,Deal - Deal created,Deal - Won time,Deal - Lost time\n"
    with pytest.raises(BadInput, match="won is empty"):
        facts(header + b"1,Won,2026-01-01,,\n")
    found = facts(header + b"1,Lost,2026-01-01,,\n")
    assert found.lost == ()
    assert "without the day" in found.notes[0]


def test_the_stage_of_an_open_deal_has_its_day_and_of_an_offer_its_amount() -> None:
    header = "Deal - ID,Deal - Status,Deal - Stage,Deal - Value,Deal - Deal created,Deal - Last stage change\n"
    rows = "1,Open,Proposal Made,900,2026-01-01,2026-01-09\n2,Open,My own step,900,2026-01-01,2026-01-09\n"
    found = facts((header + rows + "3,Open,Proposal Made,900,2026-01-01,\n").encode())
    assert [(line, name, one.stage, str(one.amount)) for line, name, one in found.reached] == [
        (2, "pipedrive:1", Stage.OFFERED, "900 EUR")
    ]  # fmt: skip
