"""What was locked before looking, when was looked, and the weeks and texts that are drawn by lot."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from crosspost.store.tables.base import metadata, of_brand
from crosspost.store.types import Instant

hypothesis = Table(
    "hypothesis",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(index=False),  # the constraint below starts with it
    Column("key", String(64), nullable=False),
    Column("content", Text, nullable=False),  # canonical JSON: what the file says
    Column("sha256", String(64), nullable=False),  # of the content, when it was locked
    Column("locked_at", Instant, nullable=False),
    Column("looked", Text),  # why it was locked after looking; None: it was not
    UniqueConstraint("brand_id", "key"),
)

look = Table(  # an audit or a report was made over a period: what is locked later was locked after looking
    "look",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(index=False),  # the index below starts with it
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),  # audit, report, page
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Index("ix_look_brand_at", "brand_id", "at"),
)

experiment = Table(
    "experiment",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(index=False),  # the constraint below starts with it
    Column("hypothesis_id", String(26), ForeignKey("hypothesis.id"), nullable=False),  # its design, seed and hash
    Column("key", String(64), nullable=False),
    Column("first_day", Date, nullable=False),  # a Monday in the brand's zone
    Column("ends_at", Instant, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("stopped_at", Instant),
    Column("stopped_why", Text),
    Column("unblinded_at", Instant),  # somebody looked at outcomes before the locked end
    UniqueConstraint("brand_id", "key"),
)

experiment_week = Table(  # one account's arm in one week
    "experiment_week",
    metadata,
    of_brand(index=False),  # the index below starts with it
    Column("experiment_id", String(26), ForeignKey("experiment.id"), primary_key=True),
    Column("account_id", String(26), ForeignKey("account.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("arm", String(8), nullable=False),  # on, off
    Index("ix_experiment_week_account", "brand_id", "account_id", "starts_at"),
)

experiment_post = Table(  # one article on one account, and the text arm that was drawn for it
    "experiment_post",
    metadata,
    of_brand(),
    Column("experiment_id", String(26), ForeignKey("experiment.id"), primary_key=True),
    Column("account_id", String(26), ForeignKey("account.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1, in the order of drawing
    Column("delivery_id", String(26), ForeignKey("delivery.id"), nullable=False),  # the article's latest one
    Column("arm", String(32), nullable=False),
    Column("sha256", String(64), nullable=False),  # of the teaser as the arm has it: another one was changed by hand
    Column("drawn_at", Instant, nullable=False),
    UniqueConstraint("delivery_id"),
)

interruption = Table(  # something stopped: a network, posting, the site
    "interruption",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("stopped", String(64), nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),  # the first day with it again
    Column("why", Text),  # None: erased
    Column("moved_to", String(64)),
    Column("declared_at", Instant, nullable=False),
    Column("declared_by", Text, nullable=False),
    Column("looked_kind", String(16)),  # audit, report, page: the last look at what followed, before it was declared
    Column("looked_at", Instant),
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", Text),
)
