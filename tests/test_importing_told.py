"""What `crosspost import` tells a person of many files: what is refused first, each note under its file."""

from __future__ import annotations

import pytest

from crosspost.cli.root import run
from tests.home import Home

LEADS = "lead,date,channel\nA,2026-01-02,linkedin\nB,2026-01-03,\n"


def lay(home: Home, **files: str) -> None:
    (home.folder / "exports").mkdir()
    for name, content in files.items():
        (home.folder / "exports" / name.replace("_", ".")).write_text(content, "utf-8")


def test_what_is_refused_stands_first_and_who_waits_is_not_called_refused(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(home, a_csv=LEADS, b_csv="lead,date,channel\nD,never,x\n", c_csv="a,b\n1,2\n", d_csv=LEADS.replace("A", "C"))
    assert run(["import", "exports"]) == 2
    told = capsys.readouterr()
    *refused, last = told.err.splitlines()
    assert ["exports/b.csv:2: " in refused[0], "exports/c.csv: " in refused[1], len(refused)] == [True, True, 2]
    assert last == "nothing was stored: 2 of 4 files refused, the others wait"
    assert "refused" not in told.out
    assert "exports/a.csv\n  leads: 2 rows, 2026-01-02 to 2026-01-03\n" in told.out
    assert [one["refused"] is not None for one in home.json_of(2, "import", "exports")] == [True] * 4


def test_each_note_stands_under_its_file(home: Home) -> None:
    lay(home, a_csv=LEADS, b_csv=LEADS.replace("A", "C").replace("B", "D"))
    home("import", "exports/b.csv")
    told = home("import", "exports", "--zone", "UTC")
    assert told.endswith(
        "\nexports/a.csv\n  leads: 2 rows, 2 new, 2026-01-02 to 2026-01-03\n"
        "\nexports/b.csv\n  leads: 2 rows, 0 new, 2026-01-02 to 2026-01-03\n"
        "  note: imported before: nothing was changed\n"
    )


def test_what_is_no_table_in_a_folder_is_left_aside_and_told(home: Home) -> None:
    lay(home, a_csv=LEADS, letter_md="Dear Sir, ...", photo_png="\x89PNG")
    aside, photo = (one for one in home.json("import", "exports") if one["kind"] is None)
    assert (aside["file"], aside["rows"], aside["refused"]) == ("exports/letter.md", 0, None)
    assert photo["notes"] == ["not read: by its name it is no table"]
    assert home.refused(2, "import", "exports/letter.md").startswith("refused: exports/letter.md: no kind of file")


def test_the_kinds_name_every_column_they_need(home: Home) -> None:
    told = " ".join(home("import", "--list-kinds").split())
    assert "pinterest-days Date, Impressions; and one of Saves, Pin clicks, Outbound clicks" in told
