"""From sources to deliveries: what is to be posted, what was tried, and what it costs."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from crosspost.store.tables.base import metadata, of_brand
from crosspost.store.types import Instant

source = Table(
    "source",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("kind", String(16), nullable=False),
    Column("address", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("seeded_at", Instant),
    Column("last_read_at", Instant),
    Column("last_problem", Text),
    Column("next_read_at", Instant),
    UniqueConstraint("brand_id", "kind", "address"),
)

article = Table(
    "article",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("source_id", String(26), ForeignKey("source.id")),
    Column("identity", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("content", Text, nullable=False),  # the article as JSON
    Column("title", Text, nullable=False),
    Column("published_at", Instant),
    Column("read_at", Instant, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("decision_reason", Text, nullable=False),
    UniqueConstraint("brand_id", "identity"),
)

link = Table(
    "link",
    metadata,
    Column("code", String(64), primary_key=True),
    of_brand(),
    Column("delivery_id", String(26), index=True),
    Column("account_id", String(26)),
    Column("target", Text, nullable=False),  # the article's address with its UTM parameters
    Column("disabled_at", Instant),
    Column("created_at", Instant, nullable=False),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("account_id", String(26), ForeignKey("account.id"), nullable=False),
    Column("article_id", String(26), ForeignKey("article.id")),
    Column("parent_id", String(26)),  # the delivery this one replies to
    Column("revision", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text),  # why it is in this state, for a person
    Column("teaser", Text, nullable=False),  # canonical JSON
    Column("sha256", String(64), nullable=False),
    Column("code", String(64), nullable=False),
    Column("key", String(80), nullable=False),
    Column("record_key", String(16), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("due_local", String(32), nullable=False),  # wall time as the owner said it
    Column("zone", String(64), nullable=False),
    Column("tzdata", String(16), nullable=False),
    Column("late_policy", String(16), nullable=False),
    Column("window_s", Integer, nullable=False),  # how late it may still go out
    Column("epoch", Integer, nullable=False),  # the fence: every claim adds one
    Column("owner", String(64)),  # the worker that holds it; None when nobody does
    Column("attempts", Integer, nullable=False, default=0),
    Column("ambiguous", Boolean, nullable=False, default=False),  # sticky: some attempt's outcome was never proven
    Column("absences", Integer, nullable=False, default=0),  # conclusive "not there" looks since the last attempt
    Column("looks", Integer, nullable=False, default=0),  # looks that proved nothing since the last attempt
    Column("readable_only", Boolean, nullable=False, default=False),  # a session was lost, or a repeat refused
    Column("refused_as_repeat", Boolean, nullable=False, default=False),  # the network says it has it, not where
    Column("first_sent_at", Instant),
    Column("first_sent_boot_s", Float),
    Column("first_sent_boot_id", String(64)),
    Column("last_sent_boot_s", Float),
    Column("last_sent_boot_id", String(64)),
    Column("next_boot_s", Float),  # back-off: not before this boot time…
    Column("next_boot_id", String(64)),  # …of this boot
    Column("next_at", Instant),  # the same in wall time, for screens and after a reboot; verification when published
    Column("handle", Text),
    Column("remote_id", Text),
    Column("remote_url", Text),
    Column("evidence", Text),
    Column("published_at", Instant),
    Column("verified_at", Instant),
    Column("verified_evidence", Text),
    Column("approved_at", Instant),
    Column("approved_by", Text),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_delivery_brand_state_due", "brand_id", "state", "due_at", "account_id"),
    Index("ix_delivery_account_state_due", "account_id", "state", "due_at"),
    Index("ix_delivery_brand_owner", "brand_id", "owner"),
    Index("ix_delivery_brand_state_next", "brand_id", "state", "next_at"),
    UniqueConstraint("code"),
)

attempt = Table(  # append-only: a row before the request, completed after it
    "attempt",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(),
    Column("delivery_id", String(26), ForeignKey("delivery.id"), nullable=False, index=True),
    Column("account_id", String(26), nullable=False),
    Column("number", Integer, nullable=False),
    Column("action", String(16), nullable=False),  # send, look, person
    Column("epoch", Integer, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("started_boot_s", Float, nullable=False),
    Column("boot_id", String(64), nullable=False),
    Column("finished_at", Instant),
    Column("outcome", String(32)),
    Column("detail", Text),
    Index("ix_attempt_account_started", "account_id", "action", "started_at"),
)

spend = Table(  # what requests cost: a row per request that is paid for; a send's is written by its claim
    "spend",
    metadata,
    Column("id", String(26), primary_key=True),
    of_brand(index=False),  # the index below starts with it
    Column("account_id", String(26), nullable=False),
    Column("delivery_id", String(26)),
    Column("attempt_id", String(26), index=True),  # of a send
    Column("action", String(48), nullable=False),
    Column("units", Integer, nullable=False),
    Column("micros", BigInteger, nullable=False),  # at the price of that day
    Column("currency", String(3), nullable=False),
    Column("certainty", String(16), nullable=False),  # sure, unsure; claimed until a send's outcome is written
    Column("at", Instant, nullable=False),
    Index("ix_spend_brand_at", "brand_id", "at"),
)

budget = Table(  # the most that may be spent; UTC days and months
    "budget",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("account_id", String(26), primary_key=True),  # an account's id, or the brand's own for all its accounts
    Column("currency", String(3), primary_key=True),
    Column("day_micros", BigInteger),
    Column("month_micros", BigInteger),
    Column("told_day", Date),  # the day whose end was told last…
    Column("told_month", Date),  # …and the first of the month
)
