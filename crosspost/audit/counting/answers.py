"""Does what clients say match the record (A5)? Agreement, kappa, and what both kinds of evidence say together.

Kappa's interval spans two: the percentile bootstrap of pairs, which is too narrow where nearly all agree, and Jeffreys'
interval of the agreement at the chance agreement seen, which leaves out that this was estimated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crosspost.audit import estimate, verdict
from crosspost.audit.counting import enough
from crosspost.audit.counting.origins import by_network, folded, kind
from crosspost.audit.counting.told import PLACEBO, answers_of
from crosspost.audit.ledger import LeadRow
from crosspost.audit.quantiles import middle_of
from crosspost.audit.results import Absent, Assumption, Basis, Claim, Estimate, Finding, Table, Verdict, stated, table
from crosspost.audit.section import SEED, Given
from crosspost.domain.business import ChannelKind
from crosspost.domain.message import count, number, percent, plain, say, share

# "Substantial" agreement in the usual reading of kappa (Landis and Koch 1977) starts at 0.6: under it, one of the two
# kinds of evidence cannot stand in for the other.
CLAIM = Claim("told_matches_record", say("What clients say matches the record: kappa over 0.6"), 0.6,
              audit="A5", unit="kappa")  # fmt: skip
LEAST_PAIRS = 20
# One answer in twenty that cannot be true: a channel of that size may be made of such answers.
PLACEBO_CLAIM = Claim("few_made_up", say("Few make a channel up: under 5 % of answers name one that never ran"), 0.05,
                      audit="A5", unit="share")  # fmt: skip
_DRAWS = 2000
UNKNOWN = "unknown"  # in place of a channel that is not known, whatever stands there

Pairs = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Kappa:
    value: float
    low: float
    high: float
    boot_low: float
    boot_high: float


def pairs_of(clients: Sequence[LeadRow]) -> Counter[tuple[str, str]]:
    """(recorded, told) of clients with a known recorded channel and a known answer; one that names a channel which
    never ran is an answer, and agrees with nothing."""
    return Counter(
        (recorded, told)
        for client in clients
        if kind(recorded := folded(client.channel)) is not ChannelKind.UNKNOWN
        and ((told := folded(client.told_channel)) == PLACEBO or kind(told) is not ChannelKind.UNKNOWN)
    )


def agreed(pairs: Pairs) -> int:
    return sum(number for (recorded, told), number in pairs.items() if recorded == told)


def kappa(pairs: Pairs) -> Kappa | Absent:
    """Cohen's kappa with its 95 % intervals; absent where nothing could disagree."""
    n = sum(pairs.values())
    if n == 0:
        return Absent(say("no client has both a known recorded channel and a known answer"))
    matrix = _matrix(pairs)
    value = float(_kappas(matrix[None])[0])
    if np.isnan(value):
        return Absent(say("every client names one channel"))
    draws = np.random.default_rng(SEED).multinomial(n, matrix.ravel() / n, size=_DRAWS)
    kappas = _kappas(draws.reshape(_DRAWS, *matrix.shape))
    boot_low, boot_high = (float(one) for one in middle_of(kappas[~np.isnan(kappas)]))
    x = agreed(pairs)
    chance = float((matrix.sum(0) * matrix.sum(1)).sum()) / n**2
    around = [(limit - chance) / (1 - chance) for limit in estimate.jeffreys(x, n)]
    return Kappa(value, max(-1.0, min(around[0], boot_low)), max(around[1], boot_high), boot_low, boot_high)


def _kappas(matrices: np.ndarray) -> np.ndarray:
    """Kappa of each matrix of counts; not a number where chance agreement is whole."""
    n = matrices.sum((-1, -2))
    seen = np.trace(matrices, axis1=-2, axis2=-1) / n
    chance = (matrices.sum(-1) * matrices.sum(-2)).sum(-1) / n**2
    result = np.full(seen.shape, np.nan)
    np.divide(seen - chance, 1 - chance, out=result, where=chance < 1)
    return result


def _matrix(pairs: Pairs) -> np.ndarray:
    """Counts by recorded and told channel, in an order that the channels' names have no part in: renaming them must
    change no resample."""
    names = sorted({name for pair in pairs for name in pair})
    place = dict.fromkeys(names, 0)
    for _ in range(min(4, len(names))):
        colours = {
            name: (
                place[name], pairs.get((name, name), 0),
                sorted((pairs[name, other], place[other]) for other in names if (name, other) in pairs),
                sorted((pairs[other, name], place[other]) for other in names if (other, name) in pairs),
            )
            for name in names
        }  # fmt: skip
        ranked = sorted({repr(colour) for colour in colours.values()})
        place = {name: ranked.index(repr(colours[name])) for name in names}
    order = sorted(names, key=lambda name: place[name])
    return np.array([[pairs.get((recorded, told), 0) for told in order] for recorded in order])


