"""Where tables begin and end within rows: notes before a header, several tables in one file or sheet, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from crosspost.reading.limits import MAX_CELLS, MAX_COLUMNS, MAX_PREAMBLE, MAX_ROWS, MAX_TABLES, Refused

Numbered = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table's beginning; its rows follow it."""

    number: int  # from 0 within the file
    part: str | None
    title: str | None
    preamble: tuple[str, ...]
    header: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table of that number."""

    table: int
    line: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class Counter:
    """What was read of a file so far, over all its parts. Raises Refused where it is too much."""

    tables: int = 0
    rows: int = 0
    cells: int = 0
    skipped: list[str] = field(default_factory=list)  # parts that hold no table and are not opened

    def table(self, width: int, line: int) -> int:
        self.tables += 1
        if self.tables > MAX_TABLES:
            raise Refused(f"holds more than {MAX_TABLES} tables", "split the file", line=line)
        if width > MAX_COLUMNS:
            raise Refused(f"has more than {MAX_COLUMNS} columns", "export fewer columns", line=line)
        return self.tables - 1

    def row(self, cells: int, line: int) -> None:
        self.rows += 1
        self.cells += cells
        if self.rows > MAX_ROWS:
            raise Refused(f"has more than {MAX_ROWS} rows", "split the file", line=line)
        if self.cells > MAX_CELLS:
            raise Refused(f"has more than {MAX_CELLS} cells", "split the file, or export fewer columns", line=line)


def tables(rows: Iterable[Numbered], part: str | None, counter: Counter, *, padded: bool) -> Iterator[Table | Line]:
    """The tables in these rows, each followed by its rows. `padded`: cells have places, so a short row is a full one.

    A table is its header, the first row of two cells or more, and what follows. Lines of one cell, of a label and its
    number in a workbook, and lines that start with `#`, are the preamble of the table after them. After a blank line,
    a row of another width begins the next table, and so does one without any figure after rows with figures.
    """
    before: list[str] = []
    title: str | None = None
    table: _Open | None = None
    blank = False
    for line, raw in rows:
        cells = _stripped(raw)
        if not cells:
            blank = True
            continue
        if table is not None and not table.ends(raw, cells, blank=blank, padded=padded):
            yield from table.rows(raw, cells, line, counter, padded=padded)
            blank = False
            continue
        if table is not None:
            table, before, title = None, [], None
        blank = False
        if _is_note(cells) or len(cells) == 1 or (padded and _is_told(cells)):
            if len(before) >= MAX_PREAMBLE:
                raise Refused(
                    f"has {MAX_PREAMBLE} lines of one cell and no header", "export it with its other columns",
                    part=part, line=line,
                )  # fmt: skip
            before.append(", ".join(cells).lstrip("#").strip())
            title = title if _is_note(cells) else cells[0]
            continue
        width = len(cells) if padded else len(raw)
        header = _to(cells, width)
        table = _Open(width, part, [])
        for start, end in _side_by_side(header):
            number = counter.table(end - start, line)
            table.groups.append((number, start, end))
            yield Table(number, part, title, tuple(before), tuple(header[start:end]))


@dataclass(slots=True)
class _Open:
    """The table being read, or those that stand side by side under one header."""

    width: int
    part: str | None
    groups: list[tuple[int, int, int]]  # number, first column, end
    figures: bool = False  # some row held a figure

    def ends(self, raw: list[str], cells: list[str], *, blank: bool, padded: bool) -> bool:
        """Whether this row is no row of it any more. Raises nothing: a row that does not fit is told by `rows`."""
        fits = self._fits(raw, cells, padded=padded)
        if not blank:
            return not fits and _is_note(cells)
        if not fits or (padded and len(cells) == 1):
            return True
        return self.figures and len(cells) == self.width and not any(map(_has_figure, cells)) and all(cells)

    def _fits(self, raw: list[str], cells: list[str], *, padded: bool) -> bool:
        """Not wider than the header, but for blank cells at its end; of text, not shorter either: it may be cut off."""
        return len(cells) <= self.width and (padded or len(raw) >= self.width)

    def rows(self, raw: list[str], cells: list[str], line: int, counter: Counter, *, padded: bool) -> Iterator[Line]:
        if padded and len(cells) > self.width:
            raise Refused(
                "a cell stands to the right of the header's last column", "give that column a header, or clear it",
                part=self.part, line=line,
            )  # fmt: skip
        if not self._fits(raw, cells, padded=padded):
            raise Refused(
                f"{len(raw)} cells where the header has {self.width}", "quote cells that hold the delimiter",
                part=self.part, line=line,
            )  # fmt: skip
        self.figures = self.figures or any(map(_has_figure, cells))
        full = _to(cells, self.width)
        for number, start, end in self.groups:
            mine = tuple(full[start:end])
            if len(self.groups) == 1 or any(mine):
                counter.row(end - start, line)
                yield Line(number, line, mine)


def _side_by_side(header: list[str]) -> list[tuple[int, int]]:
    """(first column, end) of each table under this header: one, unless a column without a name parts repeated names.

    A bare number is no name: LinkedIn fills columns that are blank to the eye with some.
    """
    header = ["" if name.isdigit() else name for name in header]
    named = [name for name in header if name]
    if len(set(named)) == len(named):
        return [(0, len(header))]
    found: list[tuple[int, int]] = []
    start: int | None = None
    for at, name in enumerate([*header, ""]):
        if name and start is None:
            start = at
        elif not name and start is not None:
            found.append((start, at))
            start = None
    return found


def _is_note(cells: list[str]) -> bool:
    return cells[0].startswith("#") and cells[0] != "#"


def _is_told(cells: list[str]) -> bool:
    """A label and its number, which stand above a table and are no header: `Total followers on 7/15/2026: | 1873`."""
    return len(cells) == 2 and cells[1].isdigit()


def _has_figure(cell: str) -> bool:
    return any(one.isdigit() for one in cell)


def _stripped(cells: list[str]) -> list[str]:
    """The cells up to the last one that is not blank."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]


def _to(cells: list[str], width: int) -> list[str]:
    return cells + [""] * (width - len(cells))
