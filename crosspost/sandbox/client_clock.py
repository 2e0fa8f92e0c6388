"""The sandbox's clock, for the programs that live by it."""

from __future__ import annotations

import http.client
import json
import os
import threading
import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from crosspost.domain.errors import Unavailable


class _Line(http.client.HTTPConnection):
    """A connection that is closed with the thread it belonged to."""

    def __del__(self) -> None:
        self.close()


class ControlClient:
    """Requests to /_sandbox/ of one origin; each thread and each forked process keeps a connection of its own."""

    def __init__(self, origin: str) -> None:
        self.origin = origin.rstrip("/")
        self._local = threading.local()

    def ask(self, method: str, path: str, body: Any = None, *, timeout_s: float | None = 60.0) -> Any:
        """The JSON answer. `timeout_s` None waits for ever. Raises Unavailable, or ValueError for a refusal."""
        payload = None if body is None else json.dumps(body)
        headers = {"content-type": "application/json"} if payload else {}
        while True:
            connection = self._connection(timeout_s)
            kept = connection.sock is not None
            try:
                connection.request(method, f"/_sandbox/{path}", payload, headers)
                answer = connection.getresponse()
                content = answer.read()
                break
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                # A kept connection may have been closed meanwhile, before this request was read.
                if not kept or isinstance(error, TimeoutError):
                    raise Unavailable(
                        f"the sandbox at {self.origin} does not answer", remedy="start it with `crosspost sandbox`"
                    ) from error
        found = json.loads(content)
        if answer.status >= 400:
            raise ValueError(found.get("error", answer.status))
        return found

    def _connection(self, timeout_s: float | None) -> http.client.HTTPConnection:
        mine = getattr(self._local, "mine", None)
        if mine is None or mine[0] != os.getpid():  # a forked child must not speak on its parent's line
            parts = urlsplit(self.origin)
            mine = (os.getpid(), _Line(parts.hostname or "", parts.port))
            self._local.mine = mine
        connection: http.client.HTTPConnection = mine[1]
        connection.timeout = timeout_s
        if connection.sock is not None:
            connection.sock.settimeout(timeout_s)
        return connection

    def close(self) -> None:
        """This thread's connection."""
        mine = getattr(self._local, "mine", None)
        if mine is not None:
            mine[1].close()


class SandboxClock:
    """`crosspost.clock.Clock` over HTTP. `who` is the participant that `idle_until` speaks for.

    One participant is one loop of work: give each thread that idles a clock of its own.
    """

    def __init__(self, origin: str, who: str | None = None) -> None:
        self._client = ControlClient(origin)
        self.who = who or f"{os.getpid()}-{uuid.uuid4().hex[:8]}"

    def _read(self) -> dict[str, Any]:
        found: dict[str, Any] = self._client.ask("GET", "clock")
        return found

    def now(self) -> datetime:
        return datetime.fromisoformat(self._read()["now"])

    def boot_s(self) -> float:
        return float(self._read()["boot_s"])

    def boot_id(self) -> str:
        return str(self._read()["boot_id"])

    def join(self) -> None:
        """From here on time waits for this participant, before its first `idle_until` too."""
        self._client.ask("POST", "clock/join", {"who": self.who})

    def leave(self) -> None:
        """Time goes on without this participant."""
        self._client.ask("POST", "clock/leave", {"who": self.who})

    def idle_until(self, instant: datetime) -> None:
        """Returns when the virtual clock has reached `instant`; at once when the sandbox runs on real time."""
        self._client.ask("POST", "clock/idle", {"who": self.who, "until": instant.isoformat()}, timeout_s=None)
