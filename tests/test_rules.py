"""The suite's own rules."""

from __future__ import annotations

from pathlib import Path

from tests.rules import LONGEST_FIRST


def test_the_files_that_go_first_are_there() -> None:
    root = Path(__file__).parents[1]
    assert [name for name in LONGEST_FIRST if not (root / name).is_file()] == []
