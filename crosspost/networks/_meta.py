"""What Facebook, Instagram and Threads share: how errors are read, and the way to those Graph hosts without an SDK.

The HTTP status is a poor guide on these APIs: the error's code, then its subcode decide. A publish answered with code
1, 2 or HTTP 5xx may well be out, so there these mean *outcome unknown*. One dead metric name fails a whole insights
request.

Source: developers.facebook.com, Graph API error handling, read 2026-09-01; Instagram error codes of 2026-06-02.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from crosspost.domain.errors import Duplicate, NetworkFailure, NotSent, RateLimited, Unauthorized, Unreachable
from crosspost.domain.login import CLIENT_ID, CLIENT_SECRET, Exchange, Login, Renewal
from crosspost.domain.post import Reading, ReadingStatus
from crosspost.networks import _answers as answers
from crosspost.networks import oauth
from crosspost.networks._answers import PUBLISH, READ, Answered, Step
from crosspost.networks.network import Connection, Issued, Offer
from crosspost.secret import Secret

VERSION = "v26.0"  # of graph.facebook.com; alive until at least 2028
DEFINITE = frozenset({"100", "100/33", "3001/1504028"})  # to a read: a no that stays no
MISSING = "100/33"  # no such object, or not visible; seen as a false alarm on containers (2026)
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
    code, subcode = error.get("code"), error.get("error_subcode")
    said = error.get("error_user_msg") or error.get("message") or ""
    reason = answers.words(said, on.secrets.values())
    mark = answers.words(f"{code}/{subcode}" if subcode else str(code), ())
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
        return Duplicate(reason, code=mark)
    if code == 368:
        return Unauthorized(f"Facebook has blocked the account for now: {reason}", code=mark)
    unclear = code in _UNCLEAR or code == 341 or subcode in TEMPORARY or error.get("is_transient") is True
    if unclear or answer.status >= 500:
        return step.unclear(reason or f"HTTP {answer.status}", code=mark)
    if isinstance(code, int):
        return step.refused(reason, code=mark)
    return answers.by_status(step, answer.status, reason, until=regained(answer.headers, on.now()))


def regained(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When access comes back by `x-business-use-case-usage`, which tells minutes; else by Retry-After."""
    try:
        usage = json.loads(headers.get("x-business-use-case-usage", "{}"))
    except ValueError:
        usage = {}
    minutes = [
        answers.number(entry.get("estimated_time_to_regain_access")) or 0.0
        for entries in answers.obj(usage).values()
        for entry in answers.objects(entries)
    ]
    if any(minutes):
        return now + timedelta(minutes=max(minutes))
    return answers.wait_until(headers, now)


def checked(step: Step, answer: Answered, on: Connection) -> dict[str, Any]:
    """The JSON object of a successful answer; every other is raised as the step's failure."""
    payload = answers.parsed(answer)
    error = answers.obj(answers.obj(payload).get("error"))
    if error or not 200 <= answer.status < 300:
        raise failure(step, answer, error, on)
    if not isinstance(payload, dict):
        raise answers.broken(step, "readable JSON")
    return payload


def is_permission(refused: NetworkFailure) -> bool:
    """Whether one permission is missing, in difference to a token that does not work at all."""
    first = (refused.code or "").partition("/")[0]
    return isinstance(refused, Unauthorized) and first in {str(code) for code in _NO_PERMISSION}


class GraphHost:
    """A host of the Graph family on the outbound client; the token travels in a header, never in an address.

    `served` is the version that answered last: an expired one is served by the oldest living without a word.
    """

    def __init__(self, connection: Connection, secret: str, version: str) -> None:
        self._on, self._secret, self.wanted = connection, secret, version
        self.served = version

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
        self.served = answer.headers.get("facebook-api-version") or self.served
        return checked(step, answer, self._on)

    def read(self, path: str, **fields: Any) -> dict[str, Any]:
        return self.call(READ, "GET", path, fields)

    def pages(self, path: str, most: int, **fields: Any) -> tuple[list[dict[str, Any]], bool]:
        """The rows of at most so many pages, and whether that was all of them."""
        found: list[dict[str, Any]] = []
        for _ in range(most):
            page = self.read(path, **fields)
            found += answers.rows(page.get("data"), READ, "a list of posts")
            paging = answers.obj(page.get("paging"))
            cursor = answers.obj(paging.get("cursors")).get("after")
            if not paging.get("next") or not isinstance(cursor, str):
                return found, True
            fields["after"] = cursor
        return found, False

    def insights(self, path: str, names: Iterable[str], **fields: Any) -> dict[str, Any]:
        """Each metric's answer by its name, or the Unreachable or Unauthorized that stands for it alone.

        All are asked for at once; where that is refused, one by one, so that a dead name blinds no other.
        """
        names = tuple(names)
        try:
            return self._asked(path, names, fields)
        except Unreachable as refused:
            if not (refused.code or "").partition("/")[0].isdecimal():
                raise  # no answer at all: asking once per metric would bring none either
        except Unauthorized as refused:
            if not is_permission(refused):
                raise
        found: dict[str, Any] = {}
        for name in names:
            try:
                found |= self._asked(path, (name,), fields)
            except Unreachable as refused:
                found[name] = refused
            except Unauthorized as refused:
                if not is_permission(refused):
                    raise
                found[name] = refused
        if all(isinstance(one, Unreachable) and one.code not in DEFINITE for one in found.values()):
            raise next(iter(found.values()))
        return found

    def _asked(self, path: str, names: tuple[str, ...], fields: Mapping[str, Any]) -> dict[str, Any]:
        page = self.read(path, metric=",".join(names), **fields)
        return {str(one.get("name")): one for one in answers.objects(page.get("data"))}


