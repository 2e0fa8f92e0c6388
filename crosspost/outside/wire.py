"""One request on one connection: resolve, check, connect, write, read, close. Heavy: imported late."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import cache
from typing import Any

import certifi
import h11
import httpx

from crosspost.outside.address import PORTS, IPAddress, Origin, forbidden
from crosspost.outside.failures import AddressRefused, ConnectFailed, Interrupted, OutboundError, TooLarge
from crosspost.outside.http import Answer, Resolver

_LONGEST_HEAD = 100 * 1024  # bytes of an answer's status line and headers
_AT_ONCE = 64 * 1024  # bytes read from the socket


def exchange(
    request: httpx.Request,
    origin: Origin,
    *,
    private: bool,
    resolve: Resolver | None,
    deadline: float,
    max_bytes: int,
) -> Answer:
    """Send `request` to `origin`. `deadline` is on the monotonic clock and holds for everything together."""
    wire = _Wire(origin, private, resolve, deadline)
    what = f"{request.method} {origin}"
    failure: OutboundError
    try:
        with closing(wire.connected(request.url)) as stream:
            return _answered(stream, request, max_bytes, what)
    except OutboundError as known:
        raise known from None
    except Exception as error:
        # Only the kind of an error is told: parsers quote header values and addresses in theirs.
        kind = "timed out" if time.monotonic() >= deadline else wire.reason or type(error).__name__
        failure = Interrupted(f"{what}: {kind}, outcome unknown") if wire.sent else ConnectFailed(f"{what}: {kind}")
    raise failure


def _answered(stream: _Stream, request: httpx.Request, max_bytes: int, what: str) -> Answer:
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
    head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
    parts = [http.send(head), *(http.send(h11.Data(data=part)) for part in _body(request))]
    stream.write(b"".join(part for part in (*parts, http.send(h11.EndOfMessage())) if part))
    events = _events(http, stream)
    response = next(event for event in events if isinstance(event, h11.Response))
    headers = dict(httpx.Headers(list(response.headers)).items())
    body = bytearray()
    decode = _decoder(headers.get("content-encoding", ""), max_bytes, what)
    size = 0
    for event in events:
        if not isinstance(event, h11.Data):
            break
        size += len(event.data)
        body += decode(bytes(event.data), max_bytes + 1 - len(body))
        if size > max_bytes or len(body) > max_bytes:
            raise TooLarge(f"{what}: the answer is larger than {max_bytes} bytes")
    return Answer(status=response.status_code, headers=headers, body=bytes(body), url=str(request.url))


def _events(http: h11.Connection, stream: _Stream) -> Iterator[object]:
    """What comes, until whoever asks has enough. Raises h11.RemoteProtocolError."""
    while True:
        event = http.next_event()
        if event is not h11.NEED_DATA:
            yield event
            continue
        data = stream.read()
        if not data and http.their_state is h11.SEND_RESPONSE:
            raise h11.RemoteProtocolError("it hung up without an answer")
        http.receive_data(data)


def _body(request: httpx.Request) -> Iterable[bytes]:
    stream = request.stream
    if not isinstance(stream, httpx.SyncByteStream):
        raise TypeError("a request body is bytes, a form or files")
    return stream


@cache
def _tls() -> ssl.SSLContext:
    """Certificates of certifi: the same on every machine, whatever the environment says."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


class _Decoder:
    """Decompress at most what is asked for: a bomb costs its cap, not its size."""

    def __init__(self, wbits: int, what: str) -> None:
        self._wbits, self._what = wbits, what
        self._inflate = zlib.decompressobj(wbits)
        self._fresh = True

    def __call__(self, chunk: bytes, room: int) -> bytes:
        out = bytearray()
        while chunk and len(out) < room:
            try:
                out += self._inflate.decompress(chunk, room - len(out))
            except zlib.error:
                if not self._fresh or self._wbits != zlib.MAX_WBITS:
                    raise Interrupted(f"{self._what}: the answer's compression is broken") from None
                self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)  # "deflate" without its wrapper, a known habit
                self._wbits = -zlib.MAX_WBITS
                continue
            self._fresh = False
            chunk = self._inflate.unconsumed_tail or self._inflate.unused_data
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(self._wbits)
        return bytes(out)


