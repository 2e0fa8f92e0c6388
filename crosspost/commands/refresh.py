"""Renew tokens before they end: one at a time per account, under the lock that sending holds, stored before used.

Nothing is asked twice when the answer may have spent the only token there is: the owner is told to connect again, and
the old token serves until it ends.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from crosspost.clock import Clock
from crosspost.domain.brand import Account
from crosspost.domain.errors import Conflict, CrosspostError, NetworkFailure, NotSent, OutcomeUnknown, Unauthorized
from crosspost.domain.login import REFRESH, Life, Login, Renewal
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.networks import NETWORKS, adapter_of, network
from crosspost.networks.network import Adapter, Refresher
from crosspost.ownership import account_lock
from crosspost.secret import Secret
from crosspost.store import brands, credentials
from crosspost.store.store import Store

if TYPE_CHECKING:
    # Not loaded: `status` asks what ends and connects to nothing, and the vault would come with it.
    from crosspost.commands.connect import Connector

log = logging.getLogger(__name__)

AGAIN = timedelta(minutes=5)  # after a renewal that could not be asked for
# Stands in the row while a token that works once is being renewed. Whoever finds it there knows that the answer was
# never stored: the worker died, or, if it was begun just now, one on another host is still waiting.
BEGUN = "a renewal was begun, and its answer is not known"
WAITS = timedelta(minutes=1)
VISIT_S = 20.0  # how long a command waits for an account that is being used
LAZY = timedelta(days=1)  # a token that is renewed later than this before its end is renewed when it is used


@dataclass(frozen=True, slots=True)
class Renewed:
    """What became of one account's token. `ends_at` None: no end, or nobody told one. `problem`: why not."""

    account: Account
    done: bool
    ends_at: datetime | None
    problem: str | None = None


