"""The sandbox as one HTTP server on this machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from crosspost.domain.errors import NotAllowed
from crosspost.sandbox import control, networks, oauth, page
from crosspost.sandbox.breaking import TRANSPORT
from crosspost.sandbox.clock import RealClock, VirtualClock
from crosspost.sandbox.ledger import Ledger
from crosspost.sandbox.state import State

Setup = Callable[[State], None]


class Protocol(HttpToolsProtocol):
    """uvicorn's, with the connection put into the scope so that a fault can break it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def build(state: State) -> Starlette:
    """The application: the control interface, the reader's page, the extra routes, logins, then the networks."""
    ours = [*control.routes(state), *page.routes(state), *state.extra_routes]
    return Starlette(routes=[*ours, *oauth.routes(state), *networks.routes(state)])


def new_state(*, seed: int = 0, virtual_start: datetime | None = None, ledger_path: Path | None = None) -> State:
    """`virtual_start` gives a virtual clock that begins there; without it time is real."""
    clock = RealClock() if virtual_start is None else VirtualClock(virtual_start)
    return State(seed=seed, clock=clock, ledger=Ledger(ledger_path))


def server(
    state: State,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    ready: Callable[[str], None] | None = None,
    setup: Setup | None = None,
) -> tuple[uvicorn.Server, socket.socket]:
    """A bound server that is not running yet; `run(sockets=[…])` starts it. Port 0 takes a free one.

    `ready` is told the origin once connections are accepted. `setup` brings the audience. Raises NotAllowed for
    an address others could reach: whoever reaches the sandbox owns it.
    """
    if not ipaddress.ip_address(host).is_loopback:
        raise NotAllowed(f"{host} can be reached from outside", remedy="let the sandbox listen on 127.0.0.1")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    shown = f"[{host}]" if ":" in host else host
    state.origin = f"http://{shown}:{listener.getsockname()[1]}"
    if setup is not None:
        setup(state)
    http: Any = Protocol
    config = uvicorn.Config(
        build(state), http=http, log_config=None, log_level="critical", access_log=False, lifespan="off",
        backlog=2048, timeout_keep_alive=75, timeout_graceful_shutdown=1, server_header=False,
    )  # fmt: skip
    return _Server(config, lambda: ready(state.origin) if ready else None), listener


def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    seed: int = 0,
    virtual_start: datetime | None = None,
    ledger_path: Path | None = None,
    ready: Callable[[str], None] | None = None,
    setup: Setup | None = None,
) -> None:
    """Run a sandbox until the process is told to stop. See `server` and `new_state`."""
    state = new_state(seed=seed, virtual_start=virtual_start, ledger_path=ledger_path)
    made, listener = server(state, host, port, ready=ready, setup=setup)
    try:
        made.run(sockets=[listener])
    finally:
        listener.close()
        state.ledger.close()


def with_world(state: State) -> None:
    """Setup: the blog, the audience and the firm of `crosspost.sandbox.world`."""
    from crosspost.sandbox import world

    state.extra_routes += world.install(state)
