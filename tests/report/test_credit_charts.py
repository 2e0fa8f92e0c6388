"""The charts of credit, experiments, payback, answers, lags and journeys: each value against the audit's table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest

from crosspost.audit.credit.section import MODELS
from crosspost.audit.ledger import LeadRow
from crosspost.audit.results import Audit
from crosspost.audit.run import audit
from crosspost.report import shapes
from crosspost.report.charts import made as made_charts
from crosspost.report.charts import prepare
from crosspost.report.language.words import words
from crosspost.report.records import Chart, LeftOut
from crosspost.report.records.bands import Bands
from crosspost.report.records.courses import Cells, Counts, Curves
from crosspost.report.records.matrix import Matrix
from crosspost.report.records.trials import Trials
from crosspost.report.shapes.keys import MODELS as DRAWN
from crosspost.report.text import Drawable
from tests.report import drawn, made

SAY = words("en")
Kind = TypeVar("Kind", bound=Chart)
MINE = ("credit", "experiments", "payback", "told", "lags", "path_lengths")


def chart(of: Audit, name: str, kind: type[Kind]) -> Kind:
    found = next(one for one in prepare(of, SAY) if one.name == name)
    assert isinstance(found, kind)
    return found


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def few() -> Audit:
    ledger = made.known()
    return audit(replace(ledger, leads=ledger.leads[:14]), made_at=made.MADE_AT)


def running() -> Audit:
    one = replace(made.experiment(weeks=10, key="now"), ends_at=made.MADE_AT + timedelta(days=9))
    return audit(replace(made.known(), experiments=(one,)), made_at=made.MADE_AT)


def crowded() -> Audit:
    """More channels than a picture has lines, with long names."""
    names = [f"An agency of a very long name, number {at}, and partners" for at in range(26)]
    leads = tuple(
        LeadRow(f"{at} {day}", made.START + timedelta(days=day), name, touches=(name, names[(at + day) % 26]),
                won_at=made.START + timedelta(days=2 * day))
        for at, name in enumerate(names)
        for day in range(4)
    )  # fmt: skip
    return audit(replace(made.known(), leads=leads), made_at=made.MADE_AT)


def test_every_model_has_a_form_and_a_name() -> None:
    assert tuple(DRAWN) == MODELS
    assert len(set(DRAWN.values())) == len(MODELS)  # told apart without colour
    assert all(SAY.maybe(f"model.{model}") for model in MODELS)


def test_credit_is_what_each_model_gives_with_the_band_and_one_interval() -> None:
    bands = chart(made.full(), "credit", Bands)
    table = {SAY.channel(str(row["channel"])): row for row in made.full().table("credit").records()}
    assert [row.label for row in bands.rows] == sorted(table, key=lambda name: -float(str(table[name]["markov_1"])))
    for row in bands.rows:
        told = table[row.label]
        assert dict(row.marks) == {model: told[model] for model in MODELS}
        assert (row.low, row.high) == (told["band_low"], told["band_high"])
        assert row.interval == (told["markov_low"], told["markov_high"])
    assert bands.title == "All 10 models put Referral first"
    assert not bands.faint
    assert bands.rows[-1].text == "\u22127.5 to 3"  # no dash beside a minus
    low, high = bands.rows[0].interval or (0.0, 0.0)
    chain = f"20.8 by the chain of order 1 (95 % interval {SAY.number(low)}–{SAY.number(high)})"
    assert f"Referral: 20.4–39.6 over the models, {chain}" in bands.alt


def test_models_that_differ_are_in_the_title() -> None:
    ways = ((("x", "search"), True), (("x",), False), (("search",), False))
    leads = tuple(
        LeadRow(
            f"{number} {touches}", made.START, touches[-1], touches=touches,
            won_at=made.START if won else None, lost_at=None if won else made.START,
        )
        for touches, won in ways
        for number in range(40)
    )  # fmt: skip
    found = audit(replace(made.known(), leads=leads), made_at=made.MADE_AT)
    firsts = {row["channel"]: row["firsts"] for row in found.table("credit").records()}
    assert firsts == {"search": 3, "x": 1}
    title = chart(found, "credit", Bands).title
    assert title == "The models do not agree on who comes first: Search in 3, X in 1 of 10"


def test_few_journeys_are_grey_without_a_band_and_say_what_is_missing() -> None:
    bands = chart(few(), "credit", Bands)
    assert bands.faint
    assert {(row.low, row.interval, row.text) for row in bands.rows} == {(None, None, "")}
    assert {model for row in bands.rows for model, _ in row.marks} == {
        "first", "last", "linear", "position", "time_decay"
    }  # fmt: skip
    ((names, reason),) = bands.left_out
    assert names.startswith("Markov chain, order 1, order 2")
    assert reason.startswith("missing: 24 more won leads with a recorded journey")


def test_an_experiment_shows_its_weeks_its_lots_and_what_was_seen() -> None:
    trials = chart(made.full(), "experiments", Trials)
    mastodon, x = trials.trials
    answer = next(
        row for row in made.full().table("experiments").records() if (row["network"], row["outcome"]) == ("x", "visits")
    )
    assert (x.word, x.claim) == ("Refuted", "Posting on X adds no visits worth it")
    assert mastodon.word == "Inconclusive"
    assert x.seen is not None
    assert (x.seen.value, x.seen.low, x.seen.high) == (answer["estimate"], answer["low"], answer["high"])
    assert plain(x.seen.words) == "Lots at least as far from zero as what was seen: 2 of 64, p = 0.0312"
    assert sum(lot.extreme for lot in x.seen.lots) == 2
    assert sum(lot.assignments for lot in x.seen.lots) == 64
    week = x.weeks[9]
    assert (week.number, week.on, week.obeyed, week.value, week.used) == (10, False, False, 117.0, True)
    assert not x.weeks[8].used  # the first week of a block is dropped
    assert "Weeks that went as drawn: 23 of 24." in x.seen.text


def test_what_runs_shows_weeks_and_no_outcome() -> None:
    for trial in chart(running(), "experiments", Trials).trials:
        assert trial.seen is None
        assert {week.value for week in trial.weeks} == {None}
        assert [week.on is None for week in trial.weeks] == [False] * 10 + [True] * 14
        assert (trial.word, trial.note) == (
            "Running", "Weeks over: 10 of 24. What came in them is looked at once, at the end."
        )  # fmt: skip


def test_one_experiment_alone_is_its_own_title() -> None:
    ledger = made.known()
    (one,) = ledger.experiments
    design = {**one.design, "networks": ["x"]}
    alone = replace(one, design=design, weeks=tuple(week for week in one.weeks if week.network == "x"))
    found = chart(audit(replace(ledger, experiments=(alone,)), made_at=made.MADE_AT), "experiments", Trials)
    assert found.title == "Refuted: Posting on X adds no visits worth it"


def test_answers_stand_in_the_cell_of_record_and_word() -> None:
    matrix = chart(made.full(), "told", Matrix)
    said = made.full().table("recorded_told").records() + made.full().table("recorded_told_unknown").records()
    names = {"placebo": "Never ran"}
    shown = {
        (matrix.rows[down], matrix.columns[across]): count
        for down, line in enumerate(matrix.counts)
        for across, count in enumerate(line)
    }
    for row in said:
        recorded, told = (names.get(str(row[side]), SAY.channel(str(row[side]))) for side in ("recorded", "told"))
        assert shown[recorded, told] == row["clients"]
    assert sum(count or 0 for count in shown.values()) == sum(int(str(row["clients"])) for row in said)
    assert matrix.columns[-2:] == ("Never ran", "Unknown")
    assert (matrix.apart_rows, matrix.apart_columns) == (1, 2)
    assert all(matrix.rows[down] == matrix.columns[across] for down, across in matrix.same)
    assert len(matrix.same) == len(matrix.rows) - 1
    assert plain(matrix.title) == "76.0 % of 25 clients say what was recorded (54.9–90.6 %)"


def test_few_answers_have_no_share_in_the_title() -> None:
    matrix = chart(few(), "told", Matrix)
    assert matrix.title == "Of 2 clients both the record and the answer are known"
    assert matrix.left_out == (("Agreement", "under 20 clients with both: too few to judge"),)


def test_lags_are_the_curve_with_those_still_watched_under_it() -> None:
    curves = chart(made.full(), "lags", Curves)
    networks, rest = curves.courses
    table = made.full().table("lag_curve").records()
    assert rest.points == tuple(
        (row["day"], row["won"], row["low"], row["high"]) for row in table if row["leads_of"] == "rest"
    )
    assert networks.faint
    assert not rest.faint
    assert plain(networks.text) == "3.2 % in 365 days (0.46–20.8 %); under 15 won"
    assert curves.title == "How soon leads are won"  # one win of networks is no headline
    watched = made.full().table("lag_watched").records()
    for name, (_, counts) in zip(("networks", "rest"), curves.risk, strict=True):
        at = {row["day"]: row["at_risk"] for row in watched if row["leads_of"] == name}
        assert counts == tuple(at[day] for day in curves.days)
    assert len(curves.days) <= 6
    ticks = {(row["day"], row["won"]) for row in watched if row["leads_of"] == "rest" and row["last_seen"]}
    assert set(rest.ticks) == ticks


def test_journeys_are_counted_by_length() -> None:
    counts = chart(made.full(), "path_lengths", Counts)
    assert [(row.label, row.counts) for row in counts.rows] == [
        ("1 touch", (32, 25)), ("2 touches", (21, 3)), ("3 touches", (3, 4)), ("4 touches", (2, 0)),
    ]  # fmt: skip
    assert counts.title == "Won journeys with a single touch: 32 of 58"


def test_quarters_are_dashed_until_the_claim_has_seen_them() -> None:
    cells = chart(made.full(), "payback", Cells)
    (networks, ours), (rest, others) = cells.groups
    assert (networks, rest) == ("Networks", "Other known channels")
    assert [course.label for course in ours] == ["2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1"]
    assert [course.dashed for course in ours] == [False] * 5 + [True]
    table = {row["cohort"]: row for row in made.full().table("payback").records() if row["leads_of"] == "rest"}
    curve = made.full().table("payback_curve").records()
    for course in others:
        row = table[course.label]
        points = [one for one in curve if (one["leads_of"], one["cohort"]) == ("rest", course.label)]
        assert course.points == tuple(
            tuple(float(str(one[name])) for name in ("month", "balance", "low", "high")) for one in points
        )
        assert course.mark is not None
        assert course.mark[0] == row["payback"]
        assert course.mark[1] >= 0
        assert course.end == row["months"]
    assert cells.title == "Quarters of networks that are paid back: 0 of 9"
    assert plain(others[0].text) == "Paid back in month 3 (95 %: 2–5); 8 won of 13 leads, 7.2k for 2k EUR"
    assert ("Networks, 2026-Q2", "neither fees, nor hours with an hourly rate, are known") in cells.left_out


def test_what_there_is_nothing_of_is_left_out_with_its_reason() -> None:
    all_of = made_charts(made.firm(), SAY)
    gone = {one.name: one.reason for one in all_of if isinstance(one, LeftOut) and one.name in MINE}
    assert gone == {
        "experiments": "no experiment was run",
        "payback": "neither fees, nor hours with an hourly rate, are known",
        "told": "no client has both a known recorded channel and a known answer",
    }
    nothing = [one.name for one in made_charts(made.nothing(), SAY) if isinstance(one, LeftOut)]
    assert set(nothing) >= set(MINE)


@pytest.mark.parametrize(
    ("of", "language"),
    [
        (made.full, "fr"),
        (running, "en"),
        (crowded, "fr"),
        pytest.param(made.full, "en", marks=pytest.mark.long),
        pytest.param(few, "fr", marks=pytest.mark.long),
    ],
)
def test_texts_stay_inside_and_apart(of: Callable[[], Audit], language: str) -> None:
    say = words(language)
    for one in prepare(of(), say):
        if one.name in MINE:
            for wide in (True, False):
                figure = shapes.draw(one, say, wide=wide, fit=Drawable())
                assert drawn.outside(figure) == [], one.name
                assert drawn.meeting(figure) == [], one.name


def test_counts_of_thousands_fit_the_cells_of_a_phone() -> None:
    matrix = chart(made.full(), "told", Matrix)
    names = tuple(f"Recommandation {at}" for at in range(8))
    counts = tuple(tuple(12_345 * (down == across) + 999 for across in range(8)) for down in range(8))
    many = replace(matrix, rows=names, columns=names, counts=counts, same=((0, 0),), apart_rows=0, apart_columns=0)
    figure = shapes.draw(many, SAY, wide=False, fit=Drawable())
    assert drawn.outside(figure) == []
    assert drawn.meeting(figure) == []
