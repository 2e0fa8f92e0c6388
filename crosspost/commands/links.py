"""Links of the brand's own, beside those of its deliveries: made, shown, switched off and on, drawn as a QR code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from urllib.parse import unquote, urlsplit

import segno

from crosspost.domain.brand import Account, Brand
from crosspost.domain.errors import BadInput, Conflict, NotFound
from crosspost.domain.ids import new_code
from crosspost.domain.link import RESERVED, check_slug, check_target, short_url, slug, tracked_url
from crosspost.domain.traffic import Judgement
from crosspost.store import brands, events, links, traffic
from crosspost.store.links import StoredLink
from crosspost.store.store import Store

QUIET = 4  # modules of white around a QR code, as ISO/IEC 18004 asks for
LEVEL = "m"  # 15 % of it may be dirty or torn


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link, its short address (None without the brand's `public_url`), its account's network, and its hits."""

    link: StoredLink
    address: str | None
    network: str | None
    hits: Mapping[Judgement, int]


def all_links(store: Store, brand: Brand) -> list[ShownLink]:
    """The brand's links, oldest first."""
    with store.read(brand.id) as scope:
        found, hits = links.all_of(scope), traffic.per_code(scope)
        networks = {one.id: one.network for one in brands.accounts(scope)}
    return [
        ShownLink(one, _address(brand, one.code), networks.get(one.account_id or ""), hits.get(one.code, Counter()))
        for one in found
    ]


def one_link(store: Store, brand: Brand, name: str) -> ShownLink:
    """The link of a code, or of its short address. Raises NotFound."""
    code = code_named(brand, name)
    found = next((one for one in all_links(store, brand) if one.link.code == code), None)
    if found is None:
        raise NotFound(f"no link of {brand.slug} has the code {code!r}", remedy="see `crosspost link list`")
    return found


def add_link(
    store: Store,
    brand: Brand,
    target: str,
    now: datetime,
    *,
    who: str,
    chosen: str | None = None,
    account: Account | None = None,
    tag: bool = False,
) -> ShownLink:
    """Register a link under a chosen slug, or a random code. `tag` adds our UTM parameters, for an account's network.

    Raises BadInput (a target or a slug no link may have), Conflict (the slug is taken).
    """
    if tag and account is None:
        raise BadInput("UTM parameters name a network", remedy="say --account as well")
    code = check_slug(chosen) if chosen is not None else new_code()
    _refuse_circle(brand, check_target(target))
    if tag and account is not None:
        name = slug(urlsplit(target).path.rstrip("/").rpartition("/")[2].partition(".")[0])
        target = tracked_url(target, network=account.network, article_slug=name or "link", code=code)
    try:
        with store.write(brand.id) as scope:
            links.add(scope, code, target, now, account_id=account.id if account is not None else None)
            events.record(scope, "link added", code, who=who, now=now, target=target)
    except Conflict:
        with store.read(brand.id) as scope:
            theirs = {one.code: one for one in links.all_of(scope)}.get(code)
        # Another brand's link is nobody's to learn here.
        leads = "" if theirs is None else f": it leads to {theirs.target}"
        raise Conflict(f"the slug {code!r} is taken{leads}", remedy="choose another one") from None
    return one_link(store, brand, code)


def switch_link(store: Store, brand: Brand, name: str, now: datetime, *, who: str, on: bool) -> ShownLink:
    """Let a link answer, or answer nobody from now on. Raises NotFound."""
    code = code_named(brand, name)
    with store.write(brand.id) as scope:
        if on != (links.get(scope, code).disabled_at is None):  # a second switch must not move the instant of the first
            if on:
                links.enable(scope, code)
            else:
                links.disable(scope, code, now)
            events.record(scope, "link on" if on else "link off", code, who=who, now=now)
    return one_link(store, brand, code)


def draw(address: str, kind: str, scale: int) -> bytes:
    """The QR code of an address, as `png` or `svg`: error level M, a quiet zone of four modules.

    `scale` is how many pixels (of an SVG: units) a module is wide.
    """
    out = BytesIO()
    made = segno.make_qr(address, error=LEVEL, boost_error=False)
    extra = {"xmldecl": False, "svgns": True, "unit": None} if kind == "svg" else {}
    made.save(out, kind=kind, scale=scale, border=QUIET, dark="#000", light="#fff", **extra)
    return out.getvalue()


def code_named(brand: Brand, name: str) -> str:
    """The code that a person wrote down: itself, or as a short address; capitals are forgiven."""
    found = name.strip()
    if brand.public_url is not None and found.lower().startswith(brand.public_url.rstrip("/").lower() + "/"):
        found = unquote(urlsplit(found).path)
    return found.rstrip("/").rpartition("/")[2].lower()


def _address(brand: Brand, code: str) -> str | None:
    return None if brand.public_url is None else short_url(brand.public_url, code)


def _refuse_circle(brand: Brand, target: str) -> None:
    """A link to a short link would be counted twice, and could lead to itself."""
    if brand.public_url is None:
        return
    ours, theirs = urlsplit(brand.public_url), urlsplit(target)
    first = theirs.path.removeprefix(ours.path.rstrip("/")).strip("/")
    if theirs.netloc.lower() == ours.netloc.lower() and first and "/" not in first and first not in RESERVED:
        raise BadInput(f"{target!r} is a short address itself", remedy="give the page where the link should lead")
