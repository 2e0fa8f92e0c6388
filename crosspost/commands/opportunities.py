"""What CRMs and payments tell beside leads and deals: possible sales, money given back, bookings lost, buyers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crosspost.commands.storing import Counts, Piece, count, store_deals, store_leads
from crosspost.domain.errors import Conflict
from crosspost.domain.money import Money
from crosspost.domain.stage import Reached
from crosspost.imports.shape import Lost, Opportunity, Returned
from crosspost.store import business, clients, deal_changes, sales
from crosspost.store.outcomes import Outcome, Recorded
from crosspost.store.store import Scope


def store_sales(scope: Scope, pieces: Sequence[tuple[Piece, Counts]], now: datetime, *, newer: bool) -> None:
    """Store these of every table, once all leads and deals are there.

    Raises BadInput or Conflict naming file and line of the first one that is not taken.
    """
    for piece, counts in pieces:
        _opportunities(scope, piece, counts, now, newer=newer)
    for store in (_reached, _returned, _lost, _buyers):
        for piece, counts in pieces:
            store(scope, piece, counts, now)


def _opportunities(scope: Scope, piece: Piece, counts: Counts, now: datetime, *, newer: bool) -> None:
    """Give each to the lead it belongs to, where somebody told of that one; else it is a lead of its own."""
    found = piece.facts.opportunities
    known = sales.leads_known(scope, [one.of for _, one in found if one.of is not None])
    placed = [(line, one, _lead_of(one, known)) for line, one in found]
    own = [(line, one.lead) for line, one, _ in placed if one.of not in known and one.lead is not None]
    store_leads(scope, piece, counts, own, now, newer=newer)
    deals = [(line, replace(one.deal, lead_source_id=of)) for line, one, of in placed if one.deal is not None]
    store_deals(scope, piece, counts, deals, now, newer=newer)
    stray = sum(one.of is not None and one.of not in known for _, one in found)
    if stray:
        counts.notes.append(f"{stray} deals name contacts that nobody told of, and were taken as leads of their own: "
                            "import the contacts before, or together")  # fmt: skip
    _reach(scope, piece, counts, now, [(line, of, one.reached) for line, one, of in placed if of and one.reached])
    _lose(scope, piece, counts, now, _lost_together(placed))


def _lead_of(one: Opportunity, known: frozenset[str]) -> str | None:
    if one.of in known:
        return one.of
    return None if one.lead is None else one.lead.source_id


def _lost_together(placed: Sequence[tuple[int, Opportunity, str | None]]) -> list[tuple[int, Lost]]:
    """A lead is lost with the last of its deals, and not while another one is open or won."""
    of: defaultdict[str, list[tuple[int, Lost]]] = defaultdict(list)
    kept = {lead for _, one, lead in placed if one.lost_at is None}
    for line, one, lead in placed:
        if lead is not None and lead not in kept and one.lost_at is not None:
            of[lead].append((line, Lost(lead, one.lost_at, one.lost_reason)))
    return [max(mine, key=lambda lost: lost[1].at) for mine in of.values()]


def _reached(scope: Scope, piece: Piece, counts: Counts, now: datetime) -> None:
    """The stages that leads came to since they were told last."""
    _reach(scope, piece, counts, now, piece.facts.reached)


def _reach(
    scope: Scope, piece: Piece, counts: Counts, now: datetime, found: Sequence[tuple[int, str, Reached]]
) -> None:
    known = sales.leads_known(scope, [name for _, name, _ in found])
    for line, name, one in found:
        if name in known:
            with piece.place.at(line):
                done = business.record_stage(scope, name, one, now, source=piece.kind)
            counts.outcomes[Outcome.UPDATED if done.outcome is Outcome.RECORDED else Outcome.KNOWN] += 1


def _lost(scope: Scope, piece: Piece, counts: Counts, now: datetime) -> None:
    """Leads that are lost: a deal of a CRM, or a booking that was a lead when it was told before."""
    _lose(scope, piece, counts, now, piece.facts.lost)


def _lose(scope: Scope, piece: Piece, counts: Counts, now: datetime, found: Sequence[tuple[int, Lost]]) -> None:
    known = sales.leads_known(scope, [one.lead for _, one in found])
    sold = sales.leads_sold(scope, known)
    for line, one in found:
        if one.lead not in known or one.lead in sold:
            continue
        with piece.place.at(line):
            done = business.lose_lead(scope, one.lead, one.at, one.reason, now, source=piece.kind)
        counts.outcomes[Outcome.UPDATED if done.outcome is Outcome.RECORDED else Outcome.KNOWN] += 1


def _returned(scope: Scope, piece: Piece, counts: Counts, now: datetime) -> None:
    """Take off a deal what was given back since it was told last. Raises Conflict where it was more before."""
    known = sales.deals_known(scope, [one.deal for _, one in piece.facts.returned])
    for line, one in piece.facts.returned:
        if one.deal in known:
            with piece.place.at(line):
                done = _give_back(scope, known[one.deal], one, now)
            counts.outcomes[Outcome.UPDATED if done else Outcome.KNOWN] += 1


def _give_back(scope: Scope, deal_id: str, one: Returned, now: datetime) -> bool:
    before = sum(
        change.refund.minor
        for change in deal_changes.changes(scope, [deal_id])
        if change.kind == deal_changes.REFUND and change.refund is not None
    )
    more = one.total.minor - before
    if more < 0:
        raise Conflict(
            f"{one.total} were given back, and more than that was recorded before", remedy="see `crosspost deal show`"
        )
    if more:
        rest = Money.from_minor(more, one.total.currency)
        deal_changes.refund_deal(scope, one.deal, rest, now, source="import", at=one.at)
    return bool(more)


def _buyers(scope: Scope, piece: Piece, counts: Counts, now: datetime) -> None:
    """Clients known since a day on which nobody says that they bought: their first deal is no return."""
    done: list[Recorded] = [
        clients.record_client(scope, one.since, now, person=one.person, bought=False) for _, one in piece.facts.buyers
    ]
    count(counts, piece, [line for line, _ in piece.facts.buyers], done)
