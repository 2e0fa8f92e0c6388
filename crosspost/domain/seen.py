"""What is really on the accounts against what is recorded: links seen twice, never, or unknown; and G1 to G5.

Pure: the lists of posts come in as they were read, with how far back each of them reaches. Silence of a list that was
not read, or that ends too soon, proves nothing and is counted apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from crosspost.domain.delivery import IN_FLIGHT, TERMINAL, Attempt, Delivery, DeliveryClass, State
from crosspost.domain.ownlink import OwnLinks
from crosspost.domain.post import Listing, Post
from crosspost.domain.restoring import may_be_seen

YOUNG = timedelta(minutes=15)  # a list may lag this far behind
_STUCK = timedelta(days=1)  # past its window: nothing the engine waits for takes longer
_SURE = frozenset({DeliveryClass.KEY, DeliveryClass.RECORD, DeliveryClass.HANDLE, DeliveryClass.NAMES_TWIN})


class Wrong(StrEnum):
    TWICE = "twice"  # one tracked link in several posts
    NEVER = "never"  # recorded as published, not on the account
    UNKNOWN = "unknown"  # a link of ours that is not in the store
    UNRECORDED = "unrecorded"  # on the account, and recorded as something that never went out
    RESENT = "resent"  # sent again by the machine where nothing could tell
    LOST = "lost"  # approved, and neither ended nor with a person
    UNPROVEN = "unproven"  # recorded as published without an id or evidence


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, with what shows it."""

    wrong: Wrong
    account: str
    code: str
    delivery_id: str | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """One account's list as it was read; `listing` None with `unread` saying why."""

    account_id: str
    name: str
    listing: Listing | None
    unread: str | None = None


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """`found` published deliveries are there; of `untold` the list cannot tell, `young` ones it may not show yet.
    `open` are unclear deliveries whose post was seen: a person or the next look settles them."""

    account: str
    posts: int
    reaches_back_to: datetime | None
    published: int
    found: int
    young: int
    untold: int
    open: tuple[str, ...]
    unread: str | None


class Holds(StrEnum):
    HOLDS = "holds"
    BROKEN = "broken"
    UNTOLD = "cannot be told"


@dataclass(frozen=True, slots=True)
class Guarantee:
    name: str
    text: str
    holds: Holds
    evidence: str


@dataclass(frozen=True, slots=True)
class Seen:
    accounts: tuple[AccountSeen, ...]
    findings: tuple[Finding, ...]
    guarantees: tuple[Guarantee, ...]

    @property
    def good(self) -> bool:
        return not self.findings


def compare(
    rows: Sequence[Delivery],
    attempts: Mapping[str, Sequence[Attempt]],
    looked: Sequence[Looked],
    classes: Mapping[str, DeliveryClass],
    ours: OwnLinks,
    registered: frozenset[str],
    deleted: frozenset[str],
    *,
    since: datetime,
    now: datetime,
) -> Seen:
    """Compare one brand's records with its accounts.

    `attempts` are by delivery, `classes` what each delivery's network declares (missing where it could not be
    asked), `registered` every code in the store, `deleted` the codes whose post is known to be deleted. Lists were
    read from `since` on: older deliveries are not asked for.
    """
    by_code = {row.code: row for row in rows}
    names = {one.account_id: one.name for one in looked}
    where: dict[str, list[tuple[Looked, Post]]] = {}
    for one in looked:
        for post in one.listing.posts if one.listing else ():
            codes = {ours.code(link, known=registered) for link in post.links} - {None}
            for code in sorted(str(code) for code in codes):
                where.setdefault(code, []).append((one, post))
    findings: list[Finding] = []
    for code, places in sorted(where.items()):
        row = by_code.get(code)
        shown = tuple(f"{one.name}: {post.url or post.remote_id}, {_at(post.published_at)}" for one, post in places)
        if len(places) > 1:
            findings.append(Finding(Wrong.TWICE, places[0][0].name, code, row.id if row else None, shown))
        if code not in registered:
            findings.append(Finding(Wrong.UNKNOWN, places[0][0].name, code, None, shown))
        elif row is not None and row.state not in IN_FLIGHT | {State.PUBLISHED, State.NEEDS_PERSON}:
            told = f"recorded as {row.state.value}: {row.reason or 'no reason'}"
            findings.append(Finding(Wrong.UNRECORDED, places[0][0].name, code, row.id, (told, *shown)))
    accounts = []
    for one in looked:
        mine = [row for row in rows if row.account_id == one.account_id]
        told_of, missing = _account(one, mine, set(where), deleted, since, now)
        accounts.append(told_of)
        findings += missing
    findings += _recorded(rows, attempts, classes, names, now)
    return Seen(tuple(accounts), tuple(findings), tuple(_guarantees(rows, looked, classes, findings, by_code)))


