"""What a hit's neighbours say: one fixture a rule, and judgements that do not depend on how the log was cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select, update

from crosspost.commands import fold as fold_module
from crosspost.commands.fold import fold
from crosspost.commands.judging import _stretches
from crosspost.domain.judging import RULES, RULESET, described, judge_alone, judge_together, version
from crosspost.domain.neighbours import (
    BARE_BURST,
    BEFORE_US,
    BESIDE_US,
    BURST,
    BURST_US,
    NEIGHBOUR_RULES,
    REACH_US,
    SAME_BURST,
    SOON_US,
    NeighbourRule,
    judge_around,
)
from crosspost.domain.period import instant_of, microseconds
from crosspost.domain.traffic import Hit, Judged, Judgement
from crosspost.hitlog.record import MAGIC, encode
from crosspost.store import links, traffic
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.store.tables import day_count, hit, segment
from tests.blank import BRAND, NOW, TARGET, settled

AT = microseconds(NOW)
S = 1_000_000
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

One = tuple[int, str, bool]  # microseconds after AT, user agent, bare

# Per rule: hits, and the places it holds for. No published post but where the rule is about it.
FIXTURES: dict[str, tuple[list[One], set[int]]] = {
    "just-published": (
        [(-BEFORE_US - 1, "a", True), (-BEFORE_US, "b", True), (0, "c", False), (SOON_US, "d", True),
         (SOON_US + 1, "e", True)],
        {1, 3},
    ),
    "beside-a-machine": (
        [(0, "Twitterbot/1.0", True), (BESIDE_US - 1, "a", False), (BESIDE_US, "b", True), (BESIDE_US + 1, "c", True)],
        {2},
    ),
    "bare-burst": (
        [(n * BURST_US // (BARE_BURST - 1), f"a{n}", True) for n in range(BARE_BURST)] + [(3 * BURST_US, "b", True)],
        set(range(BARE_BURST)),
    ),
    "same-burst": (
        [(n * BURST_US // (SAME_BURST - 1), "same", False) for n in range(SAME_BURST)] + [(BURST_US, "b", False)],
        set(range(SAME_BURST)),
    ),
    "burst": (
        [(n * BURST_US // (BURST - 1), f"a{n}", False) for n in range(BURST)] + [(3 * BURST_US, "b", False)],
        set(range(BURST)),
    ),
}  # fmt: skip


def judged(rules: tuple[NeighbourRule, ...], hits: list[One], published_us: int | None = AT) -> dict[int, Judged]:
    agents = [named(agent) for _, agent, _ in hits]
    alone = [judge_alone("GET", "", agent) for agent in agents]
    return judge_around(
        rules, [AT + us for us, _, _ in hits], agents, [bare for _, _, bare in hits], alone, published_us, RULESET
    )


def test_every_rule_has_one_fixture_and_every_fixture_a_rule() -> None:
    assert list(FIXTURES) == [rule.name for rule in NEIGHBOUR_RULES]
    assert not {rule.name for rule in NEIGHBOUR_RULES} & {rule.name for rule in RULES}


@pytest.mark.parametrize("rule", NEIGHBOUR_RULES, ids=lambda rule: rule.name)
def test_each_rule_fires_alone_and_in_company(rule: NeighbourRule) -> None:
    hits, places = FIXTURES[rule.name]
    published = AT if rule.name == "just-published" else None
    alone = judged((rule,), hits, published)
    assert {place: (one.rule, one.judgement) for place, one in alone.items()} == dict.fromkeys(
        places, (rule.name, Judgement.UNSURE)
    )
    together = judged(NEIGHBOUR_RULES, hits, published)
    assert {place for place, one in together.items() if one.rule == rule.name} == places, "another rule hides it"
    others = tuple(one for one in NEIGHBOUR_RULES if one is not rule)
    assert set(judged(others, hits, published)) != places, "without it, something would be judged otherwise"
    assert all(one.ruleset == RULESET for one in together.values())


@pytest.mark.parametrize("rule", NEIGHBOUR_RULES, ids=lambda rule: rule.name)
def test_each_rule_names_its_source_and_date_and_is_in_the_version(rule: NeighbourRule) -> None:
    assert len(rule.source) > 8
    assert date(2026, 1, 1) <= date.fromisoformat(rule.read_on) <= date(2027, 12, 31)
    assert rule.source in (described(rule.name) or "")
    changed = [replace(one, wording="else") if one is rule else one for one in NEIGHBOUR_RULES]
    assert version([*RULES, *changed]) != RULESET == version([*RULES, *NEIGHBOUR_RULES])


def test_what_a_network_sends_for_one_link_is_no_click() -> None:
    """X, as it was seen: its robot once, and three requests for the head under browsers' names."""
    sent = [("GET", "Twitterbot/1.0"), ("HEAD", FIREFOX), ("HEAD", FIREFOX), ("HEAD", FIREFOX), ("GET", FIREFOX)]
    alone = [judge_alone(method, "", agent) for method, agent in sent]
    times = [AT + n * S for n in range(len(sent))]
    together = judge_together(times, [agent for _, agent in sent], [True] * len(sent), alone, None)
    assert [one.judgement for one in alone[:4]] == [Judgement.PREVIEW] * 4
    assert together[4].rule == "beside-a-machine"


