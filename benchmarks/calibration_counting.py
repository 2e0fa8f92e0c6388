"""Worlds for the audits that count and share out credit: A1–A7. See `calibration`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta

from benchmarks.calibration_ledgers import (
    OURS,
    PROMISED,
    REST,
    START,
    Rng,
    Seen,
    World,
    Z,
    fees,
    given,
    hours,
    lead,
    ledger,
    seen,
    share_width,
)  # fmt: skip
from crosspost.audit import verdict
from crosspost.audit.counting import against, answers, payback
from crosspost.audit.counting import hours as returns
from crosspost.audit.credit import section as credit
from crosspost.audit.credit.compare import compare
from crosspost.audit.credit.paths import count
from crosspost.audit.ledger import LeadRow


def shares() -> list[World]:
    """A1: under 10 % of clients come by networks. `lost` is the share of clients whose channel nobody recorded."""
    claim = verdict.DEFAULT_CLAIMS[0]

    def world(name: str, p: float, n: int, *, lost: float = 0.0, lost_ours: float = 0.0, sized: bool = False) -> World:
        def look(rng: Rng) -> Seen:
            ours = rng.random(n) < p
            hidden = rng.random(n) < [lost_ours if one else lost for one in ours]
            rows = [lead(i, None if hidden[i] else OURS if ours[i] else REST, True) for i in range(n)]
            data = given(ledger(rows)).data
            return seen(verdict.find(claim, data.clients, leads=n, weeks=313.0))

        hides = lost or lost_ours
        width = share_width(p, n) if sized else None
        return World(name, p < claim.margin, look, None if hides else p, PROMISED if sized else None, width)

    return [
        world("at the margin", 0.10, 120),
        world("just under the margin", 0.0999, 120),
        world("few clients", 0.10, 20),
        world("untracked networks, many clients by them", 0.15, 120, lost_ours=0.8),
        world("untracked others, few clients by networks", 0.0999, 120, lost=0.6),
        world("plainly true", 0.02, 150, sized=True),
        world("plainly false", 0.25, 150, sized=True),
    ]


def met() -> list[World]:
    """A1: under 10 % of clients met a network on their way. `lost` is the share whose journey nobody recorded."""
    claim = verdict.DEFAULT_CLAIMS[2]

    def world(name: str, p: float, n: int, *, lost: float = 0.0, sized: bool = False) -> World:
        def look(rng: Rng) -> Seen:
            paths = [(OURS, REST) if one else (REST,) for one in rng.random(n) < p]
            hidden = rng.random(n) < lost
            rows = [lead(i, REST, True, touches=() if hidden[i] else paths[i]) for i in range(n)]
            return seen(verdict.find(claim, given(ledger(rows)).data.clients, leads=n, weeks=313.0))

        width = share_width(p, n) if sized else None
        return World(name, p < claim.margin, look, None if lost else p, PROMISED if sized else None, width)

    return [
        world("at the margin", 0.10, 120),
        world("just under the margin", 0.0999, 120),
        world("a third of the journeys lost", 0.10, 120, lost=1 / 3),
        world("plainly true", 0.02, 150, sized=True),
        world("plainly false", 0.25, 150, sized=True),
    ]


def conversion() -> list[World]:
    """A2: leads by networks convert at under 0.8 of the rest's rate."""

    def world(name: str, p: float, q: float, n: int, m: int, *, lost: float = 0.0, sized: bool = False) -> World:
        def look(rng: Rng) -> Seen:
            won = [*(rng.random(n) < p), *(rng.random(m) < q)]
            hidden = rng.random(n + m) < lost
            rows = [lead(i, None if hidden[i] else OURS if i < n else REST, bool(won[i])) for i in range(n + m)]
            return seen(against.find(given(ledger(rows))))

        spread = math.sqrt((1 - p) / (n * p) + (1 - q) / (m * q))
        value = None if lost else p / q
        return World(
            name, p / q < against.CLAIM.margin - 1e-9, look, value, PROMISED if sized else None, 2 * Z * spread, True
        )

    return [
        world("at the margin", 0.16, 0.20, 120, 200),
        world("just under the margin", 0.1598, 0.20, 120, 200),
        world("few leads", 0.16, 0.20, 55, 60),
        world("untracked sources", 0.16, 0.20, 150, 250, lost=0.2),
        world("plainly true", 0.08, 0.20, 300, 500, sized=True),
        world("plainly false", 0.28, 0.20, 300, 500, sized=True),
    ]


Mix = Mapping[tuple[str, ...], tuple[float, float]]  # path: share of journeys, share of those that are won


