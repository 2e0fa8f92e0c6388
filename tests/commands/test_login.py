"""Logging in: what is asked for, what may answer, and what is stored in the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from crosspost.commands.login import LIFE, Stranger, chosen, login_of, redirect_of
from crosspost.domain.errors import BadInput, Conflict, NotAllowed, Unavailable
from crosspost.domain.login import Renewal
from crosspost.networks import adapter_of, connectors, oauth
from crosspost.networks.network import Chooser, Refresher
from crosspost.outside.callback import Callback
from crosspost.sandbox.running import Sandbox
from crosspost.secret import Secret
from crosspost.settings import Settings
from crosspost.store import brands, credentials
from tests.browsing import BROWSED, START, Desk, free_port

ENDS_AFTER = {  # days until what posts go out with ends; None: it does not
    "x": 1 / 12, "facebook": 90, "instagram": 90, "mastodon": None, "threads": 60, "linkedin": 60, "pinterest": 30,
}  # fmt: skip


def test_the_challenge_is_that_of_the_rfc() -> None:
    verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")  # RFC 7636, appendix B
    assert oauth.challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_every_network_says_how_one_logs_in() -> None:
    found = {name: adapter_of(name).login for name in connectors()}
    assert {name for name, login in found.items() if login is not None} == set(BROWSED)
    for name, login in found.items():
        if login is None:
            continue
        assert login.source
        assert login.reading
        assert login.writing
        assert not set(login.reading) & set(login.writing)
        renews = login.renewal in (Renewal.ROTATING, Renewal.EXCHANGE)
        assert hasattr(adapter_of(name), "refresh") == renews
        assert issubclass(adapter_of(name), Refresher) == renews
        assert issubclass(adapter_of(name), Chooser) == (login.used is not None)


@pytest.mark.parametrize("name", BROWSED)
def test_a_login_over_http_ends_with_an_account_that_works(desk: Desk, name: str) -> None:
    account = desk.log_in(name)
    login = login_of(name)
    assert account.handle.partition("@")[0] == "lea" or name == "linkedin"
    assert desk.connector.open(account).verify().remote_id == account.remote_id
    life = desk.lives(account)[login.used or login.access]
    days = ENDS_AFTER[name]
    assert life.expires_at == (None if days is None else START + timedelta(days=days))
    assert life.connected_at == START
    if name != "threads":  # Threads names no scopes in any answer
        assert life.scopes is not None
        assert set(life.scopes) == set(login.scopes(read_only=False))
    assert not account.read_only


@pytest.mark.parametrize("name", BROWSED)
def test_a_read_only_login_asks_for_reading_alone(desk: Desk, name: str) -> None:
    account = desk.log_in(name, read_only=True)
    asked = set(desk.sandbox.logins()["asked"][-1]["scopes"])
    assert asked == set(login_of(name).reading)
    assert account.read_only
    again = desk.log_in(name)
    assert again.id == account.id
    assert not again.read_only


def test_a_read_only_login_asks_for_no_writing_scope_by_hand(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="w_member_social"):
        desk.begin("linkedin", read_only=True, scopes=("openid", "w_member_social"))
    request = desk.begin("linkedin", read_only=True, scopes=("openid", "r_organization_social"))
    assert request.scopes == ("openid", "r_organization_social")


# state, and who may answer


def test_a_forged_state_is_refused_and_the_login_goes_on(desk: Desk) -> None:
    request = desk.begin("x")
    with pytest.raises(Stranger):
        desk.logins.take({"state": "forged", "code": "stolen"}, request.redirect)
    with pytest.raises(Stranger):
        desk.logins.take({"code": "stolen"}, request.redirect)
    taken, _ = desk.come_back(request)
    assert taken is request


def test_a_state_is_used_once(desk: Desk) -> None:
    request = desk.begin("mastodon")
    location = httpx.get(request.page).headers["location"]
    desk.logins.pasted(location, request)
    with pytest.raises(Stranger, match="answered before"):
        desk.logins.pasted(location, request)


def test_a_late_answer_is_refused(desk: Desk) -> None:
    request = desk.begin("x")
    location = httpx.get(request.page).headers["location"]
    desk.sandbox.advance(seconds=LIFE.total_seconds())
    with pytest.raises(NotAllowed, match="too long"):
        desk.logins.pasted(location, request)
    with pytest.raises(Stranger):
        desk.logins.pasted(location, request)


@pytest.fixture
def other() -> Iterator[Sandbox]:
    """A second Mastodon instance."""
    with Sandbox(seed=8, virtual_start=START) as sandbox:
        sandbox.add_account("mastodon", "lea")
        sandbox.answer_logins("allow")
        yield sandbox


def test_two_instances_are_not_mixed_up(desk: Desk, other: Sandbox) -> None:
    """RFC 9700, 4.4: the code of one never goes to the other, however the browser is led."""
    desk.outbound = type(desk.outbound)(private_origins=frozenset({desk.sandbox.origin, other.origin}))
    desk.logins._outbound = desk.outbound
    here, there = desk.begin("mastodon"), desk.begin("mastodon", server=other.origin)
    assert here.redirect != there.redirect
    answer = httpx.get(there.page).headers["location"]
    query = dict(httpx.URL(answer).params)
    with pytest.raises(BadInput):  # the other's answer at this one's address
        desk.logins.pasted(answer, here)
    with pytest.raises(Stranger):  # its state at this one's callback
        desk.logins.take(query, here.redirect)
    mine = dict(httpx.URL(here.page).params)["state"]
    with pytest.raises(NotAllowed, match="was asked"):  # an answer that names another server
        desk.logins.take({**query, "state": mine}, here.redirect)
    taken, code = desk.logins.take(query, there.redirect)
    assert taken.token_address == f"{other.origin}/oauth/token"
    issued, _ = desk.logins.finish(taken, code)
    desk.connector._outbound = desk.outbound
    account, _ = desk.connector.connect(desk.brand, "mastodon", dict(taken.client), server=taken.server, issued=issued)
    assert account.server == other.origin


def test_a_refusal_at_the_page_changes_nothing(desk: Desk) -> None:
    desk.sandbox.answer_logins("deny")
    with pytest.raises(Unavailable, match="access_denied"):
        desk.log_in("pinterest")
    with desk.store.read(desk.brand.id) as scope:
        assert brands.accounts(scope) == []


def test_a_login_of_somebody_else_is_refused_where_a_handle_is_named(desk: Desk) -> None:
    """Whoever is logged in in the browser answers the page: that may be another person's account."""
    desk.sandbox.add_account("x", "mallory")
    desk.sandbox.answer_logins("allow", account="mallory")
    request, code = desk.come_back(desk.begin("x"))
    issued, _ = desk.logins.finish(request, code)
    with pytest.raises(NotAllowed, match="mallory"):
        desk.connector.connect(
            desk.brand, "x", dict(request.client), server=request.server, handle="@lea", issued=issued
        )
    with desk.store.read(desk.brand.id) as scope:
        assert brands.accounts(scope) == []


