"""Records of any kind in the hit log's frame: mark, checksum, length, payload; and how to find the next sound one."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from crosspost.domain.errors import BadInput

T = TypeVar("T")

MARK = b"\xf5\x9c\xfa\xb1"
HEAD = struct.Struct("<4sII")
MAX_PAYLOAD = 64 * 1024  # a hit's caps, fully escaped, stay under half of it

_COVERED = struct.Struct("<I")  # the checksum covers the length as well


@dataclass(frozen=True, slots=True)
class Damage:
    """`length` bytes from `offset` on are no records, though records follow: the disk changed them."""

    segment: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Records(Generic[T]):
    """What one reading of a segment gave, and where to go on. `torn_bytes` stand at the end without being a record."""

    found: list[T]
    next_offset: int
    torn_bytes: int
    damaged: tuple[Damage, ...]


def framed(payload: bytes) -> bytes:
    """A payload, which is ASCII, as a record."""
    covered = _COVERED.pack(len(payload)) + payload
    return MARK + _COVERED.pack(zlib.crc32(covered)) + covered


def unframed(data: bytes, at: int) -> tuple[bytes, int] | None:
    """The payload of the record that starts at `at`, and where it ends; None when no whole, sound one starts there."""
    start = at + HEAD.size
    if start > len(data):
        return None
    mark, crc, length = HEAD.unpack_from(data, at)
    end = start + length
    if mark != MARK or length > MAX_PAYLOAD or end > len(data) or zlib.crc32(data[at + 8 : end]) != crc:
        return None
    return data[start:end], end


def rest(path: Path, magic: bytes, offset: int) -> tuple[int, bytes, int]:
    """Where the records from `offset` on begin, their bytes, and how many bytes are a torn header, when nothing else is
    there. Offset 0 is the file's start, header included. Raises BadInput when the file begins otherwise."""
    with path.open("rb") as file:
        if offset == 0:
            head = file.read(len(magic))
            if not magic.startswith(head):
                raise BadInput("this is no segment of a known version", where=str(path), remedy="move it away")
            line = file.readline(4096)
            if head != magic or not line.endswith(b"\n"):  # the writer died before its first record
                return 0, b"", len(head) + len(line)
            offset = len(magic) + len(line)
        file.seek(offset)
        return offset, file.read(), 0


def read(path: Path, magic: bytes, parse: Callable[[bytes], T | None], offset: int, limit: int) -> Records[T]:
    """The records from `offset` on, at most `limit`. Offset 0 is the file's start, header included. What `parse` makes
    nothing of is of a later version: it is passed over as damaged.

    Raises BadInput when the file begins otherwise.
    """
    offset, data, torn_head = rest(path, magic, offset)
    if torn_head:
        return Records([], 0, torn_head, ())
    found: list[T] = []
    damaged: list[Damage] = []
    sound = at = 0
    while at < len(data) and len(found) < limit:
        record = unframed(data, at)
        one = None if record is None else parse(record[0])
        if record is not None and one is not None:
            if at > sound:
                damaged.append(Damage(path.stem, offset + sound, at - sound))
            found.append(one)
            sound = at = record[1]
            continue
        following = data.find(MARK, at + 1)
        at = len(data) if following < 0 else following
    torn = len(data) - sound if at >= len(data) else 0
    return Records(found, offset + sound, torn, tuple(damaged))
