"""Brands side by side: every figure as its audit has it, on one scale, in one currency, greyed where it is too few."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from crosspost.audit.comparison import compared
from crosspost.audit.ledger import BrandFacts, Ledger
from crosspost.audit.results import Audit
from crosspost.audit.run import audit
from crosspost.domain.errors import BadInput
from crosspost.domain.period import Period
from crosspost.report import shapes, style
from crosspost.report.compare import write_comparison
from crosspost.report.comparison import PER_PICTURE, pictures
from crosspost.report.language.words import words
from crosspost.report.records import Brands
from crosspost.report.text import Drawable
from tests.report import made
from tests.report.hostile import TEXTS

SAY = words("en")


def of(slug: str, name: str, currency: str = "EUR", first: int = 0, last: int = 999, hours: int = 99,
       days: int = 182) -> Audit:  # fmt: skip
    """An audit of some of the made firm's leads."""
    rows = tuple(replace(row, currency=row.currency and currency) for row in made.leads()[first:last])
    ledger = replace(
        made.ledger(), brand=BrandFacts(slug, name, currency), leads=rows, effort=made.ledger().effort[:hours],
        period=Period(made.START, made.START + timedelta(days=days)),
    )  # fmt: skip
    return audit(ledger, made_at=made.MADE_AT)


@cache
def brands() -> tuple[Audit, ...]:
    return (
        of("lea", "Léa"), of("few", "Few", last=9, hours=1), of("us", "Boulder", "USD"),
        of("none", "No hours", hours=0),
        audit(Ledger(BrandFacts("empty", "Empty", "EUR"), made.PERIOD), made_at=made.MADE_AT),
    )  # fmt: skip


def drawn(*audits: Audit) -> dict[str, Brands]:
    return {one.name: one for one in pictures(compared(audits), SAY)}


def test_every_figure_is_the_one_of_its_audit() -> None:
    lea = brands()[0]
    finding = next(one for one in lea.findings if one.claim.key == "clients_under_10")
    charts = drawn(*brands())
    row = next(one for one in charts["compare_share"].rows if one.label == "Léa")
    assert finding.bounds is not None
    assert (row.value, row.upper) == (finding.bounds.low, finding.bounds.high)
    assert (row.low, row.high) == (finding.bounds.low_95, finding.bounds.high_95)
    assert row.text == "2 of 78 · 2.6–7.7\u00a0%"
    every = next(one for one in lea.table("conversion").records() if one["channel"] == "(all)")
    leads = next(one for one in charts["compare_leads"].rows if one.label == "Léa")
    assert leads.value == every["leads"] == 155
    assert leads.text == "155 (131.6–181.4) in 182 days"
    networks = next(one for one in lea.table("hours").records() if one["channel"] == "(networks)")
    returned = next(one for one in charts["compare_returns_eur"].rows if one.label == "Léa")
    assert (returned.value, returned.low, returned.high) == (
        networks["revenue_per_hour"], networks["revenue_per_hour_lo"], networks["revenue_per_hour_hi"],
    )  # fmt: skip
    assert returned.text.endswith(f") over {SAY.number(float(str(networks['hours'])))}\u00a0h")
    hours = next(one for one in charts["compare_hours"].rows if one.label == "Léa")
    assert hours.value == networks["hours"]


def test_rows_are_sorted_by_value_and_what_is_not_known_comes_last_with_its_reason() -> None:
    for chart in drawn(*brands()).values():
        values = [row.value for row in chart.rows]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=True)
        assert values[: len(known)] == known
    hours = drawn(*brands())["compare_hours"].rows
    assert [(row.label, row.text) for row in hours if row.value is None] == [
        ("Empty", "no hours on networks are recorded"), ("No hours", "no hours on networks are recorded"),
    ]  # fmt: skip


def test_a_brand_of_which_nothing_is_recorded_has_no_zero() -> None:
    charts = drawn(*brands())
    for name in ("compare_leads", "compare_clients"):
        [row] = [one for one in charts[name].rows if one.label == "Empty"]
        assert (row.value, row.low, row.text) == (None, None, "nothing is recorded of it")
    [none] = drawn(of("a", "A", last=0))["compare_leads"].rows
    assert (none.value, none.text) == (None, "nothing is recorded of it")


