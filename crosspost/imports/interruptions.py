"""What stopped, as a consultant keeps it in a table: a network, posting, or the site."""

from __future__ import annotations

from collections.abc import Sequence

from crosspost.domain.interruption import Interruption, interruption_of
from crosspost.imports.dates import days, needed
from crosspost.imports.shape import Context, Facts, Row
from crosspost.imports.sheet import Sheet


def rows(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    found: list[tuple[int, Interruption]] = []
    starts = needed(rows, "since", days(rows, "since", context))
    for row, since, until in zip(rows, starts, days(rows, "until", context), strict=True):
        with row.telling():
            told = interruption_of(row.need("stopped"), since, until, row.need("why"), row.get("moved_to"))
        found.append((row.line, told))
    return Facts(interruptions=tuple(found), totals={"interruptions": str(len(found))})
