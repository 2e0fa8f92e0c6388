"""Stripe's payments and customers: what came in and stayed, and who paid."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crosspost.domain.errors import BadInput
from crosspost.imports.shape import Buyer
from tests.imports.reading import facts

CODES = frozenset({"k7m2p9qrst", "w3x4y5z6ab"})


def test_the_unified_export() -> None:
    found = facts("stripe-payments_en.csv", codes=CODES)
    assert [(one.source_id, str(one.amount), one.person) for _, one in found.deals] == [
        ("stripe:ch_m2", "120.00 USD", "person:mara@kiln.example"),
        ("stripe:ch_m1", "120.00 USD", "person:mara@kiln.example"),
        ("stripe:ch_o1", "500.00 EUR", "person:otto@brandt.example"),
        ("stripe:ch_s1", "80.00 EUR", "person:sol@reef.example"),
        ("stripe:ch_i1", "250.00 EUR", "person:iris@loom.example"),
        ("stripe:ch_j1", "1500 JPY", "person:kei@tide.example"),
    ]
    assert [(one.deal, str(one.total)) for _, one in found.returned] == [
        ("stripe:ch_o1", "150.00 EUR"), ("stripe:ch_r1", "60.00 EUR")
    ]  # fmt: skip
    assert [(one.source_id, one.channel, one.code) for _, one in found.leads] == [
        ("stripe:ch_s1", None, "w3x4y5z6ab"), ("stripe:ch_j1", "linkedin", "k7m2p9qrst")
    ]  # fmt: skip
    assert dict(found.totals) == {
        "deals": "6", "revenue EUR": "680.00", "revenue JPY": "1500", "revenue USD": "240.00"
    }  # fmt: skip
    assert set(found.notes) == {
        "payments in test mode: no money moved (1)",
        "payments that failed or were not finished: no deals (1)",
        "payments that were given back in part: counted at what was left (1)",
        "payments that were given back wholly: no deals (1)",
        "payments that Stripe converted to another currency: counted in the one charged (3)",
    }
    assert found.deals[0][1].won_at == datetime(2026, 2, 10, 8, tzinfo=UTC)
    assert found.zoned


HEADER = "id,Created (UTC),Amount,Amount Refunded,Currency,Status,Customer Email,Customer ID,Captured,Disputed Amount,"
HEADER += "Dispute Status\n"


def payment(*cells: str) -> bytes:
    return (HEADER + ",".join(cells) + "\n").encode()


def test_the_older_header_and_a_chosen_subset() -> None:
    older = facts(
        payment("ch_1", "2026-01-10 08:00", "15.00", "0.00", "usd", "Paid", "a@b.example", "", "true", "", "")
    )
    subset = facts(b"id,Created (UTC),Amount,Currency,Status,Customer ID\nch_1,2026-01-10 08:00,15.00,usd,Paid,cus_1\n")
    assert [str(one.amount) for _, one in (*older.deals, *subset.deals)] == ["15.00 USD", "15.00 USD"]
    assert [one.person for _, one in subset.deals] == ["person:stripe:cus_1"]
    assert "Customer Email" in subset.notes[0]


@pytest.mark.parametrize("status", ["Failed", "canceled", "requires_payment_method", "Incomplete", "Teleported"])
def test_what_is_not_surely_paid_is_no_deal(status: str) -> None:
    found = facts(payment("ch_1", "2026-01-10", "15", "0", "eur", status, "a@b.example", "", "true", "", ""))
    assert found.deals == ()
    assert len(found.notes) == 1


def test_money_only_authorised_is_none() -> None:
    found = facts(payment("ch_1", "2026-01-10", "15", "0", "eur", "Paid", "a@b.example", "", "false", "", ""))
    assert found.deals == ()


@pytest.mark.parametrize(("status", "left"), [("lost", ["5 EUR"]), ("won", []), ("needs_response", [])])
def test_a_dispute_takes_what_it_took_only_once_it_is_lost(status: str, left: list[str]) -> None:
    found = facts(payment("ch_1", "2026-01-10", "15", "0", "eur", "Paid", "a@b.example", "", "true", "5", status))
    assert [str(one.total) for _, one in found.returned] == left


def test_who_is_not_named_is_nobody() -> None:
    found = facts(payment("ch_1", "2026-01-10", "15", "0", "eur", "Paid", "", "", "true", "", ""))
    assert [one.person for _, one in found.deals] == [None]
    assert "name nobody" in found.notes[0]


@pytest.mark.parametrize(("cells", "says"), [
    (("ch_1", "2026-01-10", "15", "16", "eur", "Refunded", "", "", "true", "", ""), "given back"),
    (("ch_1", "2026-01-10", "15", "", "eur", "Refunded", "", "", "true", "", ""), "nothing says how much"),
    (("ch_1", "2026-01-10", "", "0", "eur", "Paid", "", "", "true", "", ""), "the amount is missing"),
    (("ch_1", "2026-01-10", "15.001", "0", "eur", "Paid", "", "", "true", "", ""), "15.001"),
    (("ch_1", "2026-01-10", "15.5", "0", "jpy", "Paid", "", "", "true", "", ""), "JPY"),
    (("ch_1", "2026-01-10", "15", "0", "zzz", "Paid", "", "", "true", "", ""), "ZZZ"),
    (("ch_1", "", "15", "0", "eur", "Paid", "", "", "true", "", ""), "created is empty"),
    (("ch_1", "2026-01-10", "15", "0", "eur", "", "", "", "true", "", ""), "status is empty"),
    (("", "2026-01-10", "15", "0", "eur", "Paid", "", "", "true", "", ""), "id is empty"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_its_row(cells: tuple[str, ...], says: str) -> None:
    with pytest.raises(BadInput) as refused:
        facts(payment(*cells))
    assert says in str(refused.value)
    assert "file.csv:2" in str(refused.value)


def test_customers_who_paid_are_clients_and_metadata_may_hold_our_code() -> None:
    found = facts("stripe-customers_en.csv", codes=CODES)
    assert [one for _, one in found.buyers] == [
        Buyer("person:mara@kiln.example", datetime(2026, 1, 10, 7, 59, tzinfo=UTC)),
        Buyer("person:otto@brandt.example", datetime(2026, 1, 12, 9, 29, tzinfo=UTC)),
    ]
    assert [(one.source_id, one.code) for _, one in found.leads] == [("stripe:cus_otto", "k7m2p9qrst")]
    assert found.notes == ("customers who paid nothing: no clients (1)",)


def test_a_file_without_currencies_says_in_which_it_was_counted() -> None:
    found = facts(b"id,Created (UTC),Amount,Status,Customer Email\nch_1,2026-01-10,15.00,Paid,a@b.example\n")
    assert [str(one.amount) for _, one in found.deals] == ["15.00 EUR"]
    assert "amounts without a sign are in EUR" in found.notes[0]


def test_who_was_erased_is_not_known_by_another_name() -> None:
    paid = payment("ch_1", "2026-01-10", "15", "0", "eur", "Paid", "a@b.example", "cus_1", "true", "", "")
    found = facts(paid, person=lambda name: None if "@" in name else name)
    assert [one.person for _, one in found.deals] == [None]


def test_any_metadata_may_hold_a_code_of_ours() -> None:
    header = "id,Created (UTC),Delinquent,Email,Total Spend,how (metadata),Plan\n"
    found = facts(f"{header}cus_1,2026-01-10,false,a@b.example,0,k7m2p9qrst,w3x4y5z6ab\n".encode(), codes=CODES)
    assert [one.code for _, one in found.leads] == ["k7m2p9qrst"]
