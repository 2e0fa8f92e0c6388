from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crosspost.commands import business as commands
from crosspost.domain.business import Deal, Effort, Lead, Touchpoint
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.money import Money
from crosspost.domain.period import Period
from crosspost.domain.person import person_hash
from crosspost.secret import Secret
from crosspost.store import business, links, recording
from crosspost.store.business import Origin, Outcome, Recorded
from crosspost.store.database import Database
from crosspost.store.store import Store
from tests.blank import ACCOUNT, BRAND, NOW, OTHER, TARGET, settled

DAY = timedelta(days=1)


@pytest.fixture
def store(database: Database) -> Store:
    return settled(database)


def lead(name: str = "L1", **values: object) -> Lead:
    return Lead(**{"source": "file", "source_id": name, "contacted_at": NOW, **values})  # type: ignore[arg-type]


def deal(name: str = "D1", **values: object) -> Deal:
    given = {"source": "file", "source_id": name, "won_at": NOW, "amount": Money(Decimal("100.00"), "EUR"), **values}
    return Deal(**given)  # type: ignore[arg-type]


LATER = NOW + 9 * DAY


def put(store: Store, *facts: Lead | Deal, brand_id: str = BRAND) -> list[Recorded]:
    with store.write(brand_id) as scope:
        return [
            business.record_lead(scope, one, LATER)
            if isinstance(one, Lead)
            else business.record_deal(scope, one, LATER)
            for one in facts
        ]


def test_a_lead_reads_back_as_it_was_told(store: Store) -> None:
    told = lead(
        channel="linkedin", told="un ami", told_channel="referral", code="k7m2p9qrst", person="p" * 64,
        touchpoints=(Touchpoint("meetup", NOW - DAY, "note"), Touchpoint("call"), Touchpoint("meetup")),
        lost_at=NOW + DAY, lost_reason="price",
    )  # fmt: skip
    with store.write(BRAND) as scope:
        links.add(scope, "k7m2p9qrst", TARGET, NOW, account_id=ACCOUNT)
        recorded = business.record_lead(scope, told, NOW, Origin("a" * 64, 7))
    with store.read(BRAND) as scope:
        [found] = business.leads(scope)
    assert recorded == Recorded(Outcome.RECORDED, found.id)
    assert (found.lead, found.network_of_code, found.origin) == (told, "linkedin", Origin("a" * 64, 7))
    with store.read(OTHER) as scope:
        assert business.leads(scope) == []


def test_the_same_lead_twice_is_one_and_another_content_is_told(store: Store) -> None:
    first = lead(channel="x", touchpoints=(Touchpoint("meetup"),))
    changed = lead(channel="search", told="Google", touchpoints=(Touchpoint("call"),))
    outcomes = put(store, first, first, changed)
    assert [one.outcome for one in outcomes] == [Outcome.RECORDED, Outcome.KNOWN, Outcome.DIFFERS]
    assert outcomes[2].differences == ("channel", "touchpoints")
    with store.read(BRAND) as scope:
        [kept] = business.leads(scope)
    assert kept.lead == first


def test_one_id_is_one_lead_whoever_tells_of_it(store: Store) -> None:
    outcomes = put(
        store,
        lead(channel="LinkedIn", source="cli"),
        lead(channel="linkedin", contacted_at=NOW - timedelta(hours=9)),  # a file that knows the day
        lead(channel="referral", source="endpoint"),
        lead(contacted_at=NOW - 2 * DAY, source="endpoint"),
    )
    assert [one.outcome for one in outcomes] == [Outcome.RECORDED, Outcome.KNOWN, Outcome.DIFFERS, Outcome.DIFFERS]
    assert [one.differences for one in outcomes[2:]] == [("channel",), ("contacted_at",)]
    assert put(store, deal(source="cli"), deal(source="file"))[1].outcome is Outcome.KNOWN
    with store.read(BRAND) as scope:
        assert len(business.leads(scope)) == len(business.deals(scope)) == 1


def test_a_repeat_that_says_more_is_an_update(store: Store) -> None:
    whole = lead(
        channel="linkedin", told="un ami", told_channel="referral", lost_at=NOW + DAY,
        touchpoints=(Touchpoint("meetup"), Touchpoint("call")),
    )  # fmt: skip
    outcomes = put(store, lead(touchpoints=(Touchpoint("Meetup"),)), whole, whole, lead(channel="LinkedIn"))
    assert [one.outcome for one in outcomes] == [Outcome.RECORDED, Outcome.UPDATED, Outcome.KNOWN, Outcome.KNOWN]
    assert outcomes[1].differences == ("channel", "told", "told_channel", "lost_at", "touchpoints")
    [again] = put(store, whole)
    assert again.outcome is Outcome.KNOWN
    won = put(store, deal(amount=None), deal(), deal())
    assert [one.outcome for one in won] == [Outcome.RECORDED, Outcome.UPDATED, Outcome.KNOWN]
    with store.read(BRAND) as scope:
        [found] = business.leads(scope)
        [sale] = business.deals(scope)
    assert (found.lead.channel, found.lead.told, found.lead.lost_at) == ("linkedin", "un ami", NOW + DAY)
    assert [step.channel for step in found.lead.touchpoints] == ["Meetup", "call"]
    assert str(sale.deal.amount) == "100.00 EUR"


