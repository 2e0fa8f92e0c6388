"""The seeded world: what it does is what its truth says, the same every time, and never off this machine."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import pytest
from scipy.stats import beta
from starlette.applications import Starlette

from crosspost.domain.business import ChannelKind, channel_kind
from crosspost.sandbox.agents import BROWSERS
from crosspost.sandbox.audience import REACHES, generator, growth, knocks
from crosspost.sandbox.clock import VirtualClock
from crosspost.sandbox.life import Reply, code_of, is_local
from crosspost.sandbox.state import NETWORKS, SandboxPost, State
from crosspost.sandbox.truths import WORLDS
from crosspost.sandbox.world import HttpSend, install
from crosspost.web.events import EVENT

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
SECRET = "canary-7f3c1e"
WANTED = {"truth": "works", "endpoint": "http://127.0.0.1:8811", "brand": "pervenche", "secret": SECRET}


@dataclass
class Wire:
    """Stands for HTTP: a redirect behind every short link, and a conversion endpoint that takes everything."""

    clock: VirtualClock
    status: int = 200
    breaks: int = 0  # so many conversions are lost with their connection
    asked: list[tuple[datetime, str, str, dict[str, str]]] = field(default_factory=list)
    told: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    looked: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)  # what the blog's script sent

    async def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        if method == "POST":
            assert body is not None
            if self.breaks and "/v/" not in url:
                self.breaks -= 1
                raise ConnectionError("gone")
            if url == "http://127.0.0.1:8811/v/pervenche":
                self.looked.append((dict(headers), json.loads(body)))
                return Reply(204)
            assert url == "http://127.0.0.1:8811/v1/brands/pervenche/events"
            self.told.append((dict(headers), body))
            return Reply(self.status, body="" if self.status == 200 else "the reason")
        self.asked.append((self.clock.now(), method, url, dict(headers)))
        code = url.rpartition("/")[2]
        if "/r/" in url:
            return Reply(302, f"http://127.0.0.1:8808/2026/01/page.html?utm_source=x&utm_content={code}")
        return Reply(200)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.told]


@dataclass
class Stage:
    """A sandbox's state with the world installed, and no server."""

    seed: int = 20260105
    networks: tuple[str, ...] = tuple(WORLDS["mirage"].network_hours)  # those the firm works on

    def __post_init__(self) -> None:
        self.clock = VirtualClock(START)
        self.state = State(seed=self.seed, clock=self.clock)
        self.wire = Wire(self.clock)
        self.app = Starlette(routes=install(self.state, self.wire))
        for network in self.networks:
            self.state.add_account(network, "pervenche", followers=400)

    async def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8808") as client:
            return await client.request(method, path, json=body)

    def publish(self, number: int, link: str | None = None) -> list[SandboxPost]:
        return [
            self.state.commit(
                SandboxPost(
                    network=account.network,
                    account_id=account.id,
                    id=f"{account.network}-{number}",
                    text="Un article",
                    links=(link or f"http://127.0.0.1:8810/r/{account.network}{number:02d}",),
                    created_at=self.clock.now(),
                    url="",
                    committed_at=self.clock.now(),
                )
            )
            for account in self.state.accounts.values()
        ]

    async def run(self, truth: str, weeks: int = 26) -> None:
        assert (await self.ask("POST", "/_sandbox/world", {**WANTED, "truth": truth, "weeks": weeks})).is_success
        for week in range(weeks):
            await self.clock.advance(START + timedelta(weeks=week, days=1))
            self.publish(week)
        await self.clock.advance(START + timedelta(weeks=weeks))
        assert self.clock.failures == []


@cache
def played(truth: str, seed: int = 20260105) -> Stage:
    stage = Stage(seed)
    asyncio.run(stage.run(truth))
    return stage


@dataclass
class Clients:
    """The clients of a run, counted again from nothing but what the endpoint was told."""

    total: int
    last: int  # a network at the last touch
    touched: int  # a network anywhere
    unknown: int
    lost: int
    lost_touched: int

    @classmethod
    def of(cls, events: list[dict[str, Any]]) -> Clients:
        leads = {event["lead"]: event for event in events if event["type"] == "lead"}

        def by(kind: str) -> list[dict[str, Any]]:
            return [leads[event["lead"]] for event in events if event["type"] == kind]

        def touched(lead: dict[str, Any]) -> bool:
            names = [lead.get("channel"), *(touch["channel"] for touch in lead["touchpoints"])]
            return any(channel_kind(name) is ChannelKind.NETWORK for name in names)

        won, lost = by("deal"), by("lost")
        kinds = Counter(channel_kind(lead.get("channel")) for lead in won)
        return cls(
            total=len(won),
            last=kinds[ChannelKind.NETWORK],
            touched=sum(map(touched, won)),
            unknown=kinds[ChannelKind.UNKNOWN],
            lost=len(lost),
            lost_touched=sum(map(touched, lost)),
        )


