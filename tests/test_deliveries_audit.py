"""What is really on the accounts: the pure comparison, and the real adapters against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crosspost.clock import SystemClock
from crosspost.commands.connect import Connector
from crosspost.commands.seen import seen
from crosspost.commands.setup import add_brand
from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.delivery import Attempt, Delivery, DeliveryClass, LatePolicy, Outgoing, State
from crosspost.domain.ids import new_code, new_id, record_key
from crosspost.domain.ownlink import OwnLinks
from crosspost.domain.post import Listing, Post
from crosspost.domain.seen import Holds, Looked, Seen, Wrong, compare, resent
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Teaser
from crosspost.networks.network import Network, Publisher
from crosspost.outside.http import Outbound
from crosspost.sandbox.running import Sandbox
from crosspost.secret import Secret
from crosspost.store import deliveries, flights, links
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.vault import MasterKey, Vault

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)
PUBLIC = "https://go.example"
OURS = OwnLinks.of(PUBLIC, ["https://blog.example/a"])


def row(
    code: str, state: State = State.PUBLISHED, *, at: datetime = NOW - timedelta(days=1), **more: object
) -> Delivery:
    teaser = Teaser(f"x {PUBLIC}/{code}", f"{PUBLIC}/{code}", "fr", "text")
    made = Delivery(
        id=f"d-{code}", brand_id="b", account_id="a", article_id=None, parent_id=None, revision=1, state=state,
        reason="published", teaser=teaser, sha256="", code=code, key="", record_key="", due_at=at, due_local="",
        zone="UTC", tzdata="", late_policy=LatePolicy.PUBLISH, window_s=3600, created_at=at, changed_at=at,
        remote_id=f"p-{code}", published_at=at if state is State.PUBLISHED else None, approved_at=at,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def post(code: str, number: int = 1, *, link: str | None = None) -> Post:
    return Post(f"p-{code}" if number == 1 else f"p-{code}-{number}", None, "x", NOW, (link or f"{PUBLIC}/{code}",))


def judged(
    rows: list[Delivery],
    shown: list[Post],
    *,
    reach: datetime | None = SINCE,
    attempts: dict[str, list[Attempt]] | None = None,
    deleted: frozenset[str] = frozenset(),
    declared: DeliveryClass = DeliveryClass.READABLE,
    registered: frozenset[str] = frozenset(),
) -> Seen:
    looked = [Looked("a", "x @lea", Listing(tuple(shown), reach))]
    return compare(
        rows, attempts or {}, looked, {one.id: declared for one in rows}, OURS,
        registered | {one.code for one in rows}, deleted, since=SINCE, now=NOW,
    )  # fmt: skip


def kinds(found: Seen) -> list[Wrong]:
    return [one.wrong for one in found.findings]


CODES = [new_code() for _ in range(9)]


def test_all_is_well() -> None:
    found = judged([row(one) for one in CODES], [post(one) for one in CODES])
    assert found.good
    (account,) = found.accounts
    assert (account.published, account.found, account.young, account.untold) == (9, 9, 0, 0)
    assert [one.holds for one in found.guarantees] == [
        Holds.UNTOLD, Holds.HOLDS, Holds.UNTOLD, Holds.HOLDS, Holds.HOLDS,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "broken"), [(DeliveryClass.READABLE, "G2"), (DeliveryClass.KEY, "G1"), (DeliveryClass.RECORD, "G1")]
)
def test_twice(declared: DeliveryClass, broken: str) -> None:
    found = judged([row(CODES[0])], [post(CODES[0]), post(CODES[0], 2)], declared=declared)
    assert kinds(found) == [Wrong.TWICE]
    assert len(found.findings[0].evidence) == 2
    assert [one.name for one in found.guarantees if one.holds is Holds.BROKEN] == [broken]


def test_twice_on_two_accounts_is_twice() -> None:
    both = [Looked(name, name, Listing((post(CODES[0]),), SINCE)) for name in ("a", "z")]
    found = compare([row(CODES[0])], {}, both, {}, OURS, frozenset(CODES), frozenset(), since=SINCE, now=NOW)
    assert kinds(found) == [Wrong.TWICE]


def test_one_post_with_the_link_in_text_and_card_is_once() -> None:
    both = replace(post(CODES[0]), links=(f"{PUBLIC}/{CODES[0]}", f"{PUBLIC}/{CODES[0]}"))
    assert judged([row(CODES[0])], [both]).good


def test_never_and_only_where_silence_means_something() -> None:
    found = judged([row(CODES[0])], [])
    assert kinds(found) == [Wrong.NEVER]
    old = row(CODES[0], at=NOW - timedelta(days=10))
    unmarked = row(CODES[0], teaser=Teaser("x", f"{PUBLIC}/{CODES[0]}", "fr", "reply"))
    for one, more in (
        (old, {"reach": NOW - timedelta(days=9)}), (old, {"reach": None}), (unmarked, {}),
        (row(CODES[0]), {"deleted": frozenset(CODES)}), (row(CODES[0], parent_id="d"), {}),
    ):  # fmt: skip
        found = judged([one], [], **more)
        assert found.good
        assert found.accounts[0].untold == 1
    fresh = judged([row(CODES[0], at=NOW - timedelta(minutes=5))], [])
    assert fresh.good
    assert fresh.accounts[0].young == 1


def test_a_post_whose_link_the_network_swallowed_is_known_by_its_id() -> None:
    swallowed = replace(post(CODES[0]), links=())
    assert judged([row(CODES[0])], [swallowed]).accounts[0].found == 1


def test_unknown_is_ours_by_shape_and_place_only() -> None:
    mine, code = row(CODES[0]), CODES[1]
    direct = f"https://www.blog.example/b?utm_campaign=ete-{code}&utm_content={code}"
    for link in (f"{PUBLIC}/{code}", direct):
        found = judged([mine], [post(CODES[0]), post(code, link=link)])
        assert kinds(found) == [Wrong.UNKNOWN]
        assert found.findings[0].code == code
    for link in (
        "https://blog.example/b", f"https://other.example/{code}", direct.replace("blog", "other"),
        f"https://blog.example/b?utm_content={code}", f"{PUBLIC}/health", f"{PUBLIC}/{code}x",
        "https://blog.example/b?utm_content=sundaypaper&utm_campaign=x-sundaypaper",
    ):  # fmt: skip
        assert judged([mine], [post(CODES[0]), post(code, link=link)]).good, link
    assert judged([mine], [post(CODES[0]), post(code)], registered=frozenset([code])).good


@pytest.mark.parametrize("state", [State.MISSED, State.REJECTED, State.CANCELLED, State.SCHEDULED, State.DRAFT])
def test_there_though_recorded_as_never_sent(state: State) -> None:
    found = judged([row(CODES[0], state, at=NOW)], [post(CODES[0])])
    assert kinds(found) == [Wrong.UNRECORDED]


@pytest.mark.parametrize("state", [State.UNKNOWN, State.NEEDS_PERSON])
def test_what_is_unclear_and_seen_is_told_not_blamed(state: State) -> None:
    found = judged([row(CODES[0], state, at=NOW)], [post(CODES[0])])
    assert found.good
    assert found.accounts[0].open == (f"d-{CODES[0]}",)


def test_lost_and_unproven_are_seen_in_the_records() -> None:
    stuck = row(CODES[0], State.UNKNOWN, at=NOW - timedelta(days=3))
    silent = row(CODES[1], State.MISSED, reason=None)
    unproven = row(CODES[2], remote_id=None)
    waiting = row(CODES[3], State.UNKNOWN, at=NOW - timedelta(hours=3))
    found = judged([stuck, silent, unproven, waiting], [post(CODES[2])])
    assert {(one.wrong, one.code) for one in found.findings} == {
        (Wrong.LOST, CODES[0]), (Wrong.LOST, CODES[1]), (Wrong.UNPROVEN, CODES[2]),
    }  # fmt: skip
    assert [one.name for one in found.guarantees if one.holds is Holds.BROKEN] == ["G4", "G5"]


def tries(*made: tuple[str, str | None]) -> list[Attempt]:
    return [
        Attempt(str(n), "d", n, action, n, "w", NOW, NOW, outcome, None) for n, (action, outcome) in enumerate(made)
    ]


@pytest.mark.parametrize(("made", "bad"), [
    ((("send", "unknown"), ("send", "published")), True), ((("send", None), ("send", "published")), True),
    ((("send", "owner died"), ("look", "inconclusive"), ("send", "x")), True),
    ((("restore", "unknown"), ("send", "published")), True),
    ((("send", "not sent"), ("send", "rate limited"), ("send", "published")), False),
    ((("send", "unknown"), ("person", "not there"), ("send", "published")), False),
    ((("restore", "unknown"), ("restore", "needs_person"), ("person", "not there"), ("send", "published")), False),
])  # fmt: skip
def test_sent_again_where_nothing_tells(made: tuple[tuple[str, str | None], ...], bad: bool) -> None:
    attempts = tries(*made)
    assert (resent(attempts) is not None) is bad
    found = judged(
        [row(CODES[0])], [post(CODES[0])], attempts={f"d-{CODES[0]}": attempts}, declared=DeliveryClass.BLIND
    )
    assert (Wrong.RESENT in kinds(found)) is bad
    g3 = found.guarantees[2]
    assert g3.holds is (Holds.BROKEN if bad else Holds.HOLDS)
    seldom = judged([row(CODES[0])], [post(CODES[0])], attempts={f"d-{CODES[0]}": attempts})
    assert seldom.good, "a class that can be read may be sent again after a verdict"


def test_an_account_that_was_not_read_proves_nothing() -> None:
    looked = [Looked("a", "x @lea", None, "the token is refused")]
    found = compare([row(CODES[0])], {}, looked, {}, OURS, frozenset(CODES), frozenset(), since=SINCE, now=NOW)
    assert found.good
    assert (found.accounts[0].untold, found.accounts[0].unread) == (1, "the token is refused")
    assert [one.holds for one in found.guarantees[:2]] == [Holds.UNTOLD] * 2


# Against the sandbox, through the adapters


class Bench:
    """A brand with one account on each of the sandbox's networks; what it publishes is recorded as the engine does."""

    def __init__(self, sandbox: Sandbox, database: Database) -> None:
        self.sandbox, self.store, self.clock = sandbox, Store(database), SystemClock()
        outbound = Outbound(private_origins=frozenset({sandbox.origin}), timeout_s=10)
        self.connector = Connector(self.store, Vault(MasterKey.generate()), outbound, self.clock, 10)
        self.brand: Brand = add_brand(
            self.store, self.clock.now(), "Atelier", link_mode=LinkMode.REDIRECT, public_url=PUBLIC
        )
        self.accounts: dict[str, Account] = {}
        for network in ("x", "facebook", "mastodon", "bluesky"):
            made = sandbox.add_account(network, "lea", followers=10)
            secrets = {name: Secret(value) for name, value in made["secrets"].items()}
            self.accounts[network], _ = self.connector.connect(
                self.brand, network, secrets, server=sandbox.origin, handle=str(made["handle"])
            )

    def open(self, account: Account) -> Network:
        return self.connector.open(account)

    def publish(self, network: str, code: str, *, words: str = "Bonjour", recorded: bool = True) -> Post:
        """Really post it; `recorded`: the store knows it as published."""
        account, now = self.accounts[network], self.clock.now()
        teaser = Teaser(f"{words} {PUBLIC}/{code}", f"{PUBLIC}/{code}", "fr", "text")
        adapter = self.open(account)
        assert isinstance(adapter, Publisher)
        delivery_id = new_id(now)
        done = adapter.publish(
            Outgoing(delivery_id, 1, teaser, code, f"key-{delivery_id}", record_key(now, delivery_id, 1), now),
            lambda _: None,
        )
        if recorded:
            self.record(network, code, done)
        return done

    def record(self, network: str, code: str, done: Post | None) -> None:
        account, now = self.accounts[network], self.clock.now() - timedelta(hours=1)
        teaser = Teaser(f"Bonjour {PUBLIC}/{code}", f"{PUBLIC}/{code}", "fr", "text")
        with self.store.write(self.brand.id) as scope:
            made = deliveries.draft(scope, account.id, teaser, code, Due(now, "", "UTC"), now=now)
            made = deliveries.approve(scope, made.id, who="ana", now=now)
            links.add(scope, code, "https://blog.example/a", now, delivery_id=made.id, account_id=account.id)
            flights.write(
                scope, made, state="published", remote_id=done.remote_id if done else "gone", reason="published",
                published_at=now, first_sent_at=now,
            )  # fmt: skip

    def seen(self) -> Seen:
        return seen(self.store, self.brand, self.open, self.clock.now(), days=2)


