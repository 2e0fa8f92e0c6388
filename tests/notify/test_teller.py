"""The teller on both databases, a delivery engine in front of it and a real mail server behind."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from crosspost.commands.status import Watch, status
from crosspost.commands.tell import Teller
from crosspost.domain.delivery import DeliveryClass, State
from crosspost.domain.digest import Quiet
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.logs import register
from crosspost.notify.mail import Mail
from crosspost.notify.message import Message, NotTold
from crosspost.secret import Secret
from crosspost.store import installation, notices
from crosspost.store.database import Database
from tests.engine import NOW, Rig
from tests.notify.mailbox import smtp_server
from tests.program import crosspost
from tests.stand_in import Fault


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    fixture = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    database: Database = request.getfixturevalue(fixture)
    made = Rig.make(database, tmp_path, DeliveryClass.BLIND)
    yield made
    made.close()


class Box:
    """A way that keeps what it is given, or fails."""

    def __init__(self, name: str = "box", *, attended: bool = True, fails: bool = False) -> None:
        self.name, self.attended, self.fails = name, attended, fails
        self.got: list[Message] = []

    def send(self, message: Message) -> None:
        if self.fails:
            raise NotTold("out of order")
        self.got.append(message)


def teller(rig: Rig, *ways: Box) -> Teller:
    return Teller(rig.store, ways, rig.clock.now, Quiet(900, 8))


def notice(kind: NoticeKind = NoticeKind.NEEDS_PERSON, words: str = "look", **more: str | None) -> Notice:
    return Notice(kind, words, NOW, **more)


def waiting(rig: Rig) -> int:
    with rig.store.database.read() as connection:
        return notices.untold(connection)[0]


def test_a_blind_timeout_reaches_a_person_by_real_mail(rig: Rig) -> None:
    with smtp_server() as box:
        mail = Mail("127.0.0.1", box.port, sender="c@example.org", recipients=["lea@example.org"], security="none")
        told = Teller(rig.store, [mail], rig.clock.now)
        rig.server.faults = [Fault.LOST_AFTER]
        delivery_id = rig.plan()
        deliverer = rig.worker()
        deliverer._notify = told.tell
        rig.run()
        assert rig.get(delivery_id).state is State.NEEDS_PERSON
        assert told.send(rig.clock.now()).sent
        assert told.send(rig.clock.now()).sent == ()
    (one,) = box.mails()
    assert one["Subject"] == "crosspost: needs a person: Atelier, standin @0"
    assert f"crosspost deliveries show {delivery_id}" in one.get_content()
    assert waiting(rig) == 0


def test_nothing_is_lost_while_no_way_works(rig: Rig) -> None:
    box = Box(fails=True)
    told = teller(rig, box)
    told.tell(notice())
    for _ in range(40):
        assert told.send(rig.clock.now()).sent == ()
        rig.clock.advance(600)
    box.fails = False
    rig.clock.advance(3600)
    told.send(rig.clock.now())
    assert len(box.got) == 1
    assert waiting(rig) == 0


def test_one_way_that_works_is_enough_and_a_desktop_alone_is_not(rig: Rig) -> None:
    screen, broken, good = Box("desktop", attended=False), Box("mail", fails=True), Box("webhook")
    both = teller(rig, screen, broken)
    both.tell(notice())
    assert both.send(rig.clock.now()).failed
    assert waiting(rig) == 1, "a screen nobody watches is no proof that mail is not needed"
    rig.clock.advance(3600)
    assert teller(rig, broken, good).send(rig.clock.now()).sent == (
        ("crosspost: needs a person: this installation", "webhook"),
    )
    alone = teller(rig, screen)
    alone.tell(notice(words="another"))
    rig.clock.advance(3600)
    assert alone.send(rig.clock.now()).sent
    assert waiting(rig) == 0


def test_a_storm_of_trouble_is_two_mails(rig: Rig) -> None:
    box = Box()
    told = teller(rig, box)
    for number in range(200):
        told.tell(notice(words=f"trouble {number}"))
        told.send(rig.clock.now())
        rig.clock.advance(4)
    rig.clock.advance(900)
    told.send(rig.clock.now())
    assert [len(one.notices) for one in box.got] == [1, 199]


def test_the_same_words_while_nobody_was_told_are_one_notice(rig: Rig) -> None:
    told = teller(rig)
    for _ in range(5):
        told.tell(notice(NoticeKind.CLOCK, "the clock jumped"))
    told.tell(notice(NoticeKind.CLOCK, "the clock jumped", brand_id=rig.brand_id))
    assert waiting(rig) == 2


def test_quiet_kinds_come_once_a_day(rig: Rig) -> None:
    box = Box()
    told = teller(rig, box)
    for number in range(3):
        told.tell(notice(NoticeKind.MISSED, f"missed {number}", brand_id=rig.brand_id, account_id=rig.account_ids[0]))
    told.send(rig.clock.now())
    assert box.got == []
    rig.clock.advance(86_400)
    told.send(rig.clock.now())
    (one,) = box.got
    assert one.subject == "crosspost: 3 notices of Atelier"
    assert not one.urgent


def test_a_worker_that_died_before_telling_is_made_good(rig: Rig) -> None:
    """Nobody called tell: the rows themselves say that a person is needed, one was missed, an account is blocked."""
    rig.server.faults = [Fault.LOST_AFTER]
    asked, missed = rig.plan(), rig.plan(in_s=-30_000, window_s=60, approve=False)
    with rig.store.database.write() as connection:
        connection.execute(
            text("UPDATE delivery SET state = 'scheduled' WHERE id = :id AND brand_id = :brand"),
            {"id": missed, "brand": rig.brand_id},
        )
        connection.execute(
            text("UPDATE account SET blocked_reason = NULL WHERE brand_id = :brand"), {"brand": rig.brand_id}
        )
    rig.run()
    states = {row.id: row.state for row in rig.all()}
    assert (states[asked], states[missed]) == (State.NEEDS_PERSON, State.MISSED)
    with rig.store.database.write() as connection:
        connection.execute(
            text("UPDATE account SET blocked_reason = 'revoked' WHERE brand_id = :brand"), {"brand": rig.brand_id}
        )
    box = Box()
    told = teller(rig, box)
    rig.clock.advance(120)
    told.send(rig.clock.now())
    assert {one.notices[0].kind for one in box.got} == {"needs a person", "blocked"}
    assert waiting(rig) == 1  # missed: in the digest
    for _ in range(5):
        rig.clock.advance(120)
        told.send(rig.clock.now())
    assert len(box.got) == 2
    assert waiting(rig) == 1


def test_two_tellers_tell_once(rig: Rig) -> None:
    box = Box()
    first, second = teller(rig, box), teller(rig, box)
    first.tell(notice())
    first.send(rig.clock.now())
    second.send(rig.clock.now())
    assert len(box.got) == 1


def test_who_dies_while_telling_leaves_the_notice_to_others(rig: Rig) -> None:
    class Dies(Box):
        def send(self, message: Message) -> None:
            raise KeyboardInterrupt

    told = teller(rig, Dies())
    told.tell(notice())
    with pytest.raises(KeyboardInterrupt):
        told.send(rig.clock.now())
    box = Box()
    assert teller(rig, box).send(rig.clock.now()).sent == (), "the other may still be at it"
    rig.clock.advance(121)
    assert teller(rig, box).send(rig.clock.now()).sent


def test_a_database_that_does_not_answer_loses_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    from crosspost.domain.errors import Unavailable

    told = teller(rig, box := Box())

    def refuse() -> None:
        raise Unavailable("no database")

    with monkeypatch.context() as patch:
        patch.setattr(rig.store.database, "write", refuse)
        told.tell(notice())
    assert waiting(rig) == 0
    told.send(rig.clock.now())
    assert len(box.got) == 1


def test_a_way_that_raises_anything_stops_neither_ways_nor_deliveries(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    class Odd(Box):
        def send(self, message: Message) -> None:
            raise KeyError("secret-CANARY")

    box = Box()
    told = teller(rig, Odd("odd"), box)
    told.tell(notice())
    with caplog.at_level(logging.DEBUG):
        assert told.send(rig.clock.now()).sent
    assert "CANARY" not in caplog.text


def test_no_secret_is_kept_or_told(rig: Rig) -> None:
    register(Secret("token-CANARY-777"))
    box = Box()
    told = teller(rig, box)
    told.tell(notice(words="refused: Bearer abcdef123456, token-CANARY-777, access_token=EAAxyz"))
    told.send(rig.clock.now())
    with rig.store.database.read() as connection:
        (kept,) = connection.execute(text("SELECT text FROM notice")).scalars()
    for shown in (kept, box.got[0].body):
        assert "CANARY" not in shown
        assert "abcdef" not in shown
        assert "EAAxyz" not in shown


def tick(rig: Rig) -> None:
    with rig.store.database.write() as connection:
        installation.put(connection, installation.HEARTBEAT, "ticking", rig.clock.now())


def test_a_scheduler_that_is_silent_is_told_once_per_silence(rig: Rig) -> None:
    told: list[Notice] = []
    watch = Watch(rig.store, told.append)
    kept = teller(rig)
    watch.tell = lambda one: (told.append(one), kept.tell(one))[0]  # type: ignore[func-returns-value]
    assert not watch.look(rig.clock.now()), "it never ran: nothing is missing"
    tick(rig)
    rig.clock.advance(200)
    assert not watch.look(rig.clock.now())
    rig.clock.advance(7 * 3600)  # the machine slept
    assert watch.look(rig.clock.now())
    assert told == [], "the scheduler may be about to tick"
    for _ in range(4):
        rig.clock.advance(60)
        watch.look(rig.clock.now())
    assert [one.kind for one in told] == [NoticeKind.SCHEDULER]
    tick(rig)
    assert not watch.look(rig.clock.now())
    rig.clock.advance(400)
    watch.look(rig.clock.now())
    rig.clock.advance(60)
    watch.look(rig.clock.now())
    assert len(told) == 2


def test_status_says_what_needs_a_person(rig: Rig) -> None:
    assert status(rig.store, rig.clock.now(), ways=0).problems == ()
    rig.plan(in_s=600)
    (problem,) = status(rig.store, rig.clock.now(), ways=0).problems
    assert "the scheduler never ran" in problem
    tick(rig)
    assert status(rig.store, rig.clock.now(), ways=0).problems == ()
    rig.clock.advance(301)
    late = status(rig.store, rig.clock.now(), ways=0)
    assert late.ticking is False
    assert "has not ticked since" in late.problems[0]
    tick(rig)
    rig.server.faults = [Fault.LOST_AFTER]
    rig.run()
    found = status(rig.store, rig.clock.now(), ways=0)
    assert found.brands[0].needs_person == 1
    assert any("need a person" in one for one in found.problems)
    told = teller(rig, Box(fails=True))
    told.tell(notice())
    told.send(rig.clock.now() + timedelta(seconds=1))
    assert any("could not be told" in one for one in status(rig.store, rig.clock.now(), ways=1).problems)


def test_the_scheduler_as_a_process_tells_by_mail(tmp_path: Path) -> None:
    crosspost("brand", "add", "Café Léa", home=tmp_path)
    database = Database(f"sqlite:///{tmp_path / 'data' / 'crosspost.db'}")
    with database.write() as connection:
        notices.add(connection, notice(), NOW)
    database.close()
    with smtp_server() as box:
        ran = crosspost(
            "run", "--once", home=tmp_path, CROSSPOST_SMTP_HOST="127.0.0.1", CROSSPOST_SMTP_PORT=str(box.port),
            CROSSPOST_SMTP_SECURITY="none", CROSSPOST_MAIL_FROM="c@example.org",
            CROSSPOST_MAIL_TO='["lea@example.org"]',
        )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert [one["Subject"] for one in box.mails()] == ["crosspost: needs a person: this installation"]
    assert json.loads(crosspost("status", "--json", home=tmp_path).stdout)["untold"] == 0
