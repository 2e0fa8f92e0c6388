"""Every word, number and date of a report, by language. Sentences of the audit itself arrive ready made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from crosspost.domain.errors import BadInput
from crosspost.domain.period import Period
from crosspost.report.catalogue import CATALOGUES

PERCENT = "\u00a0%"


@dataclass(frozen=True, slots=True)
class Words:
    """One language's catalogue and ways of writing numbers. `words("key", name=…)` raises KeyError on a gap."""

    language: str
    entries: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        return self.entries[key].format(**values)

    def maybe(self, key: str) -> str | None:
        return self.entries.get(key)

    def number(self, value: float | Decimal, digits: int = 1) -> str:
        """A count or amount; whole values without decimals."""
        if isinstance(value, int) or value == int(value):
            return f"{int(value):,}".replace(",", self.entries["thousands"])
        return f"{value:,.{digits}f}".replace(",", self.entries["thousands"])

    def significant(self, value: float) -> str:
        """A ratio or statistic, three significant digits."""
        return f"{value:.3g}" if abs(value) < 1000 else self.number(round(value))

    def short(self, value: float) -> str:
        """A count for an axis or a label: 12,345 as 12k."""
        for size, sign in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
            if abs(value) >= size:
                return f"{value / size:.3g}{sign}"
        return f"{value:g}"

    def share(self, value: float) -> str:
        """A share as percent: two digits where they tell something."""
        percent = 100 * value
        digits = 0 if percent in (0, 100) else 2 if percent < 1 else 1
        return f"{percent:.{digits}f}{PERCENT}"

    def axis_share(self, value: float) -> str:
        return f"{100 * value:g}{PERCENT}"

    def share_range(self, low: float, high: float) -> str:
        return f"{self.share(low).removesuffix(PERCENT)}–{self.share(high)}"

    def count_of(self, number: int, noun: str) -> str:
        """A count with its noun: `1 client`, `2 clients`."""
        return self("count", n=self.number(number), noun=self.entries[f"{noun}.{'one' if number == 1 else 'many'}"])

    def day(self, instant: datetime) -> str:
        month = self.entries["months"].split()[instant.month - 1]
        return self("day", day=instant.day, month=month, year=instant.year)

    def period(self, period: Period, zone: str) -> str:
        """First to last day, both inside, in the brand's zone."""
        first, last = period.start.astimezone(zone_of(zone)), last_moment(period).astimezone(zone_of(zone))
        if first.date() >= last.date():
            return self.day(first)
        return self("period", first=self.day(first), last=self.day(last))

    def moment(self, instant: datetime) -> str:
        at = instant.astimezone(UTC)
        return self("moment", day=self.day(at), time=f"{at:%H:%M}")

    def channel(self, name: str) -> str:
        """A channel or network as readers write it; one that the catalogue does not know keeps its name."""
        known = self.maybe(f"channel.{name}")
        if known is not None:
            return known
        spaced = name.replace("_", " ").strip()
        return spaced[:1].upper() + spaced[1:]


def last_moment(period: Period) -> datetime:
    return max(period.start, period.end - timedelta(microseconds=1))


def zone_of(name: str) -> tzinfo:
    """The zone of that name; UTC where this machine has no data of it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def words(language: str) -> Words:
    """The catalogue of a language. Raises BadInput where there is none."""
    if language not in CATALOGUES:
        raise BadInput(f"reports are not written in {language!r}", remedy=f"choose {' or '.join(sorted(CATALOGUES))}")
    return Words(language, CATALOGUES[language])
