"""Bring files in: all or nothing, each row with its file's hash and line, the same file twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from crosspost.domain.brand import Account, Brand
from crosspost.domain.errors import BadInput, Conflict, CrosspostError
from crosspost.domain.ids import new_id
from crosspost.domain.telling import channel_told
from crosspost.imports import recognise
from crosspost.imports.shape import Context, Facts
from crosspost.imports.sheet import read_sheet
from crosspost.store import brands, business, files, posts
from crosspost.store.business import Origin, Outcome, Recorded
from crosspost.store.store import Scope, Store

# Files are stored in this order, so that a folder's leads are there before its deals name them.
_ORDER = ("leads", "deals", "efforts", "posts", "followers")


@dataclass(frozen=True, slots=True)
class Imported:
    """One file: what it was, how many rows it had, how many facts were new, or why it was refused."""

    file: str
    kind: str | None
    rows: int
    added: int
    period: tuple[datetime, datetime] | None
    totals: dict[str, str]
    refused: str | None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        period = {"start": self.period[0].isoformat(), "end": self.period[1].isoformat()} if self.period else None
        return {
            "file": self.file, "kind": self.kind, "rows": self.rows, "added": self.added, "period": period,
            "totals": self.totals, "refused": self.refused, "notes": list(self.notes),
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
) -> list[Imported]:
    """Import files into a brand. If one is refused, none is stored, and each says why or that it waited."""
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
    added: dict[str, int] = {}
    if not refused:
        try:
            added = _store(store, brand, sorted(read, key=lambda one: _ORDER.index(one.kind)), now)
        except CrosspostError as error:
            refused[(error.where or str(paths[0])).rpartition(":")[0] or str(paths[0])] = str(error)
    by_path = {one.path: one for one in read}
    note = () if zone else ("times without a zone were taken as UTC; --zone says otherwise",)
    return [_told(str(path), by_path.get(str(path)), refused, added, note) for path in paths]


def _told(
    path: str, read: _Read | None, refused: dict[str, str], added: dict[str, int], note: tuple[str, ...]
) -> Imported:
    if read is None:
        return Imported(path, None, 0, 0, None, {}, refused.get(path, "not stored"))
    why = refused.get(path) or ("not stored: another file was refused" if refused else None)
    period = _period(read.facts)
    return Imported(
        path, read.kind, read.rows, added.get(path, 0), period, dict(read.facts.totals), why,
        (*read.facts.notes, *(note if period else ())),
    )  # fmt: skip


def _period(facts: Facts) -> tuple[datetime, datetime] | None:
    instants = [
        *(lead.contacted_at for _, lead in facts.leads), *(deal.won_at for _, deal in facts.deals),
        *(post.published_at for _, _, post, _, _ in facts.posts if post.published_at),
        *(reading.read_at for _, _, reading in facts.followers),
        *(datetime(one.start.year, one.start.month, one.start.day, tzinfo=UTC) for _, one, _ in facts.efforts),
    ]  # fmt: skip
    return (min(instants), max(instants)) if instants else None


def _store(store: Store, brand: Brand, read: Sequence[_Read], now: datetime) -> dict[str, int]:
    """One transaction for all files: a fault anywhere leaves everything as it was."""
    added: dict[str, int] = {}
    with store.write(brand.id) as scope:
        for one in read:
            if files.known(scope, one.sha256):
                added[one.path] = 0
                continue
            added[one.path] = _store_one(scope, one, now)
            files.remember(scope, one.sha256, Path(one.path).name, one.kind, one.rows, added[one.path], now)
    return added


def _store_one(scope: Scope, read: _Read, now: datetime) -> int:
    facts = read.facts
    count = 0

    def tell(line: int, do: Callable[[Origin], Recorded]) -> int:
        where = f"{read.path}:{line}"
        try:
            recorded = do(Origin(read.sha256, line))
        except CrosspostError as error:
            raise BadInput(error.message, where=where, remedy=error.remedy) from None
        if recorded.outcome is Outcome.DIFFERS:
            raise Conflict(
                f"the same id was recorded before with another {', '.join(recorded.differences)}",
                where=where,
                remedy="correct the file, or give the row another id",
            )
        return int(recorded.outcome is Outcome.RECORDED)

    for line, lead in facts.leads:
        known = replace(lead, told_channel=channel_told(lead.told))
        count += tell(line, lambda origin, lead=known: business.record_lead(scope, lead, now, origin))  # type: ignore[misc]
    for line, deal in facts.deals:
        count += tell(line, lambda origin, deal=deal: business.record_deal(scope, deal, now, origin))  # type: ignore[misc]
    for line, effort, key in facts.efforts:
        count += tell(line, lambda _, effort=effort, key=key: business.record_effort(scope, effort, "file", key, now))  # type: ignore[misc]
    accounts = _accounts(scope, [network for _, network, *_ in facts.posts + facts.followers], now)
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


def _accounts(scope: Scope, networks: Iterable[str], now: datetime) -> dict[str, Account]:
    """The account each network's rows belong to: the brand's only one, else one made for imported history."""
    found: dict[str, Account] = {}
    for network in dict.fromkeys(networks):
        mine = [one for one in brands.accounts(scope) if one.network == network]
        if len(mine) > 1:
            imported = [one for one in mine if one.server == "import:"]
            mine = imported or mine
        if mine:
            found[network] = mine[0]
            continue
        account = Account(
            id=new_id(now), brand_id=scope.brand_id, network=network, handle="imported", server="import:",
            remote_id="imported", slots=(), settings={}, blocked_reason=None, created_at=now,
        )  # fmt: skip
        brands.add_account(scope, account)
        found[network] = account
    return found
