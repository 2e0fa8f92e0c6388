"""Brands and their accounts."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.store.prepared import Prepared
from crosspost.store.tables import account, brand

if TYPE_CHECKING:
    from crosspost.store.store import Scope


# Asked at every tick and for every delivery: to build a statement costs more than to run it.
_BRANDS = Prepared(select(brand).order_by(brand.c.slug))
_ACCOUNTS = (
    select(account).where(account.c.brand_id == bindparam("brand_id")).order_by(account.c.created_at, account.c.id)
)
_THESE_ACCOUNTS = _ACCOUNTS.where(account.c.id.in_(bindparam("ids", expanding=True)))
_ONE_ACCOUNT = Prepared(_ACCOUNTS.where(account.c.id == bindparam("account_id")))


def all_of(connection: Connection) -> list[Brand]:
    """Every brand, by slug."""
    return [_brand(row) for row in _BRANDS.all(connection, {})]


def add(connection: Connection, new: Brand) -> None:
    """A new brand."""
    connection.execute(
        insert(brand).values(
            id=new.id, slug=new.slug, name=new.name, zone=new.zone, language=new.language, currency=new.currency,
            link_mode=new.link_mode.value, public_url=new.public_url, auto_publish=new.auto_publish,
            reactors=new.reactors, ask_hours=new.ask_hours, stopped_reason=None, created_at=new.created_at,
        )
    )  # fmt: skip


def change(connection: Connection, brand_id: str, **values: object) -> None:
    """Change the owner's choices of a brand."""
    connection.execute(update(brand).where(brand.c.id == brand_id).values(**values))


def accounts(scope: Scope, ids: Collection[str] | None = None) -> list[Account]:
    """The brand's accounts, oldest first; only those named when `ids` is given."""
    given: dict[str, object] = {"brand_id": scope.brand_id}
    if ids is not None:
        given["ids"] = list(ids)
    rows = scope.connection.execute(_ACCOUNTS if ids is None else _THESE_ACCOUNTS, given)
    return [account_of(row) for row in rows]


def account_by_id(scope: Scope, account_id: str) -> Account:
    """The account of that id, which is known to be there."""
    return account_of(_ONE_ACCOUNT.first(scope.connection, {"brand_id": scope.brand_id, "account_id": account_id}))


def add_account(scope: Scope, new: Account) -> None:
    """A new account of the brand."""
    scope.connection.execute(
        insert(account).values(
            id=new.id, brand_id=scope.brand_id, network=new.network, handle=new.handle, server=new.server,
            remote_id=new.remote_id, slots=json.dumps(new.slots), settings=json.dumps(new.settings),
            blocked_reason=new.blocked_reason, failures=0, created_at=new.created_at,
        )
    )  # fmt: skip


def change_account(scope: Scope, account_id: str, **values: object) -> None:
    """Change facts about an account; `slots` and `settings` are given as Python values."""
    ready = {name: json.dumps(value) if name in ("slots", "settings") else value for name, value in values.items()}
    scope.connection.execute(
        update(account).where(account.c.brand_id == scope.brand_id, account.c.id == account_id).values(**ready)
    )


def _brand(row: Row[Any]) -> Brand:
    return Brand(
        id=row.id, slug=row.slug, name=row.name, zone=row.zone, language=row.language, currency=row.currency,
        link_mode=LinkMode(row.link_mode), public_url=row.public_url, auto_publish=row.auto_publish,
        created_at=row.created_at, reactors=row.reactors, ask_hours=row.ask_hours,
    )  # fmt: skip


def account_of(row: Row[Any]) -> Account:
    return Account(
        id=row.id, brand_id=row.brand_id, network=row.network, handle=row.handle, server=row.server,
        remote_id=row.remote_id, slots=tuple(json.loads(row.slots)), settings=json.loads(row.settings),
        blocked_reason=row.blocked_reason, created_at=row.created_at,
    )  # fmt: skip
