"""The authorization servers of all networks in one: the page a person allows on, codes, tokens, and their renewal.

Codes are used once and live as long as each network's; a redirect address must be registered to the letter; PKCE is
verified where the network knows it. Which network is meant is told by the app. Everything ends on the sandbox's clock.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import unquote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from crosspost.sandbox.control import is_local
from crosspost.sandbox.exchange import Call, Json, Limit, endpoint, refuse
from crosspost.sandbox.logins import RULES, Asking, LoginApp, Rules
from crosspost.sandbox.networks._graph import EVERY, bearer
from crosspost.sandbox.page import HEADERS, TITLES, templates
from crosspost.sandbox.state import SandboxAccount, State, Token

DATA_ACCESS = timedelta(days=90)  # Meta: how long after a login an app may read its owner's data
THREADS_AGE = timedelta(hours=24)
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
        return _authorize(state, request) if is_local(request) else _elsewhere()

    async def decide(request: Request) -> Response:
        return _decide(state, dict(await request.form())) if is_local(request) else _elsewhere()

    def token(network: str, path: str, method: str, handler: Callable[[Call], Response], *query: str) -> Route:
        return endpoint(state, _Dialect(network), path, method, "auth", handler, query=query, token=False)

    longer = ("grant_type", "client_id", "client_secret", "fb_exchange_token")
    mine = token("facebook", "/{version:graph}/me/accounts", "GET", _pages, *EVERY, "limit", "after")
    pages = _OfLogin(mine.path, mine.endpoint, methods=["GET"])
    pages.state = state
    return [
        *(Route(path, authorize, methods=["GET"]) for path in _AUTHORIZE),
        Route("/_sandbox/login", decide, methods=["POST"]),
        token("x", "/2/oauth2/token", "POST", _token("x")),
        token("linkedin", "/oauth/v2/accessToken", "POST", _token("linkedin")),
        token("pinterest", "/v5/oauth/token", "POST", _token("pinterest")),
        token("mastodon", "/oauth/token", "POST", _token("mastodon")),
        token("mastodon", "/api/v1/apps", "POST", _register),
        token("threads", "/oauth/access_token", "POST", _token("threads")),
        token("threads", "/access_token", "GET", _threads_longer, "grant_type", "client_secret", "access_token"),
        token("threads", "/refresh_access_token", "GET", _threads_again, "grant_type", "access_token"),
        token("facebook", "/{version:graph}/oauth/access_token", "POST", _token("facebook")),
        token("facebook", "/{version:graph}/oauth/access_token", "GET", _meta_longer, *longer),
        token("facebook", "/{version:graph}/debug_token", "GET", _inspect, "input_token", *EVERY),
        pages,
    ]


# the page


def _authorize(state: State, request: Request) -> Response:
    """A wrong app or address is shown here and never sent back: the address may be anybody's."""
    asked = request.query_params
    app = state.logins.apps.get(asked.get("client_id", ""))
    if app is None:
        return _page(state, None, "no app has this client_id", 400)
    redirect = asked.get("redirect_uri", "")
    if redirect not in app.redirects:
        return _page(state, None, "redirect_uri is not one of those registered with the app, to the letter", 400)
    rules = RULES[app.network]
    scopes = tuple(one for one in asked.get("scope", "").replace(",", " ").split() if one)
    made = Asking(app, redirect, scopes, asked.get("state", ""), asked.get("code_challenge", ""))
    state.logins.told.append({"network": app.network, "scopes": list(scopes), "redirect": redirect})
    if asked.get("response_type") != "code":
        return _back(state, made, error="unsupported_response_type")
    if rules.pkce == "required" and (not made.challenge or asked.get("code_challenge_method") != "S256"):
        return _back(state, made, error="invalid_request")
    known = set(rules.scopes if app.scopes is None else app.scopes)
    if rules.pkce in ("unknown", "refused"):
        made.challenge = ""
    if not scopes or not set(scopes) <= known:
        return _back(state, made, error="invalid_scope")
    if state.logins.answer != "ask":
        accounts = _accounts(state, app.network)
        account = next((one for one in accounts if state.logins.account in (None, one.id, one.handle)), None)
        return _answered(state, made, account if state.logins.answer == "allow" else None)
    ticket = _random(state)
    state.logins.tickets[ticket] = made
    return _page(state, made, "", 200, ticket)


def _decide(state: State, given: dict[str, object]) -> Response:
    made = state.logins.tickets.pop(str(given.get("ticket", "")), None)
    if made is None:
        return _page(state, None, "this page was answered before", 400)
    account = state.accounts.get(str(given.get("account", "")))
    if account is None and str(given.get("handle", "")).strip():
        account = state.add_account(made.app.network, str(given["handle"]).strip())
    return _answered(state, made, account if given.get("answer") == "allow" else None)


