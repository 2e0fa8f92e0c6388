"""Bring files in: all or nothing, each row with its file's hash and line, the same file twice changes nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any

from crosspost.commands.storing import Counts, Piece, Place, store_pieces
from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput, CrosspostError
from crosspost.domain.person import person_hash
from crosspost.imports.kinds import kinds, recognise, unknown
from crosspost.imports.mapping import read_mapping
from crosspost.imports.read import Contents, read_file
from crosspost.imports.shape import Context, DateOrder, Facts, Kind, Stated
from crosspost.secret import Secret
from crosspost.store import files, links
from crosspost.store.recording import Outcome
from crosspost.store.store import Scope, Store


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
    parts: tuple[tuple[str | None, str, int], ...] = ()  # member or sheet, kind, rows
    stated: tuple[Stated, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        period = {"start": self.period[0].isoformat(), "end": self.period[1].isoformat()} if self.period else None
        return {
            "file": self.file, "kind": self.kind, "rows": self.rows, "added": self.added,
            "updated": self.updated, "period": period, "totals": self.totals, "refused": self.refused,
            "notes": list(self.notes),
            "parts": [{"part": part, "kind": kind, "rows": rows} for part, kind, rows in self.parts],
            "stated": [
                {"metric": one.metric, "stated": str(one.stated), "counted": str(one.counted),
                 "agrees": one.stated == one.counted} for one in self.stated
            ],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What the owner said about the files. Every part of it is optional."""

    zone: tzinfo | None = None  # of times that state none
    network: str | None = None  # whose numbers these are, where a file does not say
    dates: DateOrder | None = None  # what 03/04/2026 means, where no value of its column shows it
    since: date | None = None  # the period of files that name none: [since, until)
    until: date | None = None
    kind: str | None = None  # take every table as this kind
    newer: bool = False  # where the files contradict counts that are stored, the files win
    keep_names: bool = False
    dry_run: bool = False  # say what would be stored, and store nothing


@dataclass(slots=True)
class _File:
    path: str
    contents: Contents | None = None
    tables: list[tuple[Kind, int]] = field(default_factory=list)  # kind, which of the sheets
    pieces: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: str | None = None


def import_files(
    store: Store,
    brand: Brand,
    paths: Sequence[Path],
    now: datetime,
    *,
    asked: Asked | None = None,
    key: Callable[[Scope], Secret] | None = None,
    columns: Path | None = None,
    mapping: Path | None = None,
    read: Callable[[Path], Contents] = read_file,
) -> list[Imported]:
    """Import files into a brand. If one is refused, none is stored, and each says why or that it waited.

    `key` is the brand's, under which persons are hashed, asked for when the first one is stored: their mail addresses
    are kept nowhere. `columns` is the folder of the owner's own names of columns; with a `mapping`, every table is of
    the kind it makes. A folder stands for every file in it.
    """
    asked = asked or Asked()
    among = kinds(columns)
    if mapping is not None:
        among = (read_mapping(mapping, among),)
    if asked.kind is not None:
        among = tuple(one for one in among if one.name == asked.kind)
        if not among:
            raise BadInput(f"there is no kind {asked.kind!r}", remedy="see `crosspost import --list-kinds`")
    with store.read(brand.id) as scope:
        codes = frozenset(one.code for one in links.all_of(scope))
    people = _People(secrets.token_bytes(32))
    context = Context(
        asked.zone or UTC, asked.zone is not None, brand.currency, asked.network, now, asked.dates, asked.since,
        asked.until, people.hash if key is not None else None, asked.keep_names, codes,
    )  # fmt: skip
    found = [_opened(path, read, among, context) for path in _files(paths)]
    counts: list[Counts] = [Counts() for _ in found]
    if not any(one.refused for one in found):
        try:
            with _transaction(store, brand.id, undo=asked.dry_run) as scope:
                if key is not None and people.asked_for:
                    people.key = key(scope).reveal().encode()
                    for one in found:
                        _parse(one, context)
                counts = _stored(scope, brand, found, now, key, newer=asked.newer)
        except CrosspostError as error:
            _blame(found, error)
    waits = any(one.refused for one in found)
    return [_told(one, count, context, waits=waits) for one, count in zip(found, counts, strict=True)]


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files named, and for a folder those in it, hidden ones aside. Raises BadInput for a folder without any."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(one for one in path.rglob("*") if not _hidden(one, path)) if path.is_dir() else [path]
        files_of = [one for one in inside if not path.is_dir() or one.is_file()]
        if not files_of:
            raise BadInput("holds no file", where=str(path), remedy="name the folder of your exports")
        found += files_of
    return found


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in file.relative_to(folder).parts)


