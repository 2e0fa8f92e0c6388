"""Exports of networks and web analytics, brought in: whole, once, joined to our links, and later ones after earlier."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crosspost.commands.imported import Imported
from crosspost.commands.importing import Asked, import_files
from crosspost.imports.read import parse
from crosspost.store import links
from crosspost.store.database import Database
from crosspost.store.posts import posts, readings
from crosspost.store.store import Store
from crosspost.store.tallies import tallies
from tests.blank import ACCOUNT, BRAND, settled
from tests.home import Home
from tests.imports.reading import FIXTURES
from tests.imports.told import EXPORTS
from tests.rules import SHARED

NOW = datetime(2026, 8, 10, 9, tzinfo=UTC)
SAID = ("--since", "2026-07-01", "--until", "2026-08-01")
# In the archive already, where it is tested that a member is found by what it is.
APART = ("linkedin_shares_en.csv", "linkedin_connections_en.csv")


@pytest.fixture
def store(sqlite_database: Database) -> Store:
    return settled(sqlite_database)


def brought(store: Store, *files: Path, now: datetime = NOW) -> list[Imported]:
    """As the command does, but read in this process: what a child adds is tested with the reading of files."""
    brand = next(one for one in store.brands() if one.id == BRAND)
    asked = Asked(since=date(2026, 7, 1), until=date(2026, 8, 1))
    return import_files(
        store, brand, files, now, asked=asked, read=lambda path: parse(path.read_bytes(), str(path))
    )  # fmt: skip


def stored(store: Store) -> str:
    """Everything there is, as text."""
    with closing(sqlite3.connect(str(store.database.url.database))) as connection:
        return "\n".join(connection.iterdump())


def kept(store: Store) -> list[int]:
    """How many posts, readings and tallies there are."""
    return [stored(store).count(f'INSERT INTO "{table}"') for table in ("post", "reading", "tally")]


@pytest.mark.parametrize(("language", "expected"), [("en", [16, 183, 88]), ("fr", [7, 61, 25])])
def test_every_export_of_a_language_is_brought_in_at_once_and_once(
    language: str, expected: list[int], store: Store
) -> None:
    files = [FIXTURES / name for name in sorted(EXPORTS) if f"_{language}." in name and name not in APART]
    found = brought(store, *files)
    assert {Path(one.file).name: one.refused for one in found if one.refused} == {}
    assert {Path(one.file).name for one in found if not one.added} == set()
    assert kept(store) == expected
    again = brought(store, *files)
    assert [one.added for one in again] == [0] * len(files)
    assert kept(store) == expected


def test_posts_and_visits_are_joined_to_our_links_by_their_code(store: Store) -> None:
    with store.write(BRAND) as scope:
        links.add(scope, "k7m2p9qrst", "https://sorbier.example/banc", NOW, account_id=ACCOUNT)
    files = ("x_tweets_en.csv", "x_content_en.csv", "facebook_posts_en.csv", "ga4_en.csv")
    brought(store, *(FIXTURES / name for name in files))
    with store.read(BRAND) as scope:
        found = posts(scope)
        assert {one.network: one.code for one in found if one.code} == {"x": "k7m2p9qrst", "facebook": "k7m2p9qrst"}
        assert {one.code for one in found if one.post.published_at == datetime(2026, 7, 14, 9, 30, tzinfo=UTC)} == {
            None,
        }, "what looks like a code and is none of ours joins nothing"
        visits = [one.tally for one in tallies(scope) if one.tally.metric == "visits" and one.tally.code]
    assert {(one.code, str(one.value), one.network) for one in visits} == {("k7m2p9qrst", "61.0000", "x")}


def test_a_later_export_adds_later_readings_to_the_same_posts(store: Store, tmp_path: Path) -> None:
    brought(store, FIXTURES / "x_content_en.csv", now=datetime(2026, 8, 1, tzinfo=UTC))
    later = tmp_path / "later.csv"
    later.write_text((FIXTURES / "x_content_en.csv").read_text("utf-8").replace(",812,21,", ",900,25,"), "utf-8")
    brought(store, later)
    with store.read(BRAND) as scope:
        [first, _] = posts(scope)
        told = [one.reading for one in readings(scope, ["impressions"], post_id=first.id)]
    assert [(one.value, one.read_at) for one in told] == [(812, datetime(2026, 8, 1, tzinfo=UTC)), (900, NOW)]


def test_a_post_whose_id_was_rounded_is_the_one_of_that_address(store: Store, tmp_path: Path) -> None:
    brought(store, FIXTURES / "facebook_posts_en.csv")
    rounded = tmp_path / "rounded.csv"
    text = (FIXTURES / "facebook_posts_en.csv").read_text("utf-8")
    rounded.write_text(text.replace("122158840000000101", "1.22159E+17").replace("1,532", "1,900"), "utf-8")
    brought(store, rounded)
    with store.read(BRAND) as scope:
        assert len(posts(scope)) == 2
        told = [one.reading.value for one in readings(scope, ["impressions"])]
    assert sorted(told, key=str) == [1532, 1900, 610, 610]


def test_a_file_that_is_refused_leaves_nothing_of_those_beside_it(store: Store, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text((FIXTURES / "x_overview_en.csv").read_text("utf-8").replace("2051", "-5"), "utf-8")
    good, bad = brought(store, FIXTURES / "facebook_posts_en.csv", wrong)
    assert good.refused == "not stored: another file was refused"
    assert bad.refused is not None
    assert "wrong.csv:3: impressions '-5' is no count" in bad.refused
    assert kept(store) == [0, 0, 0]


def test_the_names_in_an_archive_are_in_no_table(store: Store) -> None:
    brought(store, FIXTURES / "linkedin_archive_en.zip")
    dump = stored(store)
    assert "Atelier ouvert samedi" in dump
    for word in ("Tremblelune", "tremblelune.example", "Scierie", "Vertpré"):
        assert word not in dump


def test_the_period_of_a_series_is_that_of_its_days(store: Store) -> None:
    [found] = brought(store, FIXTURES / "x_overview_en.csv")
    assert found.period == (datetime(2026, 7, 14, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))


def test_the_program_brings_in_exports_of_every_sort_of_file(home: Home) -> None:
    files = (
        "x_tweets_en.csv", "meta_days_fr.csv", "linkedin_content_en.xls", "search_console_fr.zip", "umami_en.json",
        "goatcounter_en.csv.gz",
    )  # fmt: skip
    found = home.json("import", *(str(FIXTURES / name) for name in files), *SAID)
    assert [one["refused"] for one in found] == [None] * len(files)
    assert all(one["added"] for one in found)


@pytest.mark.shared
def test_the_real_exports_at_hand_are_read(store: Store) -> None:
    expected = {
        "ga4_traffic_acquisition_2025.csv": ("ga4", {"visits": "7262", "engaged_visits": "3001"}),
        "ga4_traffic_acquisition_2026.csv": ("ga4", {"visits": "242", "key_events": "12"}),
        "ga4_fr_semicolon_fixture.csv": ("ga4", {"visits": "2000", "key_events": "50"}),
        "goatcounter_export_v2.csv": ("goatcounter", {"pageviews": "2", "visits": "2", "events": "1"}),
        "gsc_Dates.csv": ("search-console", {"search_clicks": "60"}),
        "gsc_Pages.csv": ("search-console", {"search_clicks": "30"}),
        "gsc_Queries.csv": ("search-console", {"search_clicks": "40"}),
        "matomo_scheduled_report_excerpt.csv": ("matomo", {"visits": "5", "actions": "16"}),
        "plausible_imported_custom_events_20211230_20211231.csv": ("plausible-events", {"events": "1834"}),
        "plausible_imported_sources_20211230_20211231.csv": ("plausible-sources", {"visits": "149"}),
        "plausible_imported_visitors_20111225_20111230.csv": ("plausible-visitors", {"visits": "29"}),
        "shlink_visits.header.csv": ("shlink", {}),
        "umami_referrers.header.csv": ("umami", {}),
    }
    found = brought(store, *(SHARED / "samples" / "exports" / name for name in expected))
    for one, (kind, totals) in zip(found, expected.values(), strict=True):
        assert (one.refused, one.kind) == (None, kind)
        assert totals.items() <= one.totals.items()
