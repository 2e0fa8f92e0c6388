"""What exists on the networks, its numbers, who reacted, and events of groups."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from crosspost.store.tables.base import metadata, of_brand
from crosspost.store.types import Instant

post = Table(
    "post",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("account_id", String(26), ForeignKey("account.id"), nullable=False),
    Column("delivery_id", String(26)),  # None: adopted or imported
    Column("network", String(32), nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("url", Text),
    Column("text", Text),
    Column("code", String(64)),
    Column("published_at", Instant),
    Column("published_reason", Text),  # why published_at is missing
    Column("next_read_at", Instant, index=True),
    Column("adopted_at", Instant),  # when it was read in: it was posted before crosspost, or outside it
    Column("missing_since", Instant),  # the network did not show it at one reading; a second one proves it deleted
    Column("deleted_at", Instant),
    UniqueConstraint("brand_id", "account_id", "remote_id"),
)

reading = Table(
    "reading",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("account_id", String(26), nullable=False),
    Column("post_id", String(26)),  # None: the account's own reading
    Column("metric", String(48), nullable=False),
    Column("provider_name", Text, nullable=False),
    Column("provider_version", Text),
    Column("value", Float),
    Column("status", String(16), nullable=False),
    Column("reason", Text),
    Column("read_at", Instant, nullable=False),
    Column("since", Instant),  # the period whose sum the value is; None: a total as of read_at
    Column("until", Instant),
    Column("origin", String(16), nullable=False),  # api, export, manual
    Column("file_sha256", String(64)),
    Column("file_line", Integer),
    Column("file_part", Text),
    Index("ix_reading_post_metric", "post_id", "metric", "read_at"),
    Index("ix_reading_account_metric", "account_id", "metric", "read_at"),
)

dead_name = Table(  # names of metrics that a network no longer knows
    "dead_name",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("network", String(32), primary_key=True),
    Column("provider_name", String(128), primary_key=True),
    Column("reason", Text, nullable=False),  # the network's own words
    Column("since", Instant, nullable=False),
    Column("asked_at", Instant, nullable=False),
)

reaction = Table(  # who reacted to a post, as keyed hashes; only where the brand says so
    "reaction",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("account_id", String(26), nullable=False),
    Column("post_id", String(26), ForeignKey("post.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # like, repost…
    Column("person", String(64), nullable=False),  # of network and handle
    Column("also", String(64)),  # of network and the id that outlives a change of handle, where there is one
    Column("at", Instant),  # None: the network does not tell when
    Column("read_at", Instant, nullable=False),
    Column("origin", String(16), nullable=False),  # api, export
    UniqueConstraint("brand_id", "post_id", "kind", "person"),
    Index("ix_reaction_brand_person", "brand_id", "person"),
    Index("ix_reaction_brand_also", "brand_id", "also"),
)

gathering = Table(  # events of groups, from their calendars
    "gathering",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("source_id", String(26), ForeignKey("source.id"), nullable=False),
    Column("identity", Text, nullable=False),
    Column("series", Text, nullable=False),  # the calendar's id, which all dates of a series share
    Column("network", String(32)),  # None: of no network
    Column("title", Text, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("zone", String(64), nullable=False),
    Column("all_day", Boolean, nullable=False),
    Column("place", Text),
    Column("url", Text),
    Column("cancelled", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("brand_id", "source_id", "identity"),
)
