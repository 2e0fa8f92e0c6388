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
    Column("referrer_kind", String(8)),
    Column("referrer", Text),
    Column("file_sha256", String(64)),
    Column("file_line", Integer),
    Column("file_part", Text),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("brand_id", "source_id"),
)

lead_stage = Table(  # what a lead reached. Only ever added to: a row that is corrected stays, the newer one names it
    "lead_stage",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("lead_id", String(26), ForeignKey("lead.id"), nullable=False, index=True),
    Column("stage", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("amount_minor", BigInteger),  # expected, of an offer
    Column("currency", String(3)),
    Column("reason", Text),
    Column("competitor", Text),
    Column("corrects", String(26)),
    Column("source", String(32), nullable=False),
    Column("file_sha256", String(64)),
    Column("file_line", Integer),
    Column("file_part", Text),
    Column("recorded_at", Instant, nullable=False),
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
    Column("code", String(64)),  # the tracked link that was followed
)

client = Table(
    "client",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("person", String(64)),
    Column("name", Text),
    Column("since", Instant, nullable=False),
    Column("bought_at", Instant),  # a first sale that was told without its deal: every deal after it is a return
    UniqueConstraint("brand_id", "person"),
)

client_alias = Table(  # further persons who are the same client: two records of one were merged
    "client_alias",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("client_id", String(26), ForeignKey("client.id"), nullable=False),
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
    Column("returning_told", Boolean, nullable=False, server_default="0"),  # somebody said so
    Column("file_sha256", String(64)),
    Column("file_line", Integer),
    Column("file_part", Text),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("brand_id", "source_id"),
)

deal_change = Table(  # what a deal was before it changed, and when it did; only ever added to
    "deal_change",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("deal_id", String(26), ForeignKey("deal.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),  # told, changed, refund
    Column("at", Instant, nullable=False),
    Column("refund_minor", BigInteger),
    Column("won_at_before", Instant, nullable=False),
    Column("amount_minor_before", BigInteger),
    Column("margin_minor_before", BigInteger),
    Column("currency_before", String(3)),
    Column("won_at", Instant, nullable=False),
    Column("amount_minor", BigInteger),
    Column("margin_minor", BigInteger),
    Column("currency", String(3)),
    Column("reason", Text),
    Column("source", String(32), nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

effort = Table(
    "effort",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("channel", Text, nullable=False),
    Column("start", Date, nullable=False),
    Column("days", Integer, nullable=False),
    Column("hours", Numeric(10, 4)),  # None: not known
    Column("fees_minor", BigInteger),
    Column("currency", String(3)),
    Column("source", String(32), nullable=False),
    Column("source_id", Text, nullable=False),
    Column("file_sha256", String(64)),
    Column("file_line", Integer),
    Column("file_part", Text),
    UniqueConstraint("brand_id", "source", "source_id"),
)

timer = Table(  # hours being spent, at most one a channel
    "timer",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("channel", String(64), primary_key=True),  # folded
    Column("started_at", Instant, nullable=False),
)

received = Table(  # events that were taken in at the webhook, as hashes: a replay changes nothing, ever
    "received",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("event", String(64), primary_key=True),  # of the sender's id
    Column("content", String(64), primary_key=True),  # of what it said
    Column("at", Instant, nullable=False),
)

removed = Table(  # leads and deals that were wrong, as hashes of their ids: no file brings them back
    "removed",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("mark", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
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