def test_people_are_people_whatever_is_near() -> None:
    """Readers send a language or a referrer; two taps of one, and nine in three seconds, are still readers."""
    readers = [(n * BURST_US // BURST, f"reader {n // 2}", False) for n in range(BURST - 1)]
    assert judged(NEIGHBOUR_RULES, [(0, "Twitterbot/1.0", True), *readers]) == {}
    assert judged(NEIGHBOUR_RULES, [(-BEFORE_US * 2, "a", True), (SOON_US * 2, "a", True)]) == {}, "alone, long after"


@pytest.mark.parametrize("seed", range(12))
def test_a_judgement_depends_on_what_is_within_reach_alone(seed: int) -> None:
    rng = Random(seed)
    hits = drawn(rng, 120)
    whole = judged(NEIGHBOUR_RULES, hits)
    for place, (us, _, _) in enumerate(hits):
        near = [n for n, one in enumerate(hits) if abs(one[0] - us) <= REACH_US]
        assert judged(NEIGHBOUR_RULES, [hits[n] for n in near]).get(near.index(place)) == whole.get(place)
    shuffled = sorted(rng.sample(range(120), 120), key=lambda place: hits[place][0])  # ties in another order
    again = judged(NEIGHBOUR_RULES, [hits[place] for place in shuffled])
    assert {shuffled[place]: one for place, one in again.items()} == whole


def drawn(rng: Random, number: int) -> list[One]:
    """Dense traffic with ties, in the order of time."""
    times = sorted(
        rng.choice((rng.randrange(30), rng.randrange(120), rng.randrange(3000))) * S // 3 for _ in range(number)
    )
    agents = ["Twitterbot/1.0", *("abcdefghijklmnopqrst" * 2)]
    return [(us, rng.choice(agents), rng.random() < 0.3) for us in times]


def named(agent: str) -> str:
    return agent if agent.startswith("Twitterbot") else f"Mozilla/5.0 Gecko/{agent}"


def logged(hits: list[One], code: str) -> list[Hit]:
    return [
        Hit(instant_of(AT + us), code, "GET", "h", named(agent), "" if bare else "https://r.example/", "", "")
        for us, agent, bare in hits
    ]  # fmt: skip


@pytest.fixture
def store(database: Database) -> Store:
    store = settled(database)
    with store.write(BRAND) as scope:
        links.add(scope, "one2222222", TARGET, NOW)
        links.add(scope, "two2222222", TARGET, NOW)
    return store


def found(store: Store) -> dict[tuple[str, int], tuple[str, str]]:
    """Judgement and rule of each stored hit; checks that the day counts are their sums. Then all is taken away."""
    with store.write(BRAND) as scope:
        connection = scope.connection
        query = select(hit).where(hit.c.brand_id == BRAND)
        rows = {(row.segment, row.offset): (row.judgement, row.rule) for row in connection.execute(query)}
        summed: dict[tuple[str, date, str], int] = {}
        for row in connection.execute(query):
            key = row.code, row.at.date(), row.judgement
            summed[key] = summed.get(key, 0) + 1
        days = {(one.code, one.day, one.judgement.value): one.hits for one in traffic.counts(scope)}
        assert days == summed
        connection.execute(hit.delete().where(hit.c.brand_id == BRAND))
        connection.execute(day_count.delete().where(day_count.c.brand_id == BRAND))
        connection.execute(segment.delete())
    return rows


@pytest.mark.parametrize("seed", range(2))
def test_it_makes_no_difference_how_the_log_is_cut(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Two writers' segments, folded at once, or record by record and out of order, with neighbours that come late."""
    rng = Random(seed)
    every = logged(drawn(rng, 80), "one2222222") + logged(drawn(rng, 80), "two2222222")
    rng.shuffle(every)  # a segment need not be in the order of time
    names = ["late", "soon"]
    parts = {name: every[number::2] for number, name in enumerate(names)}
    folder = tmp_path / "hits"
    folder.mkdir()

    def grow(name: str, until: int) -> None:
        records = b"".join(map(encode, parts[name][:until]))
        (folder / f"{name}.hits").write_bytes(MAGIC + b"{}\n" + records)

    for name in names:
        grow(name, len(parts[name]))
    assert fold(store, folder, NOW).hits == len(every)
    at_once = found(store)
    assert len({rule for _, rule in at_once.values()}) >= 4, "too little happens here"
    monkeypatch.setattr(fold_module, "BATCH", rng.choice((1, 3, 7)))
    done = dict.fromkeys(names, 0)
    for path in folder.glob("*.hits"):
        path.unlink()
    while any(done[name] < len(parts[name]) for name in names):
        name = rng.choice(names)
        done[name] = min(len(parts[name]), done[name] + rng.randrange(1, 15))
        grow(name, done[name])
        fold(store, folder, NOW)
    assert found(store) == at_once


def test_hits_of_older_rules_are_company_and_stay_as_they_were_judged(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "hits"
    folder.mkdir()
    (folder / "a.hits").write_bytes(MAGIC + b"{}\n" + b"".join(map(encode, logged([(0, "a", True)], "one2222222"))))
    fold(store, folder, NOW)
    with store.write(BRAND) as scope:
        scope.connection.execute(update(hit).where(hit.c.brand_id == BRAND).values(ruleset="2020-01-01+older"))
    more = logged([(S, "Twitterbot/1.0", True), (2 * S, "b", True)], "one2222222")
    (folder / "b.hits").write_bytes(MAGIC + b"{}\n" + b"".join(map(encode, more)))
    fold(store, folder, NOW)
    assert sorted(found(store).values()) == [
        ("person", "browser"), ("preview", "agent:x"), ("unsure", "beside-a-machine"),
    ]  # fmt: skip


def test_instants_are_read_where_there_are_any() -> None:
    days = 3 * traffic.DAY_US
    assert _stretches([5]) == [(5, 5)]
    assert _stretches([0, 5, days, days + 7, 9 * days]) == [(0, 5), (days, days + 7), (9 * days, 9 * days)]


def test_the_instant_of_publishing_is_the_deliverys(store: Store, tmp_path: Path) -> None:
    from crosspost.domain.slots import Due
    from crosspost.domain.teaser import Teaser
    from crosspost.store import deliveries
    from crosspost.store.tables import delivery
    from tests.blank import ACCOUNT

    folder = tmp_path / "hits"
    folder.mkdir()
    with store.write(BRAND) as scope:
        for code, placement in (("one2222222", "text"), ("two2222222", "bio")):
            teaser = Teaser(f"text https://go.example/{code}", f"https://go.example/{code}", link_placement=placement)
            due = Due(NOW, NOW.isoformat(), "UTC")
            deliveries.draft(scope, ACCOUNT, teaser, code, due, now=NOW)
        scope.connection.execute(
            update(delivery).where(delivery.c.brand_id == BRAND).values(published_at=NOW + timedelta(seconds=1))
        )
    hits = [one for code in ("one2222222", "two2222222") for one in logged([(3 * S, "a", True)], code)]
    (folder / "a.hits").write_bytes(MAGIC + b"{}\n" + b"".join(map(encode, hits)))
    fold(store, folder, NOW)
    with store.read(BRAND) as scope:
        query = select(hit.c.code, hit.c.rule).where(hit.c.brand_id == BRAND).order_by(hit.c.code)
        rules = [tuple(row) for row in scope.connection.execute(query)]
    assert rules == [("one2222222", "just-published"), ("two2222222", "browser")], "no network meets a bio page's link"
