"""The sections on credit (A3) and on open doors (A4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosspost.audit import estimate
from crosspost.audit.credit import doors, held_out
from crosspost.audit.credit.compare import ORDERS, Credit, compare
from crosspost.audit.credit.heuristics import RULES
from crosspost.audit.credit.journeys import Journeys, journeys
from crosspost.audit.credit.paths import Floats, PathCounts, distinct
from crosspost.audit.credit.resampling import MOST, Resampled, resample
from crosspost.audit.quantiles import middle_of
from crosspost.audit.results import Absent, Assumption, Cell, Claim, Estimate, Finding, Table, Verdict, stated, table
from crosspost.audit.section import SEED, Given, Section
from crosspost.domain.message import Message, channel, count, listed, number, say, share

LEAST = 30  # converting journeys: under it chains and games are of single journeys
LEAST_LONG = 10  # of these with two touches or more: with one touch all models say the same
AGREED = 0.95  # of resamples in which models must agree, or must not
CLAIM = Claim(
    "credit_first", say("Whatever model shares out credit, the same channel comes first"), AGREED,
    audit="A3", unit="share of resamples",
)  # fmt: skip
MODELS = (*RULES, *(f"markov_{order}" for order in ORDERS), "shapley_sum", "shapley_rate")
_MARKOV = "markov_1"
_NOTE = say(
    "Credit shares out clients by a rule; it does not say what would be without a channel. Where "
    "models differ, the data do not choose between them."
)
Row = tuple[Cell | Absent, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Agreement:
    """How often the models agreed over resamples: on `first`, and not at all."""

    first: str
    same: float
    differ: float
    low: float  # of the share of credit that order 1 gives to `first`
    high: float


def _settled(given: Given) -> Journeys:
    return journeys(given.data.contacts, given.data.ledger.brand.currency, given.counted().paths)


def credit(given: Given) -> Section:
    """Who gets credit (A3): all models side by side, or rules of place alone where journeys are few."""
    found = _settled(given)
    counts = found.counts
    lacking = _lacking(counts)
    if not len(counts.lengths):
        return Section((_finding(given, found, None, None, lacking),))
    shown = compare(counts, () if lacking else ORDERS)
    too_many = say("{channels} channels; {most} at most are resampled", channels=len(counts.channels), most=MOST)
    resampled = None if lacking or len(counts.channels) > MOST else resample(counts, SEED)
    tables = [
        _credit(counts, shown, resampled, lacking, too_many),
        _removal(counts, shown, resampled, lacking, too_many),
        _lengths(counts),
    ]
    if not lacking:
        tables.append(_orders(counts))
    finding = _finding(given, found, shown, resampled, lacking or (None if resampled else too_many))
    return Section((finding,), tuple(tables))


def open_doors(given: Given) -> Section:
    """Whether networks open doors (A4)."""
    found = _settled(given)
    finding = doors.find(found, given.claim(doors.CLAIM), given.blocked, given.weeks)
    return Section((finding,), (doors.assisted(found),) if len(found.counts.lengths) else ())


def _lacking(counts: PathCounts) -> str | None:
    """What is missing before chains and games say anything, or None."""
    won, long = int(counts.converted()), int(counts.conversions[counts.lengths > 1].sum())
    needs: list[str] = []
    if won < LEAST:
        needs.append(say("{leads} with a recorded journey", leads=count(LEAST - won, "more won lead")))
    if long < LEAST_LONG:
        needs.append(say("{n} more of two touches or more", n=LEAST_LONG - long))
    return listed(needs) if needs else None


def _agreement(counts: PathCounts, resampled: Resampled) -> _Agreement:
    """Over the models that are resampled."""
    leaders = np.stack([_leader(figures) for figures in resampled.credit.values()])
    agreed = (leaders == leaders[0]).all(axis=0) & (leaders[0] >= 0)
    if agreed.any():
        top = int(np.bincount(leaders[0][agreed]).argmax())
    else:
        top = int(np.argmax(resampled.credit[_MARKOV].sum(axis=0)))
    same = float((agreed & (leaders[0] == top)).mean())
    figures = resampled.credit[_MARKOV]
    total = figures.sum(axis=1)
    share = np.divide(figures[:, top], total, out=np.zeros(len(total)), where=total > 0)
    low, high = middle_of(share)
    return _Agreement(counts.channels[top], same, float((~agreed).mean()), float(low), float(high))


def _leader(
    figures: Floats,
) -> NDArray[np.int64]:
    """Per resample the channel with most credit; -1 where two tie."""
    most = figures.max(axis=1, keepdims=True)
    ties = (figures >= most - 1e-9 * np.maximum(most, 1)).sum(axis=1) > 1
    return np.where(ties, -1, figures.argmax(axis=1))


def _finding(
    given: Given, found: Journeys, shown: Credit | None, resampled: Resampled | None, lacking: str | None
) -> Finding:
    """Supported if the models agree on the same channel in 95 % of resamples, and in the journeys seen; refuted if they
    do not agree in 95 % and do not in those seen."""
    claim = given.claim(CLAIM)
    missing = given.blocked or lacking
    agreement = None if resampled is None else _agreement(found.counts, resampled)
    first = None if shown is None else shown.first()
    if missing or agreement is None:
        verdict = Verdict.NOT_ENOUGH_DATA
    elif first == agreement.first and agreement.same >= claim.margin:
        verdict = Verdict.SUPPORTED
    elif first is None and agreement.differ >= claim.margin:
        verdict = Verdict.REFUTED
    else:
        verdict = Verdict.INCONCLUSIVE
    n = int(found.counts.converted())
    share = None
    if agreement is not None and shown is not None:
        top = shown.conversions[_MARKOV][found.counts.channels.index(agreement.first)]
        share = Estimate(float(top) / n, agreement.low, agreement.high, estimate.LEVEL, n, float(top), n,
                         "exact chain of order 1; journeys resampled", "share")  # fmt: skip
    caveats = [say("Credit is shared out by rule; no model says what would be without a channel."), *_left_out(found)]
    return Finding(
        claim=claim, verdict=verdict, estimate=share, bounds=None, n=n, planned=LEAST, missing=missing,
        caveats=tuple(caveats),
        assumptions=(
            Assumption(say("Journeys are recorded whole."), False if found.unrecorded else None),
            Assumption(say("A journey stops where a channel of it is missing."), None),
            Assumption(say("Journeys came independently of each other."), None),
        ),
        sentence=stated(verdict, claim.text, claim.told_margin, _told(n, agreement, first), missing),
        counted=say("won leads with a journey"),
    )  # fmt: skip


def _left_out(found: Journeys) -> list[str]:
    said = doors.left_out(found)
    if not found.lost:
        said.append(say("No lost lead has a recorded journey: chains are of won leads alone."))
    if found.unknown_amounts:
        said.append(say("{n} of the won leads have no amount in the brand's currency.", n=found.unknown_amounts))
    return said


def _told(n: int, agreement: _Agreement | None, first: str | None) -> Message:
    has = say("lead has") if n == 1 else say("leads have")
    text = say("{n} won {has} a recorded journey", n=number(n), has=has)
    if agreement is None:
        return text + "."
    if first is None:
        text += say("; as seen, the models do not agree")
    else:
        text += say("; as seen, all models put {channel} first", channel=channel(first))
    return text + say(
        ". In {same} of resampled journeys all put {channel} first, in {differ} they do not agree.",
        same=share(agreement.same), channel=channel(agreement.first), differ=share(agreement.differ),
    )  # fmt: skip


def _credit(
    counts: PathCounts, shown: Credit, resampled: Resampled | None, lacking: str | None, too_many: str
) -> Table:
    columns = (
        ("channel", "", "a channel that journeys name"),
        *((model, "clients", f"credit under {model}") for model in MODELS),
        ("band_low", "clients", "the lowest of these"),
        ("band_high", "clients", "the highest of these"),
        ("markov_low", "clients", "markov_1 over resampled journeys: lower end of its 95 % interval"),
        ("markov_high", "clients", "markov_1 over resampled journeys: upper end of its 95 % interval"),
        ("firsts", "models", "how many of the models put it first, alone"),
    )
    few = Absent(say("missing: {lacking}", lacking=lacking or ""))
    unknown = {"shapley_rate": Absent(say("above 20 channels, the smaller ones play as one")), **_too_large(shown)}
    low, high = shown.band()
    leaders = list(shown.leaders().values())
    ends = _ends(resampled.credit[_MARKOV] if resampled else None, len(counts.channels), Absent(lacking or too_many))
    rows: list[Row] = []
    for at, name in enumerate(counts.channels):
        cells: list[Cell | Absent] = []
        for model in MODELS:
            if lacking and model not in RULES:
                cells.append(few)
            else:
                cells.append(float(shown.conversions[model][at]) if model in shown.conversions else unknown[model])
        band = (few, few) if lacking else (float(low[at]), float(high[at]))
        rows.append((name, *cells, *band, *ends[at], leaders.count(name)))
    return table("credit", say("Credit under each model"), columns, rows, _NOTE)


def _removal(
    counts: PathCounts, shown: Credit, resampled: Resampled | None, lacking: str | None, too_many: str
) -> Table:
    columns = (
        ("channel", "", "a channel that journeys name"),
        *((f"order_{order}", "share", f"conversions lost without it in a chain of order {order}") for order in ORDERS),
        ("low", "share", "order_1 over resampled journeys: lower end of its 95 % interval"),
        ("high", "share", "order_1 over resampled journeys: upper end of its 95 % interval"),
        *((f"value_{order}", "share", f"value lost without it in a chain of order {order}") for order in ORDERS),
    )
    few = Absent(say("missing: {lacking}", lacking=lacking or ""))
    worthless = Absent(say("no won lead with a journey has an amount"))
    ends = _ends(resampled.removal if resampled else None, len(counts.channels), Absent(lacking or too_many))
    rows: list[Row] = []
    for at, name in enumerate(counts.channels):
        if lacking:
            rows.append((name, *([few] * len(ORDERS)), *ends[at], *([few] * len(ORDERS))))
            continue
        lost: list[Cell | Absent] = []
        worth: list[Cell | Absent] = []
        for order in ORDERS:
            known = shown.removals.get(order)
            lost.append(_too_large(shown)[f"markov_{order}"] if known is None else float(known.conversions[at]))
            worth.append(worthless if known is None or not counts.value() else float(known.value[at]))
        rows.append((name, *lost, *ends[at], *worth))
    note = say("A chain's technical figure: the share of conversions lost when walks by a channel end in nothing.")
    return table("removal", say("What chains lose without a channel"), columns, rows, note)


def _too_large(shown: Credit) -> dict[str, Absent]:
    return {f"markov_{order}": Absent(why) for order, why in shown.too_large.items()}


def _ends(figures: Floats | None, size: int, absent: Absent) -> Sequence[tuple[Cell | Absent, Cell | Absent]]:
    if figures is None:
        return [(absent, absent)] * size
    low, high = Resampled.interval(figures)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _lengths(counts: PathCounts) -> Table:
    columns = (
        ("touches", "touches", "length of the journey, repeats counted"),
        ("conversions", "leads", "won leads of that length"),
        ("nulls", "leads", "lost leads of that length"),
    )
    rows = [
        (int(length), int(counts.conversions[at].sum()), int(counts.nulls[at].sum()))
        for length in distinct(counts.lengths)
        for at in (counts.lengths == length,)
    ]
    return table("path_lengths", say("How long journeys are"), columns, rows)


def _orders(counts: PathCounts) -> Table:
    """Which order of chain foretells journeys that were held out."""
    found = held_out.log_likelihoods(counts, SEED)
    chosen = held_out.best(found)
    columns = (
        ("order", "touches", "how many touches before it a touch is foretold from"),
        ("log_likelihood", "per journey", "of a journey on a path held out, on average over paths: higher is better"),
        ("best", "", "whether it foretells best"),
    )
    rows = [(order, one, order == chosen) for order, one in found.items()]
    return table("chain_orders", say("Which chain foretells journeys best"), columns, rows)
