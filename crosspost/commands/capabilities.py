"""What each network offers and needs, told by the adapters themselves."""

from __future__ import annotations

from typing import Any, cast

from crosspost.domain.kind import Kind
from crosspost.domain.limits import Limits
from crosspost.networks import NETWORKS, adapter_of, network, postable
from crosspost.networks.network import Closed, Lister, Meter, Publisher


def capabilities(name: str | None = None) -> list[dict[str, Any]]:
    """One entry per network; a closed one has no limits, only since when. Raises BadInput for an unknown name."""
    return [_of(one) for one in ([name] if name else NETWORKS)]


def _of(name: str) -> dict[str, Any]:
    found = network(name)
    told: dict[str, Any] = {
        "network": name,
        "title": found.title,
        "kind": found.kind.value,
        "publish": issubclass(found, Publisher),
        "measure": issubclass(found, Meter),
        "list_posts": issubclass(found, Lister),
        "server": None,
        "needs": {},
    }
    if found.kind is Kind.CONNECTOR:
        wanted = adapter_of(name)
        told |= {"server": wanted.default_server, "needs": dict(wanted.secrets)}
    return told | (_closed(cast(type[Closed], found)) if found.kind is Kind.CLOSED else _limits(postable(name).limits))


def _closed(found: type[Closed]) -> dict[str, Any]:
    on = found.closed_on.isoformat() if found.closed_on else None
    return {"closed_on": on, "source": found.closed_source}


def _limits(limits: Limits) -> dict[str, Any]:
    return {
        "text": [{"unit": one.unit, "max": one.max, "link_cost": one.link_cost} for one in limits.text],
        "images": limits.images,
        "alt_text": limits.alt_text,
        "image_bytes": limits.image_bytes,
        "source": limits.source,
        "read_on": limits.read_on.isoformat(),
    }
