"""What changed stands on the page, in the PDF and in the few lines of a mail, in the report's language."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from crosspost.audit.ledger import CoverageRow, Lock
from crosspost.audit.run import audit
from crosspost.audit.since import Changes, changes_since
from crosspost.report import html, pdf, summary
from crosspost.report.language.words import words
from crosspost.report.text import Drawable
from crosspost.report.view import Page, page
from crosspost.report.write import blank, swapped
from tests.report import made


@cache
def changes() -> Changes:
    """One change of every kind, with a source called after no good."""
    before = audit(replace(made.ledger(), leads=made.leads()[:60]), made_at=made.MADE_AT - timedelta(days=31))
    lock = Lock("H1a", "Few", "share", 0.1, "share", "A1", made.START, None, None, "ab" * 32, made.START)
    rows = tuple(
        CoverageRow("visits", name, "file", date(2026, 1, 9), date(2026, 6, 9), 9, ("2026-01", "2026-03"))
        for name in ("<script>", "Matomo #let")
    )
    return changes_since(json.loads(before.as_json()), replace(made.firm(), locks=(lock,), tables=(
        *(one for one in made.firm().tables if one.name != "coverage"),
        audit(replace(made.ledger(), coverage=rows), made_at=made.MADE_AT).table("coverage"),
    )))  # fmt: skip


def told(language: str, given: Changes | None = None) -> Page:
    return _without_pictures(page(made.firm(), (), words(language), changes=given or changes()))


def _without_pictures(one: Page) -> Page:
    return replace(one, idle=(("A picture", "none is drawn here"),))


def test_every_kind_is_under_its_heading() -> None:
    shown = BeautifulSoup(html.render(told("en"), {}, words("en")).decode(), "html.parser")
    section = shown.find("section", attrs={"aria-labelledby": "changes"})
    assert section is not None
    heads = [one.get_text() for one in section.find_all("h3")]
    assert heads == ["Verdicts", "Figures, with their intervals", "Where data come from", "Locks", "Holes"]
    assert len(section.find_all("li")) == len(changes().items)
    assert "Leads: 60 → 155." in section.get_text()
    assert "visits <script> (from a file)" in section.get_text()
    assert not shown.find_all("script")


def test_a_french_report_says_them_in_french() -> None:
    shown = told("fr").changes
    assert shown is not None
    sentences = [text for _, group in shown.groups for text in group]
    assert "Contacts\u00a0: 60 → 155." in sentences
    assert "H1a a été verrouillée le 5 janvier 2026." in sentences
    english = ("moved within", "lies outside", "New:", "was locked", "nothing was told", "from a file")
    assert not [text for text in sentences for word in english if word in text]
    assert [head for head, _ in shown.groups][0] == "Les verdicts"


def test_a_report_without_one_before_says_nothing_and_an_equal_one_that_nothing_changed() -> None:
    say = words("en")
    assert "What changed" not in html.render(_without_pictures(page(made.firm(), (), say)), {}, say).decode()
    same = changes_since(json.loads(made.firm().as_json()), made.firm())
    assert (
        "No verdict, figure, source, lock or hole is other than it was."
        in html.render(told("en", same), {}, say).decode()
    )
    assert "is other than it was" in summary.render(told("en", same), say)


def test_the_pdf_has_them_as_text_and_in_its_outline(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(pdf.render(told("fr"), {}, words("fr"), Drawable()))
    reader = PdfReader(tmp_path / "report.pdf")
    text = " ".join(" ".join(one.extract_text() for one in reader.pages).split())
    assert "Ce qui a changé" in text
    assert "60 → 155" in text
    assert "Matomo #let" in text
    assert "Ce qui a changé" in [str(one.title) for one in reader.outline if not isinstance(one, list)]


def test_the_summary_is_plain_lines() -> None:
    text = summary.render(told("en"), words("en"))
    lines = text.splitlines()
    assert lines[0] == told("en").title
    assert "What changed" in lines
    assert "- Leads: 60 → 155." in lines
    for question in told("en").questions:
        assert question.question in lines
        assert question.text in lines
    assert text.isprintable() or set(text) - {"\n"} == {char for char in text if char.isprintable()}


def test_an_emptied_report_keeps_what_is_not_its_own(tmp_path: Path) -> None:
    for name in ("report.html", "report.fr.pdf", "bundle.zip", "summary.txt", "mine.txt"):
        (tmp_path / name).write_text("a name")
    (tmp_path / "charts.fr").mkdir()
    (tmp_path / "charts.fr" / "a.svg").write_text("a name")
    blank(tmp_path, "why")
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"README.txt": "why\n", "mine.txt": "a name"}


@pytest.mark.parametrize(("hours", "left"), [(0.5, True), (2.0, False)])
def test_drafts_of_the_killed_are_swept_and_those_of_the_living_are_not(
    tmp_path: Path, hours: float, left: bool
) -> None:
    other = tmp_path / ".2026-10.notours"
    draft = tmp_path / ".2026-10.0123abcd.new"
    for one in (draft, other):
        one.mkdir()
        (one / "audit.json").write_text("half")
    then = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
    for one in (draft, other):
        os.utime(one, (then, then))
    with swapped(tmp_path / "2026-10") as fresh:
        (fresh / "audit.json").write_text("whole")
    assert draft.exists() == left
    assert other.exists()
    assert (tmp_path / "2026-10" / "audit.json").read_text() == "whole"
