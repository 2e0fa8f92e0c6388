"""The radar: connections that end and will not be renewed by themselves, and the posts that are at risk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crosspost.clock import zone
from crosspost.commands.refresh import connect_again, login_for, renewable, why_not
from crosspost.domain.brand import Account, Brand
from crosspost.domain.delivery import Delivery, State
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.store import brands, credentials, deliveries
from crosspost.store.store import Scope, Store

DAYS = (14, 7, 2)
_NAMED = 5  # posts; the others are counted


@dataclass(frozen=True, slots=True)
class Ending:
    """One connection that ends. `days` is the threshold it has passed; `warned` the last that was told."""

    account: Account
    name: str
    ends_at: datetime
    why: str
    days: int
    warned: int | None
    at_risk: tuple[Delivery, ...]

    def sentence(self, brand: Brand, now: datetime) -> str:
        """For its owner, in the owner's zone."""
        where = zone(brand.zone)
        when = "ended" if self.ends_at <= now else "ends"
        told = (
            f"{self.account.network} {self.account.handle}: the connection {when} on "
            f"{self.ends_at.astimezone(where):%Y-%m-%d %H:%M} and is not renewed ({self.why}). "
        )
        named = "; ".join(
            f"“{_first_words(one)}” of {one.due_at.astimezone(where):%Y-%m-%d %H:%M}" for one in self.at_risk[:_NAMED]
        )
        more = f" and {len(self.at_risk) - _NAMED} more" if len(self.at_risk) > _NAMED else ""
        risk = f"At risk: {named}{more}" if self.at_risk else "No post is scheduled after that"
        return f"{told}{risk}; {connect_again(self.account)}"


def endings(scope: Scope, now: datetime) -> list[Ending]:
    """The connections of a brand that end within 14 days or have ended, the first to end first."""
    found = []
    for account in brands.accounts(scope):
        login = login_for(account)
        if login is None:
            continue
        lives = credentials.lives(scope, account.id)
        life = lives.get(login.used or login.access)
        if life is None or life.expires_at is None or (login.used is None and renewable(login, lives)):
            continue
        passed = [days for days in DAYS if life.expires_at - now <= timedelta(days=days)]
        if not passed:
            continue
        why = "the network asks for a new login by then" if login.used else life.problem or why_not(login)
        scheduled = deliveries.listed(scope, (State.SCHEDULED,), account_id=account.id)
        risk = tuple(one for one in scheduled if one.due_at >= life.expires_at)
        found.append(Ending(account, life.name, life.expires_at, why, min(passed), life.warned_days, risk))
    return sorted(found, key=lambda one: one.ends_at)


def look(store: Store, tell: Callable[[Notice], None], now: datetime) -> int:
    """Tell of each connection once per threshold. How many were told of."""
    count = 0
    for brand in store.brands():
        with store.read(brand.id) as scope:
            found = [one for one in endings(scope, now) if one.warned is None or one.days < one.warned]
        for one in found:
            # Told before it is marked: who dies in between tells twice, and never not at all.
            tell(Notice(NoticeKind.EXPIRES, one.sentence(brand, now), now, brand.id, one.account.id))
            with store.write(brand.id) as scope:
                credentials.note(scope, one.account.id, one.name, warned_days=one.days)
        count += len(found)
    return count


def _first_words(one: Delivery) -> str:
    text = " ".join(one.teaser.text.split())
    return text if len(text) <= 40 else text[:39] + "…"
