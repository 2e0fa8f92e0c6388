"""What an audit has counted of its leads, by plain code or by an engine: how often each path was walked and with what
end, and how many leads and deals each channel had.

Leads are cleaned before, and their channels are those of the audit, so that whoever counts, the audit is the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from crosspost.audit.counting.origins import channel_of
from crosspost.audit.counting.quality import Clean
from crosspost.audit.credit.journeys import is_settled, path_of
from crosspost.audit.ledger import LeadRow
from crosspost.audit.results import Basis
from crosspost.audit.statistics import Count, LeadFact, Span, Statistics, seconds


def counted(data: Clean, count: Count) -> Statistics:
    """The statistics of the leads first contacted in the period; paths are those of the settled ones."""
    period = data.ledger.period
    span = Span(seconds(period.start), seconds(period.end) + 1, data.ledger.brand.currency)
    return count([_fact(lead) for lead in data.contacts], span)


def once(count: Count) -> Count:
    """The same counter for one audit: what it answers first it answers to every section."""
    answered: list[Statistics] = []

    def first(facts: Sequence[LeadFact], span: Span) -> Statistics:
        if not answered:
            answered.append(count(facts, span))
        return answered[0]

    return first


def _fact(lead: LeadRow) -> LeadFact:
    contacted, won = (None if at is None else seconds(at) for at in (lead.contacted_at, lead.won_at))
    return LeadFact(
        channel=channel_of(lead, Basis.LAST),
        contacted_s=contacted,
        won_s=won,
        amount_minor=lead.amount_minor,
        currency=lead.currency,
        touches=path_of(lead) if is_settled(lead) else (),
    )
