"""What was locked before looking, and the weeks that are drawn by lot."""

from __future__ import annotations

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _hits()
    _experiments()


def _hits() -> None: ...


def _experiments() -> None: ...


def downgrade() -> None:
    raise NotImplementedError("a database is never taken back: restore a backup")
