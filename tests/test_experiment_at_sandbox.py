"""Weeks and texts by the real scheduler, at networks that answer over HTTP, on the sandbox's virtual clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crosspost import scheduler
from crosspost.audit.experiments.design import Design, Kind, schedule
from crosspost.cli.context import App
from crosspost.commands.experiments import start, status
from crosspost.commands.setup import add_brand
from crosspost.commands.text_start import Asked
from crosspost.commands.text_start import start as start_texts
from crosspost.domain.article import Article, Decision
from crosspost.domain.brand import Brand, LinkMode
from crosspost.domain.delivery import State
from crosspost.domain.experiment import mondays
from crosspost.domain.slots import resolve
from crosspost.networks import adapter_of
from crosspost.sandbox.running import Sandbox
from crosspost.secret import Secret
from crosspost.settings import Settings
from crosspost.store import articles, deliveries, text_arms

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 10, 1, 12, 0, tzinfo=PARIS)
FIRST = date(2026, 10, 5)  # the clock changes in the third week
WEEKS = 12
NETWORKS = ("mastodon", "bluesky")
DESIGN = Design(Kind.PAIRED, 24, NETWORKS, seed=3)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=5, virtual_start=START) as running:
        yield running


@pytest.fixture
def app(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"CROSSPOST_{name.upper()}", raising=False)
    made = App(data_dir=tmp_path, settings={"clock": sandbox.origin, "private_origins": [sandbox.origin]})
    yield made
    made.close()


def connected(app: App, sandbox: Sandbox, **more: Any) -> tuple[Brand, dict[str, str]]:
    """A brand with its accounts; their ids at the network by its name."""
    brand = add_brand(app.store, app.clock.now(), "Ana", auto_publish=True, **more)
    ids = {}
    for network in NETWORKS:
        made = sandbox.add_account(network, "ana" + ".test" * (network == "bluesky"))
        wanted = adapter_of(network).secrets
        secrets = {name: Secret(value) for name, value in made["secrets"].items() if name in wanted}
        app.connector.connect(
            brand, network, secrets, server=sandbox.origin, handle=made["handle"], slots=("09:00", "18:30")
        )
        ids[network] = made["id"]
    return brand, ids


def write(app: App, brand: Brand, number: int) -> str:
    """A new article, as a source gives it."""
    article = Article(
        identity=f"g{number}", url=f"https://ana.example/{number}", title=f"Écrire court, {number}",
        text="Une phrase courte se lit. Une phrase longue se relit.",
    )  # fmt: skip
    with app.store.write(brand.id) as scope:
        stored = articles.remember(scope, None, article, Decision.NEW, "new", app.clock.now())
    assert stored is not None
    return stored.id


def live(app: App, brand: Brand, end: datetime) -> None:
    """Every third day the owner writes; each second article is asked for at a time that may lie in an off week."""
    stop, next_at, number = Event(), [START + timedelta(days=5)], [0]

    def owner(now: datetime) -> datetime:
        if now >= end:
            stop.set()
        elif now >= next_at[0]:
            number[0] += 1
            wall = now.astimezone(PARIS).replace(tzinfo=None, second=0, microsecond=0) + timedelta(days=2)
            asked = resolve(wall, PARIS) if number[0] % 2 else None
            made = app.planner.plan(brand, now, only_articles=[write(app, brand, number[0])], at=asked)
            assert len(made.planned) == len(NETWORKS)
            next_at[0] = now + timedelta(days=3)
        return min(next_at[0], end)

    with app.duties() as duties:
        scheduler.run(app.clock, [("owner", 3600.0, owner), ("deliver", 3600.0, duties.deliver)], stop)


def test_twelve_weeks_at_two_networks_go_as_drawn(app: App, sandbox: Sandbox) -> None:
    brand, ids = connected(app, sandbox)
    start(app.store, [brand], "autumn", DESIGN, FIRST, app.settings.data_dir / "h", app.clock.now(), who="ana")
    weeks = mondays(FIRST, WEEKS, PARIS)
    app.join_virtual_clock()
    live(app, brand, weeks[-1].end)
    drawn = schedule(DESIGN)
    for network in NETWORKS:
        posted = [datetime.fromisoformat(entry["committed_at"]) for entry in sandbox.posted(account_id=ids[network])]
        went = [int(any(at in week for at in posted)) for week in weeks]
        assert went == list(drawn[network][:WEEKS])
        assert len(posted) > WEEKS / 2
    assert drawn["mastodon"] != drawn["bluesky"]
    with app.store.read(brand.id) as scope:
        rows = deliveries.listed(scope)
    assert {row.state for row in rows} == {State.PUBLISHED, State.SCHEDULED}
    (seen,) = status(app.store, brand, app.clock.now(), who="ana")
    assert [week.obeyed for week in seen.weeks if week.number <= WEEKS] == [True] * 2 * WEEKS


def test_texts_at_two_networks_go_as_drawn(app: App, sandbox: Sandbox) -> None:
    brand, ids = connected(app, sandbox, link_mode=LinkMode.REDIRECT, public_url="https://go.example")
    arms = {"plain": "$title\n\n$link", "asking": "Et vous ? $title\n\n$link", "short": "$sentences $link"}
    asked = Asked(arms, NETWORKS, posts=12, weeks=4, days=2, margin=0.2, seed=4)
    made = start_texts(app.store, brand, "words", asked, app.settings.data_dir / "h", None, app.clock.now(), who="ana")
    app.join_virtual_clock()
    live(app, brand, START + timedelta(days=18))
    with app.store.read(brand.id) as scope:
        drawn = {one.delivery_id: one for one in text_arms.drawn(scope, made.experiment.id)}
        codes = {row.code: row.id for row in deliveries.listed(scope) if row.state is State.PUBLISHED}
    for network in NETWORKS:
        posted = sandbox.posted(account_id=ids[network])
        seen = Counter(_opening(entry["text"]) for entry in posted)
        assert set(seen) == set(arms)
        assert max(seen.values()) - min(seen.values()) <= 1
        for entry in posted:
            delivery_id = next(codes[code] for code in codes if code in entry["text"])
            assert drawn[delivery_id].arm == _opening(entry["text"])
    (told,) = status(app.store, brand, app.clock.now(), who="ana")
    assert sum(one.as_drawn for one in told.arms) == len(codes)
    assert sum(one.otherwise for one in told.arms) == 0


def _opening(text: str) -> str:
    return "short" if text.startswith("Une phrase") else "asking" if text.startswith("Et vous") else "plain"
