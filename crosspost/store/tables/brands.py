"""Brands, their accounts and secrets, the installation, and who did what."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from crosspost.store.tables.base import metadata, of_brand
from crosspost.store.types import Instant

brand = Table(
    "brand",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("slug", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("link_mode", String(16), nullable=False),
    Column("public_url", Text),
    Column("auto_publish", Boolean, nullable=False),
    Column("reactors", Boolean, nullable=False, server_default="0"),  # whether who reacted is kept, as a keyed hash
    Column("ask_hours", Boolean, nullable=False, server_default="0"),  # whether the week's hours are asked for
    Column("stopped_reason", Text),  # the stop switch of a brand: nothing is sent while set
    Column("created_at", Instant, nullable=False),
)

installation = Table(  # one row per fact about this installation: heartbeat, stop switch, restore hold
    "installation",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("network", String(32), nullable=False),
    Column("handle", Text, nullable=False),
    Column("server", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("slots", Text, nullable=False),  # JSON list
    Column("settings", Text, nullable=False),  # JSON object
    Column("blocked_reason", Text),
    Column("stopped_reason", Text),  # the stop switch of an account
    Column("failures", Integer, nullable=False, default=0),  # in a row: the circuit breaker's count
    Column("open_until_boot_s", Float),  # breaker open until this boot time…
    Column("open_boot_id", String(64)),  # …of this boot
    Column("next_read_at", Instant),  # account readings
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("brand_id", "network", "server", "remote_id"),
)

credential = Table(
    "credential",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("account_id", String(26), primary_key=True),  # an account's id, or the brand's own id for its secrets
    Column("name", String(64), primary_key=True),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("expires_at", Instant),  # None: no end, or nobody told one
    Column("scopes", Text),  # as the network told them, separated by spaces
    Column("connected_at", Instant),  # when a person gave it; a refresh does not change that
    Column("problem", Text),  # why it cannot be renewed: nothing is tried again while set
    Column("warned_days", Integer),  # the radar's last warning, until a new secret comes
)

event = Table(  # who did what, when: approvals, edits, stops, sign-offs
    "event",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", String(32), nullable=False),
    Column("subject_id", String(64), nullable=False),
    Column("detail", Text, nullable=False),
)
