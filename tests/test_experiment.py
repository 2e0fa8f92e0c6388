"""An experiment runs: in an off week nothing planned goes out, nothing is lost, and what happened is what is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from crosspost.audit.results import FIXED
from crosspost.audit.run import audit
from crosspost.commands import hypotheses
from crosspost.commands.choices import Choices
from crosspost.commands.experiments import start, status, stop
from crosspost.commands.ledger import gather
from crosspost.commands.restore import DATABASE, restore
from crosspost.domain.brand import BY_HAND, Account
from crosspost.domain.business import Lead
from crosspost.domain.delivery import DeliveryClass, State
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.hypothesis import read
from crosspost.domain.ids import new_id
from crosspost.domain.notice import NoticeKind
from crosspost.domain.period import Period
from crosspost.domain.post import Post
from crosspost.domain.windows import BootTime
from crosspost.store import brands, business, deliveries, experiments, posts
from crosspost.store.database import Database
from crosspost.store.store import Store
from tests.engine import NOW, Rig
from tests.restored import Drill
from tests.stand_in import Fault, Killed
from tests.weeks import (
    FIRST,
    NETWORKS,
    begin,
    design_of,
    drawn,
    monday,
    out_by_week,
    plan_at,
    plan_weeks,
    rig_of,
    run_until,
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    database: Database = request.getfixturevalue(
        "sqlite_database" if request.param == "sqlite" else "postgres_database"
    )
    made = rig_of(database, tmp_path)
    yield made
    made.close()


@pytest.fixture
def here(sqlite_database: Database, tmp_path: Path) -> Iterator[Rig]:
    """As `rig`, where the database makes no difference."""
    made = rig_of(sqlite_database, tmp_path)
    yield made
    made.close()


def first_off(rig: Rig, network: int = 0) -> int:
    """The first off week of an account that follows an on week, from 0."""
    arms = [arm for _, arm in drawn(design_of(), NETWORKS[network])]
    return next(n for n in range(1, len(arms)) if arms[n - 1] and not arms[n])


def test_what_goes_out_each_week_is_what_was_drawn(rig: Rig) -> None:
    design = design_of(weeks=24)
    begin(rig, design)
    plan_weeks(rig, 12)
    run_until(rig, monday(12))
    out = out_by_week(rig, design)
    for network in NETWORKS:
        arms = [arm for _, arm in drawn(design, network)][:12]
        assert 0 < sum(arms) < 12
        assert [min(1, out[network][week]) for week in range(12)] == arms
    assert {row.state for row in rig.all()} <= {State.PUBLISHED, State.SCHEDULED}
    # What waits is held until an on week to come, and says so.
    for row in rig.all():
        if row.state is State.SCHEDULED:
            network = NETWORKS[rig.account_ids.index(row.account_id)]
            assert all(arm or row.due_at not in period for period, arm in drawn(design, network))
            assert row.reason is not None
            assert "off week" in row.reason
    assert not [one for one in rig.notices if one.kind is NoticeKind.MISSED]


def test_the_schedule_survives_crashes_and_reboots(here: Rig) -> None:
    design = design_of()
    begin(here, design)
    plan_weeks(here, 4)
    for week in range(4):
        worker = here.worker()
        run_until(here, monday(week) + timedelta(days=3, hours=week))
        here.die(worker)
        here.workers.pop()
        here.clock.reboot(down_s=90_000)
    here.worker()
    run_until(here, monday(5))
    out = out_by_week(here, design)
    for network in NETWORKS:
        off = [n for n, (_, arm) in enumerate(drawn(design, network)) if not arm]
        assert not [week for week in off if out[network][week]]


@pytest.mark.parametrize("delivery_class", [DeliveryClass.KEY, DeliveryClass.READABLE])
def test_what_was_begun_before_an_off_week_is_not_sent_again_in_it(here: Rig, delivery_class: DeliveryClass) -> None:
    here.server.delivery_class = delivery_class
    design = design_of()
    begin(here, design)
    off = first_off(here)
    row_id = plan_at(here, 0, datetime(2026, 3, 8, 23, 59) + timedelta(weeks=off))

    def dies(step: str) -> None:
        if step == "claimed":
            raise Killed

    worker = here.worker(probe=dies)
    here.clock.idle_until(monday(off) - timedelta(seconds=30))
    with pytest.raises(Killed):
        here.tick(worker)
    here.die(worker)
    here.workers.pop()
    assert here.get(row_id).state is State.SENDING
    here.clock.idle_until(monday(off) + timedelta(minutes=1))
    here.worker()
    run_until(here, monday(off) + timedelta(days=6))
    assert here.server.ledger == []  # looked for, and not there; not sent in the off week
    held = here.get(row_id)
    assert held.state is State.SCHEDULED, held.reason
    assert held.due_at > monday(off + 1)


def test_a_reply_follows_its_parent(here: Rig) -> None:
    design = design_of()
    begin(here, design)
    off = first_off(here)
    sunday = datetime(2026, 3, 8, 23, 58) + timedelta(weeks=off)
    out = plan_at(here, 0, sunday)
    reply = plan_at(here, 0, sunday + timedelta(minutes=5), parent_id=out)
    held = plan_at(here, 0, sunday + timedelta(days=1))
    with_it = plan_at(here, 0, sunday + timedelta(days=1), parent_id=held)
    run_until(here, monday(off) + timedelta(days=2))
    assert here.get(reply).state is State.PUBLISHED  # in the off week: it answers what is out
    assert here.get(held).due_at == here.get(with_it).due_at > monday(off + 1)
    assert here.get(held).state is here.get(with_it).state is State.SCHEDULED


def test_an_account_without_slots_keeps_its_wall_time(sqlite_database: Database, tmp_path: Path) -> None:
    rig = rig_of(sqlite_database, tmp_path, mastodon=())
    begin(rig, design_of())
    off = first_off(rig)
    row_id = plan_at(rig, 0, datetime(2026, 3, 11, 9, 0) + timedelta(weeks=off))
    run_until(rig, monday(off) + timedelta(days=3))
    moved = rig.get(row_id)
    assert moved.due_local[11:] == "09:00"
    assert (date.fromisoformat(moved.due_local[:10]) - date(2026, 3, 11)).days % 7 == 0
    with rig.store.read(rig.brand_id) as scope:
        assert not any(moved.due_at in one for one in experiments.paused(scope, rig.account_ids[0], NOW))
    rig.close()


def test_by_hand_nobody_is_asked_in_an_off_week(sqlite_database: Database, tmp_path: Path) -> None:
    rig = rig_of(sqlite_database, tmp_path, ("mastodon",))
    by_hand = Account(new_id(NOW), rig.brand_id, "snapchat", "lea", BY_HAND, "lea", ("09:00",), {}, None, NOW)
    with rig.store.write(rig.brand_id) as scope:
        brands.add_account(scope, by_hand)
    rig.account_ids.append(by_hand.id)
    design = design_of(networks=("snapchat",))
    begin(rig, design)
    arms = [arm for _, arm in drawn(design, "snapchat")]
    for week in range(4):
        plan_at(rig, 1, datetime(2026, 3, 10, 9, 0) + timedelta(weeks=week))
    rig.worker()
    asked: list[int] = []
    for week in range(4):
        seen = len(rig.notices)
        run_until(rig, monday(week + 1))
        kinds = [one.kind for one in rig.notices[seen:]]
        asked.append(int(NoticeKind.BY_HAND in kinds))
        if not arms[week]:
            assert any("nothing is to be posted" in one.text for one in rig.notices[seen:])
    assert asked == arms[:4]
    rig.close()


def test_a_stop_lets_everything_go_out_again(here: Rig) -> None:
    design = design_of()
    begin(here, design)
    off = first_off(here)
    here.clock.idle_until(monday(off) + timedelta(hours=1))
    brand = here.store.brand(here.brand_id)
    stopped = stop(here.store, brand, "spring", "a big order", here.clock.now(), who="ana")
    assert stopped.stopped_why == "a big order"
    row_id = plan_at(here, 0, datetime(2026, 3, 10, 9, 0) + timedelta(weeks=off))
    run_until(here, monday(off) + timedelta(days=2))
    assert here.get(row_id).state is State.PUBLISHED
    with pytest.raises(Conflict, match="is over"):
        stop(here.store, brand, "spring", "again", here.clock.now(), who="ana")
    (told,) = gather(here.store, brand, here.clock.now()).experiments
    assert told.stopped_at is not None
    assert {week.number for week in told.weeks} == set(range(1, off + 1))


def test_what_cannot_be_concluded_is_not_started(here: Rig) -> None:
    with pytest.raises(BadInput, match="nothing could be concluded"):
        begin(here, design_of(weeks=20))
    with pytest.raises(BadInput, match="no Monday"):
        begin(here, design_of(), first=date(2026, 3, 10))
    with pytest.raises(BadInput, match="has begun"):
        begin(here, design_of(), first=date(2026, 3, 2))
    with pytest.raises(BadInput, match="no account to post with on pinterest"):
        begin(here, design_of(networks=("pinterest",)))
    begin(here, design_of(networks=("mastodon",)))
    with pytest.raises(Conflict, match="in experiment spring"):
        begin(here, design_of(), key="second")
    with pytest.raises(Conflict, match="locked already"):
        begin(here, design_of(networks=("bluesky",)))
    begin(here, design_of(networks=("bluesky",)), key="other")
    assert sorted(path.name for path in here.folder.glob("h/*/*.toml")) == ["other.toml", "spring.toml"]
    with here.store.read(here.brand_id) as scope:
        assert {one.key for one in experiments.started(scope)} == {"spring", "other"}
        with pytest.raises(NotFound):
            experiments.of_key(scope, "second")


def test_the_file_holds_the_whole_design_under_the_hash(here: Rig) -> None:
    made = begin(here, design_of())
    stated, content = read(made.file.read_text("utf-8"))
    assert stated == made.hash
    assert content["design"]["seed"] == 7
    assert content["design"]["networks"] == list(NETWORKS)
    assert content["design"]["first_day"] == FIRST.isoformat()
    assert content["margin"] == 0.2
    (lock,) = gather(
        here.store, here.store.brand(here.brand_id), here.clock.now(), choices=Choices(hypotheses=here.folder / "h")
    ).locks
    assert (lock.hash, lock.changed, lock.looked) == (made.hash, None, None)


def test_nobody_is_told_the_weeks_to_come_or_the_outcomes(here: Rig) -> None:
    design = design_of()
    begin(here, design)
    brand = here.store.brand(here.brand_id)

    def lead(at: datetime) -> None:
        with here.store.write(here.brand_id) as scope:
            business.record_lead(scope, Lead("cli", new_id(at), at, channel="search"), at)

    here.clock.idle_until(monday(0) + timedelta(days=1))
    lead(here.clock.now())
    here.clock.idle_until(monday(3) + timedelta(days=1))
    lead(here.clock.now())
    (seen,) = status(here.store, brand, here.clock.now(), who="ana")
    assert {week.number for week in seen.weeks} == {1, 2, 3, 4}
    assert seen.outcomes is None
    (blind,) = gather(here.store, brand, here.clock.now()).experiments
    assert {week.number for week in blind.weeks} == {1, 2, 3}
    assert {week.leads for week in blind.weeks} == {None}
    assert {week.reasons["leads"] for week in blind.weeks} == {"not shown before the locked end"}
    (looked,) = status(here.store, brand, here.clock.now(), unblind="spring", who="ana")
    assert looked.outcomes is not None
    assert [week.leads for week in looked.outcomes.weeks if week.network == "mastodon"] == [1, 0, 0]
    (after,) = gather(here.store, brand, here.clock.now()).experiments
    assert after.unblinded_at == here.clock.now()
    here.clock.idle_until(monday(24))
    (over,) = gather(here.store, brand, here.clock.now()).experiments
    assert sum(week.leads or 0 for week in over.weeks if week.network == "bluesky") == 2


def test_an_experiment_was_fixed_before_its_own_weeks_whatever_the_audit_covers(here: Rig) -> None:
    made = begin(here, design_of())
    at = NOW - timedelta(days=300)
    with here.store.write(here.brand_id) as scope:
        business.record_lead(scope, Lead("cli", "old", at, channel="search"), NOW)
    here.clock.idle_until(monday(24))
    now = here.clock.now()
    ledger = gather(here.store, here.store.brand(here.brand_id), now, choices=Choices(hypotheses=here.folder / "h"))
    assert ledger.period.start < made.experiment.started_at
    found = [one for one in audit(ledger, made_at=now).findings if one.claim.key == "spring"]
    assert {one.lock for one in found} == {made.hash}
    assert {each.held for one in found for each in one.assumptions if each.text == FIXED} == {True}


def test_disobedience_is_seen_whoever_posted(here: Rig) -> None:
    design = design_of()
    begin(here, design)
    off = first_off(here)
    at = monday(off) + timedelta(days=1)
    with here.store.write(here.brand_id) as scope:  # as `account adopt` reads in what somebody posted past us
        posts.add_post(scope, here.account_ids[0], "mastodon", Post("p1", "https://stand.in/p1", "…", at), now=at)
    here.clock.idle_until(monday(off + 1))
    (seen,) = status(here.store, here.store.brand(here.brand_id), here.clock.now(), who="ana")
    mine = {week.number: week for week in seen.weeks if week.account.network == "mastodon"}
    assert (mine[off + 1].arm, mine[off + 1].posts, mine[off + 1].obeyed) == ("off", 1, False)
    assert (mine[off].arm, mine[off].posts, mine[off].obeyed) == ("on", 0, False)
    (told,) = gather(here.store, here.store.brand(here.brand_id), here.clock.now()).experiments
    assert [week.posts for week in told.weeks if week.network == "mastodon"][off] == 1


def test_each_brand_of_several_has_coins_of_its_own_or_none_is_started(
    sqlite_database: Database, tmp_path: Path
) -> None:
    first, second = (rig_of(sqlite_database, tmp_path / name, ("mastodon",)) for name in ("a", "b"))
    strata = [first.store.brand(one.brand_id) for one in (first, second)]
    design = replace(design_of(networks=("mastodon",)), seed=11)
    with pytest.raises(BadInput, match="no account"):
        start(first.store, strata, "both", replace(design, networks=("bluesky",)), FIRST, tmp_path / "h", NOW, who="a")
    assert list(tmp_path.glob("h/**/*.toml")) == []
    made = start(first.store, strata, "both", design, FIRST, tmp_path / "h", NOW, who="ana")
    assert [one.brand.id for one in made] == [first.brand_id, second.brand_id]
    arms = []
    for one in made:
        with first.store.read(one.brand.id) as scope:
            arms.append([week.arm for week in experiments.weeks(scope, one.experiment.id)])
        _, content = read(one.file.read_text("utf-8"))
        assert content["design"]["strata"] == [each.slug for each in strata]
    assert arms[0] != arms[1]


def test_a_backup_brings_back_the_locks_and_the_weeks(sqlite_database: Database, tmp_path: Path) -> None:
    drill = Drill.started(sqlite_database, tmp_path / "data")
    brand = next(iter(drill.store.brands()))
    with drill.store.write(brand.id) as scope:
        brands.add_account(
            scope,
            Account(new_id(NOW), brand.id, "mastodon", "@m", "https://stand.in", "m", ("09:00",), {}, None, NOW),
        )  # fmt: skip
    (made,) = start(
        drill.store, [brand], "spring", design_of(networks=("mastodon",)), FIRST, tmp_path / "h", NOW, who="ana"
    )
    hypotheses.looked_at(drill.store, brand, "audit", Period(NOW - timedelta(days=9), NOW), NOW)
    drill.backup(tmp_path / "b.zip")
    drill.close()
    into = tmp_path / "new"
    restore(tmp_path / "b.zip", into, now=NOW + timedelta(days=1), boot=BootTime("b", 1.0), who="ana")
    database = Database(f"sqlite:///{into / DATABASE}")
    back = Store(database)
    with back.read(brand.id) as scope, Store(sqlite_database).read(brand.id) as was:
        assert experiments.weeks(scope, made.experiment.id) == experiments.weeks(was, made.experiment.id)
        (lock,) = hypotheses.standing(scope, brand, tmp_path / "h")
    assert (lock.stored.sha256, lock.changes) == (made.hash, ())
    (told,) = gather(back, brand, NOW + timedelta(days=1)).experiments
    assert told.hash == made.hash
    database.close()


def test_a_failed_attempt_keeps_its_record_key_when_it_is_held(here: Rig) -> None:
    begin(here, design_of())
    off = first_off(here)
    row_id = plan_at(here, 0, datetime(2026, 3, 8, 23, 58) + timedelta(weeks=off))
    fresh = plan_at(here, 0, datetime(2026, 3, 9, 9, 0) + timedelta(weeks=off))
    keys = here.get(row_id).record_key, here.get(fresh).record_key
    here.server.faults = [Fault.LOST_BEFORE]
    here.worker()
    run_until(here, monday(off) + timedelta(days=1))
    assert here.get(row_id).attempts == 1
    assert here.get(row_id).record_key == keys[0]
    assert here.get(fresh).record_key != keys[1]
    assert here.server.ledger == []
    assert NOW.tzinfo is UTC
    with here.store.read(here.brand_id) as scope:
        assert deliveries.get(scope, row_id).due_at > monday(off + 1)