def one_sided(clients: Sequence[LeadRow]) -> Table:
    """Clients of whom record or answer, or both, is not known: what no agreement can be told of."""
    found: Counter[tuple[str, str]] = Counter()
    for client in clients:
        recorded, told = folded(client.channel), folded(client.told_channel)
        no_record = kind(recorded) is ChannelKind.UNKNOWN
        no_answer = told != PLACEBO and kind(told) is ChannelKind.UNKNOWN
        if no_record or no_answer:
            found[UNKNOWN if no_record else recorded, UNKNOWN if no_answer else told] += 1
    return table(
        "recorded_told_unknown",
        say("Recorded channel or self-report unknown"),
        (
            ("recorded", "", "recorded channel; unknown: none that is known"),
            ("told", "", "what the client said; unknown: nothing, or nothing that is a channel"),
            ("clients", "clients", ""),
        ),
        [(recorded, told, number) for (recorded, told), number in sorted(found.items())],
    )


def agreement(clients: Sequence[LeadRow]) -> tuple[Table, ...]:
    """The tables of pairs, and of clients that make none; agreement with kappa; and what record and answer say of
    networks, together and apart."""
    pairs = pairs_of(clients)
    n = sum(pairs.values())
    matrix = table(
        "recorded_told",
        say("Recorded channel against self-report"),
        (
            ("recorded", "", "recorded channel"),
            ("told", "", "what the client said; placebo: a channel that never ran"),
            ("clients", "clients", ""),
        ),
        [(recorded, told, number) for (recorded, told), number in sorted(pairs.items())],
        say("Clients with both a known recorded channel and a known answer."),
    )
    none = Absent(say("no client has both a known recorded channel and a known answer"))
    found = kappa(pairs)
    five: Sequence[float | Absent] = (
        [found] * 5
        if isinstance(found, Absent)
        else [found.value, found.low, found.high, found.boot_low, found.boot_high]
    )
    share = [agreed(pairs) / n, *estimate.clopper_pearson(agreed(pairs), n)] if n else [none] * 3
    summary = table(
        "agreement",
        say("Agreement of record and self-report"),
        (
            ("clients", "clients", "clients with both"),
            ("agreement", "share", "share whose answer is the recorded channel"),
            ("agreement_lo", "share", "lower end of its exact 95 % interval"),
            ("agreement_hi", "share", "its upper end"),
            ("kappa", "kappa", "Cohen's kappa: agreement beyond chance, 1 at most"),
            ("kappa_lo", "kappa", "lower end of its 95 % interval: the wider of bootstrap and Jeffreys"),
            ("kappa_hi", "kappa", "its upper end"),
            ("bootstrap_lo", "kappa", "lower end of the percentile bootstrap's alone"),
            ("bootstrap_hi", "kappa", "its upper end"),
        ),
        [(n, *share, *five)],
    )
    return matrix, one_sided(clients), summary, evidence(clients)


def evidence(clients: Sequence[LeadRow]) -> Table:
    """Clients by networks after the record, after their answers, after either, after both."""
    columns = (
        ("evidence", "", "what says that a network brought the client"),
        ("networks", "clients", "clients of whom it says so"),
        ("unknown", "clients", "clients of whom it says neither"),
        ("clients", "clients", "all clients"),
        ("share", "share", "networks / clients: the unknown counted out"),
        ("low", "share", "lower end of its exact 95 % interval"),
        ("high", "share", "upper end of its exact 95 % interval"),
        ("share_unknown_in", "share", "(networks + unknown) / clients"),
    )
    said = [(by_network(one, Basis.RECORDED), by_network(one, Basis.TOLD)) for one in clients]
    kinds = (
        (say("record"), [record for record, _ in said]),
        (say("self-report"), [told for _, told in said]),
        (say("either"), [_either(*one) for one in said]),
        (say("both"), [_both(*one) for one in said]),
    )
    n = len(said)
    rows: list[Sequence[str | int | float | Absent]] = []
    for name, votes in kinds:
        x, unknown = votes.count(True), votes.count(None)
        figures = (x / n, *estimate.clopper_pearson(x, n), (x + unknown) / n) if n else [Absent(say("no clients"))] * 4
        rows.append((name, x, unknown, n, *figures))
    note = say("Where one is unknown, either is known only if the other says yes, and both only if it says no.")
    return table("evidence", say("Networks by either kind of evidence"), columns, rows, note)


