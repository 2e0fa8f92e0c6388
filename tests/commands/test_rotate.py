"""Rotation of the master key: nothing is lost, whoever dies when, and whoever works meanwhile."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import types
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crosspost.commands import keys
from crosspost.commands.rotate import rotate, status
from crosspost.commands.setup import add_brand
from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput
from crosspost.masterkey import MasterKey, Slot
from crosspost.secret import Secret
from crosspost.store import credentials
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.vault import Vault, key_id, open_vault
from tests.program import crosspost

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ACCOUNTS = ("0" * 26, "1" * 26)


def token(brand: Brand, owner: str) -> Secret:
    return Secret(f"token-of-{brand.slug}-{owner}")


def fill(store: Store, vault: Vault) -> list[Brand]:
    """Two brands, each with two accounts' tokens and a signing secret."""
    made = [add_brand(store, NOW, name) for name in ("Ana", "Léa")]
    for brand in made:
        with store.write(brand.id) as scope:
            for owner in ACCOUNTS:
                sealed = vault.seal(brand.id, owner, "access_token", token(brand, owner))
                credentials.save(scope, owner, "access_token", sealed, NOW)
    keys.person_key(store, vault, made[0].id, NOW)
    return made


def lost(store: Store, vault: Vault) -> list[str]:
    """What cannot be opened, or opens as something else."""
    found = []
    for brand in store.brands():
        with store.read(brand.id) as scope:
            for owner in ACCOUNTS:
                sealed = credentials.sealed(scope, owner)["access_token"]
                if vault.open(brand.id, owner, "access_token", sealed) != token(brand, owner):
                    found.append(f"{brand.slug} {owner}")
    return found


@pytest.fixture
def store(sqlite_database: Database) -> Store:
    return Store(sqlite_database)


def test_everything_is_sealed_again_and_opens(store: Store, tmp_path: Path) -> None:
    vault = open_vault(key_file=tmp_path / "master.key")
    brand = fill(store, vault)[0]
    person = keys.person_key(store, vault, brand.id, NOW)
    before = vault.key.id
    done = rotate(store, vault)
    assert (done.resealed, done.resumed, done.unreadable) == (5, False, ())
    assert done.before == before.hex()
    assert done.after != done.before
    fresh = open_vault(key_file=tmp_path / "master.key")
    assert fresh.key.id.hex() == done.after
    assert lost(store, fresh) == []
    assert keys.person_key(store, fresh, brand.id, NOW) == person
    found = status(store, fresh)
    assert (found.current, found.older, found.unknown, found.unfinished) == (5, 0, 0, False)
    # Not only by a key that is kept: by the new one alone.
    alone = Vault(MasterKey(fresh.key.text))
    assert lost(store, alone) == []


def test_a_rotation_killed_at_any_step_loses_nothing_and_is_completed(
    store: Store, sqlite_database: Database, tmp_path: Path
) -> None:
    start = tmp_path / "rotations" / "start"
    start.mkdir(parents=True)
    fill(store, open_vault(key_file=start / "master.key"))
    sqlite_database.close()
    shutil.copy(tmp_path / "crosspost.db", start / "crosspost.db")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.rotating", str(start.parent)], capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr
    steps = ran.stdout.splitlines()
    assert len(steps) > 30, steps
    assert {"the next key is written", "a secret is sealed again", "the key is changed", "before replace"} <= set(steps)
    for number, step in enumerate(steps, start=1):
        folder = start.parent / f"killed-{number:03}"
        database = Database(f"sqlite:///{folder / 'crosspost.db'}")
        killed = Store(database)
        assert lost(killed, open_vault(key_file=folder / "master.key")) == [], step
        rotate(killed, open_vault(key_file=folder / "master.key"))
        completed = open_vault(key_file=folder / "master.key")
        assert lost(killed, completed) == [], step
        assert lost(killed, Vault(MasterKey(completed.key.text))) == [], step
        assert not status(killed, completed).unfinished
        database.close()


def test_a_running_process_follows(store: Store, tmp_path: Path) -> None:
    """The scheduler goes on while its key is changed: it opens what was sealed anew, and seals under the new key."""
    running = open_vault(key_file=tmp_path / "master.key")
    brand = fill(store, running)[0]
    seen: list[str] = []
    written: list[str] = []

    def meanwhile(step: str) -> None:
        seen.append(step)
        assert lost(store, running) == []
        if len(seen) > 12 and "key is changed" not in step:
            return  # or the rotation would never see the end of it
        written.append(f"fresh-at-{step}")
        with store.write(brand.id) as scope:
            fresh = running.seal(brand.id, ACCOUNTS[0], "refresh_token", Secret(written[-1]))
            credentials.save(scope, ACCOUNTS[0], "refresh_token", fresh, NOW)

    rotate(store, open_vault(key_file=tmp_path / "master.key"), probe=meanwhile)
    assert written[-1] == "fresh-at-the key is changed"
    after = open_vault(key_file=tmp_path / "master.key")
    assert key_id(running.seal(brand.id, ACCOUNTS[0], "x", Secret("any"))) == after.key.id
    with store.read(brand.id) as scope:
        last = credentials.sealed(scope, ACCOUNTS[0])["refresh_token"]
    assert after.open(brand.id, ACCOUNTS[0], "refresh_token", last) == Secret(written[-1])
    assert lost(store, Vault(MasterKey(after.key.text))) == []


