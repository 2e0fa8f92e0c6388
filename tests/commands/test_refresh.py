"""Renewing tokens: by each network's model, once, stored before it is used; and what cannot be renewed is told."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from crosspost.commands.connect import Connector
from crosspost.commands.radar import look
from crosspost.commands.refresh import BEGUN, Renewer
from crosspost.domain.brand import Account
from crosspost.domain.delivery import State
from crosspost.domain.errors import Conflict, NotSent
from crosspost.domain.notice import NoticeKind
from crosspost.networks.network import Issued
from crosspost.ownership import account_lock
from crosspost.secret import Secret
from tests.browsing import START, Desk
from tests.program import bare_environment


def works(desk: Desk, account: Account) -> bool:
    return desk.connector.open(account).verify().remote_id == account.remote_id


def started(desk: Desk, account: Account, folder: Path) -> subprocess.Popen[str]:
    """Another process, about to use the account: it waits for a line on its standard input."""
    environment = bare_environment(folder, CROSSPOST_MASTER_KEY=desk.vault.key.text.reveal())
    command = [sys.executable, "-m", "tests.renewing", str(folder), desk.sandbox.origin, account.id]
    made = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)
    assert made.stdout is not None
    assert made.stdout.readline() == "ready\n"
    return made


def refused_early(desk: Desk, account: Account, kinds: tuple[str, ...] = ("access", "user")) -> None:
    """The network ends the tokens it gave, long before the end it told; refresh tokens live on."""
    state = desk.sandbox.state
    assert state is not None
    for token in state.tokens.values():
        if token.account_id == account.remote_id and token.kind in kinds:
            token.revoked = True


# network: days after which its token is renewed, and days at which the first one has ended
RENEWED = {"x": (0.08, 0.09), "pinterest": (27.5, 31.0), "threads": (8.0, 61.0)}


@pytest.mark.parametrize("name", RENEWED)
def test_a_token_is_renewed_before_its_end(desk: Desk, name: str) -> None:
    account = desk.log_in(name)
    before = desk.secrets(account)
    assert not desk.renewer.renew(account).done
    early, _ = RENEWED[name]
    desk.days(early)
    done = desk.renewer.renew(account)
    assert done.done
    assert done.ends_at is not None
    assert done.ends_at > desk.clock.now()
    after = desk.secrets(account)
    assert {one for one in after if after[one] != before[one]} >= ({"refresh_token"} if name != "threads" else set())
    assert works(desk, account)
    assert not desk.renewer.renew(account).done
    life = next(one for one in desk.lives(account).values() if one.expires_at == done.ends_at)
    assert life.connected_at == START
    assert life.updated_at == desk.clock.now()


@pytest.mark.parametrize("name", ["facebook", "instagram"])
def test_a_user_token_of_meta_is_exchanged_and_the_page_token_read_again(desk: Desk, name: str) -> None:
    account = desk.log_in(name)
    before = desk.secrets(account)
    desk.days(31)
    assert desk.renewer.renew(account).done
    after = desk.secrets(account)
    assert after["user_token"] != before["user_token"]
    assert desk.lives(account)["user_token"].expires_at == START + timedelta(days=91)
    assert desk.lives(account)["page_token"].expires_at == START + timedelta(days=90)  # a new login only moves this
    assert works(desk, account)


@pytest.mark.parametrize("name", ["linkedin", "mastodon"])
def test_what_is_not_renewed_is_left_alone(desk: Desk, name: str) -> None:
    account = desk.log_in(name)
    before = desk.secrets(account)
    desk.days(50)
    assert not desk.renewer.renew(account).done
    assert desk.renewer.renew(account, asked=True).problem
    assert desk.secrets(account) == before
    assert desk.told == []


def test_a_token_of_threads_is_not_renewed_before_it_is_a_day_old(desk: Desk) -> None:
    account = desk.log_in("threads")
    desk.days(0.5)
    done = desk.renewer.renew(account, asked=True)
    assert not done.done
    assert "24 hours" in str(done.problem)
    assert desk.lives(account)["access_token"].problem is None
    assert desk.sandbox.logins()["refreshes"] == 0


def test_an_ended_token_of_threads_cannot_be_renewed_and_the_network_is_not_asked(desk: Desk) -> None:
    account = desk.log_in("threads")
    desk.days(61)
    with pytest.raises(Conflict, match="cannot be exchanged"):
        desk.renewer.open(account)
    with pytest.raises(Conflict):
        desk.renewer.open(account)
    assert desk.sandbox.logins()["refreshes"] == 0
    assert [one.kind for one in desk.told] == [NoticeKind.EXPIRES]


def test_a_refused_renewal_is_told_once_and_not_tried_again(desk: Desk) -> None:
    account = desk.log_in("x")
    desk.sandbox.set_tokens(account.remote_id, "revoke")
    desk.days(0.08)
    for _ in range(3):
        assert not desk.renewer.renew(account).done
    assert [one.kind for one in desk.told] == [NoticeKind.EXPIRES]
    assert "connect it again: crosspost account connect x" in desk.told[0].text
    assert desk.account(account).blocked_reason is None  # the token in hand serves to its end
    desk.days(0.08)
    with pytest.raises(Conflict, match="refused"):
        desk.renewer.open(account)
    again = desk.log_in("x")
    assert works(desk, again)


def test_a_lost_answer_to_a_rotation_is_told_and_never_asked_again(desk: Desk) -> None:
    """The network has changed the token, and nobody here knows to what: asking again would end the whole family."""
    account = desk.log_in("x")
    before = desk.secrets(account)
    desk.days(0.08)
    desk.sandbox.set_fault("reset_after", request="auth", network="x", count=1)
    assert "lost" in str(desk.renewer.renew(account).problem)
    assert desk.sandbox.logins()["refreshes"] == 1
    assert desk.secrets(account) == before
    for _ in range(3):
        assert not desk.another_renewer().renew(account).done
    assert desk.sandbox.logins()["refreshes"] == 1
    assert len(desk.told) == 1
    assert works(desk, account)  # until its end


def test_a_worker_that_dies_while_it_waits_is_never_followed_by_a_second_question(desk: Desk, tmp_path: Path) -> None:
    account = desk.log_in("x")
    desk.days(0.08)
    desk.sandbox.set_fault("hang_after", request="auth", network="x", seconds=30.0, count=1)
    worker = started(desk, account, tmp_path)
    assert worker.stdin is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()
    while desk.sandbox.logins()["refreshes"] == 0:
        time.sleep(0.05)
    worker.kill()
    worker.communicate(timeout=60)
    done = desk.another_renewer().renew(account)
    assert done.problem == BEGUN
    assert desk.sandbox.logins()["refreshes"] == 1
    assert look(desk.store, desk.told.append, desk.clock.now()) == 1
    assert BEGUN in desk.told[0].text
    assert works(desk, account)
    desk.sandbox.advance(seconds=7200)
    with pytest.raises(Conflict, match="begun"):
        desk.another_renewer().open(account)


def test_a_spent_refresh_token_ends_the_family_at_x(desk: Desk) -> None:
    """What the rule above is there for: the server really is that strict."""
    account = desk.log_in("x")
    spent = desk.secrets(account)
    desk.days(0.08)
    assert desk.renewer.renew(account).done
    assert works(desk, account)
    desk.connector.keep(account, Issued({"refresh_token": spent["refresh_token"]}))
    assert not desk.renewer.renew(account, asked=True).done
    with pytest.raises(Exception, match="401|Unauthorized"):
        works(desk, account)


def test_a_network_that_cannot_be_asked_is_asked_later(desk: Desk) -> None:
    account = desk.log_in("x")
    desk.days(0.08)
    desk.sandbox.set_fault("rate_limited", request="auth", network="x", count=1)
    done = desk.renewer.renew(account)
    assert not done.done
    assert desk.lives(account)["bearer"].problem is None
    assert not desk.renewer.renew(account).done  # not yet
    desk.sandbox.advance(seconds=301)
    assert desk.renewer.renew(account).done
    assert desk.told == []


def test_an_ended_token_waits_for_the_network_and_blocks_nothing(desk: Desk) -> None:
    account = desk.log_in("x")
    desk.days(0.1)
    desk.sandbox.set_fault("rate_limited", request="auth", network="x", count=1)
    with pytest.raises(NotSent):
        desk.renewer.open(account)
    desk.sandbox.advance(seconds=301)
    assert desk.renewer.open(account).verify().remote_id == account.remote_id


def test_renewed_tokens_are_stored_before_they_are_used(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who dies after the network has answered, and before the commit, has used nothing of the answer."""
    account = desk.log_in("x")
    desk.days(0.08)
    steps: list[str] = []
    keep, opened = Connector.keep, Connector.open

    def kept(self: Connector, *given: object) -> None:
        keep(self, *given)  # type: ignore[arg-type]
        steps.append("stored")

    def open_(self: Connector, *given: object) -> object:
        steps.append("opened")
        return opened(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Connector, "keep", kept)
    monkeypatch.setattr(Connector, "open", open_)
    desk.renewer.open(account)
    assert steps == ["opened", "stored", "opened"]  # to ask with, stored, and to work with


