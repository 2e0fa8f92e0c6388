"""The way to LinkedIn's versioned API, and what its answers mean."""

from __future__ import annotations

import re
from typing import Any

from crosspost.domain.errors import Duplicate, NetworkFailure, RateLimited, Unauthorized
from crosspost.networks import _answers as answers
from crosspost.networks._answers import PUBLISH, READ, Step
from crosspost.networks.network import Connection
from crosspost.outside.http import Answer

VERSION = "202607"  # alive until the middle of July 2027; a month's version may not work in its first weeks
DEAD_VERSION = "NONEXISTENT_VERSION"
URN = re.compile(r"urn:li:(?:share|ugcPost):\w+")
_THEIRS = re.compile(r"https://[\w.-]+\.(linkedin|licdn)\.com/")
_TOKEN = {"65600": "the token is malformed", "65601": "the token was revoked", "65602": "the token has expired"}


class LinkedInHost:
    """One account's requests, in the version that its owner set. Every failure is one of ours."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        self.version = connection.settings.get("api_version", VERSION)

    def read(self, path: str) -> dict[str, Any]:
        payload = answers.parsed(self.send(READ, "GET", path))
        if not isinstance(payload, dict):
            raise answers.broken(READ, "a JSON object")
        return payload

    def send(self, step: Step, method: str, where: str, **request: Any) -> Answer:
        """`where` is a path, or the whole address an upload was given."""
        token = answers.secret(self._on.secrets, "access_token").reveal()
        headers = {
            "Authorization": f"Bearer {token}", "LinkedIn-Version": self.version,
            "X-Restli-Protocol-Version": "2.0.0", "Accept": "application/json", **request.pop("headers", {}),
        }  # fmt: skip
        ours = where.startswith(("/", f"{self._on.server}/"))
        url = self._on.server + where if where.startswith("/") else where
        if not ours and not _THEIRS.match(url):
            raise step.not_sent("the answer names an address to upload to that is not LinkedIn's", code="address")
        with answers.translating(step, self._on.secrets.values()):
            answer = self._on.outbound.send(
                method, url, configured=ours, headers=headers, timeout_s=self._on.timeout_s, **request
            )
        if 200 <= answer.status < 300:
            return answer
        raise self._failure(step, answer)

    def _failure(self, step: Step, answer: Answer) -> NetworkFailure:
        said = answers.obj(answers.parsed(answer))
        faults = answers.objects(answers.obj(said.get("errorDetails")).get("inputErrors"))
        told = [answers.text(said.get("message")), *(answers.text(one.get("description")) for one in faults)]
        reason = answers.words("; ".join(filter(None, told)), self._on.secrets.values())
        word = said.get("code") or next((one["code"] for one in faults if "code" in one), "")
        word = answers.words(word, self._on.secrets.values())
        dead = word == DEAD_VERSION or "is not active" in reason
        if answer.status == 426 or (dead and 400 <= answer.status < 500):
            remedy = f"API version {self.version} is no longer served: set api_version to a later month"
            return Unauthorized(f"{remedy} ({reason})", code=DEAD_VERSION)
        if (
            step is PUBLISH
            and 400 <= answer.status < 500
            and (word == "DUPLICATE_POST" or "is a duplicate of urn:" in reason)
        ):
            twin = URN.search(reason)
            return Duplicate(reason, remote_id=twin.group() if twin else None, code="DUPLICATE_POST")
        if answer.status == 401:
            number = answers.identity(said.get("serviceErrorCode")) or "401"
            number = answers.words(number, self._on.secrets.values())
            return Unauthorized(f"{_TOKEN.get(number, 'the token does not work')}: {reason}", code=number)
        if answer.status == 403:
            return Unauthorized(f"a permission is missing: {reason}", code="403")
        if answer.status == 429:  # quotas end at midnight UTC, and no header tells
            return RateLimited(reason, until=answers.wait_until(answer.headers, self._on.now()), code=word or "429")
        code = "404" if answer.status == 404 else word or None
        return answers.by_status(step, answer.status, reason, code=code)
