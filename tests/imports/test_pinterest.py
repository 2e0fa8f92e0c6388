"""Exports of Pinterest: the account's days and its best pins, in English and French."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copy

from crosspost.imports.shape import Facts
from tests.imports.reading import FIXTURES, kind_of, read, sheets
from tests.imports.told import days, values

DAY = datetime(2026, 7, 14, tzinfo=UTC)
JULY = {"since": date(2026, 7, 14), "until": date(2026, 7, 17)}


def table(file: Path | str, kind: str, **context: object) -> Facts:
    [found] = [read(sheet, **context) for sheet in sheets(file) if sheet.header[1] != "All" and kind_of(sheet) == kind]
    return found


def test_the_days_of_an_account_in_both_languages() -> None:
    english = days(table("pinterest_overview_en.csv", "pinterest-days"))
    assert {name: told for (name, day), told in english.items() if day == DAY} == {
        "impressions": 210, "engagements": 18, "clicks": 9, "link_clicks": 4, "bookmarks": 5,
    }  # fmt: skip
    assert english["engagements", datetime(2026, 7, 15, tzinfo=UTC)] == "blank in the file"
    [_, french, _] = sheets("pinterest_overview_fr.csv")
    assert days(read(french)) == {key: value for key, value in english.items() if key[1] == DAY}


def test_the_best_pins_got_their_number_in_the_period_of_the_files_name(tmp_path: Path) -> None:
    file = tmp_path / "Pinterest Analytics overview 20260714-20260716 (2).csv"
    copy(FIXTURES / "pinterest_overview_en.csv", file)
    found = table(file, "pinterest-pins")
    _, network, pin, readings, undated = found.posts[0]
    assert (network, pin.remote_id, pin.published_at) == ("pinterest", "1091700000000000401", None)
    assert undated == "the file gives no date of publication"
    assert pin.links == ("https://sorbier.example/banc?utm_content=k7m2p9qrst",)
    assert values(readings) == {"Outbound clicks": 4}
    assert [(one.since, one.until) for one in readings] == [(DAY, datetime(2026, 7, 17, tzinfo=UTC))]


def test_pins_of_no_known_period_are_left_out_aloud_unless_the_owner_says_it() -> None:
    found = table("pinterest_overview_en.csv", "pinterest-pins")
    assert not found.posts
    assert "say of which days they are" in found.notes[0]
    assert len(table("pinterest_overview_en.csv", "pinterest-pins", **JULY).posts) == 2


def test_boards_are_known_and_left_out_aloud() -> None:
    found = table("pinterest_overview_en.csv", "pinterest-boards")
    assert found == Facts(notes=found.notes, zoned=True)
    assert "boards were left out" in found.notes[0]


def test_a_table_of_one_number_is_pinterests_by_the_name_of_its_file_alone(tmp_path: Path) -> None:
    text = "Date,Impressions\n2026-07-14,210\n"
    file = tmp_path / "Pinterest Analytics overview 20260714-20260714.csv"
    file.write_text(text, "utf-8")
    [sheet] = sheets(file)
    assert kind_of(sheet) == "pinterest-day"
    assert days(read(sheet)) == {("impressions", DAY): 210}
