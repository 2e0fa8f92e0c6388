"""Ledgers in which every part of an audit has something to say, or has to say why it has not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from crosspost.audit.ledger import CoverageRow, Ledger, LinkRow, Lock, Reacted, VisitRow
from crosspost.commands.coverage import FILE, HAND, HITS, LEADS, OUR_LINKS, REVENUE
from crosspost.domain.message import channel, metric_name
from tests.audit import ledgers, observed
from tests.audit.test_counting import bought, effort, leads, told
from tests.audit.test_experiment_section import COINS, ran
from tests.audit.tried import varied as texts_tried
from tests.report import made

LOCKED_AT = datetime(2019, 1, 1, 8, 30, tzinfo=UTC)


def lock(key: str, answers: str | None, margin: float, unit: str = "share", **more: object) -> Lock:
    """The owner's words are no text of ours: they stay as they are in every language."""
    told = Lock(key, "Zumba", "Bilbo", margin, unit, "A1", LOCKED_AT, None, answers, "f00d", LOCKED_AT)
    return replace(told, **more)  # type: ignore[arg-type]


LOCKS = (
    lock("L1", "clients_under_10", 0.1),
    lock("L2", "networks_convert_worse", 0.7, "ratio", changed="Zorro"),
    lock("L3", "told_matches_record", 0.5, "kappa", looked="Zorro"),
    lock("L4", "networks_pay_back", 6.0, "bananas"),
    lock("L5", "doors_under_10", 0.1, remark="Zorro", until=made.PERIOD.end + timedelta(days=9)),
    lock("L6", "prospecting_beats_networks", 1.0, "ratio", since=made.START + timedelta(days=9)),
)

_TWO_DAYS = date(2026, 2, 5), date(2026, 2, 7)
COVERAGE = (
    CoverageRow(LEADS, "", HAND, date(2026, 1, 5), date(2026, 6, 7), 12, ("2026-01", "2026-06")),
    CoverageRow(LEADS, "", FILE, date(2026, 2, 5), date(2026, 6, 7), 12, ("2026-02", "2026-06"), "a.csv", "ab" * 32),
    CoverageRow(metric_name("reach"), channel("x"), "api", *_TWO_DAYS, 3, ("2026-02",), None, "cd" * 32),
    CoverageRow(HITS, channel("x"), OUR_LINKS, *_TWO_DAYS, 3, ("2026-02",)),
    CoverageRow(REVENUE, "EUR", HAND, *_TWO_DAYS, 3, ("2026-02",)),
)  # fmt: skip


def everything() -> Ledger:
    """The firm with all that can be recorded besides."""
    firm = made.ledger()
    answers = ("referral", "x", "placebo", None)
    rows = tuple(
        replace(
            one, told_channel=answers[at % 4], talking_at=one.contacted_at, referred=at % 3 == 0,
            offered_at=one.contacted_at if at % 2 else None, lost_at=one.contacted_at if not one.won_at else None,
        )
        for at, one in enumerate(firm.leads)
    )  # fmt: skip
    days = observed.fading()
    return replace(
        firm,
        leads=rows,
        visits=(VisitRow("x", 31), VisitRow("facebook", 12, unsure=3), VisitRow("mastodon", 0)),
        placebo=frozenset({"zeppelin"}),
        locks=LOCKS,
        experiments=(ran(), ran(COINS, key="winter"), texts_tried("zumba", ("bilbo", "zorro", "zarafa"))),
        rate_minor=7_500,
        hit_days=ledgers.small().hit_days,
        early=ledgers.small().early,
        visit_days=days.visit_days,
        visit_months=days.visit_months,
        reacted=Reacted(70, 5, 2, 30, 9, 28, 7),
        links=(
            LinkRow("a", "x", "Zarafa", 12, 1, 9), LinkRow("b", "facebook", "Zarafa", None),
            LinkRow("c", "x", None, 3),
        ),
        coverage=COVERAGE,
        closed={"vine": None},
    )  # fmt: skip


def contradicted() -> Ledger:
    """Leads that are recorded twice with different facts, so that no verdict stands."""
    firm = made.ledger()
    return replace(firm, leads=(*firm.leads, replace(firm.leads[0], channel="search")))


def misdated() -> Ledger:
    """Deals from before their leads, and one channel that nobody knows."""
    firm = made.ledger()
    rows = tuple(
        replace(one, won_at=one.contacted_at - timedelta(days=2), channel="Zumba" if at % 2 else one.channel)
        if one.won_at and one.contacted_at else one
        for at, one in enumerate(firm.leads)
    )  # fmt: skip
    return replace(firm, leads=rows)


def interrupted() -> Ledger:
    """Interruptions of every kind: judged, too short, looked at before, overlapping, withdrawn, and networks left."""
    since, day, months = observed.STOPPED, timedelta(days=1), timedelta(days=61)
    said = datetime(since.year, since.month, since.day, tzinfo=UTC) + 30 * day
    return observed.interrupted(
        observed.stopped(why="Zumba", moved_to="mastodon"),
        observed.stopped("site", since=since + 5 * day, until=since + 9 * day, why=None, declared_at=said),
        observed.stopped("posting", since=since - months, until=since, why="Zorro", declared_at=said,
                         looked="audit", looked_at=said - day),
        observed.stopped("mastodon", since=since - 5 * months, moved_to="x", why="Bilbo"),
        observed.stopped("x", since=since + 3 * day, moved_to="linkedin", why="Bilbo"),
        observed.stopped("facebook", why="Zarafa", withdrawn_at=said),
        leads=0.2, visits=0.1, after=10,
    )  # fmt: skip


LEDGERS: Mapping[str, Callable[[], Ledger]] = {
    "firm": made.ledger,
    "simulated": lambda: replace(made.ledger(), sandbox=made.TRUTH),
    "nothing": lambda: Ledger(made.BRAND, made.PERIOD),
    "posts": lambda: Ledger(made.BRAND, made.PERIOD, posts=made.posts()),
    "everything": everything,
    "contradicted": contradicted,
    "misdated": misdated,
    "small": ledgers.small,
    "no clients": lambda: ledgers.clients(0, 0, open_leads=4),
    "unknown": lambda: ledgers.clients(0, 0, 40),
    "few": lambda: ledgers.clients(1, 4, 2, open_leads=3),
    "none of them": lambda: ledgers.clients(0, 80, open_leads=9),
    "half": lambda: ledgers.clients(30, 30, 4),
    "moving": lambda: observed.moving(0.2, seed=1),
    "fading": observed.fading,
    "interrupted": interrupted,
    "told": lambda: Ledger(
        ledgers.BRAND, ledgers.YEAR, told({("x", "x"): 30, ("referral", "referral"): 30, ("x", "placebo"): 9}),
        placebo=frozenset({"zeppelin"}),
    ),
    "spent": lambda: Ledger(
        ledgers.BRAND, ledgers.YEAR,
        (*bought(40, 30, 90_000), *leads("prospecting", 30, 20, amount_minor=50_000, currency="EUR")),
        effort=effort(100.0, 80.0), rate_minor=5_000,
    ),
    "unspent": lambda: Ledger(
        ledgers.BRAND, ledgers.YEAR, leads("x", 30, 12), effort=effort(None, 80.0), rate_minor=5_000
    ),
    "converted": lambda: Ledger(ledgers.BRAND, ledgers.YEAR, (*leads("x", 200, 10), *leads("referral", 200, 60))),
    "hanging": lambda: Ledger(
        ledgers.BRAND, ledgers.YEAR, (*leads("x", 100, 10), *leads("referral", 200, 60), *leads(None, 120, 60))
    ),
}  # fmt: skip
