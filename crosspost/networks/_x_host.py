"""The way to X through tweepy, and what its answers mean."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from crosspost.domain.costs import Charge
from crosspost.domain.errors import Duplicate, NetworkFailure, NoCredit, Unauthorized, Unreachable
from crosspost.networks import _answers as answers
from crosspost.networks import _x_costs as costs
from crosspost.networks._answers import PUBLISH, READ, Step
from crosspost.networks.network import Connection

if TYPE_CHECKING:
    from crosspost.outside.http import Answer

OAUTH1 = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
INVALID = "invalid-request"
# The parameter's name, refused as such: in difference to a value of it.
_OLD = re.compile(r"query parameter \[tweet\.fields\] is not")
_REPEATED = 187  # the older API's number of "Status is a duplicate."
# Kinds of a refusal that speak of the app or its token, not of the post.
_NOT_THE_APPS = frozenset({"client-forbidden", "unsupported-authentication", "oauth1-permissions"})


class XHost:
    """One account's requests: each is billed where it costs, and every failure is one of ours."""

    version: str | None = None  # of the server, from its last answer
    headers: Mapping[str, str] = MappingProxyType({})  # of the last answer

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        self._came: list[Answer] = []  # to the request that is under way
        self._tweepy: Any = None
        self.signed = all(connection.secrets.get(name) for name in OAUTH1)

    def me(self) -> dict[str, Any]:
        fields = ["public_metrics"]
        return self.call(READ, lambda c: c.get_me(user_fields=fields, user_auth=self.signed), bill=costs.USER_READ)

    def own(self, fields: list[str], **params: Any) -> dict[str, Any]:
        route = f"/2/users/{self._on.remote_id}/tweets"
        return self._fielded(
            route, fields, params, lambda c, more: c.get_users_tweets(self._on.remote_id, **more), costs.OWN_READ
        )

    def posts(self, ids: list[str], fields: list[str]) -> dict[str, Any]:
        return self._fielded("/2/tweets", fields, {"ids": ids}, lambda c, more: c.get_tweets(**more), costs.POST_READ)

    def _fielded(
        self,
        route: str,
        fields: list[str],
        params: dict[str, Any],
        ask: Callable[[Any, dict[str, Any]], object],
        bill: str,
    ) -> dict[str, Any]:
        """Ask for fields of posts in the old vocabulary, which live servers take; where one refuses it, in the new,
        which tweepy does not know."""
        old = {**params, "tweet_fields": fields, "user_auth": self.signed}
        try:
            return self.call(READ, lambda c: ask(c, old), bill=bill)
        except Unreachable as failure:
            if failure.code != INVALID or not _OLD.search(failure.reason):
                raise
        query = {name: _plain(value) for name, value in params.items() if value is not None}
        query["post.fields"] = _plain(fields)
        return self.call(READ, lambda c: c.request("GET", route, params=query, user_auth=self.signed), bill=bill)

    def post(self, step: Step, route: str, body: dict[str, Any], *, bill: str = "") -> dict[str, Any]:
        return self.call(step, lambda c: c.request("POST", route, json=body, user_auth=self.signed), bill=bill)

    def _client(self) -> Any:
        import requests
        import tweepy

        from crosspost.outside import sdk

        # At DEBUG these print the Authorization header.
        for noisy in (
            "tweepy",
            "tweepy.client",
            "oauthlib",
            "requests_oauthlib",
            "requests_oauthlib.oauth1_auth",
        ):
            if (log := logging.getLogger(noisy)).level != logging.INFO:  # setting it empties every logger's cache
                log.setLevel(logging.INFO)
        revealed = {
            name: secret.reveal() for name in (*OAUTH1, "bearer") if (secret := self._on.secrets.get(name)) is not None
        }
        client = tweepy.Client(bearer_token=revealed.pop("bearer", None), return_type=requests.Response, **revealed)
        client.session = sdk.session(
            server=self._on.server,
            stands_for=("https://api.twitter.com",),
            outbound=self._on.outbound,
            timeout_s=self._on.timeout_s,
            on_answer=lambda answer: self._came.append(answer),
        )
        return client

    def call(self, step: Step, ask: Callable[[Any], object], *, bill: str = "") -> dict[str, Any]:
        """The JSON object of a successful answer; every other outcome is raised as the step's failure.

        `bill` is the action that is paid for: once per row of a list, once where the answer was lost or leaves
        open what was done.
        """
        came = self._came = []
        with answers.translating(answers.before(step), self._on.secrets.values()):
            client = self._tweepy = self._tweepy or self._client()
        with answers.translating(step, self._on.secrets.values()):
            try:
                ask(client)
            except Exception as error:
                if not came:
                    if bill and getattr(error, "sent", True):
                        self._on.charge(Charge(bill, sure=False))
                    raise
        if not came:
            raise step.unclear("tweepy came back without an answer", code="no answer")
        answer = came[-1]
        self.headers = answer.headers
        self.version = answer.headers.get("api-version") or self.version
        payload = answers.parsed(answer)
        if not 200 <= answer.status < 300:
            if bill and answer.status >= 500 and step is not READ:
                self._on.charge(Charge(bill, sure=False))
            raise self._failure(step, answer, answers.obj(payload))
        if bill:
            rows = answers.obj(payload).get("data")
            # A list without `data` has no rows, and one object is one.
            count = len(rows) if isinstance(rows, list) else int("meta" not in answers.obj(payload))
            self._on.charge(Charge(bill, count))
        if not isinstance(payload, dict):
            raise answers.broken(step, "readable JSON")
        return payload

    def _failure(self, step: Step, answer: Answer, problem: dict[str, Any]) -> NetworkFailure:
        first = next(iter(answers.objects(problem.get("errors"))), {})
        kind = (answers.text(problem.get("type")) or "").rpartition("/")[2]  # the host in it is x.com or twitter.com
        detail = problem.get("detail") or first.get("message") or problem.get("title") or ""
        if kind == INVALID and first.get("message"):
            detail = first["message"]  # names the parameter; the detail says that one was wrong
        reason = answers.words(detail, self._on.secrets.values())
        told = kind if kind not in ("", "about:blank", "blank") else problem.get("title") or answer.status
        code = answers.words(told, self._on.secrets.values())
        if answer.status == 402:
            text = f"the X app has none left, or met its spending limit: top it up in the developer console ({reason})"
            return NoCredit(text, code=code)
        if (
            step is PUBLISH
            and answer.status == 403
            and ("duplicate" in reason.lower() or first.get("code") == _REPEATED)
        ):
            return Duplicate(reason, code="duplicate")
        if answer.status == 403 and kind in _NOT_THE_APPS:
            return Unauthorized(reason, code=kind)
        until = answers.wait_until(answer.headers, self._on.now(), "x-rate-limit-reset")
        return answers.by_status(step, answer.status, reason, code=code, until=until)


def _plain(value: Any) -> Any:
    """A parameter as X reads it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return ",".join(map(str, value)) if isinstance(value, list) else value
