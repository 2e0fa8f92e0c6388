"""The networks crosspost knows: one file and one line each. Everything else derives from this list."""

from __future__ import annotations

from importlib import import_module

from crosspost.domain.errors import BadInput

# Loaded before the function below takes its name in this package: loaded later, the module would replace it.
from crosspost.networks.network import Network

NETWORKS: dict[str, str] = {
    "x": "crosspost.networks.x:X",
    "facebook": "crosspost.networks.facebook:Facebook",
    "mastodon": "crosspost.networks.mastodon:Mastodon",
    "bluesky": "crosspost.networks.bluesky:Bluesky",
    "instagram": "crosspost.networks.instagram:Instagram",
    "threads": "crosspost.networks.threads:Threads",
    "linkedin": "crosspost.networks.linkedin:LinkedIn",
    "pinterest": "crosspost.networks.pinterest:Pinterest",
}


def network(name: str) -> type[Network]:
    """The adapter of that name, imported on first use."""
    try:
        module, _, attribute = NETWORKS[name].partition(":")
    except KeyError:
        raise BadInput(f"no network is called {name!r}", remedy=f"one of: {', '.join(NETWORKS)}") from None
    adapter: type[Network] = getattr(import_module(module), attribute)
    return adapter
