"""What the page says, word for word, in every language.

Renew what is kept: CROSSPOST_GOLDEN=renew pytest tests/report/test_golden.py
"""

from __future__ import annotations

import os
from difflib import unified_diff
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from crosspost import __version__
from crosspost.report import html
from crosspost.report.charts import prepare
from crosspost.report.language.words import languages, words
from crosspost.report.view import page
from tests.report import made

FOLDER = Path(__file__).parent / "golden"
AUDITS = {"simulated": made.simulated, "nothing": made.nothing}


def text_of(name: str, language: str) -> str:
    """A line per text of the page, with the texts that stand for its pictures."""
    say = words(language)
    audit = AUDITS[name]()
    charts = prepare(audit, say)
    pictures = {chart.name: html.Picture(b"", b"") for chart in charts}
    shown = BeautifulSoup(html.render(page(audit, charts, say), pictures, say), "html.parser")
    for style in shown.find_all("style"):
        style.decompose()
    for image in shown.find_all("img"):
        image.replace_with(f"\n[{image['alt']}]\n")
    lines = (" ".join(line.split(" ")).strip() for line in shown.get_text("\n").split("\n"))
    return "\n".join(line for line in lines if line).replace(f"crosspost {__version__}", "crosspost") + "\n"


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", AUDITS)
def test_the_page_says_what_it_said(name: str, language: str) -> None:
    file = FOLDER / f"{name}.{language}.txt"
    found = text_of(name, language)
    if os.environ.get("CROSSPOST_GOLDEN") == "renew":
        file.write_text(found, "utf-8")
    kept = file.read_text("utf-8")
    changed = "\n".join(
        list(unified_diff(kept.splitlines(), found.splitlines(), "kept", "found", lineterm="", n=0))[:40]
    )
    assert found == kept, f"renew it if this is meant, and read what changed:\n{changed}"
