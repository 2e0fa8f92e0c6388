"""The sections that count: shares of clients, the way from reach to revenue, conversion, answers, fitness."""

from __future__ import annotations

from crosspost.audit import verdict
from crosspost.audit.counting import (
    against,
    answers,
    conversion,
    coverage,
    funnel,
    hours,
    lags,
    origins,
    payback,
    quality,
    reconciliation,
    stopping,
    told,
    totals,
)  # fmt: skip
from crosspost.audit.section import Given, Section


def shares(given: Given) -> Section:
    """The claims on the share of clients that networks brought (A1)."""
    clients = given.data.clients
    findings = tuple(
        verdict.find(claim, clients, leads=len(given.data.contacts), weeks=given.weeks, blocked=given.blocked)
        for claim in given.claims
    )
    return Section(findings, (origins.shares(clients), origins.channels(clients)))


def networks(given: Given) -> Section:
    """From reach to revenue per network, and from counter to counter."""
    rows = given.data.ledger
    stages, exceeding = funnel.funnel(rows)
    tables = (totals.in_short(given), stages, reconciliation.reconciliation(rows), reconciliation.by_article(rows))
    return Section(tables=tables, warnings=tuple(exceeding))


def converted(given: Given) -> Section:
    """Leads, deals and money per channel, and networks against the rest (A2)."""
    contacts = given.data.contacts
    return Section(
        findings=(against.find(given),),
        tables=(
            conversion.conversion(contacts, given.counted().stages),
            against.network_against_rest(contacts),
            against.sources(contacts),
            conversion.revenue(given.data.deals, given.data.ledger.brand.currency),
        ),
    )


def told_and_recorded(given: Given) -> Section:
    """What clients say against what was recorded (A5), and how far leads came."""
    data = given.data
    return Section(
        findings=tuple(answers.find(given)),
        tables=(
            *answers.agreement(data.clients),
            *told.placebo(data.contacts, data.ledger.placebo),
            *told.stages(data.contacts),
        ),
    )


def time_and_money(given: Given) -> Section:
    """How long until a lead is won, and whether what was spent comes back (A6)."""
    tables = (*lags.lags(given.data.contacts, given.made_at), *payback.payback(given))
    return Section((payback.find(given),), tables)


def hours_spent(given: Given) -> Section:
    """What hours return (A7)."""
    data, ledger = given.data, given.data.ledger
    return Section(
        (hours.find(given), *hours.worth(given)),
        (
            hours.hours(ledger.effort, data.clients, data.deals, ledger.brand.currency, ledger.rate_minor),
            stopping.stopping(given),
        ),
    )


def quality_checks(given: Given) -> Section:
    """Whether the data are fit (A0), and what they cover."""
    checks, warnings = quality.checks(given.data, given.made_at)
    return Section(tables=(checks, coverage.coverage(given.data.ledger.coverage)), warnings=tuple(warnings))
