"""Bring files in: all or nothing, each row with its file's hash and line, the same file twice changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from crosspost.commands.collect import allowed, hashed
from crosspost.domain.brand import IMPORTED, Account, Brand
from crosspost.domain.errors import BadInput, Conflict, CrosspostError
from crosspost.domain.ids import new_id
from crosspost.imports import recognise
from crosspost.imports.posts import NUMBERS_ONLY
from crosspost.imports.shape import Context, Facts
from crosspost.imports.sheet import read_sheet
from crosspost.secret import Secret
from crosspost.store import brands, business, files, posts, reactors
from crosspost.store.recording import Origin, Outcome, Result, record_deals, record_leads
from crosspost.store.store import Scope, Store

# Files are stored in this order, so that a folder's leads are there before its deals name them.
_ORDER = ("leads", "deals", "efforts", "posts", "followers", "reactions")


@dataclass(frozen=True, slots=True)
class Imported:
    """One file: what it was, its rows, how many facts were new or said more than before, or why it was refused."""

    file: str
    kind: str | None
    rows: int
    added: int
    updated: int
    period: tuple[datetime, datetime] | None
    totals: dict[str, str]
    refused: str | None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        period = {"start": self.period[0].isoformat(), "end": self.period[1].isoformat()} if self.period else None
        return {
            "file": self.file, "kind": self.kind, "rows": self.rows, "added": self.added,
            "updated": self.updated, "period": period, "totals": self.totals, "refused": self.refused,
            "notes": list(self.notes),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Read:
    path: str
    sha256: str
    kind: str
    rows: int
    facts: Facts


def import_files(
    store: Store,
    brand: Brand,
    paths: Sequence[Path],
    now: datetime,
    *,
    zone: tzinfo | None = None,
    network: str | None = None,
    key: Callable[[], Secret] | None = None,
) -> list[Imported]:
    """Import files into a brand. If one is refused, none is stored, and each says why or that it waited.

    `key` is the brand's, under which the names in a file of reactions are hashed; they are kept nowhere.
    """
    context = Context(zone or UTC, zone is not None, brand.currency, network, now)
    read: list[_Read] = []
    refused: dict[str, str] = {}
    for path in paths:
        try:
            sheet = read_sheet(path)
            kind = recognise(sheet)
            read.append(_Read(str(path), sheet.sha256, kind.name, len(sheet.rows), kind.read(sheet, context)))
        except BadInput as error:
            refused[str(path)] = str(error)
    counts: dict[str, Counter[Outcome]] = {}
    if not refused:
        try:
            hashing = key() if key is not None and brand.reactors and any(one.facts.reactions for one in read) else None
            counts = _store(store, brand, sorted(read, key=lambda one: _ORDER.index(one.kind)), now, hashing)
        except CrosspostError as error:
            refused[(error.where or str(paths[0])).rpartition(":")[0] or str(paths[0])] = str(error)
    by_path = {one.path: one for one in read}
    note = () if zone else ("times without a zone were taken as UTC; --zone says otherwise",)
    return [_told(str(path), by_path.get(str(path)), refused, counts, note) for path in paths]


def _told(
    path: str, read: _Read | None, refused: dict[str, str], counts: dict[str, Counter[Outcome]], note: tuple[str, ...]
) -> Imported:
    if read is None:
        return Imported(path, None, 0, 0, 0, None, {}, refused.get(path, "not stored"))
    why = refused.get(path) or ("not stored: another file was refused" if refused else None)
    period = _period(read.facts)
    count = counts.get(path, Counter())
    return Imported(
        path, read.kind, read.rows, count[Outcome.RECORDED], count[Outcome.UPDATED], period,
        dict(read.facts.totals), why, (*read.facts.notes, *(note if period else ())),
    )  # fmt: skip


def _period(facts: Facts) -> tuple[datetime, datetime] | None:
    instants = [
        *(lead.contacted_at for _, lead in facts.leads), *(deal.won_at for _, deal in facts.deals),
        *(post.published_at for _, _, post, _, _ in facts.posts if post.published_at),
        *(reading.read_at for _, _, reading in facts.followers),
        *(datetime(one.start.year, one.start.month, one.start.day, tzinfo=UTC) for _, one, _ in facts.efforts),
    ]  # fmt: skip
    return (min(instants), max(instants)) if instants else None


def _store(
    store: Store, brand: Brand, read: Sequence[_Read], now: datetime, key: Secret | None
) -> dict[str, Counter[Outcome]]:
    """One transaction for all files: a fault anywhere leaves everything as it was."""
    counts: dict[str, Counter[Outcome]] = {}
    with store.write(brand.id) as scope:
        for one in read:
            counts[one.path] = Counter()
            if files.known(scope, one.sha256):
                continue
            counts[one.path] = _store_one(scope, one, now)
            counts[one.path][Outcome.RECORDED] += _store_reactions(scope, one, now, key)
            added = counts[one.path][Outcome.RECORDED]
            files.remember(scope, one.sha256, Path(one.path).name, one.kind, one.rows, added, now)
    return counts


def _store_one(scope: Scope, read: _Read, now: datetime) -> Counter[Outcome]:
    facts = read.facts
    leads = [(lead, Origin(read.sha256, line)) for line, lead in facts.leads]
    deals = [(deal, Origin(read.sha256, line)) for line, deal in facts.deals]
    efforts: list[Result] = []
    for line, effort, key in facts.efforts:
        with _at(read, line):
            efforts.append(business.record_effort(scope, effort, "file", key, now))
    counts = (
        _counted(read, [line for line, _ in facts.leads], record_leads(scope, leads, now))
        + _counted(read, [line for line, _ in facts.deals], record_deals(scope, deals, now))
        + _counted(read, [line for line, _, _ in facts.efforts], efforts)
    )
    counts[Outcome.RECORDED] += _store_posts(scope, read, now)
    return counts


def _store_reactions(scope: Scope, read: _Read, now: datetime, key: Secret | None) -> int:
    """Who reacted, as keyed hashes, by the posts' ids or addresses. Nothing is said of who it is."""
    if not read.facts.reactions:
        return 0
    if key is None:
        raise BadInput(
            "who reacted is not kept for this brand", where=f"{read.path}:{read.facts.reactions[0][0]}",
            remedy="crosspost brand set --reactors",
        )  # fmt: skip
    named = {name: one for one in posts.posts(scope) for name in (one.post.remote_id, one.post.url) if name}
    marks = reactors.erased_marks(scope)
    count = 0
    for line, network, name, person in read.facts.reactions:
        post = named.get(name)
        if post is None or post.network != network:
            raise BadInput(
                f"no post on {network} has that id or address", where=f"{read.path}:{line}",
                remedy="import or adopt the posts first",
            )  # fmt: skip
        people = allowed(hashed([person], network, key), marks, lambda: key)
        count += reactors.add(scope, post.account_id, post.id, people, now, origin="export")
    return count


