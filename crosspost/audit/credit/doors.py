"""Do networks open doors? Who met them among the won, and who among the lost (A4).

What is compared is presence on a journey. People who go by a network may differ from others before they do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from crosspost.audit import estimate
from crosspost.audit.counting.origins import kind
from crosspost.audit.credit.journeys import Journeys, path_of
from crosspost.audit.credit.odds import conditional_odds
from crosspost.audit.ledger import LeadRow
from crosspost.audit.results import (
    FIXED,
    Absent,
    Assumption,
    Cell,
    Claim,
    Estimate,
    Finding,
    Table,
    Verdict,
    stated,
    table,
)
from crosspost.domain.business import ChannelKind
from crosspost.domain.message import Message, listed, number, say

LEAST = 20  # won, and lost: under it an odds ratio's interval spans everything people would call a difference
CLAIM = Claim(
    "doors_odds", say("Networks open no doors: those who were won had met one less often than those who were lost"),
    1.0, audit="A4", unit="odds ratio",
)  # fmt: skip
NETWORKS = "(networks)"
_NOTE = say("Presence on a journey, won against lost: an association, not what would be without the channel.")
Row = tuple[Cell | Absent, ...]


def _met_network(lead: LeadRow) -> bool:
    return any(kind(name) is ChannelKind.NETWORK for name in path_of(lead))


def _four(found: Journeys, met: Callable[[LeadRow], bool]) -> tuple[int, int, int, int]:
    """Won that met it, won that did not, lost that met it, lost that did not."""
    a, c = sum(map(met, found.won)), sum(map(met, found.lost))
    return a, len(found.won) - a, c, len(found.lost) - c


def find(found: Journeys, claim: Claim, blocked: str | None, weeks: float) -> Finding:
    """The finding on `claim`: supported with the whole interval under its margin, refuted with it over that."""
    won, lost = len(found.won), len(found.lost)
    cells = _four(found, _met_network)
    value, low, high = conditional_odds(*cells)
    told = math.isfinite(value) and math.isfinite(high)
    missing = blocked or _missing(won, lost, weeks)
    if missing is None and math.isnan(value):
        if cells[0] + cells[2]:
            missing = say("a journey without a network: all {n} have one", n=won + lost)
        else:
            missing = say("a journey with a network: all {n} have none", n=won + lost)
    if missing:
        verdict = Verdict.NOT_ENOUGH_DATA
    elif high < claim.margin:
        verdict = Verdict.SUPPORTED
    elif low > claim.margin:
        verdict = Verdict.REFUTED
    else:
        verdict = Verdict.INCONCLUSIVE
    method = "conditional odds ratio, exact two-sided interval"
    return Finding(
        claim=claim,
        verdict=verdict,
        estimate=Estimate(value, low, high, estimate.LEVEL, won + lost, cells[0], cells[2], method, claim.unit)
        if told
        else None,
        bounds=None,
        n=won + lost,
        planned=2 * LEAST,
        missing=missing,
        caveats=(say("It tells who was present, not what opened a door."), *left_out(found)),
        assumptions=(
            Assumption(say("Lost leads are recorded as carefully as won ones."), None),
            Assumption(say("Journeys are recorded whole."), False if found.unrecorded else None),
            Assumption(say("Leads came independently of each other."), None),
            Assumption(FIXED, None),
        ),
        sentence=stated(verdict, claim.text, claim.told_margin, _told(cells, (value, low, high)), missing),
        counted=say("leads"),
    )


def _missing(won: int, lost: int, weeks: float) -> str | None:
    lacking: list[str] = []
    if won < LEAST:
        lacking.append(say("{n} more won", n=LEAST - won))
    if lost < LEAST:
        lacking.append(say("{n} more lost", n=LEAST - lost))
    if not lacking:
        return None
    text = say("{lacking} leads with a recorded journey", lacking=listed(lacking))
    slowest = max(((LEAST - n) / n for n in (won, lost) if 0 < n < LEAST), default=0.0)
    if slowest * weeks and 0 not in (won, lost):
        text += say(" (about {n} weeks at this period's pace)", n=math.ceil(slowest * weeks))
    return text


def left_out(found: Journeys) -> list[str]:
    """What of the leads these journeys do not tell, in sentences."""
    said: list[str] = []
    if found.unrecorded:
        said.append(say("{n} won or lost leads have no recorded journey and are left out.", n=number(found.unrecorded)))
    if found.open:
        said.append(say("{n} open leads are left out: they may still be either.", n=number(found.open)))
    return said


def _told(cells: tuple[int, int, int, int], odds: tuple[float, float, float]) -> Message:
    a, b, c, d = cells
    text = say(
        "{a} of {won} won and {c} of {lost} lost journeys met a network",
        a=number(a), won=number(a + b), c=number(c), lost=number(c + d),
    )  # fmt: skip
    if not math.isnan(odds[0]):
        value, low, high = map(_odds, odds)
        text += say("; odds ratio {value}, exact 95 % interval {low} to {high}", value=value, low=low, high=high)
    return text + "."


def _odds(value: float) -> str:
    return say("without bound") if math.isinf(value) else number(value, 2)


def assisted(found: Journeys) -> Table:
    """Per channel, and for networks together: presence among the won and the lost, and place on the way."""
    columns = (
        ("channel", "", "a channel that journeys name, or (networks)"),
        ("won_met", "leads", "won leads that met it anywhere"),
        ("won", "leads", "won leads with a journey"),
        ("share", "share", "won_met / won"),
        ("low", "share", "lower end of its exact 95 % interval"),
        ("high", "share", "upper end of its exact 95 % interval"),
        ("assisted", "leads", "of won_met, those whose last touch was another"),
        ("assisted_share", "share", "assisted / won_met"),
        ("first", "leads", "won leads whose first touch it was"),
        ("last", "leads", "won leads whose last touch it was"),
        ("first_to_last", "ratio", "first / last: over 1 it stands more at the beginning of journeys"),
        ("lost_met", "leads", "lost leads that met it anywhere"),
        ("lost", "leads", "lost leads with a journey"),
        ("odds_ratio", "odds ratio", "odds of meeting it, won against lost (conditional estimate)"),
        ("odds_low", "odds ratio", "lower end of its exact 95 % interval"),
        ("odds_high", "odds ratio", "upper end of its exact 95 % interval"),
    )
    names = found.counts.channels
    rows = [_row(name, found, [name]) for name in names]
    networks = [name for name in names if kind(name) is ChannelKind.NETWORK]
    if names:
        rows.append(_row(NETWORKS, found, networks))
    return table("assisted", say("Met on the way, won against lost"), columns, rows, _NOTE)


def _row(title: str, found: Journeys, names: Sequence[str]) -> Row:
    chosen = frozenset(names)
    a, b, c, d = _four(found, lambda lead: not chosen.isdisjoint(path_of(lead)))
    paths = [path_of(lead) for lead in found.won]
    last = sum(path[-1] in chosen for path in paths)
    first = sum(path[0] in chosen for path in paths)
    none = Absent(say("no lead with a journey was won"))
    share = (a / (a + b), *estimate.clopper_pearson(a, a + b)) if a + b else (none, none, none)
    return (
        title, a, a + b, *share, a - last, (a - last) / a if a else Absent(say("no won lead met it")), first, last,
        first / last if last else Absent(say("it was last on no won journey")), c, c + d, *_odds_cells(a, b, c, d),
    )  # fmt: skip


def _odds_cells(a: int, b: int, c: int, d: int) -> tuple[Cell | Absent, ...]:
    if min(a + b, c + d) < LEAST:
        return (Absent(say("under {least} won or {least} lost leads with a journey", least=LEAST)),) * 3
    found = conditional_odds(a, b, c, d)
    if math.isnan(found[0]):
        return (Absent(say("all journeys are alike in this")),) * 3
    return tuple(Absent(say("unbounded: a cell of the table is empty")) if math.isinf(one) else one for one in found)
