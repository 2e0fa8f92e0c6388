"""The restore drill: a backup, life going on, the backup restored, and nothing posted twice."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from crosspost.commands.read import read_due
from crosspost.domain.article import Decision
from crosspost.domain.delivery import DeliveryClass, State
from crosspost.domain.errors import Conflict
from crosspost.domain.slots import Due
from crosspost.outside.http import Outbound
from crosspost.store import articles, deliveries, installation, links, restoring
from crosspost.store.database import Database
from tests.engine import NOW
from tests.local_server import Reply, Request, serving
from tests.postgres import Server
from tests.restored import CLASSES, Drill

BLIND = CLASSES.index(DeliveryClass.BLIND)


@pytest.fixture
def drill(sqlite_database: Database, tmp_path: Path) -> Iterator[Drill]:
    made = Drill.started(sqlite_database, tmp_path / "data")
    yield made
    made.close()


def everywhere(drill: Drill, *, in_s: float, approve: bool = True) -> list[str]:
    return [drill.plan(in_s=in_s, account=number, approve=approve) for number in range(len(CLASSES))]


def before_the_backup(drill: Drill) -> dict[str, list[str]]:
    """Deliveries in every state that a backup can meet, on every class."""
    past = everywhere(drill, in_s=0)
    drill.live(0.5)
    return {
        "published": past,
        "soon": everywhere(drill, in_s=3600) + everywhere(drill, in_s=7200),
        "later": everywhere(drill, in_s=12 * 3600),
        "moved": everywhere(drill, in_s=14 * 3600),
        "draft": everywhere(drill, in_s=5400, approve=False),
        "never": everywhere(drill, in_s=5400, approve=False),
    }


def after_the_backup(drill: Drill, made: dict[str, list[str]], rounds: int = 5) -> list[str]:
    """Life goes on: what was due goes out, drafts are approved, one is moved forward and edited, others are new."""
    with drill.store.write(drill.brand_id) as scope:
        for one in made["draft"]:
            deliveries.approve(scope, one, who="ana", now=drill.clock.now())
        for one in made["moved"]:
            at = drill.clock.now() + timedelta(hours=2)
            row = deliveries.get(scope, one)
            words = row.teaser.__class__(f"{row.teaser.text} !", row.teaser.link, "fr", "text")
            deliveries.revise(scope, one, who="ana", now=drill.clock.now(), due=Due(at, "", "UTC"), teaser=words)
            deliveries.approve(scope, one, who="ana", now=drill.clock.now())
    new = [one for at in range(rounds) for one in everywhere(drill, in_s=1800 + 3000 * at / rounds)]
    drill.live(2.6)
    return new


@pytest.mark.parametrize("rounds", [5, 84])
def test_the_drill(drill: Drill, tmp_path: Path, rounds: int) -> None:
    """84 rounds are 504 deliveries that the backup knows nothing of."""
    made = before_the_backup(drill)
    done = drill.backup(tmp_path / "b.zip")
    assert done.made_at == drill.clock.now()
    new = after_the_backup(drill, made, rounds)
    assert len(new) == 6 * rounds
    world = Counter(drill.posted_codes())
    assert len(world) == 6 * (5 + rounds)
    requests = drill.requests()

    again, report = drill.restored(tmp_path / "b.zip", tmp_path / "again")
    assert report.doubted == len(made["soon"])
    again.live(3)
    assert again.requests() == requests, "held: nothing is sent"
    resumed = again.resume()
    again.live(12)
    again.close()

    assert Counter(again.posted_codes()).most_common(1)[0][1] == 1, "a double post"
    gone = Counter(again.posted_codes()) - world
    state = {row.id: row for row in again.all()}
    sent_later = {state[one].code for number, one in enumerate(made["later"]) if number != BLIND}
    assert set(gone) == sent_later, "what was due after the restore, and nothing else, went out"
    for name in ("published", "soon", "draft", "moved"):
        for number, one in enumerate(made[name]):
            if number % 6 != BLIND or name == "published":
                assert state[one].state is State.PUBLISHED, (name, CLASSES[number % 6])
                assert state[one].remote_id
    for one in (made["soon"][BLIND], made["soon"][BLIND + 6]):
        assert state[one].state is State.NEEDS_PERSON
    for name in ("draft", "later", "moved", "never"):
        assert state[made[name][BLIND]].state is State.DRAFT, "a person must look before it is approved again"
    assert {account.adopted for account in resumed.accounts if account.never} == {()}
    assert sum(len(account.homeless) + len(account.adopted) for account in resumed.accounts) == 5 * rounds
    with again.store.database.read() as connection:
        assert installation.get(connection, installation.HELD) is None
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"


def test_the_drill_catches_a_restore_without_its_rule(
    drill: Drill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The harness must see what the rule prevents: without it, everything that was due goes out twice."""
    made = before_the_backup(drill)
    drill.backup(tmp_path / "b.zip")
    after_the_backup(drill, made)
    monkeypatch.setattr(restoring, "restored", lambda *_: None)
    monkeypatch.setattr(restoring, "seen", lambda *_: None)
    again, _ = drill.restored(tmp_path / "b.zip", tmp_path / "again")
    with again.store.database.write() as connection:
        installation.remove(connection, installation.HELD)
    again.live(4)
    again.close()
    twice = [code for code, number in Counter(again.posted_codes()).items() if number > 1]
    assert len(twice) >= 6


