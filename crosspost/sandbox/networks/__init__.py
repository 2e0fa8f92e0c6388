"""One file per network; each offers `routes(state)`."""

from __future__ import annotations

from starlette.routing import BaseRoute

from crosspost.sandbox.networks import bluesky, facebook, instagram, linkedin, mastodon, pinterest, threads, x
from crosspost.sandbox.state import State


def routes(state: State) -> list[BaseRoute]:
    """The routes of all networks. Facebook's paths hold those of its family, which come before it."""
    every = (x, mastodon, bluesky, linkedin, pinterest, threads, instagram, facebook)
    return [route for network in every for route in network.routes(state)]
