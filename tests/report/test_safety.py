"""Outside text stays text in every sink: HTML, SVG, Typst, CSV, file names, JSON."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import matplotlib as mpl
import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from crosspost.audit.ledger import LeadRow, Ledger
from crosspost.audit.results import Audit, table
from crosspost.audit.run import audit
from crosspost.domain.errors import BadInput
from crosspost.report import shapes, sheets, style
from crosspost.report.language.words import words
from crosspost.report.letterhead import Block, Letterhead, Run
from crosspost.report.records import BarRow, Bars
from crosspost.report.text import BOX, Drawable, clean
from crosspost.report.write import Written, write
from tests.report import made
from tests.report.hostile import TEXTS

SAY = words("en")
COLUMNS = (("channel", "", ""), ("note", "", ""))


def hostile() -> Audit:
    """The texts as warnings, notes, caveats and table cells; a few as brand and channels too."""
    leads = tuple(
        LeadRow(f"lead {index}", made.START, channel=text, told_channel=text, won_at=made.START)
        for index, text in enumerate(TEXTS[:60])
    )
    brand = replace(made.BRAND, name="".join(TEXTS[:3]) + TEXTS[63])
    found = audit(Ledger(brand, made.PERIOD, leads, made.posts()), made_at=made.MADE_AT)
    cells = table("cells", TEXTS[0], COLUMNS, list(zip(TEXTS, reversed(TEXTS), strict=True)), TEXTS[1])
    first = replace(found.findings[0], caveats=TEXTS)
    return replace(
        found, findings=(first, *found.findings[1:]), tables=(*found.tables, cells), warnings=TEXTS, sandbox=TEXTS[2]
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Under the letterhead of somebody hostile."""
    runs = tuple((Run(text),) for text in TEXTS[:20])
    head = Letterhead(TEXTS[1], introduction=(Block(False, runs[:1]), Block(True, runs[1:])))
    return write(hostile(), tmp_path_factory.mktemp("hostile") / "report", letterhead=head)


def test_there_are_more_than_two_hundred_of_them() -> None:
    assert len(set(TEXTS)) == len(TEXTS) > 250


def test_html_shows_them_and_runs_none(written: Written) -> None:
    page = BeautifulSoup((written.folder / "report.html").read_text("utf-8"), "html.parser")
    known = (
        "html head meta title style body a aside p strong header h1 h2 h3 h4 main section article span dl div dt dd "
        "nav figure picture source img figcaption table caption thead tbody tr th td sup ul li em footer"
    )
    attributes = (
        "lang charset name content http-equiv class href role aria-label aria-labelledby id media srcset src alt "
        "tabindex scope"
    )
    assert {tag.name for tag in page.find_all()} <= set(known.split())
    assert {name for tag in page.find_all() for name in tag.attrs} <= set(attributes.split())
    shown = [item.get_text() for item in page.find_all("li")]
    for text in TEXTS:
        assert clean(text) in shown
    assert page.title is not None
    assert page.title.get_text().startswith("Does visibility bring clients? <script>alert(1)</script></title>")


@pytest.mark.chromium
def test_none_runs_in_a_real_browser(written: Written, browser: Any) -> None:
    page = browser.new_page()
    ran: list[str] = []

    def opened(dialog: Any) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", opened)
    page.on("console", lambda message: ran.append(message.text))
    page.on("pageerror", lambda error: ran.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith("data:") else ran.append(request.url))
    at = (written.folder / "report.html").as_uri()
    page.goto(at)
    page.evaluate("document.querySelectorAll('*').forEach(one => one.dispatchEvent(new MouseEvent('mouseover')))")
    foreign = "script, iframe, object, embed, link, base, form, svg, math, video, details, template, textarea"
    assert page.evaluate(f"document.querySelectorAll('{foreign}').length") == 0
    names = page.evaluate("[...document.querySelectorAll('*')].flatMap(one => one.getAttributeNames())")
    assert [name for name in set(names) if name.startswith("on") or name == "style"] == []
    links = page.evaluate("[...document.links].map(one => one.getAttribute('href'))")
    assert [link for link in links if not link.startswith("#")] == []
    assert ran == [at]
    page.close()


def test_the_pdf_has_no_action_and_no_link_outside(written: Written) -> None:
    reader = PdfReader(written.folder / "report.pdf")
    root: Any = reader.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert "/JavaScript" not in root.get("/Names", {})
    for one in reader.pages:
        actions = [note.get_object().get("/A", {}) for note in one.get("/Annots", [])]
        assert [action for action in actions if "/URI" in action or "/JS" in action] == []


def test_parquet_holds_them_as_text(written: Written) -> None:
    with duckdb.connect() as connection:
        file = str(written.folder / "tables" / "cells.parquet")
        found = connection.execute("SELECT channel, note FROM read_parquet(?)", [file]).fetchall()
    assert len(found) == len(TEXTS)
    whole = [at for at, text in enumerate(TEXTS) if not any("\ud800" <= char <= "\udfff" for char in text)]
    assert [found[at][0] for at in whole] == [TEXTS[at] for at in whole]


def test_files_are_named_by_the_product_alone(written: Written) -> None:
    names = {str(file.relative_to(written.folder)) for file in written.folder.rglob("*") if file.is_file()}
    assert all(
        re.fullmatch(r"(charts/|tables/)?[a-z0-9_]+\.(html|pdf|json|svg|png|csv|parquet|txt)", name) for name in names
    )