def test_what_was_in_the_networks_hands_when_the_copy_was_made(drill: Drill, tmp_path: Path) -> None:
    """A backup in the middle of a request: the row says `sending` by a worker that will never come back."""
    ids = everywhere(drill, in_s=0)
    copies: list[Path] = []

    def copy(step: str) -> None:
        if step == "before request" and not copies:
            copies.append(tmp_path / "b.zip")
            drill.backup(copies[0])

    drill.worker(workers=1, probe=copy)
    drill.live(1)
    again, report = drill.restored(copies[0], tmp_path / "again")
    assert report.doubted == 6
    open_ = [one for row in ids for one in again.attempts(row) if one.finished_at is None]
    assert open_ == []
    again.live(1)
    again.resume()
    again.live(12)
    again.close()
    assert Counter(again.posted_codes()).most_common(1)[0][1] == 1
    assert len(again.posted_codes()) == 6


def test_what_did_not_go_out_is_sent_after_the_hold(drill: Drill, tmp_path: Path) -> None:
    """The machine died with the disk: nothing went out since the backup. Inside its window it still does, once."""
    ids = everywhere(drill, in_s=600)
    drill.backup(tmp_path / "b.zip")
    drill.clock.advance(900)
    again, _ = drill.restored(tmp_path / "b.zip", tmp_path / "again")
    again.resume()
    again.live(4)
    again.close()
    states = [again.get(one).state for one in ids]
    assert states == [State.PUBLISHED] * 5 + [State.NEEDS_PERSON]
    assert len(again.posted_codes()) == 5


def test_an_account_that_does_not_answer_keeps_everything_held(drill: Drill, tmp_path: Path) -> None:
    ids = everywhere(drill, in_s=600)
    later = everywhere(drill, in_s=50 * 3600)
    drill.backup(tmp_path / "b.zip")
    drill.live(1)
    requests = drill.requests()
    again, _ = drill.restored(tmp_path / "b.zip", tmp_path / "again")
    again.servers[0].hidden = True
    with pytest.raises(Conflict, match="still held"):
        again.resume()
    again.live(1)
    assert again.requests() == requests
    resumed = again.resume(unread_too=True)
    assert (resumed.asked, resumed.drafts) == (1, 2)  # the blind account's, and that of the one that does not answer
    assert again.get(ids[0]).state is State.NEEDS_PERSON
    assert again.get(later[0]).state is State.DRAFT
    again.live(4)
    again.close()
    assert max(Counter(again.posted_codes()).values()) == 1


def test_a_list_that_ends_too_soon_proves_nothing(drill: Drill, tmp_path: Path) -> None:
    soon, later = drill.plan(in_s=600, account=4), drill.plan(in_s=60 * 3600, account=4)
    drill.backup(tmp_path / "b.zip")
    drill.live(1)
    for _ in range(3):
        drill.plan(in_s=0, account=4)
    drill.live(1)
    again, _ = drill.restored(tmp_path / "b.zip", tmp_path / "again")
    again.servers[4].page = 2
    again.resume()
    again.live(4)
    again.close()
    assert again.get(soon).state is State.NEEDS_PERSON
    assert again.get(later).state is State.DRAFT
    assert max(Counter(again.posted_codes()).values()) == 1


FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>b</title><link>https://blog.example</link>{}</channel></rss>"""
ITEM = "<item><guid>{0}</guid><link>https://blog.example/{0}</link><title>Une histoire de jardin n° {0}</title></item>"


