"""The radar: told 14, 7 and 2 days ahead, once each, with the posts that are at risk."""

from __future__ import annotations

import pytest

from crosspost.commands.radar import look
from crosspost.commands.status import status
from crosspost.commands.tell import Teller
from crosspost.domain.notice import URGENT, NoticeKind
from crosspost.secret import Secret
from crosspost.store import notices
from tests.browsing import Desk


def told(desk: Desk) -> list[str]:
    """What the radar says now."""
    desk.told.clear()
    look(desk.store, desk.told.append, desk.clock.now())
    assert {one.kind for one in desk.told} <= {NoticeKind.EXPIRES}
    return [one.text for one in desk.told]


def test_each_threshold_is_told_once_with_the_posts_at_risk(desk: Desk) -> None:
    account = desk.log_in("linkedin")
    desk.schedule(account, in_days=59, text="Avant la fin")
    desk.schedule(account, in_days=61, text="Après la fin")
    desk.schedule(account, in_days=75, text="Bien après, et bien plus long que ce qu’une phrase doit montrer")
    assert told(desk) == []
    desk.days(45.9)
    assert told(desk) == []
    desk.days(0.1)
    (first,) = told(desk)
    assert "“Après la fin https://go.example/" in first
    assert "“Bien après, et bien plus long que ce qu…”" in first
    assert "Avant" not in first
    assert "2026-05-01" in first  # sixty days after the login, in the owner's zone
    assert "crosspost account connect linkedin" in first
    assert told(desk) == []
    desk.days(6.9)
    assert told(desk) == []
    desk.days(0.1)
    assert len(told(desk)) == 1
    desk.days(5)
    assert len(told(desk)) == 1
    desk.days(3)
    assert told(desk) == []
    desk.log_in("linkedin")
    assert told(desk) == []
    desk.days(46)
    assert len(told(desk)) == 1


def test_who_was_away_is_told_the_worst_alone(desk: Desk) -> None:
    desk.log_in("linkedin")
    desk.days(59)
    assert len(told(desk)) == 1
    assert told(desk) == []


def test_what_is_renewed_in_time_is_not_told(desk: Desk) -> None:
    for network in ("x", "pinterest", "threads", "mastodon"):
        desk.log_in(network)
    desk.days(29)
    assert told(desk) == []


@pytest.mark.parametrize("network", ["x", "threads"])
def test_what_can_no_longer_be_renewed_is_told(desk: Desk, network: str) -> None:
    account = desk.log_in(network)
    desk.sandbox.set_tokens(account.remote_id, "revoke")
    desk.days(0.08 if network == "x" else 50)
    desk.renewer.renew(account)
    (text,) = told(desk)
    assert "refused" in text


def test_a_token_without_a_refresh_token_is_told(desk: Desk) -> None:
    given = desk.sandbox.add_account("x", "lea")["secrets"]
    desk.connector.connect(desk.brand, "x", {"bearer": Secret(given["bearer"])}, server=desk.sandbox.origin)
    (text,) = told(desk)
    assert "there is no refresh token" in text


def test_a_page_of_facebook_asks_for_a_login_after_ninety_days(desk: Desk) -> None:
    account = desk.log_in("facebook")
    for _ in range(3):
        desk.days(25)
        desk.renewer.renew(account)
    desk.days(1)
    (text,) = told(desk)
    assert "new login" in text


def test_status_shows_what_ends(desk: Desk) -> None:
    account = desk.log_in("linkedin")
    desk.schedule(account, in_days=61, text="Après la fin")
    desk.days(50)
    found = status(desk.store, desk.clock.now(), ways=0)
    (brand,) = found.brands
    (text,) = brand.ending
    assert "Après la fin" in text
    assert any(text in problem for problem in found.problems)


def test_it_goes_through_the_one_seam_at_once(desk: Desk) -> None:
    assert NoticeKind.EXPIRES in URGENT
    desk.log_in("linkedin")
    desk.days(50)
    teller = Teller(desk.store, (), desk.clock.now)
    assert look(desk.store, teller.tell, desk.clock.now()) == 1
    with desk.database.read() as connection:
        (waiting,) = notices.waiting(connection)
    assert waiting.notice.kind is NoticeKind.EXPIRES
    assert waiting.notice.brand_id == desk.brand.id
