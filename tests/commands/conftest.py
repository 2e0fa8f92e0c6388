from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crosspost.sandbox.running import Sandbox
from crosspost.store.database import Database
from tests.browsing import BROWSED, START, Desk
from tests.commands.at_sandbox import AtSandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=11) as running:
        yield running


@pytest.fixture
def here(sandbox: Sandbox, sqlite_database: Database, tmp_path: Path) -> Iterator[AtSandbox]:
    yield AtSandbox.make(sandbox, sqlite_database, tmp_path)
    sandbox.clear_faults()


@pytest.fixture
def desk(sqlite_database: Database, tmp_path: Path) -> Iterator[Desk]:
    """An owner with an account on every network of a sandbox that allows each login at once."""
    with Sandbox(seed=7, virtual_start=START) as sandbox:
        for network in BROWSED:
            sandbox.add_account(network, "in/lea" if network == "linkedin" else "lea", name="Léa")
        sandbox.answer_logins("allow")
        yield Desk(sandbox, sqlite_database, tmp_path)
