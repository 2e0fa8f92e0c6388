"""What kind a table is, under the shipped names of columns and the owner's own."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from crosspost.domain.errors import BadInput
from crosspost.imports import KINDS, kinds
from crosspost.imports.kinds import recognise
from crosspost.imports.shape import fold
from tests.imports.reading import CONTEXT, FIXTURES, facts, kind_of, read, sheets

COLUMNS = Path(kinds.__file__).parent / "columns"


@pytest.mark.parametrize("name", [
    "leads_en", "leads_fr", "deals_en", "deals_fr", "efforts_en", "efforts_fr", "followers_en", "followers_fr",
    "posts_en", "reactions_en", "interruptions_en", "interruptions_fr",
])  # fmt: skip
def test_our_own_tables_are_known_in_both_languages(name: str) -> None:
    [sheet] = sheets(f"{name}.csv")
    assert kind_of(sheet) == name.partition("_")[0]


def test_both_languages_say_the_same() -> None:
    english, french = facts("leads_en.csv"), facts("leads_fr.csv")
    assert len(english.leads) == len(french.leads) == 4
    for (_, one), (_, other) in zip(english.leads, french.leads, strict=True):
        assert one.contacted_at.date() == other.contacted_at.date()
        assert one.told_channel == other.told_channel
    assert [(one.won_at, one.amount) for _, one in english.deals] == [
        (one.won_at, one.amount) for _, one in french.deals
    ]
    assert [one.hours for _, one, _ in facts("efforts_en.csv").efforts] == [
        one.hours for _, one, _ in facts("efforts_fr.csv").efforts
    ]
    assert [one.days for _, one, _ in facts("efforts_fr.csv").efforts] == [31, 28, 31]
    stopped, same = (facts(f"interruptions_{language}.csv").interruptions for language in ("en", "fr"))
    assert stopped == same
    assert [one.moved_to for _, one in stopped] == ["mastodon", None]
    counts = facts("followers_fr.csv", network="linkedin").followers
    assert [(line, one.value) for line, _, one in counts] == [(2, 1204.0), (3, 1250.0), (4, 998.0)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_where_its_columns_were_read(kind: str) -> None:
    said = tomllib.loads((COLUMNS / f"{kind}.toml").read_text("utf-8"))
    assert said["source"]
    assert said["read_on"].year >= 2026
    assert set(said["required"]) <= set(said["en"])
    for language in ("en", "fr"):
        for field, headers in said.get(language, {}).items():
            assert all(fold(header) for header in headers), field


def test_every_list_of_columns_belongs_to_a_kind() -> None:
    assert {path.stem for path in COLUMNS.glob("*.toml")} == set(KINDS)


def own(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text(text, "utf-8")
    return folder


def test_the_owner_adds_names_of_columns(tmp_path: Path) -> None:
    [sheet] = sheets(FIXTURES / "leads_en.csv")
    renamed = replace(sheet, header=("N° de fiche", *sheet.header[1:]))
    assert recognise(renamed, kinds.kinds()) is None
    folder = own(tmp_path / "imports", "leads", '[columns]\nlead = ["n de fiche"]\n')
    found = recognise(renamed, kinds.kinds(folder))
    assert found is not None
    assert len(found.read(renamed, CONTEXT).leads) == 4


@pytest.mark.parametrize(("name", "text", "says"), [
    ("leeds", "", "a kind that is not known"), ("leads", "lead = [", "cannot be read"),
    ("leads", 'lead = ["x"]', "stands in no section"), ("leads", '[en]\nlaed = ["x"]', "no field 'laed'"),
    ("leads", '[en]\nlead = "x"', "no list of headers"), ("leads", '[en]\nlead = ["!"]', "no list of headers"),
])  # fmt: skip
def test_a_wrong_list_of_columns_is_named(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refusal:
        kinds.kinds(own(tmp_path, name, text))
    assert f"{name}.toml" in str(refusal.value.where)


def test_the_kind_with_more_required_columns_wins_and_a_tie_is_refused() -> None:
    [sheet] = sheets("leads_en.csv")
    leads = next(one for one in kinds.kinds() if one.name == "leads")
    narrow = replace(leads, name="narrow", required=frozenset({"lead"}))
    twin = replace(leads, name="twin")
    assert recognise(sheet, [narrow, leads]) is leads
    with pytest.raises(BadInput, match="could be leads or twin"):
        recognise(sheet, [leads, twin])


def test_a_kind_known_by_its_name_needs_that_name() -> None:
    [sheet] = sheets("followers_en.csv")
    kind = replace(next(one for one in kinds.kinds() if one.name == "followers"), files=("*followers*",))
    assert recognise(sheet, [kind]) is kind
    assert recognise(replace(sheet, path="x/other.csv"), [kind]) is None
    assert recognise(replace(sheet, path="x.zip", part="data/My Followers (1).csv"), [kind]) is kind


def test_a_star_in_a_name_stands_for_any_words() -> None:
    [sheet] = sheets("followers_en.csv")
    kind = next(one for one in kinds.kinds() if one.name == "followers")
    starred = replace(kind, columns={**kind.columns, "followers": ("* total",)})
    assert starred.matched(sheet.header) == {"month": 0, "followers": 1}


def test_a_table_that_nearly_fits_is_told_what_it_lacks() -> None:
    [sheet] = sheets("leads_en.csv")
    with pytest.raises(BadInput, match="looks like leads without the column channel"):
        read(replace(sheet, header=("lead", "date", "chanel", *"1234567")))


def test_cells_of_columns_we_do_not_know_can_be_had() -> None:
    [sheet] = sheets("deals_en.csv")
    seen: list[tuple[str, str]] = []
    kind = next(one for one in kinds.kinds() if one.name == "deals")

    def parse(_: object, rows: object, __: object) -> object:
        for row in rows:  # type: ignore[attr-defined]
            seen.extend(row.others())
        return None

    replace(kind, parse=parse).read(  # type: ignore[arg-type]
        replace(sheet, header=("lead", "deal", "won", "code (metadata)", "!")), CONTEXT
    )
    assert seen[0] == ("code (metadata)", "2400.00")


def test_a_known_code_is_found_and_a_strangers_word_is_not() -> None:
    context = replace(CONTEXT, codes=frozenset({"k7m2p9qrst"}))
    assert context.code(content="K7M2P9QRST") == "k7m2p9qrst"
    assert context.code(campaign="spring-sale-k7m2p9qrst") == "k7m2p9qrst"
    assert context.code(page="/article?utm_content=k7m2p9qrst&x=1") == "k7m2p9qrst"
    assert context.code(content="summerday") is None
    assert context.code(content="summerday", campaign="x-k7m2p9qrst") == "k7m2p9qrst"
    assert context.code() is None


def test_headers_are_one_whatever_their_accents_marks_and_capitals() -> None:
    for other in ("Taux d'engagement", "taux d\u2019engagement", "TAUX D ENGAGEMENT", "Taux\u00a0d_engagement"):
        assert fold(other) == "taux d engagement"
    assert fold("Créé le") == fold("cree_le") == "cree le"
    assert fold("—") == fold("日付") == ""
