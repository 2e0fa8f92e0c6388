"""Every table. Rows belong to a brand from the first table on: `brand_id` is in each of them, and each query
names it. The exceptions (no brand can be known) are written in `WITHOUT_BRAND`, and a test holds the list.
"""

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
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from crosspost.store.types import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Tables whose rows can have no brand: the list of brands itself, the state of the installation, hits on codes that
# nobody registered, what is told to whoever runs the installation, and files of which a backup holds every brand.
WITHOUT_BRAND = frozenset(
    {"brand", "installation", "segment", "unknown_hit", "notice", "written_file", "alembic_version"}
)


def _brand(*, index: bool = True) -> Column[str]:
    return Column("brand_id", String(26), ForeignKey("brand.id"), nullable=False, index=index)


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
    _brand(),
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

source = Table(
    "source",
    metadata,
    Column("id", String(26), primary_key=True),
    _brand(),
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
    _brand(),
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
    _brand(),
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
    _brand(),
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
    _brand(),
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

post = Table(
    "post",
    metadata,
    Column("id", String(26), primary_key=True),
    _brand(),
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
    _brand(),
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
    _brand(),
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

lead_handle = Table(  # a lead's own presence on a network, as the same keyed hash
    "lead_handle",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("lead_id", String(26), ForeignKey("lead.id"), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("network", String(32), nullable=False),
)

erased = Table(  # marks of persons who were erased: they are recognised by them and not taken in again
    "erased",
    metadata,
    Column("brand_id", String(26), ForeignKey("brand.id"), primary_key=True),
    Column("mark", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
)

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
    _brand(index=False),  # the index below starts with it
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

lead = Table(
    "lead",
    metadata,
    Column("id", String(26), primary_key=True),
    _brand(),
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
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("brand_id", "source_id"),
)

touchpoint = Table(
    "touchpoint",
    metadata,
    Column("id", String(26), primary_key=True),
    _brand(),
    Column("lead_id", String(26), ForeignKey("lead.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),  # order within the journey
    Column("channel", Text, nullable=False),
    Column("at", Instant),
    Column("note", Text),
    Column("gathering_id", String(26)),  # the event it happened at
)

gathering = Table(  # events of groups, from their calendars
    "gathering",
    metadata,
    Column("id", String(26), primary_key=True),
    _brand(),
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

client = Table(
    "client",
    metadata,
    Column("id", String(26), primary_key=True),
    _brand(),
    Column("person", String(64)),
    Column("name", Text),
    Column("since", Instant, nullable=False),
    UniqueConstraint("brand_id", "person"),
)

deal = Table(
    "deal",
    metadata,
    Column("id", String(26), primary_key=True),
    _brand(),
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
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("brand_id", "source_id"),
)

effort = Table(
    "effort",
    metadata,
    Column("id", String(26), primary_key=True),
    _brand(),
    Column("channel", Text, nullable=False),
    Column("start", Date, nullable=False),
    Column("days", Integer, nullable=False),
    Column("hours", Numeric(10, 4), nullable=False),
    Column("fees_minor", BigInteger),
    Column("currency", String(3)),
    Column("source", String(32), nullable=False),
    Column("source_id", Text, nullable=False),
    UniqueConstraint("brand_id", "source", "source_id"),
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

event = Table(  # who did what, when: approvals, edits, stops, sign-offs
    "event",
    metadata,
    Column("id", String(26), primary_key=True),
    _brand(),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", String(32), nullable=False),
    Column("subject_id", String(64), nullable=False),
    Column("detail", Text, nullable=False),
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

spend = Table(  # what requests cost: a row per request that is paid for; a send's is written by its claim
    "spend",
    metadata,
    Column("id", String(26), primary_key=True),
    _brand(index=False),  # the index below starts with it
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
