"""One audit: a ledger and claims in, every table and verdict out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crosspost.audit.counted import once
from crosspost.audit.counting import section as counting
from crosspost.audit.counting.quality import blocking, clean
from crosspost.audit.credit import section as credit
from crosspost.audit.experiments import section as experiments
from crosspost.audit.ledger import Ledger
from crosspost.audit.locks import claims_under, under_lock
from crosspost.audit.observation import audience, benevolence, changes, declared, fading
from crosspost.audit.observation import section as observation
from crosspost.audit.results import Audit, ShareClaim
from crosspost.audit.section import Given, Make
from crosspost.audit.statistics import Count, plain
from crosspost.audit.turning import would_change
from crosspost.audit.verdict import DEFAULT_CLAIMS
from crosspost.domain.message import say
from crosspost.domain.period import aware

# In the order in which people read.
SECTIONS: tuple[Make, ...] = (
    counting.shares,
    counting.networks,
    observation.visible,
    counting.converted,
    counting.hours_spent,
    counting.time_and_money,
    counting.told_and_recorded,
    credit.credit,
    credit.open_doors,
    observation.spread,
    experiments.experiments,
    benevolence.benevolence,
    changes.changes,
    fading.fading,
    declared.declared,
    audience.audience,
    counting.quality_checks,
)

_NOTES = (
    say(
        "Clients are the leads first contacted in the period that were won, whenever, and those won in it without "
        "a recorded lead. A further deal of a client adds money and no client."
    ),
    say(
        "A client who returns through a new lead is nobody's new client: verdicts are on all clients, and say what "
        "they would be on new ones."
    ),
    say(
        "Last touch is the journey's last channel, else the recorded channel, else the network of the link the "
        "lead carried."
    ),
    say("Missing is not zero: a number that was not observed is left out with its reason."),
    say("Shares and rates are descriptions. Only a randomised design can say what networks change."),
)


def audit(
    ledger: Ledger, claims: Sequence[ShareClaim] = DEFAULT_CLAIMS, *, made_at: datetime, count: Count = plain
) -> Audit:
    """Every finding and table of `ledger`. Equal ledgers give equal audits, whatever the order of rows and whoever
    counts."""
    made_at = aware(made_at)
    ledger = replace(ledger, locks=tuple(sorted(ledger.locks, key=lambda one: (one.locked_at, one.key))))
    data = clean(ledger)
    seen = (min(made_at, data.ledger.period.end) - data.ledger.period.start).total_seconds()
    given = Given(
        data=data,
        claims=claims_under(ledger.locks, claims),
        made_at=made_at,
        weeks=max(0.0, seen / (7 * 86_400)),
        blocked=blocking(data),
        count=once(count),
    )
    made = [make(given) for make in SECTIONS]
    findings = tuple(under_lock(finding, data.ledger) for section in made for finding in section.findings)
    return Audit(
        brand=data.ledger.brand,
        period=data.ledger.period,
        made_at=made_at,
        sandbox=data.ledger.sandbox,
        findings=findings,
        tables=(would_change(findings), *(table for section in made for table in section.tables)),
        warnings=tuple(warning for section in made for warning in section.warnings),
        notes=(*_NOTES, *(note for section in made for note in section.notes), *ledger.counting),
        locks=data.ledger.locks,
    )
