"""Posts with their metrics, and follower counts, in plain tables."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from crosspost.domain.business import check_come
from crosspost.domain.errors import BadInput
from crosspost.domain.post import Post, Reading, ReadingStatus
from crosspost.imports.business import decimal_mark, number
from crosspost.imports.shape import Context, Facts, Kind, Row, day, instant
from crosspost.imports.sheet import Sheet

_TOLD, NUMBERS_ONLY = "told:", "numbers:"  # how the names begin that stand for ids a file does not give

# Columns of post tables that are counts, with the common name of each. The provider's own name is kept beside it.
_METRICS = (
    "page_total_likes", "reach", "impressions", "engaged_users", "consumers", "consumptions", "impressions_by_fans",
    "reach_by_fans", "engaged_fans", "comments", "likes", "shares", "total_interactions", "clicks", "link_clicks",
    "reposts", "replies", "saves",
)  # fmt: skip
_COMMON = {"page_total_likes": "followers", "consumptions": "clicks", "comments": "replies", "shares": "reposts"}


def _readings(row: Row, at: datetime, marks: Mapping[str, str | None]) -> tuple[Reading, ...]:
    found = []
    for name in _METRICS:
        if name not in row.cells:
            continue
        common = _COMMON.get(name, name)
        text = row.get(name)
        if text is None:
            found.append(Reading(common, name, None, ReadingStatus.UNAVAILABLE, at, reason="blank in the file"))
            continue
        value = float(number(text, row.where, name, marks[name]))
        if value < 0:
            raise BadInput(f"{name} is below zero", where=row.where, remedy="correct the row")
        found.append(Reading(common, name, value, ReadingStatus.VALUE, at))
    return tuple(found)


def _posts(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    network = context.network or _network_in(sheet)
    marks = {name: decimal_mark(row.get(name) for row in rows) for name in _METRICS}
    posts = []
    seen: Counter[str] = Counter()
    for row in rows:
        text = row.get("published")
        at = instant(text, context, row.where) if text else None
        if at is not None:
            with row.telling():
                check_come(at, context.now, "the post")
        remote = row.get("post") or _identity(row, network, at, seen)
        reason = None if at else "the file gives no date of publication"
        posts.append((row.line, network, Post(remote, row.get("url"), row.get("text"), at),
                      _readings(row, context.now, marks), reason))  # fmt: skip
    return Facts(posts=tuple(posts), totals={"posts": str(len(posts))})


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
    raise BadInput("does not say whose posts these are", where=sheet.name, remedy="--network facebook")


def _followers(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    network = context.network or "social"
    mark = decimal_mark(row.get("followers") for row in rows)
    found = []
    for row in rows:
        first = day(row.need("month"), row.where)
        at = datetime(first.year, first.month, first.day, tzinfo=context.zone)
        value = float(number(row.need("followers"), row.where, "followers", mark))
        if value < 0:
            raise BadInput("followers below zero", where=row.where, remedy="correct the row")
        with row.telling():
            check_come(at, context.now, "the count")
        found.append((row.line, network, Reading("followers", "followers_total", value, ReadingStatus.VALUE, at)))
    return Facts(followers=tuple(found), totals={"readings": str(len(found))})


POSTS = Kind(
    name="posts",
    columns={
        "post": ("post id", "post", "id"),
        "published": ("published_at", "publish time", "date"),
        "url": ("permalink", "url", "post link"),
        "text": ("text", "post text", "message"),
        **{name: (name,) for name in _METRICS},
    },
    required=frozenset({"reach", "impressions"}),
    parse=_posts,
)

FOLLOWERS = Kind(
    name="followers",
    columns={"month": ("month", "date", "mois"), "followers": ("followers_total", "followers", "abonnes")},
    required=frozenset({"month", "followers"}),
    parse=_followers,
)
