"""What another tool counted: visits, clicks, impressions over a period, as that tool says."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from crosspost.domain.errors import BadInput
from crosspost.domain.period import ordinary

LARGEST = Decimal(10) ** 15  # sums stay below it, and 64 bits hold it to four decimals


@dataclass(frozen=True, slots=True)
class Tally:
    """One number of one tool for one period and one combination of dimensions.

    `start` and `end` are days as the tool counts them, `[start, end)`: its own zone, which exports seldom tell.
    `by` names the breakdown the row belongs to (source, page, query, day, total…). The same visits stand in every
    breakdown: tallies are summed within one, never across two. `additive` is False for what must not be summed at
    all, such as visitors over days. `value` is None where the tool shows the row without this number, and `reason`
    says why.
    """

    tool: str  # ga4, search_console, matomo, plausible…
    metric: str  # visits, visitors, pageviews, clicks, impressions…: the tool's own word where none of ours fits
    by: str
    start: date
    end: date
    value: Decimal | None
    additive: bool = True
    reason: str | None = None
    site: str | None = None  # which site, where one tool watches several
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    content: str | None = None
    term: str | None = None  # utm_term, or the words searched for
    page: str | None = None  # path or address
    label: str | None = None  # any other dimension's value: a device, a country, an event
    channel_group: str | None = None
    network: str | None = None
    code: str | None = None  # ours, where a known one stands in content, campaign or page

    @property
    def identity(self) -> tuple[str, ...]:
        """What two exports must share for their numbers to be the same one: everything but number and code."""
        return tuple(
            "" if (value := getattr(self, field.name)) is None else str(value)
            for field in fields(self)
            if field.name not in ("value", "additive", "reason", "network", "code")
        )

    @property
    def series(self) -> tuple[str, ...]:
        """The breakdown it belongs to: tool, site, breakdown, metric."""
        return (self.tool, self.site or "", self.by, self.metric)


def check_tally(tally: Tally, today: date) -> None:
    """Raises BadInput for a tally that cannot be: a period that is empty, to come or out of range, or its number."""
    try:
        ordinary(tally.start)
        ordinary(tally.end)
    except ValueError as error:
        raise BadInput(str(error), remedy="check the dates") from None
    if tally.end <= tally.start:
        raise BadInput(f"a period from {tally.start} to {tally.end} is empty", remedy="check the dates")
    if tally.start > today:
        raise BadInput(f"{tally.start} has not come yet", remedy="check the dates")
    if tally.value is None and not tally.reason:
        raise BadInput(f"{tally.metric} is missing without a reason")
    if tally.value is not None and not (tally.value.is_finite() and 0 <= tally.value < LARGEST):
        raise BadInput(
            f"{tally.metric} {tally.value:.6g} is below zero, or no number that can be stored", remedy="correct the row"
        )
