"""Texts drawn by lot: which text a post gets, that it goes out so, and what is told of it."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from crosspost.audit.experiments.text_design import text_design_of
from crosspost.audit.results import FIXED, Verdict
from crosspost.audit.run import audit
from crosspost.audit.verdict import DEFAULT_CLAIMS
from crosspost.commands.backup import backup
from crosspost.commands.bundle import write_bundle
from crosspost.commands.choices import Choices
from crosspost.commands.experiments import status, stop
from crosspost.commands.ledger import gather
from crosspost.commands.plan import edit
from crosspost.commands.restore import DATABASE, restore
from crosspost.commands.verify import verify
from crosspost.domain.brand import LinkMode
from crosspost.domain.delivery import State
from crosspost.domain.errors import BadInput, Conflict
from crosspost.domain.hypothesis import read
from crosspost.domain.traffic import Judgement
from crosspost.domain.windows import BootTime
from crosspost.store import brands, deliveries, experiments
from crosspost.store.database import Database
from crosspost.store.store import Store
from tests.texts import ARMS, Trial
from tests.weeks import begin as begin_weeks
from tests.weeks import design_of


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trial]:
    database: Database = request.getfixturevalue(
        "sqlite_database" if request.param == "sqlite" else "postgres_database"
    )
    made = Trial.make(database, tmp_path)
    yield made
    made.rig.close()


@pytest.fixture
def here(sqlite_database: Database, tmp_path: Path) -> Iterator[Trial]:
    """As `trial`, where the database makes no difference."""
    made = Trial.make(sqlite_database, tmp_path)
    yield made
    made.rig.close()


def test_each_post_gets_the_text_that_was_drawn_and_goes_out_with_it(trial: Trial) -> None:
    made = trial.begun()
    trial.plan(12)
    posts = trial.drawn(made)
    assert [one.number for one in posts] == list(range(1, 13))
    assert {*Counter(one.arm for one in posts).values()} == {6}
    for first, second in zip(posts[::2], posts[1::2], strict=True):
        assert first.arm != second.arm  # each arm once in a block
    trial.send(datetime(2026, 3, 16, 12, 0, tzinfo=UTC))
    for one in posts:
        row = trial.rig.get(one.delivery_id)
        assert row.state is State.PUBLISHED
        assert row.teaser.text.startswith("Et vous ? ") is (one.arm == "asking")
    told = {entry.delivery_id: entry.text for entry in trial.rig.server.ledger}
    assert all(told[one.delivery_id].startswith("Et vous ?") is (one.arm == "asking") for one in posts)


def test_the_draw_of_a_seed_is_the_same_for_whoever_plans(here: Trial) -> None:
    made = here.begun()
    here.plan(8)
    _, content = read(made.file.read_text("utf-8"))
    design = text_design_of(content["design"])
    with here.rig.store.read(here.rig.brand_id) as scope:
        (account,) = brands.accounts(scope)
    stratum = f"{account.network} {account.server} {account.remote_id}"
    assert [one.arm for one in here.drawn(made)] == [design.arm_of(stratum, number) for number in range(1, 9)]
    seeds = {tuple(replace(design, seed=seed).arm_of(stratum, n) for n in range(1, 13)) for seed in range(40)}
    assert len(seeds) > 30  # of 64


def test_those_who_plan_at_once_take_numbers_of_their_own(trial: Trial) -> None:
    made = trial.begun()
    ids = [trial.write() for _ in range(8)]
    start = Barrier(len(ids))

    def plan(article_id: str) -> int:
        start.wait()
        return len(trial.planner.plan(trial.brand, trial.now, only_articles=[article_id]).planned)

    with ThreadPoolExecutor(len(ids)) as pool:
        assert list(pool.map(plan, ids)) == [1] * len(ids)
    posts = trial.drawn(made)
    assert [one.number for one in posts] == list(range(1, 9))
    assert {*Counter(one.arm for one in posts).values()} == {4}


def test_each_account_has_blocks_of_its_own(sqlite_database: Database, tmp_path: Path) -> None:
    trial = Trial.make(sqlite_database, tmp_path, ("mastodon", "bluesky"))
    made = trial.begun(networks=("mastodon", "bluesky"), posts=6)
    trial.plan(6)
    posts = trial.drawn(made)
    for account in trial.rig.account_ids:
        mine = [one for one in posts if one.account_id == account]
        assert [one.number for one in mine] == list(range(1, 7))
        assert {*Counter(one.arm for one in mine).values()} == {3}
    arms = [[one.arm for one in posts if one.account_id == account] for account in trial.rig.account_ids]
    assert arms[0] != arms[1]
    trial.rig.close()


def test_what_is_planned_before_the_first_day_or_too_late_is_in_no_experiment(here: Trial) -> None:
    made = here.begin()
    here.plan()
    assert here.drawn(made) == []
    here.rig.clock.idle_until(datetime(2026, 3, 3, 5, 0, tzinfo=UTC))
    here.plan()
    assert len(here.drawn(made)) == 1
    here.rig.clock.idle_until(datetime(2026, 3, 30, 23, 0, tzinfo=UTC))  # the next slot lies behind the last day
    (late,) = here.plan()
    assert len(here.drawn(made)) == 1
    assert not late.notes


def test_an_article_is_drawn_once_and_keeps_its_text_when_it_is_planned_again(here: Trial) -> None:
    made = here.begun()
    (one,) = here.plan()
    (first,) = here.drawn(made)
    assert one.delivery.article_id is not None
    for _ in range(3):
        (post,) = here.drawn(made)
        with here.rig.store.write(here.rig.brand_id) as scope:
            deliveries.cancel(scope, post.delivery_id, who="ana", now=here.now, reason="no")
        report = here.planner.plan(here.brand, here.now, only_articles=[one.delivery.article_id])
        assert len(report.planned) == 1
    (again,) = here.drawn(made)
    assert (again.arm, again.number) == (first.arm, first.number)
    assert again.delivery_id == report.planned[0].delivery.id
    here.plan()
    assert [post.number for post in here.drawn(made)] == [1, 2]


def test_a_text_that_was_changed_by_hand_stays_under_its_arm_and_is_told(here: Trial) -> None:
    made = here.begun()
    planned = here.plan(4)
    account = planned[0].account
    link = planned[0].delivery.teaser.link
    edit(here.rig.store, account, planned[0].delivery.id, here.now, who="ana", text=f"Mieux ! {link}")
    with here.rig.store.write(here.rig.brand_id) as scope:
        deliveries.approve(scope, planned[0].delivery.id, who="ana", now=here.now)
        deliveries.cancel(scope, planned[1].delivery.id, who="ana", now=here.now, reason="no")
    here.send(datetime(2026, 3, 5, 12, 0, tzinfo=UTC))
    (seen,) = status(here.rig.store, here.brand, here.now, who="ana")
    assert seen.state == "running"
    assert seen.outcomes is None
    counts = {one.arm: one for one in seen.arms}
    assert sum(one.drawn for one in seen.arms) == 4
    assert [sum(getattr(one, name) for one in seen.arms) for name in ("otherwise", "never", "as_drawn", "waiting")] == [
        1, 1, 1, 1,
    ]  # fmt: skip
    posts = here.drawn(made)
    assert counts[posts[0].arm].otherwise == 1
    (blind,) = gather(here.rig.store, here.brand, here.now).experiments
    assert [one.as_drawn for one in blind.posts] == [False, None, True, None]
    assert {one.clicks for one in blind.posts} == {None}
    assert {one.reason for one in blind.posts} == {"not shown before the locked end"}


def test_what_cannot_be_drawn_or_concluded_is_not_started(here: Trial) -> None:
    with pytest.raises(BadInput, match=r"5 blocks of 2 posts can give no p under 0\.0625"):
        here.begin(posts=11)
    with pytest.raises(BadInput, match="can give no p"):
        here.begin(arms={**ARMS, "long": "$title\n$sentences\n$link"}, posts=18)  # six blocks, and two comparisons
    with pytest.raises(BadInput, match=r"\$titel is not a part"):
        here.begin(arms={"plain": "$titel $link", "other": "$title $link"})
    with pytest.raises(BadInput, match=r"\$link stands 0 times"):
        here.begin(arms={"plain": "$title", "other": "$title $link"})
    with pytest.raises(BadInput, match="the same text"):
        here.begin(arms={"plain": "$title $link", "other": " $title $link "})
    with pytest.raises(BadInput, match="the same of every article"):
        here.begin(arms={"plain": "$title $link", "other": "À lire $link"})
    with pytest.raises(BadInput, match="two to"):
        here.begin(arms={"plain": "$title $link"})
    with pytest.raises(BadInput, match="too long|too many"):
        here.begin(arms={"plain": "$title $link", "other": "x" * 480 + " $title $link"})
    with pytest.raises(BadInput, match="has begun"):
        here.begin(first=date(2026, 3, 2))
    with pytest.raises(BadInput, match="no account to post with on pinterest"):
        here.begin(networks=("pinterest",))
    with here.rig.store.database.write() as connection:
        brands.change(connection, here.rig.brand_id, link_mode=LinkMode.DIRECT.value)
    with pytest.raises(BadInput, match="straight to the site"):
        here.begin()
    assert not list((here.rig.folder / "h").rglob("*.toml"))
    with here.rig.store.read(here.rig.brand_id) as scope:
        assert experiments.started(scope) == []


def test_an_account_is_in_one_experiment_at_a_time(sqlite_database: Database, tmp_path: Path) -> None:
    trial = Trial.make(sqlite_database, tmp_path, ("mastodon", "bluesky"))
    trial.begin("words")
    with pytest.raises(Conflict, match="is in experiment words"):
        trial.begin("others")
    with pytest.raises(Conflict, match="is in experiment words"):
        begin_weeks(trial.rig, design_of(networks=("mastodon",)))
    begin_weeks(trial.rig, design_of(networks=("bluesky",)))
    with pytest.raises(Conflict, match="is in experiment spring"):
        trial.begin("others", networks=("bluesky",))
    stop(trial.rig.store, trial.brand, "words", "enough", trial.now, who="ana")
    trial.begin("others")
    trial.rig.close()


def test_an_arm_without_a_text_has_that_of_the_template(here: Trial) -> None:
    made = here.begin(arms={"usual": None, "asking": ARMS["asking"]})
    _, content = read(made.file.read_text("utf-8"))
    assert "$sentences" in content["design"]["texts"][0]
    assert content["design"]["arms"] == ["usual", "asking"]


def test_a_stop_ends_the_drawing_and_makes_the_result_exploratory(here: Trial) -> None:
    made = here.begun()
    here.plan(2)
    stop(here.rig.store, here.brand, "words", "enough", here.now, who="ana")
    (free,) = here.plan()
    assert len(here.drawn(made)) == 2
    assert not free.notes
    found = audit(gather(here.rig.store, here.brand, here.now), made_at=here.now)
    (mine,) = [one for one in found.findings if one.claim.key == "words"]
    assert mine.verdict is Verdict.NOT_ENOUGH_DATA
    assert "stopped early, exploratory" in str(mine.missing)


def test_from_the_lots_to_the_verdict(here: Trial) -> None:
    made = here.begun()
    here.plan(12)
    here.send(datetime(2026, 3, 16, 12, 0, tzinfo=UTC))
    for number, one in enumerate(here.drawn(made)):
        here.click(one.delivery_id, 10 + number % 3 + (9 if one.arm == "asking" else 0))
        here.click(one.delivery_id, 50, after=timedelta(days=4))  # behind the window
        here.click(one.delivery_id, 70, kind=Judgement.CRAWLER)
    ends_at = made.experiment.ends_at
    assert audit(gather(here.rig.store, here.brand, here.now), made_at=here.now).table("experiment_texts").rows == ()
    here.rig.clock.idle_until(ends_at)
    ledger = gather(here.rig.store, here.brand, ends_at, choices=Choices(hypotheses=here.rig.folder / "h"))
    found = audit(ledger, made_at=ends_at)
    (mine,) = [one for one in found.findings if one.claim.key == "words"]
    assert mine.verdict is Verdict.REFUTED  # "asking brings no more": it does
    assert mine.estimate is not None
    assert mine.estimate.value == pytest.approx(9, abs=1)
    assert (mine.n, mine.planned, mine.counted) == (6, 6, "blocks")
    assert mine.lock == made.hash
    assert next(one.held for one in mine.assumptions if one.text == FIXED) is True
    assert "2/64" in mine.sentence
    assert any("not business" in one for one in mine.caveats)
    rows = found.table("experiment_texts").records()
    assert [(row["arm"], row["posts"], row["obeyed"], row["unknown"]) for row in rows] == [
        ("plain", 6, 6, 0), ("asking", 6, 6, 0),
    ]  # fmt: skip
    (seen,) = status(here.rig.store, here.brand, ends_at, who="ana")
    assert seen.outcomes is not None
    assert all(one.clicks is not None and one.clicks < 40 for one in seen.outcomes.posts)


def test_clicks_that_nobody_could_count_are_missing_with_their_reason(here: Trial) -> None:
    made = here.begun()
    here.plan(4)
    posts = here.drawn(made)
    with here.rig.store.write(here.rig.brand_id) as scope:
        deliveries.cancel(scope, posts[1].delivery_id, who="ana", now=here.now, reason="no")
    here.send(datetime(2026, 3, 8, 12, 0, tzinfo=UTC))
    here.click(posts[0].delivery_id, 3)
    here.rig.clock.idle_until(made.experiment.ends_at)
    (told,) = gather(here.rig.store, here.brand, here.now).experiments
    assert [(one.clicks, one.reason) for one in told.posts] == [
        (3, ""), (None, "it did not go out"), (0, ""), (0, ""),
    ]  # fmt: skip


def test_a_backup_brings_back_what_was_drawn(sqlite_database: Database, tmp_path: Path) -> None:
    trial = Trial.make(sqlite_database, tmp_path / "data")
    made = trial.begun()
    trial.plan(3)
    drawn = trial.drawn(made)
    backup(trial.rig.store.database, tmp_path / "data", tmp_path / "b.zip", now=trial.now)
    trial.rig.close()
    into = tmp_path / "new"
    restore(tmp_path / "b.zip", into, now=trial.now + timedelta(days=1), boot=BootTime("b", 1.0), who="ana")
    database = Database(f"sqlite:///{into / DATABASE}")
    back = Trial(replace(trial.rig, store=Store(database)), replace(trial.planner, store=Store(database)))
    assert back.drawn(made) == drawn
    back.articles = 9
    back.plan(3)
    again = back.drawn(made)
    assert again[:3] == drawn
    assert {*Counter(one.arm for one in again).values()} == {3}
    database.close()


def test_a_bundle_computes_the_verdict_again(here: Trial, tmp_path: Path) -> None:
    made = here.begun()
    here.plan(12)
    here.send(datetime(2026, 3, 16, 12, 0, tzinfo=UTC))
    for number, one in enumerate(here.drawn(made)):
        here.click(one.delivery_id, 10 + number % 3 + (9 if one.arm == "asking" else 0))
    ends_at = made.experiment.ends_at
    ledger = gather(here.rig.store, here.brand, ends_at)
    file = write_bundle(ledger, DEFAULT_CLAIMS, ends_at, tmp_path)
    with zipfile.ZipFile(file) as found:
        told = json.loads(found.read("audit.json"))
        assert b"asking" in found.read("tables/experiment_texts.csv")
    (mine,) = [one for one in told["findings"] if one["claim"]["key"] == "words"]
    assert mine["verdict"] == "refuted"
    assert verify(file).verified
