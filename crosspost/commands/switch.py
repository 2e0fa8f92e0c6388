"""Stop, and resume: everything, a brand, or an account. What is in flight ends; nothing new is taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crosspost.domain.brand import Account, Brand
from crosspost.domain.errors import BadInput
from crosspost.store import events, installation, standing
from crosspost.store.store import Store


@dataclass(frozen=True, slots=True)
class Switched:
    """`what` was stopped or resumed; `changed` is False when it stood so already. `held`: a restore still holds."""

    what: str
    changed: bool
    held: str | None = None


def stop(store: Store, brand: Brand | None, account: Account | None, *, why: str, who: str, now: datetime) -> Switched:
    """Send nothing from here on, for everything (no brand), a brand, or one account. Looking goes on."""
    if not why.strip():
        raise BadInput("why?", remedy='crosspost stop --why "…"')
    return _switch(store, brand, account, f"{why.strip()} ({who}, {now:%Y-%m-%d %H:%M} UTC)", who=who, now=now)


def resume(store: Store, brand: Brand | None, account: Account | None, *, who: str, now: datetime) -> Switched:
    """Undo the `stop` of just that: a stopped account stays stopped when everything is resumed."""
    return _switch(store, brand, account, None, who=who, now=now)


def _switch(
    store: Store, brand: Brand | None, account: Account | None, reason: str | None, *, who: str, now: datetime
) -> Switched:
    word = "resume" if reason is None else "stop"
    if brand is None:
        with store.database.write() as connection:
            before = installation.get(connection, installation.STOPPED)
            if reason is None:
                installation.remove(connection, installation.STOPPED)
            else:
                installation.put(connection, installation.STOPPED, reason, now)
            held = installation.get(connection, installation.HELD)
        what, changed = "everything", (before is None) != (reason is None)
        for one in store.brands():
            with store.write(one.id) as scope:
                events.record(scope, word, "everything", who=who, now=now, reason=reason)
        return Switched(what, changed, held[0] if held else None)
    with store.write(brand.id) as scope:
        if account is None:
            changed = standing.set_brand(scope.connection, brand.id, reason)
        else:
            changed = standing.set_account(scope, account.id, reason)
        events.record(scope, word, account.id if account else brand.id, who=who, now=now, reason=reason)
        held = installation.get(scope.connection, installation.HELD)
    what = f"{account.network} {account.handle} of {brand.slug}" if account else f"brand {brand.slug}"
    return Switched(what, changed, held[0] if held else None)
