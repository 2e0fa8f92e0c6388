"""What a file holds: notes before a header, several tables, archives, workbooks with typed cells."""

from __future__ import annotations

import base64
import gzip
import io
import json
from datetime import datetime, time, timedelta

import pytest
import xlsxwriter

from crosspost.domain.errors import BadInput
from crosspost.imports.read import Contents, parse
from crosspost.imports.sheet import Sheet
from tests.imports.crafted import ods, packed

LEADS = "lead,date,channel\nA,2026-01-02,x\n"


def read(data: bytes | str) -> Contents:
    return parse(data if isinstance(data, bytes) else data.encode(), "file")


def only(data: bytes | str) -> Sheet:
    [sheet] = read(data).sheets
    return sheet


def test_lines_before_a_header_are_its_preamble() -> None:
    sheet = only('# ----\n# Account: "A", Paris\n# Start date: 20260101\n\nNotes of it\na,b\n1,2\n')
    assert sheet.header == ("a", "b")
    assert sheet.rows == ((7, ("1", "2")),)
    assert sheet.preamble == ("----", 'Account: "A", Paris', "Start date: 20260101", "Notes of it")
    assert sheet.title == "Notes of it"


def test_a_preamble_that_a_spreadsheet_padded_is_the_same() -> None:
    sheet = only("# Start date: 20260101;;;\r\n;;;\r\na;b;c;d\r\n1;;;\r\n")
    assert (sheet.preamble, sheet.header) == (("Start date: 20260101",), ("a", "b", "c", "d"))
    assert sheet.rows == ((4, ("1", "", "", "")),)


def test_tables_with_titles_in_one_file() -> None:
    found = read(
        "Visits\nvisits,actions\n5,16\n\nCampaigns\nNo data available\n\nGoals\nlabel,n,x\nA,1,2\nB,3,4\n"
    ).sheets
    assert [(one.title, one.header, len(one.rows)) for one in found] == [
        ("Visits", ("visits", "actions"), 1), ("Goals", ("label", "n", "x"), 2),
    ]  # fmt: skip
    assert found[1].rows[1] == (11, ("B", "3", "4"))
    assert found[1].preamble == ("Campaigns", "No data available", "Goals")


def test_tables_parted_by_a_blank_line_even_of_one_width() -> None:
    found = read(
        "country,users\nFrance,5\nSpain,2\n\npage,views\n/,7\n\n# Start date: 20260101\nday,users\n1,2\n"
    ).sheets
    assert [one.header for one in found] == [("country", "users"), ("page", "views"), ("day", "users")]


def test_a_blank_line_among_rows_parts_nothing() -> None:
    assert len(only(LEADS + "\nB,2026-01-03,y\n\n\n,,\nC,2026-01-04,z\n").rows) == 3


def test_delimiters_after_a_row_are_no_cells() -> None:
    assert only("a,b,c\n1,2,3,\n4,,,,\n5,6,\n").rows == ((2, ("1", "2", "3")), (3, ("4", "", "")), (4, ("5", "6", "")))
    with pytest.raises(BadInput, match="2 cells where the header has 3"):
        only("a,b,c\n1,2,3\n4,5\n")


def test_a_column_that_begins_with_a_hash_is_no_note() -> None:
    sheet = only("#,question\n1,a\n#tag,b\n")
    assert (sheet.header, len(sheet.rows)) == (("#", "question"), 2)


def test_a_quoted_cell_keeps_its_lines_and_rows_their_first_one() -> None:
    sheet = only('a,b\n"one\ntwo","x"\n3,4\n')
    assert sheet.rows == ((2, ("one\ntwo", "x")), (4, ("3", "4")))


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_even_rows(mark: str) -> None:
    other = ";" if mark == "," else ","
    sheet = only(
        mark.join(("name", f"amount{other} net")) + "".join(f"\n{mark.join((f'a{other}b{other}c', f'1{other}5'))}" * 3)
    )
    assert len(sheet.header) == 2
    assert sheet.rows[0][1] == (f"a{other}b{other}c", f"1{other}5")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = "Requête;Clics\nété à la plage, près de Nîmes;5\n" * 3
    sheet = only(text.encode(encoding))
    assert sheet.header == ("Requête", "Clics")
    assert sheet.rows[0][1][0] == "été à la plage, près de Nîmes"


@pytest.mark.parametrize("text", [
    "a;b\né;1\n", "Clé;Créé le\n1;2026-01-02\n", "Réseaux sociaux;5\n", "mañana;niño\nseñor;1\n", "à;b\n1;2\n",
    "lead;canal\nA;bouche à oreille\n", "Nom;Téléphone\nIrène;06\nJérôme;08\n", "CRÉÉ;ÉTÉ\n1;2\n",
])  # fmt: skip
def test_a_few_accents_are_read_in_windows_1252_and_misread_in_nothing_else(text: str) -> None:
    assert ";".join(only(text.encode("cp1252")).header) == text.split("\n")[0]
    for other in ("mac_roman", "cp850"):
        with pytest.raises(BadInput, match="can be told for sure"):
            read(text.encode(other))


def test_amounts_of_windows_1252() -> None:
    assert only("Prix\xa0;x\n1\xa0200,50\xa0€;£5\n".encode("cp1252")).rows[0][1][0] == "1\xa0200,50\xa0€"


