"""The brand's own secrets: made once, whoever asks first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crosspost.commands.keys import endpoint_secret, live_secrets, person_key, rotate_endpoint_secret
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.vault import Vault, open_vault
from tests.blank import BRAND, NOW, settled


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return open_vault(key_file=tmp_path / "master.key")


@pytest.fixture
def store(sqlite_database: Database) -> Store:
    return settled(sqlite_database)


def test_many_who_ask_first_get_the_same_key(store: Store, vault: Vault) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: person_key(store, vault, BRAND, NOW).reveal(), range(16)))
    assert len(set(made)) == 1


def test_a_rotation_keeps_the_one_before_for_a_while(store: Store, vault: Vault) -> None:
    first = endpoint_secret(store, vault, BRAND, NOW)
    second = rotate_endpoint_secret(store, vault, BRAND, NOW)
    assert first != second
    assert [one.reveal() for one in live_secrets(store, vault, "atelier")] == [second.reveal(), first.reveal()]
    third = rotate_endpoint_secret(store, vault, BRAND, NOW)
    assert [one.reveal() for one in live_secrets(store, vault, "atelier")] == [third.reveal(), second.reveal()]
    assert live_secrets(store, vault, "nobody") == ()
