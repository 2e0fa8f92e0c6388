"""The rows of one simulated history, in memory, under the engine's own claims and flights.

`engine_in_memory()` is entered once per process: while it holds, crosspost.store.claims and crosspost.store.flights
run as they are, but their few statements are answered here instead of by a database. What is decided, and what is
written, is theirs; here is only where it is kept. A write is a compare-and-set on epoch and owner, and a transaction
that does not end is undone.
"""

from __future__ import annotations

import itertools
import logging
import marshal
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, cast

from benchmarks.simulated_rows import PUT, replaced, writer
from crosspost.domain import outcomes
from crosspost.domain.brand import Account
from crosspost.domain.delivery import Delivery, State
from crosspost.store import claims, flights
from crosspost.store.store import Scope, Store
from crosspost.store.tables import account, attempt, delivery

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
    failures: int = 0
    open_until_boot_s: float | None = None
    open_boot_id: str | None = None
    sent: list[tuple[float, str, datetime]] = field(default_factory=list)


class Answer:
    """What a statement gives back."""

    __slots__ = ("rowcount", "rows")

    def __init__(self, rows: list[Any] | None = None, rowcount: int = 1) -> None:
        self.rows, self.rowcount = rows or [], rowcount

    def all(self) -> list[Any]:
        return self.rows

    def first(self) -> Any:
        return self.rows[0] if self.rows else None

    def one(self) -> Any:
        return self.rows[0]

    def scalar_one_or_none(self) -> Any:
        return self.first()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)


_WRITERS: dict[tuple[str, ...], Callable[[Delivery, dict[str, Any], list[Any]], None]] = {}


class _Transaction:
    """A write transaction: whole, or not at all."""

    __slots__ = ("_brand_id", "_store")

    def __init__(self, store: MemoryStore, brand_id: str) -> None:
        self._store, self._brand_id = store, brand_id

    def __enter__(self) -> Scope:
        self._store.writing = True
        return Scope(cast(Any, self._store), self._brand_id)

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        self._store.end(whole=kind is None)


class MemoryStore:
    """Stands where crosspost.store.store.Store stands. `rows` may be mutated by writes alone."""

    database = SimpleNamespace(dialect="sqlite")
    dialect = SimpleNamespace(name="memory")  # of itself as a connection: statements come to `execute`

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
        self._undo: list[tuple[Any, str, Any]] = []
        self._changed: list[Delivery] = []

    def read(self, brand_id: str) -> AbstractContextManager[Scope]:
        return nullcontext(Scope(cast(Any, self), brand_id))

    def write(self, brand_id: str) -> _Transaction:
        return _Transaction(self, brand_id)

    def end(self, whole: bool) -> None:
        """Commit, or undo everything since the transaction began."""
        if whole:
            for row in self._changed:
                told = (self.at(), row.id, row.state._value_, row.epoch, row.attempts, row.looks, row.reason)
                self.trace = zlib.crc32(marshal.dumps(told, 2), self.trace)  # 2: equal values give equal bytes
        else:
            for thing, name, value in reversed(self._undo):
                PUT(thing, name, value)
        self.writing = False
        self._undo.clear()
        self._changed.clear()

    def as_store(self) -> Store:
        return cast(Store, self)

    # what the engine executes

    def execute(self, statement: Any, given: dict[str, Any] | None = None) -> Answer:
        prepared = _PREPARED.get(id(statement))
        return statement.run(self, given) if prepared is None else prepared(self, given or {})

    def change(self, given: dict[str, Any]) -> Answer:
        """A compare-and-set on epoch and owner."""
        row = self.rows[given["delivery_id"]]
        if row.epoch != given["read_epoch"] or row.owner != given.get("read_owner"):
            return Answer(rowcount=0)
        columns = tuple(given)
        write = _WRITERS.get(columns)
        if write is None:
            write = _WRITERS[columns] = writer(columns)
        write(row, given, self._undo)
        self._changed.append(row)
        return Answer()

    def _put(self, thing: Any, name: str, value: Any) -> None:
        self._undo.append((thing, name, getattr(thing, name)))
        PUT(thing, name, value)

    def change_account(self, account_id: str, values: dict[str, Any]) -> Answer:
        for name, value in values.items():
            if name not in ("of_brand", "account_id"):
                self._put(self.accounts[account_id], name, value)
        return Answer()

    def _account(self, given: dict[str, Any]) -> Answer:
        return Answer([self.accounts[given["account_id"]]])

    def _queue(self, given: dict[str, Any]) -> Answer:
        now = given["now"]
        due = [r for r in self.by_account[given["account_id"]] if r.state is State.SCHEDULED and r.due_at <= now]
        return Answer([Raw(row) for row in due[: given["page"]]])

    def _unclear(self, given: dict[str, Any]) -> Answer:
        if self.fresh_first and self._queue({**given, "page": 1}).rows:
            return Answer()
        rows = self.by_account[given["account_id"]]
        return Answer([Raw(row) for row in rows if row.state in _UNCLEAR or row.owner is not None])

    def _still_held(self, given: dict[str, Any]) -> Answer:
        row = self.rows[given["delivery_id"]]
        held = row.epoch == given["claimed_epoch"] and row.owner == given["holder"]
        return Answer([row.id] if held else [])

    def _sent(self, given: dict[str, Any]) -> Answer:
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
        return Answer([SimpleNamespace(hour=hour, day=day, last_boot_s=last)])

    def _add_attempt(self, given: dict[str, Any]) -> Answer:
        if given["action"] == "send":
            sent = self.accounts[given["account_id"]].sent
            self._put(self.accounts[given["account_id"]], "sent", list(sent))
            self.accounts[given["account_id"]].sent.append(
                (given["started_boot_s"], given["boot_id"], given["started_at"])
            )
        return Answer()

    def _held_row(self, given: dict[str, Any]) -> Answer:
        return Answer([Raw(self.rows[given["delivery_id"]])] if self._still_held(given).rows else [])

    def _nothing(self, given: dict[str, Any]) -> Answer:
        return Answer()


