"""Meta Business Suite: posts of a Facebook Page, media of an Instagram account, and series of days of either.

Sources and columns: columns/facebook-posts.toml, instagram-posts.toml, meta-days.toml; titles.toml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from crosspost.domain.errors import BadInput
from crosspost.domain.post import Post
from crosspost.imports.counting import Metrics, come, daily, header_of, links_in, month_first, readings, zone_in
from crosspost.imports.dates import days, instants, needed
from crosspost.imports.posts import told_id
from crosspost.imports.shape import Context, Facts, Row
from crosspost.imports.sheet import Sheet
from crosspost.imports.titles import titled

PACIFIC = ZoneInfo("America/Los_Angeles")  # Meta's own: the days of its insights end at midnight there
# Views are not what impressions were until 2025: each keeps its own name. Where both are, the later one counts.
FACEBOOK = {
    "impressions": ("impressions", "Impressions"), "views": ("impressions", "Views"), "reach": ("reach", "Reach"),
    "likes": ("likes", "Reactions"), "replies": ("replies", "Comments"), "reposts": ("reposts", "Shares"),
    "clicks": ("clicks", "Total clicks"), "link_clicks": ("link_clicks", "Link Clicks"),
    "other_clicks": ("other_clicks", "Other Clicks"),
}  # fmt: skip
INSTAGRAM = {
    "impressions": ("impressions", "Impressions"), "views": ("impressions", "Views"), "reach": ("reach", "Reach"),
    "likes": ("likes", "Likes"), "reposts": ("reposts", "Shares"), "replies": ("replies", "Comments"),
    "bookmarks": ("bookmarks", "Saves"), "new_followers": ("new_followers", "Follows"),
}  # fmt: skip
# A series of days by its title → network (None: the title does not say), common name, Meta's own name.
SERIES: dict[str, tuple[str | None, str, str]] = {
    "facebook_follows": ("facebook", "new_followers", "Facebook follows"),
    "facebook_visits": ("facebook", "profile_clicks", "Facebook visits"),
    "facebook_link_clicks": ("facebook", "link_clicks", "Facebook link clicks"),
    "facebook_reach": ("facebook", "reach", "Facebook reach"),
    "instagram_follows": ("instagram", "new_followers", "Instagram follows"),
    "instagram_visits": ("instagram", "profile_clicks", "Instagram profile visits"),
    "instagram_link_clicks": ("instagram", "link_clicks", "Instagram link clicks"),
    "instagram_reach": ("instagram", "reach", "Instagram reach"),
    "views": (None, "impressions", "Views"),
    "viewers": (None, "reach", "Viewers"),
    "interactions": (None, "engagements", "Content interactions"),
}
_FORMATS = ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y")
_OF_POST = re.compile(r"(?:/posts/|/videos/|/reel/|story_fbid=|fbid=)(\d{6,25})(?:\D|$)")


def facebook_posts(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Posts of a Page. Their ids are those of the API: page and post."""
    return _posts(rows, context, "facebook", FACEBOOK)


def instagram_posts(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Media of an account. Their ids are those of the API."""
    return _posts(rows, context, "instagram", INSTAGRAM)


def series(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """One number of an account per day, under the title that names it."""
    word = titled("meta", sheet.title)
    if word is None and sheet.beside:
        return Facts(notes=(f"{sheet.named} was left out: it does not say which number it is of",), zoned=True)
    if word is None:
        raise BadInput(
            f"does not say which number it is of: its title is {(sheet.title or '(none)')[:60]!r}", where=sheet.place,
            remedy="leave the line above the header as Meta wrote it, such as \"Facebook follows\"",
        )  # fmt: skip
    network, common, own = SERIES[word]
    network = network or context.network
    if network is None:
        raise BadInput(
            f"does not say whose {own} these are", where=sheet.place, remedy="--network facebook or instagram"
        )
    zone = context.zone if context.zone_said else PACIFIC
    found = daily(
        rows, {"value": (common, own)}, needed(rows, "day", days(rows, "day", context)), network, context, zone
    )
    return Facts(followers=found, totals={"days": str(len(rows))}, zoned=True)


def _posts(rows: Sequence[Row], context: Context, network: str, metrics: Metrics) -> Facts:
    whole = [row for row in rows if not re.search(r"\d", row.get("covers") or "")]
    zone = _zone(whole, context)
    formats = month_first(whole, "published", ("Publish time",), _FORMATS)
    published = instants(whole, "published", context, formats=formats, zone=zone or PACIFIC)
    come(whole, published, context)
    found = tuple(
        (row.line, network, _post(row, _id(row, network), at), mine,
         None if at else "the file gives no date of publication")
        for row, at, mine in zip(whole, published, readings(whole, metrics, context.now), strict=True)
    )  # fmt: skip
    notes = []
    if zone is None and whole:
        notes.append("times of posts were taken as Pacific Time, in which Meta writes them; --zone says otherwise")
    if len(whole) < len(rows):
        notes.append(f"{len(rows) - len(whole)} rows are of single days and were left out: export lifetime numbers")
    return Facts(posts=found, totals={"posts": str(len(found))}, notes=tuple(notes), zoned=True)


def _post(row: Row, remote_id: str, at: datetime | None) -> Post:
    text = "\n".join(dict.fromkeys(one for one in (row.get("title"), row.get("text")) if one)) or None
    return Post(remote_id, row.get("url"), text, at, links_in(text))


def _zone(rows: Sequence[Row], context: Context) -> tzinfo | None:
    """The zone of the times: the header's own, else the one the owner said; None where neither tells."""
    return zone_in(header_of(rows, "published")) or (context.zone if context.zone_said else None)


def _id(row: Row, network: str) -> str:
    """The network's id of a post; where a spreadsheet rounded it (1.22E+17), its address tells it."""
    text = row.need("post")
    if not text.isdigit():
        found = _OF_POST.search(row.get("url") or "")
        if network == "instagram" or found is None:
            return told_id(network, row.need("url"))
        text = found[1]
    page = row.get("page") or ""
    return f"{page}_{text}" if network == "facebook" and page.isdigit() else text
