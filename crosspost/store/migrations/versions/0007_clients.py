"""From a click to a client: visits, stages, who may sign in, what other tools counted, and hits rolled up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _hits()
    _visits()
    _business()
    _web()
    _imports()


def _hits() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(  # written anew, in the order of its new key
        "hit_by_link",
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("segment", sa.String(64), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(8), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("host", "user_agent", "referrer", "purpose")),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("judgement", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("ruleset", sa.String(32), nullable=False),
        *_keys_of_hit(named=on_sqlite),
        sqlite_with_rowid=False,
    )
    rest = "method, host, user_agent, referrer, purpose, language, judgement, rule, ruleset"
    seconds = "CAST(strftime('%s', at) AS INTEGER) * 1000000 + CAST(substr(at, 21, 6) AS INTEGER)"
    at = seconds if on_sqlite else "CAST(extract(epoch FROM at) * 1000000 AS bigint)"
    op.execute(
        f'INSERT INTO hit_by_link (brand_id, code, at, segment, "offset", {rest}) '  # noqa: S608
        f'SELECT brand_id, code, {at}, segment, "offset", {rest} FROM hit ORDER BY brand_id, code, hit.at'
    )
    op.drop_table("hit")
    op.rename_table("hit_by_link", "hit")
    if not on_sqlite:  # the old table had the names
        op.create_primary_key("pk_hit", "hit", _KEY_OF_HIT)
        op.create_foreign_key("fk_hit_brand_id", "hit", "brand", ["brand_id"], ["id"])
    op.create_table(
        "day_count",
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("judgement", sa.String(16), nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_day_count_brand_id"),
        sa.PrimaryKeyConstraint("brand_id", "code", "day", "judgement", name="pk_day_count"),
    )
    day = (
        "date(at / 1000000, 'unixepoch')"
        if on_sqlite
        else "CAST(to_timestamp(at / 1000000) AT TIME ZONE 'UTC' AS date)"
    )
    op.execute(
        "INSERT INTO day_count (brand_id, code, day, judgement, hits) "  # noqa: S608
        f"SELECT brand_id, code, {day}, judgement, count(*) FROM hit GROUP BY brand_id, code, {day}, judgement"
    )


_KEY_OF_HIT = ["brand_id", "code", "at", "segment", "offset"]


def _keys_of_hit(*, named: bool) -> list[sa.Constraint]:
    """On PostgreSQL the names are taken until the old table is gone."""
    if not named:
        return []
    return [
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_hit_brand_id"),
        sa.PrimaryKeyConstraint(*_KEY_OF_HIT, name="pk_hit"),
    ]


def _visits() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "privacy",
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("legal_basis", sa.Text()),
        sa.Column("sites", sa.Text(), nullable=False),
        sa.Column("referrer", sa.Boolean(), nullable=False),
        sa.Column("user_agent", sa.Boolean(), nullable=False),
        sa.Column("keep_hits", sa.Integer(), nullable=False),
        sa.Column("keep_visits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_privacy_brand_id"),
        sa.PrimaryKeyConstraint("brand_id", name="pk_privacy"),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("last_at", instant, nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("network", sa.String(32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("medium", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("referrer", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("click_id", sa.String(64)),
        sa.Column("judgement", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("ruleset", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_visit_brand_id"),
        sa.PrimaryKeyConstraint("id", name="pk_visit"),
    )
    op.create_index("ix_visit_brand_started", "visit", ["brand_id", "started_at"])
    op.create_index("ix_visit_brand_click", "visit", ["brand_id", "click_id"])
    op.create_table(
        "visit_day",
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("network", sa.String(32), nullable=False),
        sa.Column("judgement", sa.String(16), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_visit_day_brand_id"),
        sa.PrimaryKeyConstraint("brand_id", "day", "code", "network", "judgement", name="pk_visit_day"),
    )
    op.create_table(
        "visitor_day",
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visitor", sa.String(32), nullable=False),
        sa.Column("visit_id", sa.String(26), nullable=False),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("last_at", instant, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_visitor_day_brand_id"),
        sa.PrimaryKeyConstraint("brand_id", "day", "visitor", name="pk_visitor_day"),
    )
    op.create_table(
        "click_id",
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_click_id_brand_id"),
        sa.PrimaryKeyConstraint("brand_id", "id", name="pk_click_id"),
    )
    op.create_table(
        "lead_click_id",
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("lead_id", sa.String(26), nullable=False),
        sa.Column("click_id", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_lead_click_id_brand_id"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name="fk_lead_click_id_lead_id"),
        sa.PrimaryKeyConstraint("brand_id", "lead_id", "click_id", name="pk_lead_click_id"),
    )


def _business() -> None:
    op.add_column("brand", sa.Column("ask_hours", sa.Boolean(), nullable=False, server_default="0"))
    _stages()
    _referrers_and_clients()
    _deal_changes()
    with op.batch_alter_table("effort") as batch:
        batch.alter_column("hours", existing_type=sa.Numeric(10, 4), nullable=True)
    op.create_table(
        "timer",
        sa.Column("brand_id", sa.String(length=26), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_timer_brand_id"),
        sa.PrimaryKeyConstraint("brand_id", "channel", name="pk_timer"),
    )
    op.create_table(
        "received",
        sa.Column("brand_id", sa.String(length=26), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_received_brand_id"),
        sa.PrimaryKeyConstraint("brand_id", "event", "content", name="pk_received"),
    )
    op.create_table(
        "removed",
        sa.Column("brand_id", sa.String(length=26), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_removed_brand_id"),
        sa.PrimaryKeyConstraint("brand_id", "mark", name="pk_removed"),
    )


def _stages() -> None:
    """A loss was two columns of the lead; from here on it is a stage among others, with its history."""
    op.create_table(
        "lead_stage",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("brand_id", sa.String(length=26), nullable=False),
        sa.Column("lead_id", sa.String(length=26), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("competitor", sa.Text(), nullable=True),
        sa.Column("corrects", sa.String(length=26), nullable=True),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("file_line", sa.Integer(), nullable=True),
        sa.Column("file_part", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_lead_stage_brand_id"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name="fk_lead_stage_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lead_stage"),
    )
    op.create_index("ix_lead_stage_brand_id", "lead_stage", ["brand_id"], unique=False)
    op.create_index("ix_lead_stage_lead_id", "lead_stage", ["lead_id"], unique=False)
    op.execute(
        "INSERT INTO lead_stage "
        "(id, brand_id, lead_id, stage, at, reason, source, file_sha256, file_line, recorded_at) "
        "SELECT id, brand_id, id, 'lost', lost_at, lost_reason, source, file_sha256, file_line, recorded_at "
        "FROM lead WHERE lost_at IS NOT NULL"
    )
    # Not as a batch: SQLite would make the table anew, and the rows that refer to it forbid that.
    op.drop_column("lead", "lost_at")
    op.drop_column("lead", "lost_reason")


def _referrers_and_clients() -> None:
    op.add_column("lead", sa.Column("referrer_kind", sa.String(length=8), nullable=True))
    op.add_column("lead", sa.Column("referrer", sa.Text(), nullable=True))
    op.add_column("touchpoint", sa.Column("code", sa.String(length=64), nullable=True))
    op.add_column("client", sa.Column("bought_at", sa.DateTime(timezone=True), nullable=True))
    # Who was a client before any deal that is recorded of them was told to be one.
    op.execute(
        "UPDATE client SET bought_at = since WHERE brand_id IN (SELECT id FROM brand) AND NOT EXISTS "
        "(SELECT 1 FROM deal WHERE deal.brand_id = client.brand_id AND deal.client_id = client.id "
        "AND deal.won_at <= client.since)"
    )
    op.create_table(
        "client_alias",
        sa.Column("brand_id", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_client_alias_brand_id"),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name="fk_client_alias_client_id"),
        sa.PrimaryKeyConstraint("brand_id", "person", name="pk_client_alias"),
    )


def _deal_changes() -> None:
    op.add_column("deal", sa.Column("returning_told", sa.Boolean(), nullable=False, server_default="0"))
    # A client's first deal is a return only because somebody said so.
    op.execute(
        'UPDATE deal SET returning_told = "returning" WHERE brand_id IN (SELECT id FROM brand) AND NOT EXISTS '
        "(SELECT 1 FROM deal AS other WHERE other.brand_id = deal.brand_id AND other.client_id = deal.client_id "
        "AND other.won_at < deal.won_at)"
    )
    op.create_table(
        "deal_change",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("brand_id", sa.String(length=26), nullable=False),
        sa.Column("deal_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refund_minor", sa.BigInteger(), nullable=True),
        sa.Column("won_at_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount_minor_before", sa.BigInteger(), nullable=True),
        sa.Column("margin_minor_before", sa.BigInteger(), nullable=True),
        sa.Column("currency_before", sa.String(length=3), nullable=True),
        sa.Column("won_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("margin_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_deal_change_brand_id"),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name="fk_deal_change_deal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deal_change"),
    )
    op.create_index("ix_deal_change_brand_id", "deal_change", ["brand_id"], unique=False)
    op.create_index("ix_deal_change_deal_id", "deal_change", ["deal_id"], unique=False)


def _web() -> None:
    op.create_table(
        "user",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("name", name=op.f("uq_user_name")),
    )
    op.create_table(
        "user_brand",
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_user_brand_brand_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_user_brand_user_id")),
        sa.PrimaryKeyConstraint("brand_id", "user_id", name=op.f("pk_user_brand")),
    )
    op.create_table(
        "user_session",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(26), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_user_session_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_user_session")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"])
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_api_key_brand_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("brand_id", "key_hash", name=op.f("uq_api_key_brand_id_key_hash")),
        sa.UniqueConstraint("brand_id", "prefix", name=op.f("uq_api_key_brand_id_prefix")),
    )


def _imports() -> None:
    op.create_table(
        "tally",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("brand_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("tool", sa.String(length=32), nullable=False),
        sa.Column("metric", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False, quote=True),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False, quote=True),
        sa.Column("value", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("additive", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in (
            "reason", "site", "source", "medium", "campaign", "content", "term", "page", "label", "channel_group",
        )),
        sa.Column("network", sa.String(length=32), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_line", sa.Integer(), nullable=False),
        sa.Column("file_part", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_tally_brand_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tally"),
    )  # fmt: skip
    op.create_index("ix_tally_brand_key", "tally", ["brand_id", "key"])
    op.create_index("ix_tally_brand_tool_start", "tally", ["brand_id", "tool", "start"])
    op.add_column("effort", sa.Column("file_sha256", sa.String(length=64), nullable=True))
    op.add_column("effort", sa.Column("file_line", sa.Integer(), nullable=True))
    for table in ("lead", "deal", "effort", "reading"):
        op.add_column(table, sa.Column("file_part", sa.Text(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: what was recorded since would be lost")
