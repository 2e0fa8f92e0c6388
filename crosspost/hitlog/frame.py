"""Records of any kind in the hit log's frame: mark, checksum, length, payload; and how to find the next sound one."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from crosspost.domain.errors import BadInput
from crosspost.hitlog.reader import Damage
from crosspost.hitlog.record import HEAD, MARK, MAX_PAYLOAD

T = TypeVar("T")

_COVERED = struct.Struct("<I")  # the checksum covers the length as well


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


def read(path: Path, magic: bytes, parse: Callable[[bytes], T | None], offset: int, limit: int) -> Records[T]:
    """The records from `offset` on, at most `limit`. Offset 0 is the file's start, header included. What `parse` makes
    nothing of is of a later version: it is passed over as damaged.

    Raises BadInput when the file begins otherwise.
    """
    with path.open("rb") as file:
        if offset == 0:
            head = file.read(len(magic))
            if not magic.startswith(head):
                raise BadInput("this is no segment of a known version", where=str(path), remedy="move it away")
            line = file.readline(4096)
            if head != magic or not line.endswith(b"\n"):  # the writer died before its first record
                return Records([], 0, len(head) + len(line), ())
            offset = len(magic) + len(line)
        file.seek(offset)
        data = file.read()
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
