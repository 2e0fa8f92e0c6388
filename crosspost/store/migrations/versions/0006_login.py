"""Beside each stored secret: when it ends, what it may, and since when."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scopes", sa.Text(), nullable=True),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("warned_days", sa.Integer(), nullable=True),
    ):
        op.add_column("credential", column)


def downgrade() -> None:
    for name in ("warned_days", "problem", "connected_at", "scopes", "expires_at"):
        op.drop_column("credential", name)
