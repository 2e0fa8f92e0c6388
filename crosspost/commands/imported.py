"""What became of a file that was brought in, and the days it tells of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from crosspost.domain.post import Reading
from crosspost.imports.shape import Facts, Stated

WAITS = "not stored: another file was refused"


@dataclass(frozen=True, slots=True)
class Imported:
    """One file: what it was, its rows, how many facts were new or said more than before, or why it was refused.

    A file of no kind that is not refused was left aside, and its notes say why.
    """

    file: str
    kind: str | None
    rows: int
    added: int
    updated: int
    period: tuple[datetime, datetime] | None
    totals: dict[str, str]
    refused: str | None
    notes: tuple[str, ...] = ()
    parts: tuple[tuple[str | None, str, int], ...] = ()  # member or sheet, kind, rows
    stated: tuple[Stated, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether nothing is wrong with the file, and it was not stored for another one's sake."""
        return self.refused == WAITS

    def as_dict(self) -> dict[str, Any]:
        period = {"start": self.period[0].isoformat(), "end": self.period[1].isoformat()} if self.period else None
        return {
            "file": self.file, "kind": self.kind, "rows": self.rows, "added": self.added,
            "updated": self.updated, "period": period, "totals": self.totals, "refused": self.refused,
            "notes": list(self.notes),
            "parts": [{"part": part, "kind": kind, "rows": rows} for part, kind, rows in self.parts],
            "stated": [
                {"metric": one.metric, "stated": str(one.stated), "counted": str(one.counted),
                 "agrees": one.stated == one.counted} for one in self.stated
            ],
        }  # fmt: skip


def _span(reading: Reading) -> list[datetime]:
    """Of a reading, the instant it is of; of one that sums a period, its beginning and that of its last day."""
    if reading.since is None or reading.until is None:
        return [reading.read_at]
    return [reading.since, max(reading.since, reading.until - timedelta(days=1))]


def period_of(found: Sequence[Facts]) -> tuple[datetime, datetime] | None:
    """From the first to the last instant the facts tell; of tallies, to the last moment of their last day."""

    def at(day: date) -> datetime:
        return datetime.combine(day, time(), UTC)

    instants: list[datetime] = []
    for facts in found:
        instants += [lead.contacted_at for _, lead in facts.leads]
        instants += [deal.won_at for _, deal in facts.deals]
        instants += [one.lead.contacted_at for _, one in facts.opportunities if one.lead is not None]
        instants += [one.deal.won_at for _, one in facts.opportunities if one.deal is not None]
        instants += [post.published_at for _, _, post, _, _ in facts.posts if post.published_at]
        for _, _, reading in facts.followers:
            instants += _span(reading)
        instants += [at(effort.start) for _, effort, _ in facts.efforts]
        for _, tally in facts.tallies:
            instants += [at(tally.start), at(tally.end - timedelta(days=1))]
    return (min(instants), max(instants)) if instants else None
