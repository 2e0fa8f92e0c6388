"""What every section of an audit is given, and what it answers.

A section is a function of one audit, or of a few that belong together: `run.SECTIONS` lists them in the order in which
people read. None knows another, and none has a clock, a file or hidden randomness.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crosspost.audit.counted import counted
from crosspost.audit.counting.quality import Clean
from crosspost.audit.locks import locked_claim
from crosspost.audit.results import Claim, Finding, ShareClaim, Table
from crosspost.audit.statistics import Count, Statistics, plain

SEED = 20_260_105  # of every resampling: the same ledger gives the same bytes


@dataclass(frozen=True, slots=True)
class Given:
    """The cleaned ledger, the claims that were asked for, and what all sections need of both.

    `weeks` is how much of the period has passed. `blocked` is why the data allow no verdict at all, or None. `count` is
    what counts the leads: plain code, or an engine.
    """

    data: Clean
    claims: tuple[ShareClaim, ...]
    made_at: datetime
    weeks: float
    blocked: str | None
    count: Count = plain

    def counted(self) -> Statistics:
        """What was counted of the leads first contacted in the period."""
        return counted(self.data, self.count)

    def claim(self, ready_made: Claim) -> Claim:
        """The claim as it was locked, else as it is: every section judges what this gives."""
        return locked_claim(self.data.ledger.locks, ready_made)


@dataclass(frozen=True, slots=True)
class Section:
    findings: tuple[Finding, ...] = ()
    tables: tuple[Table, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


Make = Callable[[Given], Section]
