"""Meta's tokens after the login: longer lives by exchange, and the Pages that a user's token opens."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from crosspost.sandbox.exchange import Call, Json, refuse
from crosspost.sandbox.login_page import accounts_of
from crosspost.sandbox.networks._graph import bearer
from crosspost.sandbox.state import State, Token

DATA_ACCESS = timedelta(days=90)  # how long after a login an app may read its owner's data
THREADS_AGE = timedelta(hours=24)


def threads_longer(call: Call) -> Response:
    token = _living(call, ("threads",), call.query("access_token"), "short")
    app = call.state.logins.apps.get(token.app) if token else None
    if token is None or call.query("grant_type") != "th_exchange_token":
        return refuse("threads/exchange")
    if app is None or app.secret != call.query("client_secret"):
        return refuse("threads/client")
    return _lived(call, token)


def threads_again(call: Call) -> Response:
    token = _living(call, ("threads",), call.query("access_token"), "user")
    if token is None or call.query("grant_type") != "th_refresh_token":
        return refuse("threads/exchange")
    if token.issued_at is not None and call.now - token.issued_at < THREADS_AGE:
        return refuse("threads/too_young")
    call.state.logins.refreshes += 1
    return _lived(call, token)


def meta_longer(call: Call) -> Response:
    family = ("facebook", "instagram")
    token = _living(call, family, call.query("fb_exchange_token"), "short", "user")
    app = call.state.logins.apps.get(call.query("client_id") or "")
    if app is None or app.network not in family or app.secret != call.query("client_secret"):
        return refuse("facebook/client")
    if token is None or call.query("grant_type") != "fb_exchange_token" or token.app != app.client_id:
        return refuse("facebook/exchange")
    call.state.logins.refreshes += token.kind == "user"
    return _lived(call, token)


def _living(call: Call, networks: tuple[str, ...], value: str | None, *kinds: str) -> Token | None:
    found = next((one for name in networks if (one := call.state.token(name, value or ""))), None)
    if found is None or found.kind not in kinds or found.revoked:
        return None
    return found if found.expires_at is None or found.expires_at > call.now else None


def _lived(call: Call, token: Token) -> Response:
    """A long-lived token in place of this one, which goes on working until its own end."""
    value = call.state.issue(call.state.accounts[token.account_id], "user", like=token)
    ends = call.state.tokens[value].expires_at
    left = {} if ends is None else {"expires_in": round((ends - call.now).total_seconds())}
    return Json({"access_token": value, "token_type": "bearer", **left})


# what a user's token opens


class OfLogin(Route):
    """An address for tokens that a login gave: the one that asks, or the one `asked` about in the query. Every other
    token is answered by the network's own."""

    state: State
    kinds: tuple[str, ...] = ("user", "short")
    asked: str | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http":
            request = Request(scope)
            value = bearer(request) if self.asked is None else request.query_params.get(self.asked, "")
            found = self.state.token("facebook", value) or self.state.token("instagram", value)
            if found is not None and found.family and found.kind in self.kinds:
                return super().matches(scope)
        return Match.NONE, {}


def pages(call: Call) -> Response:
    """Every Page here is this person's; each has a token of its own, with the login's scopes."""
    state = call.state
    token = _living(call, ("facebook", "instagram"), bearer(call.request), "user", "short")
    if token is None:
        return refuse("facebook/expired")
    network, rows = state.accounts[token.account_id].network, []
    for account in accounts_of(state, network):
        place = (token.family, account.id)
        known = state.tokens.get(state.logins.pages.get(place, ""))
        if known is None or known.revoked:
            state.logins.pages[place] = state.issue(account, "page", like=token)
        row: dict[str, object] = {
            "access_token": state.logins.pages[place], "category": "Website", "name": account.name, "id": account.id,
            "tasks": ["ANALYZE", "CREATE_CONTENT", "MANAGE"],
        }  # fmt: skip
        if network == "instagram":
            row["id"] = f"1{account.id[2:]}"
            row["instagram_business_account"] = {"id": account.id, "username": account.handle}
        rows.append(row)
    return Json({"data": rows})


def inspect(call: Call) -> Response:
    token = _living(call, ("facebook", "instagram"), call.query("input_token"), "user", "short", "page")
    if token is None or not token.family:
        return Json({"data": {"is_valid": False, "scopes": []}})
    since = call.state.logins.since[token.family]
    ends = token.expires_at
    return Json({"data": {
        "app_id": token.app, "type": "PAGE" if token.kind == "page" else "USER", "is_valid": True,
        "expires_at": int(ends.timestamp()) if ends else 0, "scopes": list(token.scopes or ()),
        "data_access_expires_at": int((since + DATA_ACCESS).timestamp()), "user_id": token.account_id,
    }})  # fmt: skip