def _answered(state: State, made: Asking, account: SandboxAccount | None) -> Response:
    if account is None:
        return _back(state, made, error="access_denied")
    code = _random(state)
    made.account_id, made.family = account.id, _random(state)
    made.ends_at = state.clock.now() + timedelta(seconds=RULES[made.app.network].code_s)
    if state.logins.granted is not None:
        made.scopes = tuple(one for one in made.scopes if one in state.logins.granted)
    state.logins.codes[code] = made
    return _back(state, made, code=code)


def _back(state: State, made: Asking, **found: str) -> Response:
    rules = RULES[made.app.network]
    query = {**found, **({"state": made.state} if made.state else {})}
    if rules.names_issuer:
        query["iss"] = f"{state.origin}/"
    joint = "&" if urlsplit(made.redirect).query else "?"
    return RedirectResponse(f"{made.redirect}{joint}{urlencode(query)}{rules.tail}", 303)


def _page(state: State, made: Asking | None, problem: str, status: int, ticket: str = "") -> Response:
    html = templates().get_template("login.html").render(
        made=made, problem=problem, ticket=ticket, titles=TITLES,
        accounts=_accounts(state, made.app.network) if made else [],
    )  # fmt: skip
    policy = HEADERS["content-security-policy"]
    if made is not None:  # a form's redirects are held to it as well
        parts = urlsplit(made.redirect)
        policy = policy.replace("form-action 'none'", f"form-action 'self' {parts.scheme}://{parts.netloc}")
    return HTMLResponse(html, status, {**HEADERS, "content-security-policy": policy})


def _elsewhere() -> Response:
    return PlainTextResponse("the sandbox answers under its local name only", 403)


def _accounts(state: State, network: str) -> list[SandboxAccount]:
    return [one for one in state.accounts.values() if one.network == network]


def _random(state: State) -> str:
    return f"sandbox-{state.rng.getrandbits(192):048x}"


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
    app = state.logins.add("mastodon", redirects, _random(state), _random(state))
    app.scopes = scopes
    return Json({
        "id": str(len(state.logins.apps)), "name": values["client_name"], "website": values.get("website"),
        "scopes": list(scopes), "redirect_uri": "\n".join(redirects), "redirect_uris": redirects,
        "client_id": app.client_id, "client_secret": app.secret, "client_secret_expires_at": 0,
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
    if made.challenge and not hmac.compare_digest(made.challenge, _challenge(str(values.get("code_verifier", "")))):
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
    if app is None or app.network not in family or not hmac.compare_digest(app.secret, secret):
        return None
    return app if scheme.lower() == "basic" or not app.secret or not RULES[app.network].basic else None


def _end(state: State, family: str) -> None:
    for token in state.tokens.values():
        if token.family == family:
            token.revoked = True


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


# longer lives


def _threads_longer(call: Call) -> Response:
    token = _living(call, ("threads",), call.query("access_token"), "short")
    app = call.state.logins.apps.get(token.app) if token else None
    if token is None or call.query("grant_type") != "th_exchange_token":
        return refuse("threads/exchange")
    if app is None or app.secret != call.query("client_secret"):
        return refuse("threads/client")
    return _lived(call, token)


def _threads_again(call: Call) -> Response:
    token = _living(call, ("threads",), call.query("access_token"), "user")
    if token is None or call.query("grant_type") != "th_refresh_token":
        return refuse("threads/exchange")
    if token.issued_at is not None and call.now - token.issued_at < THREADS_AGE:
        return refuse("threads/too_young")
    call.state.logins.refreshes += 1
    return _lived(call, token)


def _meta_longer(call: Call) -> Response:
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


class _OfLogin(Route):
    """`me/accounts` of a token that a login gave; every other is Facebook's own."""

    state: State

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http":
            value = bearer(Request(scope))
            found = self.state.token("facebook", value) or self.state.token("instagram", value)
            if found is not None and found.family and found.kind in ("user", "short"):
                return super().matches(scope)
        return Match.NONE, {}


def _pages(call: Call) -> Response:
    """Every Page here is this person's; each has a token of its own, with the login's scopes."""
    state = call.state
    token = _living(call, ("facebook", "instagram"), bearer(call.request), "user", "short")
    if token is None:
        return refuse("facebook/expired")
    network, rows = state.accounts[token.account_id].network, []
    for account in _accounts(state, network):
        place = (token.family, account.id)
        if place not in state.logins.pages:
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


def _inspect(call: Call) -> Response:
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
