"""From counts to a verdict, with the claim and its margin always stated.

The rule, on clients of the period: *supported* if the one-sided 95 % upper limit with the unknown counted as
networks is under the margin; *refuted* if the lower limit with the unknown counted out is over it. Otherwise
*not enough data* while there are fewer clients than would settle the matter with none from networks (29 for
10 %, 59 for 5 %), and *inconclusive* from there on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from crosspost.audit import estimate
from crosspost.audit.counting import origins
from crosspost.audit.ledger import LeadRow
from crosspost.audit.results import FIXED, Assumption, Basis, Bounds, Finding, ShareClaim, Verdict

DEFAULT_CLAIMS = (
    ShareClaim("clients_under_10", "Networks bring under 10 % of clients (last touch)", 0.10),
    ShareClaim("clients_under_5", "Networks bring under 5 % of clients (last touch)", 0.05),
    ShareClaim("doors_under_10", "Networks open no doors: under 10 % of clients met one (any touch)", 0.10, Basis.ANY),
)

_CAME = {
    Basis.LAST: "came last by a network",
    Basis.FIRST: "came first by a network",
    Basis.ANY: "met a network on their way",
    Basis.RECORDED: "are recorded under a network",
    Basis.TOLD: "said they came by a network",
}


def bounds(x: int, unknown: int, n: int) -> Bounds:
    """The share of x of n with the unknown counted out and in, and its one-sided 95 % limits; n > 0."""
    return Bounds(
        low=x / n,
        high=(x + unknown) / n,
        low_95=estimate.lower_bound(x, n),
        high_95=estimate.upper_bound(x + unknown, n),
        unknown=unknown,
    )


def judge(x: int, unknown: int, n: int, margin: float) -> Verdict:
    """The verdict on "the share is under `margin`" from x of n clients, `unknown` more unplaced."""
    if n == unknown:
        return Verdict.NOT_ENOUGH_DATA
    limits = bounds(x, unknown, n)
    # A limit that equals the margin settles nothing: 1 of 1 has the lower limit 5 %, whatever its last digit.
    if math.isclose(limits.high_95, margin, rel_tol=1e-9) or math.isclose(limits.low_95, margin, rel_tol=1e-9):
        return _open(n, margin)
    if limits.high_95 < margin:
        return Verdict.SUPPORTED
    if limits.low_95 > margin:
        return Verdict.REFUTED
    return _open(n, margin)


def _open(n: int, margin: float) -> Verdict:
    return Verdict.NOT_ENOUGH_DATA if n < estimate.planned_size(margin) else Verdict.INCONCLUSIVE


def find(
    claim: ShareClaim,
    clients: Sequence[LeadRow],
    *,
    leads: int,
    weeks: float,
    blocked: str | None = None,
    caveats: Sequence[str] = (),
) -> Finding:
    """The finding on `claim` among `clients`, who came of `leads` leads in `weeks` weeks.

    `blocked` is why the data allow no verdict at all; the verdict is then NOT_ENOUGH_DATA with that reason.
    """
    x, unknown, n = origins.count(clients, claim.basis)
    verdict = Verdict.NOT_ENOUGH_DATA if blocked else judge(x, unknown, n, claim.margin)
    missing = None
    if verdict is Verdict.NOT_ENOUGH_DATA:
        missing = blocked or _missing(x, unknown, n, claim, leads, weeks)
    limits = bounds(x, unknown, n) if n else None
    return Finding(
        claim=claim,
        verdict=verdict,
        estimate=estimate.share(x, n) if n else None,
        bounds=limits,
        n=n,
        planned=estimate.planned_size(claim.margin),
        missing=missing,
        caveats=(*_caveats(claim, clients, verdict), *caveats),
        assumptions=_assumptions(claim.basis, clients),
        sentence=_sentence(claim, verdict, x, n, limits, missing),
    )


def percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _missing(x: int, unknown: int, n: int, claim: ShareClaim, leads: int, weeks: float) -> str:
    under = f"would bound the share under {claim.told_margin}"
    if n == 0:
        planned = estimate.planned_size(claim.margin)
        return f"{planned} clients; with none from networks they {under}"
    if n == unknown:
        what = "the journey" if claim.basis in (Basis.ANY, Basis.FIRST) else "the channel"
        return f"{what} of none of the {plural(n, 'client')} is known; record it and audit again"
    more = estimate.more_needed(x + unknown, n, claim.margin)
    pace = []
    if weeks > 0:
        pace.append(plural(math.ceil(more / n * weeks), "week"))
    if leads:
        pace.append(plural(math.ceil(more / n * leads), "lead"))
    at_pace = f" (about {' or '.join(pace)} at this period's pace)" if pace else ""
    if unknown:
        seen = f"{x:,} of {n:,}, and {unknown:,} unknown"
        return f"{seen}; {plural(more, 'more client')} known to come from elsewhere {under}{at_pace}"
    return f"{x:,} of {n:,}; {plural(more, 'more client')} with none from networks {under}{at_pace}"


def _caveats(claim: ShareClaim, clients: Sequence[LeadRow], verdict: Verdict) -> list[str]:
    caveats = ["A share tells how clients came, not what would have happened without networks."]
    n = len(clients)
    placed = [client for client in clients if origins.can_be_placed(client, claim.basis)]
    if len(placed) < n:
        journey = claim.basis in (Basis.ANY, Basis.FIRST)
        lacking = "have no whole journey" if journey else "have no known channel"
        among = judge(*origins.count(placed, claim.basis), claim.margin)
        rest = f"among the other {len(placed)} the verdict would be {among}" if placed else "none is left"
        caveats.append(f"{n - len(placed)} of {plural(n, 'client')} {lacking}; {rest}.")
    new = [client for client in clients if origins.is_new(client)]
    if len(new) < n:
        other = judge(*origins.count(new, claim.basis), claim.margin)
        agrees = "the same" if other is verdict else f"{other}"
        caveats.append(
            f"The denominator is all {n} clients, of whom {n - len(new)} had bought before: nobody's new "
            f"clients. Among the {len(new)} new ones the verdict is {agrees}."
        )
    return caveats


def _assumptions(basis: Basis, clients: Sequence[LeadRow]) -> tuple[Assumption, ...]:
    returning = any(not origins.is_new(client) for client in clients)
    found = [Assumption("Clients came independently of each other.", False if returning else None)]
    if basis is Basis.ANY or basis is Basis.FIRST:
        partial = any(not client.touches for client in clients)
        found.append(Assumption("Journeys are recorded whole.", False if partial else None))
    elif basis is Basis.TOLD:
        silent = any(origins.by_network(client, basis) is None for client in clients)
        found.append(Assumption("Everybody was asked, and remembers.", False if silent else None))
    else:
        found.append(Assumption("The channel is recorded with the same care whatever it is.", None))
    found.append(Assumption(FIXED, None))
    return tuple(found)


def _sentence(claim: ShareClaim, verdict: Verdict, x: int, n: int, limits: Bounds | None, missing: str | None) -> str:
    head = f"{verdict.value.capitalize()}: “{claim.text}”, margin {claim.told_margin}."
    if limits is None:
        return f"{head} No client is known in this period. Missing: {missing}."
    body = f"{x:,} of {plural(n, 'client')} ({percent(limits.low)}) {_CAME[claim.basis]}"
    if limits.unknown:
        body += (
            f", and {limits.unknown:,} cannot be placed: the share lies between {percent(limits.low)} and "
            f"{percent(limits.high)}"
        )
    body += f"; one-sided 95 % limits {percent(limits.low_95)} and {percent(limits.high_95)}."
    return f"{head} {body} Missing: {missing}." if missing else f"{head} {body}"
