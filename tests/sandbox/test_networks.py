"""What all networks do alike: publish, list by pages, refuse strangers and unknown parameters."""

from __future__ import annotations

import httpx
import pytest

from crosspost.sandbox.errors import ERRORS
from crosspost.sandbox.running import Sandbox
from tests.sandbox.speakers import NETWORKS, Speaker, link_of

networks = pytest.mark.parametrize("network", NETWORKS)


@networks
def test_a_post_is_answered_for_listed_and_in_the_ledger(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    answer = ana.publish(1)
    assert answer.status_code in (200, 201)
    assert ana.found() == [link_of(1)]
    (entry,) = sandbox.ledger()
    assert (entry["event"], entry["network"], entry["account_id"], entry["late"]) == ("post", network, ana.id, False)
    assert entry["links"] == [link_of(1)]
    assert sandbox.truth()["links"] == {link_of(1): [entry["id"]]}


@networks
def test_lists_are_newest_first_and_paged(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    for n in range(7):
        assert ana.publish(n).is_success
    first = ana.listed(5)
    assert len(ana.links(first)) == 5
    following = ana.next_page(first)
    assert following is not None
    second = ana.listed(5, **following)
    assert ana.next_page(second) is None
    both = ana.links(first) + ana.links(second)
    assert sorted(both) == [link_of(n) for n in range(7)]
    if network != "bluesky":  # its records are in the order of their keys
        assert both == [link_of(n) for n in reversed(range(7))]


@networks
def test_accounts_do_not_mix(sandbox: Sandbox, network: str) -> None:
    ana, ben = Speaker(sandbox, network), Speaker(sandbox, network, handle="ben")
    ana.publish(1)
    ben.publish(2)
    assert (ana.found(), ben.found()) == ([link_of(1)], [link_of(2)])


@networks
def test_a_stranger_is_refused_in_the_network_s_words(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    ana.http.headers["authorization"] = "Bearer somebody-else"
    graph = dict.fromkeys(("facebook", "instagram", "threads"), "facebook/malformed")
    name = {**graph, "bluesky": "bluesky/token"}.get(network, f"{network}/unauthorized")
    answer = ana.publish()
    assert (answer.status_code, answer.json()) == (ERRORS[name].status, ERRORS[name].body)
    del ana.http.headers["authorization"]
    assert ana.publish().status_code in (400, 401)
    assert ana.posted() == []


@networks
def test_a_token_works_on_its_own_network_only(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    for other in NETWORKS:
        if other != network:
            foreign = Speaker(sandbox, other)
            ana.http.headers["authorization"] = foreign.http.headers["authorization"]
            assert ana.publish().status_code in (400, 401), other
    assert ana.posted() == []


@networks
def test_an_unknown_query_parameter_is_refused(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    assert ana.listed().status_code == 200
    answer = ana.listed(fantasy="1")
    assert answer.status_code == 400
    assert "fantasy" in answer.text


@networks
def test_lists_may_be_closed_and_lag(virtual: Sandbox, network: str) -> None:
    ana = Speaker(virtual, network, list_lag_s=60)
    ana.publish(1)
    assert ana.found() == []
    virtual.advance(seconds=61)
    assert ana.found() == [link_of(1)]
    Speaker(virtual, network, lists=False)  # the same handle: its behaviour changes
    assert ana.listed().status_code in (401, 403)
    assert ana.publish(2).is_success


@networks
def test_a_budget_runs_out_and_comes_back(virtual: Sandbox, network: str) -> None:
    ana = Speaker(virtual, network, duplicate_window_s=0)
    refused: httpx.Response | None = None
    for n in range(5001):
        answer = ana.publish(n)
        if not answer.is_success:
            refused = answer
            break
    assert refused is not None
    assert refused.status_code == {"facebook": 400, "instagram": 403, "threads": 403}.get(network, 429)
    assert len(ana.posted()) == {
        "x": 100, "facebook": 4800, "mastodon": 300, "bluesky": 2500, "instagram": 100, "threads": 250,
        "linkedin": 150, "pinterest": 100,
    }[network]  # fmt: skip
    a_day = ("instagram", "threads", "linkedin")
    virtual.advance(seconds=86401 if network in a_day else 10801)
    if network == "bluesky":
        ana.log_in()
        ana.http.headers["authorization"] = f"Bearer {ana.session['accessJwt']}"
    elif network == "x":
        ana.http.headers["authorization"] = f'OAuth oauth_consumer_key="{ana.secrets["consumer_key"]}", ' + (
            f'oauth_token="{ana.secrets["access_token"]}"'
        )
    assert ana.publish(6000).is_success


@networks
def test_tokens_are_revoked_and_restored(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    for action in ("expire", "revoke"):
        sandbox.set_tokens(ana.id, action)
        assert ana.publish().status_code in (400, 401)
    sandbox.set_tokens(ana.id, "restore")
    if network == "bluesky":
        ana.log_in()
        ana.http.headers["authorization"] = f"Bearer {ana.session['accessJwt']}"
    assert ana.publish().is_success


@networks
def test_a_deleted_post_leaves_the_lists_and_stays_in_the_ledger(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    ana.publish(1)
    post_id = sandbox.ledger()[0]["id"]
    match network:
        case "x":
            answer = ana.http.delete(f"/2/tweets/{post_id}")
            assert answer.json() == {"data": {"deleted": True}}
        case "facebook" | "instagram":
            answer = ana.http.delete(f"/v26.0/{post_id}")
            assert answer.json() == {"success": True}
        case "threads":
            answer = ana.http.delete(f"/v1.0/{post_id}")
            assert answer.json() == {"success": True, "deleted_id": post_id}
        case "mastodon":
            answer = ana.http.delete(f"/api/v1/statuses/{post_id}")
            assert answer.json()["id"] == post_id
        case "linkedin":
            for _ in range(2):  # repeating it is no error
                answer = ana.http.delete(f"/rest/posts/{post_id}", headers={"X-RestLi-Method": "DELETE"})
                assert answer.status_code == 204
        case "pinterest":
            assert ana.http.delete(f"/v5/pins/{post_id}").status_code == 204
        case _:
            body = {"repo": ana.id, "collection": "app.bsky.feed.post", "rkey": post_id.rpartition("/")[2]}
            for _ in range(2):  # repeating it is no error
                answer = ana.http.post("/xrpc/com.atproto.repo.deleteRecord", json=body)
                assert answer.json() == {}
    assert ana.found() == []
    assert [entry["event"] for entry in sandbox.ledger()] == ["post", "delete"]
    assert sandbox.truth()["links"] == {}


def test_every_error_has_a_source_and_a_certainty() -> None:
    for name, fixture in ERRORS.items():
        assert fixture.source, name
        assert fixture.certainty in ("C", "L", "U"), name
        assert 200 <= fixture.status < 600, name
    for network in NETWORKS:
        assert {f"{network}/{status}" for status in (500, 502, 503, 504)} <= set(ERRORS)