def test_the_pdf_is_made_though_some_have_no_glyph(written: Written) -> None:
    text = "".join(page.extract_text() for page in PdfReader(written.folder / "report.pdf").pages)
    assert "#read(" in text
    assert "root:" not in text
    assert "{{ 7*7 }}" in text
    assert any(name.startswith("U+65E5") for name in written.replaced)
    assert "U+65E5" in text


def test_svg_files_hold_them_as_drawing_only() -> None:
    fit = Drawable()
    for start in range(0, len(TEXTS), 50):
        texts = TEXTS[start : start + 50]
        rows = tuple(BarRow(label=text, text=text, value=0.5, low=0.4, high=0.6) for text in texts)
        data = Bars(
            name="x", section=texts[0], title=texts[1], subtitle=texts[2], caption="", alt="", foot=texts[3], rows=rows,
            axis=texts[4], left_out=tuple(zip(texts, texts, strict=True)), key=(("network", texts[5]),),
        )  # fmt: skip
        for wide in (True, False):
            content = style.svg(shapes.draw(data, SAY, wide=wide, fit=fit), clean(texts[1]))
            root = ElementTree.fromstring(content)
            names = {element.tag.rpartition("}")[2] for element in root.iter()}
            assert not names & {"script", "image", "foreignObject", "a", "text", "animate", "set"}
            assert not [name for element in root.iter() for name in element.attrib if name.lower().startswith("on")]


def test_text_in_charts_stays_inside_the_sheet() -> None:
    """A label that is too long is cut or wrapped, never drawn over the edge."""
    rows = tuple(BarRow(label=text, text="1", value=0.5) for text in TEXTS if len(text) > 100)
    data = Bars(
        name="x",
        section="",
        title="long " * 60,
        subtitle="y" * 400,
        caption="",
        alt="",
        foot="z" * 300,
        rows=rows,
        axis="",
    )
    for wide in (True, False):
        figure = shapes.draw(data, SAY, wide=wide, fit=Drawable())
        page = figure.bbox.width
        for text in figure.texts:
            with mpl.rc_context(style.RC):
                box = text.get_window_extent()
            assert box.x0 >= 0
            assert box.x1 <= page, text.get_text()[:40]


def _cells(raw: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(raw.decode("utf-8-sig"), newline="")))


def test_csv_cells_are_never_formulas(written: Written) -> None:
    rows = _cells((written.folder / "tables" / "cells.csv").read_bytes())
    assert len(rows) == len(TEXTS) + 1
    for text, (cell, _, missing) in zip(TEXTS, rows[1:], strict=True):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
        assert cell.removeprefix("'") == clean(text) or cell == clean(text)
        assert missing == ""
    for file in (written.folder / "tables").glob("*.csv"):
        for row in _cells(file.read_bytes())[1:]:
            for cell in row:
                numeric = cell.replace(".", "", 1).replace("e-", "", 1).lstrip("-").isdigit()
                assert numeric or not cell.startswith(("=", "+", "-", "@")), (file.name, cell)


@pytest.mark.parametrize("start", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "\ufeff=1", "\u200b=1"])
def test_each_start_of_a_formula_is_disarmed(start: str) -> None:
    rows = _cells(sheets.render(table("t", "", COLUMNS, [(start, "fine")])))
    assert rows[1][0].startswith("'")
    assert rows[1][1] == "fine"


def test_negative_numbers_stay_numbers() -> None:
    rows = _cells(sheets.render(table("t", "", (("n", "", ""),), [(-1.5,), (-2,)])))
    assert [row[0] for row in rows[1:]] == ["-1.5", "-2"]


def test_json_holds_them_exactly(written: Written) -> None:
    raw = (written.folder / "audit.json").read_bytes()
    assert json.loads(raw.decode("utf-8"))["warnings"] == list(TEXTS)


@pytest.mark.parametrize("name", ["../x", "a/b", "", "a.b", "A", "x\x00", ".", "con:"])
def test_a_table_cannot_choose_a_path(name: str, tmp_path: Path) -> None:
    bad = replace(made.posts_only(), tables=(*made.posts_only().tables, table(name, "t", COLUMNS, [])))
    with pytest.raises(ValueError, match="is no name of a file"):
        write(bad, tmp_path / "report")
    assert list(tmp_path.rglob("*")) == []


def test_every_text_becomes_drawable() -> None:
    fit = Drawable()
    for text in TEXTS:
        shown = fit(text)
        assert shown == fit(shown)
        assert "\n" not in shown
        assert not any("\ud800" <= char <= "\udfff" for char in shown)
    assert fit("Léa « à » l’œuvre — 10\u00a0%") == "Léa « à » l’œuvre — 10\u00a0%"
    assert fit("日") == BOX


@pytest.mark.parametrize("language", ["../../x", "", "EN", "{{ x }}"])
def test_a_language_is_no_path(language: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        write(made.posts_only(), tmp_path / "report", languages=(language,))


def test_clean_is_settled_after_once() -> None:
    twice: Callable[[str], str] = lambda text: clean(clean(text))  # noqa: E731
    assert [text for text in TEXTS if clean(text) != twice(text)] == []
