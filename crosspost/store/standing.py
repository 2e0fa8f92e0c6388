"""How a brand stands: its stop switches, which every claim reads in its own transaction, and counts by state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from crosspost.domain.delivery import State
from crosspost.store.store import Scope
from crosspost.store.tables import account, brand, delivery


@dataclass(frozen=True, slots=True)
class AccountSwitches:
    """An account's name and why it sends nothing: stopped by a person, or blocked because its token fails."""

    id: str
    network: str
    handle: str
    stopped: str | None
    blocked: str | None


def set_brand(connection: Connection, brand_id: str, reason: str | None) -> bool:
    """Stop a brand, or with None let it go on; whether that changed whether it is stopped."""
    before = connection.execute(select(brand.c.stopped_reason).where(brand.c.id == brand_id)).scalar_one()
    connection.execute(update(brand).where(brand.c.id == brand_id).values(stopped_reason=reason))
    return (before is None) != (reason is None)


def brand_stopped(connection: Connection, brand_id: str) -> str | None:
    """Why the brand is stopped."""
    found: str | None = connection.execute(select(brand.c.stopped_reason).where(brand.c.id == brand_id)).scalar_one()
    return found


def set_account(scope: Scope, account_id: str, reason: str | None) -> bool:
    """Stop an account of the brand, or with None let it go on; whether that changed whether it is stopped."""
    mine = (account.c.brand_id == scope.brand_id, account.c.id == account_id)
    before = scope.connection.execute(select(account.c.stopped_reason).where(*mine)).scalar_one()
    scope.connection.execute(update(account).where(*mine).values(stopped_reason=reason))
    return (before is None) != (reason is None)


def accounts(scope: Scope) -> list[AccountSwitches]:
    """The switches of every account of the brand."""
    rows = scope.connection.execute(
        select(account).where(account.c.brand_id == scope.brand_id).order_by(account.c.created_at, account.c.id)
    )
    return [AccountSwitches(row.id, row.network, row.handle, row.stopped_reason, row.blocked_reason) for row in rows]


def counts(scope: Scope) -> dict[State, int]:
    """How many deliveries of the brand are in each state."""
    rows = scope.connection.execute(
        select(delivery.c.state, func.count()).where(delivery.c.brand_id == scope.brand_id).group_by(delivery.c.state)
    )
    return {State(state): int(number) for state, number in rows}


def overdue(scope: Scope, before: datetime) -> int:
    """How many scheduled deliveries were due before then."""
    found = scope.connection.execute(
        select(func.count()).where(
            delivery.c.brand_id == scope.brand_id, delivery.c.state == State.SCHEDULED.value,
            delivery.c.due_at < before,
        )
    )  # fmt: skip
    return int(found.scalar_one())
