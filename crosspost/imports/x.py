"""X Analytics: its posts (before 2024 by tweet, since then by content) and its days.

Sources and columns: columns/x-tweets.toml, x-content.toml, x-overview.toml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from crosspost.domain.post import Post
from crosspost.imports.counting import come, daily, links_in, made_at, readings
from crosspost.imports.dates import days, instants, needed
from crosspost.imports.shape import Context, Facts, Row
from crosspost.imports.sheet import Sheet

# The two generations of the file are of the same numbers: what were retweets became reposts.
_BOTH = {
    "impressions": ("impressions", "Impressions"), "likes": ("likes", "Likes"),
    "engagements": ("engagements", "Engagements"), "bookmarks": ("bookmarks", "Bookmarks"),
    "shares": ("shares", "Shares"), "new_followers": ("new_followers", "New follows"),
    "replies": ("replies", "Replies"), "reposts": ("reposts", "Reposts"),
    "profile_clicks": ("profile_clicks", "Profile visits"), "media_views": ("media_views", "Media views"),
}  # fmt: skip
OF_POSTS = {
    **_BOTH,
    "link_clicks": ("link_clicks", "URL Clicks"), "detail_expands": ("detail_expands", "Detail Expands"),
    "hashtag_clicks": ("hashtag_clicks", "Hashtag Clicks"),
    "permalink_clicks": ("permalink_clicks", "Permalink Clicks"),
    "media_engagements": ("media_engagements", "Media engagements"),
}  # fmt: skip
OF_DAYS = {
    **_BOTH, "unfollows": ("unfollows", "Unfollows"), "posts": ("new_posts", "Create Post"),
    "video_views": ("video_views", "Video views"),
}  # fmt: skip
_STATUS = re.compile(r"/status(?:es)?/(\d{1,20})")
_EPOCH = 1_288_834_974_657  # milliseconds: where the times in ids begin


def tweets(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Posts whose time states its zone."""
    published = instants(rows, "published", context, formats=("%Y-%m-%d %H:%M %z",), zone=UTC)
    return _posts(rows, published, context)


def content(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Posts with a day and no zone; the instant is in their ids."""
    found = [
        made_at(_id(row), day, _EPOCH) or day
        for row, day in zip(rows, instants(rows, "published", context), strict=True)
    ]
    return _posts(rows, found, context)


def _posts(rows: Sequence[Row], published: Sequence[datetime | None], context: Context) -> Facts:
    come(rows, published, context)
    found = tuple(
        (row.line, "x", Post(_id(row), row.get("url"), row.get("text"), at, links_in(row.get("text"))), mine,
         None if at else "the file gives no date of publication")
        for row, at, mine in zip(rows, published, readings(rows, OF_POSTS, context.now), strict=True)
    )  # fmt: skip
    return Facts(posts=found, totals={"posts": str(len(found))}, zoned=True)


def overview(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """The account's days. X states no zone; its own are UTC."""
    found = daily(rows, OF_DAYS, needed(rows, "day", days(rows, "day", context)), "x", context, UTC)
    return Facts(followers=found, totals={"days": str(len(rows))}, zoned=True)


def _id(row: Row) -> str:
    """The post's id: of its address where there is one, for a spreadsheet rounds long numbers to 1.22E+17."""
    found = _STATUS.search(row.get("url") or "")
    return found[1] if found else row.need_id("post")
