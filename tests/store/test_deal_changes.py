"""What a deal is worth may be told weeks later, change, and be paid back: what it was stays, with the day of it."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from crosspost.domain.business import Deal, Lead
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.money import Money
from crosspost.store import business, deal_changes, removing
from crosspost.store.database import Database
from crosspost.store.outcomes import Outcome, Recorded
from crosspost.store.store import Store
from tests.blank import BRAND, NOW, OTHER, settled

DAY = timedelta(days=1)


def money(text: str, currency: str = "EUR") -> Money:
    return Money(Decimal(text), currency)


@pytest.fixture
def store(database: Database) -> Store:
    made = settled(database)
    with made.write(BRAND) as scope:
        business.record_lead(scope, Lead("file", "L1", NOW - 90 * DAY), NOW)
    put(made, Deal("file", "D1", NOW - 60 * DAY, None, lead_source_id="L1"))
    return made


def put(store: Store, deal: Deal) -> Recorded:
    with store.write(BRAND) as scope:
        return business.record_deal(scope, deal, next(_LATER))


_LATER = (NOW + timedelta(seconds=one) for one in count())  # what is told later is stored later


def change(store: Store, name: str = "D1", **values: object) -> Recorded:
    with store.write(BRAND) as scope:
        return deal_changes.change_deal(scope, name, next(_LATER), source="cli", **values)  # type: ignore[arg-type]


def refund(store: Store, amount: Money | None, **values: object) -> Recorded:
    with store.write(BRAND) as scope:
        return deal_changes.refund_deal(scope, "D1", amount, next(_LATER), source="cli", **values)  # type: ignore[arg-type]


def worth(store: Store) -> tuple[str | None, str | None]:
    with store.read(BRAND) as scope:
        [deal] = [one.deal for one in business.deals(scope) if one.deal.source_id == "D1"]
    return _text(deal.amount), _text(deal.margin)


def _text(one: Money | None) -> str | None:
    return None if one is None else str(one)


def history(store: Store) -> list[tuple[str, str | None, str | None]]:
    with store.read(BRAND) as scope:
        return [(one.kind, _text(one.before), _text(one.amount)) for one in deal_changes.changes(scope)]


def test_an_amount_known_weeks_later_is_told_by_hand_or_by_a_file(store: Store) -> None:
    assert change(store, amount=money("1200"), at=NOW - 10 * DAY).outcome is Outcome.UPDATED
    assert (worth(store), history(store)) == (("1200.00 EUR", None), [("told", None, "1200.00 EUR")])
    with store.read(BRAND) as scope:
        [one] = deal_changes.changes(scope)
    assert one.at == NOW - 10 * DAY
    assert one.recorded_at >= NOW
    put(store, Deal("file", "D2", NOW - 50 * DAY, None, lead_source_id="L1"))
    assert put(store, Deal("file", "D2", NOW - 50 * DAY, money("10"), lead_source_id="L1")).outcome is Outcome.UPDATED
    assert history(store)[1:] == [("told", None, "10.00 EUR")]


def test_a_changed_deal_keeps_what_it_was_and_a_file_may_repeat_it(store: Store) -> None:
    change(store, amount=money("1200"), margin=money("900"))
    assert change(store, amount=money("1400"), reason="deux jours de plus").outcome is Outcome.UPDATED
    assert worth(store) == ("1400.00 EUR", None), "another amount leaves the margin open"
    assert history(store)[-1] == ("changed", "1200.00 EUR", "1400.00 EUR")
    old = Deal("file", "D1", NOW - 60 * DAY, money("1200"), lead_source_id="L1", margin=money("900"))
    assert put(store, old).outcome is Outcome.KNOWN
    assert worth(store) == ("1400.00 EUR", None), "what a file repeats of before does not come back"
    assert put(store, Deal("file", "D1", NOW - 60 * DAY, money("77"))).differences == ("amount_minor",)
    assert change(store, amount=money("1400")).outcome is Outcome.KNOWN
    assert len(history(store)) == 2


def test_refunds_leave_what_is_left_and_never_more(store: Store) -> None:
    with pytest.raises(Conflict, match="nobody told"):
        refund(store, money("5"))
    change(store, amount=money("1000"), margin=money("700"))
    refund(store, money("250.50"), reason="un jour de moins")
    assert worth(store) == ("749.50 EUR", None)
    for wrong in (money("749.51"), money("0"), money("0.005"), money("10", "USD")):
        with pytest.raises(BadInput):
            refund(store, wrong)
    refund(store, None, margin=money("-20"))
    assert worth(store) == ("0.00 EUR", "-20.00 EUR")
    with store.read(BRAND) as scope:
        assert [str(one.refund) for one in deal_changes.changes(scope) if one.refund] == ["250.50 EUR", "749.50 EUR"]


def test_the_day_it_was_won_can_be_corrected_and_returns_follow(store: Store) -> None:
    put(store, Deal("file", "D2", NOW - 50 * DAY, money("10"), lead_source_id="L1"))
    change(store, won_at=NOW - 40 * DAY)
    with store.read(BRAND) as scope:
        assert {one.deal.source_id: one.deal.returning for one in business.deals(scope)} == {"D2": False, "D1": True}
        assert business.clients(scope)[0].since == NOW - 50 * DAY


@pytest.mark.parametrize("wrong", [
    {"amount": money("12.345")}, {"margin": money("5")}, {"won_at": NOW + 9 * DAY}, {},
    {"at": NOW + 9 * DAY, "amount": money("5")},
])  # fmt: skip
def test_what_cannot_be_is_refused(store: Store, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        change(store, **wrong)
    assert (worth(store), history(store)) == ((None, None), [])


def test_a_deal_of_another_brand_is_not_there(store: Store) -> None:
    with store.write(OTHER) as scope, pytest.raises(NotFound):
        deal_changes.change_deal(scope, "D1", NOW, source="cli", amount=money("5"))


def test_what_was_removed_stays_away_until_a_person_wants_it_back(store: Store) -> None:
    lead, deal = Lead("file", "L1", NOW - 90 * DAY), Deal("file", "D1", NOW - 60 * DAY, None, lead_source_id="L1")
    with store.write(BRAND) as scope:
        with pytest.raises(Conflict, match="D1"):
            removing.remove_lead(scope, "L1", NOW, who="ana", why=None)
        removing.remove_deal(scope, "D1", NOW, who="ana", why="twice")
        removing.remove_lead(scope, "L1", NOW, who="ana", why=None)
        assert (business.leads(scope), business.deals(scope), business.clients(scope)) == ([], [], [])
        assert business.record_lead(scope, lead, NOW).outcome is Outcome.REMOVED
        assert business.record_deal(scope, deal, NOW).outcome is Outcome.REMOVED
        other = Deal("file", "D9", NOW - 60 * DAY, None, lead_source_id="L1")
        assert business.record_deal(scope, other, NOW).outcome is Outcome.REMOVED, "its lead was wrong"
    with store.write(OTHER) as scope:
        assert business.record_lead(scope, lead, NOW).outcome is Outcome.RECORDED
    with store.write(BRAND) as scope:
        assert business.record_lead(scope, Lead("cli", "L1", NOW), NOW).outcome is Outcome.RECORDED
        assert business.record_lead(scope, Lead("file", "L1", NOW), NOW).outcome is Outcome.KNOWN


def test_two_refunds_at_once_are_both_paid_back(store: Store) -> None:
    change(store, amount=money("100"))
    began = threading.Event()

    def later() -> None:
        began.set()
        refund(store, money("5"))

    other = threading.Thread(target=later)
    with store.write(BRAND) as scope:
        deal_changes.refund_deal(scope, "D1", money("10"), NOW, source="cli")
        other.start()
        began.wait(10)
        other.join(0.3)  # it waits for this transaction
    other.join(20)
    assert worth(store) == ("85.00 EUR", None)


def test_of_two_deals_told_at_once_one_is_the_first(store: Store) -> None:
    put(store, Deal("cli", "D2", NOW - 5 * DAY, None, person="ana"))
    with store.write(BRAND) as scope:
        removing.remove_deal(scope, "D1", NOW, who="ana", why=None)

    def later() -> None:
        put(store, Deal("cli", "D3", NOW - 9 * DAY, None, person="ana"))

    other = threading.Thread(target=later)
    with store.write(BRAND) as scope:
        business.record_deal(scope, Deal("cli", "D4", NOW - 8 * DAY, None, person="ana"), NOW)
        other.start()
        other.join(0.3)
    other.join(20)
    with store.read(BRAND) as scope:
        returning = {one.deal.source_id: one.deal.returning for one in business.deals(scope)}
    assert returning == {"D2": True, "D3": False, "D4": True}
