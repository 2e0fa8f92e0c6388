"""Which brand's links a host answers for: its own domain shows a brand's links, and nobody else's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

_USUAL_PORTS = {"http": ":80", "https": ":443"}


class Hosts:
    """The hosts of the brands' short addresses. A host that is no brand's (a loopback name, an address, a proxy's
    inner name) answers for every brand."""

    def __init__(self, public_urls: Mapping[str, str | None]) -> None:
        """`public_urls` by the brand's id."""
        self._brands: dict[str, set[str]] = {}
        for brand_id, url in public_urls.items():
            if url is not None:
                self._brands.setdefault(_of_address(url), set()).add(brand_id)

    def answers(self, host: str, brand_id: str) -> bool:
        """Whether that brand's links are answered where a request names this `Host`."""
        of = self._brands.get(_plain(host))
        return of is None or brand_id in of


def _of_address(url: str) -> str:
    parts = urlsplit(url)
    return parts.netloc.lower().removesuffix(_USUAL_PORTS.get(parts.scheme, "\n"))


@lru_cache(maxsize=1024)
def _plain(host: str) -> str:
    """As browsers send it, or with the usual port and the root's dot, which mean the same."""
    name = host.strip().lower()
    for port in _USUAL_PORTS.values():
        name = name.removesuffix(port)
    return name.removesuffix(".")
