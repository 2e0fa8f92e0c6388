"""What leads say against what cannot be, and how far they got: tables that are there where somebody recorded it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from crosspost.audit import estimate
from crosspost.audit.counting.origins import ALL, BLANK, channel_of, folded
from crosspost.audit.ledger import LeadRow
from crosspost.audit.results import Absent, Basis, Table, table
from crosspost.domain.message import say

PLACEBO = "placebo"  # the channel told by who names one that never ran


def answers_of(leads: Sequence[LeadRow]) -> tuple[int, int]:
    """(answers that name a channel that never ran, all answers)."""
    answers = [folded(lead.told_channel) for lead in leads if folded(lead.told_channel) != BLANK]
    return answers.count(PLACEBO), len(answers)


def placebo(leads: Sequence[LeadRow], never_ran: frozenset[str]) -> list[Table]:
    """Answers that name a channel that never ran, of all answers. None where the owner named no such channel.

    Zero of n bounds how often memory makes a channel up; a true channel of that size could be made up as well.
    """
    if not never_ran:
        return []
    x, n = answers_of(leads)
    absent = Absent(say("nobody answered, or no rule knows the words"))
    columns = (
        ("channels", "", "the channels that never ran"),
        ("answers", "leads", "leads whose answer names a channel"),
        ("placebo", "leads", "of these, those that name one that never ran"),
        ("share", "share", "placebo / answers"),
        ("low", "share", "lower end of its exact 95 % interval"),
        ("high", "share", "upper end of its exact 95 % interval"),
    )
    figures = (x / n, *estimate.clopper_pearson(x, n)) if n else (absent, absent, absent)
    return [
        table(
            "placebo", say("Answers that cannot be true"), columns, [(", ".join(sorted(never_ran)), n, x, *figures)],
            say("These answers count as no channel. What is told of a true channel may be made up as often."),
        )
    ]  # fmt: skip


def stages(leads: Sequence[LeadRow]) -> list[Table]:
    """How far leads got, by the channel of their last touch. None where no talk, offer or referrer is recorded.

    Assumes that a stage without a record was not recorded: what became of offers is told of recorded offers alone.
    """
    if not any(lead.talking_at or lead.offered_at or lead.referred for lead in leads):
        return []
    columns = (
        ("channel", "", "channel of the last touch"),
        ("leads", "leads", "leads of the channel"),
        ("referred", "leads", "of these, those of whom it is known who sent them"),
        ("talking", "leads", "those with a recorded talk"),
        ("offered", "leads", "those with a recorded offer"),
        ("won", "leads", "those that were won"),
        ("lost", "leads", "those that were lost and not won"),
        ("open", "leads", "neither"),
        ("offers_won", "share", "won / offered, of the recorded offers that are won or lost"),
        ("low", "share", "lower end of its exact 95 % interval"),
        ("high", "share", "upper end of its exact 95 % interval"),
    )
    groups: defaultdict[str, list[LeadRow]] = defaultdict(list)
    for lead in leads:
        groups[channel_of(lead, Basis.LAST)].append(lead)
    named = [(name, groups[name]) for name in sorted(groups)]
    rows = [_stages_row(name, members) for name, members in (*named, (ALL, list(leads)))]
    note = say("A lead may be won without a recorded offer. Open offers are in no share: they may still be either.")
    return [table("stages", say("How far leads got"), columns, rows, note)]


def _stages_row(name: str, leads: Sequence[LeadRow]) -> Sequence[str | int | float | Absent]:
    won = [lead for lead in leads if lead.won_at is not None]
    lost = [lead for lead in leads if lead.won_at is None and lead.lost_at is not None]
    x = sum(lead.offered_at is not None for lead in won)
    n = x + sum(lead.offered_at is not None for lead in lost)
    absent = Absent(say("no recorded offer was won or lost"))
    figures = (x / n, *estimate.clopper_pearson(x, n)) if n else (absent, absent, absent)
    return (
        name, len(leads), sum(lead.referred for lead in leads), sum(lead.talking_at is not None for lead in leads),
        sum(lead.offered_at is not None for lead in leads), len(won), len(lost), len(leads) - len(won) - len(lost),
        *figures,
    )  # fmt: skip
