"""Due times: the two DST rules, for every zone and every transition from 2024 to 2037."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from crosspost.domain.errors import BadInput
from crosspost.domain.slots import next_free, parse_slot, resolve, upcoming

PARIS = ZoneInfo("Europe/Paris")


def test_missing_hour_is_shifted_forward_by_the_gap() -> None:
    due = resolve(datetime(2026, 3, 29, 2, 30), PARIS)
    assert due.at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert due.at.astimezone(PARIS).strftime("%H:%M") == "03:30"
    assert due.note is not None
    assert "does not exist" in due.note


def test_repeated_hour_is_the_first() -> None:
    due = resolve(datetime(2026, 10, 25, 2, 30), PARIS)
    assert due.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert due.note is not None
    assert "twice" in due.note


def test_an_ordinary_time_has_no_note() -> None:
    due = resolve(datetime(2026, 6, 1, 9, 0), PARIS)
    assert (due.at, due.note, due.local, due.zone) == (
        datetime(2026, 6, 1, 7, 0, tzinfo=UTC), None, "2026-06-01T09:00", "Europe/Paris",
    )  # fmt: skip


def _transitions(zone: ZoneInfo) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """UTC instants at which the zone's offset changes in 2024–2037, with the offsets before and after."""
    step = timedelta(days=3)
    at = datetime(2024, 1, 1, tzinfo=UTC)
    before = at.astimezone(zone).utcoffset()
    while at.year < 2038:
        after = (at + step).astimezone(zone).utcoffset()
        if after != before:
            low, high = at, at + step
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                if middle.astimezone(zone).utcoffset() == before:
                    low = middle
                else:
                    high = middle
            assert before is not None
            assert after is not None
            yield high.replace(microsecond=0), before, after
        before = after
        at += step


def test_every_zone_and_transition_keeps_the_rules() -> None:
    cases = 0
    for name in sorted(zoneinfo.available_timezones()):
        zone = ZoneInfo(name)
        for at, before, after in _transitions(zone):
            around = (at + before).replace(tzinfo=None)
            for quarter in range(-36, 37):
                local = around + timedelta(minutes=15 * quarter)
                due = resolve(local, zone)
                candidates = sorted({local - before, local - after})
                valid = [
                    one for one in candidates if one.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) == local
                ]
                got = due.at.replace(tzinfo=None)
                if valid:
                    assert got == valid[0], (name, local)
                else:
                    gap = after - before
                    wall = due.at.astimezone(zone).replace(tzinfo=None)
                    assert wall == local + gap, (name, local, wall)
                cases += 1
    assert cases > 300_000


@pytest.mark.parametrize("slot", ["24:00", "9", "mardi 09:00", "", "tue09:00", "tue 9:60"])
def test_what_is_not_a_slot_is_refused(slot: str) -> None:
    with pytest.raises(BadInput, match="is not a slot"):
        parse_slot(slot)


def test_slots_come_in_order_and_taken_ones_are_left_out() -> None:
    after = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)  # Monday 09:00 in Paris
    found = [due.local for due in islice(upcoming(["18:30", "tue 09:00"], PARIS, after), 4)]
    assert found == ["2026-06-01T18:30", "2026-06-02T09:00", "2026-06-02T18:30", "2026-06-03T18:30"]
    taken = {datetime(2026, 6, 1, 16, 30, tzinfo=UTC)}
    assert next_free(["18:30"], PARIS, after, taken).local == "2026-06-02T18:30"


def test_two_slots_that_fall_on_one_instant_are_one() -> None:
    after = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
    found = [due.at for due in islice(upcoming(["02:30", "03:30"], PARIS, after), 2)]
    assert found == [datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)]


def test_an_account_without_slots_says_so() -> None:
    with pytest.raises(BadInput, match="no queue slots"):
        next_free([], PARIS, datetime(2026, 6, 1, tzinfo=UTC), set())
