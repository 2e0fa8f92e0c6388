"""The storm in its short form, and that its judge is not blind."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest

from benchmarks.delivery_storm import Storm, passed, storm
from benchmarks.storm_stage import FAULTS, HELD_S, LAG_S, WINDOWS, Stage, judge, set_stage
from crosspost.domain.delivery import State
from crosspost.domain.windows import Windows
from crosspost.sandbox.running import Sandbox
from crosspost.store.tables import delivery
from tests.postgres import Server


def test_the_windows_of_the_storm_keep_the_order_that_the_promise_needs() -> None:
    assert WINDOWS.settle_s > HELD_S + LAG_S
    assert max(values.get("seconds", 0) for kind, _, values in FAULTS if kind == "zombie") <= HELD_S
    assert max(values["seconds"] for kind, _, values in FAULTS if kind == "stale_list") <= LAG_S
    publish = [chance for _, chance, values in FAULTS if values.get("request", "publish") == "publish"]
    assert sum(publish) == pytest.approx(0.30)


def _shown(found: dict[str, Any]) -> None:
    assert passed(found), found
    assert found["kills"] >= found["deliveries"]
    assert found["stops"] > 0
    assert found["taken_over"] > 0  # some died in the middle of a delivery
    assert found["faults_struck"] > found["deliveries"] / 10


def test_a_storm_on_sqlite() -> None:
    found = storm(1000, seed=3)
    _shown(found)
    assert found["integrity"] == "ok"


@pytest.mark.postgres
def test_a_storm_on_postgresql(postgres_server: Server) -> None:
    found = storm(150, url=postgres_server.create(), seed=4)
    _shown(found)
    assert found["database"] == "postgresql"


def test_the_judge_sees_a_double_post_a_phantom_a_loss_and_a_stuck_row(tmp_path: Path) -> None:
    with Sandbox(seed=1, process=True) as sandbox:
        stage = set_stage(sandbox, f"sqlite:///{tmp_path / 'crosspost.db'}", tmp_path, 60, 1)
        codes = list(stage.codes)
        for code, state in ((codes[0], State.PUBLISHED), (codes[1], State.REJECTED)):
            _set(stage, code, state)
        _post_twice(sandbox, codes[2])
        found = judge(stage)
        stage.store.database.close()
    assert found["phantoms"] == 1
    assert found["lost"] == 1
    assert found["stuck"] == len(codes) - 2
    assert found["duplicates"] == 1
    assert not passed({**found, "deliveries": 60, "kills": 60, "ends_unasked": 0, "integrity": "ok"})


def _set(stage: Stage, code: str, state: State) -> None:
    with stage.store.database.write() as connection:
        mine = delivery.c.brand_id.in_([brand.id for brand in stage.brands])
        connection.execute(delivery.update().where(mine, delivery.c.code == code).values(state=state.value))


def _post_twice(sandbox: Sandbox, code: str) -> None:
    import httpx

    token = sandbox.add_account("x", "stranger", duplicate_window_s=0, rate_limits=False)["secrets"]["bearer"]
    for _ in range(2):
        answer = httpx.post(
            f"{sandbox.origin}/2/tweets", json={"text": f"À lire {code}"}, headers={"authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 201


def test_only_what_the_kernel_calls_a_kill_is_counted(tmp_path: Path) -> None:
    def ends_by_itself(_stage: Stage, _seed: str, _windows: Windows) -> NoReturn:
        os._exit(3)

    def waits(_stage: Stage, _seed: str, _windows: Windows) -> NoReturn:
        time.sleep(60)
        os._exit(0)

    raging = Storm(None, 1, 1, child=ends_by_itself)  # type: ignore[arg-type]
    raging.fork()
    raging.reap(raging.alive[0])
    raging.child = waits
    raging.fork()
    os.kill(raging.alive[0], signal.SIGKILL)
    raging.reap(raging.alive[0])
    assert (raging.kills, raging.other_ends) == (1, 1)


@pytest.mark.long
def test_ten_thousand_deliveries() -> None:
    found = storm(10_000)
    _shown(found)