def test_where_no_brand_has_a_value_there_is_no_scale() -> None:
    chart = drawn(brands()[3], brands()[4])["compare_hours"]
    with mpl.rc_context(style.RC):
        [axes] = shapes.draw(chart, SAY, wide=False, fit=str).axes
    assert (chart.axis, list(axes.get_xticks())) == ("", [])


def test_too_little_data_is_greyed_with_what_is_missing() -> None:
    charts = drawn(*brands())
    few = next(one for one in charts["compare_share"].rows if one.label == "Few")
    assert few.faint
    assert few.text.endswith("at least 29 clients are needed")
    few = next(one for one in charts["compare_returns_eur"].rows if one.label == "Few")
    assert few.faint
    assert "under 40 hours: too few to judge" in few.text
    assert not next(one for one in charts["compare_share"].rows if one.label == "Léa").faint


def test_a_zero_has_its_bound() -> None:
    [row] = drawn(of("a", "A", first=9, last=70))["compare_share"].rows
    assert row.value == 0
    assert re.fullmatch(r"0 of \d+ \(under \d\.\d\u00a0%\)", row.text)


def test_currencies_are_never_on_one_scale() -> None:
    charts = drawn(*brands())
    money = {name: {row.label for row in one.rows} for name, one in charts.items() if "returns" in name}
    assert money == {"compare_returns_eur": {"Léa", "Few", "No hours", "Empty"}, "compare_returns_usd": {"Boulder"}}
    assert charts["compare_returns_usd"].title == "USD per hour on networks"


def test_more_brands_than_a_picture_holds_share_its_scale() -> None:
    many = [replace(brands()[0], brand=BrandFacts(f"b{at}", f"Brand {at}", "EUR")) for at in range(PER_PICTURE)]
    charts = drawn(*many, *brands()[1:])
    parts = [charts[f"compare_leads_{number}"] for number in (1, 2)]
    assert sum(len(one.rows) for one in parts) == PER_PICTURE + 4
    assert len({one.far for one in parts}) == 1
    assert parts[1].title == "Leads (2 of 2)"
    with mpl.rc_context(style.RC):
        ends = {shapes.draw(one, SAY, wide=False, fit=str).axes[0].get_xlim() for one in parts}
    assert len(ends) == 1


def test_two_brands_of_one_name_are_told_apart_in_every_table() -> None:
    tables = compared([of("b", "Petit"), of("a", "Petit", last=9), of("c", "petit")])
    assert [row["brand"] for row in tables[0].records()] == ["Petit", "Petit (2)", "petit"]
    assert [row["clients"] for row in tables[0].records()] == [9, 78, 78]
    for table in tables:
        assert {row["brand"] for row in table.records()} == {"Petit", "Petit (2)", "petit"}


def shuffled() -> list[Audit]:
    found = list(brands())
    random.Random(4).shuffle(found)
    return found


def test_the_order_in_which_they_come_is_no_matter() -> None:
    assert compared(shuffled()) == compared(brands())
    assert drawn(*shuffled()) == drawn(*brands())


def contents_of(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


@pytest.mark.long
def test_equal_brands_give_equal_bytes(tmp_path: Path) -> None:
    one, two = (
        contents_of(write_comparison(iter(given), tmp_path / name, made.MADE_AT).folder)
        for name, given in (("one", brands()), ("two", shuffled()))
    )
    assert one == two


def test_the_folder_holds_the_page_in_its_language_the_pdf_and_every_number(tmp_path: Path) -> None:
    contents = [contents_of(write_comparison(shuffled(), tmp_path / "one", made.MADE_AT, language="fr").folder)]
    assert {"report.html", "report.pdf", "tables/brands.csv", "tables/brands_verdicts.parquet"} <= set(contents[0])
    page = BeautifulSoup(contents[0]["report.html"].decode(), "html.parser")
    assert page.html is not None
    assert page.html["lang"] == "fr"
    assert "Les marques côte à côte" in page.get_text()
    assert all(image["alt"] for image in page.find_all("img"))
    root: Any = PdfReader(tmp_path / "one" / "report.pdf").trailer["/Root"]
    assert b"<pdfuaid:part>1" in root["/Metadata"].get_data()
    rows = list(csv.DictReader(contents[0]["tables/brands.csv"].decode("utf-8-sig").splitlines()))
    assert [row["brand"] for row in rows] == ["Boulder", "Empty", "Few", "Léa", "No hours"]
    assert next(row for row in rows if row["brand"] == "Empty")["share_low"] == ""


def test_nothing_to_compare_is_refused_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no brand to compare"):
        write_comparison([], tmp_path / "c", made.MADE_AT)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_on_the_way_leaves_the_comparison_before(tmp_path: Path) -> None:
    def broken() -> Iterator[Audit]:
        yield brands()[4]
        raise BadInput("cannot be read")

    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "report.html").write_text("old")
    with pytest.raises(BadInput, match="cannot be read"):
        write_comparison(broken(), tmp_path / "c", made.MADE_AT)
    assert (tmp_path / "c" / "report.html").read_text() == "old"


