"""What a brand decided about its readers: the mode of visits, which fields are kept, and for how long."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from crosspost.domain.errors import BadInput, NotAllowed

# CNIL: audience measurement may be kept 25 months at most (a cookie lives 13; crosspost sets none).
# Source: cnil.fr/fr/node/167364, of 4 July 2025.
KEEP_MONTHS = 25
MONTHS = range(1, 121)
BASIS_LENGTH = range(10, 501)  # characters: "yes" is no legal basis

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*")


class Mode(StrEnum):
    """How visits are kept."""

    AGGREGATE = "aggregate"  # nobody is followed: a visit is tied to no click, no lead and no other visit
    CLICK_ID = "click-id"  # each click has a name of its own, which its visit and a lead may carry


@dataclass(frozen=True, slots=True)
class Privacy:
    """One brand's choices. `sites` are hosts on which the script may run, beside those of the brand's sources."""

    mode: Mode = Mode.AGGREGATE
    legal_basis: str | None = None  # in the owner's words; printed by the reports in click-id mode
    sites: tuple[str, ...] = ()
    referrer: bool = True  # whether the host that a reader came from is kept
    user_agent: bool = True  # whether the browser's name is kept, with which a visit could be judged again
    keep_hits: int = KEEP_MONTHS
    keep_visits: int = KEEP_MONTHS


def check(privacy: Privacy) -> Privacy:
    """The same choices, if they may be made. Raises NotAllowed for click ids without a legal basis, BadInput."""
    basis = (privacy.legal_basis or "").strip()
    if privacy.mode is Mode.CLICK_ID and len(basis) not in BASIS_LENGTH:
        raise NotAllowed(
            "click ids follow a person from a click to a lead: that needs a legal basis",
            remedy='--legal-basis "consent, asked for by the banner of example.org"; 10 to 500 characters',
        )
    for name, months in (("hits", privacy.keep_hits), ("visits", privacy.keep_visits)):
        if months not in MONTHS:
            raise BadInput(f"{name} cannot be kept for {months} months", remedy=f"{MONTHS[0]} to {MONTHS[-1]}")
    return privacy


def site_host(text: str) -> str:
    """The host of a site as people write it: `https://www.Example.org/blog` is `example.org`. Raises BadInput."""
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text.strip().lower()).partition("/")[0].rpartition("@")[2]
    host = same_host(host.partition(":")[0])
    if not _HOST.fullmatch(host):
        raise BadInput(f"{text!r} is no host of a site", remedy="write example.org")
    return host


def same_host(host: str) -> str:
    """A host without the `www.` that sites answer with and without."""
    return host.lower().rstrip(".").removeprefix("www.")


def hosts_of(privacy: Privacy, addresses: Iterable[str]) -> frozenset[str]:
    """The hosts that a brand's pages are on: those it named, and those of its sources' addresses."""
    return frozenset({*privacy.sites, *map(host_of, addresses)} - {""})


def host_of(address: str) -> str:
    """The host of an address, without `www.`; nothing where it has none, as a file's name has."""
    try:
        return same_host(urlsplit(address).hostname or "")
    except ValueError:
        return ""


def months_before(at: datetime, months: int) -> datetime:
    """The same moment so many months earlier; the month's last day where there is no such day.

    >>> from datetime import UTC
    >>> months_before(datetime(2026, 3, 31, tzinfo=UTC), 1)
    datetime.datetime(2026, 2, 28, 0, 0, tzinfo=datetime.timezone.utc)
    """
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


def must_go(day: datetime, months: int) -> datetime:
    """By when what happened on a UTC day must be gone: a day goes whole, before the first of it is too old."""
    return months_before(day_start(day), -months)


def first_kept(by: datetime, months: int) -> datetime:
    """The start of the first UTC day of which anything may still be kept at that instant."""
    day = day_start(months_before(by, months))
    while must_go(day, months) <= by:  # a month may be shorter than the one it is counted from
        day += timedelta(days=1)
    return day


def day_start(at: datetime) -> datetime:
    """The start of its UTC day."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
