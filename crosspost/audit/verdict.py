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
from crosspost.audit.results import FIXED, Assumption, Basis, Bounds, Finding, ShareClaim, Verdict, stated
from crosspost.domain.message import count, either, number, say, share

DEFAULT_CLAIMS = (
    ShareClaim("clients_under_10", say("Networks bring under 10 % of clients (last touch)"), 0.10),
    ShareClaim("clients_under_5", say("Networks bring under 5 % of clients (last touch)"), 0.05),
    ShareClaim(
        "doors_under_10", say("Networks open no doors: under 10 % of clients met one (any touch)"), 0.10, Basis.ANY
    ),
)


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


def _missing(x: int, unknown: int, n: int, claim: ShareClaim, leads: int, weeks: float) -> str:
    margin = claim.told_margin
    if n == 0:
        planned = estimate.planned_size(claim.margin)
        return say(
            "{planned} clients; with none from networks they would bound the share under {margin}",
            planned=planned, margin=margin,
        )  # fmt: skip
    if n == unknown:
        clients = count(n, "client")
        if claim.basis in (Basis.ANY, Basis.FIRST):
            return say("the journey of none of the {clients} is known; record it and audit again", clients=clients)
        return say("the channel of none of the {clients} is known; record it and audit again", clients=clients)
    more = estimate.more_needed(x + unknown, n, claim.margin)
    told = {"x": number(x), "n": number(n), "more": count(more, "more client"), "margin": margin}
    if unknown:
        lacking = say(
            "{x} of {n}, and {unknown} unknown; {more} known to come from elsewhere would bound the share under "
            "{margin}", unknown=number(unknown), **told,
        )  # fmt: skip
    else:
        lacking = say("{x} of {n}; {more} with none from networks would bound the share under {margin}", **told)
    pace = []
    if weeks > 0:
        pace.append(count(math.ceil(more / n * weeks), "week"))
    if leads:
        pace.append(count(math.ceil(more / n * leads), "lead"))
    return (
        say("{lacking} (about {pace} at this period's pace)", lacking=lacking, pace=either(pace)) if pace else lacking
    )


def _caveats(claim: ShareClaim, clients: Sequence[LeadRow], verdict: Verdict) -> list[str]:
    caveats: list[str] = [say("A share tells how clients came, not what would have happened without networks.")]
    n = len(clients)
    placed = [client for client in clients if origins.can_be_placed(client, claim.basis)]
    if len(placed) < n:
        among = judge(*origins.count(placed, claim.basis), claim.margin)
        rest = say("none is left")
        if placed:
            rest = say(
                "among the other {number} the verdict would be {verdict}", number=len(placed), verdict=among.told
            )
        some, all_of_them = n - len(placed), count(n, "client")
        if claim.basis in (Basis.ANY, Basis.FIRST):
            caveats.append(say("{some} of {n} have no whole journey; {rest}.", some=some, n=all_of_them, rest=rest))
        else:
            caveats.append(say("{some} of {n} have no known channel; {rest}.", some=some, n=all_of_them, rest=rest))
    new = [client for client in clients if origins.is_new(client)]
    if len(new) < n:
        other = judge(*origins.count(new, claim.basis), claim.margin)
        agrees = say("the same") if other is verdict else other.told
        caveats.append(
            say(
                "The denominator is all {n} clients, of whom {returning} had bought before: nobody's new clients. "
                "Among the {new} new ones the verdict is {agrees}.",
                n=n, returning=n - len(new), new=len(new), agrees=agrees,
            )
        )  # fmt: skip
    return caveats


def _assumptions(basis: Basis, clients: Sequence[LeadRow]) -> tuple[Assumption, ...]:
    returning = any(not origins.is_new(client) for client in clients)
    found = [Assumption(say("Clients came independently of each other."), False if returning else None)]
    if basis is Basis.ANY or basis is Basis.FIRST:
        partial = any(not client.touches for client in clients)
        found.append(Assumption(say("Journeys are recorded whole."), False if partial else None))
    elif basis is Basis.TOLD:
        silent = any(origins.by_network(client, basis) is None for client in clients)
        found.append(Assumption(say("Everybody was asked, and remembers."), False if silent else None))
    else:
        found.append(Assumption(say("The channel is recorded with the same care whatever it is."), None))
    found.append(Assumption(FIXED, None))
    return tuple(found)


def _sentence(claim: ShareClaim, verdict: Verdict, x: int, n: int, limits: Bounds | None, missing: str | None) -> str:
    told = say("No client is known in this period.")
    if limits is not None:
        ends = {"came": _came(claim.basis, x, n), "low_95": share(limits.low_95), "high_95": share(limits.high_95)}
        told = say("{came}; one-sided 95 % limits {low_95} and {high_95}.", **ends)
        if limits.unknown:
            told = say(
                "{came}, and {unknown} cannot be placed: the share lies between {low} and {high}; one-sided 95 % "
                "limits {low_95} and {high_95}.",
                unknown=number(limits.unknown), low=share(limits.low), high=share(limits.high), **ends,
            )  # fmt: skip
    return stated(verdict, claim.text, claim.told_margin, told, missing)


def _came(basis: Basis, x: int, n: int) -> str:
    told = {"x": number(x), "n": count(n, "client"), "share": share(x / n)}
    if basis is Basis.LAST:
        return say("{x} of {n} ({share}) came last by a network", **told)
    if basis is Basis.FIRST:
        return say("{x} of {n} ({share}) came first by a network", **told)
    if basis is Basis.ANY:
        return say("{x} of {n} ({share}) met a network on their way", **told)
    if basis is Basis.RECORDED:
        return say("{x} of {n} ({share}) are recorded under a network", **told)
    return say("{x} of {n} ({share}) said they came by a network", **told)
