"""The sandbox's own interface under /_sandbox/: clock, accounts, tokens, faults, ledger, truth."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crosspost.domain.errors import BadInput
from crosspost.domain.period import aware
from crosspost.sandbox.breaking import Silence, gone
from crosspost.sandbox.clock import VirtualClock
from crosspost.sandbox.exchange import Json
from crosspost.sandbox.faults import KINDS, Fault
from crosspost.sandbox.reactors import react
from crosspost.sandbox.state import State

_LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})

Told = Callable[[State, dict[str, Any], Request], Awaitable[Any]]


def routes(state: State) -> list[BaseRoute]:
    return [
        _route(state, "clock", "GET", _clock),
        _route(state, "clock/join", "POST", _join),
        _route(state, "clock/leave", "POST", _leave),
        _route(state, "clock/idle", "POST", _idle),
        _route(state, "clock/advance", "POST", _advance),
        _route(state, "clock/set", "POST", _set),
        _route(state, "accounts", "GET", _accounts),
        _route(state, "accounts", "POST", _add_account),
        _route(state, "tokens", "POST", _tokens),
        _route(state, "reactions", "POST", _react),
        _route(state, "apps", "POST", _add_app),
        _route(state, "logins", "POST", _logins),
        _route(state, "logins", "GET", _login_facts),
        _route(state, "faults", "GET", _faults),
        _route(state, "faults", "POST", _install),
        _route(state, "faults", "DELETE", _clear),
        _route(state, "ledger", "GET", _ledger),
        _route(state, "truth", "GET", _truth),
        _route(state, "health", "GET", _health),
    ]


def is_local(request: Request) -> bool:
    """Whether the request names this machine: a page elsewhere that points its name here does not."""
    host = request.headers.get("host", "")
    return (host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host) in _LOCAL


def _route(state: State, path: str, method: str, told: Told) -> Route:
    async def answer(request: Request) -> Response:
        if not is_local(request):
            return Json({"error": "the sandbox answers under its local name only"}, 403)
        try:
            body = await request.json() if method == "POST" else {}
            if not isinstance(body, dict):
                raise ValueError("a JSON object is expected")
            found = await told(state, body, request)
        except KeyError as error:
            return Json({"error": f"{error} is missing"}, 400)
        except (ValueError, TypeError, BadInput) as error:
            return Json({"error": str(error)}, 400)
        return found if isinstance(found, Response) else Json(found)

    return Route(f"/_sandbox/{path}", answer, methods=[method])


# clock


async def _clock(state: State, body: dict[str, Any], request: Request) -> Any:
    clock = state.clock
    return {
        "now": clock.now().isoformat(),
        "boot_s": clock.boot_s(),
        "boot_id": clock.boot_id(),
        "virtual": clock.virtual,
    }


def _virtual(state: State) -> VirtualClock:
    if not isinstance(state.clock, VirtualClock):
        raise ValueError("this sandbox runs on real time: start it with a virtual clock")
    return state.clock


async def _join(state: State, body: dict[str, Any], request: Request) -> Any:
    if state.clock.virtual:
        _virtual(state).join(str(body["who"]))
    return await _clock(state, body, request)


async def _leave(state: State, body: dict[str, Any], request: Request) -> Any:
    if state.clock.virtual:
        _virtual(state).leave(str(body["who"]))
    return await _clock(state, body, request)


async def _idle(state: State, body: dict[str, Any], request: Request) -> Any:
    """Answers when the clock has come to `until`; on real time at once. A broken connection leaves."""
    who, until = str(body["who"]), aware(datetime.fromisoformat(body["until"]))
    if not state.clock.virtual:
        return await _clock(state, body, request)
    waiting = asyncio.ensure_future(_virtual(state).idle(who, until))
    left = asyncio.ensure_future(gone(request))
    try:
        await asyncio.wait({waiting, left}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            _virtual(state).leave(who)
            return Silence()
        return await _clock(state, body, request)
    finally:
        for task in (waiting, left):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _advance(state: State, body: dict[str, Any], request: Request) -> Any:
    clock = _virtual(state)
    if "to" in body:
        to = aware(datetime.fromisoformat(body["to"]))
    else:
        to = clock.now() + timedelta(seconds=float(body["seconds"]))
    await clock.advance(to)
    return await _clock(state, body, request)


async def _set(state: State, body: dict[str, Any], request: Request) -> Any:
    _virtual(state).set(aware(datetime.fromisoformat(body["to"])))
    return await _clock(state, body, request)


# accounts and tokens


async def _accounts(state: State, body: dict[str, Any], request: Request) -> Any:
    return [
        {
            "network": one.network,
            "id": one.id,
            "handle": one.handle,
            "followers": one.followers,
            "behaviour": one.behaviour,
        }
        for one in state.accounts.values()
    ]


async def _add_account(state: State, body: dict[str, Any], request: Request) -> Any:
    """The account with its secrets. Asking again for the same handle changes its behaviour and nothing else."""
    known = len(state.accounts)
    account = state.add_account(
        str(body["network"]), str(body["handle"]), name=body.get("name"),
        followers=int(body.get("followers", 0)), **(body.get("behaviour") or {}),
    )  # fmt: skip
    found = {
        "network": account.network,
        "id": account.id,
        "handle": account.handle,
        "server": state.origin,
        "followers": account.followers,
        "behaviour": account.behaviour,
        "secrets": account.secrets,
    }
    return Json(found, 201 if len(state.accounts) > known else 200)


async def _tokens(state: State, body: dict[str, Any], request: Request) -> Any:
    """`action`: expire, revoke or restore the tokens of `account` (its id)."""
    account = state.accounts.get(str(body["account"]))
    if account is None:
        raise ValueError(f"no account {body['account']!r}")
    state.set_tokens(account, str(body["action"]))
    return {"account": account.id, "action": body["action"]}


# reactions


async def _react(state: State, body: dict[str, Any], request: Request) -> Any:
    """`handles` react to the post `id` of `network`; `kind` is like or repost."""
    handles = [str(one) for one in body["handles"]]
    return {"count": react(state, str(body["network"]), str(body["id"]), str(body.get("kind", "like")), handles)}


async def _add_app(state: State, body: dict[str, Any], request: Request) -> Any:
    """An app of that network with further redirect addresses; without `client_id` the one there is by default."""
    network = str(body["network"])
    client_id = str(body.get("client_id") or f"sandbox-{network}-app")
    secret = str(body.get("client_secret", f"sandbox-{network}-secret"))
    app = state.logins.add(network, [str(one) for one in body["redirect_uris"]], client_id, secret)
    return {"client_id": app.client_id, "client_secret": app.secret, "redirect_uris": app.redirects}


async def _logins(state: State, body: dict[str, Any], request: Request) -> Any:
    """`answer`: allow or deny every login at once, as `account` (id or handle); ask: show the page to a person."""
    if body["answer"] not in ("allow", "deny", "ask"):
        raise ValueError(f"{body['answer']!r} is not allow, deny or ask")
    state.logins.answer, state.logins.account = str(body["answer"]), body.get("account")
    granted = body.get("granted")
    state.logins.granted = None if granted is None else tuple(str(one) for one in granted)
    return await _login_facts(state, body, request)


async def _login_facts(state: State, body: dict[str, Any], request: Request) -> Any:
    """What was asked for, and how often tokens were renewed."""
    return {"answer": state.logins.answer, "refreshes": state.logins.refreshes, "asked": state.logins.told}


# faults


async def _faults(state: State, body: dict[str, Any], request: Request) -> Any:
    return {"installed": state.faults.listed(), "kinds": KINDS}


async def _install(state: State, body: dict[str, Any], request: Request) -> Any:
    return Json({"id": state.faults.install(Fault.of(body))}, 201)


async def _clear(state: State, body: dict[str, Any], request: Request) -> Any:
    number = request.query_params.get("id")
    state.faults.clear(int(number) if number else None)
    return {"installed": state.faults.listed()}


# what is so


async def _ledger(state: State, body: dict[str, Any], request: Request) -> Any:
    """Posts and deletions, oldest first; `?since=` a sequence number."""
    return state.ledger.public(int(request.query_params.get("since", "0")))


async def _truth(state: State, body: dict[str, Any], request: Request) -> Any:
    """What the audience really did, and every link with the posts that carry it now."""
    links: dict[str, list[str]] = {}
    for post in state.posts:
        if not post.deleted:
            for link in post.links:
                links.setdefault(link, []).append(post.id)
    return {"seed": state.seed, "posts": sum(state.standing.values()), "links": links, "audience": state.truth()}


async def _health(state: State, body: dict[str, Any], request: Request) -> Any:
    clock = state.clock
    more: dict[str, Any] = {}
    if isinstance(clock, VirtualClock):
        more["pending"] = clock.pending
        more["participants"] = {who: until and until.isoformat() for who, until in clock.participants.items()}
    return {
        "sandbox": True,
        "ok": not clock.failures,
        "failures": clock.failures[-20:],
        "accounts": len(state.accounts),
        "posts": len(state.posts),
        "faults": len(state.faults.listed()),
        "virtual": clock.virtual,
        **state.about,
        **more,
    }
