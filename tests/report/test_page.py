"""The page in a real browser: accessible in every language, on a desk, a phone and paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from crosspost.audit.executive import executive
from crosspost.report import html, pdf
from crosspost.report.charts import prepare
from crosspost.report.language.words import languages, words
from crosspost.report.tables import CellView, ColumnView, Tables, TableView
from crosspost.report.text import Drawable
from crosspost.report.view import page
from tests.audit.test_executive import clients
from tests.audit.test_executive import told as audited
from tests.audit.test_experiment_section import ran
from tests.report import made
from tests.report.test_write import HEAD, elements, flat, squeezed

PICTURE = (
    b'<svg width="485pt" height="300pt" viewBox="0 0 485 300" xmlns="http://www.w3.org/2000/svg">'
    b'<rect width="485" height="300" fill="#93a9ba"/></svg>'
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By language: a page under a letterhead, its PDF beside it. One picture stands for all: drawing takes long."""
    folder = tmp_path_factory.mktemp("pages")
    for language in languages():
        say, fit = words(language), Drawable()
        content = page(made.simulated(), prepare(made.simulated(), say), say, HEAD)
        pictures = {chart.name: html.Picture(PICTURE, PICTURE) for chart in (*content.charts, *content.further)}
        (folder / f"{language}.html").write_bytes(html.render(content, pictures, say))
        (folder / f"{language}.pdf").write_bytes(pdf.render(content, pictures, say, fit))
    return {language: folder / f"{language}.html" for language in languages()}


@pytest.mark.chromium
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(browser: Any, pages: dict[str, Path], language: str, width: int) -> None:
    """WCAG 2.1 A and AA, and axe's own best practices."""
    from axe_playwright_python.sync_playwright import Axe

    opened = browser.new_page(viewport={"width": width, "height": 900})
    opened.goto(pages[language].as_uri())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
    found = Axe().run(opened, options={"runOnly": {"type": "tag", "values": tags}}).response
    opened.close()
    assert len(found["passes"]) > 15
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []


@pytest.mark.chromium
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(browser: Any, pages: dict[str, Path], language: str, width: int) -> None:
    opened = browser.new_page(viewport={"width": width, "height": 900})
    opened.goto(pages[language].as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.evaluate("[...document.images].every(one => one.complete && one.naturalWidth > 0)")
    assert (
        opened.evaluate("document.fonts.ready.then(() => [...document.fonts].map(one => one.status))") == ["loaded"] * 2
    )
    opened.close()


@pytest.mark.chromium
def test_printed_it_is_as_short_as_the_pdf(browser: Any, pages: dict[str, Path], tmp_path: Path) -> None:
    opened = browser.new_page()
    opened.goto(pages["en"].as_uri())
    opened.pdf(path=str(tmp_path / "printed.pdf"), prefer_css_page_size=True, print_background=True)
    opened.close()
    printed = PdfReader(tmp_path / "printed.pdf").pages
    assert len(printed) <= 13
    first = printed[0].extract_text()
    assert "What would settle the open question?" in first
    assert "The pictures" not in first


@pytest.mark.parametrize("language", languages())
def test_the_pdf_is_tagged_in_its_language(pages: dict[str, Path], language: str) -> None:
    reader = PdfReader(pages[language].with_suffix(".pdf"))
    say = words(language)
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert b"<pdfuaid:part>1" in root["/Metadata"].get_data()
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == (
        say("page.title", brand=made.BRAND.name), HEAD.name,
    )  # fmt: skip
    shown: Any = reader.pages
    fonts = {str(font["/BaseFont"])[8:] for one in shown for font in one["/Resources"]["/Font"].values()}
    assert {name.partition("-")[0] for name in fonts} <= {"SourceSans3", "NotoEmoji", "DejaVuSans"}
    assert {"SourceSans3-Regular", "SourceSans3-Bold"} <= fonts
    for one in shown:
        for font in one["/Resources"]["/Font"].values():
            (inner,) = font["/DescendantFonts"]
            assert {"/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"]), "embedded"
    summary = executive(made.simulated())
    first = squeezed(reader.pages[0].extract_text())
    for told in (summary.headline, *(part for one in summary.answers for part in (one.question, one.word, one.text))):
        assert squeezed(say.tell(told)) in first
    titles = [str(one.title) for one in flat(reader.outline)]
    assert titles[:7] == [
        say("page.answers"), *(say.tell(one.question) for one in summary.answers), say("page.charts"),
    ]  # fmt: skip
    tags = elements(root["/StructTreeRoot"])
    figures = [tag for tag in tags if tag["/S"] == "/Figure"]
    assert len(figures) == 1 + sum(one.empty is None for one in prepare(made.simulated(), say)), "logo and pictures"
    assert all(len(str(tag.get("/Alt", ""))) > 10 for tag in figures)
    tables = [tag for tag in tags if tag["/S"] == "/Table"]
    assert tables
    assert all({"/TH", "/TD"} <= {tag["/S"] for tag in elements(one)} for one in tables)


def test_wide_tables_give_way_in_the_pdf_and_no_cell_covers_another(tmp_path: Path) -> None:
    """Nine long heads, as French has them: a page is 170 mm wide between its margins."""
    heads = ["réseau", "heures", *(f"une heure de prospection rapporte au moins {at}" for at in range(6)), "arrêter"]
    columns = tuple(ColumnView(head, number=0 < at < 8) for at, head in enumerate(heads))
    row = tuple(CellView(text) for text in ["Mastodon", *["61 251,30"] * 7, "non"])
    say, fit = words("fr"), Drawable()
    view = TableView("made", "Made", columns, (row,), (), (), "tables/made.csv")
    content = replace(page(made.nothing(), (), say), idle=(("x", "y"),), tables=Tables((view,), (), ()))
    file = tmp_path / "wide.pdf"
    file.write_bytes(pdf.render(content, {}, say, fit))
    lines: dict[int, list[tuple[float, str]]] = {}

    def seen(text: str, page: list[float], line: list[float], *_: object) -> None:
        if text.strip():
            lines.setdefault(round(page[5]), []).append((page[4] + line[4], text.strip()))

    for sheet in PdfReader(file).pages:
        sheet.extract_text(visitor_text=seen)
    line = next(line for line in lines.values() if any(text == "Mastodon" for _, text in line))
    cells = line[[text for _, text in line].index("Mastodon") :]
    assert [text for _, text in cells] == ["Mastodon", *["61 251,30"] * 7, "non"]
    starts = [x for x, _ in cells]
    assert all(after - before > 27 for before, after in pairwise(starts)), "each cell is about 28 pt wide"
    assert starts[-1] + 12 < 595 - 56, "right margin"


def test_a_figure_names_its_unit_where_the_margin_has_another() -> None:
    """A rise is held against a share of the weeks without posts, and is itself so many visits a week."""
    found = audited(clients(0, 0, 60), experiments=(replace(ran(), unblinded_at=made.START + timedelta(days=9)),))
    for language, unit, caveat in (("en", "visits a week", "Outcomes were"), ("fr", "visites par semaine", "Les rés")):
        say = words(language)
        answer = next(
            one for one in page(found, (), say).answers if dict(one.facts)[say("fact.margin")].startswith("2")
        )
        assert dict(answer.facts)[say("fact.estimate")].endswith(f" {unit}")
        assert any(one.startswith(caveat) for one in answer.caveats), answer.caveats
