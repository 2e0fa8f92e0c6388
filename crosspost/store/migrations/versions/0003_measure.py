"""Readings of periods, dead names of metrics, posts that are gone, reactors, and files that must be purged."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_AT = sa.DateTime(timezone=True)
_ID = sa.String(length=26)
_HASH = sa.String(length=64)


def _of_brand(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=f"fk_{table}_brand_id")


def upgrade() -> None:
    op.add_column("brand", sa.Column("reactors", sa.Boolean(), nullable=False, server_default="0"))
    op.add_column("post", sa.Column("adopted_at", _AT, nullable=True))
    op.add_column("post", sa.Column("missing_since", _AT, nullable=True))
    op.add_column("reading", sa.Column("since", _AT, nullable=True))
    op.add_column("reading", sa.Column("until", _AT, nullable=True))
    op.create_table(
        "dead_name",
        sa.Column("brand_id", _ID, nullable=False),
        sa.Column("network", sa.String(length=32), nullable=False),
        sa.Column("provider_name", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", _AT, nullable=False),
        sa.Column("asked_at", _AT, nullable=False),
        _of_brand("dead_name"),
        sa.PrimaryKeyConstraint("brand_id", "network", "provider_name", name="pk_dead_name"),
    )
    op.create_table(
        "reaction",
        sa.Column("id", _ID, nullable=False),
        sa.Column("brand_id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person", _HASH, nullable=False),
        sa.Column("also", _HASH, nullable=True),
        sa.Column("at", _AT, nullable=True),
        sa.Column("read_at", _AT, nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        _of_brand("reaction"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_reaction_post_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reaction"),
        sa.UniqueConstraint("brand_id", "post_id", "kind", "person", name="uq_reaction_brand_id_post_id_kind_person"),
    )
    op.create_index("ix_reaction_brand_id", "reaction", ["brand_id"], unique=False)
    op.create_index("ix_reaction_brand_person", "reaction", ["brand_id", "person"], unique=False)
    op.create_index("ix_reaction_brand_also", "reaction", ["brand_id", "also"], unique=False)
    op.create_table(
        "lead_handle",
        sa.Column("brand_id", _ID, nullable=False),
        sa.Column("lead_id", _ID, nullable=False),
        sa.Column("person", _HASH, nullable=False),
        sa.Column("network", sa.String(length=32), nullable=False),
        _of_brand("lead_handle"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name="fk_lead_handle_lead_id"),
        sa.PrimaryKeyConstraint("brand_id", "lead_id", "person", name="pk_lead_handle"),
    )
    op.create_table(
        "erased",
        sa.Column("brand_id", _ID, nullable=False),
        sa.Column("mark", _HASH, nullable=False),
        sa.Column("at", _AT, nullable=False),
        _of_brand("erased"),
        sa.PrimaryKeyConstraint("brand_id", "mark", name="pk_erased"),
    )
    op.create_table(
        "written_file",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("brand_id", _ID, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("made_at", _AT, nullable=False),
        sa.Column("purge_at", _AT, nullable=True),
        sa.PrimaryKeyConstraint("path", name="pk_written_file"),
    )


def downgrade() -> None:
    for table in ("written_file", "erased", "lead_handle", "reaction", "dead_name"):
        op.drop_table(table)
    op.drop_column("reading", "until")
    op.drop_column("reading", "since")
    op.drop_column("post", "missing_since")
    op.drop_column("post", "adopted_at")
    op.drop_column("brand", "reactors")
