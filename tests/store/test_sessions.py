"""Several hosts on one PostgreSQL: who is still connected, and what a lost session means for a delivery."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from crosspost.commands.deliver import Deliverer
from crosspost.domain.delivery import DeliveryClass, State
from crosspost.ownership import Ownership
from crosspost.store.database import Database
from crosspost.store.sessions import Sessions
from tests.engine import Rig
from tests.stand_in import Killed

pytestmark = pytest.mark.postgres


def test_a_session_ends_with_its_connection(postgres_database: Database) -> None:
    one, two = Sessions(postgres_database, "host1.a"), Sessions(postgres_database, "host2.b")
    assert not two.ended("host1.a")
    assert not one.ended("host2.b")
    one.close()
    assert two.ended("host1.a")
    assert two.ended("host1.a")  # asking does not become the owner
    one.keep()
    assert not two.ended("host1.a")
    one.close()
    two.close()


def test_a_session_that_the_server_cut_is_taken_again(postgres_database: Database) -> None:
    one, two = Sessions(postgres_database, "host1.a"), Sessions(postgres_database, "host2.b")
    with postgres_database.write() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
        )
    two.keep()
    assert two.ended("host1.a")
    one.keep()
    assert not two.ended("host1.a")
    one.close()
    two.close()


def worker(rig: Rig, folder: Path, **named: object) -> tuple[Deliverer, Ownership]:
    """A worker of another host: another folder, as on another machine."""
    ownership = Ownership.acquire(folder)
    made = Deliverer(
        rig.store, rig.clock, rig.adapter, ownership, windows=rig.windows, rng=Random(1), workers=2, **named,  # type: ignore[arg-type]
    )  # fmt: skip
    return made, ownership


@pytest.mark.parametrize("cls", [DeliveryClass.KEY, DeliveryClass.RECORD, DeliveryClass.READABLE])
def test_another_host_takes_over_only_by_looking(
    postgres_database: Database, tmp_path: Path, cls: DeliveryClass
) -> None:
    rig = Rig.make(postgres_database, tmp_path, cls)
    delivery_id = rig.plan()

    def die(step: str) -> None:
        if step == "answered":
            raise Killed

    first, first_lock = worker(rig, tmp_path / "host1", probe=die)
    second, second_lock = worker(rig, tmp_path / "host2")
    with pytest.raises(Killed):
        first.tick(rig.clock.now(), wait=True)
    assert rig.server.posted(delivery_id) == 1
    first_lock.release()  # its process is dead, which nobody on another host can know
    assert second.tick(rig.clock.now(), wait=True).adopted == 0
    assert rig.get(delivery_id).state is State.SENDING
    first.close()  # now its session is gone as well
    assert second.tick(rig.clock.now(), wait=True).adopted == 1
    assert rig.get(delivery_id).readable_only or rig.get(delivery_id).state is State.PUBLISHED
    for _ in range(10):
        rig.clock.advance(100)
        second.tick(rig.clock.now(), wait=True)
    assert (rig.get(delivery_id).state, rig.server.requests) == (State.PUBLISHED, 1)
    assert rig.attempts(delivery_id)[0].outcome == "session lost"
    second.close()
    second_lock.release()


def test_an_account_has_one_sending_host_at_a_time(postgres_database: Database, tmp_path: Path) -> None:
    """While one host claims, another passes the account by without waiting; while it sends, nothing is claimed."""
    rig = Rig.make(postgres_database, tmp_path)
    one, two = rig.plan(), rig.plan(in_s=1)
    rig.clock.advance(2)
    second, second_lock = worker(rig, tmp_path / "host2")
    met: list[tuple[str, int, list[str | None]]] = []

    def meanwhile(step: str) -> None:
        if step in ("before claim commits", "before request", "answered") and len(met) < 3:
            second.tick(rig.clock.now(), wait=True)
            met.append((step, rig.server.requests, [row.owner for row in rig.all()]))

    first, first_lock = worker(rig, tmp_path / "host1", probe=meanwhile)
    first.tick(rig.clock.now(), wait=True)
    assert met == [
        ("before claim commits", 0, [None, None]),
        ("before request", 0, [first_lock.id, None]),
        ("answered", 1, [first_lock.id, None]),
    ]
    for _ in range(5):
        rig.clock.advance(70)
        second.tick(rig.clock.now(), wait=True)
    assert [rig.server.posted(delivery_id) for delivery_id in (one, two)] == [1, 1]
    for deliverer, lock in ((first, first_lock), (second, second_lock)):
        deliverer.close()
        lock.release()
