"""Which figure is known for which days and from where, with the months in between of which nothing was told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from crosspost.audit.counting.conversion import Row
from crosspost.audit.ledger import CoverageRow
from crosspost.audit.results import Absent, Table, table
from crosspost.domain.message import join, say

_HASH = 12  # characters of a file's SHA-256 that are shown
_NOTE = say(
    "A hole is a month between the first and the last day of which the origin told nothing: that nothing happened in "
    "it is not known. Days in the brand's zone, of other tools as they count them."
)


def coverage(rows: Iterable[CoverageRow]) -> Table:
    """One row per figure and origin, and `(all)` where several told of one figure."""
    columns = (
        ("figure", "", "what is known"),
        ("of", "", "the network, the tool and its breakdown, or the currency"),
        ("origin", "", "who told it: file, api, hand, our own counters"),
        ("file", "", "the file's name"),
        ("sha256", "", f"the first {_HASH} characters of the file's SHA-256"),
        ("rows", "rows", "rows that tell it"),
        ("first", "day", "first day told of"),
        ("last", "day", "last day told of"),
        ("months", "months", "months of which something was told"),
        ("holes", "", "months in between of which nothing was told"),
        ("told", "", "month by month from the first that was told: 1, or 0 for a hole"),
    )
    groups: defaultdict[tuple[str, str], list[CoverageRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: (one.figure, one.of, one.origin, one.file or "", one.sha256 or "")):
        groups[row.figure, row.of].append(row)
    found = [[*_row(one), _told(one.months)] for one in _with_totals(groups.values())]
    return table("coverage", say("What is known, and from where"), columns, found, _NOTE)


def _with_totals(groups: Iterable[list[CoverageRow]]) -> Iterable[CoverageRow]:
    for group in groups:
        yield from group
        if len(group) > 1:
            yield CoverageRow(
                group[0].figure, group[0].of, "(all)", min(one.first for one in group), max(one.last for one in group),
                sum(one.rows for one in group), tuple(sorted({month for one in group for month in one.months})),
            )  # fmt: skip


def _row(one: CoverageRow) -> Row:
    nowhere = Absent(say("not from one file"))
    holes = _holes(one.months)
    unnamed = nowhere if one.sha256 is None else Absent(say("names of files are left out of a bundle"))
    return [
        one.figure, one.of, one.origin, one.file or unnamed, one.sha256[:_HASH] if one.sha256 else nowhere, one.rows,
        one.first.isoformat(), one.last.isoformat(), len(one.months), join(", ", holes) if holes else say("none"),
    ]  # fmt: skip


def _holes(months: tuple[str, ...]) -> list[str]:
    """The months between the first and the last that are not among them; more than one in a row as `from to to`."""
    known = [int(one[:4]) * 12 + int(one[5:]) - 1 for one in months]
    return [
        say("{first} to {last}", first=_name(before + 1), last=_name(after - 1))
        if after - before > 2
        else _name(before + 1)
        for before, after in zip(known, known[1:], strict=False)
        if after - before > 1
    ]


def _told(months: tuple[str, ...]) -> str:
    known = {int(one[:4]) * 12 + int(one[5:]) for one in months}
    return "".join(str(int(month in known)) for month in range(min(known), max(known) + 1)) if known else ""


def _name(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
