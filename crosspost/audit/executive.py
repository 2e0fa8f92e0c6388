"""The audit on one page: a headline and five answers, none stronger than the verdict it stands on.

Each answer has its word, and one sentence with n and interval, or with what is missing. A reader who stops here has
been told nothing that the findings do not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from crosspost.audit.results import Audit, Basis, Cell, Finding, ShareClaim, Verdict
from crosspost.domain.message import (
    Message,
    capital,
    channel,
    count,
    day,
    join,
    listed,
    metric_name,
    money,
    number,
    one_sentence,
    say,
    share,
)

_DECIDED = (Verdict.SUPPORTED, Verdict.REFUTED)
_PAIRS, _BLOCK = 6, 2  # the fewest pairs of blocks that can reject at 5 %, and the weeks of a block


@dataclass(frozen=True, slots=True)
class Answer:
    """`verdict` is that of the findings it stands on; None where they disagree, or where none stands behind it."""

    key: str  # clients, doors, hours, stop, settle
    question: Message
    verdict: Verdict | None
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class Executive:
    headline: Message
    answers: tuple[Answer, ...]


def executive(audit: Audit) -> Executive:
    """The five answers of an audit, in the order in which they are asked."""
    last, met = _share(audit, Basis.LAST), _share(audit, Basis.ANY)
    return Executive(
        _headline(audit, last, met),
        (_clients(last), _doors(audit, met), _hours(audit), _stop(audit), _settle(audit, last)),
    )


def _share(audit: Audit, basis: Basis) -> Finding | None:
    return next((f for f in audit.findings if isinstance(f.claim, ShareClaim) and f.claim.basis is basis), None)


def _of(audit: Audit, key: str) -> Finding | None:
    return next((finding for finding in audit.findings if finding.claim.key == key), None)


def _rows(audit: Audit, name: str) -> list[dict[str, Cell]]:
    return next((one.records() for one in audit.tables if one.name == name), [])


def _nothing(audit: Audit) -> bool:
    """Whether no lead and no deal of any channel is recorded."""
    return not _rows(audit, "conversion") and not any(finding.n for finding in audit.findings)


def _headline(audit: Audit, last: Finding | None, met: Finding | None) -> Message:
    if _nothing(audit):
        return say("Nothing can be said yet: no lead and no deal is recorded in this period.")
    if last is None:
        return say("Whether networks bring clients was not asked.")
    margin, n = last.claim.told_margin, count(last.n, "client")
    doors = met.verdict if met else None
    match last.verdict:
        case Verdict.SUPPORTED if doors is Verdict.SUPPORTED:
            return say("Networks brought under {margin} of {n}, and few met one on their way.", margin=margin, n=n)
        case Verdict.SUPPORTED if doors is Verdict.REFUTED:
            return say("Networks brought under {margin} of {n}, but more met one on their way.", margin=margin, n=n)
        case Verdict.SUPPORTED:
            return say("Networks brought under {margin} of {n}; whether they open doors is open.", margin=margin, n=n)
        case Verdict.REFUTED:
            return say("Networks brought more than {margin} of {n}.", margin=margin, n=n)
        case Verdict.INCONCLUSIVE:
            return say("After {n} it is open whether networks bring under {margin} of them.", margin=margin, n=n)
        case _:
            return say("There are not enough data to say what networks bring: {n} so far.", n=n)


def _counted(finding: Finding, came: Message) -> Message | None:
    """`2 of 78 clients came last by a network`, and who cannot be placed; None where no client is known."""
    if finding.bounds is None or finding.estimate is None:
        return None
    told = say("{x} of {n} {came}", x=number(finding.estimate.numerator), n=count(finding.n, "client"), came=came)
    if finding.bounds.unknown:
        return told + say(", {unknown} cannot be placed", unknown=number(finding.bounds.unknown))
    return told


def _bounded(finding: Finding, came: Message) -> str:
    """One sentence on a share of clients: counts, limits and margin, or what is missing."""
    counted, margin = _counted(finding, came), finding.claim.told_margin
    if finding.verdict is Verdict.NOT_ENOUGH_DATA:
        if counted is None:
            return say("No client is known; missing: {missing}.", missing=finding.missing or "")
        return say("{came}: {missing}.", came=capital(came), missing=finding.missing or "")
    assert counted is not None
    assert finding.bounds is not None
    low, high = share(finding.bounds.low_95), share(finding.bounds.high_95)
    match finding.verdict:
        case Verdict.SUPPORTED:
            return say("{counted}: at most {high} at 95 %, which is under {margin}.", counted=counted, high=high,
                       margin=margin)  # fmt: skip
        case Verdict.REFUTED:
            return say("{counted}: at least {low} at 95 %, which is over {margin}.", counted=counted, low=low,
                       margin=margin)  # fmt: skip
        case _:
            return say("{counted}: between {low} and {high} at 95 %, and {margin} lies between.", counted=counted,
                       low=low, high=high, margin=margin)  # fmt: skip


def _side(finding: Finding) -> Message:
    """On which side of its margin a share lies."""
    match finding.verdict:
        case Verdict.SUPPORTED:
            return say("Under {margin}", margin=finding.claim.told_margin)
        case Verdict.REFUTED:
            return say("Over {margin}", margin=finding.claim.told_margin)
        case Verdict.INCONCLUSIVE:
            return say("Open")
        case _:
            return say("Not enough data")


def _clients(last: Finding | None) -> Answer:
    question = say("Does it bring clients?")
    if last is None:
        return Answer("clients", question, None, say("Not asked"), say("No claim on the last touch was audited."))
    return Answer("clients", question, last.verdict, _side(last), _bounded(last, say("came last by a network")))


def _doors(audit: Audit, met: Finding | None) -> Answer:
    """The share of clients who met a network, and whether those who were won had met one more often."""
    question, odds = say("Does it open doors?"), _of(audit, "doors_odds")
    if met is None and odds is None:
        return Answer("doors", question, None, say("Not asked"), say("No claim on journeys was audited."))
    if met is not None and (odds is None or odds.verdict not in _DECIDED):
        return Answer("doors", question, met.verdict, _side(met), _doors_met(met))
    assert odds is not None
    found = [odds] if met is None else [met, odds]
    word = _more_or_less(odds) if met is None or met.verdict not in _DECIDED else _side(met)
    parts = [] if met is None else [_doors_met(met)]
    return Answer("doors", question, _agreed(found), word, one_sentence([*parts, odds.told]))


def _doors_met(met: Finding) -> str:
    return _bounded(met, say("met a network on their way"))


def _more_or_less(odds: Finding) -> Message:
    """How often the won had met a network, beside the lost."""
    match odds.verdict:
        case Verdict.SUPPORTED:
            return say("Less often met by the won")
        case Verdict.REFUTED:
            return say("More often met by the won")
        case Verdict.INCONCLUSIVE:
            return say("Open")
        case _:
            return say("Not enough data")


def _agreed(found: list[Finding]) -> Verdict | None:
    """The verdict of all that are decided, else of the first; None where two decided ones disagree."""
    decided = {one.verdict for one in found if one.verdict in _DECIDED}
    if len(decided) > 1:
        return None
    return decided.pop() if decided else found[0].verdict


def _hours(audit: Audit) -> Answer:
    """An hour on networks against what it is worth, and against an hour prospecting: whichever is decided."""
    question = say("Is it worth the hours?")
    asked = [_of(audit, key) for key in ("networks_under_rate", "prospecting_beats_networks")]
    found = [one for one in asked if one is not None]
    if not found:
        return Answer("hours", question, None, say("Not asked"), say("No claim on hours was audited."))
    shown = [one for one in found if one.verdict in _DECIDED]
    shown = shown or [one for one in found if one.verdict is Verdict.INCONCLUSIVE][:1] or found[:1]
    text = one_sentence(one.told for one in shown)
    return Answer("hours", question, _agreed(shown), _worth(shown), text)


def _worth(shown: list[Finding]) -> Message:
    verdict, by_rate = _agreed(shown), any(one.claim.key == "networks_under_rate" for one in shown)
    match verdict:
        case None:
            return say("Yes and no")
        case Verdict.SUPPORTED:
            return say("No") if by_rate else say("Less than prospecting")
        case Verdict.REFUTED:
            return say("Yes") if by_rate else say("More than prospecting")
        case Verdict.INCONCLUSIVE:
            return say("Open")
        case _:
            return say("Not enough data")


def _stop(audit: Audit) -> Answer:
    """Networks whose upper limit is low for their hours, save those of which an experiment saw something come."""
    question = say("Where to stop, and what does that risk?")
    table = next((one for one in audit.tables if one.name == "stopping"), None)
    rows = _rows(audit, "stopping")
    adds = {row["network"] for row in _rows(audit, "experiments") if row["verdict"] == Verdict.REFUTED.value}
    low = [row for row in rows if row["stop"]]
    if stop := [row for row in low if row["network"] not in adds]:
        named = listed([_named(row) for row in stop])
        return Answer("stop", question, None, named, one_sentence(_risk(row, audit) for row in stop))
    if low:
        named = listed([_named(row) for row in low])
        text = say("The count is low for the hours on {networks}, but an experiment saw posting add something there.",
                   networks=named)  # fmt: skip
        return Answer("stop", question, None, say("Nowhere yet"), text)
    if any(row["stop"] is not None for row in rows):
        text = say("No network's upper limit at 95 % is under what its hours are held against.")
        return Answer("stop", question, None, say("Nowhere yet"), text)
    why: list[str] = [
        join(": ", [_named(row), table.missing[index, "stop"]]) for index, row in enumerate(rows) if table is not None
    ]
    told = join("; ", why) if why else say("hours on networks: none are recorded")
    return Answer("stop", question, Verdict.NOT_ENOUGH_DATA, say("Not enough data"), say("Missing: {why}.", why=told))


def _risk(row: Mapping[str, Cell], audit: Audit) -> Message:
    hours, clients, revenue = (row[name] for name in ("hours", "most_clients", "most_revenue"))
    assert isinstance(hours, float)
    assert isinstance(clients, float)
    risk = say("{clients} clients", clients=number(clients, 1))
    if isinstance(revenue, float):
        risk += say(" or {revenue}", revenue=money(Decimal(round(revenue)), audit.brand.currency))
    if row["no_journey"]:
        risk += say(
            ", besides doors among {clients} whose journey is not recorded",
            clients=count(_whole(row["no_journey"]), "other client"),
        )
    return say(
        "Stopping on {network} frees {hours} hours in as long a period; at 95 % it risks at most {risk}.",
        network=_named(row), hours=number(hours, 1), risk=risk,
    )  # fmt: skip


def _named(row: Mapping[str, Cell]) -> str:
    """A network's name with a capital, as everywhere on a page."""
    return capital(channel(str(row["network"])))


