"""What facts say, in short: what tests of exports compare."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crosspost.domain.post import Reading
from crosspost.imports.shape import Facts


def values(found: Iterable[Reading]) -> dict[str, float | str | None]:
    """The network's own name of each reading → its value, or why there is none."""
    return {one.provider_name: one.reason if one.value is None else one.value for one in found}


def days(facts: Facts) -> dict[tuple[str, datetime | None], float | str | None]:
    """(common name, where the day begins) → the account's number, or why there is none."""
    return {(one.metric, one.since): one.reason if one.value is None else one.value for _, _, one in facts.followers}


def counted(facts: Facts, *names: str) -> list[tuple[object, ...]]:
    """Per tally its metric, its value, and those of its attributes."""
    return [(one.metric, one.value, *(getattr(one, name) for name in names)) for _, one in facts.tallies]
