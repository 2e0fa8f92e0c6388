"""LinkedIn: the analytics of a page, those of a member, and the archive that a member asks for.

Sources and columns: columns/linkedin-*.toml. Days are UTC. The columns of days say "Total followers" where they count
those gained; what stands above a table is the total.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import unquote

from crosspost.domain.business import check_come
from crosspost.domain.errors import BadInput
from crosspost.domain.post import Post, Reading, ReadingStatus
from crosspost.imports.counting import Account, Metrics, come, daily, links_in, made_at, month_first, readings, whole
from crosspost.imports.dates import days, instants, needed
from crosspost.imports.posts import told_id
from crosspost.imports.shape import Context, Facts, Layout, Row, fold
from crosspost.imports.sheet import Sheet

PAGE_POSTS = {
    "impressions": ("impressions", "Impressions"), "views": ("video_views", "Views"),
    "offsite_views": ("offsite_views", "Offsite Views"), "clicks": ("clicks", "Clicks"), "likes": ("likes", "Likes"),
    "replies": ("replies", "Comments"), "reposts": ("reposts", "Reposts"),
    "new_followers": ("new_followers", "Follows"),
}  # fmt: skip
PAGE_DAYS = {
    "impressions": ("impressions", "Impressions (total)"),
    "organic_impressions": ("organic_impressions", "Impressions (organic)"),
    "reach": ("reach", "Unique impressions (organic)"), "clicks": ("clicks", "Clicks (total)"),
    "likes": ("likes", "Reactions (total)"), "replies": ("replies", "Comments (total)"),
    "reposts": ("reposts", "Reposts (total)"),
}  # fmt: skip
PAGE_FOLLOWERS = {
    "gained": ("new_followers", "New followers, total"), "organic": ("new_followers_organic", "Organic followers"),
    "sponsored": ("new_followers_sponsored", "Sponsored followers"),
    "invited": ("new_followers_invited", "Auto-invited followers"),
}  # fmt: skip
PAGE_VISITORS = {
    "page_views": ("page_views", "Total page views (total)"),
    "visitors": ("page_visitors", "Total unique visitors (total)"),
}
MEMBER_DAYS = {"impressions": ("impressions", "Impressions"), "engagements": ("engagements", "Engagements")}
MEMBER_FOLLOWERS = {"gained": ("new_followers", "New followers")}
# Lines of the sheet DISCOVERY, folded → common name, LinkedIn's own.
MEMBER_TOTALS = {
    "impressions": ("impressions", "Impressions"), "members reached": ("reach", "Members reached"),
    "membres touches": ("reach", "Members reached"), "membres atteints": ("reach", "Members reached"),
}  # fmt: skip
_MAX_ADDRESS = 2048
_AMERICAN = ("%m/%d/%Y",)
_URN = re.compile(r"urn:li:(share|ugcPost|activity):(\d{5,25})")
_SLUG = re.compile(r"/posts/\S*?-(share|ugcPost|activity)-(\d{5,25})(?:-|/|\?|$)")
_DAY = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}")
_TOTAL = re.compile(r"(?:total followers on|(?:nombre )?total (?:des |d |de )?(?:abonnes|followers) (?:au|le))\b")


def page_posts(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """The posts of a page, sheet "All posts"."""
    return _posts(rows, _published(rows, ("Created date",), context), PAGE_POSTS, context)


def page_days(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """What a page's posts got per day, sheet "Metrics"."""
    return _days(rows, PAGE_DAYS, ("clicks", "Clicks (total)", "Clicks(total)"), context)


