"""Months as people count them: in a brand's own zone, written 2026-10."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from crosspost.domain.errors import BadInput
from crosspost.domain.period import YEARS
from crosspost.domain.slots import resolve

WRITTEN = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month. `str()` gives 2026-10, which sorts as months follow each other."""

    year: int
    number: int  # 1–12

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def next(self) -> Month:
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def before(self) -> Month:
        return Month(self.year - (self.number == 1), (self.number + 10) % 12 + 1)

    def begins(self, zone: ZoneInfo) -> datetime:
        """Its first instant in a zone. Where midnight does not exist that day, the first time that does."""
        return resolve(datetime.combine(date(self.year, self.number, 1), time()), zone).at


def month_of(text: str) -> Month:
    """The month written so. Raises BadInput."""
    found = WRITTEN.fullmatch(text)
    if found is None or int(found[1]) not in YEARS:
        raise BadInput(f"{text!r} is no month", remedy="write it as 2026-10")
    return Month(int(found[1]), int(found[2]))


def last_whole(now: datetime, zone: ZoneInfo) -> Month:
    """The latest month that is over in that zone."""
    today = now.astimezone(zone)
    return Month(today.year, today.month).before
