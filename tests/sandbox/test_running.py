"""The server around the networks: a killed process, its ledger, the reader's page, and who may ask."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from crosspost.domain.errors import BadInput, NotAllowed
from crosspost.sandbox.ledger import Ledger
from crosspost.sandbox.running import Sandbox
from crosspost.sandbox.server import new_state, serve, server
from tests.sandbox.conftest import START
from tests.sandbox.speakers import NETWORKS, Speaker, link_of, png


def test_a_killed_server_loses_nothing_it_answered_for(tmp_path: Path) -> None:
    """The ledger brings back accounts, tokens, posts, deletions, idempotency keys and sessions."""
    sandbox = Sandbox(seed=3, ledger=tmp_path / "ledger.jsonl", process=True)
    sandbox.start()
    speakers = {network: Speaker(sandbox, network) for network in NETWORKS}
    for n in range(5):
        for ana in speakers.values():
            assert ana.publish(n).is_success
    x = speakers["x"]
    gone = sandbox.posted(network="x")[0]["id"]
    x.http.delete(f"/2/tweets/{gone}")
    before = sandbox.ledger()
    sandbox.kill()
    sandbox.start()
    try:
        assert sandbox.ledger() == before
        for network, ana in speakers.items():
            assert len(ana.found()) == (4 if network == "x" else 5)
            assert ana.publish(9).is_success, "tokens and sessions survive"
        mastodon, bluesky = speakers["mastodon"], speakers["bluesky"]
        for ana in (mastodon, bluesky):  # the same key, the same record: nothing new
            assert ana.publish(3).is_success
            assert len(ana.posted()) == 6
        assert x.publish(2).status_code == 403, "a repeat is still a repeat"
        ids = [entry["id"] for entry in sandbox.ledger() if entry["event"] == "post"]
        assert len(set(ids)) == len(ids)
    finally:
        sandbox.stop()


def test_a_torn_last_line_is_cut_and_a_broken_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.append("post", id="1")
    ledger.append("post", id="2")
    ledger.close()
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"seq": 3, "ev')
    again = Ledger(path)
    assert [entry["id"] for entry in again.entries] == ["1", "2"]
    again.close()
    assert path.read_bytes() == whole
    path.write_bytes(b"nonsense\n" + whole)
    with pytest.raises(BadInput, match=r"ledger\.jsonl:1"):
        Ledger(path)


def test_the_same_seed_gives_the_same_accounts() -> None:
    def secrets(seed: int) -> list[dict[str, str]]:
        state = new_state(seed=seed, virtual_start=START)
        return [state.add_account(network, "ana").secrets for network in NETWORKS]

    assert secrets(1) == secrets(1)
    assert secrets(1) != secrets(2)


def test_asking_twice_for_an_account_gives_the_same(sandbox: Sandbox) -> None:
    first = sandbox.add_account("x", "@ana", followers=10)
    again = sandbox.add_account("x", "Ana", vocabulary="old")
    assert (first["id"], first["secrets"], first["followers"]) == (again["id"], again["secrets"], again["followers"])
    assert again["behaviour"] == {"vocabulary": "old"}


def test_secrets_stay_out_of_lists_and_ledger(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "bluesky")
    ana.publish(1)
    words = [*ana.secrets.values(), ana.session["accessJwt"], ana.session["refreshJwt"]]
    for path in ("accounts", "ledger", "truth", "health", "faults", "clock"):
        shown = ana.http.get(f"/_sandbox/{path}").text
        assert not [word for word in words if word in shown], path


def test_it_does_not_listen_to_the_world() -> None:
    with pytest.raises(NotAllowed, match="outside"):
        serve("0.0.0.0")  # noqa: S104


def test_a_page_elsewhere_cannot_take_it_over(sandbox: Sandbox) -> None:
    port = sandbox.origin.rpartition(":")[2]
    for host, status in ((f"rebound.example:{port}", 403), (f"localhost:{port}", 200), (f"127.0.0.1:{port}", 200)):
        with httpx.Client(base_url=sandbox.origin, headers={"host": host}, trust_env=False) as client:
            for path in ("/_sandbox/ledger", "/_sandbox/accounts", "/"):
                assert client.get(path).status_code == status, (host, path)


def test_the_page_shows_posts_and_runs_nothing(sandbox: Sandbox) -> None:
    mean = "<script>alert(1)</script> & «café»"
    for network in NETWORKS:
        assert Speaker(sandbox, network).publish(1, text=mean).is_success
    ana = Speaker(sandbox, "mastodon")
    described = ana.http.post(
        "/api/v2/media", data={"description": '"><img src=x onerror=alert(2)>'}, files={"file": ("a.png", png())}
    ).json()
    ana.http.post("/api/v1/statuses", json={"status": "avec image", "media_ids": [described["id"]]})
    with httpx.Client(base_url=sandbox.origin, trust_env=False) as reader:
        answer = reader.get("/")
        assert answer.status_code == 200
        assert "<script" not in answer.text
        assert answer.text.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; «café»") == len(NETWORKS)
        assert "<img src=x" not in answer.text
        assert "Nothing here is real" in answer.text
        assert answer.text.count(f'href="{link_of(1)}"') >= len(NETWORKS)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        picture = reader.get(f"/_sandbox/media/{described['id']}")
        assert (picture.headers["content-type"], picture.content) == ("image/png", png())
        assert reader.get("/_sandbox/style.css").headers["content-type"].startswith("text/css")
        only = reader.get("/", params={"network": "x"}).text
        assert only.count("<article") == 1
        for entry in sandbox.posted():
            single = reader.get(entry["url"])
            assert (single.status_code, single.text.count("<article")) == (200, 1), entry["url"]
        assert reader.get("/@ana/1").status_code == 404


def test_a_link_that_is_no_web_address_is_not_clickable(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "bluesky")
    record = ana.record("Lien", "https://blog.example.com/")
    record["facets"][0]["features"][0]["uri"] = "javascript:alert(3)"
    assert ana.put("3kabcdefghijk", record).is_success
    with httpx.Client(base_url=sandbox.origin, trust_env=False) as reader:
        assert "javascript:" not in reader.get("/").text


def test_the_page_turns(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "mastodon")
    for n in range(51):
        ana.publish(n)
    with httpx.Client(base_url=sandbox.origin, trust_env=False) as reader:
        assert (reader.get("/").text.count("<article"), reader.get("/?page=2").text.count("<article")) == (50, 1)
        assert reader.get("/?page=x").status_code == 200


def test_the_world_is_mounted_on_demand() -> None:
    with Sandbox(virtual_start=START, world=True) as running, httpx.Client(trust_env=False) as reader:
        assert "<rss" in reader.get(running.origin + "/rss").text
        ana = Speaker(running, "x")
        ana.publish(1)
        running.advance(seconds=3 * 86400)
        assert running.health()["ok"], running.health()["failures"]
        fields = {"ids": running.posted()[0]["id"], "post.fields": "public_metrics"}
        counts = ana.http.get("/2/tweets", params=fields)
        assert counts.status_code == 401, "three days later the access token of two hours has ended"


def test_ready_is_told_the_origin_it_answers_at() -> None:
    told: list[str] = []
    state = new_state()
    made, listener = server(state, ready=told.append)
    assert told == []
    assert state.origin == f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    assert not made.started
