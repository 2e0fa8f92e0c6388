"""Who meets a post: machines that fetch its card, people who read, react and click, and crawlers in between.

Pure: a post's whole future is drawn at once from its own generator (seed, network, how many posts came
before on that network), so that it does not depend on what happens elsewhere. Times are seconds after the
post.

The kinds of fetchers follow what the networks' own robots are known to do (X: its robot once, then HEADs
that look like browsers; the fediverse: one fetch by every server that holds a follower); the strings are
ours.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta

from crosspost.sandbox import agents

HOUR_S = 3_600
LASTS = timedelta(days=10)  # after which nobody meets the post any more


@dataclass(frozen=True, slots=True)
class Reach:
    """What an average post of the firm's account gets on a network in ten days, all counts means."""

    impressions: float
    clicks: float
    likes: float
    replies: float
    reposts: float
    follows: float
    half_life_h: float  # hours until half of the readers have come
    referrer: str  # empty: the network's pages send none
    app: str | None  # the browser inside the network's own app, which a third of the people use


@dataclass(frozen=True, slots=True)
class Knock:
    """One request to the tracked link. `lead_draw` and `deal_draw` are uniform numbers that the world's
    truth is held against, so that all worlds see the same people; None for machines."""

    after_s: float
    method: str
    user_agent: str
    kind: str  # person, preview, crawler, prefetch: the truth, never sent
    headers: dict[str, str] = field(default_factory=dict)
    lead_draw: float | None = None
    deal_draw: float | None = None


@dataclass(frozen=True, slots=True)
class Growth:
    """What is added to a post's counters, and to its account's followers, at one instant."""

    after_s: float
    impressions: int
    likes: int
    replies: int
    reposts: int
    follows: int


# (method, agent or None for any browser, seconds after the post: earliest and latest)
_PREVIEWS: dict[str, tuple[tuple[str, str | None, float, float], ...]] = {
    "x": (
        ("GET", agents.TWITTERBOT, 0.5, 3),
        ("HEAD", None, 1, 6),
        ("HEAD", None, 2, 9),
        ("HEAD", None, 3, 15),
    ),
    "facebook": (
        ("GET", agents.FACEBOOK_CARD, 0.5, 3),
        ("GET", agents.FACEBOOK_CARD, 20, 600),
        ("GET", agents.META_AGENT, 60, 7200),
    ),
    "bluesky": (("GET", agents.BLUESKY_CARD, 0.5, 4),),
    "threads": (("GET", agents.FACEBOOK_CARD, 0.5, 5),),
    "pinterest": (("GET", agents.PINTEREST, 1, 30),),  # LinkedIn reads no page for a post of its API
}

REACHES: dict[str, Reach] = {
    "x": Reach(1_500, 26, 9, 1.2, 2.5, 1.2, 5, "https://t.co/", agents.X_APP),
    "facebook": Reach(1_100, 34, 14, 2.2, 2, 0.9, 12, "https://l.facebook.com/", agents.FACEBOOK_APP),
    "mastodon": Reach(700, 38, 11, 1.8, 6, 1.6, 7, "", None),
    "bluesky": Reach(900, 30, 12, 1.5, 4, 1.5, 6, "https://bsky.app/", agents.WEBVIEW),
    "instagram": Reach(1_000, 3, 15, 2.0, 1, 1.8, 20, "https://l.instagram.com/", agents.WEBVIEW),
    "threads": Reach(850, 22, 13, 1.7, 3, 1.4, 8, "https://l.threads.com/", agents.WEBVIEW),
    "linkedin": Reach(1_300, 24, 16, 2.4, 1.5, 1.3, 18, "https://www.linkedin.com/", agents.WEBVIEW),
    "pinterest": Reach(800, 14, 6, 0.3, 5, 0.6, 60, "https://www.pinterest.com/", agents.WEBVIEW),
}

_CHECKPOINTS_H = (1, 3, 6, 12, 24, 48, 72, 120, 168, 240)  # when counters move


