"""What an answer, or none, means: headers, statuses and exceptions become a NetworkFailure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
from crosspost.domain.metric import Metric, offered
from crosspost.domain.post import Cause, Reading, ReadingStatus
from crosspost.outside.http import OutboundError
from crosspost.secret import Secret

MAX_REASON = 300  # characters of a network's own words that are kept
FARTHEST = timedelta(days=31)  # no limit of a network lasts longer: what says so is a mistake
_MOST = 2**53  # no count is higher; from here on a fraction has lost its last digits
_REFUSED = frozenset({400, 403, 404, 405, 406, 410, 411, 413, 414, 415, 422})
_UNSOUND = re.compile("[\ud800-\udfff\0]")  # halves of pairs and NUL: no database and no address takes them


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


def rows(value: Any, step: Step, what: str, key: str | None = None) -> list[dict[str, Any]]:
    """A list out of an answer whose silence is to mean something: anything but a list of objects is a failure.

    `key` is where each row's id stands: a post without one could be published and never be named.
    """
    found = objects(value)
    if not isinstance(value, list) or len(found) != len(value):
        raise broken(step, what)
    if key is not None and not all(identity(row.get(key)) for row in found):
        raise broken(step, f"{what} with their ids")
    return found


def parsed(answer: Answered) -> Any:
    """The body as JSON, None when it is not. Characters that nothing can store are replaced."""
    try:
        body = answer.body.decode("utf-8-sig")
        value = json.loads(body, parse_constant=_no_json)
        return _sound(value) if "\\u" in body else value
    except (ValueError, RecursionError):
        return None


def _no_json(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _sound(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSOUND.sub("\ufffd", value)
    if isinstance(value, list):
        return [_sound(one) for one in value]
    return {_sound(name): _sound(one) for name, one in value.items()} if isinstance(value, dict) else value


def identity(value: Any) -> str:
    """An id out of an answer, "" if it is none: text without blanks, or a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value.isprintable() and " " not in value else ""


def text(value: Any) -> str | None:
    """A text out of an answer, None if it is none or empty."""
    return value if isinstance(value, str) and value else None


def address(value: Any) -> str | None:
    """A web address out of an answer, None for anything else: people click on it."""
    whole = isinstance(value, str) and identity(value) and re.match("https?://[^/]", value)
    return value if whole else None


def words(text: Any, secrets: Iterable[Secret]) -> str:
    """A network's own words, fit to show and log: one short line without any of the account's secrets, and without
    characters that steer a terminal. Anything but text and numbers is no word."""
    said = str(text) if isinstance(text, str | int | float) else ""
    line = " ".join("".join(char if char.isprintable() else " " for char in said).split())
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
        raise kind(words(str(error), secrets), code=type(error).__name__) from None
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
    """When a throttled account may ask again, None if the answer does not say, or says a time past or absurd.

    Reads `Retry-After` (seconds or an HTTP date), then the headers in `resets` (Unix seconds or ISO 8601).
    """
    for name in ("retry-after", *resets):
        until = _instant(headers.get(name, "").strip(), now)
        if until is not None and now <= until <= now + FARTHEST:
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
    except (ValueError, OverflowError):
        return None


def when_ms(value: Any) -> datetime | None:
    """An instant in Unix milliseconds out of an answer, None if it is absent or unreadable."""
    stamp = number(value)
    try:
        return datetime.fromtimestamp(stamp / 1000, UTC) if stamp else None
    except (ValueError, OverflowError, OSError):
        return None


