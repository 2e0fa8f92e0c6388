"""Bring files in: all or nothing, each row with its file's hash and line, the same file twice changes nothing."""

from __future__ import annotations

import os
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
from crosspost.domain.errors import BadInput, Conflict, CrosspostError
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
_MOST_TABLES = 500  # of a folder: each is read in a process of its own, and a wrong folder would take hours
_MOST_NAMES = 20_000


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
    leaving: bool = False  # a file that is refused is left out, and the others go in; a contradiction stops all


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

    Asked for `leaving`, those that are refused are left out; raises Conflict where two contradict each other.
    `key` is the brand's, under which persons are hashed, asked for when the first one is stored: their mail addresses
    are kept nowhere. `columns` is the folder of the owner's own names of columns; with a `mapping`, every table is of
    the kind it makes. `rules` read what people answered. A folder stands for every file in it.
    """
    asked = asked or Asked()
    among = kinds(columns)
    if mapping is not None:
        mapped = read_mapping(mapping, among)
        among = (*among, mapped) if asked.leaving else (mapped,)
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
    found = [_File(shown(path), notes=[why]) if why else _opened(path, read, among, context)
             for path, why in _files(paths)]  # fmt: skip
    if not people.asked_for:
        for one in found:
            one.contents = None  # its facts are all that is needed now
    counts = _tried(store, brand, found, context, people, now, key, asked)
    waits = not asked.leaving and any(one.refused for one in found)
    return [_told(one, count, context, waits=waits) for one, count in zip(found, counts, strict=True)]


def _tried(
    store: Store,
    brand: Brand,
    found: Sequence[_File],
    context: Context,
    people: _People,
    now: datetime,
    key: Callable[[Scope], Secret] | None,
    asked: Asked,
) -> list[Counts]:
    """Store the files in one transaction; those that are left out, and those that cannot stand beside the rest, aside.

    Raises Conflict where files contradict and one of them would have to be left out.
    """
    while asked.leaving or not any(one.refused for one in found):
        taken = [one for one in found if not one.refused]
        try:
            with _transaction(store, brand.id, undo=asked.dry_run) as scope:
                if key is not None and people.asked_for:
                    people.key, people.erased = key(scope).reveal().encode(), reactors.erased_marks(scope)
                    for one in taken:
                        if one.contents is not None and one.tables:
                            _parse(one, context)
                counts = dict(
                    zip(map(id, taken), _stored(scope, brand, taken, now, key, newer=asked.newer), strict=True)
                )
                return [counts.get(id(one)) or Counts() for one in found]
        except CrosspostError as error:
            if asked.leaving and (isinstance(error, Conflict) or _at_fault(taken, error) is None):
                raise
            (_at_fault(taken, error) or taken[0]).refused = str(error)
    return [Counts() for _ in found]


def shown(path: Path) -> str:
    """A path as text: bytes that are none are written out."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def _files(paths: Sequence[Path]) -> list[tuple[Path, str | None]]:
    """The files named, and for a folder those in it, hidden ones aside; and why one is not to be read, or None.

    What is named is taken at its word. Raises BadInput for a folder that holds none, or more than anybody exports.
    """
    found: list[tuple[Path, str | None]] = []
    for path in paths:
        if not path.is_dir():
            found.append((path, None))
            continue
        inside = [(one, _why_not(one, path)) for one in sorted(_below(path)) if not _hidden(one, path)]
        tables = sum(why is None for _, why in inside)
        if not tables:
            raise BadInput("holds no table", where=shown(path), remedy="name the folder of your exports")
        if tables > _MOST_TABLES:
            raise BadInput(f"holds {tables} tables, and {_MOST_TABLES} are taken at once", where=shown(path),
                           remedy="name a folder of the exports alone")  # fmt: skip
        found += inside
    return found


def _below(folder: Path) -> Iterator[Path]:
    """Every file below a folder, and each folder that does not open or is a link: none is entered by one."""
    closed: list[OSError] = []
    seen = 0
    for place, folders, files_in in os.walk(folder, onerror=closed.append):
        names = [*files_in, *(name for name in folders if Path(place, name).is_symlink())]
        seen += 1 + len(names)
        if seen > _MOST_NAMES:
            raise BadInput(f"holds more than {_MOST_NAMES} files", where=shown(folder),
                           remedy="name a folder of the exports alone")  # fmt: skip
        yield from (Path(place, name) for name in names)
    yield from (Path(error.filename) for error in closed)


def _why_not(file: Path, folder: Path) -> str | None:
    """Why a file of a folder is not read: it is for people, is no file, or lies elsewhere."""
    if shown(file) != str(file):
        return "not read: its name is no text; rename it"
    if file.is_symlink() and not file.resolve().is_relative_to(folder.resolve()):
        return "not read: it is a link that leads out of the folder; copy the file itself"
    if file.is_symlink() and file.is_dir():
        return "not read: it is a link to a folder; its files are read where they are"
    if file.is_dir():
        return "not read: the folder does not open; check its rights"
    if not file.is_file():
        return "not read: it is no file"
    return None if file.suffix.lower() in _TABLES else "not read: by its name it is no table"


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


def _at_fault(found: Sequence[_File], error: CrosspostError) -> _File | None:
    """The file that an error names; None where nothing tells which it is."""
    where = error.where or ""
    return next(
        (one for one in found if where == one.path or where.startswith((f"{one.path}:", f"{one.path} ("))), None
    )


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
