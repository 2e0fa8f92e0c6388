"""An account's own posts, page by page, newest first: how far such a list reaches, and where it had to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from crosspost.domain.errors import RateLimited
from crosspost.domain.post import Listing, Post

PAGES = 5  # what one look for a post may cost; who reads in a whole history asks for more


def last_published(found: list[Post]) -> datetime | None:
    """When the last post of the list was published."""
    return found[-1].published_at if found else None


def listing(
    pages: Iterable[tuple[list[Post], bool]],
    since: datetime,
    account_id: str,
    most: int,
    oldest: Callable[[list[Post]], datetime | None] = last_published,
) -> Listing:
    """The posts since then. `pages` brings each page's posts, and whether it is the last; no more are asked for than
    need be.

    A list that was cut reaches back to the `oldest` post it showed. So does one in the middle of which the network
    asks to wait, where a whole history is read in: what came is kept. Pages that end without a last one prove nothing.
    """
    found: list[Post] = []
    note = f"stopped after {most} pages"
    try:
        for number, (page, last) in enumerate(pages, 1):
            found += page
            reached = oldest(found)
            if last or (reached is not None and reached < since):
                recent = tuple(post for post in found if post.published_at is None or post.published_at >= since)
                return Listing(recent, since, account_id)
            if number >= most:
                break
        else:
            return Listing(tuple(found), None, account_id, ("the network broke the list off",))
    except RateLimited as limit:
        if not found or most <= PAGES:
            raise
        until = f" until {limit.until:%Y-%m-%d %H:%M} UTC" if limit.until else ""
        note = f"the network asks to wait{until}: {limit.reason}"
    return Listing(tuple(found), oldest(found), account_id, (note,))
