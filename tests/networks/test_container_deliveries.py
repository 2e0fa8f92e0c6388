"""The real engine, the real adapters, the sandbox over HTTP, on one clock: whatever breaks, it is out exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from crosspost.domain.brand import Account
from crosspost.domain.delivery import Delivery, DeliveryClass, State
from crosspost.domain.ids import new_code
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Attachment, Teaser
from crosspost.networks import adapter_of
from crosspost.networks.network import Connection, Network
from crosspost.outside.http import Outbound
from crosspost.sandbox.running import Sandbox
from crosspost.secret import Secret
from crosspost.store import deliveries
from crosspost.store.database import Database
from tests.engine import NOW, HandClock, Rig
from tests.stand_in import Killed

SERIAL = count(1)


class JointClock(HandClock):
    """Moves the sandbox's clock along."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox.clock().now())
        self._sandbox = sandbox

    def advance(self, seconds: float) -> None:
        super().advance(seconds)
        self._sandbox.advance(to=self.at.astimezone(UTC))


class Stage:
    """One account on one network of the sandbox, and the engine that serves it."""

    def __init__(self, name: str, database: Database, folder: Path, sandbox: Sandbox) -> None:
        self.name, self.sandbox = name, sandbox
        self.account = sandbox.add_account(name, f"jardin{next(SERIAL)}")
        self.rig = Rig.make(database, folder, DeliveryClass.HANDLE)
        self.rig.clock = JointClock(sandbox)
        self.rig.open = self.open

    def open(self, account: Account) -> Network:
        made: Any = adapter_of(self.name)(
            Connection(
                server=self.sandbox.origin, remote_id=self.account["id"], handle=self.account["handle"],
                secrets={name: Secret(value) for name, value in self.account["secrets"].items()},
                settings={"media_base": "https://media.example"}, timeout_s=0.5, now=self.rig.clock.now,
                outbound=Outbound(private_origins=frozenset({self.sandbox.origin})), save=lambda name, value: None,
            )
        )  # fmt: skip
        adapter: Network = made
        return adapter

    def plan(self, window_s: int = 21_600, *, link: bool = True) -> str:
        code, now = new_code(), self.rig.clock.now()
        tracked = f"https://go.example/{code}"
        image = Attachment("ab" * 32, "image/jpeg", "Un jardin")
        text = f"À lire : {tracked}" if link else f"À lire, n° {code}"
        teaser = Teaser(text, tracked, "fr", "text" if link else "none", images=(image,))
        with self.rig.store.write(self.rig.brand_id) as scope:
            row = deliveries.draft(
                scope, self.rig.account_ids[0], teaser, code, Due(now, now.isoformat(), "UTC"), now=now,
                window_s=window_s,
            )  # fmt: skip
            deliveries.approve(scope, row.id, who="ana", now=now)
        return row.id

    def fault(self, kind: str, **values: Any) -> None:
        self.sandbox.set_fault(kind, account=self.account["id"], **{"count": 1, **values})

    def posted(self) -> list[dict[str, Any]]:
        return self.sandbox.posted(account_id=self.account["id"])

    def once(self, delivery_id: str) -> Delivery:
        """The delivery, published, with the one post that stands for it."""
        self.rig.run()
        row = self.rig.get(delivery_id)
        assert (row.state, len(self.posted())) == (State.PUBLISHED, 1), row.reason
        assert row.remote_id == self.posted()[0]["id"]
        return row


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=11, virtual_start=NOW) as running:
        yield running


@pytest.fixture(params=["instagram", "threads"])
def stage(
    request: pytest.FixtureRequest, sqlite_database: Database, tmp_path: Path, sandbox: Sandbox
) -> Iterator[Stage]:
    made = Stage(request.param, sqlite_database, tmp_path, sandbox)
    yield made
    made.rig.close()
    sandbox.clear_faults()