def _credited(mix: Mix) -> float:
    """The share of credit that order 1 gives to the first channel, in endless journeys."""
    many = 10_000_000
    counts = count([(path, round(many * p * won), 0, round(many * p * (1 - won))) for path, (p, won) in mix.items()])
    found = compare(counts, (1,)).conversions["markov_1"]
    return float(found.max() / found.sum())


def credit_first() -> list[World]:
    """A3: all models put one channel first. It is false where they would not in endless journeys."""

    def world(name: str, claim: bool, mix: Mix, n: int, *, sized: bool = False, covers: bool = True) -> World:
        paths, chances = list(mix), [p for p, _ in mix.values()]

        def look(rng: Rng) -> Seen:
            drawn = rng.choice(len(paths), n, p=chances)
            won = rng.random(n) < [mix[paths[one]][1] for one in drawn]
            rows = [lead(i, None, bool(won[i]), touches=paths[one]) for i, one in enumerate(drawn)]
            return seen(credit.credit(given(ledger(rows))).findings[0])

        value = _credited(mix) if covers else None
        return World(name, claim, look, value, PROMISED if sized else None)

    a, b, c = "search", "email", "mastodon"
    even = {(a,): (0.25, 0.5), (b,): (0.25, 0.5), (a, b): (0.25, 0.5), (b, a): (0.25, 0.5)}
    led = {(a,): (0.5, 0.6), (a, b): (0.2, 0.5), (b, a): (0.15, 0.5), (c, a): (0.15, 0.4)}
    torn = {(a, c, b): (0.45, 0.5), (a, b): (0.35, 0.5), (c,): (0.2, 0.2)}
    return [
        world("two channels alike", False, even, 200, covers=False),  # which of them comes first is chance
        world("few journeys", False, even, 80, covers=False),
        world("plainly true", True, led, 200, sized=True),
        world("plainly false", False, torn, 200, sized=True, covers=False),
    ]


def doors() -> list[World]:
    """A4: those who were won had met a network less often than those who were lost."""

    def world(name: str, p: float, q: float, n: int, *, sized: bool = False) -> World:
        def look(rng: Rng) -> Seen:
            met = [*(rng.random(n) < p), *(rng.random(n) < q)]
            rows = [lead(i, None, i < n, touches=(OURS, REST) if met[i] else (REST,)) for i in range(2 * n)]
            return seen(credit.open_doors(given(ledger(rows))).findings[0])

        value = p * (1 - q) / (q * (1 - p))
        width = 2 * Z * math.sqrt(sum(1 / (n * one) for one in (p, 1 - p, q, 1 - q)))
        return World(name, value < 1 - 1e-9, look, value, PROMISED if sized else None, width, True)

    return [
        world("at the margin", 0.30, 0.30, 60),
        world("just under the margin", 0.2998, 0.30, 60),
        world("few leads", 0.30, 0.30, 22),
        world("plainly true", 0.15, 0.40, 100, sized=True),
        world("plainly false", 0.50, 0.22, 100, sized=True),
    ]


def told() -> list[World]:
    """A5: what clients say matches the record. `kappa` of them answer as recorded, the others as often as all do."""
    names, common = (OURS, REST, "search", "event"), (0.4, 0.3, 0.2, 0.1)

    def world(name: str, kappa: float, n: int, *, sized: bool = False) -> World:
        def look(rng: Rng) -> Seen:
            recorded, other = rng.choice(4, n, p=common), rng.choice(4, n, p=common)
            said = [r if agrees else o for r, o, agrees in zip(recorded, other, rng.random(n) < kappa, strict=True)]
            rows = [lead(i, names[recorded[i]], True, told_channel=names[said[i]]) for i in range(n)]
            return seen(answers.find(given(ledger(rows)))[0])

        return World(name, kappa > answers.CLAIM.margin, look, kappa, PROMISED if sized else None)

    return [
        world("at the margin", 0.6, 60),
        world("just over the margin", 0.601, 60),
        world("few clients", 0.6, 22),
        world("plainly true", 0.85, 120, sized=True),
        world("plainly false", 0.3, 120, sized=True),
    ]


def made_up() -> list[World]:
    """A5: under 5 % of answers name a channel that never ran."""

    def world(name: str, p: float, n: int, *, sized: bool = False) -> World:
        def look(rng: Rng) -> Seen:
            rows = [lead(i, REST, True, told_channel="placebo" if rng.random() < p else REST) for i in range(n)]
            return seen(answers.find(given(ledger(rows, placebo=frozenset({"radio"}))))[1])

        width = share_width(p, n) if sized else None
        return World(name, p < answers.PLACEBO_CLAIM.margin, look, p, PROMISED if sized else None, width)

    return [
        world("at the margin", 0.05, 150),
        world("just under the margin", 0.0499, 150),
        world("few answers", 0.05, 30),
        world("plainly true", 0.005, 250, sized=True),
        world("plainly false", 0.15, 150, sized=True),
    ]


