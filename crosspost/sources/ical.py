"""iCalendar files: what each event is, when a series takes place, and what could not be read, with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr  # type: ignore[import-untyped]
from icalendar import Calendar as Parsed
from icalendar import Event

from crosspost.domain.errors import BadInput
from crosspost.domain.gathering import Gathering
from crosspost.domain.period import ordinary
from crosspost.domain.slots import resolve
from crosspost.sources import text

# A series is told for that long; what it did before, and will do after, is not. Single events are told whenever.
BACK, AHEAD = timedelta(days=400), timedelta(days=400)
MOST = 500  # occurrences of one series
MOST_EVENTS, MOST_SERIES = 5000, 100  # of one calendar
_MOST_TOLD = 50
_COARSE = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_CYCLES = 19 * 400  # years
_FINE = ("BYHOUR", "BYMINUTE", "BYSECOND")  # a series of minutes is none that people meet in


@dataclass(frozen=True, slots=True)
class _Read:
    """One VEVENT. `start` is wall time where `whole` or floating, as the calendar wrote it otherwise."""

    line: int
    event: Any
    of: Gathering
    tz: tzinfo
    recurrence: datetime | None  # the start it was planned for, where it is one of a series
    rank: tuple[int, datetime]  # which of two with one id is newer


def parse(
    data: bytes, where: str, zone: ZoneInfo, now: datetime, network: str | None
) -> tuple[tuple[Gathering, ...], tuple[str, ...]]:
    """The events in order of their start. `zone` is of times without one. Raises BadInput when it is no calendar."""
    written = data.decode("utf-8-sig", "replace")
    lines = re.split(r"\r\n|\n|\r", written)
    if not any(line.strip().upper() == "BEGIN:VCALENDAR" for line in lines[:50]):
        raise BadInput("this is no calendar", where=where, remedy="give the one that ends in events/ical/, or .ics")
    problems: list[str] = []
    zone = _own_zone(lines) or zone
    _learn_zones(lines, problems)
    read: list[_Read] = []
    for line, block in _blocks(lines, "VEVENT", problems):
        if len(read) == MOST_EVENTS:
            problems.append(f"line {line}: only the first {MOST_EVENTS} events are read")
            break
        try:
            read.append(_event(line, block, zone, network, problems))
        except ValueError as error:
            problems.append(f"line {line}: an event that cannot be read ({error}); left out")
    found = _expanded(_newest(read), now, problems)
    if len(problems) > _MOST_TOLD:
        problems = [*problems[:_MOST_TOLD], f"and {len(problems) - _MOST_TOLD} more problems"]
    return tuple(sorted(found, key=lambda one: (one.starts_at, one.identity))), tuple(problems)


def _blocks(lines: list[str], name: str, problems: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The components of that name with the line each begins on. One without an end is told and left out."""
    start: int | None = None
    for number, line in enumerate(lines):
        mark = line.strip().upper()
        if mark == f"BEGIN:{name}":
            if start is not None:
                problems.append(f"line {start + 1}: an event without an end; left out")
            start = number
        elif mark == f"END:{name}" and start is not None:
            yield start + 1, lines[start : number + 1]
            start = None
    if start is not None:
        problems.append(f"line {start + 1}: the file ends within this event; left out")


def _own_zone(lines: list[str]) -> ZoneInfo | None:
    """The zone the calendar says it is in."""
    for line in lines[:100]:
        name, _, value = line.partition(":")
        if name.upper().partition(";")[0] == "X-WR-TIMEZONE":
            try:
                return ZoneInfo(value.strip())
            except (ValueError, OSError, KeyError):
                return None
    return None


def _learn_zones(lines: list[str], problems: list[str]) -> None:
    """Zones that the calendar defines itself. A name of IANA's means IANA's zone, whatever stands in the file."""
    for line, block in _blocks(lines, "VTIMEZONE", []):
        try:
            Parsed.from_ical("\r\n".join(["BEGIN:VCALENDAR", *block, "END:VCALENDAR"]))
        except Exception as error:  # the library lets some faults of its input through
            problems.append(f"line {line}: a time zone that cannot be read ({type(error).__name__})")