def test_a_quiet_day(stage: Stage) -> None:
    row = stage.once(stage.plan())
    assert row.handle == stage.posted()[0]["data"]["container"]
    stage.rig.clock.advance(60)
    stage.rig.tick()
    read_back = stage.rig.get(row.id)
    assert read_back.verified_at is not None
    assert "is PUBLISHED" in (read_back.verified_evidence or "")


APPLIED = ["reset_after", "hang_after", "error_after", "empty_body", "truncated_body"]
LOST = ["reset_before", "hang_before", "error_before", "reset_reading"]


@pytest.mark.parametrize("request_kind", ["publish", "media"])
@pytest.mark.parametrize("kind", [*APPLIED, *LOST])
def test_an_answer_that_never_came(stage: Stage, kind: str, request_kind: str) -> None:
    delivery_id = stage.plan()
    stage.fault(kind, request=request_kind, seconds=2, bytes=5)
    stage.once(delivery_id)


@pytest.mark.parametrize("kind", ["reset_after", "reset_before"])
def test_without_a_link_in_it_the_container_still_tells(stage: Stage, kind: str) -> None:
    delivery_id = stage.plan(link=False)
    stage.fault(kind)
    stage.once(delivery_id)


@pytest.mark.parametrize("answer", ["reset", "504"])
def test_a_publication_that_is_applied_minutes_later(stage: Stage, answer: str) -> None:
    delivery_id = stage.plan()
    stage.fault("zombie", seconds=45, answer=answer)
    stage.once(delivery_id)
    stage.rig.clock.advance(120)
    assert len(stage.posted()) == 1, "the late one was refused"


def test_a_list_that_lags_is_waited_for(stage: Stage) -> None:
    delivery_id = stage.plan()
    stage.fault("reset_after")
    stage.fault("stale_list", seconds=3000, count=2)
    stage.once(delivery_id)


def test_a_container_in_work_is_published_when_it_is_done(stage: Stage) -> None:
    stage.sandbox.add_account(stage.name, stage.account["handle"], media_polls=3)
    row = stage.once(stage.plan())
    assert row.handle == stage.posted()[0]["data"]["container"]
    assert row.attempts == 1, "waiting is no attempt"


def test_a_container_that_died_is_replaced(stage: Stage) -> None:
    delivery_id = stage.plan(window_s=400_000)
    stage.fault("rate_limited", seconds=100_000, form="seconds")
    first = stage.rig.worker()
    stage.rig.tick(first)
    kept = stage.rig.get(delivery_id).handle
    row = stage.once(delivery_id)
    assert kept is not None
    assert row.handle not in (None, kept)


def test_an_image_that_is_of_no_use_is_rejected(stage: Stage) -> None:
    delivery_id = stage.plan()
    stage.fault("media_failure", count=None)
    stage.rig.run()
    row = stage.rig.get(delivery_id)
    assert (row.state, stage.posted()) == (State.REJECTED, [])
    assert "could not use" in (row.reason or "")


@pytest.mark.parametrize("step", ["claimed", "before request", "handle kept", "answered", "before outcome commits"])
@pytest.mark.parametrize("fault", [None, "reset_after", "reset_before"])
def test_a_worker_that_dies(stage: Stage, step: str, fault: str | None) -> None:
    delivery_id = stage.plan()
    if fault:
        stage.fault(fault)

    def die(at: str) -> None:
        if at == step:
            raise Killed

    first = stage.rig.worker(probe=die)
    with pytest.raises(Killed):
        stage.rig.tick(first)
    stage.rig.die(first)
    stage.rig.worker()
    stage.once(delivery_id)


def test_the_harness_would_notice(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """An adapter that makes a new container for each attempt posts twice."""
    from crosspost.networks._containers import Containers

    careful: Callable[..., str] = Containers.publish

    def careless(self: Containers, outgoing: Any, fields: Any, keep: Any) -> str:
        return careful(self, replace(outgoing, handle=None), fields, lambda handle: None)

    monkeypatch.setattr(Containers, "publish", careless)
    stage.plan()
    stage.fault("reset_after")
    stage.rig.run()
    assert len(stage.posted()) == 2
