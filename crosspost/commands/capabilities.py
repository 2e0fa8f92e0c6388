"""What each network offers and needs, told by the adapters themselves."""

from __future__ import annotations

from typing import Any

from crosspost.networks import NETWORKS, adapter_of
from crosspost.networks.network import Lister, Meter, Publisher


def capabilities(name: str | None = None) -> list[dict[str, Any]]:
    """One entry per network. Raises BadInput for a name that is not one."""
    return [_of(one) for one in ([name] if name else NETWORKS)]


def _of(name: str) -> dict[str, Any]:
    found = adapter_of(name)
    limits = found.limits
    return {
        "network": name,
        "title": found.title,
        "kind": found.kind.value,
        "publish": issubclass(found, Publisher),
        "measure": issubclass(found, Meter),
        "list_posts": issubclass(found, Lister),
        "server": found.default_server,
        "needs": dict(found.secrets),
        "text": [{"unit": one.unit, "max": one.max, "link_cost": one.link_cost} for one in limits.text],
        "images": limits.images,
        "alt_text": limits.alt_text,
        "image_bytes": limits.image_bytes,
        "source": limits.source,
        "read_on": limits.read_on.isoformat(),
    }
