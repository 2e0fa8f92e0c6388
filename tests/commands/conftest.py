from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crosspost.sandbox.running import Sandbox
from crosspost.store.database import Database
from tests.commands.at_sandbox import AtSandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=11) as running:
        yield running


@pytest.fixture
def here(sandbox: Sandbox, sqlite_database: Database, tmp_path: Path) -> Iterator[AtSandbox]:
    yield AtSandbox.make(sandbox, sqlite_database, tmp_path)
    sandbox.clear_faults()
