"""From leads to path counts: which journeys converted, which came to nothing, and which are not told yet.

A journey converts when its lead was won and is null when it was lost. Open leads are left out: they may still be
either. Leads without a recorded journey have no path; nothing is made up for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from crosspost.audit.counting.origins import folded
from crosspost.audit.credit.paths import PathCounts
from crosspost.audit.ledger import LeadRow


@dataclass(frozen=True, slots=True, eq=False)
class Journeys:
    """`won` and `lost` have a journey. `unrecorded` were won or lost without one, `unknown_amounts` were won without an
    amount in the brand's currency."""

    won: tuple[LeadRow, ...]
    lost: tuple[LeadRow, ...]
    open: int
    unrecorded: int
    unknown_amounts: int
    counts: PathCounts


@lru_cache(maxsize=4096)
def _folded(touches: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(folded(touch) for touch in touches)


def path_of(lead: LeadRow) -> tuple[str, ...]:
    return _folded(lead.touches)


def is_settled(lead: LeadRow) -> bool:
    return lead.won_at is not None or lead.lost_at is not None


def journeys(leads: Sequence[LeadRow], currency: str, counts: PathCounts) -> Journeys:
    """The journeys of leads, whose paths are counted already; their value is in minor units of `currency`."""
    settled = [lead for lead in leads if is_settled(lead)]
    known = [lead for lead in settled if lead.touches]
    won = tuple(lead for lead in known if lead.won_at is not None)
    lost = tuple(lead for lead in known if lead.won_at is None)
    untold = sum(lead.amount_minor is None or lead.currency != currency for lead in won)
    return Journeys(won, lost, len(leads) - len(settled), len(settled) - len(known), untold, counts)
