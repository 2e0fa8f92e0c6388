"""Every export of CRMs, payments, bookings and forms is known by its header, and as one kind only."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosspost.imports.kinds import kinds
from tests.imports.reading import FIXTURES, facts, kind_of, sheets
from tests.rules import SHARED

SOURCES = ("hubspot", "pipedrive", "stripe", "calendly", "tally", "typeform")
OURS = sorted(one.name for one in FIXTURES.glob("*_*.*") if one.name.startswith(SOURCES))
SAMPLES = {
    "hubspot_contacts_synthetic.csv": ("hubspot-contacts", 15),
    "hubspot_deals.header.csv": ("hubspot-deals", 0),
    "pipedrive_deals.header.csv": ("pipedrive-deals", 0),
    "stripe_payments_older.header.csv": ("stripe-payments", 0),
    "stripe_unified_payments_sanitised.csv": ("stripe-payments", 1),
    "stripe_customers.header.csv": ("stripe-customers", 0),
    "calendly_events.header.csv": ("calendly-events", 0),
    "tally_submissions.header.csv": ("tally-submissions", 0),
}


def test_every_kind_has_a_file() -> None:
    assert {one.partition("_")[0] for one in OURS} == {one.name for one in kinds() if one.name.startswith(SOURCES)}


@pytest.mark.parametrize("name", OURS)
def test_a_file_is_its_kind_and_no_other(name: str) -> None:
    [sheet] = sheets(name)
    assert [kind.name for kind in kinds() if kind.fits(sheet)] == [name.partition("_")[0]]


@pytest.mark.parametrize("name", OURS)
def test_a_header_alone_is_a_file_of_no_rows(name: str) -> None:
    header = (FIXTURES / name).read_bytes().splitlines(keepends=True)[0]
    found = facts(header)
    assert (found.leads, found.deals, found.opportunities, found.buyers, found.notes) == ((), (), (), (), ())


@pytest.mark.parametrize("name", OURS)
def test_a_typographic_apostrophe_and_capitals_change_nothing(name: str) -> None:
    first, rest = (FIXTURES / name).read_text("utf-8-sig").split("\n", 1)
    changed = f"{first.replace(chr(39), chr(0x2019)).upper()}\n{rest}"
    assert facts(changed.encode()) == facts(name)


@pytest.mark.shared
@pytest.mark.parametrize("name", SAMPLES)
def test_real_samples_are_known(name: str) -> None:
    [sheet] = sheets(Path(SHARED) / "samples" / "exports" / name)
    assert (kind_of(sheet), len(sheet.rows)) == SAMPLES[name]


@pytest.mark.shared
def test_what_the_samples_say() -> None:
    folder = Path(SHARED) / "samples" / "exports"
    contacts = facts(folder / "hubspot_contacts_synthetic.csv")
    channels = {one.source_id: one.channel for _, one in contacts.leads}
    assert len(channels) == 15
    assert channels["hubspot:100234829"] is None  # a note about LinkedIn is no record of it
    assert channels["hubspot:100234830"] == "social"
    assert len({one.person for _, one in contacts.leads}) == 14
    assert {one.contacted_at.year for _, one in contacts.leads} == {2025, 2026}
    [(_, paid)] = facts(folder / "stripe_unified_payments_sanitised.csv").deals
    assert str(paid.amount) == "15.00 USD"
