"""The page in a real browser: accessible in every language, on a desk, a phone and paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crosspost.report.language.words import languages
from crosspost.report.letterhead import Block, Letterhead, Run
from crosspost.report.write import write
from tests.report import made

LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="#7a1f5c"/></svg>'
)
HEAD = Letterhead(
    "Cabinet Martin", LOGO, "svg", "#7a1f5c", (Block(False, ((Run("Bonjour"), Run("Léa", True, True)),)),)
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By language: a report under a letterhead."""
    folder = tmp_path_factory.mktemp("pages") / "report"
    files = write(made.simulated(), folder, languages=languages(), letterhead=HEAD).files
    return dict(zip(languages(), [file for file in files if file.suffix == ".html"], strict=True))


@pytest.mark.chromium
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(browser: Any, pages: dict[str, Path], language: str, width: int) -> None:
    """WCAG 2.1 A and AA, and axe's own best practices."""
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(pages[language].as_uri())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}}).response
    page.close()
    assert len(found["passes"]) > 15
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []


@pytest.mark.chromium
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(browser: Any, pages: dict[str, Path], language: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(pages[language].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.images].every(one => one.complete && one.naturalWidth > 0)")
    assert (
        page.evaluate("document.fonts.ready.then(() => [...document.fonts].map(one => one.status))") == ["loaded"] * 2
    )
    page.close()


@pytest.mark.chromium
def test_printed_it_is_as_short_as_the_pdf(browser: Any, pages: dict[str, Path], tmp_path: Path) -> None:
    from pypdf import PdfReader

    page = browser.new_page()
    page.goto(pages["en"].as_uri())
    page.pdf(path=str(tmp_path / "printed.pdf"), prefer_css_page_size=True, print_background=True)
    page.close()
    printed = PdfReader(tmp_path / "printed.pdf").pages
    assert len(printed) <= 13
    first = printed[0].extract_text()
    assert "What would settle the open question?" in first
    assert "The pictures" not in first
