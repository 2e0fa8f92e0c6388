"""Facts from files into the store, within one transaction: what they need first, each with where it came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from crosspost.commands.collect import allowed, hashed
from crosspost.commands.interruptions import declare_within
from crosspost.domain.brand import IMPORTED, Account
from crosspost.domain.business import Deal, Lead
from crosspost.domain.errors import BadInput, Conflict, CrosspostError
from crosspost.domain.ids import new_id
from crosspost.domain.link import code_in
from crosspost.imports.posts import NUMBERS_ONLY, is_made_up
from crosspost.imports.shape import Facts
from crosspost.secret import Secret
from crosspost.store import brands, business, links, posts, reactors
from crosspost.store.deal_changes import AMOUNTS, change_deal
from crosspost.store.outcomes import Origin, Outcome, Recorded, Result
from crosspost.store.recording import record_deals, record_leads
from crosspost.store.store import Scope
from crosspost.store.tallies import record_tallies

_CHANGING = AMOUNTS | {"won_at"}  # what a deal may be told to be otherwise
_AT_ONCE = 5000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table stands: the file, the file with its part for messages, the file's hash, the part."""

    path: str
    told: str
    sha256: str
    part: str | None

    def origin(self, line: int) -> Origin:
        return Origin(self.sha256, line, self.part)

    def where(self, line: int) -> str:
        return f"{self.told}:{line}"

    @contextmanager
    def at(self, line: int) -> Iterator[None]:
        """A failure within says where the row is."""
        try:
            yield
        except CrosspostError as error:
            raise type(error)(error.message, where=self.where(line), remedy=error.remedy) from None


@dataclass(frozen=True, slots=True)
class Piece:
    """One table of a file: what it is and what it says."""

    place: Place
    kind: str
    rows: int
    facts: Facts


@dataclass(slots=True)
class Counts:
    """What became of the facts of one file."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def store_pieces(
    scope: Scope, pieces: Sequence[tuple[Piece, Counts]], now: datetime, key: Secret | None, *, newer: bool
) -> None:
    """Store every fact of every table: leads before the deals that name them, posts before who reacted to them.

    Raises BadInput or Conflict naming file and line of the first one that is not taken.
    """
    for piece, counts in pieces:
        for leads in _batches(piece.facts.leads):
            store_leads(scope, piece, counts, leads, now, newer=newer)
    for piece, counts in pieces:
        for deals in _batches(piece.facts.deals):
            store_deals(scope, piece, counts, deals, now, newer=newer)
    for piece, counts in pieces:
        for line, effort, name in piece.facts.efforts:
            with piece.place.at(line):
                made = business.record_effort(scope, effort, "file", name, now, piece.place.origin(line))
            count(counts, piece, [line], [made])
        for line, stopped in piece.facts.interruptions:
            with piece.place.at(line):
                outcome, kept = declare_within(scope, stopped, now, who="file", anew=False)
            count(counts, piece, [line], [Recorded(outcome, kept.id)])
        counts.outcomes[Outcome.RECORDED] += _store_posts(scope, piece, now)
        numbers = [(tally, piece.place.origin(line)) for line, tally in piece.facts.tallies]
        count(counts, piece, [line for line, _ in piece.facts.tallies],
               record_tallies(scope, numbers, now, newer=newer))  # fmt: skip
    for piece, counts in pieces:
        counts.outcomes[Outcome.RECORDED] += _store_reactions(scope, piece, now, key)


def store_leads(
    scope: Scope, piece: Piece, counts: Counts, leads: Sequence[tuple[int, Lead]], now: datetime, *, newer: bool
) -> None:
    """Record leads. Of a `newer` file that tells some otherwise, what was recorded first stands, and that is told."""
    results = record_leads(scope, [(lead, piece.place.origin(line)) for line, lead in leads], now)
    otherwise = [one for one in results if isinstance(one, Recorded) and one.outcome is Outcome.DIFFERS]
    if newer and otherwise:
        fields = ", ".join(sorted({name for one in otherwise for name in one.differences}))
        counts.notes.append(f"leads told otherwise now, in {fields} ({len(otherwise)}): what was recorded first stands")
        results = [replace(one, outcome=Outcome.KNOWN) if one in otherwise else one for one in results]
    count(counts, piece, [line for line, _ in leads], results)


def store_deals(
    scope: Scope, piece: Piece, counts: Counts, deals: Sequence[tuple[int, Deal]], now: datetime, *, newer: bool
) -> None:
    """Record deals. A `newer` file changes what they were worth and when they were won; what they were is kept."""
    results = record_deals(scope, [(deal, piece.place.origin(line)) for line, deal in deals], now)
    if newer:
        for at, ((line, deal), one) in enumerate(zip(deals, results, strict=True)):
            if isinstance(one, Recorded) and one.outcome is Outcome.DIFFERS and set(one.differences) <= _CHANGING:
                with piece.place.at(line):
                    results[at] = change_deal(
                        scope, deal.source_id, now, source=deal.source, won_at=deal.won_at, amount=deal.amount,
                        margin=deal.margin, reason="a newer export",
                    )  # fmt: skip
    count(counts, piece, [line for line, _ in deals], results)


def _batches(facts: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """A few thousand at a time: rows on their way into the database take more room than the facts."""
    for start in range(0, len(facts), _AT_ONCE):
        yield facts[start : start + _AT_ONCE]


def _store_reactions(scope: Scope, piece: Piece, now: datetime, key: Secret | None) -> int:
    """Who reacted, as keyed hashes, by the posts' ids or addresses. Nothing is said of who it is."""
    if not piece.facts.reactions:
        return 0
    if key is None:
        raise BadInput(
            "who reacted is not kept for this brand", where=piece.place.where(piece.facts.reactions[0][0]),
            remedy="crosspost brand set --reactors",
        )  # fmt: skip
    named = {name: one for one in posts.posts(scope) for name in (one.post.remote_id, one.post.url) if name}
    marks = reactors.erased_marks(scope)
    count = 0
    for line, network, name, person in piece.facts.reactions:
        post = named.get(name)
        if post is None or post.network != network:
            raise BadInput(
                f"no post on {network} has that id or address", where=piece.place.where(line),
                remedy="import or adopt the posts first",
            )  # fmt: skip
        people = allowed(hashed([person], network, key), marks, lambda: key)
        count += reactors.add(scope, post.account_id, post.id, people, now, origin="export")
    return count


