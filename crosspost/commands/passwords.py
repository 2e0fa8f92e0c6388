"""Passwords: argon2id with the library's recommended parameters."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crosspost.domain.errors import Unavailable
from crosspost.secret import Secret

AT_ONCE = 2  # one check takes 64 MB: without a limit, many tries at once would take the whole memory…
WAITING = 8  # …and without this one, every thread there is would wait for its turn


class Passwords:
    """Hashes and checks. A wrong name costs the same work as a wrong password."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns, self._places = BoundedSemaphore(AT_ONCE), BoundedSemaphore(AT_ONCE + WAITING)
        mine = self._hasher
        salt, digest = (b64encode(bytes(size)).decode().rstrip("=") for size in (mine.salt_len, mine.hash_len))
        # Of no password: nobody can give one whose hash is all zeros.
        self._nobody = f"$argon2id$v=19$m={mine.memory_cost},t={mine.time_cost},p={mine.parallelism}${salt}${digest}"

    def hash(self, password: Secret) -> str:
        """Raises Unavailable when too many wait already."""
        with self._turn():
            return self._hasher.hash(password.reveal())

    def right(self, stored: str | None, password: Secret) -> bool:
        """Whether the password has that hash; without one the work is the same and the answer no.

        Raises Unavailable when too many wait already.
        """
        with self._turn():
            try:
                return self._hasher.verify(stored or self._nobody, password.reveal()) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Unavailable("too many sign in at once", remedy="try again in a moment")
        try:
            with self._turns:
                yield
        finally:
            self._places.release()
