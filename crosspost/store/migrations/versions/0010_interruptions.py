"""Interruptions that were declared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "interruption",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("stopped", sa.String(64), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("why", sa.Text()),
        sa.Column("moved_to", sa.String(64)),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.Column("looked_kind", sa.String(16)),
        sa.Column("looked_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_interruption"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_interruption_brand_id"),
    )
    op.create_index("ix_interruption_brand_id", "interruption", ["brand_id"])


def downgrade() -> None:
    raise NotImplementedError("a database is never taken back: restore a backup")
