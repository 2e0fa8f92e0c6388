"""Bring files in: all or nothing, each row with its file's hash and line, the same file twice changes nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path

from crosspost.commands.imported import WAITS, Imported, period_of
from crosspost.commands.opportunities import store_sales
from crosspost.commands.storing import Counts, Piece, Place, store_pieces
from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput, CrosspostError
from crosspost.domain.person import person_hash
from crosspost.domain.reactor import mark_of
from crosspost.domain.telling import SHIPPED, Rules
from crosspost.imports.kinds import kinds, recognise, unknown
from crosspost.imports.mapping import read_mapping
from crosspost.imports.read import Contents, read_file
from crosspost.imports.shape import Context, DateOrder, Kind
from crosspost.imports.wording import words
from crosspost.secret import Secret
from crosspost.store import files, links, reactors
from crosspost.store.recording import Outcome
from crosspost.store.store import Scope, Store

# How the names of files end that may hold a table. What else stands in a folder is for people.
_TABLES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".zip", ".gz", ".json"})


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
    rules: Rules = SHIPPED,
    read: Callable[[Path], Contents] = read_file,
) -> list[Imported]:
    """Import files into a brand. If one is refused, none is stored, and each says why or that it waited.

    `key` is the brand's, under which persons are hashed, asked for when the first one is stored: their mail addresses
    are kept nowhere. `columns` is the folder of the owner's own names of columns; with a `mapping`, every table is of
    the kind it makes. `rules` read what people answered. A folder stands for every file in it.
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
        None if columns is None else words(columns / "words"), rules,
    )  # fmt: skip
    found = [_opened(path, read, among, context) if table else _aside(path) for path, table in _files(paths)]
    if not people.asked_for:
        for one in found:
            one.contents = None  # its facts are all that is needed now
    counts: list[Counts] = [Counts() for _ in found]
    if not any(one.refused for one in found):
        try:
            with _transaction(store, brand.id, undo=asked.dry_run) as scope:
                if key is not None and people.asked_for:
                    people.key, people.erased = key(scope).reveal().encode(), reactors.erased_marks(scope)
                    for one in found:
                        if one.contents is not None:
                            _parse(one, context)
                counts = _stored(scope, brand, found, now, key, newer=asked.newer)
        except CrosspostError as error:
            _blame(found, error)
    waits = any(one.refused for one in found)
    return [_told(one, count, context, waits=waits) for one, count in zip(found, counts, strict=True)]


def _files(paths: Sequence[Path]) -> list[tuple[Path, bool]]:
    """The files named, and for a folder those in it, hidden ones aside; and whether each may hold a table.

    What is named is taken at its word. Raises BadInput for a folder that holds none.
    """
    found: list[tuple[Path, bool]] = []
    for path in paths:
        if not path.is_dir():
            found.append((path, True))
            continue
        inside = sorted(one for one in path.rglob("*") if one.is_file() and not _hidden(one, path))
        told = [(one, one.suffix.lower() in _TABLES) for one in inside]
        if not any(table for _, table in told):
            raise BadInput("holds no table", where=str(path), remedy="name the folder of your exports")
        found += told
    return found


def _aside(path: Path) -> _File:
    """A file of a folder that is for people: a letter, a picture."""
    return _File(str(path), notes=["not read: by its name it is no table"])


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in file.relative_to(folder).parts)


class _People:
    """Hashes mail addresses. While files are only looked at, under a key that is thrown away.

    Who was erased is nobody: no file makes them known again.
    """

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.asked_for = False
        self.erased: frozenset[str] = frozenset()

    def hash(self, mail: str) -> str | None:
        self.asked_for = True
        found = person_hash(mail, self.key)
        return None if self.erased and mark_of(found, self.key) in self.erased else found


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
        if not one.pieces:
            continue
        sha256 = one.pieces[0].place.sha256
        if files.known(scope, sha256) or sha256 in seen:
            one.notes.append("imported before: nothing was changed")
        else:
            new.append((one, count))
        seen.add(sha256)
    hashing = key(scope) if key is not None and brand.reactors and _reactions(new) else None
    pieces = [(piece, count) for one, count in new for piece in one.pieces]
    store_pieces(scope, pieces, now, hashing, newer=newer)
    store_sales(scope, pieces, now, newer=newer)
    for one, count in new:
        first = one.pieces[0]
        added = count.outcomes[Outcome.RECORDED]
        rows = sum(piece.rows for piece in one.pieces)
        files.remember(scope, first.place.sha256, Path(one.path).name, _kinds(one)[:48], rows, added, now)
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
    return " + ".join(dict.fromkeys(piece.kind for piece in found.pieces))


def _told(found: _File, counts: Counts, context: Context, *, waits: bool) -> Imported:
    if not found.pieces:
        return Imported(found.path, None, 0, 0, 0, None, {}, found.refused, tuple(found.notes))
    facts = [piece.facts for piece in found.pieces]
    period = period_of(facts)
    notes = [*found.notes, *(note for one in facts for note in one.notes), *counts.notes]
    if period and not context.zone_said and not all(one.zoned for one in facts):
        notes.append("times without a zone were taken as UTC; --zone says otherwise")
    totals: dict[str, str] = {}
    for piece in found.pieces:
        for name, total in piece.facts.totals.items():
            totals[name if name not in totals else f"{name} ({piece.place.part or piece.kind})"] = total
    return Imported(
        found.path, _kinds(found), sum(piece.rows for piece in found.pieces), counts.outcomes[Outcome.RECORDED],
        counts.outcomes[Outcome.UPDATED], period, totals,
        found.refused or (WAITS if waits else None), tuple(dict.fromkeys(notes)),
        tuple((piece.place.part, piece.kind, piece.rows) for piece in found.pieces),
        tuple(check for one in facts for check in one.stated),
    )  # fmt: skip
