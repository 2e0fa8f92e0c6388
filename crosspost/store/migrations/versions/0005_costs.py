"""What requests cost, and the most that may be spent."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spend",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("brand_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("delivery_id", sa.String(length=26), nullable=True),
        sa.Column("attempt_id", sa.String(length=26), nullable=True),
        sa.Column("action", sa.String(length=48), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("certainty", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_spend_brand_id"),
        sa.PrimaryKeyConstraint("id", name="pk_spend"),
    )
    op.create_index("ix_spend_attempt_id", "spend", ["attempt_id"], unique=False)
    op.create_index("ix_spend_brand_at", "spend", ["brand_id", "at"], unique=False)
    op.create_table(
        "budget",
        sa.Column("brand_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("day_micros", sa.BigInteger(), nullable=True),
        sa.Column("month_micros", sa.BigInteger(), nullable=True),
        sa.Column("told_day", sa.Date(), nullable=True),
        sa.Column("told_month", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_budget_brand_id"),
        sa.PrimaryKeyConstraint("brand_id", "account_id", "currency", name="pk_budget"),
    )


def downgrade() -> None:
    op.drop_table("budget")
    op.drop_table("spend")
