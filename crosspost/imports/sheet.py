"""One table of a file, as text: header, rows with their lines, and where in the file it stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sheet:
    """`path` is the file given and `sha256` the hash of its bytes; `part` is which member of an archive or sheet of a
    workbook this is (None: the file is the table).

    `preamble` are the lines before the header without `#`, `title` the last of them that had none. Every row
    has as many cells as the header. Typed cells of workbooks are text too: dates as ISO, whole numbers bare.
    """

    path: str
    sha256: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]  # line (from 1) within the file or part, cells
    part: str | None = None
    title: str | None = None
    preamble: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The file, and the part of it, for messages."""
        return f"{self.path} ({self.part})" if self.part else self.path

    @property
    def named(self) -> str:
        """What tells it from the file's other tables."""
        return self.part or self.title or f"a table with the columns {', '.join(self.header[:3])}"

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which a table without a telling header can be known: the part's, else the file's."""
        return tuple(one.replace("\\", "/").rpartition("/")[2] for one in (self.part, self.path) if one)
