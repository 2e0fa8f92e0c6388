"""The names under which the pages and the HTTP API answer, and no others: a stranger's name that was made to lead to
this machine (DNS rebinding) must not reach them through a visitor's browser.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from crosspost.domain.brand import Brand

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_PORTS = {"http": ":80", "https": ":443"}


def is_loopback(bind: str) -> bool:
    """Whether a server on that address can be reached from this machine alone."""
    return bind in ("localhost", "::1") or bind.startswith("127.")


class Origins:
    """`origins` are those of the settings; `local` says that the server listens on the loopback address only."""

    def __init__(self, origins: Iterable[str] = (), *, local: bool = True) -> None:
        self._given = dict(map(_split, origins))
        self._local = local

    def origin(self, host: str, brands: Iterable[Brand]) -> str | None:
        """The origin the browser asked, by the Host it sent; None when it is none of ours."""
        known: Mapping[str, str] = dict(_split(one.public_url) for one in brands if one.public_url) | self._given
        asked = host.lower()
        for scheme in ("https", "http"):
            plain = asked.removesuffix(_PORTS[scheme])
            if known.get(plain) == scheme:
                return f"{scheme}://{plain}"
        name = asked.rpartition(":")[0] if asked.rpartition(":")[2].isdigit() else asked
        return f"http://{asked.removesuffix(_PORTS['http'])}" if self._local and name in LOOPBACK else None


def _split(origin: str) -> tuple[str, str]:
    """Host with its port, and scheme."""
    parts = urlsplit(origin.lower())
    return parts.netloc.removesuffix(_PORTS.get(parts.scheme, ":")), parts.scheme
