"""How an account's posts are made: where the link goes, and what else may be said of a post on its network.

What is asked for at planning wins over the account's setting, and that over the template.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from crosspost.domain.brand import Account
from crosspost.domain.counting import measure
from crosspost.domain.errors import BadInput
from crosspost.domain.limits import Limits
from crosspost.domain.teaser import PLACEMENTS, Placement
from crosspost.domain.template import TeaserTemplate
from crosspost.networks import network, postable
from crosspost.networks.network import Publisher, options, placements

SETTING = "link_placement"  # of an account
ALSO_REPLIES = ("visibility", "spoiler_text")  # a public reply would show what its post keeps back
_COUNTED = "spoiler_text"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for at planning. `options` that a network does not know are refused for its accounts."""

    placement: Placement | None = None
    language: str | None = None
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


NO_WISHES = Wishes()


@dataclass(frozen=True, slots=True)
class Manner:
    placement: Placement
    language: str | None
    extra: dict[str, str]


def publishes(account: Account) -> bool:
    """Whether something can be planned for the account."""
    if account.read_only:
        return False
    return account.by_hand or (account.has_api and issubclass(network(account.network), Publisher))


def manner_of(account: Account, template: TeaserTemplate, wishes: Wishes) -> Manner:
    """Raises BadInput for a placement, an option or a value that the network does not know."""
    adapter = postable(account.network)
    wanted = wishes.placement or account.settings.get(SETTING) or template.link
    known = placements(adapter)
    if wanted not in PLACEMENTS or wanted not in known:
        raise BadInput(
            f"a link cannot be placed as {wanted!r} on {adapter.title}", remedy=f"one of: {', '.join(known)}"
        )
    offered = options(adapter)
    extra = {name: account.settings[name] for name in offered if account.settings.get(name)} | dict(wishes.options)
    for name, value in extra.items():
        if name not in offered:
            raise BadInput(
                f"{adapter.title} knows no {name!r}",
                remedy=f"one of: {', '.join(offered)}" if offered else "leave it out",
            )
        if offered[name] and value not in offered[name]:
            raise BadInput(
                f"{name} cannot be {value!r} on {adapter.title}", remedy=f"one of: {', '.join(offered[name])}"
            )
    language = wishes.language or account.settings.get("language")
    return Manner(wanted, language, {name: value for name, value in extra.items() if value})


def with_room(limits: Limits, extra: Mapping[str, str]) -> Limits:
    """What is left for the text beside a content warning, which counts with it. Raises BadInput when nothing is."""
    warning = extra.get(_COUNTED)
    if not warning:
        return limits
    first, *others = limits.text
    left = first.max - measure(warning, first)
    if left <= 0:
        raise BadInput("the content warning leaves no room for a text", remedy="make it shorter")
    return replace(limits, text=(replace(first, max=left), *others))


def placement_notes(placement: Placement) -> tuple[str, ...]:
    """What a placement costs, as a sentence."""
    if placement in ("text", "card"):
        return ()
    told = "without its link in it the post cannot be told from another: if an answer is lost, you are asked"
    if placement == "bio":
        return (told, "its link is on the bio page: crosspost bio address")
    return (told,)
