"""Visits: page views of one visitor, put together without following anybody.

A *visitor* is a keyed hash of address, browser and brand under one day's random salt. Once the salt is deleted nobody
can tell whose it was, and the hash itself goes with it. Nothing here knows an address longer than one call.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote, unquote_plus

from crosspost.domain.link import code_or_slug
from crosspost.domain.networks import NETWORKS
from crosspost.domain.privacy import same_host
from crosspost.domain.traffic import Hit, Judged, Judgement

WINDOW = timedelta(minutes=30)  # a reader who does nothing for longer comes anew
VISITOR_BYTES = 16
CLICK_ID = "cpid"  # the parameter that carries a click id
KEPT = ("utm_source", "utm_medium", "utm_campaign", "utm_content", CLICK_ID)  # all else of a query is left unread

# A robot that drives a browser has its user agent. What drives it must say so: www.w3.org/TR/webdriver2, section 4.
WEBDRIVER = "webdriver"

# The networks' own hosts, their link shorteners, and what their Android apps name themselves (android-app://…).
# Mastodon has thousands of hosts: of all but these, utm_source alone tells.
_HOSTS = {
    "t.co": "x", "twitter.com": "x", "x.com": "x", "lnkd.in": "linkedin", "linkedin.com": "linkedin",
    "facebook.com": "facebook", "fb.me": "facebook", "instagram.com": "instagram", "threads.net": "threads",
    "threads.com": "threads", "bsky.app": "bluesky", "mastodon.social": "mastodon", "mastodon.online": "mastodon",
    "pinterest.com": "pinterest", "pin.it": "pinterest", "snapchat.com": "snapchat", "meetup.com": "meetup",
}  # fmt: skip
_APPS = {"com.twitter.android": "x", "com.linkedin.android": "linkedin", "com.facebook.katana": "facebook",
         "com.instagram.android": "instagram", "com.pinterest": "pinterest"}  # fmt: skip
_SOURCES = {"twitter": "x", **{name: name for name in NETWORKS}}

# A "+" in an address that nobody encoded reads as a space: the word before goes along.
_MAIL = re.compile(r"(?:[^\s/?&=@]+ )?[^\s/?&=@]+@[^\s/?&=@]+\.[^\s/?&=@]+")
_CLICK_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True, slots=True)
class View:
    """One page looked at, as it is written down: no address, and of the query what says where a reader came from."""

    at: datetime
    brand_id: str
    visitor: str  # hex
    path: str
    code: str
    source: str  # utm_source, as it was
    medium: str
    campaign: str
    referrer: str  # a host, or nothing
    user_agent: str
    click_id: str
    judged: Judged


@dataclass(frozen=True, slots=True)
class Click:
    """A click that was given a name of its own, in click-id mode alone."""

    at: datetime
    brand_id: str
    click_id: str
    code: str
    judged: Judged


@dataclass(frozen=True, slots=True)
class Open:
    """A visit that may go on: the latest one of a visitor."""

    visit_id: str
    started_at: datetime
    last_at: datetime
    code: str
    pages: int


@dataclass(frozen=True, slots=True)
class Joined:
    """What page views came to: visits that began with their first view, and how far every visit reaches now.

    `latest` is each visitor's latest visit; visits in `went_on` were known before.
    """

    began: list[tuple[Open, View]]
    went_on: dict[str, Open]
    latest: dict[tuple[date, str], Open]


def day_of(at: datetime) -> date:
    """The UTC day a salt, and with it a visitor, belongs to."""
    return at.astimezone(UTC).date()


def visitor_hash(salt: bytes, brand_id: str, address: str, user_agent: str) -> str:
    """BLAKE2b in hex, keyed with the day's salt. Another brand's is another: nobody is followed across brands.

    Raises ValueError without a salt: then anybody could try addresses.
    """
    if not salt:
        raise ValueError("a visitor needs the day's salt")
    digest = hashlib.blake2b(key=salt, digest_size=VISITOR_BYTES)
    for part in (brand_id, address, user_agent):
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.hexdigest()


def view_of(
    at: datetime, brand_id: str, visitor: str, *, path: str, query: str, referrer: str, host: str, user_agent: str,
    webdriver: bool, keep_referrer: bool, keep_agent: bool, keep_click_id: bool,
) -> View:  # fmt: skip
    """What is kept of one page view. `host` is the site's own: moving about on it is no referrer."""
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        key = unquote_plus(name).lower()
        if key in KEPT:
            found.setdefault(key, unquote_plus(value))
    came = referrer_host(referrer)
    click_id = found.get(CLICK_ID, "")
    return View(
        at=at, brand_id=brand_id, visitor=visitor, path=without_mail(path.partition("?")[0].partition("#")[0]),
        code=code_or_slug(query), source=without_mail(found.get("utm_source", "")),
        medium=without_mail(found.get("utm_medium", "")), campaign=without_mail(found.get("utm_campaign", "")),
        referrer=came if keep_referrer and came != same_host(host) else "",
        user_agent=user_agent if keep_agent else "",
        click_id=click_id if keep_click_id and _CLICK_ID.fullmatch(click_id) else "",
        judged=judged_visit(at, user_agent, webdriver),
    )  # fmt: skip


