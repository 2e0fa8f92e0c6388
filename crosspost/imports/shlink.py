"""Shlink: every visit of a short URL. They are counted by day; who it was, and with what, is not kept.

Source and columns: columns/shlink.toml. Times state their zone; days are UTC. What Shlink takes for bots is counted
apart, not dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta

from crosspost.domain.link import code_in
from crosspost.imports.counting import come
from crosspost.imports.dates import instants, needed
from crosspost.imports.shape import Context, Facts, Row
from crosspost.imports.sheet import Sheet
from crosspost.imports.tallying import Counting, base, sums, told

_ORPHAN = "valid_short_url"  # the only type that is of a link; the others are of pages that are none


def visits(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Clicks by day, short URL and referrer."""
    times = needed(rows, "at", instants(rows, "at", context, zone=UTC))
    come(rows, times, context)
    counter = Counting(context)
    for row, at in zip(rows, times, strict=True):
        day = at.astimezone(UTC).date()
        orphan = (row.get("type") or _ORPHAN) != _ORPHAN
        metric = "bot_clicks" if row.get("bot") else "clicks"
        counter.add(row.line, replace(
            base("shlink", "day+link+source", day, day + timedelta(days=1)), metric=metric,
            page=told(row, "visited"), source=told(row, "referrer"), code=None if orphan else _code(row, context),
            label=row.get("type") if orphan else None,
        ))  # fmt: skip
    missing = any(not row.has("visited") for row in rows[:1])
    notes = ("the file does not say of which short URL: export it with a newer Shlink",) if missing else ()
    return Facts(tallies=counter.counted, totals=sums(counter.counted), notes=notes, zoned=True)


def _code(row: Row, context: Context) -> str | None:
    """Our code, if the short URL is one of ours or leads to a page with our code in its address."""
    for address in (row.get("visited"), row.get("target")):
        code = code_in(address) if address else None
        if code and (context.codes is None or code in context.codes):
            return code
    return None
