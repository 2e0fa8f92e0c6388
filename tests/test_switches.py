"""The stop switches, from the engine's side and from the command line's; backup, restore and status as commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crosspost.commands.switch import resume, stop
from crosspost.domain.brand import Account, Brand
from crosspost.domain.delivery import State
from crosspost.domain.errors import BadInput
from crosspost.domain.ids import new_id
from crosspost.store import brands
from crosspost.store.database import Database
from tests.engine import NOW, Rig
from tests.program import crosspost
from tests.stand_in import Fault


@pytest.fixture
def rig(sqlite_database: Database, tmp_path: Path) -> Iterator[Rig]:
    made = Rig.make(sqlite_database, tmp_path, accounts=2)
    yield made
    made.close()


def other_brand(rig: Rig) -> Rig:
    """A second brand on the same installation, served by the same worker."""
    brand = replace(rig.store.brands()[0], id=new_id(NOW), slug="other")
    with rig.store.database.write() as connection:
        brands.add(connection, brand)
    account = Account(new_id(NOW), brand.id, "standin", "@9", "https://stand.in", "9", (), {}, None, NOW)
    with rig.store.write(brand.id) as scope:
        brands.add_account(scope, account)
    return replace(rig, brand_id=brand.id, account_ids=[account.id])


def named(rig: Rig, brand: bool, account: bool) -> tuple[Brand | None, Account | None]:
    found = next(one for one in rig.store.brands() if one.id == rig.brand_id)
    with rig.store.read(found.id) as scope:
        first = next(one for one in brands.accounts(scope) if one.id == rig.account_ids[0])
    return (found if brand or account else None), (first if account else None)


@pytest.mark.parametrize(("brand", "account", "stopped"), [
    (False, False, [True, True, True]), (True, False, [True, True, False]), (True, True, [True, False, False]),
])  # fmt: skip
def test_what_is_stopped_is_not_sent_and_everything_else_is(
    rig: Rig, brand: bool, account: bool, stopped: list[bool]
) -> None:
    other = other_brand(rig)
    of, at = named(rig, brand, account)
    assert stop(rig.store, of, at, why="a mistake", who="ana", now=rig.clock.now()).changed
    rig.plan(account=0), rig.plan(account=1), other.plan(account=0)
    rig.tick()
    rows = [*rig.all(), *other.all()]
    sent = {row.account_id: row.state is State.PUBLISHED for row in rows}
    order = [*rig.account_ids, *other.account_ids]
    assert [not sent[one] for one in order] == stopped
    assert resume(rig.store, of, at, who="ana", now=rig.clock.now()).changed
    rig.clock.advance(10)
    rig.tick()
    assert {row.state for row in [*rig.all(), *other.all()]} == {State.PUBLISHED}


def test_looking_goes_on_while_stopped(rig: Rig) -> None:
    """A stop must not leave people in the dark about what went out before it."""
    rig.server.faults = [Fault.LOST_AFTER]
    delivery_id = rig.plan()
    rig.tick()
    assert rig.get(delivery_id).state is State.UNKNOWN
    stop(rig.store, None, None, why="a mistake", who="ana", now=rig.clock.now())
    rig.run()
    assert rig.get(delivery_id).state is State.PUBLISHED


def test_a_stop_of_one_thing_survives_the_resume_of_another(rig: Rig) -> None:
    everything, account = named(rig, False, False), named(rig, True, True)
    stop(rig.store, *account, why="x", who="ana", now=NOW)
    stop(rig.store, *everything, why="y", who="ana", now=NOW)
    assert not stop(rig.store, *everything, why="again", who="ana", now=NOW).changed
    resume(rig.store, *everything, who="ana", now=NOW)
    rig.plan(account=0), rig.plan(account=1)
    rig.tick()
    assert sorted(row.state.value for row in rig.all()) == ["published", "scheduled"]
    assert not resume(rig.store, *everything, who="ana", now=NOW).changed
    with pytest.raises(BadInput):
        stop(rig.store, *everything, why="  ", who="ana", now=NOW)


def test_stop_resume_and_status_as_commands(tmp_path: Path) -> None:
    assert crosspost("stop", home=tmp_path).returncode == 2
    crosspost("brand", "add", "Café Léa", home=tmp_path)
    crosspost("brand", "add", "Autre", home=tmp_path)
    assert "everything: stopped" in crosspost("stop", "--why", "a fire", home=tmp_path).stdout
    shown = crosspost("status", "--json", home=tmp_path)
    assert shown.returncode == 0, "a stop that a person made needs no person"
    assert json.loads(shown.stdout)["stopped"].startswith("a fire (")
    assert "everything: resumed" in crosspost("resume", home=tmp_path).stdout
    made = json.loads(crosspost("--brand", "autre", "stop", "--why", "x", "--json", home=tmp_path).stdout)
    assert made == {"what": "brand autre", "action": "stopped", "changed": True, "held": None}
    assert "everything: resumed already" in crosspost("resume", home=tmp_path).stdout
    found = json.loads(crosspost("status", "--json", home=tmp_path).stdout)
    assert [one["slug"] for one in found["brands"] if one["stopped"]] == ["autre"]
    assert crosspost("resume", "--brand", "nobody", home=tmp_path).returncode == 3
    assert crosspost("resume", "--after-restore", home=tmp_path).returncode == 4


def test_backup_and_restore_as_commands(tmp_path: Path) -> None:
    crosspost("brand", "add", "Café Léa", home=tmp_path)
    phrase = "five-words-CANARY-in-a-row"
    file = tmp_path / "b.zip"
    first = crosspost("backup", str(file), "--with-key", home=tmp_path, stdin=f"{phrase}\n")
    assert first.returncode == 0, first.stderr
    assert "CANARY" not in first.stdout + first.stderr
    assert crosspost("backup", str(file), home=tmp_path).returncode == 4
    assert "not in it" in crosspost("backup", str(tmp_path / "c.zip"), home=tmp_path).stdout
    into = str(tmp_path / "again")
    assert crosspost("restore", str(file), "--into", str(tmp_path / "data"), home=tmp_path).returncode == 4
    wrong = crosspost("restore", str(file), "--into", into, "--with-key", home=tmp_path, stdin="wrong-CANARY-phrase\n")
    assert wrong.returncode == 5
    assert "CANARY" not in wrong.stderr
    assert not Path(into).exists()
    done = crosspost("restore", str(file), "--into", into, "--with-key", home=tmp_path, stdin=f"{phrase}\n")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again/master.key").read_bytes() == (tmp_path / "data/master.key").read_bytes()
    held = crosspost("--data-dir", into, "status", home=tmp_path)
    assert held.returncode == 1
    assert "resume --after-restore" in held.stdout
    still = crosspost("--data-dir", into, "resume", home=tmp_path)
    assert "still restored from the backup of" in still.stdout
    assert crosspost("--data-dir", into, "resume", "--after-restore", home=tmp_path).returncode == 0
    assert crosspost("--data-dir", into, "status", home=tmp_path).returncode == 0
    assert crosspost("--data-dir", into, "--brand", "cafe-lea", "deliveries", "audit", home=tmp_path).returncode == 0


def test_a_wrong_mail_setting_is_named(tmp_path: Path) -> None:
    crosspost("brand", "add", "Café Léa", home=tmp_path)
    shown = crosspost(
        "status", home=tmp_path, CROSSPOST_SMTP_HOST="mail.example", CROSSPOST_MAIL_TO='["lea"]',
        CROSSPOST_SMTP_PASSWORD="pw-CANARY-1",
    )  # fmt: skip
    assert shown.returncode == 2
    assert "is not a mail address" in shown.stderr
    assert "CANARY" not in shown.stderr
