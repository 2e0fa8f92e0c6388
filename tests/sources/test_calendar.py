"""Calendars of groups: what takes place when, what changed, and what could not be read."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosspost.domain.errors import BadInput
from crosspost.domain.gathering import Gathering
from crosspost.outside.http import Outbound
from crosspost.sources import check_address, read
from crosspost.sources.ical import parse
from tests.local_server import Reply, Request, serving

DATA = Path(__file__).parents[1] / "data" / "calendars"  # reconstructed
GROUP, BROKEN = (DATA / "group.ics").read_bytes(), (DATA / "broken.ics").read_bytes()
NOW, PARIS = datetime(2026, 3, 10, 12, 0, tzinfo=UTC), ZoneInfo("Europe/Paris")
WEEKLY = "event_weekly@meetup.com"


def told(*lines: str, head: tuple[str, ...] = (), now: datetime = NOW) -> list[Gathering]:
    """One event with these properties."""
    block = ("BEGIN:VCALENDAR", *head, "BEGIN:VEVENT", "UID:u", "SUMMARY:Soirée", *lines, "END:VEVENT", "END:VCALENDAR")
    found, problems = parse("\n".join(block).encode(), "x", PARIS, now, None)
    assert problems == ()
    return list(found)


def starts(*lines: str, head: tuple[str, ...] = (), now: datetime = NOW) -> list[str]:
    return [f"{one.starts_at:%Y-%m-%d %H:%M}" for one in told(*lines, head=head, now=now)]


def test_a_group_s_calendar_is_read_whole() -> None:
    found, problems = parse(GROUP, "group.ics", PARIS, NOW, "meetup")
    assert problems == ()
    by_id = {one.identity: one for one in found}
    evening = by_id["event_301234567@meetup.com"]
    assert evening.title == "Rabot, ciseau et patience : une soirée pour apprendre à affûter, avec Léa", "folded lines"
    assert (evening.starts_at, evening.ends_at) == (_at(12, 18), _at(12, 20))
    assert (evening.zone, evening.network) == ("Europe/Paris", "meetup")
    assert evening.place == "Atelier, 3 rue du Bois, Lyon"
    assert evening.url == "https://www.meetup.com/ateliers-bois/events/301234567/"
    fair = by_id["event_salon@meetup.com"]
    assert (fair.all_day, fair.cancelled) == (True, True)
    assert (fair.starts_at, fair.ends_at) == (
        datetime(2026, 4, 3, 22, tzinfo=UTC),
        datetime(2026, 4, 5, 22, tzinfo=UTC),
    )
    series = [one for one in found if one.series == WEEKLY]
    assert [(one.identity[-16:], f"{one.starts_at:%m-%d %H:%M}", one.cancelled) for one in series] == [
        ("20260303T173000Z", "03-03 17:30", False),
        ("20260310T173000Z", "03-11 18:00", False),  # moved by itself
        ("20260317T173000Z", "03-17 17:30", True),  # taken out
        ("20260324T173000Z", "03-24 17:30", False),
        ("20260331T163000Z", "03-31 16:30", False),  # summer time: the clock on the wall stays
        ("20260407T163000Z", "04-07 16:30", False),  # the sixth, the one taken out counted
    ]
    assert series[0].ends_at == _at(3, 19)
    assert series[1].title == "Café du bois (mercredi)"


def _at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def test_a_broken_calendar_gives_what_it_can_and_tells_the_rest_by_line() -> None:
    began = time.process_time()
    found, problems = parse(BROKEN, "broken.ics", PARIS, NOW, None)
    assert time.process_time() - began < 5, "the 30th of February is not looked for until the year 9999"
    assert [(one.title, one.starts_at) for one in found] == [
        ("Lisible", _at(12, 18)),
        ("Nulle part", _at(12, 18)),
        ("Chaque seconde", _at(12, 19)),
    ]
    assert {one.network for one in found} == {"meetup"}, "known by its id too"
    assert problems == (
        "line 9: an event that cannot be read (it has no start); left out",
        "line 13: an event that cannot be read (its DTSTART is no date); left out",
        "line 18: an event that cannot be read (it has no UID); left out",
        "line 34: its time zone is not known; read as Europe/Paris",
        "line 39: an event without an end; left out",
        "line 43: an event that cannot be read (9999-01-01 is outside the years 1970 to 2200); left out",
        "line 48: the file ends within this event; left out",
        "line 22: how it repeats cannot be read (it repeats within a day); its first date is kept",
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("DTSTART:20260312T190000Z",), ["2026-03-12 19:00"]),
        (("DTSTART:20260312T190000",), ["2026-03-12 18:00"]),  # floating: the brand's zone
        (("DTSTART;TZID=America/New_York:20260312T190000",), ["2026-03-12 23:00"]),
        (("DTSTART;TZID=Romance Standard Time:20260312T190000",), ["2026-03-12 18:00"]),  # Windows' name
        (("DTSTART;VALUE=DATE:20260312",), ["2026-03-11 23:00"]),
        (("DTSTART;TZID=Europe/Paris:20260329T023000",), ["2026-03-29 01:30"]),  # an hour that does not exist
        (("DTSTART;TZID=Europe/Paris:20260325T190000", "RRULE:FREQ=WEEKLY;UNTIL=20260402"),
         ["2026-03-25 18:00", "2026-04-01 17:00"]),
        (("DTSTART;TZID=Europe/Paris:20260325T190000", "RRULE:FREQ=WEEKLY;UNTIL=20260401T170000Z"),
         ["2026-03-25 18:00", "2026-04-01 17:00"]),  # UNTIL itself is meant
        (("DTSTART;TZID=Europe/Paris:20260325T190000", "RRULE:FREQ=WEEKLY;UNTIL=20260401T165959Z"),
         ["2026-03-25 18:00"]),
        (("DTSTART:20260228T190000Z", "RRULE:FREQ=MONTHLY;BYDAY=-1SA;COUNT=2"),
         ["2026-02-28 19:00", "2026-03-28 19:00"]),
        (("DTSTART:20240229T190000Z", "RRULE:FREQ=YEARLY", "RDATE:20260320T190000Z"), ["2026-03-20 19:00"]),
        (("DTSTART:20260312T190000Z", "RDATE:20260320T190000Z"), ["2026-03-12 19:00", "2026-03-20 19:00"]),
        (("DTSTART;VALUE=DATE:20260312", "RRULE:FREQ=DAILY;COUNT=2"), ["2026-03-11 23:00", "2026-03-12 23:00"]),
        (("DTSTART:19900312T190000Z",), ["1990-03-12 19:00"]),  # a single event is told whenever it was
    ],
)  # fmt: skip
def test_when_it_takes_place(lines: tuple[str, ...], expected: list[str]) -> None:
    assert starts(*lines) == expected


def test_a_series_without_end_is_told_for_a_year() -> None:
    found = told("DTSTART:20100101T190000Z", "RRULE:FREQ=WEEKLY")
    assert all(abs(one.starts_at - NOW) <= timedelta(days=400) for one in found)
    assert len(found) == 800 // 7
    assert len({one.identity for one in found}) == len(found)


def test_the_calendar_s_own_zone_wins_over_the_brand_s() -> None:
    head = ("X-WR-TIMEZONE:America/Montreal",)
    assert starts("DTSTART:20260312T190000", head=head) == ["2026-03-12 23:00"]
    own = ("BEGIN:VTIMEZONE", "TZID:Atelier", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0500",
           "TZOFFSETTO:+0500", "END:STANDARD", "END:VTIMEZONE")  # fmt: skip
    assert starts("DTSTART;TZID=Atelier:20260312T190000", head=own) == ["2026-03-12 14:00"]


def test_of_two_with_one_id_the_newer_counts() -> None:
    block = "BEGIN:VEVENT\nUID:u\nSUMMARY:{}\nSEQUENCE:{}\nDTSTAMP:{}\nDTSTART:20260312T190000Z\nEND:VEVENT\n"
    events = [("new", 2, "20260101T000000Z"), ("old", 1, "20260301T000000Z"), ("older", 1, "20260201T000000Z")]
    whole = "BEGIN:VCALENDAR\n" + "".join(block.format(*one) for one in events) + "END:VCALENDAR\n"
    (found,), _ = parse(whole.encode(), "x", PARIS, NOW, None)
    assert found.title == "new"


@pytest.mark.parametrize("data", [b"", b"<html>not here</html>", b"\xff\xfe\x00", b"BEGIN:VEVENT\nEND:VEVENT"])
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="no calendar"):
        parse(data, "x", PARIS, NOW, None)


@settings(max_examples=150, deadline=None)
@given(st.integers(30, len(GROUP)), st.integers(0, 60), st.binary(max_size=12))
def test_whatever_is_torn_out_of_it_the_rest_is_read_or_told(at: int, length: int, noise: bytes) -> None:
    found, _ = parse(GROUP[:at] + noise + GROUP[at + length :], "x", PARIS, NOW, None)
    assert all(one.title and one.starts_at.tzinfo is UTC for one in found)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://www.meetup.com/ateliers-bois", "https://www.meetup.com/ateliers-bois/events/ical/#zone=UTC"),
        ("meetup.com/fr-FR/ateliers-bois/events/", "https://www.meetup.com/ateliers-bois/events/ical/#zone=UTC"),
        ("https://www.meetup.com/ateliers-bois/events/ical/", "https://www.meetup.com/ateliers-bois/events/ical/#zone=UTC"),
        ("webcal://lea.example/cal.ics#zone=Europe/Paris", "https://lea.example/cal.ics#zone=Europe/Paris"),
    ],
)  # fmt: skip
def test_a_group_s_page_is_enough(written: str, kept: str) -> None:
    assert check_address("calendar", written) == kept
    assert check_address("calendar", kept) == kept


@pytest.mark.parametrize(
    "written", ["https://www.meetup.com/", "no.ics", "https://lea.example/c#zone=Nowhere", "ftp://x"]
)
def test_addresses_that_lead_nowhere_are_refused(written: str) -> None:
    with pytest.raises(BadInput):
        check_address("calendar", written)


def test_it_is_fetched_without_its_zone_and_once() -> None:
    def answer(request: Request) -> Reply:
        known = request.headers.get("if-none-match") == '"1"'
        return Reply(304) if known else Reply(200, {"ETag": '"1"', "Content-Type": "text/calendar"}, GROUP)

    with serving(answer) as server:
        outbound = Outbound(private_origins=frozenset({server.origin}))
        first = read("calendar", f"{server.origin}/cal#zone=Europe/Paris", outbound, now=NOW)
        again = read("calendar", f"{server.origin}/cal#zone=Europe/Paris", outbound, etag=first.etag, now=NOW)
    assert [request.path for request in server.requests] == ["/cal", "/cal"]
    assert len(first.gatherings) == 8
    assert again.unchanged


@pytest.mark.parametrize("broken", [
    "DTSTART:20260310T180000Z\r\nDURATION:P99999999W",
    "DTSTART:20260310T180000Z\r\nDURATION:-P99999999W",
    "DTSTART;VALUE=TIME:180000",
    "DTSTART;VALUE=DURATION:PT1H",
    "DTSTART;VALUE=PERIOD:20260310T180000Z/PT1H",
    "DTSTART:20260310T180000Z\r\nDTEND;VALUE=DURATION:PT1H",
])  # fmt: skip
def test_a_value_of_another_kind_costs_its_own_event_alone(broken: str) -> None:
    sound = "BEGIN:VEVENT\r\nUID:b\r\nSUMMARY:Sound\r\nDTSTART:20260310T180000Z\r\nEND:VEVENT"
    events = f"BEGIN:VEVENT\r\nUID:a\r\nSUMMARY:Broken\r\n{broken}\r\nEND:VEVENT\r\n{sound}"
    calendar = f"BEGIN:VCALENDAR\r\n{events}\r\nEND:VCALENDAR\r\n".encode()
    found, problems = parse(calendar, "here.ics", PARIS, NOW, None)
    assert [one.title for one in found] == ["Sound"]
    assert len(problems) == 1
    assert problems[0].startswith("line 2: an event that cannot be read")
