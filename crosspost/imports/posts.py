"""Posts with their metrics, and follower counts, in plain tables."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from crosspost.domain.business import check_come
from crosspost.domain.errors import BadInput
from crosspost.domain.post import Post, Reading, ReadingStatus
from crosspost.imports.dates import days, instants, needed
from crosspost.imports.numbers import counts, missing
from crosspost.imports.shape import Context, Facts, Row
from crosspost.imports.sheet import Sheet

_TOLD, NUMBERS_ONLY = "told:", "numbers:"  # how the names begin that stand for ids a file does not give

# Columns of post tables that are counts, with the common name of each. The provider's own name is kept beside it.
_METRICS = (
    "page_total_likes", "reach", "impressions", "engaged_users", "consumers", "consumptions", "impressions_by_fans",
    "reach_by_fans", "engaged_fans", "comments", "likes", "shares", "total_interactions", "clicks", "link_clicks",
    "reposts", "replies", "saves",
)  # fmt: skip
_COMMON = {"page_total_likes": "followers", "consumptions": "clicks", "comments": "replies", "shares": "reposts"}


def posts(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    network = context.network or _network_in(sheet)
    columns = {name: counts(rows, name) for name in _METRICS if rows and rows[0].has(name)}
    found = []
    seen: Counter[str] = Counter()
    for at_row, (row, at) in enumerate(zip(rows, instants(rows, "published", context), strict=True)):
        if at is not None:
            with row.telling():
                check_come(at, context.now, "the post")
        remote = row.get("post") or _identity(row, network, at, seen)
        reason = None if at else "the file gives no date of publication"
        readings = tuple(
            _reading(name, values[at_row], missing(row.get(name)), context.now) for name, values in columns.items()
        )
        found.append((row.line, network, Post(remote, row.get("url"), row.get("text"), at), readings, reason))
    return Facts(posts=tuple(found), totals={"posts": str(len(found))})


def _reading(name: str, value: Decimal | None, why_not: str | None, at: datetime) -> Reading:
    common = _COMMON.get(name, name)
    if value is None:
        return Reading(common, name, None, ReadingStatus.UNAVAILABLE, at, reason=why_not)
    return Reading(common, name, float(value), ReadingStatus.VALUE, at)


def _identity(row: Row, network: str, at: datetime | None, seen: Counter[str]) -> str:
    """A name for a post whose file gives no id, the same in a later export that overlaps with this one.

    It is made of the address, else of date and text. Without any of these only the numbers are left, and they grow:
    such a name starts with `NUMBERS_ONLY`, and importing refuses a second file that cannot be told from the first.
    Posts that are alike in all of it are told apart by their order in the file.
    """
    kind, parts = _TOLD, [row.get("url")] if row.get("url") else [at.isoformat() if at else None, row.get("text")]
    if not any(parts):
        kind, parts = NUMBERS_ONLY, [row.get(name) for name in _METRICS]
    key = kind + hashlib.sha256(json.dumps([network, *parts]).encode()).hexdigest()[:32]
    seen[key] += 1
    return f"{key}:{seen[key]}"


def is_made_up(remote_id: str) -> bool:
    """Whether no network gave that id: the post's file told none."""
    return remote_id.startswith((_TOLD, NUMBERS_ONLY))


def _network_in(sheet: Sheet) -> str:
    # Only a Facebook Page export has "likes of the page" beside each post.
    if any(column.strip().lower() == "page_total_likes" for column in sheet.header):
        return "facebook"
    raise BadInput("does not say whose posts these are", where=sheet.place, remedy="--network facebook")


def followers(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    network = context.network or "social"
    found = []
    months = needed(rows, "month", days(rows, "month", context))
    for row, first, value in zip(rows, months, needed(rows, "followers", counts(rows, "followers")), strict=True):
        at = datetime(first.year, first.month, first.day, tzinfo=context.zone)
        with row.telling():
            check_come(at, context.now, "the count")
        found.append(
            (row.line, network, Reading("followers", "followers_total", float(value), ReadingStatus.VALUE, at))
        )
    return Facts(followers=tuple(found), totals={"readings": str(len(found))})
