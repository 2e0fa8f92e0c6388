"""One hit as bytes, and back.

    segment = MAGIC, JSON line about the writer, record…
    record  = MARK (4 bytes), CRC-32 of all that follows (u32), length of payload (u32), payload
    payload = JSON list in ASCII: microseconds since 1970, code, method, host, user agent, referrer, purpose,
              language

Numbers are little-endian. The payload is ASCII and MARK is not, so no header a visitor sends can look like
the start of a record: a reader that lost its place finds the next true one.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from datetime import UTC, datetime, timedelta

from crosspost.domain.period import aware
from crosspost.domain.traffic import Hit

MAGIC = b"crosspost hits 1\n"
MARK = b"\xf5\x9c\xfa\xb1"
HEAD = struct.Struct("<4sII")
MAX_PAYLOAD = 64 * 1024  # the caps below, fully escaped, stay under half of it

# The most characters kept of each field; a longer one is cut, not refused.
CAPS = {
    "code": 64, "method": 8, "host": 255, "user_agent": 512, "referrer": 1024, "purpose": 128, "language": 16
}  # fmt: skip

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_COVERED = struct.Struct("<I")
_FORM = (int, *[str] * len(CAPS))
_LAST_US = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND

Fields = tuple[int, str, str, str, str, str, str, str]  # a payload as it is read, in the order above


def encode(hit: Hit) -> bytes:
    """The record of one hit: fields cut to CAPS, control characters removed."""
    fields: list[object] = [(aware(hit.at) - _EPOCH) // _MICROSECOND]
    for name, cap in CAPS.items():
        text: str = getattr(hit, name)
        fields.append((text if text.isprintable() else _CONTROLS.sub("", text))[:cap])
    payload = json.dumps(fields, separators=(",", ":")).encode("ascii")
    covered = _COVERED.pack(len(payload)) + payload
    return MARK + _COVERED.pack(zlib.crc32(covered)) + covered


def hit_of(fields: Fields) -> Hit:
    return Hit(_EPOCH + timedelta(microseconds=fields[0]), *fields[1:])


def decode(data: bytes, at: int) -> tuple[Hit, int] | None:
    """The hit whose record starts at `at`, and where it ends; None when no whole, sound record starts there."""
    run, end = decode_run(data, at, 1)
    return (hit_of(run[0][1]), end) if run else None


def decode_run(data: bytes, at: int, most: int) -> tuple[list[tuple[int, Fields]], int]:
    """The sound records in a row from `at` on, at most so many, each with its place; and where they end.

    Thousands are parsed at once: one by one, a million would take three times as long.
    """
    places, payloads, start = [], [], at
    while len(places) < most and (end := _end(data, at)) is not None:
        places.append(at)
        payloads.append(data[at + HEAD.size : end])
        at = end
    found = _parsed(payloads)
    if found is None:  # sound, but no hits of ours: fewer at a time, up to the first of them
        return decode_run(data, start, len(places) // 2) if len(places) > 1 else ([], start)
    return list(zip(places, found, strict=True)), at


def _end(data: bytes, at: int) -> int | None:
    start = at + HEAD.size
    if start > len(data):
        return None
    mark, crc, length = HEAD.unpack_from(data, at)
    end: int = start + length
    if mark != MARK or length > MAX_PAYLOAD or end > len(data) or zlib.crc32(data[at + 8 : end]) != crc:
        return None
    return end


def _parsed(payloads: list[bytes]) -> list[Fields] | None:
    """The fields of each payload; None when one of them holds no hit."""
    try:
        found = json.loads(b"[%b]" % b",".join(payloads))
    except ValueError:
        return None
    if len(found) != len(payloads):
        return None
    for fields in found:
        if type(fields) is not list or tuple(map(type, fields)) != _FORM or not 0 <= fields[0] <= _LAST_US:
            return None
    return list(map(tuple, found))
