"""What a network counts, as it declares it: one list per network, out of which it reads, and from which the table of
capabilities, the common names and the reports derive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from crosspost.domain.post import ReadingStatus

About = Literal["post", "account"]


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a network's declarations were read, and when."""

    source: str
    read_on: date


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that a network tells of a post or an account, or never does.

    `status` is what a good reading of it has: VALUE, or UNSUPPORTED, and then `reason` says why there is none.
    """

    name: str  # the common name: followers, impressions, likes…
    provider_name: str  # the network's own, "" where it has none
    about: About
    status: ReadingStatus = ReadingStatus.VALUE
    reason: str | None = None
    note: str = ""
    also: tuple[str, ...] = ()  # other names under which the same number comes: another vocabulary or version
    part: str | None = None  # the key inside a breakdown; "*" is the sum of all keys
    of: str = ""  # the kind of account alone that has it, where kinds differ: page, member
    ends_after: timedelta | None = None  # after publication, it can no longer be read
    settles_within: timedelta | None = None  # a value younger than this after publication is not final: DELAYED

    def __post_init__(self) -> None:
        if (self.status is ReadingStatus.UNSUPPORTED) != bool(self.reason):
            raise ValueError(f"{self.name}: a metric that is never offered, and only that, has a reason")

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it may come under, the network's present one first."""
        return (self.provider_name, *self.also)


def never(about: About, reason: str, *names: str, of: str = "") -> tuple[Metric, ...]:
    """Declarations of metrics that the network never offers, for one reason."""
    return tuple(Metric(name, "", about, ReadingStatus.UNSUPPORTED, reason, of=of) for name in names)


def about(metrics: Iterable[Metric], what: About, of: str = "") -> tuple[Metric, ...]:
    """Those about a post, or an account, of that kind; the ones every kind has are in it."""
    return tuple(one for one in metrics if one.about == what and one.of in ("", of))


def offered(metrics: Iterable[Metric]) -> tuple[Metric, ...]:
    """Without those that are never offered."""
    return tuple(one for one in metrics if one.status is not ReadingStatus.UNSUPPORTED)
