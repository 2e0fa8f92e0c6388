"""How an account of Meta's stands: its token, its app, the version of the API.

Whether an app is live is told by no answer, and everybody but its own people is blind to the posts of one that is not:
the owner says so once, by the setting `app_mode=live`.

Source: developers.facebook.com: debug_token, access tokens, app modes (2025-05), versions (2026-07).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from crosspost.domain.errors import NetworkFailure
from crosspost.domain.finding import Finding, good, not_told, see_to
from crosspost.domain.login import Login
from crosspost.networks import _answers as answers
from crosspost.networks import _examining as examining
from crosspost.networks.network import Connection

SUNSETS = {  # of graph.facebook.com, read 2026-09-01; newer versions have no announced end
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
}
_AGAIN = "crosspost account connect, with a new token"
_BUSY = 80  # percent of the app's use from where on it is slowed down


def token(read: Callable[[], Mapping[str, Any]], login: Login | None, on: Connection, at: datetime) -> list[Finding]:
    """Life and scopes, by `debug_token`. An app may forbid a token to look at itself."""
    try:
        told = answers.obj(read().get("data"))
    except NetworkFailure as failure:
        return [examining.failed("token life", failure)]
    if told.get("is_valid") is False:
        return [see_to("token", "is no longer valid", _AGAIN)]
    if answers.number(told.get("expires_at")) is None:  # 0 is a token without an end, silence is not
        found = [not_told("token life", "Meta does not say when it ends")]
    else:
        found = [examining.ends("token life", examining.stamp(told["expires_at"]), at, _AGAIN)]
    if (access := examining.stamp(told.get("data_access_expires_at"))) is not None:
        found.append(examining.ends("data access", access, at, "log in again: without it metrics stop"))
    given = told.get("scopes")
    if not isinstance(given, list):
        return [*found, not_told("scopes", "Meta does not name them")]
    return [*found, examining.scopes([str(one) for one in given], login, on, f"grant them, then {_AGAIN}")]


def mode(on: Connection) -> list[Finding]:
    """Of an account that is posted to."""
    if on.read_only:
        return []
    if on.settings.get("app_mode") == "live":
        return [good("app mode", "live, you say")]
    return [
        see_to(
            "app mode",
            "while the app is in development mode, its own people alone see the posts; no answer of Meta's tells",
            "look at the app's dashboard, and when it is live: crosspost account set … --setting app_mode=live",
        )
    ]


def version(wanted: str, served: str, at: datetime) -> Finding:
    remedy = "set graph_version to a later one: crosspost account set … --setting graph_version=v26.0"
    if served != wanted:
        return see_to("api version", f"Meta served {served}, for {wanted} is no longer alive", remedy)
    return examining.version(wanted, SUNSETS.get(wanted), at, remedy)


def usage(headers: Mapping[str, str]) -> list[Finding]:
    """By `x-app-usage`, in percent of what the app may use in an hour."""
    try:
        told = answers.obj(json.loads(headers.get("x-app-usage", "{}")))
    except ValueError:
        return []
    percents = [count for count in map(answers.number, told.values()) if count is not None]
    if not percents:
        return []
    text = f"{max(percents):.0f} % of what the app may use in an hour"
    return [good("quota", text) if max(percents) < _BUSY else see_to("quota", text, "wait: it is slowed down")]
