"""No text of a picture leaves it or covers another: wide and narrow, in each language, with much, little and long."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import matplotlib as mpl
import pytest

from crosspost.audit.ledger import ClickHour, CoverageRow, EffortRow, FollowersRow, LeadRow, PostRow
from crosspost.audit.results import Audit
from crosspost.audit.run import audit
from crosspost.report import shapes, style
from crosspost.report.charts import prepare
from crosspost.report.language.words import languages, words
from crosspost.report.records import Chart
from crosspost.report.text import Drawable
from tests.audit import observed
from tests.report import made
from tests.report.hostile import TEXTS

OURS = ("verdicts", "hours", "audience", "fading", "calendar", "coverage")
LONG = [f"An extraordinarily long name of a network, number {index} and sons" for index in range(26)]


@cache
def much() -> Audit:
    """More rows than a picture takes, long and hostile names, every hour of the week, years of months with holes."""
    leads = tuple(
        LeadRow(
            f"{name}{one}", made.START, name, touches=(name,), won_at=made.START, amount_minor=10**index, currency="EUR"
        )
        for index, name in enumerate(LONG[:16])
        for one in range(2)
    )
    effort = tuple(EffortRow(name, made.START.date(), 3.0 * (index + 1) ** 2) for index, name in enumerate(LONG))
    months = tuple(f"{2020 + index // 12}-{index % 12 + 1:02d}" for index in range(72) if index % 7)
    coverage = tuple(
        CoverageRow(
            TEXTS[at], LONG[at], "file", date(2020, 1, 5), date(2025, 12, 7), 4, months[at:], TEXTS[-at], "ab" * 32
        )
        for at in range(24)
    )
    followers = tuple(
        FollowersRow(name, made.START + timedelta(days=day), 100.0 + day) for name in LONG[:6] for day in range(40)
    )
    posts = tuple(PostRow(name, made.START + timedelta(hours=37 * at)) for name in LONG[:6] for at in range(100))
    clicks = tuple(ClickHour("x", day, hour, 10 ** ((day + hour) % 7)) for day in range(1, 8) for hour in range(24))
    ledger = replace(
        made.ledger(), leads=leads, effort=effort, coverage=coverage, followers=followers, posts=posts,
        click_hours=clicks, rate_minor=9_900,
    )  # fmt: skip
    return audit(ledger, made_at=made.MADE_AT)


def charts(language: str) -> list[Chart]:
    audits = (made.rated(), much(), audit(observed.fading(), made_at=made.MADE_AT))
    return [one for each in audits for one in prepare(each, words(language)) if one.name in OURS and one.empty is None]


@pytest.mark.parametrize(
    ("language", "wide"),
    [
        pytest.param(language, wide, marks=() if (language == "en") is wide else pytest.mark.long)
        for language in languages()
        for wide in (True, False)
    ],
)
def test_no_text_leaves_a_picture_or_covers_another(language: str, wide: bool) -> None:
    say, fit = words(language), Drawable()
    drawn = charts(language)
    assert {one.name for one in drawn} == set(OURS)
    for one in drawn:
        figure = shapes.draw(one, say, wide=wide, fit=fit)
        with mpl.rc_context(style.RC):
            figure.draw_without_rendering()  # the names of axes are placed then
            texts = [text for text in figure.texts if text.get_text().strip()]
            for axes in (each for each in figure.axes if each.axison):
                low, high = sorted(axes.get_xlim())
                ticks = zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
                texts += [label for at, label in ticks if label.get_text() and low <= at <= high]
                texts += [axes.xaxis.label] if axes.get_xlabel() else []
            boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
        page = figure.bbox
        for text, box in boxes:
            assert box.x0 >= -1, (one.name, text[:50])
            assert box.x1 <= page.width + 1, (one.name, text[:50])
            assert box.y0 >= -1, (one.name, text[:50])
            assert box.y1 <= page.height + 1, (one.name, text[:50])
        smaller = [
            (text, box.padded(-0.5, -0.2 * box.height)) for text, box in boxes
        ]  # a line is taller than its letters
        for index, (text, box) in enumerate(smaller):
            for other, second in smaller[index + 1 :]:
                assert not box.overlaps(second), (one.name, text[:50], other[:50])
