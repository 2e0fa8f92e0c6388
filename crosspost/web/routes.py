"""The one table of routes: what is served, under which address, to whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from starlette.routing import Route as Mounted

from crosspost.web import health, public
from crosspost.web.api import frame as api
from crosspost.web.api import operations
from crosspost.web.background import Background
from crosspost.web.endpoint import take_event
from crosspost.web.pages import frame as pages
from crosspost.web.pages import signin, table
from crosspost.web.public import Handler
from crosspost.web.redirect import LinkTable
from crosspost.web.site import Site
from crosspost.web.visits import Visits


class Access(StrEnum):
    """Who may use a route."""

    ANYBODY = "anybody"
    SIGNED = "a message signed with the brand's secret"
    USER = "who is signed in"
    MEMBER = "a user of the brand"  # owners alone where the page's entry says so
    KEY = "an API key of the brand"


@dataclass(frozen=True, slots=True)
class Route:
    methods: tuple[str, ...]
    path: str
    access: Access
    handler: Handler


def routes(site: Site, links: LinkTable, facts: Background[health.Facts], visits: Visits | None = None) -> list[Route]:
    """Every route but the short links, which stand in front of them all. Without `visits` nobody's are taken."""
    found = [
        Route(("GET",), "/health", Access.ANYBODY, public.show_health(site, links, facts)),
        Route(("GET",), "/bio/{brand}/{network}/{handle:path}", Access.ANYBODY, public.show_bio(site)),
        Route(("GET",), "/media/{name}", Access.ANYBODY, public.show_image(site)),
        Route(("GET",), "/static/{name}", Access.ANYBODY, public.show_style),
        Route(("POST",), "/v1/brands/{brand}/events", Access.SIGNED, take_event(site)),
        Route(("GET",), "/api/openapi.json", Access.ANYBODY, api.describe(site)),
        Route(("GET",), "/", Access.ANYBODY, pages.handler(site, lambda _asked: pages.go("/brands"), wrong_host=404)),
        Route(("GET", "POST"), "/sign-in", Access.ANYBODY, pages.handler(site, signin.sign_in(site))),
        Route(("POST",), "/sign-out", Access.USER, pages.handler(site, signin.sign_out(site))),
        Route(("GET", "POST"), "/password", Access.USER, pages.handler(site, signin.password(site))),
        Route(("GET",), "/brands", Access.USER, pages.handler(site, signin.choose(site))),
    ]
    if visits is not None:
        found += [Route(("GET",), "/v.js", Access.ANYBODY, visits.show_script)]
        found += [Route(("POST",), "/v/{brand}", Access.ANYBODY, visits.take)]
    for path, of_path in table.by_path():
        found.append(Route(tuple(of_path), table.BASE + path, Access.MEMBER, pages.serve(site, of_path)))
    for path, operation in operations.by_path():
        found.append(Route(tuple(operation), operations.BASE + path, Access.KEY, api.serve(site, operation)))
    return found


def served(
    site: Site, links: LinkTable, facts: Background[health.Facts], visits: Visits | None = None
) -> list[Mounted]:
    """The routes as Starlette wants them."""
    return [Mounted(one.path, one.handler, methods=list(one.methods)) for one in routes(site, links, facts, visits)]