def test_feeds_are_seeded_again_and_links_come_home(drill: Drill, tmp_path: Path) -> None:
    items = [1, 2]

    def answer(request: Request) -> Reply:
        if request.headers.get("if-none-match") == f'"{len(items)}"':
            return Reply(304)
        body = FEED.format("".join(ITEM.format(one) for one in items)).encode()
        return Reply(200, {"content-type": "application/rss+xml", "etag": f'"{len(items)}"'}, body)

    with serving(answer) as server:
        outbound = Outbound(private_origins=frozenset({server.origin}))
        brand = drill.store.brands()[0]
        with drill.store.write(drill.brand_id) as scope:
            articles.add_source(scope, "feed", server.origin, NOW)
        read_due(drill.store, brand, outbound, NOW, 1800, force=True)
        items.append(3)
        read_due(drill.store, brand, outbound, NOW, 1800, force=True)  # new, not planned yet
        drill.backup(tmp_path / "b.zip")
        drill.clock.advance(3600)
        items.append(4)
        read_due(drill.store, brand, outbound, drill.clock.now(), 1800, force=True)
        posted = drill.plan(in_s=0)
        with drill.store.write(drill.brand_id) as scope:
            row = deliveries.get(scope, posted)
            words = f"Une histoire de jardin n° 4\n{row.teaser.link}"
            scope.connection.execute(
                text("UPDATE delivery SET teaser = :teaser WHERE id = :id AND brand_id = :brand"),
                {"teaser": row.teaser.__class__(words, row.teaser.link, "fr", "text").as_json(), "id": posted,
                 "brand": drill.brand_id},
            )  # fmt: skip
        nameless = drill.plan(in_s=0, account=1)
        codes = [drill.get(one).code for one in (posted, nameless)]
        drill.live(0.5)

        again, report = drill.restored(tmp_path / "b.zip", tmp_path / "again")
        assert (report.feeds, report.articles) == (1, 1)
        resumed = again.resume(outbound)
        for _ in range(2):
            read_due(again.store, brand, outbound, again.clock.now(), 1800, force=True)
    with again.store.read(again.brand_id) as scope:
        decisions = {one.article.url: one.decision for one in articles.articles(scope)}
        found = {one.code: one.target for one in links.all_of(scope)}
    again.close()
    assert set(decisions) == {f"https://blog.example/{one}" for one in (1, 2, 3, 4)}
    assert set(decisions.values()) == {Decision.SEEDED}
    assert found[codes[0]].startswith("https://blog.example/4?")
    assert codes[0] in found[codes[0]]
    assert found[codes[1]].startswith("https://blog.example/?")
    assert sum(len(one.adopted) for one in resumed.accounts) == 2


def test_a_feed_that_did_not_change_is_seeded_too(drill: Drill, tmp_path: Path) -> None:
    """It answers "unchanged" to the validators of the backup, and would be seeded by its next, new item."""
    items = [1]

    def answer(request: Request) -> Reply:
        tag = f'"{len(items)}"'
        if request.headers.get("if-none-match") == tag:
            return Reply(304)
        return Reply(200, {"etag": tag}, FEED.format("".join(ITEM.format(one) for one in items)).encode())

    with serving(answer) as server:
        outbound = Outbound(private_origins=frozenset({server.origin}))
        brand = drill.store.brands()[0]
        with drill.store.write(drill.brand_id) as scope:
            articles.add_source(scope, "feed", server.origin, NOW)
        read_due(drill.store, brand, outbound, NOW, 1800, force=True)
        drill.backup(tmp_path / "b.zip")
        again, _ = drill.restored(tmp_path / "b.zip", tmp_path / "again")
        again.resume(outbound)
        again.clock.advance(60)
        items.append(2)
        (report,) = read_due(again.store, brand, outbound, again.clock.now(), 1800, force=True)
    again.close()
    assert [one.decision for one in report.items if one.identity.endswith("2")] == [Decision.NEW]


@pytest.mark.postgres
def test_the_drill_on_postgresql(postgres_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binaries = Server.binaries()
    assert binaries is not None
    monkeypatch.setenv("PATH", f"{binaries}:{os.environ['PATH']}")
    database = Database(postgres_server.create(template="template_crosspost"))
    drill = Drill.started(database, tmp_path / "data")
    made = before_the_backup(drill)
    drill.backup(tmp_path / "b.zip")
    after_the_backup(drill, made)
    world = Counter(drill.posted_codes())
    with pytest.raises(Conflict, match="not empty"):
        drill.restored(tmp_path / "b.zip", tmp_path / "again", str(database.url.set(drivername="postgresql")))
    assert not (tmp_path / "again").exists()
    again, report = drill.restored(tmp_path / "b.zip", tmp_path / "again", postgres_server.create())
    assert report.doubted == len(made["soon"])
    again.live(1)
    assert Counter(again.posted_codes()) == world
    again.resume()
    again.live(4)
    again.close()
    assert Counter(again.posted_codes()) == world
    again.store.database.close()
    database.close()
