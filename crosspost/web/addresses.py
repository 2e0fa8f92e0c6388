"""Whose request it is: the peer's address, or the one that a proxy of ours names."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import Request


class Addresses:
    """`trusted` are the addresses and networks of the proxies whose X-Forwarded-For is believed."""

    def __init__(self, trusted: Sequence[str] = ()) -> None:
        self._trusted = [ip_network(one) for one in trusted]

    def of(self, request: Request) -> str:
        """The peer, or whom a trusted proxy names, from the last one on: what stands before may be made up."""
        address = request.client.host if request.client else ""
        told = _forwarded(request)
        while told and self.trusts(address):
            before = _read(told.pop())
            if before is None:
                break
            address = str(before)
        return address

    def strange_proxy(self, request: Request) -> bool:
        """Whether a proxy that is not trusted stands before the reader: all of its readers look like one."""
        return bool(_forwarded(request)) and not self.trusts(request.client.host if request.client else "")

    def trusts(self, address: str) -> bool:
        found = _read(address)
        return found is not None and any(found in one for one in self._trusted)


def subscriber(address: str) -> str:
    """What one subscriber holds: an IPv4 address, and of IPv6 the 2**64 addresses of a network."""
    found = _read(address)
    return str(ip_network((int(found) >> 64 << 64, 64))) if isinstance(found, IPv6Address) else str(found or address)


def _forwarded(request: Request) -> list[str]:
    return [one.strip() for one in ",".join(request.headers.getlist("x-forwarded-for")).split(",") if one.strip()]


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """The address; an IPv4 address that IPv6 carries is itself."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found