def upper(count: int, of: int) -> float:
    """One-sided 95 % upper bound of a share (Clopper-Pearson)."""
    return float(beta.ppf(0.95, count + 1, of - count))


def lower(count: int, of: int) -> float:
    return float(beta.ppf(0.05, count, of - count + 1)) if count else 0.0


SEEDS = (20260105, 0, 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_mirage_brings_readers_and_no_client(seed: int) -> None:
    stage = played("mirage", seed)
    clients = Clients.of(stage.wire.events)
    assert 60 <= clients.total <= 80
    assert clients.last == 0
    assert clients.unknown <= 1
    assert upper(clients.last + clients.unknown, clients.total) < 0.10
    assert upper(clients.touched + clients.unknown, clients.total) < 0.10
    assert clients.lost >= 20
    assert any(event.get("channel") in REACHES for event in stage.wire.events)  # leads there are


@pytest.mark.parametrize("seed", SEEDS)
def test_doors_opens_what_referrals_close(seed: int) -> None:
    clients = Clients.of(played("doors", seed).wire.events)
    assert 60 <= clients.total <= 80
    assert upper(clients.last + clients.unknown, clients.total) < 0.10
    assert clients.touched / clients.total >= 0.40
    assert lower(clients.touched, clients.total) > 0.10
    assert clients.lost >= 20
    assert clients.lost_touched / clients.lost < 0.35
    referred = [event for event in played("doors", seed).wire.events if event.get("channel") == "referral"]
    paths = Counter(tuple(touch["channel"] for touch in event["touchpoints"]) for event in referred)
    assert any(path[0] in REACHES and path[1:] == ("event", "referral") for path in paths)


@pytest.mark.parametrize("seed", SEEDS)
def test_works_brings_clients_by_networks(seed: int) -> None:
    clients = Clients.of(played("works", seed).wire.events)
    assert 55 <= clients.total <= 85
    assert 0.30 <= clients.last / clients.total <= 0.50
    assert lower(clients.last, clients.total) > 0.10


@pytest.mark.parametrize("truth", WORLDS)
def test_the_truth_that_is_told_is_the_one_that_happened(truth: str) -> None:
    stage = played(truth)
    clients, told = Clients.of(stage.wire.events), stage.state.truth()
    assert told["simulated"] is True
    assert (told["world"], told["says"]) == (truth, WORLDS[truth].says)
    assert told["clients_total"] == clients.total
    assert told["clients_by_networks"] == clients.last
    assert told["clients_opened_by_networks"] == clients.touched - clients.last
    assert told["share_by_networks"] == pytest.approx(clients.last / clients.total, abs=0.001)
    assert told["clients"].get("unknown", 0) == clients.unknown
    assert told["problem"] is None


def test_people_see_and_click_the_same_in_all_worlds() -> None:
    assert played("mirage").wire.asked == played("works").wire.asked
    assert played("mirage").wire.asked == played("doors").wire.asked


def test_a_seed_gives_one_life_and_another_seed_another() -> None:
    again = Stage()
    asyncio.run(again.run("works"))
    assert again.wire.told == played("works").wire.told
    assert again.wire.asked == played("works").wire.asked
    assert played("works", 0).wire.told != again.wire.told


def test_a_posts_audience_does_not_depend_on_other_networks() -> None:
    alone = Stage(networks=("mastodon",))
    asyncio.run(alone.run("mirage", weeks=3))
    until = START + timedelta(weeks=3)
    together = [hit for hit in played("mirage").wire.asked if hit[0] < until and "mastodon" in hit[2]]
    assert alone.wire.asked == together


def test_there_are_a_few_thousand_knocks_of_every_kind() -> None:
    counts = played("mirage").state.truth()["counts"]
    kinds = {name.removeprefix("knocks: "): count for name, count in counts.items() if name.startswith("knocks: ")}
    assert set(kinds) == {"person", "preview", "crawler", "prefetch"}
    assert 3_000 <= sum(kinds.values()) <= 6_000
    assert kinds["person"] > 0.6 * sum(kinds.values())


@pytest.mark.parametrize("network", REACHES)
def test_only_machines_come_in_the_first_minute_and_counters_only_grow(network: str) -> None:
    for index in range(20):
        came = knocks(network, generator(5, index))
        assert came == sorted(came, key=lambda knock: knock.after_s)
        assert {knock.kind for knock in came if knock.after_s < 90} <= {"preview"}
        assert max(knock.after_s for knock in came) < 10 * 86_400
        assert all((knock.lead_draw is None) == (knock.kind != "person") for knock in came)
        for step in growth(network, generator(6, index)):
            assert min(step.impressions, step.likes, step.replies, step.reposts, step.follows) >= 0


def test_each_network_previews_in_its_own_way() -> None:
    def first(network: str) -> list[tuple[str, str]]:
        return [(knock.method, knock.user_agent) for knock in knocks(network, generator(1)) if knock.after_s < 16]

    x = first("x")
    assert Counter(method for method, _ in x) == {"GET": 1, "HEAD": 3}
    assert [agent for method, agent in x if method == "GET"] == ["Twitterbot/1.0"]
    assert {agent for method, agent in x if method == "HEAD"} <= set(BROWSERS)
    assert "facebookexternalhit" in first("facebook")[0][1]
    assert "Cardyb" in first("bluesky")[0][1]
    fediverse = [knock for knock in knocks("mastodon", generator(1)) if knock.after_s < 90]
    assert len({knock.user_agent for knock in fediverse}) == len(fediverse) >= 6


def test_counters_followers_and_link_clicks_move() -> None:
    stage = played("mirage")
    for network in stage.networks:
        posts = [post for post in stage.state.posts if post.network == network]
        assert sum(post.impressions for post in posts) > 50 * sum(post.likes for post in posts) > 0
        assert all(post.reach <= post.impressions for post in posts)
    people = stage.state.truth()["counts"]["knocks: person"]
    assert sum(post.link_clicks for post in stage.state.posts) == people
    assert all(account.followers > 400 for account in stage.state.accounts.values())


def test_events_are_signed_in_virtual_time_and_follow_the_contract() -> None:
    stage = played("works")
    ids = [event["id"] for event in stage.wire.events]
    assert len(set(ids)) == len(ids)
    for headers, body in stage.wire.told:
        stamp = headers["X-Crosspost-Timestamp"]
        signed = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert headers["X-Crosspost-Signature"] == signed
        event = EVENT.validate_json(body)  # unknown fields are refused there
        assert abs(event.at.timestamp() - int(stamp)) <= 1
    leads = {event["lead"] for event in stage.wire.events if event["type"] == "lead"}
    deals = [event for event in stage.wire.events if event["type"] == "deal"]
    assert {event["lead"] for event in deals} <= leads
    assert all(float(event["amount"]) >= 300 and event["currency"] == "EUR" for event in deals)
    by_click = [event for event in stage.wire.events if "code" in event]
    assert len(by_click) > 20
    assert all(event["code"].startswith(event["channel"]) for event in by_click)


def test_every_known_channel_comes_with_its_whole_journey() -> None:
    for event in played("doors").wire.events:
        if event["type"] == "lead" and "channel" in event:
            assert event["touchpoints"][-1]["channel"] == event["channel"]
            instants = [touch["at"] for touch in event["touchpoints"]]
            assert instants == sorted(instants)
            if event["touchpoints"][0]["channel"] in REACHES and event["channel"] not in REACHES:
                read_at = datetime.fromisoformat(event["touchpoints"][0]["at"])
                assert datetime.fromisoformat(event["at"]) - read_at >= timedelta(days=5)


def test_efforts_are_weekly_rows_of_the_weeks_that_have_begun() -> None:
    async def told() -> tuple[str, str, str]:
        stage = Stage()
        before = (await stage.ask("GET", "/_sandbox/efforts.csv")).text
        await stage.ask("POST", "/_sandbox/world", {**WANTED, "truth": "mirage"})
        await stage.clock.advance(START + timedelta(days=6))
        first = (await stage.ask("GET", "/_sandbox/efforts.csv")).text
        return before, first, (await played("mirage").ask("GET", "/_sandbox/efforts.csv")).text

    before, first, all_weeks = asyncio.run(told())
    assert before == "channel,start,hours\n"
    rows = list(csv.DictReader(first.splitlines()))
    assert {row["start"] for row in rows} == {"2026-01-05"}
    assert {row["channel"]: row["hours"] for row in rows}["mastodon"] == "0.75"
    assert not {"", "unknown"} & {row["channel"] for row in rows}
    assert len(all_weeks.splitlines()) == 1 + 26 * len(rows)


def test_a_broken_connection_is_tried_again_and_a_refusal_is_shown() -> None:
    async def problems() -> list[dict[str, Any]]:
        found = []
        for breaks, status in ((1, 200), (2, 200), (0, 401)):
            stage = Stage()
            stage.wire.breaks, stage.wire.status = breaks, status
            await stage.run("mirage", weeks=2)
            found.append(stage.state.truth())
        return found

    once, twice, refused = asyncio.run(problems())
    assert once["problem"] is None
    assert twice["counts"]["events unanswered"] == 1
    assert "401" in refused["problem"]
    assert "the reason" in refused["problem"]
    assert refused["clients_total"] == 0


def test_nobody_knocks_off_this_machine_nor_at_a_deleted_post() -> None:
    async def played_out() -> Stage:
        stage = Stage()
        stage.publish(0, link="https://example.org/article")
        for post in stage.publish(1):
            stage.state.delete(post)
        await stage.clock.advance(START + timedelta(days=11))
        return stage

    stage = asyncio.run(played_out())
    assert stage.wire.asked == []
    assert all(post.impressions == 0 for post in stage.state.posts if post.deleted)
    assert is_local("http://127.0.0.1:8810/r/a")
    assert is_local("http://[::1]/a")
    assert not is_local("https://localhost.example.org/")


def test_without_a_world_people_read_and_click_and_nothing_is_told() -> None:
    async def read() -> tuple[Stage, dict[str, Any]]:
        stage = Stage()
        stage.publish(0)
        await stage.clock.advance(START + timedelta(days=11))
        return stage, (await stage.ask("GET", "/_sandbox/world")).json()

    stage, told = asyncio.run(read())
    assert stage.wire.asked
    assert stage.wire.told == []
    assert told["world"] is None
    assert told["simulated"] is True


def test_readers_who_land_run_the_pages_script_unless_their_browser_refuses() -> None:
    stage = played("works")
    counts = asyncio.run(stage.ask("GET", "/_sandbox/world")).json()["counts"]
    refused = counts["readers whose browser refuses to be counted"]
    assert counts["page views"] == len(stage.wire.looked)
    assert counts["page views"] + refused == counts["knocks: person"]
    assert 0.05 < refused / counts["knocks: person"] < 0.12
    for headers, sent in stage.wire.looked:
        assert headers["Origin"] == "http://127.0.0.1:8808"
        assert headers["User-Agent"] in {*BROWSERS, *(reach.app for reach in REACHES.values())}
        assert sent["p"] == "/2026/01/page.html"
        assert "utm_content=" in sent["q"]
    assert len({headers["X-Forwarded-For"] for headers, _ in stage.wire.looked}) > 1_000
    assert played("mirage").wire.looked == played("doors").wire.looked, "people see and click the same in all worlds"


def test_the_code_is_what_the_page_sees() -> None:
    assert code_of("http://a/page.html?utm_content=k7&utm_source=x", "http://b/r/other") == "k7"
    assert code_of("http://a/page.html", "http://b/r/short1") == "short1"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"truth": "heaven"}, "truth"),
        ({"weeks": 0}, "weeks"),
        ({"weeks": "26"}, "weeks"),
        ({"brand": ""}, "brand"),
        ({"secret": None}, "secret"),
        ({"endpoint": "https://crm.example.org"}, "endpoint"),
        ({"endpoint": "http://192.0.2.1"}, "endpoint"),
    ],
)
def test_a_wrong_configuration_is_refused_by_name(change: dict[str, object], says: str) -> None:
    stage = Stage()
    answer = asyncio.run(stage.ask("POST", "/_sandbox/world", {**WANTED, **change}))
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(says)
    assert SECRET not in answer.text
    assert stage.state.truth()["world"] is None


