"""The engine on a real store against a plain model of its promises: random deeds, faults and deaths (Hypothesis).

The model knows nothing of the engine's rules. It knows what the network was asked and what it holds, which deliveries
may be sent at all, and what each state promises.
"""

from __future__ import annotations

import atexit
import contextlib
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from benchmarks.quiet import quiet
from crosspost.commands.flight import STEPS
from crosspost.domain.delivery import IN_FLIGHT, TERMINAL, DeliveryClass, LatePolicy, Outgoing, State
from crosspost.domain.errors import Conflict
from crosspost.domain.windows import Windows
from crosspost.store import deliveries
from crosspost.store.database import Database
from crosspost.store.migrate import upgrade
from tests.engine import Rig
from tests.harness.mutants import retry_on_any_error
from tests.stand_in import OUTAGE, Fault, Killed

WINDOWS = Windows(max_posts_per_hour=100_000, max_posts_per_day=100_000)
CLASSES = tuple(DeliveryClass)


class Model:
    """What a delivery may still do, told from outside."""

    def __init__(self, due_s: float, window_s: float, placement: str) -> None:
        self.due_s, self.window_s, self.placement = due_s, window_s, placement
        self.revision = 1
        self.may_be_sent = False  # approved, and neither cancelled nor edited since
        self.begun = False  # claimed at its time, once before: a repeat may come while the clock is set back


@cache
def _stage() -> tuple[Path, Path, Database]:
    """A folder in memory where there is one, the empty schema, and the one database that every run starts anew."""
    shm = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="crosspost-model-", dir=shm if shm.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    schema = Database(f"sqlite:///{folder / 'schema.db'}")
    upgrade(schema)
    schema.close()
    return folder, folder / "schema.db", Database(f"sqlite:///{folder / 'crosspost.db'}")