def test_many_at_once_are_as_one_by_one(store: Store) -> None:
    facts = [lead(f"L{i % 5}", channel="x" if i < 7 else "search") for i in range(9)]
    sales = [deal(f"D{i % 3}", lead_source_id=f"L{i % 5}", won_at=NOW + i % 3 * DAY) for i in range(6)]
    sales += [deal("gone", lead_source_id="L99"), deal("again", lead_source_id="L0", won_at=NOW - 9 * DAY)]
    with store.write(BRAND) as scope:
        told = recording.record_leads(scope, [(one, None) for one in facts], LATER)
        won = recording.record_deals(scope, [(one, None) for one in sales], LATER)
    with store.write(OTHER) as scope:
        for one, expected in zip(facts, told, strict=True):
            assert isinstance(expected, Recorded)
            assert business.record_lead(scope, one, LATER).outcome is expected.outcome
        for sale, result in zip(sales, won, strict=True):
            if isinstance(result, Recorded):
                assert business.record_deal(scope, sale, LATER).outcome is result.outcome
            else:
                with pytest.raises(type(result)):
                    business.record_deal(scope, sale, LATER)
    found = []
    for brand_id in (BRAND, OTHER):
        with store.read(brand_id) as scope:
            found.append((
                [one.lead for one in business.leads(scope)], [one.deal for one in business.deals(scope)],
                sorted((one.since, one.deals) for one in business.clients(scope)),
            ))  # fmt: skip
    assert sorted(found[0][0], key=repr) == sorted(found[1][0], key=repr)
    assert found[0][1:] == found[1][1:]


@pytest.mark.parametrize("own_id_first", [False, True])
def test_one_sale_told_by_its_lead_and_by_its_own_id_is_one(store: Store, own_id_first: bool) -> None:
    put(store, lead())
    by_lead, own = deal("L1", lead_source_id="L1"), deal("D1", lead_source_id="L1", won_at=NOW + DAY / 2)
    outcomes = put(store, *((own, by_lead) if own_id_first else (by_lead, own)))
    assert [one.outcome for one in outcomes] == [Outcome.RECORDED, Outcome.KNOWN]
    second = deal("D2", lead_source_id="L1")  # another sale of the same day and amount has an id of its own
    assert [one.outcome for one in put(store, second, by_lead, own)] == [
        Outcome.RECORDED, Outcome.KNOWN, Outcome.KNOWN,
    ]  # fmt: skip
    other = deal("D3", lead_source_id="L1", amount=Money(Decimal("5"), "EUR"))
    later = deal("D4", lead_source_id="L1", won_at=NOW + 5 * DAY)
    assert {one.outcome for one in put(store, other, later)} == {Outcome.RECORDED}
    with store.read(BRAND) as scope:
        assert sorted(one.deal.source_id for one in business.deals(scope)) == ["D1", "D2", "D3", "D4"]


@pytest.mark.parametrize("wrong", [
    lead(contacted_at=NOW + 50 * 365 * DAY), lead(contacted_at=NOW - 60 * 365 * DAY), lead(lost_at=NOW + 20 * DAY),
    lead(touchpoints=(Touchpoint("x", NOW + 20 * DAY),)), deal(won_at=NOW + 20 * DAY),
    deal(amount=Money(Decimal(-50), "EUR")), deal(amount=Money(Decimal("12.345"), "EUR")),
    deal(amount=Money(Decimal(10**12), "EUR")), deal(margin=Money(Decimal(101), "EUR")),
])  # fmt: skip
def test_what_cannot_be_is_refused_whoever_tells_it(store: Store, wrong: Lead | Deal) -> None:
    with pytest.raises(BadInput) as refusal:
        put(store, wrong)
    assert refusal.value.remedy
    with store.read(BRAND) as scope:
        assert business.leads(scope) == []
        assert business.deals(scope) == []


def test_two_brands_may_use_one_id(store: Store) -> None:
    assert put(store, lead())[0].outcome is put(store, lead(), brand_id=OTHER)[0].outcome is Outcome.RECORDED


