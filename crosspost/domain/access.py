"""Who may do what on the pages and through the HTTP API, and how long somebody waits who guesses passwords."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from crosspost.domain.errors import BadInput

LEAST_PASSWORD, MOST_PASSWORD = 12, 1024  # characters
IDLE = timedelta(hours=12)  # a session nobody uses ends
ABSOLUTE = timedelta(days=7)  # and every session does
FREE_FAILURES = 5  # wrong passwords in a row that cost nothing
LONGEST_WAIT_S = 60.0  # a wait, never a lock: nobody can keep the owner out for longer than this
FORGOTTEN = timedelta(days=1)  # without a further failure

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


class Role(StrEnum):
    OWNER = "owner"  # looks, changes, and lets others in
    READER = "reader"  # looks


class KeyScope(StrEnum):
    READ = "read"
    WRITE = "write"  # which includes reading

    def covers(self, wanted: KeyScope) -> bool:
        return self is KeyScope.WRITE or wanted is KeyScope.READ


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`prefix` is the key's beginning; the key itself is shown once and kept nowhere."""

    id: str
    name: str
    prefix: str
    scope: KeyScope
    created_at: datetime
    created_by: str
    used_on: str | None  # the last UTC day, 2026-03-02
    revoked_at: datetime | None


def user_name(text: str) -> str:
    """A user's name as it is stored: capitals and compatibility forms aside. Raises BadInput."""
    name = unicodedata.normalize("NFKC", text).strip().casefold()
    if not _NAME.fullmatch(name):
        raise BadInput(f"{text[:80]!r} is no name to sign in with", remedy="letters a to z, digits and . _ @ + -")
    return name


def check_password(name: str, password: str) -> None:
    """Length is what counts: no rule about signs and digits makes a short one good. Raises BadInput."""
    if len(password) < LEAST_PASSWORD:
        raise BadInput(f"the password has under {LEAST_PASSWORD} characters", remedy="several words are easily kept")
    if len(password) > MOST_PASSWORD:
        raise BadInput(f"the password has over {MOST_PASSWORD} characters", remedy="take a shorter one")
    if len(set(password)) < 5 or name in password.casefold() and len(password) < len(name) + 8:
        raise BadInput("the password is easily guessed", remedy="several words are easily kept")


def session_ended(started_at: datetime, seen_at: datetime, now: datetime) -> bool:
    return now - started_at >= ABSOLUTE or now - seen_at >= IDLE


def remembered(failures: int, failed_at: datetime | None, now: datetime) -> int:
    """How many failures in a row still count: none, a day after the last one."""
    return 0 if failed_at is None or now - failed_at >= FORGOTTEN else failures


def wait_s(failures: int, failed_at: datetime, now: datetime, free: int = FREE_FAILURES) -> float:
    """How many seconds the next try has to wait after so many failures in a row, the last at `failed_at`.

    >>> start = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
    >>> [wait_s(count, start, start) for count in (4, 5, 6, 9, 99)]
    [0.0, 1.0, 2.0, 16.0, 60.0]
    """
    if remembered(failures, failed_at, now) < free:
        return 0.0
    whole = min(2.0 ** min(failures - free, 16), LONGEST_WAIT_S)
    passed = (now - failed_at).total_seconds()
    # A clock that was set back must not make the wait longer than it is.
    return whole if passed < 0 else max(whole - passed, 0.0)
