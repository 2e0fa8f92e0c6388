"""The authorization servers of all networks in one: codes, tokens, and their renewal. Its page: login_page.py.

Codes are used once and live as long as each network's; a redirect address must be registered to the letter; PKCE is
verified where the network knows it. Which network is meant is told by the app. Everything ends on the sandbox's clock.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from crosspost.sandbox import login_meta, login_page
from crosspost.sandbox.control import is_local
from crosspost.sandbox.exchange import Call, Json, Limit, endpoint, refuse
from crosspost.sandbox.login_page import fresh_name
from crosspost.sandbox.logins import RULES, LoginApp, Rules
from crosspost.sandbox.networks._graph import EVERY
from crosspost.sandbox.state import State, Token

_AUTHORIZE = ("/i/oauth2/authorize", "/oauth/v2/authorization", "/oauth/", "/oauth/authorize",
              "/{version:graph}/dialog/oauth")  # fmt: skip


class _Dialect:
    """Of the token endpoints: they know apps, not tokens."""

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]

    name: ClassVar[str]

    def hint(self, state: State, request: Request) -> str | None:
        return None

    def authenticate(self, call: Call) -> Response | None:
        return None

    def unknown_parameter(self, name: str, value: str) -> Response:
        return Json({"error": "invalid_request", "error_description": f"unknown parameter {name}"}, 400)

    def limit_headers(self, limit: Limit, left: int, reset: datetime) -> dict[str, str]:
        return {}

    def rate_limited(self, headers: dict[str, str]) -> Response:
        return refuse(f"{self.name}/rate_limited", headers)


def routes(state: State) -> list[BaseRoute]:
    """Before the networks' own: some of their paths hold these."""

    async def authorize(request: Request) -> Response:
        return login_page.authorize(state, request) if is_local(request) else _elsewhere()

    async def decide(request: Request) -> Response:
        return login_page.decide(state, dict(await request.form())) if is_local(request) else _elsewhere()

    def token(network: str, path: str, method: str, handler: Callable[[Call], Response], *query: str) -> Route:
        return endpoint(state, _Dialect(network), path, method, "auth", handler, query=query, token=False)

    longer = ("grant_type", "client_id", "client_secret", "fb_exchange_token")
    mine = token("facebook", "/{version:graph}/me/accounts", "GET", login_meta.pages, *EVERY, "limit", "after")
    pages = login_meta.OfLogin(mine.path, mine.endpoint, methods=["GET"])
    told = token("facebook", "/{version:graph}/debug_token", "GET", login_meta.inspect, "input_token", *EVERY)
    about = login_meta.OfLogin(told.path, told.endpoint, methods=["GET"])
    about.kinds, about.asked = ("user", "short", "page"), "input_token"
    pages.state = about.state = state
    return [
        *(Route(path, authorize, methods=["GET"]) for path in _AUTHORIZE),
        Route("/_sandbox/login", decide, methods=["POST"]),
        token("x", "/2/oauth2/token", "POST", _token("x")),
        token("linkedin", "/oauth/v2/accessToken", "POST", _token("linkedin")),
        token("pinterest", "/v5/oauth/token", "POST", _token("pinterest")),
        token("mastodon", "/oauth/token", "POST", _token("mastodon")),
        token("mastodon", "/api/v1/apps", "POST", _register),
        token("threads", "/oauth/access_token", "POST", _token("threads")),
        token(
            "threads", "/access_token", "GET", login_meta.threads_longer, "grant_type", "client_secret", "access_token"
        ),
        token("threads", "/refresh_access_token", "GET", login_meta.threads_again, "grant_type", "access_token"),
        token("facebook", "/{version:graph}/oauth/access_token", "POST", _token("facebook")),
        token("facebook", "/{version:graph}/oauth/access_token", "GET", login_meta.meta_longer, *longer),
        about,
        pages,
    ]


def _elsewhere() -> Response:
    return PlainTextResponse("the sandbox answers under its local name only", 403)


# codes and refresh tokens


def _register(call: Call) -> Response:
    """Mastodon: anybody may make an app."""
    state, values = call.state, call.fields
    redirects = str(values.get("redirect_uris") or "").split()
    if not values.get("client_name") or not redirects:
        return refuse("mastodon/app", message="Application name and redirect URI cannot be blank")
    scopes = tuple(str(values.get("scopes") or "read").split())
    if not set(scopes) <= set(RULES["mastodon"].scopes):
        return refuse("mastodon/app", message="Scopes doesn't match configured on the server.")
    app = state.logins.add("mastodon", redirects, fresh_name(state), fresh_name(state))
    app.scopes = scopes
    return Json({
        "id": str(len(state.logins.apps)), "name": values["client_name"], "website": values.get("website"),
        "scopes": list(scopes), "redirect_uri": "\n".join(redirects), "redirect_uris": redirects,
        "client_id": app.client_id, "client_secret": app.secret, "client_secret_expires_at": 0,
        "vapid_key": "",
    })  # fmt: skip


