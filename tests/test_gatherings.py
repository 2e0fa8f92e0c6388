"""From a group's calendar to a client's journey, through the program."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crosspost.domain.errors import NotFound
from crosspost.domain.gathering import Gathering
from crosspost.domain.ids import new_id
from crosspost.store import articles, brands, gatherings
from crosspost.store.database import Database
from crosspost.store.store import Store
from tests.engine import NOW, Rig
from tests.home import Home

DAY = timedelta(days=1)


def evening(at: datetime, **more: object) -> Gathering:
    values: dict[str, object] = {
        "identity": "e1",
        "series": "e1",
        "title": "Soirée",
        "zone": "UTC",
        "network": "meetup",
    }
    return Gathering(starts_at=at, **{**values, **more})  # type: ignore[arg-type]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    fixture = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    database: Database = request.getfixturevalue(fixture)
    return Rig.make(database, tmp_path, accounts=0)


def kept(store: Store, brand_id: str) -> list[tuple[str, str, bool]]:
    with store.read(brand_id) as scope:
        found = [one.gathering for one in gatherings.gatherings(scope)]
    return [(one.identity, f"{one.starts_at:%m-%d}", one.cancelled) for one in found]


def test_what_a_calendar_tells_is_kept_changed_and_cancelled(rig: Rig) -> None:
    store, brand_id = rig.store, rig.brand_id
    weekly = [evening(NOW + n * DAY, identity=f"w/{n}", series="w") for n in (-7, 7, 14)]
    with store.write(brand_id) as scope:
        source = articles.add_source(scope, "calendar", "https://x.example/c#zone=UTC", NOW).id
        assert gatherings.remember(scope, source, [evening(NOW + DAY), *weekly], NOW) == {"new": 4}
        assert gatherings.remember(scope, source, [evening(NOW + DAY), *weekly], NOW) == {"known": 4}
        # The evening is moved under its id, the series loses a date to come, and its past date has left the calendar.
        counts = gatherings.remember(scope, source, [evening(NOW + 2 * DAY), weekly[1]], NOW)
        assert counts == {"changed": 1, "known": 1, "cancelled": 1}
        # What is not in the calendar at all stays: it shows only so many.
        assert gatherings.remember(scope, source, [weekly[1]], NOW) == {"known": 1}
    assert kept(store, brand_id) == [
        ("w/-7", "02-23", False), ("e1", "03-04", False), ("w/7", "03-09", False), ("w/14", "03-16", True),
    ]  # fmt: skip
    with store.write(brand_id) as scope:
        back = gatherings.remember(scope, source, [evening(NOW + 2 * DAY, cancelled=True), *weekly[1:]], NOW)
        assert back == {"cancelled": 1, "known": 1, "changed": 1}
        with pytest.raises(NotFound):
            gatherings.named(scope, "nothing")


def test_two_brands_may_read_one_calendar(rig: Rig) -> None:
    other = replace(rig.store.brands()[0], id=new_id(NOW), slug="other")
    with rig.store.database.write() as connection:
        brands.add(connection, other)
    for brand_id in (rig.brand_id, other.id):
        with rig.store.write(brand_id) as scope:
            source = articles.add_source(scope, "calendar", "https://x.example/c#zone=UTC", NOW).id
            gatherings.remember(scope, source, [evening(NOW)], NOW)
    assert kept(rig.store, rig.brand_id) == kept(rig.store, other.id) == [("e1", "03-02", False)]


CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:past@meetup.com
SUMMARY:Soirée affûtage
DTSTART:{past}
LOCATION:Lyon
END:VEVENT
BEGIN:VEVENT
UID:off@meetup.com
SUMMARY:Annulée
STATUS:CANCELLED
DTSTART:{past}
END:VEVENT
BEGIN:VEVENT
UID:next@meetup.com
SUMMARY:La prochaine
DTSTART:{coming}
END:VEVENT
BEGIN:VEVENT
UID:broken@meetup.com
END:VEVENT
END:VCALENDAR
"""


def test_an_event_of_a_group_is_a_step_of_a_client_s_journey(home: Home) -> None:
    past, coming = datetime.now(UTC) - 9 * DAY, datetime.now(UTC) + 9 * DAY
    written = CALENDAR.format(past=f"{past:%Y%m%dT%H%M%SZ}", coming=f"{coming:%Y%m%dT%H%M%SZ}")
    (home.folder / "group.ics").write_text(written)
    home("source", "add", "calendar", "group.ics")
    (report,) = home.json("source", "read")
    assert report["gatherings"] == {"new": 3}
    assert report["problems"] == ["line 19: an event that cannot be read (it has no start); left out"]
    assert "Europe/Paris" in report["source"], "the brand's zone is of times without one"
    found = {one["title"]: one for one in home.json("gathering", "list")}
    assert {one["network"] for one in found.values()} == {"meetup"}
    assert "cancelled" in home("gathering", "list")
    assert (
        home.json("gathering", "list", "--since", f"{datetime.now(UTC) + 2 * DAY:%Y-%m-%d}")[0]["title"]
        == "La prochaine"
    )

    home("lead", "add", "--id", "L1", "--channel", "referral")
    met = found["Soirée affûtage"]["id"]
    assert home.json("lead", "touch", "L1", "--gathering", met)["status"] == "recorded"
    assert home.json("lead", "touch", "L1", "--gathering", met)["status"] == "known"
    (lead,) = home.json("lead", "list")
    assert lead["journey"] == "event (meetup)"

    assert "cancelled" in home.refused(4, "lead", "touch", "L1", "--gathering", found["Annulée"]["id"])
    assert "has not come" in home.refused(2, "lead", "touch", "L1", "--gathering", found["La prochaine"]["id"])
    assert "gathering list" in home.refused(3, "lead", "touch", "L1", "--gathering", "nothing")
    home.refused(2, "lead", "touch", "L1", "event", "--gathering", met)
    home.refused(2, "lead", "touch", "L1")
    home("deal", "add", "--lead", "L1", "--amount", "900")
    assert '"event"' in home("audit", "--json"), "the channel of the journey"
