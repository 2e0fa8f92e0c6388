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


def _hits() -> None: ...


def _visits() -> None: ...


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


def _web() -> None: ...


def _imports() -> None:
    op.create_table(
        "tally",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("brand_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("tool", sa.String(length=32), nullable=False),
        sa.Column("metric", sa.String(length=64), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, quote=True),
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
