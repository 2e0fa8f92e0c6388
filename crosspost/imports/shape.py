"""What a kind of file is: the columns it needs under all their names, and how a row becomes facts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from crosspost.domain.business import Deal, Effort, Lead
from crosspost.domain.errors import BadInput
from crosspost.domain.period import OutOfRange, aware, ordinary
from crosspost.domain.post import Post, Reading
from crosspost.domain.reactor import Reactor
from crosspost.imports.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: its line number, its cells by our field names, and where it is, for messages."""

    line: int
    where: str
    cells: Mapping[str, str]

    def need(self, name: str) -> str:
        value = self.cells.get(name, "")
        if not value:
            raise BadInput(f"{name} is empty", where=self.where, remedy="fill it in, or remove the row")
        return value

    def get(self, name: str) -> str | None:
        return self.cells.get(name) or None

    @contextmanager
    def telling(self) -> Iterator[None]:
        """A BadInput raised within says where this row is."""
        try:
            yield
        except BadInput as error:
            raise BadInput(error.message, where=self.where, remedy=error.remedy) from None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says, ready to be stored in one transaction. Each fact keeps its line."""

    leads: tuple[tuple[int, Lead], ...] = ()
    deals: tuple[tuple[int, Deal], ...] = ()
    efforts: tuple[tuple[int, Effort, str], ...] = ()
    posts: tuple[tuple[int, str, Post, tuple[Reading, ...], str | None], ...] = ()  # network, …, why undated
    followers: tuple[tuple[int, str, Reading], ...] = ()
    reactions: tuple[tuple[int, str, str, Reactor], ...] = ()  # network, the post's id or address, who
    totals: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What the owner said about the files."""

    zone: tzinfo  # for times that state none
    zone_said: bool
    currency: str
    network: str | None  # whose numbers these are, where the file does not say
    now: datetime


@dataclass(frozen=True, slots=True)
class Kind:
    """`columns` maps our field name to every header it is known by; `required` are those a file must have."""

    name: str
    columns: Mapping[str, Sequence[str]]
    required: frozenset[str]
    parse: Callable[[Sheet, Sequence[Row], Context], Facts]

    @property
    def needs(self) -> str:
        return ", ".join(self.columns[name][0] for name in sorted(self.required))

    def matched(self, header: Sequence[str]) -> dict[str, str]:
        """Our field name → the column of this header."""
        folded = {fold(column): column for column in header}
        found: dict[str, str] = {}
        for name, aliases in self.columns.items():
            hit = next((folded[fold(alias)] for alias in aliases if fold(alias) in folded), None)
            if hit is not None:
                found[name] = hit
        return found

    def fits(self, header: Sequence[str]) -> bool:
        return self.required <= self.matched(header).keys()

    def read(self, sheet: Sheet, context: Context) -> Facts:
        """All of the file, or BadInput at its first bad row."""
        matched = self.matched(sheet.header)
        rows = [
            Row(line, f"{sheet.name}:{line}", {name: cells[column] for name, column in matched.items()})
            for line, cells in sheet.rows
        ]
        return self.parse(sheet, rows, context)


def fold(header: str) -> str:
    """A header without case, accents and punctuation, so that `First contact` and `first_contact` are one."""
    plain = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def instant(text: str, context: Context, where: str) -> datetime:
    """An ISO 8601 date or time. A date is its first instant; without a zone it is in the context's.

    `03/04/2026` could be two days and is refused.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"{text!r} is not an ISO date, and other forms can mean two days",
            where=where,
            remedy="write 2026-04-03 or 2026-04-03T14:30+02:00",
        ) from None
    found = found.replace(tzinfo=context.zone) if found.tzinfo is None else found
    try:
        aware(found)
    except ValueError as error:
        raise BadInput(str(error), where=where, remedy="leave the cell blank if the date is not known") from None
    return found


def day(text: str, where: str) -> date:
    """A day (2026-04-03), or a month (2026-04) as its first day."""
    try:
        return ordinary(date.fromisoformat(text if len(text) > 7 else f"{text}-01"))
    except OutOfRange as error:
        raise BadInput(str(error), where=where, remedy="correct the date") from None
    except ValueError:
        raise BadInput(f"{text!r} is not a date", where=where, remedy="write 2026-04 or 2026-04-03") from None
