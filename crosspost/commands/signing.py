"""Signing in: a session for the right password, and a growing wait for whoever guesses.

Failures are counted per name and per address, and per browser for one in which that user signed in before: others'
guesses never make the owner wait there. Addresses and names nobody has are held in memory only.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from crosspost.commands.passwords import Passwords
from crosspost.domain.access import ABSOLUTE, FREE_FAILURES, IDLE, User, remembered, session_ended, user_name, wait_s
from crosspost.domain.errors import BadInput
from crosspost.secret import Secret
from crosspost.store import users
from crosspost.store.store import Store

ADDRESS_FREE = 20  # an office shares one address
SEEN_EVERY = timedelta(minutes=5)  # how exactly the last use of a session is stored
_MOST_KEPT = 20_000  # counts in memory


@dataclass(frozen=True, slots=True)
class Session:
    """`csrf` goes into every form of the session."""

    user: User
    csrf: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    token: Secret
    known: Secret  # what the browser shows next time to be recognised
    user: User


@dataclass(frozen=True, slots=True)
class Refused:
    """`wait_s` is above zero when the password was not even looked at. `failed` is the user whose count is to be
    stored, after the answer: to write it before would tell by the time it takes which names exist."""

    wait_s: float = 0.0
    failed: User | None = None


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """What a form must bring along: only who holds the cookie can make it."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


class Signing:
    def __init__(self, store: Store, passwords: Passwords) -> None:
        self._store, self.passwords = store, passwords
        self._counts: dict[str, tuple[int, datetime]] = {}
        self._lock = Lock()

    def sign_in(
        self, name: str, password: Secret, now: datetime, *, address: str | None, known: str = ""
    ) -> SignedIn | Refused:
        """A new session, or a refusal that does not tell whether the name exists.

        `address` is None where it says nothing about who asks: behind a proxy all have the proxy's.
        """
        try:
            folded = user_name(name)
        except BadInput:
            folded = ""
        with self._store.database.read() as connection:
            found = users.by_name(connection, folded)
            stored = users.failures(connection, found[0].id if found else "")
        nonce = _recognised(found[1], known) if found else None
        keys = {f"browser {nonce}": FREE_FAILURES} if nonce else {f"name {folded}": FREE_FAILURES}
        if address is not None and not nonce:
            keys[f"address {address}"] = ADDRESS_FREE
        wait = self._take_turn(keys, stored, now)
        if wait:
            return Refused(wait)
        right = self.passwords.right(found[1] if found else None, password)
        if found and right and (begun := self._begin(found[0], found[1], password, keys, now)):
            return begun
        return Refused(failed=found[0] if found and not nonce else None)

    def store_failure(self, user: User, now: datetime) -> None:
        """Keep a failure beyond this process. To be called after the answer."""
        with self._store.database.write() as connection:
            number, at = users.failures(connection, user.id)
            users.set_failures(connection, user.id, remembered(number, at, now) + 1, now)

    def session(self, token: str, now: datetime) -> Session | None:
        """The session of a cookie, unless it ended."""
        if not token:
            return None
        hashed = token_hash(token)
        with self._store.database.read() as connection:
            found = users.session(connection, hashed)
        if found is None:
            return None
        user, started_at, seen_at = found
        if session_ended(started_at, seen_at, now):
            self.sign_out(token)
            return None
        if now - seen_at >= SEEN_EVERY:
            with self._store.database.write() as connection:
                users.session_seen(connection, hashed, now)
        return Session(user, csrf_of(token))

    def sign_out(self, token: str) -> None:
        with self._store.database.write() as connection:
            users.end_session(connection, token_hash(token))

    def _take_turn(self, keys: dict[str, int], stored: tuple[int, datetime | None], now: datetime) -> float:
        """How long to wait, or 0.0 and a failure counted: it is taken back when the password is right. Counting first
        gives tries that come at the same time no advantage."""
        with self._lock:
            counts = {key: self._counts.get(key, (0, now)) for key in keys}
            for key, (number, _) in counts.items():
                if key.startswith("name ") and stored[1] is not None and stored[0] > number:
                    counts[key] = (stored[0], stored[1])
            counts = {key: (remembered(number, at, now), at) for key, (number, at) in counts.items()}
            wait = max(wait_s(number, at, now, keys[key]) for key, (number, at) in counts.items())
            if wait:
                return wait
            for key, (number, _) in counts.items():
                self._counts.pop(key, None)
                self._counts[key] = (number + 1, now)  # the newest stand last
            while len(self._counts) > _MOST_KEPT:
                self._counts.pop(next(iter(self._counts)))
        return 0.0

    def _begin(self, user: User, hashed: str, password: Secret, keys: dict[str, int], now: datetime) -> SignedIn | None:
        """A new session; None where the password was changed since it was looked at."""
        again = self.passwords.hash(password) if self.passwords.outdated(hashed) else None
        token = Secret(secrets.token_urlsafe(32))
        with self._store.database.write() as connection:
            present = users.by_name(connection, user.name)
            if present is None or present[1] != hashed:
                return None
            if again is not None:
                users.set_password(connection, user.id, again)
            users.set_failures(connection, user.id, 0, None)
            users.forget_old_sessions(connection, now - ABSOLUTE, now - IDLE)
            users.begin_session(connection, token_hash(token.reveal()), user.id, now)
        with self._lock:
            for key in keys:
                number, at = self._counts.pop(key, (1, now))
                if key.startswith("address ") and number > 1:
                    self._counts[key] = (number - 1, at)  # one right password says nothing about others' guesses
        return SignedIn(token, _known_browser(again or hashed), user)


def _known_browser(password_hash: str) -> Secret:
    """What a browser keeps to be recognised; a new password ends it."""
    nonce = secrets.token_hex(16)
    return Secret(f"{nonce}.{_mark(password_hash, nonce)}")


def _recognised(password_hash: str, known: str) -> str | None:
    nonce, _, mark = known.partition(".")
    return nonce if hmac.compare_digest(_mark(password_hash, nonce).encode(), mark.encode()) else None


def _mark(password_hash: str, nonce: str) -> str:
    return hmac.new(password_hash.encode(), f"known browser {nonce}".encode(), hashlib.sha256).hexdigest()