def test_losing_a_lead(store: Store) -> None:
    put(store, lead())
    with store.write(BRAND) as scope:
        first = business.lose_lead(scope, "L1", NOW, "price", NOW)
        again = business.lose_lead(scope, "L1", NOW, "price", NOW)
        other = business.lose_lead(scope, "L1", NOW + DAY, "price", NOW)
        with pytest.raises(NotFound):
            business.lose_lead(scope, "L9", NOW, None, NOW)
        with pytest.raises(BadInput, match="not come yet"):
            business.lose_lead(scope, "L1", NOW + 2 * DAY, None, NOW)
    assert [one.outcome for one in (first, again, other)] == [Outcome.RECORDED, Outcome.KNOWN, Outcome.DIFFERS]
    assert other.differences == ("lost_at",)
    with store.write(OTHER) as scope, pytest.raises(NotFound):
        business.lose_lead(scope, "L1", NOW, None, NOW)


def test_a_step_is_put_where_its_date_belongs(store: Store) -> None:
    put(store, lead(touchpoints=(Touchpoint("a", NOW - 3 * DAY), Touchpoint("b"), Touchpoint("c", NOW - DAY))))
    with store.write(BRAND) as scope:
        for step in (Touchpoint("d", NOW - 2 * DAY), Touchpoint("e"), Touchpoint("f", NOW - 9 * DAY), Touchpoint("e")):
            business.record_touchpoint(scope, "L1", step, NOW)
        [found] = business.leads(scope)
    assert [step.channel for step in found.lead.touchpoints] == ["f", "a", "b", "d", "c", "e"]


def test_a_deal_finds_its_lead_whoever_told_of_it(store: Store) -> None:
    [first] = put(store, lead(source="endpoint"))
    put(store, deal(source="cli", lead_source_id="L1"))
    with store.read(BRAND) as scope:
        assert business.deals(scope)[0].lead_id == first.id


def test_a_deal_makes_its_client_and_the_same_person_is_the_same_client(store: Store) -> None:
    put(
        store,
        lead("L1", person="ana"),
        deal("D1", lead_source_id="L1"),
        deal("D2", person="ana", won_at=NOW + DAY),
        deal("D3", person="bob", won_at=NOW + DAY),
        deal("D4", won_at=NOW + DAY),
        lead("L2"),
        deal("D5", lead_source_id="L2"),
        deal("D6", lead_source_id="L2", won_at=NOW + 2 * DAY),
    )
    with store.read(BRAND) as scope:
        found = {one.deal.source_id: one for one in business.deals(scope)}
        clients = business.clients(scope)
    assert found["D1"].client_id == found["D2"].client_id
    assert found["D5"].client_id == found["D6"].client_id
    assert len({one.client_id for one in found.values()}) == len(clients) == 4
    assert {name: one.deal.returning for name, one in found.items()} == {
        "D1": False, "D2": True, "D3": False, "D4": False, "D5": False, "D6": True,
    }  # fmt: skip
    assert found["D1"].deal == deal("D1", lead_source_id="L1", person="ana")
    assert sorted(one.deals for one in clients) == [1, 1, 2, 2]


def test_deals_told_in_the_wrong_order_settle(store: Store) -> None:
    put(store, deal("late", person="ana", won_at=NOW), deal("early", person="ana", won_at=NOW - 30 * DAY))
    with store.read(BRAND) as scope:
        assert [(one.deal.source_id, one.deal.returning) for one in business.deals(scope)] == [
            ("early", False), ("late", True),
        ]  # fmt: skip
        assert business.clients(scope)[0].since == NOW - 30 * DAY


def test_returning_as_told_is_kept(store: Store) -> None:
    put(store, deal(returning=True))
    with store.read(BRAND) as scope:
        assert business.deals(scope)[0].deal.returning is True


def test_the_same_deal_twice_is_one(store: Store) -> None:
    outcomes = put(store, deal(), deal(), deal(amount=Money(Decimal("99"), "EUR")), deal(amount=None))
    assert [one.outcome for one in outcomes] == [Outcome.RECORDED, Outcome.KNOWN, Outcome.DIFFERS, Outcome.KNOWN]
    assert outcomes[2].differences == ("amount_minor",)
    with store.read(BRAND) as scope:
        assert len(business.deals(scope)) == len(business.clients(scope)) == 1


def test_an_amount_that_was_not_told_is_not_zero(store: Store) -> None:
    put(store, deal(amount=None))
    with store.read(BRAND) as scope:
        assert business.deals(scope)[0].deal.amount is None


def test_a_margin_in_another_currency_is_refused(store: Store) -> None:
    with pytest.raises(BadInput, match="margin"):
        put(store, deal(margin=Money(Decimal("1"), "USD")))


