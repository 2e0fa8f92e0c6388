"""Hits on links, as they were folded in, and what other tools counted."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from crosspost.store.tables.base import metadata, of_brand
from crosspost.store.types import Instant, Microseconds

segment = Table(  # how far each file of the hit log has been folded in
    "segment",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("torn_bytes", BigInteger, nullable=False, default=0),
    Column("folded_at", Instant, nullable=False),
)

# Stored in the order of its key, which begins as every question about hits does: a link's hits lie together, and no
# second index has to be kept in order while a million of them is folded in.
hit = Table(
    "hit",
    metadata,
    of_brand(index=False),
    Column("code", String(64), nullable=False),
    Column("at", Microseconds, nullable=False),
    Column("segment", String(64), nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("method", String(8), nullable=False),
    Column("host", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("referrer", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("judgement", String(16), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("ruleset", String(32), nullable=False),
    PrimaryKeyConstraint("brand_id", "code", "at", "segment", "offset"),
    sqlite_with_rowid=False,
)

day_count = Table(  # what counts are read from; it stays when the hits themselves are gone
    "day_count",
    metadata,
    of_brand(index=False),
    Column("code", String(64), nullable=False),
    Column("day", Date, nullable=False),  # UTC
    Column("judgement", String(16), nullable=False),
    Column("hits", BigInteger, nullable=False),
    PrimaryKeyConstraint("brand_id", "code", "day", "judgement"),
)

unknown_hit = Table(
    "unknown_hit",
    metadata,
    Column("segment", String(64), primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("code", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("method", String(8), nullable=False),
    Column("host", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("referrer", Text, nullable=False),
)

tally = Table(  # a number of another tool for a period of its days; one that was corrected stays, superseded
    "tally",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(index=False),  # the indexes below start with it
    Column("key", String(64), nullable=False),  # SHA-256 of what makes it the same number in another export
    Column("tool", String(32), nullable=False),
    Column("metric", String(64), nullable=False),
    Column("by", String(32), nullable=False, quote=True),
    Column("start", Date, nullable=False),
    Column("end", Date, nullable=False, quote=True),
    Column("value", Numeric(20, 4)),
    Column("additive", Boolean, nullable=False),
    Column("reason", Text),
    Column("site", Text),
    Column("source", Text),
    Column("medium", Text),
    Column("campaign", Text),
    Column("content", Text),
    Column("term", Text),
    Column("page", Text),
    Column("label", Text),
    Column("channel_group", Text),
    Column("network", String(32)),
    Column("code", String(64)),
    Column("file_sha256", String(64), nullable=False),
    Column("file_line", Integer, nullable=False),
    Column("file_part", Text),
    Column("recorded_at", Instant, nullable=False),
    Column("superseded_at", Instant),
    Index("ix_tally_brand_key", "brand_id", "key"),
    Index("ix_tally_brand_tool_start", "brand_id", "tool", "start"),
)