_PREPARED: dict[int, Callable[[MemoryStore, dict[str, Any]], Answer]] = {
    id(claims._ACCOUNT.statement): MemoryStore._account,
    id(claims._UNCLEAR.statement): MemoryStore._unclear,
    id(claims._QUEUE.statement): MemoryStore._queue,
    # Reading a published post back changes no state: it is left out here.
    id(claims._UNVERIFIED.statement): MemoryStore._nothing,
    id(claims._SENT.statement): MemoryStore._sent,
    id(claims._ADD_ATTEMPT.statement): MemoryStore._add_attempt,
    id(flights._STILL_HELD.statement): MemoryStore._still_held,
    # The attempt log and the post's row are written by nobody but the engine: the truth is the network's.
    id(flights._END_ATTEMPT.statement): MemoryStore._nothing,
    id(flights._END_LOST.statement): MemoryStore._nothing,
    id(flights._HELD_ROW.statement): MemoryStore._held_row,
    id(flights._KNOWN_POST.statement): MemoryStore._nothing,
    id(flights._ADD_POST.statement): MemoryStore._nothing,
}


class _Column:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> Any:
        return (self.name, other)

    def is_(self, other: object) -> Any:
        return (self.name, other)

    __hash__ = None  # type: ignore[assignment]


class Recorded:
    """A statement that the engine builds on the spot, kept as what it says."""

    __slots__ = ("conditions", "kind", "sets", "table")

    def __init__(self, kind: str, table: Any) -> None:
        self.kind, self.table = kind, table
        self.conditions: dict[str, Any] = {}
        self.sets: dict[str, Any] = {}

    def where(self, *conditions: Any) -> Recorded:
        self.conditions.update(conditions)
        return self

    def join(self, *_: Any) -> Recorded:
        return self

    def values(self, *prepared: Any, **values: Any) -> Recorded:
        self.sets = values
        return self

    def run(self, store: MemoryStore, given: dict[str, Any]) -> Answer:
        wanted = self.conditions
        if self.kind == "update" and self.table.name == "delivery":
            return store.change(given)
        if self.kind == "update" and self.table.name == "account":
            return store.change_account(given["account_id"], given)
        if self.kind == "update":
            return Answer()
        found = []  # the blocked ones, with their account's reason
        for row in store.rows.values():
            if row.state.value == wanted["state"]:
                raw = Raw(row)
                raw.blocked_reason = store.accounts[row.account_id].blocked_reason
                found.append(raw)
        return Answer(found)


def _stand_in(table: Any) -> SimpleNamespace:
    columns = {column.name: _Column(column.name) for column in table.columns}
    return SimpleNamespace(name=table.name, c=SimpleNamespace(**columns))


@contextmanager
def engine_in_memory() -> Iterator[None]:
    """Let the engine's store functions work on `MemoryStore`s, in this process, until the block ends."""
    serial = itertools.count()
    statements: dict[str, Any] = {
        "delivery": _stand_in(delivery),
        "account": _stand_in(account),
        "attempt": _stand_in(attempt),
        "update": lambda table: Recorded("update", table),
        "select": lambda *what: Recorded("select", what[0]),
        "and_": lambda *_: None,
        "from_row": attrgetter("delivery"),
        "new_id": lambda _now: f"{next(serial):026d}",
    }
    patches: list[tuple[Any, str, Any]] = [(flights, name, value) for name, value in statements.items()]
    patches += [
        (claims, "from_row", attrgetter("delivery")),
        (claims, "account_of", attrgetter("account")),
        (claims, "new_id", statements["new_id"]),
        (claims, "replace", replaced),
        (outcomes, "replace", replaced),
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in patches]
    flights._change.cache_clear()
    flights._account_change.cache_clear()
    log = logging.getLogger("crosspost")
    level = log.level
    log.setLevel(logging.CRITICAL)  # thousands of deaths and faults are no news here
    try:
        for module, name, value in patches:
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)
        flights._change.cache_clear()
        flights._account_change.cache_clear()
        log.setLevel(level)