@pytest.fixture
def bench(sqlite_database: Database) -> Iterator[Bench]:
    with Sandbox(seed=3) as sandbox:
        yield Bench(sandbox, sqlite_database)


NETWORKS = ("x", "facebook", "mastodon", "bluesky")


def test_every_kind_of_trouble_on_every_network(bench: Bench) -> None:
    codes = {network: [new_code() for _ in range(4)] for network in NETWORKS}
    for network in NETWORKS:
        bench.publish(network, codes[network][0])
    assert bench.seen().good
    assert [one.found for one in bench.seen().accounts] == [1, 1, 1, 1]
    for network in NETWORKS:
        good, twice, never, unknown = codes[network]
        bench.publish(network, twice)
        bench.publish(network, twice, words="Encore bonjour", recorded=False)
        bench.record(network, never, None)
        bench.publish(network, unknown, recorded=False)
    found = bench.seen()
    wrong = {(one.account.split()[0], one.wrong, one.code) for one in found.findings}
    assert wrong == {
        (network, what, codes[network][number])
        for network in NETWORKS
        for what, number in ((Wrong.TWICE, 1), (Wrong.NEVER, 2), (Wrong.UNKNOWN, 3))
    }
    assert all(one.reaches_back_to is not None for one in found.accounts)
    assert {one.name: one.holds for one in found.guarantees} == {
        "G1": Holds.BROKEN, "G2": Holds.BROKEN, "G3": Holds.UNTOLD, "G4": Holds.HOLDS, "G5": Holds.HOLDS,
    }  # fmt: skip


def test_a_refused_token_is_a_reason_not_a_verdict(bench: Bench) -> None:
    bench.publish("mastodon", new_code())
    bench.sandbox.set_tokens(bench.accounts["mastodon"].remote_id, "revoke")
    found = bench.seen()
    unread = {one.account.split()[0]: one.unread for one in found.accounts if one.unread}
    assert list(unread) == ["mastodon"]
    assert found.good
