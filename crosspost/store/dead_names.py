"""Names of metrics that a network no longer knows, per brand."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, update

from crosspost.store.prepared import Prepared
from crosspost.store.store import Scope
from crosspost.store.tables import dead_name

ASK_AGAIN = timedelta(days=30)  # names come back, and a server is brought up to date


_KNOWN = Prepared(
    select(dead_name.c.provider_name, dead_name.c.reason, dead_name.c.asked_at).where(
        dead_name.c.brand_id == bindparam("brand_id"),
        dead_name.c.network == bindparam("network"),
        dead_name.c.asked_at > bindparam("since"),
    )
)


def known(scope: Scope, network: str, now: datetime) -> dict[str, str]:
    """The names not to ask for at present, each with what the network said and when."""
    given = {"brand_id": scope.brand_id, "network": network, "since": now - ASK_AGAIN}
    rows = _KNOWN.all(scope.connection, given)
    return {row.provider_name: f"{row.reason} (asked on {row.asked_at:%Y-%m-%d})" for row in rows}


def died(scope: Scope, network: str, name: str, reason: str, now: datetime) -> bool:
    """Remember a name that the network refused; whether that is new."""
    mine = (dead_name.c.brand_id == scope.brand_id, dead_name.c.network == network, dead_name.c.provider_name == name)
    if scope.connection.execute(update(dead_name).where(*mine).values(asked_at=now, reason=reason)).rowcount:
        return False
    scope.connection.execute(
        insert(dead_name).values(
            brand_id=scope.brand_id, network=network, provider_name=name, reason=reason, since=now, asked_at=now
        )
    )
    return True


def revived(scope: Scope, network: str, names: Collection[str]) -> list[str]:
    """Forget those of these names that were held dead: they brought a value. Which they were."""
    mine = (
        dead_name.c.brand_id == scope.brand_id, dead_name.c.network == network,
        dead_name.c.provider_name.in_(names),
    )  # fmt: skip
    found = [row.provider_name for row in scope.connection.execute(select(dead_name.c.provider_name).where(*mine))]
    if found:
        scope.connection.execute(delete(dead_name).where(*mine))
    return found