def reading(metric: str, name: str, told: Any, at: datetime, missing: str, version: str) -> Reading:
    """One metric out of `insights`: its total, or the last of its values; else why there is none."""
    status, value = ReadingStatus.UNAVAILABLE, None
    if isinstance(told, NetworkFailure):
        status = ReadingStatus.NOT_PERMITTED if isinstance(told, Unauthorized) else status
        missing = told.reason or f"refused with code {told.code}"
    elif total := answers.obj(answers.obj(told).get("total_value")):
        value = total.get("value")
    elif values := answers.objects(answers.obj(told).get("values")):
        value = values[-1].get("value")
    found = answers.reading(metric, name, value, at, missing, version)
    return found if found.value is not None else replace(found, status=status)


# Logging in with Facebook: a user's token, made long-lived, opens the tokens of the user's Pages.

USER_TOKEN, PAGE_TOKEN = "user_token", "page_token"
_PAGES = 5  # of 100 Pages


def login(*, reading: tuple[str, ...], writing: tuple[str, ...]) -> Login:
    """Facebook's login, for Pages and the Instagram accounts behind them.

    A Page's token tells no end; the app's access to its owner's data ends 90 days after the last login.
    """
    longer = Exchange(
        f"https://graph.facebook.com/{VERSION}/oauth/access_token", "fb_exchange_token", "fb_exchange_token",
        (CLIENT_ID, CLIENT_SECRET),
    )  # fmt: skip
    return Login(
        authorize=f"https://www.facebook.com/{VERSION}/dialog/oauth",
        tokens=longer.address,
        reading=reading,
        writing=writing,
        renewal=Renewal.EXCHANGE,
        access=USER_TOKEN,
        used=PAGE_TOKEN,
        separator=",",
        redirect="http://localhost",  # taken without being registered while the app is in development mode
        longer=longer,
        renew=longer,
        early=timedelta(days=30),
        least_age=timedelta(hours=24),
        assumed=timedelta(days=60),
        source="developers.facebook.com, manually build a login flow; access tokens; data access expiration",
        read_on=date(2026, 9, 1),
    )


def offers(on: Connection, by: Literal["page", "instagram"]) -> list[Offer]:
    """The Pages that the user's token opens, or the Instagram accounts behind them, each with the Page's token."""
    graph = GraphHost(on, USER_TOKEN, on.settings.get("graph_version", VERSION))
    fields = "id,name,access_token" + (",instagram_business_account{id,username}" if by == "instagram" else "")
    rows, _ = graph.pages("me/accounts", _PAGES, fields=fields, limit=100)
    scopes, until = _inspected(graph, answers.secret(on.secrets, USER_TOKEN))
    found = []
    for row in rows:
        account = answers.obj(row.get("instagram_business_account")) if by == "instagram" else row
        token = row.get("access_token")
        if not account.get("id") or not isinstance(token, str) or not token:
            continue  # no account behind the Page, or a role on it that may do nothing
        name = str(account.get("username") or row.get("name") or account["id"])
        expires = {} if until is None else {PAGE_TOKEN: until}
        found.append(Offer(str(account["id"]), name, Issued({PAGE_TOKEN: Secret(token)}, expires, scopes)))
    return found


def _inspected(graph: GraphHost, token: Secret) -> tuple[tuple[str, ...] | None, datetime | None]:
    """What was really granted, and when the access to data ends. Nothing, where the app may not ask."""
    try:
        told = answers.obj(graph.read("debug_token", input_token=token.reveal()).get("data"))
    except (Unreachable, Unauthorized):
        return None, None
    scopes, until = told.get("scopes"), answers.number(told.get("data_access_expires_at"))
    return (
        tuple(str(one) for one in scopes) if isinstance(scopes, list) else None,
        datetime.fromtimestamp(until, UTC) if until else None,
    )


def refreshed(on: Connection, of: Login | None, home: str | None, by: Literal["page", "instagram"]) -> Issued:
    """A later token of the user, and with it the Page's token as it is now. Raises Unauthorized when it has none."""
    user = oauth.refreshed(on, of, home)
    try:
        every = offers(replace(on, secrets={**on.secrets, **user.secrets}), by)
    except (Unreachable, RateLimited):
        return user  # the Page's token lives by itself: it is read again next time
    mine = next((one.issued for one in every if one.remote_id == on.remote_id), None)
    if mine is None:
        raise Unauthorized("the login no longer opens this account", code="no account")
    return Issued({**user.secrets, **mine.secrets}, {**user.expires, **mine.expires}, mine.scopes)
