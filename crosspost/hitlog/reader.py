"""Read segments, live or left by a process that died in the middle of a record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosspost.domain.traffic import Hit
from crosspost.hitlog.frame import MARK, Damage, rest
from crosspost.hitlog.record import CAPS, MAGIC, decode, decode_run, hits_of

SUFFIX = ".hits"
MISSED_SUFFIX = ".missed"
_RUN = 2_000  # records parsed at once: more need memory, and are no faster


@dataclass(frozen=True, slots=True)
class Part:
    """What one reading of a segment gave: the offset of each hit, its fields by columns, and where to go on.

    `torn_bytes` stand at the end without being a whole record: still being written, or torn by a crash.
    `more` says that `limit` stopped the reading.
    """

    offsets: list[int]
    columns: list[list[Any]]
    next_offset: int
    torn_bytes: int
    damaged: tuple[Damage, ...]
    more: bool

    @property
    def hits(self) -> list[tuple[int, Hit]]:
        return list(zip(self.offsets, hits_of(self.columns), strict=True))


def segments(folder: Path) -> list[Path]:
    """The segment files of a folder, oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def missed(folder: Path) -> int:
    """Visitors sent on without their hit on disk, over all writers that ever wrote here."""
    return sum(int.from_bytes(path.read_bytes()[:8], "little") for path in folder.glob(f"*{MISSED_SUFFIX}"))


def read(path: Path, offset: int = 0, limit: int | None = None) -> Part:
    """The hits from `offset` on, at most `limit`. Offset 0 is the file's start, header included.

    Raises BadInput when the file is no segment or is of a later version.
    """
    offset, data, torn_head = rest(path, MAGIC, offset)
    if torn_head:
        return Part([], _no_columns(), 0, torn_head, (), False)
    return _scan(path.stem, data, offset, limit)


def _no_columns() -> list[list[Any]]:
    return [[] for _ in range(1 + len(CAPS))]


def _scan(segment: str, data: bytes, base: int, limit: int | None) -> Part:
    offsets: list[int] = []
    columns = _no_columns()
    once: dict[str, str] = {}  # hits say much the same: each text is kept once, which later steps are the faster for
    damaged: list[Damage] = []
    at = 0
    while at < len(data):
        if limit is not None and len(offsets) >= limit:
            return Part(offsets, columns, base + at, 0, tuple(damaged), True)
        places, found, end = decode_run(data, at, _RUN if limit is None else min(_RUN, limit - len(offsets)))
        if places:
            offsets += [base + place for place in places]
            columns[0] += found[0]
            for column, texts in zip(columns[1:], found[1:], strict=True):
                column += map(once.setdefault, texts, texts)
            at = end
            continue
        again = _next_record(data, at + 1)
        if again is None:
            break
        damaged.append(Damage(segment, base + at, again - at))
        at = again
    return Part(offsets, columns, base + at, len(data) - at, tuple(damaged), False)


def _next_record(data: bytes, at: int) -> int | None:
    while (at := data.find(MARK, at)) >= 0:
        if decode(data, at) is not None:
            return at
        at += 1
    return None
