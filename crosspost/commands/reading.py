"""Numbers a person read on a screen, where no API tells them."""

from __future__ import annotations

from datetime import datetime

from crosspost.domain.brand import Account
from crosspost.domain.business import check_come
from crosspost.domain.errors import BadInput, NotFound
from crosspost.domain.post import Reading, ReadingStatus
from crosspost.store import posts
from crosspost.store.posts import StoredPost
from crosspost.store.store import Scope, Store

# Of a post, and of an account. The words of crosspost.domain.post; Meetup's members are followers, its guests rsvps.
OF_POSTS = (
    "impressions", "reach", "likes", "replies", "reposts", "quotes", "saves", "clicks", "link_clicks", "profile_clicks",
    "bookmarks", "rsvps",
)  # fmt: skip
OF_ACCOUNTS = ("followers", "posts", "impressions", "reach")


def add_reading(
    store: Store, account: Account, metric: str, value: float, now: datetime, *, at: datetime, post: str | None = None
) -> Reading:
    """Keep what a person read: of a post (its address, its id or its delivery's), else of the account.

    Raises BadInput for a value or metric that cannot be, NotFound for a post nobody told of.
    """
    known = OF_POSTS if post else OF_ACCOUNTS
    if metric not in known:
        of, more = ("a post", "") if post else ("an account", "; or of a post: --post ADDRESS")
        raise BadInput(f"{metric!r} is not counted of {of}", remedy=f"one of: {', '.join(known)}{more}")
    if value < 0 or value != int(value):
        raise BadInput(f"{metric} is a count, {value:g} is none", remedy="a whole number, zero or more")
    check_come(at, now, "the reading")
    found = Reading(metric, "typed by a person", value, ReadingStatus.VALUE, at)
    with store.write(account.brand_id) as scope:
        about = _post(scope, account, post).id if post else None
        posts.add_readings(scope, account.id, about, [found], origin="manual")
    return found


def _post(scope: Scope, account: Account, named: str) -> StoredPost:
    mine = [one for one in posts.posts(scope) if one.account_id == account.id]
    for one in mine:
        if named in (one.id, one.delivery_id, one.post.url, one.post.remote_id):
            return one
    raise NotFound(f"no post of {account.network} {account.handle} is {named!r}",
                   remedy="crosspost deliveries resolve ID --posted ADDRESS, or crosspost import")  # fmt: skip
