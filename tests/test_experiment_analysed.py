"""From weeks that the scheduler kept to the answer: through the store, the ledger, the audit and the command."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from crosspost.audit.experiments.answer import Fraction
from crosspost.audit.results import Verdict
from crosspost.audit.run import audit
from crosspost.cli.context import App
from crosspost.cli.experiment import of_brands
from crosspost.commands.experiments import stop
from crosspost.commands.ledger import gather
from crosspost.domain.business import Lead
from crosspost.domain.errors import Conflict, NotFound
from crosspost.domain.ids import new_id
from crosspost.store import business
from crosspost.store.database import Database
from tests.engine import Rig
from tests.weeks import begin, design_of, drawn, monday, rig_of


def with_leads(rig: Rig, network: str, on: int = 9, off: int = 3) -> None:
    """So many leads in each on and off week of the network."""
    with rig.store.write(rig.brand_id) as scope:
        for period, arm in drawn(design_of(), network):
            for number in range(on if arm else off):
                at = period.start + timedelta(hours=9 + number)
                business.record_lead(scope, Lead("cli", new_id(at), at, channel="search"), at)


@pytest.fixture
def rig(sqlite_database: Database, tmp_path: Path) -> Rig:
    made = rig_of(sqlite_database, tmp_path)
    begin(made, design_of())
    return made


def app_of(rig: Rig) -> App:
    return cast(App, SimpleNamespace(store=rig.store, brand=rig.store.brand(rig.brand_id), clock=rig.clock))


def test_an_experiment_that_is_over_is_answered_by_its_key_and_in_the_audit(rig: Rig) -> None:
    rig.clock.idle_until(monday(24))
    with_leads(rig, "mastodon")
    answers, margin = of_brands(app_of(rig), "spring", (), ("leads",))
    assert margin == 0.2
    assert set(answers) == {"leads, mastodon", "leads, bluesky"}
    effect = answers["leads, mastodon"].effect
    assert effect is not None
    assert (effect.estimate, effect.p) == (6.0, Fraction(2, 64))
    found = audit(gather(rig.store, rig.store.brand(rig.brand_id), rig.clock.now()), made_at=rig.clock.now())
    (mine,) = [one for one in found.findings if one.claim.audit == "A9" and one.sentence.startswith("mastodon:")]
    assert mine.verdict is Verdict.REFUTED
    assert mine.estimate is not None
    assert mine.estimate.value == 6.0
    assert mine.lock is not None  # it was locked before its first week
    assert "2/64" in mine.sentence


def test_before_its_end_nothing_is_answered(rig: Rig) -> None:
    rig.clock.idle_until(monday(13))
    with pytest.raises(Conflict, match="runs until"):
        of_brands(app_of(rig), "spring", (), ())
    with pytest.raises(NotFound, match="autumn"):
        of_brands(app_of(rig), "autumn", (), ())


def test_a_stopped_one_is_exploratory(rig: Rig) -> None:
    rig.clock.idle_until(monday(20))
    with_leads(rig, "mastodon")
    stop(rig.store, rig.store.brand(rig.brand_id), "spring", "a big order", rig.clock.now(), who="ana")
    answers, _ = of_brands(app_of(rig), "spring", (), ("leads",))
    assert {one.verdict for one in answers.values()} == {Verdict.NOT_ENOUGH_DATA}
    assert {one.exploratory for one in answers.values()} == {"stopped early, exploratory"}
