"""One folder, all of it or none, and the same bytes for the same audit."""

from __future__ import annotations

import csv
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from crosspost.audit import run
from crosspost.audit.executive import executive
from crosspost.audit.results import Audit
from crosspost.domain.errors import BadInput
from crosspost.report import pdf, sheets
from crosspost.report.charts import prepare
from crosspost.report.language.words import words
from crosspost.report.letterhead import Block, Letterhead, Run
from crosspost.report.records import Tone
from crosspost.report.style import FILL
from crosspost.report.tables import SHOWN
from crosspost.report.write import Written, write
from tests.report import made, varied

SAY = words("en")
LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="#7a1f5c"/></svg>'
)
HEAD = Letterhead(
    "Cabinet <Martin>", LOGO, "svg", "#7a1f5c",
    (Block(False, ((Run("<b>Bonjour</b> {{ 7*7 }}"),),)), Block(True, ((Run("un", True), Run("deux", spaced=True)),))),
)  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write(made.firm(), tmp_path_factory.mktemp("firm") / "report")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Under a letterhead, which must not hide that the audience is simulated."""
    return write(made.simulated(), tmp_path_factory.mktemp("sandbox") / "report", letterhead=HEAD)


def html(written: Written) -> Any:
    """The parsed page; any tag may be missing, which fails the test that asks for it."""
    return BeautifulSoup((written.folder / "report.html").read_text("utf-8"), "html.parser")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_the_folder_holds_what_is_promised(report: Written) -> None:
    names = set(contents(report.folder))
    charts = {one.name for one in prepare(made.firm(), words("en"))}
    assert {"verdicts", "channels", "visibility", "funnel", "conversion", "hours"} <= charts
    assert names == (
        {"report.html", "report.pdf", "audit.json"}
        | {f"card.{kind}" for kind in ("png", "svg", "txt")}
        | {f"charts/{name}.{kind}" for name in charts for kind in ("svg", "png")}
        | {f"tables/{table.name}.{kind}" for table in made.firm().tables for kind in ("csv", "parquet")}
    )
    assert [file.name for file in report.files] == ["report.html", "report.pdf", "audit.json", "card.png"]
    assert all(file.is_file() for file in report.files)
    assert report.replaced == ()


def test_equal_audits_give_equal_bytes(report: Written, tmp_path: Path) -> None:
    again = write(made.firm(), tmp_path / "another name")
    first, second = contents(report.folder), contents(again.folder)
    assert [name for name in first if first[name] != second[name]] == []


def test_the_json_is_the_audit_sorted(report: Written) -> None:
    text = (report.folder / "audit.json").read_text("utf-8")
    assert text.endswith("}\n")
    assert json.loads(text) == made.firm().as_dict()
    assert text == json.dumps(made.firm().as_dict(), ensure_ascii=False, sort_keys=True, indent=2) + "\n"
    assert "Léa" in text


def test_the_page_answers_first_and_runs_nothing(report: Written) -> None:
    page = html(report)
    assert page.html is not None
    assert page.html["lang"] == "en"
    summary = executive(made.firm())
    assert page.select_one(".headline").get_text() == SAY.tell(summary.headline)
    for answer, shown in zip(summary.answers, page.select("article.question"), strict=True):
        assert [shown.h3.get_text(), *(tag.get_text() for tag in shown.find_all("p"))] == [
            SAY.tell(answer.question), SAY.tell(answer.word), SAY.tell(answer.text),
        ]  # fmt: skip
    for finding, shown in zip(made.firm().findings, page.select("article.claim"), strict=True):
        text = shown.get_text(" ", strip=True)
        assert SAY.tell(finding.told) in text
        assert finding.verdict.value.capitalize() in text
    order = [tag.name for tag in page.select(".question, figure, .annex, .claim, table")]
    assert order[:5] == ["article"] * 5
    assert order[5 : order.index("div")] == ["figure"] * 5
    assert order[-1] == "table"
    assert not page.find_all(["script", "iframe", "object", "link", "form"])
    assert not [tag.name for tag in page.find_all() for name in tag.attrs if name.startswith("on")]
    outside = [
        tag for tag in page.find_all(True) for name in ("src", "srcset", "href") if tag.get(name, "#")[0] not in "#d"
    ]
    assert outside == []
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy is not None
    assert str(policy["content"]).startswith("default-src 'none'")


def test_margins_are_not_rounded(report: Written) -> None:
    credit = next(one for one in html(report).select(".claim") if "shares out credit" in one.get_text())
    assert "Margin 95\u00a0% of resamples" in credit.get_text(" ", strip=True)


def test_a_finding_without_a_figure_has_no_caveats_of_one(report: Written) -> None:
    for finding, shown in zip(made.firm().findings, html(report).select(".claim"), strict=True):
        assert (shown.select_one(".limits") is not None) == finding.has_figure


def test_the_page_is_accessible_in_structure(report: Written) -> None:
    page = html(report)
    levels = [int(tag.name[1]) for tag in page.find_all(["h1", "h2", "h3", "h4"])]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    images = page.find_all("img")
    assert len(images) == len(prepare(made.firm(), words("en")))
    assert all(len(str(image["alt"])) > 60 for image in images)
    tables = page.find_all("table")
    assert all(table.caption and table.caption.get_text() for table in tables)
    assert all(cell["scope"] == "col" for cell in page.select("thead th"))
    assert all(row.find("th", scope="row") for row in page.select("tbody tr"))
    identifiers = [str(tag["id"]) for tag in page.find_all(id=True)]
    assert len(identifiers) == len(set(identifiers))
    named = [str(tag["aria-labelledby"]) for tag in page.find_all(attrs={"aria-labelledby": True})]
    assert set(named) <= set(identifiers)


def test_the_pictures_in_the_page_are_whole_and_have_a_phone_shape(report: Written) -> None:
    for figure in html(report).find_all("figure"):
        wide, narrow = figure.find("img")["src"], figure.find("source")["srcset"]
        sizes = []
        for data in (wide, narrow):
            root = ElementTree.fromstring(b64decode(data.removeprefix("data:image/svg+xml;base64,")))
            sizes.append(float(root.attrib["width"].removesuffix("pt")))
        assert sizes[0] > 480 > 290 > sizes[1]


def test_missing_cells_carry_a_reason_and_no_zero(report: Written) -> None:
    table = next(
        one for one in html(report).find_all("table") if one.caption.get_text() == "Visibility beside conversion"
    )
    bluesky = next(row for row in table.select("tbody tr") if row.th.get_text() == "Bluesky")
    impressions = bluesky.find_all("td")[2]
    assert impressions.get_text().startswith("—")
    mark = impressions.sup.get_text()
    assert f"{mark} bluesky tells no views" in table.find_parent("div", class_="table").get_text(" ", strip=True)


def test_the_pdf_is_tagged_with_language_outline_and_text(report: Written) -> None:
    reader = PdfReader(report.folder / "report.pdf")
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert b"<pdfuaid:part>1" in root["/Metadata"].get_data()
    text = squeezed("".join(page.extract_text() for page in reader.pages))
    for finding in made.firm().findings:
        assert squeezed(SAY.tell(finding.told)) in text
    assert squeezed("Leads and deals per channel") in text
    titles = [str(one.title) for one in flat(reader.outline)]
    assert {"Does it bring clients?", "The pictures", "Visibility against conversion", "How to read this"} <= set(
        titles
    )
    assert reader.metadata is not None
    assert reader.metadata.title == "Does visibility bring clients? Atelier Léa — façades à l’œuvre"
    assert reader.metadata.creation_date is None
    pages: Any = reader.pages
    fonts = {str(font["/BaseFont"]) for page in pages for font in page["/Resources"]["/Font"].values()}
    assert all("SourceSans3" in font or "DejaVuSans" in font for font in fonts)
    tags = [str(one["/S"]) for one in elements(root["/StructTreeRoot"])]
    assert tags.count("/Figure") == sum(one.empty is None for one in prepare(made.firm(), SAY))
    assert {"/Title", "/Table", "/TH", "/TD", "/H1", "/H2", "/L"} <= set(tags)


def flat(outline: list[Any]) -> Iterator[Any]:
    """Bookmarks in order, whatever their depth."""
    for one in outline:
        if isinstance(one, list):
            yield from flat(one)
        else:
            yield one


def elements(node: Any) -> list[Any]:
    """The elements of a structure tree, in order."""
    found: list[Any] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        one = one.get_object() if hasattr(one, "get_object") else one
        if isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, dict):
            if "/S" in one:
                found.append(one)
            waiting.append(one.get("/K"))
    return found


def test_a_simulated_audience_is_named_on_every_page_and_chart(sandbox: Written, report: Written) -> None:
    reader = PdfReader(sandbox.folder / "report.pdf")
    assert 5 < len(reader.pages) <= 12
    for page in reader.pages:
        assert squeezed("SIMULATED AUDIENCE") in squeezed(page.extract_text())
    shown = html(sandbox)
    assert shown.get_text().count("The audience is simulated.") == 2
    assert made.TRUTH in shown.get_text()
    assert all("SIMULATED AUDIENCE" in str(image["alt"]) for image in shown.select("figure img"))
    assert "@top-center" in str(shown.style)
    with_notice, without = (
        {file.name: file.read_bytes() for file in (one.folder / "charts").glob("*.svg")} for one in (sandbox, report)
    )
    for name, content in with_notice.items():
        assert b"SIMULATED AUDIENCE" in content, name  # the writer notes each text beside its outlines
        assert b"SIMULATED AUDIENCE" not in without[name]
    assert "simulated" not in html(report).get_text().lower()


def test_a_letterhead_is_carried_as_it_was_written(sandbox: Written) -> None:
    page = html(sandbox)
    assert page.select_one(".prepared").get_text() == "Prepared by Cabinet <Martin>"
    assert page.select_one(".logo")["alt"] == "Logo of Cabinet <Martin>"
    assert page.select_one(".introduction p").get_text() == "<b>Bonjour</b> {{ 7*7 }}"
    assert page.select_one(".introduction li").decode_contents() == "<strong>un</strong> deux"
    assert "--accent: #7a1f5c;" in str(page.style)
    reader = PdfReader(sandbox.folder / "report.pdf")
    assert reader.metadata is not None
    assert reader.metadata.author == "Cabinet <Martin>"
    first = squeezed(reader.pages[0].extract_text())
    assert squeezed("Prepared by Cabinet <Martin>") in first
    assert squeezed("<b>Bonjour</b> {{ 7*7 }}") in first
    assert b"#7a1f5c" in (sandbox.folder / "charts" / "channels.svg").read_bytes()
    assert FILL[Tone.NETWORK] == "#12527f", "the next report has its own"


def test_the_annex_begins_on_the_fifth_page_at_the_latest(sandbox: Written) -> None:
    reader = PdfReader(sandbox.folder / "report.pdf")
    annex = next(one for one in flat(reader.outline) if one.title == "Annex")
    body = reader.get_destination_page_number(annex)
    assert body is not None
    assert body <= 4
    assert len(reader.pages) <= 12


def test_reports_without_data_are_written_and_grey(tmp_path: Path) -> None:
    for audit in (made.nothing(), made.posts_only()):
        written = write(audit, tmp_path / "report")
        text = html(written).get_text(" ", strip=True)
        assert "Not enough data" in text
        idle = " ".join(item.get_text() for item in html(written).select(".idle li"))
        assert "no lead and no deal of any channel is recorded" in idle


def test_csv_keeps_missing_apart_from_zero(report: Written) -> None:
    raw = (report.folder / "tables" / "visibility.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = {row["network"]: row for row in csv.DictReader(StringIO(raw.decode("utf-8-sig")))}
    assert rows["bluesky"]["impressions"] == ""
    assert "impressions: bluesky tells no views" in rows["bluesky"]["missing"]
    assert rows["bluesky"]["clients"] == "0"
    assert rows["x"]["impressions"] == "10400"


def test_csv_rounds_no_money(report: Written) -> None:
    text = (report.folder / "tables" / "revenue.csv").read_text("utf-8-sig")
    assert "referral,EUR,27,0,27000.00," in text


@pytest.mark.parametrize("where", [(pdf, "render"), (sheets, "render")])
def test_a_failure_leaves_the_old_report(
    where: tuple[object, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "report.html").write_text("old")
    (folder / "charts").mkdir()

    def fail(*_: object) -> bytes:
        raise RuntimeError("no space left")

    monkeypatch.setattr(*where, fail)
    with pytest.raises(RuntimeError, match="no space left"):
        write(made.posts_only(), folder)
    assert contents(folder) == {"report.html": b"old"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["report"]


def test_a_swap_that_fails_puts_the_old_report_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "report.html").write_text("old")
    rename = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if self.name.endswith(".new"):
            raise OSError(5, "input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="input/output"):
        write(made.posts_only(), folder)
    assert contents(folder) == {"report.html": b"old"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["report"]


def test_a_new_report_takes_the_whole_place_of_the_old(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    (folder / "tables").mkdir(parents=True)
    (folder / "tables" / "gone.csv").write_text("old")
    write(made.posts_only(), folder)
    assert not (folder / "tables" / "gone.csv").exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["report"]
    assert folder.stat().st_mode & 0o700 == 0o700


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(BadInput, match=r"holds other things \(thesis\.docx\)"):
        write(made.posts_only(), tmp_path)
    with pytest.raises(BadInput, match="is a file"):
        write(made.posts_only(), tmp_path / "thesis.docx")
    assert (tmp_path / "thesis.docx").read_text() == "mine"


def test_a_language_without_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="choose en"):
        write(made.posts_only(), tmp_path / "report", languages=("xx",))
    assert list(tmp_path.iterdir()) == []


def test_every_column_that_is_shown_exists() -> None:
    """In some audit: tables of what was tried or declared are there only where it was."""
    ledgers = (made.ledger(), varied.everything(), varied.interrupted())
    audits: list[Audit] = [run.audit(one, made_at=made.MADE_AT) for one in ledgers]
    tables = {one.name: one for found in audits for one in found.tables}
    for name, groups in SHOWN.items():
        columns = {column.name for column in tables[name].columns}
        assert {column for group in groups for column in group} <= columns, name
