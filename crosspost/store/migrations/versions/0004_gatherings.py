"""Gatherings: events of groups, which a touchpoint can name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gathering",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("brand_id", sa.String(length=26), nullable=False),
        sa.Column("source_id", sa.String(length=26), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_gathering_brand_id"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_gathering_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_gathering"),
        sa.UniqueConstraint("brand_id", "source_id", "identity", name="uq_gathering_brand_id_source_id_identity"),
    )
    op.create_index("ix_gathering_brand_id", "gathering", ["brand_id"], unique=False)
    op.add_column("touchpoint", sa.Column("gathering_id", sa.String(length=26), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("touchpoint") as batch:
        batch.drop_column("gathering_id")
    op.drop_table("gathering")
