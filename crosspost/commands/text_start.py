"""Start an experiment on texts: check every text on every account, lock them, and let the planner draw."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from crosspost.audit.experiments.text_design import OUTCOME, UNIT, TextDesign
from crosspost.clock import zone
from crosspost.commands import hypotheses, text_arms
from crosspost.commands.check import checked
from crosspost.commands.experiments import Started, accounts_on, soon
from crosspost.commands.manner import NO_WISHES, manner_of, with_room
from crosspost.commands.plan import limits_of
from crosspost.commands.templates import template_of
from crosspost.domain.brand import Account, Brand, LinkMode
from crosspost.domain.errors import BadInput
from crosspost.domain.hypothesis import Hypothesis, margin_text
from crosspost.domain.ids import new_code, new_id
from crosspost.domain.link import short_url
from crosspost.domain.period import Period
from crosspost.domain.slots import resolve
from crosspost.domain.template import TeaserTemplate, with_text
from crosspost.store import experiments
from crosspost.store.experiments import StoredExperiment
from crosspost.store.store import Scope, Store

MOST_DAYS = 90
_TITLE = "Titre de vingt lettres"  # beside the arm's own words there must be room for so much of a title


@dataclass(frozen=True, slots=True)
class Asked:
    """What the owner said. `arms` are texts by name, the control first; None is the text that the network's template
    has today. `posts` are planned on each account. `first` None: tomorrow."""

    arms: Mapping[str, str | None]
    networks: tuple[str, ...]
    posts: int
    weeks: int
    days: int
    margin: float
    seed: int
    first: date | None = None


def start(
    store: Store, brand: Brand, key: str, asked: Asked, folder: Path, templates: Path | None, now: datetime, *, who: str
) -> Started:
    """Lock hypothesis, texts and seed; from the first day on each new teaser gets the text that is drawn for it.

    Raises BadInput for a text that some account's network could not take, texts that are equal, a design that cannot
    reject, a start in the past, or links that nobody counts; Conflict where an account is in another experiment, or the
    key is taken. Nothing is started then.
    """
    if brand.link_mode is not LinkMode.REDIRECT or brand.public_url is None:
        raise BadInput(
            "clicks are counted on links of our own, and this brand's lead straight to the site",
            remedy="crosspost brand set --link-mode redirect --public-url https://go.…",
        )
    here = zone(brand.zone)
    today = now.astimezone(here).date()
    first = soon(asked.first or today + timedelta(days=1), today)
    planting = Period(_midnight(first, here), _midnight(first + timedelta(weeks=asked.weeks), here))
    if planting.start <= now:
        raise BadInput(f"{first} has begun: texts are locked before the first post", remedy="begin tomorrow, or later")
    ends_at = planting.end + text_arms.window(asked.days)
    with store.database.write() as connection:
        scope = Scope(connection, brand.id)
        accounts = accounts_on(scope, brand, asked.networks)
        texts = {name: _text(name, text, asked.networks, templates) for name, text in asked.arms.items()}
        design = TextDesign(
            tuple(texts), tuple(texts.values()), asked.networks, asked.seed, asked.posts, len(accounts), asked.weeks,
            asked.days, asked.margin,
        )  # fmt: skip
        design.check_can_reject()
        for account in accounts:
            for name, text in texts.items():
                _check_on(account, name, with_text(template_of(account.network, templates), text, f"--arm {name}"),
                          brand.public_url)  # fmt: skip
        text_arms.check_free(scope, accounts, Period(planting.start, ends_at), now)
        wanted = _hypothesis(key, design, brand, first, planting.start, ends_at)
        stored = hypotheses.register(scope, brand, wanted, now, who=who)
        new = StoredExperiment(new_id(now), key, stored.id, first, ends_at, now, who)
        experiments.add(scope, new, ())
        file = hypotheses.write(stored, brand, folder)
    return Started(brand, new, stored.sha256, design.seed, file, accounts)


def _midnight(day: date, here: ZoneInfo) -> datetime:
    return resolve(datetime.combine(day, time.min), here).at


def _text(name: str, text: str | None, networks: Sequence[str], templates: Path | None) -> str:
    if text is not None:
        return text.strip()
    found = {network: template_of(network, templates).text.strip() for network in networks}
    if len(set(found.values())) > 1:
        raise BadInput(
            f"arm {name} has no text, and the templates of {', '.join(sorted(found))} differ",
            remedy=f"write it out (--arm {name}=TEXT), or name one network",
        )
    return next(iter(found.values()))


def _check_on(account: Account, name: str, template: TeaserTemplate, public_url: str) -> None:
    where = f"--arm {name}, on {account.network} {account.handle}"
    if not {"title", "sentences"} & {*string.Template(template.text).get_identifiers()}:
        # Held back as a repeat, or refused by the network as one: and that more often than the other texts.
        raise BadInput("it says the same of every article", where=where, remedy="put $title or $sentences in it")
    manner = manner_of(account, template, NO_WISHES)
    if manner.placement in ("bio", "none"):
        raise BadInput(
            "its posts have no link of their own: nothing counts what each of them brings", where=where,
            remedy="leave the network out: --network",
        )  # fmt: skip
    link = short_url(public_url, new_code()) if manner.placement == "text" else ""
    parts = {"title": _TITLE, "author": "", "sentences": "", "hashtags": "", "link": link}
    problems = checked(template.render(parts), with_room(limits_of(account), manner.extra)).problems
    if problems:
        raise BadInput(
            f"with the shortest of titles: {'; '.join(problems)}", where=where, remedy="make the text shorter"
        )


def _hypothesis(
    key: str, design: TextDesign, brand: Brand, first: date, since: datetime, until: datetime
) -> Hypothesis:
    others = " or ".join(design.arms[1:])
    return Hypothesis(
        key=key,
        claim=f"{others} brings fewer than {margin_text(design.margin, UNIT)} more clicks a post than {design.control}",
        outcome=f"{OUTCOME} of people on a post's link, up to the end of day {design.days} after it",
        margin=design.margin, unit=UNIT, method="A9", since=since, until=until,
        design={**design.as_locked(), "first_day": first.isoformat(), "zone": brand.zone},
    )  # fmt: skip
