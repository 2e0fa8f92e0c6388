"""Hours: a timer that outlives everything but its owner's answer, and a week that is asked for. Unknown is not zero."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from crosspost.commands import efforts as commands
from crosspost.commands.ledger import gather
from crosspost.commands.setup import change_brand
from crosspost.domain.brand import Account, LinkMode
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.store import brands, efforts, notices
from crosspost.store.database import Database
from crosspost.store.store import Store
from tests.blank import BRAND, NOW, OTHER, settled
from tests.home import Home

HOUR = timedelta(hours=1)
MONDAY = date(2026, 2, 23)


@pytest.fixture
def store(sqlite_database: Database) -> Store:
    return settled(sqlite_database)


def hours(store: Store) -> list[tuple[str, date, int, Decimal | None]]:
    with store.read(BRAND) as scope:
        return [(one.channel, one.start, one.days, one.hours) for one in efforts.efforts(scope)]


def test_a_timer_outlives_the_process_and_runs_once_per_channel(store: Store) -> None:
    assert commands.start_timer(store, BRAND, NOW, "LinkedIn") == "linkedin"
    again = Store(Database(str(store.database.url)))
    with pytest.raises(Conflict, match="2026-03-02 09:00"):
        commands.start_timer(again, BRAND, NOW + HOUR, "linkedin")
    commands.start_timer(again, BRAND, NOW, "x")
    commands.start_timer(again, OTHER, NOW, "linkedin")
    done = commands.stop_timer(again, again.brand("atelier"), NOW + 2.5 * HOUR, "Linkedin")
    assert done.hours == Decimal("2.5")
    assert hours(store) == [("linkedin", date(2026, 3, 2), 1, Decimal("2.5"))]
    with pytest.raises(NotFound, match="effort start"):
        commands.stop_timer(again, again.brand("atelier"), NOW + 3 * HOUR, "linkedin")
    with store.read(OTHER) as scope:
        assert list(efforts.timers(scope)) == ["linkedin"]
    again.database.close()


@pytest.mark.parametrize("ran", [40 * HOUR, 12 * HOUR + timedelta(seconds=1), -HOUR])
def test_a_forgotten_timer_is_asked_about_and_goes_on_until_it_is_answered(store: Store, ran: timedelta) -> None:
    commands.start_timer(store, BRAND, NOW, "linkedin")
    brand = store.brand("atelier")
    with pytest.raises(Conflict, match="how many were spent"):
        commands.stop_timer(store, brand, NOW + ran, "linkedin")
    assert hours(store) == []
    with pytest.raises(BadInput, match="more than"):
        commands.stop_timer(store, brand, NOW + ran, "linkedin", hours=Decimal(41), told=True)
    assert commands.stop_timer(store, brand, NOW + ran, "linkedin", told=True).hours is None
    assert [one[3] for one in hours(store)] == [None]


def test_a_timer_over_midnight_is_of_the_day_it_began_in_the_owners_zone(store: Store) -> None:
    late = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)  # 23:30 in Paris
    commands.start_timer(store, BRAND, late, "x")
    commands.stop_timer(store, store.brand("atelier"), late + HOUR, "x")
    assert hours(store) == [("x", date(2026, 3, 1), 2, Decimal(1))]


def test_a_week_asks_for_connected_networks_and_what_is_told_is_not_asked_again(store: Store) -> None:
    brand = store.brand("atelier")
    with store.write(BRAND) as scope:
        for number, (network, server) in enumerate(
            (("x", "https://a"), ("facebook", "import:"), ("viadeo", "closed:"))
        ):
            account = Account(f"{number}", BRAND, network, "me", server, network, (), {}, None, NOW)
            brands.add_account(scope, account)
    commands.start_timer(store, BRAND, NOW - 72 * HOUR, "x")
    commands.stop_timer(store, brand, NOW - 71 * HOUR, "x")
    asked = commands.to_ask(store, brand, MONDAY)
    assert asked == [commands.Asked("linkedin", Decimal(0)), commands.Asked("x", Decimal(1))]
    told = {"linkedin": Decimal(0), "x": None}
    commands.record_week(store, brand, NOW, MONDAY, told, {"x": Decimal(20)}, currency="EUR")
    assert commands.to_ask(store, brand, MONDAY) == []
    assert commands.to_ask(store, brand, MONDAY + timedelta(days=7)) != []
    with store.read(BRAND) as scope:
        found = {(one.source, one.effort.channel): one.effort for one in efforts.stored(scope)}
    assert found["cli", "linkedin"].hours == Decimal(0), "zero that was said is zero"
    assert (found["cli", "x"].hours, str(found["cli", "x"].fees)) == (None, "20.00 EUR")
    filled = commands.record_week(store, brand, NOW, MONDAY, {"x": Decimal(3)}, currency="EUR")
    assert [(name, one.differences) for name, one in filled] == [("x", ("hours",))]


def test_a_week_is_taken_whole_or_not_at_all(store: Store) -> None:
    with pytest.raises(BadInput, match="hours"):
        commands.record_week(
            store, store.brand("atelier"), NOW, MONDAY, {"linkedin": Decimal(2), "x": Decimal(200)}, currency="EUR"
        )
    assert hours(store) == []


def test_unknown_hours_stay_unknown_up_to_the_audit(store: Store) -> None:
    from crosspost.audit.run import audit

    brand = store.brand("atelier")
    commands.record_week(store, brand, NOW, MONDAY, {"linkedin": Decimal(2), "x": Decimal(3)}, currency="EUR")
    week = MONDAY - timedelta(days=7)
    commands.record_week(store, brand, NOW, week, {"linkedin": None}, currency="EUR")
    table = audit(gather(store, brand, NOW), made_at=NOW).table("hours")
    rows = {row["channel"]: row["hours"] for row in table.records()}
    assert rows == {"linkedin": None, "x": 3.0, "(networks)": None}
    assert table.missing[0, "hours"] == "not known for 1 of 2 spans; at least 2 hours"
    assert table.missing[0, "hours_per_client"] == table.missing[0, "hours"]


def test_the_week_is_asked_for_once_where_the_owner_wants_it(store: Store) -> None:
    told: list[Notice] = []

    def tell(notice: Notice) -> None:
        told.append(notice)
        with store.database.write() as connection:
            notices.add(connection, notice, notice.at)

    assert commands.ask(store, tell, NOW) == 0
    change_brand(store, store.brand("atelier"), link_mode=LinkMode.DIRECT, ask_hours=True)
    assert commands.ask(store, tell, NOW) == 1
    assert "--week-of 2026-02-23" in told[0].text
    assert (told[0].kind, told[0].brand_id) == (NoticeKind.HOURS, BRAND)
    assert commands.ask(store, tell, NOW + 100 * HOUR) == 0
    assert commands.ask(store, tell, NOW + 24 * 7 * HOUR) == 1
    commands.record_week(
        store, store.brand("atelier"), NOW + 24 * 8 * HOUR, date(2026, 3, 9), {"linkedin": None}, currency="EUR"
    )
    assert commands.ask(store, tell, NOW + 24 * 14 * HOUR) == 0, "what was answered is not asked, known or not"
    commands.start_timer(store, BRAND, NOW, "x")
    commands.start_timer(store, BRAND, NOW + HOUR, "linkedin")
    assert commands.ask(store, tell, NOW + 12.5 * HOUR) == 1
    assert commands.ask(store, tell, NOW + 13.5 * HOUR) == 1
    assert commands.ask(store, tell, NOW + 14 * HOUR) == 0
    assert [one.text.split()[3] for one in told if one.kind is NoticeKind.TIMER] == ["x", "linkedin"]


def test_the_commands_ask_on_a_terminal_alone(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    app = home.app()
    with app.store.write(app.brand.id) as scope:
        for network in ("linkedin", "x"):
            brands.add_account(
                scope, Account(network, app.brand.id, network, "me", "https://a", network, (), {}, None, NOW)
            )
    refused = home.refused(2, "effort", "week")
    assert "--hours linkedin=… --hours x=…" in refused
    answers = iter(["", "a lot", "0"])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.prompt", lambda *_, **__: next(answers))
    assert home.json("effort", "week") == [
        {"channel": "linkedin", "hours": None, "status": "recorded"},
        {"channel": "x", "hours": "0", "status": "recorded"},
    ]
    assert "every network's hours are told" in home("effort", "week")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    home("effort", "week", "--week-of", "2026-04-29", "--hours", "x=1")
    assert home.json("effort", "list")["efforts"][0]["from"] == "2026-04-27", "a week begins on Monday"
    home("effort", "start", "linkedin")
    assert "a timer runs on linkedin" in home("effort", "list")
    assert "effort stop linkedin" in home.refused(4, "effort", "start", "linkedin")
    home("effort", "stop", "linkedin")
    assert "no timer runs" in home.refused(3, "effort", "stop", "linkedin")
    home("effort", "add", "linkedin", "unknown", "--week-of", "2026-05-04")
    assert home.json("effort", "add", "linkedin", "3.5", "--week-of", "2026-05-04")["status"] == "updated"
    assert home.json("effort", "add", "linkedin", "35", "--week-of", "2026-05-04")["status"] == "differs"
    done = home.json("effort", "add", "linkedin", "4", "--week-of", "2026-05-04", "--correct")
    assert (done["status"], done["differs"]) == ("updated", ["hours"])
    [corrected] = [one for one in home.json("effort", "list")["efforts"] if one["from"] == "2026-05-04"]
    assert corrected["hours"] == "4.0000"
    assert "leave --correct out" in home.refused(3, "effort", "add", "x", "4", "--week-of", "2026-05-04", "--correct")
    assert home.json("brand", "set", "--ask-hours")["ask_hours"] is True


def test_a_brand_is_read_as_it_was_written(store: Store) -> None:
    changed = change_brand(store, store.brand("atelier"), link_mode=LinkMode.DIRECT, ask_hours=True)
    assert replace(changed, ask_hours=True) == store.brand("atelier")