class Renewer:
    """`notify` tells the owner; `locks` is the folder of the accounts' locks."""

    def __init__(
        self, store: Store, connector: Connector, clock: Clock, locks: Path, notify: Callable[[Notice], None]
    ) -> None:
        self._store, self._connector, self._clock = store, connector, clock
        self.locks, self._notify = locks, notify
        self._not_before: dict[str, datetime] = {}  # account → when a renewal that failed may be asked for again
        self._given: dict[str, Mapping[str, Secret]] = {}  # account → the secrets its adapter was opened with

    def open(self, account: Account) -> Adapter:
        """The account's adapter, its token renewed first where it ends soon. The caller holds the account's lock.

        Raises Conflict (nothing is stored; the token ended and cannot be renewed), NotSent (it ended, and the network
        cannot be asked now).
        """
        self.renew(account)
        return self._opened(account)

    def again(self, account: Account) -> Adapter | None:
        """The account's adapter with another token, after the network refused the one it was opened with; None when
        there is none. What somebody stored meanwhile is taken, else it is renewed, once. The caller holds the lock.

        Raises Conflict as `open` does, NotSent when the network cannot be asked for a token now.
        """
        if self._stored(account) == self._given.get(account.id) and not self._renewed_early(account):
            return None
        return self._opened(account)

    def visit(self, account: Account) -> Adapter:
        """The same for who holds no lock: it is taken for the renewal alone. Raises Conflict too while it is taken."""
        lock = account_lock(self.locks, account.id, wait_s=VISIT_S)
        if lock is None:
            raise Conflict(f"{account.network} {account.handle} is being used", remedy="try again in a minute")
        with lock:
            return self.open(account)

    def renew(self, account: Account, *, asked: bool = False) -> Renewed:
        """Renew if it is time, or if a person asked. The caller holds the account's lock. Raises as `open` does."""
        now = self._clock.now()
        login, known = self._known(account)
        if login is None or (life := known.get(login.access)) is None:
            return Renewed(account, False, None, "nothing of this account is renewed" if asked else None)
        if not renewable(login, known):
            if life.problem == BEGUN and _ended(life, now) and timedelta(0) <= now - life.updated_at < WAITS:
                raise NotSent("its token has ended, and another worker is renewing it")
            if life.problem is not None and not asked:
                self._refuse_ended(account, login, life, life.problem, now)
            return Renewed(account, False, life.expires_at, life.problem or why_not(login))
        if now < life.updated_at + login.least_age:
            hours = login.least_age.total_seconds() / 3600
            return Renewed(account, False, life.expires_at, f"a token is renewed once it is {hours:.0f} hours old")
        if not (asked or self._is_time(account, login, life, now)):
            return Renewed(account, False, life.expires_at)
        if login.renewal is Renewal.EXCHANGE and _ended(life, now):
            return self._lost(account, login, life, "the token has ended, and an ended one cannot be exchanged", now)
        return self._ask(account, login, life, now)

    def due(self, now: datetime) -> list[Renewed]:
        """Renew what nobody uses often enough for it to be renewed on the way. An account in use is left alone."""
        found = []
        for brand in self._store.brands():
            with self._store.read(brand.id) as scope:
                accounts = brands.accounts(scope)
            for account in accounts:
                login, known = self._known(account)
                if login is None or login.early < LAZY or not renewable(login, known):
                    continue
                if not self._is_time(account, login, known[login.access], now):
                    continue
                if (lock := account_lock(self.locks, account.id)) is not None:
                    with lock:
                        try:
                            found.append(self.renew(account))
                        except (CrosspostError, DBAPIError, NotSent) as failure:  # the others are renewed all the same
                            log.warning("%s %s was not renewed: %s", account.network, account.handle, failure)
        return found

    def _opened(self, account: Account) -> Adapter:
        self._given[account.id] = self._stored(account)
        return self._connector.open(account)

    def _stored(self, account: Account) -> Mapping[str, Secret]:
        """What proves who we are: a session that the adapter itself renews is not among it."""
        login = login_for(account)
        names = {*adapter_of(account.network).secrets, *((login.access, login.used) if login else ())}
        return {name: one for name, one in self._connector.secrets(account).items() if name in names}

    def _renewed_early(self, account: Account) -> bool:
        """Renew a token that is refused before its end. Of a failure nobody is told here: the account is blocked."""
        now = self._clock.now()
        login, known = self._known(account)
        if login is None or not renewable(login, known):
            return False
        life, exchanged = known[login.access], login.renewal is Renewal.EXCHANGE
        if now < life.updated_at + login.least_age or (exchanged and (login.used is None or _ended(life, now))):
            return False  # too young, or it would be asked for with the very token that is refused
        if now < self._not_before.get(account.id, now):
            raise NotSent("its token is refused, and could not be renewed a moment ago")
        return self._ask(account, login, life, now, refused=True).done

    def _known(self, account: Account) -> tuple[Login | None, Mapping[str, Life]]:
        login = login_for(account)
        if login is None:
            return None, {}
        with self._store.read(account.brand_id) as scope:
            return login, credentials.lives(scope, account.id)

    def _is_time(self, account: Account, login: Login, life: Life, now: datetime) -> bool:
        if life.expires_at is None or now < life.expires_at - login.early or now < life.updated_at + login.least_age:
            return False
        return now >= self._not_before.get(account.id, now)

    def _ask(self, account: Account, login: Login, life: Life, now: datetime, *, refused: bool = False) -> Renewed:
        """`refused`: the token is of no use any more, whatever its end."""
        adapter = self._connector.open(account)
        if not isinstance(adapter, Refresher):
            return Renewed(account, False, life.expires_at, f"{account.network} tokens are not renewed")
        before = {login.access: self._connector.secrets(account)[login.access]}
        if login.renewal is Renewal.ROTATING:
            with self._store.write(account.brand_id) as scope:
                if not credentials.begin_renewal(scope, account.id, life, BEGUN, now):
                    return Renewed(account, False, life.expires_at, "another worker is renewing it")
        try:
            issued = adapter.refresh()
        except Unauthorized as failure:
            return self._lost(account, login, life, f"renewing was refused ({failure.reason})", now, refused=refused)
        except OutcomeUnknown as failure:
            problem = f"the answer to renewing was lost ({failure.reason})"
            return self._lost(account, login, life, problem, now, refused=refused)
        except NetworkFailure as failure:
            log.warning("%s %s could not be renewed: %s", account.network, account.handle, failure.reason)
            with self._store.write(account.brand_id) as scope:
                credentials.note(scope, account.id, life.name, problem=None)
            self._not_before[account.id] = now + AGAIN
            if refused or (login.used is None and _ended(life, now)):
                what = "is refused" if refused else "has ended"
                raise NotSent(f"its token {what} and could not be renewed yet: {failure.reason}") from None
            return Renewed(account, False, life.expires_at, failure.reason)
        if not self._connector.keep(account, issued, before):
            return Renewed(account, False, life.expires_at, "it was connected again meanwhile")
        self._not_before.pop(account.id, None)
        log.info("renewed the token of %s %s", account.network, account.handle)
        return Renewed(account, True, issued.expires.get(login.access))

    def _lost(
        self, account: Account, login: Login, life: Life, problem: str, now: datetime, *, refused: bool = False
    ) -> Renewed:
        """Kept with the token, so that nobody asks again; told once, here or with the block that follows."""
        with self._store.write(account.brand_id) as scope:
            credentials.note(scope, account.id, life.name, problem=problem)
        if refused:
            log.warning("%s %s: its token is refused, and %s", account.network, account.handle, problem)
            return Renewed(account, False, life.expires_at, problem)
        ends = "works for now" if life.expires_at is None else f"works until {life.expires_at:%Y-%m-%d %H:%M} UTC"
        ends = "has ended" if _ended(life, now) else ends
        text = f"{account.network} {account.handle}: {problem}. The token {ends}. {connect_again(account)}"
        self._notify(Notice(NoticeKind.EXPIRES, text, now, account.brand_id, account.id))
        self._refuse_ended(account, login, life, problem, now)
        return Renewed(account, False, life.expires_at, problem)

    @staticmethod
    def _refuse_ended(account: Account, login: Login, life: Life, problem: str, now: datetime) -> None:
        """Before its end a token serves, problem or not. A Page's token does not end with the user's."""
        if login.used is None and _ended(life, now):
            raise Conflict(f"{account.network} {account.handle}: {problem}", remedy=connect_again(account))


def login_for(account: Account) -> Login | None:
    """How one logs in to the account's network; None where nobody does: imported, brought, closed since, or not known
    here."""
    if not account.has_api or account.network not in NETWORKS:
        return None
    login: Login | None = getattr(network(account.network), "login", None)
    return login


def renewable(login: Login, known: Mapping[str, Life]) -> bool:
    """Whether the account's token can be renewed, as far as its rows tell."""
    life = known.get(login.access)
    if life is None or life.problem is not None:
        return False
    return login.renewal is Renewal.EXCHANGE or (login.renewal is Renewal.ROTATING and REFRESH in known)


def why_not(login: Login) -> str:
    """Why a token that has no problem cannot be renewed."""
    if login.renewal is Renewal.NEVER:
        return "this token has no end"
    return "there is no refresh token" if login.renewal is Renewal.ROTATING else "this network renews none"


def connect_again(account: Account) -> str:
    return f"connect it again: crosspost account connect {account.network}"


def _ended(life: Life, now: datetime) -> bool:
    return life.expires_at is not None and life.expires_at <= now
