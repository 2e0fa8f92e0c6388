"""A proxy that lets requests through and then loses, damages or replaces the answers. For servers we did not write."""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPConnection
from types import TracebackType
from urllib.parse import urlsplit

from tests.networks.canned import Canned, Fault, Reply, Request

_HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}


class FaultProxy:
    """`with FaultProxy(upstream) as proxy:`; `proxy.faults` are taken one per request that `chosen` picks.

    The server has always done what it was asked: only its answer suffers.
    """

    def __init__(self, upstream: str, chosen: Callable[[Request], bool], without: frozenset[str] = frozenset()) -> None:
        self.faults: list[Fault | Reply] = []
        self.passed: list[tuple[Request, Reply]] = []  # what the server answered, in order
        self._upstream, self._chosen = urlsplit(upstream), chosen
        self._dropped = without | {"host", "connection"}  # request headers that do not get through
        self._front = Canned(self._pass_on)

    def __enter__(self) -> FaultProxy:
        self.origin = self._front.__enter__().origin
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._front.__exit__(kind, error, trace)

    def _pass_on(self, request: Request) -> Reply | Fault:
        behind = HTTPConnection(self._upstream.hostname or "", self._upstream.port, timeout=20)
        headers = {name: value for name, value in request.headers.items() if name not in self._dropped}
        behind.request(request.method, request.target, request.body or None, headers)
        answer = behind.getresponse()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
        reply = Reply(answer.read(), answer.status, kept)
        behind.close()
        self.passed.append((request, reply))
        return self.faults.pop(0) if self.faults and self._chosen(request) else reply
