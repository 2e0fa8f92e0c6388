from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosspost.audit import estimate
from crosspost.audit.ledger import LeadRow, Ledger
from crosspost.audit.results import Audit, Basis, Finding, ShareClaim, Verdict
from crosspost.audit.run import audit
from crosspost.audit.verdict import DEFAULT_CLAIMS, judge
from tests.audit.ledgers import BRAND, MADE_AT, START, YEAR, clients

S, R, I, N = Verdict.SUPPORTED, Verdict.REFUTED, Verdict.INCONCLUSIVE, Verdict.NOT_ENOUGH_DATA  # noqa: E741


def first(ledger: Ledger) -> Finding:
    return audit(ledger, made_at=MADE_AT).findings[0]


def on_shares(result: Audit) -> list[Finding]:
    return [finding for finding in result.findings if isinstance(finding.claim, ShareClaim)]


@pytest.mark.parametrize(
    ("x", "unknown", "n", "margin", "verdict"),
    [
        (0, 0, 29, 0.10, S),  # 9.8 % is under 10 %
        (0, 0, 28, 0.10, N),  # 10.1 % is not, and 29 were planned
        (0, 1, 29, 0.10, I),  # one unknown client is enough to undo it
        (0, 0, 59, 0.05, S),
        (0, 0, 58, 0.05, N),
        (1, 0, 58, 0.05, N),
        (1, 0, 59, 0.05, I),
        (4, 0, 29, 0.10, I),
        (7, 0, 29, 0.10, R),
        (2, 0, 2, 0.10, R),  # exact limits decide at any size
        (1, 0, 1, 0.10, N),
        (1, 0, 1, 0.05, N),  # the lower limit of 1 of 1 is the margin itself, and not over it
        (2, 0, 2, 0.05, R),
        (75, 193, 842, 0.10, I),
        (75, 193, 842, 0.05, R),
        (0, 0, 0, 0.10, N),
        (0, 40, 40, 0.10, N),  # nothing is known of anybody
    ],
)
def test_rule(x: int, unknown: int, n: int, margin: float, verdict: Verdict) -> None:
    assert judge(x, unknown, n, margin) is verdict


@settings(deadline=None, max_examples=150)
@given(st.integers(1, 200), st.data())
def test_verdict_follows_the_limits_and_nothing_else(n: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, n))
    unknown = data.draw(st.integers(0, n - x))
    margin = data.draw(st.sampled_from([0.01, 0.05, 0.1, 0.3]))
    verdict = judge(x, unknown, n, margin)
    if n == unknown:
        assert verdict is N
        return
    upper, lower = estimate.upper_bound(x + unknown, n), estimate.lower_bound(x, n)
    assert (verdict is S) == (upper < margin * (1 - 1e-9))
    assert (verdict is R) == (lower > margin * (1 + 1e-9))
    if verdict is N:
        assert n < estimate.planned_size(margin)
    if verdict is I:
        assert n >= estimate.planned_size(margin)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 150), st.data())
def test_more_unknown_clients_never_settle_anything(n: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, n))
    unknown = data.draw(st.integers(0, n - x))
    fewer = data.draw(st.integers(0, unknown))
    decided = judge(x, unknown, n, 0.10)
    if decided is S:
        assert judge(x, fewer, n, 0.10) is S


def test_three_truths_give_three_answers() -> None:
    def verdicts(ledger: Ledger) -> list[Verdict]:
        return [found.verdict for found in on_shares(audit(ledger, made_at=MADE_AT))]

    assert verdicts(clients(0, 60)) == [S, S, S]
    assert verdicts(clients(20, 40)) == [R, R, R]
    doors = tuple(
        LeadRow(f"L{i}", START, "referral", touches=("x", "referral") if i < 20 else ("referral",), won_at=START)
        for i in range(60)
    )
    assert verdicts(Ledger(BRAND, YEAR, leads=doors)) == [S, S, R]


def test_missing_is_counted_in_clients_weeks_and_leads() -> None:
    found = first(clients(0, 12, open_leads=30))
    assert found.verdict is N
    assert found.missing == (
        "0 of 12; 17 more clients with none from networks would bound the share under 10 % "
        "(about 71 weeks or 60 leads at this period's pace)"
    )
    assert found.missing in found.sentence
    again = first(clients(0, 12 + 17, open_leads=30))
    assert again.verdict is S


def test_missing_with_unknown_clients_is_enough_when_added() -> None:
    found = first(clients(1, 3, 1))
    assert found.missing is not None
    more = int(found.missing.split("; ")[1].split()[0])
    assert first(clients(1, 3 + more, 1)).verdict is S
    assert first(clients(1, 3 + more - 1, 1)).verdict is not S


def test_no_clients_at_all() -> None:
    found = first(clients(0, 0, open_leads=5))
    assert (found.verdict, found.estimate, found.bounds, found.n) == (N, None, None, 0)
    assert found.missing == "29 clients; with none from networks they would bound the share under 10 %"


