"""A brand's leads and touches as plain rows of numbers and names, for whatever engine counts them.

Instants are whole seconds since 1970. A lead has its first deal; a further one, or one without a lead, is a row of its
own. Leads are those that were recorded, each: somebody who asked twice is two here, and one asking in an audit.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, case, cast, func, null, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.selectable import CompoundSelect

from crosspost.domain.stage import Stage
from crosspost.store.store import Scope
from crosspost.store.tables import deal, lead, lead_stage, touchpoint

_DIALECTS = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}


def leads(brand_id: str, dialect: str) -> CompoundSelect[Any]:
    """(lead, channel, contacted_s, talking_s, offered_s, won_s, lost_s, amount_minor, currency) of every lead and of
    every further deal."""
    reached, sold = _reached(brand_id), _deals(brand_id)
    since_then = case((reached.c.lost >= func.coalesce(reached.c.other, reached.c.lost), reached.c.lost))
    of_leads = (
        select(
            lead.c.id.label("lead"), lead.c.channel, _seconds(lead.c.contacted_at, dialect).label("contacted_s"),
            _seconds(reached.c.talking, dialect).label("talking_s"),
            _seconds(reached.c.offered, dialect).label("offered_s"),
            _seconds(sold.c.won_at, dialect).label("won_s"), _seconds(since_then, dialect).label("lost_s"),
            sold.c.amount_minor, sold.c.currency,
        )
        .select_from(lead)
        .outerjoin(reached, reached.c.lead_id == lead.c.id)
        .outerjoin(sold, (sold.c.lead_id == lead.c.id) & (sold.c.number == 1))
        .where(lead.c.brand_id == brand_id)
    )  # fmt: skip
    nothing = cast(null(), BigInteger)
    channel = case((sold.c.returning | sold.c.lead_id.is_not(None), "recurrence"))
    further = select(
        sold.c.id, channel, nothing, nothing, nothing, _seconds(sold.c.won_at, dialect), nothing, sold.c.amount_minor,
        sold.c.currency,
    ).where(sold.c.lead_id.is_(None) | (sold.c.number > 1))  # fmt: skip
    return union_all(of_leads, further)


def touches(brand_id: str) -> Select[Any]:
    """(lead, place, channel) of every touch."""
    return select(touchpoint.c.lead_id.label("lead"), touchpoint.c.position.label("place"), touchpoint.c.channel).where(
        touchpoint.c.brand_id == brand_id
    )


def count(scope: Scope) -> int:
    """How many leads the brand has."""
    query = select(func.count()).select_from(lead).where(lead.c.brand_id == scope.brand_id)
    return int(scope.connection.execute(query).scalar_one())


def as_text(query: Select[Any] | CompoundSelect[Any], dialect: str) -> str:
    """A statement with its values in it, for drivers that SQLAlchemy does not speak to."""
    made = _DIALECTS[dialect](paramstyle="named")
    return str(query.compile(dialect=made, compile_kwargs={"literal_binds": True}))


def _reached(brand_id: str) -> Subquery:
    """The live stages of each lead: (lead_id, talking, offered, lost, other), the first of each and the last of the
    last two."""
    corrected = select(lead_stage.c.corrects).where(
        lead_stage.c.brand_id == brand_id, lead_stage.c.corrects.is_not(None)
    )

    def at(stage: Stage) -> ColumnElement[Any]:
        return case((lead_stage.c.stage == stage.value, lead_stage.c.at))

    other = case((lead_stage.c.stage != Stage.LOST.value, lead_stage.c.at))
    return (
        select(
            lead_stage.c.lead_id,
            func.min(at(Stage.TALKING)).label("talking"),
            func.min(at(Stage.OFFERED)).label("offered"),
            func.max(at(Stage.LOST)).label("lost"),
            func.max(other).label("other"),
        )
        .where(
            lead_stage.c.brand_id == brand_id,
            lead_stage.c.stage != Stage.ASKED.value,
            lead_stage.c.id.not_in(corrected),
        )
        .group_by(lead_stage.c.lead_id)
        .subquery()
    )


def _deals(brand_id: str) -> Subquery:
    """Deals, numbered within their lead from the first."""
    number = func.row_number().over(partition_by=deal.c.lead_id, order_by=(deal.c.won_at, deal.c.id)).label("number")
    return select(deal, number).where(deal.c.brand_id == brand_id).subquery()


def _seconds(at: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    if dialect == "sqlite":  # without the fraction, which SQLite would round
        return cast(func.strftime("%s", func.substr(at, 1, 19)), BigInteger)
    return cast(func.floor(func.date_part("epoch", at)), BigInteger)
