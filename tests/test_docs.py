"""The documents say what is there: links resolve, commands exist, and nothing of a workplace shows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from crosspost.cli.root import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "config").glob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_shown_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    shown = re.findall(r"`crosspost ([a-z]+)", text)
    for block in re.findall(r"```[a-z]*\n(.*?)```", text, flags=re.DOTALL):
        shown += re.findall(r"^crosspost ([a-z]+)", block, flags=re.MULTILINE)
    assert set(shown) <= set(COMMANDS)


def test_the_readme_shows_both_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in text
    assert "make test" in text


def test_nothing_of_a_package_index_or_a_machine_is_written_down() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    odd = re.compile(
        r"index-url|/simple/|registry *= *\{|/-/[a-z0-9.@_-]+\.tgz|(^|[^a-zA-Z0-9.])/(work|root|home)/[a-z.]"
    )
    for name in tracked:
        path = ROOT / name
        if path.suffix in {".png", ".pdf", ".jpg", ".ttf", ".woff2"} or not path.is_file() or path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1):
            assert not odd.search(line), f"{name}:{number}"
