"""A world as it happens: the people of the audience who click and sometimes ask, and the firm's other
business.

Everything leaves through one injected `send`, so that the same life runs over real HTTP or in a test
without any. Requests only go to this machine: a simulated reader must never knock at somebody's real site.
"""

from __future__ import annotations

import hmac
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import parse_qs, urljoin, urlsplit

from crosspost.sandbox.audience import REACHES, Growth, Knock, generator, growth, knocks
from crosspost.sandbox.firm import LOST_REASONS, Case, amount, cases, deciding_time
from crosspost.sandbox.state import SandboxAccount, SandboxPost
from crosspost.sandbox.truths import World
from crosspost.secret import Secret

CLICK_AMOUNTS = (300, 2600)  # euros: what a client who came by a click buys
REFUSES = 1 / 12  # readers whose browser says Do Not Track, or whose blocker stops the script
MET_AFTER = timedelta(days=5)  # between reading a post and being introduced, at least


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered: `location` of a redirect, None without one; `body` of an error, for people."""

    status: int
    location: str | None = None
    body: str = ""


class Send(Protocol):
    """One request, redirects not followed. Raises OSError when nobody answers."""

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Awaitable[Reply]: ...


class Timetable(Protocol):
    """The virtual clock, as far as a life needs it."""

    def now(self) -> datetime: ...

    def schedule(self, at: datetime, action: Callable[[], Awaitable[None]]) -> object: ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where leads and deals are told: the brand's conversion endpoint and the key that signs."""

    url: str  # origin, without a trailing slash
    brand: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who clicked: what they could tell of it weeks later."""

    network: str
    at: datetime
    code: str | None


@dataclass
class Life:
    """One run of one world. Until `begin`, the audience reads and clicks, and nothing comes of it.

    `counts` is what really happened, by plain words; nobody but a person reads it.
    """

    seed: int
    timetable: Timetable
    send: Send
    world: World | None = None
    start: datetime | None = None
    weeks: int = 0
    endpoint: Endpoint | None = None
    counts: Counter[str] = field(default_factory=Counter)
    clients: Counter[str] = field(default_factory=Counter)  # won and accepted, by channel of the last touch
    opened: int = 0  # clients with a network before their last touch
    problem: str | None = None  # the last refusal, for the person who looks
    _readers: list[Reader] = field(default_factory=list)
    _posts: Counter[str] = field(default_factory=Counter)

    @property
    def end(self) -> datetime | None:
        return None if self.start is None else self.start + timedelta(weeks=self.weeks)

    def script(self) -> str:
        """The line that the blog's pages include once somebody counts their readers."""
        if self.endpoint is None:
            return ""
        return f'<script defer src="{self.endpoint.url}/v.js" data-site="{self.endpoint.brand}"></script>'

    def begin(self, world: World, weeks: int, endpoint: Endpoint) -> None:
        """From now on this truth holds, for so many weeks, and the endpoint is told what comes of it."""
        self.world, self.weeks, self.endpoint = world, weeks, endpoint
        self.start = self.timetable.now()
        for case in cases(world, self.seed, self.start, weeks):
            self._at(case.asked_at, partial(self._case_asks, case, world.name))

    def post_appeared(self, post: SandboxPost, account: SandboxAccount) -> None:
        """Schedule everybody who will meet this post. Its first link is the one they follow."""
        self._posts[post.network] += 1
        index, at = self._posts[post.network], self.timetable.now()
        for step in growth(post.network, generator(self.seed, "growth", post.network, index)):
            self._at(at + timedelta(seconds=step.after_s), partial(self._grow, post, account, step))
        if not post.links:
            self.counts["posts without a link"] += 1
            return
        for number, knock in enumerate(knocks(post.network, generator(self.seed, "knocks", post.network, index))):
            name = f"{post.network}-{index:03d}-{number:03d}"
            self._at(at + timedelta(seconds=knock.after_s), partial(self._knock, post, knock, name))

    async def _grow(self, post: SandboxPost, account: SandboxAccount, step: Growth) -> None:
        if post.deleted:
            return
        post.impressions += step.impressions
        post.reach += round(step.impressions * 0.8)  # some see it twice
        post.likes += step.likes
        post.replies += step.replies
        post.reposts += step.reposts
        post.profile_clicks += step.follows
        account.followers += step.follows

    async def _knock(self, post: SandboxPost, knock: Knock, name: str) -> None:
        link = post.links[0]
        if post.deleted:
            return
        if not is_local(link):
            self.counts["knocks withheld: the link is not on this machine"] += 1
            return
        headers = {"User-Agent": knock.user_agent, **knock.headers}
        try:
            reply = await self.send(knock.method, link, headers, None)
            landing = urljoin(link, reply.location) if reply.location else link
            if knock.kind == "person" and reply.location and is_local(landing):
                reply = await self.send("GET", landing, headers, None)
        except OSError:
            self.counts["knocks unanswered"] += 1
            return
        self.counts[f"knocks: {knock.kind}"] += 1
        if knock.lead_draw is None or knock.deal_draw is None:
            return
        if reply.status >= 400:
            self.counts["people who found no page"] += 1
            return
        post.link_clicks += 1
        await self._look(landing, headers, name)
        reader = Reader(post.network, self.timetable.now(), code_of(landing, link))
        self._readers.append(reader)
        if self.world is not None and knock.lead_draw < self.world.asks:
            asks = partial(self._reader_asks, reader, name, self.world.name, buys=knock.deal_draw < self.world.buys)
            delay = generator(self.seed, "click", name).uniform(3, 2_000)
            self._at(reader.at + timedelta(minutes=delay), asks)

    async def _look(self, landing: str, headers: Mapping[str, str], name: str) -> None:
        """What the page's script sends from the reader's browser, unless that refuses to be counted. It tells, as a
        proxy does, whose request it is: all of them come from this machine."""
        if self.endpoint is None:
            return
        rng = generator(self.seed, "look", name)
        if rng.random() < REFUSES:
            self.counts["readers whose browser refuses to be counted"] += 1
            return
        page = urlsplit(landing)
        came = urlsplit(headers.get("Referer", "")).hostname or ""
        sent = {
            "Content-Type": "text/plain;charset=UTF-8", "Origin": f"{page.scheme}://{page.netloc}",
            "User-Agent": headers["User-Agent"],
            "X-Forwarded-For": f"198.18.{rng.randrange(256)}.{rng.randrange(256)}",  # RFC 2544: nobody's
        }  # fmt: skip
        body = json.dumps({"p": page.path, "q": page.query, "r": came, "w": 0}).encode()
        try:
            reply = await self.send("POST", f"{self.endpoint.url}/v/{self.endpoint.brand}", sent, body)
        except OSError:
            self.counts["page views unanswered"] += 1
            return
        self.counts["page views" if reply.status == 204 else "page views refused"] += 1

    async def _reader_asks(self, reader: Reader, name: str, world: str, *, buys: bool) -> None:
        rng = generator(self.seed, "asks", name)
        told = f"J’ai vu un de vos articles sur {reader.network.capitalize()}" if rng.random() < 0.7 else None
        lead, person = f"{world}-{name}", f"{name}-{rng.getrandbits(32):08x}@personne.invalid"
        now = self.timetable.now()
        path = [_touch(reader.network, reader.at, "a cliqué dans une publication")]
        await self._tell(
            f"{lead}-lead", "lead", now, lead=lead, channel=reader.network, told=told, code=reader.code,
            touchpoints=path, person=person,
        )  # fmt: skip
        decided_at = now + deciding_time(rng, self.weeks)
        price, reason = amount(rng, *CLICK_AMOUNTS), rng.choice(LOST_REASONS)
        if buys:
            self._at(decided_at, partial(self._wins, lead, reader.network, person, price))
        else:
            self._at(decided_at, partial(self._leaves, lead, reason))

    async def _case_asks(self, case: Case, world: str) -> None:
        lead = f"{world}-{case.id}"
        path = self._path(case)
        await self._tell(
            f"{lead}-lead", "lead", case.asked_at, lead=lead, channel=case.channel, told=case.told,
            touchpoints=path, person=case.person,
        )  # fmt: skip
        if case.decided_at is None:
            return
        if case.outcome == "won":
            wins = partial(self._wins, lead, case.channel, case.person, case.amount)
            opened = any(touch["channel"] in REACHES for touch in path)
            self._at(case.decided_at, partial(wins, returning=case.returning, opened=opened))
        else:
            self._at(case.decided_at, partial(self._leaves, lead, case.reason))

    def _path(self, case: Case) -> list[dict[str, str]]:
        """How they came, as the firm's intake wrote it down: first contact first, the recorded channel
        last."""
        if case.channel is None:
            return []  # nobody asked
        path = [_touch(case.channel, case.asked_at, "a pris contact")]
        if not case.opened:
            return path
        earlier = [reader for reader in self._readers if reader.at <= case.asked_at - MET_AFTER]
        if not earlier:
            self.counts["doors without a reader"] += 1
            return path
        rng = generator(self.seed, "door", case.id)
        reader = rng.choice(earlier)
        if case.channel == "referral":  # post → meeting → introduction
            met_at = reader.at + (case.asked_at - reader.at) * rng.uniform(0.3, 0.9)
            path.insert(0, _touch("event", met_at, "rencontre, puis mise en relation"))
        path.insert(0, _touch(reader.network, reader.at, f"avait lu un article (lien {reader.code})"))
        return path

    async def _wins(
        self,
        lead: str,
        channel: str | None,
        person: str,
        price: Decimal,
        *,
        returning: bool = False,
        opened: bool = False,
    ) -> None:
        told = await self._tell(
            f"{lead}-deal", "deal", self.timetable.now(), lead=lead, person=person, amount=f"{price:.2f}",
            currency="EUR", returning=returning,
        )  # fmt: skip
        if told:
            self.clients[channel or "unknown"] += 1
            self.opened += opened

    async def _leaves(self, lead: str, reason: str) -> None:
        await self._tell(f"{lead}-lost", "lost", self.timetable.now(), lead=lead, reason=reason)

    async def _tell(self, name: str, kind: str, at: datetime, **fields: Any) -> bool:
        """Post one event, signed. True if the endpoint has it now, whether new or known. What is not known is
        left out of the message."""
        if self.endpoint is None:
            return False
        known = {key: value for key, value in fields.items() if value is not None}
        body = json.dumps({"id": name, "type": kind, "at": at.isoformat(), **known}, ensure_ascii=False).encode()
        stamp = str(int(self.timetable.now().timestamp()))
        signature = hmac.new(self.endpoint.secret.reveal().encode(), f"{stamp}.".encode() + body, "sha256")
        headers = {
            "Content-Type": "application/json",
            "X-Crosspost-Timestamp": stamp,
            "X-Crosspost-Signature": signature.hexdigest(),
        }
        url = f"{self.endpoint.url}/v1/brands/{self.endpoint.brand}/events"
        try:
            reply = await self._post(url, headers, body)
        except OSError:
            self.counts["events unanswered"] += 1
            self.problem = "the conversion endpoint does not answer"
            return False
        if not 200 <= reply.status < 300:
            self.counts["events refused"] += 1
            self.problem = f"the conversion endpoint answered {reply.status}: {reply.body[:200]}"
            return False
        self.counts[f"events: {kind}"] += 1
        return True

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Once more after a broken connection: the event's id makes a repeat harmless."""
        try:
            return await self.send("POST", url, headers, body)
        except OSError:
            return await self.send("POST", url, headers, body)

    def _at(self, at: datetime, action: Callable[[], Awaitable[None]]) -> None:
        """Schedule, unless it lies beyond the run: what is not decided by then stays open."""
        if self.end is None or at < self.end:
            self.timetable.schedule(at, action)


def is_local(url: str) -> bool:
    """Whether the address names this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def code_of(landing: str, link: str) -> str | None:
    """The link's code as a form on the page would see it (`utm_content`), else the short link's last
    segment."""
    tagged = parse_qs(urlsplit(landing).query).get("utm_content")
    return tagged[0] if tagged else urlsplit(link).path.rstrip("/").rpartition("/")[2] or None


def _touch(channel: str, at: datetime, note: str) -> dict[str, str]:
    return {"channel": channel, "at": at.isoformat(), "note": note}
