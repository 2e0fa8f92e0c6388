"""Common names as a view: what is stored is the network's own name, and what it counts is said each time it is read.

Networks call different things by one name: a view is not an impression, a reaction not a like. So a number carries its
definition, and only numbers of one definition can be compared or added; anything else is a TypeError.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crosspost.domain.metric import About, Metric, offered
from crosspost.domain.post import Reading


class Incomparable(TypeError):
    """Two numbers that count different things."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number and what exactly it counts."""

    value: float
    definition: str

    def _other(self, other: object) -> float:
        if not isinstance(other, Count) or other.definition != self.definition:
            theirs = other.definition if isinstance(other, Count) else type(other).__name__
            raise Incomparable(f"{self.definition} is not {theirs}")
        return other.value

    def __eq__(self, other: object) -> bool:
        return self.value == self._other(other)

    def __hash__(self) -> int:
        return hash((self.value, self.definition))

    def __lt__(self, other: Count) -> bool:
        return self.value < self._other(other)

    def __le__(self, other: Count) -> bool:
        return self.value <= self._other(other)

    def __gt__(self, other: Count) -> bool:
        return self.value > self._other(other)

    def __ge__(self, other: Count) -> bool:
        return self.value >= self._other(other)

    def __add__(self, other: Count) -> Count:
        return Count(self.value + self._other(other), self.definition)

    def __sub__(self, other: Count) -> Count:
        return Count(self.value - self._other(other), self.definition)

    def __truediv__(self, other: Count) -> float:
        """How many times the other."""
        return self.value / self._other(other)


@dataclass(frozen=True, slots=True)
class Common:
    """A reading under its common name. `definition` is its own network's, unless several count the very same."""

    name: str
    definition: str
    reading: Reading

    @property
    def count(self) -> Count | None:
        """None where there is no value; `reading` says why."""
        return None if self.reading.value is None else Count(self.reading.value, self.definition)


def common(network: str, metrics: Iterable[Metric], about: About, found: Reading) -> Common:
    """A stored reading under its common name, by what its network declares today.

    A name that nobody declares (a column of an export, a name that died) keeps the common name it was stored with,
    and counts what it says itself.
    """
    for one in offered(metrics):
        if one.about == about and (found.provider_name in one.whole_names or _missing_part(one, found)):
            return Common(one.name, one.counts or f"{network} {one.whole_names[0]}", found)
    return Common(found.metric, f"{network} {found.provider_name or found.metric}", found)


def _missing_part(one: Metric, found: Reading) -> bool:
    """Whether it is of a breakdown that did not come: nothing but the name it was stored with tells its part."""
    return one.part is not None and found.provider_name in one.names and found.metric == one.name


def latest(readings: Iterable[tuple[str, Common]]) -> dict[str, dict[str, Common]]:
    """The last value known of each thing's metrics, by the thing's id and the common name; given oldest first.

    A later failure to read does not take away what an earlier reading knew.
    """
    found: dict[str, dict[str, Common]] = {}
    for thing, one in readings:
        mine = found.setdefault(thing, {})
        known = mine.get(one.name)
        if known is None or one.reading.value is not None or known.reading.value is None:
            mine[one.name] = one
    return found
