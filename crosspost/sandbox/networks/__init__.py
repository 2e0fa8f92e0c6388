"""One file per network; each offers `routes(state)`."""

from __future__ import annotations

from starlette.routing import BaseRoute

from crosspost.sandbox.networks import bluesky, facebook, linkedin, mastodon, pinterest, x
from crosspost.sandbox.state import State


def routes(state: State) -> list[BaseRoute]:
    """The routes of all networks; their paths do not meet."""
    return [route for network in (x, mastodon, bluesky, linkedin, pinterest, facebook) for route in network.routes(state)]
