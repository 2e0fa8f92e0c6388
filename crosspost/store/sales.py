"""Which of a brand's leads and deals are known, by the ids of the sources that told of them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from crosspost.store.rows import known
from crosspost.store.store import Scope
from crosspost.store.tables import deal, lead


def leads_known(scope: Scope, source_ids: Iterable[str]) -> frozenset[str]:
    """Those of the ids that a lead has."""
    return frozenset(known(scope, lead, source_ids))


def leads_sold(scope: Scope, source_ids: Iterable[str]) -> frozenset[str]:
    """Those of the ids whose lead came to a deal that names it."""
    ours = {row["id"]: source_id for source_id, row in known(scope, lead, source_ids).items()}
    sold = scope.connection.execute(
        select(deal.c.lead_id).where(deal.c.brand_id == scope.brand_id, deal.c.lead_id.is_not(None))
    ).scalars()
    return frozenset(ours[one] for one in sold if one in ours)


def deals_known(scope: Scope, source_ids: Iterable[str]) -> dict[str, str]:
    """The source's id of each deal that is known → ours."""
    return {source_id: row["id"] for source_id, row in known(scope, deal, source_ids).items()}