def paid_back() -> list[World]:
    """A6: what networks cost comes back within a year. `share` is the cost over what comes back in it on average."""
    rate, mean = 0.2, 100_000

    def world(name: str, share: float, n: int, *, lost: float = 0.0, sized: bool = False) -> World:
        cost = round(n * rate * mean * share)

        def look(rng: Rng) -> Seen:
            rows: list[LeadRow] = []
            for i in range(n):
                won = bool(rng.random() < rate)
                at = START + timedelta(days=int(rng.integers(0, 12)) * 30.4 + 16) if won else None
                money = round(float(rng.lognormal(math.log(mean) - 0.18, 0.6))) if won else None
                channel = None if rng.random() < lost else OURS
                rows.append(lead(i, channel, won, won_at=at, amount_minor=money, currency="EUR"))
            return seen(payback.find(given(ledger(rows, effort=[fees(OURS, cost)]))))

        month = float(math.ceil(12 * share - 1e-9))
        return World(name, share <= 1, look, month if share < 0.9 and not lost else None, PROMISED if sized else None)

    return [
        world("just not", 1.001, 200),
        world("just paid back", 0.999, 200),
        world("few leads", 1.001, 90),
        world("untracked sources", 0.999, 200, lost=0.3),
        world("plainly true", 0.55, 300, sized=True),
        world("plainly false", 1.8, 300, sized=True),
    ]


def an_hour() -> list[World]:
    """A7: an hour on networks brings fewer new clients than one of prospecting; `x` and `y` are expected of 100 and
    200 hours."""

    def world(name: str, x: float, y: float, *, lost: float = 0.0, sized: bool = False) -> World:
        def look(rng: Rng) -> Seen:
            channels = [OURS] * int(rng.poisson(x)) + ["prospecting"] * int(rng.poisson(y))
            rows = [lead(i, None if rng.random() < lost else one, True) for i, one in enumerate(channels)]
            effort = [hours(OURS, 100.0), hours("prospecting", 200.0)]
            return seen(returns.find(given(ledger(rows, effort=effort))))

        value = 2 * x / y
        width = 2 * Z * math.sqrt(1 / x + 1 / y)
        return World(name, value < 1 - 1e-9, look, None if lost else value, PROMISED if sized else None, width, True)

    return [
        world("at the margin", 10, 20),
        world("just under the margin", 9.99, 20),
        world("few clients", 3, 6),
        world("untracked sources", 10, 20, lost=0.2),
        world("plainly true", 10, 60, sized=True),
        world("plainly false", 60, 40, sized=True),
    ]


def worth() -> list[World]:
    """A7: an hour on networks returns less than 50 EUR. `share` of it is what 100 hours return on average.

    Ten deals by others are worth as much each: where networks brought none, the audit goes by what others bring.
    """

    def world(name: str, share: float, deals: float, *, sized: bool = False) -> World:
        per_hour = share * 50.0
        size = per_hour * 100 / deals * 100

        def look(rng: Rng) -> Seen:
            ours = int(rng.poisson(deals))
            amounts = rng.lognormal(math.log(size) - 0.125, 0.5, ours + 10)
            rows = [
                lead(i, OURS if i < ours else REST, True, amount_minor=round(float(minor)), currency="EUR")
                for i, minor in enumerate(amounts)
            ]
            effort = [hours(OURS, 100.0)]
            return seen(returns.worth(given(ledger(rows, effort=effort, rate_minor=5_000)))[0])

        width = 2 * Z * math.sqrt(math.exp(0.25) / deals)  # of a sum of so many amounts, as a share of it
        return World(name, share < 1, look, per_hour, PROMISED if sized else None, width, True)

    return [
        world("at the margin", 1.0, 20),
        world("just under the margin", 0.999, 20),
        world("few deals", 1.0, 4),
        world("plainly true", 0.4, 40, sized=True),
        world("plainly false", 2.2, 40, sized=True),
    ]


AUDITS: Sequence[tuple[str, list[World]]] = (
    ("A1 clients_under_10", shares()),
    ("A1 doors_under_10", met()),
    ("A2 networks_convert_worse", conversion()),
    ("A3 credit_first", credit_first()),
    ("A4 doors_odds", doors()),
    ("A5 told_matches_record", told()),
    ("A5 few_made_up", made_up()),
    ("A6 networks_pay_back", paid_back()),
    ("A7 prospecting_beats_networks", an_hour()),
    ("A7 networks_under_rate", worth()),
)