def test_clients_of_whom_nothing_is_known() -> None:
    found = first(clients(0, 0, 40))
    assert found.verdict is N
    assert found.missing == "the channel of none of the 40 clients is known; record it and audit again"
    assert found.bounds is not None
    assert (found.bounds.low, found.bounds.high) == (0, 1)


def test_doors_need_journeys_not_channels() -> None:
    leads = tuple(LeadRow(f"L{i}", START, "referral", won_at=START) for i in range(60))
    result = audit(Ledger(BRAND, YEAR, leads=leads), made_at=MADE_AT)
    last, _, doors = on_shares(result)
    assert last.verdict is S
    assert doors.verdict is N
    assert doors.missing == "the journey of none of the 60 clients is known; record it and audit again"
    assert any(a.held is False for a in doors.assumptions if "whole" in a.text)


def test_estimate_and_bounds_of_a_finding() -> None:
    found = first(clients(5, 60, 10))
    assert found.estimate is not None
    assert found.bounds is not None
    assert (found.estimate.numerator, found.estimate.denominator, found.n) == (5, 75, 75)
    assert (found.estimate.low, found.estimate.high) == estimate.clopper_pearson(5, 75)
    assert (found.bounds.low, found.bounds.high, found.bounds.unknown) == (5 / 75, 15 / 75, 10)
    assert found.bounds.low_95 == estimate.lower_bound(5, 75)
    assert found.bounds.high_95 == estimate.upper_bound(15, 75)


def test_a_returning_client_is_nobodys_new_client() -> None:
    rows = [LeadRow(f"L{i}", START, "referral", touches=("referral",), won_at=START) for i in range(20)]
    rows += [LeadRow(f"R{i}", START, "referral", won_at=START, returning=True) for i in range(5)]
    rows += [LeadRow(f"C{i}", START, "recurrence", won_at=START) for i in range(5)]
    result = audit(Ledger(BRAND, YEAR, leads=tuple(rows)), made_at=MADE_AT)
    found = result.findings[0]
    assert (found.n, found.verdict) == (30, S)
    assert any("of whom 10 had bought before" in c and "not enough data" in c for c in found.caveats)
    assert found.assumptions[0].held is False
    again = LeadRow("D", None, "recurrence", won_at=START, amount_minor=900, currency="EUR", returning=True)
    more = audit(Ledger(BRAND, YEAR, leads=(*rows, again)), made_at=MADE_AT)
    assert more.table("shares") == result.table("shares")  # a further deal is money, and no further client
    assert more.table("revenue").records()[-1]["revenue"] == Decimal("9.00")
    by = {(row["basis"], row["who"]): row["clients"] for row in result.table("shares").records()}
    assert (by["last touch", "all clients"], by["last touch", "new clients"]) == (30, 20)


def test_contradictory_leads_withhold_every_verdict() -> None:
    base = clients(0, 60)
    twin = LeadRow("L0", START, "mastodon", won_at=START)
    result = audit(Ledger(BRAND, YEAR, leads=(*base.leads, twin)), made_at=MADE_AT)
    assert {finding.verdict for finding in result.findings} == {N}
    assert all("recorded twice with different facts (L0)" in (f.missing or "") for f in result.findings)
    assert any("contradictory" in warning for warning in result.warnings)


def test_claim_and_margin_are_always_stated() -> None:
    claims = (*DEFAULT_CLAIMS, ShareClaim("told", "Few clients name a network", 0.2, Basis.TOLD))
    for ledger in (clients(0, 60), clients(20, 2, 3), clients(0, 0), clients(0, 0, 9)):
        for found in audit(ledger, claims, made_at=MADE_AT).findings:
            assert found.claim.text in found.sentence
            of_share = found.claim.unit.startswith("share")
            margin = f"{100 * found.claim.margin:g} %" if of_share else f"{found.claim.margin:g}"
            assert f"margin {margin}" in found.sentence
            assert found.claim.told_margin.startswith(margin)
            assert found.told
            assert found.sentence.endswith(f". {found.told}")
            assert found.claim.text not in found.told
            assert found.sentence.startswith(found.verdict.value.capitalize())
            assert found.assumptions


def test_an_audit_says_when_it_was_simulated() -> None:
    result: Audit = audit(Ledger(BRAND, YEAR, sandbox="nothing comes of it"), made_at=MADE_AT)
    assert result.sandbox == "nothing comes of it"
    assert audit(Ledger(BRAND, YEAR), made_at=MADE_AT).sandbox is None


@pytest.mark.parametrize("margin", [0.0, 1.0, -0.1, 10.0])
def test_a_margin_is_a_share(margin: float) -> None:
    with pytest.raises(ValueError, match="margin"):
        ShareClaim("k", "text", margin)
