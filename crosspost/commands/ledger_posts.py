"""Posts and their readings as rows of a ledger, within the terms of the networks that told them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from crosspost.audit.ledger import PostRow
from crosspost.domain.brand import Account
from crosspost.domain.business import folded
from crosspost.domain.common import common, latest
from crosspost.domain.message import recalled, say
from crosspost.domain.metric import Metric
from crosspost.domain.networks import NETWORKS
from crosspost.domain.period import Period
from crosspost.domain.post import ReadingStatus
from crosspost.store import posts
from crosspost.store.posts import StoredReading

if TYPE_CHECKING:
    from crosspost.domain.facts import Facts
    from crosspost.networks.network import Network


def post_rows(stored: list[posts.StoredPost], readings: list[StoredReading], period: Period) -> Iterable[PostRow]:
    """Posts of the period, and those whose day nobody knows, each with the latest reading of every number."""
    networks = {post.id: post.network for post in stored}
    known = latest(
        (one.post_id, common(networks[one.post_id], declared(networks[one.post_id]), "post", one.reading))
        for one in readings
        if one.post_id in networks
    )
    for post in stored:
        if post.post.published_at is not None and post.post.published_at not in period:
            continue
        found = known.get(post.id, {})
        yield PostRow(
            network=post.network,
            published_at=post.post.published_at,
            code=post.code,
            metrics={name: one.reading.value for name, one in found.items()},
            reasons={
                name: _recalled(one.reading.reason or "") for name, one in found.items() if one.reading.value is None
            },
            post=post.id,
        )


@cache
def _recalled(reason: str) -> str:
    return recalled(reason)


def declared(name: str) -> tuple[Metric, ...]:
    """What a network declares to count; nothing for a name that is none."""
    found: tuple[Metric, ...] = getattr(_named(name), "metrics", ()) if name in NETWORKS else ()
    return found


def tells_of(one: StoredReading) -> datetime | None:
    """The instant to which a reading carries the ledger; None where its post's own day says more.

    A file's numbers are read when it is imported, and tell nothing of the time since its export.
    """
    told = one.reading
    if one.file is None or (one.post_id is None and told.metric == "followers"):
        return told.read_at
    return None if one.post_id is not None or told.until is None else min(told.until, told.read_at)


def within_terms(
    readings: list[StoredReading], accounts: Mapping[str, Account], stored: list[posts.StoredPost]
) -> list[StoredReading]:
    """Without the numbers that may not stand beside another network's (docs/networks.md), where there is another.

    Everything that is laid side by side is made from the ledger, so this is where the rule is kept. What the owner
    exported and imported is theirs.
    """
    present = {folded(one.network) for one in stored} | {folded(accounts[one.account_id].network) for one in readings}
    if len(present) < 2:
        return readings
    apart = {name: _named(name).title for name in present & set(NETWORKS) if _apart(name)}
    return [
        _withheld(one, apart[name]) if one.origin == "api" and (name := _network_of(one, accounts)) in apart else one
        for one in readings
    ]


def _network_of(one: StoredReading, accounts: Mapping[str, Account]) -> str:
    return folded(accounts[one.account_id].network)


def _apart(name: str) -> bool:
    facts: Facts | None = getattr(_named(name), "facts", None)
    return facts is not None and facts.apart


def _named(name: str) -> type[Network]:
    # Here, as below, since a brand that has neither accounts nor posts asks nothing of any network.
    from crosspost.networks import network

    return network(name)


def _withheld(one: StoredReading, title: str) -> StoredReading:
    return _without(
        one,
        say(
            "{network}'s terms keep the numbers of its API apart from other networks': import its own export to "
            "compare",
            network=title,
        ),
    )


def _without(one: StoredReading, reason: str) -> StoredReading:
    reading = replace(one.reading, value=None, status=ReadingStatus.NOT_PERMITTED, reason=reason)
    return replace(one, reading=reading)


def by_reference(one: StoredReading) -> StoredReading:
    """The reading without its value."""
    there = one.reading.value is not None
    return _without(one, say("held by reference: the network's rules may have it deleted")) if there else one


def may_go(one: StoredReading, accounts: Mapping[str, Account]) -> bool:
    """Whether a network's rules can reach it, soon or one day: what people brought or typed stays theirs."""
    from crosspost.networks import rules_of

    account = accounts[one.account_id]
    rules = rules_of(account.network)
    what = "readings of the account" if one.post_id is None else "readings of posts"
    limited = any(rule.what == what for rule in rules.of(account.remote_id))
    return one.origin == "api" and (limited or (rules.gone is not None and one.post_id is not None))
