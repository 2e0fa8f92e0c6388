"""Signs of an audience, fading, hours of the week and coverage: records against the audit's tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from crosspost.audit.ledger import ClickHour, CoverageRow, EarlyRow, FollowersRow, HitDay, Ledger, PostRow
from crosspost.audit.results import Audit
from crosspost.audit.run import audit
from crosspost.report.charts import made as made_charts
from crosspost.report.charts import prepare
from crosspost.report.language.words import words
from crosspost.report.records import LeftOut
from crosspost.report.records.grid import Grid, Square
from crosspost.report.records.levels import LevelRow, Levels
from tests.audit import observed
from tests.report import made
from tests.report.test_chart_data import SAY, chart, plain

DAY = timedelta(days=1)


def odd() -> Audit:
    """60 days of followers with two jumps on X, 60 of 120 clicks in the first seconds, and little of Facebook."""
    steps = [2.0 + index % 3 + (200 if index in (20, 41) else 0) for index in range(60)]
    levels = [FollowersRow("x", made.START + index * DAY, 1000.0 + sum(steps[:index])) for index in range(60)]
    days = [HitDay("x", "c", made.START.date() + index * DAY, 1 + index % 4) for index in range(40)]
    early = (EarlyRow("x", 120, 60), EarlyRow("facebook", 4, 0))
    ledger = replace(made.ledger(), followers=tuple(levels), hit_days=tuple(days), early=early)
    return audit(ledger, made_at=made.MADE_AT)


def left_out(found: Audit, name: str) -> str:
    """Why a report does without that chart."""
    one = next(one for one in made_charts(found, SAY) if one.name == name)
    assert isinstance(one, LeftOut)
    return one.reason


def sign(levels: Levels, group: str, label: str) -> LevelRow:
    return next(one for one in levels.rows if (one.group, one.label) == (group, label))


def test_signs_of_an_audience_have_numbers_and_flags_and_accuse_nobody() -> None:
    levels = chart(odd(), "audience", Levels)
    first = sign(levels, "X", "clicks in the first 10 s")
    row = next(
        one for one in odd().table("audience").records() if (one["network"], one["sign"]) == ("x", "first seconds")
    )
    assert (first.value, first.low, first.high) == (0.5, row["share_low"], row["share_high"])
    assert (first.level, first.flag) == (0.20, True)
    assert plain(first.text) == "60 of 120 clicks · 50.0 % · look"
    jumps = sign(levels, "X", "jumps of followers")
    assert (plain(jumps.text), jumps.flag, jumps.level) == ("2 of 59 changes · 3.4 %", False, 0.05)
    assert levels.title == "Worth a look: X"
    assert "accuses nobody" in levels.caption
    few = sign(levels, "Facebook", "clicks in the first 10 s")
    assert (few.text, few.faint, few.flag) == ("0 of 4 clicks: under 10", True, False)
    silent = sign(levels, "Bluesky", "jumps of followers")
    assert (silent.value, silent.text) == (None, "— followers were read over 0 days; 30 are needed")


def test_an_audience_of_which_nothing_is_known_has_no_picture_but_a_reason() -> None:
    bare = audit(Ledger(made.BRAND, made.PERIOD, posts=made.posts()), made_at=made.MADE_AT)
    assert left_out(bare, "audience") == "too few days are known of any network"
    assert left_out(made.nothing(), "audience") == SAY("no_networks")


def test_fading_slopes_stand_by_themselves_and_over_elsewhere_with_intervals() -> None:
    found = audit(observed.fading(), made_at=made.MADE_AT)
    levels = chart(found, "fading", Levels)
    rows = {str(row["network"]): row for row in found.table("fading").records()}
    assert (levels.level, levels.growth) == (0.0, True)
    for name, group in (("mastodon", "Mastodon"), ("x", "X")):
        own, over = (sign(levels, group, label) for label in ("visits per post", "over elsewhere"))
        assert (own.value, own.low, own.high) == tuple(
            rows[name][column] for column in ("yearly_change", "yearly_low", "yearly_high")
        )
        assert (over.value, over.hollow) == (rows[name]["against_yearly"], True)
        assert own.low is not None
        assert own.high is not None
        assert own.value is not None
        assert own.low < own.value < own.high < 0
    assert levels.title == "Visits per post fall on Mastodon, X"
    assert levels.rows[-1].group == "Elsewhere"
    assert left_out(made.posts_only(), "fading") == "0 months with a post and a count; 12 are needed"


def test_hours_of_the_week_are_counted_in_both_panels_on_the_same_hours() -> None:
    posts = tuple(PostRow("x", made.START + timedelta(days=day, hours=hour)) for day, hour in ((0, 9), (0, 9), (6, 17)))
    ledger = Ledger(made.BRAND, made.PERIOD, posts=posts, click_hours=(ClickHour("x", 1, 10, 1234, 5),))
    grid = chart(audit(ledger, made_at=made.MADE_AT), "calendar", Grid)
    sent, followed = grid.panels
    assert sent.columns == followed.columns == tuple(str(hour) for hour in range(9, 18))
    assert [row.label for row in sent.rows] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert sent.rows[0].cells[0] == Square(2.0, "2")
    assert sent.rows[6].cells[8] == Square(1.0, "1")
    assert followed.rows[0].cells[1] == Square(1234.0, "1.23k")
    assert sum(cell.value or 0 for row in sent.rows for cell in row.cells) == 3
    assert "Mon 9 2" in grid.alt
    dated = replace(ledger, posts=(*posts, PostRow("x", made.START)))
    both = chart(audit(dated, made_at=made.MADE_AT), "calendar", Grid)
    assert both.left_out == (("1 post", "of posts only the day is told"),)
    assert both.panels == grid.panels
    silent = chart(audit(replace(ledger, click_hours=()), made_at=made.MADE_AT), "calendar", Grid)
    assert (silent.panels[1].rows, silent.panels[1].reason) == ((), "no hit is kept with its hour")


def covered(*rows: CoverageRow) -> Grid:
    return chart(audit(replace(made.ledger(), coverage=rows), made_at=made.MADE_AT), "coverage", Grid)


def told(figure: str, of: str, origin: str, *months: str, file: str | None = None) -> CoverageRow:
    first, last = date.fromisoformat(f"{months[0]}-05"), date.fromisoformat(f"{months[-1]}-07")
    return CoverageRow(figure, of, origin, first, last, 3, months, file, "ab" * 32 if file else None)


def test_months_between_of_which_nothing_was_told_are_holes_and_others_are_not() -> None:
    grid = covered(
        told("leads", "", "file", "2025-11", "2026-01", "2026-04", file="a.csv"),
        told("hits", "x", "our links", "2026-02"),
    )
    (panel,) = grid.panels
    rows = {row.label: row for row in panel.rows}
    assert panel.columns == ("Nov", "Dec", "Jan 2026", "Feb", "Mar", "Apr")
    assert ["1" if one.value else "-" if one.hole else " " for one in rows["Leads"].cells] == list("1-1--1")
    assert ["1" if one.value else "-" if one.hole else " " for one in rows["Hits, x"].cells] == list("   1  ")
    assert (rows["Leads"].note, rows["Hits, x"].note) == ("a.csv", "our links")
    assert (grid.title, grid.plain) == ("3 holes in what is known", True)
    assert "Leads (a.csv): 2025-11-05 to 2026-04-07; holes: 2025-12, 2026-02 to 2026-03" in grid.alt
    whole = covered(told("leads", "", "hand", "2026-01", "2026-02"))
    assert whole.title == "Every source tells all months in between"


def test_too_many_sources_of_a_figure_become_one_row() -> None:
    files = [told("leads", "", "file", f"2026-{month:02d}", file=f"{month}.csv") for month in range(1, 8)]
    grid = covered(*files, *(told(f"metric {index}", "x", "api", "2026-03") for index in range(20)))
    labels = [row.label for row in grid.panels[0].rows]
    assert labels.count("Leads") == 1
    assert len(labels) == 21
    many = covered(*(told(f"metric {index}", "x", "api", "2026-03") for index in range(40)))
    assert len(many.panels[0].rows) == 24
    assert many.left_out == (("Not drawn", "16 more rows of tables/coverage.csv"),)


def test_of_many_months_the_years_are_written() -> None:
    months = [f"{2020 + index // 12}-{index % 12 + 1:02d}" for index in range(6, 66)]
    columns = covered(told("leads", "", "hand", *months)).panels[0].columns
    assert len(columns) == 60
    assert [name for name in columns if name] == ["2020", "2021", "2022", "2023", "2024", "2025"]


def test_where_nothing_was_told_or_posted_a_chart_is_left_out() -> None:
    assert left_out(made.firm(), "coverage") == "no source told anything"
    assert left_out(made.nothing(), "calendar") == "no post of known date"
    assert left_out(made.firm(), "calendar") == "of posts only the day is told"


def test_in_french_days_months_and_nouns_are_french() -> None:
    french = words("fr")
    charts = {one.name: one for one in prepare(odd(), french)}
    levels = charts["audience"]
    assert isinstance(levels, Levels)
    assert plain(sign(levels, "X", "bonds d’abonnés").text) == "2 sur 59 changements · 3,4 %"
    assert [french.weekday(day) for day in (1, 2)] == ["lun", "mar"]
    assert [french.month(2026 * 12), french.month(2026 * 12 + 1)] == ["janv 2026", "févr"]
    assert [french.change(-0.444), french.change(0.031)] == ["−44\u00a0%", "+3,1\u00a0%"]
