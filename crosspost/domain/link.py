"""Tracked links: the article's address with a delivery's code in it, and our short form of it.

Every export of a consultant can be joined when the code stands in `utm_content` and in `utm_campaign` (some tools
keep only the campaign). Ours replace the owner's `utm_source`, `utm_medium` and `utm_content`, without which the
join is lost; the owner's `utm_campaign` takes the place of the article's slug. All else stays as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from crosspost.domain.errors import BadInput

# Names that web analytics and CRMs recognise as a network (HubSpot wants the plain name exactly).
_PLAIN_NAMES = {"x": "twitter"}
_OURS = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
_CODE = re.compile(r"[2-9a-hjkmnp-z]{8,64}")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")

# Paths of one part that are no links: pages and files of our own. They are never given to a link.
RESERVED = frozenset({
    "api", "bio", "brands", "health", "login", "logout", "media", "password", "sign-in", "sign-out", "static", "v", "v1"
})  # fmt: skip
_MAX_CAMPAIGN = 60  # characters, before the code


def check_target(url: str) -> str:
    """The address, if a link may lead there: http or https, a host, nothing that splits a header or hides the host.

    Raises BadInput.
    """
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or 0 < parts.port < 65_536
    except ValueError:
        port_ok, parts = False, urlsplit("")
    odd = any(character.isspace() or not character.isprintable() or character == "\\" for character in url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or odd or not port_ok:
        raise BadInput(f"{url!r} cannot be the target of a link", remedy="write it as https://example.org/article")
    return url


def tracked_url(url: str, *, network: str, article_slug: str, code: str) -> str:
    """The article's address with the UTM parameters of one delivery. Other parameters and the fragment are kept.

    >>> tracked_url("https://a.example/p?id=3#top", network="x", article_slug="Été à Nice", code="k7m2p9qrst")
    'https://a.example/p?id=3&utm_source=twitter&utm_medium=social&utm_campaign=ete-a-nice-k7m2p9qrst&utm_content=k7m2p9qrst#top'
    """
    parts = urlsplit(check_target(url))
    kept: list[str] = []
    theirs: dict[str, str] = {}
    for pair in parts.query.split("&") if parts.query else []:
        name, _, value = pair.partition("=")
        key = unquote_plus(name).lower()
        if key in _OURS:
            theirs.setdefault(key, unquote_plus(value))
        else:
            kept.append(pair)
    ours = {
        "utm_source": _PLAIN_NAMES.get(network, network),
        "utm_medium": "social",
        "utm_campaign": f"{_campaign(theirs) or slug(article_slug) or 'article'}-{code}",
        "utm_content": code,
    }
    kept += [f"{name}={quote(value, safe='')}" for name, value in ours.items()]
    return urlunsplit(parts._replace(query="&".join(kept)))


def _campaign(theirs: dict[str, str]) -> str:
    """The owner's campaign, without the code of a link that was tracked before."""
    campaign = theirs.get("utm_campaign", "")
    return campaign.removesuffix("-" + theirs.get("utm_content", "")).removesuffix("-")[:_MAX_CAMPAIGN]


def _pairs(query: str) -> list[tuple[str, str]]:
    """Names, in small letters, and values of a query."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    return [(unquote_plus(name).lower(), unquote_plus(value)) for name, _, value in pairs]


def slug(text: str) -> str:
    """Small ASCII letters, digits and hyphens, at most 60; empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_CAMPAIGN].strip("-")


def check_slug(text: str) -> str:
    """The code a person chose, in small letters. It may look like a random one: what is taken, the store knows.

    Raises BadInput.

    >>> check_slug("Spring-2026")
    'spring-2026'
    """
    chosen = text.strip().lower()
    if not _SLUG.fullmatch(chosen):
        better = slug(text)
        raise BadInput(
            f"{text!r} cannot be a slug",
            remedy=f"letters a to z, digits and hyphens, at most 60{f', such as {better!r}' if better else ''}",
        )
    if chosen in RESERVED or is_bio(chosen):
        raise BadInput(f"the slug {chosen!r} is kept for pages of crosspost", remedy="choose another one")
    return chosen


def short_url(public_url: str, code: str) -> str:
    """Our short address of a code."""
    return f"{public_url.rstrip('/')}/{code}"


def code_told(content: str | None, campaign: str | None) -> str | None:
    """What looks like a code in a recorded utm_content, else at the end of a utm_campaign: look it up."""
    for candidate in (content or "", (campaign or "").rpartition("-")[2]):
        if _CODE.fullmatch(candidate.lower()):
            return candidate.lower()
    return None


def code_in(url: str, public_url: str | None = None, known: Collection[str] = ()) -> str | None:
    """The code an address carries: in its UTM parameters, else as a short link; None when there is none.

    With `public_url`, a short link counts only under that origin. Without it any address whose whole path looks
    like a code gives one: look it up before you believe it. A slug looks like any word: only a `known` one is found,
    in utm_content or under that origin.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    found = dict(reversed(_pairs(parts.query)))  # the first of a name counts
    content = found.get("utm_content", "").lower()
    if code := content if content in known else code_told(content, found.get("utm_campaign")):
        return code
    if public_url is not None and not url.lower().startswith(public_url.rstrip("/").lower() + "/"):
        return None
    path = parts.path if public_url is None else parts.path[len(urlsplit(public_url).path.rstrip("/")) :]
    candidate = path.strip("/").lower()
    return candidate if _CODE.fullmatch(candidate) or (public_url is not None and candidate in known) else None


def code_or_slug(query: str) -> str:
    """What may be a code in an address's query, a slug in utm_content included; empty when nothing may be. Look it up
    before you believe it."""
    found = code_in("?" + query)
    if found is not None:
        return found
    content = next((value for name, value in _pairs(query) if name == "utm_content"), "").lower()
    return content if _SLUG.fullmatch(content) else ""


BIO = "bio-"  # no random code holds a hyphen


def bio_code(handle: str, number: int = 1) -> str:
    """The code of a bio page's own link: short enough to be typed. `number` tells those of one name apart."""
    name = f"{BIO}{slug(handle)[:32].strip('-') or 'page'}"
    return name if number == 1 else f"{name}-{number}"


def is_bio(code: str) -> bool:
    """Whether a code leads to a bio page: its hits are visits to that page, of no single post."""
    return code.startswith(BIO)
