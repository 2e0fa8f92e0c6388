"""Whether a worker of another host is still connected: an advisory lock that PostgreSQL frees with its session.

A lost session is not a dead worker: it may still be sending. Who takes over from one must treat the delivery as
unknown under the rules for readable networks, whatever the network offers (crosspost.domain.outcomes.owner_died).
"""

from __future__ import annotations

import hashlib
from threading import Lock

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from crosspost.store.database import Database


class Sessions:
    """One worker's own session, and the question whether another's has ended. PostgreSQL only."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database, self._owner = database, owner
        self._connection: Connection | None = None
        self._lock = Lock()
        self.keep()

    def keep(self) -> None:
        """Hold the lock of this worker; take it again when the session was lost."""
        with self._lock:
            if self._connection is not None:
                try:
                    self._connection.execute(text("SELECT 1"))
                    return
                except DBAPIError:
                    self._connection.invalidate()
                    self._connection.close()
                    self._connection = None
            connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _key(self._owner)})
            self._connection = connection

    def ended(self, owner: str) -> bool:
        """Whether that worker holds no session any more."""
        self.keep()
        with self._lock:
            if self._connection is None:
                return False
            got = self._connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _key(owner)}).scalar()
            if got:
                self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _key(owner)})
            return bool(got)

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.invalidate()
                self._connection.close()
                self._connection = None


def _key(owner: str) -> int:
    return int.from_bytes(hashlib.sha256(owner.encode()).digest()[:8], signed=True)
