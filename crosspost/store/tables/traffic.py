"""Hits on links, as they were folded in."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from crosspost.store.tables.base import metadata, of_brand
from crosspost.store.types import Instant

segment = Table(  # how far each file of the hit log has been folded in
    "segment",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("torn_bytes", BigInteger, nullable=False, default=0),
    Column("folded_at", Instant, nullable=False),
)

hit = Table(
    "hit",
    metadata,
    Column("segment", String(64), primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    of_brand(index=False),  # the index below starts with it
    Column("code", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("method", String(8), nullable=False),
    Column("host", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("referrer", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("judgement", String(16), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("ruleset", String(32), nullable=False),
    Index("ix_hit_brand_code_at", "brand_id", "code", "at"),
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
