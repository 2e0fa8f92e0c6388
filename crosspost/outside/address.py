"""Which addresses may be reached. Pure functions; the check itself runs at connect time (wire.py).

The table is written out from the IANA special-purpose registries instead of asking `ipaddress.is_global`:
its answer changes with the Python version and lets multicast, site-local and embedded IPv4 addresses pass.
Source: IANA IPv4 and IPv6 Special-Purpose Address Registries, RFC 6890, 6052, 4291, 3879, 7526, 9637.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from crosspost.outside.failures import AddressRefused

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_DENIED_V4 = {
    ipaddress.IPv4Network(net): why
    for net, why in {
        "0.0.0.0/8": "this network",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "carrier-grade NAT",
        "127.0.0.0/8": "loopback",
        "169.254.0.0/16": "link-local",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "protocol assignments",
        "192.0.2.0/24": "documentation",
        "192.52.193.0/24": "AMT relay",
        "192.88.99.0/24": "6to4 relay",
        "192.168.0.0/16": "private",
        "198.18.0.0/15": "benchmarking",
        "198.51.100.0/24": "documentation",
        "203.0.113.0/24": "documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
    }.items()
}
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")  # the only unicast space IANA has given out
_DENIED_V6 = {
    ipaddress.IPv6Network(net): why
    for net, why in {
        "2001::/32": "Teredo tunnel",
        "2001::/23": "protocol assignments",
        "2001:db8::/32": "documentation",
        "2002::/16": "6to4 tunnel",
        "3fff::/20": "documentation",
    }.items()
}
# An IPv4 address inside an IPv6 one. Both forms reach the inner address, so that one is judged: on a network
# with NAT64 every IPv4-only site looks like this, and refusing all of them would cut such a network off.
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def forbidden(address: IPAddress) -> str | None:
    """Why this address may not be reached, or None if it is globally routable unicast."""
    if isinstance(address, ipaddress.IPv4Address):
        return next((why for net, why in _DENIED_V4.items() if address in net), None)
    if address.scope_id is not None:
        return "bound to one link"
    if address in _MAPPED or address in _NAT64:
        return forbidden(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    if address not in _GLOBAL_V6:
        return "not global unicast"
    return next((why for net, why in _DENIED_V6.items() if address in net), None)


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port, normalised: lower case, IDNA, no trailing dot, no brackets, a port always."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == PORTS[self.scheme]
        return f"{self.scheme}://{host}" if usual else f"{self.scheme}://{host}:{self.port}"

    @property
    def literal(self) -> IPAddress | None:
        """The host as an address, None when it is a name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None


PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff]")
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^\[\]:]*)(?::([0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def origin_of(url: str) -> Origin:
    """The origin of an absolute http(s) address.

    Raises AddressRefused for anything two programs could read differently: userinfo, backslashes, spaces and
    control characters, zone ids, escapes in the host, and IPv4 in any form but four plain decimal numbers.
    """
    if _UNSAFE.search(url):
        raise AddressRefused("an address holds a space, a backslash or a control character")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise AddressRefused("an address cannot be read") from None
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise AddressRefused(f"only http and https addresses are reached, not {scheme or 'relative'} ones")
    if "@" in parts.netloc:
        raise AddressRefused("an address with a user name or password in it is not reached")
    match = _AUTHORITY.fullmatch(parts.netloc)
    if match is None:
        raise AddressRefused("an address has no readable host and port")
    port = int(match[2]) if match[2] else PORTS[scheme]
    if not 0 < port < 65536:
        raise AddressRefused(f"{port} is not a port")
    return Origin(scheme, _host(match[1]), port)


@lru_cache(1024)
def _host(written: str) -> str:
    if written.startswith("["):
        try:
            address = ipaddress.IPv6Address(written[1:-1])
        except ValueError:
            raise AddressRefused("the brackets of an address hold no IPv6 address") from None
        if address.scope_id is not None:
            raise AddressRefused("an address with a zone id is not reached")
        return str(address)
    host = written.lower()
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise AddressRefused("the host of an address is not a valid internationalised name") from None
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused("the host of an address is not a name or an IP address")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise AddressRefused("an IPv4 address is written as four decimal numbers") from None
    return host
