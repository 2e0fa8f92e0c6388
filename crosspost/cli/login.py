"""Asking a person to log in: open the page, wait for the browser or for a pasted address, and choose an account.

Nothing is stored here: Ctrl-C at any point leaves everything as it was.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import click

from crosspost.cli.context import App
from crosspost.cli.output import printable
from crosspost.domain.errors import BadInput, CrosspostError, Unavailable
from crosspost.domain.login import CLIENT_ID, CLIENT_SECRET
from crosspost.secret import Secret

if TYPE_CHECKING:
    from crosspost.commands.login import LoginRequest, Logins
    from crosspost.networks.network import Issued, Offer

_MOST = 65_536  # bytes of standard input
_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line said."""

    network: str
    server: str | None
    redirect: str | None
    page: str | None
    scopes: tuple[str, ...]
    read_only: bool
    no_browser: bool


class Lines:
    """Standard input line by line, read only as far as is asked for: what follows is a later answer."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._rest, self.ended = descriptor, b"", False

    def next(self, wait_s: float) -> str | None:
        """The next line, None when there is none within `wait_s` or at the end."""
        until = time.monotonic() + wait_s
        while b"\n" not in self._rest and not self.ended and len(self._rest) < _MOST:
            ready, _, _ = select.select([self._descriptor], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                return None
            chunk = os.read(self._descriptor, 4096)
            self.ended = not chunk
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode("utf-8", errors="replace").strip() or None


def read_secrets(names: list[str]) -> dict[str, Secret]:
    """Secrets come from standard input, never from an argument: a JSON object, or one prompt each on a terminal."""
    if sys.stdin.isatty():
        return {name: Secret(click.prompt(name, hide_input=True, default="", show_default=False)) for name in names}
    text = sys.stdin.read(_MOST).strip()
    if not text:
        raise BadInput("no token on standard input", remedy=f'pipe a JSON object: {{"{names[0]}": "…"}}, or --login')
    if not text.startswith("{"):
        if "\n" in text:
            raise BadInput("standard input is neither one token nor a JSON object", remedy="send one of the two")
        return {names[0]: Secret(text)}
    return _object(text, names)


def _object(text: str, names: list[str]) -> dict[str, Secret]:
    try:
        raw = json.loads(text)
    except ValueError:
        raw = None
    if not isinstance(raw, dict):
        raise BadInput("standard input is not a JSON object", remedy=f'{{"{names[0]}": "…"}}')
    wrong = [name for name, value in raw.items() if name not in names or not isinstance(value, str)]
    if wrong:
        raise BadInput(f"{printable(wrong[0])!r} is not a secret of this network", remedy=f"one of {', '.join(names)}")
    return {name: Secret(value) for name, value in raw.items()}


def through_browser(app: App, asked: Asked) -> tuple[dict[str, Secret], Issued]:
    """Log in: the app's credentials, and what the login gave for the account that was chosen."""
    from crosspost.commands.login import check_redirect, chosen, login_of, redirect_of
    from crosspost.networks.network import Issued

    login = login_of(asked.network)
    server = app.connector.origin(asked.network, asked.server)
    redirect = asked.redirect or redirect_of(asked.network, server, app.settings.login_port)
    check_redirect(redirect)
    lines = Lines(sys.stdin.fileno())
    client = _app(app, asked.network, server, lines) if login.register is None else None
    request, code = _returned(app.logins, asked, server, redirect, client, lines)
    issued, offers = app.logins.finish(request, code)
    if login.used is not None:
        one = _choose(asked, offers) if sys.stdin.isatty() and asked.page is None else None
        one = one or chosen(asked.network, offers, asked.page)
        issued = Issued(
            {**issued.secrets, **one.issued.secrets}, {**issued.expires, **one.issued.expires},
            one.issued.scopes or issued.scopes,
        )  # fmt: skip
    return dict(request.client), issued


