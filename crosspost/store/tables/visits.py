"""Visits, what a brand decided about its readers, and the click ids of the mode that needs a legal basis."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from crosspost.store.tables.base import metadata, of_brand
from crosspost.store.types import Instant

privacy = Table(  # a brand's choices; one that has no row has made none
    "privacy",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("mode", String(16), nullable=False),
    Column("legal_basis", Text),
    Column("sites", Text, nullable=False),  # JSON list of hosts
    Column("referrer", Boolean, nullable=False),
    Column("user_agent", Boolean, nullable=False),
    Column("keep_hits", Integer, nullable=False),  # months
    Column("keep_visits", Integer, nullable=False),
)

visit = Table(
    "visit",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(index=False),  # the index below starts with it
    Column("started_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("path", Text, nullable=False),  # of the first page
    Column("code", String(64), nullable=False),
    Column("network", String(32), nullable=False),  # by utm_source or referrer; the code, if it is ours, says better
    Column("source", Text, nullable=False),
    Column("medium", Text, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("referrer", Text, nullable=False),  # a host
    Column("user_agent", Text, nullable=False),
    Column("click_id", String(64)),  # in click-id mode alone
    Column("judgement", String(16), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("ruleset", String(32), nullable=False),
    Index("ix_visit_brand_started", "brand_id", "started_at"),
    Index("ix_visit_brand_click", "brand_id", "click_id"),
)

visit_day = Table(  # visits counted by day: what stays when the visits themselves are gone
    "visit_day",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("day", Date, primary_key=True),  # UTC, of the visit's start
    Column("code", String(64), primary_key=True),  # of a link of the brand, else empty
    Column("network", String(32), primary_key=True),  # as in `visit`
    Column("judgement", String(16), primary_key=True),
    Column("visits", Integer, nullable=False),
)

visitor_day = Table(  # today's visitors, so that their page views can be put together. In no backup.
    "visitor_day",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("visitor", String(32), primary_key=True),
    Column("visit_id", String(26), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("code", String(64), nullable=False),
    Column("pages", Integer, nullable=False),
)

click_id = Table(  # clicks that were given a name; in click-id mode alone
    "click_id",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("code", String(64), nullable=False),
    Column("at", Instant, nullable=False),
)

lead_click_id = Table(  # the click ids that leads carry
    "lead_click_id",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("lead_id", String(26), ForeignKey("lead.id"), primary_key=True),
    Column("click_id", String(64), primary_key=True),
)
