"""What examinations of several networks have in common. Nothing here posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from crosspost.domain.errors import NetworkFailure
from crosspost.domain.finding import Finding, good, not_told, see_to
from crosspost.domain.login import Login
from crosspost.domain.post import Listing, Post, Reading, ReadingStatus
from crosspost.networks import _answers as answers
from crosspost.networks.network import Connection
from crosspost.outside.failures import AddressRefused, OutboundError

SOON = timedelta(days=14)  # what ends within is seen to now
SUNSET = timedelta(days=60)
BACK = timedelta(days=30)  # how old the post may be whose metrics are tried
CHOOSING = "pages_show_list"
YOUNG = timedelta(days=2)  # networks may have no number of a post before


class Measured(Protocol):
    """A connector that lists its posts and reads their numbers."""

    def posts(self, since: datetime) -> Listing: ...
    def read_post(self, post: Post, at: datetime) -> list[Reading]: ...


def metrics(adapter: Measured, at: datetime, found: Sequence[Post] | None = None) -> list[Finding]:
    """Each metric alone, on the newest post of the last 30 days: one line for those that are read, and one for each
    that is not. What a network never offers is no finding. `found` are the newest posts, where listing all costs."""
    if found is None:
        found = adapter.posts(at - BACK).posts
    if not found:
        return [not_told("metrics", f"no post of the last {BACK.days} days to try them on")]
    post = max(found, key=lambda one: one.published_at or at - BACK)
    young = post.published_at is not None and at - post.published_at < YOUNG
    read, lines = [], []
    for one in adapter.read_post(post, at):
        name = f"metric {one.metric}"
        if one.value is not None:
            read.append(one.metric)
        elif one.status in (ReadingStatus.UNSUPPORTED, ReadingStatus.EXPIRED):
            continue
        elif one.status is ReadingStatus.NOT_PERMITTED or young:
            lines.append(not_told(name, one.reason or one.status.value))
        else:
            remedy = "the others are read; if it stays so, the network has dropped it: look for a newer crosspost"
            lines.append(see_to(name, one.reason or one.status.value, remedy))
    return [good("metrics", f"read: {', '.join(read)}"), *lines] if read else lines


def ends(what: str, when: datetime | None, at: datetime, remedy: str) -> Finding:
    """A token, or the access it gives, that ends at `when` (None: never)."""
    if when is None:
        return good(what, "does not end by itself")
    left = when - at
    if left <= timedelta(0):
        return see_to(what, f"ended on {when:%Y-%m-%d}", remedy)
    text = f"ends on {when:%Y-%m-%d}, in {left.days} days"
    return see_to(what, text, remedy) if left < SOON else good(what, text)


def version(name: str, dies: date | None, at: datetime, remedy: str) -> Finding:
    """An API's version against the day the network has announced for its end."""
    if dies is None:
        return good("api version", f"{name}: no end is announced")
    if dies <= at.date():
        return see_to("api version", f"{name} ended on {dies}", remedy)
    near = dies - at.date() < SUNSET
    return (
        see_to("api version", f"{name} ends on {dies}", remedy) if near else good("api version", f"{name} until {dies}")
    )


def scopes(given: Iterable[str], login: Login | None, on: Connection, remedy: str) -> Finding:
    """What a login asks for, against what the token has: `read` holds `read:accounts`. The right to list Pages only
    serves to choose one."""
    asked = login.scopes(read_only=on.read_only) if login is not None else ()
    needed = [one for one in asked if one != CHOOSING]
    held = set(given)
    missing = [one for one in needed if not held & {one, one.partition(":")[0]}]
    if missing:
        return see_to("scopes", f"missing: {', '.join(missing)}", remedy)
    return good("scopes", "all that crosspost needs")


def requests_left(headers: Mapping[str, str], limit: str, left: str) -> list[Finding]:
    """By the headers of that name; nothing where the network sent none."""
    total, rest = (answers.number(_whole(headers.get(name))) for name in (limit, left))
    if total is None or rest is None or total <= 0:
        return []
    text = f"{rest:.0f} of {total:.0f} requests are left"
    if rest / total < 0.2:
        return [see_to("quota", text, "wait: it fills up again; another program may be using this account")]
    return [good("quota", text)]


def posts_left(used: int, total: int, seconds: int) -> Finding:
    text = f"{used} of {total} posts of the last {seconds // 3600} hours are used"
    if used >= total:
        return see_to("quota", text, "wait: what is due is tried again")
    return good("quota", text)


def images_reachable(on: Connection, title: str) -> list[Finding]:
    """Whether images stand where the network's own servers could fetch them: under https, on a public address. Of an
    account that is posted to."""
    return [] if on.read_only else [_reachable(on, title)]


def _reachable(on: Connection, title: str) -> Finding:
    check, base = "images", on.settings.get("media_base", "").rstrip("/")
    where = "set media_base to the public https address of a folder with them"
    if not base:
        return see_to(check, f"media_base is not set, and {title} fetches images itself", where)
    if not base.startswith("https://"):
        return see_to(check, f"{base} is not https", where)
    try:
        answer = on.outbound.send("GET", base + "/", timeout_s=on.timeout_s, redirects=3)
    except AddressRefused as refused:
        return see_to(check, f"{refused}: {title} cannot reach it", where)
    except OutboundError as failure:
        return see_to(check, f"does not answer ({failure})", "start its web server, and check its name and certificate")
    if answer.status >= 500:
        return see_to(check, f"{base} answers {answer.status}", "look at its web server")
    return good(check, f"{base} answers from outside")


def failed(check: str, failure: NetworkFailure) -> Finding:
    """A part of an examination that could not be made; the others go on."""
    return not_told(check, failure.reason)


def stamp(value: Any) -> datetime | None:
    """Unix seconds out of an answer; 0, which means never, and what is none are None."""
    seconds = answers.number(value)
    return answers.when_ms(seconds * 1000) if seconds else None


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
