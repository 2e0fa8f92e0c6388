"""The client's side of OAuth 2 on the outbound client: authorization code with PKCE, refresh, exchanges.

Every request is made once. What a lost answer means differs: a code or a rotating refresh token may be spent (unknown),
an exchange leaves the token it was asked with alive (try again).

Source: RFC 6749, RFC 7636, RFC 9207, RFC 9700; what each network makes of them stands in its own file.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from crosspost.domain.errors import NetworkFailure, NotSent, OutcomeUnknown, Unauthorized
from crosspost.domain.login import CLIENT_ID, CLIENT_SECRET, REFRESH, Exchange, Login, Renewal
from crosspost.networks import _answers as answers
from crosspost.networks._answers import Step
from crosspost.networks.network import Connection, Issued
from crosspost.outside.http import Answer
from crosspost.secret import Secret

# What can be used once may be spent when no answer comes; what can be repeated is only not done yet.
_ONCE = Step(unclear=OutcomeUnknown, not_sent=NotSent, refused=Unauthorized)
_AGAIN = Step(unclear=NotSent, not_sent=NotSent, refused=Unauthorized)


def challenge(verifier: Secret) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.reveal().encode()).digest()).decode().rstrip("=")


def address(login: Login, written: str, server: str, home: str | None) -> str:
    """An address of the login: as it is written on the network's own hosts, its path where the server is another's."""
    own = {home, _origin(login.authorize), _origin(login.tokens)}
    return written if urlsplit(written).netloc and server in own else f"{server}{urlsplit(written).path}"


def _origin(written: str) -> str:
    parts = urlsplit(written)
    return f"{parts.scheme}://{parts.netloc}"


def page(
    login: Login, where: str, *, client_id: str, redirect: str, state: str, scopes: Iterable[str], verifier: Secret
) -> str:
    """The address of the page on which the owner allows it."""
    asked = {
        "response_type": "code", "client_id": client_id, "redirect_uri": redirect,
        "scope": login.separator.join(scopes), "state": state,
    }  # fmt: skip
    if login.pkce:
        asked |= {"code_challenge": challenge(verifier), "code_challenge_method": "S256"}
    return f"{where}?{urlencode(asked, quote_via=quote)}"


def register(on: Connection, where: str, *, redirect: str, scopes: Iterable[str]) -> tuple[str, Secret]:
    """Make an app for this server alone: its client id and secret. Raises NetworkFailure."""
    asked = {
        "client_name": "crosspost", "redirect_uris": redirect, "scopes": " ".join(scopes),
        "website": "https://pypi.org/project/crosspost/",
    }  # fmt: skip
    made = _asked(on, _AGAIN, "POST", where, form=asked)
    if not _text(made.get("client_id")) or not _text(made.get("client_secret")):
        raise answers.broken(_AGAIN, "an app's credentials")
    return str(made["client_id"]), Secret(str(made["client_secret"]))


def exchanged(on: Connection, login: Login, where: str, home: str | None, *, code: Secret, redirect: str,
              verifier: Secret) -> Issued:  # fmt: skip
    """Turn the code into tokens, and those into longer-lived ones where the network has such.

    Raises Unauthorized (code or app are refused), OutcomeUnknown (the code may be spent), NotSent, RateLimited.
    """
    form = {"grant_type": "authorization_code", "code": code.reveal(), "redirect_uri": redirect, **dict(login.extra)}
    if login.pkce:
        form["code_verifier"] = verifier.reveal()
    given = [*on.secrets.values(), code, verifier]
    found = _issued(login, _asked(on, _ONCE, "POST", where, form=form, login=login, secrets=given), on.now(), _ONCE)
    if login.longer is None:
        return found
    longer = _swapped(on, login, login.longer, home, found.secrets[login.access])
    return replace(longer, scopes=longer.scopes or found.scopes)


def refreshed(on: Connection, login: Login | None, home: str | None) -> Issued:
    """Fresh tokens by the network's own model. See `Refresher`."""
    if login is None or login.renewal in (Renewal.NONE, Renewal.NEVER):
        raise Unauthorized("this token cannot be renewed", code="no renewal")
    if login.renewal is Renewal.EXCHANGE and login.renew is not None:
        return _swapped(on, login, login.renew, home, answers.secret(on.secrets, login.access))
    token = answers.secret(on.secrets, REFRESH)
    form = {"grant_type": "refresh_token", "refresh_token": token.reveal()}
    said = _asked(on, _ONCE, "POST", address(login, login.tokens, on.server, home), form=form, login=login)
    return _issued(login, said, on.now(), _ONCE)


