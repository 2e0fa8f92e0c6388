"""The picture of what stopped: each value against the audit's tables, in the order of the days."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from crosspost.audit.results import Audit
from crosspost.audit.run import audit
from crosspost.report import shapes
from crosspost.report.charts.interruptions import interruptions
from crosspost.report.charts.source import Source
from crosspost.report.language.words import words
from crosspost.report.records import LeftOut
from crosspost.report.records.breaks import Breaks
from crosspost.report.tables import views
from crosspost.report.text import Drawable
from tests.audit.observed import interrupted, stopped
from tests.report import made, varied
from tests.report.drawn import meeting, outside

SAY = words("en")


@cache
def one() -> Audit:
    return audit(interrupted(stopped(moved_to="mastodon"), leads=0.2), made_at=made.MADE_AT)


@cache
def several() -> Audit:
    return audit(varied.interrupted(), made_at=made.MADE_AT)


def picture(of: Audit) -> Breaks:
    found = interruptions(Source(of, SAY))
    assert isinstance(found, Breaks)
    return found


def test_each_week_is_as_the_table_has_it() -> None:
    rows = one().table("interruption_weeks").records()
    for shown, outcome in zip(picture(one()).breaks, ("leads", "visits"), strict=True):
        mine = [row for row in rows if row["outcome"] == outcome]
        assert [(week.week, week.seen, week.foretold) for week in shown.weeks] == [
            (row["week"], row["seen"], row["foretold"]) for row in mine
        ]
        assert [week.band for week in shown.weeks if week.week >= 0] == [
            (row["foretold_low"], row["foretold_high"]) for row in mine if row["foretold_low"] is not None
        ]
        assert all(week.band is None for week in shown.weeks if week.week < 0)


def test_a_figure_without_a_verdict_says_what_is_missing() -> None:
    leads, _ = picture(audit(interrupted(stopped("site"), before=51, leads=0.2), made_at=made.MADE_AT)).breaks
    assert leads.word == "Not enough data"
    assert leads.text.startswith("−84")
    assert "No verdict: nothing that it could not touch stands beside" in leads.text
    assert leads.text.endswith("or five visits a week from elsewhere.")


def test_the_words_are_the_verdict_and_its_figures() -> None:
    found = picture(one())
    leads, visits = found.breaks
    assert (leads.word, visits.word, leads.label) == ("Supported", "Refuted", "LinkedIn · leads")
    row = one().table("interruptions").records()[0]
    assert f"{SAY.change(float(str(row['change'])))} (95" in leads.text
    assert found.title == leads.claim == "Leads changed at the interruption of LinkedIn on 2024-03-04"
    assert leads.text.rstrip(".") in found.alt


def test_the_latest_come_first_and_what_lacks_weeks_says_so() -> None:
    found = picture(several())
    assert [each.label for each in found.breaks] == ["The site · leads", "The site · visits", "X · leads", "X · visits"]
    assert found.breaks[0].word == "Not enough data"
    assert "it lasted under 4 weeks" in found.breaks[0].text
    assert [text for _, text in found.left_out] == ["6 more rows of tables/interruptions.csv"]


def test_without_a_declaration_the_report_does_without() -> None:
    assert interruptions(Source(audit(interrupted(), made_at=made.MADE_AT), SAY)) == LeftOut(
        "interruptions", "What stopped", "nothing was declared to have stopped"
    )


def test_a_move_is_among_the_tables_of_the_page() -> None:
    [view] = [each for each in views(one(), SAY).shown if each.name == "regained"]
    assert [cell.text for cell in view.rows[0]][:2] == ["LinkedIn", "Mastodon"]
    assert any("not yet after 12 weeks" in why for _, why in view.reasons)


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_text_leaves_the_picture_or_lies_on_another(wide: bool, language: str) -> None:
    said = words(language)
    found = interruptions(Source(several(), said))
    assert isinstance(found, Breaks)
    figure = shapes.draw(found, said, wide=wide, fit=Drawable())
    assert outside(figure) == []
    assert meeting(figure) == []


def test_interruptions_of_which_no_week_is_known_can_be_drawn() -> None:
    nothing = replace(interrupted(stopped(), stopped("site")), leads=(), visit_days=(), visit_spans=())
    found = picture(audit(nothing, made_at=made.MADE_AT))
    assert all(each.weeks == () for each in found.breaks)
    assert outside(shapes.draw(found, SAY, wide=True, fit=Drawable())) == []
