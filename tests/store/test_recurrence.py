"""A returning client is nobody's new client, whatever the order and the way in which it was told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from crosspost.commands import business as by_hand
from crosspost.domain.business import Deal, Lead
from crosspost.domain.errors import CrosspostError
from crosspost.domain.money import Money
from crosspost.domain.person import person_hash
from crosspost.secret import Secret
from crosspost.store import business, recurrence
from crosspost.store.database import Database
from crosspost.store.store import Scope, Store
from tests.blank import BRAND, NOW, OTHER, settled

DAY = timedelta(days=1)
KEY = Secret("a key")
ANA = person_hash("ana@example.org", b"a key")
Fact = Callable[[Scope], object]


@pytest.fixture
def store(database: Database) -> Store:
    return settled(database)


def lead(name: str, days: int, person: str | None = ANA) -> Fact:
    return lambda scope: business.record_lead(scope, Lead("file", name, NOW - days * DAY, person=person), NOW)


def deal(name: str, days: int, *, lead: str | None = None, person: str | None = None) -> Fact:
    sold = Deal("file", name, NOW - days * DAY, Money(Decimal(5), "EUR"), lead_source_id=lead, person=person)
    return lambda scope: business.record_deal(scope, sold, NOW)


def told(store: Store, facts: tuple[Fact, ...], brand_id: str = BRAND) -> None:
    """Each fact as soon as it can be: a deal that names a lead waits for it."""
    waiting = list(facts)
    while waiting:
        later = []
        for one in waiting:
            try:
                with store.write(brand_id) as scope:
                    one(scope)
            except CrosspostError:
                later.append(one)
        assert len(later) < len(waiting)
        waiting = later


def seen(store: Store, brand_id: str = BRAND) -> object:
    with store.read(brand_id) as scope:
        ids = {one.id: one.lead.source_id for one in business.leads(scope)}
        deals = business.deals(scope)
        clients = {one.client_id for one in deals}
        return (
            len(clients), len(business.clients(scope)),
            [(one.deal.source_id, one.deal.returning, ids.get(one.lead_id or "")) for one in deals],
            {one.lead.source_id: one.stage.value for one in business.leads(scope)},
            sorted(one.since for one in business.clients(scope)),
        )  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_order_in_which_it_is_told_changes_nothing(store: Store) -> None:
    facts = (
        lead("L1", 90), deal("D1", 80, person=ANA), deal("D2", 60, lead="L1"), lead("L2", 50),
        deal("D3", 40, person=ANA),
    )  # fmt: skip
    told(store, facts)
    first = seen(store)
    assert first == (
        1, 1, [("D1", False, "L1"), ("D2", True, "L1"), ("D3", True, "L2")], {"L1": "won", "L2": "won"},
        [NOW - 80 * DAY],
    )  # fmt: skip
    with store.database.write() as connection:
        for number, order in enumerate(permutations(facts)):
            nested = connection.begin_nested()
            scope = Scope(connection, OTHER)
            waiting = list(order)
            while waiting:
                waiting = [one for one in waiting if _refused(scope, one)]
            assert seen_in(scope) == first, number
            nested.rollback()


def _refused(scope: Scope, fact: Fact) -> bool:
    try:
        fact(scope)
    except CrosspostError:
        return True
    return False


def seen_in(scope: Scope) -> object:
    class Inside:
        def read(self, _brand_id: str) -> _Given:
            return _Given(scope)

    return seen(Inside())  # type: ignore[arg-type]


class _Given:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __enter__(self) -> Scope:
        return self._scope

    def __exit__(self, *_: object) -> None:
        return None


def test_two_sales_of_one_day_are_one_client_and_one_return(store: Store) -> None:
    told(store, (deal("D1", 5, person=ANA), deal("D2", 5, person=ANA)))
    with store.read(BRAND) as scope:
        assert sorted(one.deal.returning for one in business.deals(scope)) == [False, True]


def test_a_client_from_before_returns_with_the_first_deal_recorded(store: Store) -> None:
    by_hand.add_client(store, BRAND, NOW, mail="Ana@example.org", since=NOW - 700 * DAY, person_key=KEY)
    told(store, (deal("D1", 5, person=ANA),))
    with store.read(BRAND) as scope:
        [sold], [client] = business.deals(scope), business.clients(scope)
    assert (sold.deal.returning, client.since) == (True, NOW - 700 * DAY)


def test_and_so_it_is_when_the_earlier_sale_is_told_afterwards(store: Store) -> None:
    told(store, (deal("D1", 5, person=ANA),))
    done = by_hand.add_client(store, BRAND, NOW, mail="ana@example.org", since=NOW - 700 * DAY, person_key=KEY)
    assert done.differences == ("since",)
    with store.read(BRAND) as scope:
        assert [one.deal.returning for one in business.deals(scope)] == [True]


def test_the_first_sale_told_as_such_is_no_return(store: Store) -> None:
    told(store, (deal("D1", 5, person=ANA),))
    by_hand.add_client(store, BRAND, NOW, mail="ana@example.org", since=NOW - 5 * DAY, person_key=KEY)
    with store.read(BRAND) as scope:
        assert [one.deal.returning for one in business.deals(scope)] == [False]


def test_who_is_only_known_has_not_bought(store: Store) -> None:
    with store.write(BRAND) as scope:
        business.record_client(scope, NOW - 90 * DAY, NOW, person=ANA, bought=False)
    told(store, (deal("D1", 5, person=ANA),))
    with store.read(BRAND) as scope:
        assert [one.deal.returning for one in business.deals(scope)] == [False]
        assert business.clients(scope)[0].since == NOW - 5 * DAY


def test_an_address_that_is_told_later_joins_what_was_nobodys(store: Store) -> None:
    told(store, (lead("L1", 90, None), deal("D1", 80, lead="L1"), deal("D2", 60, person=ANA)))
    with store.read(BRAND) as scope:
        assert len(business.clients(scope)) == 2
    told(store, (lead("L1", 90),))
    assert seen(store) == (
        1, 1, [("D1", False, "L1"), ("D2", True, "L1")], {"L1": "won"}, [NOW - 80 * DAY],
    )  # fmt: skip


def test_two_addresses_of_one_lead_are_one_client_ever_after(store: Store) -> None:
    work = person_hash("ana@work.example", b"a key")
    told(store, (lead("L1", 90), deal("D1", 80, lead="L1"), deal("D2", 60, lead="L1", person=work)))
    told(store, (deal("D3", 5, person=work),))
    with store.read(BRAND) as scope:
        assert [one.deal.returning for one in business.deals(scope)] == [False, True, True]
        assert len(business.clients(scope)) == 1


def test_two_records_of_one_client_are_merged_for_good(store: Store) -> None:
    bob = person_hash("bob@example.org", b"a key")
    told(store, (lead("L1", 90), deal("D1", 80, lead="L1"), deal("D2", 60, person=bob)))
    with store.read(BRAND) as scope:
        first, second = business.clients(scope)
    by_hand.merge_clients(store, BRAND, NOW, first.id, second.id, who="ana")
    told(store, (deal("D3", 5, person=bob), deal("D4", 4, person=ANA)))
    with store.read(BRAND) as scope:
        [client] = business.clients(scope)
        assert (client.id, client.deals) == (first.id, 4)
        assert [one.deal.returning for one in business.deals(scope)] == [False, True, True, True]
        assert recurrence.persons_of(scope) == {first.id: {ANA, bob}}


def test_removing_the_first_deal_makes_the_next_one_the_first(store: Store) -> None:
    told(store, (deal("D1", 80, person=ANA), deal("D2", 60, person=ANA), deal("D3", 50, person=ANA)))
    by_hand.remove_deal(store, BRAND, NOW, "D1", who="ana", why=None)
    with store.read(BRAND) as scope:
        assert [one.deal.returning for one in business.deals(scope)] == [False, True]
        assert business.clients(scope)[0].since == NOW - 60 * DAY
