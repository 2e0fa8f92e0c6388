"""Tables for people: no id, instant or name is broken in two, whatever the terminal's width."""

from __future__ import annotations

import pytest

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
