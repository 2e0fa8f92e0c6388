"""The one way out: every connection crosspost opens starts here (the mail client aside).

A name is resolved once, every address it gives is checked, and the connection goes to a checked address:
there is no second look-up an attacker could answer differently. Each request has its own connection: one
that was kept idle may die with the request already written, and leave a publish in doubt.
"""

from __future__ import annotations

import json as jsonlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from crosspost import __version__
from crosspost.domain.errors import BadInput
from crosspost.outside.address import Origin, origin_of
from crosspost.outside.failures import AddressRefused, ConnectFailed, Interrupted, OutboundError, TooLarge

if TYPE_CHECKING:
    import httpx

__all__ = [
    "AddressRefused", "Answer", "ConnectFailed", "Interrupted", "Outbound", "OutboundError", "Resolver",
    "TooLarge",
]  # fmt: skip

# Name and port to IP addresses as text. It may raise OSError.
Resolver = Callable[[str, int], Sequence[str]]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Headers that may follow a redirect to another origin. Everything else may be a credential.
_CARRIED = frozenset({"accept", "accept-language", "if-modified-since", "if-none-match", "user-agent"})


@dataclass(frozen=True)
class Answer:
    """A complete answer, decompressed. `headers` has lower-case names; repeated ones are joined by commas.
    `url` is where the body really came from, after redirects. The repr is the status alone: bodies hold
    tokens."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)

    def text(self) -> str:
        """The body as text: by the charset of Content-Type, else UTF-8, bad bytes replaced."""
        _, _, charset = self.headers.get("content-type", "").lower().partition("charset=")
        try:
            return self.body.decode(charset.split(";")[0].strip(" \"'") or "utf-8", errors="replace")
        except LookupError:
            return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError, whose text holds no part of the body."""
        try:
            return jsonlib.loads(self.body)
        except (ValueError, RecursionError):
            pass
        raise ValueError(f"the answer with status {self.status} is not JSON")


class Outbound:
    """Requests to the outside. Thread-safe; holds no connection.

    `private_origins` are origins from the configuration ("http://127.0.0.1:8808") that may be on a private
    address and on any port. They count only for addresses that are configured too (`configured=True`).
    """

    def __init__(
        self,
        *,
        private_origins: frozenset[str] = frozenset(),
        timeout_s: float = 20.0,
        max_bytes: int = 5_000_000,
        resolve: Resolver | None = None,
    ) -> None:
        self._private = frozenset(_configured_origin(origin) for origin in private_origins)
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._resolve = resolve

    def send(
        self,
        method: str,
        url: str,
        *,
        configured: bool = False,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        content: bytes | str | None = None,
        files: Any = None,
        timeout_s: float | None = None,
        max_bytes: int | None = None,
        redirects: int = 0,
    ) -> Answer:
        """Send once and read the whole answer, whatever its status.

        `configured` says that `url` was written by the owner, not found in content. `params` are added to the
        query that `url` has. `timeout_s` bounds the whole exchange, redirects included; `max_bytes` the body,
        both as sent and decompressed. `redirects` is how many may be followed, on GET and HEAD only: each hop
        is checked again, is never private, and loses credentials when it leaves the origin.

        Raises AddressRefused, ConnectFailed, Interrupted, TooLarge; OutboundError after too many redirects.
        There are no retries.
        """
        from crosspost.outside.wire import exchange

        deadline = time.monotonic() + (timeout_s or self._timeout_s)
        limit = max_bytes or self._max_bytes
        origin = self._admit(url, configured)
        carried = {"accept": "*/*", "user-agent": f"crosspost/{__version__}"}
        carried |= {name.lower(): value for name, value in (headers or {}).items()}
        request = _request(
            method, url, origin, carried, params=params, json=json, data=form, content=content, files=files
        )
        left = redirects if method.upper() in {"GET", "HEAD"} else 0
        while True:
            private = configured and origin in self._private
            answer = exchange(
                request, origin, private=private, resolve=self._resolve, deadline=deadline, max_bytes=limit
            )
            location = answer.headers.get("location")
            if (
                answer.status not in _REDIRECTS
                or not location
                or redirects == 0
                or request.method not in {"GET", "HEAD"}
            ):
                return answer
            if left == 0:
                raise OutboundError(f"{request.method} {origin}: more than {redirects} redirects")
            left -= 1
            target = _joined(answer.url, location)
            configured = False
            before, origin = origin, self._admit(target, configured)
            if origin != before:
                carried = {name: value for name, value in carried.items() if name in _CARRIED}
            request = _request(request.method, target, origin, carried)

    def is_private(self, url: str) -> bool:
        """Whether the configuration names this origin as one of the owner's own network."""
        return origin_of(url) in self._private

    def _admit(self, url: str, configured: bool) -> Origin:
        origin = origin_of(url)
        if origin.port not in {80, 443} and not (configured and origin in self._private):
            raise AddressRefused(
                f"{origin}: port {origin.port} is not reached unless the configuration names the origin"
            )
        return origin


def _request(method: str, url: str, origin: Origin, headers: Mapping[str, str], **body: Any) -> httpx.Request:
    import httpx

    try:
        target = httpx.URL(url)
        if target.host != origin.host or "#" in url:
            target = target.copy_with(host=origin.host, fragment=None)
    except (httpx.InvalidURL, ValueError):
        target = None
    if target is None:
        raise AddressRefused(f"{origin}: the address cannot be read")
    if params := body.pop("params", None):
        target = target.copy_merge_params(params)
    request = httpx.Request(method.upper(), target, headers=headers, **body)
    request.headers["connection"] = "close"
    request.headers["accept-encoding"] = "gzip, deflate"
    return request


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        raise AddressRefused("a redirect's address cannot be read") from None


def _configured_origin(written: str) -> Origin:
    try:
        origin = origin_of(written.rstrip("/"))
    except AddressRefused as refused:
        raise BadInput(f"{written!r} is not an origin: {refused}", remedy="write it as http://127.0.0.1:8808") from None
    if written.rstrip("/").count("/") != 2:
        raise BadInput(f"{written!r} is more than an origin", remedy=f"write {origin}")
    return origin