def _whole(cell: Cell) -> int:
    assert isinstance(cell, int)
    return cell


def _settle(audit: Audit, last: Finding | None) -> Answer:
    """What runs, else what an experiment has said, else what is missing and how posting itself could be tested."""
    question = say("What would settle the open question?")
    if running := _rows(audit, "experiments_running"):
        parts = []
        for row in running:
            ends = row["ends_at"]
            assert isinstance(ends, datetime)
            parts.append(
                say(
                    "Experiment {key} on {networks} is looked at once, on {day}: whether posting adds {outcome}.",
                    key=str(row["experiment"]),
                    networks=join(", ", [channel(name) for name in str(row["networks"]).split(", ")]),
                    day=day(ends),
                    outcome=metric_name(str(row["outcome"])),
                )  # fmt: skip
            )
        return Answer("settle", question, None, say("An experiment that runs"), one_sentence(parts))
    rows = _rows(audit, "experiments")
    kept = {row["experiment"] for row in rows if not row["exploratory"]}  # of one stopped or seen early no row is left
    tested = [
        one for one in audit.findings if one.claim.audit == "A9" and one.verdict in _DECIDED and one.claim.key in kept
    ]
    if tested:
        return Answer("settle", question, _agreed(tested), say("An experiment has"),
                      one_sentence(one.told for one in tested))  # fmt: skip
    lot = say(
        "Whether posting itself adds anything, weeks with posts and without by lot would tell: {pairs} pairs of "
        "{block}-week blocks at least (crosspost experiment plan says first what they could show).",
        pairs=_PAIRS, block=_BLOCK,
    )  # fmt: skip
    if last is not None and last.verdict is Verdict.NOT_ENOUGH_DATA:
        text = one_sentence([say("First what the first answer lacks."), lot])
        return Answer("settle", question, None, say("More data"), text)
    return Answer("settle", question, None, say("Weeks by lot"), lot)
