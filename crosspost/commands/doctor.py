"""Examine an installation and its accounts: one line each, good, or what to do. Nothing is posted.

Every account is looked at by itself: one that hangs, or whose token is dead, hides no other. What costs money is asked
only on request.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from crosspost.commands.costs import prices_of
from crosspost.commands.refresh import connect_again, login_for, renewable, why_not
from crosspost.commands.status import status
from crosspost.domain.brand import IMPORTED, Account, Brand
from crosspost.domain.costs import Cost, amount
from crosspost.domain.errors import CrosspostError, NetworkFailure, NoCredit, RateLimited, Unauthorized
from crosspost.domain.finding import Finding, Health, good, not_told, see_to
from crosspost.domain.kind import Kind
from crosspost.networks import NETWORKS, network
from crosspost.networks.network import Adapter, Examiner, PaidExaminer
from crosspost.outside.dated import Dated
from crosspost.ownership import AccountLock, account_lock
from crosspost.store import brands, credentials, spending, standing
from crosspost.store.database import wal_is_sound
from crosspost.store.store import Store

LEAST_FREE = 500_000_000  # bytes; a log, a backup or a report must still fit
CLOCK_S = 30.0  # networks refuse signatures that are minutes off, and posts would go out at the wrong time
PATIENCE_S = 10.0  # for one request
SOON = timedelta(days=14)  # a token that ends within it and is not renewed is to be seen to
_AT_WORK_S = 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """A finding and what it is about: an account, a brand, or (both None) the installation."""

    brand: str | None
    account: str | None
    finding: Finding


@dataclass(frozen=True, slots=True)
class Checkup:
    at: datetime
    lines: tuple[Line, ...]

    @property
    def green(self) -> bool:
        return all(line.finding.health is not Health.SEE_TO for line in self.lines)


@dataclass(frozen=True, slots=True)
class Doctor:
    """`open_account` must go out through `outbound`, whose answers tell the time. `ways`: how many ways of telling are
    set. `real_time` is False on a virtual clock."""

    store: Store
    open_account: Callable[[Account], Adapter]
    outbound: Dated
    data_dir: Path
    locks: Path
    ways: int
    real_time: bool = True
    paid: bool = False

    def examine(self, now: datetime, only: Sequence[tuple[Brand, Account]] | None = None) -> Checkup:
        """Everything, or only these accounts."""
        wanted = self._accounts() if only is None else list(only)
        with ThreadPoolExecutor(max_workers=8, thread_name_prefix="doctor") as pool:
            found = list(pool.map(lambda pair: self._account(pair[0], pair[1], now), wanted))
        lines = [
            Line(brand.slug, f"{account.network} {account.handle}", finding)
            for (brand, account), findings in zip(wanted, found, strict=True)
            for finding in findings
        ]
        if only is None:
            lines = [*self._installation(now), *lines]
        return Checkup(now, tuple(lines))

    def _accounts(self) -> list[tuple[Brand, Account]]:
        found = []
        for brand in self.store.brands():
            with self.store.read(brand.id) as scope:
                found += [(brand, one) for one in brands.accounts(scope)]
        return found

    # an account

    def _account(self, brand: Brand, account: Account, now: datetime) -> list[Finding]:
        if account.server == IMPORTED or account.network not in NETWORKS:
            return []  # only its history is here
        kind = network(account.network).kind
        if kind is Kind.CLOSED:
            return []
        if kind is Kind.MANUAL:
            return [self._telling()]
        found = self._switches(brand, account) + self._budget(brand, account, now)
        lock = self._lock(account)
        if lock is None:
            return [*found, not_told("account", "is at work just now", "run it again in a minute")]
        try:
            with lock:
                return [_named(one, account) for one in found + self._asked(account, now)]
        except CrosspostError as error:
            return [*found, see_to("account", error.message, error.remedy or "crosspost account connect")]
        except Exception as error:  # one account's fault must not hide the others
            return [*found, see_to("account", f"a fault of crosspost ({type(error).__name__})", "please report it")]

    def _lock(self, account: Account) -> AccountLock | None:
        """Nobody posts or refreshes a token meanwhile."""
        until = time.monotonic() + _AT_WORK_S
        while (lock := account_lock(self.locks, account.id)) is None and time.monotonic() < until:
            time.sleep(0.1)
        return lock

    def _asked(self, account: Account, now: datetime) -> list[Finding]:
        adapter = self.open_account(account)
        found = _guarded(lambda: adapter.examine(now), account) if isinstance(adapter, Examiner) else []
        if not any(one.check == "token life" for one in found):
            found = [*self._token_life(account, now), *found]
        if isinstance(adapter, PaidExaminer):
            found += self._for_money(account, adapter, now)
        return found

    def _for_money(self, account: Account, adapter: PaidExaminer, now: datetime) -> list[Finding]:
        if self.paid:
            return _guarded(lambda: adapter.examine_paid(now), account)
        prices = prices_of(adapter, account.settings)
        cost = f"about {Cost(adapter.cost_of_examining(), prices)}" if prices is not None else "money"
        return [not_told("answers", f"not asked: token, credits and metrics cost {cost}", "crosspost doctor --paid")]

    def _token_life(self, account: Account, now: datetime) -> list[Finding]:
        """By what is known of its end, where the network was asked nothing or tells none."""
        login = login_for(account)
        if login is None:
            return []
        with self.store.read(account.brand_id) as scope:
            known = credentials.lives(scope, account.id)
        life = known.get(login.used or login.access)
        if life is None or life.expires_at is None:
            return []
        ends = f"ends on {life.expires_at:%Y-%m-%d}"
        if life.problem is None and renewable(login, known):
            return [good("token life", f"{ends}, and is renewed before")]
        text = f"{ends}: {life.problem or why_not(login)}"
        if life.expires_at - now < SOON:
            return [see_to("token life", text, connect_again(account))]
        return [good("token life", text)]

    def _switches(self, brand: Brand, account: Account) -> list[Finding]:
        with self.store.read(brand.id) as scope:
            switches = next(one for one in standing.accounts(scope) if one.id == account.id)
        found = []
        if switches.stopped is not None:
            remedy = f"crosspost resume --brand {brand.slug} --account {account.id}"
            found.append(see_to("stop switch", f"the account is stopped: {switches.stopped}", remedy))
        if switches.blocked is not None:
            remedy = f"crosspost account connect {account.network}"
            found.append(see_to("blocked", f"nothing is sent: {switches.blocked}", remedy))
        return found

    def _budget(self, brand: Brand, account: Account, now: datetime) -> list[Finding]:
        found = []
        with self.store.read(brand.id) as scope:
            for one in spending.budgets(scope):
                if one.account_id not in (None, account.id):
                    continue
                day, month = spending.so_far(scope, one.account_id, one.currency, now)
                for word, limit, spent in (("day", one.day, amount(day)), ("month", one.month, amount(month))):
                    if limit is None:
                        continue
                    text = f"{spent} of {limit} {one.currency} a {word} are spent"
                    if spent >= limit:
                        found.append(see_to("budget", text, "wait, or raise it: crosspost budget"))
                    else:
                        found.append(good("budget", text))
        return found

    # the installation

    def _installation(self, now: datetime) -> list[Line]:
        found = [self._disk(), self._sqlite(), self._clock()]
        lines: list[Line] = []
        known = status(self.store, now, ways=self.ways)
        if known.last_tick is None:
            found.append(not_told("scheduler", "has never run", "crosspost run"))
        elif known.ticking:
            found.append(good("scheduler", f"last tick {known.last_tick:%Y-%m-%d %H:%M} UTC"))
        else:
            text = f"has not ticked since {known.last_tick:%Y-%m-%d %H:%M} UTC: nothing is published"
            found.append(see_to("scheduler", text, "crosspost run"))
        if known.held is not None:
            found.append(see_to("restore", f"{known.held}: nothing is sent", "crosspost resume --after-restore"))
        if known.stopped is not None:
            found.append(see_to("stop switch", f"everything is stopped: {known.stopped}", "crosspost resume"))
        for brand in known.brands:
            if brand.stopped is not None:
                text = f"the brand is stopped: {brand.stopped}"
                finding = see_to("stop switch", text, f"crosspost resume --brand {brand.slug}")
                lines.append(Line(brand.slug, None, finding))
        if known.in_vain:
            text = f"{known.in_vain} notices could not be told"
            found.append(see_to("telling", text, "check the mail server or webhook in the settings"))
        else:
            found.append(self._telling())
        return [*(Line(None, None, one) for one in found), *lines]

    def _telling(self) -> Finding:
        if self.ways:
            return good("telling", f"{self.ways} ways of telling are set")
        return not_told("telling", "no way of telling is set: you must look yourself", "set smtp_host or webhook_url")

    def _disk(self) -> Finding:
        here = self.data_dir if self.data_dir.exists() else Path.cwd()
        usage = shutil.disk_usage(here)
        text = f"{usage.free / 1e9:.1f} GB are free where the data is"
        return good("disk", text) if usage.free >= LEAST_FREE else see_to("disk", text, "make room")

    def _sqlite(self) -> Finding:
        if self.store.database.dialect != "sqlite":
            return good("database", "PostgreSQL answers")
        with self.store.database.read() as connection:
            mode = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()).lower()
        text, sound = f"SQLite {sqlite3.sqlite_version}, journal mode {mode}", wal_is_sound(sqlite3.sqlite_version_info)
        if mode != "wal":
            return good("database", text if sound else f"{text}: its fault in WAL mode is not met")
        if sound:
            return good("database", text)
        remedy = "stop the other program that opened it so; this version can damage such a file (see docs/decisions)"
        return see_to("database", text, remedy)

    def _clock(self) -> Finding:
        if not self.real_time:
            return not_told("clock", "virtual: a sandbox drives it")
        if not self.outbound.ahead:
            return not_told("clock", "no answer told the time")
        ahead = median(self.outbound.ahead)
        if abs(ahead) <= CLOCK_S:
            return good("clock", f"within {max(1, round(abs(ahead)))} s of the networks' clocks")
        text = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the networks' clocks"
        return see_to("clock", text, "let the system set its time by NTP")


def _named(one: Finding, account: Account) -> Finding:
    """With the account's name where the remedy leaves it out: an adapter does not know what it is called here."""
    name = f"{account.network}:{account.handle}"
    return replace(one, remedy=one.remedy.replace("account set …", f"account set {name}")) if one.remedy else one


def _guarded(examine: Callable[[], list[Finding]], account: Account) -> list[Finding]:
    try:
        return examine()
    except Unauthorized as failure:
        return [see_to("token", failure.reason, f"crosspost account connect {account.network}, with a new token")]
    except NoCredit as failure:
        return [see_to("credits", failure.reason, "buy credits, or raise the spending limit at the network")]
    except RateLimited as failure:
        return [not_told("answers", f"not now: {failure.reason}", "run it again later")]
    except NetworkFailure as failure:
        return [see_to("answers", failure.reason, "check the connection and the network's own status page")]