def test_the_same_world_twice_is_one_and_another_needs_a_fresh_sandbox(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    async def asked() -> tuple[Stage, list[httpx.Response]]:
        stage = Stage()
        first = await stage.ask("POST", "/_sandbox/world", WANTED)
        pending = stage.clock.pending
        same = await stage.ask("POST", "/_sandbox/world", WANTED)
        assert stage.clock.pending == pending > 0
        other = await stage.ask("POST", "/_sandbox/world", {**WANTED, "truth": "doors"})
        return stage, [first, same, other, await stage.ask("GET", "/_sandbox/world")]

    stage, answers = asyncio.run(asked())
    assert [answer.status_code for answer in answers] == [200, 200, 409, 200]
    assert stage.state.about == {"world": "works"}
    assert SECRET not in caplog.text + "".join(answer.text for answer in answers)


def test_over_http_a_redirect_is_told_and_not_followed_and_silence_is_an_oserror() -> None:
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                seen.append(head)
                writer.write(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()

    async def talk() -> list[Reply]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        send = HttpSend()
        replies = [await send("GET", f"{origin}/r/a", {"User-Agent": agent}, None) for agent in ("Reader/1", "")]
        await send.close()
        server.close()
        await server.wait_closed()
        with pytest.raises(OSError, match="no answer"):
            await send("GET", f"{origin}/r/a", {}, None)
        return replies

    assert asyncio.run(talk()) == [Reply(302, "/elsewhere")] * 2
    agents = [line for head in seen for line in head.lower().splitlines() if line.startswith(b"user-agent:")]
    assert [line.partition(b":")[2].strip() for line in agents] == [b"reader/1", b""]


def test_every_network_of_the_sandbox_has_an_audience() -> None:
    assert set(REACHES) == set(NETWORKS)
    for world in WORLDS.values():
        assert set(world.network_hours) < set(NETWORKS), "the firm is on some of them only"