def judged_visit(at: datetime, user_agent: str, webdriver: bool) -> Judged:
    """Judged as a hit is, by the user agent; and what drives a browser says so."""
    # Here, since an audit reads counted visits and judges none: the rules are as much as all else of a visit.
    from crosspost.domain.judging import judge

    # "und" is BCP 47's "no language told": of a hit a missing language is evidence, here none is ever asked for.
    found = judge(Hit(at, "", "GET", "", user_agent, "", "", "und"))
    if webdriver and found.judgement in (Judgement.PERSON, Judgement.UNSURE):
        return replace(found, judgement=Judgement.CRAWLER, rule=WEBDRIVER)
    return found


def without_mail(text: str) -> str:
    """The text with mail addresses taken out: newsletters put them into links."""
    if "@" not in text and "%40" not in text:
        return text
    return _MAIL.sub("(mail)", unquote(text))


def referrer_host(referrer: str) -> str:
    """The host a reader came from, of an address or of a host alone; nothing where it is neither."""
    text = referrer.strip().lower()
    scheme, mark, rest = text.partition("://")
    host = (rest if mark else scheme).partition("/")[0].rpartition("@")[2].partition(":")[0]
    return same_host(host) if re.fullmatch(r"(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+", host) else ""


def network_of(source: str, referrer: str) -> str:
    """The network that `utm_source` names, else the one of the referring host; nothing where it is none."""
    named = _SOURCES.get(source.strip().lower())
    if named or source.strip():
        return named or ""
    host = same_host(referrer)
    if host in _APPS:
        return _APPS[host]
    while host:
        if host in _HOSTS:
            return _HOSTS[host]
        host = host.partition(".")[2]
    return ""


def join(views: Iterable[View], known: Mapping[tuple[date, str], Open], new_id: Iterable[str]) -> Joined:
    """Put page views of one brand together to visits.

    A view belongs to its visitor's latest visit when that was not silent for longer than WINDOW, unless the view came
    by another link: who clicks twice comes twice. Views may come in any order.
    """
    ids, latest = iter(new_id), dict(known)
    before = {one.visit_id for one in known.values()}
    first: dict[str, View] = {}
    state: dict[str, Open] = {}
    for view in sorted(views, key=lambda one: (one.at, one.visitor, one.path)):
        who = (day_of(view.at), view.visitor)
        open_ = latest.get(who)
        if open_ is not None and _goes_on(open_, view):
            open_ = replace(
                open_, started_at=min(open_.started_at, view.at), last_at=max(open_.last_at, view.at),
                pages=open_.pages + 1,
            )  # fmt: skip
        else:
            open_ = Open(next(ids), view.at, view.at, view.code, 1)
            first[open_.visit_id] = view
        latest[who] = state[open_.visit_id] = open_
    began = [(state[visit_id], view) for visit_id, view in first.items()]
    went_on = {visit_id: one for visit_id, one in state.items() if visit_id in before}
    return Joined(began, went_on, latest)


def _goes_on(open_: Open, view: View) -> bool:
    near = open_.started_at - WINDOW <= view.at <= open_.last_at + WINDOW
    return near and view.code in ("", open_.code)
