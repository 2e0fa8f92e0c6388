from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from crosspost.settings import Settings
from crosspost.store.database import Database
from crosspost.store.migrate import upgrade
from tests.brand_trace import traced
from tests.home import Home
from tests.postgres import Server


@pytest.fixture(autouse=True)
def _no_query_without_its_brand() -> Iterator[None]:
    with traced() as found:
        yield
    if found:
        pytest.fail("statements that could touch another brand's rows:\n" + "\n".join(sorted(set(found))))


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    """What silences the program's log for good would empty the log that a later test of the same process reads."""
    log = logging.getLogger("crosspost")
    yield
    if log.level or log.disabled or not log.propagate:
        log.setLevel(logging.NOTSET)
        log.disabled, log.propagate = False, True
        pytest.fail("the log of crosspost was left silenced")


@pytest.fixture(scope="session")
def _migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("schema") / "crosspost.db"
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


@pytest.fixture
def sqlite_database(tmp_path: Path, _migrated_file: Path) -> Iterator[Database]:
    """A new SQLite file with the present schema."""
    database = Database(f"sqlite:///{shutil.copy(_migrated_file, tmp_path / 'crosspost.db')}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL server of our own, for the whole run."""
    if Server.binaries() is None:
        pytest.skip("no PostgreSQL server binaries")
    with Server.running() as server:
        template = Database(server.create("template_crosspost"))
        upgrade(template)
        template.close()
        yield server


@pytest.fixture
def postgres_database(postgres_server: Server) -> Iterator[Database]:
    """A new PostgreSQL database with the present schema."""
    database = Database(postgres_server.create(template="template_crosspost"))
    yield database
    database.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Home:
    """The program in a folder of its own, with one brand."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"CROSSPOST_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSPOST_DATA_DIR", str(tmp_path / "data"))
    made = Home(tmp_path, capsys)
    made("brand", "add", "Atelier", "--zone", "Europe/Paris")
    return made
