"""Writes of several threads that are committed as one: nothing is lost, and who fails fails alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from time import monotonic, sleep

import pytest
from sqlalchemy import event

from crosspost.domain.errors import Conflict
from crosspost.store import installation
from crosspost.store.database import Database
from crosspost.store.store import Scope, Store
from crosspost.store.together import Together
from tests.blank import BRAND, NOW, OTHER

LONGEST_S = 60.0


def put(name: str) -> Callable[[Scope], str]:
    def act(scope: Scope) -> str:
        installation.put(scope.connection, name, scope.brand_id, NOW)
        return name

    return act


def names(database: Database) -> dict[str, str]:
    """Those of the first ten names that are written, each with the brand it was written for."""
    with database.read() as connection:
        found = {name: installation.get(connection, name) for name in map(str, range(10))}
    return {name: one[0] for name, one in found.items() if one is not None}


@contextmanager
def while_one_writes(
    database: Database, together: Together, acts: list[Callable[[Scope], str]]
) -> Iterator[list[Future[str]]]:
    """The acts of threads that came while the write of "0" was under way; it ends when all of them wait."""
    begun, go_on = Event(), Event()

    def slow(scope: Scope) -> str:
        begun.set()
        assert go_on.wait(LONGEST_S)
        return put("0")(scope)

    with ThreadPoolExecutor(len(acts) + 1) as pool:
        first = pool.submit(together.write, BRAND, slow)
        assert begun.wait(LONGEST_S)
        others = [pool.submit(together.write, (BRAND, OTHER)[at % 2], act) for at, act in enumerate(acts)]
        until = monotonic() + LONGEST_S
        while database.dialect == "sqlite" and len(together._waiting) < len(acts):
            assert monotonic() < until
            sleep(0.001)
        go_on.set()
        assert first.result(LONGEST_S) == "0"
        yield others


def commits(database: Database) -> list[object]:
    """Grows by one for each transaction that is committed from now on."""
    found: list[object] = []
    event.listen(database.engine, "commit", found.append)
    return found


def test_writes_that_wait_are_committed_once_each_for_its_brand(database: Database) -> None:
    counted = commits(database)
    together = Together(Store(database))
    with while_one_writes(database, together, [put(name) for name in "1234"]) as others:
        assert [one.result(LONGEST_S) for one in others] == list("1234")
    assert len(counted) == (2 if database.dialect == "sqlite" else 5)
    assert names(database) == {"0": BRAND, "1": BRAND, "2": OTHER, "3": BRAND, "4": OTHER}


def test_who_fails_fails_alone_and_leaves_nothing(database: Database) -> None:
    def failing(scope: Scope) -> str:
        put("2")(scope)
        raise Conflict("taken over")

    together = Together(Store(database))
    with while_one_writes(database, together, [put("1"), failing, put("3")]) as others:
        assert (others[0].result(LONGEST_S), others[2].result(LONGEST_S)) == ("1", "3")
        with pytest.raises(Conflict, match="taken over"):
            others[1].result(LONGEST_S)
    assert names(database) == {"0": BRAND, "1": BRAND, "3": BRAND}


def test_a_commit_that_fails_undoes_all_and_each_is_done_again(sqlite_database: Database) -> None:
    together = Together(Store(sqlite_database))
    failures = iter([None, OSError("the disk is full")])

    def fail(_connection: object) -> None:
        if (failure := next(failures, None)) is not None:
            assert names_in_it == ["1", "2"]
            raise failure

    names_in_it: list[str] = []

    def noted(name: str) -> Callable[[Scope], str]:
        def act(scope: Scope) -> str:
            names_in_it.append(name)
            return put(name)(scope)

        return act

    event.listen(sqlite_database.engine, "commit", fail)
    with while_one_writes(sqlite_database, together, [noted("1"), noted("2")]) as others:
        assert [one.result(LONGEST_S) for one in others] == ["1", "2"]
    assert sorted(names_in_it) == ["1", "1", "2", "2"]
    assert names(sqlite_database) == {"0": BRAND, "1": BRAND, "2": OTHER}


def test_a_write_by_itself_meets_its_failure_and_leaves_nothing(database: Database) -> None:
    def failing(scope: Scope) -> str:
        put("1")(scope)
        raise Conflict("taken over")

    together = Together(Store(database))
    with pytest.raises(Conflict, match="taken over"):
        together.write(BRAND, failing)
    assert together.write(BRAND, put("2")) == "2"
    assert names(database) == {"2": BRAND}
