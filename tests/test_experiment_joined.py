"""An account that is connected while an experiment on weeks runs keeps its network's weeks from then on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from crosspost.audit.run import audit
from crosspost.clock import Clock
from crosspost.commands.connect import Connector
from crosspost.commands.experiments import status, stop
from crosspost.commands.ledger import gather
from crosspost.domain.brand import Account
from crosspost.domain.delivery import State
from crosspost.domain.ids import new_id
from crosspost.outside.http import Outbound
from crosspost.store import brands, experiments
from crosspost.store.database import Database
from crosspost.vault import MasterKey, Vault
from tests.engine import NOW, Rig
from tests.weeks import begin, design_of, drawn, monday, plan_at, rig_of, run_until


@pytest.fixture
def rig(sqlite_database: Database, tmp_path: Path) -> Iterator[Rig]:
    made = rig_of(sqlite_database, tmp_path, ("mastodon",))
    yield made
    made.close()


def connector(rig: Rig) -> Connector:
    return Connector(rig.store, Vault(MasterKey.generate()), Outbound(), cast(Clock, rig.clock), 5.0)


def second(rig: Rig) -> Account:
    """Another account on the same network, as connecting saves it."""
    account = Account(
        new_id(NOW), rig.brand_id, "mastodon", "@late", "https://other.stand.in", "late", ("09:00",), {}, None, NOW
    )
    with rig.store.write(rig.brand_id) as scope:
        brands.add_account(scope, account)
        experiments.join(scope, account, rig.clock.now(), who="connected")
    rig.account_ids.append(account.id)
    return account


def test_what_it_posts_goes_out_in_on_weeks_alone(rig: Rig) -> None:
    design = design_of(networks=("mastodon",))
    begin(rig, design)
    rig.clock.idle_until(monday(2) + timedelta(days=1))
    second(rig)
    ids = [plan_at(rig, 1, datetime(2026, 3, 11, 9, 0) + timedelta(weeks=week)) for week in range(2, 12)]
    rig.worker()
    run_until(rig, monday(12))
    weeks = drawn(design, "mastodon")
    out = [entry.at for entry in rig.server.ledger if entry.delivery_id in ids]
    assert out
    assert all(arm for at in out for period, arm in weeks if at in period)
    assert {rig.get(one).state for one in ids} <= {State.PUBLISHED, State.SCHEDULED}


def test_it_is_told_when_it_joined(rig: Rig) -> None:
    made = begin(rig, design_of(networks=("mastodon",)))
    rig.clock.idle_until(monday(2) + timedelta(days=1))
    account = second(rig)
    brand = rig.store.brand(rig.brand_id)
    (seen,) = status(rig.store, brand, rig.clock.now(), who="ana")
    assert [(one.id, number) for one, number in seen.joined] == [(account.id, 3)]
    assert [week.number for week in seen.weeks if week.account.id == account.id] == [3]
    rig.clock.idle_until(made.experiment.ends_at)
    found = audit(gather(rig.store, brand, rig.clock.now()), made_at=rig.clock.now())
    (mine,) = [one for one in found.findings if one.claim.audit == "A9"]
    assert "An account on mastodon was connected in week 3; from then on it kept the weeks that were drawn." in (
        mine.caveats
    )
    assert mine.planned == 6  # a further account draws no further coins


def test_connecting_joins_once_and_leaves_what_is_over_or_elsewhere_alone(rig: Rig) -> None:
    connect = connector(rig)
    brand = rig.store.brand(rig.brand_id)
    first = connect.record(brand, "snapchat", handle="lea", slots=("09:00",))
    begin(rig, design_of(networks=("snapchat",)))
    stopped = begin(rig, design_of(networks=("mastodon",)), key="other").experiment
    stop(rig.store, brand, "other", "enough", rig.clock.now(), who="ana")
    rig.clock.idle_until(monday(1) + timedelta(hours=1))
    late = connect.record(brand, "snapchat", handle="tom", slots=("09:00",))
    connect.record(brand, "snapchat", handle="tom", slots=("10:00",))
    elsewhere = connect.record(brand, "meetup", handle="tom")
    with rig.store.read(rig.brand_id) as scope:
        running = experiments.of_key(scope, "spring")
        weeks = experiments.weeks(scope, running.id)
        assert {one.account_id for one in experiments.weeks(scope, stopped.id)} == {rig.account_ids[0]}
    mine = {one.number: one.arm for one in weeks if one.account_id == late.id}
    assert mine == {one.number: one.arm for one in weeks if one.account_id == first.id and one.number >= 2}
    assert set(mine) == set(range(2, 25))
    assert elsewhere.id not in {one.account_id for one in weeks}