def _app(app: App, network: str, server: str, lines: Lines) -> dict[str, Secret]:
    """The owner's app: from the settings, else the one used before, else asked for."""
    settings = app.settings
    if client_id := settings.client_ids.get(network):
        secret = settings.client_secrets.get(network)
        found = {CLIENT_ID: Secret(client_id)}
        return {**found, CLIENT_SECRET: Secret(secret.get_secret_value())} if secret else found
    known = app.connector.app_of(app.brand, network, server)
    if sys.stdin.isatty():
        if known:
            return known
        names = (CLIENT_ID, CLIENT_SECRET)
        given = {name: Secret(click.prompt(f"{name} of your app", hide_input=name == CLIENT_SECRET, default="",
                                           show_default=False, err=True)) for name in names}  # fmt: skip
    else:
        line = None if known else lines.next(3600.0)
        given = _object(line, [CLIENT_ID, CLIENT_SECRET]) if line else known
    if not given.get(CLIENT_ID):
        raise BadInput(
            f"{network} logs in in the name of an app of your own, and its client id is not known",
            remedy="docs/connecting.md says how to make one; or bring tokens with --paste",
        )
    return {name: secret for name, secret in given.items() if secret}


def _returned(
    logins: Logins, asked: Asked, server: str, redirect: str, client: Mapping[str, Secret] | None, lines: Lines
) -> tuple[LoginRequest, Secret]:
    """Open the page and wait until somebody comes back with an answer to it."""
    from crosspost.commands.login import LIFE, Stranger
    from crosspost.outside.callback import Callback, is_loopback

    came: SimpleQueue[tuple[LoginRequest, Secret] | CrosspostError] = SimpleQueue()

    def accept(query: Mapping[str, str]) -> tuple[bool, str]:
        try:
            found = logins.take(query, redirect)
        except Stranger as refusal:
            return False, refusal.message
        except CrosspostError as refusal:
            came.put(refusal)
            return False, refusal.message
        came.put(found)
        return True, "crosspost has what it asked for. You may close this page."

    callback = Callback(redirect, accept) if is_loopback(redirect) else None
    try:
        request = logins.begin(
            asked.network, server, redirect=redirect, client=client, read_only=asked.read_only, scopes=asked.scopes
        )
        pasting = asked.no_browser or callback is None or sys.stdin.isatty()
        _show(asked, request, opened=not asked.no_browser and _opened(request.page), pasting=pasting)
        until = time.monotonic() + LIFE.total_seconds()
        while time.monotonic() < until:
            try:
                found = came.get(timeout=_LOOK_S if callback is not None else 0.0)
            except Empty:
                found = None
            if isinstance(found, CrosspostError):
                raise found
            if found is not None:
                return found
            if pasting and not lines.ended and (line := lines.next(_LOOK_S)):
                return logins.pasted(line, request)
            if callback is None and lines.ended:
                raise BadInput("no address was pasted", remedy="paste the address the browser was sent back to")
        raise Unavailable("nobody logged in within ten minutes", remedy="start again")
    finally:
        if callback is not None:
            callback.close()


def _opened(page: str) -> bool:
    import webbrowser

    try:
        return webbrowser.open(page)
    except (webbrowser.Error, OSError):
        return False


def _show(asked: Asked, request: LoginRequest, *, opened: bool, pasting: bool) -> None:
    click.echo(f"asking {asked.network} for: {', '.join(request.scopes)}", err=True)
    click.echo("a page has opened in your browser; else open:" if opened else "open this page:", err=True)
    click.echo(request.page, err=True)
    if pasting:
        click.echo(f"on another machine, paste the address you land on ({request.redirect}?…) here:", err=True)


def _choose(asked: Asked, offers: list[Offer]) -> Offer | None:
    """Ask which of several accounts is meant; None where there is nothing to choose."""
    if len(offers) < 2:
        return None
    for number, one in enumerate(offers, start=1):
        click.echo(f"  {number}. {printable(one.name)} ({printable(one.remote_id)})", err=True)
    picked = click.prompt(f"which {asked.network} account", type=click.IntRange(1, len(offers)), err=True)
    return offers[int(picked) - 1]