def generator(seed: int, *names: str | int) -> random.Random:
    """The generator of one thing. Equal names give equal draws, whatever else was drawn before."""
    return random.Random("\x1f".join(map(str, (seed, *names))))  # noqa: S311 - a simulation, not a secret


def knocks(network: str, rng: random.Random) -> list[Knock]:
    """Every request that will be made to the post's tracked link, in order."""
    reach = REACHES[network]
    found = _previews(network, rng)
    for _ in range(_count(rng, reach.clicks)):
        agent = reach.app if reach.app and rng.random() < 1 / 3 else rng.choice(agents.BROWSERS)
        headers = {"Accept-Language": rng.choice(agents.LANGUAGES)}
        if reach.referrer and rng.random() < 0.8:
            headers["Referer"] = reach.referrer
        lead_draw, deal_draw = rng.random(), rng.random()
        found.append(Knock(_reading_time(rng, reach), "GET", agent, "person", headers, lead_draw, deal_draw))
    for _ in range(_count(rng, 3)):
        found.append(Knock(_reading_time(rng, reach), "GET", rng.choice(agents.CRAWLERS), "crawler"))
    for _ in range(_count(rng, 1)):
        found.append(Knock(_reading_time(rng, reach), "GET", rng.choice(agents.MESSENGERS), "preview"))
    for _ in range(_count(rng, 1)):
        found.append(Knock(_reading_time(rng, reach), "HEAD", rng.choice(agents.BROWSERS), "crawler"))
    for _ in range(_count(rng, 1.5)):
        purpose = {"Sec-Purpose": rng.choice(("prefetch", "prefetch;prerender"))}
        found.append(Knock(_reading_time(rng, reach), "GET", rng.choice(agents.BROWSERS), "prefetch", purpose))
    return sorted(found, key=lambda knock: knock.after_s)


def growth(network: str, rng: random.Random) -> list[Growth]:
    """How the post's counters move, in order. Sums are the post's final counts."""
    reach = REACHES[network]
    liveliness = rng.lognormvariate(-0.08, 0.4)  # mean 1: some posts travel, most do not
    totals = [
        _count(rng, mean * liveliness)
        for mean in (reach.impressions, reach.likes, reach.replies, reach.reposts, reach.follows)
    ]
    steps, before = [], [0] * len(totals)
    for hours in _CHECKPOINTS_H:
        arrived = 1.0 if hours == _CHECKPOINTS_H[-1] else 1 - 0.5 ** (hours / reach.half_life_h)
        until = [round(total * arrived) for total in totals]
        steps.append(Growth(hours * HOUR_S, *(new - old for new, old in zip(until, before, strict=True))))
        before = until
    return steps


def _previews(network: str, rng: random.Random) -> list[Knock]:
    found = [
        Knock(rng.uniform(low, high), method, agent or rng.choice(agents.BROWSERS), "preview")
        for method, agent, low, high in _PREVIEWS.get(network, ())
    ]
    if network == "mastodon":
        servers = rng.sample(agents.FEDIVERSE, rng.randint(6, len(agents.FEDIVERSE)))
        found += [Knock(rng.uniform(0.5, 90), "GET", agent, "preview") for agent in servers]
    return found


def _reading_time(rng: random.Random, reach: Reach) -> float:
    """Seconds until a reader comes: never in the first minute and a half, when only machines are there."""
    at = 90 + rng.expovariate(0.693 / (reach.half_life_h * HOUR_S))
    return min(at, LASTS.total_seconds() - rng.random() * HOUR_S)


def _count(rng: random.Random, mean: float) -> int:
    """A Poisson count; the normal curve above 200, where the two cannot be told apart here."""
    if mean > 200:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    arrivals, at = 0, rng.expovariate(1)
    while at < mean:
        arrivals, at = arrivals + 1, at + rng.expovariate(1)
    return arrivals
