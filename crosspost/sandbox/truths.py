"""Three worlds with a known truth, as numbers. What people see and click is the same in all three; what
comes of it is not. The audit is told none of this: the demonstration prints it beside what the audit found.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

WEEKS = 26  # the counts below are for this many weeks and scale with a shorter or longer run


@dataclass(frozen=True, slots=True)
class Flow:
    """What one channel brings outside the networks, in `WEEKS` weeks.

    `won`, `lost`, `waiting` count leads by what became of them (a waiting one is still undecided at the end);
    of these, `opened_won` and `opened_lost` had read a post and clicked before, weeks before they came by
    this channel. `hours` is the firm's effort per week. `amounts` bounds a deal, in euros.
    """

    channel: str | None  # None: nobody asked, nobody knows
    won: int
    lost: int
    waiting: int
    hours: Decimal
    amounts: tuple[int, int]
    told: tuple[str, ...] = ()  # what such a person answers to "how did you hear of us"
    opened_won: int = 0
    opened_lost: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """A truth. `asks` is the share of people's clicks that become a lead, `buys` the share of those leads
    that become a client (if there is time left); `network_hours` the effort per week and network."""

    name: str
    says: str  # the truth in one sentence
    asks: float
    buys: float
    flows: tuple[Flow, ...]
    network_hours: dict[str, Decimal]


def _flows(size: float = 1, **opened: tuple[int, int]) -> tuple[Flow, ...]:
    """The firm's life without networks, at `size` times its usual counts; `opened` names who had read a post
    before, by channel: (won, lost)."""

    def flow(channel: str, won: int, lost: int, waiting: int, hours: str, amounts: tuple[int, int], *told: str) -> Flow:
        opened_won, opened_lost = opened.get(channel, (0, 0))
        won, lost, waiting = (round(count * size) for count in (won, lost, waiting))
        return Flow(channel, won, lost, waiting, Decimal(hours), amounts, told, opened_won, opened_lost)

    return (
        flow("referral", 24, 9, 2, "1.5", (400, 3200),
             "Une amie m’a parlé de vous", "Recommandée par mon comptable", "Le bouche-à-oreille"),
        flow("prospecting", 20, 22, 4, "4", (600, 4200), "Vous m’avez démarchée", "Votre courrier du printemps"),
        flow("search", 9, 10, 2, "0.5", (300, 1800), "En cherchant sur Google", "Par un moteur de recherche"),
        flow("event", 7, 4, 1, "1", (500, 2600), "Au salon des artisans", "À la foire, sur votre stand"),
        flow("email", 4, 2, 0, "0.5", (300, 1500), "Votre lettre d’information"),
        flow("recurrence", 9, 1, 0, "0.5", (400, 2400), "Déjà cliente"),
        Flow(None, 1, 1, 0, Decimal(0), (400, 1600)),
    )  # fmt: skip


_HOURS = {
    "x": Decimal("1"),
    "facebook": Decimal("1"),
    "mastodon": Decimal("0.75"),
    "bluesky": Decimal("0.75"),
}

WORLDS = {
    world.name: world
    for world in (
        World(
            name="mirage",
            says="networks bring readers and no client: not at the last touch, nor earlier",
            asks=0.002,
            buys=0.0,
            flows=_flows(referral=(1, 0), prospecting=(0, 1)),
            network_hours=_HOURS,
        ),
        World(
            name="doors",
            says="networks close nothing, but half of the clients had read a post before somebody sent them",
            asks=0.002,
            buys=0.0,
            flows=_flows(referral=(21, 1), prospecting=(6, 2), search=(3, 1), event=(6, 0), email=(2, 0)),
            network_hours=_HOURS,
        ),
        World(
            name="works",
            says="about four clients in ten come straight from a post",
            asks=0.018,
            buys=0.6,
            flows=_flows(0.6, referral=(3, 1), prospecting=(2, 2), email=(1, 0)),
            network_hours=_HOURS,
        ),
    )
}
