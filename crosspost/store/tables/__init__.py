"""Every table. Rows belong to a brand from the first table on: `brand_id` is in each of them, and each query
names it. The exceptions (no brand can be known) are written in `WITHOUT_BRAND`, and a test holds the list.
"""

from __future__ import annotations

from crosspost.store.tables.base import metadata
from crosspost.store.tables.brands import account, brand, credential, event, installation
from crosspost.store.tables.business import (
    client,
    client_alias,
    deal,
    deal_change,
    effort,
    erased,
    imported_file,
    lead,
    lead_handle,
    lead_stage,
    received,
    removed,
    timer,
    touchpoint,
)
from crosspost.store.tables.experiments import (
    experiment,
    experiment_post,
    experiment_week,
    hypothesis,
    interruption,
    look,
)
from crosspost.store.tables.measuring import dead_name, gathering, post, reaction, reading
from crosspost.store.tables.publishing import article, attempt, budget, delivery, link, source, spend
from crosspost.store.tables.traffic import day_count, hit, segment, tally, unknown_hit
from crosspost.store.tables.upkeep import notice, written_file
from crosspost.store.tables.visits import click_id, lead_click_id, privacy, visit, visit_day, visitor_day
from crosspost.store.tables.web import api_key, user, user_brand, user_session

# Tables whose rows can have no brand: the list of brands itself, the state of the installation, hits on codes that
# nobody registered, what is told to whoever runs the installation, files of which a backup holds every brand, and
# people who sign in: one person may work for several brands (which ones, `user_brand` says).
WITHOUT_BRAND = frozenset(
    {"brand", "installation", "segment", "unknown_hit", "notice", "written_file", "alembic_version"}
    | {"user", "user_session"}
)

__all__ = [
    "WITHOUT_BRAND",
    "metadata",
    "account",
    "api_key",
    "article",
    "attempt",
    "brand",
    "budget",
    "click_id",
    "client",
    "client_alias",
    "credential",
    "day_count",
    "dead_name",
    "deal",
    "deal_change",
    "delivery",
    "effort",
    "erased",
    "event",
    "experiment",
    "experiment_post",
    "experiment_week",
    "gathering",
    "hit",
    "hypothesis",
    "imported_file",
    "installation",
    "interruption",
    "lead",
    "lead_click_id",
    "lead_handle",
    "lead_stage",
    "link",
    "look",
    "notice",
    "post",
    "privacy",
    "reaction",
    "reading",
    "received",
    "removed",
    "segment",
    "source",
    "spend",
    "tally",
    "timer",
    "touchpoint",
    "unknown_hit",
    "user",
    "user_brand",
    "user_session",
    "visit",
    "visit_day",
    "visitor_day",
    "written_file",
]