# the authorization server is a strict one


@pytest.mark.parametrize("name", [name for name in BROWSED if login_of(name).pkce])
def test_a_code_without_its_verifier_is_worth_nothing(desk: Desk, name: str) -> None:
    from dataclasses import replace

    request, code = desk.come_back(desk.begin(name))
    with pytest.raises(Unavailable):
        desk.logins.finish(replace(request, verifier=Secret("another-verifier-of-no-use")), code)
    desk.logins.finish(request, code)


@pytest.mark.parametrize("name", BROWSED)
def test_a_code_is_used_once_and_not_late(desk: Desk, name: str) -> None:
    request, code = desk.come_back(desk.begin(name))
    desk.logins.finish(request, code)
    with pytest.raises(Unavailable):
        desk.logins.finish(request, code)
    request, code = desk.come_back(desk.begin(name))
    desk.days(0.1)
    with pytest.raises(Unavailable):
        desk.logins.finish(request, code)


def test_a_code_that_is_used_twice_ends_what_it_gave(desk: Desk) -> None:
    request, code = desk.come_back(desk.begin("mastodon"))
    issued, _ = desk.logins.finish(request, code)
    with pytest.raises(Unavailable):
        desk.logins.finish(request, code)
    with pytest.raises(Unavailable, match="refuses"):
        desk.connector.connect(desk.brand, "mastodon", dict(request.client), server=request.server, issued=issued)


def test_an_address_that_is_not_registered_gets_no_code(desk: Desk) -> None:
    request = desk.begin("linkedin")
    page = httpx.get(request.page.replace("callback", "callbacks"))
    assert page.status_code == 400
    assert "location" not in page.headers


# where a login opens several accounts


