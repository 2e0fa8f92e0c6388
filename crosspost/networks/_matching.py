"""Finding our own post among those a network shows: by its link, the delivery's code, or its exact text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit, urlunsplit

from crosspost.domain.addresses import http_addresses
from crosspost.domain.delivery import DeliveryClass, Found, Outgoing, Sighting
from crosspost.domain.post import Listing, Post
from crosspost.domain.teaser import Attachment, Teaser

SKEW = timedelta(minutes=2)  # how far a network's clock may be off ours
_PORTS = {"http": ":80", "https": ":443"}
_SHIMS = {  # host and path of the outgoing redirects; the address stands in `u`
    "l.facebook.com": "/l.php",
    "lm.facebook.com": "/l.php",
    "l.instagram.com": "/",
    "l.threads.com": "/",
    "l.threads.net": "/",
}


def links_in(text: str) -> list[str]:
    """The http(s) addresses written in a text, in order."""
    return [text[span.start : span.end] for span in http_addresses(text)]


def pictures(teaser: Teaser) -> tuple[Attachment, ...]:
    """The images to attach. A card has none beside it: its image is the card's, or the network fetches its own."""
    return () if teaser.card else teaser.images


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.hrefs: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.hrefs += [value for name, value in attrs if name == "href" and value]
        elif tag in ("br", "p") and self.text:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def html_text(html: str) -> tuple[str, tuple[str, ...]]:
    """A post's HTML as plain text and the addresses its anchors point to."""
    page = _Page()
    page.feed(html.replace("<![", "&lt;!["))  # no HTML, and the parser breaks on it
    page.close()
    return "".join(page.text).strip(), tuple(page.hrefs)


def _plain(url: str) -> str:
    """An address as it is compared: case, default port, fragment and an empty path's slash do not count."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    scheme, host = parts.scheme.lower(), parts.netloc.lower()
    return urlunsplit((scheme, host.removesuffix(_PORTS.get(scheme, "")), parts.path or "/", parts.query, ""))


def unwrapped(url: str) -> str:
    """The address behind the outgoing redirect of Facebook, Instagram or Threads, or `url` itself."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if _SHIMS.get(parts.netloc.lower()) == parts.path:
        return parse_qs(parts.query).get("u", [url])[0]
    return url


def same_address(one: str, other: str) -> bool:
    """Whether two addresses lead to the same place, a network's redirect aside."""
    return _plain(unwrapped(one)) == _plain(unwrapped(other))


def carries(links: Iterable[str], outgoing: Outgoing) -> str | None:
    """The first address that is this delivery's: its tracked link, or one with its code as a word in it.

    The second finds the page behind the short link, whose UTM parameters hold the code.
    """
    word = re.compile(rf"(?<![0-9A-Za-z]){re.escape(outgoing.code)}(?![0-9A-Za-z])") if outgoing.code else None
    tracked = _plain(outgoing.teaser.link)
    for link in map(unwrapped, links):
        if _plain(link) == tracked or (word and word.search(link)):
            return link
    return None


def fingerprinted(placement: str) -> bool:
    """Whether a post with its link placed so can be told from any other."""
    return placement in ("text", "card")


def readable(placement: str) -> DeliveryClass:
    """The class of a network that offers nothing but the list of posts."""
    return DeliveryClass.READABLE if fingerprinted(placement) else DeliveryClass.BLIND


def _same_text(ours: str, theirs: str | None) -> bool:
    return theirs is not None and " ".join(_nfc(ours).split()) == " ".join(_nfc(theirs).split())


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def matching(outgoing: Outgoing, listing: Listing, since: datetime) -> list[tuple[Post, str]]:
    """The posts listed since then that may be this delivery, in the list's order, and how each is known."""
    ours: list[tuple[Post, str]] = []
    for post in listing.posts:
        if post.published_at is not None and post.published_at < since:
            continue
        if link := carries(post.links, outgoing):
            ours.append((post, f"carries the link {link}"))
        elif _same_text(outgoing.teaser.text, post.text):
            ours.append((post, "has the same text"))
    return ours


def sighting(outgoing: Outgoing, posts: Callable[[datetime], Listing], since: datetime) -> Sighting:
    """What the list of the account's posts says of one delivery.

    `since` is the instant before the first attempt. ABSENT only if the list reaches back before that, and the
    post would carry its link. Of several matches the oldest counts, and the evidence tells how many there are.
    """
    since -= SKEW
    listing = posts(since)
    if ours := matching(outgoing, listing, since):
        post, how = ours[-1]
        many = f"; {len(ours)} posts match" if len(ours) > 1 else ""
        return Sighting(Found.PRESENT, f"post {post.remote_id} {how}{many}", post.remote_id, post.url)
    seen = f"{len(listing.posts)} posts listed"
    if listing.reaches_back_to is None or listing.reaches_back_to > since:
        return Sighting(Found.INCONCLUSIVE, f"{seen}, and the list does not reach back to {since.isoformat()}")
    if mute := [post.remote_id for post in listing.posts if post.text is None and not post.links]:
        return Sighting(Found.INCONCLUSIVE, f"{seen}; of {', '.join(mute)} neither text nor links are shown")
    if not fingerprinted(outgoing.teaser.link_placement):
        return Sighting(Found.INCONCLUSIVE, f"{seen}, none with this text; the post carries no link to know it by")
    return Sighting(Found.ABSENT, f"{seen} back to {since.isoformat()}, none carries the link")
