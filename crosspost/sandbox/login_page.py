"""The page on which a person lets an app use an account, and what the browser is sent back with."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crosspost.sandbox.logins import RULES, Asking
from crosspost.sandbox.page import HEADERS, TITLES, templates
from crosspost.sandbox.state import SandboxAccount, State


def authorize(state: State, request: Request) -> Response:
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
        accounts = accounts_of(state, app.network)
        account = next((one for one in accounts if state.logins.account in (None, one.id, one.handle)), None)
        return _answered(state, made, account if state.logins.answer == "allow" else None)
    ticket = fresh_name(state)
    state.logins.tickets[ticket] = made
    return _page(state, made, "", 200, ticket)


def decide(state: State, given: dict[str, object]) -> Response:
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
    code = fresh_name(state)
    made.account_id, made.family = account.id, fresh_name(state)
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
        accounts=accounts_of(state, made.app.network) if made else [],
    )  # fmt: skip
    policy = HEADERS["content-security-policy"]
    if made is not None:  # a form's redirects are held to it as well
        parts = urlsplit(made.redirect)
        policy = policy.replace("form-action 'none'", f"form-action 'self' {parts.scheme}://{parts.netloc}")
    return HTMLResponse(html, status, {**HEADERS, "content-security-policy": policy})


def accounts_of(state: State, network: str) -> list[SandboxAccount]:
    return [one for one in state.accounts.values() if one.network == network]


def fresh_name(state: State) -> str:
    return f"sandbox-{state.rng.getrandbits(192):048x}"
