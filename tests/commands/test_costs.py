"""What X asks: estimated before, recorded per request, held by budgets, and never hidden by a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crosspost.commands.adoption import Adoption, adopt
from crosspost.commands.collect import collect
from crosspost.commands.connect import Connector
from crosspost.commands.costs import CostReport, estimate, report, set_budget
from crosspost.commands.deliver import Deliverer
from crosspost.commands.workers import become_worker
from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.costs import Charge, Cost, amount, priced
from crosspost.domain.delivery import Delivery, State
from crosspost.domain.errors import BadInput, Conflict, OutcomeUnknown
from crosspost.domain.ids import new_code, new_id
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.domain.slots import Due
from crosspost.domain.teaser import Attachment, Teaser
from crosspost.domain.windows import Windows
from crosspost.networks.x import X
from crosspost.outside.http import Outbound
from crosspost.sandbox.running import Sandbox
from crosspost.secret import Secret
from crosspost.store import brands, deliveries, notices, spending
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.vault import MasterKey, Vault
from tests.engine import HandClock
from tests.program import crosspost

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LINK = "https://go.example/k7Qm2xPz"
WINDOWS = replace(Windows(), look_gap_s=1.0, verify_after_s=86_400.0, late_gap_s=0.0, late_grace_s=1e9)


@dataclass
class Desk:
    """One brand with one account on X, on a sandbox and a clock in the hand."""

    store: Store
    brand: Brand
    account: Account
    connector: Connector
    sandbox: Sandbox
    deliverer: Deliverer
    clock: HandClock
    notices: list[Notice]

    def plan(self, text: str = "À lire") -> str:
        code, at = new_code(), self.clock.now()
        link = f"https://go.example/{code}"
        with self.store.write(self.brand.id) as scope:
            row = deliveries.draft(
                scope, self.account.id, Teaser(f"{text} : {link}", link, "fr"), code, Due(at, "", "UTC"), now=at
            )
            deliveries.approve(scope, row.id, who="ana", now=at)
        return row.id

    def tick(self, seconds: float = 0.0) -> None:
        self.clock.advance(seconds)
        self.deliverer.tick(self.clock.now(), wait=True)

    def get(self, delivery_id: str) -> Delivery:
        with self.store.read(self.brand.id) as scope:
            return deliveries.get(scope, delivery_id)

    def budget(self, day: str | None = None, month: str | None = None, *, whole: bool = False) -> None:
        limits = [None if one is None else Decimal(one) for one in (day, month)]
        set_budget(self.store, self.brand, None if whole else self.account, "USD", limits[0], limits[1])

    def report(self) -> CostReport:
        return report(self.store, self.brand, spending.month_of(self.clock.now()), self.clock.now())

    def spent(self, action: str) -> tuple[int, Decimal, Decimal]:
        """Requests, amount, and what of it is unsure."""
        mine = [one for one in self.report().rows if one.action == action]
        return (mine[0].requests, mine[0].amount, mine[0].unsure) if mine else (0, Decimal(0), Decimal(0))

    def collect(self) -> int:
        """Read what is due; how many numbers came."""
        now = self.clock.now()
        return collect(self.store, self.brand, self.connector.open, now, notify=self.notices.append).readings

    def told(self) -> list[str]:
        return [one.text for one in self.notices if one.kind is NoticeKind.BUDGET]


@pytest.fixture
def desk(sqlite_database: Database, tmp_path: Path) -> Iterator[Desk]:
    store, clock, told = Store(sqlite_database), HandClock(NOW), list[Notice]()
    brand = Brand(new_id(NOW), "lea", "Léa", "UTC", "fr", "EUR", LinkMode.DIRECT, None, False, NOW)
    with sqlite_database.write() as connection:
        brands.add(connection, brand)
    with Sandbox(seed=3) as sandbox:
        made = sandbox.add_account("x", "lea")
        outbound = Outbound(private_origins=frozenset({sandbox.origin}), timeout_s=5)
        connector = Connector(store, Vault(MasterKey.generate()), outbound, clock, 5)
        secrets = {"bearer": Secret(made["secrets"]["bearer"])}
        account, _ = connector.connect(brand, "x", secrets, server=sandbox.origin)
        ownership = become_worker(store, tmp_path)
        deliverer = Deliverer(store, clock, connector.open, ownership, windows=WINDOWS, notify=told.append, workers=1)
        yield Desk(store, brand, account, connector, sandbox, deliverer, clock, told)
        deliverer.close()
        ownership.release()


# before


def test_a_link_costs_thirteen_times_a_post_without(desk: Desk) -> None:
    told = estimate(desk.account, Teaser(f"À lire {LINK}", LINK))
    assert told is not None
    assert (told.amount, told.without_link, told.currency) == (Decimal("0.200"), Decimal("0.015"), "USD")


@pytest.mark.parametrize(
    ("text", "action"),
    [("sans lien", "post"), ("voir example.com", "post_with_link"), (f"ici {LINK}", "post_with_link")],
)
def test_a_bare_domain_is_taken_for_a_link(text: str, action: str) -> None:
    assert X.cost_of_post(Teaser(text, LINK)) == (Charge(action),)


def test_each_described_image_costs_too() -> None:
    images = tuple(Attachment(str(n) * 64, "image/png", alt, 2, 2) for n, alt in enumerate(("un", "", "deux")))
    assert X.cost_of_post(Teaser("a", LINK, images=images)) == (Charge("post"), Charge("alt_text", 2))


def test_the_owner_overrides_a_price_and_a_slip_is_refused() -> None:
    prices = X.facts.prices
    assert prices is not None
    dear = priced(prices, {"price_post": "0.02", "text_limit": "25000"})
    assert dear.each["post"] == Decimal("0.02")
    assert dear.each["post_with_link"] == Decimal("0.200")
    for settings in ({"price_post": "0,02"}, {"price_post": "-1"}, {"price_psot": "1"}, {"price_post": "NaN"}):
        with pytest.raises(BadInput, match="price_"):
            priced(prices, settings)


def test_amounts_keep_three_decimals_or_all_they_need() -> None:
    assert [str(amount(micros)) for micros in (200_000, 1_500, 0)] == ["0.200", "0.0015", "0.000"]


# recorded


def test_connecting_and_publishing_are_recorded_per_request(desk: Desk) -> None:
    assert desk.spent("user_read") == (1, Decimal("0.010"), Decimal(0))
    desk.plan()
    desk.tick()
    assert desk.spent("post_with_link") == (1, Decimal("0.200"), Decimal(0))
    assert desk.report().totals == {"USD": Decimal("0.210")}


def test_a_lost_answer_is_counted_and_marked(desk: Desk) -> None:
    desk.sandbox.set_fault("reset_after", request="publish", count=1)
    row = desk.plan()
    desk.tick()
    assert desk.get(row).state is State.UNKNOWN
    assert desk.spent("post_with_link") == (1, Decimal("0.200"), Decimal("0.200"))


def test_a_worker_that_dies_leaves_its_spend_behind(desk: Desk) -> None:
    class Dead(BaseException):
        pass

    def die(step: str) -> None:
        if step == "answered":
            raise Dead

    desk.deliverer._probe = die
    desk.plan()
    with pytest.raises(Dead):
        desk.tick()
    assert desk.spent("post_with_link") == (1, Decimal("0.200"), Decimal("0.200"))


@pytest.mark.parametrize("fault", ["rate_limited", "token_expired"])
def test_what_was_turned_away_costs_nothing(desk: Desk, fault: str) -> None:
    desk.sandbox.set_fault(fault, request="publish", count=1)
    desk.plan()
    desk.tick()
    assert desk.spent("post_with_link")[0] == 0


def test_metrics_cost_by_the_row(desk: Desk) -> None:
    desk.plan()
    desk.tick()
    desk.clock.advance(86_400)
    desk.collect()
    assert desk.spent("own_post_read") == (1, Decimal("0.001"), Decimal(0))
    assert desk.spent("user_read")[0] == 2


@pytest.mark.parametrize("fault", [{"kind": "error_after", "status": 500}, {"kind": "reset_after"}])
def test_a_deletion_that_may_have_been_made_is_counted_and_marked(desk: Desk, fault: dict[str, Any]) -> None:
    desk.plan()
    desk.tick()
    desk.sandbox.set_fault(**fault, request="delete", count=1)
    adapter: Any = desk.connector.open(desk.account)
    [post] = adapter.posts(NOW - timedelta(days=1)).posts
    with pytest.raises(OutcomeUnknown):
        adapter.delete(post)
    assert desk.spent("delete") == (1, Decimal("0.010"), Decimal("0.010"))


# held


def test_reading_in_what_was_posted_before_stops_at_the_budget(desk: Desk) -> None:
    for _ in range(3):
        desk.plan()
        desk.tick()
        desk.clock.advance(3600)

    def adopted() -> Adoption:
        return adopt(desk.store, desk.brand, desk.account, desk.connector.open, desk.clock.now(), who="ana")

    desk.budget(day="0.65")  # 0.610 is spent, and a page of a hundred may take 0.100
    with pytest.raises(Conflict, match="0.04"):
        adopted()
    assert desk.spent("own_post_read")[0] == 0
    desk.budget(day="0.75")
    assert adopted().listed == 3


def test_a_day_budget_holds_what_costs_and_tells_once_until_the_next_day(desk: Desk) -> None:
    desk.budget(day="0.45")  # the connection's read, and two posts
    rows = [desk.plan(f"n° {number}") for number in range(3)]
    for _ in range(4):
        desk.tick(10)
    assert sorted(desk.get(row).state for row in rows) == [State.PUBLISHED, State.PUBLISHED, State.SCHEDULED]
    assert len(desk.sandbox.posted()) == 2
    [text] = desk.told()
    assert "0.450 USD a day" in text
    assert "crosspost budget" in text
    desk.clock.advance((spending.day_of(NOW) + timedelta(days=1) - desk.clock.now()).total_seconds() + 1)
    late = desk.plan("le lendemain")
    desk.tick(1)
    assert desk.get(late).state is State.PUBLISHED


def test_a_month_budget_of_the_brand_holds_the_account(desk: Desk) -> None:
    desk.budget(month="0.100", whole=True)
    row = desk.plan()
    desk.tick()
    assert desk.get(row).state is State.SCHEDULED
    assert "the budget of the brand is 0.100 USD a month" in desk.told()[0]
    desk.budget(month="10", whole=True)
    desk.tick(601)
    assert desk.get(row).state is State.PUBLISHED


def test_what_is_in_flight_counts_against_the_budget(desk: Desk) -> None:
    """Two workers at two accounts of one brand: the second sees what the first has claimed."""
    prices = X.facts.prices
    assert prices is not None
    cost = Cost((Charge("post_with_link"),), prices)
    desk.budget(day="0.300", whole=True)
    with desk.store.write(desk.brand.id) as scope:
        assert spending.held(scope, "other", cost, NOW) is None
        spending.add(scope, "other", cost, NOW, attempt_id="attempt")
    with desk.store.write(desk.brand.id) as scope:
        assert spending.held(scope, desk.account.id, cost, NOW) is not None


def test_metrics_stop_at_the_budget_and_are_read_later(desk: Desk) -> None:
    desk.plan()
    desk.tick()
    desk.clock.advance(3 * 86_400)
    desk.budget(day="0.001")
    assert desk.collect() == 0
    assert [one.kind for one in desk.notices] == [NoticeKind.BUDGET]
    desk.clock.advance(7200)
    assert desk.collect() == 0
    assert len(desk.notices) == 1
    desk.budget(day="1")
    desk.clock.advance(7200)
    assert desk.collect() > 0


def test_a_budget_for_what_is_free_is_refused(desk: Desk) -> None:
    with pytest.raises(BadInput, match="costs EUR"):
        set_budget(desk.store, desk.brand, desk.account, "EUR", Decimal(1), None)


# no credits


def test_without_credits_the_delivery_waits_and_the_owner_is_told_once(desk: Desk) -> None:
    desk.sandbox.add_account("x", "lea", credits=False)
    row = desk.plan()
    desk.tick()
    for _ in range(3):
        desk.tick(901)
    waiting = desk.get(row)
    assert waiting.state is State.SCHEDULED
    assert waiting.attempts == 0
    assert len(desk.told()) + len([one for one in desk.notices if one.kind is not NoticeKind.BUDGET]) == 1
    assert "top it up" in desk.told()[0]
    assert desk.spent("post_with_link")[0] == 0
    desk.sandbox.add_account("x", "lea", credits=True)
    desk.tick(901)
    assert desk.get(row).state is State.PUBLISHED


def test_without_credits_metrics_wait_and_it_is_told_once_a_day(desk: Desk) -> None:
    desk.sandbox.add_account("x", "lea", credits=False)
    desk.clock.advance(86_400)
    desk.collect()
    assert [one.kind for one in desk.notices] == [NoticeKind.BUDGET]
    assert "no credits" in desk.notices[0].text
    for notice in desk.notices:
        with desk.store.database.write() as connection:
            notices.add(connection, notice, desk.clock.now())
    desk.clock.advance(7200)
    desk.collect()
    assert len(desk.notices) == 1


# as a person calls it


def test_costs_and_budgets_on_the_command_line(tmp_path: Path) -> None:
    with Sandbox(seed=4) as sandbox:
        secrets = json.dumps({"bearer": sandbox.add_account("x", "lea")["secrets"]["bearer"]})
        origins = {"CROSSPOST_PRIVATE_ORIGINS": json.dumps([sandbox.origin])}

        def run(*arguments: str, stdin: str = "") -> Any:
            return crosspost(*arguments, home=tmp_path, stdin=stdin, **origins)

        run("brand", "add", "Léa")
        wrong = run("account", "connect", "x", "--server", sandbox.origin, "--setting", "price_post=a", stdin=secrets)
        assert wrong.returncode == 2
        assert run("account", "connect", "x", "--server", sandbox.origin, stdin=secrets).returncode == 0
        told = json.loads(run("costs", "--json").stdout)
        assert told["totals"] == {"USD": "0.010"}
        assert (
            "x lea: 1.00 USD a day and 20 USD a month"
            in run("budget", "--account", "x", "--day", "1.00", "--month", "20").stdout
        )
        [held] = json.loads(run("costs", "--account", "x", "--json").stdout)["budgets"]
        assert (held["account"], held["day"], held["day_spent"]) == ("x lea", "1.000", "0.010")
        for arguments in (
            ("--day", "1,00"),
            ("--day", "-1"),
            (),
            ("--none", "--day", "1"),
            ("--month", "1", "--currency", "EUR"),
        ):
            refused = run("budget", *arguments)
            assert (refused.returncode, refused.stderr.count("\n")) == (2, 1), arguments
        assert run("costs", "--month", "13-2026").returncode == 2
        assert run("account", "set", "x", "--setting", "price_post=0,02").returncode == 2
        assert run("account", "set", "x", "--setting", "price_post=0.02").returncode == 0
        assert "no budget" in run("budget", "--account", "x", "--none").stdout


def test_an_estimate_in_words(desk: Desk) -> None:
    told = estimate(desk.account, Teaser(f"À lire {LINK}", LINK))
    assert str(told) == "0.200 USD, without its link 0.015"
    assert str(estimate(desk.account, Teaser("À lire", LINK))) == "0.015 USD"
