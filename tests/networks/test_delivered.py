"""LinkedIn and Pinterest under the real engine, against the sandbox on one virtual clock: what is judged is the
sandbox's ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from crosspost.commands.deliver import Deliverer
from crosspost.commands.workers import become_worker
from crosspost.domain.brand import Account
from crosspost.domain.delivery import Delivery, State
from crosspost.domain.ids import new_code
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Attachment, Card, Teaser
from crosspost.networks import adapter_of
from crosspost.networks.network import Connection, Network
from crosspost.outside.http import Outbound
from crosspost.sandbox.running import Sandbox
from crosspost.secret import Secret
from crosspost.store import deliveries
from crosspost.store.database import Database
from tests.engine import NOW, HandClock, Rig
from tests.networks.test_sandbox import PIXEL, SHA

LOST = ("reset_after", "error_after", "empty_body")
NOTHING_DONE = ("reset_before", "error_before", "reset_reading")


@dataclass
class TiedClock(HandClock):
    """The engine's clock and the sandbox's are one."""

    sandbox: Sandbox
    at: datetime = NOW
    s: float = 100_000.0
    boot: str = "boot-1"

    def advance(self, seconds: float) -> None:
        super().advance(seconds)
        self.sandbox.advance(to=self.at)


@dataclass
class Stage:
    """One account of a network in the sandbox, and the engine that serves it."""

    rig: Rig
    sandbox: Sandbox
    name: str
    account: dict[str, Any]
    settings: dict[str, str] = field(default_factory=dict)

    def open(self, _: Account) -> Network:
        return adapter_of(self.name)(
            Connection(
                server=self.sandbox.origin, remote_id=self.account["id"], handle=self.account["handle"],
                secrets={key: Secret(value) for key, value in self.account["secrets"].items()},
                settings=self.settings, outbound=Outbound(private_origins=frozenset({self.sandbox.origin})),
                save=lambda name, value: None, now=self.rig.clock.now, timeout_s=3.0,
            )
        )  # fmt: skip

    def plan(self) -> str:
        code, now = new_code(), self.rig.clock.now()
        link = f"https://go.example/{code}"
        images = (Attachment(SHA, "image/png", "Un jardin d’automne", 1, 1),)
        card = Card(link, "Trois idées", "Pour l’été", SHA) if self.name == "linkedin" else None
        extra = {"title": "Trois idées"} if self.name == "pinterest" else {}
        teaser = Teaser(f"Prix (TTC) : {link} #Jardin", link, "fr", card=card, images=images, extra=extra)
        with self.rig.store.write(self.rig.brand_id) as scope:
            due = Due(now, now.isoformat(), "UTC")
            row = deliveries.draft(
                scope, self.rig.account_ids[0], teaser, code, due, now=now, window_s=21_600
            )  # fmt: skip
            deliveries.approve(scope, row.id, who="ana", now=now)
        return row.id

    def fault(self, kind: str, **values: Any) -> None:
        self.sandbox.set_fault(kind, account=self.account["id"], **{"count": 1, **values})

    def worker(self) -> None:
        ownership = become_worker(self.rig.store, self.rig.folder)
        made = Deliverer(
            self.rig.store, self.rig.clock, self.open, ownership, rng=Random(1), read_image=lambda sha: PIXEL,
            notify=self.rig.notices.append, workers=1,
        )  # fmt: skip
        self.rig.workers.append((made, ownership))

    def deliver(self, **fault: Any) -> Delivery:
        """One delivery from its due time to its end, its first request struck by the fault."""
        if fault:
            self.fault(**fault)
        delivery_id = self.plan()
        self.rig.run()
        return self.rig.get(delivery_id)

    def posted(self) -> list[dict[str, Any]]:
        return self.sandbox.posted(account_id=self.account["id"])


@pytest.fixture
def stage(sqlite_database: Database, tmp_path: Path) -> Iterator[Any]:
    rig = Rig.make(sqlite_database, tmp_path)
    with Sandbox(seed=7, virtual_start=NOW) as sandbox:
        rig.clock = TiedClock(sandbox)

        def made(name: str, handle: str = "jardin", **behaviour: Any) -> Stage:
            account = sandbox.add_account(name, handle, **behaviour)
            found = Stage(rig, sandbox, name, account)
            if name == "pinterest":
                found.settings["board_id"] = f"{account['id']}001"
            found.worker()
            return found

        yield made
        rig.close()


PRESENCES = [("linkedin", "jardin"), ("linkedin", "in/ana"), ("pinterest", "jardin")]
every = pytest.mark.parametrize(("name", "handle"), PRESENCES, ids=["page", "member", "pinterest"])


@every
@pytest.mark.parametrize("kind", [*LOST, *NOTHING_DONE])
def test_published_once_whatever_became_of_the_first_answer(stage: Any, name: str, handle: str, kind: str) -> None:
    there = stage(name, handle)
    row = there.deliver(kind=kind)
    (entry,) = there.posted()
    assert (row.state, row.remote_id) == (State.PUBLISHED, entry["id"])
    assert entry["text"] == row.teaser.text
    if name == "linkedin" and kind in LOST:
        assert "refused as a duplicate" in (row.evidence or "")


@every
@pytest.mark.parametrize("seconds", [20, 120, 600])
def test_a_request_that_is_applied_late_makes_no_second_post(
    stage: Any, name: str, handle: str, seconds: float
) -> None:
    there = stage(name, handle)
    row = there.deliver(kind="zombie", seconds=seconds)
    there.rig.clock.advance(3600)
    (entry,) = there.posted()
    assert (row.state, row.remote_id) == (State.PUBLISHED, entry["id"])


def test_a_twin_that_was_deleted_meanwhile_is_not_published(stage: Any) -> None:
    there = stage("linkedin")
    there.fault("reset_after")
    delivery_id = there.plan()
    there.rig.tick()
    assert there.rig.get(delivery_id).state is State.UNKNOWN
    state = there.sandbox.state
    state.delete(state.post("linkedin", there.posted()[0]["id"]))
    there.rig.run()
    row = there.rig.get(delivery_id)
    assert row.state is State.NEEDS_PERSON
    assert row.remote_id is None
    assert len(there.posted()) == 1


def test_a_false_repeat_on_a_first_attempt_is_not_published(stage: Any) -> None:
    there = stage("linkedin")
    row = there.deliver(kind="duplicate_answer")
    assert row.state is State.REJECTED
    assert "gone" in (row.reason or "")
    assert there.posted() == []


def test_a_dead_version_blocks_the_account_and_names_the_remedy(stage: Any) -> None:
    there = stage("linkedin")
    there.settings["api_version"] = "202511"
    row = there.deliver()
    assert row.state is State.BLOCKED
    assert "set api_version" in (row.reason or "")
    assert there.posted() == []


def test_a_board_that_is_gone_blocks_the_account(stage: Any) -> None:
    there = stage("pinterest")
    there.settings["board_id"] = "7"
    row = there.deliver()
    assert row.state is State.BLOCKED
    assert "board_id" in (row.reason or "")


@every
def test_a_limit_is_waited_for(stage: Any, name: str, handle: str) -> None:
    there = stage(name, handle)
    row = there.deliver(kind="rate_limited", form="none")
    assert row.state is State.PUBLISHED
    assert there.rig.clock.now() - NOW >= timedelta(minutes=15)
    assert len(there.posted()) == 1
