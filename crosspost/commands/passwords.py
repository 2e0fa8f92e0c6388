"""Passwords: argon2id with the library's recommended parameters."""

from __future__ import annotations

from base64 import b64encode
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crosspost.secret import Secret

AT_ONCE = 2  # one check takes 64 MB: without a limit, many tries at once would take the whole memory


class Passwords:
    """Hashes and checks. A wrong name costs the same work as a wrong password."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = BoundedSemaphore(AT_ONCE)
        mine = self._hasher
        salt, digest = (b64encode(bytes(size)).decode().rstrip("=") for size in (mine.salt_len, mine.hash_len))
        # Of no password: nobody can give one whose hash is all zeros.
        self._nobody = f"$argon2id$v=19$m={mine.memory_cost},t={mine.time_cost},p={mine.parallelism}${salt}${digest}"

    def hash(self, password: Secret) -> str:
        with self._turns:
            return self._hasher.hash(password.reveal())

    def right(self, stored: str | None, password: Secret) -> bool:
        """Whether the password has that hash; without one the work is the same and the answer no."""
        with self._turns:
            try:
                return self._hasher.verify(stored or self._nobody, password.reveal()) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)
