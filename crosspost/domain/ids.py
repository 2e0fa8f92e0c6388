"""Names of things: row ids, link codes, and the record keys that Bluesky lets us choose."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from crosspost.domain.period import aware

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
# No 0/O, 1/l/I: codes are read aloud and typed from posters. Lower case only: some clients fold case.
_CODE = "23456789abcdefghjkmnpqrstuvwxyz"
_TID = "234567abcdefghijklmnopqrstuvwxyz"

CODE_LENGTH = 10  # 31^10 ≈ 8·10^14: five- and six-character codes were enumerated (arXiv 1604.02734)


def new_id(now: datetime) -> str:
    """A row id of 26 characters: 48 bits of milliseconds, 82 of chance. It sorts by creation and tells nothing else."""
    number = (int(aware(now).timestamp() * 1000) & (2**48 - 1)) << 82 | secrets.randbits(82)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def new_code() -> str:
    """A random short code for one delivery's link."""
    return "".join(secrets.choice(_CODE) for _ in range(CODE_LENGTH))


def record_key(due_at: datetime, delivery_id: str, revision: int) -> str:
    """A TID: microseconds since 1970 (53 bits) and a clock id (10 bits), base32-sortable, 13 characters.

    Equal on every attempt of a revision: seconds from the due time, the sub-second digits and the clock id from
    the delivery. Source: atproto specification, "TID"; the reference server checks `key: tid`.
    """
    digest = hashlib.sha256(f"{delivery_id}/{revision}".encode()).digest()
    micros = int(aware(due_at).timestamp()) * 1_000_000 + int.from_bytes(digest[:4]) % 1_000_000
    number = (micros & (2**53 - 1)) << 10 | int.from_bytes(digest[4:6]) % 1024
    return "".join(_TID[(number >> shift) & 31] for shift in range(60, -1, -5))


def idempotency_key(delivery_id: str, revision: int, payload_sha256: str) -> str:
    """The same for every attempt of a revision, another for an edited text."""
    return f"cp-{delivery_id}-{revision}-{payload_sha256[:16]}"