def test_efforts(store: Store) -> None:
    one = Effort("linkedin", date(2026, 3, 2), 7, Decimal("3.25"), Money(Decimal("10.50"), "EUR"))
    with store.write(BRAND) as scope:
        outcomes = [
            business.record_effort(scope, effort, "file", "e1", NOW).outcome
            for effort in (one, one, Effort("x", one.start, 7, Decimal("3.25")))
        ]
        assert business.efforts(scope) == [one]
        assert business.efforts(scope, Period(NOW + DAY, NOW + 9 * DAY)) == []
    assert outcomes == [Outcome.RECORDED, Outcome.KNOWN, Outcome.DIFFERS]


def test_links_of_one_brand(store: Store) -> None:
    with store.write(BRAND) as scope:
        links.add(scope, "k7m2p9qrst", TARGET, NOW)
        with pytest.raises(BadInput):
            links.add(scope, "evil222222", "javascript:alert(1)", NOW)
    with store.write(OTHER) as scope:
        with pytest.raises(Conflict):
            links.add(scope, "k7m2p9qrst", TARGET, NOW)
        with pytest.raises(NotFound):
            links.get(scope, "k7m2p9qrst")
        with pytest.raises(NotFound):
            links.disable(scope, "k7m2p9qrst", NOW)
        assert links.all_of(scope) == []
    with store.read(BRAND) as scope:
        before = links.version(scope)
        assert links.targets(scope) == {"k7m2p9qrst": TARGET}
    with store.write(BRAND) as scope:
        links.disable(scope, "k7m2p9qrst", NOW)
        disabled = links.version(scope)
        assert links.targets(scope) == {}
        assert links.owners(scope.connection, ["k7m2p9qrst", "nobodys222"]) == {"k7m2p9qrst": links.Owner(BRAND, NOW)}
        links.enable(scope, "k7m2p9qrst")
        assert links.version(scope) == before != disabled


def test_by_hand(store: Store) -> None:
    key = Secret("the brand's key")
    first = commands.add_lead(store, BRAND, NOW, lead_id="A", told="LinkedIn", mail="Ana@example.org", person_key=key)
    assert first.outcome is Outcome.RECORDED
    assert commands.add_lead(store, BRAND, NOW).id != commands.add_lead(store, BRAND, NOW).id
    commands.add_touchpoint(store, BRAND, NOW, "A", "meetup", at=NOW - DAY)
    commands.add_deal(store, BRAND, NOW, lead_id="A", amount=Decimal("50"), currency="EUR", client_name="Ana")
    known = commands.add_client(store, BRAND, NOW, mail=" ana@EXAMPLE.org", person_key=key)
    commands.add_effort(store, BRAND, NOW, "linkedin", Decimal("2.5"), start=date(2026, 3, 2), currency="EUR")
    lost = commands.add_lead(store, BRAND, NOW, lead_id="B")
    commands.lose_lead(store, BRAND, NOW, "B", reason="price")
    assert lost.outcome is Outcome.RECORDED
    with store.read(BRAND) as scope:
        found = {one.lead.source_id: one.lead for one in business.leads(scope)}
        [client] = business.clients(scope)
        [effort] = business.efforts(scope)
    assert known == Recorded(Outcome.KNOWN, client.id)
    assert (client.name, client.person) == ("Ana", person_hash("ana@example.org", b"the brand's key"))
    assert (found["A"].told_channel, found["A"].touchpoints) == ("linkedin", (Touchpoint("meetup", NOW - DAY),))
    assert (found["B"].lost_at, found["B"].lost_reason) == (NOW, "price")
    assert effort.hours == Decimal("2.5")


def test_by_hand_what_cannot_be(store: Store) -> None:
    with pytest.raises(BadInput, match="not come yet"):
        commands.add_lead(store, BRAND, NOW, contacted_at=NOW + DAY)
    with pytest.raises(BadInput, match="key"):
        commands.add_lead(store, BRAND, NOW, mail="ana@example.org")
    with pytest.raises(BadInput):
        commands.add_deal(store, BRAND, NOW, amount=Decimal("NaN"), currency="EUR")
    with pytest.raises(BadInput, match="hours"):
        commands.add_effort(store, BRAND, NOW, "x", Decimal(200), start=date(2026, 3, 2), currency="EUR")
    with pytest.raises(BadInput, match="hours"):
        commands.add_effort(store, BRAND, NOW, "x", Decimal(-1), start=date(2026, 3, 2), currency="EUR")
    with pytest.raises(NotFound):
        commands.add_deal(store, BRAND, NOW, lead_id="nobody", currency="EUR")
