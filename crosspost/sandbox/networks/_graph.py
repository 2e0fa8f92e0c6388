"""What the hosts of Meta's Graph family have in common: versions in the path, tokens, lists by cursor.

A call to an expired version is served by the oldest living one, and only the header tells.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, ClassVar

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from crosspost.sandbox.exchange import Call, Handler, Json, Limit, refuse
from crosspost.sandbox.lists import number, page
from crosspost.sandbox.networks._facebook_shapes import bad_parameter, field_names, instant, no_field
from crosspost.sandbox.state import SandboxAccount, SandboxPost, State

LIVING = ("v22.0", "v23.0", "v24.0", "v25.0", "v26.0")  # in November 2026, oldest first
LIST_DEFAULT, LIST_MAX = 25, 100
# What crosspost asks for, by network: what a token may do unless its account's `scopes` say otherwise.
SCOPES = {
    "facebook": ("pages_show_list", "pages_read_engagement", "pages_manage_posts", "read_insights"),
    "instagram": (
        "instagram_basic", "instagram_content_publish", "instagram_manage_insights", "pages_read_engagement",
    ),
    "threads": ("threads_basic", "threads_content_publish", "threads_manage_insights", "threads_delete"),
}  # fmt: skip
DATA_ACCESS = timedelta(days=90)  # ends without a login of the owner
EVERY = ("access_token", "appsecret_proof", "fields")
LISTS = (*EVERY, "limit", "since", "until", "after", "before")
DEBUG = ("access_token", "appsecret_proof", "input_token")
INSIGHTS = ("access_token", "appsecret_proof", "metric", "period", "since", "until", "date_preset", "breakdown")
CALLS = Limit("calls", 4800, 3600)


class _Version(Convertor[str]):
    regex = r"v[0-9]+\.[0-9]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("graph", _Version())


class GraphDialect:
    """`usage` is how the header on throttling names the network."""

    name: ClassVar[str]
    usage: ClassVar[str]

    def hint(self, state: State, request: Request) -> str | None:
        token = state.token(self.name, bearer(request) or request.query_params.get("access_token", ""))
        if token:
            return token.account_id
        node = str(request.path_params.get("id", "")).partition("_")[0]
        return node if node in state.accounts else None

    def authenticate(self, call: Call) -> Response | None:
        value = bearer(call.request) or call.query("access_token") or str(call.fields.get("access_token") or "")
        if not value:
            return refuse("facebook/no_token")
        token = call.state.token(self.name, value)
        if token is None:
            return refuse("facebook/malformed")
        if token.revoked:
            return refuse("facebook/revoked")
        if token.expires_at is not None and token.expires_at <= call.now:
            return refuse("facebook/expired")
        call.token, call.owner = token, call.state.accounts[token.account_id]
        return None

    def unknown_parameter(self, name: str, value: str) -> Response:
        return bad_parameter(f"Unknown parameter: {name}")

    def limit_headers(self, limit: Limit, left: int, reset: datetime) -> dict[str, str]:
        used = round(100 * (limit.max - left) / limit.max)
        usage = {"call_count": used, "total_cputime": used, "total_time": used}
        headers = {"x-app-usage": json.dumps(usage)}
        if left <= 0:
            wait = {"type": self.usage, **usage, "estimated_time_to_regain_access": max(1, limit.seconds // 60)}
            headers["x-business-use-case-usage"] = json.dumps({"0": [wait]})
        return headers

    def rate_limited(self, headers: dict[str, str]) -> Response:
        return refuse(f"{self.name}/rate_limited", headers)


def bearer(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() in ("bearer", "oauth") else ""


def versioned(handler: Handler) -> Handler:
    """Tell in the header which version really answers."""

    def answered(call: Call) -> Response:
        response = handler(call)
        asked = call.path("version")
        response.headers["facebook-api-version"] = asked if asked in LIVING else LIVING[0]
        return response

    return answered


def debug_token(call: Call) -> Response:
    """What a token is: its life, its scopes and its app. Any token may look at itself here.

    Source: developers.facebook.com, debug_token and access tokens (2026). `expires_at` 0 is never; whether the app is
    live is not among the fields.
    """
    network, state = call.account.network, call.state
    token = state.token(network, call.query("input_token") or "")
    if token is None:
        return bad_parameter("The input_token is not a token.")
    scopes = state.behaviour(call.account, "scopes")
    ends = token.expires_at
    valid = not token.revoked and (ends is None or ends > call.now)
    data = {
        "app_id": "140000000000001", "type": token.kind.upper(), "application": "crosspost", "is_valid": valid,
        "expires_at": int(ends.timestamp()) if ends else 0, "issued_at": int(call.account.created_at.timestamp()),
        "data_access_expires_at": int((call.account.created_at + DATA_ACCESS).timestamp()),
        "scopes": list(SCOPES[network] if scopes is None else scopes), "profile_id": call.account.id,
    }  # fmt: skip
    return Json({"data": data})


def unseen(call: Call) -> dict[str, bool]:
    """What a post is marked with while the app is in development mode: its own people alone see it."""
    return {} if call.state.behaviour(call.account, "app_live") else {"only_owner": True}


class Mine(Route):
    """A path of a whole host, for one network's tokens only: another network of the family answers the rest."""

    state: State
    network: str

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and self.state.token(self.network, bearer(Request(scope))) is None:
            return Match.NONE, {}
        return super().matches(scope)


def mine(state: State, network: str, route: Route) -> Mine:
    made = Mine(route.path, route.endpoint, methods=["GET"])
    made.state, made.network = state, network
    return made


def listed(
    call: Call,
    account: SandboxAccount,
    shown: Callable[[SandboxPost, list[str]], dict[str, Any]],
    known: Collection[str],
    usual: str,
    node: str,
    *,
    replies: bool = True,
    posts: bool = True,
) -> Response:
    """A page of the account's posts, its replies, or both. `known` are the fields there are, `usual` those of a
    request that names none."""
    try:
        size = min(LIST_MAX, max(1, int(call.query("limit") or LIST_DEFAULT)))
        since, until = instant(call.query("since")), instant(call.query("until"))
        before = int(base64.urlsafe_b64decode(call.query("after") or "")) if call.query("after") else None
    except ValueError:
        return bad_parameter("limit, since, until or after is not readable.")
    found, more = page(call, account, size, before=before, since=since, until=until, replies=replies)
    names = field_names(call.query("fields") or usual)
    if unknown := [name for name in names if name not in known]:
        return no_field(unknown[0], node)
    answer: dict[str, Any] = {"data": [shown(post, names) for post in found if posts or post.parent_id]}
    if found:
        after = base64.urlsafe_b64encode(str(number(found[-1])).encode()).decode()
        first = base64.urlsafe_b64encode(str(number(found[0])).encode()).decode()
        answer["paging"] = {"cursors": {"before": first, "after": after}}
        if more:
            here = f"{call.state.origin}{call.request.url.path}"
            answer["paging"]["next"] = f"{here}?limit={size}&after={after}"
    return Json(answer)