def _swapped(on: Connection, login: Login, how: Exchange, home: str | None, token: Secret) -> Issued:
    params = {"grant_type": how.grant, how.token_as: token.reveal()}
    params |= {name: answers.secret(on.secrets, name).reveal() for name in how.app}
    where = address(login, how.address, on.server, home)
    said = _asked(on, _AGAIN, "GET", where, params=params, secrets=[*on.secrets.values(), token])
    return _issued(login, said, on.now(), _AGAIN)


def _asked(
    on: Connection, step: Step, method: str, where: str, *, login: Login | None = None,
    form: dict[str, str] | None = None, params: Mapping[str, str] | None = None,
    secrets: Iterable[Secret] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The JSON object of a successful answer. With `login` the app proves itself."""
    known = list(on.secrets.values() if secrets is None else secrets)
    headers = {"Accept": "application/json"}
    if login is not None and form is not None:
        secret = on.secrets.get(CLIENT_SECRET)
        client_id = answers.secret(on.secrets, CLIENT_ID).reveal()
        if login.basic and secret:
            pair = f"{quote(client_id, safe='')}:{quote(secret.reveal(), safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:  # a public client names itself and has nothing to prove
            form = {**form, "client_id": client_id, **({"client_secret": secret.reveal()} if secret else {})}
    with answers.translating(step, known):
        answer = on.outbound.send(
            method, where, configured=True, headers=headers, form=form, params=params, timeout_s=on.timeout_s
        )
    said = answers.parsed(answer)
    if not 200 <= answer.status < 300:
        raise _refusal(step, answer, answers.obj(said), known, on.now())
    if not isinstance(said, dict):
        raise answers.broken(step, "readable JSON")
    return said


def _refusal(
    step: Step, answer: Answer, said: dict[str, Any], known: Iterable[Secret], now: datetime
) -> NetworkFailure:
    """The networks' four ways of saying no: OAuth's own, Graph's object, Threads' and Pinterest's flat ones."""
    error = said.get("error")
    graph = answers.obj(error)
    word = error if isinstance(error, str) else graph.get("code") or said.get("error_type") or said.get("code")
    text = next(
        (one for one in (said.get("error_description"), graph.get("message"), said.get("error_message"),
                         said.get("message"), word) if one), "",
    )  # fmt: skip
    code = answers.words(word or answer.status, known)
    return answers.by_status(
        step, answer.status, answers.words(text, known), code=code, until=answers.wait_until(answer.headers, now)
    )


def _issued(login: Login, said: dict[str, Any], now: datetime, step: Step) -> Issued:
    if not _text(said.get("access_token")):
        raise answers.broken(step, "a token")
    secrets = {login.access: Secret(str(said["access_token"]))}
    expires: dict[str, datetime] = {}
    life = answers.number(said.get("expires_in"))
    if life is not None and life > 0:
        expires[login.access] = now + timedelta(seconds=life)
    elif login.assumed is not None:
        expires[login.access] = now + login.assumed
    if _text(said.get(REFRESH)):  # an empty one never replaces what is stored
        secrets[REFRESH] = Secret(str(said[REFRESH]))
        left = answers.number(said.get("refresh_token_expires_in"))
        if left is not None and left > 0:
            expires[REFRESH] = now + timedelta(seconds=left)
    scope = said.get("scope")
    scopes = tuple(scope.replace(",", " ").split()) if isinstance(scope, str) and scope.strip() else None
    return Issued(secrets, expires, scopes)


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
