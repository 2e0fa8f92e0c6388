"""What an answer, or none, means: headers, statuses and exceptions become a NetworkFailure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from crosspost.domain.errors import (
    NetworkFailure,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from crosspost.domain.post import Reading, ReadingStatus
from crosspost.outside.http import OutboundError
from crosspost.secret import Secret

MAX_REASON = 300  # characters of a network's own words that are kept
_REFUSED = frozenset({400, 403, 404, 405, 406, 410, 411, 413, 414, 415, 422})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the work, and which failure each kind of bad answer is there.

    `unclear`: the request left and nothing proves what came of it. `not_sent`: no byte of it left.
    `refused`: a definite no.
    """

    unclear: type[NetworkFailure]
    not_sent: type[NetworkFailure]
    refused: type[NetworkFailure]


PUBLISH = Step(unclear=OutcomeUnknown, not_sent=NotSent, refused=Rejected)
# Log-ins and uploads before the publishing request: whatever becomes of them, nothing is public, and all are
# repeatable.
PREPARE = Step(unclear=NotSent, not_sent=NotSent, refused=Rejected)
# Deleting may be repeated, so nothing is risked; that it happened is only said where an answer says so.
REMOVE = Step(unclear=OutcomeUnknown, not_sent=NotSent, refused=Rejected)
READ = Step(unclear=Unreachable, not_sent=Unreachable, refused=Unreachable)


class Answered(Protocol):
    """The part of an answer that is read here; `headers` finds lower-case names."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


def obj(value: Any) -> dict[str, Any]:
    """`value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON array, in order; anything else is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def rows(value: Any, step: Step, what: str) -> list[dict[str, Any]]:
    """A list out of an answer whose silence is to mean something: anything but a list of objects is a failure."""
    found = objects(value)
    if not isinstance(value, list) or len(found) != len(value):
        raise broken(step, what)
    return found


def parsed(answer: Answered) -> Any:
    """The body as JSON, None when it is not."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def words(text: Any, secrets: Iterable[Secret]) -> str:
    """A network's own words, fit to show and log: one short line without any of the account's secrets."""
    line = " ".join(str(text).split())
    for secret in secrets:
        if secret:
            line = line.replace(secret.reveal(), "…")
    return line if len(line) <= MAX_REASON else line[: MAX_REASON - 1] + "…"


def secret(secrets: Mapping[str, Secret], name: str) -> Secret:
    """A secret that must be there. Raises Unauthorized."""
    found = secrets.get(name)
    if not found:
        raise Unauthorized(f"no {name} is stored for this account", code=f"no {name}")
    return found


def before(step: Step) -> Step:
    """The step of what is done locally, ahead of the request: nothing has left yet."""
    return PREPARE if step is PUBLISH or step is REMOVE else step


@contextmanager
def translating(step: Step, secrets: Iterable[Secret]) -> Iterator[None]:
    """Around a request: any exception that is not a NetworkFailure yet becomes the one of this step.

    The original is not chained: SDK exceptions carry the request, and the request carries the token.
    """
    try:
        yield
    except NetworkFailure:
        raise
    except OutboundError as error:
        kind = step.unclear if error.sent else step.not_sent
        raise kind(words(error, secrets), code=type(error).__name__) from None
    except Exception as error:
        name = type(error).__name__
        raise step.unclear(f"the exchange with the network broke: {name}", code=name) from None


def by_status(
    step: Step, status: int, reason: str, *, code: str | None = None, until: datetime | None = None
) -> NetworkFailure:
    """The failure an HTTP status means when the body says nothing better."""
    code = code or str(status)
    reason = f"HTTP {status}: {reason}" if reason else f"HTTP {status}"
    if status == 401:
        return Unauthorized(reason, code=code)
    if status == 429:
        return RateLimited(reason, until=until, code=code)
    return (step.refused if status in _REFUSED else step.unclear)(reason, code=code)


def broken(step: Step, what: str) -> NetworkFailure:
    """The failure for an answer that claims success and lacks what success brings."""
    return step.unclear(f"the answer is a success without {what}", code="broken answer")


def wait_until(headers: Mapping[str, str], now: datetime, *resets: str) -> datetime | None:
    """When a throttled account may ask again, None if the answer does not say.

    Reads `Retry-After` (seconds or an HTTP date), then the headers in `resets` (Unix seconds or ISO 8601).
    """
    for name in ("retry-after", *resets):
        if until := _instant(headers.get(name, "").strip(), now):
            return until
    return None


def _instant(text: str, now: datetime) -> datetime | None:
    try:
        if re.fullmatch(r"\d{1,12}(\.\d+)?", text):
            seconds = float(text)
            # A count of seconds and a Unix time share one form; a thousand million seconds are 31 years.
            return datetime.fromtimestamp(seconds, UTC) if seconds > 1e9 else now + timedelta(seconds=seconds)
        if re.match(r"\d{4}-\d\d-\d\d", text):
            return aware(datetime.fromisoformat(text))
        return aware(parsedate_to_datetime(text)) if text else None
    except (ValueError, OverflowError, TypeError):
        return None


def aware(instant: datetime) -> datetime:
    """In UTC; an instant without zone is UTC on every network read here."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def when(value: Any) -> datetime | None:
    """An ISO 8601 instant out of an answer, None if it is absent or unreadable."""
    try:
        return aware(datetime.fromisoformat(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def reading(metric: str, name: str, value: Any, at: datetime, missing: str, version: str | None = None) -> Reading:
    """`value` if it is a number, else an unavailable reading whose reason is `missing`."""
    count = number(value)
    status = ReadingStatus.UNAVAILABLE if count is None else ReadingStatus.VALUE
    return Reading(metric, name, count, status, at, missing if count is None else None, version)


def unsupported(reasons: Mapping[str, str], at: datetime, version: str | None = None) -> list[Reading]:
    """One reading per metric a network never offers. `reasons` maps the metric to why."""
    return [
        Reading(metric, "", None, ReadingStatus.UNSUPPORTED, at, reason, version) for metric, reason in reasons.items()
    ]
