"""How much of each kind is stored of a brand."""

from __future__ import annotations

from sqlalchemy import func, select

from crosspost.store.store import Scope
from crosspost.store.tables import day_count, deal, effort, hit, lead, post, reading, tally, visit, visit_day

_COUNTED = (lead, deal, effort, post, reading, hit, day_count, visit, visit_day, tally)


def rows(scope: Scope) -> dict[str, int]:
    """How many rows the brand has in the tables an audit reads, by the table's name."""
    counted = {}
    for table in _COUNTED:
        query = select(func.count()).select_from(table).where(table.c.brand_id == scope.brand_id)
        counted[table.name] = int(scope.connection.execute(query).scalar_one())
    return counted
