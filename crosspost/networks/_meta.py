"""What Facebook, Instagram and Threads share: how errors are read, and the way to those Graph hosts without an SDK.

The HTTP status is a poor guide on these APIs: the error's code, then its subcode decide. A publish answered with code
1, 2 or HTTP 5xx may well be out, so there these mean *outcome unknown*. One dead metric name fails a whole insights
request.

Source: developers.facebook.com, Graph API error handling, read 2026-09-01; Instagram error codes of 2026-06-02.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from crosspost.domain.errors import Duplicate, NetworkFailure, NotSent, RateLimited, Rejected, Unauthorized, Unreachable
from crosspost.domain.metric import Metric, Reference
from crosspost.domain.post import Cause, Reading, ReadingStatus
from crosspost.domain.retention import Retention
from crosspost.networks import _answers as answers
from crosspost.networks._answers import PUBLISH, READ, REMOVE, Answered, Step
from crosspost.networks.network import Connection

RETENTION = Retention(
    Reference("developers.facebook.com/terms, Platform Terms section 3.d", date(2026, 6, 22)),
    note="kept while it serves the account's owner; Meta sets no date, and may ask for deletion",
)
VERSION = "v26.0"  # of graph.facebook.com; alive until at least 2028
DEFINITE = frozenset({"100", "100/33", "3001/1504028"})  # to a read: a no that stays no
# No such object, or not visible; the first was seen as a false alarm on containers (2026).
MISSING = frozenset({"100/33", "24/2207006"})
# A name that is dead, in difference to one that this kind of post has no number of.
_DEAD = re.compile(r"valid insights metric|must be one of the following values")
_THROTTLED = {4, 9, 17, 32, 613, *range(80000, 80015)}
_NO_PERMISSION = {3, 10, *range(200, 300)}
_TOKEN = {102, 104, 190}
_UNCLEAR = {1, 2}
_WHY = {  # subcodes of 102 and 190: what happened, in words an owner can act on
    458: "the app was removed from the account",
    459: "Facebook asks the owner to log in on its site",
    460: "the password was changed",
    463: "the token has expired",
    464: "the user is not confirmed",
    467: "the token is no longer valid",
    490: "the role on the Page was lost",
    492: "the session was lost",
}
_TOO_FAST, _POSTED_BEFORE = 1390008, 1404082  # subcodes of 368; its others block the account
# Subcodes of Instagram and Threads: posting is blocked for now, as spam or by a restriction…
_BLOCKED = {2207050, 2207051, 4279013}
# …the service or its fetching of the image stumbled; a container that is too young, or too old, to be published.
TEMPORARY = {2207001, 2207003, 2207032, 2207053}
_NOT_PUBLISHABLE = {2207020, 2207027}


def failure(step: Step, answer: Answered, error: Mapping[str, Any], on: Connection) -> NetworkFailure:
    """What an error of the Graph family means at that step."""
    code, subcode = _integer(error.get("code")), _integer(error.get("error_subcode"))
    said = error.get("error_user_msg") or error.get("message") or ""
    reason = answers.words(said, on.secrets.values())
    mark = None if code is None else f"{code}/{subcode}" if subcode else str(code)
    if code in _TOKEN:
        return Unauthorized(f"{_WHY.get(subcode or 0, 'the token does not work')}: {reason}", code=mark)
    if subcode in _BLOCKED:
        return Unauthorized(f"the account may not post for now: {reason}", code=mark)
    if subcode in _NOT_PUBLISHABLE:
        return (NotSent if step is PUBLISH else step.unclear)(reason, code=mark)
    if code in _NO_PERMISSION:
        return Unauthorized(f"a permission is missing: {reason}", code=mark)
    if code in _THROTTLED or (code, subcode) == (368, _TOO_FAST) or (code == 341 and step is not PUBLISH):
        return RateLimited(reason, until=regained(answer.headers, on.now()), code=mark)
    if code == 506 or (code, subcode) == (368, _POSTED_BEFORE):
        return (Duplicate if step is PUBLISH else step.refused)(reason, code=mark)
    if code == 368:
        return Unauthorized(f"Facebook has blocked the account for now: {reason}", code=mark)
    unclear = code in _UNCLEAR or code == 341 or subcode in TEMPORARY or error.get("is_transient") is True
    if unclear or answer.status >= 500:
        return step.unclear(reason or f"HTTP {answer.status}", code=mark or str(answer.status))
    if code is not None:
        return step.refused(reason, code=mark)
    return answers.by_status(step, answer.status, reason, code=mark, until=regained(answer.headers, on.now()))


def _integer(value: Any) -> int | None:
    """A code, which may come as text; None for anything else."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def regained(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When access comes back by `x-business-use-case-usage`, which tells minutes; else by Retry-After."""
    try:
        usage = json.loads(headers.get("x-business-use-case-usage", "{}"))
    except (ValueError, RecursionError):
        usage = {}
    minutes = [
        answers.number(entry.get("estimated_time_to_regain_access")) or 0.0
        for entries in answers.obj(usage).values()
        for entry in answers.objects(entries)
    ]
    known = [one for one in minutes if 0 < one <= answers.FARTHEST / timedelta(minutes=1)]
    return now + timedelta(minutes=max(known)) if known else answers.wait_until(headers, now)


def checked(step: Step, answer: Answered, on: Connection) -> dict[str, Any]:
    """The JSON object of a successful answer; every other is raised as the step's failure."""
    payload = answers.parsed(answer)
    error = answers.obj(answers.obj(payload).get("error"))
    if error or not 200 <= answer.status < 300:
        raise failure(step, answer, error, on)
    if not isinstance(payload, dict):
        raise answers.broken(step, "readable JSON")
    return payload