def count(counts: Counts, piece: Piece, lines: Sequence[int], results: Sequence[Result]) -> None:
    """Count what became of facts. Raises BadInput or Conflict at the first one that was not taken."""
    for line, result in zip(lines, results, strict=True):
        if isinstance(result, CrosspostError):
            with piece.place.at(line):
                raise result
        if result.outcome is Outcome.DIFFERS:
            raise Conflict(
                f"the same id was recorded before with another {', '.join(result.differences)}",
                where=piece.place.where(line),
                remedy="--newer if this export is the newer one; else correct the file, or give the row another id",
            )
        counts.outcomes[result.outcome] += 1


def _store_posts(scope: Scope, piece: Piece, now: datetime) -> int:
    facts = piece.facts
    accounts = _accounts(scope, [network for _, network, *_ in facts.posts + facts.followers], now)
    for account in accounts.values():
        _refuse_overlap(scope, piece, account)
    codes = frozenset(one.code for one in links.all_of(scope)) if facts.posts else frozenset()
    addresses = _by_address(scope) if any(is_made_up(post.remote_id) for _, _, post, *_ in facts.posts) else {}
    known = {account.id: set(posts.known_ids(scope, account.id)) for account in accounts.values() if facts.posts}
    count = 0
    for line, network, post, found, reason in facts.posts:
        account = accounts[network]
        post_id, new = addresses.get((account.id, post.url)) if is_made_up(post.remote_id) else None, False
        if post_id is None:
            code = next((code for link in post.links if (code := code_in(link, known=codes)) in codes), None)
            post_id = posts.add_post(scope, account.id, network, post, now=now, code=code, published_reason=reason)
            new = post.remote_id not in known[account.id]
            known[account.id].add(post.remote_id)
        told = posts.add_readings(scope, account.id, post_id, found, origin="export", file=piece.place.origin(line))
        count += new or bool(told)
    for line, network, reading in facts.followers:
        count += posts.add_readings(
            scope, accounts[network].id, None, [reading], origin="export", file=piece.place.origin(line)
        )
    return count


def _by_address(scope: Scope) -> dict[tuple[str, str | None], str]:
    """Our ids of posts whose network's id is known, by account and address: for rows that tell the address alone."""
    return {
        (one.account_id, one.post.url): one.id
        for one in posts.posts(scope)
        if one.post.url and not is_made_up(one.post.remote_id)
    }


def _refuse_overlap(scope: Scope, piece: Piece, account: Account) -> None:
    """Refuse a second file of posts known by their numbers alone, unless one of the two files is part of the other.

    Numbers grow from one export to the next: the same posts would be counted again as others.
    """
    new = {
        post.remote_id: line
        for line, network, post, *_ in piece.facts.posts
        if network == account.network and post.remote_id.startswith(NUMBERS_ONLY)
    }
    if not new:
        return
    stored = {
        one.post.remote_id
        for one in posts.posts(scope)
        if one.account_id == account.id and one.post.remote_id.startswith(NUMBERS_ONLY)
    }
    if not (stored <= new.keys() or new.keys() <= stored):
        raise BadInput(
            f"these posts have no id, address, date or text, and {len(stored)} such posts on {account.network} were "
            "imported before: which are the same cannot be told",
            where=piece.place.where(next(line for name, line in new.items() if name not in stored)),
            remedy="export them with a column such as `post id`, `permalink` or `published_at`",
        )


def _accounts(scope: Scope, networks: Iterable[str], now: datetime) -> dict[str, Account]:
    """The account each network's rows belong to: the brand's only one, else one made for imported history."""
    found: dict[str, Account] = {}
    for network in dict.fromkeys(networks):
        mine = [one for one in brands.accounts(scope) if one.network == network]
        if len(mine) > 1:
            imported = [one for one in mine if one.server == IMPORTED]
            mine = imported or mine
        if mine:
            found[network] = mine[0]
            continue
        account = Account(
            id=new_id(now), brand_id=scope.brand_id, network=network, handle="imported", server=IMPORTED,
            remote_id="imported", slots=(), settings={}, blocked_reason=None, created_at=now,
        )  # fmt: skip
        brands.add_account(scope, account)
        found[network] = account
    return found
