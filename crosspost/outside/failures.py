"""What can go wrong on the way out. The one question to ask is `sent`: may bytes of the request have left?

OutboundError          texts name the method and the origin only: no path, query, header or body
├── AddressRefused     the address may not be reached; nothing was sent to it
├── ConnectFailed      proof that no byte of the request left: name, connect, TLS
└── Interrupted        the request, or part of it, may have arrived
    └── TooLarge       an answer came, larger than allowed
"""

from __future__ import annotations


class OutboundError(Exception):
    """`sent` is True when the other side may have the request: on a publish that is an unknown outcome."""

    sent = True


class AddressRefused(OutboundError):
    sent = False


class ConnectFailed(OutboundError):
    sent = False


class Interrupted(OutboundError):
    pass


class TooLarge(Interrupted):
    pass
