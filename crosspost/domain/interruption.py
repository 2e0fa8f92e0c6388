"""An interruption that somebody declares: what stopped, from when, until when, and why. Nobody drew lots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crosspost.domain.business import ChannelKind, channel_kind, channel_name
from crosspost.domain.errors import BadInput
from crosspost.domain.networks import CLOSED
from crosspost.domain.period import ordinary

POSTING, SITE = "posting", "site"  # what can stop beside a network
_LONGEST = 500  # characters of a reason: it stands in a table


@dataclass(frozen=True, slots=True)
class Interruption:
    """`stopped` is a network by its folded name, POSTING or SITE. `since` is the first day without it, `until` the
    first day with it again (None: it did not come back, or nobody knows yet). `moved_to` is the network that took its
    place. `why` is in the owner's words; None where they were erased."""

    stopped: str
    since: date
    until: date | None
    why: str | None
    moved_to: str | None = None


def interruption_of(
    stopped: str, since: date | None, until: date | None, why: str | None, moved_to: str | None = None
) -> Interruption:
    """An interruption as it was told; a network that is gone is known to have stopped after its last day.

    Raises BadInput for what is no network, days that cannot be, or no reason.
    """
    name = stopped_of(stopped)
    since = since or _end_of(name)
    for day in (since, until):
        try:
            ordinary(day or since)
        except ValueError as error:
            raise BadInput(str(error), remedy="write 2026-01-31") from None
    if until is not None and until <= since:
        raise BadInput(
            f"it would end on {until}, before it began on {since}", remedy="--until is the first day with it again"
        )
    told = None if why is None else " ".join(why.split())
    if told is not None and not 0 < len(told) <= _LONGEST:
        raise BadInput(f"a reason of {len(told)} characters", remedy=f"1 to {_LONGEST}, such as --why 'it closed'")
    place = None if moved_to is None else _network(moved_to)
    if place is not None and (name in (POSTING, SITE) or place == name):
        raise BadInput(f"nobody moves from {name} to {place}", remedy="one network is left for another")
    return Interruption(name, since, until, told, place)


def stopped_of(text: str) -> str:
    """What stopped, by its folded name. Raises BadInput."""
    name = channel_name(text)
    return name if name in (POSTING, SITE) else _network(text)


def _network(text: str) -> str:
    name = channel_name(text)
    if channel_kind(name) is not ChannelKind.NETWORK or name == "social":
        raise BadInput(
            f"{text!r} is no network", remedy=f"such as linkedin; or {POSTING} for all of it, {SITE} for the site"
        )
    return name


def _end_of(name: str) -> date:
    last = CLOSED.get(name)
    if last is None:
        raise BadInput(f"since when is {name} interrupted?", remedy="give --from 2026-01-31")
    return last.fromordinal(last.toordinal() + 1)
