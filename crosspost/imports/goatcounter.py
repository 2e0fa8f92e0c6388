"""GoatCounter: every page view. They are counted by day; who it was, and with what, is not kept.

Source and columns: columns/goatcounter.toml. Times are UTC. Bots are counted apart, not dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta

from crosspost.domain.tally import Tally
from crosspost.imports.counting import come
from crosspost.imports.dates import instants, needed
from crosspost.imports.shape import Context, Facts, Row
from crosspost.imports.sheet import Sheet
from crosspost.imports.tallying import Counting, base, of, sums

_CAMPAIGN = "c"  # the scheme of a referrer that is a campaign's name
_NO = frozenset({"0", "false"})


def hits(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Page views by day and page; visits by day, page and source of the first view of each session; events; bots."""
    times = needed(rows, "at", instants(rows, "at", context, zone=UTC))
    come(rows, times, context)
    counter = Counting(context)
    begun: set[str] = set()
    unnamed = 0
    for row, at in sorted(zip(rows, times, strict=True), key=lambda one: (one[1], one[0].line)):
        day = at.astimezone(UTC).date()
        if _is(row, "bot"):
            counter.add(row.line, _seen("bot_pageviews", "day+page", day, page=row.need("page")))
            continue
        if _is(row, "event"):
            counter.add(row.line, _seen("events", "day+event", day, label=row.need("page")))
            continue
        counter.add(row.line, _seen("pageviews", "day+page", day, page=row.need("page")))
        session = row.get("session")
        unnamed += session is None
        if session is not None and session not in begun:
            begun.add(session)
            came = "campaign" if row.get("scheme") == _CAMPAIGN else "source"
            visit = _seen("visits", "day+entry page+source", day, page=row.need("page"))
            counter.add(row.line, of(visit, **{came: row.get("referrer")}))
    notes = (f"{unnamed} page views without a session were counted as views and as no visit",) if unnamed else ()
    return Facts(tallies=counter.counted, totals=sums(counter.counted), notes=notes, zoned=True)


def _seen(metric: str, by: str, day: date, *, page: str | None = None, label: str | None = None) -> Tally:
    empty = base("goatcounter", by, day, day + timedelta(days=1))
    return replace(empty, metric=metric, page=page, label=label)


def _is(row: Row, name: str) -> bool:
    return (row.get(name) or "0").lower() not in _NO
