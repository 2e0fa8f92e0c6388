"""Every fault, on every network that can have it: what the client sees, and what really happened."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from crosspost.sandbox.errors import ERRORS
from crosspost.sandbox.faults import KINDS, Fault, Faults
from crosspost.sandbox.running import Sandbox
from tests.sandbox.conftest import START
from tests.sandbox.speakers import NETWORKS, Speaker, link_of, png

networks = pytest.mark.parametrize("network", NETWORKS)
RESET = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


@networks
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_error_before_and_one_after_look_alike(sandbox: Sandbox, network: str, status: int) -> None:
    ana = Speaker(sandbox, network)
    sandbox.set_fault("error_before", status=status, count=1)
    sandbox.set_fault("error_after", status=status, count=1)
    before, after = ana.publish(1), ana.publish(2)
    assert before.status_code == after.status_code == ERRORS[f"{network}/{status}"].status == status
    assert before.content == after.content
    assert ana.posted() == [[link_of(2)]]
    assert ana.publish(3).is_success
    assert len(ana.posted()) == 2


@networks
def test_a_reset_before_leaves_nothing_and_one_after_leaves_the_post(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    for kind, posted in (("reset_before", 0), ("reset_after", 1)):
        sandbox.set_fault(kind, count=1)
        with pytest.raises(RESET) as raised:
            ana.publish(1)
        assert "reset by peer" in str(raised.value).lower(), "an orderly end is another fault"
        assert len(ana.posted()) == posted


@networks
def test_a_reset_while_the_body_is_read(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    sandbox.set_fault("reset_reading", bytes=10)
    with pytest.raises(RESET):
        ana.publish(1)
    assert ana.posted() == []


def test_a_reset_in_the_middle_of_a_large_body(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "bluesky")
    sandbox.set_fault("reset_reading", request="media", bytes=100_000)
    with pytest.raises(RESET):
        ana.http.post("/xrpc/com.atproto.repo.uploadBlob", content=png() + b"\0" * 4_000_000)


@networks
def test_a_hang_before_and_one_after(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    ana.http.timeout = httpx.Timeout(0.3)
    for kind, posted in (("hang_before", 0), ("hang_after", 1)):
        number = sandbox.set_fault(kind, seconds=30)
        with pytest.raises(httpx.ReadTimeout):
            ana.publish(1)
        assert len(ana.posted()) == posted
        sandbox.clear_faults(number)


def test_a_hang_ends_with_a_reset(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "x")
    sandbox.set_fault("hang_before", seconds=0.2)
    with pytest.raises(RESET):
        ana.publish(1)


@networks
@pytest.mark.parametrize("answer", ["reset", "hang", "504"])
def test_a_zombie_is_applied_later_than_its_client_was_told(virtual: Sandbox, network: str, answer: str) -> None:
    ana = Speaker(virtual, network)
    ana.http.timeout = httpx.Timeout(0.3)
    virtual.set_fault("zombie", seconds=120, answer=answer, count=1)
    if answer == "504":
        assert ana.publish(1).status_code == 504
    else:
        with pytest.raises((*RESET, httpx.ReadTimeout)):
            ana.publish(1)
    virtual.advance(seconds=119)
    assert ana.posted() == []
    virtual.advance(seconds=2)
    (entry,) = virtual.ledger()
    assert (entry["links"], entry["late"]) == ([link_of(1)], True)
    assert datetime.fromisoformat(entry["committed_at"]) == START + timedelta(seconds=120)
    assert ana.found() == [link_of(1)]


def test_a_zombie_rises_on_real_time_too(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "mastodon")
    sandbox.set_fault("zombie", seconds=0.3, count=1)
    with pytest.raises(RESET):
        ana.publish(1)
    assert ana.posted() == []
    deadline = time.monotonic() + 10
    while not ana.posted() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert ana.posted() == [[link_of(1)]]


@pytest.mark.parametrize(("race", "posts"), [(False, 1), (True, 2)])
def test_a_late_request_honours_its_key_unless_the_server_races(virtual: Sandbox, race: bool, posts: int) -> None:
    ana = Speaker(virtual, "mastodon")
    virtual.set_fault("zombie", seconds=60, count=1, race=race)
    with pytest.raises(RESET):
        ana.publish(1, key="same")
    assert ana.publish(1, key="same").is_success
    virtual.advance(seconds=61)
    assert len(ana.posted()) == posts


@networks
def test_a_slow_answer_is_the_usual_one(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    sandbox.set_fault("slow", seconds=0.3)
    began = time.monotonic()
    assert ana.publish(1).is_success
    assert time.monotonic() - began >= 0.3
    assert len(ana.posted()) == 1


# LinkedIn's success has no body: all it brings is a header, which goes with the rest.
@pytest.mark.parametrize("network", [name for name in NETWORKS if name != "linkedin"])
def test_a_success_without_its_body(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    sandbox.set_fault("empty_body", count=1)
    answer = ana.publish(1)
    assert (answer.is_success, answer.content) == (True, b"")
    sandbox.set_fault("truncated_body", count=1, bytes=20)
    answer = ana.publish(2)
    assert (answer.is_success, len(answer.content)) == (True, 20)
    with pytest.raises(ValueError, match="line 1"):
        answer.json()
    sandbox.set_fault("truncated_body", count=1, bytes=20, abrupt=True)
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete|peer closed"):
        ana.publish(3)
    assert len(ana.posted()) == 3


def test_a_refusal_is_not_cut(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "x")
    sandbox.set_fault("empty_body")
    assert ana.http.post("/2/tweets", json={"text": ""}).json()["title"] == "Invalid Request"


@networks
def test_a_stale_list_shows_the_past(virtual: Sandbox, network: str) -> None:
    ana = Speaker(virtual, network)
    ana.publish(1)
    virtual.advance(seconds=100)
    ana.publish(2)
    virtual.set_fault("stale_list", seconds=60)
    assert ana.found() == [link_of(1)]
    virtual.advance(seconds=60)
    assert sorted(ana.found()) == [link_of(1), link_of(2)]


@networks
def test_a_short_list_ends_early_and_says_that_there_is_more(sandbox: Sandbox, network: str) -> None:
    ana = Speaker(sandbox, network)
    for n in range(5):
        ana.publish(n)
    sandbox.set_fault("short_list", rows=2)
    first = ana.listed(20)
    assert len(ana.links(first)) == 2
    assert ana.next_page(first) is not None


def test_a_forgotten_key_posts_twice(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "mastodon")
    first, again = ana.publish(1), ana.publish(1)
    assert first.json()["id"] == again.json()["id"]
    sandbox.set_fault("forgotten_key")
    assert ana.publish(1).json()["id"] != first.json()["id"]
    assert len(ana.posted()) == 2


def test_a_repeat_is_claimed_on_a_first_attempt(sandbox: Sandbox) -> None:
    sandbox.set_fault("duplicate_answer")
    for network in ("x", "facebook"):
        ana = Speaker(sandbox, network)
        answer = ana.publish(1)
        assert (answer.status_code, answer.json()) == (
            ERRORS[f"{network}/duplicate"].status,
            ERRORS[f"{network}/duplicate"].body,
        )
        assert ana.posted() == []
    ana = Speaker(sandbox, "bluesky")
    assert ana.publish(1).json()["error"] == "InvalidSwap"
    (entry,) = sandbox.posted(network="bluesky")
    assert entry["links"] == [], "somebody else's record stands there"


@networks
def test_throttled_with_each_form_of_the_hint(virtual: Sandbox, network: str) -> None:
    ana = Speaker(virtual, network)
    heard: dict[str, httpx.Headers] = {}
    for form in ("own", "seconds", "date", "absurd", "none"):
        number = virtual.set_fault("rate_limited", form=form, seconds=120)
        answer = ana.publish(1)
        assert (answer.status_code, answer.json()) == (
            ERRORS[f"{network}/rate_limited"].status,
            ERRORS[f"{network}/rate_limited"].body,
        )
        heard[form] = answer.headers
        virtual.clear_faults(number)
    until = START + timedelta(seconds=120)
    match network:
        case "x":
            assert int(heard["own"]["x-rate-limit-reset"]) == until.timestamp()
        case "facebook" | "instagram" | "threads":
            assert '"estimated_time_to_regain_access": 2' in heard["own"]["x-business-use-case-usage"]
        case "mastodon":
            assert datetime.fromisoformat(heard["own"]["x-ratelimit-reset"]) == until
        case "linkedin" | "pinterest":
            assert [name for name in heard["own"] if "limit" in name or name == "retry-after"] == []
        case _:
            assert int(heard["own"]["ratelimit-reset"]) == until.timestamp()
    assert heard["seconds"]["retry-after"] == "120"
    assert parsedate_to_datetime(heard["date"]["retry-after"]).astimezone(UTC) == until
    assert int(heard["absurd"]["retry-after"]) > 86400 * 365
    assert "retry-after" not in heard["none"]
    assert ana.posted() == []


@networks
def test_a_token_ends_or_is_taken_away_in_mid_flight(sandbox: Sandbox, network: str) -> None:
    for kind in ("token_expired", "token_revoked"):
        ana = Speaker(sandbox, network, handle=kind)
        number = sandbox.set_fault(kind, account=ana.id, count=1)
        answer = ana.publish(1)
        name = {
            "x": "x/unauthorized",
            "facebook": f"facebook/{kind[6:]}",
            "instagram": f"facebook/{kind[6:]}",
            "threads": f"facebook/{kind[6:]}",
            "mastodon": f"mastodon/{kind[6:]}",
            "linkedin": f"linkedin/{kind[6:]}",
            "pinterest": "pinterest/unauthorized",
            "bluesky": "bluesky/expired" if kind == "token_expired" else "bluesky/token",
        }[network]
        assert (answer.status_code, answer.json()) == (ERRORS[name].status, ERRORS[name].body)
        assert not ana.publish(1).is_success, "it does not come back by itself"
        sandbox.clear_faults(number)
    assert ana.posted() == []


def test_a_bluesky_session_comes_back_by_its_refresh_token(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "bluesky")
    sandbox.set_fault("token_expired", count=1)
    assert ana.publish(1).json()["error"] == "ExpiredToken"
    ana.http.headers["authorization"] = f"Bearer {ana.session['refreshJwt']}"
    fresh = ana.http.post("/xrpc/com.atproto.server.refreshSession").json()
    ana.http.headers["authorization"] = f"Bearer {fresh['accessJwt']}"
    assert ana.publish(1).is_success


def test_media_that_never_become_usable(sandbox: Sandbox) -> None:
    sandbox.set_fault("media_failure")
    x = Speaker(sandbox, "x")
    upload = {"media_category": "tweet_image"}
    media = x.http.post("/2/media/upload", data=upload, files={"media": ("a.png", png(), "image/png")}).json()["data"]
    assert media["processing_info"]["state"] == "failed"
    refused = x.http.post("/2/tweets", json={"text": "a", "media": {"media_ids": [media["id"]]}})
    assert refused.status_code == 400

    mastodon = Speaker(sandbox, "mastodon")
    answer = mastodon.http.post("/api/v2/media", files={"file": ("a.png", png(), "image/png")})
    assert answer.status_code == 202
    media_id = answer.json()["id"]
    assert mastodon.http.get(f"/api/v1/media/{media_id}").status_code == 422
    refused = mastodon.http.post("/api/v1/statuses", json={"status": "a", "media_ids": [media_id]})
    assert refused.status_code == 422

    facebook = Speaker(sandbox, "facebook")
    photo = facebook.http.post(
        f"/v26.0/{facebook.id}/photos", data={"published": "false"}, files={"source": ("a.png", png(), "image/png")}
    ).json()["id"]
    attached = {"message": "a", "attached_media": f'[{{"media_fbid":"{photo}"}}]'}
    assert facebook.http.post(f"/v26.0/{facebook.id}/feed", data=attached).json()["error"]["code"] == 100

    bluesky = Speaker(sandbox, "bluesky")
    blob = bluesky.http.post(
        "/xrpc/com.atproto.repo.uploadBlob", content=png(), headers={"content-type": "image/png"}
    ).json()["blob"]
    record = bluesky.record("a", link_of(1))
    record["embed"] = {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": ""}]}
    assert bluesky.put("3kabcdefghijk", record).json()["error"] == "BlobNotFound"
    assert sandbox.posted() == []


def test_a_fault_keeps_to_its_network_account_and_request(sandbox: Sandbox) -> None:
    ana, ben, eva = Speaker(sandbox, "x"), Speaker(sandbox, "x", handle="ben"), Speaker(sandbox, "mastodon")
    sandbox.set_fault("error_before", network="x", account=ana.id, request="publish")
    assert ana.publish(1).status_code == 500
    assert ben.publish(1).is_success
    assert eva.publish(1).is_success
    assert ana.listed().status_code == 200


def test_after_and_count_say_which_requests(sandbox: Sandbox) -> None:
    ana = Speaker(sandbox, "mastodon")
    sandbox.set_fault("error_before", after=1, count=2)
    assert [ana.publish(n).is_success for n in range(5)] == [True, False, False, True, True]
    assert [fault["struck"] for fault in sandbox.faults()] == [2]


def test_chance_is_seeded() -> None:
    def strikes(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.install(Fault.of({"kind": "reset_before", "probability": 0.3}))
        return [faults.strike("x", None, "publish") is not None for _ in range(1000)]

    assert strikes(1) == strikes(1) != strikes(2)
    assert 240 < sum(strikes(1)) < 360


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "nonsense"},
        {"kind": "slow", "colour": "red"},
        {"kind": "stale_list", "request": "publish"},
        {"kind": "rate_limited", "form": "roman"},
        {"kind": "zombie", "answer": "never"},
        {"kind": "slow", "request": "dance"},
        {"kind": "forgotten_key", "network": "x"},
        {"kind": "duplicate_answer", "network": "mastodon"},
        {"kind": "refusal"},
        {"kind": "refusal", "fixture": "x/mood"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(sandbox: Sandbox, values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="fault|request|form|answer|strikes|network"):
        sandbox.set_fault(**values)


def test_every_kind_is_described() -> None:
    assert all(KINDS.values())
