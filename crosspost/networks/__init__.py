"""The networks crosspost knows, each in its file, imported on first use: the list is `crosspost.domain.networks`."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from crosspost.domain.errors import BadInput, NotAllowed
from crosspost.domain.kind import Kind
from crosspost.domain.networks import NETWORKS as NETWORKS
from crosspost.domain.retention import KEPT, Retention

# Loaded before the function below takes its name in this package: loaded later, the module would replace it.
from crosspost.networks.network import Adapter, Closed, Network, Postable


def network(name: str) -> type[Network]:
    """The network of that name, imported on first use. Raises BadInput."""
    try:
        module, _, attribute = NETWORKS[name].partition(":")
    except KeyError:
        raise BadInput(f"no network is called {name!r}", remedy=f"one of: {', '.join(NETWORKS)}") from None
    found: type[Network] = getattr(import_module(module), attribute)
    return found


def postable(name: str) -> type[Postable]:
    """A network that takes posts. Raises BadInput, NotAllowed for one that is closed."""
    found = network(name)
    if found.kind is Kind.CLOSED:
        closed = cast(type[Closed], found)
        since = f"closed on {closed.closed_on.isoformat()}" if closed.closed_on else "is closed"
        raise NotAllowed(f"{found.title} {since} ({closed.closed_source})", remedy="its history can be imported")
    return cast(type[Postable], found)


def adapter_of(name: str) -> type[Adapter]:
    """The adapter of a connector. Raises BadInput, NotAllowed for the others."""
    found = postable(name)
    if found.kind is not Kind.CONNECTOR:
        raise NotAllowed(f"{found.title} is posted to by hand", remedy="its numbers can be typed or imported")
    return cast(type[Adapter], found)


def rules_of(name: str) -> Retention:
    """How long what was read there may be kept. A network that says nothing of it lets everything be kept."""
    return getattr(network(name), "retention", KEPT) if name in NETWORKS else KEPT


def connectors() -> list[str]:
    """The networks that are reached through an API."""
    return [name for name in NETWORKS if network(name).kind is Kind.CONNECTOR]
