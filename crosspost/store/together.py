"""Writes of several threads that would wait for each other, committed as one.

On SQLite one transaction writes at a time, and each commit waits for the disk several times, whatever is in it. Who
comes while another commits waits; of those who wait, one takes the writes of all and commits them once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

from crosspost.store.store import Scope, Store

T = TypeVar("T")


class Together:
    """One thread of this process writes at a time: SQLite's own way of waiting sleeps, and serves whoever is lucky.

    PostgreSQL, where accounts are written side by side, gets a transaction for each.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._apart = store.database.dialect != "sqlite"
        self._turn = Lock()
        self._waiting: deque[_Write[Any]] = deque()

    def write(self, brand_id: str, act: Callable[[Scope], T]) -> T:
        """What `act` gives, in a write transaction of that brand that is committed when this returns.

        `act` may run on another of the waiting threads, and a second time after all that the first did was undone:
        where one of several fails, each is done again by itself and meets its own failure.
        """
        if self._apart:
            return self._alone(brand_id, act)
        mine = _Write(brand_id, act)
        self._waiting.append(mine)
        with self._turn:
            if not mine.taken:
                self._commit_waiting()
            if not mine.committed:
                return self._alone(brand_id, act)
        return mine.given

    def _alone(self, brand_id: str, act: Callable[[Scope], T]) -> T:
        with self._store.write(brand_id) as scope:
            return act(scope)

    def _commit_waiting(self) -> None:
        """Take all that wait off the list; commit them where they are several, and none fails."""
        several = [self._waiting.popleft() for _ in range(len(self._waiting))]
        for one in several:
            one.taken = True
        if len(several) == 1:
            return
        try:
            with self._store.database.write() as connection:
                given = [one.act(Scope(connection, one.brand_id)) for one in several]
        except Exception:  # nothing was written: each meets its own failure by itself
            return
        for one, what in zip(several, given, strict=True):
            one.given, one.committed = what, True


class _Write(Generic[T]):
    """What one thread wants written, and what came of it where another thread did it."""

    __slots__ = ("act", "brand_id", "committed", "given", "taken")

    given: T

    def __init__(self, brand_id: str, act: Callable[[Scope], T]) -> None:
        self.brand_id, self.act = brand_id, act
        self.taken = self.committed = False