def test_what_was_replaced_meanwhile_is_not_put_back(store: Store, tmp_path: Path) -> None:
    vault = open_vault(key_file=tmp_path / "master.key")
    brand = fill(store, vault)[0]
    with store.write(brand.id) as scope:
        before = credentials.sealed(scope, ACCOUNTS[0])["access_token"]
        fresh = vault.seal(brand.id, ACCOUNTS[0], "access_token", Secret("renewed"))
        credentials.save(scope, ACCOUNTS[0], "access_token", fresh, NOW)
        assert not credentials.reseal(scope, ACCOUNTS[0], "access_token", before, b"older")
        assert credentials.sealed(scope, ACCOUNTS[0])["access_token"] == fresh


def test_what_cannot_be_opened_is_named_and_left(store: Store, tmp_path: Path) -> None:
    vault = open_vault(key_file=tmp_path / "master.key")
    brand = fill(store, vault)[0]
    stranger = Vault(MasterKey.generate()).seal(brand.id, ACCOUNTS[0], "lost", Secret("of a key that is gone"))
    with store.write(brand.id) as scope:
        credentials.save(scope, ACCOUNTS[0], "lost", stranger, NOW)
    done = rotate(store, vault)
    assert [one[:3] for one in done.unreadable] == [(brand.id, ACCOUNTS[0], "lost")]
    with store.read(brand.id) as scope:
        assert credentials.sealed(scope, ACCOUNTS[0])["lost"] == stranger
    assert status(store, open_vault(key_file=tmp_path / "master.key")).unknown == 1


def test_a_key_of_the_settings_is_changed_there(store: Store, tmp_path: Path) -> None:
    old, new = MasterKey.generate(), MasterKey.generate()
    fill(store, open_vault(key_file=tmp_path / "none", given=old.text))
    with pytest.raises(BadInput, match="previous_master_key"):
        rotate(store, open_vault(key_file=tmp_path / "none", given=new.text))
    between = open_vault(key_file=tmp_path / "none", given=new.text, before=old.text)
    assert lost(store, between) == []  # everything works before anything is sealed again
    found = status(store, between, [old])
    assert (found.current, found.older, found.unknown) == (0, 5, 0)
    assert rotate(store, between, [old]).resealed == 5
    assert lost(store, open_vault(key_file=tmp_path / "none", given=new.text)) == []
    assert not (tmp_path / "none").exists()


def test_a_key_in_the_keyring_is_changed_there(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[str, str], str] = {}
    fake, errors = types.ModuleType("keyring"), types.ModuleType("keyring.errors")
    vars(errors).update(KeyringError=OSError)
    vars(fake).update(
        errors=errors, get_password=lambda service, name: kept.get((service, name)),
        set_password=lambda service, name, value: kept.__setitem__((service, name), value),
        delete_password=lambda service, name: kept.pop((service, name)),
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "keyring", fake)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    vault = open_vault(key_file=tmp_path / "k", use_keyring=True)
    fill(store, vault)
    done = rotate(store, vault)
    assert {name for _, name in kept} == {"master-key", "master-key-previous"}
    after = open_vault(key_file=tmp_path / "k", use_keyring=True)
    assert after.key.id.hex() == done.after
    assert lost(store, Vault(MasterKey(after.key.text))) == []
    home = after.home
    assert home is not None
    home.put(Slot.NEXT, after.key)  # as a death between the last two steps leaves it
    rotate(store, after)
    assert {name for _, name in kept} == {"master-key", "master-key-previous"}


def test_the_command_rotates_and_tells(tmp_path: Path) -> None:
    assert crosspost("brand", "add", "Ana", home=tmp_path).returncode == 0
    before = json.loads(crosspost("key", "status", "--json", home=tmp_path).stdout)
    done = json.loads(crosspost("key", "rotate", "--json", home=tmp_path).stdout)
    after = json.loads(crosspost("key", "status", "--json", home=tmp_path).stdout)
    assert (before["key"], after["key"]) == (done["before"], done["after"])
    assert after["unfinished"] is False
    (tmp_path / "data" / "master.key").rename(tmp_path / "data" / "master.key.next")
    shutil.copy(tmp_path / "data" / "master.key.previous", tmp_path / "data" / "master.key")
    refused = crosspost("backup", "b.zip", "--with-key", home=tmp_path, stdin="five random words here\n")
    assert refused.returncode == 4
    assert "crosspost key rotate" in refused.stderr
    wrong = crosspost("key", "rotate", home=tmp_path, CROSSPOST_MASTER_KEY=MasterKey.generate().text.reveal())
    assert wrong.returncode == 2
    assert "previous_master_key" in wrong.stderr
