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
_FORM = [int] + [str] * len(CAPS)
_PARSE = json.JSONDecoder().raw_decode


def encode(hit: Hit) -> bytes:
    """The record of one hit: fields cut to CAPS, control characters removed."""
    fields: list[object] = [(aware(hit.at) - _EPOCH) // _MICROSECOND]
    for name, cap in CAPS.items():
        text: str = getattr(hit, name)
        fields.append((text if text.isprintable() else _CONTROLS.sub("", text))[:cap])
    payload = json.dumps(fields, separators=(",", ":")).encode("ascii")
    covered = _COVERED.pack(len(payload)) + payload
    return MARK + _COVERED.pack(zlib.crc32(covered)) + covered


def decode(data: bytes, at: int) -> tuple[Hit, int] | None:
    """The hit whose record starts at `at`, and where it ends; None when no whole, sound record starts there."""
    start = at + HEAD.size
    if start > len(data):
        return None
    mark, crc, length = HEAD.unpack_from(data, at)
    end = start + length
    if mark != MARK or length > MAX_PAYLOAD or end > len(data) or zlib.crc32(data[at + 8 : end]) != crc:
        return None
    try:
        fields, _ = _PARSE(data[start:end].decode("ascii"))
        if not isinstance(fields, list) or list(map(type, fields)) != _FORM:
            return None
        return Hit(_EPOCH + timedelta(microseconds=fields[0]), *fields[1:]), end
    except (ValueError, OverflowError):
        return None
