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


def _imports() -> None:
    op.create_table(
        "tally",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("brand_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("tool", sa.String(length=32), nullable=False),
        sa.Column("metric", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False, quote=True),
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
