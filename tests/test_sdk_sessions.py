"""The session the SDKs are given: one server, no surprises, failures that can be told apart."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import tweepy

from crosspost.outside.http import AddressRefused, Answer, ConnectFailed, Interrupted, Outbound
from crosspost.outside.sdk import session
from tests.local_server import LocalServer, Reply, Request, serving

X, GRAPH = "https://api.twitter.com", "https://graph.facebook.com"


@pytest.fixture
def server() -> Iterator[LocalServer]:
    def answer(request: Request) -> Reply:
        if request.path.startswith("/moved"):
            return Reply(302, {"Location": "/elsewhere"})
        if request.path.startswith("/cut"):
            return Reply(headers={"Content-Length": "100"}, chunks=lambda: iter([b"{"]))
        told = {"data": {"id": "7", "text": "x", "edit_history_tweet_ids": ["7"]}, "id": "1_2"}
        status = 403 if "refused" in request.body.decode("utf-8", "replace") else 200
        return Reply(
            status,
            {"Content-Type": "application/json", "X-App-Usage": "{}", "Set-Cookie": "a=b"},
            json.dumps(told).encode(),
        )

    with serving(answer) as running:
        yield running


def _session(server: LocalServer, on_answer: Callable[[Answer], None] | None = None) -> requests.Session:
    client = Outbound(private_origins=frozenset({server.origin}))
    return session(server=server.origin, stands_for=[X, GRAPH], outbound=client, timeout_s=5, on_answer=on_answer)


def test_tweepy_posts_to_the_server_of_the_account(server: LocalServer) -> None:
    seen: list[Answer] = []
    client = tweepy.Client(
        consumer_key="ck", consumer_secret="cs", access_token="at", access_token_secret="as", return_type=dict
    )
    client.session = _session(server, seen.append)
    assert client.create_tweet(text="thé")["data"]["id"] == "7"
    request = server.requests[0]
    assert (request.method, request.path) == ("POST", "/2/tweets")
    assert json.loads(request.body) == {"text": "thé"}
    assert request.headers["authorization"].startswith("OAuth ")
    assert request.headers["connection"] == "close"
    assert [answer.status for answer in seen] == [200]


def test_tweepy_sees_true_statuses(server: LocalServer) -> None:
    client = tweepy.Client(bearer_token="b")
    client.session = _session(server)
    with pytest.raises(tweepy.Forbidden):
        client.create_tweet(text="refused", user_auth=False)


def test_facebook_sdk_reads_and_uploads(server: LocalServer) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import facebook
    graph = facebook.GraphAPI(access_token="canary-token", session=_session(server))
    assert graph.get_object("me")["id"] == "1_2"
    assert graph.put_photo(b"\x89PNG", message="légende")["id"] == "1_2"
    assert "multipart/form-data" in server.requests[1].headers["content-type"]
    assert b"\x89PNG" in server.requests[1].body


def test_a_session_reaches_one_server_only(server: LocalServer) -> None:
    ours = _session(server)
    for url in (
        "https://api.twitter.com.evil.example/2/tweets?token=canary",
        "https://evil.example/",
        "http://api.twitter.com/2/tweets",
        f"{X}:8443/2/tweets",
        "https://canary@api.twitter.com/2/tweets",
    ):
        with pytest.raises(AddressRefused) as refused:
            ours.get(url)
        assert "canary" not in str(refused.value)
    assert ours.get(f"{server.origin}/direct").status_code == 200
    assert [request.path for request in server.requests] == ["/direct"]


def test_a_private_server_must_be_configured(server: LocalServer) -> None:
    ours = session(server=server.origin, stands_for=[X], outbound=Outbound())
    with pytest.raises(AddressRefused):
        ours.post(f"{X}/2/tweets", json={})
    assert server.requests == []


def test_redirects_are_shown_not_followed(server: LocalServer) -> None:
    for ask in (_session(server).get, _session(server).post):
        answer = ask(f"{X}/moved?access_token=canary")
        assert answer.status_code == 302
        assert "canary" not in answer.url
    assert len(server.requests) == 2


def test_cookies_and_the_environment_are_left_out(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.twitter.com login u password canary\n")
    os.chmod(netrc, 0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    ours = _session(server)
    ours.get(f"{X}/a")
    ours.get(f"{X}/b")
    for request in server.requests:
        assert not {"cookie", "authorization"} & set(request.headers)


def test_failures_tell_whether_something_was_sent(server: LocalServer) -> None:
    ours = _session(server)
    with pytest.raises(Interrupted) as unknown:
        ours.post(f"{X}/cut?access_token=canary", data={"access_token": "canary"})
    assert unknown.value.sent
    server.close()
    with pytest.raises(ConnectFailed) as unsent:
        ours.post(f"{X}/2/tweets?access_token=canary", headers={"Authorization": "Bearer canary"})
    assert not unsent.value.sent
    for failure in (unknown.value, unsent.value):
        assert "canary" not in f"{failure!r} {failure.__context__!r} {failure.__cause__!r}"


@pytest.mark.parametrize("body", ["téxt", b"bytes", iter([b"by", b"tes"]), None])
def test_every_form_of_body(body: Any, server: LocalServer) -> None:
    _session(server).post(f"{X}/p", data=body)
    expected = {str: "téxt".encode(), type(None): b""}.get(type(body), b"bytes")
    assert server.requests[0].body == expected
