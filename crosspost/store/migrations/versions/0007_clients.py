"""From a click to a client: visits, stages, who may sign in, what other tools counted, and hits rolled up."""

from __future__ import annotations

import sqlalchemy as sa  # noqa: F401
from alembic import op  # noqa: F401

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


def _business() -> None: ...


def _web() -> None: ...


def _imports() -> None: ...


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: what was recorded since would be lost")
