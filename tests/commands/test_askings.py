"""One person told of by several tools asked once; who bought, lost or fell silent asks anew."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from crosspost.commands.askings import Asking, askings
from crosspost.domain.business import Deal, Lead, Referrer, Referring
from crosspost.domain.money import Money
from crosspost.domain.stage import Reached, Stage
from crosspost.store.business import StoredDeal, StoredLead

DAY = timedelta(days=1)
START = datetime(2026, 1, 10, 9, tzinfo=UTC)


def lead(name: str, day: float = 0, *, person: str | None = "mara", **more: object) -> StoredLead:
    told = Lead("file", name, START + day * DAY, person=person)
    return StoredLead(name, replace(told, **more), None, None)  # type: ignore[arg-type]


def deal(
    name: str, day: float, *, person: str | None = "mara", of: str | None = "contact", source: str = "hubspot",
    amount: int | None = 10, returning: bool = False,
) -> StoredDeal:  # fmt: skip
    money = None if amount is None else Money(Decimal(amount), "EUR")
    told = Deal(source, name, START + day * DAY, money, lead_source_id=of, person=person, returning=returning)
    return StoredDeal(name, told, f"client of {person}", of, None)


def names(found: list[Asking]) -> list[tuple[list[str], list[str]]]:
    return [([lead.id for lead in one.leads], [deal.id for deal in one.deals]) for one in found]


def test_a_contact_a_booking_and_a_payment_of_one_person_are_one_asking() -> None:
    found, rest = askings([lead("contact"), lead("booking", 2)], [deal("payment", 9)])
    assert names(found) == [(["contact", "booking"], ["payment"])]
    assert rest == []


def test_what_the_first_leaves_open_the_later_ones_tell() -> None:
    (one,), _ = askings(
        [
            lead("contact", channel="offline import"),
            lead("booking", 1, told="a friend", told_channel="referral", code="k7m2p9qrst"),
            lead("form", 2, channel="linkedin", told="LinkedIn", told_channel="linkedin"),
        ],
        [],
    )
    told = one.lead.lead
    assert (told.source_id, told.channel, told.told, told.told_channel, told.code) == (
        "contact", "linkedin", "a friend", "referral", "k7m2p9qrst"
    )  # fmt: skip


def test_stages_and_who_sent_them_come_from_any_of_the_leads() -> None:
    talk, offer = Reached(Stage.TALKING, START + 2 * DAY), Reached(Stage.OFFERED, START + 4 * DAY)
    sent = Referrer(Referring.NAME, "Ana")
    (one,), _ = askings([lead("contact", stages=(offer,)), lead("booking", 1, stages=(talk,), referrer=sent)], [])
    assert (one.lead.lead.stages, one.lead.lead.referrer) == ((talk, offer), sent)


def test_a_second_deal_stays_behind_the_first() -> None:
    found, rest = askings([lead("contact")], [deal("second", 40), deal("first", 9)])
    assert names(found) == [(["contact"], ["first", "second"])]
    assert rest == []


@pytest.mark.parametrize(("first", "deals"), [
    (lead("before"), [deal("sale", 5, of="before")]),
    (lead("before", lost_at=START + 5 * DAY), []),
    (lead("before", -85), []),
])  # fmt: skip
def test_who_bought_lost_or_fell_silent_asks_anew(first: StoredLead, deals: list[StoredDeal]) -> None:
    found, _ = askings([first, lead("after", 7)], deals)
    assert [ids for ids, _ in names(found)] == [["before"], ["after"]]


def test_a_contact_made_by_the_payment_itself_is_before_it() -> None:
    found, rest = askings([lead("contact", 0.2)], [deal("payment", 0)])
    assert names(found) == [(["contact"], ["payment"])]
    assert rest == []


def test_nobody_known_is_nobody_else() -> None:
    found, rest = askings(
        [lead("one", person=None), lead("two", person=None)], [deal("payment", 3, person=None, of=None)]
    )
    assert len(found) == 2
    assert len(rest) == 1


def test_a_deal_that_names_its_lead_stays_with_it() -> None:
    found, _ = askings([lead("one"), lead("two", 100)], [deal("late", 120, of="one")])
    assert names(found) == [(["one"], ["late"]), (["two"], [])]


def test_a_loss_counts_where_nobody_asked_after_it() -> None:
    (one,), _ = askings([lead("contact"), lead("opportunity", 1, lost_at=START + 9 * DAY, lost_reason="too dear")], [])
    assert (one.lead.lead.lost_at, one.lead.lead.lost_reason) == (START + 9 * DAY, "too dear")


def test_the_order_of_what_was_told_does_not_matter() -> None:
    leads = [lead("a"), lead("b", 2), lead("c", 50), lead("d", 3, person="otto")]
    deals = [deal("p", 9, of="b"), deal("q", 55, of="c"), deal("r", 4, person="otto", of="d")]
    wanted = names(askings(leads, deals)[0])
    assert wanted == [(["a", "b"], ["p"]), (["d"], ["r"]), (["c"], ["q"])]
    for some in itertools.permutations(leads):
        assert names(askings(some, deals[::-1])[0]) == wanted


@pytest.mark.parametrize("paid_on", [5, 12])
def test_a_sale_told_by_the_crm_and_by_the_payment_is_one_and_new(paid_on: float) -> None:
    told = deal("deal", 9, of="contact", returning=paid_on < 9)
    payment = deal("payment", paid_on, source="stripe", returning=paid_on > 9)
    found, rest = askings([lead("contact")], [told, payment])
    assert names(found) == [(["contact"], ["deal"])]
    assert not found[0].deals[0].deal.returning
    assert rest == []


def test_a_deal_of_untold_amount_takes_that_of_its_payment() -> None:
    found, _ = askings(
        [lead("contact")], [deal("deal", 9, amount=None), deal("payment", 10, source="stripe", amount=7)]
    )
    assert [str(one.deal.amount) for one in found[0].deals] == ["7 EUR"]


@pytest.mark.parametrize("payment", [
    deal("payment", 9, source="stripe", amount=11),
    deal("payment", 41, source="stripe"),
    deal("payment", 9, source="stripe", person="otto"),
    deal("payment", 9, source="pipedrive"),
])  # fmt: skip
def test_other_sales_stay_others(payment: StoredDeal) -> None:
    found, rest = askings([lead("contact")], [deal("deal", 9), payment])
    assert len(found[0].deals) == 2
    assert rest == []


def test_each_deal_takes_one_payment() -> None:
    payments = [deal("first", 9, source="stripe"), deal("second", 20, source="stripe")]
    found, rest = askings([lead("contact")], [deal("deal", 10), *payments])
    assert [one.id for one in (*found[0].deals, *rest)] == ["deal", "second"]


def test_a_payment_given_back_is_none_and_the_next_one_is_the_first() -> None:
    void, second = deal("void", 3, source="stripe", amount=0), deal("second", 9, source="stripe", returning=True)
    found, rest = askings([lead("contact")], [void, second])
    assert names(found) == [(["contact"], ["second"])]
    assert not found[0].deals[0].deal.returning
    assert askings([lead("contact")], [deal("gift", 3, amount=0)])[0][0].deals  # what was given for nothing is a deal
