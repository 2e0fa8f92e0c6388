"""Faults on demand: which request breaks, how, and how often. Seeded, so that a run can be repeated."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, fields
from typing import Any

from crosspost.sandbox.errors import ERRORS

KINDS: dict[str, str] = {
    "error_before": "answers `status` without doing anything",
    "error_after": "does it, then answers `status`",
    "reset_before": "reads the request, then resets the connection",
    "reset_after": "does it, then resets the connection",
    "reset_reading": "resets the connection after `bytes` of the request's body",
    "hang_before": "does nothing, and answers nothing for `seconds`, then closes",
    "hang_after": "does it, and answers nothing for `seconds`, then closes",
    "zombie": "answers by `answer` (reset, hang or a status) and does it `seconds` later; "
    "`race`: it no longer looks at the idempotency key then",
    "slow": "does and answers as usual, `seconds` later",
    "empty_body": "does it, and answers a success without a body",
    "truncated_body": "does it, and answers a success cut after `bytes`; `abrupt`: the connection breaks there",
    "stale_list": "lists the account as it was `seconds` ago",
    "short_list": "lists at most `rows` a page; the rest is behind the next page's token",
    "forgotten_key": "Mastodon: the idempotency key is not remembered",
    "duplicate_answer": "refuses a first attempt as a repeat; Bluesky: another record stands under the key; "
    "LinkedIn: it names a post that never was",
    "rate_limited": "429 in the network's manner; `form` of the hint: own, seconds, date, absurd, none",
    "token_expired": "the presented token's life ends here",
    "token_revoked": "every token of the account is revoked",
    "refusal": "answers the documented error `fixture`, by its name in crosspost/sandbox/errors.py, and does nothing",
    "media_failure": "takes the upload, and it never becomes usable",
}
REQUESTS = ("publish", "list", "read", "media", "account", "auth", "insights", "delete", "instance")
NETWORKS = ("x", "facebook", "mastodon", "bluesky", "instagram", "threads", "linkedin", "pinterest")
FORMS = ("own", "seconds", "date", "absurd", "none")
_ONLY = {
    "stale_list": ("list",),
    "short_list": ("list",),
    "forgotten_key": ("publish",),
    "duplicate_answer": ("publish",),
    "media_failure": ("media",),
    "zombie": ("publish", "delete", "media"),
}
_NETWORKS = {"forgotten_key": ("mastodon",), "duplicate_answer": ("x", "facebook", "bluesky", "linkedin")}


@dataclass(slots=True)
class Fault:
    """One rule. `network`, `account` (id) and `request` narrow it down; None or "*" matches all.

    It lets the first `after` matching requests through, then strikes with `probability`, at most `count` times.
    """

    kind: str
    network: str | None = None
    account: str | None = None
    request: str = "publish"
    probability: float = 1.0
    count: int | None = None
    after: int = 0
    seconds: float = 1.0
    status: int = 500
    bytes: int = 0
    rows: int = 1
    form: str = "own"
    answer: str = "reset"
    race: bool = False
    abrupt: bool = False
    fixture: str = ""
    struck: int = 0
    seen: int = 0

    @classmethod
    def of(cls, values: dict[str, Any]) -> Fault:
        """From a control request. Raises ValueError with what is wrong."""
        names = {one.name for one in fields(cls)} - {"struck", "seen"}
        if unknown := sorted(set(values) - names):
            raise ValueError(f"a fault has no {', '.join(unknown)}: one of {', '.join(sorted(names))}")
        kind = values.get("kind")
        if kind not in KINDS:
            raise ValueError(f"no fault {kind!r}: one of {', '.join(KINDS)}")
        only = _ONLY.get(kind)
        values = {"request": only[0] if only else "publish", **values}
        if values["request"] not in (*REQUESTS, "*"):
            raise ValueError(f"no request {values['request']!r}: one of {', '.join(REQUESTS)}, *")
        if only and values["request"] not in only:
            raise ValueError(f"{kind} strikes {' or '.join(only)} requests, not {values['request']!r}")
        if (network := values.get("network")) is not None and network not in _NETWORKS.get(kind, NETWORKS):
            raise ValueError(f"{kind} does not happen on the network {network!r}")
        if (fixture := values.get("fixture", "")) not in ERRORS and (fixture or kind == "refusal"):
            raise ValueError(f"no fault answers {fixture!r}: its name must stand in crosspost/sandbox/errors.py")
        if values.get("form", "own") not in FORMS:
            raise ValueError(f"no form {values['form']!r}: one of {', '.join(FORMS)}")
        answer = str(values.get("answer", "reset"))
        if answer not in ("reset", "hang") and not answer.isdigit():
            raise ValueError(f"answer is reset, hang or a status, not {answer!r}")
        return cls(**{**values, "answer": answer})

    def matches(self, network: str, account: str | None, request: str) -> bool:
        return (
            (self.network is None or self.network == network)
            and network in _NETWORKS.get(self.kind, NETWORKS)
            and (self.account is None or self.account == account)
            and self.request in (request, "*")
        )


class Faults:
    """The installed rules. The first that strikes decides; each has its own stream of chance."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._serial = 0
        self._rules: list[tuple[int, Fault, random.Random]] = []

    def install(self, fault: Fault) -> int:
        """Its number, by which it can be cleared."""
        self._serial += 1
        self._rules.append((self._serial, fault, random.Random(f"{self._seed}/{self._serial}")))  # noqa: S311
        return self._serial

    def clear(self, number: int | None = None) -> None:
        """That rule, or all."""
        self._rules = [rule for rule in self._rules if number is not None and rule[0] != number]

    @property
    def any(self) -> bool:
        return bool(self._rules)

    def listed(self) -> list[dict[str, Any]]:
        return [{"id": number, **asdict(fault)} for number, fault, _ in self._rules]

    def strike(self, network: str, account: str | None, request: str) -> Fault | None:
        """The fault this request suffers, None for most."""
        for _, fault, chance in self._rules:
            if not fault.matches(network, account, request):
                continue
            fault.seen += 1
            if fault.seen <= fault.after or (fault.count is not None and fault.struck >= fault.count):
                continue
            if fault.probability >= 1 or chance.random() < fault.probability:
                fault.struck += 1
                return fault
        return None