def test_a_table_with_accents_and_euros_is_windows_1252_for_in_no_other_encoding_it_is_words() -> None:
    text = "N° client;Créé le;Origine;Montant;Signé le\n17;;;1 200,00 €;\n18;;bouche à oreille;;\n"
    assert ";".join(only(text.encode("cp1252")).header) == text.split("\n")[0]


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_another_encoding_is_refused_and_not_misread(encoding: str) -> None:
    with pytest.raises(BadInput, match="in no encoding that can be told for sure"):
        read("Requête;Clics\nété à la plage, près de Nîmes où l'été est déjà là;5\n".encode(encoding) * 3)


def test_a_zip_is_each_of_its_tables_and_says_what_it_left() -> None:
    found = read(packed({
        "export/leads.csv": LEADS, "Requêtes.csv": LEADS, "readme.txt": "Dear,\na, b\n", "__MACOSX/._leads.csv": "x",
        "empty.csv": "",
        "../../etc/passwd.csv": LEADS,
    }))  # fmt: skip
    assert [one.part for one in found.sheets] == ["export/leads.csv", "Requêtes.csv", "../../etc/passwd.csv"]
    assert found.skipped == ("readme.txt",)
    assert found.sheets[0].place == "file (export/leads.csv)"
    assert found.sheets[0].names == ("leads.csv", "file")


def test_gzip_and_a_zip_within_json() -> None:
    assert only(gzip.compress(LEADS.encode())).rows[0] == (2, ("A", "2026-01-02", "x"))
    assert only(gzip.compress(b"lead,date") + gzip.compress(b",channel\nA,B,C\n")).header == ("lead", "date", "channel")
    wrapped = json.dumps({"data": base64.b64encode(packed({"referrers.csv": "x,y\nx.example,3\n"})).decode()})
    assert only(wrapped).part == "referrers.csv"


def book(**sheets: list[list[object]]) -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as made:
        forms = {datetime: "dd/mm/yyyy hh:mm", time: "hh:mm:ss", timedelta: "[h]:mm:ss"}
        styles = {kind: made.add_format({"num_format": form}) for kind, form in forms.items()}
        for name, lines in sheets.items():
            page = made.add_worksheet(name)
            for at, line in enumerate(lines):
                for column, cell in enumerate(line):
                    page.write(at, column, cell, styles.get(type(cell)))
    return held.getvalue()


def test_typed_cells_become_text_that_has_one_meaning() -> None:
    sheet = only(book(Leads=[
        ["a", "b", "c", "d", "e", "f"],
        [datetime(2026, 4, 3), datetime(2026, 4, 3, 14, 30, 15), 1234.5, 90071992547409, True, timedelta(hours=30)],
        [time(9, 5), 0.1, 1e-7, "03/04/2026", None, -2],
    ]))  # fmt: skip
    assert sheet.rows == (
        (2, ("2026-04-03", "2026-04-03 14:30:15", "1234.5", "90071992547409", "true", "30:00:00")),
        (3, ("09:05:00", "0.1", "1e-07", "03/04/2026", "", "-2")),
    )


def test_rows_of_a_workbook_have_the_numbers_people_see() -> None:
    first, second = read(book(
        Notes=[["All of last month"], [], [None, None], [None, "lead", "date"], [], [None, "A", "x"], [None, "B"]],
        Other=[["c", "d"], [1, 2]], Empty=[],
    )).sheets  # fmt: skip
    assert (first.part, first.title) == ("Notes", "All of last month")
    assert first.header[-2:] == ("lead", "date")
    assert [line for line, _ in first.rows] == [6, 7]
    assert first.rows[1][1][-2:] == ("B", "")
    assert (second.part, second.header) == ("Other", ("c", "d"))


def test_tables_side_by_side_are_two() -> None:
    left, right = read(book(Top=[
        ["Url", "Date", "Engagements", None, "Url", "Date", "Impressions"],
        ["a", "2026-01-02", 5, None, "b", "2026-01-03", 9], [None, None, None, None, "c", "2026-01-04", 8],
    ])).sheets  # fmt: skip
    assert (left.header, len(left.rows)) == (("Url", "Date", "Engagements"), 1)
    assert (right.header, right.rows[1]) == (("Url", "Date", "Impressions"), (3, ("c", "2026-01-04", "8")))


def test_a_cell_beyond_the_header_is_not_lost_in_silence() -> None:
    with pytest.raises(BadInput, match=r"\(S\):2: a cell stands to the right"):
        read(book(S=[["a", "b"], [1, 2, "paid late"]]))


def test_an_ods_is_read_too() -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    row = "<table:table-row>{}</table:table-row>"
    lines = (("lead", "date"), ("A", "x"))
    file = ods("".join(row.format("".join(cell.format(one) for one in line)) for line in lines))
    for sheet in (only(file), only(packed({"in/leads.ods": file}))):
        assert (sheet.header, sheet.rows) == (("lead", "date"), ((2, ("A", "x")),))


def test_a_workbook_in_a_zip() -> None:
    sheet = only(packed({"export/leads.xlsx": book(Leads=[["a", "b"], [1, 2]])}))
    assert (sheet.part, sheet.rows) == ("export/leads.xlsx, Leads", ((2, ("1", "2")),))
    assert sheet.names[0] == "leads.xlsx, Leads"
