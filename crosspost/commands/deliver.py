"""Send what is due, clear up what is unclear, read back what was sent: one round per tick."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from threading import Event, Lock

from sqlalchemy.exc import DBAPIError

from crosspost.clock import Clock
from crosspost.commands.costs import pricer
from crosspost.commands.flight import Landed, Probe, fly, no_probe
from crosspost.domain.brand import READING_ONLY, Account, Brand
from crosspost.domain.delivery import Delivery, DeliveryClass
from crosspost.domain.errors import CrosspostError, NetworkFailure, NotAllowed, NotSent
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.domain.windows import BootTime, Windows
from crosspost.networks.network import Network, Publisher, declared
from crosspost.ownership import Ownership, account_lock
from crosspost.store import brands, claims, flights, installation
from crosspost.store.claims import Taken
from crosspost.store.flights import Fenced, Held, Work
from crosspost.store.sessions import Sessions
from crosspost.store.store import Scope, Store
from crosspost.store.together import Together

log = logging.getLogger(__name__)

_ASK_AGAIN_S = 5.0  # a person may have changed a switch in another process
_NEW_DUE_S = 1.0  # something new may be due behind a delivery that waits
_BUSY_S = 0.2
_NOT_YET_S = 60.0  # the token ended, and the network could not be asked for another


@dataclass(frozen=True, slots=True)
class TickReport:
    """`next_at` is when something is due or worth asking again; None when nothing is planned."""

    next_at: datetime | None
    accounts: int = 0  # handed to workers
    adopted: int = 0  # taken over from workers that died
    held: str | None = None  # why nothing was sent at all


_AT_ONCE = Taken(None, 0.0)


@dataclass(slots=True)
class _Hand:
    """What an account is served with: its adapter, None while it is blocked. Another one after its token changed."""

    adapter: Publisher | None


class Deliverer:
    """One worker. Accounts are served side by side, each by one thread and one delivery at a time.

    `open_account` gives the adapter, `reopen` the one with another token after a refusal (None: there is none; see
    `crosspost.commands.refresh.Renewer.again`), `read_image` the bytes of an attachment by its SHA-256. `notify` is
    called after the fact was recorded; what it raises is logged and changes nothing. `probe` is called with the name
    of each step of a flight: harnesses stop the process there.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        open_account: Callable[[Account], Network],
        ownership: Ownership,
        *,
        windows: Windows | None = None,
        rng: Random | None = None,
        read_image: Callable[[str], bytes] | None = None,
        notify: Callable[[Notice], None] | None = None,
        probe: Probe = no_probe,
        workers: int = 8,
        sessions: Sessions | None = None,
        reopen: Callable[[Account], Network | None] | None = None,
    ) -> None:
        self._store, self._clock, self._open, self._ownership = store, clock, open_account, ownership
        self._reopen = reopen
        self._windows = windows or Windows()
        self._rng = rng or Random()  # noqa: S311 - jitter
        self._read_image, self._notify, self._probe = read_image, notify, probe
        self._sessions = sessions
        if sessions is None and store.database.dialect == "postgresql":
            self._sessions = Sessions(store.database, ownership.id)
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="deliver")
        self._lock = Lock()
        self._together = Together(store)
        self._running: dict[str, Future[None]] = {}
        self._waiting: dict[str, tuple[BootTime, Taken]] = {}  # account → when and why nothing was taken
        self._unwritten: dict[str, Callable[[], None]] = {}  # account → an outcome the database did not take yet
        self._capped: set[str] = set()  # accounts whose owner was told that a cap holds them
        self._stopping = Event()
        self._seen: tuple[datetime, BootTime] | None = None
        self._hold_from: BootTime | None = None

    @property
    def locks(self) -> Path:
        """The folder of the accounts' locks."""
        return self._ownership.accounts

    def tick(self, now: datetime, *, wait: bool = False) -> TickReport:
        """One round over every brand. With `wait` it returns when all that it started has ended."""
        boot = self._boot()
        if (left := self._clock_hold(now, boot)) > 0:
            return TickReport(now + timedelta(seconds=left), held="the clock jumped")
        if self._sessions is not None:
            self._sessions.keep()
        self._write_again()
        started: list[Future[None]] = []
        adopted = 0
        found: dict[str, Work] = {}
        for brand in self._store.brands():
            try:
                work = found[brand.id] = self._work(brand.id, now)
                adopted += self._adopt(brand, work, now, boot)
                started += self._start(brand, work, now, boot)
            except (DBAPIError, CrosspostError) as error:
                # One brand's trouble must not stop the others; nothing was sent for this one.
                log.error("deliveries of %s could not be looked at: %s", brand.slug, _name(error), exc_info=error)
        if wait:
            wait_for(started)
            for future in started:
                future.result()
        if wait and (started or adopted):
            now = self._clock.now()
            found = {brand_id: self._work(brand_id, now) for brand_id in found}
        return TickReport(self._next(found, now), len(started), adopted)

    def close(self) -> None:
        """Take nothing more and wait for what is in flight; at most one request's deadline per account."""
        self._stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._sessions is not None:
            self._sessions.close()

    def _boot(self) -> BootTime:
        return BootTime(self._clock.boot_id(), self._clock.boot_s())

    def _clock_hold(self, now: datetime, boot: BootTime) -> float:
        """Seconds to hold everything because the wall clock moved against the boot clock."""
        if self._seen is not None:
            then, then_boot = self._seen
            elapsed = boot.since(then_boot)
            drift = (now - then).total_seconds() - elapsed if elapsed is not None else 0.0
            if abs(drift) > self._windows.clock_jump_s:
                self._hold_from = boot
                self._tell(Notice(NoticeKind.CLOCK, f"the clock jumped by {drift:.0f} seconds", now))
        self._seen = (now, boot)
        since = boot.since(self._hold_from)
        return 0.0 if since is None else max(0.0, self._windows.clock_hold_s - since)

    def _adopt(self, brand: Brand, work: Work, now: datetime, boot: BootTime) -> int:
        """Deliveries that dead workers held become unknown."""
        dead = [(one, lost) for one in work.held if (lost := self._lost(one)) is not None]
        if not dead:
            return 0
        with self._store.write(brand.id) as scope:
            found = flights.adopt(scope, dead, now=now, boot=boot)
        for row in found:
            log.warning("delivery %s was %s by a worker that died", row.id, row.state.value)
        return len(found)

    def _lost(self, held: Held) -> bool | None:
        """None: its owner lives, or may. False: dead. True: its session ended, and it may live on another host."""
        if held.owner == self._ownership.id:
            with self._lock:
                return None if held.account_id in self._running or held.account_id in self._unwritten else False
        if self._ownership.is_local(held.owner):
            return False if self._ownership.is_dead(held.owner) else None
        if self._sessions is not None and self._sessions.ended(held.owner):
            return True
        return None

    def _start(self, brand: Brand, work: Work, now: datetime, boot: BootTime) -> list[Future[None]]:
        wanted = [one for one in work.accounts if self._free(one, boot)]
        if work.blocked:
            with self._store.write(brand.id) as scope:
                notices = flights.unblock(scope, now=now)
            self._tell(*notices)
        if not wanted:
            return []
        with self._store.read(brand.id) as scope:
            accounts = {one: brands.account_by_id(scope, one) for one in wanted}
        started = []
        for account_id in wanted:
            with self._lock:
                if self._stopping.is_set():
                    break
                future = self._running[account_id] = self._pool.submit(self._served, accounts[account_id])
            started.append(future)
        return started

    def _free(self, account_id: str, boot: BootTime) -> bool:
        with self._lock:
            if account_id in self._running or account_id in self._unwritten:
                return False
            if account_id not in self._waiting:
                return True
            asked, taken = self._waiting[account_id]
            since = boot.since(asked)
            most = _ASK_AGAIN_S if taken.whole else _NEW_DUE_S
            return since is None or since >= min(most, most if taken.wait_s is None else taken.wait_s)

    def _served(self, account: Account) -> None:
        """Serve an account and leave it before the future is done: who waited for that may start the next round."""
        try:
            self._serve(account)
        except Exception as error:
            log.error("serving account %s ended with %s", account.id, _name(error), exc_info=error)
            raise
        finally:
            with self._lock:
                self._running.pop(account.id, None)

    def _serve(self, account: Account) -> None:
        """Everything that one account has to do now, one delivery after the other."""
        if account.by_hand:
            self._remind(account)
            return
        lock = account_lock(self.locks, account.id)
        if lock is None:
            # Its numbers are being read, or another worker serves it: whoever reads lets go when somebody came.
            self._wait(account.id, Taken(None, _BUSY_S, "somebody else is at this account"))
            return
        try:
            with lock:
                hand = _Hand(self._adapter(account))
                while not self._stopping.is_set() and self._serve_one(account, hand):
                    pass
        except Fenced:
            log.warning("a delivery of account %s was taken over; nothing was written", account.id)
        except NetworkFailure as failure:
            log.warning("account %s cannot be served yet: %s", account.id, failure.reason)
            self._wait(account.id, Taken(None, _NOT_YET_S, failure.reason))
        except (DBAPIError, CrosspostError) as error:
            log.error("account %s could not be served: %s", account.id, _name(error), exc_info=error)
            self._wait(account.id, Taken(None, 1.0, "the database did not answer"))

    def _remind(self, account: Account) -> None:
        """Of a manual network: nothing is sent, people are asked to."""

        def remind(scope: Scope) -> Taken:
            return claims.remind(scope, account.id, now=self._clock.now(), boot=self._boot(), windows=self._windows)

        try:
            taken = self._together.write(account.brand_id, remind)
        except Fenced:  # a person was quicker
            return
        except (DBAPIError, CrosspostError) as error:
            log.error("nobody could be reminded of %s: %s", account.id, _name(error), exc_info=error)
            taken = Taken(None, 1.0, "the database did not answer")
        self._tell(*taken.notices)
        self._wait(account.id, taken)

    def _serve_one(self, account: Account, hand: _Hand) -> bool:
        adapter = hand.adapter

        def take(scope: Scope) -> Taken:
            found = claims.take(
                scope, account.id, owner=self._ownership.id, now=self._clock.now(), boot=self._boot(),
                windows=self._windows, declare=self._declare(account, adapter), price=pricer(adapter, account.settings),
            )  # fmt: skip
            self._probe("before claim commits")
            return found

        self._probe("before claim")
        taken = self._together.write(account.brand_id, take)
        self._tell(*taken.notices)
        self._tell_of_cap(account, taken)
        if taken.flight is None or adapter is None:
            self._wait(account.id, taken)
            return False
        self._probe("claimed")
        landed = fly(
            taken.flight, adapter, store=self._store, clock=self._clock, windows=self._windows, rng=self._rng,
            read_image=self._read_image, probe=self._probe, again=partial(self._again, account, hand),
        )  # fmt: skip
        if landed is not None and not self._written(account, landed):
            return False
        if landed is not None:
            self._tell(*landed.notices)
        return taken.more

    def _again(self, account: Account, hand: _Hand) -> Publisher | None:
        """The adapter with another token, which what follows is sent with as well."""
        if self._reopen is None:
            return None
        try:
            fresh: object = self._reopen(account)
        except CrosspostError as error:
            log.warning("account %s has no other token: %s", account.id, error)
            return None
        except DBAPIError as error:
            log.error("account %s could not be opened again: %s", account.id, _name(error), exc_info=error)
            raise NotSent("the token is refused, and the database did not answer") from None
        if isinstance(fresh, Publisher):
            log.info("account %s: the token was refused before its end; going on with another", account.id)
            hand.adapter = fresh
            return fresh
        return None

    def _tell_of_cap(self, account: Account, taken: Taken) -> None:
        """Once, until something is sent again."""
        if taken.capped and account.id not in self._capped:
            self._capped.add(account.id)
            text = f"{account.network} {account.handle} waits: {taken.reason}"
            self._tell(Notice(NoticeKind.WAITS, text, self._clock.now(), account.brand_id, account.id))
        elif taken.flight is not None and taken.flight.action == "send":
            self._capped.discard(account.id)

    def _declare(self, account: Account, adapter: Publisher | None) -> Callable[[Delivery], DeliveryClass]:
        if adapter is not None:
            return lambda row: declared(adapter, row.teaser.link_placement, reply=row.parent_id is not None)

        def unknown(_row: Delivery) -> DeliveryClass:
            # Unblocked since we looked: the next tick opens it.
            raise Fenced(account.id)

        return unknown

    def _adapter(self, account: Account) -> Publisher | None:
        """The account's adapter; None when it is blocked, which it becomes when it cannot be opened."""
        if account.blocked_reason is not None:
            return None
        try:
            if account.read_only:
                raise NotAllowed(READING_ONLY)
            adapter = self._open(account)
            if isinstance(adapter, Publisher):
                return adapter
            reason = f"crosspost cannot publish to {account.network}"
        except CrosspostError as error:
            reason = str(error)
        with self._store.write(account.brand_id) as scope:
            flights.block(scope, account.id, reason)
        now = self._clock.now()
        self._tell(Notice(NoticeKind.BLOCKED, reason, now, account.brand_id, account.id))
        return None

    def _written(self, account: Account, landed: Landed) -> bool:
        """Record an outcome, again and again: until it is, this account sends nothing."""

        def write() -> None:
            self._together.write(account.brand_id, landed.write)
            self._probe("recorded")

        for pause in (0.05, 0.5, 2.0):
            try:
                write()
                return True
            except (DBAPIError, CrosspostError) as error:
                log.error("an outcome of account %s is not recorded yet: %s", account.id, _name(error), exc_info=error)
                self._stopping.wait(pause)
        with self._lock:
            self._unwritten[account.id] = write
        return False

    def _write_again(self) -> None:
        for account_id, write in list(self._unwritten.items()):
            try:
                write()
            except (DBAPIError, CrosspostError):
                continue
            except Fenced:
                log.warning("an outcome of account %s came too late", account_id)
            with self._lock:
                self._unwritten.pop(account_id, None)

    def _wait(self, account_id: str, taken: Taken) -> None:
        with self._lock:
            if taken.reason is None:
                self._waiting.pop(account_id, None)
            else:
                self._waiting[account_id] = (self._boot(), taken)

    def _work(self, brand_id: str, now: datetime) -> Work:
        with self._store.read(brand_id) as scope:
            return flights.work(scope, now)

    def _next(self, found: dict[str, Work], now: datetime) -> datetime | None:
        """The next due time, and the end of the shortest wait."""
        boot = self._boot()
        wishes: list[datetime] = []
        for work in found.values():
            wishes += [work.next_due] if work.next_due else []
            for account_id in work.accounts:
                asked, taken = self._waiting.get(account_id, (boot, _AT_ONCE))
                if taken.wait_s is not None:
                    left = taken.wait_s - (boot.since(asked) or 0.0)
                    wishes.append(now + timedelta(seconds=max(0.0, left)))
        return min(wishes, default=None)

    def _tell(self, *notices: Notice) -> None:
        for notice in notices:
            about = notice.delivery_id or notice.account_id or notice.brand_id
            log.warning("%s%s: %s", notice.kind.value, f" ({about})" if about else "", notice.text)
            if self._notify is None:
                continue
            try:
                self._notify(notice)
            except Exception as error:  # telling never decides what happens to a delivery
                log.error("nobody could be told: %s", _name(error), exc_info=error)


def _name(error: BaseException) -> str:
    return type(error).__name__


def heartbeat(store: Store, now: datetime) -> None:
    """Note that the scheduler lives."""
    with store.database.write() as connection:
        installation.put(connection, installation.HEARTBEAT, now.isoformat(), now)
