"""How far a lead is: the stages it reached, each with its date. An older entry stays when a newer one corrects it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crosspost.domain.errors import BadInput
from crosspost.domain.money import Money


class Stage(StrEnum):
    ASKED = "asked"  # the first contact
    TALKING = "talking"
    OFFERED = "offered"
    WON = "won"  # there is a deal
    LOST = "lost"  # until it is talked of again


_FURTHER = tuple(Stage)  # of two stages of one instant the further one counts


@dataclass(frozen=True, slots=True)
class Reached:
    """A stage that a lead came to. `amount` is what was offered; `reason` and `competitor` are of a loss: why, and who
    won instead, in the owner's words."""

    stage: Stage
    at: datetime
    amount: Money | None = None
    reason: str | None = None
    competitor: str | None = None


def check_reached(one: Reached) -> None:
    """Raises BadInput for what does not belong to the stage. Its time is checked by who knows the present."""
    if one.amount is not None and one.stage is not Stage.OFFERED:
        raise BadInput(f"an amount is expected of an offer, not of {one.stage}", remedy="give it with offered, or won")
    if (one.reason or one.competitor) and one.stage is not Stage.LOST:
        raise BadInput(f"a reason is of a loss, not of {one.stage}", remedy="leave it out, or use `lead lost`")


def last(reached: Iterable[Reached]) -> Reached | None:
    """The stage reached last; of one instant, the further one. A lead that is talked of after its loss is open."""
    return max(reached, key=lambda one: (one.at, _FURTHER.index(one.stage)), default=None)


def standing(reached: Iterable[Reached], *, won: bool) -> Stage:
    """Where the lead stands. A lead with a deal is won, whatever else is written down."""
    if won:
        return Stage.WON
    found = last(reached)
    return Stage.ASKED if found is None else found.stage