class Deliveries(RuleBasedStateMachine):
    @initialize(declared=st.sampled_from(CLASSES))
    def begin(self, declared: DeliveryClass) -> None:
        folder, schema, self.database = _stage()
        self.database.close()
        shutil.copy(schema, folder / "crosspost.db")
        self.rig = Rig.make(self.database, folder, declared, accounts=2, windows=WINDOWS)
        self.rig.server.at_request = self._asked
        self.kill_at: tuple[str, int] | None = None
        self.rig.probe = self._probe
        self.rig.worker(workers=1)
        self.declared = declared
        self.models: dict[str, Model] = {}
        self.wrong: list[str] = []
        self.true_s = 0
        self.held_s = 0

    def _probe(self, step: str) -> None:
        if self.kill_at is not None and self.kill_at[0] == step:
            self.kill_at = (step, self.kill_at[1] - 1)
            if self.kill_at[1] == 0:
                raise Killed

    def _asked(self, outgoing: Outgoing) -> None:
        """Every request is judged as it leaves."""
        model = self.models[outgoing.delivery_id]
        # A worker that died between the claim and the request may have asked, for all that the engine knows.
        model.begun |= self.rig.get(outgoing.delivery_id).attempts > 1
        now = self.rig.clock.now().timestamp()
        if not model.may_be_sent:
            self.wrong.append("a request for what nobody approved, or somebody withdrew")
        if outgoing.revision != model.revision:
            self.wrong.append(f"revision {outgoing.revision} was sent, {model.revision} is approved")
        if now < model.due_s and not model.begun:
            self.wrong.append("a request before the due time")
        if now > model.due_s + model.window_s:
            self.wrong.append("a request after the window")
        model.begun = True

    @rule(
        in_s=st.sampled_from((-400, 0, 0, 0, 45, 1000)), account=st.integers(0, 1),
        marked=st.sampled_from((True, True, False)),
        miss=st.sampled_from((False, False, True)),
        window_s=st.sampled_from((600, 21_600, 21_600)), approve=st.sampled_from((True, True, False)),
    )  # fmt: skip
    def plan(self, in_s: int, account: int, marked: bool, miss: bool, window_s: int, approve: bool) -> None:
        placement = "text" if marked else "none"
        policy = LatePolicy.MISS if miss else LatePolicy.PUBLISH
        approve = approve and in_s > -window_s
        made = self.rig.plan(
            in_s=in_s, account=account, placement=placement, late_policy=policy, window_s=window_s, approve=approve
        )
        model = Model(self.rig.get(made).due_at.timestamp(), window_s, placement)
        model.may_be_sent = approve
        self.models[made] = model

    def _pick(self, number: int) -> str:
        return sorted(self.models)[number % len(self.models)]

    @precondition(lambda self: self.models)
    @rule(number=st.integers(0, 50), deed=st.sampled_from(("approve", "cancel", "edit")))
    def handle(self, number: int, deed: str) -> None:
        """Its owner acts; what is being sent refuses."""
        one = self._pick(number)
        model, before = self.models[one], self.rig.get(one).state
        now = self.rig.clock.now()
        try:
            with self.rig.store.write(self.rig.brand_id) as scope:
                if deed == "approve":
                    deliveries.approve(scope, one, who="ana", now=now)
                elif deed == "cancel":
                    deliveries.cancel(scope, one, who="ana", now=now)
                else:
                    deliveries.revise(scope, one, who="ana", now=now, window_s=int(model.window_s))
        except Conflict:
            return
        assert before not in IN_FLIGHT, "an owner's deed reached a delivery that is being sent"
        model.may_be_sent = deed == "approve"
        if deed == "edit":
            model.revision = self.rig.get(one).revision

    @precondition(lambda self: self.models)
    @rule(number=st.integers(0, 50), found=st.booleans())
    def settle(self, number: int, found: bool) -> None:
        """A person settles what needs one, truthfully."""
        one = self._pick(number)
        if self.rig.get(one).state is not State.NEEDS_PERSON:
            return
        self.rig.server.release()  # nothing is under way any more when a person looks
        posted = self.rig.server.posted(one)
        with self.rig.store.write(self.rig.brand_id) as scope:
            if posted:
                deliveries.resolve_published(scope, one, url="https://stand.in/p", who="ana", now=self.rig.clock.now())
            elif found:
                deliveries.resolve_not_there(scope, one, who="ana", now=self.rig.clock.now())

    @rule(faults=st.lists(st.sampled_from((None, *Fault)), max_size=4), looks=st.integers(0, 2))
    def misbehave(self, faults: list[Fault | None], looks: int) -> None:
        self.rig.server.faults += faults
        self.rig.server.look_faults += [OUTAGE] * looks

    @rule(seconds=st.sampled_from((1, 61, 600, 901, 7200)))
    def pause(self, seconds: int) -> None:
        self.wait(seconds)

    def wait(self, seconds: int) -> None:
        """Time passes; no network holds a request for more than ten minutes."""
        self.held_s = self.held_s + seconds if self.rig.server.held else 0
        if self.held_s + seconds > 600:
            self.rig.server.release()
        self.rig.clock.advance(seconds)

    @rule()
    def tick(self) -> None:
        self.rig.tick()

    @rule(
        fault=st.sampled_from((None, *Fault)), rounds=st.integers(1, 6), seconds=st.sampled_from((1, 61, 901)),
    )  # fmt: skip
    def work(self, fault: Fault | None, rounds: int, seconds: int) -> None:
        """Some rounds in a row, the next request meeting that fault."""
        self.rig.server.faults.append(fault)
        for _ in range(rounds):
            self.rig.tick()
            self.wait(seconds)

    @rule(step=st.sampled_from(STEPS), time=st.integers(1, 2))
    def die(self, step: str, time: int) -> None:
        """The worker's process ends at that step of its next round; another one takes its place."""
        self.kill_at = (step, time)
        worker = self.rig.workers[-1][0]
        with contextlib.suppress(Killed):
            self.rig.tick(worker)
        self.kill_at = None
        self.rig.die(worker)
        self.rig.workers.clear()
        self.rig.worker(workers=1)

    @rule()
    def reboot(self) -> None:
        self.rig.die(self.rig.workers[-1][0])
        self.rig.workers.clear()
        self.rig.server.release()
        self.rig.clock.reboot()
        self.rig.worker(workers=1)

    @rule(seconds=st.sampled_from((-3600, -400, 400, 3600)))
    def jump(self, seconds: int) -> None:
        """Somebody sets the clock, within what the lists' margin covers."""
        if abs(self.true_s + seconds) <= 3600:
            self.true_s += seconds
            self.rig.clock.jump(seconds)

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "models"):
            return
        assert not self.wrong, self.wrong
        for row in self.rig.all():
            posted = self.rig.server.posted(row.id)
            assert posted <= 1, f"{posted} posts of {row.id} on {self.declared.name}"
            if row.state is State.PUBLISHED:
                assert posted == 1, f"published, and nothing is there: {row.evidence}"
                assert row.remote_id or row.evidence
            if row.state in TERMINAL | {State.NEEDS_PERSON}:
                assert row.reason
            if row.state in (State.REJECTED, State.MISSED):
                assert not posted, f"{row.state.value}, yet it is there: {row.reason}"
            if row.state in (State.SENDING, State.CHECKING):
                assert row.owner is not None, "in flight, and nobody's"
            if row.state is State.DRAFT:
                assert row.attempts == 0

    def teardown(self) -> None:
        if hasattr(self, "rig"):
            self.rig.close()


_HEALTH = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def _run(examples: int, steps: int, *phases: Phase) -> None:
    asked = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=_HEALTH, database=None,
        derandomize=True, print_blob=True, phases=phases or tuple(Phase),
    )  # fmt: skip
    with quiet():  # pytest keeps every line of the log until the test ends
        run_state_machine_as_test(Deliveries, settings=asked)


def test_the_engine_keeps_what_the_model_promises() -> None:
    _run(25, 30)


@pytest.mark.parametrize("declared", CLASSES)
@pytest.mark.parametrize("step", ["claimed", "before request", "answered"])
def test_a_clock_set_back_after_a_death_is_no_early_request(declared: DeliveryClass, step: str) -> None:
    """A rare run of this model meets it: the claim was in time, and nobody can tell that its request never left."""
    one = Deliveries()
    one.begin(declared=declared)
    try:
        one.plan(in_s=0, account=0, marked=True, miss=False, window_s=21_600, approve=True)
        one.die(step=step, time=1)
        one.jump(seconds=-3600)
        for _ in range(3):
            one.work(fault=None, rounds=3, seconds=61)
            one.holds()
    finally:
        one.teardown()


def test_the_model_notices_an_engine_that_repeats_after_any_error() -> None:
    with retry_on_any_error(), pytest.raises((AssertionError, BaseExceptionGroup)):
        _run(200, 40, Phase.generate)


@pytest.mark.long
def test_the_engine_keeps_what_the_model_promises_for_long() -> None:
    _run(2000, 50)
