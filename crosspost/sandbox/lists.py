"""An account's posts a page at a time, newest first, in time proportional to the page."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta

from crosspost.sandbox.exchange import Call
from crosspost.sandbox.state import SandboxAccount, SandboxPost


def shown_until(call: Call, account: SandboxAccount) -> datetime:
    """Lists show what was there at that instant: later by the account's lag and by a stale list's."""
    lag = float(call.state.behaviour(account, "list_lag_s"))
    if stale := call.struck("stale_list"):
        lag = max(lag, stale.seconds)
    return call.now - timedelta(seconds=lag)


def page_size(call: Call, asked: int) -> int:
    """At most what a short list gives."""
    short = call.struck("short_list")
    return asked if short is None else max(1, min(asked, short.rows))


def page(
    call: Call,
    account: SandboxAccount,
    size: int,
    *,
    before: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: int | None = None,
    replies: bool = True,
    board: str | None = None,
) -> tuple[list[SandboxPost], bool]:
    """Posts with `after` < id < `before` and `since` <= created_at < `until`, and whether there are more.

    Ids are compared by their last number, which grows with every post of an account.
    """
    timeline = call.state.timelines.get(account.id, [])
    index = bisect_right(timeline, shown_until(call, account), key=lambda post: post.committed_at)
    if before is not None:
        index = min(index, bisect_left(timeline, before, key=number))
    size = page_size(call, size)
    found: list[SandboxPost] = []
    while index > 0:
        index -= 1
        post = timeline[index]
        if (since is not None and post.created_at < since) or (after is not None and number(post) <= after):
            break
        if post.deleted or (until is not None and post.created_at >= until) or (post.parent_id and not replies):
            continue
        if board is not None and post.data["board_id"] != board:
            continue
        if len(found) == size:
            return found, True
        found.append(post)
    return found, False


def number(post: SandboxPost) -> int:
    return int(post.id.rpartition("_")[2])


def repeats(call: Call, text: str, window_s: float) -> bool:
    """Whether the account said the same a short while ago, in a post that still stands."""
    own = call.state.behaviour(call.account, "duplicate_window_s")
    window = timedelta(seconds=window_s if own is None else float(own))
    before = call.state.said.get((call.account.id, unicodedata.normalize("NFC", text).strip()))
    post = call.state.post(call.account.network, before) if before and window else None
    return post is not None and call.now - post.created_at < window
