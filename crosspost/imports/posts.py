"""Posts with their metrics, and follower counts, in plain tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crosspost.domain.errors import BadInput
from crosspost.domain.post import Post, Reading, ReadingStatus
from crosspost.imports.business import number
from crosspost.imports.shape import Context, Facts, Kind, Row, day, instant
from crosspost.imports.sheet import Sheet

# Columns of post tables that are counts, with the common name of each. The provider's own name is kept beside it.
_METRICS = (
    "page_total_likes", "reach", "impressions", "engaged_users", "consumers", "consumptions", "impressions_by_fans",
    "reach_by_fans", "engaged_fans", "comments", "likes", "shares", "total_interactions", "clicks", "link_clicks",
    "reposts", "replies", "saves",
)  # fmt: skip
_COMMON = {"page_total_likes": "followers", "consumptions": "clicks", "comments": "replies", "shares": "reposts"}


def _readings(row: Row, at: datetime) -> tuple[Reading, ...]:
    found = []
    for name in _METRICS:
        if name not in row.cells:
            continue
        common = _COMMON.get(name, name)
        text = row.get(name)
        if text is None:
            found.append(Reading(common, name, None, ReadingStatus.UNAVAILABLE, at, reason="blank in the file"))
            continue
        value = float(number(text, row.where, name))
        if value < 0:
            raise BadInput(f"{name} is below zero", where=row.where, remedy="correct the row")
        found.append(Reading(common, name, value, ReadingStatus.VALUE, at))
    return tuple(found)


def _posts(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    network = context.network or _network_in(sheet)
    posts = []
    for row in rows:
        text = row.get("published")
        at = instant(text, context, row.where) if text else None
        remote = row.get("post") or f"{sheet.sha256[:16]}:{row.line}"
        reason = None if at else "the file gives no date of publication"
        posts.append((row.line, network, Post(remote, row.get("url"), row.get("text"), at),
                      _readings(row, context.now), reason))  # fmt: skip
    return Facts(posts=tuple(posts), totals={"posts": str(len(posts))})


def _network_in(sheet: Sheet) -> str:
    # Only a Facebook Page export has "likes of the page" beside each post.
    if any(column.strip().lower() == "page_total_likes" for column in sheet.header):
        return "facebook"
    raise BadInput("does not say whose posts these are", where=sheet.name, remedy="--network facebook")


def _followers(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    network = context.network or "social"
    found = []
    for row in rows:
        first = day(row.need("month"), row.where)
        at = datetime(first.year, first.month, first.day, tzinfo=context.zone)
        value = float(number(row.need("followers"), row.where, "followers"))
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
