"""Deliveries of a manual network: nothing is ever sent, a person is asked in time, and silence is no publication."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from crosspost.commands.adopt import resume_after_restore
from crosspost.commands.seen import seen
from crosspost.commands.switch import resume, stop
from crosspost.commands.tell import Teller
from crosspost.domain.brand import BY_HAND, Account
from crosspost.domain.delivery import Delivery, LatePolicy, State
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.ids import new_id
from crosspost.domain.notice import NoticeKind
from crosspost.domain.post import Post
from crosspost.domain.teaser import Attachment
from crosspost.domain.transitions import ALLOWED, Do, check, next_by_hand
from crosspost.networks.network import Network
from crosspost.notify.mail import Mail
from crosspost.outside.http import Outbound
from crosspost.store import brands, deliveries, installation, notices, posts, restoring
from crosspost.store.database import Database
from tests.engine import NOW, Rig
from tests.networks.kits import PNG
from tests.notify.test_teller import Box

ADDRESS = "https://www.snapchat.com/spotlight/W7_EDlXWTBiXAEEniNoMPwAA"
WINDOW_S = 3600


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    fixture = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    database: Database = request.getfixturevalue(fixture)
    made = Rig.make(database, tmp_path, accounts=0)
    made.open = never
    by_hand = Account(new_id(NOW), made.brand_id, "snapchat", "lea", BY_HAND, "lea", (), {}, None, NOW)
    with made.store.write(made.brand_id) as scope:
        brands.add_account(scope, by_hand)
    made.account_ids = [by_hand.id]
    yield made
    made.close()


def never(account: Account) -> Network:
    raise AssertionError(f"{account.network} was opened")


def due(rig: Rig, *, window_s: int = WINDOW_S) -> Delivery:
    """A delivery that a person was just asked to post."""
    delivery_id = rig.plan(in_s=30, window_s=window_s)
    rig.tick()
    assert rig.get(delivery_id).state is State.SCHEDULED
    rig.clock.advance(31)
    rig.tick()
    return rig.get(delivery_id)


def posted(rig: Rig, row: Delivery, url: str = ADDRESS, **more: object) -> Delivery:
    with rig.store.write(rig.brand_id) as scope:
        return deliveries.resolve_published(scope, row.id, url=url, who="léa", now=rig.clock.now(), **more)  # type: ignore[arg-type]


def test_at_its_time_a_person_is_asked_once(rig: Rig) -> None:
    row = due(rig)
    assert (row.state, row.waits_for_hand, row.attempts) == (State.NEEDS_PERSON, True, 0)
    assert row.reason == "post it by hand, until 2026-03-02 10:00 at the latest"
    for _ in range(3):
        rig.clock.advance(60)
        rig.tick()
    assert [one.kind for one in rig.notices] == [NoticeKind.BY_HAND]
    assert rig.server.requests == 0


def test_a_person_s_word_makes_it_published_and_a_post(rig: Rig) -> None:
    row = due(rig)
    at = rig.clock.now()
    rig.clock.advance(300)
    done = posted(rig, row, posted_at=at)
    assert (done.state, done.remote_url, done.published_at) == (State.PUBLISHED, ADDRESS, at)
    assert done.evidence == f"léa says that it was posted by hand: {ADDRESS}"
    assert done.verified_at is None, "a person's word is no reading back"
    with rig.store.read(rig.brand_id) as scope:
        (post,) = posts.posts(scope)
    assert (post.delivery_id, post.code, post.post.url, post.post.published_at) == (row.id, row.code, ADDRESS, at)
    assert post.post.text == row.teaser.text
    assert post.next_read_at is None, "nobody reads numbers there"
    assert [one.action for one in rig.attempts(row.id)] == ["person"]
    rig.clock.advance(10 * WINDOW_S)
    rig.tick()
    assert rig.get(row.id).state is State.PUBLISHED


def test_silence_until_the_end_of_its_window_is_missed_and_told(rig: Rig) -> None:
    row = due(rig)
    rig.clock.advance(WINDOW_S + 1)
    rig.tick()
    missed = rig.get(row.id)
    assert (missed.state, missed.reason) == (State.MISSED, "nobody said in time that it was posted by hand")
    assert [one.kind for one in rig.notices] == [NoticeKind.BY_HAND, NoticeKind.MISSED]


def test_who_tells_late_is_believed(rig: Rig) -> None:
    row = due(rig)
    rig.clock.advance(WINDOW_S + 1)
    rig.tick()
    assert posted(rig, row).state is State.PUBLISHED


def test_what_a_machine_missed_cannot_be_said_to_be_posted(rig: Rig) -> None:
    """The new arrows are for manual networks: elsewhere missed means that nothing was sent, and a question stays."""
    for before, after in product(State, State):
        if after in ALLOWED[before]:
            continue
        with pytest.raises(ValueError, match="cannot go"):
            check(before, after)
        if (before, after) in ((State.NEEDS_PERSON, State.MISSED), (State.MISSED, State.PUBLISHED)):
            check(before, after, by_hand=True)
        else:
            with pytest.raises(ValueError, match="cannot go"):
                check(before, after, by_hand=True)
    with rig.store.write(rig.brand_id) as scope:
        brands.change_account(scope, rig.account_ids[0], server="https://stand.in")
    row = rig.get(rig.plan())
    rig.clock.advance(7 * 3600)
    with rig.store.write(rig.brand_id) as scope:
        rig.open = None
        deliveries.cancel(scope, row.id, who="léa", now=rig.clock.now())
    with pytest.raises(Conflict, match="nothing to settle"):
        posted(rig, row)


@pytest.mark.parametrize("state", State)
def test_what_is_next_follows_from_state_and_time_alone(rig: Rig, state: State) -> None:
    row = replace(rig.get(rig.plan(in_s=100, window_s=WINDOW_S)), state=state)
    asked = replace(row, next_at=row.expires_at)
    boot, windows = rig.worker()._boot(), rig.windows
    seconds = (0, 100, 100 + WINDOW_S, 101 + WINDOW_S)
    found = [next_by_hand(row, NOW + timedelta(seconds=s), boot, windows).do for s in seconds]
    again = [next_by_hand(asked, NOW + timedelta(seconds=s), boot, windows).do for s in seconds]
    expected = {State.SCHEDULED: [Do.WAIT, Do.ASK, Do.ASK, Do.MISS]}.get(state, [Do.WAIT] * 4)
    assert found == expected
    assert again == {State.NEEDS_PERSON: [Do.WAIT] * 3 + [Do.MISS]}.get(state, expected)


def test_late_by_policy_is_missed_without_asking(rig: Rig) -> None:
    delivery_id = rig.plan(in_s=30, late_policy=LatePolicy.MISS)
    rig.clock.advance(30 + 121)
    rig.tick()
    assert rig.get(delivery_id).state is State.MISSED
    assert [one.kind for one in rig.notices] == [NoticeKind.MISSED]


def test_a_stop_holds_reminders_and_not_the_end_of_a_window(rig: Rig) -> None:
    brand = rig.store.brands()[0]
    soon, now = rig.plan(in_s=10), rig.plan(in_s=10, window_s=5)
    stop(rig.store, brand, None, why="holidays", who="léa", now=rig.clock.now())
    rig.clock.advance(20)
    rig.tick()
    assert (rig.get(soon).state, rig.get(now).state) == (State.SCHEDULED, State.MISSED)
    resume(rig.store, brand, None, who="léa", now=rig.clock.now())
    rig.clock.advance(10)
    rig.tick()
    assert rig.get(soon).waits_for_hand


@pytest.mark.parametrize("state", ["draft", "scheduled", "cancelled", "published"])
def test_only_what_was_asked_for_can_be_said_to_be_posted(rig: Rig, state: str) -> None:
    if state == "published":
        row = posted(rig, due(rig))
    else:
        row = rig.get(rig.plan(in_s=60, approve=state != "draft"))
        if state == "cancelled":
            with rig.store.write(rig.brand_id) as scope:
                row = deliveries.cancel(scope, row.id, who="léa", now=NOW)
    assert row.state.value == state
    with pytest.raises(Conflict, match="nobody was asked"):
        posted(rig, row, "https://www.snapchat.com/other")


def test_what_a_person_says_is_checked(rig: Rig) -> None:
    row = due(rig)
    for words in ("snapchat", "javascript:alert(1)", ""):
        with pytest.raises(BadInput, match="not the address"):
            posted(rig, row, words)
    for at in (rig.clock.now() + timedelta(seconds=1), NOW - timedelta(days=1)):
        with pytest.raises(BadInput, match="cannot have been posted then"):
            posted(rig, row, posted_at=at)
    with rig.store.write(rig.brand_id) as scope, pytest.raises(Conflict, match="nothing was posted yet"):
        deliveries.resolve_not_there(scope, row.id, who="léa", now=rig.clock.now())
    posted(rig, row)
    with pytest.raises(Conflict, match="another delivery"):
        posted(rig, due(rig))


def test_a_post_that_was_imported_before_is_the_same_post(rig: Rig) -> None:
    with rig.store.write(rig.brand_id) as scope:
        known = posts.add_post(scope, rig.account_ids[0], "snapchat", Post("told:1", ADDRESS), now=NOW)
    row = posted(rig, due(rig))
    with rig.store.read(rig.brand_id) as scope:
        assert [(one.id, one.delivery_id) for one in posts.posts(scope)] == [(known, row.id)]


def test_it_can_be_moved_cancelled_or_planned_again(rig: Rig) -> None:
    row = due(rig)
    with rig.store.write(rig.brand_id) as scope:
        deliveries.cancel(scope, row.id, who="léa", now=rig.clock.now())
    other = due(rig)
    rig.clock.advance(WINDOW_S + 1)
    rig.tick()
    with rig.store.write(rig.brand_id) as scope:
        again = deliveries.revise(scope, other.id, who="léa", now=rig.clock.now(), window_s=10 * WINDOW_S)
        deliveries.approve(scope, other.id, who="léa", now=rig.clock.now())
    assert again.revision == 2
    rig.tick()
    assert rig.get(other.id).waits_for_hand


def test_people_get_everything_to_paste(rig: Rig) -> None:
    row = due(rig)
    box = Box()
    teller = Teller(rig.store, [box], rig.clock.now)
    for one in rig.notices:
        teller.tell(one)
    teller.send(rig.clock.now())
    (message,) = box.got
    assert message.urgent
    assert message.subject.startswith("crosspost: post by hand: Atelier, snapchat lea")
    assert f"    {row.teaser.text}" in message.lines
    assert f"  then: crosspost deliveries resolve {row.id} --posted ADDRESS" in message.lines


def test_a_mail_brings_the_images_along(rig: Rig) -> None:
    images = (Attachment("ab" * 32, "image/png", "Un établi"), Attachment("cd" * 32, "image/jpeg", ""))
    row = rig.get(rig.plan(in_s=30, approve=False))
    with rig.store.write(rig.brand_id) as scope:
        deliveries.revise(scope, row.id, who="léa", now=NOW, teaser=replace(row.teaser, images=images))
        deliveries.approve(scope, row.id, who="léa", now=NOW)
    rig.clock.advance(31)
    rig.tick()

    def read(sha256: str) -> bytes:
        if sha256 == "cd" * 32:
            raise NotFound("the image is gone")
        return PNG

    box = Box()
    teller = Teller(rig.store, [box], rig.clock.now, read_image=read)
    teller.tell(rig.notices[0])
    teller.send(rig.clock.now())
    (message,) = box.got
    mail = Mail("mail.example", 25, sender="a@b.example", recipients=["c@d.example"], security="none").mail(message)
    (image,) = mail.iter_attachments()
    assert (image.get_filename(), image.get_content_type()) == ("abababababab.png", "image/png")
    assert image.get_content() == PNG
    assert row.teaser.text in mail.get_body().get_content()  # type: ignore[union-attr]


def test_nobody_is_asked_for_what_is_settled_since(rig: Rig) -> None:
    row = due(rig)
    posted(rig, row)
    box = Box()
    teller = Teller(rig.store, [box], rig.clock.now)
    teller.tell(rig.notices[0])
    teller.send(rig.clock.now())
    assert "settled since: published" in box.got[0].body
    assert row.teaser.text not in box.got[0].body


def test_a_lost_reminder_is_found_and_told_as_one(rig: Rig) -> None:
    """The worker died between the fact and its notice."""
    due(rig)
    with rig.store.read(rig.brand_id) as scope:
        found = notices.unnoticed(
            scope, rig.clock.now() + timedelta(minutes=5), back=timedelta(days=1), settle=timedelta(seconds=1)
        )
    assert [one.kind for one in found] == [NoticeKind.BY_HAND]


def test_the_audit_of_what_is_on_the_accounts_is_silent_of_it(rig: Rig) -> None:
    posted(rig, due(rig))
    found = seen(rig.store, rig.store.brands()[0], never, rig.clock.now())
    (by_hand,) = [one for one in found.accounts if one.account.startswith("snapchat")]
    assert by_hand.unread == "posts are made by hand"
    assert [one for one in found.findings if one.account.startswith("snapchat")] == []


def test_after_a_restore_a_person_is_asked_and_nothing_waits_for_a_network(rig: Rig) -> None:
    made_at = rig.clock.now()
    row = rig.get(rig.plan(in_s=30))
    rig.clock.advance(3600)
    now = rig.clock.now()
    with rig.store.database.write() as connection:
        installation.put(connection, installation.HELD, "restored", now)
        installation.put(connection, installation.RESTORED, made_at.isoformat(), now)
    with rig.store.write(rig.brand_id) as scope:
        restoring.doubt(scope, made_at, now, rig.worker()._boot())
    rig.tick()
    assert rig.get(row.id).state is State.UNKNOWN
    done = resume_after_restore(rig.store, never, Outbound(), now=now, feed_every_s=60, who="léa")
    assert done.asked == 1
    assert (rig.get(row.id).state, rig.get(row.id).waits_for_hand) == (State.NEEDS_PERSON, False)
    assert posted(rig, row, posted_at=made_at + timedelta(minutes=1)).state is State.PUBLISHED
