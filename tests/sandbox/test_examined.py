"""What the sandbox tells a doctor: tokens, scopes, credits, and whether posts are seen."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from crosspost.sandbox.running import Sandbox
from tests.sandbox.conftest import START
from tests.sandbox.speakers import Speaker


def debug(speaker: Speaker, token: str) -> httpx.Response:
    version = "v1.0" if speaker.network == "threads" else "v26.0"
    return speaker.http.get(f"/{version}/debug_token", params={"input_token": token})


def token_of(speaker: Speaker) -> str:
    return speaker.secrets["access_token" if speaker.network == "threads" else "page_token"]


@pytest.mark.parametrize("network", ["facebook", "instagram", "threads"])
def test_meta_a_token_looks_at_itself(virtual: Sandbox, network: str) -> None:
    speaker = Speaker(virtual, network)
    told = debug(speaker, token_of(speaker)).json()["data"]
    assert told["is_valid"] is True
    assert told["profile_id"] == speaker.id
    assert f"{'pages' if network == 'facebook' else network}_" in told["scopes"][0]
    ends = START + timedelta(days=60)
    assert told["expires_at"] == (int(ends.timestamp()) if network == "threads" else 0)
    assert told["data_access_expires_at"] == int((START + timedelta(days=90)).timestamp())


def test_meta_another_networks_token_is_none(sandbox: Sandbox) -> None:
    facebook, threads = Speaker(sandbox, "facebook"), Speaker(sandbox, "threads")
    answer = debug(facebook, token_of(threads))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)
    assert facebook.http.get("/v26.0/debug_token", params={"token": "a"}).json()["error"]["code"] == 100


def test_meta_a_token_with_less_says_so(sandbox: Sandbox) -> None:
    speaker = Speaker(sandbox, "instagram", scopes=["instagram_basic"])
    assert debug(speaker, token_of(speaker)).json()["data"]["scopes"] == ["instagram_basic"]


@pytest.mark.parametrize("network", ["facebook", "instagram", "threads"])
def test_meta_posts_of_an_app_in_development_are_seen_by_its_people_alone(sandbox: Sandbox, network: str) -> None:
    hidden = Speaker(sandbox, network, handle="dev", app_live=False)
    shown = Speaker(sandbox, network, handle="live")
    for number, speaker in enumerate((hidden, shown)):
        assert speaker.publish(number).status_code == 200
    seen = {one["account_id"]: one["data"].get("only_owner", False) for one in sandbox.posted(network=network)}
    assert seen == {hidden.id: True, shown.id: False}
    assert len(hidden.found()) == 1  # its owner's token lists it all the same


def test_mastodon_a_token_tells_its_application(sandbox: Sandbox) -> None:
    speaker = Speaker(sandbox, "mastodon", scopes=["read"])
    answer = speaker.http.get("/api/v1/apps/verify_credentials")
    assert answer.json()["scopes"] == ["read"]
    assert "x-ratelimit-remaining" in answer.headers


def test_x_without_credits_every_request_is_refused(sandbox: Sandbox) -> None:
    speaker = Speaker(sandbox, "x", credits=False)
    for answer in (speaker.publish(), speaker.listed(), speaker.http.get("/2/users/me")):
        assert answer.status_code == 402
        assert answer.json()["title"] == "CreditsDepleted"
        assert answer.json()["type"].endswith("/problems/credits")
    assert speaker.posted() == []
    sandbox.add_account("x", "ana", credits=True)
    assert speaker.publish().status_code == 201