def page_followers(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Followers a page gained per day."""
    return _days(rows, PAGE_FOLLOWERS, ("organic", "Organic followers"), context)


def page_visitors(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Views of a page on LinkedIn per day: no visits of the brand's site."""
    return _days(rows, PAGE_VISITORS, ("page_views", "Total page views (total)"), context)


def member_posts(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """A member's best posts, by one number. Filler in blank cells is no post."""
    rows = [row for row in rows if (row.get("url") or "").startswith("http")]
    return _posts(rows, _published(rows, ("Post publish date",), context), MEMBER_DAYS, context)


def member_days(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """What a member's posts got per day."""
    return _days(rows, MEMBER_DAYS, ("engagements", "Engagements"), context)


def member_followers(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Followers gained per day, and how many there are on the day that the line above the table names."""
    gained = _days(rows, MEMBER_FOLLOWERS, ("gained", "New followers"), context)
    total = [found for line in (sheet.title or "", *sheet.preamble) if (found := _total(sheet, line, context))]
    return Facts(followers=(*total[:1], *gained.followers), totals=gained.totals, zoned=True)


def member_totals(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """Impressions and members reached in the period that the header names."""
    period = " ".join(column for column in sheet.header if _DAY.search(column))
    stated = _dates(period, fold(sheet.header[0]) == "overall performance", sheet.place, context)
    since, until = _first(min(stated)), min(_first(max(stated) + timedelta(days=1)), context.now)
    found: list[Account] = []
    for row in rows:
        names = MEMBER_TOTALS.get(fold(row.get("what") or ""))
        text = next((cell for _, cell in row.others()), None)
        if names and text:
            told = replace(row, values=(text,), layout=_layout(sheet.place, names[0]))
            [(one,)] = readings([told], {names[0]: names}, context.now)
            found.append((row.line, "linkedin", replace(one, since=since, until=until)))
    return Facts(followers=tuple(found), totals={"readings": str(len(found))}, zoned=True)


def shares(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """What a member posted, from their archive: no numbers are in it."""
    return _posts(rows, instants(rows, "published", context, zone=UTC), {}, context)


def connections(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """How many connections a member has. Who they are is nobody's business but theirs: nothing of it is kept."""
    count = Reading("connections", "Connections.csv", float(len(rows)), ReadingStatus.VALUE, context.now)
    note = "connections were counted; their names, addresses and employers were not kept"
    line = rows[0].line if rows else 1
    return Facts(
        followers=((line, "linkedin", count),), totals={"connections": str(len(rows))}, notes=(note,), zoned=True
    )


def _posts(rows: Sequence[Row], published: Sequence[datetime | None], metrics: Metrics, context: Context) -> Facts:
    urns = [_urn(row.need("url")) for row in rows]
    at = [_instant(urn, day) for urn, day in zip(urns, published, strict=True)]
    come(rows, at, context)
    found = tuple(
        (row.line, "linkedin", _post(row, urn, when), mine,
         None if when else "the file gives no date of publication")
        for row, urn, when, mine in zip(rows, urns, at, readings(rows, metrics, context.now), strict=True)
    )  # fmt: skip
    return Facts(posts=found, totals={"posts": str(len(found))}, zoned=True)


def _post(row: Row, urn: str | None, at: datetime | None) -> Post:
    text, url = row.get("title") or row.get("text"), unquote(row.need("url"))
    return Post(urn or told_id("linkedin", url), url, text, at, links_in(text, row.get("target")))


def _urn(url: str) -> str | None:
    """A post's name as LinkedIn has it, by its address. That of an activity is another one than that of its share."""
    plain = unquote(url[:_MAX_ADDRESS])
    found = _URN.search(plain) or _SLUG.search(plain)
    return f"urn:li:{found[1]}:{found[2]}" if found else None


def _instant(urn: str | None, day: datetime | None) -> datetime | None:
    stated = day is not None and (day.hour, day.minute, day.second) != (0, 0, 0)
    return day if stated or urn is None else made_at(urn.rpartition(":")[2], day, 0) or day


def _published(rows: Sequence[Row], english: Sequence[str], context: Context) -> list[datetime | None]:
    return instants(rows, "published", context, formats=month_first(rows, "published", english, _AMERICAN), zone=UTC)


def _days(rows: Sequence[Row], metrics: Metrics, english: tuple[str, ...], context: Context) -> Facts:
    """`english`: a field, and how its header is called in an English file, whose days are written 07/14/2026."""
    field, *headers = english
    american = bool(month_first(rows, field, headers, _AMERICAN))
    dates = days(rows, "day", context, formats=month_first(rows, "day", ("Date",), _AMERICAN) if american else ())
    found = daily(rows, metrics, needed(rows, "day", dates), "linkedin", context, UTC)
    return Facts(followers=found, totals={"days": str(len(rows))}, zoned=True)


def _total(sheet: Sheet, line: str, context: Context) -> Account | None:
    """`Total followers on 7/15/2026: 1873`, as a reading at the end of that day."""
    words = fold(line)
    day = _DAY.search(line)
    if day is None or not _TOTAL.search(words):
        return None
    counts = re.findall(r"\d[\d.,\s\u00a0\u202f]*", line[day.end() :])
    if not counts:
        return None
    (on,) = _dates(day[0], words.startswith("total followers"), sheet.place, context)
    at = min(_first(on + timedelta(days=1)), context.now)
    value = whole([_row(sheet.place, "total", counts[0].strip())], "total")[0]
    if value is None:
        return None
    return (1, "linkedin", Reading("followers", "Total followers", float(value), ReadingStatus.VALUE, at))


def _dates(text: str, american: bool, place: str, context: Context) -> list[date]:
    """The days in a line of text, of which one may show how the others are written. Raises BadInput without any."""
    rows = [_row(place, "day", found) for found in _DAY.findall(text)]
    if not rows:
        raise BadInput("names no period", where=place, remedy="leave the sheet as LinkedIn wrote it")
    formats = month_first(rows, "day", ("day",), _AMERICAN) if american else ()
    found = needed(rows, "day", days(rows, "day", context, formats=formats))
    for row, day in zip(rows, found, strict=True):
        with row.telling():
            check_come(_first(day), context.now, "the day")
    return found


def _row(place: str, name: str, text: str) -> Row:
    return Row(1, (text,), _layout(place, name))


def _layout(place: str, name: str) -> Layout:
    return Layout(place, (name,), {name: 0}, {})


def _first(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
