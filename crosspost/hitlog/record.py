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
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from crosspost.domain.period import LATEST_US, aware, instant_of, microseconds
from crosspost.domain.traffic import Hit
from crosspost.hitlog.frame import HEAD, MARK, MAX_PAYLOAD, framed

MAGIC = b"crosspost hits 1\n"

# The most characters kept of each field; a longer one is cut, not refused.
CAPS = {
    "code": 64, "method": 8, "host": 255, "user_agent": 512, "referrer": 1024, "purpose": 128, "language": 16
}  # fmt: skip

_LONGEST = tuple(CAPS.values())
_QUOTED = json.encoder.encode_basestring_ascii
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_FORM = [{int}] + [{str}] * len(CAPS)  # the types in each column

Columns = Sequence[Sequence[Any]]  # of many payloads: all first fields, all second fields… in the order above


def encode(hit: Hit) -> bytes:
    """The record of one hit: fields cut to CAPS, control characters removed."""
    return encode_fields(
        microseconds(aware(hit.at)), hit.code, hit.method, hit.host, hit.user_agent, hit.referrer, hit.purpose,
        hit.language,
    )  # fmt: skip


def encode_fields(at_us: int, *texts: str) -> bytes:
    """As `encode`, from the fields in the order above: a visitor waits for this."""
    shown = [
        _QUOTED((text if text.isprintable() else _CONTROLS.sub("", text))[:cap])
        for text, cap in zip(texts, _LONGEST, strict=True)
    ]
    return framed(f"[{at_us},{','.join(shown)}]".encode("ascii"))


def decode(data: bytes, at: int) -> tuple[Hit, int] | None:
    """The hit whose record starts at `at`, and where it ends; None when no whole, sound record starts there."""
    places, columns, end = decode_run(data, at, 1)
    return (next(hits_of(columns)), end) if places else None


def hits_of(columns: Columns) -> Iterator[Hit]:
    """The hits of which these are the fields, column by column."""
    return (Hit(instant_of(at_us), *rest) for at_us, *rest in zip(*columns, strict=True))


def decode_run(data: bytes, at: int, most: int) -> tuple[list[int], Columns, int]:
    """The sound records in a row from `at` on, at most so many: their places, their columns, and where they end.

    Thousands are parsed at once: one by one, a million would take three times as long.
    """
    start, size = at, len(data)
    places: list[int] = []
    payloads: list[bytes] = []
    while len(places) < most and at + HEAD.size <= size:
        mark, crc, length = HEAD.unpack_from(data, at)
        end = at + HEAD.size + length
        if mark != MARK or length > MAX_PAYLOAD or end > size:
            break
        covered = data[at + 8 : end]
        if zlib.crc32(covered) != crc:
            break
        places.append(at)
        payloads.append(covered[4:])
        at = end
    columns = _parsed(payloads)
    if columns is None:  # sound, but no hits of ours: fewer at a time, up to the first of them
        return decode_run(data, start, len(places) // 2)
    return places, columns, at


def _parsed(payloads: list[bytes]) -> Columns | None:
    """The columns of these payloads; None when one of them holds no hit."""
    if not payloads:
        return [()] * len(_FORM)
    try:
        found = json.loads(b"[%b]" % b",".join(payloads))
        columns = list(zip(*found, strict=True))
    except (ValueError, TypeError):
        return None
    if len(found) != len(payloads) or [set(map(type, column)) for column in columns] != _FORM:
        return None
    return columns if 0 <= min(columns[0]) <= max(columns[0]) <= LATEST_US else None
