"""What a kind of file is: the columns it needs under all their names, and how rows become facts."""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from crosspost.domain.business import Deal, Effort, Lead
from crosspost.domain.errors import BadInput
from crosspost.domain.interruption import Interruption
from crosspost.domain.link import code_in, code_told
from crosspost.domain.money import Money
from crosspost.domain.post import Post, Reading
from crosspost.domain.reactor import Reactor
from crosspost.domain.stage import Reached
from crosspost.domain.tally import Tally
from crosspost.domain.telling import SHIPPED, Rules
from crosspost.imports.sheet import Sheet

if TYPE_CHECKING:
    from crosspost.imports.wording import Words

_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")
DateOrder = Literal["day-first", "month-first"]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column is which, shared by all rows of a sheet."""

    place: str
    header: tuple[str, ...]
    fields: Mapping[str, int]  # our field name → column
    values: Mapping[str, str]  # our field name → what every row says, where no column does


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its cells by our field names, and where it is, for messages."""

    line: int
    values: tuple[str, ...]
    layout: Layout

    @property
    def where(self) -> str:
        return f"{self.layout.place}:{self.line}"

    def has(self, name: str) -> bool:
        """Whether the file has that column at all."""
        return name in self.layout.fields or name in self.layout.values

    def get(self, name: str) -> str | None:
        """The cell of that field; None where it is blank or the file has no such column."""
        at = self.layout.fields.get(name)
        return self.layout.values.get(name) if at is None else self.values[at] or None

    def need(self, name: str) -> str:
        value = self.get(name)
        if not value:
            raise BadInput(f"{name} is empty", where=self.where, remedy="fill it in, or remove the row")
        return value

    def need_id(self, name: str) -> str:
        """The source's own id. One that a spreadsheet rounded would be that of other rows as well."""
        value = self.need(name)
        if _ROUNDED.fullmatch(value):
            raise BadInput(
                f"{name} {value!r} was rounded by a spreadsheet", where=self.where,
                remedy="export it again, and import the file as it was downloaded",
            )  # fmt: skip
        return value

    def others(self) -> Iterator[tuple[str, str]]:
        """(header as written, cell) of every column that is none of our fields and is not blank."""
        known = set(self.layout.fields.values())
        for at, header in enumerate(self.layout.header):
            if at not in known and self.values[at]:
                yield header, self.values[at]

    @contextmanager
    def telling(self) -> Iterator[None]:
        """A BadInput raised within says where this row is."""
        try:
            yield
        except BadInput as error:
            raise BadInput(error.message, where=self.where, remedy=error.remedy) from None


@dataclass(frozen=True, slots=True)
class Stated:
    """A total the file states itself beside the sum of its rows: a check, never a row."""

    metric: str
    stated: Decimal
    counted: Decimal


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A possible sale of a CRM. It belongs to the lead of the id `of`; where nobody told of that one, `lead` is
    recorded (None: its deal alone)."""

    of: str | None
    lead: Lead | None
    deal: Deal | None = None
    lost_at: datetime | None = None
    lost_reason: str | None = None
    reached: Reached | None = None  # the stage it stands at, where it is open and the day is known


@dataclass(frozen=True, slots=True)
class Lost:
    """A lead that is lost, if it was ever recorded and did not buy. What was written of a loss before stays."""

    lead: str
    at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Returned:
    """Money of a deal that was given back until now, all in all. Nothing, if the deal was never recorded."""

    deal: str
    total: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Buyer:
    """A client who bought some day, known since then."""

    person: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What a table says, ready to be stored in one transaction. Each fact keeps its line."""

    leads: tuple[tuple[int, Lead], ...] = ()
    deals: tuple[tuple[int, Deal], ...] = ()
    opportunities: tuple[tuple[int, Opportunity], ...] = ()
    reached: tuple[tuple[int, str, Reached], ...] = ()  # the lead's id, the stage it came to since it was told last
    lost: tuple[tuple[int, Lost], ...] = ()
    returned: tuple[tuple[int, Returned], ...] = ()
    buyers: tuple[tuple[int, Buyer], ...] = ()
    efforts: tuple[tuple[int, Effort, str], ...] = ()
    interruptions: tuple[tuple[int, Interruption], ...] = ()
    posts: tuple[tuple[int, str, Post, tuple[Reading, ...], str | None], ...] = ()  # network, …, why undated
    followers: tuple[tuple[int, str, Reading], ...] = ()
    reactions: tuple[tuple[int, str, str, Reactor], ...] = ()  # network, the post's id or address, who
    tallies: tuple[tuple[int, Tally], ...] = ()
    totals: Mapping[str, str] = field(default_factory=dict)  # told to the user: what was counted → how much
    stated: tuple[Stated, ...] = ()
    notes: tuple[str, ...] = ()  # what was left out and why, each a sentence
    zoned: bool = False  # every time in the file told its zone, or the source documents it


