"""A group's calendar (iCalendar): Meetup's public one at `…/GROUP/events/ical/`, another address, or a file.

Events are read one by one, so that a broken one costs itself. Written `ADDRESS#zone=Europe/Paris`: the zone of times
that carry none, where the calendar names none either.

Source: RFC 5545; that Meetup serves a group's calendar there to everybody is likely, not documented (read 2026-11).
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

from crosspost.domain.errors import BadInput
from crosspost.outside.address import origin_of
from crosspost.outside.http import Outbound
from crosspost.sources import ical, local
from crosspost.sources.source import Read, fetch, web_address

MAX_BYTES = 20_000_000
ACCEPT = "text/calendar, */*;q=0.1"
_MEETUP = re.compile(r"(?:www\.)?meetup\.com")


class Calendar:
    def check(self, address: str) -> str:
        """The calendar's address, from a Meetup group's, a calendar's own (webcal:// too), or a file's."""
        where, _, told = address.partition("#")
        if _is_file(where):
            whole = str(local.existing(where))
        else:
            whole = _calendar_of(web_address(re.sub(r"^webcals?://", "https://", where, flags=re.IGNORECASE)))
        return f"{whole}#{urlencode({'zone': _zone(told).key}, safe='/')}"

    def read(
        self, address: str, outbound: Outbound, *, etag: str | None, last_modified: str | None, now: datetime
    ) -> Read:
        where, _, told = self.check(address).partition("#")
        network = None
        if _is_file(where):
            data, seal = local.content(Path(where), MAX_BYTES, "export fewer events")
            if seal == etag:
                return Read((), (), etag, None, unchanged=True)
            etag, last_modified = seal, None
        else:
            answer = fetch(where, outbound, accept=ACCEPT, etag=etag, last_modified=last_modified)
            if answer.status == 304:
                return Read((), (), etag, last_modified, unchanged=True)
            data = answer.body
            etag, last_modified = answer.headers.get("etag"), answer.headers.get("last-modified")
            network = "meetup" if _MEETUP.fullmatch(origin_of(where).host) else None
        found, problems = ical.parse(data, where, _zone(told), now, network)
        return Read((), problems, etag, last_modified, gatherings=found)


def _is_file(where: str) -> bool:
    return "://" not in where and where.lower().endswith((".ics", ".ical"))


def _calendar_of(address: str) -> str:
    """A Meetup group's page has its calendar below it."""
    parts = urlsplit(address)
    names = [name for name in parts.path.split("/") if name]
    if not _MEETUP.fullmatch((parts.hostname or "").lower()) or names[-2:] == ["events", "ical"]:
        return address
    if re.fullmatch(r"[a-z]{2}-[A-Z]{2}", names[0]) if names else False:
        names = names[1:]  # the language of the page
    if not names:
        raise BadInput("that is Meetup itself", remedy="give your group's address: https://www.meetup.com/my-group")
    return f"https://www.meetup.com/{names[0]}/events/ical/"


def _zone(told: str) -> ZoneInfo:
    try:
        return ZoneInfo(parse_qs(told).get("zone", ["UTC"])[0])
    except (ValueError, OSError, KeyError):
        raise BadInput("that is no time zone", remedy="--zone Europe/Paris") from None
