"""What would change each verdict: how many more clients, or where an interval would have to lie.

On a share of clients that is counted: so many in a row, all of one kind, are tried against the rule itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crosspost.audit import estimate, verdict
from crosspost.audit.results import Finding, ShareClaim, Table, Verdict, table
from crosspost.domain.message import count, say

_MOST = 1_000_000  # more clients than a small firm will ever have


def would_change(findings: Sequence[Finding]) -> Table:
    """One row per finding, in their order."""
    columns = (
        ("claim", "", "the claim"),
        ("verdict", "", "its verdict"),
        ("change", "", "what would change it"),
    )
    rows = [[one.claim.text, one.verdict.value, change(one)] for one in findings]
    return table("would_change", say("What would change each verdict"), columns, rows)


def change(finding: Finding) -> str:
    """What would change the verdict of a finding, in a sentence."""
    if finding.missing is not None:
        return say("What is missing: the finding names it.")  # it may name leads, which no table does
    if isinstance(finding.claim, ShareClaim) and finding.bounds is not None and finding.estimate is not None:
        x, n, unknown = int(finding.estimate.numerator), finding.n, finding.bounds.unknown
        return _more_clients(finding.verdict, x, unknown, n, finding.claim.margin)
    if finding.verdict is Verdict.INCONCLUSIVE:
        return say("More data, until the interval lies on one side of the margin.")
    return say("An interval that reaches the margin.")


def _more_clients(found: Verdict, x: int, unknown: int, n: int, margin: float) -> str:
    def by_networks(more: int) -> Verdict:
        return verdict.judge(x + more, unknown, n + more, margin)

    def elsewhere(more: int) -> Verdict:
        return verdict.judge(x, unknown, n + more, margin)

    if found is Verdict.SUPPORTED:
        least = _least(lambda more: by_networks(more) is not found)
        return say("{clients} in a row, all by networks.", clients=count(least, "more client"))
    if found is Verdict.REFUTED:
        least = _least(lambda more: elsewhere(more) is not found)
        return say("{clients} in a row, none by a network.", clients=count(least, "more client"))
    support = estimate.more_needed(x + unknown, n, margin)
    refute = _least(lambda more: by_networks(more) is Verdict.REFUTED)
    both = say(
        "{support} in a row, none by a network, would support it; {refute}, all by networks, would refute it.",
        support=count(support, "more client"),
        refute=count(refute, "client"),
    )
    if unknown and verdict.judge(x, 0, n, margin) is Verdict.SUPPORTED:
        return say("{both} So would it if all {unknown} of unknown channel came from elsewhere.", both=both,
                   unknown=count(unknown, "client"))  # fmt: skip
    return both


def _least(turned: Callable[[int], bool]) -> int:
    """The smallest number from 1 on at which something turned that stays so."""
    high = 1
    while not turned(high) and high < _MOST:
        high *= 2
    low = high // 2  # the answer lies in (low, high]
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if turned(middle) else (middle, high)
    return high