class _People:
    """Hashes mail addresses. While files are only looked at, under a key that is thrown away."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.asked_for = False

    def hash(self, mail: str) -> str:
        self.asked_for = True
        return person_hash(mail, self.key)


class _Undo(Exception):
    """Ends a dry run: everything was tried, and nothing stays."""


@contextmanager
def _transaction(store: Store, brand_id: str, *, undo: bool) -> Iterator[Scope]:
    try:
        with store.write(brand_id) as scope:
            yield scope
            if undo:
                raise _Undo
    except _Undo:
        pass


def _opened(path: Path, read: Callable[[Path], Contents], among: Sequence[Kind], context: Context) -> _File:
    """A file, read and understood; or why it is refused."""
    found = _File(str(path))
    try:
        found.contents = read(path)
        _recognise(found, found.contents, among)
        _parse(found, context)
    except BadInput as error:
        found.refused = str(error)
    return found


def _recognise(found: _File, contents: Contents, among: Sequence[Kind]) -> None:
    strange = []
    for at, sheet in enumerate(contents.sheets):
        kind = recognise(sheet, among)
        if kind is None:
            strange.append(sheet)
        else:
            found.tables.append((kind, at))
    if not found.tables:
        raise unknown(max(strange, key=lambda sheet: len(sheet.rows)), among)
    names = [*(sheet.named for sheet in strange), *contents.skipped]
    if names:
        shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
        found.notes.append(f"not read, for no kind of file is like it: {shown}")


def _parse(found: _File, context: Context) -> None:
    """The facts of every known table. Raises BadInput."""
    if found.contents is None:
        raise ValueError("not read")
    found.pieces = [
        Piece(Place(found.path, sheet.place, sheet.sha256, sheet.part), kind.name, len(sheet.rows),
              kind.read(sheet, context))
        for kind, at in found.tables
        for sheet in [found.contents.sheets[at]]
    ]  # fmt: skip


def _stored(
    scope: Scope,
    brand: Brand,
    found: Sequence[_File],
    now: datetime,
    key: Callable[[Scope], Secret] | None,
    *,
    newer: bool,
) -> list[Counts]:
    """All files in the one transaction, those that were imported before aside."""
    counts = [Counts() for _ in found]
    new: list[tuple[_File, Counts]] = []
    seen: set[str] = set()
    for one, count in zip(found, counts, strict=True):
        sha256 = one.pieces[0].place.sha256
        if files.known(scope, sha256) or sha256 in seen:
            one.notes.append("imported before: nothing was changed")
        else:
            new.append((one, count))
        seen.add(sha256)
    hashing = key(scope) if key is not None and brand.reactors and _reactions(new) else None
    store_pieces(scope, [(piece, count) for one, count in new for piece in one.pieces], now, hashing, newer=newer)
    for one, count in new:
        first = one.pieces[0]
        added = count.outcomes[Outcome.RECORDED]
        rows = sum(piece.rows for piece in one.pieces)
        files.remember(scope, first.place.sha256, Path(one.path).name, _kinds(one), rows, added, now)
    return counts


def _reactions(found: Sequence[tuple[_File, Counts]]) -> bool:
    return any(piece.facts.reactions for one, _ in found for piece in one.pieces)


def _blame(found: Sequence[_File], error: CrosspostError) -> None:
    """Say of the file at fault why nothing was stored; where nothing tells which, of the first."""
    where = error.where or ""
    at_fault = next((one for one in found if where == one.path or where.startswith((f"{one.path}:", f"{one.path} ("))),
                    found[0])  # fmt: skip
    at_fault.refused = str(error)


def _kinds(found: _File) -> str:
    return " + ".join(dict.fromkeys(piece.kind for piece in found.pieces))[:48]


def _told(found: _File, counts: Counts, context: Context, *, waits: bool) -> Imported:
    if not found.pieces:
        return Imported(found.path, None, 0, 0, 0, None, {}, found.refused or "not stored")
    facts = [piece.facts for piece in found.pieces]
    period = _period(facts)
    notes = [*found.notes, *(note for one in facts for note in one.notes)]
    if period and not context.zone_said and not all(one.zoned for one in facts):
        notes.append("times without a zone were taken as UTC; --zone says otherwise")
    totals: dict[str, str] = {}
    for piece in found.pieces:
        for name, total in piece.facts.totals.items():
            totals[name if name not in totals else f"{name} ({piece.place.part or piece.kind})"] = total
    return Imported(
        found.path, _kinds(found), sum(piece.rows for piece in found.pieces), counts.outcomes[Outcome.RECORDED],
        counts.outcomes[Outcome.UPDATED], period, totals,
        found.refused or ("not stored: another file was refused" if waits else None), tuple(dict.fromkeys(notes)),
        tuple((piece.place.part, piece.kind, piece.rows) for piece in found.pieces),
        tuple(check for one in facts for check in one.stated),
    )  # fmt: skip


def _period(found: Sequence[Facts]) -> tuple[datetime, datetime] | None:
    """From the first to the last instant the facts tell; of tallies, to the last moment of their last day."""

    def at(day: date) -> datetime:
        return datetime.combine(day, time(), UTC)

    instants: list[datetime] = []
    for facts in found:
        instants += [lead.contacted_at for _, lead in facts.leads]
        instants += [deal.won_at for _, deal in facts.deals]
        instants += [post.published_at for _, _, post, _, _ in facts.posts if post.published_at]
        instants += [reading.read_at for _, _, reading in facts.followers]
        instants += [at(effort.start) for _, effort, _ in facts.efforts]
        for _, tally in facts.tallies:
            instants += [at(tally.start), at(tally.end - timedelta(days=1))]
    return (min(instants), max(instants)) if instants else None