def next_cursor(page: Mapping[str, Any]) -> str | None:
    """Where the next page begins, None after the last. Raises Unreachable for a list that goes on nowhere: taken for
    the end, it would prove posts absent that it never showed."""
    paging = page.get("paging")
    if not isinstance(paging, dict | None):
        raise answers.broken(READ, "a readable paging part")
    if paging is None or not paging.get("next"):
        return None
    cursor = answers.text(answers.obj(paging.get("cursors")).get("after"))
    if cursor is None:
        raise answers.broken(READ, "the next page's cursor")
    return cursor


def is_permission(refused: NetworkFailure) -> bool:
    """Whether one permission is missing, in difference to a token that does not work at all."""
    first = (refused.code or "").partition("/")[0]
    return isinstance(refused, Unauthorized) and first in {str(code) for code in _NO_PERMISSION}


def deleted(ask: Callable[[], dict[str, Any]], read: Callable[[], object]) -> None:
    """Delete a post with `ask`. One that is MISSING is gone, unless `read` shows it: Meta says the same of a post that
    may not be deleted."""
    try:
        done = ask()
    except Rejected as refusal:
        if refusal.code not in MISSING:
            raise
        try:
            read()
        except Unreachable as failure:
            if failure.code in MISSING:
                return
        raise
    if done.get("success") is not True:
        raise answers.broken(REMOVE, "its being deleted")


class GraphHost:
    """A host of the Graph family on the outbound client; the token travels in a header, never in an address.

    `served` is the version that answered last: an expired one is served by the oldest living without a word.
    """

    def __init__(self, connection: Connection, secret: str, version: str) -> None:
        self._on, self._secret, self.wanted = connection, secret, version
        self.served = version
        self.headers: Mapping[str, str] = {}  # of the last answer

    def call(self, step: Step, method: str, path: str, fields: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The JSON object of a successful answer; every other outcome is raised as the step's failure."""
        token = answers.secret(self._on.secrets, self._secret).reveal()
        with answers.translating(step, self._on.secrets.values()):
            answer = self._on.outbound.send(
                method, f"{self._on.server}/{self.wanted}/{path}",
                configured=True, headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
                timeout_s=self._on.timeout_s, params=fields if method == "GET" else None,
                form=None if method == "GET" else fields,
            )  # fmt: skip
        self.headers = answer.headers
        self.served = answer.headers.get("facebook-api-version") or self.served
        return checked(step, answer, self._on)

    def words(self, said: Any) -> str:
        """The network's own words, without the account's secrets."""
        return answers.words(said, self._on.secrets.values())

    def about_token(self) -> dict[str, Any]:
        """What the token is. `debug_token` takes it as a parameter: here alone it stands in an address."""
        return self.read("debug_token", input_token=answers.secret(self._on.secrets, self._secret).reveal())

    def read(self, path: str, **fields: Any) -> dict[str, Any]:
        return self.call(READ, "GET", path, fields)

    def delete(self, node: str) -> None:
        """Delete a post: see `deleted`."""
        deleted(lambda: self.call(REMOVE, "DELETE", node), lambda: self.read(node, fields="id"))

    def pages(self, path: str, **fields: Any) -> Iterator[tuple[list[dict[str, Any]], bool]]:
        """The rows page by page, and whether it is the last one."""
        while True:
            page = self.read(path, **fields)
            fields["after"] = next_cursor(page)
            yield answers.rows(page.get("data"), READ, "a list of posts", "id"), fields["after"] is None

    def insights(self, path: str, names: Iterable[str], **fields: Any) -> dict[str, Any]:
        """Each metric's answer by its name, or the failure that stands for it alone."""

        def ask(some: tuple[str, ...]) -> dict[str, Any]:
            return by_name(self.read(path, metric=",".join(some), **fields))

        return each(names, ask, self._on)


def by_name(page: Mapping[str, Any]) -> dict[str, Any]:
    """The rows of an insights answer by their metric."""
    return {str(one.get("name")): one for one in answers.objects(page.get("data"))}


def each(names: Iterable[str], ask: Callable[[tuple[str, ...]], dict[str, Any]], on: Connection) -> dict[str, Any]:
    """Insights, all names at once, else one by one: see `answers.each`."""
    return answers.each(
        tuple(names),
        ask,
        # No answer at all, and a token that does not work, are the same for one name as for all.
        refused=lambda one: is_permission(one) or _is_answer(one),
        definite=lambda one: one.code in DEFINITE,
        dead=on.dead,
    )


def _is_answer(failure: NetworkFailure) -> bool:
    return isinstance(failure, Unreachable) and (failure.code or "").partition("/")[0].isdecimal()


def reading(one: Metric, told: Any, at: datetime, missing: str, version: str) -> Reading:
    """One metric out of `insights`: its total, or the last of its values; else why there is none."""
    value = None
    if isinstance(told, NetworkFailure):
        status = ReadingStatus.NOT_PERMITTED if isinstance(told, Unauthorized) else ReadingStatus.UNAVAILABLE
        cause = Cause.GONE if told.code in MISSING else None
        if told.code == "100" and _DEAD.search(told.reason):
            cause = Cause.DEAD_NAME
        return answers.without(one, at, told.reason or f"refused with code {told.code}", status, version, cause)
    if total := answers.obj(answers.obj(told).get("total_value")):
        value = total.get("value")
    elif values := answers.objects(answers.obj(told).get("values")):
        value = values[-1].get("value")
    return answers.reading(one, value, at, missing, version)
