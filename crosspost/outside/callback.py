"""Where a browser comes back to after a login: one address on this machine, for as long as the login waits.

It listens on loopback alone, answers under its own name alone (a page elsewhere that points its name here does not
get through), and whoever knocks without the right state changes nothing: the login goes on waiting.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from crosspost.domain.errors import Conflict

LOCAL = ("127.0.0.1", "localhost")
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address holds the code
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}

# The query of the address, and what to say: whether the login may go on, and a sentence for the page.
Accept = Callable[[Mapping[str, str]], tuple[bool, str]]


def is_loopback(redirect: str) -> bool:
    """Whether a browser that is sent there comes to this machine."""
    parts = urlsplit(redirect)
    return parts.scheme == "http" and parts.hostname in LOCAL and parts.port is not None


class Callback:
    """Listens at `redirect` from construction until `close`. Raises Conflict when the port is taken."""

    def __init__(self, redirect: str, accept: Accept) -> None:
        parts = urlsplit(redirect)

        class Handler(BaseHTTPRequestHandler):
            timeout = 10.0
            server_version, sys_version = "crosspost", ""

            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                host = self.headers.get("host", "").rpartition(":")[0]
                if host not in LOCAL or asked.path != parts.path:
                    return self._say(404, False, "There is nothing here.")
                query = parse_qsl(asked.query, keep_blank_values=True, max_num_fields=50)
                if len({name for name, _ in query}) != len(query):
                    return self._say(400, False, "The address names something twice.")
                good, text = accept(dict(query))
                return self._say(200 if good else 400, good, text)

            def _say(self, status: int, good: bool, text: str) -> None:
                title = "crosspost: back to the terminal" if good else "crosspost: not accepted"
                body = (
                    f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
                    f"<h1>{title}</h1><p>{escape(text)}</p></html>"
                ).encode()
                self.send_response(status)
                for name, value in {**_HEADERS, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                return None  # the request line holds the code

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                return None  # a browser that went away; a traceback would show the address

        try:
            self._http = Server(("127.0.0.1", parts.port or 0), Handler)
        except (OSError, OverflowError) as error:
            raise Conflict(
                f"port {parts.port} on this machine is taken ({error})",
                remedy="wait for the other login, or set login_port and register that address with your app",
            ) from None
        self._http.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
