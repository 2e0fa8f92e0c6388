"""Whether those who react come to recommend, ask or buy: the mirage of benevolence (H2)."""

from __future__ import annotations

from crosspost.audit import estimate
from crosspost.audit.counting.conversion import Row
from crosspost.audit.ledger import Reacted
from crosspost.audit.observation.saying import finding
from crosspost.audit.results import Absent, Assumption, Claim, Table, Verdict, table
from crosspost.audit.section import Given, Section
from crosspost.domain.message import join, say

REACTORS = 60  # 0 of 59 bounds the share under 5 %
REFERRERS = 10
_ONE_SIDED = 0.90  # a two-sided interval of 90 % has one-sided limits of 95 %

CLAIM = Claim(
    "reactions_are_no_help",
    say(
        "Those who react do not recommend: under 5 % of them refer, ask or buy within a year, and "
        "referrers had not reacted more than others"
    ),
    0.05,
    audit="H2",
    unit="share",
)


def benevolence(given: Given) -> Section:
    """The claim on those who react, from counts of hashes that never leave the store."""
    claim = given.claim(CLAIM)
    ledger = given.data.ledger
    one, why = ledger.reacted, ledger.reacted_reason
    verdict, body, share = Verdict.NOT_ENOUGH_DATA, "", None
    missing: str | None = None
    if one is None:
        missing = say("{n} who reacted to three posts or more, followed for a year: {why}", n=REACTORS, why=why)
    else:
        lacking = _lacking(one)
        if lacking:
            missing = lacking
        else:
            verdict = _judged(one, claim.margin)
        if one.followed:
            share = estimate.share(one.acted, one.followed)
            body = say(
                "{acted} of {followed} who reacted to three posts or more referred, asked or bought within a "
                "year; {referrers_before} of {referrers} referrers had reacted before, and {matched_before} of "
                "{matched} others",
                acted=one.acted,
                followed=one.followed,
                referrers_before=one.referrers_before,
                referrers=one.referrers,
                matched_before=one.matched_before,
                matched=one.matched,
            )
    found = finding(
        given.blocked,
        claim,
        verdict,
        estimate=share,
        n=one.followed if one else 0,
        planned=REACTORS,
        counted=say("people"),
        missing=missing,
        body=body,
        caveats=(
            say("Rival: reactions come before real help off-line. Ask at the intake: “who spoke of us?”"),
            say("Who reacts under a name that no lead is known by cannot be found again: the share is a lower bound."),
        ),
        assumptions=(
            Assumption(say("Leads' own presences on networks are known."), None),
            Assumption(say("Everybody who was sent is recorded with who sent them."), None),
        ),
    )
    return Section((found,), (_table(one, why),))


def _lacking(one: Reacted) -> str:
    parts = []
    if one.followed < REACTORS:
        open_ = (
            say(" ({open} more have reacted so often for less than a year: up to 52 weeks)", open=one.open)
            if one.open
            else ""
        )
        parts.append(
            say(
                "{n} more people who reacted to three posts or more a year ago{open}",
                n=REACTORS - one.followed,
                open=open_,
            )
        )
    short = REFERRERS - min(one.referrers, one.matched)
    if short > 0:
        parts.append(
            say(
                "{short} more clients or leads who referred somebody and whose own presence on a network is "
                "known, with as many who referred nobody",
                short=short,
            )
        )
    return join("; ", parts)


def _judged(one: Reacted, margin: float) -> Verdict:
    """Supported: both upper limits are under the margin. Refuted: either lower limit is over it."""
    groups = (one.referrers_before, one.referrers, one.matched_before, one.matched)
    _, _, high = estimate.difference(*groups, _ONE_SIDED)
    upper = estimate.upper_bound(one.acted, one.followed)
    if upper < margin and high < margin:
        return Verdict.SUPPORTED
    # Two chances to be over: each has half of the 5 %.
    _, low, _ = estimate.difference(*groups)
    if estimate.lower_bound(one.acted, one.followed, 0.975) > margin or low > margin:
        return Verdict.REFUTED
    return Verdict.INCONCLUSIVE


def _table(one: Reacted | None, why: str) -> Table:
    columns = (
        ("group", "", "who is looked at"),
        ("people", "people", "how many they are"),
        ("of_them", "people", "those who acted, or had reacted before"),
        ("share", "share", "the one part of the other"),
        ("share_low", "share", "exact 95 % interval, lower end"),
        ("share_high", "share", "its upper end"),
    )
    groups: tuple[tuple[str, int, int], ...] = ()
    if one is not None:
        groups = (
            (say("reacted to 3 posts or more; acted within a year"), one.followed, one.acted),
            (say("referred somebody; had reacted before"), one.referrers, one.referrers_before),
            (say("referred nobody, matched by date; had reacted before"), one.matched, one.matched_before),
        )
    rows: list[Row] = [["all", *[Absent(why)] * 5]] if one is None else []
    for name, n, x in groups:
        figures: Row = [x / n, *estimate.clopper_pearson(x, n)] if n else [Absent(say("nobody is known"))] * 3
        rows.append([name, n, x, *figures])
    note = say("Counts of keyed hashes. Nobody is named, and nothing of one person leaves the store.")
    return table("reactors", say("Who reacted, and what came of it"), columns, rows, note)