def _event(line: int, block: list[str], zone: ZoneInfo, network: str | None, problems: list[str]) -> _Read:
    try:
        event = Event.from_ical("\r\n".join(block) + "\r\n")
        start, end, planned = (_value(event, name) for name in ("DTSTART", "DTEND", "RECURRENCE-ID"))
    except ValueError:
        raise
    except Exception as error:  # the library lets some faults of its input through
        raise ValueError(type(error).__name__) from None
    if start is None:
        raise ValueError("it has no start")
    tz, known = _zone_of(event, start, zone)
    if not known:
        problems.append(f"line {line}: its time zone is not known; read as {zone.key}")
    at, until = _instant(start, tz), None if end is None else _instant(end, tz)
    if until is None and (lasts := _value(event, "DURATION")) is not None:
        try:
            until = at + lasts
        except OverflowError:
            raise ValueError("it lasts for ever") from None
    elif until is None and not isinstance(start, datetime):
        until = _instant(start + timedelta(days=1), tz)
    uid = text.one_line(str(event.get("UID") or ""))
    title = text.one_line(str(event.get("SUMMARY") or ""))
    if not uid or not title:
        raise ValueError("it has no name" if uid else "it has no UID")
    # A time in UTC says an instant, not where it is meant.
    where = zone.key if tz == UTC else getattr(tz, "key", zone.key)
    of = Gathering(
        identity=uid[:500], series=uid[:500], title=title[:500], starts_at=at, zone=where,
        ends_at=until if until is not None and until >= at else None, all_day=not isinstance(start, datetime),
        place=text.one_line(str(event.get("LOCATION") or ""))[:500] or None, url=text.link(str(event.get("URL") or "")),
        cancelled=str(event.get("STATUS") or "").upper() == "CANCELLED",
        network=network or ("meetup" if uid.lower().endswith("@meetup.com") else None),
    )  # fmt: skip
    changed = _value(event, "LAST-MODIFIED") or _value(event, "DTSTAMP")
    rank = (_sequence(event), _instant(changed, UTC) if changed is not None else datetime.min.replace(tzinfo=UTC))
    return _Read(line, event, of, tz, None if planned is None else _instant(planned, tz), rank)


def _value(event: Any, name: str) -> Any:
    """A property's Python value, None where it is missing. Raises ValueError where it cannot be read."""
    found = event.get(name)
    if isinstance(found, list):
        found = found[0]
    if found is None:
        return None
    try:
        value = found.dt
    except Exception:  # a broken property says so in its own way
        raise ValueError(f"its {name} is no date") from None
    if isinstance(value, date):
        ordinary(value if not isinstance(value, datetime) else value.date())
    elif not isinstance(value, timedelta if name == "DURATION" else date):
        raise ValueError(f"its {name} is no date")
    return value


def _sequence(event: Any) -> int:
    try:
        return int(event.get("SEQUENCE", 0))
    except (TypeError, ValueError):
        return 0


def _zone_of(event: Any, start: date | datetime, zone: ZoneInfo) -> tuple[tzinfo, bool]:
    """The zone its wall time is meant in, and whether what the calendar says of it is known."""
    if isinstance(start, datetime) and start.tzinfo is not None:
        return start.tzinfo, True
    return zone, not (isinstance(start, datetime) and event["DTSTART"].params.get("TZID"))


