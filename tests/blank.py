"""A new database with one brand or two, for tests whose subject is not the database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.store import brands
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.store.tables import metadata

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BRAND = "01brand0000000000000000000"
OTHER = "02brand0000000000000000000"
ACCOUNT = "01account00000000000000000"
TARGET = "https://blog.example/article?id=7&utm_content=k7m2p9qrst"


def blank_store(folder: Path) -> Store:
    """A new SQLite file with two brands, as `settled` makes them."""
    database = Database(f"sqlite:///{folder / 'crosspost.db'}")
    with database.write() as connection:
        metadata.create_all(connection)
    return settled(database)


def settled(database: Database) -> Store:
    """Two brands, `atelier` and `other`; the first has an account on LinkedIn."""
    with database.write() as connection:
        for brand_id, slug in ((BRAND, "atelier"), (OTHER, "other")):
            brands.add(
                connection,
                Brand(brand_id, slug, slug, "Europe/Paris", "fr", "EUR", LinkMode.REDIRECT, None, False, NOW),
            )
    store = Store(database)
    with store.write(BRAND) as scope:
        brands.add_account(
            scope, Account(ACCOUNT, BRAND, "linkedin", "@atelier", "https://api.example", "1", (), {}, None, NOW)
        )
    return store


class FixedClock:
    """A clock that stands where it is put."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def boot_s(self) -> float:
        return 0.0

    def boot_id(self) -> str:
        return "boot"

    def idle_until(self, instant: datetime) -> None:
        self.at = max(self.at, instant)
