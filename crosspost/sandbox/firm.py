"""The small firm's life outside the networks: who asks, who buys, when, and how they came.

Pure: the whole plan is drawn from a seed and the world's explicit counts, before the first post exists.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from crosspost.sandbox.audience import generator
from crosspost.sandbox.truths import WEEKS, Flow, World

Outcome = Literal["won", "lost", "waiting"]

DECIDES = (timedelta(days=4), timedelta(days=30))  # between asking and buying or leaving
READ_BEFORE = timedelta(days=35)  # nobody can have read a post weeks ago before this much of the run has passed
LOST_REASONS = ("budget", "pas de réponse", "un autre prestataire", "projet reporté")


@dataclass(frozen=True, slots=True)
class Case:
    """A person who asks. `decided_at` is None while waiting; `opened`: had read a post and clicked weeks
    before."""

    id: str
    channel: str | None
    asked_at: datetime
    outcome: Outcome
    decided_at: datetime | None
    person: str
    told: str | None
    amount: Decimal  # euros
    returning: bool
    reason: str
    opened: bool


@dataclass(frozen=True, slots=True)
class Hours:
    """One week's effort on a channel; `start` is the week's first day."""

    channel: str
    start: date
    hours: Decimal


def cases(world: World, seed: int, start: datetime, weeks: int) -> list[Case]:
    """Everybody who comes by another way than a click, in the order in which they ask. All ends before
    `start` + `weeks`; with a run shorter or longer than 26 weeks the world's counts are scaled and
    rounded."""
    found = [
        case
        for flow in world.flows
        for case in _of_flow(flow, generator(seed, "firm", flow.channel or "unknown"), start, weeks)
    ]
    return sorted(found, key=lambda case: (case.asked_at, case.id))


def efforts(world: World, start: datetime, weeks: int) -> list[Hours]:
    """Hours spent, per channel and week; a channel nobody works on has no row."""
    weekly = world.network_hours | {flow.channel: flow.hours for flow in world.flows if flow.channel and flow.hours}
    days = [(start + timedelta(weeks=week)).date() for week in range(weeks)]
    return [Hours(channel, day, hours) for day in days for channel, hours in weekly.items()]


def amount(rng: random.Random, low: int, high: int) -> Decimal:
    """A deal in euros, in steps of 50, small ones more often than large ones."""
    return Decimal(50 * round(rng.triangular(low, high, low + (high - low) / 4) / 50))


def deciding_time(rng: random.Random, weeks: int) -> timedelta:
    """How long a person thinks: at most a fifth of a short run, so that most decide within it."""
    low, high = (min(limit, timedelta(weeks=weeks) / 5) for limit in DECIDES)
    return low + (high - low) * rng.random()


def _of_flow(flow: Flow, rng: random.Random, start: datetime, weeks: int) -> Iterator[Case]:
    outcomes: tuple[tuple[Outcome, int, int], ...] = (
        ("won", flow.won, flow.opened_won),
        ("lost", flow.lost, flow.opened_lost),
        ("waiting", flow.waiting, 0),
    )
    for outcome, count, opened in outcomes:
        total, readers = (round(number * weeks / WEEKS) for number in (count, opened))
        for index in range(total):
            yield _case(flow, rng, start, weeks, outcome, index, opened=index < readers)


def _case(
    flow: Flow, rng: random.Random, start: datetime, weeks: int, outcome: Outcome, index: int, *, opened: bool
) -> Case:
    end, thinks = start + timedelta(weeks=weeks), deciding_time(rng, weeks)
    earliest = start + min(READ_BEFORE, timedelta(weeks=weeks) / 3) if opened else start + timedelta(hours=6)
    if outcome == "waiting":
        earliest = end - DECIDES[1] if end - DECIDES[1] > earliest else earliest
    latest = end - timedelta(hours=6) - (timedelta() if outcome == "waiting" else thinks)
    asked_at = earliest + (latest - earliest) * rng.random()
    channel = flow.channel or "unknown"
    return Case(
        id=f"{channel}-{outcome}-{index + 1:02d}",
        channel=flow.channel,
        asked_at=asked_at,
        outcome=outcome,
        decided_at=None if outcome == "waiting" else asked_at + thinks,
        person=f"{channel}-{rng.getrandbits(32):08x}@personne.invalid",
        told=rng.choice(flow.told) if flow.told and rng.random() < 0.85 else None,
        amount=amount(rng, *flow.amounts),
        returning=flow.channel == "recurrence",
        reason=rng.choice(LOST_REASONS),
        opened=opened,
    )