def _instant(value: date | datetime, tz: tzinfo) -> datetime:
    """In UTC. A day begins at its zone's midnight; a time without zone is wall time there."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if value.tzinfo is None and isinstance(tz, ZoneInfo):
        return resolve(value, tz).at
    return (value if value.tzinfo else value.replace(tzinfo=tz)).astimezone(UTC)


def _newest(read: list[_Read]) -> list[_Read]:
    """Of several with one id (and, in a series, one planned start) the one written last."""
    found: dict[tuple[str, datetime | None], _Read] = {}
    for one in read:
        key = (one.of.series, one.recurrence)
        if key not in found or one.rank >= found[key].rank:
            found[key] = one
    return list(found.values())


def _expanded(read: list[_Read], now: datetime, problems: list[str]) -> list[Gathering]:
    """Single events as they are, each series' dates, and the dates that were changed by themselves."""
    found: dict[str, Gathering] = {}
    series = 0
    for one in (each for each in read if each.recurrence is None):
        if "RRULE" not in one.event and "RDATE" not in one.event:
            found[one.of.identity] = one.of
            continue
        series += 1
        if series > MOST_SERIES:
            problems.append(f"line {one.line}: only the first {MOST_SERIES} series are read")
            break
        try:
            for gathering in _series(one, now):
                found[gathering.identity] = gathering
        except Exception as error:
            problems.append(f"line {one.line}: how it repeats cannot be read ({error}); its first date is kept")
            found[one.of.identity] = one.of
    for one in (each for each in read if each.recurrence is not None):
        assert one.recurrence is not None
        if one.event["RECURRENCE-ID"].params.get("RANGE"):
            problems.append(f"line {one.line}: a change of all later dates is read for this one alone")
        if now - BACK <= one.of.starts_at <= now + AHEAD:
            identity = _of_series(one.of.series, one.recurrence)
            found[identity] = replace(one.of, identity=identity)
    return list(found.values())


def _of_series(uid: str, planned: datetime) -> str:
    return f"{uid}/{planned.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _series(one: _Read, now: datetime) -> Iterator[Gathering]:
    """The dates of a series around now; those that were taken out of it as cancelled."""
    lasts = one.of.ends_at - one.of.starts_at if one.of.ends_at else None
    out = {_instant(when, one.tz) for when in _dates(one.event.get("EXDATE"))}
    starts = {_instant(when, one.tz) for when in _dates(one.event.get("RDATE"))}
    for rule in _rules(one, now):
        starts |= {_instant(local, one.tz) for local in rule}
    if not one.event.get("RRULE"):
        starts.add(one.of.starts_at)
    for at in sorted(starts | out):
        if now - BACK <= at <= now + AHEAD:
            yield replace(
                one.of, identity=_of_series(one.of.series, at), starts_at=at, ends_at=at + lasts if lasts else None,
                cancelled=one.of.cancelled or at in out,
            )  # fmt: skip


def _dates(found: Any) -> Iterator[date | datetime]:
    for group in found if isinstance(found, list) else [found] if found is not None else []:
        for each in getattr(group, "dts", ()):
            yield each.dt[0] if isinstance(each.dt, tuple) else each.dt


def _rules(one: _Read, now: datetime) -> Iterator[Iterator[datetime]]:
    """Each rule's starts in wall time: the clock on the wall stays, whatever the zone's offset does.

    A rule that never fits (the 30th of February) is looked for until the year 9999, for eleven seconds. So it is asked
    near that end: the calendar repeats itself every 400 years, weekdays too.
    """
    local = one.of.starts_at.astimezone(one.tz).replace(tzinfo=None)
    end = (now + AHEAD).astimezone(one.tz).replace(tzinfo=None)
    written = one.event.get("RRULE") or []
    for rule in written if isinstance(written, list) else [written]:
        if str(rule.get("FREQ", [""])[0]).upper() not in _COARSE or any(name in rule for name in _FINE):
            raise ValueError("it repeats within a day")
        until = rule.get("UNTIL")
        last = min(end, _until(until[0], one.tz)) if until else end
        count = int(rule["COUNT"][0]) if "COUNT" in rule else None
        plain = ";".join(
            part for part in rule.to_ical().decode().split(";") if part.partition("=")[0] not in ("UNTIL", "COUNT")
        )
        dates: rrule = rrulestr(plain, dtstart=_shifted(local, _CYCLES)).replace(until=_shifted(last, _CYCLES))
        first = (now - BACK).astimezone(one.tz).replace(tzinfo=None)
        counted = islice(dates, count) if count is not None else iter(dates)
        yield islice((each for each in (_shifted(far, -_CYCLES) for far in counted) if each >= first), MOST)


def _shifted(local: datetime, years: int) -> datetime:
    return local.replace(year=local.year + years)


def _until(until: date | datetime, tz: tzinfo) -> datetime:
    """UNTIL in wall time; a day is meant with its last second."""
    if not isinstance(until, datetime):
        return datetime.combine(until, time(23, 59, 59))
    return until.astimezone(tz).replace(tzinfo=None) if until.tzinfo else until
