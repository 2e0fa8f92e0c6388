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


def _visits() -> None: ...


def _business() -> None: ...


def _web() -> None: ...


def _imports() -> None: ...


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: what was recorded since would be lost")
