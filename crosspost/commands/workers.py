"""Where the locks of workers, accounts and reports lie. It loads next to nothing: an audit asks for it, too."""

from __future__ import annotations

from pathlib import Path

from crosspost.ownership import ACCOUNTS, Ownership
from crosspost.store.store import Store


def become_worker(store: Store, data_dir: Path) -> Ownership:
    """The lock of this process. Beside an SQLite file, whose users are all on one host; else in the data folder."""
    return Ownership.acquire(_workers(store, data_dir), one_host=store.database.dialect == "sqlite")


def account_locks(store: Store, data_dir: Path) -> Path:
    """The folder of the accounts' locks, for those who are no worker: the same as `Ownership.accounts`."""
    return _workers(store, data_dir) / ACCOUNTS


def _workers(store: Store, data_dir: Path) -> Path:
    if store.database.dialect == "sqlite" and store.database.url.database:
        file = Path(store.database.url.database)
        return file.with_name(file.name + ".workers")
    return data_dir / "workers"
