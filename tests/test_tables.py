"""Tables for people: no id, instant or name is broken in two, whatever the terminal's width."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from crosspost.cli.columns import _widths, cell_length, laid
from crosspost.cli.output import emit_table

ID = "06ehj43cg017579p1njzp1e403"
DUE = "2026-03-24T09:00"
TITLE = "Ce que le bois nous apprend « vraiment » 🪵"
ADDRESS = "https://bsky.app/profile/did:plc:jttfifxaj2h2hi66p3nfdckw/post/3mhs46vogkk4o"
COLUMNS = ("id", "network", "due", "title", "where")


def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    emit_table("deliveries", COLUMNS, [(ID, "instagram", DUE, TITLE, ADDRESS), (ID, "x", DUE, None, None)])
    return capsys.readouterr().out


@pytest.mark.parametrize("width", range(40, 200, 7))
def test_what_is_copied_is_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    told = shown(capsys, monkeypatch, width)
    assert told.count(ID) == told.count(DUE) == 2
    assert "instagram" in told
    assert "—" in told


def test_a_narrow_terminal_gets_lines_with_their_names(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = shown(capsys, monkeypatch, 60)
    assert f"  id: {ID} · network: instagram\n" in told
    assert f"  where: {ADDRESS}\n" in told
    assert f"id: {ID}" not in shown(capsys, monkeypatch, 120)


WORDS = st.text("ab0-/.", min_size=1, max_size=40)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4), st.integers(60, 140))
def test_a_table_looks_as_the_usual_library_lays_it(cells: list[tuple[str, str, str]], width: int) -> None:
    names = ("name", "where it is", "")
    widths = _widths(names, cells, width)
    found = laid(names, cells, width)
    if widths is None or found is None:
        assert widths is None
        assert found is None
        return
    table, out = Table(box=SIMPLE_HEAD, pad_edge=False), io.StringIO()
    for name, cell in zip(names, widths, strict=True):
        table.add_column(name, overflow="fold", width=cell)
    for row in cells:
        table.add_row(*row)
    Console(file=out, width=width).print(table)
    expected = [line.rstrip() for line in out.getvalue().splitlines()]
    assert ["", *found[0], *found[1], ""] == expected


@pytest.mark.parametrize(("text", "cells"), [("abc", 3), ("é—", 2), ("日本語", 6), ("e\u0301", 1), ("a\u200db", 2)])
def test_cells_are_counted_as_a_terminal_takes_them(text: str, cells: int) -> None:
    assert cell_length(text) == cells
    names, lines = laid(("a", "b"), [(text, "|")], 80) or ([], [])
    assert cell_length(lines[1].partition("|")[0]) == 1 + max(cells, 1) + 3
    assert names


def test_nothing_is_bold_where_the_output_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b" not in shown(capsys, monkeypatch, 120)
