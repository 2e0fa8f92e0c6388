"""How much of a file is read, and how a file is refused. Numbers a person's exports stay far below."""

from __future__ import annotations

MAX_BYTES = 20_000_000  # of a file as given
MAX_EXPANDED = 100_000_000  # of all that is unpacked from it
MAX_MEMBER = 64_000_000  # of one member unpacked
MAX_RATIO = 200  # unpacked to packed, above FREE_BYTES
FREE_BYTES = 1_000_000
MAX_MEMBERS = 2_000
MAX_TABLES = 500
MAX_ROWS = 300_000
MAX_CELLS = 3_000_000
MAX_COLUMNS = 2_000
MAX_LINES = 1_000_000  # blank ones and those within cells included
MAX_LINE = 1_000_000  # characters
MAX_CELL = 100_000  # characters
MAX_PREAMBLE = 200  # lines before a header
MAX_NAME = 200  # characters of a member's or sheet's name
MEMORY = 512_000_000  # bytes of address space of the child
CPU_S = 1.5  # processor time of the child, and
CPU_S_PER_MB = 1.5  # for each million bytes of the file
WALL_S = 60.0
PIPE_S = 10.0  # that the writer of a pipe is waited for


class Refused(Exception):
    """A file that is not read: why in one sentence, where in it, and what to do."""

    def __init__(self, message: str, remedy: str, *, part: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message, self.remedy, self.part, self.line = message, remedy, part, line

    def within(self, part: str | None) -> Refused:
        """The same, of a part of the file."""
        return Refused(self.message, self.remedy, part=self.part or part, line=self.line)