def _decoder(encoding: str, max_bytes: int, what: str) -> Any:
    match encoding.strip().lower():
        case "" | "identity":
            return lambda chunk, room: chunk[: max(room, 0)]
        case "gzip" | "x-gzip":
            return _Decoder(zlib.MAX_WBITS | 16, what)
        case "deflate":
            return _Decoder(zlib.MAX_WBITS, what)
    raise Interrupted(f"{what}: the answer uses a compression nobody asked for")


class _Wire:
    """Connects to the checked address and nothing else. `sent` turns True before the first byte goes."""

    def __init__(self, origin: Origin, private: bool, resolve: Resolver | None, deadline: float) -> None:
        self._origin, self._private, self._deadline = origin, private, deadline
        self._resolve = resolve
        self.sent = False
        self.reason: str | None = None

    def remaining(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            self.reason = "timed out"
            raise TimeoutError("timed out")
        return left

    def connected(self, url: httpx.URL) -> _Stream:
        """A connection to the origin, which `url` must name as well."""
        origin = self._origin
        if (url.scheme, url.raw_host.decode("ascii"), url.port or PORTS.get(url.scheme)) != (
            origin.scheme,
            origin.host,
            origin.port,
        ):
            raise AddressRefused(f"{origin}: two readings of one address")
        stream = _Stream(self._connected(), self)
        return stream.over_tls(_tls(), origin.host) if origin.scheme == "https" else stream

    def _connected(self) -> socket.socket:
        addresses = self._checked()
        for position, address in enumerate(addresses):
            family = socket.AF_INET6 if isinstance(address, ipaddress.IPv6Address) else socket.AF_INET
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.settimeout(self.remaining() / (len(addresses) - position))
                connection.connect((str(address), self._origin.port))
            except OSError as error:
                connection.close()
                self.reason = "timed out" if isinstance(error, TimeoutError) else (error.strerror or "no connection")
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.reason = None
            return connection
        raise ConnectFailed(f"{self._origin}: {self.reason}")

    def _checked(self) -> list[IPAddress]:
        """Every address of the host, all of them allowed: a forbidden one among good ones is an attack."""
        literal = self._origin.literal
        found = [literal] if literal is not None else self._resolved()
        for address in found:
            why = None if self._private else forbidden(address)
            if why is not None:
                raise AddressRefused(f"{self._origin}: {why} addresses are not reached")
        return found

    def _resolved(self) -> list[IPAddress]:
        host, port = self._origin.host, self._origin.port
        try:
            names = self._resolve(host, port) if self._resolve else _look_up(host, port, self.remaining())
            found = [ipaddress.ip_address(name) for name in dict.fromkeys(names)]
        except (OSError, ValueError) as error:
            what = "timed out" if isinstance(error, TimeoutError) else "not found"
            raise ConnectFailed(f"{self._origin}: the name was {what}") from None
        if not found:
            raise ConnectFailed(f"{self._origin}: the name was not found")
        return found


def _look_up(host: str, port: int, timeout_s: float) -> Sequence[str]:
    """The system's resolver, in a thread of its own: it knows no deadline and may take half a minute."""
    found: list[str] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            found.extend(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            failed.append(OSError("not found"))

    thread = threading.Thread(target=ask, daemon=True, name="crosspost-resolve")
    thread.start()
    thread.join(timeout_s)
    if thread.is_alive():
        raise TimeoutError("timed out")
    if failed:
        raise failed[0]
    return found


class _Stream:
    """A socket whose every wait ends at the exchange's deadline, however slowly bytes drip."""

    def __init__(self, connection: socket.socket, wire: _Wire) -> None:
        self._socket, self._wire = connection, wire

    def read(self) -> bytes:
        self._socket.settimeout(self._wire.remaining())
        return self._socket.recv(_AT_ONCE)

    def write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            self._socket.settimeout(self._wire.remaining())
            self._wire.sent = True
            left = left[self._socket.send(left) :]

    def close(self) -> None:
        self._socket.close()

    def over_tls(self, context: ssl.SSLContext, host: str) -> _Stream:
        try:
            self._socket.settimeout(self._wire.remaining())
            return _Stream(context.wrap_socket(self._socket, server_hostname=host), self._wire)
        except OSError as error:
            self._socket.close()
            kind = "timed out" if isinstance(error, TimeoutError) else "the certificate or TLS was not accepted"
            raise ConnectFailed(f"{self._wire._origin}: {kind}") from None
