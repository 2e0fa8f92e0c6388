"""The table of the pages of a brand."""

from __future__ import annotations

from collections.abc import Iterable

from crosspost.web.pages import clients, deliveries, letting_in, links, overview
from crosspost.web.pages.view import Page

BASE = "/brands/{brand}"

PAGES: tuple[Page, ...] = (
    Page("GET", "", overview.show),
    Page("GET", "/audit", overview.audit),
    Page("GET", "/links", links.show_all),
    Page("POST", "/links", links.add, owner=True, again=links.show_all),
    Page("GET", "/links/{code}", links.show),
    Page("GET", "/links/{code}/qr.svg", links.qr),
    Page("POST", "/links/{code}/switch", links.switch, owner=True),
    Page("GET", "/clicks", links.clicks),
    Page("GET", "/leads", clients.leads),
    Page("POST", "/leads", clients.add_lead, owner=True, again=clients.leads),
    Page("GET", "/leads/{id}", clients.lead),
    Page("POST", "/leads/{id}/loss", clients.lose, owner=True, again=clients.lead),
    Page("POST", "/leads/{id}/stages", clients.stage, owner=True, again=clients.lead),
    Page("POST", "/leads/{id}/touchpoints", clients.touch, owner=True, again=clients.lead),
    Page("GET", "/deals", clients.deals),
    Page("POST", "/deals", clients.add_deal, owner=True, again=clients.deals),
    Page("GET", "/clients", clients.clients),
    Page("POST", "/clients", clients.add_client, owner=True, again=clients.clients),
    Page("GET", "/efforts", clients.efforts),
    Page("POST", "/efforts", clients.add_effort, owner=True, again=clients.efforts),
    Page("POST", "/efforts/start", clients.start_timer, owner=True, again=clients.efforts),
    Page("POST", "/efforts/stop", clients.stop_timer, owner=True, again=clients.efforts),
    Page("GET", "/deliveries", deliveries.show_all),
    Page("GET", "/deliveries/{id}", deliveries.show),
    Page("GET", "/access", letting_in.show, owner=True),
    Page("POST", "/access/users", letting_in.user_add, owner=True, again=letting_in.show),
    Page("POST", "/access/users/remove", letting_in.user_remove, owner=True, again=letting_in.show),
    Page("POST", "/access/keys", letting_in.key_add, owner=True, again=letting_in.show),
    Page("POST", "/access/keys/revoke", letting_in.key_revoke, owner=True, again=letting_in.show),
)


def by_path() -> Iterable[tuple[str, dict[str, Page]]]:
    """The pages of each address, by method."""
    found: dict[str, dict[str, Page]] = {}
    for one in PAGES:
        found.setdefault(one.path, {})[one.method] = one
    return found.items()
