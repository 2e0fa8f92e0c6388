"""What each network offers and needs, told by the adapters themselves."""

from __future__ import annotations

from typing import Any

from crosspost.networks import NETWORKS, network
from crosspost.networks.network import Lister, Meter, Publisher


def capabilities(name: str | None = None) -> list[dict[str, Any]]:
    """One entry per network. Raises BadInput for a name that is not one."""
    return [_of(one) for one in ([name] if name else NETWORKS)]


def _of(name: str) -> dict[str, Any]:
    adapter = network(name)
    limits = adapter.limits
    return {
        "network": name,
        "title": adapter.title,
        "publish": issubclass(adapter, Publisher),
        "measure": issubclass(adapter, Meter),
        "list_posts": issubclass(adapter, Lister),
        "server": adapter.default_server,
        "needs": dict(adapter.secrets),
        "text": [{"unit": one.unit, "max": one.max, "link_cost": one.link_cost} for one in limits.text],
        "images": limits.images,
        "alt_text": limits.alt_text,
        "image_bytes": limits.image_bytes,
        "source": limits.source,
        "read_on": limits.read_on.isoformat(),
    }
