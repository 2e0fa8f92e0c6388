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
from crosspost.store import business, links
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


def put(store: Store, *facts: Lead | Deal, brand_id: str = BRAND) -> list[Recorded]:
    with store.write(brand_id) as scope:
        return [
            business.record_lead(scope, one, NOW) if isinstance(one, Lead) else business.record_deal(scope, one, NOW)
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
    outcomes = put(store, first, first, changed, lead("L1", source="cli"))
    assert [one.outcome for one in outcomes] == [Outcome.RECORDED, Outcome.KNOWN, Outcome.DIFFERS, Outcome.RECORDED]
    assert outcomes[2].differences == ("channel", "told", "touchpoints")
    with store.read(BRAND) as scope:
        kept = next(one.lead for one in business.leads(scope) if one.lead.source == "file")
    assert kept == first


def test_two_brands_may_use_one_id(store: Store) -> None:
    assert put(store, lead())[0].outcome is put(store, lead(), brand_id=OTHER)[0].outcome is Outcome.RECORDED


def test_losing_a_lead(store: Store) -> None:
    put(store, lead())
    with store.write(BRAND) as scope:
        first = business.lose_lead(scope, "L1", NOW, "price", "cli")
        again = business.lose_lead(scope, "L1", NOW, "price", "cli")
        other = business.lose_lead(scope, "L1", NOW + DAY, "price", "cli")
        with pytest.raises(NotFound):
            business.lose_lead(scope, "L9", NOW, None, "cli")
    assert [one.outcome for one in (first, again, other)] == [Outcome.RECORDED, Outcome.KNOWN, Outcome.DIFFERS]
    assert other.differences == ("lost_at",)
    with store.write(OTHER) as scope, pytest.raises(NotFound):
        business.lose_lead(scope, "L1", NOW, None, "cli")


def test_a_step_is_put_where_its_date_belongs(store: Store) -> None:
    put(store, lead(touchpoints=(Touchpoint("a", NOW - 3 * DAY), Touchpoint("b"), Touchpoint("c", NOW - DAY))))
    with store.write(BRAND) as scope:
        for step in (Touchpoint("d", NOW - 2 * DAY), Touchpoint("e"), Touchpoint("f", NOW - 9 * DAY), Touchpoint("e")):
            business.record_touchpoint(scope, "L1", step, NOW, "cli")
        [found] = business.leads(scope)
    assert [step.channel for step in found.lead.touchpoints] == ["f", "a", "b", "d", "c", "e"]


def test_an_ambiguous_lead_is_refused(store: Store) -> None:
    put(store, lead(), lead(source="endpoint"))
    with store.write(BRAND) as scope:
        with pytest.raises(Conflict, match="endpoint, file"):
            business.record_deal(scope, deal(source="cli", lead_source_id="L1"), NOW)
        assert business.record_deal(scope, deal(lead_source_id="L1"), NOW).outcome is Outcome.RECORDED


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
    assert [one.outcome for one in outcomes] == [Outcome.RECORDED, Outcome.KNOWN, Outcome.DIFFERS, Outcome.DIFFERS]
    assert outcomes[3].differences == ("amount_minor", "currency")
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
