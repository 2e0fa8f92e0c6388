"""The store as commands see it: the list of brands, and one brand's rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from crosspost.domain.brand import Brand
from crosspost.domain.errors import NotFound
from crosspost.store import brands
from crosspost.store.database import Database


@dataclass(frozen=True, slots=True)
class Scope:
    """A transaction within one brand. Query functions take it instead of a connection: none can forget the brand."""

    connection: Connection
    brand_id: str


class Store:
    def __init__(self, database: Database) -> None:
        self.database = database

    def brands(self) -> list[Brand]:
        with self.database.read() as connection:
            return brands.all_of(connection)

    def brand(self, slug: str) -> Brand:
        """The brand of that slug. Raises NotFound."""
        found = next((brand for brand in self.brands() if brand.slug == slug), None)
        if found is None:
            raise NotFound(f"no brand is called {slug!r}", remedy="see `crosspost brand list`")
        return found

    @contextmanager
    def read(self, brand_id: str) -> Iterator[Scope]:
        with self.database.read() as connection:
            yield Scope(connection, brand_id)

    @contextmanager
    def write(self, brand_id: str) -> Iterator[Scope]:
        with self.database.write() as connection:
            yield Scope(connection, brand_id)
