"""The rows of one simulated history, in memory, under the engine's own claims and flights.

`engine_in_memory()` is entered once per process: while it holds, crosspost.store.claims and crosspost.store.flights
run as they are, but their few statements are answered here instead of by a database. What is decided, and what is
written, is theirs; here is only where it is kept. A write is a compare-and-set on epoch and owner, and a transaction
that does not end is undone.
"""

from __future__ import annotations

import itertools
import marshal
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, cast

from benchmarks.quiet import quiet
from benchmarks.simulated_history import BRAND
from benchmarks.simulated_rows import replaced, thawed, writer
from crosspost.domain import outcomes
from crosspost.domain.brand import Account
from crosspost.domain.delivery import Delivery, State
from crosspost.store import claims, flights
from crosspost.store.prepared import Prepared
from crosspost.store.store import Scope, Store

_UNCLEAR = frozenset({State.UNKNOWN, State.SENDING, State.CHECKING})


class Raw:
    """A row as a query gives it: the delivery, and what is joined to it."""

    __slots__ = ("blocked_reason", "delivery", "parent_remote_id", "parent_state")

    def __init__(self, row: Delivery) -> None:
        self.delivery = row
        self.parent_state: str | None = None
        self.parent_remote_id: str | None = None
        self.blocked_reason: str | None = None


@dataclass(slots=True)
class AccountRow:
    account: Account
    blocked_reason: str | None = None
    stopped_reason: str | None = None
    brand_stopped: str | None = None
    all_stopped: str | None = None
    held: str | None = None
    off_until: datetime | None = None  # of an experiment's week; none is run here
    failures: int = 0
    open_until_boot_s: float | None = None
    open_boot_id: str | None = None
    sent: list[tuple[float, str, datetime]] = field(default_factory=list)


class _Transaction:
    """A write transaction: whole, or not at all. One at a time, so that a store needs but one."""

    __slots__ = ("_scope", "_store")

    def __init__(self, store: MemoryStore, scope: Scope) -> None:
        self._store, self._scope = store, scope

    def __enter__(self) -> Scope:
        assert not self._store.writing
        self._store.writing = True
        return self._scope

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        self._store.end(whole=kind is None)


class MemoryStore:
    """Stands where crosspost.store.store.Store stands. `rows` may be mutated by writes alone."""

    database = SimpleNamespace(dialect="sqlite")

    def __init__(self, accounts: list[AccountRow], rows: list[Delivery]) -> None:
        self.accounts = {one.account.id: one for one in accounts}
        self.rows = {row.id: row for row in rows}
        self.by_account: dict[str, list[Delivery]] = {one: [] for one in self.accounts}
        for row in rows:
            self.by_account[row.account_id].append(row)
        self.writing = False
        self.trace = 0  # of every committed change, in order: equal histories have equal traces
        self.fresh_first = False  # a weakened variant: what is due goes before what is unclear
        self.at: Callable[[], float] = lambda: 0.0
        self.undo: list[tuple[Callable[[Any, Any], None], Any, Any]] = []
        self.changed: list[Delivery] = []
        self._scope = Scope(cast(Any, self), BRAND)
        self._transaction = _Transaction(self, self._scope)

    def read(self, brand_id: str) -> AbstractContextManager[Scope]:
        assert brand_id == BRAND
        return nullcontext(self._scope)

    def write(self, brand_id: str) -> _Transaction:
        assert brand_id == BRAND
        return self._transaction

    def end(self, whole: bool) -> None:
        """Commit, or undo everything since the transaction began."""
        if whole:
            for row in self.changed:
                told = (self.at(), row.id, row.state._value_, row.epoch, row.attempts, row.looks, row.reason)
                self.trace = zlib.crc32(marshal.dumps(told, 2), self.trace)  # 2: equal values give equal bytes
        else:
            for back, thing, before in reversed(self.undo):
                back(thing, before)
        self.writing = False
        self.undo.clear()
        self.changed.clear()

    def as_store(self) -> Store:
        return cast(Store, self)

    # what the engine's statements ask and change

    def put(self, thing: Any, name: str, value: Any) -> None:
        self.undo.append((_put_back, thing, (name, getattr(thing, name))))
        setattr(thing, name, value)

    def _account(self, given: dict[str, Any]) -> list[Any]:
        return [self.accounts[given["account_id"]]]

    def _queue(self, given: dict[str, Any]) -> list[Any]:
        now = given["now"]
        due = [r for r in self.by_account[given["account_id"]] if r.state is State.SCHEDULED and r.due_at <= now]
        return [Raw(row) for row in due[: given["page"]]]

    def _unclear(self, given: dict[str, Any]) -> list[Any]:
        if self.fresh_first and self._queue({**given, "page": 1}):
            return []
        rows = self.by_account[given["account_id"]]
        return [Raw(row) for row in rows if row.state in _UNCLEAR or row.owner is not None]

    def _held_row(self, given: dict[str, Any]) -> list[Any]:
        row = self.rows[given["delivery_id"]]
        held = row.epoch == given["claimed_epoch"] and row.owner == given["holder"]
        return [Raw(row)] if held else []

    def _blocked(self, given: dict[str, Any]) -> list[Any]:
        found = []
        for row in self.rows.values():
            if row.state is State.BLOCKED:
                raw = Raw(row)
                raw.blocked_reason = self.accounts[row.account_id].blocked_reason
                found.append(raw)
        return found

    def _sent(self, given: dict[str, Any]) -> list[Any]:
        sent = self.accounts[given["account_id"]].sent
        here, hour, day, last = given["boot_id"], 0, 0, None
        for boot_s, boot_id, at in sent:
            if boot_id == here:
                hour += boot_s > given["boot_hour"]
                day += boot_s > given["boot_day"]
                last = boot_s if last is None else max(last, boot_s)
            else:
                hour += at > given["hour"]
                day += at > given["day"]
        return [SimpleNamespace(hour=hour, day=day, last_boot_s=last)]

    def _nothing(self, given: dict[str, Any]) -> list[Any]:
        return []

    def _add_attempt(self, given: dict[str, Any]) -> int:
        if given["action"] == "send":
            account = self.accounts[given["account_id"]]
            self.put(account, "sent", [*account.sent, (given["started_boot_s"], given["boot_id"], given["started_at"])])
        return 1

    def _noted(self, given: dict[str, Any]) -> int:
        return 1


