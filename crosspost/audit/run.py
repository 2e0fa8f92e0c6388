"""One audit: a ledger and claims in, every table and verdict out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crosspost.audit import attribution, conversion, funnel, quality, reconciliation, told, verdict, visibility
from crosspost.audit.ledger import Ledger
from crosspost.audit.results import Audit, Claim
from crosspost.audit.verdict import DEFAULT_CLAIMS
from crosspost.domain.period import aware

_NOTES = (
    "Clients are the leads first contacted in the period that were won, whenever, and those won in it without "
    "a recorded lead. A further deal of a client adds money and no client.",
    "A client who returns through a new lead is nobody's new client: verdicts are on all clients, and say what "
    "they would be on new ones.",
    "Last touch is the journey's last channel, else the recorded channel, else the network of the link the "
    "lead carried.",
    "Missing is not zero: a number that was not observed is left out with its reason.",
    "Shares and rates are descriptions. Only a randomised design can say what networks change.",
)


def audit(ledger: Ledger, claims: Sequence[Claim] = DEFAULT_CLAIMS, *, made_at: datetime) -> Audit:
    """Every finding and table of `ledger`. Equal ledgers give equal audits, whatever the order of rows."""
    made_at = aware(made_at)
    data = quality.clean(ledger)
    rows, clients, contacts = data.ledger, data.clients, data.contacts
    currency = rows.brand.currency
    checks, warnings = quality.checks(data, made_at)
    stages, exceeding = funnel.funnel(rows)
    seen = (min(made_at, rows.period.end) - rows.period.start).total_seconds()
    findings = tuple(
        verdict.find(
            claim,
            clients,
            leads=len(contacts),
            weeks=max(0.0, seen / (7 * 86_400)),
            blocked=quality.blocking(data),
        )
        for claim in claims
    )
    tables = (
        attribution.shares(clients),
        attribution.channels(clients),
        stages,
        reconciliation.reconciliation(rows),
        visibility.visibility(rows),
        visibility.months(rows),
        conversion.conversion(contacts),
        conversion.network_against_rest(contacts),
        conversion.revenue(data.deals, currency),
        conversion.hours(rows.effort, clients, data.deals, currency),
        *attribution.agreement(clients),
        *told.placebo(contacts, rows.placebo),
        *told.stages(contacts),
        visibility.spearman_table(rows.posts),
        visibility.concentration_table(rows.posts),
        checks,
    )
    return Audit(
        brand=rows.brand,
        period=rows.period,
        made_at=made_at,
        sandbox=rows.sandbox,
        findings=findings,
        tables=tables,
        warnings=(*warnings, *exceeding),
        notes=(*_NOTES, *ledger.counting),
    )
