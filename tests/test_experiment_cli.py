"""`crosspost experiment plan` and `analyse` on files as people bring them."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosspost.cli.root import run

PAIRS = [
    ("week", "pair", "posting", "visits", "leads"),
    *(
        (2 * pair + off + 1, pair, 1 - off, 90 - 60 * off + pair % 3, 5 - off) for pair in range(8) for off in (0, 1)
    ),
]  # fmt: skip


def table(path: Path, rows: Sequence[Sequence[object]], mark: str = ",") -> str:
    path.write_text(
        "\n".join(mark.join("" if cell is None else str(cell) for cell in row) for row in rows) + "\n", "utf-8"
    )
    return str(path)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    code = run(["experiment", *arguments, "--json"])
    out = capsys.readouterr()
    assert code == 0, out.err
    return json.loads(out.out)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 2) -> str:
    capsys.readouterr()
    assert run(["experiment", *arguments]) == code
    err = capsys.readouterr().err
    assert err.startswith("crosspost: ")
    assert err.count("\n") == 1
    return err


def test_weeks_are_answered_by_outcome(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "analyse", table(tmp_path / "w.csv", PAIRS))
    assert list(found) == ["visits", "leads"]
    assert {"estimate", "interval", "p", "n", "method", "verdict"} <= set(found["visits"])
    assert found["visits"]["estimate"] == 60
    assert found["visits"]["p"] == 2 / 256
    assert found["visits"]["p_fraction"] == "2/256"
    assert found["visits"]["n"] == 16
    assert found["visits"]["verdict"] == "refuted"


def test_other_orders_marks_and_spellings_change_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = told(capsys, "analyse", table(tmp_path / "w.csv", PAIRS))
    rows = PAIRS[1:]
    turned: list[list[object]] = [["Leads", "Visits", "POSTING", "Pair", "Week "]]
    for week, pair, posting, visits, leads in rows[::-1]:
        turned.append([leads, visits, "on" if posting else "off", f"p{pair}", f"2026-W{week:02d}"])
    other = told(capsys, "analyse", table(tmp_path / "o.csv", turned, ";"))
    for name in ("visits", "leads"):
        assert other[name] == plain[name]


def test_what_is_missing_is_none_and_never_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [list(row) for row in PAIRS]
    rows[3][3], rows[6][3] = None, "n/a"
    found = told(capsys, "analyse", table(tmp_path / "w.csv", [tuple(row) for row in rows]))
    assert found["visits"]["p_fraction"] == "2/64"
    assert found["visits"]["n"] == 12
    assert len(found["visits"]["left_out"]) == 4
    assert found["leads"]["n"] == 16


@pytest.mark.parametrize(
    ("line", "column", "cell", "words"),
    [
        (4, 3, "many", "many"),
        (4, 2, "perhaps", "neither on nor off"),
        (4, 0, "third", "is no week"),
        (4, 0, 1, "twice"),
    ],
)
def test_a_wrong_cell_is_named_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: int, column: int, cell: object, words: str
) -> None:
    rows = [list(row) for row in PAIRS]
    rows[line - 1][column] = cell
    said = refused(capsys, "analyse", table(tmp_path / "w.csv", [tuple(row) for row in rows]))
    assert f"w.csv:{line}" in said
    assert words in said


@pytest.mark.parametrize("rows", [
    [("week", "leads"), (1, 2)], [("arm",), ("a",), ("b",)], [("arm", "x", "x"), ("a", 1, 2)],
    [("week", "posting", "leads")],
])  # fmt: skip
def test_files_without_what_is_needed_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[tuple[object, ...]]
) -> None:
    refused(capsys, "analyse", table(tmp_path / "w.csv", rows))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot be read" in refused(capsys, "analyse", str(tmp_path / "none.csv"))


def test_weeks_without_a_design_are_asked_for_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = table(tmp_path / "w.csv", [(row[0], row[2], row[3]) for row in PAIRS])
    assert "--design" in refused(capsys, "analyse", bare)
    found = told(capsys, "analyse", bare, "--design", "paired", "--block", "1", "--washout", "0")
    assert found["visits"]["p_fraction"] == "2/256"
    assert told(capsys, "analyse", bare, "--design", "bojinov", "--washout", "0")["visits"]["n"] == 16


def test_odd_weeks_leave_the_last_one_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "analyse", table(tmp_path / "w.csv", PAIRS[:-1]))
    assert found["visits"]["p_fraction"] == "2/128"
    assert "pair 7: one of its arms has no week that is known and not dropped" in found["visits"]["left_out"]


def test_a_baseline_is_taken_out_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(*PAIRS[0], "before"), *((*row, 10 * int(str(row[1]))) for row in PAIRS[1:])]
    with_it = told(capsys, "analyse", table(tmp_path / "w.csv", rows), "--baseline", "before")
    assert set(with_it) == {"visits", "leads"}
    assert with_it["visits"]["estimate"] == 60  # the same in both weeks of a pair
    assert with_it["visits"]["base"] == pytest.approx(31, abs=1)  # a margin is a share of what came, not of the rest
    rows[1] = (*rows[1][:-1], None)
    assert told(capsys, "analyse", table(tmp_path / "w.csv", rows), "--baseline", "before")["visits"]["n"] == 14


def test_an_early_stop_and_obedience_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(*PAIRS[0], "posts"), *((*row, 2 * int(str(row[2]))) for row in PAIRS[1:])]
    file = table(tmp_path / "w.csv", rows)
    assert run(["experiment", "analyse", file, "--weeks", "24"]) == 0
    said = capsys.readouterr().out
    assert "NOT ENOUGH DATA: visits" in said
    assert "stopped early, exploratory" in said
    assert "obedience: 16 of 16 weeks went as planned" in said


def persons(arms: int, number: int, seed: int = 1) -> list[tuple[object, ...]]:
    rng = np.random.default_rng(seed)
    rows = [("id", "arm", "country", "spend", "bought")]
    for at in range(number):
        arm = "abcde"[at % arms]
        rows.append((at, arm, "FR", f"{rng.gamma(2, 10) + 9 * (arm == 'b'):.3f}", int(rng.random() < 0.2)))  # type: ignore[arg-type]
    return rows  # type: ignore[return-value]


@pytest.mark.parametrize("arms", [2, 5])
def test_persons_in_arms_are_answered_by_outcome(tmp_path: Path, capsys: pytest.CaptureFixture[str], arms: int) -> None:
    found = told(capsys, "analyse", table(tmp_path / "p.csv", persons(arms, 400)))
    assert list(found) == ["bought", "spend"]
    assert found["spend"]["arm"] == "b"
    assert found["spend"]["p"] < 0.01
    assert len(found["spend"]["arms"]) == arms - 1
    assert found["spend"]["counted"] == "persons"
    assert "exact" in found["bought"]["method"]
    assert run(["experiment", "analyse", str(tmp_path / "p.csv"), "--outcome", "spend"]) == 0
    assert "“b adds nothing worth it to spend”" in capsys.readouterr().out


def test_a_single_arm_is_said_and_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "analyse", table(tmp_path / "p.csv", persons(1, 30)))
    assert found["spend"]["estimate"] is None
    assert found["spend"]["verdict"] == "not enough data"
    assert "one arm" in found["spend"]["reason"]


def test_a_word_among_figures_is_named_and_a_control_that_is_none_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = persons(2, 30)
    file = table(tmp_path / "p.csv", [*rows[:10], (9, "a", "FR", "lots", 1), *rows[11:]])
    assert "p.csv:11" in refused(capsys, "analyse", file)
    assert "no arm is called 'z'" in refused(capsys, "analyse", table(tmp_path / "q.csv", rows), "--control", "z")


@pytest.mark.long
def test_ten_thousand_persons_take_seconds_of_no_more_than_one_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = table(tmp_path / "p.csv", persons(2, 10_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    told(capsys, "analyse", file)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 5  # 1.3 s on an idle machine


def test_a_plan_says_what_could_be_seen(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["experiment", "plan", "--per-week", "200", "--weeks", "26"]) == 0
    said = capsys.readouterr().out
    assert "At your 200 leads a week and 24 weeks you would see" in said
    assert "24 of 26 weeks can be used" in said
    assert "noise: assumed" in said


def test_a_plan_that_cannot_reject_is_refused_with_what_would_do(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "plan", "--per-week", "5", "--weeks", "20")
    assert "0.0625" in said
    assert "24 weeks" in said
    assert "plan 4 weeks" in refused(capsys, "plan", "--per-week", "5", "--weeks", "3")


def test_a_plan_of_texts_speaks_of_posts(capsys: pytest.CaptureFixture[str]) -> None:
    few = told(capsys, "plan", "--per-post", "12", "--posts", "12")
    assert few["design"] == {
        "kind": "texts", "posts": 12, "blocks": 6, "accounts": 1, "outcome": "clicks", "margin": 0.2,
        "smallest_p": 2**-5,
    }  # fmt: skip
    assert "At your 12 clicks a post and 12 posts you would see" in few["sentence"]
    assert "If the two texts did the same" in few["sentence"]
    assert few["nothing"]["power"] <= 0.06
    assert 24 < few["posts_for_margin"] < 500
    assert "5 blocks of 2 posts" in refused(capsys, "plan", "--per-post", "12", "--posts", "11")
    assert "--block is of weeks" in refused(capsys, "plan", "--per-post", "12", "--block", "2")
    assert "--posts goes with --per-post" in refused(capsys, "plan", "--posts", "12")


@pytest.mark.parametrize("level", ["nan", "inf", "1e300"])
def test_a_level_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], level: str) -> None:
    for option in ("--per-week", "--per-post"):
        assert "is no level" in refused(capsys, "plan", option, level)


def test_a_plan_is_measured_in_past_weeks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[tuple[object, ...]] = [("week", "visits"), *((week, 40 + week % 7) for week in range(1, 31))]
    found = told(capsys, "plan", "--past", table(tmp_path / "past.csv", rows), "--outcome", "visits")
    assert found["world"]["base"] == pytest.approx(43, abs=0.2)
    assert found["noise"] == "measured in 30 past weeks, and Poisson counts"
    assert found["design"]["outcome"] == "visits"


def test_a_plan_is_measured_in_the_brands_own_weeks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--data-dir", str(tmp_path)]
    assert run([*home, "brand", "add", "Lea", "--zone", "Europe/Paris"]) == 0
    for day in (6, 7, 14, 28):
        assert run([*home, "lead", "add", "--id", f"L{day}", "--at", f"2026-04-{day:02d}T23:30", "--channel", "x"]) == 0
    capsys.readouterr()
    assert run([*home, "experiment", "plan", "--weeks", "24", "--json"]) == 0
    world = json.loads(capsys.readouterr().out)["world"]
    assert 0 < world["base"] < 1.4
    assert run([*home, "experiment", "plan", "--outcome", "visits"]) == 2


def test_networks_drawn_in_the_same_weeks_have_answers_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = ("week", "pair", "posting_mastodon", "posting_x", "visits")
    other = [1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1]
    rows = [(week, pair, on, other[int(str(week)) - 1], visits) for week, pair, on, visits, _ in PAIRS[1:]]
    found = told(capsys, "analyse", table(tmp_path / "w.csv", [head, *rows]))
    assert list(found) == ["visits, mastodon", "visits, x"]
    assert found["visits, mastodon"]["p_fraction"] == "2/256"
    assert found["visits, x"]["p"] > 0.2


def test_row_numbers_are_no_outcome_whatever_they_are_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = persons(2, 40)
    named = [("no.", *rows[0][1:]), *rows[1:][::-1]]
    assert list(told(capsys, "analyse", table(tmp_path / "p.csv", named))) == ["bought", "spend"]


def test_a_week_in_no_pair_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "analyse", table(tmp_path / "w.csv", [*PAIRS, (17, None, 1, 80, 4)]))
    assert "week 17: it is in no pair" in found["visits"]["left_out"]
    assert found["visits"]["p_fraction"] == "2/256"


def switched(value: Callable[[int, int], object]) -> list[tuple[object, ...]]:
    """Twelve weeks in six pairs of one-week blocks, on first."""
    return [(week, week // 2 + 1, 1 - week % 2, value(week, 1 - week % 2)) for week in range(12)]


@pytest.mark.parametrize(("write", "mark", "unit"), [
    (lambda value: f"{value},5", ";", 1.0), (lambda value: f"1 {value:03},0", ";", 1.0),
    (lambda value: f"{value},5 %", ";", 0.01), (lambda value: f"{value}%", ",", 0.01),
])  # fmt: skip
def test_figures_as_people_write_them_are_an_outcome(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], write: Callable[[int], str], mark: str, unit: float
) -> None:
    rows = [("week", "pair", "posting", "visits"), *switched(lambda week, on: write(20 + week + 30 * on))]
    found = told(capsys, "analyse", table(tmp_path / "weeks.csv", rows, mark))
    assert found["visits"]["estimate"] == pytest.approx(29 * unit)


def test_an_outcome_that_nobody_counted_is_told_and_is_in_nobodys_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weeks = switched(lambda week, on: 20 + week + 30 * on)
    rows = [("week", "pair", "posting", "leads", "visits", "remark"), *((*one, "n/a", "") for one in weeks)]
    found = told(capsys, "analyse", table(tmp_path / "weeks.csv", rows))
    assert [*found] == ["visits", "leads"]
    assert (found["visits"]["estimate"], found["visits"]["reason"]) == (None, "it is known of no week")
    assert (found["leads"]["estimate"], found["leads"]["exploratory"]) == (29.0, None)


def test_posts_with_texts_by_lot_may_tell_their_week(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("week", "arm", "clicks"), *((n // 4, "abc"[n % 3], n * n) for n in range(30))]
    found = told(capsys, "analyse", table(tmp_path / "posts.csv", rows))
    assert (found["clicks"]["counted"], sorted(found["clicks"]["arms"])) == ("persons", ["b", "c"])