def test_of_several_pages_one_is_chosen(desk: Desk) -> None:
    desk.sandbox.add_account("facebook", "shop", name="The shop")
    with pytest.raises(BadInput, match="The shop"):
        desk.log_in("facebook")
    account = desk.log_in("facebook", page="The shop")
    assert account.handle == "shop"
    assert desk.connector.open(account).verify().remote_id == account.remote_id
    with pytest.raises(BadInput, match="none-such"):
        desk.log_in("facebook", page="none-such")


def test_no_page_is_said_so() -> None:
    with pytest.raises(Unavailable, match="no account"):
        chosen("facebook", [], None)


# what is stored


def test_an_empty_answer_never_replaces_a_secret(desk: Desk) -> None:
    account = desk.log_in("x")
    before = desk.secrets(account)
    desk.connector.connect(
        desk.brand, "x", {"bearer": before["bearer"], "refresh_token": Secret(""), "client_secret": Secret("")},
        server=desk.sandbox.origin,
    )  # fmt: skip
    assert desk.secrets(account) == before


def test_a_login_takes_the_place_of_keys_that_would_go_on_signing(desk: Desk) -> None:
    given = desk.sandbox.add_account("x", "lea")["secrets"]
    keys = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    account, _ = desk.connector.connect(
        desk.brand, "x", {name: Secret(given[name]) for name in keys}, server=desk.sandbox.origin
    )
    assert desk.log_in("x").id == account.id
    assert set(desk.secrets(account)) == {"bearer", "refresh_token", "client_id", "client_secret"}


def test_an_app_is_known_again(desk: Desk) -> None:
    assert desk.connector.app_of(desk.brand, "x", desk.sandbox.origin) == {}
    desk.log_in("x")
    assert set(desk.connector.app_of(desk.brand, "x", desk.sandbox.origin)) == {"client_id", "client_secret"}


def test_a_token_that_is_brought_ends_at_the_latest_when_a_new_one_would(desk: Desk) -> None:
    given = desk.sandbox.add_account("linkedin", "in/lea")["secrets"]
    account, _ = desk.connector.connect(
        desk.brand, "linkedin", {"access_token": Secret(given["access_token"])}, server=desk.sandbox.origin
    )
    life = desk.lives(account)["access_token"]
    assert life.expires_at == START + timedelta(days=60)
    assert life.scopes is None
    with desk.store.write(desk.brand.id) as scope:
        credentials.note(scope, account.id, "access_token", problem="refused", warned_days=7)
    desk.connector.connect(
        desk.brand, "linkedin", {"access_token": Secret(given["access_token"])}, server=desk.sandbox.origin
    )
    assert desk.lives(account)["access_token"].problem is None
    assert desk.lives(account)["access_token"].warned_days is None


# the callback


def test_strangers_at_the_callback_change_nothing() -> None:
    port, heard = free_port(), []

    def accept(query: object) -> tuple[bool, str]:
        heard.append(query)
        return False, "<b>no</b>"

    callback = Callback(f"http://127.0.0.1:{port}/callback/x", accept)
    try:
        here = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{here}/elsewhere?state=s").status_code == 404
        assert httpx.get(f"{here}/callback/x?state=s", headers={"Host": f"evil.example:{port}"}).status_code == 404
        assert httpx.get(f"{here}/callback/x?state=a&state=b").status_code == 400
        assert httpx.post(f"{here}/callback/x", content="state=s").status_code == 501
        assert heard == []
        page = httpx.get(f"{here}/callback/x?state=s&code=c")
        assert page.status_code == 400
        assert "<b>" not in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        assert heard == [{"state": "s", "code": "c"}]
        with pytest.raises(Conflict, match="taken"):
            Callback(f"http://127.0.0.1:{port}/callback/x", accept)
    finally:
        callback.close()


def test_the_documents_name_the_addresses_to_register() -> None:
    page = (Path(__file__).parents[2] / "docs" / "connecting.md").read_text("utf-8")
    for name in BROWSED:
        if login_of(name).register is None and login_of(name).redirect is not None:
            assert f"`{redirect_of(name, 'https://any.example', Settings().login_port)}`" in page
        assert f"| {adapter_of(name).title}" in page


def test_every_network_has_an_address_of_its_own_to_come_back_to() -> None:
    with pytest.raises(BadInput, match="--redirect"):
        redirect_of("threads", "https://graph.threads.net", 8809)
    found = {redirect_of(name, "https://one.example", 8809) for name in BROWSED if name != "threads"}
    found.add(redirect_of("mastodon", "https://two.example", 8809))
    assert len(found) == len(BROWSED)
