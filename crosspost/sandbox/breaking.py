"""Connections broken on purpose: reset, held, cut short."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crosspost.sandbox.faults import Fault

TRANSPORT = "crosspost.transport"  # in the ASGI scope: the connection, for those who must break it


class Silence(Response):
    """No answer at all: the connection was broken, or its client has gone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        return None


async def reset(request: Request) -> Response:
    """Break the connection so that the client sees a reset (RST), not an orderly end."""
    transport = request.scope[TRANSPORT]
    connection = transport.get_extra_info("socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await gone(request)
    return Silence()


async def gone(request: Request) -> None:
    """Returns when the client has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def hang(request: Request, seconds: float) -> Response:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(gone(request), seconds)
        return Silence()
    return await reset(request)


async def reset_reading(request: Request, count: int) -> Response:
    read = 0
    while read < count:
        message = await request.receive()
        read += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    return await reset(request)


class Broken(Response):
    """Announces the whole body, sends a part, and ends the connection."""

    keep = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": bytes(self.body)[: self.keep], "more_body": True})
        scope[TRANSPORT].close()
        while (await receive())["type"] != "http.disconnect":
            pass


async def cut(request: Request, response: Response, fault: Fault) -> Response:
    """A success without its body, or with a part of it. A refusal is left whole."""
    if response.status_code >= 300:
        return response
    keep = fault.bytes if fault.kind == "truncated_body" else 0
    body = bytes(response.body)
    kind = response.headers.get("content-type")
    if fault.abrupt:
        broken = Broken(body, response.status_code, media_type=kind)
        broken.keep = min(keep, max(0, len(body) - 1))
        return broken
    return Response(body[: min(keep, max(0, len(body) - 1))], response.status_code, media_type=kind)
