"""A stranger's folder of exports, taken into a store in memory: nothing of it is left, however it ends."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crosspost.commands.imported import Imported
from crosspost.commands.importing import Asked, import_files
from crosspost.commands.setup import add_brand
from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput
from crosspost.domain.link import slug
from crosspost.domain.telling import SHIPPED, Rules
from crosspost.secret import Secret
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.store.tables import metadata


@dataclass(frozen=True, slots=True)
class Folder:
    """A brand made of a folder's files, and what became of each. It lives as long as `of_folder` lets it."""

    store: Store
    brand: Brand
    files: tuple[Imported, ...]

    @property
    def unread(self) -> tuple[Imported, ...]:
        """The files that could not be read or understood; what is no table by its name is none of them."""
        return tuple(one for one in self.files if one.refused)


@contextmanager
def memory() -> Iterator[Store]:
    """An empty store in memory, gone with the block, and with the process if that is killed."""
    database = Database(f"sqlite:///file:{secrets.token_hex(8)}?mode=memory&cache=shared&uri=true")
    kept = database.engine.raw_connection()  # it lives while a connection does
    try:
        with database.write() as connection:
            metadata.create_all(connection)  # what lives for a moment was never older
        yield Store(database)
    finally:
        database.close()
        kept.close()


@contextmanager
def of_folder(
    folder: Path,
    now: datetime,
    *,
    name: str | None = None,
    currency: str = "EUR",
    asked: Asked | None = None,
    columns: Path | None = None,
    mapping: Path | None = None,
    rules: Rules = SHIPPED,
) -> Iterator[Folder]:
    """What a folder holds, as a brand called `name`, else as the folder is. Its zone is that of times that state none.

    Persons are hashed under a key that is thrown away. Raises BadInput when no file of it is known, Conflict when two
    contradict each other.
    """
    asked = replace(asked or Asked(), leaving=True)
    if not folder.is_dir():
        raise BadInput("is no folder", where=str(folder), remedy="name the folder of the exports")
    key = Secret(secrets.token_hex(32))
    with memory() as store:
        called = name or folder.resolve().name or "Folder"
        zone_name, chosen = str(asked.zone or "UTC"), slug(called) or "folder"
        brand = add_brand(store, now, called, chosen_slug=chosen, zone_name=zone_name, currency=currency)
        files = import_files(
            store, brand, [folder], now, asked=asked, key=lambda _: key, columns=columns, mapping=mapping, rules=rules
        )
        if not any(one.kind and not one.refused for one in files):
            refused = "; ".join(one.refused or "" for one in files if one.refused)
            raise BadInput(
                f"none of its files can be taken: {refused}", where=str(folder), remedy="see docs/consultant.md"
            )
        yield Folder(store, brand, tuple(_relative(one, folder) for one in files))


def _relative(one: Imported, folder: Path) -> Imported:
    """The file as it is called within the folder."""
    return replace(one, file=one.file.removeprefix(f"{folder}/"))
