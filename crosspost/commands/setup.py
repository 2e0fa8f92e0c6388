"""Make a brand, and change the owner's choices."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from crosspost.clock import zone
from crosspost.domain.brand import Brand, LinkMode
from crosspost.domain.errors import BadInput, Conflict
from crosspost.domain.ids import new_id
from crosspost.domain.link import slug
from crosspost.domain.money import Money
from crosspost.store import brands
from crosspost.store import reactors as kept_reactors
from crosspost.store.store import Store

_SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")


def slug_of(name: str) -> str:
    """`Café Léa & fils` → `cafe-lea-fils`. Raises BadInput when nothing is left."""
    made = slug(name)
    if not made:
        raise BadInput(f"no slug can be made of {name!r}", remedy="--slug my-brand")
    return made


def add_brand(
    store: Store,
    now: datetime,
    name: str,
    *,
    chosen_slug: str | None = None,
    zone_name: str = "Europe/Paris",
    language: str = "fr",
    currency: str = "EUR",
    link_mode: LinkMode = LinkMode.DIRECT,
    public_url: str | None = None,
    auto_publish: bool = False,
) -> Brand:
    """A new brand. Raises BadInput, Conflict when the slug is taken."""
    if not name.strip():
        raise BadInput("a brand needs a name", remedy='crosspost brand add "My business"')
    chosen = chosen_slug or slug_of(name)
    if not _SLUG.match(chosen):
        raise BadInput(f"{chosen!r} is not a slug", remedy="small letters, digits and hyphens, such as my-brand")
    zone(zone_name)
    try:
        Money.from_minor(0, currency)
    except ValueError as error:
        raise BadInput(str(error), remedy="write its three letters") from None
    brand = Brand(
        id=new_id(now), slug=chosen, name=name.strip(), zone=zone_name, language=language, currency=currency,
        link_mode=link_mode, public_url=check_public_url(link_mode, public_url), auto_publish=auto_publish,
        created_at=now,
    )  # fmt: skip
    try:
        with store.database.write() as connection:
            brands.add(connection, brand)
    except IntegrityError:
        raise Conflict(f"a brand called {chosen!r} exists", remedy="choose another --slug") from None
    return brand


def check_public_url(link_mode: LinkMode, public_url: str | None) -> str | None:
    """The origin of the short links without its last slash. Raises BadInput when the mode needs one."""
    if public_url is None:
        if link_mode is LinkMode.REDIRECT:
            raise BadInput(
                "redirect links need the public address of your redirect",
                remedy="--public-url https://go.example.org, or --link-mode direct",
            )
        return None
    if not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+/?", public_url):
        raise BadInput(f"{public_url!r} is not an origin", remedy="write https://go.example.org")
    return public_url.rstrip("/")


def change_brand(
    store: Store,
    brand: Brand,
    *,
    name: str | None = None,
    link_mode: LinkMode | None = None,
    public_url: str | None = None,
    auto_publish: bool | None = None,
    reactors: bool | None = None,
    ask_hours: bool | None = None,
) -> Brand:
    """Change what is given. Links that are out keep answering whatever the mode; who reacted is forgotten where it is
    to be kept no longer."""
    changed = replace(
        brand,
        name=name or brand.name,
        link_mode=link_mode or brand.link_mode,
        auto_publish=brand.auto_publish if auto_publish is None else auto_publish,
        reactors=brand.reactors if reactors is None else reactors,
        ask_hours=brand.ask_hours if ask_hours is None else ask_hours,
    )
    changed = replace(changed, public_url=check_public_url(changed.link_mode, public_url or brand.public_url))
    with store.database.write() as connection:
        brands.change(
            connection, brand.id, name=changed.name, link_mode=changed.link_mode.value,
            public_url=changed.public_url, auto_publish=changed.auto_publish, reactors=changed.reactors,
            ask_hours=changed.ask_hours,
        )  # fmt: skip
    if not changed.reactors:
        with store.write(brand.id) as scope:
            kept_reactors.forget_all(scope)
    return changed
