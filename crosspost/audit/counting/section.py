"""The sections that count: shares of clients, the way from reach to revenue, conversion, answers, fitness."""

from __future__ import annotations

from crosspost.audit import verdict
from crosspost.audit.counting import conversion, coverage, funnel, origins, quality, reconciliation, told
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
    tables = (stages, reconciliation.reconciliation(rows), reconciliation.by_article(rows))
    return Section(tables=tables, warnings=tuple(exceeding))


def converted(given: Given) -> Section:
    """Leads, deals, money and hours per channel (A2, A7)."""
    data, currency = given.data, given.data.ledger.brand.currency
    return Section(
        tables=(
            conversion.conversion(data.contacts),
            conversion.network_against_rest(data.contacts),
            conversion.revenue(data.deals, currency),
            conversion.hours(data.ledger.effort, data.clients, data.deals, currency),
        )
    )


def told_and_recorded(given: Given) -> Section:
    """What clients say against what was recorded (A5), and how far leads came."""
    data = given.data
    return Section(
        tables=(
            *origins.agreement(data.clients),
            *told.placebo(data.contacts, data.ledger.placebo),
            *told.stages(data.contacts),
        )
    )


def quality_checks(given: Given) -> Section:
    """Whether the data are fit (A0), and what they cover."""
    checks, warnings = quality.checks(given.data, given.made_at)
    return Section(tables=(checks, coverage.coverage(given.data.ledger.coverage)), warnings=tuple(warnings))
