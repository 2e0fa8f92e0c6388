"""Run the web application on uvicorn."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from crosspost.domain.errors import BadInput

GRACE_S = 5


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[int], None] | None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._ready(self.servers[0].sockets[0].getsockname()[1])


def server(
    app: ASGIApp, host: str = "127.0.0.1", port: int = 8807, ready: Callable[[int], None] | None = None
) -> uvicorn.Server:
    """A server that is not running yet. Set `should_exit` to stop it; `ready` is told the port once it answers.

    No access log: it would hold visitors' addresses. Forwarded addresses are not read either.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        lifespan="on",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=32 * 1024,
        ws="none",
    )
    return _Server(config, ready)


def serve(app: ASGIApp, host: str = "127.0.0.1", port: int = 8807, ready: Callable[[int], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM, then answer what is under way and stop."""
    server(app, host, port, ready).run()


def check_free(host: str, port: int) -> None:
    """Say in a sentence what the server would only log. Raises BadInput."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise BadInput(
            f"cannot listen on {host} port {port} ({error.strerror})", remedy="choose another --bind or --port"
        ) from None
