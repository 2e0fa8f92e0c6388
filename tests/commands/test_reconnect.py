"""Connecting again replaces the connection there was: nothing of the old one goes on being used."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from crosspost.commands.login import check_redirect
from crosspost.domain.brand import READ_ONLY, Account
from crosspost.domain.delivery import State
from crosspost.domain.errors import BadInput
from crosspost.networks.network import Issued
from crosspost.networks.x import X
from crosspost.secret import Secret
from crosspost.store import brands, credentials
from tests.browsing import Desk


def logged_in(desk: Desk, *scopes: str, read_only: bool = False) -> Account:
    request, code = desk.come_back(desk.begin("x", read_only=read_only, scopes=scopes))
    issued, _ = desk.logins.finish(request, code)
    account, _ = desk.connector.connect(
        desk.brand, "x", dict(request.client), server=request.server, issued=issued, read_only=read_only
    )
    return account


def test_a_reading_login_without_renewal_leaves_no_older_token_that_may_write(desk: Desk) -> None:
    desk.log_in("x")
    account = logged_in(desk, "tweet.read", "users.read", read_only=True)
    assert "refresh_token" not in desk.secrets(account)
    desk.days(0.08)
    assert not desk.renewer.renew(account).done
    assert desk.sandbox.logins()["refreshes"] == 0


def test_a_token_that_is_brought_is_not_renewed_by_the_login_before_it(desk: Desk) -> None:
    account = desk.log_in("x")
    state = desk.sandbox.state
    assert state is not None
    brought = {"bearer": Secret(state.accounts[account.remote_id].secrets["bearer"])}
    desk.connector.connect(desk.brand, "x", brought, server=desk.sandbox.origin)
    assert set(desk.secrets(account)) == {"bearer", "client_id", "client_secret"}
    assert desk.secrets(account)["bearer"] == brought["bearer"]


def test_keys_that_are_brought_take_the_place_of_a_login(desk: Desk) -> None:
    made = desk.sandbox.add_account("x", "mia")
    bearer = {"bearer": Secret(made["secrets"]["bearer"])}
    account, _ = desk.connector.connect(desk.brand, "x", bearer, server=desk.sandbox.origin)
    keys = {name: Secret(made["secrets"][name]) for name in X.secrets if name != "bearer"}
    desk.connector.connect(desk.brand, "x", keys, server=desk.sandbox.origin)
    assert set(desk.secrets(account)) == set(keys)


@pytest.mark.parametrize("name", ["x", "threads"])
def test_a_login_made_while_a_token_is_being_renewed_is_not_overwritten(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    account = desk.log_in(name)
    desk.days(0.08 if name == "x" else 8)
    kind: Any = type(desk.connector.open(account))
    asked = kind.refresh

    def slow(self: object) -> Issued:
        issued: Issued = asked(self)
        desk.log_in(name, read_only=True)
        return issued

    monkeypatch.setattr(kind, "refresh", slow)
    renewed = desk.renewer.renew(account)
    assert not renewed.done
    kept = desk.secrets(account)
    monkeypatch.undo()
    assert desk.lives(account)[kind.login.access].connected_at == desk.clock.now()
    state = desk.sandbox.state
    assert state is not None
    assert not state.tokens[kept[kind.login.access].reveal()].may_write()
    assert not desk.renewer.renew(account).done


def test_one_account_whose_secrets_cannot_be_opened_keeps_no_other_from_being_renewed(desk: Desk) -> None:
    broken, other = desk.log_in("facebook"), desk.log_in("threads")
    with desk.store.write(desk.brand.id) as scope:
        sealed = credentials.sealed(scope, broken.id)["user_token"]
        life = credentials.lives(scope, broken.id)["user_token"]
        credentials.save(
            scope, broken.id, "user_token", sealed[:-1] + bytes([sealed[-1] ^ 1]), life.updated_at,
            expires_at=desk.clock.now() + timedelta(days=20),
        )  # fmt: skip
    desk.days(8)
    done = [one.account.id for one in desk.renewer.due(desk.clock.now()) if one.done]
    assert done == [other.id]


@pytest.mark.parametrize("server", ["https://[", "http://mastodon.example", "http://a:99999", "https://exa mple"])
def test_a_server_that_is_none_or_would_see_secrets_in_the_clear_is_refused(desk: Desk, server: str) -> None:
    with pytest.raises(BadInput):
        desk.connector.origin("mastodon", server)


def test_what_was_connected_for_reading_meanwhile_is_not_sent_to(desk: Desk) -> None:
    """The worker had opened the account, with a token that may write, before."""
    account = desk.log_in("mastodon")
    delivery = desk.schedule(account, in_days=1)
    desk.days(1.001)
    with desk.worker() as worker:

        def read_only(step: str) -> None:
            if step == "before claim":
                with desk.store.write(desk.brand.id) as scope:
                    brands.change_account(scope, account.id, settings={READ_ONLY: "yes"})

        worker._probe = read_only
        worker.tick(desk.clock.now(), wait=True)
    assert desk.sandbox.posted() == []
    assert desk.state(delivery)[0] is State.SCHEDULED


@pytest.mark.parametrize(
    "redirect", ["http://[", "http://localhost:99999/x", "javascript:alert(1)", "http://lea.example/callback", "x"]
)
def test_a_code_comes_back_to_this_machine_or_over_https(redirect: str) -> None:
    with pytest.raises(BadInput, match="come back to"):
        check_redirect(redirect)


def test_addresses_to_come_back_to() -> None:
    check_redirect("https://localhost/callback/threads")
    check_redirect("http://127.0.0.1:8809/callback/x")


def test_words_beyond_ascii_are_wrong_credentials_to_the_sandbox_and_no_fault(desk: Desk) -> None:
    app = desk.sandbox.add_app("linkedin", "http://localhost:1/callback")
    form = {"grant_type": "authorization_code", "client_id": app["client_id"], "client_secret": "é"}
    assert httpx.post(f"{desk.sandbox.origin}/oauth/v2/accessToken", data=form).status_code == 401
