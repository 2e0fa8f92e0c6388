"""Leads, clients, deals and efforts, and the files they came from."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from crosspost.store.tables.base import metadata, of_brand
from crosspost.store.types import Instant

lead = Table(
    "lead",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("source", String(32), nullable=False),
    Column("source_id", Text, nullable=False),
    Column("contacted_at", Instant, nullable=False),
    Column("channel", Text),
    Column("told", Text),
    Column("told_channel", Text),
    Column("code", String(64)),
    Column("person", String(64)),
    Column("lost_at", Instant),
    Column("lost_reason", Text),
    Column("file_sha256", String(64)),
    Column("file_line", Integer),
    Column("file_part", Text),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("brand_id", "source_id"),
)

lead_handle = Table(  # a lead's own presence on a network, as the same keyed hash
    "lead_handle",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("lead_id", String(26), ForeignKey("lead.id"), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("network", String(32), nullable=False),
)

touchpoint = Table(
    "touchpoint",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("lead_id", String(26), ForeignKey("lead.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),  # order within the journey
    Column("channel", Text, nullable=False),
    Column("at", Instant),
    Column("note", Text),
    Column("gathering_id", String(26)),  # the event it happened at
)

client = Table(
    "client",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("person", String(64)),
    Column("name", Text),
    Column("since", Instant, nullable=False),
    UniqueConstraint("brand_id", "person"),
)

deal = Table(
    "deal",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("client_id", String(26), ForeignKey("client.id"), nullable=False),
    Column("lead_id", String(26), ForeignKey("lead.id")),
    Column("source", String(32), nullable=False),
    Column("source_id", Text, nullable=False),
    Column("won_at", Instant, nullable=False),
    Column("amount_minor", BigInteger),  # None: won, amount not told
    Column("margin_minor", BigInteger),
    Column("currency", String(3)),
    Column("returning", Boolean, nullable=False, quote=True),
    Column("file_sha256", String(64)),
    Column("file_line", Integer),
    Column("file_part", Text),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("brand_id", "source_id"),
)

effort = Table(
    "effort",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("channel", Text, nullable=False),
    Column("start", Date, nullable=False),
    Column("days", Integer, nullable=False),
    Column("hours", Numeric(10, 4), nullable=False),
    Column("fees_minor", BigInteger),
    Column("currency", String(3)),
    Column("source", String(32), nullable=False),
    Column("source_id", Text, nullable=False),
    Column("file_sha256", String(64)),
    Column("file_line", Integer),
    Column("file_part", Text),
    UniqueConstraint("brand_id", "source", "source_id"),
)

erased = Table(  # marks of persons who were erased: they are recognised by them and not taken in again
    "erased",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("mark", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
)

imported_file = Table(
    "imported_file",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),  # one file may serve two brands
    Column("sha256", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(48), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("imported_at", Instant, nullable=False),
)
