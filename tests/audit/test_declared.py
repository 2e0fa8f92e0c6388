"""A10 on what was declared to have stopped: the weeks, what foretells them, what is missing, and who had looked."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from crosspost.audit.ledger import CountedDays, EffortRow, InterruptionRow, Ledger, VisitDay
from crosspost.audit.observation.declared import declared
from crosspost.audit.plain import decode, encode
from crosspost.audit.results import FIXED, Finding, Verdict
from crosspost.audit.run import audit
from crosspost.audit.section import Section
from crosspost.domain.period import Period
from tests.audit.ledgers import MADE_AT, small
from tests.audit.observed import STOPPED, given, interrupted, stopped
from tests.audit.test_words import RESERVED, texts

WEEK = timedelta(weeks=1)
LEADS, VISITS = f"leads_at_linkedin_{STOPPED}", f"visits_at_linkedin_{STOPPED}"


def section(ledger: Ledger) -> Section:
    return declared(given(ledger))


def findings(ledger: Ledger) -> dict[str, Finding]:
    return {one.claim.key: one for one in section(ledger).findings}


def rows(ledger: Ledger, name: str) -> list[dict[str, object]]:
    found = next(one for one in section(ledger).tables if one.name == name)
    return [
        {key: found.missing.get((at, key), value) if value is None else value for key, value in row.items()}
        for at, row in enumerate(found.records())
    ]


def test_nothing_is_said_where_nothing_was_declared() -> None:
    assert section(interrupted()) == Section()
    assert not [one for one in audit(small(), made_at=MADE_AT).findings if one.claim.audit == "A10"]


def test_a_drop_is_seen_where_it_is_and_nowhere_else() -> None:
    found = findings(interrupted(stopped(), leads=0.2))
    assert (found[LEADS].verdict, found[VISITS].verdict) == (Verdict.SUPPORTED, Verdict.REFUTED)
    assert "The data are consistent with a change at that time" in found[LEADS].sentence
    other = findings(interrupted(stopped(), visits=0.0))
    assert (other[LEADS].verdict, other[VISITS].verdict) == (Verdict.INCONCLUSIVE, Verdict.SUPPORTED)


def test_the_figures_of_a_row_fit_together() -> None:
    for row in rows(interrupted(stopped(), leads=0.2, visits=0.5), "interruptions"):
        seen, foretold, change = (float(str(row[name])) for name in ("seen", "foretold", "change"))
        assert change == pytest.approx((seen + 0.5) / (foretold + 0.5) - 1)
        assert float(str(row["low"])) < change < float(str(row["high"]))


def test_worlds_where_nothing_changed_seldom_support_and_a_change_is_covered() -> None:
    """25 worlds each; 5 % of 50 verdicts are 2.5, give or take 3 standard errors of 1.5."""
    verdicts, covered = [], 0
    for seed in range(25):
        verdicts += [one.verdict for one in findings(interrupted(stopped(), seed=seed)).values()]
        estimate = findings(interrupted(stopped(), visits=0.0, seed=seed))[VISITS].estimate
        assert estimate is not None
        covered += estimate.low <= -30 / 140 <= estimate.high
    assert verdicts.count(Verdict.SUPPORTED) <= 7
    assert covered >= 22


def test_visits_from_elsewhere_are_held_and_those_of_other_networks_are_not() -> None:
    """All visits vary alike, so that without a control the interval would be some times as wide."""
    ledger = interrupted(stopped(), visits=0.0)
    bare = replace(ledger, visit_days=tuple(row for row in ledger.visit_days if row.network is not None))
    [_, held], [_, alone] = (rows(one, "interruptions") for one in (ledger, bare))
    assert held["held_against"] == "visits from elsewhere and an even trend"
    assert alone["held_against"] == "the weeks before, by their trend,"
    width, wide = (float(str(one["high"])) - float(str(one["low"])) for one in (held, alone))
    assert width < wide


@pytest.mark.parametrize(("weekly", "held"), [(4, False), (5, True)])
def test_visits_from_elsewhere_that_are_too_rare_tell_no_season(weekly: int, held: bool) -> None:
    ledger = interrupted(stopped())
    others = tuple(row for row in ledger.visit_days if row.network is not None)
    rare = tuple(VisitDay(None, STOPPED + week * WEEK, weekly) for week in range(-40, 12))
    for row in rows(replace(ledger, visit_days=(*others, *rare)), "interruptions"):
        assert (row["held_against"] == "visits from elsewhere and an even trend") is held


def test_a_whole_year_tells_its_season_where_nothing_stands_beside() -> None:
    ledger = interrupted(stopped("site"), before=60, leads=0.2)
    leads, _ = findings(ledger).values()
    assert leads.estimate is not None
    assert leads.estimate.method == "interrupted series with a trend and a yearly wave"
    assert "the year before, by its trend and season, foretold" in leads.sentence
    assert any("one year tells a season as an even wave alone" in one for one in leads.caveats)


def test_what_could_be_a_season_has_a_figure_and_no_verdict() -> None:
    leads, _ = findings(interrupted(stopped("site"), before=51, leads=0.2)).values()
    assert leads.estimate is not None
    assert leads.estimate.high < -0.2
    assert (leads.verdict, leads.n, leads.planned) == (Verdict.NOT_ENOUGH_DATA, 51, 52)
    assert "52 whole weeks in a row are needed before it, 51 are known: 1 more week" in str(leads.missing)
    assert "consistent with a change" not in leads.sentence
    known, _ = findings(interrupted(stopped("site"), before=52, leads=0.2)).values()
    assert known.verdict is Verdict.SUPPORTED


def test_a_site_that_was_down_has_no_control() -> None:
    found = section(interrupted(stopped("site"), leads=0.2))
    assert [row["held_against"] for row in found.tables[0].records()] == ["the weeks before, by their trend,"] * 2
    assert not any("visits from elsewhere" in one.text for each in found.findings for one in each.assumptions)


@pytest.mark.parametrize(("before", "more"), [(19, 1), (5, 15)])
def test_twenty_weeks_before_are_needed(before: int, more: int) -> None:
    found = findings(interrupted(stopped(), before=before, leads=0.0))[LEADS]
    assert (found.verdict, found.n, found.planned, found.counted) == (
        Verdict.NOT_ENOUGH_DATA, before, 20, "weeks before"
    )  # fmt: skip
    assert f"20 whole weeks in a row are needed before it, {before} are known: {more} more week" in str(found.missing)
    assert found.estimate is None


def test_twenty_leads_before_are_needed_and_no_fewer_refute() -> None:
    """With a lead in ten weeks, half a lead added to each would make any change look small."""
    found = findings(interrupted(stopped(), before=60, weekly=0.1, seed=2))[LEADS]
    assert found.verdict is Verdict.NOT_ENOUGH_DATA
    assert re.search(r"\d were counted in the weeks before, 20 are needed: \d+ more leads", str(found.missing))


def test_what_never_varies_is_no_change() -> None:
    ledger = interrupted(stopped(), before=60)
    days = tuple(VisitDay("x", STOPPED + week * WEEK, 3) for week in range(-60, 12))
    found = findings(replace(ledger, visit_days=days))[VISITS]
    assert found.estimate is not None
    assert (found.verdict, found.estimate.value) == (Verdict.REFUTED, 0.0)


def test_with_twenty_weeks_before_there_are_placebos() -> None:
    ledger = interrupted(stopped(), before=20, leads=0.0)
    row = rows(ledger, "interruptions")[0]
    assert (row["weeks_before"], row["weeks_after"], row["placebos"]) == (20, 10, 3)
    assert Verdict.NOT_ENOUGH_DATA not in {one.verdict for one in findings(ledger).values()}


@pytest.mark.parametrize(
    ("after", "missing"), [(3, "3 are known: 1 more week"), (0, "needed after it, 0 are known: 4 more weeks")]
)
def test_four_weeks_after_are_needed(after: int, missing: str) -> None:
    assert missing in str(findings(interrupted(stopped(), after=after))[LEADS].missing)


def test_what_was_over_in_less_cannot_be_waited_for() -> None:
    found = findings(interrupted(stopped(until=STOPPED + timedelta(days=27))))[LEADS]
    assert "it lasted under 4 weeks" in str(found.missing)
    assert "more week" not in str(found.missing)
    whole = interrupted(stopped(until=STOPPED + timedelta(days=34)))
    assert rows(whole, "interruptions")[0]["weeks_after"] == 4  # the last days are no whole week


def test_at_most_a_quarter_after_and_a_year_before_are_compared() -> None:
    row = rows(interrupted(stopped(), before=60, after=30), "interruptions")[0]
    assert (row["weeks_before"], row["weeks_after"]) == (52, 12)


def test_a_week_that_was_not_counted_is_missing_and_ends_the_run() -> None:
    ledger = interrupted(stopped())
    [span] = ledger.visit_spans
    gap = STOPPED - 25 * WEEK + timedelta(days=2)
    spans = (CountedDays(span.start, gap), CountedDays(gap + timedelta(days=1), span.end))
    ledger = replace(ledger, visit_spans=spans)
    leads, visits = rows(ledger, "interruptions")
    assert visits["weeks_before"] == leads["weeks_before"] == 24  # leads too: their control ends there
    weeks = {row["week"]: row for row in rows(ledger, "interruption_weeks") if row["outcome"] == "visits"}
    assert weeks[-25]["seen"] == "visits were not counted on each of its days"
    assert weeks[-25]["foretold"] == "not among the weeks in a row that are compared"
    assert isinstance(weeks[-24]["foretold"], float)
    near = CountedDays(span.start, STOPPED - 10 * WEEK)
    without = replace(ledger, visit_spans=(near, CountedDays(STOPPED - 9 * WEEK, span.end)))
    leads, visits = rows(without, "interruptions")
    assert (leads["weeks_before"], leads["held_against"]) == (40, "the weeks before, by their trend,")
    assert visits["weeks_before"] == 9


def test_weeks_are_counted_from_the_declared_day_and_add_up() -> None:
    ledger = interrupted(stopped())
    weeks = [row for row in rows(ledger, "interruption_weeks") if row["outcome"] == "visits"]
    assert [row["week"] for row in weeks] == list(range(-40, 12))
    start, end = STOPPED - 2 * WEEK, STOPPED - WEEK
    want = sum(row.visits for row in ledger.visit_days if start <= row.day < end)
    assert (weeks[38]["start"], weeks[38]["seen"]) == (start.isoformat(), want)


def test_nothing_is_known_of_days_to_come() -> None:
    """A period that ends later than the audit is made holds no weeks without a lead."""
    ledger = interrupted(stopped(), after=12)
    early = datetime(2024, 4, 8, tzinfo=UTC)  # five weeks after
    found = audit(ledger, made_at=early).table("interruptions").records()
    assert [row["weeks_after"] for row in found] == [5, 5]


def test_who_had_looked_before_declaring_is_told() -> None:
    late = datetime(2024, 3, 20, tzinfo=UTC)
    told = {
        "before": stopped(),
        "within the week": stopped(declared_at=datetime(2024, 3, 10, 23, tzinfo=UTC)),
        "late": stopped(declared_at=datetime(2024, 3, 11, tzinfo=UTC)),
        "after a look": stopped(declared_at=late, looked="audit", looked_at=late - timedelta(days=1)),
        "its end after a look": stopped(looked="report", looked_at=late),
    }
    said = {}
    for name, row in told.items():
        found = findings(interrupted(row))[LEADS]
        fixed = next(one.held for one in found.assumptions if one.text == FIXED)
        said[name] = fixed, [one for one in found.caveats if "exploratory" in one]
    assert said["before"] == said["within the week"] == (True, [])
    assert said["late"] == (
        False, ["Declared on 2024-03-11, when the first week after it was over already: exploratory."]
    )  # fmt: skip
    assert said["after a look"] == (
        False,
        ["Declared on 2024-03-20, after a look (audit) was taken on 2024-03-19 at what followed: exploratory."],
    )
    assert said["its end after a look"] == (
        False, ["Its end was told after a look (report) was taken on 2024-03-20 at what followed: exploratory."]
    )  # fmt: skip


def test_another_one_at_that_time_breaks_an_assumption() -> None:
    def held(other: InterruptionRow) -> bool | None:
        found = findings(interrupted(stopped(), other))[LEADS]
        return next(one.held for one in found.assumptions if one.text.startswith("Nothing else changed"))

    assert held(stopped("posting", since=STOPPED + WEEK)) is False
    assert held(stopped("posting", since=STOPPED - 9 * WEEK, until=STOPPED - 8 * WEEK)) is False
    assert held(stopped("posting", since=STOPPED - 60 * WEEK, until=STOPPED - 50 * WEEK)) is None
    assert held(stopped("posting", since=STOPPED + 20 * WEEK)) is None


def test_one_that_was_withdrawn_is_told_and_not_judged() -> None:
    found = section(interrupted(stopped(withdrawn_at=datetime(2024, 5, 1, tzinfo=UTC))))
    assert found.findings == ()
    [note] = found.notes
    assert note.startswith("An interruption of linkedin on 2024-03-04, declared on 2024-03-03, was withdrawn")


def test_contradictory_leads_leave_no_verdict() -> None:
    ledger = interrupted(stopped(), leads=0.2)
    twice = replace(ledger, leads=(*ledger.leads, replace(ledger.leads[0], channel="search")))
    found = [one for one in audit(twice, made_at=MADE_AT).findings if one.claim.audit == "A10"]
    assert [one.verdict for one in found] == [Verdict.NOT_ENOUGH_DATA] * 2


def test_order_and_split_rows_change_nothing() -> None:
    ledger = interrupted(
        stopped(moved_to="mastodon"), stopped("posting", since=STOPPED + 2 * WEEK), stopped("site"), leads=0.2
    )
    once = audit(ledger, made_at=MADE_AT)
    random = Random(3)
    days = [
        part
        for row in ledger.visit_days
        for part in (replace(row, visits=row.visits // 2), replace(row, visits=row.visits - row.visits // 2))
    ]
    mixed = replace(
        ledger,
        leads=tuple(random.sample(ledger.leads, len(ledger.leads))),
        visit_days=tuple(random.sample(days, len(days))),
        interruptions=tuple(reversed(ledger.interruptions)),
    )
    assert audit(mixed, made_at=MADE_AT) == once
    assert decode(Ledger, encode(ledger)) == ledger


def test_no_message_has_words_of_randomised_designs() -> None:
    said = list(texts(audit(interrupted(stopped(moved_to="x"), stopped("site")), made_at=MADE_AT).as_dict()))
    assert not [text for text in said if RESERVED.search(text)]
    assert any("interruption of the site" in text for text in said)


# After a move.


def moved(new: dict[int, int], *effort: EffortRow, spans: tuple[CountedDays, ...] | None = None) -> dict[str, object]:
    """Ten visits a week from linkedin, none after; from mastodon two a week before, and `new` by week after."""
    days = [VisitDay("linkedin", STOPPED - week * WEEK, 10) for week in range(1, 13)]
    days += [VisitDay("mastodon", STOPPED - week * WEEK, 2) for week in range(1, 13)]
    days += [VisitDay("mastodon", STOPPED + week * WEEK + timedelta(days=6), number) for week, number in new.items()]
    end = STOPPED + 30 * WEEK
    period = Period(*(datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (date(2023, 9, 1), end)))
    known = (CountedDays(STOPPED - 12 * WEEK, end),) if spans is None else spans
    ledger = replace(
        interrupted(stopped(moved_to="mastodon")),
        period=period, visit_days=tuple(days), visit_spans=known, effort=effort,
    )  # fmt: skip
    [row] = rows(ledger, "regained")
    return row


def test_the_first_week_that_brings_both_together_and_the_hours_until_its_end() -> None:
    spent = [EffortRow("Mastodon", STOPPED + week * WEEK, 1.5) for week in range(-3, 9)]
    row = moved({3: 11, 5: 12, 6: 4, 8: 30}, *spent, EffortRow("x", STOPPED, 50.0))
    assert row["old_before"] == 10
    assert row["new_before"] == 2
    assert (row["weeks_until"], row["reached"]) == (6, (STOPPED + 5 * WEEK).isoformat())
    assert (row["weeks_known"], row["weeks_as_many"], row["most"]) == (30, 2, 30)
    assert (row["hours"], row["hours_so_far"]) == (9.0, 13.5)


def test_what_is_not_reached_yet_says_so_with_the_hours_so_far() -> None:
    row = moved({3: 11}, EffortRow("mastodon", STOPPED, 4.0))
    assert row["weeks_until"] == row["hours"] == row["reached"] == "not yet after 30 weeks"
    assert (row["weeks_as_many"], row["most"], row["hours_so_far"]) == (0, 11, 4.0)


def test_hours_and_visits_that_nobody_knows_are_missing_with_their_reason() -> None:
    open_ = moved({0: 12}, EffortRow("mastodon", STOPPED, 4.0), EffortRow("mastodon", STOPPED, None))
    assert (open_["weeks_until"], open_["hours"]) == (1, "not known for 1 of 2 spans; at least 4 hours")
    assert moved({0: 12})["hours"] == "no hours are recorded on it in that time"
    short = moved({0: 12}, spans=(CountedDays(STOPPED - 5 * WEEK, STOPPED + 2 * WEEK),))
    assert short["old_before"] == short["weeks_until"] == "visits were counted on each day in 5 of the 12 weeks before"
    assert short["weeks_known"] == 2
    none = moved({0: 12}, spans=(CountedDays(STOPPED - 12 * WEEK, STOPPED),))
    assert none["most"] == "no whole week after the move is known"
    late = moved({0: 3, 2: 12}, spans=(CountedDays(STOPPED - 12 * WEEK, STOPPED + WEEK),
                                       CountedDays(STOPPED + 2 * WEEK, STOPPED + 9 * WEEK)))  # fmt: skip
    assert late["weeks_until"] == "not yet after 1 week"  # an unknown week might have been the first


def test_a_network_that_brought_nothing_is_not_regained() -> None:
    ledger = replace(interrupted(stopped("facebook", moved_to="mastodon")))
    [row] = rows(ledger, "regained")
    assert row["old_before"] == 0
    assert row["weeks_until"] == "it brought no visits in the 12 weeks before"
