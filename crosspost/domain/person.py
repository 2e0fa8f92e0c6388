"""A person without their name: a keyed hash of their mail address, the same for the same person of one brand."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata


def person_hash(identifier: str, key: bytes) -> str:
    """HMAC-SHA256 in hex of a mail address (or the source's own name for a person), capitals and spaces aside.

    With the brand's own key: two brands cannot find out that they share a client, and without the key nobody
    can try addresses. Raises ValueError for an empty identifier or key.
    """
    plain = unicodedata.normalize("NFKC", identifier).strip().casefold()
    if not plain or not key:
        raise ValueError("a person needs an identifier, and the brand a key")
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()