@contextmanager
def _at(read: _Read, line: int) -> Iterator[None]:
    try:
        yield
    except CrosspostError as error:
        raise BadInput(error.message, where=f"{read.path}:{line}", remedy=error.remedy) from None


def _counted(read: _Read, lines: Sequence[int], results: Sequence[Result]) -> Counter[Outcome]:
    """How many facts had which outcome. Raises BadInput or Conflict at the first one that was not taken."""
    counts: Counter[Outcome] = Counter()
    for line, result in zip(lines, results, strict=True):
        if isinstance(result, CrosspostError):
            with _at(read, line):
                raise result
        if result.outcome is Outcome.DIFFERS:
            raise Conflict(
                f"the same id was recorded before with another {', '.join(result.differences)}",
                where=f"{read.path}:{line}",
                remedy="correct the file, or give the row another id",
            )
        counts[result.outcome] += 1
    return counts


def _store_posts(scope: Scope, read: _Read, now: datetime) -> int:
    facts = read.facts
    accounts = _accounts(scope, [network for _, network, *_ in facts.posts + facts.followers], now)
    for account in accounts.values():
        _refuse_overlap(scope, read, account)
    count = 0
    for line, network, post, found, reason in facts.posts:
        account = accounts[network]
        post_id = posts.add_post(scope, account.id, network, post, now=now, published_reason=reason)
        count += bool(
            posts.add_readings(
                scope, account.id, post_id, found, origin="export", file_sha256=read.sha256, file_line=line
            )
        )
    for line, network, reading in facts.followers:
        count += posts.add_readings(
            scope, accounts[network].id, None, [reading], origin="export", file_sha256=read.sha256, file_line=line
        )
    return count


def _refuse_overlap(scope: Scope, read: _Read, account: Account) -> None:
    """Refuse a second file of posts known by their numbers alone, unless one of the two files is part of the other.

    Numbers grow from one export to the next: the same posts would be counted again as others.
    """
    new = {
        post.remote_id: line
        for line, network, post, *_ in read.facts.posts
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
            where=f"{read.path}:{next(line for name, line in new.items() if name not in stored)}",
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
