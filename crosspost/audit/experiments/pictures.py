"""What an experiment looked like: its weeks one by one, and the estimates that the lots could have given.

Of an experiment that still runs there are the weeks that are over, and no outcome: it is looked at once, at its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from crosspost.audit.ledger import Experiment, ExperimentWeek
from crosspost.audit.results import Absent, Cell, Table, table
from crosspost.domain.message import say
from crosspost.domain.money import Money

if TYPE_CHECKING:
    from crosspost.audit.experiments.answer import Answer
    from crosspost.audit.experiments.design import Design

Row = tuple[Cell | Absent, ...]
BLIND = say("it is looked at once, at its end")

_WEEKS = (
    ("experiment", "key", "as it was locked"),
    ("network", "name", "the one whose weeks were on or off"),
    ("outcome", "name", "the one that was locked: a total from all sources"),
    ("week", "weeks", "from 1 to as many as were planned"),
    ("start", "instant", "its Monday"),
    ("arm", "word", "on or off, as it was drawn"),
    ("posts", "posts", "that really went out"),
    ("obeyed", "", "whether posts went out in an on week, and none in an off week"),
    ("value", "a week", "the outcome; revenue in the brand's currency"),
    ("used", "", "whether the estimate stands on it: not on the first weeks of a block, which are dropped"),
)
_LOTS = (
    ("experiment", "key", "as it was locked"),
    ("network", "name", "the one whose weeks were on or off"),
    ("outcome", "name", "the one that was locked"),
    ("low", "a week", "on weeks minus off weeks under an assignment: from"),
    ("high", "a week", "to"),
    ("assignments", "count", "how many of the design's assignments, or of those drawn, give as much"),
    ("extreme", "count", "of these, at least as far from zero as what was seen: together they are p"),
)


def weeks_of(experiment: Experiment, design: Design, network: str, answer: Answer | None, currency: str) -> list[Row]:
    """A row for each planned week of one network. `answer` None: it still runs, and no outcome is told."""
    over = {week.number: week for week in experiment.weeks if week.network == network}
    used = {number for _, number in answer.used} if answer else set()
    later = Absent(say("the week is not over") if answer is None else say("it was stopped before that week"))
    rows: list[Row] = []
    for number in range(1, design.weeks + 1):
        week = over.get(number)
        head = (experiment.key, network, design.outcome, number)
        if week is None:
            rows.append((*head, *[later] * 6))
            continue
        cells = (week.start, week.arm, week.posts, (week.posts > 0) == (week.arm == "on"))
        seen = (
            (Absent(BLIND), Absent(BLIND))
            if answer is None
            else (_value(week, design.outcome, currency), number in used)
        )
        rows.append((*head, *cells, *seen))
    return rows


def _value(week: ExperimentWeek, outcome: str, currency: str) -> int | Decimal | Absent:
    name = {"revenue": "revenue_minor"}.get(outcome, outcome)
    found: int | None = getattr(week, name)
    if found is None:
        return Absent(week.reasons.get(name, say("it is not known")))
    return Money.from_minor(found, currency).amount if outcome == "revenue" else found


def lots_of(experiment: Experiment, network: str, answer: Answer) -> list[Row]:
    """The estimates that the lots of one network could have given."""
    found = answer.effect.lots if answer.effect else ()
    head = (experiment.key, network, answer.outcome)
    return [(*head, one.low, one.high, one.assignments, one.extreme) for one in found]


def tables(weeks: Iterable[Row], lots: Iterable[Row]) -> tuple[Table, Table]:
    return (
        table("experiment_weeks", say("Experiments week by week"), _WEEKS, weeks),
        table("experiment_lots", say("What the lots of experiments could have shown"), _LOTS, lots),
    )