def test_hostile_names_stay_text_and_one_simulated_brand_marks_the_whole_page(tmp_path: Path) -> None:
    empty = brands()[4]
    given = [replace(empty, brand=BrandFacts(f"b{at}", name, "EUR")) for at, name in enumerate(TEXTS[:6])]
    folder = write_comparison([*given, replace(empty, sandbox="no truth")], tmp_path / "c", made.MADE_AT).folder
    page = BeautifulSoup((folder / "report.html").read_text("utf-8"), "html.parser")
    assert not page.find_all(["script", "iframe", "object", "form", "b"])
    assert len(page.select("tbody tr")) == 7
    for row in csv.reader((folder / "tables" / "brands.csv").read_text("utf-8-sig").splitlines()):
        assert not row or not row[0].startswith(("=", "+", "-", "@"))
    for one in PdfReader(folder / "report.pdf").pages:
        assert "SIMULATED AUDIENCE" in one.extract_text()
    assert "SIMULATED AUDIENCE" in page.get_text()
    assert "SIMULATED AUDIENCE" in (folder / "charts" / "compare_share.svg").read_text("utf-8")


def texts_of(chart: Brands, *, wide: bool) -> Any:
    with mpl.rc_context(style.RC):
        figure = shapes.draw(chart, SAY, wide=wide, fit=Drawable())
        figure.canvas.draw()
        width, height = (float(size) * figure.dpi for size in figure.get_size_inches())
        boxes = [(one.get_text(), one.get_window_extent()) for one in figure.findobj(mpl.text.Text) if one.get_text()]
    return width, height, boxes


@pytest.mark.parametrize("wide", [True, False])
def test_words_stay_inside_and_apart(wide: bool) -> None:
    long = replace(brands()[1], brand=BrandFacts("long", "Une entreprise au nom vraiment interminable " * 3, "EUR"))
    worded = replace(brands()[4], brand=BrandFacts("w", "W" * 70, "EUR"))
    for chart in drawn(*brands(), long, worded).values():
        width, height, boxes = texts_of(chart, wide=wide)
        assert len(boxes) > 5
        for text, box in boxes:
            assert min(box.x0, box.y0) >= -1, text
            assert box.x1 <= width + 1, text
            assert box.y1 <= height + 1, text
        for at, (text, box) in enumerate(boxes):
            for other, beside in boxes[at + 1 :]:
                apart = box.x1 <= beside.x0 + 1 or beside.x1 <= box.x0 + 1 or box.y1 <= beside.y0 + 2.5 or (
                    beside.y1 <= box.y0 + 2.5
                )  # fmt: skip
                assert apart, (text, other)


def test_a_period_of_another_length_says_its_days() -> None:
    texts = [row.text for row in drawn(of("a", "A"), of("b", "B", days=91))["compare_clients"].rows]
    assert any("in 182 days" in one for one in texts)
    assert any("in 91 days" in one for one in texts)
    assert isinstance(compared([brands()[0]])[0].records()[0]["first"], datetime)


def test_a_brands_report_is_not_replaced_by_a_comparison(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "audit.json").write_text("{}")
    with pytest.raises(BadInput, match="holds a brand's report"):
        write_comparison([of("a", "A")], tmp_path / "c", made.MADE_AT)
    assert [file.name for file in (tmp_path / "c").iterdir()] == ["audit.json"]