def _account(
    one: Looked, rows: Sequence[Delivery], seen: set[str], deleted: frozenset[str], since: datetime, now: datetime
) -> tuple[AccountSeen, list[Finding]]:
    listing = one.listing
    reach = listing.reaches_back_to if listing else None
    ids = {post.remote_id for post in listing.posts} if listing else set()
    published = [row for row in rows if row.state is State.PUBLISHED and _when(row) >= since]
    found = young = untold = 0
    missing = []
    for row in published:
        if row.code in seen or row.remote_id in ids:
            found += 1
        elif row.parent_id is not None:
            untold += 1  # some networks list replies among the posts, some do not
        elif row.code in deleted or not may_be_seen(row) or reach is None or min(_when(row), row.due_at) < reach:
            untold += 1
        elif now - _when(row) < YOUNG:
            young += 1
        else:
            told = f"published {_at(row.published_at)} as {row.remote_url or row.remote_id or 'a post without id'}"
            list_ = f"{len(ids)} posts listed back to {_at(reach)}, none carries it: deleted since, or never there"
            missing.append(Finding(Wrong.NEVER, one.name, row.code, row.id, (told, list_)))
    unclear = (*IN_FLIGHT, State.NEEDS_PERSON)
    open_ = tuple(row.id for row in rows if row.state in unclear and row.code in seen)
    return AccountSeen(one.name, len(ids), reach, len(published), found, young, untold, open_, one.unread), missing


def _recorded(
    rows: Sequence[Delivery],
    attempts: Mapping[str, Sequence[Attempt]],
    classes: Mapping[str, DeliveryClass],
    names: Mapping[str, str],
    now: datetime,
) -> list[Finding]:
    """What the records alone show."""
    found = []
    for row in rows:
        name = names.get(row.account_id, row.account_id)
        if row.state is State.PUBLISHED and not row.remote_id and not row.evidence:
            found.append(Finding(Wrong.UNPROVEN, name, row.code, row.id, ("neither an id nor evidence",)))
        if row.approved_at is not None and row.state is not State.DRAFT:
            ended = row.state in TERMINAL or row.state is State.NEEDS_PERSON
            if not ended and now > row.expires_at + _STUCK:
                told = f"{row.state.value} since {_at(row.changed_at)}, its window passed {_at(row.expires_at)}"
                found.append(Finding(Wrong.LOST, name, row.code, row.id, (told,)))
            elif ended and not row.reason:
                found.append(Finding(Wrong.LOST, name, row.code, row.id, (f"{row.state.value} without a reason",)))
        if classes.get(row.id) is DeliveryClass.BLIND and (again := resent(attempts.get(row.id, ()))) is not None:
            told = f"attempt {again.number} at {_at(again.started_at)} followed one whose outcome nothing proved"
            found.append(Finding(Wrong.RESENT, name, row.code, row.id, (told,)))
    return found


def resent(attempts: Sequence[Attempt]) -> Attempt | None:
    """The first sending by the machine after one whose outcome is not known, with no person's word in between."""
    open_ = False
    for one in attempts:
        if one.action == "person":
            open_ = False
        elif one.action == "restore":
            open_ = one.outcome in ("unknown", "needs_person")
        elif one.action == "send":
            if open_:
                return one
            open_ = one.outcome in (None, "unknown", "owner died", "session lost")
    return None


def _guarantees(
    rows: Sequence[Delivery],
    looked: Sequence[Looked],
    classes: Mapping[str, DeliveryClass],
    findings: Sequence[Finding],
    by_code: Mapping[str, Delivery],
) -> list[Guarantee]:
    read = {one.account_id for one in looked if one.listing is not None}
    broken: dict[Wrong, int] = {}
    for one in findings:
        broken[one.wrong] = broken.get(one.wrong, 0) + 1

    def once(name: str, text: str, wanted: frozenset[DeliveryClass]) -> Guarantee:
        mine = [row for row in rows if classes.get(row.id) in wanted and row.account_id in read]
        codes = {row.code for row in mine}
        twice = sum(one.wrong is Wrong.TWICE and one.code in codes for one in findings)
        if twice:
            return Guarantee(name, text, Holds.BROKEN, f"{twice} of {len(mine)} links seen twice")
        if not mine:
            return Guarantee(name, text, Holds.UNTOLD, "no account of these classes was read")
        return Guarantee(name, text, Holds.HOLDS, f"{len(mine)} deliveries, none seen twice")

    def recorded(name: str, text: str, wrong: Wrong, judged: int, what: str) -> Guarantee:
        bad = broken.get(wrong, 0)
        holds = Holds.BROKEN if bad else Holds.HOLDS if judged else Holds.UNTOLD
        return Guarantee(name, text, holds, f"{bad} of {judged} {what}")

    blind = sum(one is DeliveryClass.BLIND for one in classes.values())
    approved = sum(row.approved_at is not None for row in rows)
    published = sum(row.state is State.PUBLISHED for row in rows)
    return [
        once("G1", "published at most once where the network helps to tell", _SURE),
        once("G2", "published at most once where the list of posts tells", frozenset({DeliveryClass.READABLE})),
        recorded("G3", "never sent again by the machine where nothing tells", Wrong.RESENT, blind, "were sent again"),
        recorded("G4", "no approved delivery vanishes", Wrong.LOST, approved, "neither ended nor with a person"),
        recorded("G5", "published is only written with an id or evidence", Wrong.UNPROVEN, published, "without either"),
    ]


def _when(row: Delivery) -> datetime:
    return row.published_at or row.first_sent_at or row.due_at


def _at(instant: datetime | None) -> str:
    return "at an unknown time" if instant is None else f"{instant:%Y-%m-%d %H:%M} UTC"