def number(value: Any) -> float | None:
    """A count out of an answer, None if it is none: text, a boolean, below zero, or more than anything has."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if 0 <= value <= _MOST and not math.isnan(value) else None


def total(values: Iterable[Any]) -> float | None:
    """The sum of some counts, None if there are none or one of them is no number: a part is not the whole."""
    counts = [number(value) for value in values]
    known = [count for count in counts if count is not None]
    return sum(known) if known and len(known) == len(counts) else None


def reading(one: Metric, value: Any, at: datetime, missing: str, version: str | None = None) -> Reading:
    """`value` if it is a number, else an unavailable reading whose reason is `missing`."""
    count = number(value)
    if count is None:
        return without(one, at, missing, ReadingStatus.UNAVAILABLE, version)
    return Reading(one.name, one.provider_name, count, ReadingStatus.VALUE, at, None, version)


def without(
    one: Metric,
    at: datetime,
    reason: str | None,
    status: ReadingStatus,
    version: str | None = None,
    cause: Cause | None = None,
) -> Reading:
    """A reading that brought no value, and why."""
    return Reading(one.name, one.provider_name, None, status, at, reason, version, cause=cause)


def gone(metrics: Iterable[Metric], at: datetime, reason: str, version: str | None = None) -> list[Reading]:
    """The readings of a post that is no longer there."""
    metrics = tuple(metrics)
    found = [without(one, at, reason, ReadingStatus.UNAVAILABLE, version, Cause.GONE) for one in offered(metrics)]
    return found + unsupported(metrics, at, version)


def settled(
    found: Iterable[Reading], metrics: Iterable[Metric], published_at: datetime | None, at: datetime, who: str
) -> list[Reading]:
    """The same, with the values DELAYED that the network may still count after so short a time."""
    waits = {one.name: one.settles_within for one in metrics}
    readings = []
    for one in found:
        wait = waits.get(one.metric)
        if one.status is ReadingStatus.VALUE and wait and published_at is not None and at - published_at < wait:
            hours = int(wait.total_seconds() // 3600)
            reason = f"not final: {who} may count for {hours} hours after publication"
            one = replace(one, status=ReadingStatus.DELAYED, reason=reason)
        readings.append(one)
    return readings


def each(
    names: Iterable[str],
    ask: Callable[[tuple[str, ...]], Mapping[str, Any]],
    *,
    refused: Callable[[NetworkFailure], bool],
    definite: Callable[[NetworkFailure], bool],
    dead: Mapping[str, str],
) -> dict[str, Any]:
    """Each metric's answer by its name, or the Unreachable or Unauthorized that stands for it alone.

    All are asked for at once; where that is `refused`, one by one, so that a name that died blinds no other. Names
    known to be `dead` are not asked for. Raises what is no refusal of a name, and the first failure when every name
    failed and none of them is `definite`.
    """
    wanted = tuple(dict.fromkeys(names))
    known: dict[str, Any] = {name: Unreachable(dead[name], code="dead name") for name in wanted if name in dead}
    asked = tuple(name for name in wanted if name not in dead)
    if not asked:
        return known
    try:
        return known | dict(ask(asked))
    except (Unreachable, Unauthorized) as failure:
        if not refused(failure):
            raise
    found: dict[str, Any] = {}
    for name in asked:
        try:
            found |= ask((name,))
        except Unreachable as failure:
            found[name] = failure
        except Unauthorized as failure:
            if not refused(failure):
                raise
            found[name] = failure
    if all(isinstance(one, Unreachable) and not definite(one) for one in (found.get(name) for name in asked)):
        raise next(one for one in found.values() if isinstance(one, Unreachable))
    return known | found


def counts(
    raw: Mapping[str, Any], metrics: Iterable[Metric], at: datetime, who: str, version: str | None = None
) -> list[Reading]:
    """One reading per metric, the counts out of a flat object; `who` answered without the missing ones."""
    metrics = tuple(metrics)
    return [
        reading(one, raw.get(one.provider_name), at, f"{who} answers without {one.provider_name}", version)
        for one in offered(metrics)
    ] + unsupported(metrics, at, version)


def unsupported(metrics: Iterable[Metric], at: datetime, version: str | None = None) -> list[Reading]:
    """One reading per metric among these that the network never offers."""
    never = ReadingStatus.UNSUPPORTED
    return [without(one, at, one.reason, never, version) for one in metrics if one.status is never]
