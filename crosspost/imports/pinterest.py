"""Pinterest Analytics, Overview: the account's days, and the best pins by the one number the list was sorted by.

Sources and columns: columns/pinterest-*.toml. Days are UTC, as in Pinterest's API.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from crosspost.domain.post import Post
from crosspost.imports.counting import daily, links_in, readings
from crosspost.imports.dates import days, needed
from crosspost.imports.shape import Context, Facts, Row
from crosspost.imports.sheet import Sheet

METRICS = {
    "impressions": ("impressions", "Impressions"), "engagements": ("engagements", "Engagements"),
    "clicks": ("clicks", "Pin clicks"), "link_clicks": ("link_clicks", "Outbound clicks"),
    "bookmarks": ("bookmarks", "Saves"),
}  # fmt: skip
_PIN = re.compile(r"/pin/(?:[^/]*--)?(\d{6,25})(?:/|\?|$)")
_NAME = re.compile(r"(?<!\d)(20\d{2})(\d{2})(\d{2})-(20\d{2})(\d{2})(\d{2})(?!\d)")


def of_days(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """The account's numbers per day."""
    found = daily(rows, METRICS, needed(rows, "day", days(rows, "day", context)), "pinterest", context, UTC)
    return Facts(followers=found, totals={"days": str(len(rows))}, zoned=True)


def pins(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """The best pins of a period: what they got in it, not what they have. Without a period they say nothing."""
    period = _period(sheet, context)
    if period is None:
        note = "the best pins were left out: neither the file's name nor --since and --until say of which days they are"
        return Facts(notes=(note,), zoned=True)
    found = []
    for row, mine in zip(rows, readings(rows, METRICS, context.now), strict=True):
        pin = _PIN.search(row.get("url") or "")
        if pin is None:
            continue
        summed = [replace(one, since=period[0], until=period[1]) for one in mine]
        post = Post(pin[1], row.get("url"), None, None, links_in(row.get("target")))
        found.append((row.line, "pinterest", post, tuple(summed), "the file gives no date of publication"))
    return Facts(posts=tuple(found), totals={"pins": str(len(found))}, zoned=True)


def boards(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """The best boards: what their pins got stands among the account's days already."""
    return Facts(notes=("numbers of boards were left out: they are those of the account, by board",), zoned=True)


def _period(sheet: Sheet, context: Context) -> tuple[datetime, datetime] | None:
    """`Pinterest Analytics overview 20260714-20260716.csv`, else what the owner said; None where nobody did."""
    first, until = context.since, context.until
    if found := next((found for name in sheet.names if (found := _NAME.search(name))), None):
        parts = [int(one) for one in found.groups()]
        try:
            first, until = date(*parts[:3]), date(*parts[3:]) + timedelta(days=1)
        except (ValueError, OverflowError):
            return None
    if first is None or until is None or first >= until or datetime.combine(first, time(), UTC) > context.now:
        return None
    return datetime.combine(first, time(), UTC), min(datetime.combine(until, time(), UTC), context.now)