def _token(network: str) -> Callable[[Call], Response]:
    def answer(call: Call) -> Response:
        if call.fields.get("grant_type") == "refresh_token" and RULES[network].refresh:
            return _refresh(call, network)
        if call.fields.get("grant_type") == "authorization_code":
            return _exchange(call, network)
        return Json({"error": "unsupported_grant_type"}, 400)

    return answer


def _exchange(call: Call, network: str) -> Response:
    app = _app(call, network)
    if app is None:
        return refuse(f"{network}/client")
    rules, values = RULES[app.network], call.fields
    if rules.pkce == "refused" and "code_verifier" in values:
        return refuse(f"{network}/client")
    made = call.state.logins.codes.get(str(values.get("code", "")))
    if made is None or made.app is not app or made.redirect != values.get("redirect_uri"):
        return refuse(f"{network}/code")
    if made.used:  # somebody else has it: what it gave ends too
        _end(call.state, made.family)
        return refuse(f"{network}/code")
    if made.ends_at is None or call.now >= made.ends_at:
        return refuse("facebook/code_ended" if network == "facebook" else f"{network}/code")
    proven = _challenge(str(values.get("code_verifier", "")))
    if made.challenge and not hmac.compare_digest(made.challenge.encode(), proven.encode()):
        return refuse(f"{network}/code")
    made.used = True
    call.state.logins.since[made.family] = call.now
    like = Token("", made.account_id, rules.kind, scopes=made.scopes, family=made.family, app=app.client_id)
    refresh = rules.refresh and (app.network != "x" or "offline.access" in made.scopes)
    return _given(call, rules, like, refresh=refresh)


def _refresh(call: Call, network: str) -> Response:
    """A refresh token works once: the answer's replaces it. Where the network says so, a second use ends them all."""
    state, rules = call.state, RULES[network]
    token = state.token(network, str(call.fields.get("refresh_token")))
    if token is None or token.kind != "refresh":
        return refuse(f"{network}/refresh")
    app = _app(call, network)
    if token.app and (app is None or app.client_id != token.app):
        return refuse(f"{network}/client")
    if token.revoked or (token.expires_at is not None and token.expires_at <= call.now):
        if rules.replay_ends_family and token.family:
            _end(state, token.family)
        return refuse(f"{network}/refresh")
    state.retire(token, call.now)
    state.logins.refreshes += 1
    return _given(call, rules, token, refresh=True)


def _given(call: Call, rules: Rules, like: Token, *, refresh: bool) -> Response:
    state, account = call.state, call.state.accounts[like.account_id]
    access = state.issue(account, rules.kind, like=like)
    answer: dict[str, object] = {"access_token": access, "token_type": "bearer"}
    if account.network == "threads":
        return Json({"access_token": access, "user_id": int(account.id)})  # nothing tells its end
    if (ends := state.tokens[access].expires_at) is not None:
        answer["expires_in"] = round((ends - call.now).total_seconds())
    if account.network not in ("facebook", "instagram"):
        scopes = RULES[account.network].scopes if like.scopes is None else like.scopes
        answer["scope"] = ("," if account.network in ("linkedin", "pinterest") else " ").join(scopes)
    if account.network == "mastodon":
        answer["token_type"], answer["created_at"] = "Bearer", int(call.now.timestamp())
    if refresh:
        answer["refresh_token"] = state.issue(account, "refresh", like=like)
        if (ends := state.tokens[str(answer["refresh_token"])].expires_at) is not None:
            answer["refresh_token_expires_in"] = round((ends - call.now).total_seconds())
    return Json(answer)


def _app(call: Call, network: str) -> LoginApp | None:
    """The app that proves itself, by Basic where the network wants it; a public one has no secret."""
    client_id, secret = str(call.fields.get("client_id", "")), str(call.fields.get("client_secret", ""))
    scheme, _, pair = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(pair, validate=True).decode().partition(":")
        except ValueError:
            return None
        client_id, secret = unquote(client_id), unquote(secret)
    app = call.state.logins.apps.get(client_id)
    family = ("facebook", "instagram") if network == "facebook" else (network,)
    if app is None or app.network not in family or not hmac.compare_digest(app.secret.encode(), secret.encode()):
        return None
    return app if scheme.lower() == "basic" or not app.secret or not RULES[app.network].basic else None


def _end(state: State, family: str) -> None:
    for token in state.tokens.values():
        if token.family == family:
            token.revoked = True


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
