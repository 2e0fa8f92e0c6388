"""What people are told, and the files that hold what may have to go."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from crosspost.store.tables.base import metadata
from crosspost.store.types import Instant

written_file = Table(  # the register: files that hold what may have to go
    "written_file",
    metadata,
    Column("path", Text, primary_key=True),
    Column("brand_id", String(26)),  # None: a backup, which holds every brand
    Column("kind", String(16), nullable=False),  # report, audit, backup
    Column("recipe", Text, nullable=False),  # JSON: what it takes to write it again
    Column("made_at", Instant, nullable=False),
    Column("purge_at", Instant),  # when the first of what it holds must go; None: nothing in it must
)

notice = Table(  # what people are told; kept until one way of telling took it
    "notice",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("brand_id", String(26)),  # None: about the installation
    Column("account_id", String(26)),
    Column("delivery_id", String(26)),
    Column("kind", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),  # when it happened
    Column("stored_at", Instant, nullable=False),  # when it was written here, never before the fact itself was
    Column("tries", Integer, nullable=False, default=0),
    Column("tried_at", Instant),
    Column("told_at", Instant, index=True),  # None: nobody was told yet
    Column("told_by", String(64)),  # the ways that took it
    Index("ix_notice_kind_told", "kind", "told_at"),
    Index("ix_notice_delivery", "delivery_id", "kind"),
)
