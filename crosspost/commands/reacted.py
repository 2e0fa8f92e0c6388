"""Counts of those who reacted and of what they did afterwards. Hashes go in, and nothing but counts comes out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crosspost.audit.ledger import Reacted
from crosspost.domain.brand import Brand
from crosspost.domain.business import Referring
from crosspost.domain.message import say
from crosspost.domain.period import Period
from crosspost.store import reactors
from crosspost.store.business import StoredDeal, StoredLead
from crosspost.store.store import Scope

OFTEN = 3  # posts: who reacts to one may have come by chance
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Told:
    """`counts` None has its `reason`."""

    counts: Reacted | None
    reason: str = ""


@dataclass(slots=True)
class _Person:
    """What is known of one person: reactions by post, and when they asked, bought, or sent somebody."""

    reacted: dict[str, datetime] = field(default_factory=dict)
    asked: list[datetime] = field(default_factory=list)
    bought: list[datetime] = field(default_factory=list)
    sent: list[datetime] = field(default_factory=list)
    present: bool = False  # a lead with a presence on a network


def reacted(
    scope: Scope, brand: Brand, leads: Sequence[StoredLead], deals: Sequence[StoredDeal], period: Period
) -> Told:
    """Of reactions until the end of the period. One person's names, addresses and leads count together."""
    if not brand.reactors:
        return Told(None, say("the brand does not keep who reacted (crosspost brand set --reactors)"))
    kept = reactors.reactions(scope)
    if not kept:
        return Told(None, say("nobody's reaction was read yet, and only Mastodon and Bluesky tell them"))
    people = _people(kept, reactors.presences(scope), leads, deals, period.end)
    return Told(_counted(people, period.end))


def _people(
    kept: Iterable[tuple[reactors.Hashed, str]], presences: Mapping[str, Sequence[str]], leads: Sequence[StoredLead],
    deals: Sequence[StoredDeal], end: datetime,
) -> list[_Person]:  # fmt: skip
    one_as = _Same()
    kept = list(kept)
    for one, _ in kept:
        if one.also:
            one_as.join(one.person, one.also)
    for stored in leads:
        for name in (*presences.get(stored.id, ()), *([stored.lead.person] if stored.lead.person else [])):
            one_as.join(f"lead {stored.id}", name)
    for deal in deals:
        owner = f"client {deal.client_id}"
        if deal.deal.person:
            one_as.join(owner, deal.deal.person)
        if deal.lead_id:
            one_as.join(owner, f"lead {deal.lead_id}")
    by_source = {stored.lead.source_id: stored.id for stored in leads}
    found: defaultdict[str, _Person] = defaultdict(_Person)
    for one, post_id in kept:
        if one.at is not None and one.at < end:
            posts = found[one_as.of(one.person)].reacted
            posts[post_id] = min(posts.get(post_id, one.at), one.at)
    for stored in leads:
        if stored.lead.contacted_at < end:
            who = found[one_as.of(f"lead {stored.id}")]
            who.asked.append(stored.lead.contacted_at)
            who.present = who.present or stored.id in presences
            sender = _sender(stored, by_source)
            if sender is not None:
                found[one_as.of(sender)].sent.append(stored.lead.contacted_at)
    for deal in deals:
        if deal.deal.won_at < end:
            found[one_as.of(f"client {deal.client_id}")].bought.append(deal.deal.won_at)
    return [found[key] for key in sorted(found)]


def _sender(stored: StoredLead, by_source: Mapping[str, str]) -> str | None:
    """Who sent a lead, as a name that `_Same` knows; None for a name in the owner's words, which is nobody's key."""
    referrer = stored.lead.referrer
    if referrer is None or referrer.kind is Referring.NAME:
        return None
    if referrer.kind is Referring.LEAD:
        return f"lead {by_source[referrer.value]}" if referrer.value in by_source else None
    return f"client {referrer.value}" if referrer.kind is Referring.CLIENT else referrer.value


def _counted(people: Sequence[_Person], end: datetime) -> Reacted:
    followed = acted = still_open = 0
    for who in people:
        if len(who.reacted) < OFTEN:
            continue
        third = sorted(who.reacted.values())[OFTEN - 1]
        if third + YEAR > end:
            still_open += 1
            continue
        followed += 1
        acted += any(third < at <= third + YEAR for at in (*who.asked, *who.bought, *who.sent))
    present = sorted((who for who in people if who.present), key=lambda who: (min(who.asked), sorted(who.sent)))
    senders = [who for who in present if who.sent]
    others = [who for who in present if not who.sent]
    before, matched, matched_before = 0, 0, 0
    for who in senders:
        at = min(who.sent)
        before += _had_reacted(who, at)
        if others:
            near = min(
                others, key=lambda other: (abs(min(other.asked) - min(who.asked)), sorted(other.reacted.values()))
            )
            others.remove(near)
            matched += 1
            matched_before += _had_reacted(near, at)
    return Reacted(followed, acted, still_open, len(senders), before, matched, matched_before)


def _had_reacted(who: _Person, at: datetime) -> bool:
    return any(reaction < at for reaction in who.reacted.values())


class _Same:
    """Names that are one person's, joined two by two (union–find)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def of(self, name: str) -> str:
        while (above := self._above.get(name, name)) != name:
            name = above
        return name

    def join(self, left: str, right: str) -> None:
        low, high = sorted((self.of(left), self.of(right)))
        if low != high:
            self._above[high] = low
