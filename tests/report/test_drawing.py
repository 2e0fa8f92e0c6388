"""What drawings promise beside their texts: one scale, the colour of the letterhead, the punctuation of a language."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from matplotlib.patches import Rectangle

from crosspost.audit.results import Audit
from crosspost.audit.run import audit
from crosspost.report import shapes, style
from crosspost.report.charts import prepare
from crosspost.report.language.words import words
from crosspost.report.records import Chart, Dot, Funnel, Panel, Scatter, Step, Tone
from crosspost.report.records.courses import Cells
from crosspost.report.records.trials import Trials
from crosspost.report.text import Drawable
from tests.audit import ledgers
from tests.report import made
from tests.report.drawn import meeting, outside, texts
from tests.report.test_chart_data import SAY, chart

COLOURED = ("credit", "experiments", "payback", "told", "lags", "calendar")


@cache
def everything() -> Audit:
    """All charts, the calendar with them: each post has its hour."""
    known = made.known()
    posts = tuple(replace(one, published_at=made.START + timedelta(hours=9 + 31 * at))
                  for at, one in enumerate(known.posts))  # fmt: skip
    return audit(replace(known, posts=posts), made_at=made.MADE_AT)


def svg(one: Chart) -> str:
    figure = shapes.draw(one, SAY, wide=True, fit=Drawable())
    return style.svg(figure, one.title).decode()


@pytest.mark.parametrize("name", COLOURED)
def test_a_picture_takes_the_colour_of_its_letterhead_and_keeps_none_of_another(name: str) -> None:
    one = next(each for each in prepare(everything(), SAY) if each.name == name)
    ours = style.FILL[Tone.NETWORK]
    with style.coloured("#7a1f5c"):
        theirs = svg(one)
    plain = svg(one)
    assert ours not in theirs
    assert ("#7a1f5c" in theirs) is (ours in plain)
    assert "#7a1f5c" not in plain


@pytest.mark.parametrize("wide", [True, False])
def test_bars_of_all_networks_stand_on_one_scale(wide: bool) -> None:
    """A panel with long words is drawn beside one with short ones."""
    funnel = chart(made.firm(), "funnel", Funnel)
    short, long = "20,000", "20,000 and a long remark beside it, on what it is"
    panels = tuple(
        Panel(label=f"Network {text}", steps=(Step(label="Views", value=20_000, upper=20_000, text=text),), note="")
        for text in (short, long)
    )
    figure = shapes.draw(replace(funnel, panels=panels), SAY, wide=wide, fit=Drawable())
    bars = [each for axes in figure.axes for each in axes.patches if isinstance(each, Rectangle)]
    assert len(bars) == 2
    assert math.isclose(bars[0].get_width(), bars[1].get_width())


def test_what_is_left_out_is_told_with_the_colon_of_the_language() -> None:
    one = next(each for each in prepare(made.firm(), words("fr")) if each.name == "channels")
    one = replace(one, left_out=(("Réseaux", "rien n’est connu"),))
    drawn = [text for text, _ in texts(shapes.draw(one, words("fr"), wide=True, fit=Drawable()))]
    assert "Réseaux\u00a0: rien n’est connu" in drawn


def test_counts_on_an_axis_are_short_and_have_a_minus() -> None:
    told = [SAY.short(value) for value in (0, -0.0, -10, 999, 999_499, 999_950, 12_345, -2_500, 5e12)]
    assert told == ["0", "0", "−10", "999", "999k", "1M", "12.3k", "−2.5k", "5000bn"]


@pytest.mark.parametrize("spread", [0.01, 0.2, 3.0])
@pytest.mark.parametrize("wide", [True, False])
def test_names_and_notes_of_dots_are_all_told_and_lie_on_nothing(spread: float, wide: bool) -> None:
    """From dots that lie on each other to dots far apart."""
    dots = tuple(
        Dot(label=f"Network {at}", note=f"{at} leads → no client (under 3)", x=100 * (1 + spread) ** at, y=at % 3,
            low=0, high=4 + at % 3) for at in range(7)
    )  # fmt: skip
    scatter = chart(made.firm(), "visibility", Scatter)
    fields = tuple(replace(one, dots=dots, left_out=()) for one in scatter.fields)
    figure = shapes.draw(replace(scatter, fields=fields), SAY, wide=wide, fit=Drawable())
    assert meeting(figure) == []
    assert outside(figure) == []
    drawn = " / ".join(text for text, _ in texts(figure))
    for dot in dots:
        assert drawn.count(dot.label) >= 2
        assert drawn.count(dot.note) == 2


def test_words_over_a_field_are_not_cut_without_a_sign() -> None:
    cells = chart(made.full(), "payback", Cells)
    course = replace(cells.groups[0][1][0], text="money that comes back " * 30 + "end")
    figure = shapes.draw(replace(cells, groups=(("Networks", (course,)),)), SAY, wide=False, fit=Drawable())
    lines = [text for text, _ in texts(figure) if "money" in text or "comes" in text]
    assert len(lines) == 5
    assert lines[-1].endswith("…")


@pytest.mark.parametrize("wide", [True, False])
def test_numbers_of_scales_meet_no_other_text(wide: bool) -> None:
    """The highest number of an outcome under its name; money from tens to thousands on a scale of square roots."""
    trials = chart(everything(), "experiments", Trials)
    nines = tuple(replace(week, value=9.0) for week in trials.trials[0].weeks)
    hours = chart(audit(ledgers.small(), made_at=made.MADE_AT), "hours", Scatter)
    for one in (replace(trials, trials=(replace(trials.trials[0], weeks=nines),)), hours):
        assert meeting(shapes.draw(one, SAY, wide=wide, fit=Drawable())) == []
