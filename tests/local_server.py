"""A small HTTP server on loopback for tests, and a fence around every outgoing connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

PUBLIC = "93.184.216.34"  # a globally routable address; the fence never lets a packet go there


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """`chunks` are written as they are and end the connection; without them `body` goes with its length."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    chunks: Callable[[], Iterator[bytes]] | None = None


class LocalServer:
    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self.requests: list[Request] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers, body)
                server.requests.append(request)
                reply = answer(request)
                try:
                    self.send_response(reply.status)
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    if reply.chunks is None:
                        self.send_header("Content-Length", str(len(reply.body)))
                    self.end_headers()
                    for chunk in reply.chunks() if reply.chunks else [reply.body]:
                        self.wfile.write(chunk)
                except OSError:
                    return  # the client had enough: that is what some tests are about

            do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = _serve

            def log_message(self, format: str, *args: Any) -> None:
                return None

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = int(self._http.server_port)
        self.origin = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@contextmanager
def serving(answer: Callable[[Request], Reply]) -> Iterator[LocalServer]:
    server = LocalServer(answer)
    try:
        yield server
    finally:
        server.close()


class Fence:
    """Every connect of this process, by address and port. Only loopback ports in `doors` really open.

    `mapped` leads a public address to a local server, as if it stood on the internet.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.connects: list[tuple[str, int]] = []
        self.doors: set[int] = set()
        self.mapped: dict[tuple[str, int], int] = {}
        connect = socket.socket.connect

        def recorded(sock: socket.socket, address: Any) -> None:
            target = (str(address[0]), int(address[1]))
            self.connects.append(target)
            if target in self.mapped:
                connect(sock, ("127.0.0.1", self.mapped[target]))
            elif target[0] == "127.0.0.1" and target[1] in self.doors:
                connect(sock, address)
            else:
                raise ConnectionRefusedError(111, "the fence of this test")

        monkeypatch.setattr(socket.socket, "connect", recorded)