def _either(one: bool | None, other: bool | None) -> bool | None:
    return True if one or other else None if None in (one, other) else False


def _both(one: bool | None, other: bool | None) -> bool | None:
    return False if False in (one, other) else None if None in (one, other) else True


def find(given: Given) -> list[Finding]:
    """The findings on `CLAIM` and, where the owner named a channel that never ran, on `PLACEBO_CLAIM`."""
    x, n = answers_of(given.data.contacts)
    made_up = given.claim(PLACEBO_CLAIM)
    placebo = _placebo(given, made_up, x, n) if given.data.ledger.placebo else None
    return [_matches(given, flagged=bool(placebo) and x > PLACEBO_CLAIM.margin * n), *([placebo] if placebo else [])]


def _matches(given: Given, *, flagged: bool) -> Finding:
    claim, clients = given.claim(CLAIM), given.data.clients
    pairs = pairs_of(clients)
    n, found = sum(pairs.values()), kappa(pairs)
    alike = found.reason if isinstance(found, Absent) and n else None
    lacking = enough.missing(
        [
            enough.Need(
                say("more client with both a recorded channel and an answer"),
                say("more clients with both a recorded channel and an answer"), n, LEAST_PAIRS,
            )
        ],
        given, also=alike and say("{alike}: kappa takes clients of a second one", alike=alike),
    )  # fmt: skip
    interval, result = None, Verdict.NOT_ENOUGH_DATA
    told = say("{clients} with both a recorded channel and an answer", clients=count(n, "client"))
    if not isinstance(found, Absent):
        x = agreed(pairs)
        interval = Estimate(found.value, found.low, found.high, estimate.LEVEL, n, x, n,
                            "bootstrap of pairs and Jeffreys, the wider", "kappa")  # fmt: skip
        told = say(
            "{pairs}; the two agree on {x} ({share}), kappa {kappa}, 95 % interval {low} to {high}", pairs=told,
            x=number(x), share=share(x / n), kappa=number(found.value, 2), low=number(found.low, 2),
            high=number(found.high, 2),
        )  # fmt: skip
        if lacking is None:
            result = enough.over(found.low, found.high, claim.margin)
    caveats: list[str] = [say("Agreement of two kinds of evidence: both may be wrong alike.")]
    if flagged:
        caveats.append(say("Self-report is flagged: over 5 % of answers name a channel that never ran."))
    return Finding(
        claim=claim, verdict=result, estimate=interval, bounds=None, n=n, planned=LEAST_PAIRS, missing=lacking,
        caveats=tuple(caveats),
        assumptions=(
            Assumption(say("Everybody was asked at the same moment of the way."), None),
            Assumption(
                say("Those who answered are like those who were not asked."), None if n < len(clients) else True
            ),
            Assumption(say("Answers name no channel that never ran."), False if flagged else None),
        ),
        sentence=stated(result, claim.text, plain(claim.margin), say("{told}.", told=told), lacking),
    )  # fmt: skip


def _placebo(given: Given, claim: Claim, x: int, n: int) -> Finding:
    margin = claim.margin
    planned = estimate.planned_size(margin)
    result = verdict.judge(x, 0, n, margin)
    if given.blocked:
        result = Verdict.NOT_ENOUGH_DATA
    lacking = None
    if result is Verdict.NOT_ENOUGH_DATA:
        more = n + estimate.more_needed(x, n, margin) if n else planned
        lacking = enough.missing(
            [
                enough.Need(
                    say("more answer that name no such channel"), say("more answers that name no such channel"), n, more
                )
            ],
            given,
        )
    told = say("{x} of {n} answers name a channel that never ran", x=x, n=n)
    if n:
        told = say(
            "{answers}; one-sided 95 % limits {low} and {high}", answers=told, low=share(estimate.lower_bound(x, n)),
            high=share(estimate.upper_bound(x, n)),
        )  # fmt: skip
    return Finding(
        claim=claim, verdict=result, estimate=estimate.share(x, n) if n else None,
        bounds=None, n=n, planned=planned, missing=lacking,
        caveats=(say("What is told of a true channel may be made up as often."),),
        assumptions=(Assumption(say("The channels named as placebos never ran."), None),),
        sentence=stated(result, claim.text, percent(margin), say("{told}.", told=told), lacking),
        counted=say("answers"),
    )  # fmt: skip
