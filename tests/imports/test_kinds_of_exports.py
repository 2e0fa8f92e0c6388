"""Every export is known for what it is, and for nothing else; and its columns say where they were read."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from crosspost.imports import KINDS
from crosspost.imports.kinds import kinds, recognise, unknown
from crosspost.imports.read import parse
from tests.imports import making
from tests.imports.reading import FIXTURES, sheets
from tests.imports.told import EXPORTS

OURS = sorted({kind for found in EXPORTS.values() for kind in found if kind} | {
    "pinterest-day", "search-console-compared",
})  # fmt: skip


def test_each_table_of_each_export_is_known_as_its_kind_among_all() -> None:
    among = kinds()
    found = {}
    for name in EXPORTS:
        known = [recognise(sheet, among) for sheet in sheets(name)]
        found[name] = [kind.name if kind else None for kind in known]
    assert found == EXPORTS


@pytest.mark.parametrize("kind", OURS)
def test_columns_say_where_they_were_read_and_whether_a_french_file_was_seen(kind: str) -> None:
    text = (resources.files("crosspost.imports") / "columns" / f"{kind}.toml").read_text("utf-8")
    said = tomllib.loads(text)
    assert said["source"]
    assert said["read_on"] <= date(2026, 11, 28)
    head = text.partition("required")[0].lower()
    assert "french" in head if "fr" in said else "english" in head or "no header in another language" in head
    assert set(said.get("fr", {})) <= set(said["en"]), "a French name of a field that has no English one"


@pytest.mark.parametrize("kind", [kind for kind in OURS if kind not in ("pinterest-day", "umami")])
def test_without_one_required_column_a_table_is_refused_by_name(kind: str, tmp_path: Path) -> None:
    """A header of the required columns alone is the kind; without one of them it is not."""
    mine = next(one for one in kinds() if one.name == kind)
    needed = [mine.columns[field][0].replace("*", " 28 days ") for field in sorted(mine.required)]
    more = [mine.columns[field][0] for field in sorted(mine.any_of)[:1]]
    file = tmp_path / "table.csv"
    for left_out in needed:
        header = [one for one in needed if one != left_out] + more
        file.write_text(",".join(f'"{one}"' for one in [*header, "other", "another"]) + "\n", "utf-8")
        [sheet] = sheets(file)
        assert not mine.fits(sheet), left_out


def test_a_lacking_column_is_named() -> None:
    text = (FIXTURES / "x_content_en.csv").read_text("utf-8").replace("Post Link", "Lien")
    [sheet] = parse(text.encode(), "x.csv").sheets
    assert "looks like x-content without the column Post Link" in str(unknown(sheet, kinds()))


def test_columns_nobody_knows_are_no_reason_to_refuse(tmp_path: Path) -> None:
    text = (FIXTURES / "x_overview_en.csv").read_text("utf-8").splitlines()
    wide = [f"{line},{'Grok views' if at == 0 else 3}" for at, line in enumerate(text)]
    file = tmp_path / "x.csv"
    file.write_text("\n".join(wide), "utf-8")
    kind = recognise(sheets(file)[0], kinds())
    assert kind is not None
    assert kind.name == "x-overview"


def test_the_made_fixtures_are_what_their_rows_give() -> None:
    for name, data in making.made().items():
        assert (FIXTURES / name).read_bytes() == data, f"{name}: python -m tests.imports.making"


def test_every_kind_of_network_and_analytics_has_an_export_here() -> None:
    families = ("x-", "facebook-", "instagram-", "meta-", "linkedin-", "pinterest-", "ga4", "search-", "matomo",
                "plausible-", "umami", "goatcounter", "shlink")  # fmt: skip
    assert {kind for kind in KINDS if kind.startswith(families)} == set(OURS)