def _put_back(thing: Any, before: tuple[str, Any]) -> None:
    setattr(thing, *before)


_ROWS: dict[Prepared, Callable[[MemoryStore, dict[str, Any]], list[Any]]] = {
    claims._ACCOUNT: MemoryStore._account,
    claims._UNCLEAR: MemoryStore._unclear,
    claims._QUEUE: MemoryStore._queue,
    claims._SENT: MemoryStore._sent,
    # Reading a published post back changes no state: it is left out here.
    claims._UNVERIFIED: MemoryStore._nothing,
    flights._STILL_HELD: MemoryStore._held_row,
    flights._HELD_ROW: MemoryStore._held_row,
    flights._BLOCKED: MemoryStore._blocked,
    flights._KNOWN_POST: MemoryStore._nothing,
}
_CHANGES: dict[Prepared, Callable[[MemoryStore, dict[str, Any]], int]] = {
    claims._ADD_ATTEMPT: MemoryStore._add_attempt,
    # The attempt log and the post's row are written by nobody but the engine: the truth is the network's.
    flights._END_ATTEMPT: MemoryStore._noted,
    flights._END_LOST: MemoryStore._noted,
    flights._ADD_POST: MemoryStore._noted,
}


def _all(statement: Prepared, store: MemoryStore, given: dict[str, Any]) -> list[Any]:
    return _ROWS[statement](store, given)


def _first(statement: Prepared, store: MemoryStore, given: dict[str, Any]) -> Any:
    found = _ROWS[statement](store, given)
    return found[0] if found else None


def _changed(statement: Prepared, store: MemoryStore, given: dict[str, Any]) -> int:
    return _CHANGES[statement](store, given)


class _DeliveryChange:
    """A compare-and-set on epoch and owner."""

    __slots__ = ("_write",)

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._write = writer(columns)

    def change(self, store: MemoryStore, given: dict[str, Any]) -> int:
        row = store.rows[given["delivery_id"]]
        if row.epoch != given["read_epoch"] or row.owner != given.get("read_owner"):
            return 0
        self._write(row, given, store.undo)
        store.changed.append(row)
        return 1


class _AccountChange:
    __slots__ = ("_columns",)

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._columns = columns

    def change(self, store: MemoryStore, given: dict[str, Any]) -> int:
        for name in self._columns:
            store.put(store.accounts[given["account_id"]], name, given[name])
        return 1


@cache
def _delivery_change(columns: tuple[str, ...], _held: bool) -> _DeliveryChange:
    return _DeliveryChange(columns)


@contextmanager
def engine_in_memory() -> Iterator[None]:
    """Let the engine's store functions work on `MemoryStore`s, in this process, until the block ends."""
    serial = itertools.count()

    def new_id(_now: datetime) -> str:
        return f"{next(serial):026d}"

    patches: list[tuple[Any, str, Any]] = [
        (Prepared, "all", _all),
        (Prepared, "first", _first),
        (Prepared, "change", _changed),
        (flights, "_change", _delivery_change),
        (flights, "_account_change", cache(_AccountChange)),
        (flights, "from_row", attrgetter("delivery")),
        (flights, "new_id", new_id),
        (claims, "from_row", attrgetter("delivery")),
        (claims, "account_of", attrgetter("account")),
        (claims, "new_id", new_id),
        (claims, "replace", replaced),
        (outcomes, "replace", replaced),
    ]
    before = [(place, name, getattr(place, name)) for place, name, _ in patches]
    with quiet(), thawed():
        try:
            for place, name, value in patches:
                setattr(place, name, value)
            yield
        finally:
            for place, name, value in before:
                setattr(place, name, value)
