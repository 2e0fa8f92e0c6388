"""Sessions for the two SDKs that insist on `requests`. They ride on the outbound client and its checks.

The SDKs write their own host into every address (https://api.twitter.com); the session sends such requests
to the account's server instead and refuses every other origin. Failures are the ones of `outside.failures`,
unwrapped: ConnectFailed and AddressRefused prove that nothing was sent, and no text holds a path, query or
header.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from http.client import responses
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from crosspost.outside.address import origin_of
from crosspost.outside.failures import AddressRefused
from crosspost.outside.http import Answer, Outbound

_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def session(
    *,
    server: str,
    stands_for: Sequence[str],
    outbound: Outbound,
    timeout_s: float = 20.0,
    on_answer: Callable[[Answer], None] | None = None,
) -> requests.Session:
    """A session that reaches `server` (an origin) and nothing else, also under the names in `stands_for`.

    `timeout_s` bounds each whole request; a timeout given by the SDK is ignored. `on_answer` sees every
    answer, its true status and headers, before the SDK does. No retries, no redirects, no cookies, no
    environment.
    """
    made = _Session()
    made.trust_env = False
    made.adapters.clear()
    adapter = _Adapter(server, stands_for, outbound, timeout_s, on_answer)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None  # a followed redirect would turn a POST into a GET and report success


class _Adapter(BaseAdapter):
    def __init__(
        self,
        server: str,
        stands_for: Sequence[str],
        outbound: Outbound,
        timeout_s: float,
        on_answer: Callable[[Answer], None] | None,
    ) -> None:
        super().__init__()
        self._server = origin_of(server)
        self._known = {self._server, *(origin_of(name) for name in stands_for)}
        self._outbound, self._timeout_s, self._on_answer = outbound, timeout_s, on_answer

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        asked = origin_of(request.url or "")
        if asked not in self._known:
            raise AddressRefused(f"{asked}: this session reaches {self._server} only")
        headers = {name: _text(value) for name, value in request.headers.items() if name.lower() not in _OURS}
        answer = self._outbound.send(
            request.method or "GET",
            f"{self._server}{request.path_url}",
            configured=True,
            headers=headers,
            content=_content(request.body),
            timeout_s=self._timeout_s,
        )
        if self._on_answer is not None:
            self._on_answer(answer)
        return _response(answer, request)

    def close(self) -> None:
        return None  # nothing is kept open


def _text(header: str | bytes) -> str:
    return header.decode("latin-1") if isinstance(header, bytes) else header


def _content(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    return bytes(body.read() if hasattr(body, "read") else b"".join(body))


def _response(answer: Answer, request: requests.PreparedRequest) -> requests.Response:
    headers = {name: value for name, value in answer.headers.items() if name not in _DECODED}
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(headers)
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response.raw = io.BytesIO(answer.body)  # decoded already: there is nothing left for urllib3 to do
    response.reason = responses.get(answer.status, "")
    # The query may hold a token: exceptions of `requests` quote this address.
    response.url = (request.url or "").partition("?")[0]
    response.request = request
    return response
