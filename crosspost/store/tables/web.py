"""Who may use the pages and the HTTP API: users, their sessions, and API keys."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from crosspost.store.tables.base import metadata, of_brand
from crosspost.store.types import Instant

user = Table(
    "user",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),  # folded: as it is typed, capitals aside
    Column("password_hash", Text, nullable=False),  # argon2id with its salt and parameters
    Column("created_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),  # wrong passwords in a row…
    Column("failed_at", Instant),  # …and the last of them: a restart makes nobody's guessing faster
)

user_brand = Table(  # of which brands, and as what
    "user_brand",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("user_id", String(26), ForeignKey("user.id"), primary_key=True),
    Column("role", String(16), nullable=False),  # owner, reader
)

user_session = Table(
    "user_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),  # SHA-256: who reads the database cannot sign in with it
    Column("user_id", String(26), ForeignKey("user.id"), nullable=False, index=True),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(index=False),  # the constraint below starts with it
    Column("name", Text, nullable=False),
    Column("prefix", String(16), nullable=False),  # the key's beginning, to tell it by
    Column("key_hash", String(64), nullable=False),
    Column("scope", String(16), nullable=False),  # read, or write, which includes read
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("used_on", Date),  # the last UTC day; None: never
    Column("revoked_at", Instant),
    UniqueConstraint("brand_id", "key_hash"),
    UniqueConstraint("brand_id", "prefix"),
)
