"""What was locked before looking, and the weeks that are drawn by lot."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _hits()
    _experiments()


def _hits() -> None: ...


def _experiments() -> None:
    op.create_table(
        "hypothesis",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_hypothesis"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_hypothesis_brand_id"),
        sa.UniqueConstraint("brand_id", "key", name="uq_hypothesis_brand_id_key"),
    )
    op.create_table(
        "look",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_look"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_look_brand_id"),
    )
    op.create_index("ix_look_brand_at", "look", ["brand_id", "at"])
    op.create_table(
        "experiment",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("hypothesis_id", sa.String(26), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.Column("stopped_why", sa.Text()),
        sa.Column("unblinded_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_experiment"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_experiment_brand_id"),
        sa.ForeignKeyConstraint(["hypothesis_id"], ["hypothesis.id"], name="fk_experiment_hypothesis_id"),
        sa.UniqueConstraint("brand_id", "key", name="uq_experiment_brand_id_key"),
    )
    op.create_table(
        "experiment_week",
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("experiment_id", sa.String(26), nullable=False),
        sa.Column("account_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arm", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("experiment_id", "account_id", "number", name="pk_experiment_week"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_experiment_week_brand_id"),
        sa.ForeignKeyConstraint(["experiment_id"], ["experiment.id"], name="fk_experiment_week_experiment_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_experiment_week_account_id"),
    )
    op.create_index("ix_experiment_week_account", "experiment_week", ["brand_id", "account_id", "starts_at"])


def downgrade() -> None:
    raise NotImplementedError("a database is never taken back: restore a backup")