@dataclass(frozen=True, slots=True)
class Context:
    """What the owner said about the files, and what only the brand knows."""

    zone: tzinfo  # for times that state none
    zone_said: bool
    currency: str
    network: str | None  # whose numbers these are, where the file does not say
    now: datetime
    dates: DateOrder | None = None  # what 03/04/2026 means where no value of the column shows it
    since: date | None = None  # the period of files that name none: [since, until)
    until: date | None = None
    person: Callable[[str], str | None] | None = None  # a mail address → the person's keyed hash; None: was erased
    keep_names: bool = False  # names may be kept as they are; mail addresses never
    codes: frozenset[str] | None = None  # the codes of the brand's links; None: any that looks like one
    own_words: Words | None = None  # with the owner's own; None: the shipped ones
    rules: Rules = SHIPPED  # by which answers are read

    @property
    def words(self) -> Words:
        """What sources, stages and questions of tools are called."""
        from crosspost.imports.wording import words

        return self.own_words or words()

    def code(self, *, content: str | None = None, campaign: str | None = None, page: str | None = None) -> str | None:
        """Our link's code in what a tool recorded: utm_content, the end of utm_campaign, or an address's query.

        Where the brand's codes are known, a slug that its owner chose is found like any other.
        """
        words = (campaign or "").lower().split("-")
        chosen = [(content or "").lower(), *("-".join(words[at:]) for at in range(len(words)))] if self.codes else []
        found = [code_told(content, None), code_told(None, campaign), code_in(page) if page and "?" in page else None]
        return next((one for one in (*chosen, *found) if one and (self.codes is None or one in self.codes)), None)

    def period(self, sheet: Sheet) -> tuple[date, date]:
        """The period of a file that names none. Raises BadInput where the owner did not say it."""
        if self.since is None or self.until is None:
            raise BadInput(
                "says nothing of the period it covers", where=sheet.place,
                remedy="--since 2026-03-01 --until 2026-04-01 (the day after the last)",
            )  # fmt: skip
        return self.since, self.until


_MAX_KEPT = 128  # characters of a header that is remembered folded

Parse = Callable[[Sheet, Sequence[Row], Context], Facts]


@dataclass(frozen=True, slots=True)
class Kind:
    """`columns` maps our field name to every header it is known by; `required` are those a table must have, and of
    `any_of` it must have one: tables that differ in what their rows are by.

    Where `files` is given, the name of the file (or of the part) must fit one of these patterns too: for tables whose
    header tells nothing.
    """

    name: str
    columns: Mapping[str, Sequence[str]]
    required: frozenset[str]
    parse: Parse
    files: tuple[str, ...] = ()
    source: str = ""
    any_of: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)  # a mapping's own: the same for every row

    @property
    def needs(self) -> str:
        """The columns it must have, by their first names, for people."""
        needed = ", ".join(self.columns[name][0] for name in sorted(self.required))
        one_of = ", ".join(self.columns[name][0] for name in sorted(self.any_of))
        return f"{needed}; and one of {one_of}" if one_of else needed

    def matched(self, header: Sequence[str]) -> dict[str, int]:
        """Our field name → the first column of this header that is known by one of its names."""
        columns = _places(tuple(header))
        found = {name: [_column(alias, columns) for alias in aliases] for name, aliases in self.columns.items()}
        first = {name: next((at for at in hits if at is not None), None) for name, hits in found.items()}
        return {name: at for name, at in first.items() if at is not None}

    def fits(self, sheet: Sheet) -> bool:
        """Whether the table has every required column, and its name fits where names count."""
        if self.files and not any(fnmatch.fnmatch(fold(name), one) for name in sheet.names for one in self.files):
            return False
        columns = _places(tuple(sheet.header))

        def has(name: str) -> bool:
            return any(_column(alias, columns) is not None for alias in self.columns[name])

        return all(map(has, self.required)) and (not self.any_of or any(map(has, self.any_of)))

    def read(self, sheet: Sheet, context: Context) -> Facts:
        """All of the table, or BadInput at its first bad row."""
        matched = self.matched(sheet.header)
        for name, at in matched.items():
            doubled = [column for column in sheet.header if fold(column) == fold(sheet.header[at])]
            if len(doubled) > 1:
                raise BadInput(
                    f"two columns are called {doubled[0]!r}, and {name} could be either", where=sheet.place,
                    remedy="rename one",
                )  # fmt: skip
        layout = Layout(sheet.place, sheet.header, matched, self.values)
        return self.parse(sheet, [Row(line, cells, layout) for line, cells in sheet.rows], context)


@lru_cache(maxsize=64)  # every kind asks this of every table
def _places(header: tuple[str, ...]) -> Mapping[str, int]:
    """Folded header → the first column that is called so."""
    places: dict[str, int] = {}
    for at, column in enumerate(header):
        if folded := fold(column):
            places.setdefault(folded, at)
    return places


def _column(alias: str, columns: Mapping[str, int]) -> int | None:
    """The column an alias means; `*` in it stands for any words."""
    if "*" not in alias:
        return columns.get(fold(alias))
    pattern = "*".join(fold(part) for part in alias.split("*"))
    return next((at for name, at in columns.items() if fnmatch.fnmatchcase(name, pattern)), None)


def fold(header: str) -> str:
    """A header without case, accents and punctuation, so that `First contact` and `first_contact` are one."""
    return _folded(header) if len(header) <= _MAX_KEPT else _folded.__wrapped__(header)


@lru_cache(maxsize=8192)  # the names of every kind's columns are compared with each table's header
def _folded(header: str) -> str:
    letters = (one for one in unicodedata.normalize("NFKD", header) if not unicodedata.combining(one))
    return re.sub(r"[^a-z0-9]+", " ", "".join(letters).lower()).strip()
