"""What a brand decides about its readers, and the line its pages include."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput
from crosspost.domain.privacy import Mode, Privacy, check, hosts_of, site_host
from crosspost.store import articles, events, privacy, visits
from crosspost.store.store import Scope, Store


def privacy_of(store: Store, brand: Brand) -> Privacy:
    """The brand's choices."""
    with store.read(brand.id) as scope:
        return privacy.of(scope)


def with_changes(
    before: Privacy,
    *,
    mode: Mode | None = None,
    legal_basis: str | None = None,
    sites: Sequence[str] = (),
    no_sites: Sequence[str] = (),
    referrer: bool | None = None,
    user_agent: bool | None = None,
    keep_hits: int | None = None,
    keep_visits: int | None = None,
) -> Privacy:
    """These choices with what is given changed. Raises NotAllowed for click ids without a legal basis, BadInput."""
    gone = set(map(site_host, no_sites))
    hosts = dict.fromkeys([*before.sites, *map(site_host, sites)])
    return check(
        Privacy(
            mode=mode or before.mode,
            legal_basis=before.legal_basis if legal_basis is None else legal_basis.strip() or None,
            sites=tuple(host for host in hosts if host not in gone),
            referrer=before.referrer if referrer is None else referrer,
            user_agent=before.user_agent if user_agent is None else user_agent,
            keep_hits=before.keep_hits if keep_hits is None else keep_hits,
            keep_visits=before.keep_visits if keep_visits is None else keep_visits,
        )
    )


def choose(store: Store, brand: Brand, chosen: Privacy, now: datetime, *, who: str) -> None:
    """Keep these choices, and write down who made them. Back in aggregate mode every click id is forgotten at once:
    in this database, and in a backup as soon as a person erases from it or it is purged."""
    with store.write(brand.id) as scope:
        if chosen == privacy.of(scope):
            return
        privacy.put(scope, check(chosen))
        events.record(
            scope, "privacy", brand.id, who=who, now=now, mode=chosen.mode.value, legal_basis=chosen.legal_basis,
            sites=list(chosen.sites), referrer=chosen.referrer, user_agent=chosen.user_agent,
            keep_hits=chosen.keep_hits, keep_visits=chosen.keep_visits,
        )  # fmt: skip
        if chosen.mode is Mode.AGGREGATE:
            visits.forget_click_ids(scope)


def carry_click_id(scope: Scope, lead_source_id: str, name: str) -> bool:
    """Let a lead carry a click id, if the brand is in click-id mode; whether it does now."""
    if privacy.of(scope).mode is not Mode.CLICK_ID:
        return False
    visits.carry(scope, lead_source_id, name)
    return True


@dataclass(frozen=True, slots=True)
class Script:
    """The line for the pages' head, the hosts that it may run on, and a note for the page on privacy."""

    line: str
    sites: tuple[str, ...]
    mode: str
    legal_basis: str | None
    note: dict[str, str]  # by language
    problems: tuple[str, ...]


def script(store: Store, brand: Brand, origin: str | None) -> Script:
    """What to paste. `origin` is where `crosspost serve` is reached, instead of the brand's own. Raises BadInput."""
    where = origin or brand.public_url
    if where is None:
        raise BadInput(
            "where your server is reached is not known",
            remedy="--origin https://go.example.org, or crosspost brand set --public-url",
        )
    with store.read(brand.id) as scope:
        chosen = privacy.of(scope)
        sites = tuple(sorted(hosts_of(chosen, (one.address for one in articles.sources(scope)))))
    problems = () if sites else ("no site of this brand is known: crosspost brand set --site example.org",)
    line = f'<script defer src="{escape(where.rstrip("/"))}/v.js" data-site="{escape(brand.slug)}"></script>'
    return Script(line, sites, chosen.mode.value, chosen.legal_basis, note(brand, chosen), problems)


def note(brand: Brand, chosen: Privacy) -> dict[str, str]:
    """What a privacy page may say, in English and French. It is a draft: whoever publishes it answers for it."""
    followed = chosen.mode is Mode.CLICK_ID
    months = chosen.keep_visits
    english = [
        f"{brand.name} counts visits to this site with crosspost. No cookie is set and nothing is stored in your "
        "browser.",
        "Kept of a page view: its time, its path, the campaign named in the address"
        + (", the site you came from" if chosen.referrer else "")
        + (", the name of your browser" if chosen.user_agent else "")
        + ".",
        "Your address is used in memory alone, to tell visits of one day apart, by a key that is deleted with the day.",
        f"Visits are kept for {months} months, counts by day longer. Browsers that say Do Not Track or Global Privacy "
        "Control are not counted.",
    ]
    french = [
        f"{brand.name} compte les visites de ce site avec crosspost. Aucun cookie n’est déposé et rien n’est "
        "enregistré dans votre navigateur.",
        "Sont conservés pour chaque page vue : l’heure, le chemin, la campagne indiquée dans l’adresse"
        + (", le site d’où vous venez" if chosen.referrer else "")
        + (", le nom de votre navigateur" if chosen.user_agent else "")
        + ".",
        "Votre adresse IP n’est utilisée qu’en mémoire, pour distinguer les visites d’une même journée, au moyen d’une "
        "clé effacée avec elle.",
        f"Les visites sont conservées {months} mois, les totaux par jour plus longtemps. Les navigateurs qui demandent "
        "à ne pas être suivis (Do Not Track, Global Privacy Control) ne sont pas comptés.",
    ]
    if followed:
        english.append(
            "When you follow one of our links, the click gets a random number, which your visit and a form you send "
            f"may carry. Legal basis: {chosen.legal_basis}"
        )
        french.append(
            "Lorsque vous suivez l’un de nos liens, le clic reçoit un numéro aléatoire, que votre visite et un "
            f"formulaire envoyé peuvent porter. Base légale : {chosen.legal_basis}"
        )
    return {"en": " ".join(english), "fr": " ".join(french)}
