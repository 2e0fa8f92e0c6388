"""The text arm that was drawn for each post of an experiment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "experiment_post",
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("experiment_id", sa.String(26), nullable=False),
        sa.Column("account_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.String(26), nullable=False),
        sa.Column("arm", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("experiment_id", "account_id", "number", name="pk_experiment_post"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_experiment_post_brand_id"),
        sa.ForeignKeyConstraint(["experiment_id"], ["experiment.id"], name="fk_experiment_post_experiment_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_experiment_post_account_id"),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_experiment_post_delivery_id"),
        sa.UniqueConstraint("delivery_id", name="uq_experiment_post_delivery_id"),
    )
    op.create_index("ix_experiment_post_brand_id", "experiment_post", ["brand_id"])


def downgrade() -> None:
    raise NotImplementedError("a database is never taken back: restore a backup")
