"""A table nobody knows: a mapping is drafted from it, a person corrects it, and it is imported by it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from crosspost.domain.errors import BadInput
from crosspost.imports.drafting import OWN, draft, written
from crosspost.imports.kinds import kinds
from crosspost.imports.mapping import read_mapping
from crosspost.imports.read import parse
from crosspost.imports.shape import fold
from crosspost.imports.sheet import Sheet
from tests.home import Home
from tests.imports.reading import CONTEXT

OWN_TABLE = (
    "N° de fiche;Créé le;Provenance du contact;Montant HT;Remarque\n"
    "F-001;03/04/2026;LinkedIn;1 200,50 €;rappeler\nF-002;31/03/2026;bouche à oreille;;\nF-003;01/04/2026;;;\n"
)


def table(text: str) -> Sheet:
    [sheet] = parse(text.encode(), "own.csv").sheets
    return sheet


def made(text: str) -> dict[str, str]:
    return {one.field: one.header for one in draft(table(text), kinds()).guesses if one.header}


def test_columns_are_guessed_by_name_by_likeness_and_by_what_is_in_them() -> None:
    found = draft(table(OWN_TABLE), kinds())
    assert found.kind == "leads"
    guesses = {one.field: (one.header, one.sure, one.why) for one in found.guesses if one.header}
    assert guesses["lead"] == ("N° de fiche", False, "by what is in it")
    assert guesses["contacted"] == ("Créé le", False, "by what is in it")
    assert guesses["channel"] == ("Provenance du contact", False, "its name is like one that is known")
    assert found.unused == ("Remarque",)
    assert made("Mois;Canal principal;Heures\nmars 2026;x;3,5\n") == {
        "start": "Mois", "channel": "Canal principal", "hours": "Heures",
    }  # fmt: skip


def test_a_name_that_its_contents_contradict_is_not_sure() -> None:
    found = draft(table("lead,date,channel\nA,soon,x\nB,later,y\n"), kinds())
    assert {one.field: one.sure for one in found.guesses if one.header} == {
        "lead": True, "contacted": False, "channel": True,
    }  # fmt: skip


@pytest.mark.parametrize("text", [
    "a,b\n", "a,b\n1,2\n", OWN_TABLE, "x\ty\n\t\n", '"a""b","c\\d"\n1,2\n', "é\u0301,[columns]\n1,2\n", ",b\n1,2\n",
    "2026-01-01,2026-01-02\n2026-01-03,2026-01-04\n", "lead,lead\n1,2\n", "a\u2028b,c#d\n1,2\n",
])  # fmt: skip
def test_a_draft_refuses_nothing_and_is_toml(text: str) -> None:
    sheet = table(text)
    found = draft(sheet, kinds())
    said = tomllib.loads(written(found, sheet, "own.csv"))
    assert said["kind"] in OWN
    assert {field: fold(header) for field, header in said["columns"].items()} == {
        one.field: fold(one.header) for one in found.guesses if one.header
    }


def mapping(folder: Path, text: str) -> Path:
    file = folder / "map.toml"
    file.write_text(text, "utf-8")
    return file


def test_a_mapping_gives_columns_and_values_to_fields(tmp_path: Path) -> None:
    file = mapping(tmp_path, 'kind = "leads"\n[columns]\nlead = "N° de fiche"\ncontacted = "Créé le"\n'
                             '[values]\nchannel = "event"\n')  # fmt: skip
    kind = read_mapping(file, kinds())
    sheet = table(OWN_TABLE)
    assert kind.fits(sheet)
    found = kind.read(sheet, CONTEXT).leads
    assert [(one.source_id, one.channel) for _, one in found] == [(f"F-00{at}", "event") for at in (1, 2, 3)]
    assert found[0][1].contacted_at.month == 4, "31/03/2026 shows the order of the column"


@pytest.mark.parametrize(("text", "says"), [
    ("kind = 5", "maps to no kind"), ('kind = "nope"', "maps to no kind"), ("kind = [", "cannot be read"),
    ('kind = "leads"\nzone = "x"', "'zone' means nothing"), ('kind = "leads"\ncolumns = 5', "no section"),
    ('kind = "leads"\n[columns]\nlaed = "x"', "no field 'laed'"), ('kind = "leads"\n[columns]\nlead = ""', "is empty"),
    ('kind = "leads"\n[columns]\nlead = "x"', "needs contacted"),
    ('kind = "leads"\n[columns]\nlead = "x"\n[values]\nlead = "y"', "a column and a value"),
    ('kind = "leads"\n[columns]\nlead = ["x"]', "is empty"),
])  # fmt: skip
def test_a_wrong_mapping_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refusal:
        read_mapping(mapping(tmp_path, text), kinds())
    assert refusal.value.where == str(tmp_path / "map.toml")
    with pytest.raises(BadInput, match="cannot be read"):
        read_mapping(tmp_path / "none.toml", kinds())


def test_from_an_unknown_file_to_stored_leads(home: Home) -> None:
    (home.folder / "own.csv").write_text(OWN_TABLE, "utf-8")
    assert "crosspost import draft" in home.refused(2, "import", "own.csv")
    (home.folder / "map.toml").write_text(home("import", "draft", "own.csv"), "utf-8")
    assert "leads: 3 rows" in home("import", "own.csv", "--mapping", "map.toml")