def test_two_threads_that_come_at_once_renew_once(desk: Desk) -> None:
    account = desk.log_in("x")
    desk.days(0.08)
    desk.sandbox.set_fault("slow", request="auth", network="x", seconds=0.3)

    def use(renewer: Renewer) -> None:
        lock = account_lock(renewer.locks, account.id, wait_s=20.0)
        assert lock is not None
        with lock:
            renewer.open(account)

    threads = [threading.Thread(target=use, args=(desk.another_renewer(),)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert desk.sandbox.logins()["refreshes"] == 1
    assert works(desk, account)


def test_two_processes_that_come_at_once_renew_once(desk: Desk, tmp_path: Path) -> None:
    account = desk.log_in("x")
    desk.days(0.08)
    desk.sandbox.set_fault("slow", request="auth", network="x", seconds=0.5)
    both = [started(desk, account, tmp_path) for _ in range(2)]
    for one in both:
        one.communicate("go\n", timeout=60)
    assert [one.returncode for one in both] == [0, 0]
    assert desk.sandbox.logins()["refreshes"] == 1
    assert works(desk, account)


def test_the_duty_renews_what_nobody_uses_and_leaves_what_is_used(desk: Desk) -> None:
    threads, x = desk.log_in("threads"), desk.log_in("x")
    desk.days(8)
    lock = account_lock(desk.renewer.locks, threads.id)
    assert lock is not None
    with lock:
        assert desk.renewer.due(desk.clock.now()) == []
    found = desk.renewer.due(desk.clock.now())
    assert [(one.account.id, one.done) for one in found] == [(threads.id, True)]
    assert desk.lives(x)["bearer"].expires_at == START + timedelta(hours=2)  # renewed when it is used


def test_a_command_that_holds_no_lock_renews_as_well_and_waits_for_who_does(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = desk.log_in("x")
    desk.days(1)
    assert desk.renewer.visit(account).verify().remote_id == account.remote_id
    assert desk.sandbox.logins()["refreshes"] == 1
    monkeypatch.setattr("crosspost.commands.refresh.VISIT_S", 0.1)
    lock = account_lock(desk.renewer.locks, account.id)
    assert lock is not None
    with lock, pytest.raises(Conflict, match="being used"):
        desk.renewer.visit(account)


# with deliveries


def test_a_delivery_renews_the_token_it_needs(desk: Desk) -> None:
    account = desk.log_in("x")
    delivery = desk.schedule(account, in_days=1)
    desk.days(1.001)
    with desk.worker() as worker:
        worker.tick(desk.clock.now(), wait=True)
    assert desk.state(delivery)[0] is State.PUBLISHED
    assert desk.sandbox.logins()["refreshes"] == 1
    assert len(desk.sandbox.posted(network="x")) == 1


def test_a_delivery_waits_while_the_token_cannot_be_renewed(desk: Desk) -> None:
    account = desk.log_in("x")
    delivery = desk.schedule(account, in_days=1)
    desk.days(1.001)
    desk.sandbox.set_fault("rate_limited", request="auth", network="x", count=1)
    with desk.worker() as worker:
        worker.tick(desk.clock.now(), wait=True)
        assert desk.state(delivery)[0] is State.SCHEDULED
        assert desk.account(account).blocked_reason is None
        desk.sandbox.advance(seconds=301)
        worker.tick(desk.clock.now(), wait=True)
    assert desk.state(delivery)[0] is State.PUBLISHED


def test_a_token_refused_before_its_end_is_renewed_once_and_the_same_attempt_made_again(desk: Desk) -> None:
    account = desk.log_in("x")
    first, second = (desk.schedule(account, in_days=0.01, text=text) for text in ("Un", "Deux"))
    desk.days(0.011)
    refused_early(desk, account)
    with desk.worker() as worker:
        worker.tick(desk.clock.now(), wait=True)
    assert [desk.state(one)[0] for one in (first, second)] == [State.PUBLISHED] * 2, desk.state(first)
    assert desk.sandbox.logins()["refreshes"] == 1  # the second went out with what the first had renewed
    assert len(desk.sandbox.posted(network="x")) == 2
    assert desk.account(account).blocked_reason is None
    assert desk.told == []
    assert [one.action for one in desk.attempts(first)] == ["send"]


def test_a_page_token_refused_before_its_end_is_read_again(desk: Desk) -> None:
    account = desk.log_in("facebook")
    delivery = desk.schedule(account, in_days=2)
    desk.days(2.001)
    refused_early(desk, account, kinds=("page",))
    with desk.worker() as worker:
        worker.tick(desk.clock.now(), wait=True)
    assert desk.state(delivery)[0] is State.PUBLISHED
    assert desk.sandbox.logins()["refreshes"] == 1


def test_a_refused_token_that_is_not_renewed_blocks_and_is_told_once(desk: Desk) -> None:
    account = desk.log_in("x")
    delivery = desk.schedule(account, in_days=0.01)
    desk.days(0.011)
    desk.sandbox.set_tokens(account.remote_id, "revoke")
    with desk.worker() as worker:
        for _ in range(3):
            worker.tick(desk.clock.now(), wait=True)
    assert desk.state(delivery)[0] is State.BLOCKED
    assert desk.sandbox.logins()["refreshes"] == 0
    assert [one.kind for one in desk.told] == [NoticeKind.BLOCKED]
    assert "renewing was refused" in str(desk.lives(account)["bearer"].problem)


def test_a_token_that_is_refused_renewed_and_refused_again_blocks(desk: Desk) -> None:
    """One renewal for one attempt: a network that takes no token is not asked for ever."""
    account = desk.log_in("x")
    delivery = desk.schedule(account, in_days=0.01)
    desk.days(0.011)
    desk.sandbox.set_fault("refusal", fixture="x/unauthorized", request="publish", network="x")
    with desk.worker() as worker:
        for _ in range(3):
            worker.tick(desk.clock.now(), wait=True)
    assert desk.state(delivery)[0] is State.BLOCKED
    assert desk.sandbox.logins()["refreshes"] == 1
    assert desk.sandbox.posted() == []
    assert [one.kind for one in desk.told] == [NoticeKind.BLOCKED]


@pytest.mark.parametrize("name", ["threads", "linkedin", "mastodon"])
def test_what_cannot_be_renewed_without_the_refused_token_blocks_and_nobody_is_asked(desk: Desk, name: str) -> None:
    account = desk.log_in(name)
    delivery = desk.schedule(account, in_days=2)
    desk.days(2.001)
    refused_early(desk, account)
    with desk.worker() as worker:
        for _ in range(3):
            worker.tick(desk.clock.now(), wait=True)
    assert desk.state(delivery)[0] is State.BLOCKED
    assert desk.sandbox.logins()["refreshes"] == 0
    assert [one.kind for one in desk.told] == [NoticeKind.BLOCKED]


def test_a_refused_token_waits_while_it_cannot_be_renewed(desk: Desk) -> None:
    account = desk.log_in("x")
    delivery = desk.schedule(account, in_days=0.01)
    desk.days(0.011)
    refused_early(desk, account)
    desk.sandbox.set_fault("rate_limited", request="auth", network="x", count=1)
    with desk.worker() as worker:
        worker.tick(desk.clock.now(), wait=True)
        assert desk.state(delivery)[0] is State.SCHEDULED
        assert desk.account(account).blocked_reason is None
        desk.sandbox.advance(seconds=301)
        worker.tick(desk.clock.now(), wait=True)
    assert desk.state(delivery)[0] is State.PUBLISHED
    assert len(desk.sandbox.posted(network="x")) == 1


def test_a_lost_answer_to_the_renewal_of_a_refused_token_blocks_and_is_never_asked_again(desk: Desk) -> None:
    account = desk.log_in("x")
    delivery = desk.schedule(account, in_days=0.01)
    desk.days(0.011)
    refused_early(desk, account)
    desk.sandbox.set_fault("reset_after", request="auth", network="x", count=1)
    with desk.worker() as worker:
        for _ in range(3):
            worker.tick(desk.clock.now(), wait=True)
    assert desk.state(delivery)[0] is State.BLOCKED
    assert desk.sandbox.logins()["refreshes"] == 1
    assert "lost" in str(desk.lives(account)["bearer"].problem)
    assert desk.sandbox.posted() == []


def test_a_look_with_a_refused_token_is_made_again_with_a_renewed_one(desk: Desk) -> None:
    account = desk.log_in("x")
    delivery = desk.schedule(account, in_days=0.01)
    desk.days(0.011)
    desk.sandbox.set_fault("reset_after", request="publish", network="x", count=1)
    with desk.worker() as worker:
        worker.tick(desk.clock.now(), wait=True)
        assert desk.state(delivery)[0] is State.UNKNOWN
        refused_early(desk, account)
        desk.sandbox.advance(seconds=120)
        worker.tick(desk.clock.now(), wait=True)
    assert desk.state(delivery)[0] is State.PUBLISHED
    assert desk.account(account).blocked_reason is None
    assert len(desk.sandbox.posted(network="x")) == 1


def test_a_login_made_while_a_delivery_is_under_way_is_what_it_goes_on_with(desk: Desk) -> None:
    """Without renewal too: the old token's refusal must not block what was connected since."""
    account = desk.log_in("mastodon")
    delivery = desk.schedule(account, in_days=1)
    desk.days(1.001)
    with desk.worker() as worker:
        opened = worker._open

        def open_(one: Account) -> object:
            adapter = opened(one)
            refused_early(desk, account, kinds=("user",))
            desk.log_in("mastodon")
            return adapter

        worker._open = open_  # type: ignore[assignment]
        worker.tick(desk.clock.now(), wait=True)
    assert desk.state(delivery)[0] is State.PUBLISHED
    assert desk.account(account).blocked_reason is None


def test_a_container_made_before_the_refusal_is_the_one_that_is_published(desk: Desk) -> None:
    account = desk.log_in("threads")
    delivery = desk.schedule(account, in_days=2)
    desk.days(2.001)

    def ended(step: str) -> None:
        if step == "handle kept":
            refused_early(desk, account)
            desk.log_in("threads")

    with desk.worker() as worker:
        worker._probe = ended
        worker.tick(desk.clock.now(), wait=True)
    assert desk.state(delivery)[0] is State.PUBLISHED, desk.state(delivery)
    state = desk.sandbox.state
    assert state is not None
    assert len(state.containers) == 1


def test_nothing_is_sent_to_an_account_that_is_for_reading(desk: Desk) -> None:
    account = desk.log_in("mastodon")
    delivery = desk.schedule(account, in_days=1)
    desk.log_in("mastodon", read_only=True)
    desk.days(1.001)
    with desk.worker() as worker:
        worker.tick(desk.clock.now(), wait=True)
    assert desk.state(delivery)[0] is not State.PUBLISHED
    assert "for reading only" in str(desk.account(account).blocked_reason)
    assert desk.sandbox.posted() == []
    assert [one.kind for one in desk.told] == [NoticeKind.BLOCKED]


def test_a_token_for_reading_is_refused_by_the_network_as_well(desk: Desk) -> None:
    account = desk.log_in("mastodon", read_only=True)
    token = desk.secrets(account)["access_token"]
    writing, _ = desk.connector.connect(
        desk.brand, "mastodon", {"access_token": Secret(token.reveal())}, server=desk.sandbox.origin
    )
    delivery = desk.schedule(writing, in_days=1)
    desk.days(1.001)
    with desk.worker() as worker:
        worker.tick(desk.clock.now(), wait=True)
    assert desk.state(delivery)[0] is not State.PUBLISHED
    assert desk.sandbox.posted() == []
