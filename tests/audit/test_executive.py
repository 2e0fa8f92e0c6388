"""The first page: five answers, none stronger than its verdict, each with n and interval or with what is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import product

import pytest

from crosspost.audit.executive import Answer, executive
from crosspost.audit.ledger import EffortRow, Experiment, LeadRow, Ledger
from crosspost.audit.results import Audit, Basis, Finding, ShareClaim, Verdict
from crosspost.audit.run import audit
from crosspost.report.language.words import languages, words
from tests.audit.test_experiment_section import ran
from tests.report import made

YES, NO, OPEN, FEW = Verdict.REFUTED, Verdict.SUPPORTED, Verdict.INCONCLUSIVE, Verdict.NOT_ENOUGH_DATA


def clients(last: int, met: int, n: int, *, amount: int | None = 100_000) -> tuple[LeadRow, ...]:
    """n clients: the first `last` came last by x, `met` in all met it, the others came by referral."""
    rows = []
    for number in range(n):
        channel = "x" if number < last else "referral"
        touches = (channel,) if number < last or number >= met else ("x", channel)
        rows.append(
            LeadRow(
                f"lead-{number:03}",
                made.START + timedelta(days=number % 90),
                channel=channel,
                touches=touches,
                won_at=made.START + timedelta(days=number % 90 + 5),
                amount_minor=amount,
                currency="EUR" if amount else None,
            )  # fmt: skip
        )
    return tuple(rows)


def told(leads: tuple[LeadRow, ...], hours: Mapping[str, float] | None = None, rate: int | None = None,
         experiments: tuple[Experiment, ...] = ()) -> Audit:  # fmt: skip
    effort = tuple(EffortRow(channel, made.START.date(), spent) for channel, spent in (hours or {}).items())
    given = Ledger(made.BRAND, made.PERIOD, leads, effort=effort, rate_minor=rate, experiments=experiments)
    return audit(given, made_at=made.MADE_AT)


@cache
def counted(last: int, met: int, n: int) -> Audit:
    return told(clients(last, met, n))


def answers(found: Audit) -> dict[str, Answer]:
    """By key; each in one sentence, in every language."""
    answered = executive(found).answers
    for text in (words(language).tell(one.text) for one in answered for language in languages()):
        assert text.endswith("."), text
        assert not re.search(r"[.!?…]\s", text), text
    return {one.key: one for one in answered}


def of(found: Audit, basis: Basis) -> Finding:
    return next(f for f in found.findings if isinstance(f.claim, ShareClaim) and f.claim.basis is basis)


@pytest.mark.parametrize(
    ("last", "met", "n", "verdicts", "headline"),
    [
        (0, 0, 60, (NO, NO), "Networks brought under 10 % of 60 clients, and few met one on their way."),
        (0, 20, 60, (NO, YES), "Networks brought under 10 % of 60 clients, but more met one on their way."),
        (0, 6, 60, (NO, OPEN), "Networks brought under 10 % of 60 clients; whether they open doors is open."),
        (5, 20, 60, (OPEN, YES), "After 60 clients it is open whether networks bring under 10 % of them."),
        (5, 6, 60, (OPEN, OPEN), "After 60 clients it is open whether networks bring under 10 % of them."),
        (20, 20, 60, (YES, YES), "Networks brought more than 10 % of 60 clients."),
        (0, 0, 12, (FEW, FEW), "There are not enough data to say what networks bring: 12 clients so far."),
        (0, 8, 12, (FEW, YES), "There are not enough data to say what networks bring: 12 clients so far."),
    ],
)
def test_clients_and_doors_follow_their_verdicts(
    last: int, met: int, n: int, verdicts: tuple[Verdict, Verdict], headline: str
) -> None:
    found = counted(last, met, n)
    assert (of(found, Basis.LAST).verdict, of(found, Basis.ANY).verdict) == verdicts
    summary = executive(found)
    assert summary.headline == headline
    words = {NO: "Under 10 %", YES: "Over 10 %", OPEN: "Open", FEW: "Not enough data"}
    for key, verdict, x in zip(("clients", "doors"), verdicts, (last, met), strict=True):
        answer = answers(found)[key]
        assert answer.verdict is verdict
        assert answer.word == words[verdict]
        assert f"{x} of {n}" in answer.text
        limits = of(found, Basis.LAST if key == "clients" else Basis.ANY).bounds
        assert limits is not None
        low, high = (f"{100 * one:.1f} %" for one in (limits.low_95, limits.high_95))
        assert (low in answer.text) == (verdict in (YES, OPEN))
        assert (high in answer.text) == (verdict in (NO, OPEN))
        assert ("more clients" in answer.text) == (verdict is FEW)


@pytest.mark.parametrize(("last", "met"), list(product(Verdict, Verdict)))
def test_no_combination_of_verdicts_is_told_stronger_than_it_is(last: Verdict, met: Verdict) -> None:
    """All sixteen, those that no ledger gives included."""
    found = counted(5, 6, 60)

    def judged(finding: Finding, verdict: Verdict) -> Finding:
        return replace(finding, verdict=verdict, missing="17 clients" if verdict is FEW else None)

    findings = [
        judged(f, last if f.claim.basis is Basis.LAST else met) if isinstance(f.claim, ShareClaim) else f
        for f in found.findings
    ]
    summary = executive(replace(found, findings=tuple(findings)))
    first, second = summary.answers[:2]
    assert (first.verdict, second.verdict) == (last, met)
    brought = summary.headline.startswith("Networks brought")
    assert brought == (last in (NO, YES))
    assert ("but more met one" in summary.headline) == (last is NO and met is YES)
    assert ("few met one" in summary.headline) == (last is NO and met is NO)
    for answer in (first, second):
        assert ("17 clients" in answer.text) == (answer.verdict is FEW)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_doors_without_a_claim_on_shares_are_told_by_the_odds(verdict: Verdict) -> None:
    """With --margin no share of those who met a network is asked; that the won had met one less often always is."""
    found = counted(5, 6, 60)
    odds = next(one for one in found.findings if one.claim.key == "doors_odds")
    odds = replace(odds, verdict=verdict, missing="17 leads" if verdict is FEW else None, sentence="as told.")
    others = [one for one in found.findings if one.claim.key not in ("doors_odds", of(found, Basis.ANY).claim.key)]
    answer = answers(replace(found, findings=(*others, odds)))["doors"]
    words = {NO: "Less often met by the won", YES: "More often met by the won", OPEN: "Open", FEW: "Not enough data"}
    assert (answer.verdict, answer.word, answer.text) == (verdict, words[verdict], "as told.")


def test_where_nothing_is_recorded_every_answer_says_what_is_missing() -> None:
    for found in (made.nothing(), made.posts_only()):
        summary = executive(found)
        assert summary.headline == "Nothing can be said yet: no lead and no deal is recorded in this period."
        assert [one.verdict for one in summary.answers] == [FEW, FEW, FEW, FEW, None]
        assert "29 clients" in summary.answers[0].text
        assert all("issing" in one.text for one in summary.answers[:4])


HOURS = {"x": 200.0, "prospecting": 60.0}


def prospected(by_x: int, by_prospecting: int) -> tuple[LeadRow, ...]:
    rows = clients(by_x, by_x, by_x + by_prospecting)
    return tuple(
        replace(one, channel="prospecting", touches=("prospecting",)) if one.channel == "referral" else one
        for one in rows
    )


@pytest.mark.parametrize(
    ("by_x", "by_prospecting", "rate", "verdict", "word"),
    [
        (1, 30, None, NO, "Less than prospecting"),
        (60, 5, None, YES, "More than prospecting"),
        (20, 6, None, OPEN, "Open"),
        (1, 30, 10_000, NO, "No"),
        (60, 5, 1_000, YES, "Yes"),
        (60, 5, 90_000, None, "Yes and no"),
        (1, 0, None, FEW, "Not enough data"),
    ],
)
def test_hours_are_held_against_prospecting_and_the_own_rate(
    by_x: int, by_prospecting: int, rate: int | None, verdict: Verdict | None, word: str
) -> None:
    found = told(prospected(by_x, by_prospecting), HOURS, rate)
    answer = answers(found)["hours"]
    assert (answer.verdict, answer.word) == (verdict, word)
    shown = [
        f
        for f in found.findings
        if f.claim.audit == "A7" and f.told.partition(". ")[0].removesuffix(".") in answer.text
    ]
    assert len(shown) == (2 if rate else 1)


def test_hours_nobody_logged_are_missing() -> None:
    found = counted(0, 0, 60)
    assert answers(found)["hours"].verdict is FEW
    assert "40 more hours on networks" in answers(found)["hours"].text
    assert answers(found)["stop"].text == "Missing: hours on networks: none are recorded."


def row_of(found: Audit, network: str) -> Mapping[str, object]:
    return next(row for row in found.table("stopping").records() if row["network"] == network)


def test_a_network_is_named_where_its_upper_limit_is_under_an_hour_of_prospecting() -> None:
    """0 clients in 200 h: at most 3.69 (exact, two-sided 95 %); 30 in 60 h prospecting: at least 20.24 / 60 an hour."""
    found = told(prospected(0, 30), HOURS)
    row = row_of(found, "x")
    assert row["most_clients"] == pytest.approx(3.688879, abs=1e-6)
    assert row["least_prospecting"] == pytest.approx(20.240862 / 60, abs=1e-6)
    assert row["stop"] is True
    answer = answers(found)["stop"]
    assert answer.word == "X"
    assert answer.text.startswith("Stopping on X frees 200.0 hours in as long a period; at 95 % it risks at most 3.7 ")
    assert "clients or 3,689 EUR" in answer.text


def test_whoever_met_it_and_whoever_is_unknown_counts_for_it() -> None:
    met = replace(prospected(0, 30)[0], touches=("x", "prospecting"))
    lost = replace(prospected(0, 30)[1], channel=None, touches=())
    rows = (met, lost, *prospected(0, 30)[2:])
    row = row_of(told(rows, HOURS), "x")
    assert (row["clients"], row["unknown"], row["no_journey"]) == (1, 1, 0)  # the unknown one is in the limit already
    assert row["most_clients"] == pytest.approx(7.224688, abs=1e-6)  # of 2
    assert "journey is not recorded" not in answers(told(rows, HOURS))["stop"].text


def test_whoever_came_by_another_channel_and_told_no_way_may_have_met_it() -> None:
    rows = prospected(0, 30)
    bare = told((replace(rows[0], touches=()), *rows[1:]), HOURS)
    assert row_of(bare, "x")["no_journey"] == 1
    assert "besides doors among 1 other client whose journey is not recorded" in answers(bare)["stop"].text
    assert row_of(bare, "x")["most_clients"] == row_of(told(rows, HOURS), "x")["most_clients"]


def test_enough_unknown_clients_keep_every_network_unnamed() -> None:
    rows = tuple(replace(one, channel=None, touches=()) if at < 60 else one
                 for at, one in enumerate(prospected(0, 90)))  # fmt: skip
    found = told(rows, HOURS)
    assert row_of(found, "x")["stop"] is False
    assert answers(found)["stop"].word == "Nowhere yet"


def test_a_rate_that_the_most_money_stays_under_names_it_too() -> None:
    found = told(prospected(0, 30), {"x": 200.0}, 5_000)
    assert row_of(found, "x")["stop"] is True
    found = told(prospected(0, 30), {"x": 200.0}, 1_000)
    assert row_of(found, "x")["stop"] is False


@pytest.mark.parametrize(
    ("hours", "rate", "missing"),
    [
        ({"x": 39.0, "prospecting": 60.0}, None, "X: 39.0 hours, 40 are needed"),
        ({"x": 200.0}, None, "X: an hourly rate, or 40 hours of prospecting"),
    ],
)
def test_what_cannot_be_judged_says_what_is_missing(hours: dict[str, float], rate: int | None, missing: str) -> None:
    answer = answers(told(prospected(0, 30), hours, rate))["stop"]
    assert answer.verdict is FEW
    assert missing in answer.text


def test_no_network_is_named_of_which_an_experiment_saw_something_come() -> None:
    found = told(prospected(0, 30), HOURS, experiments=(ran(),))
    assert next(f for f in found.findings if f.claim.audit == "A9" and "on x" in f.claim.text).verdict is YES
    answer = answers(found)["stop"]
    assert answer.word == "Nowhere yet"
    assert "an experiment saw posting add something" in answer.text


def test_an_experiment_settles_it_when_it_is_over_and_never_before() -> None:
    over = answers(told(clients(0, 0, 60), experiments=(ran(),)))["settle"]
    assert over.word == "An experiment has"
    running = replace(ran(), ends_at=made.MADE_AT + timedelta(days=9))
    found = told(clients(0, 0, 60), experiments=(running,))
    answer = answers(found)["settle"]
    assert answer.word == "An experiment that runs"
    assert answer.text == (
        "Experiment autumn on mastodon, x is looked at once, on 2026-11-29: whether posting adds visits."
    )
    assert not any(f.claim.audit == "A9" for f in found.findings)


def test_an_experiment_that_was_looked_at_early_settles_nothing() -> None:
    early = replace(ran(), unblinded_at=made.START + timedelta(days=9))
    assert answers(told(clients(0, 0, 60), experiments=(early,)))["settle"].word == "Weeks by lot"


def test_without_an_experiment_the_lot_is_what_would_tell() -> None:
    assert answers(counted(0, 0, 60))["settle"].word == "Weeks by lot"
    few = answers(counted(0, 0, 12))["settle"]
    assert few.word == "More data"
    assert few.text.startswith("First what the first answer lacks; whether posting itself")
    assert "6 pairs of 2-week blocks" in few.text
